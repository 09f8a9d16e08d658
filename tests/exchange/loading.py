"""Writes a small file and loads it, as the tests of the importer do over and over."""

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exchange.importing import load_file
from exchange.models import ImportFile, ImportRejection
from tests.factories import TODAY

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
VIN, VIN2, WRONG_DIGIT = "LSVAU2A34N2183294", "1M8GDM9AXKP042788", "LSVAU2A30N2183294"

CUSTOMERS = "external_id,store,name,phone"
VEHICLES = "vin,customer,store,brand,model,powertrain,delivered_on"
VISITS = "work_order_no,store,vin,arrived_at,odometer_km,kind,amount"


class Loader:
    """`loader(kind, header, row, …)` writes the file and loads it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = 0

    def path(self, name: str, content: str | bytes) -> Path:
        self.files += 1
        path = self.folder / f"{self.files}-{name}"
        raw = content.encode() if isinstance(content, str) else content
        path.write_bytes(raw)
        return path

    def __call__(
        self, kind: str, header: str, *rows: str, on: date | None = None, **options: Any
    ) -> ImportFile:
        path = self.path(f"{kind}.csv", "\n".join([header, *rows, ""]))
        return load_file(path, kind, on=on, now=options.pop("now", NOW), **options)

    def rows(self, kind: str, header: list[str], rows: list[list[str]]) -> ImportFile:
        """Cells with whatever in them."""
        out = io.StringIO()
        csv.writer(out).writerows([header, *rows])
        return self.file(kind, out.getvalue())

    def file(self, kind: str, content: str) -> ImportFile:
        return load_file(self.path(f"{kind}.csv", content), kind, now=NOW)

    def customer(self, *more: str, store: str = "NORTH") -> ImportFile:
        return self("customers", CUSTOMERS, f"C1,{store},张三,13812345678", *more)

    def vehicle(self, delivered_on: str = "2024-01-10", vin: str = VIN) -> ImportFile:
        return self("vehicles", VEHICLES, f"{vin},C1,NORTH,Volta,One,ICE,{delivered_on}")

    def visits(self, *rows: str, **options: Any) -> ImportFile:
        """Rows as `number,arrived_at,km` of the first car; more columns follow."""
        lines = []
        for row in rows:
            number, arrived, km, *more = row.split(",")
            kind, amount = more or ("maintenance", "500")
            lines.append(f"{number},NORTH,{VIN},{arrived},{km},{kind},{amount}")
        return self("visits", VISITS, *lines, **options)


def counts(record: ImportFile) -> tuple[int, int, int, int]:
    """New, updated, unchanged, rejected."""
    return record.created, record.updated, record.unchanged, record.rejected


def reasons(record: ImportFile) -> list[tuple[int, str, str]]:
    """Line, column and reason of each rejected row."""
    rows = ImportRejection.objects.filter(file=record).order_by("line")
    return [(row.line, row.column, row.reason) for row in rows]
