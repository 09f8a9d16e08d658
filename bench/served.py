"""Production's settings, with the static files where the bench collects them."""

import os
from pathlib import Path

from crm_project.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCH_STATIC"])
