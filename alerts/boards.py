"""The boards that are counted from tasks and outcomes (see lifecycle/boards.py)."""

from lifecycle.boards import GUEST, Board

BOARDS: dict[str, Board] = {
    board.name: board for board in (Board("reasons", (GUEST,), ("advisor",), app="alerts"),)
}
