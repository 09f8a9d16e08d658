"""Figures in the text format of Prometheus; those of requests are summed over the web's processes.

Each process counts in a small file of its own, mapped into memory; whoever is asked adds up the
files of all processes with the same parent. So a web server of several workers gives one answer,
whichever of them is asked, and a worker that is replaced takes nothing away. A restart of the
whole begins at zero, as Prometheus expects; several servers are several targets.
"""

import mmap
import os
import shutil
import struct
import tempfile
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ALL = len(BUCKETS) + 1
METHODS = frozenset({"GET", "HEAD", "POST"})
CELLS, KEY_BYTES = 4096, 120
CELL = struct.Struct(f"{KEY_BYTES}sd")
Labels = Mapping[str, str]


class Sample(NamedTuple):
    """A value with its labels; `suffix` goes behind the family's name."""

    labels: Labels
    value: float
    suffix: str = ""


@dataclass(frozen=True)
class Family:
    """One figure: its name, what it says, its values; `kind` is Prometheus' word."""

    name: str
    help: str
    samples: list[Sample]
    kind: str = "gauge"


def single(name: str, help: str, value: float | None) -> Family:
    """A figure without labels; None leaves it out."""
    return Family(name, help, [] if value is None else [Sample({}, value)])


def by_label(name: str, help: str, label: str, values: Mapping[str, float]) -> Family:
    """A figure with one label."""
    return Family(name, help, [Sample({label: key}, value) for key, value in values.items()])


def render(families: Iterable[Family]) -> str:
    """The page a Prometheus server reads."""
    lines = []
    for family in families:
        lines += [f"# HELP {family.name} {family.help}", f"# TYPE {family.name} {family.kind}"]
        lines += [_line(family.name, sample) for sample in family.samples]
    return "\n".join(lines) + "\n"


def _line(name: str, sample: Sample) -> str:
    pairs = ",".join(f'{key}="{_escaped(text)}"' for key, text in sample.labels.items())
    labels = f"{{{pairs}}}" if pairs else ""
    return f"{name}{sample.suffix}{labels} {sample.value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Cells:
    """Named sums of this process, in a file others can read; threads share one lock."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.pid = 0
        self.lock = threading.Lock()

    def add(self, amounts: Mapping[str, float]) -> None:
        """Adds to the sums; a new name beyond the last free cell is dropped."""
        with self.lock:
            if self.pid != os.getpid():  # the first time, and after a fork
                self._open()
            for key, amount in amounts.items():
                place = self._place(key)
                if place is not None:
                    name, value = CELL.unpack_from(self.memory, place)
                    CELL.pack_into(self.memory, place, name, value + amount)

    def totals(self) -> tuple[dict[str, float], int]:
        """Sums over all processes of the family, and how many they are and were."""
        self.add({})
        totals: defaultdict[str, float] = defaultdict(float)
        contents = list(self._contents())
        for content in contents:
            for name, value in CELL.iter_unpack(content):
                if not name[0]:
                    break
                totals[name.rstrip(b"\0").decode()] += value
        return dict(totals), len(contents)

    def _contents(self) -> Iterator[bytes]:
        if self.path is None:
            yield bytes(self.memory)
            return
        for path in sorted(self.path.parent.iterdir()):
            with suppress(OSError):
                content = path.read_bytes()
                yield content[: len(content) // CELL.size * CELL.size]

    def _place(self, key: str) -> int | None:
        if key not in self.places:
            if len(self.places) == CELLS:
                return None
            self.places[key] = place = len(self.places) * CELL.size
            CELL.pack_into(self.memory, place, key.encode()[:KEY_BYTES], 0.0)
        return self.places[key]

    def _open(self) -> None:
        """A file of our own among our siblings'; memory alone where there is no place for one."""
        self.places: dict[str, int] = {}
        self.memory: mmap.mmap | bytearray = bytearray(CELLS * CELL.size)
        self.path: Path | None = None
        with suppress(OSError):
            folder = self.folder or _family_folder()
            path = folder / f"{os.getpid()}-{_started(os.getpid())}"
            with path.open("x+b") as file:
                file.truncate(CELLS * CELL.size)
                self.memory = mmap.mmap(file.fileno(), CELLS * CELL.size)
            self.path = path
        self.pid = os.getpid()


def _family_folder() -> Path:
    """Where the children of our parent keep their files; those of dead parents are cleared away."""
    home = Path(tempfile.gettempdir()) / f"huitou-metrics-{os.geteuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    owner = home.lstat()
    if owner.st_uid != os.geteuid() or owner.st_mode & 0o077 or home.is_symlink():
        raise PermissionError(f"{home} is not ours alone")
    for other in home.iterdir():
        pid, _, started = other.name.partition("-")
        if not pid.isdigit() or _started(int(pid)) != started:
            shutil.rmtree(other, ignore_errors=True)
    folder = home / f"{os.getppid()}-{_started(os.getppid())}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; empty for none: numbers are used again."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    # The name in the second field may hold blanks and brackets.
    return stat.rpartition(")")[2].split()[19]


class Requests:
    """How many requests each view answered, with which status, and how long it took."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells

    def observe(self, view: str, method: str, status: int, seconds: float) -> None:
        """One answered request; `view` is a name of ours, never an address."""
        what = f"{view}|{method if method in METHODS else 'other'}"
        bucket = bisect_left(BUCKETS, seconds)
        self.cells.add({f"n|{what}|{status}": 1, f"b|{what}|{bucket}": 1, f"s|{what}|": seconds})

    def families(self) -> list[Family]:
        """The counter and the histogram, and over how many processes they are summed."""
        totals, processes = self.cells.totals()
        counts: list[Sample] = []
        buckets: defaultdict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * ALL)
        sums: dict[tuple[str, str], float] = {}
        for key, value in sorted(totals.items()):
            kind, view, method, last = key.split("|")
            if kind == "n":
                counts.append(Sample({"view": view, "method": method, "status": last}, value))
            elif kind == "b":
                buckets[view, method][int(last)] = value
            else:
                sums[view, method] = value
        times = [
            sample
            for (view, method), found in buckets.items()
            for sample in _histogram(
                {"view": view, "method": method}, found, sums.get((view, method), 0.0)
            )
        ]
        return [
            single("huitou_web_processes", "Processes whose requests are summed.", processes),
            Family("huitou_requests_total", "Answered requests.", counts, "counter"),
            Family("huitou_request_seconds", "Time to the answer.", times, "histogram"),
        ]


def _histogram(labels: Labels, found: list[float], total: float) -> Iterator[Sample]:
    """Cumulative buckets, sum and count."""
    bounds = [*map(str, BUCKETS), "+Inf"]
    for bound, value in zip(bounds, accumulate(found), strict=True):
        yield Sample({**labels, "le": bound}, value, "_bucket")
    yield Sample(labels, total, "_sum")
    yield Sample(labels, sum(found), "_count")


REQUESTS = Requests(Cells())
