"""The weekly mail through Django's own SMTP to a server that answers, refuses and hangs up."""

import socketserver
import threading
from collections.abc import Iterator

import pytest

from crm_project.mail import settings_of
from dashboards.choices import MailState
from dashboards.models import WeeklyMail
from dashboards.services import weekly
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.dashboards.mailed import MORNING

pytestmark = pytest.mark.django_db


class Talk(socketserver.StreamRequestHandler):
    """One conversation; `server.answers` replaces the usual answer to a word, "" hangs up."""

    server: "Post"

    def handle(self) -> None:
        answers = self.server.answers
        self.say("greeting", "220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "QUIT":
                self.say(word, "221 bye")
                return
            if not self.say(word, "354 go on" if word == "DATA" else "250 fine"):
                return
            if word == "DATA" and "DATA" not in answers and not self.take():
                return

    def take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.taken.append(b"".join(lines))
        return self.say("end", "250 taken")

    def say(self, word: str, usual: str) -> bool:
        answer = self.server.answers.get(word, usual)
        if not answer:
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return True


class Post(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.answers: dict[str, str] = {}
        self.taken: list[bytes] = []


@pytest.fixture
def post(settings) -> Iterator[Post]:
    with Post() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        settings.EMAIL_URL = f"smtp://127.0.0.1:{server.server_address[1]}"
        for name, value in settings_of(settings.EMAIL_URL).items():
            setattr(settings, name, value)
        settings.EMAIL_TIMEOUT = 5
        yield server
        server.shutdown()
        thread.join(10)


def test_it_arrives_as_text_and_html(north_counted: Store, ada: Staff, post: Post) -> None:
    with all_stores():
        assert weekly.send_weekly(MORNING) == 1
    (taken,) = post.taken
    assert b"To: ada@example.com" in taken
    assert b"Auto-Submitted: auto-generated" in taken
    assert b"text/plain" in taken
    assert b"text/html" in taken
    assert WeeklyMail.objects.get().state == MailState.SENT


@pytest.mark.parametrize(
    ("answers", "state", "taken"),
    [
        ({"greeting": "421 busy"}, MailState.WAITING, 0),
        ({"MAIL": "451 later"}, MailState.WAITING, 0),
        ({"RCPT": "550 nobody"}, MailState.FAILED, 0),
        ({"RCPT": "450 full"}, MailState.WAITING, 0),
        ({"DATA": "554 no"}, MailState.FAILED, 0),
        ({"end": "451 later"}, MailState.WAITING, 1),
        ({"end": ""}, MailState.UNSURE, 1),
        ({"QUIT": "500 what"}, MailState.SENT, 1),
        ({"QUIT": ""}, MailState.SENT, 1),
    ],
    ids=["busy", "later", "nobody", "full", "no", "not now", "hangs up", "rude", "no goodbye"],
)
def test_what_the_server_says_decides(
    answers: dict[str, str],
    state: str,
    taken: int,
    north_counted: Store,
    post: Post,
) -> None:
    post.answers = answers
    with all_stores():
        weekly.send_weekly(MORNING)
    assert (WeeklyMail.objects.get().state, len(post.taken)) == (state, taken)


def test_nobody_at_the_address_is_tried_again(north_counted: Store, post: Post, settings) -> None:
    settings.EMAIL_PORT = 1
    with all_stores():
        assert weekly.send_weekly(MORNING) == 0
    assert WeeklyMail.objects.get().state == MailState.WAITING
