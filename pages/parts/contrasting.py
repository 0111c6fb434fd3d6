"""Frames of the Compare page for what is worked out anew for each of the two: a disruption, what safety costs, room to move, doubt."""

from __future__ import annotations

import streamlit as st

from model.evidence import Evidence
from model.mix import Mix
from model.ranges import MARGIN
from pages.parts import (
    bridge,
    challenge,
    compared,
    contrasts,
    doubted,
    frontiers,
    near,
    ranges,
    shocks,
    struck,
    tornado,
    traced,
    words,
)
from pages.parts.bridge import pinned
from pages.parts.bridge.pinned import Scenario
from pages.parts.challenge import Place

Sides = tuple[Scenario, Scenario]
PLANS = {pinned.TODAY: "today", pinned.CHEAPEST: "cheapest"}
"""Which of three plans a disruption is told of, by the scenario; a mix of the levers is `mix`."""


def disruption(sides: Sides, evidence: Evidence, year: int) -> None:
    """The same thing happening to both plans, as chosen here or on the Disruptions page."""
    answers = [pinned.answer_of(side) for side in sides]
    left, right = answers
    if left is None or right is None:
        return
    with st.container(border=True):
        asked = shocks.asked(evidence, right)
    if asked is None:
        return
    found = [shocks.struck(answer, asked[0], str(place)) for place, answer in enumerate((left, right))]
    if found[0] is None or found[1] is None:
        return
    st.caption(contrasts.SHOCK_NOTE)
    both = [(each, PLANS.get(side.id, "mix")) for each, side in zip(found, sides, strict=True) if each is not None]
    drawn = contrasts.one_scale([contrasts.shock(each, plan, year) for each, plan in both])
    for place, (column, side, (each, plan)) in enumerate(zip(_columns(), sides, both, strict=True)):
        with column:
            st.markdown(f"##### {words.as_typed(side.name)}")
            sentence = contrasts.shock_sentence(each, plan, year)
            st.markdown(words.plain_markdown(sentence))
            challenge.told(f"compare_shock_{place}", sentence, drawn[place], struck.told(drawn[place][0]))


def curves(sides: Sides, mixes: tuple[Mix, Mix]) -> None:
    """What safety costs for those of the two that are settings of the levers, on request; drawn when all is traced, because they share
    their axes."""
    settings = [side.kind != "reference" for side in sides]
    question = tuple(side.choice for side, setting in zip(sides, settings, strict=True) if setting)
    if not question:
        st.info(compared.REFERENCE_ONLY)
        return
    if not bridge.asked_for("compare_curves", question, contrasts.CURVE_ASK):
        return
    found = [traced.first_curve(s.choice, str(k)) if settings[k] else None for k, s in enumerate(sides)]
    if any(setting and curve is None for setting, curve in zip(settings, found, strict=True)):
        return
    st.caption(contrasts.CURVE_NOTE)
    whole = [(curve, mix) for curve, mix in zip(found, mixes, strict=True) if curve is not None and curve.points]
    drawn = iter(contrasts.one_scale([contrasts.curve(curve, mix) for curve, mix in whole]))
    for place, (column, side, curve) in enumerate(zip(_columns(), sides, found, strict=True)):
        with column:
            st.markdown(f"##### {words.as_typed(side.name)}")
            if curve is None or not curve.points:
                st.info(words.plain_markdown(curve.reason) if curve else compared.REFERENCE_ONLY)
                continue
            chart, sentence = next(drawn), contrasts.curve_sentence(curve)
            st.markdown(words.plain_markdown(sentence))
            challenge.told(f"compare_curve_{place}", sentence, chart, frontiers.told(chart[0]))


def _columns() -> tuple[Place, Place]:
    return st.columns(2, gap="medium", border=True)


def long(look: str, place: int, scenario: Scenario, mix: Mix, evidence: Evidence) -> None:
    """What takes some seconds to work out: the room that each route has near the optimum, or which doubtful number decides."""
    choice = scenario.choice
    if look == "Room to move":
        found = near.looked(choice, MARGIN, str(place))
        if found is not None:
            st.markdown(words.plain_markdown(ranges.finding(found, mix, evidence)))
            drawn = ranges.bars(ranges.horizon(found, mix, evidence), "magnet")
            challenge.told(f"compare_ranges_{place}", ranges.RANGES_TITLE, drawn, ranges.told(drawn[0]))
        return
    swings = doubted.moved(choice, str(place))
    if swings is not None:
        measure = tornado.MEASURES["Cost"]
        table = tornado.rows(swings, swings.ranked(), measure)
        st.caption(measure.note)
        if table.empty:
            st.info(tornado.NOTHING_MOVES)
        else:
            drawn = tornado.chart(table[table["rank"] < tornado.DRAWN], measure)
            challenge.told(f"compare_doubt_{place}", tornado.TORNADO_TITLE, drawn, tornado.told(table, measure))
