"""Why a row was rejected: stored as a word, shown as a sentence in the reader's language."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    """The stored words; `reason_text` has the sentences."""

    REQUIRED = "required"
    CANNOT_CLEAR = "cannot_clear"
    TOO_LONG = "too_long"
    FIELD_TOO_LONG = "field_too_long"
    ROW_TOO_LONG = "row_too_long"
    TOO_MANY_CELLS = "too_many_cells"
    BROKEN_QUOTES = "broken_quotes"
    CONTROL_CHARACTER = "control_character"
    UNKNOWN_WORD = "unknown_word"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NEGATIVE = "negative"
    OUT_OF_RANGE = "out_of_range"
    TOO_MANY_DECIMALS = "too_many_decimals"
    NOT_A_DATE = "not_a_date"
    NOT_A_TIME = "not_a_time"
    NOT_A_CLOCK = "not_a_clock"
    NOT_A_MONTH = "not_a_month"
    NOT_A_ZONE = "not_a_zone"
    NOT_A_VIN = "not_a_vin"
    IN_FUTURE = "in_future"
    OUT_OF_SCALE = "out_of_scale"
    DUPLICATE = "duplicate"
    UNKNOWN_STORE = "unknown_store"
    OTHER_STORE = "other_store"
    UNKNOWN_STAFF = "unknown_staff"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_VEHICLE = "unknown_vehicle"
    UNKNOWN_VISIT = "unknown_visit"
    PARENT_REJECTED = "parent_rejected"
    REFERS_TO_ITSELF = "refers_to_itself"
    OTHER_GROUP = "other_group"
    USERNAME_TAKEN = "username_taken"
    OPENS_AFTER_CLOSING = "opens_after_closing"


TEXTS: dict[Reason, Promise] = {
    Reason.REQUIRED: _("A value is required here."),
    Reason.CANNOT_CLEAR: _("This value is required and cannot be cleared."),
    Reason.TOO_LONG: _("The text is too long."),
    Reason.FIELD_TOO_LONG: _("A cell holds more than 4 kB."),
    Reason.ROW_TOO_LONG: _("The row holds more than 64 kB."),
    Reason.TOO_MANY_CELLS: _("The row has more cells than there are headings."),
    Reason.BROKEN_QUOTES: _("A quotation mark is opened but not closed properly."),
    Reason.CONTROL_CHARACTER: _("The text holds a character that cannot be stored."),
    Reason.UNKNOWN_WORD: _("This word is not one of those the column knows."),
    Reason.NOT_A_NUMBER: _("This is not a number."),
    Reason.NOT_WHOLE: _("This must be a whole number."),
    Reason.NEGATIVE: _("This must not be negative."),
    Reason.OUT_OF_RANGE: _("The number is out of range."),
    Reason.TOO_MANY_DECIMALS: _("The number has too many decimal places."),
    Reason.NOT_A_DATE: _("This is not a date (2026-03-31 or 2026/3/31)."),
    Reason.NOT_A_TIME: _("This is not a date and time (2026-03-31 14:30)."),
    Reason.NOT_A_CLOCK: _("This is not a time of day (08:30)."),
    Reason.NOT_A_MONTH: _("This is not a month (2026-03)."),
    Reason.NOT_A_ZONE: _("This is not a time zone (Asia/Shanghai)."),
    Reason.NOT_A_VIN: _("A VIN has 17 letters and digits, without I, O and Q."),
    Reason.IN_FUTURE: _("This date is in the future."),
    Reason.OUT_OF_SCALE: _("The score is outside its scale."),
    Reason.DUPLICATE: _("An earlier row of this file has the same key."),
    Reason.UNKNOWN_STORE: _("There is no such store."),
    Reason.OTHER_STORE: _("This store is not among those of this import."),
    Reason.UNKNOWN_STAFF: _("There is no such person on the staff."),
    Reason.UNKNOWN_CUSTOMER: _("There is no such customer at this store."),
    Reason.UNKNOWN_VEHICLE: _("There is no vehicle with this VIN."),
    Reason.UNKNOWN_VISIT: _("There is no such work order at this store."),
    Reason.PARENT_REJECTED: _("The row this one belongs to was rejected."),
    Reason.REFERS_TO_ITSELF: _("A customer cannot refer to itself."),
    Reason.OTHER_GROUP: _("This belongs to another dealer group."),
    Reason.USERNAME_TAKEN: _("Somebody else has this user name."),
    Reason.OPENS_AFTER_CLOSING: _("The store must open before it closes."),
}


def reason_text(word: str) -> str:
    """The sentence for a stored reason, in the language of the reader."""
    try:
        return str(TEXTS[Reason(word)])
    except ValueError:
        return word
