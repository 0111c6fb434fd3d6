"""The brief as a PDF of A4 pages."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics import renderPDF
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame, Paragraph, Table

from model.engine.engine import Answer, Engine
from model.export.brief.figures import BOLD, EDGE, GAP, INK, PALE, PLAIN, _figures, fonts
from model.export.brief.text import Words, words
from model.results.headline import BINDING_TITLE


def brief_pdf(engine: Engine, answer: Answer, made_on: date | None = None) -> bytes:
    """The brief as one A4 page of PDF with its fonts inside; the same bytes for the same answer and date."""
    said, figures = words(engine, answer, made_on or date.today()), _figures(engine, answer)
    stream = BytesIO()
    page = Canvas(stream, pagesize=A4, invariant=True, lang="en-GB")
    page.setTitle(said.title)
    page.setSubject(said.identity)
    page.setAuthor("India magnet explorer")
    wide, y = A4[0] - 2 * EDGE, A4[1] - EDGE
    year = int(answer.mix.choice.target_year)

    def flow(parts: list[Any], x: float, top: float, room: float, high: float) -> float:
        """Lay parts under each other from `top`; they shrink to fit. Where they end."""
        kept = KeepInFrame(room, high, parts, mode="shrink")
        _, taken = kept.wrapOn(page, room, high)
        kept.drawOn(page, x, top - taken)
        return float(top - taken)

    y = (
        flow(
            [
                _par(f"{said.title.upper()}   \u00b7   {said.day}", 7.5, ink="#5B6873"),
                _par(said.headline, 12.5, bold=True),
            ],
            EDGE,
            y,
            wide,
            80,
        )
        - 7
    )
    left = figures["map"].width
    beside, room = EDGE + left + GAP, wide - left - GAP
    map_low = y - 11 - figures["map"].height
    flow([_par(f"Who supplies what in {year}: magnets solid, oxide dashed, expected", 7, bold=True)], EDGE, y, left, 12)
    renderPDF.draw(figures["map"], page, EDGE, map_low)
    table_low = flow([_table(said, room)], beside, y, room, y - map_low + 8)
    y = min(map_low, table_low) - 8
    flow([_par("Magnets by year, tonnes, expected", 7, bold=True)], EDGE, y, left, 12)
    flow([_par("Unserved in the worst 5 % of outcomes", 7, bold=True)], beside, y, room, 12)
    y -= 11 + figures["mix"].height
    renderPDF.draw(figures["mix"], page, EDGE, y)
    renderPDF.draw(figures["risk"], page, beside, y)
    y -= 8
    foot = 78.0
    flow(_list(BINDING_TITLE, said.binds), EDGE, y, left, y - EDGE - foot)
    flow(_list("What would change it", said.changes), beside, y, room, y - EDGE - foot)
    end = EDGE + foot - 6
    page.setStrokeColor(PALE)
    page.line(EDGE, end + 3, EDGE + wide, end + 3)
    parts = {
        "Own numbers.": said.own,
        "Levers changed.": said.levers,
        "Sources.": f"{' '.join(said.sources)} {said.notes}",
        "": f"{said.identity} {said.again}",
    }
    small = [_par(f"<b>{title}</b> {_safe(text)}".strip(), 6.3, raw=True) for title, text in parts.items() if text]
    flow(small, EDGE, end, wide, end - EDGE + 4)
    page.showPage()
    page.save()
    return stream.getvalue()


def _safe(text: str) -> str:
    """A text that the PDF's markup leaves alone; a letter that its font cannot draw stands as a question mark."""
    fonts()
    drawn = pdfmetrics.getFont(PLAIN).face.charToGlyph
    return escape("".join(letter if ord(letter) in drawn else "?" for letter in text))


def _par(
    text: str, size: float, bold: bool = False, ink: str = "#1B2733", raw: bool = False, bullet: bool = False
) -> Paragraph:
    style = ParagraphStyle(
        "brief", fontName=BOLD if bold else PLAIN, fontSize=size, leading=size * 1.27, textColor=HexColor(ink),
        spaceAfter=size * 0.3, leftIndent=7 if bullet else 0, bulletIndent=0, bulletFontName=PLAIN, bulletFontSize=size,
    )  # fmt: skip
    return Paragraph(text if raw else _safe(text), style, bulletText="\u2022" if bullet else None)


def _list(title: str, parts: tuple[str, ...]) -> list[Paragraph]:
    return [_par(title, 8, bold=True), *(_par(part, 7, bullet=True) for part in parts)]


def _table(said: Words, room: float) -> Table:
    """The indicators beside today's course."""
    head = [_par(name, 6.3, bold=True) for name in ("", "This mix", "Today's course", "Change")]
    rows = [
        [_par(line.label, 6.3), *(_par(cell, 6.3) for cell in (line.mine, line.today, line.change))]
        for line in said.lines
    ]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LINEBELOW", (0, 0), (-1, -1), 0.4, PALE), ("TOPPADDING", (0, 0), (-1, -1), 0.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.6), ("LEFTPADDING", (0, 0), (-1, -1), 1), ("RIGHTPADDING", (0, 0), (-1, -1), 1),
        ("BACKGROUND", (0, 0), (-1, 0), white), ("TEXTCOLOR", (0, 0), (-1, -1), INK),
    ]  # fmt: skip
    shares = (0.31, 0.23, 0.23, 0.23)
    return Table([head, *rows], colWidths=[room * share for share in shares], style=style)
