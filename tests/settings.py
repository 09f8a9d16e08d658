"""The product's settings, with servers of the tests' own and a few brakes taken off."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("HUITOU_HOME", str(ROOT / ".huitou-test"))
# The developer's own switches must not decide what the tests see.
for name in ("HUITOU_MODE", "HUITOU_DEBUG", "HUITOU_TWO_FACTOR"):
    os.environ.pop(name, None)
if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    from common.embedded import ensure

    # Nothing here has to survive a power cut.
    ensure(Path(os.environ["HUITOU_HOME"]), durable=False)

from crm_project.settings import *  # noqa: E402, F403
from crm_project.settings import INSTALLED_APPS, MIDDLEWARE  # noqa: E402

# Tests hold texts by their msgid, in English; the translations have tests of their own.
LANGUAGE_CODE = "en"
# Argon2 is slow on purpose; hundreds of test users are not the place for it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A page that reads related rows one by one fails its test, with the line that did it (T44).
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
ZEAL_NPLUSONE_THRESHOLD = 3
# Browser tests speak to the database beside Playwright's event loop.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
