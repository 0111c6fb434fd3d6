"""The brief as one web page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jinja2
from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Drawing

from model.engine.engine import Answer, Engine
from model.export.brief.figures import BOLD, FIGURES, PLAIN, _figures
from model.export.brief.text import words
from model.results.headline import BINDING_TITLE

TEMPLATE = Path(__file__).with_name("brief.html")


def brief_html(engine: Engine, answer: Answer, made_on: date | None = None) -> bytes:
    """The brief as one HTML file that needs nothing else; it prints on one A4 page."""
    said = words(engine, answer, made_on or date.today())
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    year = int(answer.mix.choice.target_year)
    figures = {name: _svg(drawing, FIGURES[name]) for name, drawing in _figures(engine, answer).items()}
    return page.render(said=said, year=year, figures=figures, binding=BINDING_TITLE).encode()


def _svg(drawing: Drawing, label: str) -> str:
    """A drawing as an SVG element that grows with its place and says what it shows."""
    text = str(renderSVG.drawToString(drawing))
    start = text.index("<svg")
    wide, high = drawing.width, drawing.height
    _, _, rest = text[start:].partition(">")
    keep = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" width="100%" role="img" aria-label="{label}"'
    return f"{keep}>{rest}".replace(
        f"font-family: {BOLD}", "font-family: Arial, sans-serif; font-weight: bold"
    ).replace(f"font-family: {PLAIN}", "font-family: Arial, sans-serif")
