"""HUITOU_EMAIL_URL as Django's settings."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from crm_project.mail import settings_of


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, None, None),
        ("smtp+tls://mail.example", 587, True, None),
        ("smtps://mail.example", 465, None, True),
        ("smtps://mail.example:2465", 2465, None, True),
    ],
)
def test_the_scheme_says_how_the_line_is_encrypted(
    url: str, port: int, tls: bool | None, ssl: bool | None
) -> None:
    found = settings_of(url)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", port)
    assert (found.get("EMAIL_USE_TLS"), found.get("EMAIL_USE_SSL")) == (tls, ssl)
    assert found["EMAIL_TIMEOUT"] == 20


def test_name_and_password_are_unquoted() -> None:
    found = settings_of("smtps://huitou%40example.com:p%2Fw%3A1@mail.example")
    assert found["EMAIL_HOST_USER"] == "huitou@example.com"
    assert found["EMAIL_HOST_PASSWORD"] == "p/w:1"


def test_mails_can_be_files_or_lines_of_the_terminal() -> None:
    assert settings_of("file:///var/mail%20box")["EMAIL_FILE_PATH"] == "/var/mail box"
    assert settings_of("console:")["EMAIL_BACKEND"].endswith("console.EmailBackend")


@pytest.mark.parametrize(
    "url", ["mail.example", "http://a:secret@b", "smtp://", "file:", "smtps://a:secret@b:x"]
)
def test_anything_else_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(url)
    assert "HUITOU_EMAIL_URL" in str(refused.value)
    assert "secret" not in str(refused.value)
