"""Cars of the demo group: models as sold in China, prices of their service, VINs and plates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

ALPHABET = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **{"J": 1, "K": 2, "L": 3, "M": 4, "N": 5, "P": 7, "R": 9},
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789"
ELECTRIC = {"BEV", "PHEV", "EREV"}


@dataclass(frozen=True, slots=True)
class CarModel:
    """What a store knows of a model. Prices in yuan; `growth` is the change of its sales a year."""

    brand: str
    name: str
    powertrain: str
    wmi: str
    service_amount: int
    warranty_months: int
    warranty_km: int | None
    weight: float
    growth: float
    premium: bool
    free_first: bool = True

    @property
    def interval(self) -> tuple[int, int]:
        """The regular interval of the default plan in months and km (DUE-1)."""
        return (12, 10_000) if self.powertrain in ELECTRIC else (6, 5_000)


MODELS = (
    CarModel("大众", "途观L", "ICE", "LSV", 710, 36, 100_000, 9, -0.10, False),
    CarModel("大众", "帕萨特", "ICE", "LSV", 670, 36, 100_000, 7, -0.10, False),
    CarModel("大众", "朗逸", "ICE", "LSV", 520, 36, 100_000, 8, -0.14, False),
    CarModel("别克", "GL8", "ICE", "LSG", 870, 36, 100_000, 6, -0.04, False),
    CarModel("别克", "君越", "ICE", "LSG", 640, 36, 100_000, 4, -0.14, False),
    CarModel("丰田", "凯美瑞", "ICE", "LVG", 620, 36, 100_000, 5, -0.06, False),
    CarModel("丰田", "凯美瑞 双擎", "HEV", "LVG", 640, 36, 100_000, 5, 0.04, False),
    CarModel("丰田", "RAV4荣放 双擎", "HEV", "LFM", 670, 36, 100_000, 4, 0.02, False),
    CarModel("本田", "CR-V", "ICE", "LVH", 600, 36, 100_000, 5, -0.12, False),
    CarModel("本田", "雅阁 锐·混动", "HEV", "LHG", 640, 36, 100_000, 3, 0.0, False),
    CarModel("日产", "轩逸", "ICE", "LGB", 490, 36, 100_000, 5, -0.12, False),
    CarModel("宝马", "530Li", "ICE", "LBV", 1930, 36, 100_000, 4, -0.03, True, False),
    CarModel("宝马", "325Li", "ICE", "LBV", 1590, 36, 100_000, 4, -0.05, True, False),
    CarModel("奥迪", "A4L", "ICE", "LFV", 1520, 36, 100_000, 4, -0.06, True),
    CarModel("奥迪", "A6L", "ICE", "LFV", 1790, 36, 100_000, 3, -0.04, True),
    CarModel("奔驰", "E 300 L", "ICE", "LE4", 2160, 36, None, 3, -0.04, True, False),
    CarModel("雷克萨斯", "ES 300h", "HEV", "JTH", 1320, 72, 150_000, 2, 0.0, True),
    CarModel("比亚迪", "汉EV", "BEV", "LGX", 480, 72, 150_000, 3, 0.22, False),
    CarModel("比亚迪", "海豹06 DM-i", "PHEV", "LGX", 460, 72, 150_000, 1.2, 0.50, False),
    CarModel("比亚迪", "宋PLUS DM-i", "PHEV", "LGX", 450, 72, 150_000, 3, 0.34, False),
    CarModel("比亚迪", "元PLUS", "BEV", "LC0", 380, 72, 150_000, 2, 0.30, False),
    CarModel("特斯拉", "Model Y", "BEV", "LRW", 720, 48, 80_000, 4, 0.24, True, False),
    CarModel("特斯拉", "Model 3", "BEV", "LRW", 680, 48, 80_000, 4, 0.10, True, False),
    CarModel("蔚来", "ES6", "BEV", "LJ1", 760, 36, 120_000, 1.5, 0.18, True),
    CarModel("小鹏", "P7", "BEV", "L1N", 520, 60, 120_000, 2, 0.14, False),
    CarModel("理想", "L7", "EREV", "HLX", 690, 60, 100_000, 1.4, 0.45, True),
    CarModel("理想", "ONE", "EREV", "LW4", 660, 60, 100_000, 2, 0.0, True),
    CarModel("问界", "M7", "EREV", "LM8", 640, 48, 100_000, 0.9, 0.50, True),
)
# Years in which a model was on sale; others were sold all the time.
_ON_SALE = {
    "L7": (2023, 9999),
    "ONE": (2019, 2022),
    "M7": (2022, 9999),
    "海豹06 DM-i": (2024, 9999),
    "元PLUS": (2022, 9999),
    "Model Y": (2021, 9999),
    "宋PLUS DM-i": (2021, 9999),
}
# The stores do not sell the same mix: Pudong more dear and electric, Yangpu more plain petrol.
_STORE_TASTE = {"PD": (1.3, 1.25), "YP": (0.6, 0.7), "MH": (1.0, 1.0)}


def choose_model(rng: Random, store: str, delivered_on: date) -> CarModel:
    """A model as it was bought in this store in that year."""
    premium, electric = _STORE_TASTE[store]
    weights = []
    for model in MODELS:
        first, last = _ON_SALE.get(model.name, (0, 9999))
        weight = model.weight * (1 + model.growth) ** (delivered_on.year - 2021)
        weight *= premium if model.premium else 1
        weight *= electric if model.powertrain in ELECTRIC else 1
        weights.append(weight if first <= delivered_on.year <= last else 0)
    return rng.choices(MODELS, weights)[0]


def check_digit(vin: str) -> str:
    """Position 9 of a VIN, from all the others (ISO 3779)."""
    rest = sum(_VALUES[sign] * weight for sign, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def make_vin(rng: Random, model: CarModel, delivered_on: date, taken: set[str]) -> str:
    """A unique VIN with the maker's code, the model year and a correct check digit."""
    year = _YEAR_CODES[(delivered_on.year - 2010) % 30]
    while True:
        middle = "".join(rng.choice(ALPHABET) for _ in range(5))
        tail = f"{rng.choice('ABCDEFGHJKLMNPRSTUVWXYZ')}{rng.randrange(10**6):06d}"
        vin = f"{model.wmi}{middle}0{year}{tail}"
        vin = vin[:8] + check_digit(vin) + vin[9:]
        if vin not in taken:
            taken.add(vin)
            return vin


def make_plate(rng: Random, model: CarModel, taken: set[str]) -> str:
    """A Shanghai plate: green ones carry D (battery) or F (with an engine) after the letter."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    while True:
        if model.powertrain in ELECTRIC:
            mark = "D" if model.powertrain == "BEV" else "F"
            plate = f"沪{rng.choice('AAAAB')}{mark}{rng.randrange(10**5):05d}"
        else:
            body = f"{rng.randrange(10**5):05d}"
            place = rng.randrange(5)
            body = body[:place] + rng.choice(letters) + body[place + 1 :]
            plate = f"沪{rng.choice('AAABCDEFGHJK')}·{body}"
        if plate not in taken:
            taken.add(plate)
            return plate
