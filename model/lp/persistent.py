"""A linear program written down once with PuLP and kept in HiGHS's memory.

Every coefficient, bound and right-hand side is either a constant or a `Number`: a reference into named arrays. The sheet
that PuLP builds and the re-solve that only pushes what changed read the same references, so there is one declaration of
what depends on what. Without HiGHS the program is written anew and solved with CBC.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pulp

from model.arrays import Array
from model.errors import Infeasible, SolverFailed
from model.lp.model import Sheet
from model.lp.solution import Basis, Solution

WARM_ROWS = 16
"""After one step for so many rows of the program, and at least `WARM_LEAST`, from the last basis it is quicker to start from
nothing, with presolve."""

WARM_LEAST = 500

PRIMAL_ITERATIONS = 10_000
"""The same for the primal simplex, which keeps its feasible point when only the costs change."""


def _silent_highs() -> Any:
    """An empty HiGHS that prints nothing from its first call on.

    Since 1.16 HiGHS prints a banner at the first call that finds its output on, and highspy's constructor makes such a call (it
    sets a callback) before anybody could turn the output off."""
    import highspy

    class Silent(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    return Silent()


class _SilentHiGHS(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's way to HiGHS, with a solver that prints nothing from its first call on."""

    def createAndConfigureSolver(self, lp: pulp.LpProblem) -> None:  # noqa: N802
        """An empty solver with its options, as `lp.solverModel`."""
        lp.solverModel = _silent_highs()
        options = {"threads": self.threads, "time_limit": self.timeLimit, **self.optionsDict}
        for option, value in options.items():
            if value is not None:
                lp.solverModel.setOptionValue(option, value)


