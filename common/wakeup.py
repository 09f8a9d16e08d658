"""The only place that speaks to the broker: "look now" after a commit, and never more (R1, R2).

A wake-up may be lost, repeated or late without harm, because the row it points to stays and the
sweeper finds it. So nothing here waits for a broker that does not answer.
"""

import logging
import time
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

ANSWER_SECONDS = 0.3
# A broker that was silent is left alone for so long: one slow request a while, not each.
PAUSE_SECONDS = 20.0
TRANSPORT = {
    "socket_timeout": ANSWER_SECONDS,
    "socket_connect_timeout": ANSWER_SECONDS,
    "max_retries": 0,
}
# Of Redis' priorities 0 goes first: the periodic jobs overtake what was woken here, or a queue full
# of chunks would keep the sweeper away.
PRIORITY = 6

_silent_until = 0.0


def wake(task_name: str, *ids: int) -> None:
    """Have a worker run the task with these ids once the transaction is committed, if one listens.

    Takes well under a second, also when the broker is down; raises nothing.
    """
    transaction.on_commit(partial(_send, task_name, ids), robust=True)


def _send(task_name: str, ids: tuple[int, ...]) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        with current_app.connection_for_write(transport_options=TRANSPORT) as connection:
            current_app.send_task(
                task_name, ids, connection=connection, retry=False, priority=PRIORITY
            )
    except (OperationalError, RedisError, OSError) as error:
        _silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("No wake-up for %s (%s); the sweeper will find it.", task_name, error)
