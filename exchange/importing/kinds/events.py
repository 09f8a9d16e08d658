"""What happened between the store and its customers: surveys, complaints, contacts, bookings."""

from exchange.importing.cells import decimal, moment, past_moment, past_month, text, whole, word
from exchange.importing.chunk import Chunk
from exchange.importing.columns import Check, Field, Kind, column, words
from exchange.importing.identity_cells import named_vin, staff
from exchange.importing.reasons import Reason

_STORE = Field("store_id", insert="w.store_id", update="t.store_id")
_RECEIVED = Field("received_on", insert="w.today", update="t.received_on")
_OF_STORE = (("store_id", "store_id"), ("external_id", "external_id"))
_CAR = "LEFT JOIN customers_vehicle v ON v.group_id = s.group_id AND v.vin = s.vin"
_CUSTOMER = (
    "LEFT JOIN customers_customer c ON c.store_id = s.store_id AND c.external_id = s.customer"
)
_NO_CAR = Check("s.vin IS NOT NULL AND v.id IS NULL", "vin", Reason.UNKNOWN_VEHICLE)
_NO_CUSTOMER = Check("s.customer IS NOT NULL AND c.id IS NULL", "customer", Reason.UNKNOWN_CUSTOMER)
_NO_VISIT = Check("s.work_order_no IS NOT NULL AND o.id IS NULL", "work_order_no",
                  Reason.UNKNOWN_VISIT)  # fmt: skip
_PARENTS = {
    "vin": ("vehicles", ("vin",)),
    "customer": ("customers", ("store", "customer")),
    "work_order_no": ("visits", ("store", "work_order_no")),
}


def _touch_cars(chunk: Chunk) -> None:
    """The cars the row names now and named before."""
    chunk.touch("SELECT vehicle_id FROM import_work JOIN import_touched USING (id)")
    chunk.touch("SELECT old_vehicle_id FROM import_work JOIN import_touched USING (id)")


_SCORE = "coalesce(s.score, t.score)"
_SCALE = "coalesce(s.scale, t.scale)"
_SATISFACTION = "({score} * (100 / {scale}))"
SCALES = {"5": "5", "10": "10", "100": "100"}

SURVEYS = Kind(
    name="surveys",
    table="customers_survey",
    columns=(
        column("store", "门店/门店代码", "", text(40), "key"),
        column("work_order_no", "工单号/工单编号", "text", text(80), "key"),
        column("answered_at", "答复时间/填写时间/评价时间",
               "answered_at timestamptz, answered_on date", past_moment, "required"),
        column("score", "评分/得分/满意度", "numeric(7,4)", decimal(4, 3), "required"),
        column("scale", "分制/满分", "smallint", word(SCALES), "required"),
        column("nps", "推荐意愿/NPS分", "smallint", whole(10)),
        column("comment", "评价/意见/评论", "text", text(4000)),
    ),
    key=(("visit_id", "visit_id"),),
    unique=("store_id", "work_order_no"),
    lookups="o.id AS visit_id, o.vehicle_id, t.vehicle_id AS old_vehicle_id",
    joins="LEFT JOIN customers_visit o"
    " ON o.store_id = s.store_id AND o.work_order_no = s.work_order_no"
    " LEFT JOIN customers_survey t ON t.visit_id = o.id",
    checks=(
        Check("o.id IS NULL", "work_order_no", Reason.UNKNOWN_VISIT),
        Check(f"{_SCORE} > {_SCALE}", "score", Reason.OUT_OF_SCALE),
    ),
    parents=_PARENTS,
    fields=(
        _STORE,
        Field("visit_id", insert="w.visit_id", update="t.visit_id"),
        Field("vehicle_id", insert="w.vehicle_id", update="w.vehicle_id"),
        Field("answered_at", "answered_at", "answered_at"),
        Field("answered_on", "answered_at", "answered_on"),
        Field("score", "score", "score"),
        Field("scale", "scale", "scale"),
        Field(
            "satisfaction",
            insert=_SATISFACTION.format(score="w.score", scale="w.scale"),
            update=_SATISFACTION.format(
                score="coalesce(w.score, t.score)", scale="coalesce(w.scale, t.scale)"
            ),
        ),
        Field("nps", "nps", "nps"),
        Field("comment", "comment", "comment", "''"),
        _RECEIVED,
    ),
    after=_touch_cars,
)  # fmt: skip

