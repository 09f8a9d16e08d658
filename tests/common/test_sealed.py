"""What a sealed file refuses, and how little memory it takes (R44)."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from common import sealed
from common.exceptions import DomainError

KEY, OTHER = "k" * 48, "o" * 48
FACTS = b'{"kind": "dump"}'
REFUSALS = {"damaged", "unsealed", "other_backup_key"}


def seal(path: Path, content: bytes, key: str = KEY) -> list[bytes]:
    """Its head and its pieces as they lie in the file."""
    with path.open("wb") as file:
        sealer = sealed.Sealer(file, key)
        for start in range(0, len(content), 7):
            sealer.write(content[start : start + 7])
        sealer.finish(FACTS)
    raw = path.read_bytes()
    found, rest = [raw[: sealed.HEAD_BYTES]], raw[sealed.HEAD_BYTES :]
    while rest:
        size = sealed.LENGTH_BYTES + int.from_bytes(rest[: sealed.LENGTH_BYTES], "big")
        found.append(rest[:size])
        rest = rest[size:]
    return found


def opened(path: Path) -> bytes:
    return b"".join(sealed.pieces(path, KEY))


def refusal(path: Path, key: str = KEY) -> str:
    with pytest.raises(DomainError) as refused:
        sealed.facts(path, key)
    return refused.value.code


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of ten bytes (and the facts in one of twenty)."""
    monkeypatch.setattr(sealed, "PIECE", 20)


@pytest.mark.parametrize("size", [0, 1, 19, 20, 21, 60])
def test_what_was_sealed_comes_back(tmp_path: Path, small: None, size: int) -> None:
    path, content = tmp_path / "a", bytes(range(size))
    seal(path, content)
    assert opened(path) == content
    assert sealed.facts(path, KEY) == FACTS
    assert content[:10] not in path.read_bytes() or size < 10


def test_no_bit_can_be_changed(tmp_path: Path, small: None) -> None:
    path = tmp_path / "a"
    raw = b"".join(seal(path, bytes(50)))
    for place in range(len(raw)):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        assert refusal(path) in REFUSALS


def test_nothing_can_be_cut_off_or_put_behind(tmp_path: Path, small: None) -> None:
    path = tmp_path / "a"
    raw = b"".join(seal(path, bytes(50)))
    for size in range(len(raw)):
        path.write_bytes(raw[:size])
        assert refusal(path) in REFUSALS
    path.write_bytes(raw + b"\0")
    assert refusal(path) == "damaged"


@pytest.mark.parametrize(
    "change",
    [
        lambda head, a, b, last: [head, b, a, last],
        lambda head, a, b, last: [head, a, last],
        lambda head, a, b, last: [head, a, a, b, last],
        lambda head, a, b, last: [head, a, b],
        lambda head, a, b, last: [head, last],
    ],
    ids=["exchanged", "left out", "doubled", "without its end", "only its end"],
)
def test_pieces_stay_where_they_are(
    tmp_path: Path, small: None, change: Callable[..., list[bytes]]
) -> None:
    path = tmp_path / "a"
    parts = seal(path, bytes(40))
    path.write_bytes(b"".join(change(*parts)))
    assert refusal(path) == "damaged"


def test_a_piece_of_another_file_does_not_fit(tmp_path: Path, small: None) -> None:
    head, one, two, last = seal(tmp_path / "a", bytes(40))
    _head, other, _two, _last = seal(tmp_path / "b", bytes(40))
    assert one != other  # the same content under the same key
    (tmp_path / "a").write_bytes(b"".join([head, other, two, last]))
    assert refusal(tmp_path / "a") == "damaged"


def test_another_key_and_another_kind_of_file_are_told_apart(tmp_path: Path) -> None:
    seal(tmp_path / "a", bytes(40))
    assert refusal(tmp_path / "a", OTHER) == "other_backup_key"
    (tmp_path / "b").write_bytes(bytes(2000))
    assert refusal(tmp_path / "b") == "unsealed"
    assert refusal(tmp_path / "missing") == "unreadable"


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path, piece = tmp_path / "a", bytes(sealed.PIECE)
    tracemalloc.start()
    try:
        with path.open("wb") as file:
            sealer = sealed.Sealer(file, KEY)
            for _ in range(64):
                sealer.write(piece)
            sealer.finish(FACTS)
        assert sum(map(len, sealed.pieces(path, KEY))) == 64 * sealed.PIECE
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * sealed.PIECE
