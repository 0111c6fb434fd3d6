"""What a disruption does to a plan that stands, year by year: who goes short, what the reserve gives, what it costs.

The mix on screen, the cheapest mix and today's course are each held, plan, plants and reserve, and the rest is decided anew in the
disrupted year (`recourse`). Every figure is against the same plan in an undisturbed year.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.binding import money
from model.calibration import Certain
from model.case import Assembler, C, Case, M, crore
from model.evidence import COMMODITIES, MAGNETS, Evidence, InputError
from model.levers import Choice
from model.live import Answer, Engine
from model.mix import SMALL_T, Mix
from model.recourse import Outcome, Recourse
from model.scenes import Blow, Scene, by_hand
from model.states import State, compose

MIXES = ("mix", "cheapest", "today")
"""The three plans that are compared: the adopted mix, the cheapest, and today's course."""
BEFORE, AFTER = 0, 1
"""The two states that are compared: undisturbed, and the disruption."""


def case_in(engine: Engine, choice: Choice, states: tuple[State, ...]) -> Case:
    """The world of a choice in given states, without limits."""
    return Assembler(engine.evidence, Certain(states), engine.assembler.years).case(choice, limits=False)


@dataclass(frozen=True)
class Disruption:
    """A scene and what it does to each of the three plans, in each year in which it might come."""

    scene: Scene
    evidence: Evidence
    outcomes: Mapping[str, Outcome]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each plan and year: demand_t, short_t and short_share in the disruption, extra_short_t over an undisturbed
        year, draw_magnets_t and draw_oxide_t from the reserve, extra_bill_crore and extra_harm_crore (INR crore of that year)."""
        rows = []
        for name, out in self.outcomes.items():
            case = out.mix.case
            short = out.mix.short.sum(axis=(0, 1))
            bill, harm = ((x[:, AFTER] - x[:, BEFORE]) * crore(1.0, case.rupee) for x in (out.bill, out.harm))
            for t in np.flatnonzero(~case.fixed):
                rows.append(
                    {
                        "plan": name, "year": case.years[t], "demand_t": case.total_demand[t], "short_t": short[t, AFTER],
                        "short_share": short[t, AFTER] / case.total_demand[t], "extra_short_t": short[t, AFTER] - short[t, BEFORE],
                        "draw_magnets_t": out.mix.draw[:M, t, AFTER].sum(), "draw_oxide_t": out.mix.draw[M:, t, AFTER].sum(),
                        "extra_bill_crore": bill[t], "extra_harm_crore": harm[t],
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def short(self) -> pd.DataFrame:
        """Who goes short: plan, year, sector, commodity, demand_t, short_t, short_share and undisturbed_short_t."""
        rows = []
        for name, out in self.outcomes.items():
            case = out.mix.case
            for s, m, t in zip(*np.nonzero((case.demand > 0) & ~case.fixed), strict=True):
                before, after = out.mix.short[s, m, t]
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
            case, months = out.mix.case, min(self.scene.months, 12.0)
            stock = np.concatenate([case.opening[:, None], out.mix.stock[:, :-1]], axis=1)
            short = np.zeros((C, len(case.years)))
            short[:M] = np.maximum(0.0, (out.mix.short[..., AFTER] - out.mix.short[..., BEFORE]).sum(axis=0))
            gap = out.mix.draw[..., AFTER] + short
            for c, t in zip(*np.nonzero((stock > SMALL_T) & ~case.fixed), strict=True):
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
        """What it does in one year, in words. Raises `InputError` for a year without decisions."""
        rows = {row["plan"]: row for row in self.frame.to_dict("records") if row["year"] == year}
        if not rows:
            raise InputError(f"year: {year} is not a year with decisions")
        mine = rows["mix"]
        words = f"{self.scene.name} in {year}: with this mix {mine['short_share']:.0%} of demand goes short"
        if mine["short_t"] > SMALL_T:
            mix = self.outcomes["mix"].mix
            t = mix.case.years.index(year)
            short = mix.short[:, :, t, AFTER].sum(axis=1)
            s = int(short.argmax())
            name, need = self.evidence.sectors[mix.case.sectors[s]].name, mix.case.demand[s, :, t].sum()
            words += f", most in {name} ({short[s] / need:.0%} of its need)"
        return (
            f"{words}; the bill changes by {money(mine['extra_bill_crore'], True)} and the harm of shortage by"
            f" {money(mine['extra_harm_crore'], True)}. The cheapest mix would leave {rows['cheapest']['short_share']:.0%} short,"
            f" today's course {rows['today']['short_share']:.0%}."
        )


def disrupt(engine: Engine, answer: Answer, scene: Scene) -> Disruption:
    """What a scene does to the three plans of an answer. Raises `SolverFailed`."""
    states = compose(engine.evidence, ()), scene.state
    outcomes: dict[str, Outcome] = {}
    recourse: Recourse | None = None
    for name in MIXES:
        mix: Mix = getattr(answer, name)
        case = case_in(engine, mix.choice, states)
        recourse = recourse or Recourse(case)
        outcomes[name] = recourse.hold(mix, case)
    return Disruption(scene, engine.evidence, outcomes)


# -- the loss of any one source ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loss:
    """One source gone for a year: a route, or an origin with several routes. Shares are of magnet demand; `supply_share` is what the
    source would have delivered of all magnets or all oxide; `covered_share` how much of what is missing the reserve makes up;
    costs are INR crore of that year over an undisturbed one."""

    source: str
    kind: str
    routes: tuple[str, ...]
    year: int
    planned_t: float
    supply_share: float
    short_t: float
    short_share: float
    sector: str
    sector_share: float
    draw_t: float
    covered_share: float
    extra_bill_crore: float
    extra_harm_crore: float


@dataclass(frozen=True)
class Losses:
    """The loss of each source in each year with decisions."""

    losses: tuple[Loss, ...]

    def ranked(self, year: int) -> tuple[Loss, ...]:
        """Losses in one year, the worst first."""
        mine = (loss for loss in self.losses if loss.year == year)
        return tuple(sorted(mine, key=lambda x: (-round(x.short_share, 6), -(x.extra_bill_crore + x.extra_harm_crore))))

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each source and year, with the fields of `Loss`; routes as one text."""
        rows = (
            {**loss.__dict__, "routes": ", ".join(loss.routes)} for year in self.years for loss in self.ranked(year)
        )
        return pd.DataFrame(rows)

    @property
    def years(self) -> tuple[int, ...]:
        """Years with decisions."""
        return tuple(sorted({loss.year for loss in self.losses}))

    def sentence(self, evidence: Evidence, year: int) -> str:
        """Which loss hurts most in one year, in words. Raises `InputError` for a year without decisions."""
        ranked = self.ranked(year)
        if not ranked:
            raise InputError(f"year: {year} is not a year with decisions")
        worst = ranked[0]
        name = evidence.routes[worst.source].name if worst.kind == "route" else f"All supply from {worst.source}"
        harmless = sum(loss.short_t <= SMALL_T for loss in ranked)
        return (
            f"{name}: gone for the whole of {year}, this leaves {worst.short_share:.0%} of demand unserved, and the reserve makes up"
            f" {worst.covered_share:.0%} of what is missing; {harmless} of {len(ranked)} sources can be lost without anybody going short."
        )


