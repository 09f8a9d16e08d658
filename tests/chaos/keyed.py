"""People whose details are sealed, and what goes on beside a change of keys (run in processes).

Of the people by number: a third gets other phones from the source, a third is put right by hand,
a third is searched for and saved whole by somebody who read them before.
"""

import csv
import json
import random
import time
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.utils import timezone

from common.crypto import blind_index, digest
from customers.models import Correction, Customer
from customers.selectors import search
from customers.services import people
from exchange.importing.rejections import row_of
from exchange.models import ImportRejection
from stores.models import Staff
from stores.scope import all_stores

COLUMNS = "external_id store name phone address email wechat_id".split()
SEALED = ("phone", "address", "email", "wechat")
REJECTED = 40


def phone(number: int, turn: int = 0) -> str:
    """What the source says in its first file, and in its second one; by hand it is turn 2."""
    changes = turn == 2 or (turn == 1 and number % 3 == 0)
    return f"{13 + 2 * changes}7{(20_000_000 + number * 7919) % 10**8:08}"


def write_file(path: Path, count: int, turn: int = 0) -> None:
    """The source's customers; some rows at the end are rejected."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for n in range(count):
            details = [f"Quay {n}", f"kept{n}@example.com", f"wx_kept_{n}"]
            writer.writerow([f"K{n}", "B1", f"Person {n}", phone(n, turn), *details])
        for n in range(REJECTED):
            writer.writerow([f"R{n}", "NOWHERE", f"Person {n}", phone(n), "", "", ""])


def _by() -> Staff:
    return Staff.objects.get(code="B1-1")


def correct(numbers: list[int]) -> None:
    """Puts phones right by hand."""
    by = _by()
    with all_stores():
        for n in numbers:
            one = Customer.objects.get(external_id=f"K{n}")
            people.correct(one, {"phone": phone(n, 2)}, by=by, now=timezone.now())


def keep_writing(count: int, stop: Path, seed: int) -> None:
    """Corrects phones, and saves whole rows that were read some time ago; prints what it did."""
    dice = random.Random(seed)
    corrected, saved = [], 0
    rows = range(0, count, 3)
    with all_stores():
        while not stop.exists():
            read = [
                Customer.objects.get(external_id=f"K{n + 2}")
                for n in dice.sample(rows, 5)
                if n + 2 < count
            ]
            n = dice.choice(rows) + 1
            if n < count:
                correct([n])
                corrected.append(n)
            time.sleep(0.05)
            for one in read:
                one.save()
                saved += 1
    print(json.dumps({"corrected": corrected, "saved": saved}))  # noqa: T201


def keep_searching(count: int, stop: Path, seed: int) -> None:
    """Searches for people whose number stays; prints how often one was not found."""
    dice = random.Random(seed)
    searches = missed = 0
    with all_stores():
        while not stop.exists():
            n = dice.choice(range(2, count, 3))
            for words in (phone(n), phone(n)[-4:]):
                found = search(words).values_list("external_id", flat=True)
                searches, missed = searches + 1, missed + (f"K{n}" not in set(found))
    print(json.dumps({"searches": searches, "missed": missed}))  # noqa: T201


def judge(corrected: list[int]) -> None:
    """Prints what of all that is sealed does not open, is wrong, or would not be found."""
    unreadable = wrong = unfound = rows = 0
    by_hand = set(corrected)
    with all_stores():
        for one in Customer.objects.filter(external_id__startswith="K").iterator():
            rows += 1
            n = int(one.external_id[1:])
            expected = phone(n, 2 if n in by_hand else 1)
            try:
                is_right = [one.phone, one.address, one.email, one.wechat_id] == [
                    expected,
                    f"Quay {n}",
                    f"kept{n}@example.com",
                    f"wx_kept_{n}",
                ]
            except InvalidTag:
                unreadable += 1
                continue
            wrong += not is_right
            unfound += bytes(one.phone_index) != blind_index("phone", expected)
            unfound += bytes(one.phone_last4_index) != blind_index("phone last4", expected[-4:], 4)
        for rejection in ImportRejection.objects.all():
            try:
                row_of(rejection)
            except InvalidTag:
                unreadable += 1
        # A correction whose source's value is not known any more would be taken back by a file.
        for one in Correction.objects.filter(column="phone").iterator():
            number = Customer.objects.values_list("external_id", flat=True).get(pk=one.row_id)
            wrong += one.replaced != digest([phone(int(number[1:]))]).hex()
    print(  # noqa: T201
        json.dumps({"rows": rows, "unreadable": unreadable, "wrong": wrong, "unfound": unfound})
    )
