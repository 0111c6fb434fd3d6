"""The same question under other facts: uncertain facts set to other values, and the case that this gives.

The states of the world stay those that the evidence keeps; what each does, and how likely it is, moves with the facts.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.arrays import Array, Numbers
from model.engine.worker import Worker, needs_cheapest, solve_for
from model.errors import EvidenceError, InputError
from model.evidence.overlay import Overlay
from model.evidence.schema import METHOD, Fact
from model.evidence.store import Evidence
from model.formulation.assembler import Assembler
from model.formulation.case import YEARS, Case
from model.formulation.levers import Choice
from model.formulation.parameters import numbers
from model.formulation.reduction import StateSet
from model.formulation.states import State, compose, event_probabilities, facts_of, probabilities
from model.lp.persistent import Live
from model.lp.solve import HAS_HIGHS, solve_once
from model.results.mix import Mix

MONEY = frozenset((
    "pay_anyway", "pay_if_delivered", "penalty", "capital_charge", "holding", "refill", "credit_now",
))  # fmt: skip
"""Numbers of the program that stand in no limit but the sum of costs: the plan stays possible when they move, so the primal simplex
is quicker. What budgets count, stock bought and public money, is not among them."""


def uncertain(evidence: Evidence) -> tuple[Fact, ...]:
    """Facts with a range that the case can depend on, straight or through a derived fact, in the order of the data."""
    drawn = {f"event {e.id}" for e in evidence.events.values() if e.probability is not None}
    kinds = ("route ", "sector ", "commodity ", "setting ")
    matters: dict[str, bool] = {}

    def used(name: str) -> bool:
        if name not in matters:
            matters[name] = False
            matters[name] = any(
                place.startswith(kinds) or place in drawn or (place.startswith("derived ") and used(place[8:]))
                for place in evidence.uses[name]
            )
        return matters[name]

    return tuple(
        fact
        for fact in evidence.facts.values()
        if not fact.formula and fact.id not in METHOD and span(fact)[0] < span(fact)[1] and used(fact.id)
    )


def span(fact: Fact) -> tuple[float, float]:
    """Low and high of a fact; where one is missing its value stands for it."""
    low = fact.value if fact.low is None else fact.low
    high = fact.value if fact.high is None else fact.high
    return float(low), float(high)


def settled(fact: Fact, value: float) -> float:
    """A value as the fact can have it: a calendar year is a whole one."""
    return float(round(value)) if fact.unit == "calendar year" else float(value)


class MovedStates:
    """The kept states under other facts (`case.World`): what each does is composed anew, and so is its weight."""

    def __init__(self, evidence: Evidence, states: tuple[State, ...], weights: Weights) -> None:
        self.evidence, self.states, self._weights = evidence, states, weights

    def probability(self, likelihood: float = 1.0) -> Array:
        """Probability of each kept state, shape (states,); sums to 1."""
        return self._weights.at(self.evidence, likelihood)


class Weights:
    """Weights of the kept states at other likelihoods of the events, by the transport of `StateSet` with its distances as they
    are. Every event keeps its own probability as far as the kept states can carry it, and misses it by as little as can be."""

    def __init__(self, kept: StateSet) -> None:
        self.kept = kept
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._untouched: Live | None = None
        self._last: tuple[list[float], Array] | None = None

    def fresh(self) -> Weights:
        """Others that start from the weights as they are and know of nothing that was asked before."""
        if HAS_HIGHS and not self.kept.exact and self._untouched is None:
            self._untouched = Live(self.kept.transport(self.kept.states, 1.0, soft=True))
            self._untouched.solve()
        other = Weights(self.kept)
        other._live = self._untouched.clone() if self._untouched else None
        return other

    def at(self, evidence: Evidence, likelihood: float) -> Array:
        """Weights of the kept states, shape (states,), for the probabilities of this evidence; those of the kept states themselves
        when no probability has moved."""
        event = event_probabilities(evidence, likelihood)
        if event == event_probabilities(self.kept.evidence, likelihood):
            return self.kept.probability(likelihood).copy()
        if self.kept.exact:
            return probabilities(evidence, self.kept.states, likelihood)
        with self._lock:
            if self._last is None or self._last[0] != list(event.values()):
                self._last = list(event.values()), self._weigh(evidence, likelihood, event)
            return self._last[1].copy()

    def _weigh(self, evidence: Evidence, likelihood: float, event: Mapping[str, float]) -> Array:
        chance = probabilities(evidence, self.kept.all, likelihood)
        if HAS_HIGHS:
            values = self._solve({"state": chance, "event": np.array([*event.values(), chance[0]])})
        else:
            values = self._solve_anew(evidence, likelihood)
        weights = values[: len(chance) * len(self.kept)].reshape(len(chance), -1).sum(axis=0)
        weights = np.where(weights < 1e-12, 0.0, weights)
        return np.asarray(weights / weights.sum())

    def _solve(self, numbers: Numbers) -> Array:
        """The transport under other probabilities, which are right-hand sides, so that it stays in memory."""
        if self._live is None:
            self._live = Live(self.kept.transport(self.kept.states, 1.0, soft=True))
        self._live.set(self._live.sheet.flatten(numbers))
        return self._live.solve().values

    def _solve_anew(self, evidence: Evidence, likelihood: float) -> Array:
        sheet = self.kept.transport(self.kept.states, likelihood, soft=True, evidence=evidence)
        return solve_once(sheet, "CBC").values


class Worlds:
    """Cases under other facts, for one evidence and one set of kept states."""

    def __init__(self, evidence: Evidence, kept: StateSet) -> None:
        self.evidence, self.kept = evidence, kept
        self._overlay = Overlay(evidence)
        self._weights = Weights(kept)
        drawn = (evidence.events[name] for state in kept.states for name in state.events)
        self._doing = tuple(dict.fromkeys(fact for event in drawn for fact in facts_of(event)))

    def fresh(self) -> Worlds:
        """Others of the same evidence that know of nothing that was asked before."""
        other = copy.copy(self)
        other._weights = self._weights.fresh()
        return other

    def _states(self, moved: Evidence) -> tuple[State, ...]:
        """The kept states composed under other facts; as they are when no fact of what they do has moved."""
        if all(moved.value(fact) == self.evidence.value(fact) for fact in self._doing):
            return self.kept.states
        return tuple(compose(moved, tuple(moved.events[name] for name in state.events)) for state in self.kept.states)

    def evidence_at(self, values: Mapping[str, float]) -> Evidence:
        """The evidence with some facts set to other values. Raises `EvidenceError`, naming the fact."""
        facts = self.evidence.facts
        return self._overlay.at(
            {name: settled(facts[name], value) if name in facts else value for name, value in values.items()}
        )

    def assembler(self, values: Mapping[str, float]) -> Assembler:
        """What makes cases of those facts. Raises `EvidenceError` when no case can be made of them."""
        moved = self.evidence_at(values)
        try:
            return Assembler(moved, MovedStates(moved, self._states(moved), self._weights), YEARS)
        except InputError:
            raise
        except (ValueError, ArithmeticError) as error:
            raise EvidenceError(f"{', '.join(values)}: no case can be made of these values ({error})") from None


@dataclass(frozen=True)
class Shape:
    """What the structure of a program depends on; cases of one shape can be solved on one live program."""

    key: bytes

    @classmethod
    def of(cls, case: Case) -> Shape:
        """The shape of a case: which products, needs, cuts, feeds and by-products there are, lives within the horizon, the tail."""
        horizon = len(case.years)
        parts = (
            case.products, case.demand.max(axis=2) > 0, case.cuts, case.feed > 0, case.at_most < 1.0,
            np.clip(np.ceil(case.life), 0, horizon), np.array([case.tail]),
        )  # fmt: skip
        return cls(b"".join(np.asarray(part).tobytes() for part in parts))


class Solver:
    """Finds the best mix of one choice under other facts, on one live program as long as the shape of the case stays. Every solve
    starts from the mix with all facts as they are. Raises `Infeasible` when that mix does not exist."""

    def __init__(self, worlds: Worlds, choice: Choice, worker: Worker | None = None) -> None:
        self.worlds, self.choice = worlds, choice
        assembler = worlds.assembler({})
        case = assembler.case(choice)
        self.worker = worker or Worker(case)
        self._shape, self._numbers = Shape.of(case), numbers(case)
        self.base = self._solve(self.worker, assembler, case)
        self._basis = self.worker.live.basis() if self.worker.live else None

    def mix(self, values: Mapping[str, float]) -> Mix:
        """The mix under other facts; the very same mix when they change no number of the case. Raises `Infeasible` when no mix
        meets the limits there, `EvidenceError` when the facts cannot be so."""
        assembler = self.worlds.assembler(values)
        case = assembler.case(self.choice)
        moved = {name for name, array in numbers(case).items() if not np.array_equal(array, self._numbers[name])}
        same_shape = Shape.of(case) == self._shape
        if same_shape and not moved:
            return self.base
        worker = self.worker if same_shape else Worker(case)
        if same_shape and worker.live is not None and self._basis is not None:
            worker.live.start_from(self._basis)
        return self._solve(worker, assembler, case, primal=moved <= MONEY)

    def _solve(self, worker: Worker, assembler: Assembler, case: Case, primal: bool = False) -> Mix:
        if not needs_cheapest(self.choice):
            return worker.mix(case, self.choice, worker.solve(case, primal=primal))
        free = assembler.case(self.choice, limits=False)
        cheapest = worker.mix(free, self.choice, worker.solve(free))
        return worker.mix(case, self.choice, solve_for(worker, case, cheapest))