COMPLAINTS = Kind(
    name="complaints",
    table="customers_complaint",
    columns=(
        column("external_id", "投诉编号/投诉单号", "text", text(80), "key"),
        column("store", "门店/门店代码", "", text(40), "key"),
        column("vin", "车架号/VIN码/车辆识别代号", "text", named_vin, "required"),
        column("opened_at", "投诉时间/受理时间",
               "opened_at timestamptz, opened_on date", past_moment, "required"),
        column("work_order_no", "工单号/工单编号", "text", text(80)),
        column("category", "类别/投诉类别/类型", "text", text(80)),
        column("text", "内容/投诉内容", "text", text(4000)),
        column("resolved_at", "解决时间/结案时间",
               "resolved_at timestamptz, resolved_on date", past_moment),
        column("resolution", "处理结果/解决方案", "text", text(4000)),
    ),
    key=_OF_STORE,
    lookups="v.id AS vehicle_id, t.vehicle_id AS old_vehicle_id, o.id AS visit_id",
    joins=f"{_CAR} LEFT JOIN customers_visit o"
    " ON o.store_id = s.store_id AND o.work_order_no = s.work_order_no",
    checks=(_NO_CAR, _NO_VISIT),
    parents=_PARENTS,
    fields=(
        _STORE,
        Field("external_id", "external_id", "external_id"),
        Field("vehicle_id", "vin", "vehicle_id"),
        Field("visit_id", "work_order_no", "visit_id"),
        Field("opened_at", "opened_at", "opened_at"),
        Field("opened_on", "opened_at", "opened_on"),
        Field("category", "category", "category", "''"),
        Field("text", "text", "text", "''"),
        Field("resolved_at", "resolved_at", "resolved_at"),
        Field("resolved_on", "resolved_at", "resolved_on"),
        Field("resolution", "resolution", "resolution", "''"),
        _RECEIVED,
    ),
    after=_touch_cars,
)  # fmt: skip

CHANNELS = words(
    ("phone", "电话"),
    ("wechat", "微信"),
    ("sms", "短信"),
    ("app", "应用"),
    ("email", "邮件/邮箱"),
    ("visit", "到店/上门"),
)
DIRECTIONS = words(("out", "呼出/去/去电"), ("in", "呼入/来/来电"))
OUTCOMES = words(
    ("connected", "接通/已接通"),
    ("callback", "稍后回电/回拨"),
    ("no_answer", "无人接听/未接"),
    ("busy", "忙线/占线"),
    ("off", "关机"),
    ("wrong_number", "号码错误/错号"),
    ("booked", "已预约"),
    ("refused", "拒绝"),
    ("replied", "已回复"),
    ("no_reply", "未回复"),
    ("delivered", "已送达"),
    ("failed", "发送失败/失败"),
)


def _touch_contact(chunk: Chunk) -> None:
    """A contact that names (or named) no car counts for every car of the customer."""
    _touch_cars(chunk)
    chunk.touch(
        "SELECT v.id FROM import_work w JOIN import_touched i USING (id)"
        " JOIN customers_vehicle v ON v.customer_id IN (w.customer_id, w.old_customer_id)"
        " WHERE w.vehicle_id IS NULL OR NOT i.is_new AND w.old_vehicle_id IS NULL"
    )


CONTACTS = Kind(
    name="contacts",
    table="customers_contact",
    columns=(
        column("external_id", "联系编号/记录编号", "text", text(80), "key"),
        column("store", "门店/门店代码", "", text(40), "key"),
        column("customer", "客户编号/客户号", "text", text(80), "required"),
        column("vin", "车架号/VIN码/车辆识别代号", "text", named_vin),
        column("at", "时间/联系时间", "happened_at timestamptz, happened_on date",
               past_moment, "required"),
        column("channel", "渠道/联系方式", "text", word(CHANNELS), "required"),
        column("direction", "方向", "text", word(DIRECTIONS)),
        column("outcome", "结果/联系结果", "text", word(OUTCOMES), "required"),
        column("staff", "员工编号/工号/联系人", "staff_id bigint", staff),
        column("note", "备注/记录", "text", text(4000)),
    ),
    key=_OF_STORE,
    lookups="v.id AS vehicle_id, t.vehicle_id AS old_vehicle_id,"
    " coalesce(c.merged_into_id, c.id) AS customer_id, t.customer_id AS old_customer_id",
    joins=f"{_CAR} {_CUSTOMER}",
    checks=(_NO_CUSTOMER, _NO_CAR),
    parents=_PARENTS,
    fields=(
        _STORE,
        Field("external_id", "external_id", "external_id"),
        Field("customer_id", "customer", "customer_id"),
        Field("vehicle_id", "vin", "vehicle_id"),
        Field("happened_at", "at", "happened_at"),
        Field("happened_on", "at", "happened_on"),
        Field("channel", "channel", "channel"),
        Field("direction", "direction", "direction", "'out'"),
        Field("outcome", "outcome", "outcome"),
        # An answer has no date of its own: the day it was first received.
        Field(
            "replied_on",
            insert="CASE WHEN w.outcome = 'replied' THEN w.today END",
            update="CASE WHEN coalesce(w.outcome, t.outcome) = 'replied'"
            " THEN coalesce(t.replied_on, w.today) END",
        ),
        Field("staff_id", "staff", "staff_id"),
        Field("note", "note", "note", "''"),
        _RECEIVED,
    ),
    after=_touch_contact,
)  # fmt: skip

