"""Versioned settings: how a kind is declared and how versions become the values in force.

A kind is a frozen dataclass in the app that reads it, all fields with defaults (the figures we
ship), registered nowhere: whoever computes passes the kinds it needs. Versions hold JSON.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from common.exceptions import DomainError


@dataclasses.dataclass(frozen=True)
class PolicyValues:
    """Base of every kind; `check` raises DomainError('bad_policy', …, field=…)."""

    kind: ClassVar[str]

    def check(self) -> None:
        """Validates the values together, after each one's type."""

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Any:
        """The dataclass with `values` over the defaults; raises DomainError on unknown or bad ones.

        A field whose default is a dict is merged key by key (service plans by powertrain, say).
        """
        merged = dataclasses.asdict(cls())
        types = {field.name: field for field in dataclasses.fields(cls)}
        for name, value in values.items():
            if name not in types:
                raise DomainError("bad_policy", f"unknown setting {name}", field=name)
            if isinstance(merged[name], dict):
                merged[name] = {**merged[name], **value}
                merged[name] = {k: v for k, v in merged[name].items() if v is not None}
            elif not _fits(merged[name], value):
                raise DomainError("bad_policy", f"{name} cannot be {value!r}", field=name)
            else:
                merged[name] = value
        policy = cls(**merged)
        policy.check()
        return policy


def _fits(default: object, value: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)) and isinstance(value, (int, float)):
        return isinstance(default, float) or isinstance(value, int)
    return isinstance(value, type(default))


def require(condition: bool, field: str, message: str) -> None:
    """Raises DomainError('bad_policy') naming `field` unless `condition` holds."""
    if not condition:
        raise DomainError("bad_policy", message, field=field)


def in_force(
    kinds: Iterable[type[PolicyValues]],
    group_values: Mapping[str, Mapping[str, Any]],
    store_values: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """{kind: values} with a store's differences over the group's over what we ship."""
    result = {}
    for kind in kinds:
        merged = dict(group_values.get(kind.kind, {}))
        for name, value in store_values.get(kind.kind, {}).items():
            if isinstance(value, dict) and isinstance(merged.get(name), dict):
                merged[name] = {**merged[name], **value}
            else:
                merged[name] = value
        result[kind.kind] = dataclasses.asdict(kind.from_json(merged))
    return result


def digest(versions: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """A fingerprint of a set: the same versions and values are the same set."""
    raw = json.dumps([versions, values], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(raw.encode()).hexdigest()
