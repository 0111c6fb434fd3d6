"""The loss of any one source of a mix for a year: each route, and each country with several routes, gone in turn.

Plan, plants and reserve are held (`recourse`). A lost source is an emergency, so the whole reserve may be drawn: magnets when an oxide is
missing, and oxide for Indian plants when magnets are. So the loss of a part of a country's supply never leaves more people short
than the loss of all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from model.analysis.stress.disruption import case_in, stock_before
from model.analysis.stress.recourse import Outcome, Recourse
from model.analysis.stress.shocks import Blow, by_hand
from model.arrays import Array
from model.engine.engine import Engine
from model.errors import InputError
from model.evidence.store import Evidence
from model.formulation.case import C, Case, M, crore
from model.formulation.states import compose
from model.results.formatting import percent
from model.results.mix import SMALL_T, Mix

LOST_MONTHS = 12.0
"""How long a source is gone."""


@dataclass(frozen=True)
class Emergency(Case):
    """A case in which the whole reserve may be drawn wherever anything is cut; nothing of it when it is `closed`."""

    closed: bool = False

    @property
    def drawable(self) -> Array:
        """Every commodity in each year and state with a cut of some route (C, T, K)."""
        hit = ((self.availability < 1.0) & self.products[:, :, None, None]).any(axis=(0, 1))
        return np.asarray(np.broadcast_to(hit & (not self.closed), (C, *hit.shape)))


@dataclass(frozen=True)
class Loss:
    """One source gone for a year: a route, or an origin with several routes. Shares are of magnet demand; `supply_share` is what the
    source would have delivered of all magnets or all oxide; `gap_t` would go short if the reserve gave nothing, `covered_t` of that
    the reserve covers; `sector` is hit hardest, `sector_share` of its demand; costs are INR crore of that year over an undisturbed one."""

    source: str
    kind: str
    routes: tuple[str, ...]
    year: int
    planned_magnets_t: float
    planned_oxide_t: float
    supply_share: float
    short_t: float
    short_share: float
    sector: str
    sector_share: float
    gap_t: float
    covered_t: float
    stock_magnets_t: float
    extra_bill_crore: float
    extra_harm_crore: float

    @property
    def covered_share(self) -> float:
        """Share of what would be missing that the reserve covers; 1 when nothing would be."""
        return self.covered_t / self.gap_t if self.gap_t > SMALL_T else 1.0

    @property
    def cost_crore(self) -> float:
        """Bill and harm together, INR crore of that year."""
        return self.extra_bill_crore + self.extra_harm_crore


@dataclass(frozen=True)
class Losses:
    """The loss of each source in each year."""

    losses: tuple[Loss, ...]

    def ranked(self, year: int, by: str = "") -> tuple[Loss, ...]:
        """Losses in one year, the worst first; `by` 'route' or 'country' leaves just one source for each (a country with one route is
        that route)."""
        mine = [loss for loss in self.losses if loss.year == year]
        grouped = {route for loss in mine if loss.kind == "origin" for route in loss.routes}
        if by:
            mine = [
                x
                for x in mine
                if (x.kind == "route" if by == "route" else x.kind == "origin" or x.source not in grouped)
            ]
        return tuple(sorted(mine, key=lambda x: (-round(x.short_share, 6), -x.cost_crore)))

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each source and year, with the fields of `Loss` and covered_share; routes as one text."""
        rows = (
            {**loss.__dict__, "covered_share": loss.covered_share, "routes": ", ".join(loss.routes)}
            for year in self.years
            for loss in self.ranked(year)
        )
        return pd.DataFrame(rows)

    @property
    def years(self) -> tuple[int, ...]:
        """Years in which something can be lost."""
        return tuple(sorted({loss.year for loss in self.losses}))

    def sentence(self, evidence: Evidence, year: int) -> str:
        """Which loss hurts most in one year, in words. Raises `InputError` for a year outside the horizon."""
        ranked = self.ranked(year)
        if not ranked:
            raise InputError(f"year: {year} is not a year of the horizon in which this mix has a source to lose")
        worst = ranked[0]
        name = evidence.routes[worst.source].name if worst.kind == "route" else f"All supply from {worst.source}"
        harmless = sum(loss.short_t <= SMALL_T for loss in ranked)
        return (
            f"{name}: gone for the whole of {year}, this leaves {percent(worst.short_share)} of demand unserved, and the reserve makes up"
            f" {percent(worst.covered_share)} of what is missing; {harmless} of {len(ranked)} sources can be lost without anybody going short."
        )


