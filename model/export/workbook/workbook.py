"""The workbook that an answer is taken away in: one sheet a subject, texts as texts, numbers as numbers with their units.

A text is always written as a string, never as a formula or a link, whatever it begins with; formulas come from `ledger` alone and
hold nothing but addresses of cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from model import __version__
from model.engine.engine import Answer
from model.evidence.store import Evidence
from model.export.workbook.cells import Column, Formula, Row
from model.export.workbook.charts import diagrams
from model.export.workbook.sheets import sheets

TEXT_LENGTH = 32_000
"""A cell of a workbook holds little more characters than this."""
A4, PRINTED_WHOLE = 9, 22
"""Number of the paper, and how many columns are made to fit on a sheet of it."""
LINE, HIGHEST = 15.0, 400.0
"""Points of a line, and of the highest row."""
INDIAN = r"[>=10000000]##\,##\,##\,##0;[>=100000]##\,##\,##0;#,##0.0"
"""Number format with digits grouped as in India: thousands, then pairs."""
LOOKS = {
    "text": {"text_wrap": True, "valign": "top"},
    "whole": {"num_format": "0", "valign": "top"},
    "number": {"num_format": "General", "valign": "top"},
    "kusd": {"num_format": "#,##0", "valign": "top"},
    "tonnes": {"num_format": "#,##0.0", "valign": "top"},
    "money": {"num_format": "#,##0.00", "valign": "top"},
    "share": {"num_format": "0.0%", "valign": "top"},
    "crore": {"num_format": INDIAN, "valign": "top"},
    "factor": {"num_format": "0.0000", "valign": "top"},
    "input": {"num_format": "#,##0.00##", "valign": "top", "bg_color": "#FFF2CC"},
    "input_share": {"num_format": "0.0##%", "valign": "top", "bg_color": "#FFF2CC"},
}
"""Cell formats by name."""


def workbook(answer: Answer, evidence: Evidence, made_on: date | None = None) -> bytes:
    """The answer as an .xlsx file: read-me, levers, indicators, charts, mix, years, plants, reserve, states, the cost with live formulas,
    limits, facts. The same bytes for the same answer and date (today's by default)."""
    made_on, stream = made_on or date.today(), BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties(
        {
            "title": "India magnet explorer", "comments": f"Model {__version__}, data {evidence.version}",
            "created": datetime(made_on.year, made_on.month, made_on.day),
        }
    )  # fmt: skip
    looks = {name: book.add_format(look) for name, look in LOOKS.items()}
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7ECF2", "bottom": 1})
    for name, columns, rows in sheets(answer, evidence, made_on):
        sheet = book.add_worksheet(name)
        _write(sheet, columns, rows, looks, head)
        if name == "Charts":
            diagrams(book, sheet, answer, evidence)
    book.close()
    return stream.getvalue()


def _write(sheet: Any, columns: Sequence[Column], rows: Iterable[Row], looks: dict[str, Any], head: Any) -> None:  # fmt: skip
    """One sheet with its head frozen, each row as high as its longest text needs."""
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.head, head)
    sheet.set_row(0, _high([column.head for column in columns], columns))
    last = 0
    for last, row in enumerate(rows, 1):
        cells = [
            cell if isinstance(cell, tuple) else (cell, column.look) for cell, column in zip(row, columns, strict=True)
        ]
        for place, (value, look) in enumerate(cells):
            if isinstance(value, Formula):
                sheet.write_formula(last, place, value.text, looks[look], value.value)
            elif isinstance(value, str):
                sheet.write_string(last, place, value[:TEXT_LENGTH], looks["text"])
            elif value is None or not math.isfinite(value):
                sheet.write_blank(last, place, None, looks["text"])
            else:
                sheet.write_number(last, place, value, looks[look])
        sheet.set_row(last, _high([value for value, _ in cells], columns))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(A4)
    if len(columns) <= PRINTED_WHOLE:
        sheet.fit_to_pages(1, 0)
    sheet.autofilter(0, 0, max(1, last), len(columns) - 1)


def _high(values: Sequence[object], columns: Sequence[Column]) -> float:
    """Height of a row in points: not every program works it out by itself."""
    texts = ((value, column.width) for value, column in zip(values, columns, strict=True) if isinstance(value, str))
    lines = max((sum(_lines(part, width) for part in text.split("\n")) for text, width in texts), default=1)
    return min(HIGHEST, LINE * lines)


def _lines(text: str, width: float) -> int:
    """Lines that a paragraph takes in a column of so many characters; long words break early."""
    return max(1, math.ceil(len(text) / width))
