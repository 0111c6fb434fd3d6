"""A linear program written down with PuLP, each number a reference into named arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pulp

from model.arrays import Array, Numbers
from model.lp.solution import Solution

FREE = 1e9
"""Right-hand side of a row that does not apply."""


Sense = Literal["<=", "==", ">="]


_SENSES = {"<=": pulp.LpConstraintLE, "==": pulp.LpConstraintEQ, ">=": pulp.LpConstraintGE}


@dataclass(frozen=True, slots=True)
class Number:
    """`times` x the element `at` of the flattened array called `name`."""

    name: str
    at: int
    times: float = 1.0


Coefficient = Number | float


Term = tuple[pulp.LpVariable, Coefficient]


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
