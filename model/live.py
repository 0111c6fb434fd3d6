"""Choice to answer: a small pool of live programs shared by everyone, the two reference mixes, and a bounded cache.

The program is written down once for a data set; a choice changes only the numbers that it touches. The mix is unique (see
`case.preference`), so the answer does not depend on what was solved before or by which member of the pool.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import LifoQueue
from typing import Generic, TypeVar

import numpy as np

from model.case import BUDGETS, LIMITS, YEARS, Assembler, Case
from model.evidence import Evidence
from model.levers import Choice, lever_named
from model.lp import HAS_HIGHS, Array, Infeasible, Live, Solution, SolverFailed, solve_once
from model.mix import Mix, read_mix
from model.program import NO_STEERING, Program, Steering
from model.states import StateSet

KEPT_STATES = 16
AIM_TOLERANCE = 1e-6

V = TypeVar("V")


class NoMix(RuntimeError):
    """No mix meets the limits. `limits` are the ids of the limit levers that are on."""

    def __init__(self, limits: tuple[str, ...]) -> None:
        self.limits = limits
        names = ", ".join(lever_named(name).label for name in limits)
        super().__init__(f"No mix of routes meets all of these limits together: {names}.")


@dataclass(frozen=True)
class Answer:
    """The mix for a choice, the cheapest mix in the same world without limits, and today's course with recourse."""

    mix: Mix
    cheapest: Mix
    today: Mix


class Cache(Generic[V]):
    """Values by exact key, at most `size` of them, the least used dropped first. Two askers of one key wait for one result."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[object, V | BaseException] = OrderedDict()
        self._under_way: dict[object, threading.Event] = {}

    def get(self, key: object, make: Callable[[], V]) -> V:
        """The value for a key, made if need be. `NoMix` is kept like a value; any other error is not."""
        while True:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    found = self._values[key]
                    if isinstance(found, BaseException):
                        raise NoMix(found.limits) if isinstance(found, NoMix) else found
                    return found
                waiting = self._under_way.get(key)
                if waiting is None:
                    mine = self._under_way[key] = threading.Event()
                    break
            waiting.wait()
        try:
            try:
                value = make()
            except NoMix as error:
                self._keep(key, error)
                raise
            self._keep(key, value)
            return value
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()

    def _keep(self, key: object, value: V | BaseException) -> None:
        with self._lock:
            self._values[key] = value
            while len(self._values) > self.size:
                self._values.popitem(last=False)


class Worker:
    """One program with its live copy in HiGHS, or without HiGHS the way to write and solve it anew with CBC."""

    def __init__(self, case: Case) -> None:
        self.program = Program(case)
        self.live = Live(self.program.sheet) if HAS_HIGHS else None

    def solve(self, case: Case, steering: Steering = NO_STEERING, primal: bool = False) -> Solution:
        """Solve for another case of the same data set. Raises `Infeasible` or `SolverFailed`."""
        if self.live is None:
            self.program = Program(case, steering)
            return solve_once(self.program.sheet, "CBC")
        vector = self.program.vector(case, steering)
        self.program.current = vector
        self.live.set(vector)
        return self.live.solve(primal)

    def mix(self, case: Case, choice: Choice, solution: Solution, cheapest_kusd: float | None = None) -> Mix:
        """The mix of the last solution."""
        return read_mix(self.program, case, choice, solution, cheapest_kusd)


class Engine:
    """Answers choices for one data set. Thread-safe; share one among all visitors."""

    def __init__(self, evidence: Evidence, keep: int | None = KEPT_STATES, workers: int = 2, cache: int = 256) -> None:
        self.evidence = evidence
        self.states = StateSet(evidence, keep)
        self.assembler = Assembler(evidence, self.states, YEARS)
        self._pool: LifoQueue[Worker | None] = LifoQueue()
        for _ in range(workers):
            self._pool.put(None)
        self._references: Cache[tuple[Mix, Mix]] = Cache(cache)
        self._mixes: Cache[Mix] = Cache(cache)
        self._seed = self.assembler.case(Choice(), limits=False)

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """A live program for one's own use, given back afterwards; a broken one is replaced."""
        worker = self._pool.get()
        try:
            if worker is None:
                worker = Worker(self._seed)
            yield worker
        except SolverFailed:
            worker = None
            raise
        finally:
            self._pool.put(worker)

    def answer(self, choice: Choice) -> Answer:
        """The answer to a choice. Raises `NoMix` when no mix meets the limits, `SolverFailed` when the solver gave up."""
        cheapest, today = self.references(choice)
        return Answer(self._mixes.get(choice, lambda: self._solve(choice, cheapest)), cheapest, today)

    def references(self, choice: Choice) -> tuple[Mix, Mix]:
        """The cheapest mix and today's course in the world of a choice; its limits do not matter."""
        defaults = {name: lever_named(name).off or 0.0 for name in LIMITS}
        world = choice.changed(**defaults, aim="cost")
        cheapest, today = self._references.get(world, lambda: self._solve_references(world))
        if world != choice:
            focus = choice.changed()
            cheapest, today = (
                replace(m, choice=focus, case=replace(m.case, active=self._active(choice))) for m in (cheapest, today)
            )
        return cheapest, today

    def _active(self, choice: Choice) -> Array:
        return self.assembler.decided & (np.array(self.assembler.years) >= choice.target_year)

    def _solve_references(self, world: Choice) -> tuple[Mix, Mix]:
        with self.worker() as worker:
            case = self.assembler.case(world, limits=False)
            try:
                solution = worker.solve(case)
                cheapest = worker.mix(case, world, solution)
                cheapest = replace(cheapest, cheapest_kusd=cheapest.total_kusd)
                today = self._today(worker, world, cheapest.total_kusd)
            except Infeasible:
                raise SolverFailed(
                    "the program without limits has no solution, which its shortages should make impossible"
                ) from None
        return cheapest, today

    def _today(self, worker: Worker, world: Choice, cheapest_kusd: float) -> Mix:
        """Today's course: its plan held, no reserve, the cheapest capacity that allows it, recourse in every state."""
        case = self.assembler.case(world, limits=False)
        case = replace(case, limits=dict.fromkeys((*LIMITS, *BUDGETS)))
        steering = Steering(hold={"plan": case.today, "fill": np.zeros_like(case.refill)})
        return worker.mix(case, world, worker.solve(case, steering), cheapest_kusd)

    def _solve(self, choice: Choice, cheapest: Mix) -> Mix:
        case = self.assembler.case(choice)
        steering = Steering(
            cheapest_kusd=cheapest.total_kusd, undisturbed_t=cheapest.short[:, :, :, 0].sum(axis=(0, 1))
        )
        with self.worker() as worker:
            try:
                if case.aim != "cost" and case.active.any():
                    pushed = worker.solve(case, replace(steering, push=True))
                    aim = float(pushed.values[worker.program.places["aim"][()]])
                    steering = replace(steering, aim_at_most=aim * (1 + AIM_TOLERANCE) + AIM_TOLERANCE)
                return worker.mix(case, choice, worker.solve(case, steering), cheapest.total_kusd)
            except Infeasible:
                raise NoMix(limits_on(choice)) from None


def limits_on(choice: Choice) -> tuple[str, ...]:
    """Ids of the limits that a choice sets, in the order of the screen."""
    values = choice.values()
    return tuple(
        name for name in (*LIMITS, *BUDGETS)
        if not lever_named(name).is_off(values[name]) and not (name == "home_limit" and values[name] == 0) and name != "reserve_days"
    )  # fmt: skip


__all__ = ["Answer", "Engine", "NoMix", "SolverFailed", "Worker", "limits_on"]
