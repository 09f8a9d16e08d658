"""Dates, times, names and lists as they are spoken, in the customer's language.

These are not the reader's forms of common.formats: nobody says `29 Oct` or `65 minutes` aloud.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from common.formats import number


class Phrases(Protocol):
    """What both languages can say; moments are on the store's clock."""

    def address(self, name: str, gender: str, pinyin: str) -> str: ...
    def month_part(self, on: date) -> str: ...
    def day(self, on: date, as_of: date) -> str: ...
    def moment(self, at: datetime, as_of: date) -> str: ...
    def habit(self, weekday: int, hour: int) -> str: ...
    def duration(self, minutes: int) -> str: ...
    def wait(self, actual: int, promised: int) -> str: ...
    def weeks(self, count: int) -> str: ...
    def times(self, count: int) -> str: ...
    def km(self, distance: Decimal | int) -> str: ...
    def listing(self, items: Iterable[str]) -> str: ...
    def complaint(self, category: str) -> str: ...


_HAN = re.compile(r"[\u3400-\u9fff]")
# Two characters that are one surname.
_COMPOUND = frozenset(
    "欧阳 上官 司马 诸葛 司徒 东方 独孤 南宫 夏侯 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司空 端木 钟离"
    " 淳于 澹台 公冶 申屠 太史 轩辕 闻人 赫连 濮阳 单于 拓跋 鲜于 仲孙 呼延 万俟 西门 乐正".split()
)
_NEAR_DAYS = 300
# Longer times are told in months.
_WEEKS = 8


def _surname(name: str) -> str:
    """`王` of 王建国, `Lee` of John Lee."""
    if not _HAN.match(name):
        return name.split()[-1]
    return name[:2] if len(name) > 2 and name[:2] in _COMPOUND else name[:1]


