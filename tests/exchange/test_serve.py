"""`manage.py serve`: what it starts, and what it says when it cannot."""

import os
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from exchange.management.commands import serve


def test_web_worker_and_one_beat_are_started() -> None:
    programs = serve.programs("127.0.0.1", 8100, Path("/home/of/huitou"))
    assert [program.name for program in programs] == ["web", "worker", "beat"]
    web, worker, beat = (" ".join(program.argv) for program in programs)
    assert "127.0.0.1:8100" in web
    assert "--concurrency 2" in worker
    assert "/home/of/huitou/beat-schedule" in beat


def test_it_listens_on_the_loopback_unless_told_otherwise() -> None:
    parser = serve.Command().create_parser("manage.py", "serve")
    assert parser.parse_args([]).host == "127.0.0.1"


def test_a_taken_port_is_told_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"--port {port + 100}"):
            call_command("serve", port=port)


def test_the_start_of_a_process_is_comparable() -> None:
    assert 0 < serve._started_at(1) <= serve._started_at(os.getpid())
