"""The levers as they stand on screen, and what sets them otherwise: a story, a scenario file, a mix of another page."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from model.errors import InputError
from model.evidence.user_edits import scenario_edits
from model.formulation.levers import Choice, levers, read_scenario
from pages.parts.session import user_data as session_data
from pages.parts.session.engines import evidence, own_numbers
from pages.parts.text import common as words
from pages.parts.text import user_data as user_data_text

APART = "_apart"
"""Where it stands that the next move noted is one of its own."""


def choice() -> Choice:
    """The levers as they stand on screen."""
    state = st.session_state
    return _choice(tuple(state.get(lever.id, lever.default) for lever in levers()))


@lru_cache(maxsize=256)
def _choice(values: tuple[object, ...]) -> Choice:
    """The choice of these values, in the order of the screen; asked for many times in a run."""
    return Choice.of({lever.id: value for lever, value in zip(levers(), values, strict=True)})


def set_levers(wanted: Choice) -> None:
    """Put every slider where `wanted` has it, which is a move of its own, however soon it comes before or after another. Only to be
    called from a callback."""
    for name, value in wanted.values().items():
        st.session_state[name] = value
    move_apart()


def move_apart() -> None:
    """The move made in this callback is no step of a slider, to be undone with those around it."""
    st.session_state[APART] = True


def base_choice() -> Choice:
    """The setting that the visitor started from: the chosen story."""
    preset = evidence().presets.get(str(st.session_state.get("preset")))
    return Choice.of(preset.levers) if preset else Choice()


def back_to_base() -> None:
    """Callback: undo every change since the chosen story."""
    set_levers(base_choice())
    st.session_state.pop("_notice", None)


def load_scenario() -> None:
    """Callback of the uploader: set the levers from a scenario file, and the own numbers where it has any, or say in one sentence why
    not and change nothing."""
    file = st.session_state.get("scenario_file")
    if file is None:
        st.session_state.pop("_notice", None)
        return
    try:
        content = file.getvalue()
        wanted, edits = read_scenario(content), scenario_edits(content)
        if edits:
            session_data.take(edits)
        set_levers(wanted)
        st.session_state["_notice"] = ("success", user_data_text.opened(file.name, len(edits), len(own_numbers())))
    except InputError as error:
        st.session_state["_notice"] = ("error", user_data_text.not_used(file.name, str(error)))


def scenario_notice() -> None:
    """What came of the last scenario file."""
    kind, text = st.session_state.get("_notice", ("", ""))
    if kind:
        (st.success if kind == "success" else st.error)(words.as_typed(text))


def adopt(wanted: Choice) -> None:
    """Callback: put the levers where a mix of another page needs them, and remember where they stood."""
    st.session_state["_adopted"] = (choice(), wanted)
    set_levers(wanted)


def undo_adopting() -> None:
    """Callback: the levers as they stood before the last adoption."""
    before, _ = st.session_state.pop("_adopted")
    set_levers(before)


def adopted_notice() -> None:
    """Says that a mix was adopted and offers the way back, as long as the levers stand as that mix needs them."""
    before, wanted = st.session_state.get("_adopted", (None, None))
    if wanted != choice() or before == wanted:
        st.session_state.pop("_adopted", None)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success("The levers now stand where this mix needs them.", icon=":material/check:", width=480)
        st.button("Back to the levers before", on_click=undo_adopting, key="undo_adopting", icon=":material/undo:")
