"""What a customer's page offers to whoever may give work away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from alerts.models import Task
from alerts.services.giving import NO_CALLS
from customers.models import Customer
from dashboards.selectors.days import Day
from stores.choices import AuditAction
from stores.models import AuditEntry, Staff
from stores.selectors import present


@dataclass(frozen=True)
class Giving:
    """Inputs of templates/dashboards/team/give.html; `former`: who had the customer before."""

    tasks: list[Task]
    people: Sequence[Staff]
    former: Staff | None

    @property
    def has_calls(self) -> bool:
        """Whether anything goes along when all calls are given (alerts.services.giving)."""
        return any(task.kind not in NO_CALLS for task in self.tasks)


def giving_of(customer: Customer, tasks: list[Task], day: Day) -> Giving:
    """What may be done with the customer and the open `tasks`; one query."""
    gifts = AuditEntry.objects.filter(
        thing="customer", thing_id=customer.pk, action=AuditAction.CUSTOMER_GIVEN
    )
    last = gifts.order_by("-at", "-pk").values("detail")[:1]
    people = list(present(customer.store, day.as_of).annotate(last_gift=Subquery(last)))
    return Giving(tasks, people, _former(customer, people))


def _former(customer: Customer, people: list[Any]) -> Staff | None:
    """Whom the last gift took the customer from, while it stands and the person is here."""
    gift = people[0].last_gift if people else None
    if not gift or gift["to"] != customer.advisor_id:
        return None
    return next((one for one in people if one.pk == gift["from"]), None)
