"""Everything a database holds, as text to look through."""

import re
import subprocess

import psycopg2

from common import postgres_programs
from tests.chaos.rig import Rig

BYTES = re.compile(r"\\\\x([0-9a-f]{2,})")


def dump(rig: Rig) -> str:
    """What pg_dump says of all tables."""
    with psycopg2.connect(rig.database_url) as connection:
        major = connection.server_version // 10_000
    connection.close()
    words = [postgres_programs.find(major) / "pg_dump", "--data-only", "--dbname", rig.database_url]
    done = subprocess.run(words, capture_output=True, check=True)
    return done.stdout.decode()


def plain_text(dumped: str) -> str:
    """The dump and, below it, what its bytes say where they say something."""
    found = {bytes.fromhex(match).decode("utf-8", "replace") for match in BYTES.findall(dumped)}
    return "\n".join([dumped, *found])
