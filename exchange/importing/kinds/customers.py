"""Customers: sealed contact details, search keys, referrals and consent."""

from dataclasses import replace

from common.crypto import has_former_keys
from customers.choices import FindingKind
from customers.services.keys import renew
from exchange.importing.cells import birthday, boolean, past_moment, text, word
from exchange.importing.chunk import Chunk
from exchange.importing.columns import Field, Kind, column, words
from exchange.importing.identity_cells import consent, name, phone, sealed, staff
from exchange.importing.reasons import Reason
from exchange.importing.sealing import rebind

TABLE = "customers_customer"
GENDERS = words(("male", "男/先生"), ("female", "女/女士"), ("unknown", "未知/不详"))
SEALED = ("phone", "address", "email", "wechat")


_NEW_WITHOUT = """
    SELECT s.line FROM import_stage s
    LEFT JOIN customers_customer t ON t.store_id = s.store_id AND t.external_id = s.external_id
    WHERE t.id IS NULL AND s.{column} IS NULL"""

_NO_REFERRER = """
    SELECT s.line FROM import_stage s
    WHERE s.referred_by IS NOT NULL
        AND NOT EXISTS (SELECT FROM customers_customer r
                        WHERE r.store_id = s.store_id AND r.external_id = s.referred_by)
        AND NOT EXISTS (SELECT FROM import_stage r
                        WHERE r.store_id = s.store_id AND r.external_id = s.referred_by)"""


def _check_referrals(chunk: Chunk) -> None:
    """A referrer may come later in the file, but not be rejected: until no row falls any more.

    So what else the chunks would reject goes first.
    """
    if not chunk.has("referred_by"):
        return
    for needed, staged in (("name", "name"), ("phone", "phone_digest")):
        chunk.reject(_NEW_WITHOUT.format(column=staged), needed, Reason.REQUIRED)
    chunk.reject(
        "SELECT line FROM import_stage WHERE referred_by = external_id",
        "referred_by",
        Reason.REFERS_TO_ITSELF,
    )
    while chunk.reject(_NO_REFERRER, "referred_by", Reason.UNKNOWN_CUSTOMER):
        pass


def _under_present_keys(chunk: Chunk) -> None:
    """Digests are compared: those under former keys would differ from the file's."""
    if has_former_keys():
        found = chunk.rows(
            "SELECT t.id FROM customers_customer t"
            " JOIN import_stage s USING (store_id, external_id)"
            " WHERE s.line > %(lo)s AND s.line <= %(hi)s"
        )
        renew([row[0] for row in found])


def _seal_for_rows(chunk: Chunk) -> None:
    """Changed details are sealed with the uid of the row that is there."""
    if chunk.has("referred_by"):
        chunk.file("customers_pending")
    rebind(chunk, TABLE, SEALED)


def _follow(chunk: Chunk) -> None:
    """Consent, the fix list, and the cars whose owner changed."""
    if chunk.has("consent"):
        chunk.file("consent_given")
        chunk.file("consent_withdrawn")
    chunk.keep_findings(
        FindingKind.DEAD_PHONE,
        TABLE,
        "SELECT t.id AS row_id, t.store_id, t.is_phone_dead AS is_bad"
        " FROM customers_customer t JOIN import_touched USING (id)",
    )
    chunk.touch(
        "SELECT v.id FROM customers_vehicle v JOIN import_changed i ON i.id = v.customer_id"
    )


def _link_referrals(chunk: Chunk) -> None:
    """Referrers that came later in the file than those they referred."""
    if chunk.has("referred_by"):
        chunk.file("customers_referred")


def _sealed_fields(stem: str) -> tuple[Field, Field]:
    return (
        Field(f"{stem}_sealed", _COLUMN_OF[stem], f"{stem}_sealed", "''::bytea", compared=False),
        Field(f"{stem}_digest", _COLUMN_OF[stem], f"{stem}_digest", "''::bytea"),
    )


_COLUMN_OF = {"phone": "phone", "address": "address", "email": "email", "wechat": "wechat_id"}


