"""The import pages: what is taken in, once, for whom; progress, rejected rows, the fix list."""

import csv
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from customers.models import Customer, Finding
from exchange.choices import FileKind
from exchange.models import ImportFile
from exchange.services import uploads
from exchange.services.uploads import Upload
from exchange.tasks import import_file
from exchange.uploads import guessed_kind
from stores.access import reader_of
from stores.models import AuditEntry, Staff, Store
from stores.scope import all_stores
from tests.factories import (
    TODAY,
    CustomerFactory,
    FindingFactory,
    ImportFileFactory,
    ImportRejectionFactory,
    VehicleFactory,
    VisitFactory,
    at,
)

CSV = "external_id,store,name,phone\n1,NORTH,王建国,13800000000\n".encode()
POLL = {"HX-Request": "true"}


def _sign_in(client: Client, staff: Staff) -> Client:
    staff.language = "en"
    staff.save()
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(client: Client, dora: Staff, settings: Any, tmp_path: Path) -> Client:
    settings.HUITOU_HOME = tmp_path
    return _sign_in(client, dora)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    calls: list[tuple[str, int]] = []
    monkeypatch.setattr("exchange.services.uploads.wake", lambda *call: calls.append(call))
    return calls


def _file(name: str = "customers.csv", content: bytes = CSV) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def _send(client: Client, *files: SimpleUploadedFile, **data: Any) -> Any:
    submission = client.get("/imports/").context["form"]["submission"].value()
    return client.post(
        "/imports/upload/", {"submission": submission, "upload": list(files), **data}, follow=True
    )


