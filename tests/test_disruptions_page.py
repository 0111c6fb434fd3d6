"""Claims about the Disruptions page: what it says happens is what the model says, and bad input is one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from model.evidence import Evidence, InputError
from model.levers import Choice
from model.live import Answer, Engine
from pages.parts import disruptions, layers, maps

APP = str(Path(__file__).resolve().parent.parent / "app.py")
PAGE = "pages/challenge/disruptions.py"


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    """The answer to the default levers."""
    return engine.answer(Choice())


@pytest.fixture(scope="module")
def embargo(engine: Engine, answer: Answer) -> pd.DataFrame:
    """What a full embargo does to the three plans."""
    return disruptions.struck(engine, answer, disruptions.from_events(engine.evidence, ["full_embargo"]))


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


def test_a_state_of_the_world_does_here_what_it_does_in_the_mix(answer: Answer, embargo: pd.DataFrame) -> None:
    """The heat map of the Mix page and this page must not tell two stories about one state, for any user in any year."""
    for name, mix in (("This mix", answer.mix), ("Cheapest mix", answer.cheapest), ("Today's course", answer.today)):
        own = mix.shortage[mix.shortage["state"] == "full_embargo"].groupby(["sector", "year"])["short_t"].sum()
        here = embargo[embargo["name"] == name].set_index(["sector", "year"])["short_t"]
        assert np.abs(here - own.reindex(here.index).fillna(0.0)).max() < 0.01, name


def test_a_state_put_together_by_hand_equals_the_same_from_the_events(engine: Engine, answer: Answer) -> None:
    """The replay of 2025 cuts three Chinese routes by one share for some months; by hand it is the same year."""
    evidence = engine.evidence
    event = evidence.events["history_india_2025"]
    cut = event.cuts[0]
    replayed = disruptions.from_events(evidence, [event.id])
    made = disruptions.by_hand(
        evidence, cut.routes, (), 100 * evidence.value(cut.share), evidence.value(event.months), 1
    )
    assert np.allclose(made.state.cut, replayed.state.cut)
    one, other = (disruptions.struck(engine, answer, shock) for shock in (made, replayed))
    pd.testing.assert_frame_equal(one, other)


def test_the_reserve_covers_what_is_short_without_it_and_not_with_it(embargo: pd.DataFrame) -> None:
    """Covered is worked out by solving again without the reserve; today's course has none, so it covers nothing."""
    table = disruptions.totals(embargo, 2030)
    assert table.loc["This mix", "covered_t"] > 100
    assert table.loc["Today's course", "covered_t"] == pytest.approx(0, abs=0.01)
    assert (table["gap_t"] >= table["short_t"] - 1e-6).all()
    assert (table["cost"] - table["more_bill"] - table["more_harm"]).abs().max() < 1e-9


def test_users_shortages_add_up_to_the_whole(embargo: pd.DataFrame) -> None:
    """The chart by user and the sentence come from the same tonnes."""
    sums = embargo.groupby(["name", "year"], sort=False).agg(short=("short_t", "sum"), whole=("all_short_t", "first"))
    assert (sums["short"] - sums["whole"]).abs().max() < 1e-6


@pytest.mark.parametrize(
    ("who", "cut", "months", "times", "said"),
    [
        ([], 50, 6, 1, "No route"),
        (["china_magnets"], 140, 6, 1, "140 %"),
        (["china_magnets"], -1, 6, 1, "-1 %"),
        (["china_magnets"], float("nan"), 6, 1, "nan"),
        (["china_magnets"], 50, 0, 1, "Months"),
        (["china_magnets"], 50, 600, 1, "Months"),
        (["china_magnets"], 50, 6, 0, "Price factor"),
        (["china_magnets"], 0, 6, 1, "Nothing happens"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(
    evidence: Evidence, who: list[str], cut: float, months: float, times: float, said: str
) -> None:
    """Each refusal names what is wrong and what can be given."""
    with pytest.raises(InputError, match=said):
        disruptions.by_hand(evidence, who, (), cut, months, times)


def test_events_of_one_group_exclude_each_other(evidence: Evidence) -> None:
    """China cannot squeeze licences and stop them altogether in one year."""
    with pytest.raises(InputError, match="exclude each other"):
        disruptions.from_events(evidence, ["licence_squeeze", "full_embargo"])
    with pytest.raises(InputError, match="No event"):
        disruptions.from_events(evidence, [])


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
    assert "No route is chosen" in app.error[0].value
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


def test_without_its_largest_source_a_mix_loses_at_most_what_that_brings(engine: Engine, answer: Answer) -> None:
    """Ranked by what goes short; magnets that do not come are the most that can be missing for want of a magnet route."""
    rows = disruptions.lost(engine, answer.mix, "route")
    table = disruptions.loss_rows(rows, answer.mix, engine.evidence, 2030, "route")
    assert list(table["short_t"]) == sorted(table["short_t"], reverse=True)
    assert table["origin"].iloc[0] == "China"
    base = float(answer.mix.short[:, :, answer.mix.case.years.index(2030), 0].sum())
    magnets = table[table["kind"] == "magnets"]
    assert (magnets["short_t"] <= magnets["planned_t"] + base + 0.01).all()
    assert set(table["source"]) <= set(disruptions.losable(answer.mix, engine.evidence, "route"))


def test_a_country_takes_all_its_routes_with_it(engine: Engine, answer: Answer) -> None:
    """By country there are fewer sources, and each brings what its routes bring."""
    named = disruptions.losable(answer.mix, engine.evidence, "country")
    by_route = disruptions.losable(answer.mix, engine.evidence, "route")
    assert sorted(r for group in named.values() for r in group) == sorted(
        r for group in by_route.values() for r in group
    )
    rows = disruptions.lost(engine, answer.mix, "country")
    table = disruptions.loss_rows(rows, answer.mix, engine.evidence, 2030, "country")
    assert len(table) == len(set(table["origin"]))


def test_the_map_of_losses_asks_nothing_of_another_server(engine: Engine, answer: Answer) -> None:
    """One circle for each source, and no address outside."""
    rows = disruptions.lost(engine, answer.mix, "route")
    table = disruptions.loss_rows(rows, answer.mix, engine.evidence, 2030, "route")
    text = disruptions.loss_map(table, engine.evidence, layers.LIGHT, maps.VIEWS["Routes"]).to_json()
    assert "http" not in text
    circles = next(layer for layer in json.loads(text)["layers"] if layer["id"] == "losses")
    assert len(circles["data"]) == len(table)
