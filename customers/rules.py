"""Pure rules about customers and their cars: VIN, names' keys, accepted readings, free slots."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, lru_cache
from itertools import islice
from uuid import UUID

MAX_KM_A_DAY = 1500
SLOT_MINUTES = 30

_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_LETTERS = zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
_VIN_VALUES = {digit: int(digit) for digit in "0123456789"}
_VIN_VALUES |= {letter: int(digit) for letter, digit in _VIN_LETTERS}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

# fmt: off
# Readings of characters that differ when they are a surname.
SURNAMES = {
    "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "盖": "ge", "曾": "zeng", "查": "zha",
    "任": "ren", "华": "hua", "乐": "yue", "朴": "piao", "尹": "yin", "秘": "bi", "冼": "xian",
    "洗": "xian", "员": "yun", "折": "she", "黑": "he", "缪": "miao", "繁": "po", "种": "chong",
    "召": "shao", "覃": "qin", "翟": "zhai", "尉": "wei", "俞": "yu", "纪": "ji", "宁": "ning",
    "曲": "qu", "卜": "bu", "葛": "ge", "重": "chong", "万": "wan", "晁": "chao", "郗": "xi",
    "逄": "pang", "哈": "ha", "粘": "nian", "祭": "zhai", "令": "ling", "牟": "mu", "燕": "yan",
    "殷": "yin", "应": "ying", "薄": "bo", "鲜": "xian", "隗": "wei", "车": "che", "石": "shi",
    "柏": "bai", "强": "qiang", "谌": "chen", "阚": "kan", "麻": "ma", "藏": "zang", "贾": "jia",
    "沈": "shen", "弗": "fu", "訾": "zi", "盛": "sheng", "洪": "hong", "呙": "guo", "钭": "tou",
}
COMPOUND_SURNAMES = {
    "单于": ("chan", "yu"), "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "鲜于": ("xian", "yu"), "宰父": ("zai", "fu"),
    "夏侯": ("xia", "hou"), "皇甫": ("huang", "fu"), "公冶": ("gong", "ye"),
    "乐正": ("yue", "zheng"),
}
# fmt: on


def normal_vin(text: str) -> str:
    """A VIN as it is kept: upper case, of one width, without blanks and hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def normal_plate(text: str) -> str:
    """A number plate as it is kept: upper case, of one width, without blanks and dots."""
    return re.sub(r"[\s·•.-]", "", unicodedata.normalize("NFKC", text)).upper()


def entered_number(key: UUID) -> str:
    """The customer number of somebody entered by hand, made from the form's key."""
    return f"H-{key}"


def is_vin(text: str) -> bool:
    """Whether `text` has 17 characters of a VIN's alphabet (no I, O, Q), upper case."""
    return _VIN.fullmatch(text) is not None


def has_vin_check_digit(vin: str) -> bool:
    """Whether the ninth character of a well-formed VIN is its check digit (GB 16735, ISO 3779)."""
    weighed = zip(vin, _VIN_WEIGHTS, strict=True)
    rest = sum(_VIN_VALUES[char] * weight for char, weight in weighed) % 11
    return vin[8] == ("X" if rest == 10 else str(rest))


@dataclass(frozen=True)
class NameKeys:
    """What a name is sorted and found by."""

    pinyin: str
    initials: str
    parts: tuple[str, ...]


@cache
def _readings() -> dict[int, str]:
    # Imported on use: the table is large, and only importing and searching need it.
    from pypinyin.constants import PINYIN_DICT

    return PINYIN_DICT


@lru_cache(maxsize=20_000)
def _reading(char: str) -> str:
    """The most usual pinyin of one Chinese character, without tone; '' for any other character."""
    marked = _readings().get(ord(char), "").split(",")[0]
    # ü is typed v.
    plain = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    return "".join(c for c in plain if c.isascii() and c.isalpha()).lower()


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char >= "\U00020000"


def _syllables(name: str) -> Iterator[str]:
    """Pinyin of Chinese characters and words of other letters, the surname as a surname."""
    compound = COMPOUND_SURNAMES.get(name[:2])
    rest = name
    if compound:
        yield from compound
        rest = name[2:]
    elif name[:1] in SURNAMES:
        yield SURNAMES[name[0]]
        rest = name[1:]
    word = ""
    for char in rest:
        if _is_han(char) or not char.isalnum():
            if word:
                yield word
            word = ""
            if reading := _reading(char):
                yield reading
        else:
            word += char
    if word:
        yield word


