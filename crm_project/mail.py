"""Where mail goes: HUITOU_EMAIL_URL as Django's settings."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from crm_project import env

BACKENDS = "django.core.mail.backends"
# Scheme: port, and how the line is encrypted.
_SMTP: dict[str, tuple[int, dict[str, bool]]] = {
    "smtp": (25, {}),
    "smtp+tls": (587, {"EMAIL_USE_TLS": True}),
    "smtps": (465, {"EMAIL_USE_SSL": True}),
}


def configured(home: Path, *, served: bool) -> tuple[str, str, dict[str, Any]]:
    """The address of the mail server ("": nothing is mailed), the sender, and Django's settings.

    Served without an address nothing is mailed; embedded, mails lie as files in `home`/mail.
    Raises ImproperlyConfigured for an address without a sender, and as `settings_of`.
    """
    url = env.text("HUITOU_EMAIL_URL", "" if served else (home.resolve() / "mail").as_uri())
    sender = env.text("HUITOU_EMAIL_FROM", "" if served else "huitou@localhost")
    if url and not sender:
        raise ImproperlyConfigured("HUITOU_EMAIL_FROM must be set where mail is sent")
    return url, sender, settings_of(url) if url else {}


def settings_of(url: str) -> dict[str, Any]:
    """`smtps://name:password@host:465`, `smtp+tls://…`, `smtp://…`, `file:///folder`, `console:`.

    Raises ImproperlyConfigured, never quoting what may be a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured("HUITOU_EMAIL_URL has no valid port or host") from error
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{BACKENDS}.console.EmailBackend"}
    if parts.scheme == "file" and parts.path:
        folder = {"EMAIL_FILE_PATH": unquote(parts.path)}
        return {"EMAIL_BACKEND": f"{BACKENDS}.filebased.EmailBackend", **folder}
    if parts.scheme not in _SMTP or not parts.hostname:
        raise ImproperlyConfigured(
            "HUITOU_EMAIL_URL must be like smtps://name:password@host, smtp+tls://…, smtp://…, "
            "file:///folder or console:"
        )
    usual, encryption = _SMTP[parts.scheme]
    return {
        "EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or usual,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        # A server that stands still must not hold a worker.
        "EMAIL_TIMEOUT": 20,
        **encryption,
    }
