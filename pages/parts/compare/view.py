"""Frames of the Compare page: what is compared, both charts beside each other, and what made the difference."""

from __future__ import annotations

from functools import partial

import streamlit as st

from model.analysis.explain.attribution import EXACT_MOST, Difference
from model.evidence.store import Evidence
from model.results.mix import Mix
from pages.parts import session, sharing
from pages.parts.charts import flows, maps
from pages.parts.charts import mix as charts
from pages.parts.charts.mix import Chart
from pages.parts.compare import attribution, pair_views
from pages.parts.compare import text as compare_text
from pages.parts.components import panels, result, screen
from pages.parts.sharing import pins as pinned
from pages.parts.sharing.pins import Scenario
from pages.parts.text import common as words
from pages.parts.text import mix as mix_text

SOON = 5
"""Up to so many levers the split is worked out unasked: 32 mixes take about a second."""


def pick() -> tuple[Scenario, Scenario]:
    """The two menus, with the button that turns them round."""
    every = pinned.scenarios()
    pins = [name for name, scenario in every.items() if scenario.kind == "pin"]
    for side, otherwise in zip(pinned.SIDES, (pins[-1] if pins else pinned.TODAY, pinned.PRESENT), strict=True):
        session.keep_among(side, every, otherwise)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for side, label in zip(pinned.SIDES, (compare_text.LEFT, compare_text.RIGHT), strict=True):
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
    session.keep_among("beside", {None, *named}, None)
    name = st.selectbox(
        compare_text.BESIDE, list(named), None, key="beside", placeholder=compare_text.BESIDE_NONE, persist_state="session",
        width=360,
    )  # fmt: skip
    if not name:
        return drawn, None
    scenario = Scenario(f"pin-{name}", name, "pin", named[name].choice, named[name])
    mix = pinned.mix_of(scenario)
    moved_notice(scenario, mix)
    if mix is None:
        st.warning(compare_text.NO_MIX.format(words.as_typed(name)), icon=":material/block:")
        return drawn, None
    mine, theirs = compare_text.alike(drawn, charts.magnets(mix, evidence, undisturbed), "delivered_t", ["year"])
    return mine, (name, theirs)


def moved_notice(scenario: Scenario, mix: Mix | None) -> None:
    """Says of a pin that its numbers are no longer those of the moment when it was pinned."""
    if scenario.pin is not None and sharing.moved_since(scenario.pin, mix.total_kusd if mix else None):
        st.warning(compare_text.MOVED_SINCE.format(words.as_typed(scenario.name)), icon=":material/update:")


def draw_beside(name: str, drawn: Chart) -> None:
    """The chart of a pinned mix, beside that of the mix on screen."""
    with st.container(border=True):
        st.markdown(f"#### {words.as_typed(name)}")
        st.caption(compare_text.BESIDE_NOTE)
        result.told("beside_magnets", f"Magnets of {name}", drawn, drawn[0].round(1))


def adopt(scenarios: tuple[Scenario, Scenario]) -> None:
    """A button for each of the two that is a setting of the levers, and not where they stand already."""
    now = session.choice()
    with st.container(horizontal=True):
        for side, scenario in zip(pinned.SIDES, scenarios, strict=True):
            if scenario.kind in ("pin", "story") and scenario.choice != now:
                st.button(
                    f"Adopt {words.as_typed(scenario.name)}", on_click=session.adopt, args=(scenario.choice,),
                    key=f"adopt_{side}", icon=":material/check:",
                )  # fmt: skip


