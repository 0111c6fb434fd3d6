"""What a disruption does to a plan that stands, year by year: who goes short, what the reserve gives, what it costs.

The mix on screen, the cheapest mix and today's course are each held, plan, plants and reserve, and the rest is decided anew in the
disrupted year (`recourse`). Every figure is against the same plan in an undisturbed year. What the reserve covers is what would go
short besides if it gave nothing, so oxide that Indian plants turn into magnets counts as those magnets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from model.analysis.stress.recourse import Outcome, Recourse
from model.analysis.stress.shocks import Scene
from model.arrays import Array
from model.engine.engine import Answer, Engine
from model.errors import InputError
from model.evidence.schema import COMMODITIES, MAGNETS
from model.evidence.store import Evidence
from model.formulation.assembler import Assembler
from model.formulation.case import C, Case, M, crore
from model.formulation.levers import Choice
from model.formulation.states import Certain, State, compose
from model.results.formatting import money, percent
from model.results.mix import SMALL_T, Mix

MIXES = ("mix", "cheapest", "today")
"""The three plans that are compared: the adopted mix, the cheapest, and today's course."""
BEFORE, AFTER = 0, -1
"""The two states that are compared, first and last of the case: undisturbed, and the disruption."""


def case_in(engine: Engine, choice: Choice, states: tuple[State, ...]) -> Case:
    """The world of a choice in given states, without limits."""
    return Assembler(engine.evidence, Certain(states), engine.assembler.years).case(choice, limits=False)


def shut(case: Case) -> Case:
    """The same case with a reserve that gives nothing."""
    return replace(case, cuts=np.zeros_like(case.cuts))


def seat(engine: Engine, state: State) -> int:
    """Where a state stands among the kept ones, so that ties fall here as they do there; 1 for any other."""
    parts = ("cut", "cut_new", "multiplier", "multiplier_new")
    for k, kept in enumerate(engine.states.states):
        if (
            k
            and kept.length == state.length
            and all(np.array_equal(getattr(kept, p), getattr(state, p)) for p in parts)
        ):
            return k
    return 1


def stock_before(mix: Mix) -> Array:
    """What the reserve holds before each year, t, shape (C, T)."""
    return np.asarray(np.concatenate([mix.case.opening[:, None], mix.stock[:, :-1]], axis=1))


