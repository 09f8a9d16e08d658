"""A web server without one of its guards: `CHAOS_HARM` names what is taken away.

Requests that the guard would keep apart meet (`CHAOS_MEET` is a folder both processes see), so that
the harm is certain.
"""

import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse

from alerts.services.outcomes import recording
from customers.models import Customer
from customers.services import appointments
from pipeline.tasks import sweep

PATIENCE = 30


class Harm:
    """`/planted/` asks the broker inside a request, as no view of the product may."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        if name := os.environ.get("CHAOS_HARM"):
            globals()[name]()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/planted/":
            sweep.delay()
            return HttpResponse("sent")
        return self.get_response(request)


def meeting(look: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever has looked waits until a second one has, too."""
    folder = Path(os.environ["CHAOS_MEET"])

    def looked(*args: Any) -> Any:
        found = look(*args)
        (folder / uuid.uuid4().hex).touch()
        deadline = time.monotonic() + PATIENCE
        while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        return found

    return looked


def no_lock() -> None:
    """The customer's row is read, not held."""

    def unlocked(customer_id: int) -> Customer:
        found: Customer = Customer.objects.select_related("store").get(pk=customer_id)
        return found

    recording.lock_customer = unlocked
    recording.known = meeting(recording.known)


def no_look() -> None:
    """Nobody asks what the page had seen, or whether the form was sent before."""
    recording.known = lambda *_: None


def no_slot_lock() -> None:
    appointments.lock_slot = lambda *_: None
    appointments.slot_capacity = meeting(appointments.slot_capacity)
