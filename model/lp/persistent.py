"""A linear program written down once with PuLP and kept in HiGHS's memory.

Every coefficient, bound and right-hand side is either a constant or a `Number`: a reference into named arrays. The sheet
that PuLP builds and the re-solve that only pushes what changed read the same references, so there is one declaration of
what depends on what. Without HiGHS the program is written anew and solved with CBC.
"""

from __future__ import annotations

import copy
import importlib.util
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pulp

Array = np.ndarray
Numbers = Mapping[str, Array]
HAS_HIGHS = importlib.util.find_spec("highspy") is not None
FREE = 1e9
"""Right-hand side of a row that does not apply."""

WARM_ROWS = 16
"""After one step for so many rows of the program, and at least `WARM_LEAST`, from the last basis it is quicker to start from
nothing, with presolve."""

WARM_LEAST = 500

PRIMAL_ITERATIONS = 10_000
"""The same for the primal simplex, which keeps its feasible point when only the costs change."""

Sense = Literal["<=", "==", ">="]
Solver = Literal["HiGHS", "HiGHS interior point", "CBC"]
_SENSES = {"<=": pulp.LpConstraintLE, "==": pulp.LpConstraintEQ, ">=": pulp.LpConstraintGE}


class SolverFailed(RuntimeError):
    """A solve that ended neither optimal nor infeasible; the message is one sentence."""


class Infeasible(RuntimeError):
    """No values meet all rows."""


@dataclass(frozen=True, slots=True)
class Number:
    """`times` x the element `at` of the flattened array called `name`."""

    name: str
    at: int
    times: float = 1.0


Coefficient = Number | float
Term = tuple[pulp.LpVariable, Coefficient]


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


class Sheet:
    """A linear program being written: named columns and rows, and where each of their numbers comes from."""

    def __init__(self, name: str, numbers: Numbers) -> None:
        self.problem = pulp.LpProblem(name, pulp.LpMinimize)
        self.layout = {key: (array.shape, array.size) for key, array in numbers.items()}
        self.offsets: dict[str, int] = {}
        total = 0
        for key, (_, size) in self.layout.items():
            self.offsets[key] = total
            total += size
        self.vector = self.flatten(numbers)
        self.column_slots: dict[str, list[tuple[int, int, float]]] = {"low": [], "high": [], "cost": []}
        self.row_slots: list[tuple[int, int, float]] = []
        self.matrix_slots: list[tuple[int, int, int, float]] = []
        self.column_names: list[str] = []
        self.row_names: list[str] = []
        self.senses: list[Sense] = []
        self._places: dict[int, int] = {}
        self._costs: list[tuple[pulp.LpVariable, float]] = []
        self.variables: list[pulp.LpVariable] = []
        self._kept: dict[int, tuple[Array, ...]] = {}

    def flatten(self, numbers: Numbers) -> Array:
        """All numbers as one vector, in the order of the layout. Raises `KeyError` or `ValueError` when they do not fit it."""
        if numbers.keys() != self.layout.keys():
            raise KeyError(f"numbers do not fit: {sorted(numbers.keys() ^ self.layout.keys())}")
        parts = []
        for key, (shape, _) in self.layout.items():
            if numbers[key].shape != shape:
                raise ValueError(f"numbers {key}: shape {numbers[key].shape} instead of {shape}")
            parts.append(np.asarray(numbers[key], dtype=float).ravel())
        return np.concatenate(parts)

    def _worth(self, number: Coefficient) -> float:
        if isinstance(number, Number):
            return float(self.vector[self.offsets[number.name] + number.at]) * number.times
        return float(number)

    def column(
        self, name: str, low: Coefficient | None = 0.0, high: Coefficient | None = None, cost: Coefficient = 0.0
    ) -> pulp.LpVariable:
        """A new column (variable) with bounds and a cost in the objective."""
        place = len(self.column_names)
        worth = {key: None if number is None else self._worth(number) for key, number in (("low", low), ("high", high))}
        variable = self.problem.add_variable(name, worth["low"], worth["high"])
        for key, number in (("low", low), ("high", high), ("cost", cost)):
            if isinstance(number, Number):
                self.column_slots[key].append((place, self.offsets[number.name] + number.at, number.times))
        if cost != 0.0:
            self._costs.append((variable, self._worth(cost)))
        self._places[id(variable)] = place
        self.variables.append(variable)
        self.column_names.append(name)
        return variable

    def place(self, variable: pulp.LpVariable) -> int:
        """The number of a column, counted from 0."""
        return self._places[id(variable)]

    def row(self, name: str, terms: Iterable[Term], sense: Sense, right: Coefficient = 0.0) -> int:
        """A new row (constraint); its number. A column may stand in it only once."""
        place = len(self.row_names)
        expression = pulp.LpAffineExpression()
        for variable, number in terms:
            if variable in expression:
                raise ValueError(f"row {name}: {variable.name} stands in it twice")
            if isinstance(number, Number):
                self.matrix_slots.append(
                    (place, self._places[id(variable)], self.offsets[number.name] + number.at, number.times)
                )
            expression[variable] = self._worth(number)
        if isinstance(right, Number):
            self.row_slots.append((place, self.offsets[right.name] + right.at, right.times))
        self.problem.addConstraint(pulp.LpConstraint(expression, _SENSES[sense], name, self._worth(right)))
        self.row_names.append(name)
        self.senses.append(sense)
        return place

    def gradient(self, solution: Solution) -> dict[str, Array]:
        """How fast the least value moves with each number, as arrays of the numbers' names and shapes.

        d least / d number = y for a right-hand side, the reduced cost for the bound that holds a column, x for a cost and
        -y x for a coefficient; true as far as the duals last, and for a sheet that minimises."""
        x, d, y = solution.values, solution.reduced_costs, solution.row_duals
        found = np.zeros(len(self.vector))
        for slots, moves in (
            (self.row_slots, y),
            (self.column_slots["low"], np.maximum(d, 0.0)),
            (self.column_slots["high"], np.minimum(d, 0.0)),
            (self.column_slots["cost"], x),
        ):
            if slots:
                place, at, times = self._arrays(slots)
                np.add.at(found, at, moves[place] * times)
        if self.matrix_slots:
            row, column, at, times = self._arrays(self.matrix_slots)
            np.add.at(found, at, -y[row] * x[column] * times)
        return {
            key: found[self.offsets[key] : self.offsets[key] + size].reshape(shape)
            for key, (shape, size) in self.layout.items()
        }

    def _arrays(self, slots: list[Any]) -> tuple[Array, ...]:
        """Slots as one array for each of their parts, kept because a finished sheet does not change."""
        if id(slots) not in self._kept:
            *places, times = zip(*slots, strict=True)
            self._kept[id(slots)] = (*(np.array(part, dtype=np.int64) for part in places), np.array(times, dtype=float))
        return self._kept[id(slots)]

    def finish(self) -> pulp.LpProblem:
        """The PuLP problem with its objective."""
        self.problem.setObjective(pulp.LpAffineExpression(self._costs))
        return self.problem


