"""Choice to answer: a small pool of live programs shared by everyone, the two reference mixes, and a bounded cache.

The program is written down once for a data set; a choice changes only the numbers that it touches. The mix is unique (see
`case.preference`), so the answer does not depend on what was solved before or by which member of the pool.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from queue import LifoQueue
from typing import Any

import numpy as np
import pandas as pd

from model.engine.active_limits import NoMix, _without_limits, limits_on
from model.engine.cache import Cache
from model.engine.warm_starts import Bases
from model.engine.worker import Worker, _always, needs_cheapest, solve_for
from model.errors import Infeasible, InputError, SolverFailed
from model.evidence.store import Evidence
from model.formulation.assembler import Assembler
from model.formulation.case import BUDGETS, LIMITS, YEARS
from model.formulation.levers import Choice, check_presets, lever_named
from model.formulation.parameters import Steering
from model.formulation.reduction import StateSet, least_kept
from model.parallel.progress import Progress, silent
from model.results.indicators import INDICATORS
from model.results.mix import Mix

KEPT_STATES = 16
TOLD = 6
"""So many facts are named one by one."""


@dataclass(frozen=True, repr=False)
class Answer:
    """The mix for a choice, the cheapest mix in the same world without limits, and today's course with recourse."""

    mix: Mix
    cheapest: Mix
    today: Mix

    def __repr__(self) -> str:
        """A few lines: the mix, and what the yardsticks cost."""
        bills = [f"{mix.indicators['bill_crore']:,.0f}" for mix in (self.cheapest, self.today)]
        return f"<Answer {self.mix!r}\n  bill of the cheapest mix {bills[0]}, of today's course {bills[1]} INR crore a year>"

    def _repr_html_(self) -> str:
        """The mix, for notebooks."""
        return self.mix._repr_html_()


ROLES = ("mix", "cheapest", "today", "side")
"""What a live program is used for. Each role has a pool of its own, and but for 'side' the bases where its solves ended."""


