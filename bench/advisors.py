"""Advisors at work: each signs in, opens the list, calls, records outcomes, takes some back."""

import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.browser import Answer, Browser, Proxy, Times

# Of a round: so many calls, every tenth outcome is taken back, then somebody is looked up.
CALLS, UNDO_EVERY = 8, 10
# Of ten calls: as an advisor's day goes.
PICKS = (
    ["result=no_answer"] * 4
    + ["result=connected"] * 3
    + ["result=refused&reason=price"] * 2
    + ["result=elsewhere&reason=competitor"]
)
ROW = re.compile(r'<li class="t-row" id="row-(\d+)"')
FIELD = re.compile(r'name="(key|seen|tasks|channel)" value="([^"]*)"')
OPENED = re.compile(r'data-customer="(\d+)"')
UNDO = re.compile(r'action="(/today/outcomes/\d+/undo/)"')
FOUND = re.compile(r'href="(/customers/\d+/)"')


@dataclass(frozen=True)
class Think:
    """Seconds somebody takes between an answer and the next request, and before the first."""

    between: float
    begin: float


class Advisor:
    """One person's day in one thread; `number` seeds what is chosen."""

    def __init__(self, browser: Browser, username: str, password: str, number: int) -> None:
        self.browser = browser
        self.username, self.password = username, password
        self.dice = random.Random(number)
        self.recorded = 0

    def work(self, think: Think, stop: threading.Event) -> None:
        """Until told to stop; errors are noted by the browser, the day goes on."""
        if stop.wait(self.dice.random() * think.begin):
            return
        for _ in self._day():
            if stop.wait(think.between * (0.5 + self.dice.random())):
                return

    def _day(self) -> Iterator[Answer]:
        yield self.browser.get("sign-in page", "/login/")
        fields = {"username": self.username, "password": self.password}
        yield self.browser.post("sign in", "/login/", fields)
        while True:
            yield from self._calls()
            yield from self._looks_up()
            yield self.browser.get("what changed", "/today/changes/", htmx=True)

    def _calls(self) -> Iterator[Answer]:
        """From the list through some cards; each outcome's answer is the next card."""
        page = self.browser.get("call list", "/today/")
        yield page
        waiting = [int(found) for found in ROW.findall(page.text)]
        if not waiting:
            return
        answer = self.browser.get("card", f"/today/{waiting[0]}/", htmx=True)
        yield answer
        for _ in range(CALLS):
            opened = OPENED.search(answer.text)
            fields = dict(FIELD.findall(answer.text))
            if not opened or "key" not in fields:
                return
            customer = int(opened[1])
            yield self.browser.post("dial", f"/customers/{customer}/phone/", {}, htmx=True)
            waiting = [one for one in waiting if one != customer]
            answer = self._record(customer, fields, waiting)
            yield answer
            undo = UNDO.search(answer.text)
            if undo and self.recorded % UNDO_EVERY == 0:
                answer = self.browser.post("undo", undo[1], {}, htmx=True)
                yield answer

    def _record(self, customer: int, fields: dict[str, str], waiting: list[int]) -> Answer:
        self.recorded += 1
        following = str(waiting[0]) if waiting else ""
        sent = {**fields, "pick": self.dice.choice(PICKS), "next": following, "note": ""}
        return self.browser.post("outcome", f"/today/{customer}/outcome/", sent, htmx=True)

    def _looks_up(self) -> Iterator[Answer]:
        number = self.dice.randrange(10, 100)
        page = self.browser.get("search", f"/customers/?q=Customer+{number}", htmx=True)
        yield page
        if found := FOUND.search(page.text):
            yield self.browser.get("customer page", found[1])


class Crowd:
    """Advisors at work at once, each in a thread; `with` lets them begin and sends them home."""

    def __init__(self, place: str, usernames: list[str], password: str, think: Think) -> None:
        self.think = think
        self.times, self.stop = Times(), threading.Event()
        self.proxy = Proxy(place)
        self.threads = [
            threading.Thread(
                target=Advisor(Browser(self.proxy, self.times), name, password, number).work,
                args=(think, self.stop),
                daemon=True,
            )
            for number, name in enumerate(usernames)
        ]

    def __enter__(self) -> "Crowd":
        self.began = time.monotonic()
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()
        self.proxy.close()
        self.seconds = time.monotonic() - self.began
