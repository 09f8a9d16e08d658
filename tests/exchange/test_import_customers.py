"""Customers: sealed details, search keys, consent, referrals, corrections by hand; staff."""

from datetime import date, datetime
from pathlib import Path

import pytest

from common.crypto import blind_index
from customers.models import ConsentEvent, Correction, Customer, Finding, Vehicle
from exchange.models import ImportFile
from stores.models import Group, Staff, StaffStore, Store
from stores.scope import all_stores
from tests.exchange.loading import CUSTOMERS, Loader, counts
from tests.factories import TODAY

pytestmark = pytest.mark.django_db
TOMORROW = date(2026, 6, 16)


@pytest.fixture
def loader(tmp_path: Path, north: Store, ben: Staff) -> Loader:
    return Loader(tmp_path)


def _one(number: str = "C1") -> Customer:
    with all_stores():
        return Customer.objects.get(external_id=number)


FULL = (
    "external_id,store,name,phone,gender,birthday,address,email,wechat_id,source,advisor,"
    "occupation,interests,dislikes,notes,influencer,club_member"
)
ROW = (
    "C1,NORTH,单小明,+86 138-1234-5678,男,1980-02-29,上海市某路1号,a@x.cn,wx1,walk-in,BEN,"
    "teacher,tea,phone calls,note,是,1"
)


def test_every_column_arrives(loader: Loader, ben: Staff) -> None:
    assert counts(loader("customers", FULL, ROW)) == (1, 0, 0, 0)
    one = _one()
    assert (one.name, one.name_pinyin, one.name_initials) == ("单小明", "shan xiao ming", "sxm")
    assert {"单", "小明", "sx"} <= set(one.name_parts)
    assert (one.phone, one.address, one.email, one.wechat_id) == (
        "13812345678",
        "上海市某路1号",
        "a@x.cn",
        "wx1",
    )
    assert bytes(one.phone_index) == blind_index("phone", "13812345678")
    assert bytes(one.phone_last4_index) == blind_index("phone last4", "5678", 4)
    assert (one.gender, one.birth_year, one.birth_month, one.birth_day) == ("male", 1980, 2, 29)
    assert (one.advisor, one.is_influencer, one.is_club_member) == (ben, True, True)
    assert one.received_on == TODAY
    assert b"138" not in bytes(one.phone_sealed)


def test_same_file_again_changes_nothing(loader: Loader) -> None:
    loader("customers", FULL, ROW)
    before = _one()
    record = loader("customers", FULL, ROW, on=TOMORROW)
    assert counts(record) == (0, 0, 1, 0)
    after = _one()
    assert bytes(before.phone_sealed) == bytes(after.phone_sealed)
    assert after.received_on == TODAY


def test_missing_columns_and_empty_cells_leave_what_there_is(loader: Loader) -> None:
    loader("customers", FULL, ROW)
    empty = "C1,NORTH,,," + "," * 13
    assert counts(loader("customers", FULL, empty)) == (0, 0, 1, 0)
    assert counts(loader.customer()) == (0, 1, 0, 0)
    one = _one()
    assert (one.name, one.email, one.occupation) == ("张三", "a@x.cn", "teacher")


def test_backslash_n_clears(loader: Loader) -> None:
    loader("customers", FULL, ROW)
    header = "external_id,store,name,phone,email,birthday,gender,notes,club_member"
    record = loader("customers", header, "C1,NORTH,,,\\N,\\N,\\N,\\N,\\N")
    assert counts(record) == (0, 1, 0, 0)
    one = _one()
    assert (one.email, one.birth_year, one.birth_day, one.gender) == ("", None, None, "unknown")
    assert (one.notes, one.is_club_member, one.address) == ("", False, "上海市某路1号")


def test_changed_details_open_for_the_row_that_is_there(loader: Loader) -> None:
    loader("customers", FULL, ROW)
    uid = _one().uid
    record = loader("customers", CUSTOMERS + ",email", "C1,NORTH,单小明,13987654321,b@x.cn")
    assert counts(record) == (0, 1, 0, 0)
    one = _one()
    assert (one.uid, one.phone, one.email, one.address) == (
        uid,
        "13987654321",
        "b@x.cn",
        "上海市某路1号",
    )


def test_advisor_is_taken_only_where_there_is_none(loader: Loader, cleo: Staff, ben: Staff) -> None:
    loader.customer()
    loader("customers", CUSTOMERS + ",advisor", "C1,NORTH,张三,13812345678,BEN")
    assert _one().advisor == ben
    record = loader("customers", CUSTOMERS + ",advisor", "C1,NORTH,张三,13812345678,CLEO")
    assert counts(record) == (0, 0, 1, 0)
    assert _one().advisor == ben


