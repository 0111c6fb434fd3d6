"""The levers at the side, drawn from `levers()`: eight in front, the rest folded away by group."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.evidence.store import Evidence
from model.formulation.levers import AIMS, Lever, Value, levers
from pages.parts import session
from pages.parts.components import share_bar, user_data
from pages.parts.session import undo
from pages.parts.text import common as words

GROUPS = {"limits": "More limits and aims", "world": "The world", "programmes": "Programmes and partners"}


def draw(here: str) -> dict[str, Any]:
    """The whole side: buttons, stories, levers and scenario file. A place under each limit that is on, by lever id, for what it costs.
    `here`: the id of the page on screen."""
    places: dict[str, Any] = {}
    evidence = session.evidence()
    with st.sidebar:
        top = st.container()
        for lever in levers():
            if lever.front:
                draw_lever(lever, evidence, places)
        for group in GROUPS:
            folded(group, evidence, places)
        session.scenario_notice()
        with st.expander("Open a scenario file", key="group_file"):
            scenario()
        with top:
            share_bar.buttons(here)
            user_data.banner()
            stories(evidence)
    return places


def folded(group: str, evidence: Evidence, places: dict[str, Any]) -> None:
    """The levers of a group behind its title. As long as it was never opened only those off their default are drawn, which the address
    must hold: the others would cost every move of a lever the time to send and draw them."""
    stand = session.choice().values()
    inside = [lever for lever in levers() if lever.group == group and not lever.front]
    key = f"group_{group}"
    session.keep_open(key)
    box = st.expander(GROUPS[group], key=key, on_change="rerun")
    session.note_open(key, bool(box.open))
    with box:
        for lever in inside:
            if session.from_now_on(lever.id, bool(box.open) or stand[lever.id] != lever.default):
                draw_lever(lever, evidence, places)


def stories(evidence: Evidence) -> None:
    """Pick a preset; its story, and how far the levers have moved from it."""
    presets = evidence.presets
    picked = st.selectbox(
        "Start from a story", list(presets), key="preset", on_change=session.back_to_base,
        format_func=lambda name: presets[name].name,
    )  # fmt: skip
    st.caption(words.plain_markdown(presets[picked].story))
    moved = len(undo.changed())
    label = f"Reset {words.count(moved, 'changed lever')}" if moved else "No lever changed"
    st.button(
        label, on_click=session.back_to_base, disabled=not moved, key="reset", icon=":material/restart_alt:",
        width="stretch",
    )  # fmt: skip


def draw_lever(lever: Lever, evidence: Evidence, places: dict[str, Any]) -> Value:
    """One widget for one lever, its value kept in the address and under the lever's id."""
    label, tip = words.lever_label(lever), words.lever_help(lever, evidence)
    if lever.kind == "switch":
        return st.toggle(label, bool(lever.default), key=lever.id, help=tip, bind="query-params")
    if lever.kind == "option":
        place = lever.options.index(str(lever.default))
        return st.selectbox(
            label, lever.options, place, format_func=AIMS.__getitem__, key=lever.id, help=tip, bind="query-params"
        )
    value = st.slider(
        label, float(lever.low), float(lever.high), float(lever.default), float(lever.step), format="%g", key=lever.id,
        help=tip, bind="query-params",
    )  # fmt: skip
    if lever.is_off(value):
        st.caption(f"{words.OFF} {words.sensible(lever)}")
    elif lever.group != "limits" or lever.id == "target_year":
        st.caption(words.sensible(lever))
    else:
        places[lever.id] = st.empty()
        places[lever.id].caption(words.sensible(lever))
    return value


def scenario() -> None:
    """The place for a scenario file; what came of it stands above."""
    st.file_uploader(
        "Scenario (YAML)", type=["yaml", "yml"], key="scenario_file", on_change=session.load_scenario,
        help="A scenario saved from this explorer, or written by hand: a mapping named levers with one line for each lever.",
    )  # fmt: skip
