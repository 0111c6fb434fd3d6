"""Claims about the Doubt page: the sentence, the bars and the switching values say what the model found, in words and units."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.analysis.uncertainty.prim import Box, Condition
from model.analysis.uncertainty.robustness import Sample, sample
from model.analysis.uncertainty.scenario_discovery import Conditions, Failure
from model.analysis.uncertainty.tornado import Bar, End, Tornado
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from pages.parts import session
from pages.parts.doubt import sampled_worlds, tornado
from pages.parts.doubt import text as doubt_text
from pages.parts.text import common as words

APP = str(Path(__file__).resolve().parents[3] / "app.py")
PAGE = "pages/challenge/doubt.py"
COST, TAIL = tornado.MEASURES["Cost"], tornado.MEASURES["Shortfall"]


def bar(evidence: Evidence, fact: str, low: End, high: End, switch: float | None = None) -> Bar:
    known = evidence.facts[fact]
    return Bar(fact, known.what, known.unit, known.value, low, high, switch)


@pytest.fixture(scope="module")
def found(evidence: Evidence) -> Tornado:
    """Four facts: one that moves cost most, one at whose high end a route comes in, one without a mix, one that does nothing."""
    price, plain = End(42.0, total_crore=-980.0, tail=0.2), End(85.0, total_crore=990.0, tail=0.2)
    bars = (
        bar(evidence, "smco_price", End(80.0, tail=0.2), End(160.0, tail=0.2)),
        bar(evidence, "base_china_cost_2030", price, plain),
        bar(
            evidence, "penalty_consumer", End(100.0, total_crore=-180.0, tail=0.21),
            End(300.0, total_crore=408.0, tail=0.18, came=("australia_oxide",)), 293.08,
        ),
        bar(evidence, "base_china_avail_2030", End(1500.0, False), End(9000.0, total_crore=-250.0, tail=0.2), 4548.7),
    )  # fmt: skip
    return Tornado(Choice(), 7600.0, 0.2, bars)


# -- words -------------------------------------------------------------------------------------------------------------


def test_the_sentence_names_the_fact_that_weighs_most(found: Tornado) -> None:
    text = doubt_text.finding(found).replace("\u00a0", " ")
    assert "“Landed cost of Chinese magnets in India, 2030”" in text
    assert "42 to 85 USD/kg" in text
    assert "INR 990 crore a year" in text
    assert "2 of 4 facts can change the choice of routes, one of them so far that no mix meets the limits" in text


def test_facts_that_move_nothing_are_not_made_out_to_decide(found: Tornado) -> None:
    quiet = Tornado(found.choice, 7600.0, 0.2, found.bars[:1])
    assert doubt_text.finding(quiet) == "No doubtful number moves the cost of this mix."
    assert tornado.rows(quiet, quiet.bars, COST).empty


def test_a_switching_value_says_where_and_what_then(found: Tornado, evidence: Evidence) -> None:
    _, _, sector, flow = found.bars
    text = doubt_text.switch_sentence(sector, evidence)
    assert "is above 293 USD/kg** (now 150 USD/kg, range 100 to 300 USD/kg)" in text
    assert text.endswith(f"then the mix takes up {evidence.routes['australia_oxide'].name}.")
    text = doubt_text.switch_sentence(flow, evidence)
    assert "is below 4,550 t/y" in text
    assert text.endswith("then no mix meets the limits.")


def test_switching_values_nearest_to_the_fact_come_first(found: Tornado) -> None:
    """1,451 of 7,500 t/y is nearer than 143 of 200 USD/kg."""
    assert [b.fact for b in doubt_text.switching(found.bars)] == ["base_china_avail_2030", "penalty_consumer"]


def test_a_year_is_never_rounded(evidence: Evidence) -> None:
    """A switch in 2031 must not read 2030."""
    year = next(f for f in evidence.facts.values() if f.unit == "calendar year")
    late = bar(evidence, year.id, End(2028.0), End(2033.0, False), 2031.0)
    assert "is 2031 or later**" in doubt_text.switch_sentence(replace(late, value=2029.0), evidence)


def test_a_share_is_never_looked_at_beyond_all(evidence: Evidence) -> None:
    share = next(f for f in evidence.facts.values() if f.unit == "share" and f.value > 0.4)
    low, high = doubt_text.further(bar(evidence, share.id, End(share.value - 0.1), End(share.value)))
    assert low == pytest.approx(min(share.value / 3, share.value - 0.1))
    assert high == 1.0


# -- chart and table ---------------------------------------------------------------------------------------------------


def test_the_widest_come_first_and_an_end_without_a_mix_before_all(found: Tornado) -> None:
    table = tornado.rows(found, found.bars, COST)
    order = list(dict.fromkeys(table["fact"]))
    assert order == ["base_china_avail_2030", "base_china_cost_2030", "penalty_consumer"]
    assert table["possible"].tolist() == [False, True, True, True, True, True]


def test_changes_are_against_the_mix_as_it_is(found: Tornado) -> None:
    """A tail of 21 % is one point more than 20 %; an end without a mix has no change."""
    table = tornado.rows(found, found.bars, TAIL).set_index(["fact", "end"])
    assert table.at[("penalty_consumer", "At its low"), "change"] == pytest.approx(1.0)
    assert table.at[("penalty_consumer", "At its high"), "change"] == pytest.approx(-2.0)
    assert table.loc[("base_china_avail_2030", "At its low")].isna()["change"]


def test_the_table_says_what_the_chart_draws(found: Tornado) -> None:
    table = tornado.rows(found, found.bars, COST)
    drawn, _ = tornado.chart(table, COST)
    told = tornado.told(table, COST)
    assert told["Fact"].tolist() == drawn["what"].tolist()
    assert told[COST.title].tolist()[1:] == drawn["change"].tolist()[1:]
    assert told["Mix"].tolist()[0] == "no mix meets the limits"


def test_a_value_that_cannot_be_is_not_called_a_missing_mix(found: Tornado, evidence: Evidence) -> None:
    """Shares that would sum to more than all are refused before anything is solved."""
    known = found.bars[2]
    odd = replace(known, high=End(known.high.value, False, refused="the shares sum to 110 %"))
    table = tornado.rows(replace(found, bars=(odd,)), (odd,), COST)
    assert table["said"].tolist() == ["", tornado.CANNOT_BE]
    assert "no mix meets the limits" not in tornado.told(table, COST)["Mix"].tolist()
    assert "so far that no mix" not in doubt_text.finding(replace(found, bars=(odd,)))


def test_what_was_moved_by_the_time_of_a_stop_is_said_so(found: Tornado) -> None:
    """Three facts of many must not read as all."""
    part = replace(found, bars=found.bars[:3], complete=False)
    assert doubt_text.finding(part).startswith("Of the 3 facts moved so far, the number that weighs most is")


def test_topics_narrow_the_facts(found: Tornado, evidence: Evidence) -> None:
    every = tornado.topics(found, evidence)
    assert len(tornado.narrowed(found, evidence, every)) == len(found.bars)
    one = tornado.narrowed(found, evidence, every[:1])
    assert 0 < len(one) < len(found.bars)
    assert tornado.narrowed(found, evidence, []) == ()


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def app(found: Tornado, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page with the four facts in place of all, which would take long."""
    monkeypatch.setattr("pages.parts.doubt.view.model_tornado", lambda *_, **__: found)
    session._results.clear()
    opened = AppTest.from_file(APP, default_timeout=120).run()
    opened.switch_page(PAGE).run()
    yield opened
    session._results.clear()


