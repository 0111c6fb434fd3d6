"""Frames of the Compare page: what is compared, both charts beside each other, and what made the difference."""

from __future__ import annotations

from functools import partial

import streamlit as st

from model.difference import EXACT_MOST, Difference
from model.evidence import Evidence
from model.mix import Mix
from pages.parts import (
    bridge,
    challenge,
    charts,
    compared,
    contrasting,
    flows,
    maps,
    panels,
    screen,
    splitting,
    words,
)
from pages.parts.bridge import pinned
from pages.parts.bridge.pinned import Scenario
from pages.parts.charts import Chart

SOON = 5
"""Up to so many levers the split is worked out unasked: 32 mixes take about a second."""


def pick() -> tuple[Scenario, Scenario]:
    """The two menus, with the button that turns them round."""
    every = pinned.scenarios()
    pins = [name for name, scenario in every.items() if scenario.kind == "pin"]
    for side, otherwise in zip(pinned.SIDES, (pins[-1] if pins else pinned.TODAY, pinned.PRESENT), strict=True):
        bridge.keep_among(side, every, otherwise)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for side, label in zip(pinned.SIDES, (compared.LEFT, compared.RIGHT), strict=True):
            st.selectbox(
                label, list(every), format_func=lambda name: every[name].label, key=side, width=360,
                persist_state="session",
            )  # fmt: skip
        st.button("Turn round", on_click=pinned.turn_round, key="turn_round", icon=":material/swap_horiz:")
    left, right = (every[name] for name in pinned.picked())
    return left, right


def beside(drawn: Chart, evidence: Evidence, undisturbed: bool) -> tuple[Chart, tuple[str, Chart] | None]:
    """Where mixes are pinned, a menu of them; the chart of the mix on screen and, when one is picked, its name and its chart, both on
    one scale."""
    named = {pin.name: pin for pin in pinned.pins()}
    if not named:
        return drawn, None
    bridge.keep_among("beside", {None, *named}, None)
    name = st.selectbox(
        compared.BESIDE, list(named), None, key="beside", placeholder=compared.BESIDE_NONE, persist_state="session",
        width=360,
    )  # fmt: skip
    if not name:
        return drawn, None
    scenario = Scenario(f"pin-{name}", name, "pin", named[name].choice, named[name])
    mix = pinned.mix_of(scenario)
    moved_notice(scenario, mix)
    if mix is None:
        st.warning(compared.NO_MIX.format(words.as_typed(name)), icon=":material/block:")
        return drawn, None
    mine, theirs = compared.alike(drawn, charts.magnets(mix, evidence, undisturbed), "delivered_t", ["year"])
    return mine, (name, theirs)


def moved_notice(scenario: Scenario, mix: Mix | None) -> None:
    """Says of a pin that its numbers are no longer those of the moment when it was pinned."""
    if scenario.pin is not None and bridge.moved_since(scenario.pin, mix.total_kusd if mix else None):
        st.warning(compared.MOVED_SINCE.format(words.as_typed(scenario.name)), icon=":material/update:")


def draw_beside(name: str, drawn: Chart) -> None:
    """The chart of a pinned mix, beside that of the mix on screen."""
    with st.container(border=True):
        st.markdown(f"#### {words.as_typed(name)}")
        st.caption(compared.BESIDE_NOTE)
        challenge.told("beside_magnets", f"Magnets of {name}", drawn, drawn[0].round(1))


def adopt(scenarios: tuple[Scenario, Scenario]) -> None:
    """A button for each of the two that is a setting of the levers, and not where they stand already."""
    now = bridge.choice()
    with st.container(horizontal=True):
        for side, scenario in zip(pinned.SIDES, scenarios, strict=True):
            if scenario.kind in ("pin", "story") and scenario.choice != now:
                st.button(
                    f"Adopt {words.as_typed(scenario.name)}", on_click=bridge.adopt, args=(scenario.choice,),
                    key=f"adopt_{side}", icon=":material/check:",
                )  # fmt: skip


def side_by_side(sides: tuple[Scenario, Scenario], mixes: tuple[Mix, Mix], evidence: Evidence) -> None:
    """The charts of both mixes, of the kind that was picked."""
    look = st.segmented_control(
        compared.LOOKS_LABEL, compared.LOOKS, default=compared.LOOKS[0], required=True, key="compare_look",
        persist_state="session",
    )  # fmt: skip
    year = int(mixes[1].choice.target_year)
    if look in ("Map", "Who goes short", "Disruptions"):
        year = st.select_slider(
            "Year", mixes[0].case.years, year, key="compare_year", persist_state="session", width=420
        )
    if look == "Cost and risk":
        _risk(sides)
        return
    if look == "Disruptions":
        contrasting.disruption(sides, evidence, year)
        return
    if look == "What safety costs":
        contrasting.curves(sides, mixes)
        return
    drawn = None if look in ("Map", "Room to move", "Doubt") else compared.pair(look, *mixes, evidence, year)
    for place, (column, scenario, mix) in enumerate(
        zip(st.columns(2, gap="medium", border=True), sides, mixes, strict=True)
    ):
        with column:
            st.markdown(f"##### {words.as_typed(scenario.name)}")
            alt = compared.picture(scenario.name, look, mix, evidence)
            if drawn is not None:
                rows = drawn[place][0]
                if rows.empty:
                    st.info(compared.EMPTY)
                else:
                    challenge.told(f"compare_{look}_{place}", alt, drawn[place], rows.round(1))
            elif look == "Map":
                _map(place, mix, mixes, evidence, year)
            elif scenario.kind == "reference":
                st.info(compared.REFERENCE_ONLY)
            else:
                contrasting.long(look, place, scenario, mix, evidence)