CUSTOMERS = Kind(
    name="customers",
    table=TABLE,
    has_uid=True,
    columns=(
        column("external_id", "客户编号/客户号/客户ID", "text", text(80), "key"),
        column("store", "门店/门店代码/所属门店", "", text(40), "key"),
        column("name", "姓名/客户姓名/客户名称",
               "name text, name_pinyin text, name_initials text, name_parts text[]",
               name, "required"),
        column("phone", "电话/手机/手机号/联系电话",
               "phone_sealed bytea, phone_digest bytea, phone_index bytea,"
               " phone_last4_index bytea, is_phone_dead boolean",
               phone, "required"),
        column("gender", "性别", "text", word(GENDERS)),
        replace(
            column("birthday", "生日/出生日期",
                   "birth_month smallint, birth_day smallint, birth_year smallint", birthday),
            source="concat_ws('-', to_char(w.birth_year, 'fm0000'),"
            " to_char(w.birth_month, 'fm00'), to_char(w.birth_day, 'fm00'))",
        ),
        column("address", "地址/住址", "address_sealed bytea, address_digest bytea",
               sealed(TABLE, "address", 400)),
        column("email", "邮箱/电子邮箱", "email_sealed bytea, email_digest bytea",
               sealed(TABLE, "email", 200)),
        column("wechat_id", "微信号/微信", "wechat_sealed bytea, wechat_digest bytea",
               sealed(TABLE, "wechat", 80)),
        column("source", "来源/客户来源", "text", text(80)),
        column("referred_by", "推荐人/介绍人", "text", text(80)),
        column("advisor", "服务顾问/顾问/专属顾问", "advisor_id bigint", staff),
        column("occupation", "职业", "text", text(120)),
        column("interests", "兴趣/爱好", "text", text(400)),
        column("dislikes", "忌讳/不喜欢", "text", text(400)),
        column("notes", "备注", "text", text(4000)),
        column("influencer", "意见领袖/达人", "boolean", boolean),
        column("club_member", "俱乐部会员/会员", "boolean", boolean),
        column("consent", "同意渠道/营销同意/授权渠道", "text[]", consent),
        column("consent_at", "同意时间/授权时间", "consent_at timestamptz, consent_on date",
               past_moment),
    ),
    key=(("store_id", "store_id"), ("external_id", "external_id")),
    lookups="r.id AS referrer_id",
    joins="LEFT JOIN customers_customer r"
    " ON r.store_id = s.store_id AND r.external_id = s.referred_by",
    parents={"referred_by": ("customers", ("store", "referred_by"))},
    known_as=("store", "external_id"),
    guard="t.erased_on IS NULL",
    fields=(
        Field("uid", insert="w.uid", update="t.uid"),
        Field("store_id", insert="w.store_id", update="t.store_id"),
        Field("external_id", "external_id", "external_id"),
        Field("name", "name", "name"),
        Field("name_pinyin", "name", "name_pinyin"),
        Field("name_initials", "name", "name_initials"),
        Field("name_parts", "name", "name_parts"),
        *(pair for stem in SEALED for pair in _sealed_fields(stem)),
        Field("phone_index", "phone", "phone_index", "''::bytea", compared=False),
        Field("phone_last4_index", "phone", "phone_last4_index", "''::bytea", compared=False),
        Field("is_phone_dead", "phone", "is_phone_dead", "false"),
        Field("gender", "gender", "gender", "'unknown'"),
        Field("birth_month", "birthday", "birth_month"),
        Field("birth_day", "birthday", "birth_day"),
        Field(
            "birth_year",
            "birthday",
            "birth_year",
            update="CASE WHEN w.birth_month IS NOT NULL THEN w.birth_year"
            " WHEN w.clears & {bit_birthday} <> 0 THEN NULL ELSE t.birth_year END",
        ),
        Field("source", "source", "source", "''"),
        # A referrer of a later line is linked at the end (`_link_referrals`).
        Field("referred_by_id", "referred_by", "referrer_id"),
        # Whoever cares for the customer is decided here, not at the source.
        Field(
            "advisor_id", "advisor", "advisor_id", update="coalesce(t.advisor_id, w.advisor_id)"
        ),
        Field("occupation", "occupation", "occupation", "''"),
        Field("interests", "interests", "interests", "''"),
        Field("dislikes", "dislikes", "dislikes", "''"),
        Field("notes", "notes", "notes", "''"),
        Field("is_influencer", "influencer", "influencer", "false"),
        Field("is_club_member", "club_member", "club_member", "false"),
        Field("received_on", insert="w.today", update="t.received_on"),
    ),
    prepare=_check_referrals,
    before=_under_present_keys,
    ready=_seal_for_rows,
    after=_follow,
    finish=_link_referrals,
)  # fmt: skip
