"""The cost sheets of the workbook work themselves out: as the model has it, and as the model would have it after a change."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest

from model.engine.engine import Answer, Engine
from model.export.workbook.cells import Formula
from model.export.workbook.cost_sheets import Ledger
from model.export.workbook.sheets import sheets
from model.export.workbook.workbook import workbook
from model.formulation.levers import Choice
from model.results.mix import Mix

CHOICE = Choice(china_limit=70, shortfall_limit=30, oxide_price=130, premium_limit=15, smco_capacity=40)
CHANGES = {"rupee": 88.0, "discount_rate": 6.0, "china_price": 120.0}
"""Levers that the second workbook has in its input cells; the mix stays what it was."""
CENT = 1e-5
"""A cent in kUSD."""
OFFICE = shutil.which("soffice")
TOTAL = {"supply_cost_kusd": "B2", "investment_kusd": "B3", "shortage_cost_kusd": "B6", "total_kusd": "B7"}


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    """A mix that buys, builds, stores, and falls short."""
    found = engine.answer(CHOICE)
    assert min(found.mix.shortage_cost_kusd, found.mix.investment_kusd, found.mix.credit_kusd) > 0
    return found


@pytest.fixture(scope="module")
def content(answer: Answer, engine: Engine) -> bytes:
    """The workbook as it is downloaded."""
    return workbook(answer, engine.evidence, date(2026, 1, 31))


def moved(engine: Engine, mix: Mix) -> Mix:
    """The same volumes at other prices, rupee and rate, by the model's own arithmetic."""
    return replace(mix, case=engine.assembler.case(mix.choice.changed(**CHANGES)))


def changed_cells(book: Any, engine: Engine) -> dict[tuple[str, str], float]:
    """The input cells that a person would change for `CHANGES`: (sheet, cell) to value."""
    cells = {("Cost inputs", "C2"): CHANGES["rupee"], ("Cost inputs", "C3"): CHANGES["discount_rate"] / 100}
    for row in book["Prices"].iter_rows(min_row=2):
        if engine.evidence.routes[row[1].value].price_lever == "china_price":
            for cell in row[5:14]:  # 2027 to 2035; 2026 is held at today's course
                cells["Prices", cell.coordinate] = cell.value * CHANGES["china_price"] / 100
    return cells