def lose_each(engine: Engine, mix: Mix) -> Losses:
    """Each route that a mix uses, and each origin of several, gone for a whole year. Raises `SolverFailed`."""
    sources = _sources(mix)
    scenes = [by_hand(engine.evidence, [Blow(routes, share=1.0)]) for _, _, routes in sources]
    case = case_in(engine, mix.choice, (compose(engine.evidence, ()), *(scene.state for scene in scenes)))
    out = Recourse(case).hold(mix, case)
    years = np.flatnonzero(~case.fixed).tolist()
    found = (_loss(out, k, *source, t) for k, source in enumerate(sources, 1) for t in years)
    return Losses(tuple(loss for loss in found if loss.planned_t > SMALL_T))


def _sources(mix: Mix) -> list[tuple[str, str, tuple[str, ...]]]:
    """Name, kind and routes of each source that a mix uses."""
    case = mix.case
    used = [i for i in range(len(case.routes)) if mix.plan[i][:, ~case.fixed].max() > SMALL_T]
    found: list[tuple[str, str, tuple[str, ...]]] = [(case.routes[i], "route", (case.routes[i],)) for i in used]
    for origin in dict.fromkeys(case.origins[i] for i in used):
        routes = tuple(case.routes[i] for i in used if case.origins[i] == origin)
        if len(routes) > 1:
            found.append((origin, "origin", routes))
    return found


def _loss(out: Outcome, k: int, source: str, kind: str, routes: tuple[str, ...], t: int) -> Loss:
    mix, case = out.mix, out.mix.case
    mine = [case.routes.index(route) for route in routes]
    stage = slice(0, M) if mix.plan[mine][:, :M, t].sum() > SMALL_T else slice(M, C)
    whole = mix.deliver[:, stage, t, 0].sum()
    short = mix.short[:, :, t, k].sum(axis=1) - mix.short[:, :, t, 0].sum(axis=1)
    hit = short / np.maximum(case.demand[:, :, t].sum(axis=1), SMALL_T)
    worst = int(hit.argmax())
    draw, missing = float(mix.draw[:M, t, k].sum()), float(np.maximum(short, 0.0).sum())
    to_crore = crore(1.0, case.rupee)
    return Loss(
        source, kind, routes, case.years[t], float(mix.plan[mine][:, :, t].sum()),
        float(mix.deliver[mine][:, stage, t, 0].sum() / whole) if whole > SMALL_T else 0.0,
        float(mix.short[:, :, t, k].sum()), float(mix.lost[t, k]), case.sectors[worst] if hit[worst] > 1e-9 else "",
        float(max(0.0, hit[worst])), draw, draw / (draw + missing) if draw + missing > SMALL_T else 1.0,
        float((out.bill[t, k] - out.bill[t, 0]) * to_crore), float((out.harm[t, k] - out.harm[t, 0]) * to_crore),
    )  # fmt: skip
