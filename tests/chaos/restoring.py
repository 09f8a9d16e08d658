"""What the restore drills share: a working store to lose, a fresh server, and a walk through it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from common import embedded
from tests.chaos.rig import AS_OF, Rig

PASSWORD = "drill-of-a-bad-day-42"  # noqa: S105 - of a made-up person
PREPARE = f"""
from stores.models import Staff
manager = Staff.objects.get(code="B1-0")
manager.username = "manager"
manager.set_password({PASSWORD!r})
manager.save()
"""
# Real pages: signs in with the restored password, and follows what the store's page shows.
WALK = f"""
import re
from django.test import Client
client = Client()
entered = client.post("/login/", {{"username": "manager", "password": {PASSWORD!r}}})
assert entered.status_code == 302, entered.status_code
for page in ("/today/", "/store/", "/team/", "/customers/", "/health/lists/"):
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
found = re.search(r'href="(/customers/\\d+/)', client.get("/customers/").content.decode())
assert client.get(found[1]).status_code == 200
assert client.get("/healthz").status_code == 200
print("walked")
"""


def fill(rig: Rig) -> None:
    """A day is computed, and somebody can sign in."""
    rig.manage("refresh", "--as-of", AS_OF)
    rig.python(PREPARE)


@dataclass(frozen=True)
class Server:
    """A server of its own, with the rig's keys and nothing else of it."""

    home: Path
    rig: Rig

    def start(self) -> None:
        embedded.ensure(self.home, durable=True)

    def url(self, database: str = "huitou") -> str:
        return f"{embedded.ensure(self.home).database_url.rpartition('/')[0]}/{database}"

    def environment(self, database: str = "huitou") -> dict[str, str]:
        redis_url = embedded.ensure(self.home).redis_url
        return {
            "HUITOU_HOME": str(self.home),
            "DATABASE_URL": self.url(database),
            "REDIS_URL": redis_url,
        }


@contextmanager
def fresh(rig: Rig) -> Iterator[Server]:
    # A short path: sockets lie below it.
    home = Path(tempfile.mkdtemp(prefix="huitou-"))
    try:
        shutil.copytree(rig.home / "secrets", home / "secrets")
        yield Server(home, rig)
    finally:
        embedded.stop(home)
        shutil.rmtree(home, ignore_errors=True)


def counts(url: str) -> dict[str, int]:
    """Rows by table."""
    with closing(psycopg2.connect(url)) as line, line.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        found = {table: 0 for (table,) in cursor.fetchall()}
        for table in found:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
        return found
