"""The one door: which stores the running code may read (R22).

The access middleware opens a scope for each request, a background job opens its own. A queryset of
a store-owned table that is evaluated outside any scope raises instead of answering with everything.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import models

Scope = frozenset[int] | None
_NOT_OPEN: Any = object()
_scope: ContextVar[Scope] = ContextVar("huitou_scope", default=_NOT_OPEN)
M = TypeVar("M", bound=models.Model, covariant=True)


class ScopeNotOpen(RuntimeError):
    """A store-owned table was read outside a store scope: a bug, never a user's mistake."""


@contextmanager
def stores_scope(store_ids: Iterable[int]) -> Iterator[None]:
    """Inside, store-owned tables answer for these stores only (an empty set: nothing)."""
    token = _scope.set(frozenset(store_ids))
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def all_stores() -> Iterator[None]:
    """Inside, store-owned tables answer for every store: background jobs and commands only."""
    token = _scope.set(None)
    try:
        yield
    finally:
        _scope.reset(token)


def current_scope() -> Scope:
    """The open scope (None: every store); raises ScopeNotOpen when there is none."""
    scope = _scope.get()
    if scope is _NOT_OPEN:
        raise ScopeNotOpen("no store scope is open")
    return scope


def scope_ids() -> list[int] | None:
    """The open scope as a parameter of a statement of ours, null for every store."""
    scope = current_scope()
    return None if scope is None else sorted(scope)


def is_open() -> bool:
    """Whether any scope is open."""
    return _scope.get() is not _NOT_OPEN


class ScopedQuerySet(models.QuerySet[M]):
    """Restricted to the scope that was open when it was made; refuses to answer without one."""

    is_scoped = False

    def _clone(self) -> "ScopedQuerySet[M]":
        clone = super()._clone()  # type: ignore[misc]
        clone.is_scoped = self.is_scoped
        return clone  # type: ignore[no-any-return]

    def _check(self) -> None:
        if not self.is_scoped:
            raise ScopeNotOpen(f"{self.model.__name__} was read outside a store scope")

    def _fetch_all(self) -> None:
        self._check()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return super().iterator(*args, **kwargs)

    def count(self) -> int:
        self._check()
        return super().count()

    def exists(self) -> bool:
        self._check()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> Any:
        self._check()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._check()
        return super().update(**kwargs)

    def delete(self) -> Any:
        self._check()
        return super().delete()


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """The default manager of store-owned tables; `store_path` leads to the owning store's id."""

    def __init__(self, store_path: str = "store_id") -> None:
        super().__init__()
        self.store_path = store_path

    def get_queryset(self) -> ScopedQuerySet[Any]:
        queryset: ScopedQuerySet[Any] = super().get_queryset()
        if not is_open():
            return queryset
        scope = current_scope()
        if scope is not None:
            queryset = queryset.filter(**{f"{self.store_path}__in": scope})
        queryset.is_scoped = True
        return queryset
