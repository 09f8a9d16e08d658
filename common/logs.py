"""Keeps personal data out of logs (R38): a mask over everything a record carries."""

import logging
import re

PATTERNS = [
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), "[phone]"),
    (re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b"), "[vin]"),
    (re.compile(r"[\u4e00-\u9fa5][A-Z]·?[A-Z0-9]{5,6}\b"), "[plate]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "[mail]"),
    (re.compile(r"(?i)(bearer |token=|sessionid=|huitou=)[\w\-.]+"), r"\1[secret]"),
    # One-time links carry their token in the path.
    (re.compile(r"/(welcome|new-password)/[\w\-%]+"), r"/\1/[secret]"),
]


def mask(text: str) -> str:
    """`text` with phones, VINs, plates, mail addresses and tokens replaced by their kind."""
    for pattern, word in PATTERNS:
        text = pattern.sub(word, text)
    return text


class PersonalDataFilter(logging.Filter):
    """Masks the finished message and the traceback of every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask(record.exc_text)
        return True


def scrub(text: str) -> str:
    """`mask`, for text that may quote anything: what is not ASCII goes too."""
    return re.sub(r"[^\x00-\x7f]+", "[text]", mask(text))
