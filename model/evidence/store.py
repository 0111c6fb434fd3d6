"""The evidence: facts with unit, range and source, and the routes, sectors, events, sites and presets that name them.

Everything is read from one folder of YAML files and checked as a whole; what is not understood is refused with file, entry
and reason. Numbers are never typed into code: a route, a sector or an event names a fact, and `derived.yaml` holds the few
formulas over named facts.
"""

from __future__ import annotations

import ast
import hashlib
import math
import operator
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from model.caching import cached_property

DATA = Path(__file__).resolve().parents[2] / "data"
STORY = "story.yaml"
FILE_BYTES = 4_000_000
"""A data file longer than this is refused unread."""

REASON_LENGTH, NAME_LENGTH = 200, 120
LARGEST = 1e15
"""No fact is as large as this in its unit."""
DEMAND_LEAST = 1.0
"""Least demand of all sectors in a year, t/y: shares are taken of it."""

UNITS = {
    "calendar year", "count", "count/month", "count/y", "days", "GW/y", "index", "INR crore", "INR/kg", "INR/USD",
    "kg/kg", "kg/MW", "kg/unit", "kgCO2e/kg", "kt/y", "million USD", "months", "Mt", "probability",
    "probability per year", "ratio", "share", "t", "t/month", "t/y", "USD per kg/y", "USD/kg", "USD/TEU", "years",
    "deg C",
}  # fmt: skip
SHARES = frozenset(("probability", "probability per year", "share"))
"""Units of what lies between -1 and 1."""
MONEY = ("USD/kg", "INR/kg")
"""Units of a price."""
Commodity = Literal["ndfeb", "ndfeb_hc", "smco", "ndpr_oxide", "dytb_oxide", "sm_oxide"]
Magnet = Literal["ndfeb", "ndfeb_hc", "smco"]
Feedstock = Literal["ndpr_oxide", "dytb_oxide", "sm_oxide"]
ALL: tuple[Commodity, ...] = ("ndfeb", "ndfeb_hc", "smco", "ndpr_oxide", "dytb_oxide", "sm_oxide")
MAGNETS: tuple[Commodity, ...] = ALL[:3]
FEEDSTOCKS: tuple[Commodity, ...] = ALL[3:]
COMMODITIES = ALL


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence that names the field."""


class EvidenceError(InputError):
    """A data folder that cannot be used; the message names file, entry and reason."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _is_id(text: str) -> str:
    if not text.isascii() or not text.replace("_", "a").isalnum() or text != text.lower() or text[:1].isdigit():
        raise ValueError(f"{text!r} is no id: small letters, digits and _ only")
    return text


def _is_link(text: str) -> str:
    if not text.startswith(("http://", "https://")) or any(c in text for c in "<>\"' \n"):
        raise ValueError(f"{text!r} is no web address")
    return text


Id = Annotated[str, AfterValidator(_is_id)]
Link = Annotated[str, AfterValidator(_is_link)]
Number = float | int
Path_ = Annotated[dict[int, Id], Field(min_length=1)]
"""Anchor years to facts; between anchors the path runs straight, outside them it stays level."""


class Reference(_Strict):
    """Where a figure can be read."""

    body: str
    title: str
    date: str | int | None = None
    url: Link | None = None


class Source(Reference):
    """The body that stands behind a figure, and others that were read."""

    also: tuple[Reference, ...] = Field(default=(), strict=False)


class Fact(_Strict):
    """One number with its unit, range, year, source and confidence."""

    id: Id
    about: str
    what: str
    value: Number
    low: Number | None = None
    high: Number | None = None
    unit: str
    year: int | str
    country: str | None = None
    source: Source
    confidence: Literal["low", "medium", "high"]
    assumption: bool = False
    note: str = ""
    formula: str | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Fact:
        for name, number in (("value", self.value), ("low", self.low), ("high", self.high)):
            if number is not None and not abs(number) < LARGEST:
                raise ValueError(f"{name} is too large to be true")
        if self.unit not in UNITS:
            raise ValueError(f"unit {self.unit!r} is not in the list of units")
        if (self.low is not None and self.low > self.value) or (self.high is not None and self.high < self.value):
            raise ValueError(f"value {self.value:g} lies outside its range {self.low} to {self.high}")
        if self.unit in {"probability", "probability per year"} and not 0 <= self.value <= 1:
            raise ValueError(f"a probability of {self.value:g} is impossible")
        return self


