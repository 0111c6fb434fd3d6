"""Pinned scenarios of this visitor, and every scenario that can be compared: the levers as they stand, pins, stories, reference mixes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from model.engine.active_limits import NoMix
from model.engine.engine import Answer
from model.errors import SolverFailed
from model.export.link.link_format import Link, differs
from model.export.link.pins import PINS_LENGTH, PINS_MOST, Pin, clean_name, encode_pins, free_name
from model.formulation.case import LIMITS
from model.formulation.levers import Choice, loosest
from model.results.mix import Mix
from pages.parts.session.engines import engine, evidence
from pages.parts.session.levers import choice
from pages.parts.tasks.deferred import answered
from pages.parts.text import mix

PRESENT, TODAY, CHEAPEST = "present", "today", "cheapest"
SIDES = ("compare_left", "compare_right")
"""Keys of the two menus of what is compared."""
BESIDE, LOOK = "beside", "compare_look"
"""Keys of the menu of pins beside the mix, and of the kinds of chart that are compared."""
LOOKS = {look.lower().replace(" ", "_"): look for look in mix.LOOKS}
"""Kinds of chart by their names in a link."""


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
    """Callback: pin the levers as they stand under the name typed into a field, and empty the field. An equal name gets a number. Nothing
    is pinned that no link could carry."""
    wanted, kept = choice(), pins()
    if len(kept) >= PINS_MOST:
        return
    typed = clean_name(str(st.session_state.get(key) or "")) or f"Mix {len(kept) + 1}"
    more = (*kept, Pin(free_name(typed, {pin.name for pin in kept}), wanted, _total(wanted)))
    st.session_state["_pins_full"] = len(encode_pins(more)) > PINS_LENGTH
    if not st.session_state["_pins_full"]:
        st.session_state[key] = ""
        st.session_state["_pins"] = more


def full() -> bool:
    """Whether no link could carry another pin."""
    return len(pins()) >= PINS_MOST or bool(st.session_state.get("_pins_full"))


def _total(wanted: Choice) -> float | None:
    try:
        return engine().mix(wanted).total_kusd
    except (NoMix, SolverFailed):
        return None


def unpin(name: str) -> None:
    """Callback: drop a pinned scenario."""
    st.session_state["_pins"] = tuple(pin for pin in pins() if pin.name != name)
    st.session_state["_pins_full"] = False


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
        return _mix(scenario)
    except SolverFailed:
        return None


def answer_of(scenario: Scenario) -> Answer | None:
    """The whole answer to a scenario's levers; None when there is none or the solver gave up."""
    try:
        return _answer(scenario)
    except SolverFailed:
        return None


def _answer(scenario: Scenario) -> Answer | None:
    try:
        return answered(engine(), scenario.choice)
    except NoMix:
        return None


def _mix(scenario: Scenario) -> Mix | None:
    """The mix of a scenario; None when there is none. Raises `SolverFailed`."""
    answer = _answer(scenario)
    return None if answer is None else {TODAY: answer.today, CHEAPEST: answer.cheapest}.get(scenario.id, answer.mix)


def to_link() -> dict[str, Any]:
    """What is compared, with which chart, and which pin stands beside the mix, as parts of a link: pins by their place instead of their
    name. Nothing that was not picked."""
    state = st.session_state
    places = {f"pin-{pin.name}": f"pin-{place}" for place, pin in enumerate(pins())}
    look = next((name for name, shown in LOOKS.items() if shown == state.get(LOOK)), "")
    return {
        "compare": tuple(places.get(side.id, side.id) for side in sides()),
        "beside": places.get(f"pin-{state.get(BESIDE)}", ""), "look": look,
    }  # fmt: skip


def sides() -> tuple[Scenario, ...]:
    """What is compared, left and right; nothing when nothing was picked."""
    every = scenarios()
    picked = [str(st.session_state.get(side) or "") for side in SIDES]
    return tuple(every[each] for each in picked) if all(each in every for each in picked) else ()


def totals() -> tuple[float | None, ...]:
    """Total costs of what is compared, left and right, kUSD, None for one without a mix; none when nothing was picked or the solver gave up."""
    try:
        mixes = [_mix(side) for side in sides()]
    except SolverFailed:
        return ()
    return tuple(mix.total_kusd if mix else None for mix in mixes)


def moved(before: float | None, now: float | None) -> bool:
    """Whether a total cost is no longer what it was; None stands for no mix."""
    if before is None or now is None:
        return before != now
    return bool(differs({"total_kusd": before}, {"total_kusd": now}))


def from_link(link: Link) -> tuple[str, ...]:
    """Before the menus exist: set them as a link has them; the names of its parts that do not exist here."""
    names, every = {f"pin-{place}": pin.name for place, pin in enumerate(pins())}, scenarios()
    compare = [f"pin-{names[each]}" if each in names else each for each in link.compare]
    found: dict[str, object] = {}
    lost = []
    if all(each in every for each in compare):
        found |= dict(zip(SIDES, compare, strict=False))
    else:
        lost.append("compare")
    for part, key, known, asked in (("beside", BESIDE, names, link.beside), ("look", LOOK, LOOKS, link.look)):
        if asked in known:
            found[key] = known[asked]
        elif asked:
            lost.append(part)
    st.session_state.update(found)
    return tuple(lost)


def picked() -> tuple[str, str]:
    """Ids of what is compared, left and right."""
    left, right = (str(st.session_state[side]) for side in SIDES)
    return left, right


def turn_round() -> None:
    """Callback: left becomes right."""
    left, right = picked()
    st.session_state.update(dict(zip(SIDES, (right, left), strict=True)))
