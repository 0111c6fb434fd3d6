"""The answer explained: what binds and what clashes, where capacity is worth most, and the proof of the optimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from model.analysis.explain.binding_limits import limits_in_words
from model.analysis.explain.infeasibility import Clash, Way, applied, explain_clash
from model.analysis.explain.limit_sentences import LimitReport, Step
from model.analysis.explain.what_if import kept, start_near
from model.analysis.validation.second_solver import SecondOpinion, proof_in_words, second_opinion
from model.arrays import Array
from model.engine.engine import Answer, Engine
from model.engine.worker import needs_cheapest, steering_for
from model.formulation.case import Case
from model.parallel.progress import unless
from model.results.annual import a_year

# -- where capacity is worth most -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bottleneck:
    """A route that gives all it can: what one more tonne a year would save beyond its cost, USD/kg (= kUSD/t) and INR lakh per
    tonne, and what one percent more would save, INR crore a year. `tonnes` is what it may supply, t/y on average (discounted).
    `solved` says whether the figures come from a re-solve with one percent more, or from the duals alone."""

    route: str
    usd_per_kg: float
    lakh_per_t: float
    crore_per_percent: float
    tonnes: float
    solved: bool
    sentence: str


def more_of(case: Case, route: int, share: float) -> Case:
    """A case in which one route may supply a share more from the first decision on: volume, ceiling and yearly additions."""
    scale = np.ones((len(case.routes), len(case.years)))
    scale[route, ~case.fixed] += share
    return replace(case, capacity=case.capacity * scale, ceiling=case.ceiling * scale, addmax=case.addmax * scale)


def allowed(case: Case) -> Array:
    """What each route may supply at most, t/y, discounted average over the years from the first decision on (R,)."""
    most = case.utilisation[:, None] * (case.capacity + np.minimum(np.cumsum(case.addmax, axis=1), case.ceiling))
    weight = case.discount * ~case.fixed
    return np.asarray(most @ weight / weight.sum())


def bottlenecks(
    engine: Engine, answer: Answer, n: int = 8, full: bool = False, stop: Callable[[], bool] | None = None
) -> tuple[Bottleneck, ...]:
    """The routes of which one more tonne a year saves most, best first: where the next rupee or treaty helps.

    From the duals; with `full` each is solved again with one percent more; `stop` is asked before each solve. With another aim:
    at an unchanged aim. Raises `SolverFailed` or `Stopped`."""
    mix = answer.mix
    tonnes = allowed(mix.case)
    worth = [
        (mix.route_prices[name] * a_year(mix.case) / 100.0, r)
        for r, name in enumerate(mix.case.routes)
        if tonnes[r] > 1e-6 and mix.route_prices.get(name, 0.0) * a_year(mix.case) / 100.0 > 1e-4
    ]
    best = sorted(worth, key=lambda found: found[0] / tonnes[found[1]], reverse=True)[:n]
    if not full:
        return tuple(_bottleneck(engine, mix.case, r, float(tonnes[r]), crores, False) for crores, r in best)

    def make() -> tuple[Bottleneck, ...]:
        found = []
        with engine.worker() as worker:
            case = mix.case
            start_near(engine, worker, mix.choice)
            steering = steering_for(worker, case, engine.cheapest(mix.choice) if needs_cheapest(mix.choice) else None)
            total = worker.solve(case, steering).objective
            for _, r in best:
                unless(stop)
                saved = (total - worker.solve(more_of(case, r, 0.01), steering).objective) * a_year(case)
                found.append(_bottleneck(engine, case, r, float(tonnes[r]), saved, True))
        return tuple(sorted(found, key=lambda b: b.usd_per_kg, reverse=True))

    solved: tuple[Bottleneck, ...] = kept(engine, ("bottlenecks", mix.choice, n), make)
    return solved


def _bottleneck(engine: Engine, case: Case, r: int, tonnes: float, crores: float, solved: bool) -> Bottleneck:
    lakh = crores * 100.0 / (0.01 * tonnes)
    usd = lakh * 100.0 / case.rupee
    name = engine.evidence.routes[case.routes[r]].name
    words = (
        f"One more tonne a year from {name} saves INR {lakh:,.3g} lakh a year beyond its cost (USD {usd:,.3g} per kg)."
    )
    return Bottleneck(case.routes[r], usd, lakh, crores, tonnes, solved, words)


# -- proof ------------------------------------------------------------------------------------------------------------


__all__ = [
    "Bottleneck", "Clash", "LimitReport", "SecondOpinion", "Step", "Way", "applied", "bottlenecks", "explain_clash",
    "limits_in_words", "proof_in_words", "second_opinion",
]  # fmt: skip
