"""How an advisor works the opened card: by keyboard, or by touch. What it takes is counted."""

from dataclasses import dataclass, field
from typing import Any

from tests.browser.conftest import Window

# Counts what a person does; a page that is loaded would begin anew, so loads are counted outside.
COUNT = """
    window.acts = {keys: 0, taps: 0};
    addEventListener("keydown", (event) => { if (event.isTrusted) acts.keys += 1; }, true);
    addEventListener("click", (event) => {
      if (event.isTrusted && event.detail) acts.taps += 1;
    }, true);
"""
# Choices are open and have the focus.
CHOICES = ":is(details.t-act[open], #slots.is-picking)"
PANEL = f"{CHOICES} :focus"
# Nothing is under way, and the lines that came with an answer are in their places.
IDLE = "body:not(:has(.htmx-request, .htmx-settling, #updates > .t-row))"
LIST = """() => {
  const ids = (selector) => [...document.querySelectorAll(selector)]
    .map((row) => Number(row.id.split("-")[1]));
  const number = (node) => parseInt(node?.textContent || "0", 10);
  const groups = [...document.querySelectorAll("#queue .t-group")];
  return {
    opened: Number(document.querySelector("#pane [data-customer]")?.dataset.customer || 0),
    open: ids("#rows-duties .t-row, #rows-value .t-row"),
    done: ids("#rows-done .t-row"),
    told: groups.map((group) => number(group.querySelector(".t-n"))),
    shown: groups.map((group) => group.querySelectorAll(".t-row").length),
    head: number(document.querySelector("#day-head dd")),
    total: Number(document.querySelector("#day-head progress")?.max || 0),
    menu: number(document.querySelector(".h-nav a[href='/today/'] .h-count")),
    address: location.pathname,
    focus: document.activeElement.id,
  };
}"""


@dataclass(frozen=True)
class Screen:
    """What the list and the head of the page say."""

    opened: int
    open: list[int]
    done: list[int]
    told: list[int]
    shown: list[int]
    head: int
    total: int
    menu: int
    address: str
    focus: str


@dataclass
class Hands:
    """One person at one window; `loads` are the pages it loaded since it signed in."""

    window: Window
    loads: list[str] = field(default_factory=list)

    @property
    def page(self) -> Any:
        return self.window.page

    def begin(self, username: str) -> None:
        """Signs in; from here on every page that is loaded counts."""
        self.page.add_init_script(COUNT)
        self.window.sign_in(username)
        self.page.wait_for_selector(".t-queue")
        self.page.on("domcontentloaded", lambda page: self.loads.append(page.url))

    def screen(self) -> Screen:
        return Screen(**self.page.evaluate(LIST))

    def open_first(self) -> None:
        """The first card of the list opens by itself; on a phone it takes a tap."""
        self.page.wait_for_selector("#pane [data-customer]")

    def act(self, key: str, *choices: str) -> None:
        """The outcome of `key`, then its choices: a digit, `date:…` among the days, `ok`."""
        self.press(key)
        for choice in choices:
            self.page.wait_for_selector(PANEL)
            what, _, value = choice.partition(":")
            if what == "ok":
                self.confirm()
            elif what == "date":
                self.page.fill("#slots-on", value)
                self.page.wait_for_selector(f"#slots-on[value='{value}']")
            else:
                self.choose(what)
            if what == "0":
                self.page.wait_for_selector("#slots-on")

    def note(self, text: str) -> None:
        """Writes a note and leaves its field."""
        raise NotImplementedError

    def press(self, key: str) -> None:
        """An outcome, or what else has a key."""
        raise NotImplementedError

    def choose(self, digit: str) -> None:
        """Among the open choices."""
        raise NotImplementedError

    def confirm(self) -> None:
        """Takes what the open choices propose."""
        raise NotImplementedError

    def twice(self, key: str) -> None:
        """The outcome of `key` twice in the same moment."""
        raise NotImplementedError

    def next_card(self, left: int) -> None:
        """Waits until another card than that of the customer `left` is there and can be worked."""
        other = f":is([data-customer]:not([data-customer='{left}']), .t-all-done)"
        self.page.wait_for_selector(f"{IDLE} #pane {other}")

    def card_of(self, customer_id: int) -> None:
        """Waits until this customer's card is there and can be worked."""
        self.page.wait_for_selector(f"{IDLE} #pane [data-customer='{customer_id}']")

    def counted(self) -> int:
        """Keys or taps since it was last asked."""
        found = self.page.evaluate("(() => { const found = acts; acts = {keys: 0, taps: 0};"
                                   " return found; })()")  # fmt: skip
        return int(found["keys"] + found["taps"])


class Keyboard(Hands):
    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    choose = press

    def note(self, text: str) -> None:
        self.page.keyboard.press("n")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def confirm(self) -> None:
        self.page.keyboard.press("Enter")

    def twice(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.page.keyboard.press(key)


class Touch(Hands):
    def open_first(self) -> None:
        self.page.locator("#rows-duties .h-row, #rows-value .h-row").first.tap()
        super().open_first()

    def press(self, key: str) -> None:
        self.page.tap(f"[data-key='{key}'] >> visible=true")

    def choose(self, digit: str) -> None:
        self.page.tap(f"{CHOICES} [data-choice='{digit}'] >> visible=true")

    def note(self, text: str) -> None:
        self.page.tap("#outcome-note")
        self.page.keyboard.type(text)

    def confirm(self) -> None:
        self.page.tap("details.t-act[open] .t-fields button")

    def twice(self, key: str) -> None:
        box = self.page.locator(f"[data-key='{key}'] >> visible=true").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.touchscreen.tap(*middle)
        self.page.touchscreen.tap(*middle)
