"""Pinned scenarios of this visitor, and every scenario that can be compared: the levers as they stand, pins, stories, reference mixes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from model.case import LIMITS
from model.levers import Choice
from model.live import Answer, NoMix, SolverFailed
from model.mix import Mix
from model.pins import NAME_LENGTH, PINS_MOST, Pin, clean_name
from model.trials import loosest
from pages.parts.bridge.aside import answered
from pages.parts.bridge.shared import engine, evidence
from pages.parts.bridge.standing import choice

PRESENT, TODAY, CHEAPEST = "present", "today", "cheapest"
SIDES = ("compare_left", "compare_right")
"""Keys of the two menus of what is compared."""


@dataclass(frozen=True)
class Scenario:
    """Something to compare. `choice` is that of the levers it stands for; a reference mix stands for the world of the levers as they
    are, without limits, and is not what levers lead to. `name` may be what somebody typed."""

    id: str
    name: str
    kind: Literal["levers", "pin", "story", "reference"]
    choice: Choice
    pin: Pin | None = None

    @property
    def label(self) -> str:
        """What a menu calls it; no two are alike, which menus need."""
        return {"pin": "Pinned: ", "story": "Story: "}.get(self.kind, "") + self.name


def pins() -> tuple[Pin, ...]:
    """The pinned scenarios, oldest first."""
    found: tuple[Pin, ...] = st.session_state.get("_pins", ())
    return found


def pin_present(key: str) -> None:
    """Callback: pin the levers as they stand under the name typed into a field, and empty the field. An equal name gets a number."""
    wanted, kept = choice(), pins()
    if len(kept) >= PINS_MOST:
        return
    typed = clean_name(str(st.session_state.get(key) or "")) or f"Mix {len(kept) + 1}"
    st.session_state[key] = ""
    st.session_state["_pins"] = (*kept, Pin(_free(typed, {pin.name for pin in kept}), wanted, _total(wanted)))


def _free(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        end = f" ({number})"
        found, number = name[: NAME_LENGTH - len(end)] + end, number + 1
    return found


def _total(wanted: Choice) -> float | None:
    try:
        return engine().mix(wanted).total_kusd
    except (NoMix, SolverFailed):
        return None


def unpin(name: str) -> None:
    """Callback: drop a pinned scenario."""
    st.session_state["_pins"] = tuple(pin for pin in pins() if pin.name != name)


def scenarios() -> dict[str, Scenario]:
    """Everything that can be compared, by id, in the order of a menu."""
    now = choice()
    found = [Scenario(PRESENT, "The levers as they stand", "levers", now)]
    found += [Scenario(f"pin-{pin.name}", pin.name, "pin", pin.choice, pin) for pin in pins()]
    free = now.changed(**{name: loosest(name) for name in (*LIMITS, "aim")})  # so that there always is one
    found += [
        Scenario(TODAY, "Today's course", "reference", free),
        Scenario(CHEAPEST, "Cheapest mix", "reference", free),
    ]
    found += [Scenario(f"story-{p.id}", p.name, "story", Choice.of(p.levers)) for p in evidence().presets.values()]
    return {scenario.id: scenario for scenario in found}


def mix_of(scenario: Scenario) -> Mix | None:
    """The mix of a scenario; None when there is none or the solver gave up."""
    try:
        answer: Answer = answered(engine(), scenario.choice)
    except (NoMix, SolverFailed):
        return None
    return {TODAY: answer.today, CHEAPEST: answer.cheapest}.get(scenario.id, answer.mix)


def to_link() -> tuple[str, ...]:
    """What is compared, as a link holds it: pins by their place instead of their name. Empty when nothing was picked."""
    places = {f"pin-{pin.name}": f"pin-{place}" for place, pin in enumerate(pins())}
    picked = [str(st.session_state.get(side) or "") for side in SIDES]
    return tuple(places.get(each, each) for each in picked) if all(each in scenarios() for each in picked) else ()


def from_link(compared: tuple[str, ...]) -> None:
    """Before the menus exist: set them as a link has them, where what it names exists."""
    names = {f"pin-{place}": f"pin-{pin.name}" for place, pin in enumerate(pins())}
    picked = [names.get(each, each) for each in compared]
    if picked and all(each in scenarios() for each in picked):
        st.session_state.update(dict(zip(SIDES, picked, strict=True)))


def picked() -> tuple[str, str]:
    """Ids of what is compared, left and right."""
    left, right = (str(st.session_state[side]) for side in SIDES)
    return left, right


def turn_round() -> None:
    """Callback: left becomes right."""
    left, right = picked()
    st.session_state.update(dict(zip(SIDES, (right, left), strict=True)))
