"""What is taken away says what is on screen: CSV, workbook, scenario and JSON against the mix that they stand for."""

import copy
import io
import json
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import model
from model import provenance
from model.analysis.explain.binding_limits import limits_in_words
from model.analysis.validation.case_record import case_json
from model.engine.engine import Engine
from model.evidence.loading import load_evidence
from model.export import files
from model.export.pack.tables import limits
from model.export.workbook.workbook import INDIAN
from model.formulation.levers import Choice, levers, read_scenario
from model.results.indicators import INDICATORS
from model.results.limit_levels import needs

LIMITED = Choice(china_limit=65, shortfall_limit=25, home_limit=10)


@pytest.fixture(scope="module")
def engine():
    return Engine(load_evidence())


@pytest.fixture(scope="module")
def evidence(engine):
    return engine.evidence


@pytest.fixture(scope="module")
def answer(engine):
    return engine.answer(LIMITED)


@pytest.fixture(scope="module")
def book(answer, evidence):
    return openpyxl.load_workbook(io.BytesIO(files.workbook(answer, evidence)))


@pytest.fixture(scope="module")
def stated(answer, evidence):
    """The same with each formula's value in its place."""
    return openpyxl.load_workbook(io.BytesIO(files.workbook(answer, evidence)), data_only=True)