class Live:
    """One sheet in HiGHS's memory. Not thread-safe: the owner locks it."""

    def __init__(self, sheet: Sheet, time_limit: float = 60.0) -> None:
        import highspy

        solver = _SilentHiGHS(msg=False, threads=1)
        problem = sheet.problem
        solver.createAndConfigureSolver(problem)
        solver.buildSolverModel(problem)
        self.highs: Any = problem.solverModel
        self.time_limit = time_limit
        self.warm = False
        """Whether the last solve got there from the basis before it, rather than from nothing."""
        self._nothing = False
        """Whether the next solve starts from nothing because it was asked to."""
        self._at: int | None = None
        """The bounds (see `_bounds_key`) for which the basis in memory was optimal; None when it was for none."""
        self._options()
        self._ok = highspy.HighsModelStatus.kOptimal
        self._none = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
        self.version = f"HiGHS {self.highs.version()}"
        self.sheet = sheet
        index = np.array([v.index for v in sheet.variables], dtype=np.int64)
        rows = np.array([problem.constraints[name].index for name in sheet.row_names], dtype=np.int64)
        self._columns, self._rows = index, rows
        self._vector = sheet.vector.copy()
        self._watch = {key: _Slots(slots, index) for key, slots in sheet.column_slots.items()}
        self._right = _Slots(sheet.row_slots, rows)
        self._matrix = _Slots([(0, at, times) for _, _, at, times in sheet.matrix_slots], np.zeros(1, dtype=np.int64))
        self._matrix_rows = rows[[r for r, _, _, _ in sheet.matrix_slots]] if sheet.matrix_slots else rows[:0]
        self._matrix_columns = index[[c for _, c, _, _ in sheet.matrix_slots]] if sheet.matrix_slots else index[:0]
        self._sense_of_row = np.empty(len(rows), dtype="<U2")
        self._sense_of_row[rows] = sheet.senses
        lp = self.highs.getLp()
        self._low, self._high = np.array(lp.col_lower_), np.array(lp.col_upper_)
        self._row_low, self._row_high = np.array(lp.row_lower_), np.array(lp.row_upper_)

    def clone(self) -> Live:
        """A second copy of the program in memory with the same numbers and the same basis, for another thread."""
        other = copy.copy(self)
        other.highs = _silent_highs()
        other._options()
        other.highs.passModel(self.highs.getLp())
        other.highs.setBasis(self.highs.getBasis())
        other._low, other._high = self._low.copy(), self._high.copy()
        other._row_low, other._row_high = self._row_low.copy(), self._row_high.copy()
        return other

    def _options(self) -> None:
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("parallel", "off"),
            ("time_limit", self.time_limit),
        ):
            self.highs.setOptionValue(option, value)

    def set(self, vector: Array) -> int:
        """Push the numbers that differ from those in memory; how many coefficients changed."""
        if np.array_equal(vector, self._vector):
            return 0
        changed = vector != self._vector
        count = 0
        columns, values = self._watch["cost"].changed(changed, vector)
        if len(columns):
            self.highs.changeColsCost(len(columns), columns.astype(np.int32), values)
            count += len(columns)
        touched: set[int] = set()
        for key, bounds in (("low", self._low), ("high", self._high)):
            columns, values = self._watch[key].changed(changed, vector)
            bounds[columns] = values
            touched.update(columns.tolist())
        if touched:
            places = np.array(sorted(touched), dtype=np.int32)
            self.highs.changeColsBounds(len(places), places, self._low[places], self._high[places])
            count += len(places)
        rows, values = self._right.changed(changed, vector)
        if len(rows):
            senses = self._sense_of_row[rows]
            self._row_low[rows] = np.where(senses != "<=", values, -np.inf)
            self._row_high[rows] = np.where(senses != ">=", values, np.inf)
            self.highs.changeRowsBounds(len(rows), rows.astype(np.int32), self._row_low[rows], self._row_high[rows])
            count += len(rows)
        hit = np.flatnonzero(changed[self._matrix.source])
        if len(hit):
            change = self.highs.changeCoeff
            news = vector[self._matrix.source[hit]] * self._matrix.times[hit]
            for row, column, value in zip(
                self._matrix_rows[hit].tolist(), self._matrix_columns[hit].tolist(), news.tolist(), strict=True
            ):
                change(row, column, value)
            count += len(hit)
        self._vector = vector.copy()
        return count

    def _bounds(self) -> tuple[Array, Array, Array, Array]:
        return (
            self._low[self._columns], self._high[self._columns], self._row_low[self._rows], self._row_high[self._rows],
        )  # fmt: skip

    @contextmanager
    def aimed(
        self, costs: Mapping[int, float], bounds: Mapping[int, tuple[float, float]], exact: Iterable[int] = ()
    ) -> Iterator[None]:
        """As long as it lasts, only these columns (numbered as in the sheet) have a cost, to be minimised, these have other bounds,
        and these '>=' rows hold exactly. No other number may be set meanwhile; afterwards all is as it was, the basis too."""
        basis = Basis(self.highs.getBasis(), None)
        every = np.arange(len(self._columns), dtype=np.int32)
        before, other = np.array(self.highs.getLp().col_cost_), np.zeros(len(every))
        other[self._columns[list(costs)]] = list(costs.values())
        places = self._columns[list(bounds)].astype(np.int32)
        low, high = (np.array(side, dtype=float) for side in zip(*bounds.values(), strict=True)) if bounds else ((), ())
        rows = self._rows[list(exact)].astype(np.int32)
        try:
            self.highs.changeColsCost(len(every), every, other)
            self.highs.changeColsBounds(len(places), places, low, high)
            self.highs.changeRowsBounds(len(rows), rows, self._row_low[rows], self._row_low[rows])
            self._at = None  # other bounds than those that the basis was found for
            yield
        finally:
            self.highs.changeColsCost(len(every), every, before)
            self.highs.changeColsBounds(len(places), places, self._low[places], self._high[places])
            self.highs.changeRowsBounds(len(rows), rows, self._row_low[rows], self._row_high[rows])
            self.start_from(basis)

    def forget(self) -> None:
        """Drop the basis, so that the next solve starts from nothing."""
        self.highs.clearSolver()
        self._at, self._nothing = None, True

    def basis(self) -> Basis:
        """Where the last solve ended, for `start_from`."""
        return Basis(self.highs.getBasis(), self._at)

    def start_from(self, basis: Basis) -> None:
        """Let the next solve start where another one ended, here or in a copy of the same program. It changes no result."""
        self._at, self._nothing = basis.bounds, False
        self.highs.setBasis(basis.highs)

    def _bounds_key(self) -> int:
        """The bounds of columns and rows as one number, to tell whether they are those of another time."""
        return hash(b"".join(each.tobytes() for each in (self._low, self._high, self._row_low, self._row_high)))

    def solve(self, primal: bool = False, iterations: int | None = None) -> Solution:
        """Solve from the last basis, and from nothing after so many steps: with the dual simplex, or where no bound changed, or if
        `primal`, with the primal simplex. Raises `Infeasible` or `SolverFailed`; never returns what is not optimal."""
        begin = time.perf_counter()
        key = self._bounds_key()
        primal = primal or self._at == key
        self.highs.setOptionValue("simplex_strategy", 4 if primal else 1)
        self._at = None
        most = PRIMAL_ITERATIONS if primal else max(WARM_LEAST, len(self._rows) // WARM_ROWS)
        nothing, self._nothing = self._nothing, False
        most = 2**31 - 1 if nothing else iterations or most
        self.highs.setOptionValue("simplex_iteration_limit", most)
        ends = self.highs.getRunTime() + self.time_limit  # its clock runs on over all solves
        self.highs.setOptionValue("time_limit", ends)
        self.highs.run()
        status = self.highs.getModelStatus()
        ended = status == self._ok or status in self._none
        self.warm = ended and not nothing
        if not ended:
            reached = self.highs.getBasis()
            self.highs.clearSolver()
            self.highs.setOptionValue("simplex_iteration_limit", 2**31 - 1)
            self.highs.run()
            status = self.highs.getModelStatus()
            if status in self._none:
                self.highs.setBasis(reached)  # presolve found it and left none to start from next time
        if status in self._none:
            raise Infeasible
        if status != self._ok:
            self.highs.clearSolver()
            raise SolverFailed(f"the solver stopped without an optimum ({self.highs.modelStatusToString(status)})")
        self._at = key
        solution, info = self.highs.getSolution(), self.highs.getInfo()
        return Solution(
            objective=info.objective_function_value,
            values=np.array(solution.col_value)[self._columns],
            row_values=np.array(solution.row_value)[self._rows],
            row_duals=np.array(solution.row_dual)[self._rows],
            reduced_costs=np.array(solution.col_dual)[self._columns],
            bounds=self._bounds(),
            iterations=int(info.simplex_iteration_count),
            seconds=time.perf_counter() - begin,
            solver=self.version,
        )


class _Slots:
    """Where in the program the elements of the vector stand: `target` indices in HiGHS, `source` in the vector, `times`."""

    def __init__(self, slots: list[tuple[int, int, float]], order: Array) -> None:
        self.target = order[[t for t, _, _ in slots]] if slots else order[:0]
        self.source = np.array([s for _, s, _ in slots], dtype=np.int64)
        self.times = np.array([x for _, _, x in slots], dtype=float)

    def changed(self, changed: Array, vector: Array) -> tuple[Array, Array]:
        """Targets whose number changed, and the new numbers."""
        hit = np.flatnonzero(changed[self.source]) if len(self.source) else self.source
        return self.target[hit], vector[self.source[hit]] * self.times[hit]
