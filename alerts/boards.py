"""The boards that are counted from tasks and outcomes (see lifecycle/boards.py)."""

from lifecycle.boards import CARE, CYCLE, GUEST, HISTORY, Board

BOARDS: dict[str, Board] = {
    board.name: board
    for board in (
        Board("reasons", (GUEST,), ("advisor",), app="alerts"),
        Board("week", (HISTORY, GUEST, CYCLE, CARE), ("advisor",), app="alerts"),
        # Wrong numbers know whether somebody is to put them right.
        Board("health", (HISTORY, GUEST, CYCLE), app="alerts"),
    )
}