@dataclass(frozen=True)
class Disruption:
    """A scene and what it does to each of the three plans, in each year in which it might come; `bare` is the same with a reserve
    that gives nothing."""

    scene: Scene
    evidence: Evidence
    outcomes: Mapping[str, Outcome]
    bare: Mapping[str, Outcome]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each plan and year: demand_t, short_t and short_share in the disruption, extra_short_t over an undisturbed year,
        gap_t (short if the reserve gave nothing) and covered_t (what it covers of that), stock_magnets_t before the year, draw_magnets_t
        and draw_oxide_t from it; bill and harm in an undisturbed year and in the disruption, and what it adds, INR crore of that year."""
        return pd.concat([self._years(name) for name in self.outcomes], ignore_index=True)

    def _years(self, name: str) -> pd.DataFrame:
        out, case = self.outcomes[name], self.outcomes[name].mix.case
        short = out.mix.short.sum(axis=(0, 1))
        gap = self.bare[name].mix.short[..., AFTER].sum(axis=(0, 1))
        to_crore = crore(1.0, case.rupee)
        money_in = {
            f"{at}{what}_crore": getattr(out, what)[:, k] * to_crore
            for what in ("bill", "harm")
            for at, k in (("quiet_", BEFORE), ("", AFTER))
        }
        table = pd.DataFrame(
            {
                "plan": name, "year": case.years, "demand_t": case.total_demand, "short_t": short[:, AFTER],
                "short_share": short[:, AFTER] / case.total_demand, "extra_short_t": short[:, AFTER] - short[:, BEFORE],
                "gap_t": gap, "covered_t": np.maximum(0.0, gap - short[:, AFTER]), "stock_magnets_t": stock_before(out.mix)[:M].sum(axis=0),
                "draw_magnets_t": out.mix.draw[:M, :, AFTER].sum(axis=0), "draw_oxide_t": out.mix.draw[M:, :, AFTER].sum(axis=0),
                **money_in,
            }
        )  # fmt: skip
        extra = {f"extra_{w}_crore": table[f"{w}_crore"] - table[f"quiet_{w}_crore"] for w in ("bill", "harm")}
        return table.assign(**extra)

    @property
    def short(self) -> pd.DataFrame:
        """Who goes short: plan, year, sector, commodity, demand_t, short_t, short_share and undisturbed_short_t."""
        rows = []
        for name, out in self.outcomes.items():
            case = out.mix.case
            for s, m, t in zip(*np.nonzero(case.demand > 0), strict=True):
                before, after = out.mix.short[s, m, t, [BEFORE, AFTER]]
                rows.append(
                    {
                        "plan": name, "year": case.years[t], "sector": case.sectors[s], "commodity": MAGNETS[m],
                        "demand_t": case.demand[s, m, t], "short_t": after, "short_share": after / case.demand[s, m, t],
                        "undisturbed_short_t": before,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def reserve(self) -> pd.DataFrame:
        """What the reserve does: plan, year, commodity, stock_t before the year, draw_t, gap_t (what the disruption takes away that
        nothing but the reserve makes up), covers_months (how long the stock would fill that gap) and event_months."""
        rows = []
        for name, out in self.outcomes.items():
            case, months, stock = out.mix.case, min(self.scene.months, 12.0), stock_before(out.mix)
            short = np.zeros((C, len(case.years)))
            short[:M] = np.maximum(0.0, (out.mix.short[..., AFTER] - out.mix.short[..., BEFORE]).sum(axis=0))
            gap = out.mix.draw[..., AFTER] + short
            for c, t in zip(*np.nonzero(stock > SMALL_T), strict=True):
                covers = stock[c, t] / gap[c, t] * months if gap[c, t] > SMALL_T else self.scene.months
                rows.append(
                    {
                        "plan": name, "year": case.years[t], "commodity": COMMODITIES[c], "stock_t": stock[c, t],
                        "draw_t": out.mix.draw[c, t, AFTER], "gap_t": gap[c, t],
                        "covers_months": min(covers, self.scene.months), "event_months": self.scene.months,
                    }
                )  # fmt: skip
        return pd.DataFrame(
            rows,
            columns=["plan", "year", "commodity", "stock_t", "draw_t", "gap_t", "covers_months", "event_months"],
        )

    def sentence(self, year: int) -> str:
        """What it does in one year, in words. Raises `InputError` for a year outside the horizon."""
        rows = {row["plan"]: row for row in self.frame.to_dict("records") if row["year"] == year}
        if not rows:
            raise InputError(f"year: {year} is not a year of the horizon")
        mine = rows["mix"]
        words = f"{self.scene.name} in {year}: with this mix {percent(mine['short_share'])} of demand goes short"
        if mine["short_t"] > SMALL_T:
            mix = self.outcomes["mix"].mix
            t = mix.case.years.index(year)
            short = mix.short[:, :, t, AFTER].sum(axis=1)
            s = int(short.argmax())
            name, need = self.evidence.sectors[mix.case.sectors[s]].name, mix.case.demand[s, :, t].sum()
            words += f", most in {name} ({percent(short[s] / need)} of its need)"
        return (
            f"{words}; the bill changes by {money(mine['extra_bill_crore'], True)} and the harm of shortage by"
            f" {money(mine['extra_harm_crore'], True)}. The cheapest mix would leave {percent(rows['cheapest']['short_share'])} short,"
            f" today's course {percent(rows['today']['short_share'])}."
        )


def disrupt(engine: Engine, answer: Answer, scene: Scene) -> Disruption:
    """What a scene does to the three plans of an answer. Raises `SolverFailed`."""
    states = (*[compose(engine.evidence, ())] * seat(engine, scene.state), scene.state)
    outcomes: dict[str, Outcome] = {}
    bare: dict[str, Outcome] = {}
    recourse: Recourse | None = None
    for name in MIXES:
        mix: Mix = getattr(answer, name)
        case = case_in(engine, mix.choice, states)
        recourse = recourse or Recourse(case)
        outcomes[name], bare[name] = recourse.hold(mix, case), recourse.hold(mix, shut(case))
    return Disruption(scene, engine.evidence, outcomes, bare)
