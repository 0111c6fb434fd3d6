"""Workshop rooms between the facilitator's screen and their store: who holds which key, and what a room's limits lead to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import streamlit as st

from model.analysis.explain.infeasibility import explain_clash
from model.engine.active_limits import NoMix
from model.engine.engine import Answer
from model.errors import SolverFailed
from model.export.link.user_edits_codec import packed
from pages.parts.session.engines import engine, own_data, own_numbers
from pages.parts.session.levers import choice
from pages.parts.tasks import log
from pages.parts.tasks.deferred import answered
from pages.parts.text import common as words
from pages.parts.workshop.rate_limit import Tries
from pages.parts.workshop.room import Key, Limits, NoRoom, RoomError, World
from pages.parts.workshop.store import Rooms, sweep_for_ever, usual_folder
from pages.parts.workshop.text import GONE_KEY, TOO_MANY_ROOMS, Unknown

ROOM, HOST, PHONES = "room", "host", "phones"
"""Names in the address: the room to answer in, the facilitator's key, the address for phones."""
DAY_MINUTES = 24 * 60


@st.cache_resource(show_spinner=False)
def _openings() -> Tries:
    return Tries(40, 3_600.0)


def place() -> str:
    """Where this visitor comes from, for counting alone: never written down."""
    return str(st.context.ip_address or "")


def _store() -> Rooms:
    return Rooms(usual_folder())


@st.cache_resource(show_spinner=False)
def _sweeper() -> threading.Thread:
    """The one thread that deletes rooms when their day is over, begun with the server's first visitor, a phone or not."""

    def failed() -> None:
        log.failed("rooms")

    thread = threading.Thread(target=sweep_for_ever, args=(_store, failed), name="sweeper", daemon=True)
    thread.start()
    return thread


def rooms() -> Rooms:
    """The store of this server's rooms, which are swept from now on."""
    _sweeper()
    return _store()


def possible() -> bool:
    """Whether phones can be answered on what this visitor's pages stand on: own numbers reach them, an own data folder does not."""
    return own_data() is None


def invited() -> bool:
    """Whether the address leads to a room and not to the explorer."""
    return ROOM in st.query_params


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
        if _openings().too_many(place()):
            raise RoomError(TOO_MANY_ROOMS)
        st.session_state["_host"] = rooms().open()
        _openings().note(place())
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
