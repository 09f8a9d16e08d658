"""Made-up people whose details no log, message or error may hold, however written (T36)."""

import base64
import binascii
import csv
import re
from pathlib import Path
from urllib.parse import unquote

import redis

MARKS = re.compile(
    r"金丝雀|188770\d{5}|LCANARY\d{10}|沪K\d{5}|canary\d+@|wx-canary-\d+|Jinsique", re.I
)
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
HEX = re.compile(r"(?:[0-9a-fA-F]{2}){6,}")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def name(number: int) -> str:
    return f"金丝雀{chr(0x4E00 + number)}" if number % 2 else f"Jinsique {number}"


def phone(number: int) -> str:
    return f"188770{number:05}"


def vin(number: int) -> str:
    return f"LCANARY{number:010}"


def plate(number: int) -> str:
    return f"沪K{number:05}"


def write_files(folder: Path, count: int) -> tuple[Path, Path]:
    """Customers and cars of store B1; every tenth row is rejected."""
    people, cars = folder / "customers.csv", folder / "vehicles.csv"
    with people.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("external_id store name phone email wechat_id address gender".split())
        for n in range(count):
            details = [f"canary{n}@example.net", f"wx-canary-{n}", f"金丝雀路{n}号"]
            gender = "other" if n % 10 == 0 else "female"
            writer.writerow([f"N{n}", "B1", name(n), phone(n), *details, gender])
    with cars.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("vin customer store plate brand model powertrain delivered_on".split())
        for n in range(count):
            on = phone(n) if n % 10 == 5 else "2024-01-10"
            writer.writerow([vin(n), f"N{n}", "B1", plate(n), "Volta", "One", "ICE", on])
    return people, cars


def found(text: str) -> int:
    """Details in a text, also escaped, percent-encoded, in base64 or in hexadecimal digits."""
    plain = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    views = [plain, *_decoded(plain)]
    once = unquote(plain)
    if once != plain:
        views += [once, unquote(once), *_decoded(once)]
    return sum(len(MARKS.findall(view)) for view in views)


def _decoded(text: str) -> list[str]:
    views = []
    for token in set(ENCODED.findall(text)):
        bare = token.rstrip("=").replace("-", "+").replace("_", "/")
        # A value may begin anywhere in a longer text that was encoded as a whole.
        for start in range(4):
            views.append(_base64(bare[start:]))
    views += [bytes.fromhex(one).decode("utf-8", "replace") for one in set(HEX.findall(text))]
    return views


def _base64(token: str) -> str:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def broker_text(client: "redis.Redis[bytes]") -> str:
    """Every key of the broker with its whole value."""
    texts = []
    for key in client.scan_iter():
        kind = client.type(key)
        read = {
            b"string": lambda key: client.get(key),
            b"list": lambda key: client.lrange(key, 0, -1),
            b"set": lambda key: client.smembers(key),
            b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
            b"hash": lambda key: client.hgetall(key),
        }[kind]
        texts.append(f"{key!r} {read(key)!r}")
    return "\n".join(texts)