def lose_each(engine: Engine, mix: Mix) -> Losses:
    """Each route that a mix uses, and each origin of several, gone for a whole year. Raises `SolverFailed`."""
    sources = _sources(mix)
    scenes = [by_hand(engine.evidence, [Blow(routes, share=1.0, months=LOST_MONTHS)]) for _, _, routes in sources]
    plain = case_in(engine, mix.choice, (compose(engine.evidence, ()), *(scene.state for scene in scenes)))
    case = Emergency(**{field.name: getattr(plain, field.name) for field in fields(Case)})
    recourse = Recourse(case)
    out = recourse.hold(mix, case)
    gap = recourse.hold(mix, replace(case, closed=True)).mix.short.sum(axis=(0, 1))
    found = (_loss(out, gap, k, *source, t) for k, source in enumerate(sources, 1) for t in range(len(case.years)))
    return Losses(tuple(loss for loss in found if loss.planned_magnets_t + loss.planned_oxide_t > SMALL_T))


def _sources(mix: Mix) -> list[tuple[str, str, tuple[str, ...]]]:
    """Name, kind and routes of each source that a mix uses. Motors without rare earths are none: they cannot be cut off."""
    case = mix.case
    used = [
        i for i, stage in enumerate(case.stages) if stage != "substitute" and mix.plan[i].max(initial=0.0) > SMALL_T
    ]
    found: list[tuple[str, str, tuple[str, ...]]] = [(case.routes[i], "route", (case.routes[i],)) for i in used]
    for origin in dict.fromkeys(case.origins[i] for i in used):
        routes = tuple(case.routes[i] for i in used if case.origins[i] == origin)
        if len(routes) > 1:
            found.append((origin, "origin", routes))
    return found


def _loss(out: Outcome, gap: Array, k: int, source: str, kind: str, routes: tuple[str, ...], t: int) -> Loss:
    mix, case = out.mix, out.mix.case
    mine = [case.routes.index(route) for route in routes]
    planned = mix.plan[mine][:, :, t].sum(axis=0)
    stage = slice(0, M) if planned[:M].sum() > SMALL_T else slice(M, C)
    whole = mix.deliver[:, stage, t, 0].sum()
    hit = mix.short[:, :, t, k].sum(axis=1) - mix.short[:, :, t, 0].sum(axis=1)
    hit = hit / np.maximum(case.demand[:, :, t].sum(axis=1), SMALL_T)
    worst, short = int(hit.argmax()), float(mix.short[:, :, t, k].sum())
    to_crore = crore(1.0, case.rupee)
    return Loss(
        source, kind, routes, case.years[t], float(planned[:M].sum()), float(planned[M:].sum()),
        float(mix.deliver[mine][:, stage, t, 0].sum() / whole) if whole > SMALL_T else 0.0,
        short, float(mix.lost[t, k]), case.sectors[worst] if hit[worst] > 1e-9 else "", float(max(0.0, hit[worst])),
        float(gap[t, k]), float(max(0.0, gap[t, k] - short)), float(stock_before(mix)[:M, t].sum()),
        float((out.bill[t, k] - out.bill[t, 0]) * to_crore), float((out.harm[t, k] - out.harm[t, 0]) * to_crore),
    )  # fmt: skip
