"""The folded figures of people and money, with pandas (DOMAIN §3)."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from .boards import fell_due
from .stage import stage_of
from .tables import DAY, Counted, Tables


class People(Tables):
    """Beside the store's visits its customers' stages, money and tiers."""

    @cached_property
    def here(self) -> pd.Series:
        """The first visit or delivery of each customer."""
        first = self.visits.groupby("who")["day"].min()
        delivered = self.cars.groupby("who")["delivered"].min()
        return pd.concat([first, delivered], axis=1).min(axis=1).reindex(self.people["who"])

    def stage_on_the_eve(self, on: pd.Timestamp) -> pd.Series:
        """By customer; NA for who was not there yet."""
        found = {}
        for who in self.people["who"]:
            moves = [m for m in self.told.past.moves_of[who] if m.on <= self.told.as_of]
            earlier = [m.to for m in moves if pd.Timestamp(m.on) < on]
            if pd.isna(self.here[who]) or self.here[who] >= on:
                found[who] = None
            elif earlier:
                found[who] = earlier[-1]
            elif moves:
                found[who] = moves[0].left
            else:
                customer = self.world.customer_by_id[who]
                found[who] = stage_of(self.snapshot, customer)
        return pd.Series(found, dtype=object)

    @cached_property
    def gone(self) -> pd.Series:
        return self.people.set_index("who")["gone"]

    def lost(self, code: str, stage: str | None = None) -> Counted:
        """Yearly loss: who became lost of those there and not lost when the stretch began."""
        months = self.months(code)
        begun = min(months).start_time
        stood = self.stage_on_the_eve(begun)
        counts = stood.notna() & (stood != "lost") & ~self.gone.reindex(stood.index)
        if stage:
            counts &= stood == stage
        became = {
            m.customer
            for m in self.told.past.moves
            if m.to == "lost" and pd.Timestamp(m.on).to_period("M") in months
        }
        return Counted(sum(who in became for who in stood.index[counts]), int(counts.sum()))

    def revenue(self, code: str) -> pd.DataFrame:
        """Amounts before and now by the stage when the earlier stretch began."""
        now, before = self.months(code), self.months(code, before=True)
        stood = self.stage_on_the_eve(min(before).start_time).fillna("new")
        stood = stood.mask(self.gone.reindex(stood.index), "gone")
        frame = self.visits.assign(stage=self.visits["who"].map(stood))
        return pd.DataFrame(
            {
                "before": frame[frame["month"].isin(before)].groupby("stage")["amount"].sum(),
                "now": frame[frame["month"].isin(now)].groupby("stage")["amount"].sum(),
            }
        ).fillna(0.0)

    def returned(self, months: list[pd.Period]) -> Counted:
        """Came a second time within the regular interval and 90 days after the first visit."""
        of = self.visits.groupby("who")
        first, second = of["day"].nth(0), of["day"].nth(1)
        first.index, second.index = of.nth(0)["who"], of.nth(1)["who"]
        plan = of.nth(0).set_index("who")["vin"].map(self.cars["months"])
        until = (
            pd.Series(
                [day + pd.DateOffset(months=int(m)) for day, m in zip(first, plan, strict=True)],
                first.index,
            )
            + 90 * DAY
        )
        counts = (until <= self.as_of) & self._in(until, months)
        hits = counts & (second.reindex(first.index) <= until)
        return Counted(int(hits.sum()), int(counts.sum()))

    # --- SEG

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Customers with a visit: recency, visits and amount of 730 days, tier and quadrant."""
        living = self.visits[~self.visits["who"].map(self.gone)]
        recent = living[living["day"] > self.as_of - 730 * DAY]
        frame = pd.DataFrame({"last": living.groupby("who")["day"].max()})
        frame["visits"] = recent.groupby("who").size().reindex(frame.index, fill_value=0)
        frame["money"] = recent.groupby("who")["amount"].sum().reindex(frame.index, fill_value=0.0)
        ranks = frame.rank(method="min")[["last", "visits", "money"]].sum(axis=1)
        order = (
            frame.rename_axis("id")
            .assign(ranks=ranks, who=frame.index)
            .sort_values(["ranks", "money", "who"], ascending=[False, False, True])
        )
        n = len(order)
        cuts = [
            (-(-n * p // 100), name) for p, name in ((5, "diamond"), (20, "gold"), (50, "silver"))
        ]
        tiers = [
            next((name for cut, name in cuts if place <= cut), "regular")
            for place in range(1, n + 1)
        ]
        frame["rfm"] = pd.Series(tiers, order.index)
        ticket = (frame["money"] / frame["visits"]).fillna(0.0)
        often = frame["visits"] >= np.percentile(frame["visits"], 76)
        dear = ticket >= np.percentile(ticket, 81)
        frame["quadrant"] = np.select(
            [often & dear, often & ~dear, ~often & dear], ["vip", "loyal", "potential"], "regular"
        )
        return frame

    def shares(self, dimension: str) -> pd.DataFrame:
        """Share of customers and of amount, by tier or quadrant."""
        by = self.standing.groupby(dimension)["money"].agg(["size", "sum"])
        return by / by.sum()

    # --- KPI-1

    def due(self, code: str) -> dict[str, Counted]:
        """{advisor: customers due in the stretch, came by due + 90 days}; the first time counts."""
        months = self.months(code)
        first: dict[str, tuple[pd.Timestamp, bool]] = {}
        for known in self.snapshot.vehicles:
            if known.owner is None:
                continue
            days = pd.Series(pd.to_datetime([visit.on for visit in known.visits]))
            for on, _ in fell_due(known):
                due = pd.Timestamp(on)
                if due.to_period("M") not in months or due + 90 * DAY > self.as_of:
                    continue
                came = bool(((days >= due - 30 * DAY) & (days <= due + 90 * DAY)).any())
                who = known.owner.external_id
                if who not in first or due < first[who][0]:
                    first[who] = (due, came)
        frame = pd.DataFrame(
            [(self.world.customer_by_id[w].advisor, came) for w, (_, came) in first.items()],
            columns=["advisor", "came"],
        )
        return {
            advisor: Counted(int(own["came"].sum()), len(own))
            for advisor, own in frame.groupby(frame["advisor"].fillna(""))
        }
