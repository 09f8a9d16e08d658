"""Who may do what: one table of role × right × reach.

The door (stores/middleware.py), the menu, docs/access.md and the tests are all made from it.
"""

from enum import StrEnum

from stores.choices import Role


class Right(StrEnum):
    """One kind of work; every page but the public and the personal ones needs exactly one."""

    CALL_LIST = "call_list"
    STORE_BOARD = "store_board"
    CUSTOMERS = "customers"
    UNMASK = "unmask"
    SETTINGS_READ = "settings_read"
    SETTINGS = "settings"
    IMPORT = "import"
    JOBS = "jobs"
    RUN_JOBS = "run_jobs"
    STAFF = "staff"
    AUDIT = "audit"
    # Who does what today; giving tasks and customers away, absences.
    TEAM = "team"
    # Customers and cars entered or put right by hand; contacts, reminders and complaints noted.
    RECORD = "record"
    SCRIPTS = "scripts"
    # The advisors' scores: managers see all of their stores', everybody else the own one.
    SCORECARD = "scorecard"
    # The group's stores beside each other.
    GROUP_BOARD = "group_board"


class Reach(StrEnum):
    """How far a right goes: the reader's own customers, the reader's stores, the whole group."""

    OWN = "own"
    STORE = "store"
    GROUP = "group"


_ADVISOR, _SPECIALIST, _MANAGER = Role.ADVISOR, Role.SPECIALIST, Role.MANAGER
_GROUP_MANAGER, _ADMIN = Role.GROUP_MANAGER, Role.ADMIN
_BOARDS = {_MANAGER: Reach.STORE, _GROUP_MANAGER: Reach.GROUP, _ADMIN: Reach.GROUP}

# A role that is missing from a right's row does not have the right.
RIGHTS: dict[Right, dict[Role, Reach]] = {
    Right.CALL_LIST: {_ADVISOR: Reach.OWN, _SPECIALIST: Reach.OWN, _MANAGER: Reach.STORE},
    Right.STORE_BOARD: _BOARDS,
    # A colleague's customer in the same store may be opened (a stand-in, the front desk): logged.
    Right.CUSTOMERS: {_ADVISOR: Reach.STORE, _SPECIALIST: Reach.STORE, **_BOARDS},
    Right.UNMASK: {
        _ADVISOR: Reach.STORE,
        _SPECIALIST: Reach.STORE,
        _MANAGER: Reach.STORE,
        _ADMIN: Reach.GROUP,
    },
    Right.SETTINGS_READ: _BOARDS,
    Right.SETTINGS: {_ADMIN: Reach.GROUP},
    Right.IMPORT: {_ADMIN: Reach.GROUP},
    Right.JOBS: _BOARDS,
    Right.RUN_JOBS: {_ADMIN: Reach.GROUP},
    Right.STAFF: {_ADMIN: Reach.GROUP},
    Right.AUDIT: {_MANAGER: Reach.STORE, _ADMIN: Reach.GROUP},
    Right.TEAM: {_MANAGER: Reach.STORE, _GROUP_MANAGER: Reach.GROUP},
    Right.RECORD: {_ADVISOR: Reach.STORE, _SPECIALIST: Reach.STORE, _MANAGER: Reach.STORE},
    Right.SCRIPTS: {_MANAGER: Reach.STORE, _ADMIN: Reach.GROUP},
    Right.SCORECARD: {_ADVISOR: Reach.OWN, _SPECIALIST: Reach.OWN, **_BOARDS},
    Right.GROUP_BOARD: {_GROUP_MANAGER: Reach.GROUP, _ADMIN: Reach.GROUP},
}

# These see every store of their group; everybody else the stores they are assigned to.
GROUP_WIDE = frozenset({_GROUP_MANAGER, _ADMIN})
# These see their own customers first (call list, counts).
OWN_ONLY = frozenset({_ADVISOR, _SPECIALIST})
# R29: these sign in with a second factor whenever it is switched on.
SECOND_FACTOR = frozenset({_MANAGER, _GROUP_MANAGER, _ADMIN})


def has(role: str, right: Right) -> bool:
    """Whether the role has the right at all, whatever its reach."""
    return role in RIGHTS[right]
