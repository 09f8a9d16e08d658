"""Everything that is installed is pinned, and every requirement says why it is there."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements-dev.txt")


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text("utf-8").splitlines()
    return [line for line in text if line and not line.startswith(("#", "-"))]


def pins(*files: str) -> dict[str, str]:
    found = [Requirement(line.partition("#")[0]) for name in files for line in lines(name)]
    return {canonicalize_name(one.name): str(one.specifier) for one in found}


def reachable(requirement: Requirement, seen: dict[tuple[str, str], str]) -> None:
    """Adds what the requirement brings along on this machine, with its version."""
    key = (canonicalize_name(requirement.name), ",".join(sorted(requirement.extras)))
    if key in seen:
        return
    found = metadata.distribution(requirement.name)
    seen[key] = found.version
    for line in found.requires or []:
        needed = Requirement(line)
        extras = [*requirement.extras, ""]
        if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
            reachable(needed, seen)


@pytest.mark.parametrize("line", [line for name in FILES for line in lines(name)])
def test_a_requirement_is_exact_and_says_why(line: str) -> None:
    assert re.match(r"[\w.-]+(\[\w+\])?==[\w.]+ +# [A-Za-z].+", line)


def test_everything_installed_is_pinned() -> None:
    seen: dict[tuple[str, str], str] = {}
    for name in FILES:
        for line in lines(name):
            reachable(Requirement(line.partition("#")[0]), seen)
    installed = {name: f"=={version}" for (name, _), version in seen.items()}
    assert set(installed.items()) - set(pins(*FILES, "constraints.txt").items()) == set()


def test_the_constraints_are_in_order() -> None:
    names = [line.partition("==")[0].lower() for line in lines("constraints.txt")]
    assert names == sorted(names)
