"""Counting the boards: every night into cells, for a report afresh, for a click the members."""

from collections.abc import Iterable, Mapping
from typing import Any

from common.sql import execute, rows, statement
from lifecycle.boards import ANSWER, CARE, CYCLE, GUEST, HISTORY, SPLITS, STATES, Board
from lifecycle.services.compute import replay_sql
from lifecycle.services.group import drop_group
from lifecycle.services.scope import Scope

_NONE = {"advisor": "NULL::bigint", "model": "''", "powertrain": "''", "band": "''"}
_TOTAL = ("store_id", "period", "item", "part")
_SURE = ("store_id", "split", "period", "item", "part", "model", "powertrain", "band")
_KEY = (*_SURE, "advisor_id")
# What a night or a page reads the states from; a report computes them for its own date.
KEPT = {
    "state": "lifecycle_vehiclestate",
    "customer_state": "lifecycle_customerstate",
    # Tiers are columns of the customer's state; '' is none.
    "segments": "lifecycle_customerstate",
}
_STEPS = (HISTORY, GUEST, CYCLE, CARE, ANSWER)
_KEYS = {
    HISTORY: "store_id, vehicle_id, customer_id, delivered_on",
    GUEST: "store_id, customer_id, vehicle_id, advisor_id",
    CYCLE: "store_id, vehicle_id, nth, customer_id, due_on, came_on, next_on",
    CARE: "vehicle_id, nth",
    ANSWER: "customer_id, answered_on",
}
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
    """`history`, `cycle`, `care` of the scope's stores' cars; `guest`, `answer` of customers."""
    alias = "c" if name == GUEST else "v"
    return statement("lifecycle", f"boards/{name}").format(
        policy=statement("lifecycle", "policy"),
        scope=f"{alias}.store_id = ANY(%(stores)s)",
        history=HISTORY,
        guest=GUEST,
        cycle=CYCLE,
    )


def _needed(boards: Iterable[Board]) -> list[str]:
    read = {name for board in boards for name in board.reads}
    return [name for name in _STEPS if name in read]


def _lay_steps(scope: Scope, steps: Iterable[str]) -> None:
    """Each step once as a table of this transaction, analysed: all boards read it.

    Of its keys alone: nothing is sought in the days of a car, and they take long to count.
    """
    params = scope.params()
    for name in steps:
        execute(f"DROP TABLE IF EXISTS pg_temp.{name}", {})
        execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {step_sql(scope, name)}", params)
        execute(f"ANALYZE {name} ({_KEYS[name]})", {})


def _write(scope: Scope, board: Board) -> int:
    """Only cells that differ: of yesterday's few change overnight."""
    params = {**scope.params(), "board": board.name}
    execute("DROP TABLE IF EXISTS pg_temp.counted", {})
    execute(f"CREATE TEMP TABLE counted ON COMMIT DROP AS {_counted(board)}", params)
    # Equal and never NULL, so that both are hashed by all of it.
    joined = f"({_of('n', _SURE)}) = ({_of('o', _SURE)})"
    joined += " AND coalesce(n.advisor_id, 0) = coalesce(o.advisor_id, 0)"
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
    """Each member once a split, and in its store's total.

    The total is the sum of the first split's cells: hashing millions of members takes the time.
    """
    splits = board.splits or ("",)
    names = " ".join(f"WHEN GROUPING({SPLITS[split]}) = 0 THEN '{split}'" for split in board.splits)
    columns = ", ".join(
        f"coalesce({column}, {_NONE[split]}) AS {column}"
        if split in board.splits
        else f"{_NONE[split]} AS {column}"
        for split, column in SPLITS.items()
    )
    sets = (", ".join((*_TOTAL, *filter(None, [SPLITS.get(split)]))) for split in splits)
    total = f"""
        UNION ALL
        SELECT store_id, '', period, item, part, {", ".join(_NONE.values())}, sum(n), sum(hits),
               sum(amount)
        FROM parted WHERE split = '{splits[0]}' GROUP BY store_id, period, item, part"""
    return f"""
        WITH parted AS MATERIALIZED (
            SELECT store_id, {f"CASE {names} END" if names else "''"} AS split, period, item, part,
                   {columns}, count(*) AS n, count(*) FILTER (WHERE is_hit) AS hits,
                   coalesce(sum(amount), 0) AS amount
            FROM ({_dated(member_sql(board, KEPT))}) AS member
            GROUP BY GROUPING SETS ({", ".join(f"({one})" for one in sets)})
        )
        SELECT * FROM parted {total if board.splits else ""}"""


def _dated(members: str) -> str:
    """Months of more than two years ago are one: nobody asks for them alone.

    OFFSET 0: a period is made once, not at each place where it is looked at.
    """
    return f"""
        SELECT store_id, advisor_id, model, powertrain, band, item, part, is_hit, amount,
               CASE WHEN period COLLATE "C"
                            < (SELECT to_char(%(month)s - interval '25 months', 'YYYY-MM'))
                        AND period LIKE '____-__'
                    THEN 'older' ELSE period END AS period
        FROM ({members} OFFSET 0) AS dated"""


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
