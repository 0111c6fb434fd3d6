"""Frames of the Doubt page: the tornado, one fact looked at, and worlds drawn over all ranges at once."""

from __future__ import annotations

from functools import partial

import streamlit as st

from model.doubt import Bar, Tornado
from model.doubt import tornado as model_tornado
from model.evidence import Evidence
from model.levers import Choice
from model.sample import Sample
from model.sample import sample as model_sample
from pages.parts import bridge, doubt, panels, tornado, words, worlds
from pages.parts.challenge import table, told
from pages.parts.charts import Chart


def moved(choice: Choice, place: str = "") -> Tornado | None:
    """Every doubtful fact moved to its low and its high; None when nothing of that was worked out. `place`: see `worked_out`."""
    return bridge.worked_out(
        "tornado", choice, "Moving each doubtful number to its low and its high:", partial(model_tornado, choice=choice), "facts",
        place,
    )  # fmt: skip


def asked_bars(found: Tornado, evidence: Evidence) -> tuple[Bar, ...]:
    """The bars of the topics that are asked for; none is said in a sentence."""
    every = tornado.topics(found, evidence)
    with st.expander(tornado.TOPICS_LABEL + " ...", icon=":material/filter_list:"):
        wanted = st.pills(
            tornado.TOPICS_LABEL, every, selection_mode="multi", default=every, key="doubt_topics", wrap=True,
            label_visibility="collapsed",
        )  # fmt: skip
    bars = tornado.narrowed(found, evidence, wanted)
    if not bars:
        st.warning(tornado.NONE_LEFT, icon=":material/filter_list_off:")
    return bars


def bars_frame(found: Tornado, bars: tuple[Bar, ...]) -> None:
    """The tornado on cost, on shortfall or on the mix; a click on a bar chooses its fact."""
    panels.head(tornado.TORNADO_TITLE, tornado.TORNADO_NOTE)
    look = st.segmented_control(
        "Look at", list(tornado.MEASURES), default="Cost", required=True, key="doubt_look", persist_state="session"
    )
    measure = tornado.MEASURES[look]
    st.caption(measure.note)
    rows = tornado.rows(found, bars, measure)
    if rows.empty:
        st.info(tornado.NOTHING_MOVES)
    else:
        drawn = tornado.chart(rows[rows["rank"] < tornado.DRAWN], measure)
        told("tornado", tornado.bars_finding(rows, measure), drawn, tornado.told(rows, measure), _clickable)


def _clickable(drawn: Chart, alt: str) -> None:
    st.vega_lite_chart(*drawn, key="tornado", alt=alt, on_select=_clicked, selection_mode="pick")


def _clicked() -> None:
    """Callback of the chart: look at the fact clicked."""
    fact = bridge.clicked("tornado", "pick", "fact")
    if fact:
        bridge.put({"doubt_fact": fact})


def one_fact(found: Tornado, choice: Choice, evidence: Evidence) -> None:
    """One fact: its value and source, where the choice of routes changes well beyond its range, and the way to the evidence."""
    named = {bar.fact: bar for bar in found.ranked()}
    bridge.keep_among("doubt_fact", {None, *named}, None)
    fact = st.selectbox(
        doubt.FACT_LABEL, list(named), None, format_func=lambda name: named[name].what, key="doubt_fact",
        placeholder="Click a bar, or choose a fact",
    )  # fmt: skip
    if not fact:
        return
    st.markdown(doubt.fact_card(evidence, named[fact]))
    if st.button(doubt.OPEN_FACT, key="doubt_open", icon=":material/fact_check:"):
        bridge.open_evidence(fact)
    switch = bridge.worked_out(
        "switch", (choice, fact), "Looking for the value at which the choice of routes changes ...",
        partial(doubt.looked_at, choice=choice, bar=named[fact]),
    )  # fmt: skip
    if switch is not None:
        st.markdown(words.plain_markdown(doubt.further_sentence(switch, evidence)))


def switching_frame(bars: tuple[Bar, ...], evidence: Evidence) -> None:
    """The values at which the choice of routes changes, nearest first; long lists are folded."""
    panels.head(doubt.SWITCH_TITLE, doubt.SWITCH_NOTE)
    lines = [doubt.switch_sentence(bar, evidence) for bar in doubt.switching(bars)]
    st.markdown(words.plain_markdown(doubt.switches(lines[: doubt.FIRST])))
    if len(lines) > doubt.FIRST:
        with st.expander(
            f"{words.sentence_case(words.count(len(lines) - doubt.FIRST, 'more fact'))}, further from their values"
        ):
            st.markdown(words.plain_markdown(doubt.more_switches(lines[doubt.FIRST :])))


# -- worlds -----------------------------------------------------------------------------------------------------------


def drawn(choice: Choice) -> Sample | None:
    """Worlds drawn over all ranges, on request; None when there are none."""
    if not bridge.asked_for("worlds", choice, worlds.DRAW):
        return None
    found = bridge.worked_out(
        "worlds", choice, "Drawing worlds:", partial(model_sample, choice=choice), "worlds",
    )  # fmt: skip
    return found if found is not None and len(found.measures) else None


def worlds_frame(found: Sample) -> None:
    """How three plans fare in all worlds, and under which conditions the mix on screen fails."""
    st.markdown(f"**{words.plain_markdown(worlds.opening(found))}**")
    for place, (kind, title) in zip(st.columns(3, gap="medium"), worlds.DRAWN.items(), strict=True):
        with place:
            st.markdown(f"##### {title}")
            chart = worlds.spread(found, kind)
            told(f"worlds_{kind}", worlds.spread_finding(chart[0], kind), chart, worlds.told(chart[0], kind))
    st.caption(worlds.READING)
    left, right = st.columns([5, 7], gap="medium")
    with left:
        st.markdown(f"##### {worlds.FAILS_TITLE}")
        st.markdown(words.plain_markdown(worlds.failing(found)))
        shown = worlds.failing_table(found)
        if len(shown):
            with st.expander("The conditions as a table", icon=":material/table:"):
                table("worlds_conditions", worlds.FAILS_TITLE, shown, height="content")
    with right:
        st.markdown(f"##### {worlds.SUMMARY_TITLE}")
        table("worlds_summary", worlds.SUMMARY_TITLE, worlds.summary(found))
    st.caption(worlds.drawn_as(found))
