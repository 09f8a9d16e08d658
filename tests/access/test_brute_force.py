"""T30: guessing passwords is checked at most ten times in a quarter of an hour for each key."""

import contextlib
import datetime
import threading

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.hashers import Argon2PasswordHasher, MD5PasswordHasher, make_password
from django.db import connections
from django.test import Client

from stores.hashers import Argon2
from stores.models import Staff
from stores.services import sign_in as service
from tests.figures import say, size

pytestmark = pytest.mark.proof
WRONG = "not the password"
NOON = datetime.datetime(2026, 6, 15, 4, 0, tzinfo=datetime.UTC)
QUARTER = datetime.timedelta(minutes=15)
MOST = 10
AT_ONCE = 16
# By attack: the name and the address of attempt n.
ATTACKS = {
    "1 user, 200 addresses": lambda n: ("ben", f"10.0.0.{n % 200}"),
    "1 user, 1 address": lambda n: ("ben", "10.0.0.1"),
    "200 users, 1 address": lambda n: (f"guess{n % 200}", "10.0.0.1"),
    "1 unknown user, 200 addresses": lambda n: ("nobody", f"10.0.0.{n % 200}"),
}


def _attack(sign_in, attack: str, count: int) -> int:
    """How often a wrong password was answered with the form instead of the page to wait."""
    forms = 0
    for number in range(count):
        name, address = ATTACKS[attack](number)
        forms += sign_in(Client(REMOTE_ADDR=address), name, WRONG).status_code == 200
    return forms