def _workbook(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names or ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(name, "<x/>")
    return content.getvalue()


def test_an_upload_waits_under_a_random_name_and_a_worker_is_woken(
    admin: Client, dora: Staff, tmp_path: Path, woken: list[tuple[str, int]]
) -> None:
    page = _send(admin, _file())
    record = ImportFile.objects.get()
    stored = tmp_path / record.path
    assert (record.state, record.kind, record.name) == ("waiting", "customers", "customers.csv")
    assert (record.group, record.uploaded_by) == (dora.group, dora)
    assert stored.read_bytes() == CSV
    assert "customers" not in record.path
    assert stored.stat().st_mode & 0o777 == 0o600
    assert woken == [("exchange.tasks.import_file", record.pk)]
    assert "1 file is being imported." in page.content.decode()
    assert AuditEntry.objects.get(action="imported").thing_id == record.pk


def test_several_files_wait_in_the_order_in_which_they_load(
    admin: Client, woken: list[tuple[str, int]]
) -> None:
    _send(admin, _file("工单.csv"), _file("车辆.csv"), _file("stores.xlsx", _workbook()), _file())
    kinds = list(ImportFile.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["stores", "customers", "vehicles", "visits"]


def test_a_form_sent_twice_is_one_import(
    admin: Client, tmp_path: Path, woken: list[tuple[str, int]]
) -> None:
    submission = admin.get("/imports/").context["form"]["submission"].value()
    for _click in range(2):
        page = admin.post(
            "/imports/upload/", {"submission": submission, "upload": [_file()]}, follow=True
        )
    assert ImportFile.objects.count() == len(woken) == len(list((tmp_path / "uploads").iterdir()))
    assert "These files were received already." in page.content.decode()


def test_a_twin_of_the_same_moment_leaves_no_second_copy(
    admin: Client, dora: Staff, tmp_path: Path, woken: list[tuple[str, int]]
) -> None:
    submission, reader = uuid4(), reader_of(dora)
    twin = Upload(0, _file(), FileKind.CUSTOMERS, ".csv")
    [first] = uploads.receive([twin], submission, reader)
    assert uploads._receive(twin, first.upload_uid, reader) is None
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_the_same_file_in_a_new_form_is_a_new_import(
    admin: Client, woken: list[tuple[str, int]]
) -> None:
    _send(admin, _file())
    _send(admin, _file())
    assert ImportFile.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param("customers.csv", b"", "the file is empty", id="empty"),
        pytest.param("customers.csv", b"\x89PNG\r\n\x1a\n\0\0", "not a CSV", id="a picture"),
        pytest.param("customers.csv", b"PK\x03\x04\0\0", "not a CSV", id="a zip called CSV"),
        pytest.param("customers.exe", CSV, "not a CSV", id="another extension"),
        pytest.param("customers.xlsx", CSV, "not a CSV", id="text called a workbook"),
        pytest.param("customers.xlsx", b"PK\x03\x04 torn", "not a CSV", id="a torn workbook"),
        pytest.param("customers.xlsx", _workbook("x"), "not a CSV", id="a zip called a workbook"),
        pytest.param("data.csv", CSV, "choose what is in it", id="a name that says nothing"),
    ],
)
def test_a_bad_file_is_refused_at_the_field_and_nothing_is_kept(
    admin: Client, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    page = _send(admin, _file(name, content))
    if content:
        assert told in page.context["form"].errors["upload"][0]
    assert 'id="id_upload_error"' in page.content.decode()
    assert not ImportFile.objects.exists()
    assert not (tmp_path / "uploads").exists()


def test_no_file_at_all_is_told(admin: Client) -> None:
    assert "Choose at least one file." in _send(admin).content.decode()


@pytest.mark.parametrize(("size", "is_taken"), [(len(CSV), True), (len(CSV) - 1, False)])
def test_a_file_may_be_as_large_as_the_limit(
    admin: Client, settings: Any, woken: list[tuple[str, int]], size: int, is_taken: bool
) -> None:
    settings.UPLOAD_MAX_BYTES = size
    _send(admin, _file())
    assert ImportFile.objects.exists() is is_taken


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_full_disk_refuses_files_first(
    admin: Client, settings: Any, woken: list[tuple[str, int]], is_taken: bool
) -> None:
    """R45: while the database still has room to write."""
    free = shutil.disk_usage(settings.HUITOU_HOME).free
    settings.UPLOAD_RESERVE_BYTES = 0 if is_taken else free + (1 << 30)
    page = _send(admin, _file()).content.decode()
    assert ImportFile.objects.exists() is is_taken
    assert ("disk is nearly full" in page) is not is_taken


def test_good_files_are_kept_beside_a_bad_one(admin: Client, woken: list[tuple[str, int]]) -> None:
    page = _send(admin, _file(), _file("visits.pdf", b"%PDF-1.7")).content.decode()
    assert "1 file is being imported." in page
    assert "visits.pdf: not a CSV file" in page


def test_a_chosen_kind_counts_more_than_the_name(
    admin: Client, woken: list[tuple[str, int]]
) -> None:
    _send(admin, _file("customers.csv"), kind="visits")
    assert ImportFile.objects.get().kind == "visits"


def test_gb18030_as_chinese_excel_writes_it_is_text(
    admin: Client, woken: list[tuple[str, int]]
) -> None:
    _send(admin, _file("客户.csv", "客户编号,姓名\n1,王建国\n".encode("gb18030") * 4000))
    assert ImportFile.objects.get().kind == "customers"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("customers.csv", FileKind.CUSTOMERS),
        ("2026-11_VISITS.xlsx", FileKind.VISITS),
        ("满意度-客户.csv", FileKind.SURVEYS),
        ("客户车辆.csv", FileKind.VEHICLES),
        ("revisits.csv", None),
        ("data.csv", None),
    ],
)
def test_the_name_says_what_is_in_a_file(name: str, kind: FileKind | None) -> None:
    assert guessed_kind(name) == kind


