"""Runs alone: reads the first sheet of a workbook under limits and writes it as CSV.

Each row begins with its number in the sheet; the last line, `end`, says that nothing is missing.
Needs no Django. Arguments: path, seconds of CPU, bytes of memory.
"""

import csv
import resource
import sys
from datetime import date, datetime, time, timedelta


def text(cell: object) -> str:
    """A cell as it would stand in a CSV file."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        # A spreadsheet calculates with 15 digits; more are noise.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        is_day = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if is_day else cell.isoformat(" ", "seconds")
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds()) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def main() -> int:
    path, seconds, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    # From the first row of the sheet on, so that a number is that of the sheet.
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [text(cell) for cell in row]
        if any(cell and not cell.isspace() for cell in cells):
            writer.writerow([number, *cells])
    writer.writerow(["end"])
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")  # type: ignore[union-attr]
    sys.exit(main())
