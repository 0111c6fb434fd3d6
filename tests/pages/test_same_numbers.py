"""One walk over everything that leaves the house: each number in workbook, brief, CSV, JSON and pack is the one on screen."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from model.engine.engine import Answer, Engine
from model.evidence.schema import MAGNETS
from model.export.brief.text import words as brief_words
from model.export.files import mix_csv, scenario_yaml, solve_json, workbook
from model.export.pack.pack import pack
from model.export.pack.verify import unpacked
from model.formulation.levers import Choice
from model.results.indicators import INDICATORS
from pages.parts.charts import mix as charts
from pages.parts.text import common as words

CHOICE = Choice(china_limit=70, shortfall_limit=30)
DAY = date(2026, 1, 31)
APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture(scope="module")
def screen() -> AppTest:
    """The Mix page with these levers in its address."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name in ("china_limit", "shortfall_limit"):
        app.query_params[name] = f"{getattr(CHOICE, name):g}"
    app.run()
    assert not app.exception
    return app


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    """The same answer, worked out without the screen."""
    return engine.answer(CHOICE)


@pytest.fixture(scope="module")
def indicators(answer: Answer, engine: Engine) -> dict[str, dict[str, tuple[float, float]]]:
    """Indicator id -> (this mix, today's course), as each kind of file states it."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(answer, engine.evidence, DAY)), data_only=True)
    sheet = {row[1]: (row[3], row[4]) for row in book["Indicators"].iter_rows(min_row=2, values_only=True)}
    said = json.loads(json.dumps(solve_json(answer, engine.evidence)))
    files = unpacked(pack(engine, CHOICE, DAY))
    result = json.loads(files["result.json"])
    rows = csv.DictReader(io.StringIO(files["tables/indicators.csv"].decode()))
    total = book["Cost total"]
    cost = {"bill_crore": total["D12"].value, "harm_crore": total["D13"].value, "cost_usd_per_kg": total["B15"].value}
    today = answer.today.indicators
    return {
        "workbook": sheet,
        "cost sheets": {name: (value, today[name]) for name, value in cost.items()},
        "JSON": {name: (value, said["today"]["indicators"][name]) for name, value in said["indicators"].items()},
        "pack": {name: (value, result["today"]["indicators"][name]) for name, value in result["indicators"].items()},
        "pack's table": {row["indicator"]: (float(row["this_mix"]), float(row["today"])) for row in rows},
    }


def shown(screen: AppTest) -> dict[str, tuple[str, str]]:
    """Label -> (value, change) of every indicator on screen."""
    return {metric.label: (metric.value, metric.delta) for metric in screen.metric}


def test_every_indicator_in_every_file_is_the_one_on_screen(
    screen: AppTest, indicators: dict[str, dict[str, tuple[float, float]]]
) -> None:
    """Value and change against today's course, as the page writes them."""
    wall = shown(screen)
    by_id = {indicator.id: indicator for indicator in INDICATORS}
    for place, found in indicators.items():
        assert set(found) == set(by_id) or place == "cost sheets"
        for name, (mine, theirs) in found.items():
            indicator = by_id[name]
            value, change = wall[indicator.label]
            assert words.indicator_value(indicator, mine) == value, (place, name)
            moved = words.indicator_change(indicator, mine - theirs)
            assert str(moved or "0") == str(change or "0"), (place, name)


def test_the_brief_states_what_the_screen_states(screen: AppTest, answer: Answer, engine: Engine) -> None:
    """Headline and wall of indicators, letter by letter."""
    said, wall = brief_words(engine, answer, DAY), shown(screen)
    assert any(text.value == f"## {said.headline}" for text in screen.markdown)
    for line in said.lines:
        value, change = wall[line.label.removesuffix(", a year")]
        assert line.mine == value
        assert line.change == change or (line.change == "same" and str(change) in {"0", ""})


def test_the_scenario_states_what_the_screen_states(screen: AppTest, answer: Answer, engine: Engine) -> None:
    """The headline results in the scenario file, read back as numbers."""
    import yaml

    results, wall = yaml.safe_load(scenario_yaml(answer.mix, engine.evidence))["results"], shown(screen)
    for indicator in INDICATORS:
        assert words.indicator_value(indicator, results[indicator.id]) == wall[indicator.label][0]


def summed(rows: Any) -> dict[tuple[str, int], float]:
    """(route, year) -> tonnes of magnets, from rows of route, commodity, year and tonnes."""
    found: dict[tuple[str, int], float] = {}
    for route, commodity, year, tonnes in rows:
        if commodity in MAGNETS:
            key = (str(route), int(year))
            found[key] = found.get(key, 0.0) + float(tonnes)
    return found


def test_every_tonne_in_every_file_is_the_one_in_the_chart(answer: Answer, engine: Engine) -> None:
    """Magnets by route and year, expected: chart, workbook, CSV, JSON and pack."""
    evidence = engine.evidence
    drawn, _ = charts.magnets(answer.mix, evidence)
    names = {route.id: route.short for route in evidence.routes.values()}
    wanted = {(row["route"], int(row["year"])): row["delivered_t"] for row in drawn.to_dict("records")}
    product = {evidence.commodities[c].short: c for c in evidence.commodities}
    book = openpyxl.load_workbook(io.BytesIO(workbook(answer, evidence, DAY)), data_only=True)
    files = unpacked(pack(engine, CHOICE, DAY))

    def of_csv(content: bytes) -> Any:
        rows = csv.DictReader(io.StringIO(content.decode()))
        return [(r["route"], r["commodity"], r["year"], r["delivered_expected_t"]) for r in rows]

    columns = ("route", "commodity", "year", "delivered_expected_t")
    sources = {
        "workbook": [
            (row[1], product[row[2]], row[3], row[5]) for row in book["Mix"].iter_rows(min_row=2, values_only=True)
        ],
        "CSV": of_csv(mix_csv(answer.mix)),
        "JSON": [tuple(row[c] for c in columns) for row in solve_json(answer, evidence)["mix"]],
        "pack": of_csv(files["tables/mix.csv"]),
        "pack's result": [tuple(row[c] for c in columns) for row in json.loads(files["result.json"])["mix"]],
    }
    for place, rows in sources.items():
        found = summed(rows)
        assert found, place
        for (route, year), tonnes in found.items():
            assert tonnes == pytest.approx(wanted[names[route], year], abs=1e-5), (place, route, year)


def test_deliveries_by_state_add_up_to_what_is_expected(answer: Answer, engine: Engine) -> None:
    """The pack's table of all states gives back the expected deliveries with the pack's own probabilities."""
    files = unpacked(pack(engine, CHOICE, DAY))
    read = {
        name: list(csv.DictReader(io.StringIO(files[f"tables/{name}.csv"].decode())))
        for name in ("deliveries", "states", "mix")
    }
    odds = {row["state"]: float(row["probability_per_year"]) for row in read["states"]}
    assert sum(odds.values()) == pytest.approx(1.0)
    sums: dict[tuple[str, ...], float] = {}
    for row in read["deliveries"]:
        key = tuple(row[name] for name in ("route", "commodity", "year"))
        sums[key] = sums.get(key, 0.0) + odds[row["state"]] * float(row["delivered_t"])
    for row in read["mix"]:
        key = tuple(row[name] for name in ("route", "commodity", "year"))
        assert sums[key] == pytest.approx(float(row["delivered_expected_t"]), rel=1e-9, abs=1e-6)
