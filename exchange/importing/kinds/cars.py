"""Vehicles with their owners, and work orders with their readings."""

from customers.choices import FindingKind
from exchange.importing.cells import day, decimal, past_day, past_moment, text, whole, word
from exchange.importing.chunk import Chunk
from exchange.importing.columns import Check, Field, Kind, column, words
from exchange.importing.identity_cells import named_vin, plate, staff, vin
from exchange.importing.readings import keep_visits, refresh
from exchange.importing.reasons import Reason

VEHICLE, VISIT = "customers_vehicle", "customers_visit"
NEVER_VALID = "DATE '0001-01-01'"

POWERTRAINS = words(
    ("ICE", "燃油/汽油/柴油"),
    ("HEV", "混动/油电混动"),
    ("PHEV", "插混/插电混动"),
    ("EREV", "增程"),
    ("BEV", "纯电/电动"),
)
STATUSES = words(
    ("active", "在用/正常"), ("sold", "已售/已卖"), ("scrapped", "报废"), ("moved", "迁出")
)
ORDER_STATUSES = words(("open", "未结/进行中"), ("closed", "已结/完工"), ("void", "作废/取消"))
VISIT_KINDS = words(
    ("maintenance", "保养"),
    ("repair", "维修"),
    ("bodywork", "钣喷/事故"),
    ("recall", "召回"),
    ("inspection", "检测/检查"),
    ("other", "其他"),
)


def _lock_known(chunk: Chunk) -> None:
    """Two files about one car take turns, in the order of ids."""
    chunk.file("vehicles_lock")


def _follow_vehicle(chunk: Chunk) -> None:
    """Owners, whose visits they are, which count, the fix list."""
    chunk.file("vehicles_owners")
    keep_visits(chunk, "o.vehicle_id IN (SELECT id FROM import_changed)")
    chunk.touch("SELECT id FROM import_touched")
    refresh(chunk)
    chunk.keep_findings(
        FindingKind.CHECK_DIGIT,
        VEHICLE,
        "SELECT w.id AS row_id, w.store_id, NOT w.is_check_ok AS is_bad"
        " FROM import_work w JOIN import_touched USING (id)",
    )


VEHICLES = Kind(
    name="vehicles",
    table=VEHICLE,
    columns=(
        column("vin", "车架号/VIN码/车辆识别代号", "vin text, is_check_ok boolean", vin, "key"),
        column("customer", "客户编号/客户号/车主编号", "text", text(80), "required"),
        column("store", "门店/门店代码/所属门店", "", text(40), "key"),
        column("plate", "车牌/车牌号", "text", plate),
        column("brand", "品牌", "text", text(60), "required"),
        column("model", "车型/型号", "text", text(80), "required"),
        column("powertrain", "动力类型/动力/能源类型", "text", word(POWERTRAINS), "required"),
        column("delivered_on", "交车日期/交付日期", "date", day),
        column("warranty_months", "质保月数/质保期(月)", "smallint", whole(1200)),
        column("warranty_km", "质保里程/质保公里", "integer", whole()),
        column("status", "状态/车辆状态", "text", word(STATUSES)),
        column("status_on", "状态日期", "date", past_day),
        column("owner_since", "车主起始日期/过户日期", "date", past_day),
    ),
    key=(("group_id", "group_id"), ("vin", "vin")),
    lookups="coalesce(c.merged_into_id, c.id) AS customer_id",
    joins="LEFT JOIN customers_customer c"
    " ON c.store_id = s.store_id AND c.external_id = s.customer",
    checks=(
        Check("s.customer IS NOT NULL AND c.id IS NULL", "customer", Reason.UNKNOWN_CUSTOMER),
    ),
    parents={"customer": ("customers", ("store", "customer"))},
    known_as=("vin",),
    fields=(
        Field("group_id", insert="w.group_id", update="t.group_id"),
        Field("vin", "vin", "vin"),
        Field("store_id", insert="w.store_id", update="w.store_id"),
        Field("customer_id", "customer", "customer_id"),
        Field("plate", "plate", "plate", "''"),
        Field("brand", "brand", "brand"),
        Field("model", "model", "model"),
        Field("powertrain", "powertrain", "powertrain"),
        Field("delivered_on", "delivered_on", "delivered_on"),
        Field("warranty_months", "warranty_months", "warranty_months"),
        Field("warranty_km", "warranty_km", "warranty_km"),
        Field("status", "status", "status", "'active'"),
        # As sent, else the day a status other than active was first received.
        Field(
            "status_on",
            insert="CASE WHEN coalesce(w.status, 'active') <> 'active'"
            " THEN coalesce(w.status_on, w.today) END",
            update="""CASE
                WHEN {status} = 'active' THEN NULL
                WHEN w.status_on IS NOT NULL THEN w.status_on
                WHEN {status} = t.status THEN t.status_on
                ELSE w.today END""",
        ),
        Field("received_on", insert="w.today", update="t.received_on"),
    ),
    before=_lock_known,
    after=_follow_vehicle,
)  # fmt: skip


