"""Messages of a test's own, put into a rig's queues; what `notes.py` does with them is counted."""

from typing import Any

from celery import Celery

from common.embedded import broker_url
from tests.chaos.rig import Rig

TABLE = "CREATE TABLE chaos_note (id serial PRIMARY KEY, word text)"


class Sender:
    """Puts messages into a rig's queues; notes are told apart by their words."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.app = Celery("sender", broker=broker_url(rig.redis_url), set_as_current=False)
        rig.execute(TABLE)

    def send(self, task: str, *args: Any, queue: str = "celery", times: int = 1) -> None:
        with self.app.connection_for_write() as connection:
            for _ in range(times):
                self.app.send_task(task, args, queue=queue, connection=connection)

    def count(self, word: str) -> int:
        found = self.rig.value("SELECT count(*) FROM chaos_note WHERE word = %s", [word])
        return int(found)
