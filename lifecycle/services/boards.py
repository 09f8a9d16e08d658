"""Counting the boards: every night into cells, for a report afresh, for a click the members."""

from collections.abc import Iterable, Mapping
from typing import Any

from common.sql import execute, rows, statement
from lifecycle.boards import CYCLE, GUEST, HISTORY, SPLITS, STATES, Board
from lifecycle.services.compute import replay_sql
from lifecycle.services.group import drop_group
from lifecycle.services.scope import Scope

_NONE = {"advisor": "NULL::bigint", "model": "''", "powertrain": "''", "band": "''"}
_FIRST = ("store_id", "split", "period", "item", "part")
_TOTAL = ("store_id", "period", "item", "part")
_KEY = (*_FIRST, *SPLITS.values())
# What a night or a page reads the states from; a report computes them for its own date.
KEPT = {
    "state": "lifecycle_vehiclestate",
    "customer_state": "lifecycle_customerstate",
    # Tiers are columns of the customer's state; '' is none.
    "segments": "lifecycle_customerstate",
}
_STEPS = (HISTORY, GUEST, CYCLE)
# What is a table wherever it is read.
_TABLES = {"judged": "lifecycle_judgedwarning"}


def refresh_boards(scope: Scope, boards: Mapping[str, Board]) -> int:
    """Counts the boards of the scope's whole stores as of its date; returns the cells written."""
    _keep_advisors(scope)
    _lay_steps(scope, _needed(boards.values()))
    written = sum(_write(scope, board) for board in boards.values())
    _stamp(scope, list(boards))
    return written


def refresh_board(scope: Scope, board: Board) -> int:
    """The same of one board that reads no steps, only what is kept."""
    written = _write(scope, board)
    _stamp(scope, [board.name])
    return written


def cells_now(scope: Scope, board: Board, *, split: str = "") -> list[dict[str, Any]]:
    """The board's total cells computed from source for the scope's date; writes nothing.

    Dicts of `store_id`, period, item, part, n, hits and amount, as the night would write them;
    with a split, its column (advisor_id, say) beside them.
    """
    counted = counted_now(board, split=split)
    return rows(from_source(scope, board, counted), scope.params())


def counted_now(
    board: Board, relations: Mapping[str, str] | None = None, *, split: str = ""
) -> str:
    """The statement of `cells_now` over the board's steps, which are where `relations` says."""
    columns = ", ".join([*_TOTAL, *([SPLITS[split]] if split else [])])
    return f"""
        SELECT {columns}, count(*) AS n,
               count(*) FILTER (WHERE is_hit) AS hits, sum(amount) AS amount
        FROM ({_dated(member_sql(board, relations))}) AS m
        GROUP BY {columns} ORDER BY {columns}"""


def member_sql(board: Board, relations: Mapping[str, str] | None = None) -> str:
    """The board's members: store_id, customer_id, vehicle_id, advisor_id, model, powertrain, band,
    period, item, part, is_hit, amount.

    `relations` says where its steps are; by default under their own names, as in `from_source`.
    """
    places = {name: name for name in (*_STEPS, *STATES)} | _TABLES | dict(relations or {})
    return statement(board.app, f"boards/{board.name}").format(**places)


def from_source(scope: Scope, board: Board, select: str, *, kept_states: bool = False) -> str:
    """`select` over the board's steps as parts of one statement.

    `kept_states`: the states are those of the tables, for the store's present day; else replayed.
    """
    steps = [f"{name} AS MATERIALIZED ({step_sql(scope, name)})" for name in _needed([board])]
    if not board.reads:
        return select
    if kept_states or not set(board.reads) & set(STATES):
        return f"WITH {', '.join(steps)} {select}"
    return replay_sql(scope, f", {', '.join(steps)} {select}")


def step_sql(scope: Scope, name: str) -> str:
    """`history` and `cycle` of the scope's stores' cars, `guest` of their customers."""
    alias = "c" if name == GUEST else "v"
    return statement("lifecycle", f"boards/{name}").format(
        policy=statement("lifecycle", "policy"),
        scope=f"{alias}.store_id = ANY(%(stores)s)",
        history=HISTORY,
    )


def _needed(boards: Iterable[Board]) -> list[str]:
    read = {name for board in boards for name in board.reads}
    return [name for name in _STEPS if name in read]


def _lay_steps(scope: Scope, steps: Iterable[str]) -> None:
    """Each step once as a table of this transaction, analysed: all boards read it."""
    params = scope.params()
    for name in steps:
        execute(f"DROP TABLE IF EXISTS pg_temp.{name}", {})
        execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {step_sql(scope, name)}", params)
        execute(f"ANALYZE {name}", {})