def _lock_vehicles(chunk: Chunk) -> None:
    """Owner, delivery and readings of these cars stay as they are looked up."""
    chunk.file("visits_lock")


def _follow_visit(chunk: Chunk) -> None:
    """Rows that were there are put right; readings of all these cars are looked at."""
    keep_visits(chunk, "o.id IN (SELECT id FROM import_changed)")
    chunk.file("visits_vehicles")
    refresh(chunk)


VISITS = Kind(
    name="visits",
    table=VISIT,
    columns=(
        column("work_order_no", "工单号/工单编号/维修工单", "text", text(80), "key"),
        column("store", "门店/门店代码", "", text(40), "key"),
        column("vin", "车架号/VIN码/车辆识别代号", "text", named_vin, "required"),
        column("arrived_at", "到店时间/进厂时间/开单时间",
               "arrived_at timestamptz, arrived_on date", past_moment, "required"),
        column("closed_at", "结算时间/完工时间/出厂时间",
               "closed_at timestamptz, closed_on date", past_moment),
        column("status", "状态/工单状态", "text", word(ORDER_STATUSES)),
        column("odometer_km", "里程/进厂里程/里程数", "integer", whole(), "required"),
        column("kind", "类型/维修类型/业务类型", "text", word(VISIT_KINDS), "required"),
        column("amount", "金额/结算金额/消费金额", "numeric(12,2)", decimal(2, 10), "required"),
        column("gross_margin", "毛利/毛利额", "numeric(12,2)", decimal(2, 10, signed=True)),
        column("advisor", "服务顾问/接待顾问", "advisor_id bigint", staff),
        column("promised_minutes", "承诺时长/预计时长", "integer", whole()),
        column("actual_minutes", "实际时长", "integer", whole()),
        column("items", "项目/维修项目/作业项目", "text", text(4000)),
        column("recommendations", "建议/维修建议/下次建议", "text", text(4000)),
    ),
    key=(("store_id", "store_id"), ("work_order_no", "work_order_no")),
    lookups="v.id AS vehicle_id, t.vehicle_id AS old_vehicle_id, o.customer_id,"
    " v.delivered_on IS NULL OR v.delivered_on <= s.arrived_on AS is_counted",
    joins="""
        LEFT JOIN customers_vehicle v ON v.group_id = s.group_id AND v.vin = s.vin
        LEFT JOIN customers_ownership o ON o.vehicle_id = v.id
            AND coalesce(o.since_on, '-infinity') <= s.arrived_on
            AND coalesce(o.until_on, 'infinity') >= s.arrived_on""",
    checks=(Check("s.vin IS NOT NULL AND v.id IS NULL", "vin", Reason.UNKNOWN_VEHICLE),),
    parents={"vin": ("vehicles", ("vin",))},
    known_as=("store", "work_order_no"),
    fields=(
        Field("store_id", insert="w.store_id", update="t.store_id"),
        Field("work_order_no", "work_order_no", "work_order_no"),
        Field("vehicle_id", "vin", "vehicle_id"),
        # Of a row that was there, owner, counting and reading are put right by `readings`.
        Field("customer_id", insert="w.customer_id", update="t.customer_id"),
        Field("arrived_at", "arrived_at", "arrived_at"),
        Field("arrived_on", "arrived_at", "arrived_on"),
        Field("closed_at", "closed_at", "closed_at"),
        Field("status", "status", "status", "'closed'"),
        Field(
            "void_on",
            insert=f"CASE WHEN w.status = 'void' THEN {NEVER_VALID} END",
            update="CASE WHEN {status} = 'void' THEN coalesce(t.void_on, w.today) END",
        ),
        Field("odometer_km", "odometer_km", "odometer_km"),
        Field(
            "is_reading_ok",
            insert="w.is_counted AND w.status IS DISTINCT FROM 'void'",
            update="t.is_reading_ok",
        ),
        Field("is_counted", insert="w.is_counted", update="t.is_counted"),
        Field("kind", "kind", "kind"),
        Field("amount", "amount", "amount"),
        Field("gross_margin", "gross_margin", "gross_margin"),
        Field("advisor_id", "advisor", "advisor_id"),
        Field("promised_minutes", "promised_minutes", "promised_minutes"),
        Field("actual_minutes", "actual_minutes", "actual_minutes"),
        Field("items", "items", "items", "''"),
        Field("recommendations", "recommendations", "recommendations", "''"),
        Field("received_on", insert="w.today", update="t.received_on"),
    ),
    before=_lock_vehicles,
    after=_follow_visit,
)  # fmt: skip
