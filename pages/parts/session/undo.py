"""Moves of the levers: noted once a run, undone, redone, reset lever by lever or as a whole."""

from __future__ import annotations

import time

import streamlit as st

from model.errors import InputError
from model.export.link.undo_history import History, Stand
from model.formulation.levers import Value, lever_named, levers
from pages.parts.session import presentation
from pages.parts.session import user_data as session_data
from pages.parts.session.engines import evidence, own_data, own_numbers
from pages.parts.session.levers import APART, base_choice, choice, move_apart, set_levers
from pages.parts.text import levers as lever_text


def note_move() -> None:
    """Note where the levers stand; once a run, as soon as they are known. The story, whose menu forgets it where a page is left in the
    middle, is put back."""
    state = st.session_state
    before: History | None = state.get("_history")
    if before is not None and not state.get("preset") and before.present.story in evidence().presets:
        state["preset"] = before.present.story
    story = str(state.get("preset") or next(iter(evidence().presets)))
    now = Stand(story, choice(), presentation.at(), (_data(), own_numbers()))
    if before is None:
        state["_history"] = History(now)
    elif state.pop(APART, False):
        state["_history"] = before.apart().moved(now, time.monotonic()).apart()
    else:
        state["_history"] = before.moved(now, time.monotonic())


def _data() -> str:
    """What tells the data under a visitor's own numbers from others: empty for those of all."""
    data = own_data()
    return data.version if data else ""


def history() -> History:
    """The moves of this visitor."""
    if "_history" not in st.session_state:
        note_move()
    found: History = st.session_state["_history"]
    return found


def undo() -> None:
    """Callback: take the last move back."""
    note_move()
    before = history()
    _stand(before.undone(), before.present.brought)


def redo() -> None:
    """Callback: make the move undone last again."""
    note_move()
    after = history().redone()
    _stand(after, after.present.brought)


def _stand(to: History, with_own: bool) -> None:
    """Put everything where a stand has it: levers, story, the step on stage, and own numbers where they came with the move."""
    state = st.session_state
    state["_history"] = to
    set_levers(to.present.choice)
    state["preset"] = to.present.story
    presentation.back_to(to.present.step)
    state.pop("_notice", None)
    version, numbers = to.present.own
    if with_own and version == _data() and numbers != own_numbers():
        told, text = session_data.try_own(numbers)
        if told == "error":
            state["_notice"] = (told, text)


def reset_lever(name: str) -> None:
    """Callback: put one lever where the story has it."""
    st.session_state[name] = base_choice().values()[name]
    move_apart()


def lever_move(name: str) -> tuple[Value, Value] | None:
    """Where one lever stood before its last move, and where it stands; None when it has not moved."""
    return history().last_of(name)


def put_back(name: str) -> None:
    """Callback: put one lever where it stood before its last move, all others as they stand; a move of its own, to be undone like any."""
    note_move()
    moved = lever_move(name)
    if moved is not None:
        st.session_state[name] = moved[0]
        move_apart()


def ask_replay(name: str) -> None:
    """Callback: ask for the last move of one lever as a stepper, in place of the help of levers, which would lie over it."""
    st.session_state["about"] = False
    st.session_state["_replay_of"] = name


def replay_asked() -> str:
    """The lever whose last move was asked for just now; empty when none was."""
    return str(st.session_state.pop("_replay_of", ""))


def type_lever(name: str, key: str) -> None:
    """Callback of a number field: put a lever where somebody typed it. What the lever cannot take is put back, and said in a sentence."""
    state, lever = st.session_state, lever_named(name)
    typed = state.get(key)
    state.pop("_not_taken", None)
    if typed is None:
        return
    try:
        state[name] = lever.check(typed)
    except InputError:
        state[key] = lever_text.typable(lever, choice().values()[name])
        state["_not_taken"] = (key, lever_text.not_taken(lever, typed))


def not_taken(key: str) -> str:
    """Why what was typed into a number field last was not taken; empty when it was."""
    field, why = st.session_state.get("_not_taken", ("", ""))
    return str(why) if field == key else ""


def set_lever(name: str, value: Value) -> None:
    """Callback: put one lever somewhere."""
    st.session_state[name] = lever_named(name).check(value)


def changed() -> tuple[str, ...]:
    """Levers that are not where the story has them."""
    return choice().differences(base_choice())


def last_lever() -> str:
    """The lever that was moved last; the first one before any move and after a move of several."""
    moved = history().last_move
    names = moved[1].choice.differences(moved[0].choice) if moved else ()
    return names[0] if len(names) == 1 else levers()[0].id