def rows(book, sheet):
    """A sheet as a list of mappings from its heads to its cells' values."""
    head, *body = book[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def lever_values(lever):
    if lever.kind == "switch":
        return st.booleans()
    if lever.kind == "option":
        return st.sampled_from(lever.options)
    whole = st.integers(int(lever.low), int(lever.high))
    return whole if lever.unit in ("year", "years") else st.floats(lever.low, lever.high) | whole


CHOICES = st.fixed_dictionaries({lever.id: lever_values(lever) for lever in levers()}).map(Choice.of)

# -- CSV ---------------------------------------------------------------------------------------------------------


def test_the_csv_holds_the_mix_row_by_row(answer):
    """A spreadsheet made from the CSV has to add up to what the page shows."""
    found = pd.read_csv(io.BytesIO(files.mix_csv(answer.mix)), encoding="utf-8")
    pd.testing.assert_frame_equal(found, answer.mix.table, check_dtype=False, atol=1e-6, rtol=0)
    assert len(found) > 20


def test_every_column_of_numbers_in_the_csv_says_its_unit(answer):
    """A number without a unit is read wrongly sooner or later."""
    head = files.mix_csv(answer.mix).decode().splitlines()[0].split(",")
    assert head[:3] == ["route", "commodity", "year"]
    assert all(name.endswith(("_t", "_usd_per_kg")) for name in head[3:])


def test_no_cell_of_the_csv_begins_like_a_formula(answer):
    """A spreadsheet runs what begins with = + - or @; ids cannot, and volumes and costs are not negative."""
    for line in files.mix_csv(answer.mix).decode().splitlines():
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", '"')) for cell in line.split(","))


# -- scenario ----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(choice=CHOICES, title=st.text(max_size=300))
def test_a_scenario_loads_back_to_the_same_choice(choice, title, answer, evidence):
    """Whatever the levers and the title, the file leads back to exactly the same program."""
    text = files.scenario_yaml(replace(answer.mix, choice=choice), evidence, title)
    assert read_scenario(text) == choice
    assert read_scenario(text.encode()) == choice


def test_a_scenario_names_every_lever_and_what_it_was_worked_out_with(answer, evidence):
    """A file that holds only what differs from the defaults would change its meaning when a default does."""
    text = files.scenario_yaml(answer.mix, evidence, "For the committee")
    assert all(f"\n  {lever.id}: " in text for lever in levers())
    for part in ("title: For the committee", f"model_version: {model.__version__}", files.digest(evidence, LIMITED)):
        assert part in text
    assert str(evidence.version) in text
    assert f"bill_crore: {answer.mix.indicators['bill_crore']:.9g}" in text


def test_the_digest_depends_on_every_lever_the_data_and_the_model(evidence, monkeypatch):
    """Two results with one digest must be the same result."""
    found = {files.digest(evidence, Choice())}
    for lever in levers():
        other = {"switch": not lever.default, "option": lever.options[-1] if lever.options else ""}
        value = other.get(lever.kind, lever.low if lever.default != lever.low else lever.high)
        found.add(files.digest(evidence, Choice().changed(**{lever.id: value})))
    found.add(files.digest(evidence.with_values({"social_discount_rate": 0.07}), Choice()))
    monkeypatch.setattr(provenance, "__version__", "0.0.0")
    found.add(files.digest(evidence, Choice()))
    assert len(found) == len(levers()) + 3


def test_the_digest_does_not_depend_on_how_a_value_was_written(evidence):
    """65 and 65.0 are one setting, wherever they come from."""
    text = "levers: {china_limit: 65, central_asia_year: 2032.0}"
    assert files.digest(evidence, read_scenario(text)) == files.digest(evidence, Choice(china_limit=65.0))


def test_the_version_of_the_model_is_that_of_the_project():
    """One number, not two that drift apart."""
    import tomllib
    from pathlib import Path

    project = tomllib.loads((Path(model.__file__).parent.parent / "pyproject.toml").read_text())
    assert project["project"]["version"] == model.__version__


# -- workbook ----------------------------------------------------------------------------------------------------


def test_the_sheet_mix_holds_the_numbers_of_the_mix(book, answer, evidence):
    """Row by row and to the last digit: a workbook is quoted."""
    found = rows(book, "Mix")
    table = answer.mix.table.to_dict("records")
    assert len(found) == len(table) > 20
    for row, own in zip(found, table, strict=True):
        assert (row["Route id"], row["Route"], row["Year"]) == (
            own["route"],
            evidence.routes[own["route"]].name,
            own["year"],
        )
        assert row["Product"] == evidence.commodities[own["commodity"]].short
        shown = [row[f"{name} (t/y)"] for name in ("Planned", "Delivered, expected", "Delivered, undisturbed")]
        assert shown == pytest.approx(
            [own["planned_t"], own["delivered_expected_t"], own["delivered_undisturbed_t"]], rel=1e-12
        )
        assert row["Full cost (USD/kg)"] == pytest.approx(own["cost_usd_per_kg"], rel=1e-12)


def test_the_sheet_by_year_adds_up_to_the_sheet_mix(book):
    """Two sheets about one thing must agree."""
    wide, tidy = rows(book, "Route by year"), rows(book, "Mix")
    for year in range(2026, 2036):
        whole = sum(row["Delivered, expected (t/y)"] for row in tidy if row["Year"] == year)
        assert sum(row[f"{year} (t)"] for row in wide) == pytest.approx(whole, abs=1e-3)


def test_the_indicators_stand_beside_both_reference_mixes(book, answer):
    """The change against today's course and the cheapest mix can be worked out from the sheet."""
    found = {row["Id"]: row for row in rows(book, "Indicators")}
    assert set(found) == {indicator.id for indicator in INDICATORS}
    for name, row in found.items():
        for head, mix in (
            ("This mix", answer.mix),
            ("Today's course", answer.today),
            ("Cheapest mix", answer.cheapest),
        ):
            assert row[head] == pytest.approx(mix.indicators[name], rel=1e-12, abs=1e-15)


def test_the_sheet_shortage_agrees_with_the_expected_shortfall(stated, answer):
    """Shortage by users, state and year gives back the indicator when it is added up."""
    years = [year for year in answer.mix.case.years if year >= LIMITED.target_year]
    found = [row for row in rows(stated, "Shortage") if row["Year"] in years]
    shares = [
        sum(row["Short, expected (t)"] for row in found if row["Year"] == year)
        / sum(row["Demand (t)"] for row in found if row["Year"] == year)
        for year in years
    ]
    assert sum(shares) / len(shares) == pytest.approx(answer.mix.indicators["expected_shortfall"], rel=1e-9)
    state = answer.mix.case.state_names[-1]
    assert sum(row[f"{state} (t)"] for row in rows(stated, "Shortage")) == pytest.approx(
        answer.mix.short[..., -1].sum()
    )


def test_states_plants_reserve_and_years_hold_the_numbers_of_the_mix(book, answer):
    """The smaller sheets are quoted as well."""
    mix = answer.mix
    assert sum(row["Probability in a year"] for row in rows(book, "States")) == pytest.approx(1.0)
    assert [row["Id"] for row in rows(book, "States")] == list(mix.case.states)
    assert sum(row["Capital (INR crore)"] for row in rows(book, "Plants")) == pytest.approx(
        mix.indicators["investment_crore"]
    )
    assert [row["In stock (t)"] for row in rows(book, "Reserve")] == pytest.approx(mix.reserve["stock_t"].tolist())
    assert [row["supply_kusd"] for row in rows(book, "Years")] == pytest.approx(mix.years["supply_kusd"].tolist())


def test_the_sheet_levers_shows_every_value_and_marks_what_was_changed(book):
    """The reader sees what was asked, and what was not left as it was."""
    found = {row["Id"]: row for row in rows(book, "Levers")}
    assert set(found) == {lever.id for lever in levers()}
    assert found["shortfall_limit"]["Value"] == 25
    assert found["joint_venture"]["Value"] == "off"
    assert {name for name, row in found.items() if row["Changed"]} == set(LIMITED.differences(Choice()))


def test_the_mix_keeps_the_limits_of_the_sheet_limits(book, answer):
    """What the sheet says the mix reaches is what the program was held to, so no limit that is on can be broken."""
    found = {row["Id"]: row for row in rows(book, "Limits")}
    assert set(found) == set(needs(answer.mix))
    for name, row in found.items():
        if row["On"] == "on":
            over = row["Set at"] - row["This mix"] if name == "home_limit" else row["This mix"] - row["Set at"]
            assert over <= 1e-6 * max(1.0, row["Set at"]), name
    assert found["china_limit"]["Binds"] == "yes"
    assert found["carbon_limit"]["On"] == "off"


def test_every_table_of_limits_says_the_same_of_each(book, answer, engine):
    """Sheet, tidy table, case and page: one answer to whether a limit holds, what the mix needs of it and whether it binds. A budget at
    its default holds too: the program has it."""
    sheet = {row["Id"]: row for row in rows(book, "Limits")}
    tidy = limits(answer.mix).set_index("limit")
    case = {row["limit"]: row["on"] for row in case_json(engine, answer.mix.choice)["limits"]}
    said = {report.lever: report for report in limits_in_words(engine, answer, full=False)}
    for name, need in needs(answer.mix).items():
        held = answer.mix.case.limits[name] is not None and (name, answer.mix.case.limits[name]) != ("home_limit", 0.0)
        assert (sheet[name]["On"] == "on") == tidy.loc[name, "on"] == case[name] == held, name
        assert sheet[name]["This mix"] == pytest.approx(need)
        assert tidy.loc[name, "reached"] == pytest.approx(need)
        if name in said:
            assert (sheet[name]["Binds"] == "yes") == said[name].binding, name
    assert tidy.loc["magnet_budget", "on"]


def test_every_fact_that_the_model_uses_is_listed_with_its_source(book, evidence):
    """Whoever doubts a number finds who said it, and sees where nobody did."""
    found = {row["Id"]: row for row in rows(book, "Facts")}
    assert set(found) == {name for name, places in evidence.uses.items() if places}
    for name, row in found.items():
        fact = evidence.facts[name]
        assert row["Value"] == pytest.approx(fact.value)
        assert row["Source"] == fact.source.body
        assert (row["Analyst assumption"] == "analyst assumption") == fact.assumption
        assert row["Used in"]


def test_the_read_me_says_where_the_numbers_come_from(book, evidence):
    """A workbook outlives the page that it was made on."""
    found = {row["Subject"]: row["Text"] for row in rows(book, "Read me")}
    assert found["Data version"] == evidence.version
    assert found["Model version"] == model.__version__
    assert found["Digest of the inputs"] == files.digest(evidence, LIMITED)
    assert "Worst-case shortfall at most: 25 % of demand (default" in found["Levers changed"]
    assert all(found[subject] for subject in ("Question", "Made on", "How to cite", "Licence", "Analyst assumption"))


def test_heads_are_frozen_and_rupees_grouped_as_in_india(book):
    """The head stays in sight, and 1,23,45,678 is how a crore is read."""
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    places = [(cell.column, cell.value) for cell in book["Plants"][1]]
    column = next(place for place, head in places if "crore" in head)
    assert book["Plants"].cell(2, column).number_format == INDIAN
    rupees = [row for row in book["Indicators"].iter_rows(min_row=2) if "crore" in row[2].value]
    assert rupees
    assert all(row[3].number_format == INDIAN for row in rupees)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x.example","y")', "{=1}", "\t=1", "http://x.example"],
)
def test_a_text_that_looks_like_a_formula_stays_a_text(text, answer, evidence):
    """Names and notes of somebody else's data folder must not run in the reader's spreadsheet, nor become links."""
    hostile = copy.copy(evidence)
    fact = evidence.facts["reserve_holding_cost"]
    source = fact.source.model_copy(update={"body": text, "title": text})
    hostile.facts = evidence.facts | {fact.id: fact.model_copy(update={"what": text, "note": text, "source": source})}
    hostile.routes = {name: route.model_copy(update={"name": text}) for name, route in evidence.routes.items()}
    found = openpyxl.load_workbook(io.BytesIO(files.workbook(answer, hostile)))
    cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert len(cells) > 20
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)


