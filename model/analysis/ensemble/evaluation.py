"""Sampled worlds in fixed chunks: what is drawn in each, and what comes of it for a plan that stands and, if asked, for a new one.

Each uncertain fact is drawn from a triangle from its low over its value to its high (`sample.triangle`), independent of the
others. A world's draws depend on the seed and its number alone, and a chunk's results on nothing that was solved before it, so
neither the number of chunks nor who works on them matters.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version

import numpy as np

from model import provenance
from model.analysis.stress.recourse import Outcome, Recourse
from model.analysis.uncertainty.perturbation import Shape, Worlds, settled, span
from model.analysis.uncertainty.robustness import DRIVERS, MEASURES
from model.analysis.uncertainty.sampling import triangle
from model.arrays import Array
from model.engine.active_limits import limits_on
from model.engine.worker import Worker, needs_cheapest, solve_for
from model.errors import EvidenceError, Infeasible, SolverFailed
from model.evidence.schema import Fact
from model.evidence.store import Evidence
from model.formulation.case import Case
from model.formulation.levers import Choice, lever_named, looser
from model.formulation.reduction import StateSet
from model.lp.solve import HAS_HIGHS
from model.results.annual import yearly
from model.results.limit_levels import needs
from model.results.mix import Mix

OUTCOMES = ("found", "cannot_be", "no_mix", "no_answer")
"""What became of a world: all was found; its facts cannot be together (such as shares over 1); no new mix meets the limits there; the
solver gave up. The plan that stands has its measures in the first and the third."""
FOUND, CANNOT_BE, NO_MIX, NO_ANSWER = range(len(OUTCOMES))
AS_IT_IS = -1
"""The number of the chunk of one world in which all facts are as they are."""
CHUNK, CHUNK_ANEW = 50, 20
"""Worlds in a chunk, with the plan held and with planning anew: a few seconds of work, lost at most when it is killed."""
MISSED = 1e-6
"""A limit is missed by more than this share of its lever's range."""
COARSE, FINE = 6, 9
"""Decimals kept of INR crore and tonnes, and of shares and all else."""
TONNES = "planned_t_"
"""What the names of the columns begin with that hold a new mix by route, t/y in the target year."""
CODE = (
    *provenance.CODE,
    "analysis/explain",
    "analysis/stress",
    "analysis/uncertainty",
    "analysis/ensemble/evaluation.py",
)
"""The parts of the model that a world's results come from."""
LIBRARIES = ("highspy", "numpy", "pulp") if HAS_HIGHS else ("numpy", "pulp")


@lru_cache(maxsize=1)
def made_with() -> str:
    """Which code and which libraries work here: a digest of the files in `CODE`, and versions."""
    digest = hashlib.sha256()
    for name, file in provenance.code_files(*CODE):
        digest.update(name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n"))
    return ", ".join([f"model {digest.hexdigest()[:12]}", *(f"{name} {version(name)}" for name in LIBRARIES)])


def drawn(facts: tuple[Fact, ...], seed: int, first: int, count: int) -> Array:
    """Values of facts in worlds `first` (from 0) and the next, shape (count, facts), each a number that 32 bits hold exactly.

    Philox is a counter-based generator (Salmon et al. 2011): the seed is its key, a world's number its counter."""
    shares = np.array([
        np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, world])).random(len(facts))
        for world in range(first, first + count)
    ]).reshape(count, len(facts))  # fmt: skip
    found = np.empty((count, len(facts)))
    for i, fact in enumerate(facts):
        found[:, i] = triangle(shares[:, i], *_corners(fact))
        if fact.unit == "calendar year":
            found[:, i] = [settled(fact, value) for value in found[:, i]]
    return found.astype(np.float32).astype(float)


def _corners(fact: Fact) -> tuple[float, float, float]:
    low, high = span(fact)
    return low, float(fact.value), high


def reached_by(choice: Choice, anew: bool) -> tuple[str, ...]:
    """Limits that are on and whose value in a world is known: a premium needs the cheapest mix there, which only planning anew finds."""
    return tuple(name for name in limits_on(choice) if anew or name != "premium_limit")


def columns(choice: Choice, anew: bool, routes: tuple[str, ...]) -> tuple[str, ...]:
    """Names of what is kept of a world beside its number, outcome and facts."""
    held = [f"held_{name}" for name in MEASURES]
    reached = [f"held_{name}_reached" for name in reached_by(choice, anew)]
    again = [*(f"planned_{name}" for name in MEASURES), "regret_crore", *(f"{TONNES}{name}" for name in routes)]
    return (*DRIVERS, *held, *reached, "held_misses", *(again if anew else ()))


@dataclass(frozen=True)
class Block:
    """What came of a chunk: `values` (worlds, facts), `outcomes` (worlds,) as places in `OUTCOMES`, `results` (worlds, columns), not a
    number where there is none, and what it was made with."""

    chunk: int
    values: Array
    outcomes: Array
    results: Array
    made_with: str


