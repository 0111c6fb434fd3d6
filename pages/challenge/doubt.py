"""Doubt: every doubtful number moved through its range, and the values at which the choice of routes changes."""

from functools import partial

import streamlit as st

from model.doubt import tornado
from model.sample import sample
from pages.parts import bridge, challenge, panels, words, worlds
from pages.parts import doubt as parts

bridge.adopted_notice()
answer, evidence = bridge.answer(), bridge.evidence()
choice = answer.mix.choice

head = st.empty()
challenge.head(head, parts.NO_FINDING)
found = bridge.worked_out(
    "tornado", choice, "Moving each doubtful number to its low and its high:", partial(tornado, choice=choice)
)
if found is not None:
    challenge.head(head, parts.finding(found))
    every = parts.topics(found, evidence)
    with st.expander(parts.TOPICS_LABEL + " ...", icon=":material/filter_list:"):
        wanted = st.pills(
            parts.TOPICS_LABEL, every, selection_mode="multi", default=every, key="doubt_topics", wrap=True,
            label_visibility="collapsed",
        )  # fmt: skip
    bars = parts.narrowed(found, evidence, wanted)
    if not bars:
        st.warning(parts.NONE_LEFT, icon=":material/filter_list_off:")
    left, right = st.columns([3, 2], gap="medium", border=True)
    with left:
        panels.head(parts.TORNADO_TITLE, parts.TORNADO_NOTE)
        look = st.segmented_control(
            "Look at", list(parts.MEASURES), default="Cost", required=True, key="doubt_look", persist_state="session"
        )
        measure = parts.MEASURES[look]
        st.caption(measure.note)
        table = parts.rows(found, bars, measure)
        if table.empty:
            st.info(parts.NOTHING_MOVES)
        else:
            drawn = parts.chart(table[table["rank"] < parts.DRAWN], measure)
            challenge.told("tornado", f"{parts.TORNADO_TITLE}: {measure.title}", drawn, parts.told(table, measure))
    with right:
        panels.head(parts.SWITCH_TITLE, parts.SWITCH_NOTE)
        lines = [parts.switch_sentence(bar, evidence) for bar in parts.switching(bars)]
        st.markdown(words.plain_markdown(parts.switches(lines)))
        named = {bar.fact: bar for bar in found.ranked()}
        fact = st.selectbox(
            parts.FACT_LABEL, list(named), None, format_func=lambda name: named[name].what, key="doubt_fact",
            placeholder="Choose a fact",
        )  # fmt: skip
        if fact:
            switch = bridge.worked_out(
                "switch", (choice, fact), "Looking for the value at which the choice of routes changes ...",
                partial(parts.looked_at, choice=choice, bar=named[fact]),
            )  # fmt: skip
            if switch is not None:
                st.markdown(words.plain_markdown(parts.further_sentence(switch, evidence)))
            if st.button(parts.OPEN_FACT, key="doubt_open", icon=":material/fact_check:"):
                bridge.open_evidence(fact)

with st.container(border=True):
    panels.head(worlds.TITLE, worlds.NOTE)
    drawn_worlds = None
    if bridge.asked_for("worlds", choice, worlds.DRAW):
        drawn_worlds = bridge.worked_out("worlds", choice, "Drawing worlds:", partial(sample, choice=choice))
    if drawn_worlds is not None and len(drawn_worlds.measures):
        for text in (drawn_worlds.sentence, worlds.failing(drawn_worlds)):
            st.markdown(words.plain_markdown(text))
        st.caption(worlds.drawn_as(drawn_worlds))
        for place, (title, kind) in zip(
            st.columns(2), ((worlds.COST_TITLE, "total_crore"), (worlds.TAIL_TITLE, "tail_shortfall")), strict=True
        ):
            with place:
                st.markdown(f"##### {title}")
                drawn = worlds.histogram(drawn_worlds, kind)
                challenge.told(f"worlds_{kind}", title, drawn, worlds.told(drawn[0], kind))
        challenge.table("worlds_summary", worlds.SUMMARY_TITLE, worlds.summary(drawn_worlds))
