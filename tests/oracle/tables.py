"""The boards' folded figures computed with pandas from the raw rows of one store (DOMAIN §3).

Months are pandas periods; a figure's period is the list of its months, None for the whole history.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from .facts import World
from .known import Snapshot
from .pasts import Told
from .settings import DEFAULTS

NODES = ("first", "second", "third", "fourth")
STRETCH = {"12m": 12, "6m": 6, "3m": 3}
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """How many hits of how many."""

    hits: int
    n: int

    @property
    def rate(self) -> float | None:
        return self.hits / self.n if self.n else None


def _later(days: pd.Series, months: pd.Series | int) -> pd.Series:
    """Calendar months on, clamped to the month's end."""
    many = months if isinstance(months, pd.Series) else pd.Series(months, days.index)
    moved = [d + pd.DateOffset(months=int(m)) for d, m in zip(days, many, strict=True)]
    return pd.Series(pd.to_datetime(moved), days.index)


def _only(world: World, store: str) -> World:
    """A world without the other stores: all the quicker to go through."""
    return replace(
        world,
        customers=[one for one in world.customers if one.store == store],
        vehicles=[one for one in world.vehicles if one.store == store],
        visits=[one for one in world.visits if one.store == store],
        surveys=[one for one in world.surveys if one.store == store],
    )


