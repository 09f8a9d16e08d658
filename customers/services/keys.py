"""Customers' sealed values under the present keys, with their digests and search indexes."""

from collections.abc import Mapping, Sequence

from common.crypto import blind_index, digest, has_former_keys
from common.sealed_rows import Beside, SealedTable, renew_these


def phone_indexes(digits: str) -> dict[str, bytes]:
    """What a phone number is found by; `digits` are those that are sealed."""
    return {
        "phone_digest": digest([digits]),
        "phone_index": blind_index("phone", digits),
        "phone_last4_index": blind_index("phone last4", digits[-4:], 4),
    }


def _digested(column: str) -> Beside:
    return lambda plain: {f"{column}_digest": digest([plain])}


def _replaced(plain: str) -> Mapping[str, str]:
    return {"replaced": digest([plain]).hex()}


CUSTOMERS = SealedTable(
    "customers_customer",
    {"phone": phone_indexes, **{name: _digested(name) for name in ("address", "email", "wechat")}},
)
# Of a sealed column: bound to its customer.
CORRECTIONS = SealedTable(
    "customers_correction",
    {"replaced": _replaced},
    joins="JOIN customers_customer c ON c.id = t.row_id AND t.\"table\" = 'customers_customer'",
    uid="c.uid",
)


def renew(customer_ids: Sequence[int]) -> None:
    """Before digests are compared: those of these customers are of the present keys afterwards."""
    if has_former_keys():
        renew_these(CUSTOMERS, "id", customer_ids)
        renew_these(CORRECTIONS, "row_id", customer_ids)
