"""Claims about the Alternatives page: the sentence, the ranges and the mixes say the same as the model, and adopting can be undone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from model.analysis.near_optimal import ranges as ranges_module
from model.analysis.near_optimal.alternatives import alternatives
from model.analysis.near_optimal.ranges import MARGIN, Range, Ranges
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from model.results.comparison import apart
from model.results.mix import Mix
from pages.parts import session
from pages.parts.alternatives import ranges as ranges_parts
from pages.parts.alternatives import text as alternatives_text
from pages.parts.session import long_task
from pages.parts.text import common as words

APP = str(Path(__file__).resolve().parents[3] / "app.py")
PAGE = "pages/challenge/alternatives.py"


@pytest.fixture(scope="module")
def mix(engine: Engine) -> Mix:
    return engine.mix(Choice())


def made(mix: Mix, **ends: tuple[float, float]) -> Ranges:
    """Ranges of the routes named, t over all years with decisions; any other route can supply nothing."""
    demand = float(mix.case.total_demand[~mix.case.fixed].sum())
    pairs = {route: ends.get(route, (0.0, 0.0)) for route in mix.case.routes}
    found = tuple(Range(route, None, low, low, high, demand) for route, (low, high) in pairs.items())
    return Ranges(mix.choice, MARGIN, found)


def open_page() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=300).run()
    app.switch_page(PAGE)
    return app.run()


@pytest.fixture(scope="module")
def page() -> AppTest:
    """The page at the default levers; tests must not change it."""
    return open_page()


def headline(app: AppTest) -> str:
    return app.main.markdown[0].value.replace("\u00a0", " ")


# -- the sentence ------------------------------------------------------------------------------------------------------


def test_the_sentence_names_what_is_needed_and_what_is_most_open(mix: Mix, evidence: Evidence) -> None:
    """Nine years: 27,900 t are 3,100 t a year, and 0 to 18,000 t are 0 to 2,000 t a year."""
    found = made(mix, china_magnets=(27900.0, 28000.0), indian_plants=(0.0, 18000.0), japan_magnets=(0.0, 900.0))
    text = ranges_parts.finding(found, mix, evidence).replace("\u00a0", " ")
    assert text.startswith(
        "Within 5 % of the least cost, no plan for 2027 to 2035 can do without China (at least 3,100 t"
    )
    assert text.endswith("but Indian plants can supply anything from 0 to 2,000 t.")


def test_when_nothing_is_needed_the_sentence_says_so(mix: Mix, evidence: Evidence) -> None:
    text = ranges_parts.finding(made(mix, china_magnets=(0.0, 45000.0)), mix, evidence)
    assert "no route is needed in every plan" in text
    assert "China can supply anything from 0 to 5,000 t" in text


def test_when_nothing_can_move_the_sentence_says_so(mix: Mix, evidence: Evidence) -> None:
    """At a margin of 0 one plan is left."""
    found = replace(made(mix, china_magnets=(27900.0, 27900.0), indian_plants=(900.0, 900.0)), margin=0.0)
    text = ranges_parts.finding(found, mix, evidence)
    assert text.startswith("At the least cost, no plan")
    assert text.endswith("every other route is all but settled.")


# -- charts and tables -------------------------------------------------------------------------------------------------


def test_every_route_is_drawn_once_and_its_table_says_the_same(mix: Mix, evidence: Evidence) -> None:
    rows = ranges_parts.horizon(made(mix, china_magnets=(27900.0, 45000.0), china_oxides=(0.0, 900.0)), mix, evidence)
    drawn = [ranges_parts.bars(rows, product)[0] for product in ("magnet", "oxide")]
    assert sorted([*drawn[0]["id"], *drawn[1]["id"]]) == sorted(mix.case.routes)
    china = ranges_parts.told(drawn[0]).set_index("Route").loc["China"]
    assert china["Least, t a year"] == 3100.0
    assert china["Most, t a year"] == 5000.0
    assert "Least, % of demand" not in ranges_parts.told(drawn[1])  # a share of magnet demand says nothing about oxide


@pytest.mark.parametrize(
    ("ends", "kind"), [((27900.0, 45000.0), "Must-have"), ((0.0, 45000.0), "Real choice"), ((0.0, 0.0), "Never")]
)
def test_a_class_has_a_word_a_shape_and_a_colour(
    mix: Mix, evidence: Evidence, ends: tuple[float, float], kind: str
) -> None:
    """Who cannot tell the colours apart still reads the class."""
    rows = ranges_parts.horizon(made(mix, china_magnets=ends), mix, evidence).set_index("id")
    assert rows.at["china_magnets", "kind"] == kind
    assert len(set(ranges_parts.KIND_SHAPES.values())) == len(set(ranges_parts.KIND_COLOURS.values())) == 3
    assert kind in ranges_parts.KIND_NOTE


def test_the_mark_is_the_mix_on_screen(mix: Mix, evidence: Evidence) -> None:
    rows = ranges_parts.horizon(made(mix), mix, evidence).set_index("id")
    r = mix.case.routes.index("china_magnets")
    assert rows.at["china_magnets", "now_t"] == pytest.approx(mix.expected[r][:, ~mix.case.fixed].sum() / 9)


@pytest.fixture(scope="module")
def found(engine: Engine):  # type: ignore[no-untyped-def]
    return alternatives(engine, Choice(), MARGIN)


def test_a_card_says_what_the_mix_is_like(mix: Mix, found) -> None:  # type: ignore[no-untyped-def]
    assert found.mixes
    for place, other in enumerate(found.mixes, 1):
        text = alternatives_text.card(place, other, mix)
        assert other.name in text
        assert words.percent(other.mix.indicators["china_share"]) in text


def test_only_a_mix_that_the_levers_lead_to_can_be_adopted(engine: Engine, found) -> None:  # type: ignore[no-untyped-def]
    """A button that leads elsewhere would be a lie; what cannot be adopted can be taken away as a file."""
    for other in found.mixes:
        said = alternatives_text.set_to(other, Choice())
        if alternatives_text.can_adopt(other):
            assert said.startswith("Adopting sets ")
            assert apart(engine.mix(other.choice), other.mix) <= alternatives_text.NEAR
        else:
            assert "not adopted" in said
    far = replace(found.mixes[0], gap_share=found.mixes[0].moved_share)
    assert not alternatives_text.can_adopt(far)


def test_the_bars_of_a_mix_add_up_to_what_is_delivered(evidence: Evidence, found) -> None:  # type: ignore[no-untyped-def]
    rows, _ = alternatives_text.supply_chart(found, evidence)
    whole = rows.groupby("mix")["share"].sum()
    assert len(whole) == len(found.mixes) + 1
    assert whole.between(60, 130).all()
    table = alternatives_text.told_supply(rows)
    assert table.drop(columns=table.columns[0]).sum(axis=1).tolist() == pytest.approx(
        whole[table.iloc[:, 0]].tolist(), abs=1.0
    )


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_opens_with_its_finding(page: AppTest) -> None:
    assert not page.exception
    assert not page.error
    assert "Within 5 % of the least cost" in headline(page)
    assert "can supply anything from" in headline(page)


def test_adopting_sets_the_levers_and_can_be_undone(page: AppTest) -> None:
    app = open_page()
    before = {slider.key: slider.value for slider in app.slider}
    next(button for button in app.button if str(button.key).startswith("adopt_")).click().run()
    assert not app.exception
    moved = {slider.key: slider.value for slider in app.slider if slider.value != before[slider.key]}
    assert moved
    app.button(key="undo_adopting").click().run()
    assert {slider.key: slider.value for slider in app.slider} == before


def test_one_route_can_be_seen_year_by_year() -> None:
    app = open_page()
    app.selectbox(key="range_route").set_value("indian_plants").run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == len(open_page().get("vega_lite_chart")) + 1


class Clicking:
    """The bar of the ranges, whose visitor presses the button beside it once so many pieces are done: its callback, and then a new run."""

    def __init__(self, pieces: int, bar: Any, spot: str, key: Any) -> None:
        self.pieces, self.bar, self.spot, self.key = pieces, bar, spot, key

    def progress(self, *how: Any) -> None:
        self.bar.progress(*how)
        job = long_task._results().under_way(self.key)
        if self.spot == "ranges" and job is not None and job.at[0] >= self.pieces:
            long_task._stop_at(self.spot, self.key)
            st.rerun()


def test_stopped_work_shows_what_was_reached_and_can_be_gone_on_with(
    mix: Mix, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopping is no dead end: the routes looked at by then stand as a part, said to be so, and going on looks at the rest only."""
    session._results.clear()
    bar = long_task._bar
    with monkeypatch.context() as patch:
        patch.setattr(long_task, "LOOK_S", 0.02)
        patch.setattr(long_task, "_bar", lambda *asked: Clicking(4, bar(*asked), *asked[1:3]))
        app = open_page()
        assert not app.exception
        [notice] = [box.value for box in app.warning if "Stopped after" in box.value]
    part = session._results().result((session._folder(), "ranges", (Choice(), MARGIN)))
    assert part is not None
    reached, of_all = part.at
    assert 4 <= reached < of_all == len(mix.case.routes)
    assert f"Stopped after {reached} of {of_all} routes" in notice
    assert len(part.value.ranges) == reached
    assert "looked at so far" in headline(app)
    steps: list[int] = []
    looked = ranges_module.ranges

    def noted(*asked: Any, progress: Any, **more: Any) -> Ranges:
        return looked(*asked, progress=lambda done, total: (steps.append(done), progress(done, total)), **more)

    monkeypatch.setattr("pages.parts.alternatives.view.ranges", noted)
    app.button(key="go_on_ranges").click().run()
    assert not any("Stopped after" in box.value for box in app.warning)
    assert "Within 5 % of the least cost" in headline(app)
    assert min(steps) >= reached
    whole = session._results().result((session._folder(), "ranges", (Choice(), MARGIN)))
    assert whole is not None
    assert whole.complete
    assert whole.value.ranges[:reached] == part.value.ranges


def test_an_impossible_margin_is_a_sentence() -> None:
    """The slider cannot ask for it, but whatever asks gets words."""

    def ask() -> None:
        from functools import partial

        from model.analysis.near_optimal.ranges import ranges
        from model.formulation.levers import Choice
        from pages.parts import session

        session.worked_out("ranges", "impossible", "Looking:", partial(ranges, choice=Choice(), margin=140.0))

    app = AppTest.from_function(ask, default_timeout=60).run()
    assert not app.exception
    assert "margin" in app.error[0].value
    assert "140" in app.error[0].value
