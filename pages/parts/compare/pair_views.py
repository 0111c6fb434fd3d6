"""Frames of the Compare page for what is worked out anew for each of the two: a disruption, what safety costs, room to move, doubt."""

from __future__ import annotations

import streamlit as st

from model.analysis.near_optimal.ranges import MARGIN
from model.evidence.store import Evidence
from model.results.mix import Mix
from pages.parts import session
from pages.parts.alternatives import ranges as ranges_parts
from pages.parts.alternatives import view as alternatives_view
from pages.parts.compare import pairs
from pages.parts.compare import text as compare_text
from pages.parts.components import result
from pages.parts.components.result import Place
from pages.parts.disruptions import charts as disruption_charts
from pages.parts.disruptions import view as disruptions_view
from pages.parts.doubt import tornado
from pages.parts.doubt import view as doubt_view
from pages.parts.sharing import pins
from pages.parts.sharing.pins import Scenario
from pages.parts.text import common as words
from pages.parts.tradeoffs import frontier_chart
from pages.parts.tradeoffs import view as tradeoffs_view

Sides = tuple[Scenario, Scenario]
PLANS = {pins.TODAY: "today", pins.CHEAPEST: "cheapest"}
"""Which of three plans a disruption is told of, by the scenario; a mix of the levers is `mix`."""


def disruption(sides: Sides, evidence: Evidence, year: int) -> None:
    """The same thing happening to both plans, as chosen here or on the Disruptions page."""
    answers = [pins.answer_of(side) for side in sides]
    left, right = answers
    if left is None or right is None:
        return
    with st.container(border=True):
        asked = disruptions_view.asked(evidence, right)
    if asked is None:
        return
    found = [disruptions_view.struck(answer, asked[0], str(place)) for place, answer in enumerate((left, right))]
    if found[0] is None or found[1] is None:
        return
    st.caption(pairs.SHOCK_NOTE)
    both = [(each, PLANS.get(side.id, "mix")) for each, side in zip(found, sides, strict=True) if each is not None]
    drawn = pairs.one_scale([pairs.shock(each, plan, year) for each, plan in both])
    for place, (column, side, (each, plan)) in enumerate(zip(_columns(), sides, both, strict=True)):
        with column:
            st.markdown(f"##### {words.as_typed(side.name)}")
            sentence = pairs.shock_sentence(each, plan, year)
            st.markdown(words.plain_markdown(sentence))
            result.told(f"compare_shock_{place}", sentence, drawn[place], disruption_charts.told(drawn[place][0]))


def curves(sides: Sides, mixes: tuple[Mix, Mix]) -> None:
    """What safety costs for those of the two that are settings of the levers, on request; drawn when all is traced, because they share
    their axes."""
    settings = [side.kind != "reference" for side in sides]
    question = tuple(side.choice for side, setting in zip(sides, settings, strict=True) if setting)
    if not question:
        st.info(compare_text.REFERENCE_ONLY)
        return
    if not session.asked_for("compare_curves", question, pairs.CURVE_ASK):
        return
    found = [tradeoffs_view.first_curve(s.choice, str(k)) if settings[k] else None for k, s in enumerate(sides)]
    if any(setting and curve is None for setting, curve in zip(settings, found, strict=True)):
        return
    st.caption(pairs.CURVE_NOTE)
    whole = [(curve, mix) for curve, mix in zip(found, mixes, strict=True) if curve is not None and curve.points]
    drawn = iter(pairs.one_scale([pairs.curve(curve, mix) for curve, mix in whole]))
    for place, (column, side, curve) in enumerate(zip(_columns(), sides, found, strict=True)):
        with column:
            st.markdown(f"##### {words.as_typed(side.name)}")
            if curve is None or not curve.points:
                st.info(words.plain_markdown(curve.reason) if curve else compare_text.REFERENCE_ONLY)
                continue
            chart, sentence = next(drawn), pairs.curve_sentence(curve)
            st.markdown(words.plain_markdown(sentence))
            result.told(f"compare_curve_{place}", sentence, chart, frontier_chart.told(chart[0]))


def _columns() -> tuple[Place, Place]:
    return st.columns(2, gap="medium", border=True)


def long(look: str, place: int, scenario: Scenario, mix: Mix, evidence: Evidence) -> None:
    """What takes some seconds to work out: the room that each route has near the optimum, or which doubtful number decides."""
    choice = scenario.choice
    if look == "Room to move":
        found = alternatives_view.looked(choice, MARGIN, str(place))
        if found is not None:
            st.markdown(words.plain_markdown(ranges_parts.finding(found, mix, evidence)))
            drawn = ranges_parts.bars(ranges_parts.horizon(found, mix, evidence), "magnet")
            result.told(f"compare_ranges_{place}", ranges_parts.RANGES_TITLE, drawn, ranges_parts.told(drawn[0]))
        return
    swings = doubt_view.moved(choice, str(place))
    if swings is not None:
        measure = tornado.MEASURES["Cost"]
        table = tornado.rows(swings, swings.ranked(), measure)
        st.caption(measure.note)
        if table.empty:
            st.info(tornado.NOTHING_MOVES)
        else:
            drawn = tornado.chart(table[table["rank"] < tornado.DRAWN], measure)
            result.told(f"compare_doubt_{place}", tornado.TORNADO_TITLE, drawn, tornado.told(table, measure))
