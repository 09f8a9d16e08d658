"""All boards a night counts, and all reports over them."""

from alerts.boards import BOARDS as OF_ALERTS
from alerts.reports import REPORTS as REPORTS_OF_ALERTS
from lifecycle.boards import BOARDS as OF_LIFECYCLE
from lifecycle.boards import Board
from lifecycle.reports import REPORTS as REPORTS_OF_LIFECYCLE
from lifecycle.reports import Report
from lifecycle.warned import PAST
from lifecycle.warned import REPORTS as REPORTS_OF_THE_PAST

BOARDS: dict[str, Board] = {**OF_LIFECYCLE, **OF_ALERTS}
# With those that are counted when a past month is judged.
ALL_BOARDS: dict[str, Board] = {**BOARDS, **PAST}
REPORTS: dict[str, Report] = {
    **REPORTS_OF_LIFECYCLE,
    **REPORTS_OF_ALERTS,
    **REPORTS_OF_THE_PAST,
}
