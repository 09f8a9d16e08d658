"""Links that lead nowhere look alike, guessing them is slowed down, looking uses none up (T26)."""

import datetime
import itertools
import random
import secrets
import string

import pytest
import time_machine
from django.test import Client

from common.exceptions import NotFound
from stores.choices import LinkPurpose
from stores.models import AccessLink, LinkMiss, Staff
from stores.services import guesses, links
from tests import factories
from tests.figures import say, size

pytestmark = pytest.mark.proof
SIGNS = string.ascii_letters + string.digits + "-_"
SCANNERS = ["Mozilla/5.0", "Microsoft-URL-Preview/1.0", "MicroMessenger Client"]
SEED = 26


@pytest.fixture
def token(ben, dora) -> str:
    return links.make(staff=ben, purpose=LinkPurpose.INVITE, by=dora)


@pytest.fixture
def opened():
    """Opens an address from another place each time: the throttle has tests of its own."""
    numbers = itertools.count()

    def get(address: str):
        number = next(numbers)
        place = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        return Client(REMOTE_ADDR=place).get(address)

    return get


def _changed(token: str) -> list[str]:
    """The token with each single character changed, with one lost, with one more."""
    places = range(len(token))
    signs = size(random.Random(SEED).sample(SIGNS, 4), list(SIGNS))
    changed = [
        token[:n] + sign + token[n + 1 :] for n in places for sign in signs if sign != token[n]
    ]
    shorter = [token[:n] + token[n + 1 :] for n in places]
    return [*changed, *shorter, f"{token}A", f"A{token}", token.swapcase()]


def _stale(ben: Staff, dora: Staff, eve: Staff, token: str) -> list[str]:
    """Addresses with a token that was good once, or is good for something or somebody else."""
    uncle, gone = factories.StaffFactory.create_batch(2, group=ben.group)
    used = links.make(staff=uncle, purpose=LinkPurpose.RESET, by=dora)
    link = links.find(digest=links.digest_of(used), purpose=LinkPurpose.RESET)
    links.spend(link=link, password="eleven kites over water")
    revoked = links.make(staff=eve, purpose=LinkPurpose.RESET, by=eve)
    theirs = links.make(staff=eve, purpose=LinkPurpose.RESET, by=eve)
    disabled = links.make(staff=gone, purpose=LinkPurpose.INVITE, by=dora)
    Staff.objects.filter(pk=gone.pk).update(is_active=False)
    return [
        f"/new-password/{token}/",
        f"/new-password/{used}/",
        f"/new-password/{revoked}/",
        f"/welcome/{disabled}/",
        f"/welcome/{theirs}/",
        f"/welcome/{links.digest_of(token).hex()}/",
    ]


def test_every_link_that_leads_nowhere_gives_the_same_page(ben, dora, eve, token, opened):
    changed = _changed(token)
    pages = [opened(f"/welcome/{guess}/") for guess in ["0" * 22, *changed]]
    pages += [opened(address) for address in _stale(ben, dora, eve, token)]
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + links.LASTS, tick=False):
        pages.append(opened(f"/welcome/{token}/"))
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert opened(f"/welcome/{token}/").status_code == 302
    facts = {"seed": SEED, "changed": len(changed), "links": len(pages), "hits": 0, "bodies": 1}
    say("T26", what="changed, used, revoked, expired, others'", **facts)


def test_control_link_looked_for_by_its_digest_alone_opens_when_it_must_not(
    ben, dora, eve, token, opened, monkeypatch
):
    def careless(*, digest: bytes, purpose: str) -> AccessLink:
        link = AccessLink.objects.filter(token_digest=digest).first()
        if link is None:
            raise NotFound("link", "no such link")
        return link

    addresses = _stale(ben, dora, eve, token)
    monkeypatch.setattr(links, "find", careless)
    hits = [opened(address).status_code for address in addresses].count(302)
    assert hits == 4
    say("T26", control=True, what="looked for by the digest alone", links=6, hits=hits)


