"""Stores and the people who work there."""

from uuid import uuid4

from exchange.importing.cells import (
    NULL,
    Bad,
    Parser,
    boolean,
    clock,
    escaped,
    text,
    whole,
    word,
    zone,
)
from exchange.importing.chunk import Chunk
from exchange.importing.columns import Check, Field, Kind, column, words
from exchange.importing.identity_cells import listed
from exchange.importing.reasons import Reason
from exchange.importing.row import Row


def _make_groups(chunk: Chunk) -> None:
    """Groups named for the first time exist before their stores."""
    if chunk.load.group is None:
        chunk.run(
            "INSERT INTO stores_group (name)"
            " SELECT DISTINCT coalesce(s.group_name, %(default)s) FROM import_stage s"
            " LEFT JOIN stores_store t ON t.code = s.code"
            " WHERE t.id IS NULL AND s.line > %(lo)s AND s.line <= %(hi)s"
            " ON CONFLICT DO NOTHING"
        )


STORES = Kind(
    name="stores",
    table="stores_store",
    has_store=False,
    columns=(
        column("code", "门店代码/门店编码/店代码", "text", text(40), "key"),
        column("name", "门店名称/名称/店名", "text", text(120), "required"),
        column("group", "集团/所属集团", "group_name text", text(120)),
        column("city", "城市/所在城市", "text", text(80)),
        column("timezone", "时区", "text", zone),
        column("opens", "开门时间/营业开始", "opens time", clock),
        column("closes", "关门时间/营业结束", "closes time", clock),
        column("bays", "工位数/工位", "smallint", whole(32767)),
    ),
    key=(("code", "code"),),
    lookups="g.id AS group_id_found",
    joins="LEFT JOIN stores_group g ON g.name = coalesce(s.group_name, %(default)s)",
    checks=(
        Check(
            "%(group)s::bigint IS NOT NULL AND (t.group_id <> %(group)s"
            " OR s.group_name <> %(group_name)s)",
            "group",
            Reason.OTHER_GROUP,
        ),
        Check("t.group_id <> g.id AND s.group_name IS NOT NULL", "group", Reason.OTHER_GROUP),
        Check(
            "coalesce(s.opens, t.opens_at, '08:30') >= coalesce(s.closes, t.closes_at, '17:30')",
            "opens",
            Reason.OPENS_AFTER_CLOSING,
        ),
    ),
    known_as=("code",),
    fields=(
        Field("code", "code", "code"),
        Field("name", "name", "name"),
        Field("group_id", insert="w.group_id_found", update="t.group_id"),
        Field("city", "city", "city", "''"),
        Field("timezone", "timezone", "timezone", "'Asia/Shanghai'"),
        Field("opens_at", "opens", "opens", "'08:30'"),
        Field("closes_at", "closes", "closes", "'17:30'"),
        Field("bays", "bays", "bays", "0"),
        Field("is_active", insert="true", update="t.is_active"),
    ),
    before=_make_groups,
)


def _code(cell: str, row: Row) -> str:
    """A staff code; the row is sealed with the uid the person already has."""
    if len(cell) > 40:
        raise Bad(Reason.TOO_LONG)
    row.person = row.staff.get(cell)
    row.uid = row.person.uid if row.person else uuid4()
    return f"{escaped(cell)}\t{row.uid}"


def _stores(cell: str, row: Row) -> str:
    """The stores a person works at, all of one group."""
    found = [row.stores.get(code) for code in listed(cell)]
    stores = [store for store in found if store]
    if not stores or len(stores) < len(found):
        raise Bad(Reason.UNKNOWN_STORE)
    groups = {store.group_id for store in stores}
    if len(groups) > 1:
        raise Bad(Reason.OTHER_GROUP)
    ids = ",".join(str(key) for key in sorted({store.id for store in stores}))
    return f"{groups.pop()}\t{{{ids}}}"