def _write(scope: Scope, board: Board) -> int:
    """Only cells that differ: of yesterday's few change overnight."""
    params = {**scope.params(), "board": board.name}
    execute("DROP TABLE IF EXISTS pg_temp.counted", {})
    execute(f"CREATE TEMP TABLE counted ON COMMIT DROP AS {_counted(board)}", params)
    same = f"ROW({_of('n', _KEY)}) IS NOT DISTINCT FROM ROW({_of('o', _KEY)})"
    joined = f"({_of('n', _FIRST)}) = ({_of('o', _FIRST)}) AND {same}"
    gone = execute(
        f"""DELETE FROM lifecycle_boardcell o
            WHERE store_id = ANY(%(stores)s) AND board = %(board)s
                AND NOT EXISTS (SELECT FROM counted n WHERE {joined})""",
        params,
    )
    return gone + execute(
        f"""INSERT INTO lifecycle_boardcell (board, {", ".join(_KEY)}, n, hits, amount)
            SELECT %(board)s, {_of("n", _KEY)}, n.n, n.hits, n.amount
            FROM counted n
            LEFT JOIN lifecycle_boardcell o ON o.board = %(board)s AND {joined}
            WHERE o.id IS NULL OR (o.n, o.hits, o.amount) IS DISTINCT FROM (n.n, n.hits, n.amount)
            ON CONFLICT ON CONSTRAINT board_cell_once
            DO UPDATE SET n = EXCLUDED.n, hits = EXCLUDED.hits, amount = EXCLUDED.amount""",
        params,
    )


def _counted(board: Board) -> str:
    """Each member in its store's total and once a split."""
    splits = ["(store_id, period, item, part)"]
    splits += [f"(store_id, period, item, part, {SPLITS[split]})" for split in board.splits]
    names = " ".join(
        f"WHEN GROUPING({column}) = 0 THEN '{split}'"
        for split, column in SPLITS.items()
        if split in board.splits
    )
    case = f"CASE {names} ELSE '' END" if names else "''"
    columns = ", ".join(
        f"coalesce({column}, {_NONE[split]}) AS {column}"
        if split in board.splits
        else f"{_NONE[split]} AS {column}"
        for split, column in SPLITS.items()
    )
    return f"""
        SELECT store_id, {case} AS split, period, item, part, {columns}, count(*) AS n,
               count(*) FILTER (WHERE is_hit) AS hits, coalesce(sum(amount), 0) AS amount
        FROM ({_dated(member_sql(board, KEPT))}) AS member
        GROUP BY GROUPING SETS ({", ".join(splits)})"""


def _dated(members: str) -> str:
    """Months of more than two years ago are one: nobody asks for them alone."""
    return f"""
        SELECT store_id, advisor_id, model, powertrain, band, item, part, is_hit, amount,
               CASE WHEN period COLLATE "C"
                            < (SELECT to_char(%(month)s - interval '25 months', 'YYYY-MM'))
                        AND period LIKE '____-__'
                    THEN 'older' ELSE period END AS period
        FROM ({members}) AS dated"""


def _of(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _keep_advisors(scope: Scope) -> None:
    """A spell for each customer whose advisor is another than its last one's."""
    execute(
        """INSERT INTO lifecycle_advisorspell (store_id, customer_id, advisor_id, since_on)
           SELECT c.store_id, c.id, c.advisor_id,
                  CASE WHEN last.customer_id IS NOT NULL THEN %(as_of)s::date END
           FROM customers_customer c
           LEFT JOIN LATERAL (
               SELECT s.customer_id, s.advisor_id FROM lifecycle_advisorspell s
               WHERE s.customer_id = c.id ORDER BY s.since_on DESC NULLS LAST LIMIT 1
           ) AS last ON true
           WHERE c.store_id = ANY(%(stores)s) AND c.advisor_id IS DISTINCT FROM last.advisor_id
           ON CONFLICT ON CONSTRAINT advisor_once_a_day
           DO UPDATE SET advisor_id = EXCLUDED.advisor_id""",
        scope.params(),
    )


def _stamp(scope: Scope, boards: list[str]) -> None:
    drop_group()
    execute(
        """INSERT INTO lifecycle_boardday (store_id, board, as_of, policy_set_id)
           SELECT s.store_id, b.board, %(as_of)s, s.policy_set_id
           FROM unnest(%(stores)s::bigint[], %(sets)s::bigint[]) AS s(store_id, policy_set_id),
                unnest(%(boards)s::text[]) AS b(board)
           ON CONFLICT ON CONSTRAINT board_once_a_store
           DO UPDATE SET as_of = EXCLUDED.as_of, policy_set_id = EXCLUDED.policy_set_id
           WHERE (lifecycle_boardday.as_of, lifecycle_boardday.policy_set_id)
               IS DISTINCT FROM (EXCLUDED.as_of, EXCLUDED.policy_set_id)""",
        {
            "as_of": scope.as_of,
            "stores": scope.store_ids,
            "sets": [one.policy_set_id for one in scope.sets],
            "boards": boards,
        },
    )
