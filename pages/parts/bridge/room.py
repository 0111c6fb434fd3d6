"""Workshop rooms between the screen and their store: who holds which key, who answers where, and what a room's limits lead to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import streamlit as st

from model.edits import packed, unpacked
from model.evidence import Evidence, InputError
from model.explain import explain_clash
from model.live import Answer, NoMix, SolverFailed
from pages.parts import log, words
from pages.parts.bridge.aside import answered
from pages.parts.bridge.shared import engine, engine_on, own_data, own_numbers
from pages.parts.bridge.standing import choice
from pages.parts.room import (
    DAY_S,
    LEVERS,
    Key,
    Limits,
    NoRoom,
    RoomError,
    Rooms,
    Tries,
    World,
    is_person,
    new_person,
    read_code,
    sweep_for_ever,
    usual_folder,
)
from pages.parts.room_words import GONE_KEY, TOO_MANY_CODES, TOO_MANY_ROOMS, Unknown, unknown_room

ROOM, HOST, PERSON, PHONES = "room", "host", "me", "phones"
"""Names in the address: the room to answer in, the facilitator's key, the mark of a browser's answer, the address for phones."""
WRONG_CODES = 5
"""How many wrong codes one visit may try at full speed."""
DAY_MINUTES = 24 * 60
PAUSE_S = 1.0
"""How long a further code takes, seconds, a right one too: to try codes by machine does not pay, and nobody is shut out."""


@st.cache_resource(show_spinner=False)
def _guesses() -> Tries:
    return Tries(60, 60.0)


@st.cache_resource(show_spinner=False)
def _openings() -> Tries:
    return Tries(40, 3_600.0)


def _pause() -> None:
    time.sleep(PAUSE_S)


def _place() -> str:
    """Where this visitor comes from, for counting alone: never written down."""
    return str(st.context.ip_address or "")


def _store() -> Rooms:
    return Rooms(usual_folder())


@st.cache_resource(show_spinner=False)
def _sweeper() -> threading.Thread:
    """The one thread that deletes rooms when their day is over, begun with the server's first visitor."""
    thread = threading.Thread(target=sweep_for_ever, args=(_store,), name="sweeper", daemon=True)
    thread.start()
    return thread


def rooms() -> Rooms:
    """The store of this server's rooms."""
    return _store()


def possible() -> bool:
    """Whether phones can be answered on what this visitor's pages stand on: own numbers reach them, an own data folder does not."""
    return own_data() is None


# -- the facilitator ---------------------------------------------------------------------------------------------------


def keep_key() -> None:
    """Carry the facilitator's key from page to page in the address, where a reload and a new start of the server find it again."""
    state = st.session_state
    if "_host" not in state:
        _sweeper()
        state["_host"] = Key.read(st.query_params.get(HOST, ""))
        if st.query_params.get(HOST) and not _opens(state["_host"]):
            state["_host"] = None
            state["_room_problem"] = GONE_KEY
    key: Key | None = state["_host"]
    if key is None:
        st.query_params.pop(HOST, None)
    elif st.query_params.get(HOST) != str(key):
        st.query_params[HOST] = str(key)


def _opens(mine: Key | None) -> bool:
    """Whether a key opens a room; also when the rooms cannot be reached just now, which the board will say."""
    try:
        return mine is not None and rooms().answers(mine) is not None
    except NoRoom:
        return False
    except RoomError:
        return True


def key() -> Key | None:
    """The key of the facilitator's room, when there is one."""
    found: Key | None = st.session_state.get("_host")
    return found


def open_room() -> None:
    """Callback: open a room and keep its key, or remember why that cannot be."""
    try:
        if _openings().too_many(_place()):
            raise RoomError(TOO_MANY_ROOMS)
        st.session_state["_host"] = rooms().open()
        _openings().note(_place())
        log.note("room_opened")
    except RoomError as error:
        st.session_state["_room_problem"] = str(error)


def close_room() -> None:
    """Callback: delete the facilitator's room with its answers and forget its key."""
    mine = key()
    if mine is None:
        return
    try:
        rooms().close(mine)
        log.note("room_closed")
    except NoRoom:
        st.session_state["_host"] = None
    except RoomError as error:
        st.session_state["_room_problem"] = str(error)
    else:
        st.session_state["_host"] = None


def problem() -> None:
    """Say once what went wrong in the last callback."""
    text = st.session_state.pop("_room_problem", "")
    if text:
        st.error(words.as_typed(text), icon=":material/meeting_room:")


