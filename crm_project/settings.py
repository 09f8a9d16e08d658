"""Settings of the whole: embedded (demo, development, tests, one store) or served (production).

Embedded is the default and starts its own PostgreSQL and Valkey under `.huitou/`; `DATABASE_URL`
and `REDIS_URL` take precedence. `HUITOU_MODE=served` switches the production guards on.
"""

import os
import secrets
from pathlib import Path

import bootstrap
import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from common import logs
from crm_project import env, mail
from crm_project.translations import compile_all

BASE_DIR = Path(__file__).resolve().parent.parent
HUITOU_HOME = Path(env.text("HUITOU_HOME", str(BASE_DIR / ".huitou")))
MODE = env.text("HUITOU_MODE", "embedded")
if MODE not in {"embedded", "served"}:
    raise ImproperlyConfigured("HUITOU_MODE must be embedded or served")
SERVED = MODE == "served"
DEBUG = env.flag("HUITOU_DEBUG", False)
if SERVED and DEBUG:
    raise ImproperlyConfigured("HUITOU_DEBUG is not allowed when served")


def _local_secret(name: str) -> str:
    """A secret kept under HUITOU_HOME, made on first use (embedded only)."""
    path = HUITOU_HOME / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Two processes may start at once: the first link wins, both read the same file.
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        draft.chmod(0o600)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _secret(name: str) -> str:
    value = env.text(name) if SERVED else env.text(name, "") or _local_secret(name.lower())
    if len(value) < 40:
        raise ImproperlyConfigured(f"{name} must have at least 40 characters")
    return value


def _former(name: str) -> list[str]:
    """Keys of before; embedded, one lies as a file beside the present one."""
    path = HUITOU_HOME / "secrets" / f"{name.lower()}_former"
    is_there = not SERVED and path.exists()
    return env.words(f"{name}_FORMER", path.read_text(encoding="ascii") if is_there else "")


