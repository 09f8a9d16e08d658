"""Personal data found by its shape and replaced by its kind, also where it is encoded (R38)."""

import base64
import binascii
import re

PATTERNS = [
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)"), "[phone]"),
    (re.compile(r"(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"), "[phone]"),
    (
        re.compile(r"(?i)(?<![A-Z0-9])(?=[A-Z]*\d)[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])"),
        "[vin]",
    ),
    (re.compile(r"(?i)[\u4e00-\u9fa5][A-Z]·?[A-Z0-9]{5,6}(?![A-Z0-9])"), "[plate]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[mail]"),
    (re.compile(r"(?i)(bearer |token=|sessionid=|huitou=)[\w\-.]+"), r"\1[secret]"),
    # One-time links carry their token in the path.
    (re.compile(r"/(welcome|new-password)/[\w\-%]+"), r"/\1/[secret]"),
]
FOREIGN = re.compile(r"[^\x00-\x7f]+")
PERCENT = re.compile(r"[\w.+@-]*(?:%[0-9A-Fa-f]{2}[\w.+@-]*)+")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
ENCODED = "[encoded]"


def mask(text: str) -> str:
    """`text` with phones, VINs, plates, mail addresses and tokens replaced by their kind."""
    for pattern, word in PATTERNS:
        text = pattern.sub(word, text)
    return text


def scrub(text: str) -> str:
    """`mask`, for text that may quote anything: what is encoded or not ASCII goes, too.

    Our program speaks ASCII in its logs; other letters are a person's.
    """
    text = PERCENT.sub(ENCODED, text)
    text = BASE64.sub(_unless_readable, mask(text))
    return FOREIGN.sub("[text]", text)


def _unless_readable(found: re.Match[str]) -> str:
    """A word of the program decodes to noise; a text that was encoded decodes to a text."""
    bare = found[0].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        plain = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return found[0]
    is_text = plain.isprintable() and (len(plain) >= 8 or not plain.isascii())
    return ENCODED if is_text else found[0]
