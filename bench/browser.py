"""One person's browser, as small as it can be: cookies, the token of forms, and a stop watch."""

import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from statistics import quantiles
from urllib.parse import urlencode

PATIENCE_SECONDS = 30
# Gunicorn leaves a connection alone after two.
IDLE_SECONDS = 1.0
# A card that left the list since it was read (templates/dashboards/today/left.html).
LEFT = 'id="left"'
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """Status 0: none came."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Times:
    """Seconds of every answer by kind of request, and what went wrong; shared by all browsers."""

    def __init__(self) -> None:
        self.by_kind: defaultdict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []
        # Cards that had left the list when they were asked for.
        self.left = 0

    def all(self) -> list[float]:
        return [one for times in self.by_kind.values() for one in times]


@dataclass(frozen=True)
class Percentiles:
    """Milliseconds within which so many of a hundred answers came."""

    count: int
    p50: float
    p95: float
    p99: float


def percentiles(seconds: list[float]) -> Percentiles:
    if len(seconds) < 2:
        only = seconds[0] * 1000 if seconds else 0.0
        return Percentiles(len(seconds), only, only, only)
    cut = quantiles(seconds, n=100, method="inclusive")
    return Percentiles(len(seconds), cut[49] * 1000, cut[94] * 1000, cut[98] * 1000)


class Proxy:
    """Connections to the web server that are used again, by whoever comes next."""

    def __init__(self, place: str) -> None:
        self.place, self.lock = place, threading.Lock()
        self.idle: list[tuple[HTTPConnection, float]] = []

    def take(self) -> HTTPConnection:
        """The one that was used last, unless the server may have left it already."""
        with self.lock:
            while self.idle:
                connection, since = self.idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.close()
        return HTTPConnection(self.place, timeout=PATIENCE_SECONDS)

    def close(self) -> None:
        with self.lock:
            while self.idle:
                self.idle.pop()[0].close()

    def give_back(self, connection: HTTPConnection) -> None:
        self.idle.append((connection, time.monotonic()))


class Browser:
    """Asks as the proxy does that ends TLS before the web server."""

    def __init__(self, proxy: Proxy, times: Times) -> None:
        self.proxy, self.times = proxy, times
        self.cookies: dict[str, str] = {}
        self.token = ""

    def get(self, kind: str, path: str, *, htmx: bool = False) -> Answer:
        return self._ask(kind, "GET", path, "", htmx)

    def post(self, kind: str, path: str, fields: dict[str, str], *, htmx: bool = False) -> Answer:
        body = urlencode({**fields, "csrfmiddlewaretoken": self.token})
        return self._ask(kind, "POST", path, body, htmx)

    def _ask(self, kind: str, method: str, path: str, body: str, htmx: bool) -> Answer:
        began = time.perf_counter()
        try:
            answer = self._answer(method, path, body, htmx)
        except (OSError, HTTPException) as error:
            answer = Answer(0, type(error).__name__)
        self.times.by_kind[kind].append(time.perf_counter() - began)
        if answer.status == HTTPStatus.NOT_FOUND and LEFT in answer.text:
            self.times.left += 1
        elif answer.status not in {200, 302}:
            self.times.errors.append(f"{kind} {method} {answer.status or answer.text}")
        return answer

    def _answer(self, method: str, path: str, body: str, htmx: bool) -> Answer:
        connection = self.proxy.take()
        try:
            connection.request(method, path, body or None, self._headers(htmx))
            found = connection.getresponse()
            text = found.read().decode()
        except BaseException:
            connection.close()
            raise
        self.proxy.give_back(connection)
        for cookie in found.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        if token := TOKEN.search(text):
            self.token = token[1]
        return Answer(found.status, text, dict(found.headers))

    def _headers(self, htmx: bool) -> dict[str, str]:
        return {
            "X-Forwarded-Proto": "https",
            "Origin": f"https://{self.proxy.place}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Encoding": "identity",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"HX-Request": "true"} if htmx else {}),
        }