class Edit(_Strict):
    """A visitor's own number for a fact, in the fact's unit, with a reason; a bound that is left out stays as the evidence has it,
    widened where the new value lies beyond."""

    fact: Annotated[Id, Field(max_length=NAME_LENGTH)]
    value: Number
    low: Number | None = None
    high: Number | None = None
    reason: Annotated[str, Field(min_length=1, max_length=REASON_LENGTH)]


class OwnFact(Fact):
    """A fact in whose place a visitor has put a number of his own: `published` is the value in the evidence."""

    published: Number
    reason: str


class Note(_Strict):
    """Something worth knowing that is no number."""

    id: Id
    about: str
    text: str
    year: int | str
    source: Source
    confidence: Literal["low", "medium", "high"]


class Derived(_Strict):
    """A formula over named facts, the one visible place for a derived number."""

    id: Id
    about: str
    what: str
    unit: str
    formula: str
    note: str


class Build(_Strict):
    """What may be built on a route: how much in all, how fast, from when, at what capital cost and life."""

    ceiling: Path_ | Id
    first_year: Id
    ramp: tuple[Id, ...] = Field(strict=False)
    capex: Id
    life: Id
    utilisation: Id | None = None
    lever: Literal["plants_capacity", "smco_capacity", "irel_capacity", "recycling", "joint_venture"] | None = None
    lever_is: Literal["capacity", "percent", "switch"] | None = None
    scheme: Literal["magnet", "recycling", "mission"] | None = None


class Route(_Strict):
    """One way to a tonne of magnets or oxide: one origin, one stage, one or more products."""

    id: Id
    name: str
    short: str
    plain: str
    origin: Annotated[str, Field(min_length=1)]
    stage: Literal["magnet", "oxide", "substitute"]
    products: tuple[Commodity, ...] = Field(strict=False, min_length=1)
    colour: str
    site: Id
    port: Id
    made_in_india: bool = False
    graded: bool = False
    follows_oxide: bool = False
    volume_lever: Literal["china_flow", "partner_allocation", "central_asia_volume", "substitution"] | None = None
    price_lever: Literal["china_price"] | None = None
    price: dict[str, Path_]
    volume: Path_ | None = None
    build: Build | None = None
    feed: dict[Magnet, dict[Feedstock, Id]] = {}
    at_most: dict[Commodity, Id] = {}
    take_or_pay: Id
    carbon: dict[str, Id]
    today: Path_ | Literal["fills", "partner", "feeds", "none"]
    about: tuple[str, ...] = Field(default=(), strict=False)


class Sector(_Strict):
    """A group of users of magnets, with its demand path, its split over magnets and the cost of a missing kg."""

    id: Id
    name: str
    plain: str
    demand: Path_
    split: dict[Magnet, Path_]
    penalty: Id
    substitutable: bool = False
    vital: bool = False


class Cut(_Strict):
    """Share of volume lost on some routes."""

    routes: tuple[Id, ...] = Field(strict=False, min_length=1)
    commodities: tuple[Commodity, ...] = Field(default=ALL, strict=False)
    share: Id
    only_new_plants: bool = False


class Surge(_Strict):
    """Price multiplier on some routes while the event lasts."""

    routes: tuple[Id, ...] = Field(strict=False, min_length=1)
    commodities: tuple[Commodity, ...] = Field(default=ALL, strict=False)
    times: Id
    only_new_plants: bool = False


