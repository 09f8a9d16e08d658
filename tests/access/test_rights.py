"""The rights table and its page in docs/."""

from pathlib import Path

import pytest

from stores import rights
from stores.choices import Role
from stores.rights import Reach, Right

DOC = Path(__file__).resolve().parents[2] / "docs" / "access.md"
SIGNS = {Reach.OWN: "own", Reach.STORE: "store", Reach.GROUP: "group"}


def table() -> str:
    """The table of docs/access.md."""
    lines = ["| Right | " + " | ".join(Role) + " |", "|---" * (len(Role) + 1) + "|"]
    for right, row in rights.RIGHTS.items():
        cells = [SIGNS[row[role]] if role in row else "–" for role in Role]
        lines.append(f"| {right} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def test_page_about_access_has_the_table_as_it_is():
    assert table() in DOC.read_text("utf-8"), f"put this into docs/access.md:\n{table()}"


@pytest.mark.parametrize("right", Right)
def test_every_right_has_a_row(right):
    assert rights.RIGHTS[right]


@pytest.mark.parametrize(
    ("right", "roles"),
    [
        (Right.CALL_LIST, "advisor specialist manager"),
        (Right.STORE_BOARD, "manager group_manager admin"),
        (Right.CUSTOMERS, "advisor specialist manager group_manager admin"),
        (Right.UNMASK, "advisor specialist manager admin"),
        (Right.SETTINGS_READ, "manager group_manager admin"),
        (Right.SETTINGS, "admin"),
        (Right.IMPORT, "admin"),
        (Right.JOBS, "manager group_manager admin"),
        (Right.RUN_JOBS, "admin"),
        (Right.STAFF, "admin"),
        (Right.AUDIT, "manager admin"),
        (Right.TEAM, "manager group_manager"),
        (Right.RECORD, "advisor specialist manager"),
        (Right.SCRIPTS, "manager admin"),
        (Right.SCORECARD, "advisor specialist manager group_manager admin"),
        (Right.GROUP_BOARD, "group_manager admin"),
    ],
)
def test_right_belongs_to_these_roles(right, roles):
    assert {role for role in Role if rights.has(role, right)} == set(roles.split())


@pytest.mark.parametrize("right", Right)
def test_whoever_sees_the_group_reaches_the_group(right):
    for role, reach in rights.RIGHTS[right].items():
        assert (reach is Reach.GROUP) == (role in rights.GROUP_WIDE)
