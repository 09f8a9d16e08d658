"""The cast: North and South belong to one group, Elsewhere to another.

Ada manages North, Ben advises there, Cleo advises at South, Dora administers the group, Eve
administers the other group.
"""

import pytest

from stores.choices import Role
from stores.models import Group, Staff, Store
from tests.factories import GroupFactory, StaffFactory, StoreFactory


@pytest.fixture
def group(db: None) -> Group:
    return GroupFactory(name="Harbour Motors")


@pytest.fixture
def north(group: Group) -> Store:
    return StoreFactory(group=group, code="NORTH", name="North")


@pytest.fixture
def south(group: Group) -> Store:
    return StoreFactory(group=group, code="SOUTH", name="South")


@pytest.fixture
def elsewhere(db: None) -> Store:
    return StoreFactory(group=GroupFactory(name="Strangers"), code="ELSE", name="Elsewhere")


@pytest.fixture
def ada(north: Store) -> Staff:
    return _person("ada", Role.MANAGER, north)


@pytest.fixture
def ben(north: Store) -> Staff:
    return _person("ben", Role.ADVISOR, north)


@pytest.fixture
def cleo(south: Store) -> Staff:
    return _person("cleo", Role.ADVISOR, south)


@pytest.fixture
def dora(north: Store, south: Store) -> Staff:
    return _person("dora", Role.ADMIN, north, assigned=False)


@pytest.fixture
def eve(elsewhere: Store) -> Staff:
    return _person("eve", Role.ADMIN, elsewhere, assigned=False)


def _person(name: str, role: Role, store: Store, assigned: bool = True) -> Staff:
    return StaffFactory(
        group=store.group,
        code=name.upper(),
        name=name.capitalize(),
        username=name,
        role=role,
        at=[store] if assigned else [],
    )