def test_an_import_of_another_group_is_a_404_like_a_missing_one(
    admin: Client, elsewhere: Store
) -> None:
    theirs = ImportFileFactory(group=elsewhere.group, rejected=1, name="theirs.csv")
    nobodys = ImportFileFactory(group=None, rejected=1, name="command-line.csv")
    for pk in (theirs.pk, nobodys.pk, 999_999):
        assert admin.get(f"/imports/{pk}/").status_code == 404
        assert admin.get(f"/imports/{pk}/rejected.csv").status_code == 404
    assert not list(admin.get("/imports/").context["page"])


def test_a_manager_does_not_import(client: Client, ada: Staff) -> None:
    _sign_in(client, ada)
    assert client.get("/imports/").status_code == 403
    assert client.post("/imports/upload/", {"upload": [_file()]}).status_code == 403


@pytest.mark.parametrize("url", ["/imports/", "/imports/{pk}/"])
def test_polling_answers_with_the_part_alone_and_stops_when_finished(
    admin: Client, dora: Staff, url: str
) -> None:
    record = ImportFileFactory(group=dora.group, state="running", rows=1000, handled=400)
    address = url.format(pk=record.pk)
    running = admin.get(address, headers=POLL).content.decode()
    assert "<html" not in running
    assert "hx-trigger" in running
    assert "400 of 1,000 rows" in running
    ImportFile.objects.filter(pk=record.pk).update(state="done", handled=1000)
    finished = admin.get(address, headers=POLL).content.decode()
    assert "hx-trigger" not in finished
    assert "<progress" not in finished


def test_rejected_rows_say_line_column_masked_value_and_why(admin: Client, dora: Staff) -> None:
    record = ImportFileFactory(group=dora.group, rejected=2)
    ImportRejectionFactory(file=record, line=7, value_masked="138****1234", reason="required")
    page = admin.get(f"/imports/{record.pk}/").content.decode()
    for text in (
        "7",
        "phone",
        "138****1234",
        "A value is required here.",
        "partly rejected",
        "电话",
    ):
        assert text in page


def test_rejected_rows_come_in_pages(admin: Client, dora: Staff) -> None:
    record = ImportFileFactory(group=dora.group, rejected=101)
    for line in range(2, 103):
        ImportRejectionFactory(file=record, line=line)
    second = admin.get(f"/imports/{record.pk}/?page=2", headers=POLL)
    assert [row.line for row in second.context["page"]] == [102]


@pytest.mark.parametrize("kind", FileKind.values)
def test_every_kind_has_a_template_with_its_headings(admin: Client, kind: str) -> None:
    answer = admin.get(f"/imports/template/{kind}.csv")
    [headings] = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert len(headings) == len(set(headings)) > 3
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'


def test_a_kind_that_does_not_exist_has_no_template(admin: Client) -> None:
    assert admin.get("/imports/template/passwords.csv").status_code == 404


class TestFixList:
    """Rows that were accepted with a warning."""

    @pytest.fixture
    def found(self, north: Store, south: Store, elsewhere: Store) -> None:
        with all_stores():
            car = VehicleFactory(customer__store=north, customer__name="王建国", plate="沪A88888")
            visit = VisitFactory(vehicle=car, work_order_no="W-1")
            FindingFactory(store=north, kind="odometer", row_id=visit.pk)
            buyer = CustomerFactory(store=south, name="李慧")
            FindingFactory(
                store=south, kind="dead_phone", table="customers_customer", row_id=buyer.pk
            )
            stranger = CustomerFactory(store=elsewhere, name="陌生人")
            FindingFactory(
                store=elsewhere, kind="dead_phone", table="customers_customer", row_id=stranger.pk
            )

    def test_shows_the_own_groups_rows_with_links(self, admin: Client, found: None) -> None:
        page = admin.get("/imports/findings/").content.decode()
        for text in ("王建国", "沪A88888", "W-1", "李慧", "/customers/"):
            assert text in page
        assert "陌生人" not in page

    def test_can_be_narrowed_by_kind_and_store(self, admin: Client, found: None) -> None:
        names = [
            [
                line.customer.name
                for line in admin.get(f"/imports/findings/?{query}").context["lines"]
            ]
            for query in ("kind=dead_phone", "store=NORTH", "kind=odometer&store=SOUTH")
        ]
        assert names == [["李慧"], ["王建国"], []]

    @pytest.mark.parametrize("query", ["kind=weather", "store=ELSE", "store=NOWHERE"])
    def test_an_unknown_kind_and_a_strangers_store_are_not_found(
        self, admin: Client, found: None, query: str
    ) -> None:
        assert admin.get(f"/imports/findings/?{query}").status_code == 404

    def test_a_mended_row_is_gone(self, admin: Client, found: None) -> None:
        with all_stores():
            Finding.objects.update(resolved_at=at(TODAY))
        assert "Nothing to fix" in admin.get("/imports/findings/").content.decode()


