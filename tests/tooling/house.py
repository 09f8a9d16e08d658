"""An installation of its own, for tests of what is done to a whole one."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from common import backups, embedded

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class House:
    """An installation of its own with a demo store, and one backup of it."""

    home: Path
    backup: Path

    @property
    def url(self) -> str:
        return embedded.ensure(self.home, durable=False).database_url

    def url_of(self, database: str) -> str:
        return f"{self.url.rpartition('/')[0]}/{database}"

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HUITOU_", "DJANGO_", "DATABASE_", "REDIS_"))
        }
        settings = {"DJANGO_SETTINGS_MODULE": "crm_project.settings"}
        return subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env={**kept, **settings, "HUITOU_HOME": str(self.home), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def manage(self, *words: str, **environment: str) -> None:
        done = self.run("manage.py", *words, **environment)
        assert done.returncode == 0, done.stdout + done.stderr

    def counts(self, database: str = "huitou") -> dict[str, int]:
        """Rows by table."""
        with psycopg2.connect(self.url_of(database)) as line, line.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            )
            found = {table: 0 for (table,) in cursor.fetchall()}
            for table in found:
                cursor.execute(f'SELECT count(*) FROM "{table}"')
                found[table] = cursor.fetchone()[0]
            return found

    def execute(self, sql: str, database: str = "huitou") -> None:
        line = psycopg2.connect(self.url_of(database))
        line.autocommit = True
        with line.cursor() as cursor:
            cursor.execute(sql)
        line.close()

    def connection(self, database: str = "huitou") -> BaseDatabaseWrapper:
        settings: Any = dj_database_url.parse(self.url_of(database))
        return ConnectionHandler({"default": settings})["default"]

    def restore(self, database: str, **options: Any) -> None:
        connection = self.connection(database)
        try:
            backups.restore(self.backup, backups.read(self.backup), connection, **options)
        finally:
            connection.close()
