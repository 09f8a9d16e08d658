"""`manage.py load`, end to end on the ten files of `tests/exchange/files`."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from customers import models as rows
from exchange.choices import FileKind
from exchange.importing.kinds import KINDS
from stores.models import Staff, Store
from stores.scope import all_stores
from tests.factories import TODAY

FILES = Path(__file__).with_name("files")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def _load(*words: str, **options: Any) -> tuple[int, str]:
    """Exit status and output."""
    out = io.StringIO()
    try:
        call_command("load", *words, stdout=out, stderr=out, **options)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def test_folder_loads_in_the_right_order_and_again_without_change() -> None:
    status, text = _load(dir=FILES, as_of=TODAY, json=True)
    files = json.loads(text)["files"]
    assert [one["kind"] for one in files] == FileKind.values
    assert status == 1
    assert [one["kind"] for one in files if one["warned"]] == ["customers", "visits"]
    assert not any(one["rejected"] for one in files)
    with all_stores():
        loaded = [
            model.objects.count()
            for model in (Store, Staff, rows.Customer, rows.Vehicle, rows.Visit, rows.Survey,
                          rows.Complaint, rows.Contact, rows.Appointment, rows.Engagement)
        ]  # fmt: skip
    assert loaded == [one["created"] for one in files]
    _status, text = _load(dir=FILES, as_of=TODAY, json=True)
    again = json.loads(text)["files"]
    assert [one["unchanged"] for one in again] == loaded
    assert not any(one["created"] or one["updated"] for one in again)


def test_clean_file_ends_with_zero_and_says_when_nothing_is_new() -> None:
    assert _load("stores", str(FILES / "stores.csv"))[0] == 0
    status, text = _load("stores", str(FILES / "stores.csv"))
    assert status == 0
    assert "Nothing new" in text


def test_rejected_rows_are_shown_masked_and_written_out(tmp_path: Path) -> None:
    _load("stores", str(FILES / "stores.csv"))
    path = tmp_path / "customers.csv"
    path.write_text(
        "external_id,store,name,phone,gender\n1,S1,王小明,13912345678,other\n2,S1,Bo,13812345678,\n"
    )
    rejects = tmp_path / "rejects.csv"
    status, text = _load("customers", str(path), rejects=rejects)
    assert status == 1
    assert "customers.csv line 2, gender: other — This word is not one" in text
    assert "13912345678" not in text
    assert rejects.read_text(encoding="utf-8-sig").splitlines()[1].startswith("1,S1,王小明,139")


def test_unreadable_file_ends_with_two_and_the_others_are_loaded(tmp_path: Path) -> None:
    shutil.copy(FILES / "stores.csv", tmp_path)
    (tmp_path / "staff.csv").write_text("code,name\nP1,Pat\n")
    status, text = _load(dir=tmp_path)
    assert status == 2
    assert "Required columns are missing: store (门店), role (角色)" in text
    assert Store.objects.exists()


@pytest.mark.parametrize("words", [[], ["stores"]], ids=["nothing", "no file"])
def test_bad_usage_ends_with_two(words: list[str]) -> None:
    assert _load(*words)[0] == 2


def test_folder_without_known_files_is_bad_usage(tmp_path: Path) -> None:
    assert _load(dir=tmp_path)[0] == 2
    assert _load(dir=tmp_path / "missing")[0] == 2


def test_store_option_takes_that_stores_rows_only() -> None:
    for kind in ("stores", "staff"):
        _load(kind, str(FILES / f"{kind}.csv"))
    status, text = _load("customers", str(FILES / "customers.csv"), store=["S2"], json=True)
    one = json.loads(text)["files"][0]
    assert (status, one["created"] > 0, one["rejected"] > 0) == (1, True, True)
    assert {rejection["code"] for rejection in one["rejections"]} == {"other_store"}


@pytest.mark.parametrize("kind", FileKind.values)
def test_guide_shows_every_column_and_its_chinese_headings(kind: str) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    section = guide.split(f"### {kind}\n")[1].split("###")[0]
    for column in KINDS[kind].columns:
        star = "\\*" if column.is_required else ""
        assert f"| {column.name}{star} | {'、'.join(column.headings)} |" in section