def test_administrator_of_another_group_makes_no_link_for_ben(ben, eve, client):
    client.force_login(eve)
    for act in ["invite", "reset-password"]:
        assert client.post(f"/staff/{ben.pk}/{act}/").status_code == 404
    assert not AccessLink.objects.exists()


def _guess(count: int, right: str) -> dict[str, int]:
    """So many guesses from one address, the right one at their end."""
    browser = Client(REMOTE_ADDR="10.1.2.3")
    made = [*(secrets.token_urlsafe(16) for _ in range(count)), right]
    statuses = [browser.get(f"/welcome/{guess}/").status_code for guess in made]
    waits = statuses.count(429)
    return {"hits": statuses.count(302), "looked_up": len(made) - waits, "told_to_wait": waits}


def test_guesses_are_throttled_and_hit_nothing(token):
    count = size(500, 10_000)
    found = _guess(count, token)
    assert (found["hits"], found["looked_up"]) == (0, guesses.MOST)
    say("T26", what="guesses from one address", guesses=count, **found)


def test_control_without_the_throttle_every_guess_is_looked_up(token, monkeypatch):
    monkeypatch.setattr(guesses, "MOST", 10**9)
    found = _guess(100, token)
    assert (found["hits"], found["looked_up"]) == (1, 101)
    say("T26", control=True, what="guesses without the throttle", guesses=100, **found)


def test_page_says_to_wait_and_a_quarter_of_an_hour_later_the_link_opens(token):
    browser = Client(REMOTE_ADDR="10.1.2.3")
    with time_machine.travel(datetime.datetime.now(datetime.UTC), tick=False) as clock:
        for number in range(guesses.MOST):
            browser.get(f"/welcome/{number}/")
        page = browser.get(f"/welcome/{token}/")
        assert page.status_code == 429
        assert "15 minutes" in page.content.decode()
        # Somebody at another address is not kept waiting.
        assert Client(REMOTE_ADDR="10.1.2.4").get(f"/welcome/{token}/").status_code == 302
        clock.shift(guesses.WAIT)
        assert browser.get(f"/welcome/{token}/").status_code == 302
        browser.get("/welcome/another/")
        assert LinkMiss.objects.get().misses == 1


@pytest.mark.parametrize(
    ("proxies", "status"), [([], 429), (["127.0.0.1"], 302)], ids=["forged", "our own proxy's"]
)
def test_forwarded_address_counts_only_when_our_own_proxy_wrote_it(
    proxies, status, token, settings
):
    settings.TRUSTED_PROXIES = proxies
    for number in range(guesses.MOST):
        Client().get(f"/welcome/{number}/", headers={"X-Forwarded-For": f"9.9.9.{number}"})
    answer = Client().get(f"/welcome/{token}/", headers={"X-Forwarded-For": "9.9.8.1"})
    assert answer.status_code == status


def test_client_address_is_not_kept(token):
    Client(REMOTE_ADDR="10.1.2.3").get("/welcome/nothing/")
    kept = bytes(LinkMiss.objects.get().address_digest)
    assert (len(kept), b"10.1.2.3" in kept) == (16, False)


def test_scanner_that_opens_a_link_three_times_uses_nothing_up(ben, token):
    before = AccessLink.objects.values().get(), Staff.objects.values().get(pk=ben.pk)
    for agent in SCANNERS:
        for ask in ("get", "head"):
            browser = Client(headers={"User-Agent": agent})
            assert getattr(browser, ask)(f"/welcome/{token}/").status_code == 302
            assert browser.get("/set-password/").status_code == 200
    assert (AccessLink.objects.values().get(), Staff.objects.values().get(pk=ben.pk)) == before
    assert not LinkMiss.objects.exists()
    person = Client()
    person.get(f"/welcome/{token}/")
    good = {"password": "eleven kites over water", "again": "eleven kites over water"}
    assert person.post("/set-password/", good).headers["Location"] == "/login/"
    say("T26", what="scanners looked", looks=4 * len(SCANNERS), changed=0)