class Event(_Strict):
    """Something that can happen in a year. Events of one group exclude each other; `history` is replayed, never drawn."""

    id: Id
    group: str
    name: str
    plain: str
    probability: Id | None = None
    months: Id
    cuts: tuple[Cut, ...] = Field(default=(), strict=False)
    prices: tuple[Surge, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _likely(self) -> Event:
        if (self.group == "history") != (self.probability is None):
            raise ValueError("an event needs a probability, and one of group history must have none")
        return self


class Site(_Strict):
    """A place on the map."""

    id: Id
    name: str
    country: str
    stage: Literal["mine", "separation", "metal-alloy", "magnet", "recycling", "port"]
    lat: Annotated[float | int, Field(ge=-90, le=90)]
    lon: Annotated[float | int, Field(ge=-180, le=180)]
    route: Id | None = None
    note: str = ""
    facts: tuple[Id, ...] = Field(default=(), strict=False)


class Preset(_Strict):
    """A named setting of levers that tells a story."""

    id: Id
    name: str
    story: str
    facilitator: str
    levers: dict[str, bool | int | float | str]


class CommodityInfo(_Strict):
    """What a commodity is called and how its grade moves the price of an average magnet."""

    id: Commodity
    name: str
    short: str
    plain: str
    grade: Id | None = None
    grade_is: Literal["added", "factor"] | None = None

    @model_validator(mode="after")
    def _both(self) -> CommodityInfo:
        if (self.grade is None) != (self.grade_is is None):
            raise ValueError("grade and grade_is belong together: one of them is missing")
        return self


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
            _check_links(other)
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


SETTINGS: dict[str, tuple[str, float, float]] = {
    "tail_share": ("share", 1e-3, 1), "oxide_per_magnet_model": ("kg/kg", 0.01, 100), "ndpr_oxide_2030": ("USD/kg", 0, 1e5),
    "first_decision_year": ("calendar year", 2026, 2035), "reserve_holding_cost": ("USD/kg", 0, 1e4), "recycling_subsidy_share": ("share", 0, 1),
    "magnet_incentive_years": ("years", 1, 100), "repm_incentive_inr": ("INR/kg", 0, 1e7), "repm_subsidy_inr": ("INR/kg", 0, 1e7),
    "substitution_start": ("share", 0, 1), "substitution_share_2030": ("share", 0, 1),
    "base_other_partners_avail_2025": ("t/y", 0, 1e8), "india_repm_demand_2025": ("t/y", 1, 1e8), "base_china_avail_2025": ("t/y", 0, 1e8),
    "metal_pm_china_share_quantity": ("share", 0, 1), "india_inventory_weeks": ("days", 0, 1e4), "observed_shortage_2025": ("share", 0, 1),
    **dict.fromkeys(
        ("wgi_china", "wgi_japan", "wgi_vietnam", "wgi_malaysia", "wgi_usa", "wgi_australia", "wgi_kazakhstan", "wgi_uzbekistan", "wgi_russia"),
        ("index", -2.5, 2.5),
    ),
}  # fmt: skip
"""Facts that the model uses by name, beside those that routes, sectors, events and commodities name: unit, least and most."""


METHOD = ("tail_share", "first_decision_year")
"""Facts with a range that say how to count, not how the world is: conventions of the method, which are not moved and take no own number."""


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


def _facts_in(entry: BaseModel) -> Iterator[str]:
    """Ids of facts that an entry names."""
    if isinstance(entry, Site):
        yield from entry.facts
        return
    named = {
        Route: ("price", "volume", "build", "feed", "at_most", "take_or_pay", "carbon", "today"),
        Sector: ("demand", "split", "penalty"),
        Event: ("probability", "months", "cuts", "prices"),
        CommodityInfo: ("grade",),
    }.get(type(entry), ())
    literal = {"fills", "partner", "feeds", "none"}

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, Build):
            for name in ("ceiling", "first_year", "ramp", "capex", "life", "utilisation"):
                yield from walk(getattr(value, name))
        elif isinstance(value, Cut):
            yield value.share
        elif isinstance(value, Surge):
            yield value.times
        elif isinstance(value, dict):
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, tuple):
            for inner in value:
                yield from walk(inner)
        elif isinstance(value, str) and value not in literal:
            yield value

    for name in named:
        yield from walk(getattr(entry, name))