def test_the_page_opens_with_its_finding(app: AppTest) -> None:
    assert not app.exception
    assert not app.main.error
    assert "weighs most" in app.main.markdown[0].value
    assert len(app.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("look", list(tornado.MEASURES))
def test_each_way_to_look_is_drawn(app: AppTest, look: str) -> None:
    app.button_group(key="doubt_look").set_value([look]).run()
    assert not app.exception


def test_no_topic_is_a_sentence(app: AppTest) -> None:
    app.button_group(key="doubt_topics").set_value([]).run()
    assert not app.exception
    assert tornado.NONE_LEFT in [box.value for box in app.warning]


def test_one_fact_is_looked_at_beyond_its_range_and_leads_to_its_source(app: AppTest) -> None:
    app.selectbox(key="doubt_fact").set_value("penalty_consumer").run()
    assert not app.exception
    said = " ".join(text.value for text in app.main.markdown)
    assert "from 50 USD/kg to 450 USD/kg" in said or "between 50 USD/kg and 450 USD/kg" in said
    app.button(key="doubt_open").click().run()
    assert not app.exception
    assert app.session_state["evidence_search"] == "penalty_consumer"


def test_no_fact_or_a_wrong_one_is_a_sentence(engine: Engine) -> None:
    """Whatever asks gets words, not a traceback."""

    def ask() -> None:
        from functools import partial

        from model.analysis.uncertainty.tornado import tornado
        from model.formulation.levers import Choice
        from pages.parts import session

        for name, facts in {"none": (), "wrong": ("no_such_fact",)}.items():
            session.worked_out(name, name, "Moving:", partial(tornado, choice=Choice(), facts=facts))

    app = AppTest.from_function(ask, default_timeout=60).run()
    assert not app.exception
    assert ["no fact was selected" in app.error[0].value, "no_such_fact" in app.error[1].value.replace("\\", "")] == [
        True,
        True,
    ]


# -- sampled worlds ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sampled(engine: Engine) -> Sample:
    """Twelve worlds over two facts, worked out in this process."""
    return sample(engine, Choice(), worlds=12, facts=("base_china_cost_2030", "penalty_central"), processes=0)


@pytest.mark.parametrize("measure", list(sampled_worlds.DRAWN))
def test_the_spread_of_a_plan_is_that_of_its_worlds(sampled: Sample, measure: str) -> None:
    """One line for each plan; the middle world is the median, and nine worlds of ten lie between the ends."""
    rows, _ = sampled_worlds.spread(sampled, measure)
    assert set(rows["plan"]) == set(sampled_worlds.COLOURS)
    for plan, row in zip(sampled.plans, rows.to_dict("records"), strict=True):
        x = sampled_worlds.values(sampled, measure, plan)
        assert row["middle"] == pytest.approx(np.median(x))
        assert ((x >= row["low"]) & (x <= row["high"])).mean() >= 0.8
        assert row["low"] <= row["lower"] <= row["middle"] <= row["upper"] <= row["high"]
    assert sampled_worlds.told(rows, measure).iloc[:, 0].tolist() == rows["plan"].tolist()


def test_the_sentence_of_the_worlds_says_what_they_hold(sampled: Sample) -> None:
    """Middle worlds, one in twenty, and how often each plan is the best."""
    said = sampled_worlds.opening(sampled).replace("\u00a0", " ")
    assert f"leaves {words.percent(float(np.median(sampled.of('tail_shortfall'))))} unserved" in said
    assert f"more than {words.percent(float(np.percentile(sampled.of('tail_shortfall'), 95)))}" in said
    best = (sampled.regret[:, 0] <= 0.5).mean()
    assert f"the least of the three in {words.percent(float(best))} of worlds" in said


def test_conditions_of_failure_are_a_list_with_coverage_and_density(
    sampled: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each condition on a line of its own; without any that separate, that is said."""
    found = Conditions(
        Failure("tail_shortfall", 0.35), Box((Condition(0, 40.0, None), Condition(1, None, 0.6)), 0.27, 0.11, 0.74, 0.3),
        ("one", "two"), {"one": ("Price", "USD/kg"), "two": ("Part", "share")},
    )  # fmt: skip
    monkeypatch.setattr("pages.parts.doubt.sampled_worlds.conditions", lambda _: found)
    said = sampled_worlds.failing(sampled)
    assert "a worst-case shortfall above 35 %: that is so in 27 % of the worlds" in said
    assert "**seven of ten worlds**" in said
    assert "\n- “Price” is at least 40 USD/kg\n- “Part” is at most 60 %\n" in said
    assert "30 % of all failures lie among them (coverage" in said
    assert "74 %, is the density" in said
    assert len(sampled_worlds.failing_table(sampled)) == 2
    blurred = replace(found, box=replace(found.box, density=0.2))
    monkeypatch.setattr("pages.parts.doubt.sampled_worlds.conditions", lambda _: blurred)
    assert "No short list" in sampled_worlds.failing(sampled)


def test_the_summary_tells_regret_and_how_the_worlds_were_drawn(sampled: Sample) -> None:
    table = sampled_worlds.summary(sampled)
    assert (table.loc[table["Measure"].str.startswith("Regret"), "1 in 20 below"] >= 0).all()
    said = sampled_worlds.drawn_as(sampled)
    assert "12 worlds over 2 facts" in said
    assert f"seed {sampled.seed}" in said


def test_worlds_are_drawn_only_on_request(app: AppTest, sampled: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a minute, so nobody gets it without asking."""
    monkeypatch.setattr("pages.parts.doubt.view.model_sample", lambda *_, **__: sampled)
    before = len(app.get("vega_lite_chart"))
    app.button(key="ask_worlds").click().run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == before + 3
    said = " ".join(text.value for text in app.main.markdown)
    assert words.plain_markdown(sampled_worlds.failing(sampled)) in said
