"""A store whose week is counted and whose manager has an address."""

from common.crypto import seal
from stores.models import Staff
from tests.factories import TODAY, at

MORNING = at(TODAY, 7, 30)  # a Monday


def address(person: Staff, text: str) -> None:
    person.email_sealed = seal("stores_staff", "email", person.uid, text)
    person.save(update_fields=["email_sealed"])
