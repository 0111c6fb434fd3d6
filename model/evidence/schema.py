"""The form of the evidence: facts, sources, routes, sectors, events, sites, presets, as checked records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

REASON_LENGTH, NAME_LENGTH = 200, 120


LARGEST = 1e15
"""No fact is as large as this in its unit."""


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
