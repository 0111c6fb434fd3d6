"""Scenario reduction: the few states that stand for all, by optimal transport with every event's probability exact."""

from __future__ import annotations

import math
import threading
from contextlib import suppress
from functools import lru_cache
from typing import Any

import numpy as np

from model.arrays import Array
from model.errors import Infeasible, InputError, SolverFailed
from model.evidence.store import Evidence
from model.formulation.states import UNDISTURBED, State, all_states, event_probabilities, groups, probabilities
from model.lp.model import Number, Sheet
from model.lp.persistent import Live
from model.lp.solution import Solution
from model.lp.solve import HAS_HIGHS, solve_once

MOST_LIKELY = 1.8
"""The highest likelihood that the lever allows; the kept states must be able to carry it."""


ALL_MOST = 512
"""Most states that the groups of events of a data set may make together: the time to choose among them grows with their
square, to a second or a few at so many."""


MORE_KEPT = 32
"""At most so many more states than asked for are kept."""


NAMED_MOST = 12
"""So many events are named one by one."""


def least_kept(evidence: Evidence) -> int:
    """The fewest states that can be kept: undisturbed, every single event and a joint one."""
    return 2 + sum(len(group) for group in groups(evidence))


class StateSet:
    """The states kept for one data set, and their probabilities at any likelihood. Immutable once made."""

    def __init__(
        self, evidence: Evidence, keep: int | None = 16, kept: tuple[tuple[str, ...], ...] | None = None
    ) -> None:
        """`keep` states, more where the likelihoods of the events need more, or all of them when it is None, or those whose
        events are named in `kept`, chosen before. Raises `ValueError` when `keep` is too small to keep every event,
        `InputError` when the events make too many states or their likelihoods cannot be carried."""
        _check_number(evidence)
        self.evidence = evidence
        self.all = all_states(evidence)
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._start: Any = None
        number = keep if kept is None else len(kept)
        self.exact = number is None or number >= len(self.all)
        if self.exact:
            self.states = self.all
        elif kept is not None:
            self.states = tuple(state for state in self.all if state.events in kept)
        else:
            self.states = self._choose(number or 0)
        self._weigh = lru_cache(maxsize=256)(self._weights)

    def __len__(self) -> int:
        return len(self.states)

    def probability(self, likelihood: float = 1.0) -> Array:
        """Probability of each kept state, shape (states,); sums to 1 and keeps every event's own probability."""
        return self._weigh(round(likelihood, 6))

    def _volumes(self) -> Array:
        """Weight of each route's loss: t/y of magnets that it can stand for in 2030, shape (routes,)."""
        found = []
        for route in self.evidence.routes.values():
            path = route.volume or {}
            volume = max((self.evidence.value(f) for f in path.values()), default=0.0)
            if route.build:
                ceiling = route.build.ceiling
                names = ceiling.values() if isinstance(ceiling, dict) else (ceiling,)
                volume += max(self.evidence.value(f) for f in names)
            found.append(volume / (self.evidence.value("oxide_per_magnet_model") if route.stage == "oxide" else 1.0))
        return np.array(found)

    def _picture(self, states: tuple[State, ...]) -> Array:
        """What a state does, as shares of volume lost and price added by route, weighted by volume; shape (states, features)."""
        share = self._volumes() / self._volumes().sum()
        rows = []
        for s in states:
            lost = 1.0 - (1.0 - s.cut) * (1.0 - 0.2 * s.cut_new)
            rows.append(np.concatenate([(lost.mean(axis=1) * share), 0.1 * ((s.multiplier - 1).mean(axis=1) * share)]))
        return np.array(rows)

    def _choose(self, keep: int) -> tuple[State, ...]:
        """Undisturbed, every single event, and the joint states that the transport problem asks for most.

        Joint states come in one at a time by their reduced cost: first until the weights are possible at the highest
        likelihood that the lever allows (and so at any lower one), be they up to `MORE_KEPT` more than asked for, then to lower
        the loss-weighted distance at likelihood 1.
        """
        kept = [i for i, s in enumerate(self.all) if len(s.events) <= 1]
        if keep <= len(kept):
            raise ValueError(f"states: at least {len(kept) + 1} are needed to keep every event, {keep} asked for")
        possible, cost = False, self._distance(self.all)
        for _ in range(keep + MORE_KEPT - len(kept) + 1):  # the turn that finds the weights possible adds no state
            if possible and len(kept) >= keep:
                break
            states = tuple(self.all[i] for i in kept)
            sheet = self.transport(states, 1.0 if possible else MOST_LIKELY, soft=True)
            solution = _solve(sheet)
            n = len(self.all)
            if not possible and solution.values[n * len(kept) :].sum() < 1e-9:
                possible = True
                continue
            price_all, price_event = solution.row_duals[:n], solution.row_duals[n:]
            chance = probabilities(self.evidence, self.all, 1.0 if possible else MOST_LIKELY)
            names = [*event_probabilities(self.evidence), UNDISTURBED]
            best = (0.0, -1)
            for j, state in enumerate(self.all):
                if j in kept:
                    continue
                worth = sum(price_event[names.index(e)] for e in state.events)
                gain = float(np.maximum(0.0, price_all + worth - cost[:, j]) @ chance)
                if gain > best[0] + 1e-12:
                    best = (gain, j)
            if best[1] < 0:
                break
            kept.append(best[1])
        self.states = tuple(self.all[i] for i in sorted(kept))
        try:
            self._weights(MOST_LIKELY)
        except SolverFailed:
            facts = ", ".join(e.probability for group in groups(self.evidence) for e in group if e.probability)
            raise InputError(
                f"facts {facts}: no few states can carry all these events at {100 * MOST_LIKELY:.0f} % of their likelihood"
            ) from None
        return self.states

    def _distance(self, states: tuple[State, ...]) -> Array:
        """Loss-weighted distance of every state to these, shape (all states, states)."""
        picture_all, picture = self._picture(self.all), self._picture(states)
        apart = np.abs(picture_all[:, None, :] - picture[None, :, :]).sum(axis=2)
        return np.asarray(apart * (picture_all.sum(axis=1) + 0.01)[:, None])

    def transport(
        self, states: tuple[State, ...], likelihood: float, soft: bool = False, evidence: Evidence | None = None
    ) -> Sheet:
        """min sum move[i,j]*distance[i,j];  sum_j move[i,j] = p_i;  for every event e: sum over i and over kept states j with
        e of move[i,j] = p_e, and the undisturbed state keeps its own. When `soft`, an event may miss it at a high price. The
        probabilities are those of `evidence`, by default this set's own; the distances are always this set's own."""
        chance = probabilities(evidence or self.evidence, self.all, likelihood)
        single = event_probabilities(evidence or self.evidence, likelihood) | {UNDISTURBED: float(chance[0])}
        cost = self._distance(states)
        sheet = Sheet("states", {"state": chance, "event": np.array(list(single.values()))})
        n, m = cost.shape
        tie = np.arange(n * m).reshape(n, m) * (1e-9 / (n * m))
        move = [[sheet.column(f"move_{i}_{j}", cost=float(cost[i, j] + tie[i, j])) for j in range(m)] for i in range(n)]
        for i in range(n):
            sheet.row(f"all_{i}", ((move[i][j], 1.0) for j in range(m)), "==", Number("state", i))
        for e, name in enumerate(single):
            inside = [j for j, s in enumerate(states) if name in (s.events or (UNDISTURBED,))]
            terms = [(move[i][j], 1.0) for i in range(n) for j in inside]
            if soft:
                terms += [
                    (sheet.column(f"under_{name}", cost=10.0), 1.0),
                    (sheet.column(f"over_{name}", cost=10.0), -1.0),
                ]
            sheet.row(f"event_{name}", terms, "==", Number("event", e))
        sheet.finish()
        return sheet

    def _weights(self, likelihood: float) -> Array:
        if self.exact:
            return probabilities(self.evidence, self.states, likelihood)
        try:
            solution = self._solve_weights(likelihood)
        except Infeasible:
            raise SolverFailed(f"the kept states cannot carry every event at likelihood {likelihood:g}") from None
        weights = solution.values.reshape(len(self.all), len(self.states)).sum(axis=0)
        weights = np.where(weights < 1e-12, 0.0, weights)
        weights = np.asarray(weights / weights.sum())
        weights.setflags(write=False)
        return weights

    def _solve_weights(self, likelihood: float) -> Solution:
        """The transport problem of the kept states; only its right-hand sides depend on likelihood, so it stays in memory. It
        starts from the same basis each time, so that not even the last bit depends on what was asked before."""
        if not HAS_HIGHS:
            return solve_once(self.transport(self.states, likelihood), "CBC")
        with self._lock:
            if self._live is None:
                live = Live(self.transport(self.states, 1.0))
                with suppress(Infeasible):
                    live.solve()
                self._live, self._start = live, live.basis()  # together: one that failed before is of no use
            chance = probabilities(self.evidence, self.all, likelihood)
            event = [*event_probabilities(self.evidence, likelihood).values(), float(chance[0])]
            self._live.set(self._live.sheet.flatten({"state": chance, "event": np.array(event)}))
            self._live.start_from(self._start)
            return self._live.solve()


def _check_number(evidence: Evidence) -> None:
    """Raises `InputError` that names the events when their groups make more states than can be used."""
    found = groups(evidence)
    number = math.prod(len(group) + 1 for group in found)
    if number > ALL_MOST:
        events = [event.id for group in found for event in group]
        more = f" and {len(events) - NAMED_MOST} more" if len(events) > NAMED_MOST else ""
        raise InputError(
            f"events.yaml, entries {', '.join(events[:NAMED_MOST])}{more}: their {len(found)} groups make {number:,} states,"
            f" more than the {ALL_MOST:,} that can be used; put events that exclude each other into one group"
        )


def _solve(sheet: Sheet) -> Solution:
    return Live(sheet).solve() if HAS_HIGHS else solve_once(sheet, "CBC")
