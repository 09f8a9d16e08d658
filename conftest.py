"""Plumbing of every test session; the cast and the factories are in tests/."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIGURES = "HUITOU_FIGURES"
made_figures = pytest.StashKey[bool]()
NO_CHROMIUM = "no Chromium on this machine: install the package chromium to run browser tests"

settings.register_profile("local", deadline=None)
# The same examples on every run: what lands is what was tested.
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def chromium_path() -> str | None:
    """The Chromium that is installed; playwright's own download is never used."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def is_ci() -> bool:
    """Whether nothing may be skipped for want of a program."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("ci" if is_ci() else "local")
    # Else this is a worker of xdist, or somebody wants to keep them.
    if FIGURES not in os.environ:
        os.environ[FIGURES] = str(
            Path(tempfile.mkdtemp(prefix="huitou-figures-")) / "figures.jsonl"
        )
        config.stash[made_figures] = True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows what the proofs measured, a JSON line each."""
    path = Path(os.environ[FIGURES])
    if path.exists():
        terminalreporter.section("figures of the proofs")
        terminalreporter.write(path.read_text(encoding="utf-8"))


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(made_figures, False):
        shutil.rmtree(Path(os.environ.pop(FIGURES)).parent, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip browser tests where there is no browser, by name; in CI that is an error."""
    browser = [item for item in items if item.get_closest_marker("browser")]
    if not browser or chromium_path():
        return
    if is_ci():
        raise pytest.UsageError(NO_CHROMIUM)
    for item in browser:
        item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the installed Chromium, for playwright's `executable_path`."""
    path = chromium_path()
    assert path, NO_CHROMIUM
    return path


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Before the test database is dropped, ends what a killed worker or a thread left in it."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
