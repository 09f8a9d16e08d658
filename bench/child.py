"""What the bench runs in processes of its own: workers of a day, and a load to weigh its memory."""

import json
import os
import resource
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")
django.setup()

from bench import database  # noqa: E402
from pipeline.models import JobChunk  # noqa: E402
from pipeline.services import chunks  # noqa: E402
from stores.scope import all_stores  # noqa: E402


def peak_mb() -> float:
    """The most memory this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def day(run_id: int) -> dict[str, float]:
    """Runs chunks of the run until none is free."""
    waiting = JobChunk.objects.filter(run_id=run_id).order_by("id")
    list(waiting)
    print("ready", flush=True)
    sys.stdin.readline()
    done, memory = 0, []
    for chunk in waiting:
        if chunks.run_next(f"bench {os.getpid()}", chunk.pk):
            done += 1
            memory.append(peak_mb())
    first, last = (memory[0], memory[-1]) if memory else (0, 0)
    return {"chunks": done, "first_mb": first, "last_mb": last}


def load(path: str) -> dict[str, float]:
    """Imports a file of visits."""
    from exchange.importing.load import load_file

    before = peak_mb()
    record = load_file(path, "visits")
    return {"before_mb": before, "peak_mb": peak_mb(), "created": record.created}


if __name__ == "__main__":
    work, name, argument = sys.argv[1:]
    database.connect(name)
    with all_stores():
        print(json.dumps(day(int(argument)) if work == "day" else load(argument)))