def _sealed(name: str, limit: int) -> Parser:
    """E-mail or phone of a person, sealed; nothing when it is what we have."""

    def parse(cell: str, row: Row) -> str:
        if len(cell) > limit:
            raise Bad(Reason.TOO_LONG)
        escaped(cell)
        if row.person is not None and getattr(row.person, name) == cell:
            return NULL
        return row.sealed("stores_staff", name, cell)

    return parse


ROLES = words(
    ("advisor", "服务顾问/顾问"),
    ("specialist", "召回专员/专员"),
    ("manager", "店长/门店经理"),
    ("group_manager", "集团运营/集团经理"),
    ("admin", "管理员/系统管理员"),
)

_RIGHTS = """
    coalesce(s.role, t.role) <> t.role OR coalesce(s.active, t.is_active) <> t.is_active
    OR stores.wanted <> stores.present"""


def _one_user_name(chunk: Chunk) -> None:
    """A user name belongs to the first row that has it."""
    chunk.reject(
        "SELECT line FROM (SELECT line, row_number() OVER (PARTITION BY lower(username)"
        " ORDER BY line) AS nth FROM import_stage WHERE username IS NOT NULL) u WHERE nth > 1",
        "username",
        Reason.USERNAME_TAKEN,
    )


def _keep_stores(chunk: Chunk) -> None:
    """Rows of staff and stores; none for those who have all stores of the group."""
    chunk.file("staff_stores")


STAFF = Kind(
    name="staff",
    table="stores_staff",
    has_store=False,
    columns=(
        column("code", "员工编号/工号/员工代码", "code text, uid uuid", _code, "key"),
        column("name", "姓名/员工姓名", "text", text(80), "required"),
        column(
            "store",
            "门店/门店代码/所属门店",
            "group_id bigint, store_ids bigint[]",
            _stores,
            "required",
        ),
        column("role", "角色/岗位/职位", "text", word(ROLES), "required"),
        column("username", "用户名/登录名/账号", "text", text(80)),
        column("email", "邮箱/电子邮箱", "bytea", _sealed("email", 200)),
        column("phone", "电话/手机/手机号", "bytea", _sealed("phone", 60)),
        column("active", "在职/启用/是否在职", "boolean", boolean),
    ),
    key=(("code", "code"),),
    lookups=f"stores.wanted, ({_RIGHTS}) AS has_new_rights",
    joins="""
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(store_id ORDER BY store_id), '{}') AS present
            FROM stores_staffstore WHERE staff_id = t.id
        ) held
        CROSS JOIN LATERAL (
            SELECT held.present, CASE
                WHEN coalesce(s.role, t.role) IN ('group_manager', 'admin') THEN '{}'::bigint[]
                ELSE coalesce(s.store_ids, held.present) END AS wanted
        ) stores""",
    checks=(
        Check("t.group_id <> s.group_id", "store", Reason.OTHER_GROUP),
        Check(
            "%(group)s::bigint IS NOT NULL AND coalesce(s.group_id, t.group_id) <> %(group)s",
            "store",
            Reason.OTHER_GROUP,
        ),
        Check(
            "EXISTS (SELECT FROM stores_staff u WHERE lower(u.username) = lower(s.username)"
            " AND u.code <> s.code)",
            "username",
            Reason.USERNAME_TAKEN,
        ),
    ),
    known_as=("code",),
    prepare=_one_user_name,
    fields=(
        Field("code", "code", "code"),
        Field("uid", insert="w.uid", update="t.uid"),
        Field("name", "name", "name"),
        Field("group_id", insert="w.group_id", update="t.group_id"),
        Field("role", "role", "role"),
        Field("username", "username", "username"),
        Field("email_sealed", "email", "email", "''::bytea"),
        Field("phone_sealed", "phone", "phone", "''::bytea"),
        Field("source_digest", insert="''::bytea", update="t.source_digest"),
        Field("is_active", "active", "active", "true"),
        Field("language", insert="''", update="t.language"),
        # No password: the person is invited by a link.
        Field("password", insert="'!' || gen_random_uuid()", update="t.password"),
        Field(
            "session_epoch",
            insert="0",
            update="t.session_epoch + coalesce(w.has_new_rights, false)::int",
        ),
    ),
    after=_keep_stores,
)
