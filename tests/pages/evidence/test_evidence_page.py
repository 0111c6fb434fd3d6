"""Claims about the evidence page: every fact is there, marked for what it is, and every number leads to its fact."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import unquote

import pytest
from streamlit.testing.v1 import AppTest

from model.evidence.formulas import names_in
from model.evidence.loading import load_evidence
from model.evidence.schema import Fact
from model.formulation.levers import levers
from pages.parts.evidence import world_market
from pages.parts.text import facts as facts_text

EVIDENCE = load_evidence()
ROWS = facts_text.table(EVIDENCE)
APP = str(Path(__file__).resolve().parents[3] / "app.py")


def open_page(**query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.switch_page("pages/check/evidence.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def fact_of(fact: str, **changes: object) -> Fact:
    return EVIDENCE.facts[fact].model_copy(update=changes)


# -- the table ---------------------------------------------------------------------------------------------------------


def test_every_fact_has_a_row_with_unit_source_and_kind() -> None:
    assert set(ROWS["id"]) == set(EVIDENCE.facts)
    for column in ("Fact", "Value", "Unit", "Year", "Confidence", "Kind", "Source", "Range", "Where used"):
        assert (ROWS[column].str.len() > 0).all(), column


def test_an_analyst_assumption_says_so_in_words() -> None:
    for fact, shown in zip(ROWS["id"], ROWS["Kind"], strict=True):
        assert EVIDENCE.facts[fact].assumption == ("assumption" in shown.lower())
    assert "**Analyst assumption.**" in facts_text.detail(EVIDENCE, EVIDENCE.facts["base_china_cost_2030"])


def test_the_counts_add_up() -> None:
    text = facts_text.counts(EVIDENCE)
    kinds = ROWS["Kind"].value_counts()
    assert text.startswith(
        f"{len(EVIDENCE.facts)} facts, {(ROWS['In the model'] == 'yes').sum()} of them used by the model"
    )
    assert f"{kinds[facts_text.ASSUMPTION]} are analyst assumptions" in text
    assert f"{kinds[facts_text.PUBLISHED]} are published figures" in text


def test_a_fact_reaches_the_model_through_a_formula_too() -> None:
    used = facts_text.in_model(EVIDENCE)
    formula = next(f for f in EVIDENCE.facts.values() if f.formula and f.id in used)
    assert all(name in used for name in names_in(formula.formula or ""))


def test_a_fact_shown_only_on_the_map_or_beside_a_lever_is_context() -> None:
    used = facts_text.in_model(EVIDENCE)
    assert "world_ree_reserves_china" not in used
    assert "base_china_cost_2030" in used


# -- search and filters ------------------------------------------------------------------------------------------------


def test_the_id_of_a_fact_finds_that_fact_alone() -> None:
    assert list(facts_text.search(ROWS, "base_china_cost_2025")["id"]) == ["base_china_cost_2025"]


def test_a_place_finds_just_the_facts_used_there() -> None:
    found = set(facts_text.search(ROWS, "route china_magnets")["id"])
    assert found == {fact.id for fact in facts_text.behind(EVIDENCE, "route china_magnets")}
    assert "base_china_cost_2030" in found


@pytest.mark.parametrize("table", ["route", "sector", "event"])
def test_every_route_sector_and_event_leads_to_facts(table: str) -> None:
    for name in getattr(EVIDENCE, f"{table}s"):
        assert len(facts_text.search(ROWS, f"{table} {name}")) > 0, name


def test_every_lever_leads_to_its_facts() -> None:
    for lever in [lever for lever in levers() if lever.facts]:
        found = set(facts_text.search(ROWS, f"lever {lever.id}")["id"])
        assert found == set(lever.facts), lever.id


def test_all_words_must_occur_and_signs_are_harmless() -> None:
    assert 0 < len(facts_text.search(ROWS, "Chinese  LICENCE")) < len(ROWS)
    assert len(facts_text.search(ROWS, "(.*[ \\")) == 0
    assert len(facts_text.search(ROWS, "  ")) == len(ROWS)


def test_filters_narrow_and_an_empty_filter_does_not() -> None:
    kept = facts_text.narrowed(ROWS, {"Unit": ["USD/kg"], "Kind": [], "Confidence": ["low"]})
    assert set(kept["Unit"]) == {"USD/kg"}
    assert set(kept["Confidence"]) == {"low"}
    assert len(facts_text.narrowed(ROWS, {"Unit": []})) == len(ROWS)


# -- the range bar -----------------------------------------------------------------------------------------------------


def drawing(fact: Fact) -> ET.Element:
    head, _, picture = facts_text.bar(fact).partition(",")
    assert head == "data:image/svg+xml;utf8"
    return ET.fromstring(unquote(picture))


def test_the_bar_runs_from_low_to_high_around_the_value() -> None:
    """Value 48 from 41 to 57 on a line from 0 to 96 that is 108 wide: 6 + 108 * 41 / 96 and so on."""
    picture = drawing(fact_of("base_china_cost_2025", value=48, low=41, high=57))
    paths = [node.get("d") for node in picture if node.tag.endswith("path")]
    assert paths[1:] == ["M52.1 12H70.1", "M60.0 4V20"]


@pytest.mark.parametrize(
    ("value", "low", "high", "shapes"),
    [
        (0, 0, 300, 3),
        (0, None, None, 2),
        (10, None, None, 2),
        (-0.3, -0.3, None, 3),
        (10, 1, 500, 4),
        (10, None, 12, 3),
    ],
)
def test_odd_ranges_draw_within_the_picture(value: float, low: float | None, high: float | None, shapes: int) -> None:
    picture = drawing(fact_of("base_china_cost_2025", value=value, low=low, high=high))
    assert len(picture) == shapes
    place = str(picture[-1].get("d")).removeprefix("M").split(" ")[0]
    assert 6 <= float(place) <= 114


def test_ranges_in_words() -> None:
    assert facts_text.span(fact_of("base_china_cost_2025", low=None, high=None)) == "no range given"
    assert facts_text.span(fact_of("base_china_cost_2025", value=48, low=41, high=57)) == "41 to 57"
    assert facts_text.span(fact_of("base_china_cost_2025", value=48, low=41, high=None)) == "at least 41"


def test_details_hold_every_source_the_formula_and_the_uses() -> None:
    text = facts_text.detail(EVIDENCE, EVIDENCE.facts["base_china_cost_2025"])
    for source in EVIDENCE.facts["base_china_cost_2025"].source.also:
        assert source.url is None or source.url in text
    assert "route china_magnets: Chinese magnets under licence" in text
    derived = next(f for f in EVIDENCE.facts.values() if f.formula)
    assert f"`{derived.formula}`" in facts_text.detail(EVIDENCE, derived)


def test_the_world_adds_up_to_what_the_survey_lists() -> None:
    table = world_market.country_table(EVIDENCE).set_index("Country")
    assert table.at["China", "Reserves, Mt of oxide"] == 44
    assert table.at["India", "Reserves, Mt of oxide"] == 6.9
    assert table.at["USA", "Mine output, t/y of oxide"] == 45000
    rows, _ = world_market.country_chart(EVIDENCE)
    assert rows.groupby("of")["percent"].sum().tolist() == pytest.approx([100, 100])
    assert set(world_market.demand_table(EVIDENCE)["Year"]) == {2024, 2030, 2050}


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_shows_all_facts() -> None:
    app = open_page()
    assert not app.exception
    assert facts_text.counts(EVIDENCE) in app.main.markdown[0].value
    assert len(app.dataframe[0].value) == len(EVIDENCE.facts)


def test_a_link_to_a_fact_opens_that_fact() -> None:
    app = open_page(fact="base_china_cost_2025")
    assert app.text_input(key="evidence_search").value == "base_china_cost_2025"
    assert len(app.dataframe[0].value) == 1
    assert any("Landed cost of Chinese magnets in India, 2025" in text.value for text in app.markdown)


@pytest.mark.parametrize(
    "fact", ["no_such_fact", "<script>alert(1)</script>", "[x](javascript:1)", "a" * 5000, "\u0000", "%ff"]
)
def test_a_bad_link_is_told_and_all_facts_are_shown(fact: str) -> None:
    app = open_page(fact=fact)
    assert not app.exception
    assert "does not exist" in app.main.warning[0].value
    assert len(app.dataframe[0].value) == len(EVIDENCE.facts)


def test_a_search_set_elsewhere_is_taken_over() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.session_state["evidence_search"] = "route japan_magnets"
    app.switch_page("pages/check/evidence.py").run()
    assert not app.exception
    assert len(app.dataframe[0].value) == len(facts_text.behind(EVIDENCE, "route japan_magnets"))


def test_a_search_without_result_says_so() -> None:
    app = open_page()
    app.text_input(key="evidence_search").set_value("zzzz qqqq").run()
    assert not app.exception
    assert any("No fact matches" in info.value for info in app.info)
