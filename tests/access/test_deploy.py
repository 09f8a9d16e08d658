"""T29: production settings pass Django's own check of a deployment."""

import os
import subprocess
import sys
from pathlib import Path

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


def _check(**changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    env = {**os.environ, **SERVED, **changes}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_production_settings_have_nothing_to_warn_of():
    done = _check()
    assert done.returncode == 0, done.stderr


def test_production_does_not_start_with_a_short_key():
    done = _check(HUITOU_SECRET_KEY="short")
    assert done.returncode != 0
    assert "at least 40 characters" in done.stderr