def formulas_of(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Every formula: sheet, cell, text."""
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, cell.value


def test_the_totals_agree_with_the_model_to_the_cent(content: bytes, answer: Answer) -> None:
    """What stands in the file before any program recalculates it."""
    found = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Cost total"]
    for name, cell in TOTAL.items():
        assert found[cell].value == pytest.approx(getattr(answer.mix, name), abs=CENT), name
    assert found["B9"].value == pytest.approx(answer.mix.objective_kusd, rel=1e-9)
    assert found["D12"].value == pytest.approx(answer.mix.indicators["bill_crore"])


def test_every_total_is_a_formula(content: bytes) -> None:
    """A typed total would not follow; the tie-break and what the solver said are the only amounts that are typed."""
    found = openpyxl.load_workbook(io.BytesIO(content))["Cost total"]
    typed = [row[0].value for row in found.iter_rows(min_row=2) if row[1].value is not None and row[1].data_type != "f"]
    assert typed == ["Tie-break", "Objective as solved", "Magnets delivered"]


SHEETS = (
    "Cost inputs", "Odds", "Discount", "Prices", "Purchases", "Plant cost", "Reserve cost", "Shortage", "Cost by year", "States",
)  # fmt: skip
FUNCTIONS = {"SUM", "SUMIF", "SUMPRODUCT", "MAX", "MIN", "IF", "AVERAGE"}


def test_a_formula_holds_addresses_and_nothing_else(content: bytes) -> None:
    """Names from a data folder never stand in a formula, so nobody's text is run."""
    for sheet, cell, text in formulas_of(content):
        for name in SHEETS:
            text = text.replace(f"'{name}'!", "").replace(f"{name}!", "")
        assert '"' not in text
        assert "!" not in text, (sheet, cell, text)
        assert set(re.findall(r"[A-Za-z]{3,}|[A-Z]+(?=\()", text)) <= FUNCTIONS, (sheet, cell, text)


@pytest.fixture(scope="module")
def recalculated(content: bytes, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Three workbooks without any stored value, worked out by LibreOffice: as it is, with changed inputs, and of another world."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not on this machine; the formulas are checked by a Python library alone")
    folder = tmp_path_factory.mktemp("office")
    other = engine.answer(Choice(discount_rate=0, aim="china", premium_limit=20, shortfall_limit=40))
    books = {name: openpyxl.load_workbook(io.BytesIO(content)) for name in ("same", "moved")}
    for (sheet, cell), value in changed_cells(books["same"], engine).items():
        books["moved"][sheet][cell] = value
    books["other"] = openpyxl.load_workbook(io.BytesIO(workbook(other, engine.evidence)))
    for name, book in books.items():
        book.save(folder / f"{name}.xlsx")  # openpyxl keeps formulas and drops their values
    command = [
        OFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir",
        str(folder / "out"), *(str(folder / f"{name}.xlsx") for name in books),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return {name: openpyxl.load_workbook(folder / "out" / f"{name}.xlsx", data_only=True) for name in books} | {
        "answer": other
    }


def test_libreoffice_gets_every_value_that_the_file_states(content: bytes, recalculated: dict[str, Any]) -> None:
    """More than two thousand formulas, each as the model has it."""
    stated, found, count = openpyxl.load_workbook(io.BytesIO(content), data_only=True), recalculated["same"], 0
    for sheet, cell, text in formulas_of(content):
        said, got = stated[sheet][cell].value, found[sheet][cell].value
        assert isinstance(got, int | float), (sheet, cell, text, got)
        assert got == pytest.approx(said, rel=1e-9, abs=1e-6), (sheet, cell, text)
        count += 1
    assert count > 1500


def test_in_libreoffice_the_cost_follows_prices_the_rupee_and_the_rate(
    recalculated: dict[str, Any], engine: Engine, answer: Answer
) -> None:
    """A finance department changes three things and gets what the model itself makes of this mix."""
    mix, found = moved(engine, answer.mix), recalculated["moved"]["Cost total"]
    assert abs(mix.total_kusd - answer.mix.total_kusd) > 1000
    for name, cell in TOTAL.items():
        assert found[cell].value == pytest.approx(getattr(mix, name), rel=1e-12, abs=CENT), name
    assert found["D7"].value == pytest.approx(mix.total_kusd * 88 / 1e4)


def test_libreoffice_agrees_without_discounting_and_with_another_aim(recalculated: dict[str, Any]) -> None:
    """A rate of nought makes the annuity capital over life."""
    mix, found = recalculated["answer"].mix, recalculated["other"]["Cost total"]
    for name, cell in TOTAL.items():
        assert found[cell].value == pytest.approx(getattr(mix, name), rel=1e-12, abs=CENT), name


@pytest.fixture(scope="module")
def by_library(content: bytes, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """The totals as the library `formulas` works them out, as the file is and with changed inputs."""
    formulas = pytest.importorskip("formulas")
    file = tmp_path_factory.mktemp("library") / "mix.xlsx"
    file.write_bytes(content)
    book = formulas.ExcelModel().loads(str(file)).finish()

    def key(sheet: str, cell: str) -> str:
        return f"'[mix.xlsx]{sheet.upper()}'!{cell}"

    cells = changed_cells(openpyxl.load_workbook(io.BytesIO(content)), engine)
    found = {}
    for name, inputs in (("same", {}), ("moved", {key(*place): value for place, value in cells.items()})):
        solved = book.calculate(inputs=inputs or None)
        found[name] = {of: float(solved[key("Cost total", cell)].value[0, 0]) for of, cell in TOTAL.items()}
    return found


def test_a_library_finds_the_same_totals(
    by_library: dict[str, dict[str, float]], engine: Engine, answer: Answer
) -> None:
    """So that the claim is tested on machines without LibreOffice too, by formulas read from the file alone."""
    for name, mix in (("same", answer.mix), ("moved", moved(engine, answer.mix))):
        for of, value in by_library[name].items():
            assert value == pytest.approx(getattr(mix, of), rel=1e-12, abs=CENT), (name, of)


def test_changed_inputs_are_marked_as_such(content: bytes) -> None:
    """Yellow cells may be changed; no formula is yellow."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    yellow = [
        c for sheet in book for row in sheet.iter_rows(min_row=2) for c in row if c.fill.fgColor.rgb == "FFFFF2CC"
    ]
    assert len(yellow) > 300
    assert not [cell for cell in yellow if cell.data_type == "f"]


def test_the_same_answer_and_date_give_the_same_bytes(answer: Answer, engine: Engine, content: bytes) -> None:
    """A workbook can be compared by its checksum."""
    assert workbook(answer, engine.evidence, date(2026, 1, 31)) == content


def test_the_charts_show_what_the_page_shows(answer: Answer, engine: Engine) -> None:
    """Magnets by route, reserve and shortage as on the Mix page."""
    from pages.parts.charts import mix as charts

    rows = next(list(rows) for name, _, rows in sheets(answer, engine.evidence, date(2026, 1, 31)) if name == "Charts")
    drawn, _ = charts.magnets(answer.mix, engine.evidence)
    wanted = drawn.pivot_table(index="route", columns="year", values="delivered_t", aggfunc="sum")
    found = {row[0]: row[2:] for row in rows if row[1] == "t, expected"}
    assert set(found) == set(wanted.index)
    for name, values in found.items():
        assert list(values) == pytest.approx(wanted.loc[name].tolist(), abs=1e-6), name


def test_each_stated_value_is_that_of_its_formulas_parts(answer: Answer, engine: Engine) -> None:
    """The sheets that make up the total are there, and every formula has a number to show before it is recalculated."""
    ledger = {name: rows for name, _, rows in Ledger(answer.mix, engine.evidence).sheets()}
    cells = [cell[0] if isinstance(cell, tuple) else cell for rows in ledger.values() for row in rows for cell in row]
    made = [cell for cell in cells if isinstance(cell, Formula)]
    assert all(cell.value == cell.value and cell.text.startswith("=") for cell in made)
    paid = sum(row[8].value for row in ledger["Purchases"])
    assert paid == pytest.approx(float(answer.mix.supply_year.sum()))
