"""Trade-offs: what safety costs, at several limits on China, and all mixes that were worked out side by side."""

import streamlit as st

from model.analysis.near_optimal.frontier import point_of
from pages.parts import session
from pages.parts.components import panels, result
from pages.parts.text import common as words
from pages.parts.tradeoffs import frontier_chart, parallel_coordinates
from pages.parts.tradeoffs import text as tradeoffs_text
from pages.parts.tradeoffs import view as tradeoffs_view

answer, evidence = session.answer(), session.evidence()
choice, limits = answer.mix.choice, tradeoffs_text.limits(answer.mix.choice)
mixes = {"This mix": answer.mix, "Cheapest mix": answer.cheapest, "Today's course": answer.today}
marks = {name: point_of(mix) for name, mix in mixes.items()}
here = marks["This mix"]

top = st.container()
session.adopted_notice()
first = tradeoffs_view.first_curve(choice)
result.head(top, tradeoffs_text.UNFINISHED if first is None else tradeoffs_text.opening(first, here))
if first is not None:
    with st.container(border=True):
        panels.head(tradeoffs_text.TITLE, tradeoffs_text.NOTE)
        place = st.empty()
        curves = tradeoffs_view.all_curves(place, first, limits[1:], choice, marks)
        rows = frontier_chart.rows(curves, marks)
        chosen = tradeoffs_view.chosen_point(place, rows, curves, limits, here)
        if chosen:
            curve, point, ends = chosen
            tradeoffs_view.offer(point, here, choice)
            st.markdown(words.plain_markdown(tradeoffs_text.knee_sentence(curve)))
        if gone := tradeoffs_text.missing(curves):
            st.caption(gone)
    if chosen:
        with st.container(border=True):
            panels.head(tradeoffs_text.SHARES_TITLE, tradeoffs_text.SHARES_NOTE)
            shares = frontier_chart.share_rows(curve, evidence)
            drawn = frontier_chart.shares_chart(shares, evidence, ends, 100 * point.tail)
            result.told("shares", tradeoffs_text.shares_finding(curve, evidence), drawn, frontier_chart.told(shares))
    with st.container(border=True):
        panels.head(parallel_coordinates.MIXES_TITLE, parallel_coordinates.MIXES_NOTE)
        tradeoffs_view.side_by_side(rows, limits, curves, choice)
