"""Values of rejected rows as they may be shown, and cells as a spreadsheet may open them."""

from common.crypto import masked_phone, normal_phone
from common.logs import mask
from exchange.importing.columns import PERSONAL

LONGEST = 60


def masked(column: str, value: str) -> str:
    """`value` without personal data, short enough for a table; '' stays ''."""
    value = " ".join("".join(char if char.isprintable() else " " for char in value).split())
    if column == "phone":
        digits = normal_phone(value)
        return masked_phone(digits) if len(digits) >= 7 else "*" * min(len(value), 8)
    if column == "vin":
        return f"{value[:3]}****{value[-4:]}" if len(value) > 9 else f"{value[:3]}****"
    if column in PERSONAL or not column:
        return f"{value[0]}***" if value else ""
    return mask(value if len(value) <= LONGEST else value[: LONGEST - 1] + "…")
