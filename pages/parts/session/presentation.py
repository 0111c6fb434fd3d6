"""The stage between screen and story: which step is told, with which chart, whether the note is open, and the projector."""

from __future__ import annotations

import streamlit as st

from model.errors import InputError
from model.evidence.story import Step, load_story
from model.formulation.levers import Choice
from pages.parts.charts import stage as stage_chart
from pages.parts.charts.mix import Spec
from pages.parts.session.engines import evidence
from pages.parts.session.levers import set_levers
from pages.parts.text import common as words

STEP, CHART, NOTE, PROJECTOR = "step", "stage_view", "stage_note", "projector"
"""Keys of the widgets; the step and the projector stand in the address."""


def projector() -> bool:
    """Whether the page is shown on a projector."""
    return bool(st.session_state.get(PROJECTOR, False))


def projector_switch() -> None:
    """The switch for a projector, and the page's look when it is on."""
    if st.toggle(stage_chart.PROJECTOR, key=PROJECTOR, help=stage_chart.PROJECTOR_HELP, bind="query-params"):
        st.html(stage_chart.PROJECTOR_STYLE)


def sized(spec: Spec) -> Spec:
    """A chart's specification, its letters larger on a projector."""
    return stage_chart.enlarged(spec) if projector() else spec


def steps() -> tuple[Step, ...]:
    """The prepared story; none, with the reason on screen, when it cannot be read."""
    try:
        return load_story(evidence())
    except InputError as error:
        st.error(words.as_typed(f"The story cannot be used: {error}"), icon=":material/error:")
        return ()


def from_link(step: int | None, chart: str) -> bool:
    """Before the widgets exist: set the chart that a link has on stage. False when the story has no such step."""
    try:
        there = step is None or 1 <= step <= len(load_story(evidence()))
    except InputError:
        there = False
    if there and chart in stage_chart.CHARTS:
        st.session_state[CHART] = chart
    return there


def at() -> int:
    """The number of the step on stage, from 1 on; 0 before the story begins."""
    number = st.session_state.get(STEP)
    return number if isinstance(number, int) else 0


def go(number: int) -> None:
    """Callback: tell another step."""
    st.session_state[STEP] = number
    tell()


def back_to(number: int) -> None:
    """In a callback that has put the levers back: the step that was told there, with its chart; 0 for none."""
    if number == at():
        return
    st.session_state[STEP] = number or None
    told = steps() if number else ()
    if 1 <= number <= len(told):
        st.session_state[CHART] = told[number - 1].chart


def tell() -> None:
    """Callback: the levers and the chart as the chosen step wants them."""
    told = steps()
    if not 1 <= at() <= len(told):
        return
    step = told[at() - 1]
    set_levers(Choice.of(evidence().presets[step.preset].levers))
    st.session_state["preset"] = step.preset
    st.session_state[CHART] = step.chart


def step_choice(label: str, count: int) -> None:
    """The steps in a row, to go to any of them."""
    st.segmented_control(
        label, list(range(1, count + 1)), key=STEP, on_change=tell, bind="query-params", label_visibility="collapsed"
    )


def chart_choice(label: str, told: tuple[Step, ...]) -> str:
    """Which chart stands on stage; at first, and after a reload, that of the step of the story."""
    if CHART not in st.session_state and 1 <= at() <= len(told):
        st.session_state[CHART] = told[at() - 1].chart
    picked = st.selectbox(
        label, list(stage_chart.CHARTS), format_func=lambda name: stage_chart.CHARTS[name][0], key=CHART, width=220,
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    return str(picked)


def note_is_open() -> bool:
    """Whether the facilitator's note is shown."""
    return bool(st.session_state.get(NOTE, False))


def turn_note() -> None:
    """Callback: open the note, or put it away."""
    st.session_state[NOTE] = not note_is_open()
