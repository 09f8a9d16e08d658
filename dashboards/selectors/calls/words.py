"""The outcomes of the bar: keys, order, short words, and what each lets choose."""

from datetime import time

from django.utils.translation import gettext_lazy, pgettext_lazy

from alerts.choices import Reason, Result
from dashboards import presentation

KEYS = {
    Result.BOOKED: "1",
    Result.CALLBACK: "2",
    Result.NO_ANSWER: "3",
    Result.BUSY: "b",
    Result.OFF: "o",
    Result.REFUSED: "4",
    Result.ELSEWHERE: "5",
    Result.WRONG_NUMBER: "6",
    Result.VEHICLE_GONE: "7",
    Result.DO_NOT_CALL: "8",
    Result.CONNECTED: "9",
    Result.MESSAGED: "w",
    Result.SETTLED: "s",
    Result.DONE: "f",
}
# In the order of the bar: what happens most first, what ends a customer's calls last.
BY_PHONE = (
    Result.BOOKED,
    Result.CALLBACK,
    Result.NO_ANSWER,
    Result.BUSY,
    Result.OFF,
    Result.CONNECTED,
    Result.REFUSED,
    Result.ELSEWHERE,
    Result.WRONG_NUMBER,
    Result.VEHICLE_GONE,
    Result.DO_NOT_CALL,
)
# Without a phone: what the customer may answer in writing or in person.
IN_WRITING = (
    Result.MESSAGED,
    Result.BOOKED,
    Result.CALLBACK,
    Result.REFUSED,
    Result.ELSEWHERE,
    Result.VEHICLE_GONE,
)
SHORT = {
    Result.OFF: pgettext_lazy("phone", "Off"),
    Result.ELSEWHERE: gettext_lazy("Elsewhere"),
    Result.VEHICLE_GONE: gettext_lazy("Sold or moved"),
    Result.DO_NOT_CALL: gettext_lazy("Do not call"),
}
# These end something; they stand in the second row.
ENDS = {
    Result.REFUSED,
    Result.ELSEWHERE,
    Result.WRONG_NUMBER,
    Result.VEHICLE_GONE,
    Result.DO_NOT_CALL,
}
PANELS = {
    Result.CALLBACK: "callback",
    Result.REFUSED: "reasons",
    Result.ELSEWHERE: "reasons",
    Result.VEHICLE_GONE: "gone",
    Result.DO_NOT_CALL: "sure",
}
REASONS = {
    Result.REFUSED: (
        Reason.PRICE,
        Reason.CONVENIENCE,
        Reason.WAITING,
        Reason.SERVICE,
        Reason.QUALITY,
        Reason.COMPETITOR,
        Reason.FORGOT,
        Reason.OTHER,
    ),
    Result.ELSEWHERE: (
        Reason.COMPETITOR,
        Reason.PRICE,
        Reason.CONVENIENCE,
        Reason.WAITING,
        Reason.SERVICE,
        Reason.QUALITY,
        Reason.OTHER,
    ),
}
# The keys beside the outcomes'.
_OTHER_KEYS = (
    ("d", gettext_lazy("Show and dial")),
    ("n", gettext_lazy("Write a note")),
    ("j", gettext_lazy("Next customer")),
    ("k", gettext_lazy("Customer before")),
    ("u", gettext_lazy("Undo")),
    ("?", gettext_lazy("Show the keys")),
)
EVENING = time(18, 0)


def key_titles() -> list[tuple[str, str]]:
    """Every key of the page with what it does."""
    outcomes = [(key, presentation.result_title(result)) for result, key in KEYS.items()]
    return outcomes + [(key, str(title)) for key, title in _OTHER_KEYS]
