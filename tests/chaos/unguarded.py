"""Settings of a web server that does what is forbidden, for the controls (`harm.py`)."""

from crm_project.settings import *  # noqa: F403
from crm_project.settings import MIDDLEWARE

MIDDLEWARE = ["tests.chaos.harm.Harm", *MIDDLEWARE]
