"""A phone between its screen and the rooms' store: which room it may answer in, whose answer it gives, and what that leads to."""

from __future__ import annotations

import time

import streamlit as st

from model.engine.active_limits import NoMix
from model.engine.engine import Answer
from model.errors import InputError, SolverFailed
from model.evidence.store import Evidence
from model.export.link.user_edits_codec import unpacked
from pages.parts.session.engines import engine_on
from pages.parts.tasks import log
from pages.parts.tasks.deferred import answered
from pages.parts.text import common as words
from pages.parts.workshop import facilitator
from pages.parts.workshop.rate_limit import Tries
from pages.parts.workshop.room import LEVERS, Limits, RoomError, is_person, new_person, read_code
from pages.parts.workshop.store import DAY_S
from pages.parts.workshop.text import TOO_MANY_CODES, unknown_room

PERSON = "me"
"""Name in the address of the mark of a browser's answer."""
WRONG_CODES = 5
"""How many wrong codes one visit may try at full speed."""
PAUSE_S = 1.0
"""How long a further code takes, seconds, a right one too: to try codes by machine does not pay, and nobody is shut out."""


@st.cache_resource(show_spinner=False)
def _guesses() -> Tries:
    return Tries(60, 60.0)


def _pause() -> None:
    time.sleep(PAUSE_S)


def code() -> str | None:
    """The code of the room that this browser may answer in; None, with the reason on screen, when there is none."""
    asked = st.query_params.get(facilitator.ROOM, "")
    state, found = st.session_state, read_code(asked)
    if found and state.get("_in_room") == found:
        return found
    if not asked:
        return None
    fresh = state.get("_wrong_code") != asked
    slowly = state.get("_wrong_codes", 0) >= WRONG_CODES or _guesses().too_many(facilitator.place())
    try:
        if slowly and fresh and found:  # what is no code at all is no guess
            _pause()
        if found and facilitator.rooms().exists(found):
            state["_in_room"] = found
            return found
        if fresh:
            state["_wrong_code"] = asked
            state["_wrong_codes"] = state.get("_wrong_codes", 0) + 1
            _guesses().note(facilitator.place())
        raise RoomError(TOO_MANY_CODES if slowly else unknown_room(asked))
    except RoomError as error:
        st.error(words.as_typed(str(error)), icon=":material/meeting_room:")
        return None


def enter() -> None:
    """Callback of the field for a code: go to the room that was typed; an empty field leads nowhere."""
    typed = str(st.session_state.get("typed_code") or "").strip()
    if typed:
        st.query_params[facilitator.ROOM] = typed[:40]


def person(found: str) -> str:
    """The mark of this browser's answer in a room: of its cookie, which all its tabs share, or else of its address."""
    mark = str(st.context.cookies.get(f"room_{found}", ""))
    if not is_person(mark):
        mark = st.query_params.get(PERSON, "")
    if not is_person(mark):
        mark = st.session_state.setdefault(f"_person_{found}", new_person())
    if st.query_params.get(PERSON) != mark:
        st.query_params[PERSON] = mark
    return mark


def remember(found: str) -> None:
    """Keep the mark in a cookie of this room's own, for a day, so that another tab of the browser gives the same answer."""
    cookie = f"room_{found}={person(found)}; max-age={DAY_S:.0f}; samesite=strict"
    st.html(f"<script>document.cookie = '{cookie}'</script>", unsafe_allow_javascript=True)


def given(found: str) -> Limits | None:
    """What this browser has answered so far. Raises `RoomError`."""
    return facilitator.rooms().answer_of(found, person(found))


def give(found: str) -> bool:
    """Keep the answer on the sliders, or remember why that cannot be; whether it was kept. Only to be called when they are drawn."""
    try:
        limits = Limits(*(st.session_state[f"mine_{name}"] for name in LEVERS))
        facilitator.rooms().give(found, person(found), limits)
        log.note("room_answer")
    except InputError as error:
        st.session_state["_room_problem"] = str(error)
        return False
    return True


def own_mix(found: str, limits: Limits) -> tuple[Answer | str, Evidence]:
    """What one person's limits lead to in the world that the facilitator has set, or in words why there is no mix, and the evidence
    that it stands on, the facilitator's own numbers included. Raises `InputError`."""
    world = facilitator.rooms().world(found)
    model, wanted = engine_on(unpacked(world.own)), limits.on(world.choice)
    try:
        return answered(model, wanted), model.evidence
    except NoMix as error:
        return words.no_mix(wanted, error.limits), model.evidence
    except SolverFailed as error:
        return str(error), model.evidence
