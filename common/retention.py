"""Which backups stay: the newest of each of the last days, weeks and months that have one."""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

STAMP = "%Y-%m-%d-%H%M%S"
SUFFIX = ".huitou"
NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{6}" + re.escape(SUFFIX))


@dataclass(frozen=True)
class Keep:
    """How many of each; periods without a backup do not count: standing still deletes nothing."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 12

    def of(self, moments: Iterable[datetime]) -> set[datetime]:
        """Those that stay; always the newest."""
        newest_first = sorted(moments, reverse=True)
        return {
            *newest_first[:1],
            *_last(newest_first, self.daily, lambda moment: moment.date()),
            *_last(newest_first, self.weekly, lambda moment: moment.isocalendar()[:2]),
            *_last(newest_first, self.monthly, lambda moment: (moment.year, moment.month)),
        }


def _last(
    newest_first: list[datetime], count: int, period: Callable[[datetime], Hashable]
) -> list[datetime]:
    found: dict[Hashable, datetime] = {}
    for moment in newest_first:
        found.setdefault(period(moment), moment)
    return list(found.values())[:count]


def named(folder: Path, moment: datetime) -> Path:
    """The file of a backup begun then; `prune` knows it by this name."""
    return folder / f"{moment.strftime(STAMP)}{SUFFIX}"


def made_in(folder: Path) -> dict[datetime, Path]:
    """The backups that `named` named, by their moment; whatever else lies there is not ours."""
    found = [path for path in folder.iterdir() if NAME.fullmatch(path.name)]
    return {datetime.strptime(path.stem, STAMP): path for path in found}  # noqa: DTZ007


def prune(folder: Path, keep: Keep) -> list[Path]:
    """Delete what need not stay; the deleted."""
    found = made_in(folder)
    gone = [found[moment] for moment in sorted(found.keys() - keep.of(found))]
    for path in gone:
        path.unlink()
    return gone
