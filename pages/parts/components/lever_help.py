"""Frames of lever help and of the last move: a list of changed levers, everything about one lever, a stepper."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from model.analysis.explain.lever_effects import reach
from model.analysis.explain.replay import replay, why
from model.formulation.levers import AIMS, Choice, Lever, lever_named, levers
from pages.parts import session
from pages.parts.session import undo
from pages.parts.text import common as words
from pages.parts.text import levers as lever_text

WIDTH = 560
"""Width of what opens beside the levers, in pixels."""


def lever_help() -> None:
    """Everything about one lever, or the list of all settings that are in force."""
    with st.container(width=WIDTH):
        changed = undo.changed()
        look = st.segmented_control(
            "Show", [lever_text.ONE, lever_text.ACTIVE], default=lever_text.ACTIVE if changed else lever_text.ONE,
            required=True, key="help_look", label_visibility="collapsed",
        )  # fmt: skip
        if look == lever_text.ACTIVE:
            _active(changed)
        else:
            _one()


def _active(changed: tuple[str, ...]) -> None:
    """Each changed lever with its value, the story's, and a way back; below them all other settings in force and who set them."""
    now, base = session.choice(), session.base_choice()
    if changed:
        st.markdown(f"**{lever_text.CHANGED_TITLE}**")
    else:
        st.info(lever_text.NONE_CHANGED)
    for name in changed:
        with st.container(horizontal=True, vertical_alignment="center"):
            text = f"**{lever_named(name).label}**: {lever_text.stands(name, now, base)}"
            st.markdown(words.plain_markdown(text), width="stretch")
            st.button(
                "Reset", on_click=undo.reset_lever, args=(name,), key=f"reset_{name}", icon=":material/restart_alt:",
                type="tertiary", help=f"Reset {lever_named(name).label}",
            )  # fmt: skip
    if changed:
        st.button("Reset all", on_click=session.back_to_base, key="reset_all", icon=":material/restart_alt:")
    st.markdown(f"**{lever_text.OTHERS_TITLE}**")
    table = lever_text.active(now, base)
    others = table[table[lever_text.SET_BY] != lever_text.BY_YOU].drop(columns="lever")
    st.table(others, hide_index=True, alt=lever_text.OTHERS_TITLE)
    st.caption(lever_text.ACTIVE_NOTE)


def _one() -> None:
    """What one lever is, typed entry, reset, sources, and what it moves."""
    named = {lever.id: lever.label for lever in levers()}
    session.keep_among("help_lever", named, undo.last_lever())
    name = st.selectbox(lever_text.PICK, list(named), format_func=named.__getitem__, key="help_lever")
    lever = lever_named(name)
    st.markdown(lever_text.about(lever))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _typed(lever)
        st.button(
            "Reset", on_click=undo.reset_lever, args=(name,), key="reset_one", icon=":material/restart_alt:",
            disabled=name not in undo.changed(),
        )  # fmt: skip
        moved = undo.lever_move(name)
        st.button(
            lever_text.UNDO_ONE, on_click=undo.put_back, args=(name,), key="undo_one", icon=":material/undo:",
            disabled=moved is None, help=lever_text.put_back(name, moved),
        )  # fmt: skip
        st.button(
            lever_text.REPLAY_ONE, on_click=undo.ask_replay, args=(name,), key="replay_one", icon=":material/replay:",
            disabled=moved is None,
        )  # fmt: skip
        st.button(
            "Its sources", on_click=session.ask_facts, args=(name,), key="help_facts", icon=":material/fact_check:",
            disabled=not lever.facts,
        )  # fmt: skip
    st.markdown(f"**{lever_text.MOVES_TITLE}**")
    choice = session.choice()
    found = session.worked_out(
        "reach", (choice, name), "Working out what it moves:", partial(reach, choice=choice, lever_id=name), "values"
    )
    if found is not None:
        st.markdown(words.plain_markdown(lever_text.reach_sentence(found, session.evidence())))
        table = lever_text.reach_table(found)
        if not table.empty:
            st.dataframe(table, hide_index=True, key="reach", alt=f"What {lever.label} moves")
        st.caption(lever_text.MOVES_NOTE)


def _typed(lever: Lever) -> None:
    """A field to type a lever's value into; a switch and an option are set where they stand."""
    now = session.choice().values()[lever.id]
    if lever.kind == "option":
        st.markdown(f"Now: **{AIMS[str(now)]}**")
    elif lever.kind == "switch":
        st.button(
            "Switch off" if now else "Switch on", on_click=undo.set_lever, args=(lever.id, not now), key="switch_it"
        )
    else:
        key = f"typed_{lever.id}_{now:g}"  # another field whenever the lever has moved
        low, high, value, step = (lever_text.typable(lever, v) for v in (lever.low, lever.high, now, lever.step))
        st.number_input(
            words.lever_label(lever) if lever.unit else lever_text.TYPE, low, high, value, step, key=key,
            format="%d" if lever.whole else "%g", on_change=undo.type_lever, args=(lever.id, key), width=300,
        )  # fmt: skip
        if why := undo.not_taken(key):
            st.warning(words.plain_markdown(why), icon=":material/block:")


@st.dialog(lever_text.REPLAY_TITLE, width="large", icon=":material/replay:")
def last_move() -> None:
    """The last move as a stepper."""
    moved = undo.history().last_move
    if moved is None or moved[0].choice == moved[1].choice:
        st.info(lever_text.NO_MOVE)
        return
    _steps(*(stand.choice for stand in moved))


@st.dialog(lever_text.REPLAY_ONE_TITLE, width="large", icon=":material/replay:")
def lever_replay(name: str) -> None:
    """The last move of one lever as a stepper, all others as they stand."""
    moved = undo.lever_move(name)
    if moved is None:
        st.info(lever_text.NEVER_MOVED)
        return
    st.caption(words.plain_markdown(lever_text.lever_move(name, moved)))
    before, after = (session.choice().changed(**{name: value}) for value in moved)
    _steps(before, after)


def _steps(before: Choice, after: Choice) -> None:
    """The way from one setting to another as a stepper."""
    steps = session.worked_out(
        "replay", (before, after), "Working out the steps:", partial(replay, before=before, after=after), "steps"
    )
    if not steps:
        return
    if len(before.differences(after)) > 1:
        st.caption(lever_text.ORDER_NOTE)
    place = 1
    if len(steps) > 1:
        place = st.slider("Step", 1, len(steps), 1, key=f"replay_step_{hash((before, after))}")
    step, evidence = steps[place - 1], session.evidence()
    st.markdown(f"#### {words.plain_markdown(lever_text.step_title(place, len(steps), step))}")
    if step.mix is None:
        st.warning(words.plain_markdown(lever_text.no_mix(step)), icon=":material/block:")
        return
    with st.grid("auto", min_column_width=200):
        for label, value, change in lever_text.step_figures(step):
            st.metric(label, value, {"same": 0, "": None}.get(change, change), delta_color="off", border=True)
    if step.before is None:
        st.info(lever_text.NO_MIX_BEFORE, icon=":material/block:")
        return
    st.markdown("\n".join(f"- {words.plain_markdown(reason)}" for reason in why(step, evidence)))
    table: pd.DataFrame = lever_text.step_routes(step, evidence)
    if not table.empty:
        columns = {str(name): st.column_config.NumberColumn(format="localized") for name in table.columns[2:]}
        st.dataframe(
            table, hide_index=True, key="replay_routes", column_config=columns,
            alt="What entered and left the mix at this step",
        )  # fmt: skip
