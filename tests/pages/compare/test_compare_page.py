"""Claims about pinning and the Compare page: numbers are the engine's, names of strangers are plain text, nothing is hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from model.analysis.explain.attribution import ASSUMPTION, POLICY, Difference, difference
from model.analysis.near_optimal.frontier import frontier
from model.analysis.stress.disruption import disrupt
from model.analysis.stress.shocks import from_events
from model.engine.engine import Engine
from model.evidence.schema import Edit
from model.evidence.store import Evidence
from model.export.link.pins import PINS_MOST, Pin
from model.formulation.levers import Choice
from model.results.indicators import INDICATORS
from model.results.mix import Mix
from pages.parts import session
from pages.parts.charts import mix as charts
from pages.parts.compare import attribution, pairs
from pages.parts.compare import text as compare_text
from pages.parts.components import share_bar
from pages.parts.disruptions.text import lines
from pages.parts.sharing import pins as pinning
from pages.parts.text import common as words
from pages.parts.text import mix

APP = str(Path(__file__).resolve().parents[3] / "app.py")
PAGE = "pages/challenge/compare.py"
NASTY = "A <b>x</b> :red[y] *z* $q$ [l](http://x) ![p](http://y)"


@pytest.fixture(scope="module")
def pair(engine: Engine) -> tuple[Mix, Mix]:
    return engine.answer(Choice()).mix, engine.answer(Choice(china_limit=80, china_price=120)).mix


def open_app(**asked: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=300)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def pinned(app: AppTest, name: str) -> AppTest:
    """Pin the levers as they stand, the way the button does. A closed popover draws nothing, so its callback is called by its state."""
    app.session_state["pin"] = True
    app.run()
    app.text_input(key="pin_name").set_value(name)
    app.button(key="pin_it").click().run()
    return app


@pytest.fixture(scope="module")
def page() -> AppTest:
    """The page with one nastily named pin; tests must not change it."""
    app = open_app(china_limit="70")
    pinned(app, NASTY)
    app.slider(key="china_limit").set_value(62.0).run()
    app.switch_page(PAGE)
    return app.run()


# -- words, tables, charts ---------------------------------------------------------------------------------------------


def test_the_sentence_says_what_the_mixes_say(pair: tuple[Mix, Mix]) -> None:
    a, b = pair
    text = compare_text.finding("left", "right", a, b).replace("\u00a0", " ")
    bill = b.indicators["bill_crore"] - a.indicators["bill_crore"]
    assert words.inr_crore(words.rounded(abs(bill))) in text
    assert ("more than" if bill > 0 else "less than") in text
    assert text.endswith(
        f"rests on China for {words.percent(b.indicators['china_share'])} instead of {words.percent(a.indicators['china_share'])}."
    )
    assert "as much as" in compare_text.finding("l", "r", a, a)


def test_every_indicator_is_in_the_table_and_a_visible_change_is_never_called_the_same(pair: tuple[Mix, Mix]) -> None:
    table = compare_text.indicators("l", "r", *pair)
    assert list(table["Indicator"]) == [indicator.label for indicator in INDICATORS]
    for _, left, right, change in table.itertuples(index=False):
        assert (left == right) == (change == "same")


def test_routes_and_their_changes_are_those_of_the_mixes(pair: tuple[Mix, Mix], evidence: Evidence) -> None:
    a, b = pair
    table = compare_text.routes("l", "r", a, b, 2030, evidence).set_index("Route")
    place = a.case.years.index(2030)
    for r, route in enumerate(a.case.routes):
        old, new = (float(mix.expected[r, :, place].sum()) for mix in pair)
        if max(old, new) >= 1:
            assert table.loc[evidence.routes[route].name, "Change, t"] == pytest.approx(new - old, abs=0.06)


def test_only_levers_that_differ_are_listed() -> None:
    table = compare_text.levers("l", "r", Choice(), Choice(china_limit=100, aim="china"))
    assert table.values.tolist() == [
        ["Dependence on China at most", "60 % of demand", "no limit"],
        ["What to aim for", "Least cost", "Least dependence on China"],
    ]


@pytest.mark.parametrize("look", ["Magnets", "Oxide", "New plants", "Reserve"])
def test_both_charts_have_one_scale_that_holds_both(look: str, pair: tuple[Mix, Mix], evidence: Evidence) -> None:
    """A chart with a scale of its own would make the smaller mix look as large."""
    drawn = compare_text.pair(look, *pair, evidence, 2030)
    domains = [
        [e["y"]["scale"]["domain"] for e in compare_text._encodings(spec) if "scale" in e.get("y", {})]
        for _, spec in drawn
    ]
    assert len({tuple(domain) for side in domains for domain in side}) == 1
    top = domains[0][0][1]
    field = {"New plants": "added_t", "Reserve": "stock_t"}.get(look, "delivered_t")
    for rows, _ in drawn:
        assert rows.empty or rows.groupby("year")[field].sum().max() <= top


def test_drawing_two_side_by_side_leaves_the_first_chart_as_it_was(pair: tuple[Mix, Mix], evidence: Evidence) -> None:
    mine = charts.magnets(pair[0], evidence)
    before = repr(mine[1])
    compare_text.alike(mine, charts.magnets(pair[1], evidence), "delivered_t", ["year"])
    assert repr(mine[1]) == before


def test_a_scenario_without_a_mix_is_no_point(pair: tuple[Mix, Mix]) -> None:
    rows = compare_text.risk_rows({"a": pair[0], "b": None, "c": pair[1]}, "a", "c")
    assert list(rows["name"]) == ["a", "c"]
    assert list(rows["role"]) == ["Left", "Right"]
    assert len(compare_text.told_risk(rows)) == 2


def axes(part: Any, name: str) -> list[list[float]]:
    """The reach of every axis of numbers in a specification that says what it is."""
    return [scale["domain"] for axis, scale in pairs._scales(part) if axis == name]


def test_one_disruption_strikes_both_plans_on_one_scale(engine: Engine, evidence: Evidence) -> None:
    """Each chart has that plan's shortage as the model says, and the same reach, which holds both."""
    scene = from_events(evidence, ["full_embargo"])
    answers = [engine.answer(Choice()), engine.answer(Choice(china_limit=100, shortfall_limit=100, reserve_days=0))]
    found = [disrupt(engine, answer, scene) for answer in answers]
    drawn = pairs.one_scale([pairs.shock(each, "mix", 2030) for each in found])
    (left,), (right,) = (axes(spec, "x") for _, spec in drawn)
    assert left == right
    for each, (rows, _) in zip(found, drawn, strict=True):
        short = each.short[(each.short["plan"] == "mix") & (each.short["year"] == 2030)]
        assert rows["short_t"].sum() == pytest.approx(short["short_t"].sum())
        assert left[0] <= rows["share"].min() <= rows["share"].max() <= left[1]
        line = lines(each, 2030)["mix"]
        assert words.tonnes(line["short_t"]) in pairs.shock_sentence(each, "mix", 2030).replace("\u00a0", " ")
    assert drawn[0][0]["share"].sum() != pytest.approx(drawn[1][0]["share"].sum())