class Chinese:
    """中文。"""

    _DAYS = "周一 周二 周三 周四 周五 周六 周日".split()
    _COUNTS = "零 一 两 三 四 五 六 七 八 九 十".split()
    _COMPLAINTS = {
        "waiting": "等候时间",
        "price": "价格",
        "quality": "维修质量",
        "service": "服务态度",
    }

    def address(self, name: str, gender: str, pinyin: str) -> str:
        title = {"male": "先生", "female": "女士"}.get(gender, "")
        # A firm has no title, and what is no person's name is not cut.
        return _surname(name) + title if title and len(name) <= 20 else name

    def month_part(self, on: date) -> str:
        part = "初" if on.day <= 10 else "中旬" if on.day <= 20 else "底"
        return f"{on.month}月{part}"

    def day(self, on: date, as_of: date) -> str:
        named = {-1: "昨天", 0: "今天", 1: "明天", 2: "后天"}.get((on - as_of).days)
        if named:
            return named
        year = "" if abs((on - as_of).days) < _NEAR_DAYS else f"{on.year}年"
        return f"{year}{on.month}月{on.day}日"

    def moment(self, at: datetime, as_of: date) -> str:
        ahead = (at.date() - as_of).days
        day = self.day(at.date(), as_of)
        if 2 < ahead <= 6:
            day = self._DAYS[at.weekday()]
        elif ahead > 6:
            day += self._DAYS[at.weekday()]
        return f"{day}{self._half(at.hour)}{(at.hour - 1) % 12 + 1}:{at.minute:02}"

    def _half(self, hour: int) -> str:
        return "上午" if hour < 12 else "中午" if hour == 12 else "下午" if hour < 18 else "晚上"

    def habit(self, weekday: int, hour: int) -> str:
        return f"{self._DAYS[weekday]}{self._half(hour)}"

    def duration(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        if rest == 30 and hours:
            return f"{self._count(hours)}个半小时"
        if hours and rest:
            return f"{hours}小时{rest}分钟"
        return f"{hours}小时" if hours else f"{rest}分钟"

    def wait(self, actual: int, promised: int) -> str:
        return f"{self.duration(actual)}，而说好的是{self.duration(promised)}"

    def weeks(self, count: int) -> str:
        if count > _WEEKS:
            return f"{self._count(count * 7 // 30)}个月"
        return f"{self._count(count)}周"

    def times(self, count: int) -> str:
        return f"{self._count(count)}次"

    def _count(self, count: int) -> str:
        return self._COUNTS[count] if count <= 10 else str(count)

    def km(self, distance: Decimal | int) -> str:
        return f"{number(distance)}公里"

    def listing(self, items: Iterable[str]) -> str:
        return "、".join(items)

    def complaint(self, category: str) -> str:
        return self._COMPLAINTS.get(category, category)


class English:
    """English."""

    _DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    _MONTHS = (
        "January February March April May June July August September October November December"
    ).split()
    _COMPLAINTS = {
        "waiting": "the waiting time",
        "price": "the price",
        "quality": "the quality of the work",
        "service": "the way you were treated",
    }

    def address(self, name: str, gender: str, pinyin: str) -> str:
        title = {"male": "Mr", "female": "Ms"}.get(gender, "")
        latin = self._latin(name, pinyin)
        return f"{title} {_surname_first(name, latin)}" if title and len(name) <= 20 else latin

    def _latin(self, name: str, pinyin: str) -> str:
        """`Wang Jianguo`; a longer Chinese name is a firm's and stays as it is written."""
        if not _HAN.match(name) or not pinyin or len(name) > 4:
            return name
        syllables = pinyin.split()
        size = len(_surname(name))
        both = ("".join(syllables[:size]), "".join(syllables[size:]))
        return " ".join(part.capitalize() for part in both if part)

    def month_part(self, on: date) -> str:
        month = self._MONTHS[on.month - 1]
        if on.day <= 10:
            return f"early {month}"
        return f"mid-{month}" if on.day <= 20 else f"late {month}"

    def day(self, on: date, as_of: date) -> str:
        """`on 18 July`, `tomorrow`: when something is or was."""
        named = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((on - as_of).days)
        if named:
            return named
        year = "" if abs((on - as_of).days) < _NEAR_DAYS else f" {on.year}"
        return f"on {on.day} {self._MONTHS[on.month - 1]}{year}"

    def moment(self, at: datetime, as_of: date) -> str:
        ahead = (at.date() - as_of).days
        day = self.day(at.date(), as_of)
        if 1 < ahead <= 6:
            day = self._DAYS[at.weekday()]
        elif ahead > 6:
            day = f"{self._DAYS[at.weekday()]} {day.removeprefix('on ')}"
        half = "am" if at.hour < 12 else "pm"
        return f"{day} at {(at.hour - 1) % 12 + 1}:{at.minute:02} {half}"

    def habit(self, weekday: int, hour: int) -> str:
        half = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
        return f"on {self._DAYS[weekday]} {half}s"

    def duration(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        long = f"{hours} hour" if hours == 1 else f"{hours} hours"
        if hours and rest:
            return f"{long} {rest} minutes"
        return long if hours else f"{rest} minutes"

    def wait(self, actual: int, promised: int) -> str:
        return f"{self.duration(actual)} instead of {self.duration(promised)}"

    def weeks(self, count: int) -> str:
        if count > _WEEKS:
            return f"{count * 7 // 30} months"
        return "a week" if count == 1 else f"{count} weeks"

    def times(self, count: int) -> str:
        return {1: "once", 2: "twice"}.get(count, f"{count} times")

    def km(self, distance: Decimal | int) -> str:
        return f"{number(distance)} km"

    def listing(self, items: Iterable[str]) -> str:
        return ", ".join(items)

    def complaint(self, category: str) -> str:
        return self._COMPLAINTS.get(category, category)


def _surname_first(name: str, latin: str) -> str:
    """`Wang` of 王建国, `Lee` of John Lee."""
    return latin.split()[0] if _HAN.match(name) and latin != name else latin.split()[-1]


PHRASES: dict[str, Phrases] = {"zh-hans": Chinese(), "en": English()}
