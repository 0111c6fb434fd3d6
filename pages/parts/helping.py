"""Frames of lever help and of the last move: a list of changed levers, everything about one lever, a stepper."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from model.levers import AIMS, Choice, Lever, lever_named, levers
from model.reach import reach
from model.replay import replay, why
from pages.parts import bridge, help_words, words
from pages.parts.bridge import moves

WIDTH = 560
"""Width of what opens beside the levers, in pixels."""


def lever_help() -> None:
    """Everything about one lever, or the list of all settings that are in force."""
    with st.container(width=WIDTH):
        changed = moves.changed()
        look = st.segmented_control(
            "Show", [help_words.ONE, help_words.ACTIVE], default=help_words.ACTIVE if changed else help_words.ONE,
            required=True, key="help_look", label_visibility="collapsed",
        )  # fmt: skip
        if look == help_words.ACTIVE:
            _active(changed)
        else:
            _one()


def _active(changed: tuple[str, ...]) -> None:
    """Each changed lever with its value, the story's, and a way back; below them all other settings in force and who set them."""
    now, base = bridge.choice(), bridge.base_choice()
    if changed:
        st.markdown(f"**{help_words.CHANGED_TITLE}**")
    else:
        st.info(help_words.NONE_CHANGED)
    for name in changed:
        with st.container(horizontal=True, vertical_alignment="center"):
            text = f"**{lever_named(name).label}**: {help_words.stands(name, now, base)}"
            st.markdown(words.plain_markdown(text), width="stretch")
            st.button(
                "Reset", on_click=moves.reset_lever, args=(name,), key=f"reset_{name}", icon=":material/restart_alt:",
                type="tertiary", help=f"Reset {lever_named(name).label}",
            )  # fmt: skip
    if changed:
        st.button("Reset all", on_click=bridge.back_to_base, key="reset_all", icon=":material/restart_alt:")
    st.markdown(f"**{help_words.OTHERS_TITLE}**")
    table = help_words.active(now, base)
    others = table[table[help_words.SET_BY] != help_words.BY_YOU].drop(columns="lever")
    st.table(others, hide_index=True, alt=help_words.OTHERS_TITLE)
    st.caption(help_words.ACTIVE_NOTE)


def _one() -> None:
    """What one lever is, typed entry, reset, sources, and what it moves."""
    named = {lever.id: lever.label for lever in levers()}
    bridge.keep_among("help_lever", named, moves.last_lever())
    name = st.selectbox(help_words.PICK, list(named), format_func=named.__getitem__, key="help_lever")
    lever = lever_named(name)
    st.markdown(help_words.about(lever))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _typed(lever)
        st.button(
            "Reset", on_click=moves.reset_lever, args=(name,), key="reset_one", icon=":material/restart_alt:",
            disabled=name not in moves.changed(),
        )  # fmt: skip
        moved = moves.lever_move(name)
        st.button(
            help_words.UNDO_ONE, on_click=moves.put_back, args=(name,), key="undo_one", icon=":material/undo:",
            disabled=moved is None, help=help_words.put_back(name, moved),
        )  # fmt: skip
        st.button(
            help_words.REPLAY_ONE, on_click=moves.ask_replay, args=(name,), key="replay_one", icon=":material/replay:",
            disabled=moved is None,
        )  # fmt: skip
        st.button(
            "Its sources", on_click=bridge.ask_facts, args=(name,), key="help_facts", icon=":material/fact_check:",
            disabled=not lever.facts,
        )  # fmt: skip
    st.markdown(f"**{help_words.MOVES_TITLE}**")
    choice = bridge.choice()
    found = bridge.worked_out(
        "reach", (choice, name), "Working out what it moves:", partial(reach, choice=choice, lever_id=name), "values"
    )
    if found is not None:
        st.markdown(words.plain_markdown(help_words.reach_sentence(found, bridge.evidence())))
        table = help_words.reach_table(found)
        if not table.empty:
            st.dataframe(table, hide_index=True, key="reach", alt=f"What {lever.label} moves")
        st.caption(help_words.MOVES_NOTE)


def _typed(lever: Lever) -> None:
    """A field to type a lever's value into; a switch and an option are set where they stand."""
    now = bridge.choice().values()[lever.id]
    if lever.kind == "option":
        st.markdown(f"Now: **{AIMS[str(now)]}**")
    elif lever.kind == "switch":
        st.button(
            "Switch off" if now else "Switch on", on_click=moves.set_lever, args=(lever.id, not now), key="switch_it"
        )
    else:
        key = f"typed_{lever.id}_{now:g}"  # another field whenever the lever has moved
        low, high, value, step = (help_words.typable(lever, v) for v in (lever.low, lever.high, now, lever.step))
        st.number_input(
            words.lever_label(lever) if lever.unit else help_words.TYPE, low, high, value, step, key=key,
            format="%d" if lever.whole else "%g", on_change=moves.type_lever, args=(lever.id, key), width=300,
        )  # fmt: skip
        if why := moves.not_taken(key):
            st.warning(words.plain_markdown(why), icon=":material/block:")


@st.dialog(help_words.REPLAY_TITLE, width="large", icon=":material/replay:")
def last_move() -> None:
    """The last move as a stepper."""
    moved = moves.history().last_move
    if moved is None or moved[0].choice == moved[1].choice:
        st.info(help_words.NO_MOVE)
        return
    _steps(*(stand.choice for stand in moved))


@st.dialog(help_words.REPLAY_ONE_TITLE, width="large", icon=":material/replay:")
def lever_replay(name: str) -> None:
    """The last move of one lever as a stepper, all others as they stand."""
    moved = moves.lever_move(name)
    if moved is None:
        st.info(help_words.NEVER_MOVED)
        return
    st.caption(words.plain_markdown(help_words.lever_move(name, moved)))
    before, after = (bridge.choice().changed(**{name: value}) for value in moved)
    _steps(before, after)


def _steps(before: Choice, after: Choice) -> None:
    """The way from one setting to another as a stepper."""
    steps = bridge.worked_out(
        "replay", (before, after), "Working out the steps:", partial(replay, before=before, after=after), "steps"
    )
    if not steps:
        return
    if len(before.differences(after)) > 1:
        st.caption(help_words.ORDER_NOTE)
    place = 1
    if len(steps) > 1:
        place = st.slider("Step", 1, len(steps), 1, key=f"replay_step_{hash((before, after))}")
    step, evidence = steps[place - 1], bridge.evidence()
    st.markdown(f"#### {words.plain_markdown(help_words.step_title(place, len(steps), step))}")
    if step.mix is None:
        st.warning(words.plain_markdown(help_words.no_mix(step)), icon=":material/block:")
        return
    with st.grid("auto", min_column_width=200):
        for label, value, change in help_words.step_figures(step):
            st.metric(label, value, {"same": 0, "": None}.get(change, change), delta_color="off", border=True)
    if step.before is None:
        st.info(help_words.NO_MIX_BEFORE, icon=":material/block:")
        return
    st.markdown("\n".join(f"- {words.plain_markdown(reason)}" for reason in why(step, evidence)))
    table: pd.DataFrame = help_words.step_routes(step, evidence)
    if not table.empty:
        columns = {str(name): st.column_config.NumberColumn(format="localized") for name in table.columns[2:]}
        st.dataframe(
            table, hide_index=True, key="replay_routes", column_config=columns,
            alt="What entered and left the mix at this step",
        )  # fmt: skip
