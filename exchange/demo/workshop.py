"""What happens in the workshop: the work, its price and time, what is advised next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from exchange.demo.cars import ELECTRIC
from exchange.demo.records import Car

REPAIRS = (
    ("更换前刹车片", 620),
    ("更换蓄电池", 780),
    ("更换雨刮器一对", 220),
    ("空调异味处理", 480),
    ("更换下摆臂胶套", 860),
    ("更换轮胎两条", 1500),
    ("车窗升降器维修", 540),
    ("更换前减震器", 1900),
    ("倒车影像故障排查", 380),
    ("更换冷却水泵", 1250),
    ("门锁模块更换", 690),
    ("四轮定位", 320),
)
BODYWORK = (
    ("前保险杠钣金喷漆", 2200),
    ("左后门刮擦喷漆", 1500),
    ("后保险杠更换喷漆", 3600),
    ("右前翼子板钣金", 2500),
    ("四门划痕喷漆", 5800),
    ("后尾门整形喷漆", 4400),
)
RECALLS = (
    "召回：车机软件升级",
    "召回：安全气囊气体发生器更换",
    "召回：燃油泵更换",
    "召回：高压线束检查",
)
RECALLS_ELECTRIC = ("召回：车机软件升级", "召回：高压线束检查", "召回：充电口盖检查")
_ADVICE_ENGINE = (
    "前刹车片剩余 4 mm，下次到店建议更换",
    "空调滤芯偏脏，入夏前更换",
    "轮胎花纹 3.5 mm，雨季前留意",
    "蓄电池健康度 62%，入冬前复测",
    "节气门轻度积碳，下次保养一并清洗",
    "雨刮胶条老化，建议更换",
    "底盘胶套有细裂纹，半年后复查",
    "右前轮内侧偏磨，建议做四轮定位",
)
_ADVICE_ELECTRIC = (
    "动力电池健康度 96%，很好，继续保持",
    "12V 蓄电池健康度 65%，入冬前复测",
    "后轮花纹 3.2 mm，雨季前留意",
    "空调滤芯偏脏，入夏前更换",
    "充电口密封圈有灰，已清洁，留意雨天",
    "刹车片剩余 9 mm，健康",
    "轮胎换位后请 500 公里复查胎压",
    "雨刮胶条老化，建议更换",
)


@dataclass(slots=True)
class Work:
    """The work of one visit: text, money in yuan, promised minutes."""

    items: str
    amount: float
    margin: float
    promised: int
    recommendations: str
    dear: bool = False


def _advice(rng: Random, car: Car) -> str:
    pool = _ADVICE_ELECTRIC if car.model.powertrain in ELECTRIC else _ADVICE_ENGINE
    return ";".join(rng.sample(pool, rng.choices((0, 1, 2), (30, 50, 20))[0]))


def _crossed(before: int, after: int, step: int) -> bool:
    return before // step != after // step


def _service_items(car: Car, before: int, km: int) -> tuple[list[str], float]:
    """The lines of a service and its price against a plain one."""
    items, factor = ["23 项车辆检查"], 1.0
    if car.model.powertrain != "BEV":
        items += ["更换机油", "更换机油滤清器"]
    if car.model.powertrain in ELECTRIC:
        items += ["三电系统检测", "轮胎换位"]
    if _crossed(before, km, 20_000):
        items += ["更换空调滤芯", "更换制动液"]
        factor += 0.7
        if car.model.powertrain != "BEV":
            items.append("更换空气滤清器")
    if _crossed(before, km, 40_000):
        items.append("更换减速器油" if car.model.powertrain == "BEV" else "更换变速箱油")
        factor += 0.9
    if car.model.powertrain in {"ICE", "HEV"} and _crossed(before, km, 60_000):
        items.append("更换火花塞")
        factor += 0.8
    return items, factor


def service_work(rng: Random, car: Car, km: int, day: date) -> Work:
    """A maintenance visit. The first check is on the house for most makes."""
    if car.services == 0:
        lines = ["首次保养", *_service_items(car, km, km)[0]]
        amount = 0.0 if car.model.free_first else car.model.service_amount * 0.6
        amount *= rng.lognormvariate(0, 0.05)
        return Work(";".join(lines), amount, amount * 0.5, 60, _advice(rng, car))
    lines, factor = _service_items(car, car.base_km, km)
    amount = car.model.service_amount * factor * rng.lognormvariate(0, 0.07)
    amount *= 1.02 ** (day.year - 2023)
    extra = rng.random() < 0.16
    if extra:
        name, price = rng.choice(REPAIRS[:4])
        lines.append(name)
        amount += price * (1.8 if car.model.premium else 1.0)
    promised = 45 if car.model.powertrain == "BEV" else 60
    promised += 30 * (factor > 1) + 30 * (factor > 2) + 30 * extra
    dear = amount > 1.9 * car.model.service_amount
    margin = amount * rng.uniform(0.47, 0.58)
    return Work(";".join(lines), amount, margin, promised, _advice(rng, car), dear)


def other_work(rng: Random, car: Car, kind: str) -> Work:
    """Repair, bodywork, recall or the yearly inspection."""
    dear_make = 2.1 if car.model.premium else 1.0
    if kind == "repair":
        name, price = rng.choice(REPAIRS)
        amount = price * dear_make * rng.lognormvariate(0, 0.15)
        promised = rng.choice((90, 120, 150, 180, 240))
        return Work(f"故障诊断;{name}", amount, amount * 0.42, promised, _advice(rng, car))
    if kind == "bodywork":
        name, price = rng.choice(BODYWORK)
        amount = price * dear_make * rng.lognormvariate(0, 0.2)
        return Work(
            f"保险事故维修;{name}", amount, amount * 0.34, rng.choice((1440, 2880, 4320)), ""
        )
    if kind == "recall":
        pool = RECALLS_ELECTRIC if car.model.powertrain == "BEV" else RECALLS
        return Work(rng.choice(pool), 0.0, 0.0, rng.choice((40, 60, 90)), _advice(rng, car))
    return Work("代办年检;灯光与制动检测", 260.0, 110.0, 90, _advice(rng, car))
