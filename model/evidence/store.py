"""The evidence: facts with unit, range and source, and the routes, sectors, events, sites and presets that name them.

Everything is read from one folder of YAML files and checked as a whole; what is not understood is refused with file, entry
and reason. Numbers are never typed into code: a route, a sector or an event names a fact, and `derived.yaml` holds the few
formulas over named facts.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from model.caching import cached_property
from model.errors import EvidenceError
from model.evidence.formulas import _work_out, names_in
from model.evidence.schema import (
    METHOD,
    SETTINGS,
    SHARES,
    CommodityInfo,
    Derived,
    Edit,
    Event,
    Fact,
    Note,
    OwnFact,
    Preset,
    Route,
    Sector,
    Site,
    _facts_in,
)
from model.evidence.validation import check_links


class Evidence:
    """All that was read from one data folder, checked. Treat it as frozen. `version` is a digest of every file but the
    story, which moves no number."""

    def __init__(
        self,
        tables: Mapping[str, list[Any]],
        formulas: list[Derived],
        version: str,
        folder: Path,
        story: bytes | None = None,
    ) -> None:
        self.facts: dict[str, Fact] = {f.id: f for f in tables["facts"]}
        for item in formulas:
            self.facts[item.id] = _work_out(item, self.facts)
        self.notes: tuple[Note, ...] = tuple(tables["notes"])
        self.routes: dict[str, Route] = {r.id: r for r in tables["routes"]}
        self.sectors: dict[str, Sector] = {s.id: s for s in tables["sectors"]}
        self.events: dict[str, Event] = {e.id: e for e in tables["events"]}
        self.sites: dict[str, Site] = {s.id: s for s in tables["sites"]}
        self.presets: dict[str, Preset] = {p.id: p for p in tables["presets"]}
        self.commodities: dict[str, CommodityInfo] = {c.id: c for c in tables["commodities"]}
        self.version = version
        self.folder = folder
        self.edits: dict[str, float] = {}
        self.own: dict[str, Edit] = {}
        """A visitor's own numbers, by fact."""
        self.story = story
        """The workshop's story as its file has it, None without one; `model.evidence.story` reads it."""
        self._published: Evidence | None = None
        self._tried: dict[str, float] = {}
        """Values that were tried since the own numbers came, by fact."""
        self._tables, self._formulas = dict(tables), list(formulas)

    def value(self, fact: str) -> float:
        """A fact's value in its own unit. Raises `EvidenceError` when there is no such fact."""
        try:
            return float(self.facts[fact].value)
        except KeyError:
            raise EvidenceError(f"fact {fact!r}: no such fact") from None

    @property
    def published(self) -> Evidence:
        """The same evidence without a visitor's own numbers, with the values tried on them. Raises `EvidenceError` when these
        cannot be without the own numbers."""
        if self._published is None:
            return self
        return self._published.with_values(self._tried) if self._tried else self._published

    def with_values(self, values: Mapping[str, float]) -> Evidence:
        """The same evidence with some facts set to other values (their ranges are kept wide enough); formulas are worked
        out anew. Raises `EvidenceError` for an unknown fact, a derived one, or a number that its unit forbids."""
        self._check_values(values)
        facts = [
            as_tried(fact, float(values[fact.id])) if fact.id in values else fact for fact in self._tables["facts"]
        ]
        other = self._changed(facts, [(name, _plain(value)) for name, value in sorted(values.items())])
        other.edits, other.own = {**self.edits, **values}, self.own
        if self._published:
            other._published, other._tried = self._published, {**self._tried, **values}
        return other

    def with_edits(self, edits: Iterable[Edit]) -> Evidence:
        """The same evidence with a visitor's own numbers in place of some facts, marked as such, beside those that it has
        already; formulas are worked out anew. A value tried before stays, unless the own number is for the same fact. Raises
        `EvidenceError` for an unknown or derived fact, one of `METHOD`, a fact named twice, or a number that cannot be."""
        own: dict[str, Edit] = {}
        for edit in edits:
            if edit.fact in METHOD:
                raise EvidenceError(
                    f"fact {edit.fact!r}: it is a convention of the method that texts and charts rest on, not a figure of the world, so it takes no own number"
                )
            if edit.fact in own:
                raise EvidenceError(f"fact {edit.fact!r}: it is changed twice")
            own[edit.fact] = edit
        if not own:
            return self
        if self._published is None:
            return self._edited(own)
        tried = {name: value for name, value in self._tried.items() if name not in own}
        other = self._published._edited({**self.own, **own}, checked=not tried)
        return other.with_values(tried) if tried else other

    def _edited(self, own: dict[str, Edit], checked: bool = True) -> Evidence:
        """The evidence, which has no own numbers yet, with these; not `checked` as a whole when values follow that decide."""
        values = {name: float(edit.value) for name, edit in own.items()}
        self._check_values(values)
        facts = [_as_edited(fact, own[fact.id]) if fact.id in own else fact for fact in self._tables["facts"]]
        key = [(name, _plain(e.value), _plain(e.low), _plain(e.high)) for name, e in sorted(own.items())]
        other = self._changed(facts, key, checked)
        other.edits, other.own, other._published = {**self.edits, **values}, own, self
        return other

    def _check_values(self, values: Mapping[str, float]) -> None:
        """Raises `EvidenceError` for an unknown fact, a derived one, or a number that its unit forbids."""
        for name, value in values.items():
            known = self.facts.get(name)
            if known is None or known.formula:
                reason = "it is derived; change what it is derived from" if known else "no such fact"
                raise EvidenceError(f"fact {name!r}: {reason}")
            if not math.isfinite(value):
                raise EvidenceError(f"fact {name!r}: {value} is not a number")
            if known.unit in SHARES and not -1 <= value <= 1:
                raise EvidenceError(f"fact {name!r}: {value:g} is outside what a {known.unit} can be")

    def _changed(self, facts: list[Fact], key: object, checked: bool = True) -> Evidence:
        """The evidence with these facts, checked as a whole unless told not to; its version follows from this one's and the key."""
        version = hashlib.sha256(f"{self.version}{key}".encode()).hexdigest()[:12]
        other = Evidence({**self._tables, "facts": facts}, self._formulas, version, self.folder, self.story)
        if checked:
            check_links(other)
        return other

    @cached_property
    def touched(self) -> frozenset[str]:
        """Derived facts that rest on a visitor's own number, directly or through another derived fact."""
        found: set[str] = set()
        for item in self._formulas:
            if any(name in self.own or name in found for name in names_in(item.formula)):
                found.add(item.id)
        return frozenset(found)

    @cached_property
    def uses(self) -> dict[str, tuple[str, ...]]:
        """For each fact, where it is used: 'route x', 'sector y', 'event z', 'derived w' or the model's settings."""
        found: dict[str, list[str]] = {name: [] for name in self.facts}
        tables: dict[str, Mapping[str, BaseModel]] = {
            "route": self.routes,
            "sector": self.sectors,
            "event": self.events,
            "commodity": self.commodities,
            "site": self.sites,
        }
        for kind, table in tables.items():
            for name, entry in table.items():
                for used in dict.fromkeys(_facts_in(entry)):
                    found[used].append(f"{kind} {name}")
        for fact in self.facts.values():
            for name in names_in(fact.formula) if fact.formula else ():
                found[name].append(f"derived {fact.id}")
        for name in SETTINGS:
            found[name].append("setting of the model")
        return {name: tuple(places) for name, places in found.items()}