def side_by_side(sides: tuple[Scenario, Scenario], mixes: tuple[Mix, Mix], evidence: Evidence) -> None:
    """The charts of both mixes, of the kind that was picked."""
    look = st.segmented_control(
        compare_text.LOOKS_LABEL, mix_text.LOOKS, default=mix_text.LOOKS[0], required=True, key="compare_look",
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
        pair_views.disruption(sides, evidence, year)
        return
    if look == "What safety costs":
        pair_views.curves(sides, mixes)
        return
    drawn = None if look in ("Map", "Room to move", "Doubt") else compare_text.pair(look, *mixes, evidence, year)
    for place, (column, scenario, mix) in enumerate(
        zip(st.columns(2, gap="medium", border=True), sides, mixes, strict=True)
    ):
        with column:
            st.markdown(f"##### {words.as_typed(scenario.name)}")
            alt = compare_text.picture(scenario.name, look, mix, evidence)
            if drawn is not None:
                rows = drawn[place][0]
                if rows.empty:
                    st.info(compare_text.EMPTY)
                else:
                    result.told(f"compare_{look}_{place}", alt, drawn[place], rows.round(1))
            elif look == "Map":
                _map(place, mix, mixes, evidence, year)
            elif scenario.kind == "reference":
                st.info(compare_text.REFERENCE_ONLY)
            else:
                pair_views.long(look, place, scenario, mix, evidence)


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
    panels.head(compare_text.RISK_TITLE, compare_text.RISK_NOTE)
    every = pinned.scenarios().values()
    rows = compare_text.risk_rows({s.label: pinned.mix_of(s) for s in every}, sides[0].label, sides[1].label)
    result.told("compare_risk", compare_text.RISK_TITLE, compare_text.risk_chart(rows), compare_text.told_risk(rows))


def numbers(sides: tuple[Scenario, Scenario], mixes: tuple[Mix, Mix], evidence: Evidence) -> None:
    """What differs, as three tables: indicators, routes in a year, levers."""
    names, year = (sides[0].name, sides[1].name), int(mixes[1].choice.target_year)
    left, right = st.columns(2, gap="medium")
    with left:
        panels.head(compare_text.TABLE_TITLE, compare_text.TABLE_NOTE)
        result.table("compare_indicators", compare_text.TABLE_TITLE, compare_text.indicators(*names, *mixes), "content")
    with right:
        panels.head(compare_text.ROUTES_TITLE.format(year), compare_text.ROUTES_NOTE)
        table = compare_text.routes(*names, *mixes, year, evidence)
        result.table("compare_routes", compare_text.ROUTES_TITLE.format(year), table, "content")
        panels.head(compare_text.LEVERS_TITLE, compare_text.LEVERS_NOTE)
        table = compare_text.levers(*names, sides[0].choice, sides[1].choice)
        if any(side.kind == "reference" for side in sides):
            st.info(compare_text.REFERENCE_NOTE)
        elif table.empty:
            st.info(compare_text.SAME_LEVERS)
        else:
            result.table("compare_levers", compare_text.LEVERS_TITLE, table, "content")


def split(sides: tuple[Scenario, Scenario]) -> None:
    """What made the difference: unasked where that takes about a second, otherwise on request."""
    panels.head(attribution.TITLE, attribution.NOTE)
    if any(scenario.kind == "reference" for scenario in sides):
        st.info(attribution.NO_LEVERS)
        return
    before, after = (scenario.choice for scenario in sides)
    number = len(before.differences(after))
    if not number:
        st.info(attribution.NO_DIFFERENCE)
        return
    question = (before, after)
    if number > SOON and not session.asked_for("split", question, attribution.ask(number, EXACT_MOST)):
        return
    found = session.worked_out(
        "split", question, attribution.LABEL, partial(attribution.worked_out, left=before, right=after), "mixes"
    )
    if found is not None and found.complete:
        _parts(found)


def _parts(found: Difference) -> None:
    """The split of one result as a chart with its table, and how it was made."""
    measure = st.segmented_control(
        "Change of", attribution.MEASURES, default=attribution.MEASURES[0], required=True, key="split_measure",
        format_func=lambda name: attribution.indicator(name).label, persist_state="session",
    )  # fmt: skip
    sentence = attribution.sentence(found, measure)
    st.markdown(words.plain_markdown(sentence))
    table = attribution.rows(found, measure)
    result.told(
        "split",
        sentence,
        attribution.chart(table, measure),
        attribution.told(table, measure, found.exact or not found.one_by_one),
    )
    st.caption(attribution.KIND_NOTE)
    st.caption(attribution.method(found, measure))
