"""Disruptions put together: events of the evidence, as they are or changed, history replayed, and blows composed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, get_args

from model.errors import InputError
from model.evidence.schema import COMMODITIES, Commodity, Cut, Event, Surge
from model.evidence.store import Evidence
from model.formulation.states import State, compose, facts_of
from model.results.formatting import listed, percent

MOST_MONTHS = 120.0
MOST_TIMES = 100.0
"""A price that is multiplied by more than this is taken for a slip of the pen."""


class SceneError(InputError):
    """A disruption that cannot be; the message says which field and why."""


@dataclass(frozen=True)
class Blow:
    """One thing that goes wrong: these routes lose a share of their volume for some months, and their prices are multiplied. It hits
    all their products unless some are named."""

    routes: tuple[str, ...]
    share: float = 0.0
    months: float = 12.0
    times: float = 1.0
    commodities: tuple[str, ...] = COMMODITIES
    only_new_plants: bool = False


@dataclass(frozen=True)
class Scene:
    """A disruption for a year: the state of the world that it makes, how many months the longest of its parts lasts, and what happens
    in plain words."""

    name: str
    state: State
    months: float
    plain: str = ""


def from_events(evidence: Evidence, names: Iterable[str], changes: Mapping[str, float] | None = None) -> Scene:
    """The disruption in which these events happen together, with some of their facts set otherwise for this time. Raises `SceneError`."""
    chosen: list[Event] = []
    for name in dict.fromkeys(names):
        if name not in evidence.events:
            raise SceneError(f"event {name!r}: there is no such event")
        event = evidence.events[name]
        rival = next((e for e in chosen if e.group == event.group and e.group != "history"), None)
        if rival is not None:
            raise SceneError(
                f"events: {rival.name} and {event.name} exclude each other in one year, take one of them away"
            )
        chosen.append(event)
    if not chosen:
        raise SceneError("events: no event was selected, choose at least one")
    given = dict(changes or {})
    named = {fact for event in chosen for fact in facts_of(event)}
    for fact in given:
        if fact not in named:
            raise SceneError(f"fact {fact!r}: none of these events uses it")
    for event in chosen:
        _check(event, given)
    state = compose(evidence, tuple(chosen), given)
    months = max(given[e.months] if e.months in given else evidence.value(e.months) for e in chosen)
    return Scene(listed(event.name for event in chosen), state, months, " ".join(event.plain for event in chosen))


def by_hand(evidence: Evidence, blows: Iterable[Blow], name: str = "Composed by hand") -> Scene:
    """The disruption in which these blows fall together. Raises `SceneError`."""
    events: list[Event] = []
    given: dict[str, float] = {}
    for i, blow in enumerate(blows):
        _check_blow(evidence, blow)
        share, months, times = (f"by_hand_{i}_{part}" for part in ("share", "months", "times"))
        given |= {share: float(blow.share), months: float(blow.months), times: float(blow.times)}
        target: dict[str, Any] = {
            "routes": blow.routes,
            "commodities": blow.commodities,
            "only_new_plants": blow.only_new_plants,
        }
        events.append(
            Event(
                id=f"by_hand_{i}", group="history", name=name, plain=name, months=months,
                cuts=(Cut(share=share, **target),), prices=(Surge(times=times, **target),),
            )
        )  # fmt: skip
    if not events:
        raise SceneError("blows: nothing was composed")
    return Scene(name, compose(evidence, tuple(events), given), max(given[e.months] for e in events))


def _check(event: Event, given: Mapping[str, float]) -> None:
    """Raises `SceneError` when a changed fact makes an event impossible."""
    where = f"event {event.id}"
    if event.months in given:
        _months(where, given[event.months])
    for cut in event.cuts:
        if cut.share in given:
            _share(where, given[cut.share])
    for surge in event.prices:
        if surge.times in given:
            _times(where, given[surge.times])


def _check_blow(evidence: Evidence, blow: Blow) -> None:
    if not blow.routes:
        raise SceneError("routes: choose at least one route that is hit")
    for route in blow.routes:
        if route not in evidence.routes:
            raise SceneError(f"routes: there is no route {route!r}")
    for commodity in blow.commodities:
        if commodity not in get_args(Commodity):
            raise SceneError(f"commodities: there is no commodity {commodity!r}")
    _share("volume cut", blow.share)
    _months("months", blow.months)
    _times("price factor", blow.times)
    if blow.share == 0.0 and blow.times == 1.0:
        raise SceneError(
            "volume cut and price factor: nothing happens at a cut of 0 % and the same price, change one of them"
        )


def _share(where: str, share: float) -> None:
    if not isfinite(share) or not 0.0 <= share <= 1.0:
        raise SceneError(f"{where}: a cut of {percent(share)} is impossible, it must lie between 0 % and 100 %")


def _months(where: str, months: float) -> None:
    if not isfinite(months) or not 0.0 < months <= MOST_MONTHS:
        raise SceneError(f"{where}: {months:g} months is no length for it, it must lie between 0 and {MOST_MONTHS:g}")


def _times(where: str, times: float) -> None:
    if not isfinite(times) or not 0.0 <= times <= MOST_TIMES:
        raise SceneError(f"{where}: prices times {times:g} is impossible, it must lie between 0 and {MOST_TIMES:g}")