def _plain(value: float | None) -> float | None:
    """A number in the one form that a version is made from: 60 as 60.0, -0.0 as 0.0."""
    return None if value is None else float(value) + 0.0


def as_tried(fact: Fact, value: float) -> Fact:
    """A fact with another value, its range kept wide enough."""
    low = None if fact.low is None else min(fact.low, value)
    high = None if fact.high is None else max(fact.high, value)
    return fact.model_copy(update={"value": value, "low": low, "high": high})


def _as_edited(fact: Fact, edit: Edit) -> Fact:
    """A fact with a visitor's number. Raises `EvidenceError` when its range does not hold the value."""
    low = fact.low if edit.low is None else edit.low
    high = fact.high if edit.high is None else edit.high
    new = fact.model_dump() | {
        "value": edit.value,
        "low": min(low, edit.value) if low is not None and edit.low is None else low,
        "high": max(high, edit.value) if high is not None and edit.high is None else high,
        "published": fact.published if isinstance(fact, OwnFact) else fact.value,
        "reason": edit.reason,
        "note": " ".join(
            part for part in (f"Own number ({edit.reason}); the evidence says {fact.value:,.6g}.", fact.note) if part
        ),
    }
    try:
        return OwnFact.model_validate(new)
    except ValidationError as error:
        raise EvidenceError(f"fact {fact.id!r}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
