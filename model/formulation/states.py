"""States of the world in a year: one choice from each group of events, with cuts, price multipliers and a probability.

All states are the product of the groups. For live use they are reduced to a few: undisturbed, every single event and the
joint states that lose most. The weights of the kept states come from a small transport problem in which every event keeps
its own probability exactly; the kept set depends on the data alone, likelihood moves the weights only.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from model.arrays import Array
from model.evidence.schema import COMMODITIES, Event
from model.evidence.store import Evidence

UNDISTURBED = "undisturbed"


@dataclass(frozen=True)
class State:
    """One state of the world. `cut` and `cut_new` are shares of the year's volume lost, `multiplier` and
    `multiplier_new` the year's price multipliers, each of shape (routes, commodities); `..._new` hit only a plant's first
    two years. `length` is in years."""

    id: str
    name: str
    events: tuple[str, ...]
    cut: Array
    cut_new: Array
    multiplier: Array
    multiplier_new: Array
    length: float


def compose(evidence: Evidence, events: tuple[Event, ...], shares: dict[str, float] | None = None) -> State:
    """The state in which these events happen together; cuts and multipliers multiply. `shares` replaces facts by id."""
    given = shares or {}

    def worth(fact: str) -> float:
        return given[fact] if fact in given else evidence.value(fact)

    routes = list(evidence.routes)
    keeps = np.ones((len(routes), len(COMMODITIES)))
    keeps_new, multiplier, multiplier_new = keeps.copy(), keeps.copy(), keeps.copy()
    length = 1.0
    for event in events:
        months = worth(event.months)
        part = min(months, 12.0) / 12.0
        length = max(length, months / 12.0)
        for cut in event.cuts:
            target = keeps_new if cut.only_new_plants else keeps
            for route in cut.routes:
                for commodity in cut.commodities:
                    target[routes.index(route), COMMODITIES.index(commodity)] *= 1.0 - worth(cut.share) * part
        for surge in event.prices:
            target = multiplier_new if surge.only_new_plants else multiplier
            for route in surge.routes:
                for commodity in surge.commodities:
                    place = routes.index(route), COMMODITIES.index(commodity)
                    target[place] *= 1.0 + (worth(surge.times) - 1.0) * part
    return State(
        id="+".join(e.id for e in events) or UNDISTURBED,
        name=" and ".join(e.name for e in events) or "Undisturbed year",
        events=tuple(e.id for e in events),
        cut=1.0 - keeps,
        cut_new=1.0 - keeps_new,
        multiplier=multiplier,
        multiplier_new=multiplier_new,
        length=length,
    )


def groups(evidence: Evidence) -> tuple[tuple[Event, ...], ...]:
    """Events by group, in the order of the data, without history."""
    found: dict[str, list[Event]] = {}
    for event in evidence.events.values():
        if event.probability is not None:
            found.setdefault(event.group, []).append(event)
    return tuple(tuple(events) for events in found.values())


def all_states(evidence: Evidence) -> tuple[State, ...]:
    """Every combination of one choice from each group; the first is undisturbed."""
    options = [((), *((event,) for event in group)) for group in groups(evidence)]
    return tuple(compose(evidence, tuple(e for choice in combo for e in choice)) for combo in product(*options))


def event_probabilities(evidence: Evidence, likelihood: float = 1.0) -> dict[str, float]:
    """Yearly probability of each event, times the likelihood lever, at most what its group and 1 allow."""
    found: dict[str, float] = {}
    for group in groups(evidence):
        raw = {e.id: evidence.value(e.probability) * likelihood for e in group if e.probability}
        total = sum(raw.values())
        shrink = min(1.0, 0.98 / total) if total > 0 else 1.0
        found |= {name: p * shrink for name, p in raw.items()}
    return found


def probabilities(evidence: Evidence, states: tuple[State, ...], likelihood: float = 1.0) -> Array:
    """Probability of each of all states: groups are independent, events within a group exclude each other."""
    single = event_probabilities(evidence, likelihood)
    chance = np.ones(len(states))
    for group in groups(evidence):
        names = {e.id for e in group}
        rest = 1.0 - sum(single[name] for name in names)
        for place, state in enumerate(states):
            hit = names.intersection(state.events)
            chance[place] *= single[hit.pop()] if hit else rest
    return chance


class Certain:
    """States of the world given by hand, each equally likely."""

    def __init__(self, states: tuple[State, ...]) -> None:
        self.states = states

    def __len__(self) -> int:
        return len(self.states)

    def probability(self, likelihood: float = 1.0) -> Array:  # noqa: ARG002 - the same call as StateSet
        """Equal weights, shape (states,)."""
        return np.full(len(self.states), 1.0 / len(self.states))


def facts_of(event: Event) -> tuple[str, ...]:
    """Facts that say what an event does, without its probability."""
    return tuple(
        dict.fromkeys([event.months, *(cut.share for cut in event.cuts), *(surge.times for surge in event.prices)])
    )
