"""What every answer must carry and no page may hold (T28)."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

ALWAYS = {
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY"},
    # A page behind a one-time link must not even tell the site itself.
    "Referrer-Policy": {"same-origin", "no-referrer"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
}
POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "object-src": ["'none'"],
}
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "xlink:href"}
# Where htmx would run what it finds as code.
HTMX_CODE = ("js:", "javascript:")


class Tally:
    """What was asked and what was wrong, over all tests of a file."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self.answers: Counter[int] = Counter()
        self.faults: list[str] = []
        self.leaks: list[str] = []

    @property
    def cases(self) -> int:
        return self.answers.total()

    def figures(self) -> dict[str, Any]:
        """For `say`."""
        statuses = {str(status): count for status, count in sorted(self.answers.items())}
        return {"answers": self.cases, "statuses": statuses, "faults": len(self.faults)}


def header_faults(answer: HttpResponse, *, is_served: bool = False) -> Iterator[str]:
    """Missing or weak headers, cookies open to scripts or other sites."""
    for name, allowed in ALWAYS.items():
        if answer.headers.get(name) not in allowed:
            yield f"{name} is {answer.headers.get(name)}"
    yield from _policy_faults(answer.headers.get("Content-Security-Policy", ""))
    if "camera=()" not in answer.headers.get("Permissions-Policy", ""):
        yield "Permissions-Policy is missing"
    if is_served and "max-age=31536000" not in answer.headers.get("Strict-Transport-Security", ""):
        yield "Strict-Transport-Security is missing"
    for cookie in answer.cookies.values():
        yield from _cookie_faults(cookie, is_served=is_served)


def _policy_faults(policy: str) -> Iterator[str]:
    words = [part.split() for part in policy.split(";") if part.strip()]
    found = {directive: values for directive, *values in words}
    if "unsafe" in policy or "*" in policy:
        yield f"the policy is open: {policy}"
    for directive, values in POLICY.items():
        if found.get(directive) != values:
            yield f"{directive} is {found.get(directive)}"


def _cookie_faults(cookie: Any, *, is_served: bool) -> Iterator[str]:
    if cookie["max-age"] == 0:
        return  # taken away; it holds nothing
    if not cookie["httponly"] or cookie["samesite"] != "Lax":
        yield f"the cookie {cookie.key} is open"
    if is_served and not cookie["secure"]:
        yield f"the cookie {cookie.key} may travel without TLS"
    if "huitou" in cookie.key and is_served:
        is_host = cookie.key.startswith("__Host-") and cookie["path"] == "/"
        if not is_host or cookie["domain"]:
            yield f"the cookie {cookie.key} is not bound to the host"


def inline_faults(answer: HttpResponse) -> list[str]:
    """Code and styles inside a page, and addresses of other hosts, by a walk of a parser."""
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith(
        ("text/html", "image/svg")
    ):
        return []
    return _faults_in(answer.content.decode())


@lru_cache(maxsize=64)  # refusals are often the same page
def _faults_in(page: str) -> list[str]:
    walk = _Walk()
    walk.feed(page)
    walk.close()
    return walk.faults


class _Walk(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip() for name, value in attrs}
        if tag in {"style", "base", "iframe", "object", "embed"}:
            self.faults.append(f"<{tag}>")
        # Data for scripts is not run.
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("<script> without src")
        for name, value in given.items():
            if _is_code(name, value):
                self.faults.append(f'<{tag} {name}="{value[:40]}">')


def _is_code(name: str, value: str) -> bool:
    low = value.lower()
    if name == "style" or name == "srcdoc" or name.startswith(("on", "hx-on", "data-hx-on")):
        return True
    if name in ADDRESSES:
        return low.startswith(("javascript:", "data:text", "http:", "https:", "//", "vbscript:"))
    if name in {"hx-vals", "hx-headers", "hx-vars"}:
        return low.startswith(HTMX_CODE) or name == "hx-vars"
    # A condition in brackets is run as code.
    return name == "hx-trigger" and "[" in low