APPOINTMENT_STATUSES = words(
    ("requested", "已申请/待确认"),
    ("confirmed", "已确认"),
    ("arrived", "已到店"),
    ("completed", "已完成"),
    ("cancelled", "已取消"),
    ("no_show", "未到店/爽约"),
)


def _keep_changes(chunk: Chunk) -> None:
    """Every status received is kept with the day from which it counts."""
    chunk.file("appointments_dated")
    chunk.file("appointments_changes")
    chunk.file("appointments_present")
    _touch_cars(chunk)


APPOINTMENTS = Kind(
    name="appointments",
    table="customers_appointment",
    columns=(
        column("external_id", "预约编号/预约单号", "text", text(80), "key"),
        column("store", "门店/门店代码", "", text(40), "key"),
        column("vin", "车架号/VIN码/车辆识别代号", "text", named_vin, "required"),
        column("starts_at", "预约时间/到店时间", "starts_at timestamptz, starts_on date",
               moment, "required"),
        column("status", "状态/预约状态", "text", word(APPOINTMENT_STATUSES), "required"),
        column("status_at", "状态时间", "status_at timestamptz, status_on date", past_moment),
        column("source", "来源/预约来源", "text", text(80)),
        column("created_at", "创建时间/登记时间", "created_at timestamptz, created_on date",
               past_moment),
    ),
    key=_OF_STORE,
    lookups="v.id AS vehicle_id, t.vehicle_id AS old_vehicle_id",
    joins=_CAR,
    checks=(_NO_CAR,),
    parents=_PARENTS,
    fields=(
        _STORE,
        Field("external_id", "external_id", "external_id"),
        Field("vehicle_id", "vin", "vehicle_id"),
        Field("starts_at", "starts_at", "starts_at"),
        Field("starts_on", "starts_at", "starts_on"),
        # Of a row that was there the status follows from its changes.
        Field("status", insert="w.status", update="t.status"),
        Field("source", "source", "source", "''"),
        Field("created_at", "created_at", "created_at"),
        Field("created_on", "created_at", "created_on"),
        _RECEIVED,
    ),
    after=_keep_changes,
)  # fmt: skip


def _touch_customer(chunk: Chunk) -> None:
    """App use counts for every car of the customer."""
    chunk.touch(
        "SELECT v.id FROM import_work w JOIN import_touched USING (id)"
        " JOIN customers_vehicle v USING (customer_id)"
    )


ENGAGEMENT = Kind(
    name="engagement",
    table="customers_engagement",
    columns=(
        column("store", "门店/门店代码", "", text(40), "key"),
        column("customer", "客户编号/客户号", "text", text(80), "key"),
        column("month", "月份", "date", past_month, "key"),
        column("app_opens", "APP打开次数/应用打开次数", "integer", whole()),
        column("enquiries", "咨询次数/询问次数", "integer", whole()),
    ),
    key=(("customer_id", "customer_id"), ("month", "month")),
    unique=("store_id", "customer", "month"),
    lookups="coalesce(c.merged_into_id, c.id) AS customer_id",
    joins=f"{_CUSTOMER} LEFT JOIN customers_engagement t"
    " ON t.customer_id = coalesce(c.merged_into_id, c.id) AND t.month = s.month",
    checks=(_NO_CUSTOMER,),
    parents=_PARENTS,
    fields=(
        Field("store_id", insert="w.store_id", update="t.store_id"),
        Field("customer_id", insert="w.customer_id", update="t.customer_id"),
        Field("month", "month", "month"),
        Field("app_opens", "app_opens", "app_opens"),
        Field("enquiries", "enquiries", "enquiries"),
    ),
    after=_touch_customer,
)  # fmt: skip