SECRET_KEY = _secret("HUITOU_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("HUITOU_SECRET_KEY_FALLBACKS")
# Field encryption and blind indexes have keys of their own: rotating sessions must not touch them.
FIELD_KEY = _secret("HUITOU_FIELD_KEY")
INDEX_KEY = _secret("HUITOU_INDEX_KEY")
# Served, only the process that makes backups has it: what is stolen from web opens none.
BACKUP_KEY = env.text("HUITOU_BACKUP_KEY", "") if SERVED else _secret("HUITOU_BACKUP_KEY")
if BACKUP_KEY and len(BACKUP_KEY) < 40:
    raise ImproperlyConfigured("HUITOU_BACKUP_KEY must have at least 40 characters")
# How many daily, weekly and monthly backups stay.
BACKUP_KEEP = env.numbers("HUITOU_BACKUP_KEEP", "7,4,12", count=3)
# While `manage.py rotate_keys` goes on: they still open and find, but seal nothing any more.
FIELD_KEYS_FORMER = _former("HUITOU_FIELD_KEY")
INDEX_KEYS_FORMER = _former("HUITOU_INDEX_KEY")
ALLOWED_HOSTS = env.words("HUITOU_HOSTS", "" if SERVED else "localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.words("HUITOU_ORIGINS")

_database_url = env.text("DATABASE_URL", "")
REDIS_URL = env.text("REDIS_URL", "")
if not (_database_url and REDIS_URL):
    if SERVED:
        raise ImproperlyConfigured("DATABASE_URL and REDIS_URL must be set when served")
    if env.flag("HUITOU_NO_START"):
        # Type checking and schema comparison read the settings without a server.
        _database_url, REDIS_URL = "postgres://huitou@localhost/huitou", "redis://localhost/0"
    else:
        from common.embedded import ensure

        _services = ensure(HUITOU_HOME, postgres=not _database_url, valkey=not REDIS_URL)
        _database_url = _database_url or _services.database_url
        REDIS_URL = REDIS_URL or _services.redis_url
_database = dj_database_url.parse(_database_url, conn_max_age=300, conn_health_checks=True)
DATABASES = {
    "default": {
        **_database,
        # R13: a server that does not even refuse is as good as away.
        "OPTIONS": {"connect_timeout": 5, **_database.get("OPTIONS", {})},
        "TEST": {"NAME": "test_huitou" + env.text("HUITOU_TEST_SUFFIX", "")},
    }
}

INSTALLED_APPS = [
    "crm_project.apps.CrmProjectConfig",
    "dashboards",
    "exchange",
    "pipeline",
    "winback",
    "campaigns",
    "alerts",
    "lifecycle",
    "customers",
    "messaging",
    "stores",
    "common",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm_project.requests.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "stores.middleware.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crm_project.urls"
WSGI_APPLICATION = "crm_project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboards.context.frame",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

AUTH_USER_MODEL = "stores.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["stores.hashers.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "stores.passwords.LengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "code")},
    },
    {"NAME": "stores.passwords.TradeWordsValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
# R30: three keys; a lock lasts 15 minutes and never longer, so nobody can shut a colleague out.
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address", ["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
# Not reset by a success: whoever has an account could clear the count of a colleague's each time.
AXES_RESET_ON_SUCCESS = False
AXES_DISABLE_ACCESS_LOG = True  # the audit log has who signed in
AXES_CLIENT_IP_CALLABLE = "stores.access.client_ip"
# Addresses of our own proxies; X-Forwarded-For counts only when one of them adds it.
TRUSTED_PROXIES = env.words("HUITOU_TRUSTED_PROXIES")
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "stores.views.sign_in.locked"
AXES_ENABLE_ADMIN = False
TWO_FACTOR_REQUIRED = env.flag("HUITOU_TWO_FACTOR", SERVED)
OTP_TOTP_ISSUER = "Huitou"

# R28: cookies by the mode; an advisor's screen stays signed in for a working day, never longer.
SESSION_COOKIE_NAME = "__Host-huitou" if SERVED else "huitou"
CSRF_COOKIE_NAME = "__Host-huitou-csrf" if SERVED else "huitou-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
# Or earlier, when nobody uses it.
SESSION_ENGINE = "stores.sessions"
SESSION_IDLE_HOURS = env.number("HUITOU_IDLE_HOURS", 8)
if SESSION_IDLE_HOURS < 1:
    raise ImproperlyConfigured("HUITOU_IDLE_HOURS must be at least 1")
LANGUAGE_COOKIE_SECURE = SERVED
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SERVED and env.flag("HUITOU_SSL_REDIRECT", True)
# The image's own health check asks without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVED else None
SECURE_HSTS_SECONDS = 31_536_000 if SERVED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVED
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
IMPORT_MAX_ROWS = env.number("HUITOU_IMPORT_MAX_ROWS", 2_000_000)
# Rows a transaction: smaller ones hold locks for a shorter time, larger ones cost less in all.
IMPORT_CHUNK_ROWS = env.number("HUITOU_IMPORT_CHUNK_ROWS", 50_000)
UPLOAD_MAX_BYTES = env.number("HUITOU_UPLOAD_MAX_MB", 200) * 1024 * 1024
# R45: a disk that fills up refuses files while the database still has so much room.
UPLOAD_RESERVE_BYTES = env.number("HUITOU_UPLOAD_RESERVE_MB", 1024) * 1024 * 1024

EMAIL_URL, DEFAULT_FROM_EMAIL, _mail = mail.configured(HUITOU_HOME, served=SERVED)
globals().update(_mail)
# Where links in mails lead.
_site = f"https://{ALLOWED_HOSTS[0]}" if SERVED and ALLOWED_HOSTS else "http://localhost:8000"
SITE_URL = (env.text("HUITOU_ADDRESS", "") or _site).rstrip("/")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# Before anything can ask for a text: a catalogue that was read without its file stays empty.
compile_all(LOCALE_PATHS[0])
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# The package `bootstrap` has no __file__, and its files lie beside it instead of under static/.
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", next(iter(bootstrap.__path__)))]
# Embedded serves the files where they lie; the image build collects, compresses and hashes them.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not SERVED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if SERVED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}

# Embedded, a terminal is for what somebody has to know; served, somebody collects the lines.
LOG_LEVEL = env.text("HUITOU_LOG_LEVEL", "INFO" if SERVED else "WARNING")
LOGGING = logs.config(served=SERVED, level=LOG_LEVEL, is_open=DEBUG)
# Prometheus asks /metrics with it; without it there is no such page.
METRICS_TOKEN = env.text("HUITOU_METRICS_TOKEN", "")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("HUITOU_METRICS_TOKEN must have at least 20 characters")
