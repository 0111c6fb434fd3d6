"""A case written down as a linear program: columns, families of rows, and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pulp

from model.arrays import Array
from model.evidence.schema import COMMODITIES
from model.formulation.case import C, Case, M, preference
from model.formulation.constraints import FAMILIES
from model.formulation.parameters import LEVER_COLUMNS, NO_STEERING, Steering, numbers
from model.formulation.variables import PREFERRED, Columns, origin_labels
from model.lp.model import Number, Sheet


class Program:
    """One linear program written down: its sheet, its columns and where they stand.

    `foresight` gives every state its own plan (for the value of knowing the year in advance)."""

    def __init__(self, case: Case, steering: Steering = NO_STEERING, foresight: bool = False) -> None:
        self.case, self.foresight = case, foresight
        values = numbers(case, steering, foresight)
        self.shapes = {key: array.shape for key, array in values.items()}
        self.sheet = Sheet("india_magnets", values)
        self.x = Columns()
        self._columns()
        self.families: dict[str, range] = {}
        for family in FAMILIES:
            first = len(self.sheet.row_names)
            for name, terms, sense, right in family(self):
                self.sheet.row(name, terms, sense, right)
            self.families[family.__name__] = range(first, len(self.sheet.row_names))
        self.sheet.finish()
        self.places = {
            name: {index: self.sheet.place(v) for index, v in table.items()} for name, table in self.x.by_name.items()
        }

        self.preferences = np.zeros(len(self.sheet.column_names))
        for name in PREFERRED:
            for place in self.places[name].values():
                self.preferences[place] = self._preference(name, self.sheet.column_names[place])
        self._index = {
            name: (
                tuple(np.array([i[d] for i in table], dtype=np.int64) for d in range(len(next(iter(table))))),
                np.array(list(table.values()), dtype=np.int64),
            )
            for name, table in self.places.items()
            if table and next(iter(table)) != ()
        }

    def index_arrays(self, name: str) -> tuple[tuple[Array, ...], Array]:
        """Where the columns of one name stand: index arrays into a dense array, and column numbers."""
        return self._index[name]

    def at(self, name: str, *index: int, times: float = 1.0) -> Number:
        """A reference to one element of an array of `numbers`."""
        shape = self.shapes[name]
        place = 0
        for i, size in zip(index, shape, strict=True):
            place = place * size + i
        return Number(name, place, times)

    def vector(self, case: Case, steering: Steering = NO_STEERING) -> Array:
        """All numbers of another case in the order of this program."""
        return self.sheet.flatten(numbers(case, steering, self.foresight))

    def _columns(self) -> None:
        case = self.case
        add = self._family
        routes, years, states = range(len(case.routes)), range(len(case.years)), range(len(case.states))
        self.pairs = [(r, c) for r in routes for c in range(C) if case.products[r, c]]
        self.builds = [r for r in routes if case.life[r] > 1]
        self.needs = [(s, m) for s in range(len(case.sectors)) for m in range(M) if case.demand[s, m].max() > 0]
        self.worlds = list(states) if self.foresight else [0]
        free: dict[str, Any] = {"preferred": False}
        add("plan", [(r, c, t, w) for r, c in self.pairs for t in years for w in self.worlds],
            lambda r, c, t, w: (self.at("plan_low", r, c, t), self.at("plan_high", r, c, t)))  # fmt: skip
        add("add", [(r, t) for r in self.builds for t in years],
            lambda r, t: (self.at("add_low", r, t), self.at("add_high", r, t)))  # fmt: skip
        add("fill", [(c, t) for c in range(C) for t in years],
            lambda c, t: (self.at("fill_low", c, t), self.at("fill_high", c, t)))  # fmt: skip
        add("deliver", [(r, c, t, k) for r, c in self.pairs for t in years for k in states], lambda *_: (0.0, None))
        add(
            "draw",
            [(c, t, k) for c in range(C) for t in years for k in states if case.cuts[c, k]],
            lambda c, t, k: (0.0, self.at("draw_high", c, t, k)),
        )
        add("short", [(s, m, t, k) for s, m in self.needs for t in years for k in states],
            lambda s, m, t, k: (0.0, self.at("demand", s, m, t)))  # fmt: skip
        add("capacity", [(r, t) for r in self.builds for t in years], lambda *_: (0.0, None), **free)
        add("reserve", [(c, t) for c in range(C) for t in years], lambda *_: (0.0, None), **free)
        add("lost", [(t, k) for t in years for k in states], lambda *_: (0.0, None), **free)
        add("eta", [(t,) for t in years], lambda *_: (0.0, 1.0), **free)
        add("excess", [(t, k) for t in years for k in states], lambda *_: (0.0, 1.0), **free)
        add("tail", [(t,) for t in years], lambda *_: (0.0, None), **free)
        add(
            "rest",
            [(o, t, w) for o in range(len(case.foreign)) for t in years for w in self.worlds],
            lambda *_: (0.0, None),
            **free,
        )
        add("dependence", [(o, t, w) for o in range(len(case.foreign)) for t in years for w in self.worlds],
            lambda *_: (0.0, None), **free)  # fmt: skip
        for name in ("supply_cost", "shortage_cost", "capital_cost", "reserve_cost"):
            add(name, [(t,) for t in years], lambda *_: (None, None), **free)
        add("limit", [(i,) for i in range(len(LEVER_COLUMNS))],
            lambda i: (self.at(f"lever_{LEVER_COLUMNS[i]}", 0), self.at(f"lever_{LEVER_COLUMNS[i]}", 0)),
            names=lambda i: LEVER_COLUMNS[i], **free)  # fmt: skip
        x = self.x.by_name
        x["total_cost"] = {(): self.sheet.column("total_cost", None, None, self.at("cost_weight", 0))}
        x["aim"] = {(): self.sheet.column("aim", 0.0, self.at("aim_high", 0), self.at("aim_weight", 0))}

    def _family(
        self, name: str, indices: list[tuple[int, ...]], bounds: Callable[..., tuple[Any, Any]], preferred: bool = True,
        names: Callable[..., str] | None = None,
    ) -> None:  # fmt: skip
        table = {}
        for index in indices:
            label = names(*index) if names else f"{name}_{self.label(name, index)}"
            low, high = bounds(*index)
            table[index] = self.sheet.column(label, low, high, self._preference(name, label) if preferred else 0.0)
        self.x.by_name[name] = table

    def _preference(self, name: str, label: str) -> float:
        """The tie-break of a column. With foresight the plans of all states share that of the one plan, so that they cost the
        same when they agree."""
        if name == "plan" and self.foresight:
            return preference(label.rpartition("_s")[0]) / len(self.worlds)
        return preference(label)

    def label(self, name: str, index: tuple[int, ...]) -> str:
        """The words of an index: 'china_magnets_ndfeb_2030_s3' for plan, deliver and the like."""
        case = self.case
        words = {
            "plan": (case.routes, COMMODITIES, case.years, self.worlds),
            "add": (case.routes, case.years),
            "capacity": (case.routes, case.years),
            "deliver": (case.routes, COMMODITIES, case.years, range(len(case.states))),
            "draw": (COMMODITIES, case.years, range(len(case.states))),
            "short": (case.sectors, COMMODITIES, case.years, range(len(case.states))),
            "fill": (COMMODITIES, case.years),
            "reserve": (COMMODITIES, case.years),
            "lost": (case.years, range(len(case.states))),
            "excess": (case.years, range(len(case.states))),
            "rest": (origin_labels(case.foreign), case.years, self.worlds),
            "dependence": (origin_labels(case.foreign), case.years, self.worlds),
        }.get(name, (case.years,))
        parts = [str(table[i]) for table, i in zip(words, index, strict=True)]
        if name in ("plan", "rest", "dependence") and not self.foresight:
            parts = parts[:-1]
        elif name in ("plan", "rest", "dependence", "deliver", "draw", "short", "lost", "excess"):
            parts[-1] = "s" + parts[-1]
        return "_".join(parts)

    def plan(self, r: int, c: int, t: int, k: int) -> pulp.LpVariable:
        """The plan that state k sees."""
        return self.x.plan[r, c, t, k if self.foresight else 0]

    def limit(self, name: str) -> pulp.LpVariable:
        """The fixed column of a limit lever."""
        return self.x.limit[(LEVER_COLUMNS.index(name),)]
