"""A wake-up is sent after the commit, and never makes anybody wait."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from common import embedded, wakeup

TASK = "pipeline.tasks.run_chunk"


@pytest.fixture(autouse=True)
def fresh_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "_silent_until", 0.0)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    messages: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(wakeup, "_send", lambda name, ids: messages.append((name, ids)))
    return messages


@contextmanager
def broker(url: str) -> Iterator[None]:
    before = current_app.conf.broker_url
    current_app.conf.broker_url = url
    try:
        yield
    finally:
        current_app.conf.broker_url = before


def seconds_of_a_wake() -> float:
    started = time.monotonic()
    wakeup.wake(TASK, 1)
    return time.monotonic() - started


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_before_the_commit(sent: list[object]) -> None:
    with transaction.atomic():
        wakeup.wake(TASK, 7)
        assert sent == []
    assert sent == [(TASK, (7,))]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_after_a_rollback(sent: list[object]) -> None:
    with transaction.atomic():
        wakeup.wake(TASK, 7)
        transaction.set_rollback(True)
    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_refuses_costs_no_time_and_raises_nothing() -> None:
    with broker("redis+socket:///nowhere/valkey.sock"):
        assert seconds_of_a_wake() < 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_never_answers_costs_less_than_a_second_once() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with broker(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"):
            assert seconds_of_a_wake() < 1
            assert seconds_of_a_wake() < 0.1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    not settings.REDIS_URL.startswith("unix:"), reason="the broker is not ours to stop"
)
def test_a_stopped_broker_costs_less_than_a_second_once() -> None:
    pid = embedded.status(Path(settings.HUITOU_HOME)).valkey
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assert seconds_of_a_wake() < 1
        assert seconds_of_a_wake() < 0.1
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_answers_gets_the_message() -> None:
    queue = "huitou-test-wakeup"
    with current_app.connection_for_write() as connection:
        channel = connection.default_channel
        before = current_app.conf.task_default_queue
        current_app.conf.task_default_queue = queue
        current_app.amqp.queues = current_app.amqp.Queues({})
        try:
            wakeup.wake(TASK, 7)
        finally:
            current_app.conf.task_default_queue = before
            current_app.amqp.queues = current_app.amqp.Queues({})
        received = connection.SimpleQueue(queue).get(timeout=5)
        received.ack()
        assert received.payload[0] == [7]
        assert received.headers["task"] == TASK
        # Behind the periodic jobs, which have none.
        assert received.properties["priority"] == wakeup.PRIORITY
        channel.queue_delete(queue)