def _map(place: int, mix: Mix, mixes: tuple[Mix, Mix], evidence: Evidence, year: int) -> None:
    """The map of one mix, with arcs as wide as those of the other for the same tonnes, and its flows as a table."""
    paint, view = screen.paint(), screen.views()["Routes"]
    shown = flows.flows(mix, evidence, year, flows.EXPECTED)
    deck = maps.deck(shown, evidence, year, max(flows.widest(each) for each in mixes), view, paint)
    sentence = flows.headline(mix, evidence, shown, year, flows.EXPECTED)
    st.caption(words.plain_markdown(sentence))
    st.pydeck_chart(deck, height=min(view.height, 400), key=f"compare_map_{place}", alt=sentence)
    st.dataframe(flows.display(shown), hide_index=True, key=f"compare_flows_{place}", alt=sentence)


def _risk(sides: tuple[Scenario, Scenario]) -> None:
    """Every scenario as a point."""
    panels.head(compared.RISK_TITLE, compared.RISK_NOTE)
    every = pinned.scenarios().values()
    rows = compared.risk_rows({s.label: pinned.mix_of(s) for s in every}, sides[0].label, sides[1].label)
    challenge.told("compare_risk", compared.RISK_TITLE, compared.risk_chart(rows), compared.told_risk(rows))


def numbers(sides: tuple[Scenario, Scenario], mixes: tuple[Mix, Mix], evidence: Evidence) -> None:
    """What differs, as three tables: indicators, routes in a year, levers."""
    names, year = (sides[0].name, sides[1].name), int(mixes[1].choice.target_year)
    left, right = st.columns(2, gap="medium")
    with left:
        panels.head(compared.TABLE_TITLE, compared.TABLE_NOTE)
        challenge.table("compare_indicators", compared.TABLE_TITLE, compared.indicators(*names, *mixes), "content")
    with right:
        panels.head(compared.ROUTES_TITLE.format(year), compared.ROUTES_NOTE)
        table = compared.routes(*names, *mixes, year, evidence)
        challenge.table("compare_routes", compared.ROUTES_TITLE.format(year), table, "content")
        panels.head(compared.LEVERS_TITLE, compared.LEVERS_NOTE)
        table = compared.levers(*names, sides[0].choice, sides[1].choice)
        if any(side.kind == "reference" for side in sides):
            st.info(compared.REFERENCE_NOTE)
        elif table.empty:
            st.info(compared.SAME_LEVERS)
        else:
            challenge.table("compare_levers", compared.LEVERS_TITLE, table, "content")


def split(sides: tuple[Scenario, Scenario]) -> None:
    """What made the difference: unasked where that takes about a second, otherwise on request."""
    panels.head(splitting.TITLE, splitting.NOTE)
    if any(scenario.kind == "reference" for scenario in sides):
        st.info(splitting.NO_LEVERS)
        return
    before, after = (scenario.choice for scenario in sides)
    number = len(before.differences(after))
    if not number:
        st.info(splitting.NO_DIFFERENCE)
        return
    question = (before, after)
    if number > SOON and not bridge.asked_for("split", question, splitting.ask(number, EXACT_MOST)):
        return
    found = bridge.worked_out(
        "split", question, splitting.LABEL, partial(splitting.worked_out, left=before, right=after), "mixes"
    )
    if found is not None and found.complete:
        _parts(found)


def _parts(found: Difference) -> None:
    """The split of one result as a chart with its table, and how it was made."""
    measure = st.segmented_control(
        "Change of", splitting.MEASURES, default=splitting.MEASURES[0], required=True, key="split_measure",
        format_func=lambda name: splitting.indicator(name).label, persist_state="session",
    )  # fmt: skip
    sentence = splitting.sentence(found, measure)
    st.markdown(words.plain_markdown(sentence))
    table = splitting.rows(found, measure)
    challenge.told(
        "split",
        sentence,
        splitting.chart(table, measure),
        splitting.told(table, measure, found.exact or not found.one_by_one),
    )
    st.caption(splitting.KIND_NOTE)
    st.caption(splitting.method(found, measure))