def test_what_safety_costs_has_the_same_axes_for_both(engine: Engine) -> None:
    """A line with axes of its own would look as steep as any other."""
    sides = [Choice(), Choice(china_limit=90, china_price=130)]
    curves = [next(frontier(engine, choice, (choice.china_limit,), 3)) for choice in sides]
    alone = [pairs.curve(curve, engine.mix(choice)) for curve, choice in zip(curves, sides, strict=True)]
    drawn = pairs.one_scale(alone)
    for axis, field in (("x", "shortfall_pct"), ("y", "total_crore")):
        reaches = {tuple(reach) for _, spec in drawn for reach in axes(spec, axis)}
        assert len(reaches) == 1
        ((low, high),) = reaches
        assert all(low <= rows[field].min() <= rows[field].max() <= high for rows, _ in drawn)
    assert axes(alone[0][1], "y") != axes(drawn[0][1], "y") or axes(alone[1][1], "y") != axes(drawn[1][1], "y")
    assert all("This mix" in set(rows["line"]) for rows, _ in drawn)


@pytest.fixture(scope="module")
def split(engine: Engine) -> Difference:
    return difference(engine, Choice(), Choice(china_limit=80, china_price=120, rupee=95))


@pytest.mark.parametrize("measure", attribution.MEASURES)
def test_the_bars_follow_each_other_to_the_whole(split: Difference, measure: str) -> None:
    rows = attribution.rows(split, measure)
    parts, whole = rows.iloc[:-1], rows.iloc[-1]
    assert parts["start"].tolist() == pytest.approx([0.0, *parts["end"][:-1]])
    assert parts["end"].iloc[-1] == pytest.approx(whole["end"], rel=1e-6, abs=1e-6)
    assert list(parts["kind"]) == sorted(parts["kind"], key=["Policy", "The world"].index)
    low, high = attribution.chart(rows, measure)[1]["layer"][1]["encoding"]["x"]["scale"]["domain"]
    assert low <= rows[["start", "end"]].to_numpy().min() <= rows[["start", "end"]].to_numpy().max() <= high


