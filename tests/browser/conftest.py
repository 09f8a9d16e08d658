"""A Chromium that is already on the machine, a served store, a person's window."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from stores.models import Staff

PASSWORD = "seven lanterns at noon"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
LOCALES = {"en": "en-US", "zh-hans": "zh-CN"}


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("CI must have a Chromium: install it before the tests")
    if found is None:
        pytest.skip(f"no Chromium here (looked for {', '.join(NAMES)}): browser tests not run")
    return found


@dataclass
class Window:
    """A page and what its console complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def forgive(self, *words: str) -> None:
        """Drops the complaints that a test asked for."""
        self.complaints = [
            line for line in self.complaints if not any(word in line for word in words)
        ]

    def go(self, path: str) -> None:
        """Opens a page; what the one before still asks for is waited for, or it would complain."""
        self.page.wait_for_selector("body:not(:has(.htmx-request))", state="attached")
        self.page.goto(self.address + path)

    def sign_in(self, username: str) -> None:
        self.go("/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/login/" not in url)


@pytest.fixture
def with_password():
    """Gives a person the password of these tests; before the browser starts."""

    def give(staff: Staff, language: str = "en") -> Staff:
        staff.password, staff.language = make_password(PASSWORD), language
        staff.save(update_fields=["password", "language"])
        return staff

    return give


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def new_window(browser: Browser, live_server) -> Iterator[Callable[..., Window]]:
    """Opens a window of its own: `new_window("phone", "zh-hans")`; consoles must stay silent."""
    windows = []

    def make(size: str = "desk", language: str = "en") -> Window:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[language],
            timezone_id="Asia/Shanghai",
            has_touch=size == "phone",
            is_mobile=size == "phone",
        )
        context.set_default_timeout(15_000)
        window = Window(context.new_page(), live_server.url)
        window.page.on("console", window.hear)
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        windows.append(window)
        return window

    yield make
    # Closing breaks off what is under way, which is a complaint of its own.
    complaints = [line for window in windows for line in window.complaints]
    for window in windows:
        window.page.context.close()
    assert complaints == []


@pytest.fixture
def window(new_window: Callable[..., Window], size: str) -> Window:
    """A fresh window at the width of a desk and of a phone."""
    return new_window(size)