@lru_cache(maxsize=4096)
def name_keys(name: str) -> NameKeys:
    """Search keys: pinyin, initials, and parts for a GIN index.

    Parts are single characters and pairs of Chinese names, the first 2-4 initials, and the first
    2-4 letters of each word of other names; all lower case.
    """
    folded = unicodedata.normalize("NFKC", name).strip().lower()
    syllables = list(_syllables(folded))
    initials = "".join(syllable[0] for syllable in syllables)
    han = [char for char in folded if _is_han(char)]
    parts = dict.fromkeys(han)
    parts |= dict.fromkeys(a + b for a, b in zip(han, han[1:], strict=False))
    latin = "".join(" " if _is_han(char) or not char.isalnum() else char for char in folded)
    for word in [initials, *latin.split()]:
        parts |= dict.fromkeys(word[:size] for size in (2, 3, 4) if len(word) >= size)
    return NameKeys(" ".join(syllables)[:240], initials[:60], tuple(parts))


@dataclass(frozen=True)
class Reading:
    """One work order's odometer reading."""

    id: int
    on: date
    km: int


def accepted_readings(readings: Iterable[Reading]) -> set[int]:
    """Ids of the accepted ones of a vehicle's readings, given in order of arrival (readings.md).

    Set aside is one below the last accepted, or above it by more than 1,500 km for each day
    between, at least one day. Void work orders and those before delivery are not readings.
    """
    accepted: set[int] = set()
    last: Reading | None = None
    for reading in readings:
        if last is not None:
            allowed = MAX_KM_A_DAY * max((reading.on - last.on).days, 1)
            if not 0 <= reading.km - last.km <= allowed:
                continue
        accepted.add(reading.id)
        last = reading
    return accepted


def slot_capacity(bays: int) -> int:
    """Cars that may be received in one half hour: half the bays, for a car stays about an hour.

    Two where the number of bays was never entered.
    """
    return max(1, bays // 2) if bays else 2


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def slot_times(opens_at: time, closes_at: time) -> list[time]:
    """The half hours from opening to an hour before closing, that one included."""
    last = _minutes(closes_at) - 60
    starts = range(_minutes(opens_at), last + 1, SLOT_MINUTES)
    return [time(start // 60, start % 60) for start in starts]


def slot_of(at: time, opens_at: time) -> time:
    """The start of the half hour, counted from opening, into which `at` falls."""
    opened = _minutes(opens_at)
    start = max(0, opened + (_minutes(at) - opened) // SLOT_MINUTES * SLOT_MINUTES)
    return time(start // 60, start % 60)


@dataclass(frozen=True)
class Habit:
    """When a customer usually comes: weekday (0 is Monday) and hour of the store's clock."""

    weekday: int
    hour: int

    def fits(self, start: datetime) -> bool:
        return start.weekday() == self.weekday and start.hour == self.hour


def habit(arrivals: Sequence[datetime]) -> Habit | None:
    """The usual weekday and hour of these arrivals (local, newest first).

    Of fewer than three nothing is usual, nor is what happened only once.
    """
    if len(arrivals) < 3:
        return None
    weekday, days = Counter(at.weekday() for at in arrivals).most_common(1)[0]
    hour, hours = Counter(at.hour for at in arrivals).most_common(1)[0]
    return Habit(weekday, hour) if min(days, hours) > 1 else None


def offered(free: Sequence[datetime], usual: Habit | None, count: int) -> list[datetime]:
    """Of the free starts (local, in order) those to offer first.

    The next two at the usual time, then one a day: at the usual hour or later, else in the morning
    and the afternoon by turns. When the days do not suffice, whatever is free.
    """
    by_day: dict[date, list[datetime]] = {}
    for start in free:
        by_day.setdefault(start.date(), []).append(start)
    fitting = (
        [next(filter(usual.fits, starts), None) for starts in by_day.values()] if usual else []
    )
    chosen = [start for start in fitting if start][: min(2, count)]
    for start in chosen:
        del by_day[start.date()]
    for number, starts in enumerate(by_day.values()):
        if len(chosen) >= count:
            break
        hour = usual.hour if usual else (0, 14)[number % 2]
        chosen.append(next((start for start in starts if start.hour >= hour), starts[0]))
    left = (start for start in free if start not in chosen)
    return chosen + list(islice(left, count - len(chosen)))