class Engine:
    """Answers choices for one data set. Thread-safe; share one among all visitors."""

    def __init__(self, evidence: Evidence, keep: int | None = KEPT_STATES, workers: int = 2, cache: int = 256) -> None:
        check_presets(evidence)
        self.evidence = evidence
        self.states = StateSet(evidence, keep and max(keep, least_kept(evidence)))
        self.assembler = Assembler(evidence, self.states, YEARS)
        self._making = threading.Lock()
        self._first: Worker | None = None
        self._seed = self.assembler.case(Choice(), limits=False)
        self._begin(workers, cache)

    def __repr__(self) -> str:
        """One line: data version, size and own numbers."""
        own = f", own numbers for {', '.join(sorted(self.evidence.own))}" if self.evidence.own else ""
        return f"<Engine data {self.evidence.version}: {len(self.evidence.routes)} routes{own}>"

    def sweep(
        self, progress: Progress = silent, base: Choice | None = None, **values: Iterable[object]
    ) -> pd.DataFrame:
        """One row for each combination of lever values: the levers, `feasible`, and every indicator by its id (missing where no mix meets
        the limits). Other levers stay as in `base`. Raises `LeverError`, `SolverFailed`."""
        names, rows = list(values), []
        grid = list(product(*(list(each) for each in values.values())))
        choices = [(base or Choice()).changed(**dict(zip(names, point, strict=True))) for point in grid]
        for done, choice in enumerate(choices, 1):
            set_to = {name: choice.values()[name] for name in names}
            try:
                rows.append({**set_to, "feasible": True, **self.answer(choice).mix.indicators})
            except NoMix:
                rows.append({**set_to, "feasible": False})
            progress(done, len(choices))
        return pd.DataFrame(rows).reindex(columns=[*names, "feasible", *(one.id for one in INDICATORS)])

    def _begin(self, workers: int, cache: int) -> None:
        """Set up what fills as questions come: pools of live programs, bases, threads and caches."""
        self._pools: dict[str, LifoQueue[Worker | None]] = {role: LifoQueue() for role in ROLES}
        for role in ROLES:
            for _ in range(workers if role == "mix" else 1):
                self._pools[role].put(None)
        self._bases = {role: Bases() for role in ROLES}
        self._threads = ThreadPoolExecutor(max_workers=2 * workers, thread_name_prefix="reference")
        self._cheapest: Cache[Mix] = Cache(cache)
        self._today: Cache[Mix] = Cache(cache)
        self._mixes: Cache[Mix] = Cache(cache)

    def _new(self) -> Worker:
        """A worker that starts from the optimum of the cheapest mix; the program is written down only once."""
        with self._making:
            if self._first is None:
                first = Worker(self._seed)
                _always(first, self._seed)
                self._first = first
            return self._first.clone()

    @contextmanager
    def worker(self, role: str = "side") -> Iterator[Worker]:
        """A live program for one's own use, given back afterwards; a broken one is replaced."""
        worker = self._pools[role].get()
        try:
            if worker is None:
                worker = self._new()
            yield worker
        except (Infeasible, NoMix):
            raise
        except BaseException:
            worker = None  # it may hold half of a change
            raise
        finally:
            self._pools[role].put(worker)

    @contextmanager
    def _near(self, role: str, choice: Choice) -> Iterator[Worker]:
        """A live program of a role that starts from the optimum nearest to a choice; where it ends is kept for others."""
        with self.worker(role) as worker:
            nearer = self._bases[role].nearest(choice, worker.at)
            if worker.live and nearer is not None:
                worker.live.start_from(nearer)
            yield worker
            worker.at = choice
            if worker.live:
                self._bases[role].keep(choice, worker.live.basis())

    def basis_near(self, choice: Choice) -> Any | None:
        """Where the solve of the mix nearest to a choice ended, for `Live.start_from`; None before any."""
        return self._bases["mix"].nearest(choice)

    def answer(self, choice: Choice) -> Answer:
        """The answer to a choice. Raises `NoMix` when no mix meets the limits, `SolverFailed` when the solver gave up."""
        cheapest = self._threads.submit(self.cheapest, choice)
        today = self._threads.submit(self.today, choice)
        mix = self.mix(choice)
        reference = cheapest.result()
        return Answer(
            replace(mix, cheapest_kusd=reference.total_kusd),
            self._seen_from(choice, reference),
            replace(self._seen_from(choice, today.result()), cheapest_kusd=reference.total_kusd),
        )

    def mix(self, choice: Choice) -> Mix:
        """The mix alone, without the reference mixes that its change is measured against. Raises like `answer`."""
        return self._mixes.get(choice, lambda: self._solve(choice))

    def afresh(self) -> Engine:
        """This engine as on its first question: its answers are the same to the last digit whatever was asked of this one."""
        other = copy.copy(self)
        other._begin(1, self._mixes.size)
        return other

    def forget(self) -> None:
        """Drop every answer kept, not the live programs."""
        for cache in (self._mixes, self._cheapest, self._today):
            cache.clear()

    def cheapest(self, choice: Choice) -> Mix:
        """The cheapest mix in the world of a choice; its limits do not matter, its means (reserve, budgets) do."""
        world = _without_limits(choice)
        return self._cheapest.get(world, lambda: self._solve_cheapest(world))

    def today(self, choice: Choice) -> Mix:
        """Today's course in the world of a choice: its plan held, no reserve, recourse in every state; no limit matters."""
        world = _without_limits(choice).changed(**{name: lever_named(name).default for name in BUDGETS})
        return self._today.get(world, lambda: self._solve_today(world))

    def _seen_from(self, choice: Choice, mix: Mix) -> Mix:
        """A reference mix with its indicators taken over the target years of a choice."""
        active = self.assembler.decided & (np.array(self.assembler.years) >= choice.target_year)
        return replace(mix, choice=choice, case=replace(mix.case, active=active))

    def _solve_cheapest(self, world: Choice) -> Mix:
        case = self.assembler.case(world, limits=False)
        with self._near("cheapest", world) as worker:
            mix = worker.mix(case, world, _always(worker, case))
        return replace(mix, cheapest_kusd=mix.total_kusd)

    def _solve_today(self, world: Choice) -> Mix:
        case = self.assembler.case(world, limits=False)
        case = replace(case, limits=dict.fromkeys((*LIMITS, *BUDGETS)))
        steering = Steering(hold={"plan": case.today, "fill": np.zeros_like(case.refill)})
        with self._near("today", world) as worker:
            return worker.mix(case, world, _always(worker, case, steering))

    def _solve(self, choice: Choice) -> Mix:
        case = self.assembler.case(choice)
        cheapest = self.cheapest(choice) if needs_cheapest(choice) else None
        with self._near("mix", choice) as worker:
            try:
                return worker.mix(case, choice, solve_for(worker, case, cheapest))
            except Infeasible:
                raise NoMix(limits_on(choice)) from None


def build_engine(evidence: Evidence, keep: int | None = KEPT_STATES, workers: int = 2, cache: int = 256) -> Engine:
    """An engine on evidence that may come from a stranger, with its program written down and solved once without limits. Raises
    `InputError`, one sentence that names the own numbers of the evidence or the reason, when no program can be made from it."""
    try:
        engine = Engine(evidence, keep, workers, cache)
        with engine.worker():
            return engine
    except InputError:
        raise
    except (SolverFailed, Infeasible, ValueError, LookupError, ArithmeticError) as error:
        names = list(evidence.edits)
        more = f" and {len(names) - TOLD} more" if len(names) > TOLD else ""
        where = f"facts {', '.join(names[:TOLD])}{more}" if names else "facts"
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{where}: no mix can be worked out from these numbers ({reason})") from None


__all__ = ["Answer", "Engine", "build_engine"]