def test_the_split_in_words_tells_policy_from_the_world(split: Difference) -> None:
    text = attribution.sentence(split, "bill_crore")
    for kind in (POLICY, ASSUMPTION):
        assert attribution.in_words("bill_crore", split.of_kind(kind, "bill_crore")) in text
    assert "all 6 orders" in attribution.method(split, "bill_crore")


# -- names of strangers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [NASTY, "# head", "1. one", "- a", "a\\b", ":material/home:", "`code`", "~~x~~", "<script>"]
)
def test_typed_text_has_every_mark_of_markdown_taken(text: str) -> None:
    shown = words.as_typed(text)
    for place, mark in enumerate(shown):
        if mark in words.MARKS_OF_MARKDOWN and mark != "\\":
            assert shown[place - 1] == "\\"
    plain = shown.replace("\\\\", "\0").replace(words.APART, "")
    assert plain.replace("\\", "").replace("\0", "\\") == text


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_compares_the_pin_with_the_levers(page: AppTest, engine: Engine) -> None:
    """The newest pin on the left, the levers on the right; the sentence holds the engine's numbers."""
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="compare_left").value.startswith("pin-A ")
    assert page.selectbox(key="compare_right").value == "present"
    name = words.as_typed(NASTY[:40].strip())
    wanted = compare_text.finding(
        name,
        "The levers as they stand",
        engine.answer(Choice(china_limit=70)).mix,
        engine.answer(Choice(china_limit=62)).mix,
    )
    assert any(text.value == f"## {wanted}" for text in page.markdown)


def test_what_made_the_difference_is_shown_unasked_for_few_levers(page: AppTest) -> None:
    assert any(text.value.startswith("Yearly bill: ") for text in page.markdown)
    assert any(text.value == "Exact: only one lever differs." for text in page.caption)


@pytest.mark.parametrize("look", mix.LOOKS)
def test_every_look_is_drawn_for_both(look: str) -> None:
    """Also what takes seconds and is not known yet on either side: two bars with their buttons on one page."""
    session._results.clear()
    app = open_app()
    app.switch_page(PAGE)
    app.run()
    app.selectbox(key="compare_left").set_value("story-eu_65")
    app.session_state["compare_look"] = look
    app.run()
    if look == "What safety costs":
        assert len(app.get("vega_lite_chart")) == 1
        app.button(key="ask_compare_curves").click().run()
    assert not app.exception
    assert not app.error
    assert not any(text.value in (compare_text.EMPTY, compare_text.REFERENCE_ONLY) for text in app.info)
    drawn = [chart for kind in ("vega_lite_chart", "deck_gl_json_chart") for chart in app.get(kind)]
    assert len(drawn) >= (2 if look == "Cost and risk" else 3)  # with the split below


def test_a_story_can_be_adopted_and_taken_back() -> None:
    app = open_app()
    app.switch_page(PAGE)
    app.run()
    app.selectbox(key="compare_left").set_value("story-eu_65").run()
    app.button(key="adopt_compare_left").click().run()
    assert app.slider(key="country_limit").value == 65.0
    app.button(key="undo").click().run()
    assert app.session_state["country_limit"] == 100.0  # where it stands, drawn or folded away


