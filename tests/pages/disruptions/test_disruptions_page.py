"""Claims about the Disruptions page: what it says happens is what the model says, and bad input is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from model.analysis.stress.disruption import Disruption, disrupt
from model.analysis.stress.shocks import by_hand, from_events
from model.analysis.stress.source_loss import Losses, lose_each
from model.engine.engine import Answer, Engine
from model.errors import InputError
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from pages.parts.charts import layers, maps
from pages.parts.disruptions import charts as disruption_charts
from pages.parts.disruptions import source_loss
from pages.parts.disruptions import text as disruption_text
from pages.parts.text import common as words

APP = str(Path(__file__).resolve().parents[3] / "app.py")
PAGE = "pages/challenge/disruptions.py"


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    """The answer to the default levers."""
    return engine.answer(Choice())


@pytest.fixture(scope="module")
def embargo(engine: Engine, answer: Answer) -> Disruption:
    """What a full embargo does to the three plans."""
    return disrupt(engine, answer, from_events(engine.evidence, ["full_embargo"]))


@pytest.fixture(scope="module")
def lost(engine: Engine, answer: Answer) -> Losses:
    """The loss of each source of the default mix."""
    return lose_each(engine, answer.mix)


def opened() -> AppTest:
    """The page as a visitor first sees it."""
    return AppTest.from_file(APP, default_timeout=120).run().switch_page(PAGE).run()


def test_the_page_opens_with_who_goes_short_what_the_reserve_covers_and_what_it_costs() -> None:
    """One sentence, no click needed."""
    app = opened()
    assert not app.exception
    assert not app.error
    first = app.markdown[0].value
    assert first.startswith("## Full embargo in 2030")
    for part in ("go short", "the reserve covers", "months", "in harm"):
        assert part in first


def test_a_state_of_the_world_does_here_what_it_does_in_the_mix(answer: Answer, embargo: Disruption) -> None:
    """The heat map of the Mix page and this page must not tell two stories about one state, for any user in any year."""
    for name in ("mix", "cheapest", "today"):
        rows = getattr(answer, name).shortage
        own = rows[rows["state"] == "full_embargo"].groupby(["sector", "year"])["short_t"].sum()
        here = embargo.short[embargo.short["plan"] == name].groupby(["sector", "year"])["short_t"].sum()
        assert np.abs(here - own.reindex(here.index).fillna(0.0)).max() < 0.01, name


def test_a_state_put_together_by_hand_equals_the_same_from_the_events(engine: Engine, answer: Answer) -> None:
    """The replay of 2025 cuts three Chinese routes by one share for some months; typed into the widgets it is the same year."""
    evidence = engine.evidence
    event = evidence.events["history_india_2025"]
    cut = event.cuts[0]
    replayed = from_events(evidence, [event.id])
    typed = disruption_text.blow(
        evidence, list(cut.routes), [], 100 * evidence.value(cut.share), evidence.value(event.months), 1
    )
    made = by_hand(evidence, [typed])
    assert np.allclose(made.state.cut, replayed.state.cut)
    one, other = (disrupt(engine, answer, scene) for scene in (made, replayed))
    pd.testing.assert_frame_equal(one.frame, other.frame)
    pd.testing.assert_frame_equal(one.short, other.short)


def test_the_sentence_says_the_numbers_of_its_year(embargo: Disruption) -> None:
    """Short, covered, harm and bill are those of the table; users' shortages add up to the whole; today's course has no reserve."""
    for year in (2026, 2030, 2035):
        now, said = (
            disruption_text.lines(embargo, year)["mix"],
            disruption_text.opening(embargo, year).replace("\u00a0", " "),
        )
        assert f"{words.tonnes(now['short_t'])} of magnets go short" in said, year
        if now["covered_t"] >= 0.5:
            assert f"covers {words.tonnes(now['covered_t'])}" in said
        assert words.inr_crore(words.rounded(now["extra_harm_crore"])) in said
        drawn, _ = disruption_charts.sectors_chart(embargo, year)
        assert drawn[drawn["mix"] == "This mix"]["short_t"].sum() == pytest.approx(now["short_t"], abs=1e-6)
    assert disruption_text.lines(embargo, 2030)["mix"]["covered_t"] > 100
    assert disruption_text.lines(embargo, 2030)["today"]["covered_t"] == pytest.approx(0, abs=0.01)


def test_what_happens_by_hand_is_said_in_words(evidence: Evidence) -> None:
    """Who, how much, what, how dear and how long."""
    for cut, times, goods, said in (
        (60, 1, [], "60 % of all that comes from China lost for six months"),
        (60, 2, [], "60 % of all that comes from China lost and the rest at 2 times the price for six months"),
        (0, 1.5, [], "All that comes from China at 1.5 times the price for six months"),
        (60, 1, ["smco"], "60 % of all that comes from China (samarium-cobalt) lost for six months"),
    ):
        made = disruption_text.blow(evidence, ["from China"], goods, cut, 6, times)
        name = disruption_text.blow_name(evidence, made, ["from China"], goods)
        assert name.lower() == said.lower() or (goods and evidence.commodities["smco"].short in name)


@pytest.mark.parametrize(
    ("who", "cut", "months", "times", "said"),
    [
        ([], 50, 6, 1, "at least one route"),
        (["china_magnets"], 140, 6, 1, "140 %"),
        (["china_magnets"], -1, 6, 1, "-1 %"),
        (["china_magnets"], float("nan"), 6, 1, "impossible"),
        (["china_magnets"], 50, 0, 1, "months"),
        (["china_magnets"], 50, 600, 1, "months"),
        (["china_magnets"], 50, 6, -1, "price factor"),
        (["china_magnets"], 0, 6, 1, "nothing happens"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    evidence: Evidence, who: list[str], cut: float, months: float, times: float, said: str
) -> None:
    """Each refusal names what is wrong and what can be given."""
    with pytest.raises(InputError, match=said):
        by_hand(evidence, [disruption_text.blow(evidence, who, [], cut, months, times)])


def test_bad_input_on_the_page_is_a_sentence_and_the_rest_stands() -> None:
    """No traceback; the loss of each source is still shown."""
    app = opened()
    app.segmented_control(key="shock_kind").set_value("By hand").run()
    assert not app.error
    app.number_input(key="shock_cut").set_value(140.0).run()
    assert not app.exception
    assert len(app.error) == 1
    assert "140 %" in app.error[0].value
    assert any("loss of" in part.value for part in app.markdown)
    app.number_input(key="shock_cut").set_value(60.0)
    app.multiselect(key="shock_who").set_value([]).run()
    assert "choose at least one route" in app.error[0].value
    app.segmented_control(key="shock_kind").set_value("Events together").run()
    app.multiselect(key="shock_events").set_value(["licence_squeeze", "full_embargo"]).run()
    assert not app.exception
    assert "exclude each other" in app.error[0].value


def test_history_can_be_replayed_in_any_year(evidence: Evidence) -> None:
    """Every event of the group history, at both ends of the horizon."""
    app = opened()
    app.segmented_control(key="shock_kind").set_value("From history").run()
    for event in (event for event in evidence.events.values() if event.group == "history"):
        app.selectbox(key="shock_history").set_value(event.id)
        for year in (2026, 2035):
            app.slider(key="shock_year").set_value(year).run()
            assert not app.exception, event.id
            assert not app.error, event.id
            assert app.markdown[0].value.startswith(f"## {event.name} in {year}"), event.id


def test_without_its_largest_source_a_mix_loses_at_most_what_that_brings(
    answer: Answer, lost: Losses, evidence: Evidence
) -> None:
    """Ranked by what goes short; magnets that do not come are the most that can be missing for want of a magnet route."""
    table = source_loss.rows(lost, evidence, 2030, "route")
    assert list(table["short_t"]) == sorted(table["short_t"], reverse=True)
    assert table["origin"].iloc[0] == "China"
    base = float(answer.mix.short[:, :, answer.mix.case.years.index(2030), 0].sum())
    magnets = table[table["kind"] == "magnets"]
    assert (magnets["short_t"] <= magnets["magnets_t"] + base + 0.01).all()
    said = source_loss.opening(table, 2030).replace("\u00a0", " ")
    assert f"the loss of {table['source'].iloc[0]} would hurt most: {words.tonnes(table['short_t'].iloc[0])}" in said


def test_a_country_takes_all_its_routes_with_it(lost: Losses, evidence: Evidence) -> None:
    """By country each stands once, brings what its routes bring, and its loss is no milder than that of one of its routes."""
    by_route, by_country = (source_loss.rows(lost, evidence, 2030, by) for by in ("route", "country"))
    assert sorted(by_country["origin"]) == sorted(set(by_route["origin"]))
    for column in ("magnets_t", "oxide_t"):
        sums = by_route.groupby("origin")[column].sum()
        assert sums.to_dict() == pytest.approx(by_country.set_index("origin")[column].to_dict())
    worst = by_route.groupby("origin")["short_t"].max()
    short = by_country.set_index("origin")["short_t"]
    assert all(short[country] >= worst[country] - 0.01 for country in short.index)


def test_the_map_of_losses_asks_nothing_of_another_server(lost: Losses, evidence: Evidence) -> None:
    """One circle for each source, and no address outside."""
    table = source_loss.rows(lost, evidence, 2030, "route")
    text = source_loss.deck(table, evidence, layers.LIGHT, maps.VIEWS["Routes"]).to_json()
    assert "http" not in text
    circles = next(layer for layer in json.loads(text)["layers"] if layer["id"] == "losses")
    assert len(circles["data"]) == len(table)
