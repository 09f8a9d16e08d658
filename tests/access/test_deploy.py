"""T29: production settings pass Django's own check of a deployment."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.figures import say

pytestmark = pytest.mark.proof
ROOT = Path(__file__).resolve().parents[2]
SERVED = {
    "DJANGO_SETTINGS_MODULE": "crm_project.settings",
    "HUITOU_MODE": "served",
    "HUITOU_HOSTS": "crm.example",
    "HUITOU_SECRET_KEY": "7xQ-long-enough-and-only-for-this-test-0aB9cD8eF7gH6iJ5kL4mN",
    "HUITOU_FIELD_KEY": "f" * 40,
    "HUITOU_INDEX_KEY": "i" * 40,
    "DATABASE_URL": "postgres://nobody@localhost/none",
    "REDIS_URL": "redis://localhost/0",
}


def served(**changes: str) -> dict[str, str]:
    """The environment of a served process, or of one that differs from it by `changes`."""
    env = {**os.environ, **SERVED, **changes}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    return env


def _check(**changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(
        command, cwd=ROOT, env=served(**changes), capture_output=True, text=True, check=False
    )


def _warnings(done: subprocess.CompletedProcess[str]) -> list[str]:
    return sorted(set(re.findall(r"\(([a-z_0-9]+\.[WE]\d+)\)", done.stderr)))


def test_production_settings_have_nothing_to_warn_of():
    done = _check()
    assert (done.returncode, _warnings(done)) == (0, []), done.stderr
    say("T29", warnings=0, exit=done.returncode)


def test_control_the_same_check_finds_what_is_unsafe():
    done = _check(HUITOU_MODE="embedded", HUITOU_DEBUG="1")
    found = _warnings(done)
    assert done.returncode != 0
    assert {"security.W004", "security.W008", "security.W012", "security.W018"} <= set(found)
    say("T29", control=True, warnings=len(found), found=found)


def test_production_does_not_start_with_a_short_key():
    done = _check(HUITOU_SECRET_KEY="short")
    assert done.returncode != 0
    assert "at least 40 characters" in done.stderr
