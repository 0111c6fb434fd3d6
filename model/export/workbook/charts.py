"""Charts of the workbook, drawn by the spreadsheet itself from the cells beside them: supply, cost and worst cases by year."""

from __future__ import annotations

from typing import Any

from model.engine.engine import Answer
from model.evidence.store import Evidence
from model.export.workbook.cells import YEARLY
from model.export.workbook.sheets import supply

PARTS = {"Purchases": "#0072B2", "Plants": "#009E73", "Reserve": "#C9B458", "Harm of shortage": "#B3261E"}
"""Parts of the yearly cost with their colours, in the order of the columns of the sheet."""
WIDE, HIGH = 760, 380
FIRST = 2
"""The column at which the years begin."""


def diagrams(book: Any, sheet: Any, answer: Answer, evidence: Evidence) -> None:
    """Three charts under the numbers of the sheet Charts."""
    years = len(answer.mix.case.years)
    shown = supply(answer.mix, evidence)
    below = len(shown) + 6

    def line(row: int) -> dict[str, Any]:
        span = {"categories": ["Charts", 0, FIRST, 0, FIRST + years - 1], "name": ["Charts", row, 0]}
        return span | {"values": ["Charts", row, FIRST, row, FIRST + years - 1]}

    stack = book.add_chart({"type": "column", "subtype": "stacked"})
    for row, (_, colour, _) in enumerate(shown, 1):
        stack.add_series(line(row) | {"fill": {"color": colour}, "gap": 30})
    need = book.add_chart({"type": "line"})
    need.add_series(line(len(shown) + 1) | {"line": {"color": "#1B2733", "width": 2.25}})
    stack.combine(need)
    _place(sheet, stack, "Where India's magnets come from, expected", "Tonnes a year", below, 0)

    cost = book.add_chart({"type": "column", "subtype": "stacked"})
    for place, (name, colour) in enumerate(PARTS.items(), 1):
        cost.add_series(
            {
                "name": name, "categories": [YEARLY, 1, 0, years, 0], "values": [YEARLY, 1, place, years, place],
                "fill": {"color": colour}, "gap": 30,
            }
        )  # fmt: skip
    _place(sheet, cost, "What it costs, year by year (follows the inputs)", "Thousand USD, not discounted", below, 9)

    worst = book.add_chart({"type": "line"})
    for row, colour in ((len(shown) + 2, "#0072B2"), (len(shown) + 3, "#8A8A8A")):
        worst.add_series(line(row) | {"line": {"color": colour, "width": 2.25}})
    _place(sheet, worst, "Average of the worst 5 % of outcomes", "Share of demand unserved", below + 20, 0, "0%")


def _place(sheet: Any, chart: Any, title: str, axis: str, row: int, column: int, form: str = "#,##0") -> None:
    chart.set_title({"name": title, "name_font": {"size": 12}})
    chart.set_y_axis(
        {"name": axis, "major_gridlines": {"visible": True, "line": {"color": "#E6EBF0"}}, "min": 0, "num_format": form}
    )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": WIDE, "height": HIGH})
    sheet.insert_chart(row, column, chart)