def _worst_quarter(moments: list[datetime.datetime]) -> int:
    return max(
        (sum(one <= other < one + QUARTER for other in moments) for one in moments), default=0
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_wrong_passwords_are_checked_ten_times_at_most(
    attack, ben, with_password, sign_in, hashings
):
    with_password(ben)
    hashings.clear()
    count = size(60, 1000)
    _attack(sign_in, attack, count)
    assert 0 < len(hashings) <= MOST
    say("T30", what=attack, wrong=count, checks=len(hashings))


@pytest.mark.parametrize("attack", ["1 user, 200 addresses", "200 users, 1 address"])
def test_patience_buys_no_more_than_ten_checks_a_quarter_of_an_hour(
    attack, ben, with_password, sign_in, hashings
):
    with_password(ben)
    hashings.clear()
    seconds, hours = size(60, 15), size(1, 3)
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(hours * 3600 // seconds):
            name, address = ATTACKS[attack](number)
            sign_in(Client(REMOTE_ADDR=address), name, WRONG)
            clock.shift(seconds)
    assert _worst_quarter(hashings) <= MOST
    say("T30", what=f"{attack}, for hours", hours=hours, wrong=hours * 3600 // seconds,
        checks=len(hashings), in_the_worst_quarter=_worst_quarter(hashings))  # fmt: skip


def test_control_without_the_lockout_every_wrong_password_is_checked(
    ben, with_password, sign_in, hashings, settings
):
    settings.AXES_ENABLED = False
    with_password(ben)
    hashings.clear()
    _attack(sign_in, "1 user, 200 addresses", 30)
    assert len(hashings) == 30
    say("T30", control=True, what="without the lock-out", wrong=30, checks=len(hashings))


def _at_once(sign_in, monkeypatch, *, wait: float) -> int:
    """So many wrong passwords for one name in the same moment; how many were checked.

    Each check waits for the others, as long as there may be others.
    """
    together, checks = threading.Barrier(AT_ONCE), []
    real = MD5PasswordHasher.encode

    def slow(self, *args):
        checks.append(args)
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(wait)
        return real(self, *args)

    def attempt(number: int) -> None:
        sign_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), "nobody", WRONG)
        connections.close_all()

    monkeypatch.setattr(MD5PasswordHasher, "encode", slow)
    threads = [threading.Thread(target=attempt, args=(n,)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(checks)


@pytest.mark.django_db(transaction=True)
def test_attempts_at_once_are_checked_ten_times_at_most(sign_in, monkeypatch):
    checks = _at_once(sign_in, monkeypatch, wait=0.05)
    assert 0 < checks <= MOST
    say("T30", what="at once, 1 user", wrong=AT_ONCE, checks=checks)


@pytest.mark.django_db(transaction=True)
def test_control_out_of_turn_all_attempts_at_once_are_checked(sign_in, monkeypatch):
    monkeypatch.setattr(service, "_LOCK", "SELECT %(space)s, %(key)s")
    checks = _at_once(sign_in, monkeypatch, wait=30)
    assert checks == AT_ONCE
    say("T30", control=True, what="at once, out of turn", wrong=AT_ONCE, checks=checks)


@pytest.fixture
def argon2(monkeypatch, settings):
    """How often Argon2 ran, which is what a sign-in's time is made of."""
    settings.PASSWORD_HASHERS = ["stores.hashers.Argon2"]
    counted = []
    for name in ["encode", "verify"]:
        real = getattr(Argon2, name)

        def count(self, *args, real=real):
            counted.append(real)
            return real(self, *args)

        monkeypatch.setattr(Argon2, name, count)
    return counted


def test_unknown_disabled_and_uninvited_people_cost_as_much_time(ada, ben, cleo, sign_in, argon2):
    hashed = make_password("seven lanterns at noon")
    Staff.objects.filter(pk__in=[ada.pk, ben.pk]).update(password=hashed)
    Staff.objects.filter(pk=ada.pk).update(is_active=False)
    cost = {}
    for name in ["ben", "ada", "cleo", "xxx"]:
        argon2.clear()
        sign_in(Client(), name, WRONG)
        cost[name] = len(argon2)
    assert cost == {"ben": 1, "ada": 1, "cleo": 1, "xxx": 1}
    say("T30", what="password hashes for a known, disabled, uninvited, unknown name", hashes=1)


def test_colleague_waits_a_quarter_of_an_hour_at_most(ada, ben, with_password, sign_in):
    """The attack comes from the store's own address, for Ben's name, until the last second."""
    for staff in (ada, ben):
        with_password(staff)
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(60):
            sign_in(Client(), "ben", WRONG)
            clock.shift(10)
        locked = [sign_in(Client(), name).status_code for name in ("ada", "ben")]
        clock.shift(QUARTER)
        free = [sign_in(Client(), name).status_code for name in ("ada", "ben")]
    assert (locked, free) == ([429, 429], [302, 302])
    say("T30", what="locked out with the attacker's address", minutes_at_most=15)


def test_forged_forwarded_address_does_not_count(ben, with_password, sign_in):
    with_password(ben)
    for number in range(8):
        answer = sign_in(Client(), f"guess{number}", WRONG, HTTP_X_FORWARDED_FOR=f"1.2.3.{number}")
    assert answer.status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}
    say("T30", what="forged forwarded addresses", forged=8, counted_as=1)


def test_control_were_forged_addresses_believed_nobody_would_be_stopped(db, sign_in, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    names = [(f"guess{number}", f"1.2.3.{number}") for number in range(30)]
    statuses = [
        sign_in(Client(), name, WRONG, HTTP_X_FORWARDED_FOR=forged).status_code
        for name, forged in names
    ]
    assert statuses == [200] * 30
    say("T30", control=True, what="anybody trusted as a proxy", wrong=30, checks=30)


def test_forwarded_address_of_our_own_proxy_counts(ben, with_password, sign_in, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    sign_in(Client(), "ben", WRONG, HTTP_X_FORWARDED_FOR="9.9.9.9, 10.1.1.1")
    assert AccessAttempt.objects.get().ip_address == "10.1.1.1"


def test_own_sign_in_does_not_clear_the_count_of_a_colleague(ada, ben, with_password, sign_in):
    with_password(ben)
    with_password(ada)
    for _ in range(7):
        sign_in(Client(), "ben", WRONG)
    sign_in(Client(), "ada")
    assert sign_in(Client(REMOTE_ADDR="10.0.0.7"), "ben", WRONG).status_code == 429


def test_a_password_kept_at_another_cost_is_kept_anew_at_the_next_sign_in(
    client, ben, settings
) -> None:
    settings.PASSWORD_HASHERS = ["stores.hashers.Argon2"]
    Staff.objects.filter(pk=ben.pk).update(
        password=Argon2PasswordHasher().encode("seven lanterns at noon", "salt of sixteen or more")
    )
    answer = client.post("/login/", {"username": "ben", "password": "seven lanterns at noon"})
    assert answer.status_code == 302
    ben.refresh_from_db()
    assert ben.password.startswith("argon2$argon2id$v=19$m=47104,t=1,p=1$")
