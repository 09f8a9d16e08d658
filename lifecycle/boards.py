"""The boards that are counted from cars and customers: names and what each reads.

A board's statement, lifecycle/sql/boards/<name>.sql, gives its *members*: a row each car, visit or
customer that counts, with its marks. Cells count members; a click on a cell lists them. So a figure
and the people behind it are one statement.
"""

from dataclasses import dataclass

HISTORY, GUEST, CYCLE, CARE, ANSWER = "history", "guest", "cycle", "care", "answer"
STATES = ("state", "customer_state", "segments")
SPLITS = {"advisor": "advisor_id", "model": "model", "powertrain": "powertrain", "band": "band"}
CARS = ("advisor", "model", "powertrain")


@dataclass(frozen=True)
class Board:
    """`reads`: the steps its statement starts from; `splits`: how its figures can be parted."""

    name: str
    reads: tuple[str, ...]
    splits: tuple[str, ...] = CARS
    app: str = "lifecycle"


BOARDS: dict[str, Board] = {
    board.name: board
    for board in (
        Board("cars", (HISTORY,)),
        Board("retention", (HISTORY,)),
        Board("funnel", (GUEST,)),
        Board("returned", (HISTORY, GUEST)),
        Board("cohorts", (HISTORY,), (*CARS, "band")),
        Board("cohorts_visit", (GUEST,), ("advisor",)),
        Board("satisfaction", (HISTORY,), ("advisor",)),
        Board("silence", (HISTORY,)),
        Board("survival", (HISTORY,), ("advisor", "band")),
        Board("due_answered", (HISTORY, CYCLE, CARE)),
        Board("due_followed", (HISTORY, CYCLE, CARE)),
        Board("kept", (HISTORY,)),
        Board("revenue", (GUEST,), ("advisor",)),
        Board("arrivals", (GUEST,), ("advisor",)),
        Board("answers", (GUEST, ANSWER), ("advisor",)),
        Board("referrals", (GUEST,), ("advisor",)),
        Board("standing", (HISTORY, GUEST, *STATES)),
        Board("moves", (GUEST,), ("advisor",)),
        Board("scorecard", (HISTORY, GUEST, CYCLE, ANSWER, "customer_state"), ("advisor",)),
        Board("calls", (GUEST,), ("advisor",)),
        Board("gaming", (GUEST,), ("advisor",)),
        Board("span", (GUEST, "customer_state"), ("advisor",)),
    )
}