@dataclass(frozen=True)
class Solution:
    """An optimal solution: columns, rows and duals in the order of the sheet, with how it was reached."""

    objective: float
    values: Array
    row_values: Array
    row_duals: Array
    reduced_costs: Array
    bounds: tuple[Array, Array, Array, Array]
    """Lower and upper bounds of columns, then of rows, as the solver had them."""
    iterations: int
    seconds: float
    solver: str


@dataclass(frozen=True)
class Basis:
    """Where a solve ended: the basis as HiGHS holds it, and the bounds for which it was optimal."""

    highs: Any
    bounds: int | None


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


def solve_once(sheet: Sheet, solver: Solver = "HiGHS", time_limit: float = 120.0) -> Solution:
    """Solve a sheet from nothing through PuLP. Raises `Infeasible` or `SolverFailed`."""
    begin = time.perf_counter()
    problem = sheet.problem
    if solver == "CBC":
        engine = pulp.PULP_CBC_CMD(msg=False, timeLimit=time_limit)
    else:
        method = "ipm" if solver == "HiGHS interior point" else "choose"
        engine = _SilentHiGHS(msg=False, threads=1, timeLimit=time_limit, solver=method)
    try:
        problem.solve(engine)
    except pulp.PulpSolverError as error:
        raise SolverFailed(f"{solver} could not be run ({error})") from None
    if problem.status == pulp.LpStatusInfeasible:
        raise Infeasible
    if problem.status != pulp.LpStatusOptimal or problem.sol_status != pulp.LpSolutionOptimal:
        raise SolverFailed(f"{solver} stopped without an optimum ({pulp.LpStatus[problem.status]})")
    rows = [problem.constraints[name] for name in sheet.row_names]
    return Solution(
        objective=float(pulp.value(problem.objective)),
        values=np.array([v.varValue or 0.0 for v in sheet.variables]),
        row_values=np.array([r.value() - r.constant for r in rows]),
        row_duals=np.array([r.pi or 0.0 for r in rows]),
        reduced_costs=np.array([v.dj or 0.0 for v in sheet.variables]),
        bounds=(
            np.array([-np.inf if v.lowBound is None else v.lowBound for v in sheet.variables]),
            np.array([np.inf if v.upBound is None else v.upBound for v in sheet.variables]),
            np.array([-np.inf if r.getLb() is None else r.getLb() for r in rows]),
            np.array([np.inf if r.getUb() is None else r.getUb() for r in rows]),
        ),
        iterations=0,
        seconds=time.perf_counter() - begin,
        solver=solver,
    )
