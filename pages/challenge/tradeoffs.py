"""Trade-offs: what safety costs, at several limits on China, and all mixes that were worked out side by side."""

import streamlit as st

from model.frontier import point_of
from pages.parts import bridge, challenge, panels, tradeoffs, words

answer, evidence = bridge.answer(), bridge.evidence()
choice, limits = answer.mix.choice, tradeoffs.limits(answer.mix.choice)
mixes = {"This mix": answer.mix, "Cheapest mix": answer.cheapest, "Today's course": answer.today}
marks = {name: point_of(mix) for name, mix in mixes.items()}
here = marks["This mix"]

top = st.container()
bridge.adopted_notice()
first = challenge.first_curve(choice)
challenge.head(top, tradeoffs.UNFINISHED if first is None else tradeoffs.opening(first, here))
if first is not None:
    with st.container(border=True):
        panels.head(tradeoffs.TITLE, tradeoffs.NOTE)
        place = st.empty()
        curves = challenge.all_curves(place, first, limits[1:], choice, marks)
        rows = tradeoffs.rows(curves, marks)
        chosen = challenge.chosen_point(place, rows, curves, limits, here)
        if chosen:
            curve, point, ends = chosen
            challenge.offer(point, here, choice)
            st.markdown(words.plain_markdown(tradeoffs.knee_sentence(curve)))
        if gone := tradeoffs.missing(curves):
            st.caption(gone)
    if chosen:
        with st.container(border=True):
            panels.head(tradeoffs.SHARES_TITLE, tradeoffs.SHARES_NOTE)
            shares = tradeoffs.share_rows(curve, evidence)
            drawn = tradeoffs.shares_chart(shares, evidence, ends, 100 * point.tail)
            challenge.told("shares", tradeoffs.SHARES_TITLE, drawn, tradeoffs.told(shares))
    with st.container(border=True):
        panels.head(tradeoffs.MIXES_TITLE, tradeoffs.MIXES_NOTE)
        challenge.side_by_side(rows, limits)
