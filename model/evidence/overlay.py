"""Evidence with other values laid over it, in half a millisecond instead of seven: for loops over thousands of worlds.

Only values differ, so what stands where, in which unit and within which bounds is looked up once. What a value can break is
checked for each world; when a check fails, `Evidence.with_values` is asked, which says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from model.arrays import Array
from model.caching import cached_property
from model.errors import EvidenceError
from model.evidence.formulas import parsed, value_of
from model.evidence.schema import GRADES, NEEDS, SETTINGS, SHARES, Edit, Fact, places_of_facts
from model.evidence.store import Evidence, as_tried
from model.evidence.validation import DEMAND_LEAST

ROUNDING = 1e-9


class Overlaid(Evidence):
    """Evidence whose facts have other values. All else is the base's own and shared with it."""

    def __init__(self, base: Evidence, moved: Mapping[str, float], worth: Mapping[str, float]) -> None:
        self.__dict__.update(base.__dict__)
        self.base, self.moved, self._worth = base, dict(moved), worth
        self.facts = _Facts(base.facts, worth)  # type: ignore[assignment]
        self.edits = {**base.edits, **moved}

    @property
    def version(self) -> str:  # type: ignore[override]
        """The version of the base with these values."""
        return self.base.with_values(self.moved).version

    def value(self, fact: str) -> float:
        """A fact's value in its own unit. Raises `EvidenceError` when there is no such fact."""
        try:
            return self._worth[fact]
        except KeyError:
            raise EvidenceError(f"fact {fact!r}: no such fact") from None

    def with_values(self, values: Mapping[str, float]) -> Evidence:
        """The base with these values too. Raises `EvidenceError`."""
        return self.base.with_values({**self.moved, **values})

    def with_edits(self, edits: Iterable[Edit]) -> Evidence:
        """The base with these values and a visitor's own numbers. Raises `EvidenceError`."""
        return self.base.with_values(self.moved).with_edits(edits)

    @property
    def published(self) -> Evidence:
        """The same evidence without a visitor's own numbers, with these values laid over what was published; itself where there
        are no own numbers. Raises `EvidenceError` when the values cannot be without them."""
        return self.base.with_values(self.moved).published if self.own else self


class _Facts(Mapping[str, Fact]):
    """Facts as the base has them, with the values laid over them when one is asked for."""

    def __init__(self, base: Mapping[str, Fact], worth: Mapping[str, float]) -> None:
        self._base, self._worth = base, worth

    def __getitem__(self, name: str) -> Fact:
        fact, value = self._base[name], self._worth[name]
        return fact if fact.value == value else as_tried(fact, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._base)

    def __len__(self) -> int:
        return len(self._base)


class Overlay:
    """Lays values over one evidence. Threads may share it."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._plain = {fact.id: float(fact.value) for fact in evidence.facts.values()}
        self._formulas = [(fact.id, parsed(fact.formula)) for fact in evidence.facts.values() if fact.formula]
        self._derived = frozenset(name for name, _ in self._formulas)
        self._shares = frozenset(fact.id for fact in evidence.facts.values() if fact.unit in SHARES)

    def at(self, values: Mapping[str, float]) -> Evidence:
        """The evidence with some facts set to other values. Raises `EvidenceError` like `Evidence.with_values`."""
        if not values:
            return self.evidence
        known = all(name in self._plain and name not in self._derived for name in values)
        if known and all(-1 <= values[name] <= 1 for name in self._shares & values.keys()):
            worth = {**self._plain, **{name: float(value) for name, value in values.items()}}
            if self._worked_out(worth) and self._possible(worth):
                return Overlaid(self.evidence, values, worth)
        return self.evidence.with_values(values)

    def _worked_out(self, worth: dict[str, float]) -> bool:
        """Work the derived facts out anew; whether each is a number."""
        try:
            for name, formula in self._formulas:
                worth[name] = value_of(formula, worth)
                if isinstance(worth[name], complex):
                    return False
        except (ValueError, ArithmeticError):
            return False
        return True

    def _possible(self, worth: Mapping[str, float]) -> bool:
        """Whether every fact is an amount that can stand where it stands, and shares and probabilities sum to no more than 1."""
        names, least, most = self._bounds
        amounts = np.array([worth[name] for name in names])
        if not np.all((least <= amounts) & (amounts <= most)) or not all(map(math.isfinite, worth.values())):
            return False
        needed = all(sum(part * worth[name] for name, part in sum_of) >= DEMAND_LEAST for sum_of in self._needs)
        return needed and all(
            sum(part * worth[name] for name, part in sum_of) <= 1.0 + ROUNDING for sum_of in self._sums
        )

    @cached_property
    def _bounds(self) -> tuple[tuple[str, ...], Array, Array]:
        """Facts by where they stand, with the least and the most that they can be there."""
        found = {name: (least, most) for name, (_, least, most) in SETTINGS.items()}
        entries = (*self.evidence.routes.values(), *self.evidence.sectors.values(), *self.evidence.events.values())
        for entry in entries:
            for field, name in places_of_facts("", entry):
                low, high = found.get(name, (-np.inf, np.inf))
                found[name] = max(low, NEEDS[field][1]), min(high, NEEDS[field][2])
        for info in self.evidence.commodities.values():
            if info.grade is not None and info.grade_is is not None:
                low, high = found.get(info.grade, (-np.inf, np.inf))
                found[info.grade] = max(low, GRADES[info.grade_is][1]), min(high, GRADES[info.grade_is][2])
        ends = np.array(list(found.values()))
        return tuple(found), ends[:, 0], ends[:, 1]

    @cached_property
    def _needs(self) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Weighted facts whose sum is the demand of all sectors in a year with an anchor."""
        paths = [sector.demand for sector in self.evidence.sectors.values()]
        years = sorted({year for anchors in paths for year in anchors})
        return tuple(tuple(part for anchors in paths for part in _parts(anchors, year)) for year in years)

    @cached_property
    def _sums(self) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Weighted facts whose sum may not pass 1: the magnets of each sector in each year with an anchor, straight between anchors, and
        the probabilities of each group of events."""
        found: list[tuple[tuple[str, float], ...]] = []
        for sector in self.evidence.sectors.values():
            for year in sorted({year for anchors in sector.split.values() for year in anchors}):
                found.append(tuple(part for anchors in sector.split.values() for part in _parts(anchors, year)))
        groups: dict[str, list[tuple[str, float]]] = {}
        for event in self.evidence.events.values():
            if event.probability:
                groups.setdefault(event.group, []).append((event.probability, 1.0))
        return (*found, *map(tuple, groups.values()))


def _parts(anchors: Mapping[int, str], year: int) -> list[tuple[str, float]]:
    """The facts that a path takes its value of a year from, with their weights."""
    before = max((y for y in anchors if y <= year), default=min(anchors))
    after = min((y for y in anchors if y >= year), default=max(anchors))
    if before == after:
        return [(anchors[before], 1.0)]
    part = (year - before) / (after - before)
    return [(anchors[before], 1.0 - part), (anchors[after], part)]


__all__ = ["Overlaid", "Overlay"]
