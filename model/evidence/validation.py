"""Checks that need more than one record: links between facts and amounts that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel

from model.errors import EvidenceError
from model.evidence.schema import (
    COMMODITIES,
    FEEDSTOCKS,
    GRADES,
    MAGNETS,
    MONEY,
    NEEDS,
    SETTINGS,
    CommodityInfo,
    Cut,
    Event,
    Fact,
    Route,
    Sector,
    Site,
    Surge,
    _facts_in,
    places_of_facts,
)

DEMAND_LEAST = 1.0
"""Least demand of all sectors in a year, t/y: shares are taken of it."""


class Tables(Protocol):
    """What is checked: facts, and the entries that name them, by id."""

    facts: dict[str, Fact]
    routes: dict[str, Route]
    sectors: dict[str, Sector]
    events: dict[str, Event]
    sites: dict[str, Site]
    commodities: dict[str, CommodityInfo]

    def value(self, fact: str) -> float:
        """A fact's value in its own unit."""
        ...


def check_links(evidence: Tables) -> None:
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


def _check_amounts(evidence: Tables) -> None:
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


def _at(evidence: Tables, anchors: Mapping[int, str], year: int) -> float:
    """A path in one year: straight between anchors, level outside."""
    before, after = (
        max((y for y in anchors if y <= year), default=min(anchors)),
        min((y for y in anchors if y >= year), default=max(anchors)),
    )
    low, high = evidence.value(anchors[before]), evidence.value(anchors[after])
    return low if after == before else low + (high - low) * (year - before) / (after - before)
