"""People at their screens over plain HTTP: they sign in, open cards, record what came of them."""

import re
import time
import uuid
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from stores.hashers import Argon2
from tests.chaos import night
from tests.chaos.rig import Rig

PASSWORD = "seven lanterns at noon"
PATIENCE = 90
# The day of the seeded cars, whose calls are on the lists.
DAY = """
from pipeline.services import chunks
while chunks.run_next("by hand"):
    pass
"""
_HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|key|seen|tasks|channel)" value="([^"]*)"')


def compute_day(rig: Rig) -> None:
    """The seeded day's lists."""
    night.begin(rig, stores_a_chunk=10)
    rig.python(DAY)
    assert night.is_over(rig)


def give_passwords(rig: Rig) -> None:
    """Everybody of the seed signs in with their code and PASSWORD."""
    hashed = Argon2().encode(PASSWORD, "saltsaltsaltsaltsaltsa")
    rig.execute(
        "UPDATE stores_staff SET username = lower(code), password = %s, language = 'en'", [hashed]
    )


class Answer(NamedTuple):
    status: int
    text: str
    headers: dict[str, str]
    seconds: float


class Visitor:
    """One browser: its cookies, and every answer's status and time in `.laps`."""

    def __init__(self, url: str, session: str = "") -> None:
        self.place = urlsplit(url).netloc
        self.cookies = {"huitou": session} if session else {}
        self.laps: list[tuple[str, int, float]] = []

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        with closing(HTTPConnection(self.place, timeout=PATIENCE)) as line:
            line.request(method, path, body, headers)
            response = line.getresponse()
            text = response.read().decode()
        lap = time.monotonic() - began
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        self.laps.append((f"{method} {path}", response.status, lap))
        return Answer(response.status, text, dict(response.getheaders()), lap)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """As htmx sends a form."""
        return self.ask("POST", path, urlencode(fields), **{"HX-Request": "true"})

    def sign_in(self, username: str) -> None:
        fields = hidden(self.get("/login/").text)
        fields |= {"username": username, "password": PASSWORD}
        answer = self.ask("POST", "/login/", urlencode(fields))
        assert answer.status == 302, answer.text

    def people(self) -> list[int]:
        """Whom the list asks to call, in its order."""
        found = re.findall(r'href="/today/(\d+)/"', self.get("/today/").text)
        return [int(number) for number in dict.fromkeys(found)]

    def card(self, customer_id: int) -> dict[str, str]:
        """The hidden fields of the opened card's bar."""
        fields = hidden(self.get(f"/today/{customer_id}/").text)
        assert "key" in fields, f"no card of {customer_id}"
        return fields

    def record(self, customer_id: int, fields: dict[str, str], pick: str) -> Answer:
        return self.post(f"/today/{customer_id}/outcome/", fields | {"pick": pick})


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of a page's forms; of several with one name the last."""
    return dict(_HIDDEN.findall(text))


def with_new_key(fields: dict[str, str]) -> dict[str, str]:
    """As another window of the same card sends it."""
    return fields | {"key": str(uuid.uuid4())}


def slowest_twentieth(laps: list[tuple[str, int, float]]) -> float:
    """p95, in seconds."""
    ordered = sorted(seconds for _what, _status, seconds in laps)
    return ordered[int(len(ordered) * 0.95)] if ordered else 0.0


def errors(laps: list[tuple[str, int, float]]) -> list[Any]:
    """Answers that are neither a page nor "somebody was first"."""
    return [lap for lap in laps if lap[1] >= 400 and lap[1] != 409]