# -- reading ---------------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML without tags, anchors or repeated keys: nothing hidden, nothing that grows when read."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InputError("anchors and aliases are not allowed")
        if getattr(event, "tag", None):
            raise InputError("tags are not allowed")
        self.depth = getattr(self, "depth", 0) + 1
        if self.depth > 40:
            raise InputError("nested too deeply")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, Hashable):
                raise InputError("a key is not a plain word")
            if name in seen:
                raise InputError(f"the key {name!r} stands twice")
            seen.add(name)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in entries if tag != "tag:yaml.org,2002:timestamp"]
    for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str | bytes, where: str) -> Any:
    """The content of a YAML text. Raises `InputError` with one sentence that says where and what is wrong."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML text"
        raise InputError(f"{where}{line}: {problem}") from None
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    except (ValueError, RecursionError, OverflowError, UnicodeError) as error:
        raise InputError(f"{where}: it cannot be read ({type(error).__name__})") from None


_FILES: dict[str, type[BaseModel]] = {
    "notes": Note,
    "commodities": CommodityInfo,
    "routes": Route,
    "sectors": Sector,
    "events": Event,
    "sites": Site,
    "presets": Preset,
}


def file_bytes(path: Path, name: str) -> bytes:
    """The content of a data file. Raises `EvidenceError` when it cannot be opened or is too long."""
    try:
        if path.stat().st_size > FILE_BYTES:
            raise EvidenceError(f"{name}: longer than {FILE_BYTES:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{name}: it cannot be opened ({error.strerror})") from None


def _entries(path: Path, kind: type[BaseModel], folder: Path) -> list[Any]:
    name = path.relative_to(folder).as_posix()
    return entries_of(file_bytes(path, name), kind, name)


def entries_of(text: bytes, kind: type[BaseModel], name: str) -> list[Any]:
    """The entries of a data file from its text. Raises `EvidenceError` naming file, entry, field and reason."""
    try:
        content = read_yaml(text, name)
    except InputError as error:
        raise EvidenceError(str(error)) from None
    if not isinstance(content, list) or not content:
        raise EvidenceError(f"{name}: it must be a list of entries")
    found = []
    for place, entry in enumerate(content, 1):
        label = entry.get("id", f"number {place}") if isinstance(entry, dict) else f"number {place}"
        try:
            found.append(kind.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            reason = first["msg"].removeprefix("Value error, ")
            raise EvidenceError(f"{name}, entry {label}{', ' + field if field else ''}: {reason}") from None
    return found


def load_evidence(folder: Path | str = DATA) -> Evidence:
    """Read and check a data folder. Raises `EvidenceError` naming file, entry and reason."""
    folder = Path(folder).resolve()
    if not folder.is_dir():
        raise EvidenceError(f"data folder {folder}: there is no such folder")
    fact_files = sorted((folder / "facts").glob("*.yaml"))
    if not fact_files:
        raise EvidenceError("facts/: there is no file of facts")
    tables: dict[str, list[Any]] = {
        name: _entries(folder / f"{name}.yaml", kind, folder) for name, kind in _FILES.items()
    }
    tables["facts"] = [fact for path in fact_files for fact in _entries(path, Fact, folder)]
    formulas = _entries(folder / "derived.yaml", Derived, folder)
    for name, table in {**tables, "facts": [*tables["facts"], *formulas]}.items():
        seen: set[str] = set()
        for entry in table:
            if entry.id in seen:
                raise EvidenceError(f"{name}, entry {entry.id}: the id stands twice")
            seen.add(entry.id)
    digest = hashlib.sha256()
    for path in [*fact_files, *(folder / f"{name}.yaml" for name in (*_FILES, "derived"))]:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    story = file_bytes(folder / STORY, STORY) if (folder / STORY).exists() else None
    evidence = Evidence(tables, formulas, digest.hexdigest()[:12], folder, story)
    _check_links(evidence)
    return evidence


def _check_links(evidence: Evidence) -> None:
    """Every name leads somewhere, shares and probabilities stay within bounds."""
    named: tuple[tuple[str, Mapping[str, BaseModel]], ...] = (
        ("routes", evidence.routes),
        ("sectors", evidence.sectors),
        ("events", evidence.events),
        ("sites", evidence.sites),
        ("commodities", evidence.commodities),
    )
    for table, entries in named:
        for name, entry in entries.items():
            for fact in _facts_in(entry):
                if fact not in evidence.facts:
                    raise EvidenceError(f"{table}.yaml, entry {name}: there is no fact {fact!r}")
    for fact in SETTINGS:
        if fact not in evidence.facts:
            raise EvidenceError(f"facts: the model needs a fact {fact!r}")
    if set(evidence.commodities) != set(COMMODITIES):
        raise EvidenceError(f"commodities.yaml: it must hold just {', '.join(COMMODITIES)}")
    for route in evidence.routes.values():
        for role, site in (("site", route.site), ("port", route.port)):
            if site not in evidence.sites:
                raise EvidenceError(f"routes.yaml, entry {route.id}, {role}: there is no site {site!r}")
        priced = set(route.products) if "average" not in route.price else set(route.products) | {"average"}
        if not set(route.price) <= priced or not ("average" in route.price or set(route.price) == priced):
            raise EvidenceError(f"routes.yaml, entry {route.id}, price: it must price each product or the average")
        if len(set(route.products)) < len(route.products):
            raise EvidenceError(f"routes.yaml, entry {route.id}, products: one stands twice")
        if not set(route.products) <= set(FEEDSTOCKS if route.stage == "oxide" else MAGNETS):
            raise EvidenceError(
                f"routes.yaml, entry {route.id}, products: not what a route of stage {route.stage} makes"
            )
        if "average" not in route.carbon and not set(route.products) <= set(route.carbon):
            raise EvidenceError(f"routes.yaml, entry {route.id}, carbon: it must give each product or the average")
        if not set(route.feed) <= set(route.products):
            raise EvidenceError(f"routes.yaml, entry {route.id}, feed: it names a product that the route does not make")
        if route.at_most and route.build is None:
            raise EvidenceError(f"routes.yaml, entry {route.id}, at_most: it needs something to build")
        if route.volume is None and route.build is None:
            raise EvidenceError(f"routes.yaml, entry {route.id}: it needs a volume or something to build")
        money = {evidence.facts[f].unit for path in route.price.values() for f in path.values()}
        if len(money) != 1 or not money <= set(MONEY):
            raise EvidenceError(
                f"routes.yaml, entry {route.id}, price: its facts must all be in {' or all in '.join(MONEY)}"
            )
        if route.graded and money == {"INR/kg"}:
            raise EvidenceError(
                f"routes.yaml, entry {route.id}, graded: grades move prices in USD/kg, and this route is priced in INR/kg"
            )
    for place in evidence.sites.values():
        if place.route is not None and place.route not in evidence.routes:
            raise EvidenceError(f"sites.yaml, entry {place.id}: there is no route {place.route!r}")
    for event in evidence.events.values():
        effects: tuple[Cut | Surge, ...] = (*event.cuts, *event.prices)
        for effect in effects:
            for target in effect.routes:
                if target not in evidence.routes:
                    raise EvidenceError(f"events.yaml, entry {event.id}: there is no route {target!r}")
        for cut in event.cuts:
            if not 0 <= evidence.value(cut.share) <= 1:
                raise EvidenceError(
                    f"events.yaml, entry {event.id}: a cut of {100 * evidence.value(cut.share):.0f} % is impossible"
                )
        if event.probability and not 0 <= evidence.value(event.probability) <= 1:
            raise EvidenceError(
                f"events.yaml, entry {event.id}: a probability of {evidence.value(event.probability):g} is impossible"
            )
    _check_amounts(evidence)
    if "undisturbed" in evidence.events:
        raise EvidenceError("events.yaml, entry undisturbed: the id belongs to the year without events")
    groups: dict[str, float] = {}
    for event in evidence.events.values():
        if event.probability:
            groups[event.group] = groups.get(event.group, 0.0) + evidence.value(event.probability)
    for group, total in groups.items():
        if total > 1 + 1e-9:
            raise EvidenceError(f"events.yaml, group {group}: its probabilities sum to {total:g}, which is more than 1")


NEEDS: dict[str, tuple[tuple[str, ...], float, float]] = {
    "price": (MONEY, 0, LARGEST), "volume": (("t/y",), 0, LARGEST), "today": (("t/y",), 0, LARGEST),
    "build.ceiling": (("t/y",), 0, LARGEST), "build.first_year": (("calendar year",), 2020, 2060),
    "build.ramp": (("share",), 0, 1), "build.capex": (("INR/kg",), 0, LARGEST), "build.life": (("years",), 2, 200),
    "build.utilisation": (("share",), 0.01, 1), "feed": (("kg/kg",), 0, 100), "at_most": (("share",), 0, 1),
    "take_or_pay": (("share",), 0, 1), "carbon": (("kgCO2e/kg",), 0, LARGEST), "demand": (("t/y",), 0, LARGEST),
    "split": (("share",), 0, 1), "penalty": (("USD/kg",), 0, LARGEST), "probability": (("probability per year",), 0, 1),
    "months": (("months",), 0, 600), "cuts.share": (("share",), 0, 1), "prices.times": (("ratio",), 0, LARGEST),
}  # fmt: skip
"""Units, least and most of the fact that a field of a route, sector or event may name."""
GRADES: dict[str, tuple[str, float, float]] = {"added": ("USD/kg", -LARGEST, LARGEST), "factor": ("ratio", 0, LARGEST)}
"""The same for the grade of a commodity, by how it moves the price of an average magnet."""


def places_of_facts(field: str, value: Any) -> Iterator[tuple[str, str]]:
    """Each field below this one that needs a unit, with the fact that it names."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from places_of_facts(f"{field}.{name}".removeprefix("."), getattr(value, name))
    elif isinstance(value, dict | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from places_of_facts(field, inner)
    elif isinstance(value, str) and field in NEEDS and value not in ("fills", "partner", "feeds", "none"):
        yield field, value


def _check_amounts(evidence: Evidence) -> None:
    """Every fact stands where its unit belongs and is an amount that can be; the magnets of a sector are no more than all,
    and somebody needs some in every year."""
    for fact, (unit, least, most) in SETTINGS.items():
        known, worth = evidence.facts[fact], evidence.value(fact)
        if known.unit != unit:
            raise EvidenceError(f"fact {fact!r}: it is in {known.unit}, and the model needs it in {unit}")
        if not least <= worth <= most:
            raise EvidenceError(
                f"fact {fact!r}: {worth:g} lies outside {least:g} to {most:g} {unit}, as the model can use it"
            )
    tables: dict[str, Mapping[str, BaseModel]] = {
        "routes": evidence.routes,
        "sectors": evidence.sectors,
        "events": evidence.events,
    }
    for table, entries in tables.items():
        for name, entry in entries.items():
            for field, fact in places_of_facts("", entry):
                units, least, most = NEEDS[field]
                known, worth = evidence.facts[fact], evidence.value(fact)
                if known.unit not in units:
                    raise EvidenceError(
                        f"{table}.yaml, entry {name}, {field}: {fact!r} is in {known.unit}, not in {' or '.join(units)}"
                    )
                if not least <= worth <= most:
                    raise EvidenceError(
                        f"{table}.yaml, entry {name}, {field}: {fact!r} is {worth:g}, outside {least:g} to {most:g}"
                    )
    for name, info in evidence.commodities.items():
        if info.grade is not None and info.grade_is is not None:
            unit, least, most = GRADES[info.grade_is]
            known, worth = evidence.facts[info.grade], evidence.value(info.grade)
            if known.unit != unit:
                raise EvidenceError(
                    f"commodities.yaml, entry {name}, grade: {info.grade!r} is in {known.unit}, and a grade that is {info.grade_is} is in {unit}"
                )
            if not least <= worth <= most:
                raise EvidenceError(
                    f"commodities.yaml, entry {name}, grade: {info.grade!r} is {worth:g}, outside {least:g} to {most:g}"
                )
    for sector in evidence.sectors.values():
        for year in {year for anchors in sector.split.values() for year in anchors}:
            shares = sum(_at(evidence, anchors, year) for anchors in sector.split.values())
            if shares > 1 + 1e-9:
                raise EvidenceError(
                    f"sectors.yaml, entry {sector.id}, split: {100 * shares:.0f} % of its magnets in {year}"
                )

    needs = [sector.demand for sector in evidence.sectors.values()]
    for year in sorted({year for anchors in needs for year in anchors}):
        if sum(_at(evidence, anchors, year) for anchors in needs) < DEMAND_LEAST:
            names = ", ".join(dict.fromkeys(fact for anchors in needs for fact in anchors.values()))
            raise EvidenceError(
                f"sectors.yaml, demand: less than {DEMAND_LEAST:g} t/y in all in {year}, from the facts {names[:200]}"
            )


def _at(evidence: Evidence, anchors: Mapping[int, str], year: int) -> float:
    """A path in one year: straight between anchors, level outside."""
    before, after = (
        max((y for y in anchors if y <= year), default=min(anchors)),
        min((y for y in anchors if y >= year), default=max(anchors)),
    )
    low, high = evidence.value(anchors[before]), evidence.value(anchors[after])
    return low if after == before else low + (high - low) * (year - before) / (after - before)


# -- formulas --------------------------------------------------------------------------------------------------------

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CALLS: dict[str, Callable[..., float]] = {"min": min, "max": max}


@lru_cache(maxsize=1024)
def parsed(formula: str) -> ast.Expression:
    """The syntax tree of a formula. Raises `SyntaxError`."""
    return ast.parse(formula, mode="eval")


@lru_cache(maxsize=1024)
def names_in(formula: str) -> tuple[str, ...]:
    """Facts that a formula names, in order."""
    tree = parsed(formula)
    return tuple(dict.fromkeys(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in _CALLS))


def value_of(node: ast.AST, values: Mapping[str, float]) -> float:
    """What a formula comes to with these values of facts. Raises `ValueError` for anything but plain arithmetic, and what arithmetic raises."""
    match node:
        case ast.Expression():
            return value_of(node.body, values)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            if name not in values:
                raise ValueError(f"there is no fact {name!r} before it")
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](value_of(left, values), value_of(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -value_of(inner, values)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _CALLS:
            return float(_CALLS[name](*(value_of(arg, values) for arg in args)))
    raise ValueError("only + - * / ** ( ) min max, numbers and facts are allowed")


def _work_out(item: Derived, facts: Mapping[str, Fact]) -> Fact:
    """A derived fact: its value from the formula, no range of its own, the weakest confidence of what it stands on."""
    try:
        if len(item.formula) > 500:
            raise ValueError("the formula is too long")
        known = {name: float(facts[name].value) for name in names_in(item.formula) if name in facts}
        value = value_of(parsed(item.formula), known)
        inputs = [facts[name] for name in names_in(item.formula)]
        if isinstance(value, complex) or not math.isfinite(value):
            raise ValueError("the result is not a number")
        order: tuple[Literal["low", "medium", "high"], ...] = ("low", "medium", "high")
        return Fact(
            id=item.id, about=item.about, what=item.what, value=value, unit=item.unit, year="derived",
            source=Source(body="Derived from named facts", title=item.formula), formula=item.formula, note=item.note,
            confidence=order[min((order.index(f.confidence) for f in inputs), default=0)],
            assumption=any(f.assumption for f in inputs),
        )  # fmt: skip
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise EvidenceError(f"derived.yaml, entry {item.id}: {reason}") from None
