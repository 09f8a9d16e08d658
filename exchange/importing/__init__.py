"""Files in: CSV and workbooks of the ten kinds (EXCHANGE.md §1)."""

from exchange.importing.load import load_file
from exchange.importing.reasons import reason_text
from exchange.importing.rejections import Fallen, rejected_rows_csv, row_of

__all__ = ["Fallen", "load_file", "reason_text", "rejected_rows_csv", "row_of"]