class TestThroughTheWorker:
    """From the form to the rows, as a worker does it."""

    CUSTOMERS = (
        "external_id,store,name,phone,extra\n"
        "C1,NORTH,王建国,13800000001,x\n"
        "C2,ELSE,李慧,13800000002,x\n"
        "C3,NOWHERE,赵婷,13800000003,x\n"
        "C4,NORTH,,13800000004,x\n"
    ).encode()

    @pytest.fixture
    def done(
        self, admin: Client, north: Store, elsewhere: Store, woken: list[tuple[str, int]]
    ) -> ImportFile:
        _send(admin, _file(content=self.CUSTOMERS))
        import_file(woken[0][1])
        return ImportFile.objects.get()

    def test_good_rows_are_kept_and_another_groups_store_is_an_unknown_one(
        self, done: ImportFile
    ) -> None:
        assert (done.state, done.created, done.rejected) == ("done", 1, 3)
        with all_stores():
            assert list(Customer.objects.values_list("external_id", flat=True)) == ["C1"]
        reasons = list(done.rejections.order_by("line").values_list("line", "column", "reason"))
        assert reasons == [
            (3, "store", "unknown_store"),
            (4, "store", "unknown_store"),
            (5, "name", "required"),
        ]

    def test_the_upload_is_thrown_away_when_it_was_read(
        self, done: ImportFile, tmp_path: Path
    ) -> None:
        assert done.path == ""
        assert not list((tmp_path / "uploads").iterdir())

    def test_the_page_tells_counts_reasons_and_what_was_passed_over(
        self, admin: Client, done: ImportFile
    ) -> None:
        page = admin.get(f"/imports/{done.pk}/").content.decode()
        for text in ("partly rejected", "There is no such store.", "Columns that were passed over"):
            assert text in page
        assert "13800000002" not in page

    def test_rejected_rows_can_be_downloaded_corrected_and_sent_again(
        self, admin: Client, done: ImportFile, dora: Staff, woken: list[tuple[str, int]]
    ) -> None:
        answer = admin.get(f"/imports/{done.pk}/rejected.csv")
        assert answer.streaming
        content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert [row["phone"][-1] for row in rows] == ["2", "3", "4"]
        assert rows[0]["reason"] == "There is no such store."
        entry = AuditEntry.objects.get(action="exported")
        assert (entry.actor, entry.thing_id) == (dora, done.pk)
        mended = content.replace(b"ELSE", b"NORTH").replace(b"NOWHERE", b"NORTH")
        _send(admin, _file(content=mended))
        import_file(woken[1][1])
        again = ImportFile.objects.get(pk=woken[1][1])
        assert (again.created, again.rejected) == (2, 1)

    def test_a_file_without_a_required_column_says_which(
        self, admin: Client, north: Store, woken: list[tuple[str, int]]
    ) -> None:
        _send(admin, _file(content=b"external_id,store\n1,NORTH\n"))
        import_file(woken[0][1])
        record = ImportFile.objects.get()
        page = admin.get(f"/imports/{record.pk}/").content.decode()
        assert record.state == "failed"
        assert "Required columns are missing" in page
