"""Frames of the Doubt page: the tornado, one fact looked at, and worlds drawn over all ranges at once."""

from __future__ import annotations

from functools import partial

import streamlit as st

from model.analysis.uncertainty.robustness import Sample
from model.analysis.uncertainty.robustness import sample as model_sample
from model.analysis.uncertainty.tornado import Bar, Tornado
from model.analysis.uncertainty.tornado import tornado as model_tornado
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from pages.parts import session
from pages.parts.charts.mix import Chart
from pages.parts.components import panels
from pages.parts.components.result import table, told
from pages.parts.doubt import sampled_worlds, tornado
from pages.parts.doubt import text as doubt_text
from pages.parts.text import common as words


def moved(choice: Choice, place: str = "") -> Tornado | None:
    """Every doubtful fact moved to its low and its high; None when nothing of that was worked out. `place`: see `worked_out`."""
    return session.worked_out(
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
    fact = session.clicked("tornado", "pick", "fact")
    if fact:
        session.put({"doubt_fact": fact})


def one_fact(found: Tornado, choice: Choice, evidence: Evidence) -> None:
    """One fact: its value and source, where the choice of routes changes well beyond its range, and the way to the evidence."""
    named = {bar.fact: bar for bar in found.ranked()}
    session.keep_among("doubt_fact", {None, *named}, None)
    fact = st.selectbox(
        doubt_text.FACT_LABEL, list(named), None, format_func=lambda name: named[name].what, key="doubt_fact",
        placeholder="Click a bar, or choose a fact",
    )  # fmt: skip
    if not fact:
        return
    st.markdown(doubt_text.fact_card(evidence, named[fact]))
    if st.button(doubt_text.OPEN_FACT, key="doubt_open", icon=":material/fact_check:"):
        session.open_evidence(fact)
    switch = session.worked_out(
        "switch", (choice, fact), "Looking for the value at which the choice of routes changes ...",
        partial(doubt_text.looked_at, choice=choice, bar=named[fact]),
    )  # fmt: skip
    if switch is not None:
        st.markdown(words.plain_markdown(doubt_text.further_sentence(switch, evidence)))


def switching_frame(bars: tuple[Bar, ...], evidence: Evidence) -> None:
    """The values at which the choice of routes changes, nearest first; long lists are folded."""
    panels.head(doubt_text.SWITCH_TITLE, doubt_text.SWITCH_NOTE)
    lines = [doubt_text.switch_sentence(bar, evidence) for bar in doubt_text.switching(bars)]
    st.markdown(words.plain_markdown(doubt_text.switches(lines[: doubt_text.FIRST])))
    if len(lines) > doubt_text.FIRST:
        with st.expander(
            f"{words.sentence_case(words.count(len(lines) - doubt_text.FIRST, 'more fact'))}, further from their values"
        ):
            st.markdown(words.plain_markdown(doubt_text.more_switches(lines[doubt_text.FIRST :])))


# -- worlds -----------------------------------------------------------------------------------------------------------


def drawn(choice: Choice) -> Sample | None:
    """Worlds drawn over all ranges, on request; None when there are none."""
    if not session.asked_for("worlds", choice, sampled_worlds.DRAW):
        return None
    found = session.worked_out(
        "worlds", choice, "Drawing worlds:", partial(model_sample, choice=choice), "worlds",
    )  # fmt: skip
    return found if found is not None and len(found.measures) else None


def worlds_frame(found: Sample) -> None:
    """How three plans fare in all worlds, and under which conditions the mix on screen fails."""
    st.markdown(f"**{words.plain_markdown(sampled_worlds.opening(found))}**")
    for place, (kind, title) in zip(st.columns(3, gap="medium"), sampled_worlds.DRAWN.items(), strict=True):
        with place:
            st.markdown(f"##### {title}")
            chart = sampled_worlds.spread(found, kind)
            told(
                f"worlds_{kind}",
                sampled_worlds.spread_finding(chart[0], kind),
                chart,
                sampled_worlds.told(chart[0], kind),
            )
    st.caption(sampled_worlds.READING)
    left, right = st.columns([5, 7], gap="medium")
    with left:
        st.markdown(f"##### {sampled_worlds.FAILS_TITLE}")
        st.markdown(words.plain_markdown(sampled_worlds.failing(found)))
        shown = sampled_worlds.failing_table(found)
        if len(shown):
            with st.expander("The conditions as a table", icon=":material/table:"):
                table("worlds_conditions", sampled_worlds.FAILS_TITLE, shown, height="content")
    with right:
        st.markdown(f"##### {sampled_worlds.SUMMARY_TITLE}")
        table("worlds_summary", sampled_worlds.SUMMARY_TITLE, sampled_worlds.summary(found))
    st.caption(sampled_worlds.drawn_as(found))