@dataclass(frozen=True)
class WorldTask:
    """Chunks of worlds worked out in a helper process or on a cluster (`crew.Task`). `plan` is the mix that stands."""

    evidence: Evidence
    states: tuple[tuple[str, ...], ...]
    choice: Choice
    facts: tuple[str, ...]
    plan: Mix
    seed: int
    worlds: int
    anew: bool

    @property
    def size(self) -> int:
        """Worlds in a chunk."""
        return CHUNK_ANEW if self.anew else CHUNK

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.worlds // self.size)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the results."""
        return columns(self.choice, self.anew, self.plan.case.routes)

    @property
    def limits(self) -> tuple[str, ...]:
        """Limits whose value in each world is kept."""
        return reached_by(self.choice, self.anew)

    def count(self, chunk: int) -> int:
        """Worlds in one chunk; the last may be short."""
        return 1 if chunk == AS_IT_IS else min(self.size, self.worlds - chunk * self.size)

    def ready(self) -> Callable[[int], Block]:
        """The function from the number of a chunk to its block."""
        facts = tuple(self.evidence.facts[name] for name in self.facts)
        untouched = _Desk(self)

        def work(chunk: int) -> Block:
            if chunk == AS_IT_IS:
                values = np.array([[float(fact.value) for fact in facts]])
            else:
                values = drawn(facts, self.seed, chunk * self.size, self.count(chunk))
            desk = untouched.fresh()
            found = [desk.world(dict(zip(self.facts, row.tolist(), strict=True))) for row in values]
            return Block(
                chunk, values, np.array([outcome for outcome, _ in found], dtype=np.int8),
                np.array([results for _, results in found]), made_with(),
            )  # fmt: skip

        return work


class _Desk:
    """The programs of one chunk. Each chunk works on copies of programs that were never used, so that none leaves a trace in another."""

    def __init__(self, task: WorldTask) -> None:
        self.task = task
        self.worlds = Worlds(task.evidence, StateSet(task.evidence, kept=task.states))
        case = self.worlds.assembler({}).case(task.choice)
        self.shape = Shape.of(case)
        self.recourse = Recourse(case)
        self.recourse.hold(task.plan, case)
        self.worker = Worker(case) if task.anew else None
        self.leans = task.anew and needs_cheapest(task.choice)
        self.limits = task.limits
        self.digits = [COARSE if name.endswith("_crore") or name.startswith(TONNES) else FINE for name in task.columns]

    def fresh(self) -> _Desk:
        """A copy as it was when it was made."""
        other = copy.copy(self)
        other.worlds, other.recourse = self.worlds.fresh(), self.recourse.fresh()
        other.worker = self.worker.clone() if self.worker else None
        return other

    def world(self, values: dict[str, float]) -> tuple[int, list[float]]:
        """Outcome and results of the world with these facts."""
        task = self.task
        found = dict.fromkeys(task.columns, float("nan"))
        try:
            assembler = self.worlds.assembler(values)
            case = assembler.case(task.choice)
            free = assembler.case(task.choice, limits=False) if self.leans else case
        except EvidenceError:
            return CANNOT_BE, list(found.values())
        try:
            held = self.recourse.hold(task.plan, case)
            outcome, mix, cheapest = self._anew(case, free) if task.anew else (FOUND, None, None)
        except SolverFailed:
            return NO_ANSWER, list(found.values())
        found |= dict(zip(DRIVERS, drivers(case), strict=True))
        found |= _measured("held", held.bill_kusd, held.harm_kusd, held.mix)
        found |= self._limits(held, cheapest)
        if mix is not None:
            found |= _measured("planned", mix.total_kusd - mix.shortage_cost_kusd, mix.shortage_cost_kusd, mix)
            found["regret_crore"] = found["held_total_crore"] - found["planned_total_crore"]
            year = case.years.index(int(task.choice.target_year))
            found |= {f"{TONNES}{route}": float(mix.plan[r, :, year].sum()) for r, route in enumerate(case.routes)}
        rounded = [round(x, digits) + 0.0 for x, digits in zip(found.values(), self.digits, strict=True)]
        return outcome, rounded

    def _anew(self, case: Case, free: Case) -> tuple[int, Mix | None, float | None]:
        """The best mix of this world, and the cost of the cheapest where limits or aim lean on it, kUSD. It is looked for from nothing:
        where two hundred facts have moved that is quicker than from the mix with all facts as they are."""
        choice = self.task.choice
        worker = self.worker if self.worker and Shape.of(case) == self.shape else Worker(case)
        if worker.live:
            worker.live.forget()
        cheapest = worker.mix(free, choice, worker.solve(free)) if self.leans else None
        cost = cheapest.total_kusd if cheapest else None
        try:
            return FOUND, worker.mix(case, choice, solve_for(worker, case, cheapest)), cost
        except Infeasible:
            return NO_MIX, None, cost

    def _limits(self, held: Outcome, cheapest: float | None) -> dict[str, float]:
        """What the plan that stands reaches of each limit that is on, in the lever's unit, and whether it misses any (1 or 0)."""
        reached, values = needs(held.mix), self.task.choice.values()
        if cheapest:
            reached["premium_limit"] = 100.0 * (held.total_kusd / cheapest - 1.0)
        levers = {name: lever_named(name) for name in self.limits}
        over = {name: looser(name) * (reached[name] - float(values[name])) for name in self.limits}
        misses = any(over[name] > MISSED * (lever.high - lever.low) for name, lever in levers.items())
        return {f"held_{name}_reached": reached[name] for name in self.limits} | {"held_misses": float(misses)}


def drivers(case: Case) -> tuple[float, float]:
    """`sample.DRIVERS` of a world: what many facts together make of it."""
    return float(case.total_demand[~case.fixed].mean()), float(1.0 - case.probability[0])


def _measured(what: str, bill_kusd: float, harm_kusd: float, mix: Mix) -> dict[str, float]:
    """`sample.MEASURES` of a mix, named after what it is."""
    expected = float((mix.lost @ mix.case.probability)[mix.focus].mean())
    worst = float(mix.tail_year[mix.focus].max())
    worth = *yearly(mix, bill_kusd, harm_kusd), worst, expected
    return {f"{what}_{name}": x for name, x in zip(MEASURES, worth, strict=True)}


__all__ = [
    "AS_IT_IS",
    "CHUNK",
    "CHUNK_ANEW",
    "OUTCOMES",
    "TONNES",
    "Block",
    "WorldTask",
    "columns",
    "drawn",
    "made_with",
]