def test_the_notice_of_an_adopted_mix_goes_when_the_levers_move_on() -> None:
    """It speaks of where the levers stand now, and its way back would throw away what was moved since."""
    app = open_app()
    app.switch_page(PAGE)
    app.run()
    app.selectbox(key="compare_left").set_value("story-eu_65").run()
    app.button(key="adopt_compare_left").click().run()
    assert any("now stand where this mix needs them" in box.value for box in app.success)
    app.slider(key="china_limit").set_value(81.0).run()
    assert not app.exception
    assert not any("now stand where" in box.value for box in app.success)
    assert "undo_adopting" not in [button.key for button in app.button]


def test_a_scenario_without_a_mix_says_so() -> None:
    app = open_app(china_limit="0", shortfall_limit="0")
    app.switch_page(PAGE)
    app.run()
    assert not app.exception
    assert any("No mix meets the limits of The levers as they stand" in w.value for w in app.warning)
    assert not any("Today" in w.value for w in app.warning)


def test_no_more_pins_than_a_link_carries() -> None:
    app = open_app()
    app.session_state["_pins"] = tuple(Pin(f"Mix {place}", Choice()) for place in range(PINS_MOST - 1))
    pinned(app, "The last")
    assert app.button(key="pin_it").disabled
    assert len(app.session_state["_pins"]) == PINS_MOST
    app.button(key="unpin_0").click().run()
    assert app.session_state["_pins"][0].name == "Mix 1"


def test_nothing_is_pinned_that_no_link_could_carry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long names and levers all over the place fill a link before the number of pins does."""
    app = open_app()
    pinned(app, "Short")
    monkeypatch.setattr(pinning, "PINS_LENGTH", 300)
    pinned(app, "A longer name for it")
    assert [pin.name for pin in app.session_state["_pins"]] == ["Short"]
    assert app.button(key="pin_it").disabled
    assert any(share_bar.PIN_FULL in text.value for text in app.caption)
    app.button(key="unpin_0").click().run()
    assert not app.button(key="pin_it").disabled


def test_equal_names_get_numbers() -> None:
    app = open_app()
    for _ in range(3):
        pinned(app, "Same")
    assert [pin.name for pin in app.session_state["_pins"]] == ["Same", "Same (2)", "Same (3)"]


def test_a_pin_stands_beside_the_mix(page: AppTest) -> None:
    app = open_app()
    pinned(app, "Before")
    app.slider(key="china_limit").set_value(80.0).run()
    app.selectbox(key="beside").set_value("Before").run()
    assert not app.exception
    assert any(text.value == "#### Before" for text in app.markdown)


def test_a_pin_on_other_numbers_says_so_on_both_pages(evidence: Evidence) -> None:
    """Own numbers in use now are named as a cause, beside the mix and on the page that compares."""
    app = open_app()
    pinned(app, "Before")
    fact = "base_china_cost_2030"
    app.session_state["_own"] = (Edit(fact=fact, value=evidence.value(fact) * 1.1, reason="a test"),)
    app.run()
    app.selectbox(key="beside").set_value("Before").run()
    assert not app.exception
    told = compare_text.MOVED_SINCE.format("Before")
    assert "Own numbers, the data or the model have changed" in told
    assert told in [box.value for box in app.warning]
    app.switch_page(PAGE)
    app.run()
    assert told in [box.value for box in app.warning]


def test_tables_hold_no_surprise_columns(pair: tuple[Mix, Mix]) -> None:
    """The same name on both sides still gives two columns."""
    table = compare_text.indicators("same", "same", *pair)
    assert isinstance(table, pd.DataFrame)
    assert len(table.columns) == len(set(table.columns)) == 4


def test_no_two_entries_of_the_menus_read_the_same() -> None:
    """A menu tells its entries apart by what they are called; a story and a plan share the name of today's course, and a pin may have any."""
    app = open_app()
    pinned(app, "Today's course")
    app.switch_page(PAGE)
    app.run()
    options = list(app.selectbox(key="compare_left").options)
    assert len(options) == len(set(options)) > 10
    app.selectbox(key="compare_left").set_value("today").run()
    app.run()
    assert app.selectbox(key="compare_left").value == "today"
