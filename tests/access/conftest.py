"""Browsers, people with a password, and how often one is checked."""

import datetime

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import Client
from django.utils import timezone

from stores.models import Staff

PASSWORD = "seven lanterns at noon"


@pytest.fixture(scope="session")
def hashed() -> str:
    return make_password(PASSWORD)


@pytest.fixture
def with_password(hashed):
    """Gives a person the password of these tests."""

    def give(staff: Staff) -> Staff:
        staff.password = hashed
        staff.save(update_fields=["password"])
        return staff

    return give


@pytest.fixture
def sign_in():
    """Signs in through the form; answers the response."""

    def post(client: Client, username: str, password: str = PASSWORD, **headers: str):
        return client.post(
            "/login/", {"username": username, "password": password, "next": "/account/"}, **headers
        )

    return post


@pytest.fixture
def hashings(monkeypatch):
    """The moments at which a password was hashed, to keep it or to check one."""
    counted: list[datetime.datetime] = []
    real = MD5PasswordHasher.encode

    def count(self, *args):
        counted.append(timezone.now())
        return real(self, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", count)
    return counted