def test_birthday_without_year(loader: Loader) -> None:
    loader("customers", CUSTOMERS + ",birthday", "C1,NORTH,A,13812345678,02-29")
    one = _one()
    assert (one.birth_month, one.birth_day, one.birth_year) == (2, 29, None)


@pytest.mark.parametrize(
    ("phone", "is_dead"),
    [("13812345678", False), ("021-62345678", False), ("12345", True), ("no phone", True)],
)
def test_phone_that_is_no_number_is_kept_as_dead(loader: Loader, phone: str, is_dead: bool) -> None:
    record = loader("customers", CUSTOMERS, f"C1,NORTH,A,{phone}")
    assert (record.created, record.warned) == (1, int(is_dead))
    assert record.warnings == ({"dead_phone": 1} if is_dead else {})
    assert _one().is_phone_dead is is_dead


def test_finding_closes_when_the_phone_is_mended_and_opens_again(loader: Loader) -> None:
    def is_open() -> bool:
        with all_stores():
            return Finding.objects.get(kind="dead_phone").resolved_at is None

    loader("customers", CUSTOMERS, "C1,NORTH,A,12345")
    assert is_open()
    assert loader("customers", CUSTOMERS, "C1,NORTH,A,12345").warned == 1
    assert loader.customer().warned == 0
    assert not is_open()
    loader("customers", CUSTOMERS, "C1,NORTH,A,1234")
    assert is_open()


def test_referrer_may_come_later_in_the_file(
    loader: Loader, settings: pytest.FixtureRequest
) -> None:
    settings.IMPORT_CHUNK_ROWS = 1  # type: ignore[attr-defined]
    header = CUSTOMERS + ",referred_by"
    rows = ["C1,NORTH,A,13812345678,C2", "C2,NORTH,B,13812345679,"]
    assert counts(loader("customers", header, *rows)) == (2, 0, 0, 0)
    assert _one("C1").referred_by == _one("C2")
    assert counts(loader("customers", header, *rows)) == (0, 0, 2, 0)
    rows = ["C2,NORTH,B,13812345679,C3", "C3,NORTH,C,13812345670,"]
    assert counts(loader("customers", header, *rows)) == (1, 1, 0, 0)
    assert _one("C2").referred_by == _one("C3")


CONSENT = CUSTOMERS + ",consent,consent_at"


def _consent(loader: Loader, words: str, at: str = "", on: date | None = None) -> ImportFile:
    return loader("customers", CONSENT, f"C1,NORTH,张三,13812345678,{words},{at}", on=on)


def _events() -> list[tuple[str, bool, str]]:
    with all_stores():
        rows = ConsentEvent.objects.order_by("given_at", "channel", "pk")
        return [
            (row.channel, row.is_granted, row.given_at.date().isoformat() if row.given_at else "")
            for row in rows
        ]


def test_listed_channels_are_granted_at_their_time_once(loader: Loader) -> None:
    _consent(loader, "sms;微信", "2025-01-02 10:00")
    assert _events() == [("sms", True, "2025-01-02"), ("wechat", True, "2025-01-02")]
    assert counts(_consent(loader, "sms；wechat", "2025-01-02 10:00")) == (0, 0, 1, 0)
    assert counts(_consent(loader, "sms", "2025-02-02")) == (0, 1, 0, 0)
    assert len(_events()) == 3


def test_none_withdraws_every_channel_and_an_undated_row_never_grants_again(
    loader: Loader,
) -> None:
    _consent(loader, "sms")
    _consent(loader, "none")
    events = _events()
    assert len(events) == 6
    assert {(channel, granted) for channel, granted, _at in events if not granted} == {
        (channel, False) for channel in ("sms", "phone", "wechat", "email", "app")
    }
    assert counts(_consent(loader, "none")) == (0, 0, 1, 0)
    assert counts(_consent(loader, "sms")) == (0, 0, 1, 0)
    assert len(_events()) == 6


def test_blank_consent_is_unknown(loader: Loader) -> None:
    _consent(loader, "")
    assert _events() == []


def _correct(column: str, replaced: str, by: Staff) -> None:
    with all_stores():
        one = Customer.objects.get()
        Correction.objects.create(
            store=one.store,
            table="customers_customer",
            row_id=one.pk,
            column=column,
            replaced=replaced,
            corrected_by=by,
        )


def test_value_corrected_by_hand_stays_until_the_source_sends_another(
    loader: Loader, ben: Staff
) -> None:
    loader.customer()
    with all_stores():
        Customer.objects.update(name="张三丰")
    _correct("name", "张三", ben)
    assert counts(loader.customer()) == (0, 0, 1, 0)
    assert _one().name == "张三丰"
    assert counts(loader("customers", CUSTOMERS, "C1,NORTH,张山,13812345678")) == (0, 1, 0, 0)
    assert (_one().name, _one().name_pinyin) == ("张山", "zhang shan")
    with all_stores():
        assert not Correction.objects.exists()


