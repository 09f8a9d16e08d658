"""An import in a process of its own, to weigh its memory."""

import json
import os
import resource
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
django.setup()

from bench import database  # noqa: E402
from stores.scope import all_stores  # noqa: E402


def peak_mb() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def load(path: str) -> dict[str, float]:
    """Imports a file of visits."""
    from exchange.importing.load import load_file

    before = peak_mb()
    record = load_file(path, "visits")
    return {"before_mb": before, "peak_mb": peak_mb(), "created": record.created}


if __name__ == "__main__":
    name, path = sys.argv[1:]
    database.connect(name)
    with all_stores():
        print(json.dumps(load(path)))
