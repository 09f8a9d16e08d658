"""Start-up check: a page without an access mark does not start (R22)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.urls import URLResolver, get_resolver

from stores.access import access_of


class Route(NamedTuple):
    """One address of the product."""

    name: str
    route: str
    view: Callable[..., Any]


def routes() -> Iterator[Route]:
    """Every address of the URLconf, with the namespaced name that reverses it."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: list[Any], before: str, space: str) -> Iterator[Route]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield Route(space + (pattern.name or ""), route, pattern.callback)


def every_page_has_a_mark(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """stores.E001 for each view that carries none of the marks of stores/access.py."""
    return [
        Error(
            f"/{found.route} has no access mark",
            hint="Put @access.public, @access.signed_in or @access.needs(Right.…) on the view.",
            obj=found.view,
            id="stores.E001",
        )
        for found in routes()
        if access_of(found.view) is None
    ]