def test_corrected_phone_is_compared_by_its_digest(loader: Loader, ben: Staff) -> None:
    loader.customer()
    one = _one()
    replaced = bytes(one.phone_digest).hex()
    loader("customers", CUSTOMERS, "C1,NORTH,张三,13900000000")
    _correct("phone", replaced, ben)
    assert counts(loader.customer()) == (0, 0, 1, 0)
    assert _one().phone == "13900000000"


def test_erased_customer_is_left_alone(loader: Loader) -> None:
    loader("customers", FULL, ROW)
    with all_stores():
        Customer.objects.update(name="", phone_sealed=b"", phone_digest=b"", erased_on=TODAY)
    assert counts(_consent(loader, "sms")) == (0, 0, 1, 0)
    one = _one()
    assert (one.name, one.phone) == ("", "")
    assert _events() == []


def test_change_of_a_customer_is_settled_for_the_cars(
    loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[list[int]] = []
    monkeypatch.setattr("exchange.importing.chunk.settle", settled.append)
    loader.customer()
    loader.vehicle()
    with all_stores():
        car = Vehicle.objects.get().pk
    loader("customers", CUSTOMERS, "C1,NORTH,李四,13812345678")
    loader("customers", CUSTOMERS, "C1,NORTH,李四,13812345678")
    assert settled == [[], [car], [car], []]


def test_stores_take_defaults_and_groups_by_name(tmp_path: Path) -> None:
    loader = Loader(tmp_path)
    rows = ["S1,One,,,,,,", "S2,Two,Big,上海,Asia/Urumqi,9:00,18:00,4"]
    header = "code,name,group,city,timezone,opens,closes,bays"
    assert counts(loader("stores", header, *rows)) == (2, 0, 0, 0)
    one, two = Store.objects.get(code="S1"), Store.objects.get(code="S2")
    assert (one.group.name, one.timezone, one.opens_at.hour) == ("Huitou", "Asia/Shanghai", 8)
    assert (two.group.name, two.timezone, two.closes_at.hour, two.bays) == (
        "Big",
        "Asia/Urumqi",
        18,
        4,
    )
    assert counts(loader("stores", header, *rows)) == (0, 0, 2, 0)
    assert Group.objects.filter(name="Huitou").count() == 1


STAFF = "code,name,store,role,username,email,phone,active"


def test_staff_with_stores_sealed_details_and_no_password(loader: Loader, south: Store) -> None:
    rows = [
        "P1,Pat,NORTH;SOUTH,specialist,,p@x.cn,13800000001,1",
        "P2,Ada,NORTH,管理员,boss,,,",
    ]
    assert counts(loader("staff", STAFF, *rows)) == (2, 0, 0, 0)
    pat, boss = Staff.objects.get(code="P1"), Staff.objects.get(code="P2")
    assert (pat.username, pat.email, pat.phone, pat.stores.count()) == (
        None,
        "p@x.cn",
        "13800000001",
        2,
    )
    assert not pat.has_usable_password()
    assert (boss.role, boss.username, boss.stores.count()) == ("admin", "boss", 0)
    assert counts(loader("staff", STAFF, *rows)) == (0, 0, 2, 0)


@pytest.mark.parametrize(
    ("row", "epoch"),
    [
        ("P1,Patricia,NORTH,advisor,,q@x.cn,,1", 0),
        ("P1,Pat,SOUTH,advisor,,,,1", 1),
        ("P1,Pat,NORTH,manager,,,,1", 1),
        ("P1,Pat,NORTH,advisor,,,,0", 1),
        ("P1,Pat,NORTH,group_manager,,,,1", 1),
    ],
)
def test_new_rights_end_open_sessions(loader: Loader, south: Store, row: str, epoch: int) -> None:
    loader("staff", STAFF, "P1,Pat,NORTH,advisor,,p@x.cn,,1")
    assert counts(loader("staff", STAFF, row)) == (0, 1, 0, 0)
    assert Staff.objects.get(code="P1").session_epoch == epoch
    wanted = [] if "group_manager" in row else [row.split(",")[2]]
    stores = StaffStore.objects.filter(staff__code="P1").values_list("store__code", flat=True)
    assert list(stores) == wanted


def test_times_without_zone_are_the_stores_own(loader: Loader, north: Store) -> None:
    Store.objects.update(timezone="Asia/Urumqi")
    _consent(loader, "sms", "2025-01-02 10:00")
    with all_stores():
        given = ConsentEvent.objects.get().given_at
    assert given == datetime.fromisoformat("2025-01-02T10:00:00+06:00")
