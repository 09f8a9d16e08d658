"""How much a file may hold (R34); the number of rows and the pace are settings."""

from django.conf import settings

MAX_ROW_BYTES = 64 * 1024
MAX_COLUMNS = 200
# Beyond this a field is no field: an opening quotation mark lacks its closing one.
MAX_RUNAWAY_FIELD = 1024 * 1024
MAX_ZIP_ENTRIES = 200
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
CHILD_SECONDS = 60
CHILD_BYTES = 1024 * 1024 * 1024


def max_rows() -> int:
    return int(settings.IMPORT_MAX_ROWS)


def chunk_rows() -> int:
    """Rows a transaction."""
    return int(settings.IMPORT_CHUNK_ROWS)
