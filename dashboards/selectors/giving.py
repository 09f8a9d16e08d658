"""What a customer's page offers to whoever may give work away."""

from dataclasses import dataclass

from alerts.models import Task
from alerts.selectors.attention import to_give
from alerts.services.giving import NO_CALLS
from customers.models import Customer
from dashboards.selectors.days import Day
from stores.choices import AuditAction
from stores.models import AuditEntry, Staff
from stores.selectors import away, callers


@dataclass(frozen=True)
class Giving:
    """Inputs of templates/dashboards/team/give.html; `former`: who had the customer before."""

    tasks: list[Task]
    people: list[Staff]
    former: Staff | None

    @property
    def has_calls(self) -> bool:
        """Whether anything goes along when all calls are given (alerts.services.giving)."""
        return any(task.kind not in NO_CALLS for task in self.tasks)


def giving_of(customer: Customer, day: Day) -> Giving:
    """Four queries."""
    staff = list(callers(customer.store))
    absent = away([one.pk for one in staff], day.as_of)
    people = [one for one in staff if one.pk not in absent]
    return Giving(to_give(customer.pk), people, _former(customer, people))


def _former(customer: Customer, people: list[Staff]) -> Staff | None:
    """Whom the last gift took the customer from, while it stands and the person is here."""
    rows = AuditEntry.objects.filter(
        thing="customer", thing_id=customer.pk, action=AuditAction.CUSTOMER_GIVEN
    )
    last = rows.order_by("-at", "-pk").first()
    if last is None or last.detail["to"] != customer.advisor_id:
        return None
    return next((one for one in people if one.pk == last.detail["from"]), None)