def answers(mine: Key) -> tuple[Limits, ...]:
    """The room's answers; levers and own numbers as they stand become the room's world when they are others. Raises `RoomError`."""
    store, now = rooms(), World(choice(), packed(own_numbers()))
    if st.session_state.get("_room_world") != (mine.code, now):
        store.set_world(mine, now)
        st.session_state["_room_world"] = (mine.code, now)
    return store.answers(mine)


def mix_within(limits: Limits, explained: bool = False) -> Answer | Unknown | str:
    """The answer for the levers as they stand with a room's limits in place of their own, or in words why there is none: with
    `explained`, which takes longer, those that clash. `Unknown` when the solver found neither."""
    wanted = limits.on(choice())
    try:
        return answered(engine(), wanted)
    except NoMix as error:
        plainly = words.no_mix(wanted, error.limits)
        try:
            return explain_clash(engine(), wanted).sentence if explained else plainly
        except SolverFailed:
            return plainly
    except SolverFailed as error:
        return Unknown(str(error))


def export(mine: Key) -> Callable[[], bytes]:
    """The answers as a file, made when somebody asks for it. A room that is gone gives the sentence that says so."""

    def make() -> bytes:
        try:
            return rooms().table(mine)
        except RoomError as error:
            return str(error).encode()

    return make


def kept_until(mine: Key) -> datetime | None:
    """When the room is deleted at the latest, by the clock of the facilitator's browser, or by UTC where it tells none that can be; None
    when it cannot be read."""
    behind = st.context.timezone_offset  # minutes
    zone = timezone(timedelta(minutes=-behind)) if behind is not None and abs(behind) < DAY_MINUTES else UTC
    try:
        return datetime.fromtimestamp(rooms().until(mine), zone)
    except RoomError:
        return None


def phones_address() -> str:
    """What the facilitator typed as the address that phones reach; empty when nothing was."""
    return str(st.session_state.get(PHONES) or "").strip()


def address_field(label: str, shown: str) -> None:
    """The field for it, kept in the address of the page."""
    st.text_input(label, key=PHONES, max_chars=200, placeholder=shown, bind="query-params")


# -- people in the room ------------------------------------------------------------------------------------------------


def invited() -> bool:
    """Whether the address leads to a room and not to the explorer."""
    return ROOM in st.query_params


def code() -> str | None:
    """The code of the room that this browser may answer in; None, with the reason on screen, when there is none."""
    asked = st.query_params.get(ROOM, "")
    state, found = st.session_state, read_code(asked)
    if found and state.get("_in_room") == found:
        return found
    if not asked:
        return None
    fresh = state.get("_wrong_code") != asked
    slowly = state.get("_wrong_codes", 0) >= WRONG_CODES or _guesses().too_many(_place())
    try:
        if slowly and fresh and found:  # what is no code at all is no guess
            _pause()
        if found and rooms().exists(found):
            state["_in_room"] = found
            return found
        if fresh:
            state["_wrong_code"] = asked
            state["_wrong_codes"] = state.get("_wrong_codes", 0) + 1
            _guesses().note(_place())
        raise RoomError(TOO_MANY_CODES if slowly else unknown_room(asked))
    except RoomError as error:
        st.error(words.as_typed(str(error)), icon=":material/meeting_room:")
        return None


def enter() -> None:
    """Callback of the field for a code: go to the room that was typed; an empty field leads nowhere."""
    typed = str(st.session_state.get("typed_code") or "").strip()
    if typed:
        st.query_params[ROOM] = typed[:40]


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
    return rooms().answer_of(found, person(found))


def give(found: str) -> bool:
    """Keep the answer on the sliders, or remember why that cannot be; whether it was kept. Only to be called when they are drawn."""
    try:
        limits = Limits(*(st.session_state[f"mine_{name}"] for name in LEVERS))
        rooms().give(found, person(found), limits)
        log.note("room_answer")
    except InputError as error:
        st.session_state["_room_problem"] = str(error)
        return False
    return True


def own_mix(found: str, limits: Limits) -> tuple[Answer | str, Evidence]:
    """What one person's limits lead to in the world that the facilitator has set, or in words why there is no mix, and the evidence
    that it stands on, the facilitator's own numbers included. Raises `InputError`."""
    world = rooms().world(found)
    model, wanted = engine_on(unpacked(world.own)), limits.on(world.choice)
    try:
        return answered(model, wanted), model.evidence
    except NoMix as error:
        return words.no_mix(wanted, error.limits), model.evidence
    except SolverFailed as error:
        return str(error), model.evidence
