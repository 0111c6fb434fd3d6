"""Doubt: every doubtful number moved through its range, and the values at which the choice of routes changes."""

import streamlit as st

from pages.parts import session
from pages.parts.components import panels, result
from pages.parts.doubt import sampled_worlds
from pages.parts.doubt import text as doubt_text
from pages.parts.doubt import view as doubt_view

session.adopted_notice()
answer, evidence = session.answer(), session.evidence()
choice = answer.mix.choice

head = st.empty()
result.head(head, doubt_text.NO_FINDING)
found = doubt_view.moved(choice)
if found is not None:
    result.head(head, doubt_text.finding(found))
    bars = doubt_view.asked_bars(found, evidence)
    left, right = st.columns([3, 2], gap="medium", border=True)
    with left:
        doubt_view.bars_frame(found, bars)
    with right:
        doubt_view.one_fact(found, choice, evidence)
        doubt_view.switching_frame(bars, evidence)

with st.container(border=True):
    panels.head(sampled_worlds.TITLE, sampled_worlds.NOTE)
    sampled = doubt_view.drawn(choice)
    if sampled is not None:
        doubt_view.worlds_frame(sampled)