def test_only_the_cost_sheets_hold_formulas(book):
    """Results stay as they are; what looks like a formula elsewhere would be somebody's text."""
    live = {sheet.title for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
    assert live == {
        "Cost total", "Cost by year", "Cost by route", "Prices", "Purchases", "Plant cost", "Reserve cost", "Shortage", "Odds", "Discount",
    }  # fmt: skip


def test_each_limit_has_its_shadow_price(book, answer, engine):
    """The price on the sheet is the one that the page works from, INR crore a year for one unit looser."""
    found = {row["Id"]: row for row in rows(book, "Limits")}
    for report in limits_in_words(engine, answer, full=False):
        price = found[report.lever]["Shadow price: one unit looser saves (INR crore a year)"]
        assert price == pytest.approx(report.price, abs=1e-9), report.lever
    assert found["china_limit"]["Shadow price: one unit looser saves (INR crore a year)"] > 0.1
    assert found["carbon_limit"]["Shadow price: one unit looser saves (INR crore a year)"] is None


# -- JSON --------------------------------------------------------------------------------------------------------


def test_the_objective_is_the_sum_of_its_parts(engine, answer, evidence):
    """Supply, shortage, investment, reserve and preference are reported apart; nothing else is in the objective."""
    for found in (answer, engine.answer(Choice(china_limit=100, shortfall_limit=100))):
        said = files.solve_json(found, evidence)
        parts = ("supply_cost_kusd", "shortage_cost_kusd", "investment_kusd", "reserve_cost_kusd", "preference_kusd")
        assert said["objective_kusd"] == pytest.approx(sum(said[part] for part in parts), rel=1e-9)
        assert all(said[part] > 0 for part in parts)


def test_the_json_of_an_answer_is_whole_and_strict(answer, evidence):
    """Any JSON reader takes it: no NaN, nothing of NumPy, rows as on screen."""
    said = json.loads(json.dumps(files.solve_json(answer, evidence), allow_nan=False))
    assert said["status"] == "optimal"
    assert said["mix"] == json.loads(json.dumps(answer.mix.table.to_dict("records")))
    assert {"name", "probability"} <= set(said["states"][0])
    assert Choice.of(said["levers"]) == LIMITED
    assert said["indicators"] == dict(answer.mix.indicators)
    assert said["indicator_units"].keys() == said["indicators"].keys()
    assert said["proof"]["gap_share"] < 1e-6
    assert (said["data_version"], said["digest"]) == (evidence.version, files.digest(evidence, LIMITED))


CASE_NAMES = [
    "years",
    "routes",
    "commodities",
    "sectors",
    "states",
    "demand",
    "capacity",
    "addmax",
    "price",
    "multiplier",
    "availability",
    "feed",
    "take_or_pay",
    "penalty",
    "investment",
    "annuity",
    "holding",
    "stock_price",
    "refill",
    "final_credit",
    "reserve_max",
    "discount",
    "alpha",
    "carbon",
    "risk_weight",
    "limits",
    "fixed_plan",
    "preference",
]


def test_a_case_has_every_name_that_the_method_promises(engine):
    """An outsider looks for these names."""
    case = json.loads(json.dumps(files.case_json(engine, LIMITED), allow_nan=False))
    assert set(CASE_NAMES) <= set(case)
    assert {"origin"} <= set(case["routes"][0])
    assert {"probability", "length_years"} <= set(case["states"][0])


def test_each_record_of_a_case_has_its_indices_and_one_value(engine):
    """Records are read without guessing: an index is a name or a year, and just one other key carries the number."""
    case = files.case_json(engine, LIMITED)
    indices = {"route", "commodity", "feedstock", "sector", "state", "year", "origin", "column", "scheme"}
    for name in set(CASE_NAMES) - {"years", "routes", "commodities", "sectors", "states", "alpha", "limits"}:
        for entry in case[name]:
            values = set(entry) - indices
            assert len(values) == 1, (name, entry)
            assert isinstance(entry[values.pop()], float)


def test_every_column_has_its_preference(engine):
    """The tie-break is part of the objective: plan, add, fill, deliver, draw and short, each column once."""
    case = files.case_json(engine, LIMITED)
    keys = [tuple((k, v) for k, v in entry.items() if k != "preference_kusd_per_t") for entry in case["preference"]]
    assert len(set(keys)) == len(keys)
    assert {entry["column"] for entry in case["preference"]} == {"plan", "add", "fill", "deliver", "draw", "short"}
    assert sum(entry["column"] == "plan" for entry in case["preference"]) == len(case["products"]) * len(case["years"])
    assert all(2.5e-5 <= entry["preference_kusd_per_t"] <= 7.5e-5 for entry in case["preference"])
