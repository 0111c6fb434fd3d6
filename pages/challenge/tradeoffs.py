"""Trade-offs: what safety costs, at several limits on China, and all mixes that were worked out side by side."""

import streamlit as st

from model.frontier import point_of
from pages.parts import bridge, challenge, frontiers, panels, parallel, traced, tradeoffs, words

answer, evidence = bridge.answer(), bridge.evidence()
choice, limits = answer.mix.choice, tradeoffs.limits(answer.mix.choice)
mixes = {"This mix": answer.mix, "Cheapest mix": answer.cheapest, "Today's course": answer.today}
marks = {name: point_of(mix) for name, mix in mixes.items()}
here = marks["This mix"]

top = st.container()
bridge.adopted_notice()
first = traced.first_curve(choice)
challenge.head(top, tradeoffs.UNFINISHED if first is None else tradeoffs.opening(first, here))
if first is not None:
    with st.container(border=True):
        panels.head(tradeoffs.TITLE, tradeoffs.NOTE)
        place = st.empty()
        curves = traced.all_curves(place, first, limits[1:], choice, marks)
        rows = frontiers.rows(curves, marks)
        chosen = traced.chosen_point(place, rows, curves, limits, here)
        if chosen:
            curve, point, ends = chosen
            traced.offer(point, here, choice)
            st.markdown(words.plain_markdown(tradeoffs.knee_sentence(curve)))
        if gone := tradeoffs.missing(curves):
            st.caption(gone)
    if chosen:
        with st.container(border=True):
            panels.head(tradeoffs.SHARES_TITLE, tradeoffs.SHARES_NOTE)
            shares = frontiers.share_rows(curve, evidence)
            drawn = frontiers.shares_chart(shares, evidence, ends, 100 * point.tail)
            challenge.told("shares", tradeoffs.shares_finding(curve, evidence), drawn, frontiers.told(shares))
    with st.container(border=True):
        panels.head(parallel.MIXES_TITLE, parallel.MIXES_NOTE)
        traced.side_by_side(rows, limits, curves, choice)