class Tables:
    """One store's rows as frames."""

    def __init__(self, told: Told, store: str) -> None:
        self.told, self.store, self.world = told, store, _only(told.world, store)
        self.as_of = pd.Timestamp(told.as_of)
        self.month = self.as_of.to_period("M")
        self.snapshot = Snapshot(self.world, told.as_of, DEFAULTS)

    @cached_property
    def people(self) -> pd.DataFrame:
        return pd.DataFrame(
            [
                {
                    "who": one.external_id,
                    "advisor": one.advisor,
                    "gone": one.erased or one.merged,
                    "referred_by": self.told.past.referred_by.get(one.external_id),
                }
                for one in self.world.customers
            ]
        )

    @cached_property
    def cars(self) -> pd.DataFrame:
        rows = [
            {
                "vin": car.vin,
                "who": car.ownerships[0].customer,
                "delivered": pd.Timestamp(car.delivered_on),
                "months": 12 if car.powertrain in ("BEV", "PHEV", "EREV") else 6,
                "powertrain": car.powertrain,
                "sold": car.status != "active" and (car.status_on or car.delivered_on),
                "warranty_months": self.told.past.warranties[car.vin][0],
                "warranty_km": self.told.past.warranties[car.vin][1],
            }
            for car in self.world.vehicles
        ]
        return pd.DataFrame(rows).set_index("vin", drop=False)

    @cached_property
    def orders(self) -> pd.DataFrame:
        rows = [
            {
                "number": one.work_order_no,
                "vin": one.vin,
                "day": pd.Timestamp(self.world.visit_on(one)),
                "service": one.kind == "maintenance",
                "amount": float(one.amount),
                "km": one.odometer_km,
            }
            for one in self.world.visits
        ]
        frame = pd.DataFrame(rows, columns=["number", "vin", "day", "service", "amount", "km"])
        frame["day"] = pd.to_datetime(frame["day"])
        frame["part"] = frame["amount"].where(frame["service"], 0.0)
        return frame

    @cached_property
    def visits(self) -> pd.DataFrame:
        """Work orders of one car and day are one visit."""
        grouped = self.orders.groupby(["vin", "day"], as_index=False)
        merged = grouped.agg(
            service=("service", "any"), amount=("amount", "sum"), part=("part", "sum")
        )
        merged["who"] = merged["vin"].map(self.cars["who"])
        merged["month"] = merged["day"].dt.to_period("M")
        return merged.sort_values(["day", "vin"]).reset_index(drop=True)

    @cached_property
    def services(self) -> pd.DataFrame:
        """A column a service, 1 to the most; a row each car."""
        of = self.visits[self.visits["service"]].sort_values(["vin", "day"]).copy()
        of["nth"] = of.groupby("vin").cumcount() + 1
        wide = of.pivot(index="vin", columns="nth", values="day").reindex(self.cars.index)
        return wide.reindex(columns=range(1, 5)).apply(pd.to_datetime)

    @cached_property
    def answers(self) -> pd.DataFrame:
        rows = [
            {
                "number": one.work_order_no,
                "answered": pd.Timestamp(self.world.survey_on(one)),
                "at": one.answered_at,
                "score": float(one.score),
                "nps": self.told.past.nps.get(one.work_order_no),
            }
            for one in self.world.surveys
        ]
        frame = pd.DataFrame(rows, columns=["number", "answered", "at", "score", "nps"])
        frame["answered"] = pd.to_datetime(frame["answered"])
        known = frame[frame["answered"] <= self.as_of].merge(self.orders, on="number")
        return known.assign(month=known["answered"].dt.to_period("M"))

    def months(self, code: str, *, before: bool = False) -> list[pd.Period]:
        """The full months of a stretch, or of the equal one before it."""
        last = STRETCH[code] if before else 0
        return [self.month - last - n for n in range(1, STRETCH[code] + 1)]

    def _in(self, days: pd.Series, months: list[pd.Period] | None) -> pd.Series:
        return days.notna() if months is None else days.dt.to_period("M").isin(months)

    # --- LIFE-4 to LIFE-7

    def retention(self, months: list[pd.Period] | None) -> dict[str, Counted]:
        base, on_time = self.cars["delivered"], pd.Series(True, self.cars.index)
        found = {}
        for n, node in enumerate(NODES, start=1):
            known = base[on_time & base.notna()]
            due = known + 30 * DAY if n == 1 else _later(known, self.cars["months"][known.index])
            until = due + 90 * DAY
            came = self.services[n][known.index]
            in_time = came.notna() & (came <= until)
            risk = (until <= self.as_of) & self._in(until, months)
            found[node] = Counted(int((risk & in_time).sum()), int(risk.sum()))
            on_time = in_time.reindex(self.cars.index, fill_value=False)
            base = self.services[n]
        found["out_of_warranty"] = self._after_warranty(months)
        return found

    def _after_warranty(self, months: list[pd.Period] | None) -> Counted:
        hits = n = 0
        for car in self.cars.itertuples():
            ends = []
            own = self.orders[self.orders["vin"] == car.vin].sort_values("day")
            if pd.notna(car.warranty_months):
                ends.append(car.delivered + pd.DateOffset(months=int(car.warranty_months)))
            if pd.notna(car.warranty_km):
                ends += own[own["km"] >= car.warranty_km]["day"].to_list()[:1]
            if not ends:
                continue
            end, until = min(ends), min(ends) + 365 * DAY
            if until <= self.as_of and (months is None or until.to_period("M") in months):
                n += 1
                hits += bool(((own["day"] > end) & (own["day"] <= until)).any())
        return Counted(hits, n)

    def funnel(self, months: list[pd.Period] | None) -> list[int]:
        """Customers with at least 1 … 6 visits, the first of them in the period."""
        by = self.visits.groupby("who")["day"].agg(["min", "size"])
        of_period = by[self._in(by["min"], months)]["size"]
        return [int((of_period >= n).sum()) for n in range(1, 7)]

    def cohorts(self, key: str) -> dict[str, list[Counted]]:
        """{month: came in month k since or later, for each k}, by delivery or first visit."""
        last = self.visits.groupby("vin" if key == "delivery" else "who")["day"].max()
        if key == "delivery":
            begun = self.cars["delivered"]
        else:
            begun = self.visits.groupby("who")["day"].min()
        found = {}
        for month in [self.month - n for n in range(24, 0, -1)]:
            members = begun.index[begun.dt.to_period("M") == month]
            since = (
                (last.reindex(members).dt.year - month.year) * 12
                + last.reindex(members).dt.month
                - month.month
            )
            age = min((self.month - 1 - month).n, 24)
            if len(members):
                found[str(month)] = [
                    Counted(int((since >= k).sum()), len(members)) for k in range(age + 1)
                ]
        return found

    @cached_property
    def second(self) -> pd.DataFrame:
        """Cars whose first service was answered and whose time for the second has run out."""
        first = self.services[1].dropna().rename("day").reset_index()
        said = first.merge(self.answers, on=["vin", "day"]).sort_values(["at", "number"])
        said = said.groupby("vin").tail(1).set_index("vin")
        until = _later(said["day"], self.cars["months"][said.index]) + 90 * DAY
        came = (self.services[2][said.index] <= until).astype(int)
        frame = said.assign(until=until, came=came)
        return frame[frame["until"] <= self.as_of]

    def satisfaction(self, months: list[pd.Period] | None) -> pd.DataFrame:
        return self.second[self._in(self.second["until"], months)]

    def survival(self) -> pd.DataFrame:
        """Kaplan-Meier with Greenwood's band, by full weeks; a row each week somebody came."""
        first = self.services[1]
        cars = first[first > self.as_of - 730 * DAY].index
        second = self.services[2][cars]
        weeks = (second.fillna(self.as_of) - first[cars]).dt.days // 7
        rows: list[dict[str, Any]] = []
        share = variance = 0.0
        for place, week in enumerate(sorted(weeks[second.notna()].unique())):
            risk = int((weeks >= week).sum())
            came = int(((weeks == week) & second.notna()).sum())
            share = (1.0 if place == 0 else share) * (risk - came) / risk
            variance += came / (risk * (risk - came)) if risk > came else 0.0
            half = 1.959963984540054 * share * np.sqrt(variance)
            rows.append(
                {"week": int(week), "share": share, "low": share - half, "high": share + half}
            )
        return pd.DataFrame(rows, columns=["week", "share", "low", "high"])

    def kept(self, many: int, months: list[pd.Period]) -> Counted:
        """3- and 12-month retention of the visits whose time ran out in the period."""
        of = self.visits.sort_values(["vin", "day"])
        again, until = of.groupby("vin")["day"].shift(-1), _later(of["day"], many)
        counts = (until <= self.as_of) & self._in(until, months)
        return Counted(int((counts & (again <= until)).sum()), int(counts.sum()))
