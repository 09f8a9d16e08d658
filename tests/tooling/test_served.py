"""The settings of production: they start, pass Django's own audit, and refuse what is unsafe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings

ROOT = Path(__file__).resolve().parents[2]
LONG = "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERVED = {
    "DJANGO_SETTINGS_MODULE": "crm_project.settings",
    "HUITOU_MODE": "served",
    "HUITOU_HOSTS": "crm.example.com",
    "HUITOU_SECRET_KEY": LONG,
    "HUITOU_FIELD_KEY": LONG[::-1],
    "HUITOU_INDEX_KEY": LONG.swapcase(),
    "DATABASE_URL": "postgres://huitou@127.0.0.1:1/huitou",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def manage(
    *words: str, home: Path, without: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUITOU_", "DJANGO_"))
    }
    given = {**kept, **SERVED, "HUITOU_HOME": str(home), **environment}
    given.pop(without, None)
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_djangos_own_audit_finds_nothing(tmp_path: Path) -> None:
    found = manage("check", "--deploy", "--fail-level", "WARNING", home=tmp_path)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("name", sorted(set(SERVED) - {"DJANGO_SETTINGS_MODULE", "HUITOU_MODE"}))
def test_a_missing_setting_stops_the_start_with_its_name(tmp_path: Path, name: str) -> None:
    found = manage("check", home=tmp_path, without=name)
    if name == "HUITOU_HOSTS":  # Django answers no host at all, and says so
        found = manage("check", "--deploy", "--fail-level", "WARNING", home=tmp_path, without=name)
        name = "ALLOWED_HOSTS"
    assert found.returncode != 0
    assert name in found.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUITOU_DEBUG", "1"),
        ("HUITOU_SECRET_KEY", "short"),
        ("HUITOU_TWO_FACTOR", "maybe"),
        ("HUITOU_MODE", "production"),
    ],
)
def test_an_unsafe_or_misspelt_setting_stops_the_start(
    tmp_path: Path, name: str, value: str
) -> None:
    found = manage("check", home=tmp_path, **{name: value})
    assert found.returncode != 0
    assert name in found.stderr


def test_secrets_come_as_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret_key"
    secret.write_text(LONG + "\n")
    file = {"HUITOU_SECRET_KEY_FILE": str(secret)}
    found = manage("check", home=tmp_path, without="HUITOU_SECRET_KEY", **file)
    assert found.returncode == 0, found.stderr


def test_every_static_file_that_is_named_exists(tmp_path: Path) -> None:
    storage = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    with override_settings(
        STATIC_ROOT=tmp_path, STORAGES={"default": default, "staticfiles": storage}
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        assert staticfiles_storage.stored_name("bootstrap/css/bootstrap.min.css")
    assert list(tmp_path.rglob("*.css.gz"))
