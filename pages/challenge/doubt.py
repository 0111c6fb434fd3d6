"""Doubt: every doubtful number moved through its range, and the values at which the choice of routes changes."""

import streamlit as st

from pages.parts import bridge, challenge, doubt, doubted, panels, worlds

bridge.adopted_notice()
answer, evidence = bridge.answer(), bridge.evidence()
choice = answer.mix.choice

head = st.empty()
challenge.head(head, doubt.NO_FINDING)
found = doubted.moved(choice)
if found is not None:
    challenge.head(head, doubt.finding(found))
    bars = doubted.asked_bars(found, evidence)
    left, right = st.columns([3, 2], gap="medium", border=True)
    with left:
        doubted.bars_frame(found, bars)
    with right:
        doubted.one_fact(found, choice, evidence)
        doubted.switching_frame(bars, evidence)

with st.container(border=True):
    panels.head(worlds.TITLE, worlds.NOTE)
    sampled = doubted.drawn(choice)
    if sampled is not None:
        doubted.worlds_frame(sampled)
