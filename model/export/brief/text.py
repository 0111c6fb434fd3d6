"""The one-page brief: what was found, in the words of the screen, with a map and charts as vectors; as PDF and as HTML, A4.

Nothing is fetched: fonts come with reportlab, the outline with the data.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import jinja2
from reportlab.graphics import renderPDF, renderSVG
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame, Paragraph, Table

from model import __version__
from model.analyses import explore
from model.analysis.explain.bottlenecks import bottlenecks, limits_in_words
from model.analysis.validation.case_record import digest
from model.engine.engine import Answer, Engine, NoMix
from model.evidence.store import DATA, Evidence, Fact, Route
from model.export.brief.figures import BOLD, INK, PALE, PLAIN, fonts, mix_chart, risk_chart, route_map
from model.formulation.levers import AIMS, Choice, lever_named
from model.lp.persistent import SolverFailed
from model.results.formatting import (
    BINDING_TITLE,
    MAGNETS_TITLE,
    count,
    fact_value,
    headline,
    indicator_change,
    indicator_value,
    lever_value,
    listed,
)
from model.results.mix import INDICATORS

TEMPLATE = Path(__file__).with_name("brief.html")
EDGE = 13 * mm
GAP = 5 * mm
LIMITS, WORTH, LEVERS, SOURCES = 5, 3, 8, 8
"""How many limits, routes worth more, changed levers (or own numbers) and sources a page has room for."""
FIGURES = {
    "map": "Map of the routes by which magnets and oxide reach India, lines as wide as what arrives",
    "mix": "Magnets by year and route against demand, tonnes",
    "risk": "Share of demand unserved in the worst 5 per cent of outcomes by year, this mix against today's course",
}
"""What each figure shows, for those who cannot see it."""
QUESTION = (
    "Which mix of routes should India contract, build and stock for its rare-earth magnets, 2026 to 2035, at the least expected cost"
    " within the limits set?"
)


@dataclass(frozen=True)
class Line:
    """One indicator as it is read: its name, this mix, today's course, the change."""

    label: str
    mine: str
    today: str
    change: str


@dataclass(frozen=True)
class Words:
    """Everything that the brief says."""

    title: str
    day: str
    question: str
    headline: str
    lines: tuple[Line, ...]
    binds: tuple[str, ...]
    changes: tuple[str, ...]
    levers: str
    own: str
    sources: tuple[str, ...]
    notes: str
    identity: str
    again: str

    @property
    def record(self) -> dict[str, Any]:
        """The words as JSON values."""
        return asdict(self)


# -- what it says ----------------------------------------------------------------------------------------------------


def words(engine: Engine, answer: Answer, made_on: date) -> Words:
    """The brief of an answer in words; the limits are really moved for it, as on screen. Raises `SolverFailed`."""
    evidence, mix, year = engine.evidence, answer.mix, int(answer.mix.choice.target_year)
    mark = digest(evidence, mix.choice)
    assumed = sum(evidence.facts[name].assumption for name, places in evidence.uses.items() if places)
    used = sum(bool(places) for places in evidence.uses.values())
    return Words(
        title=MAGNETS_TITLE,
        day=f"Brief of {made_on.day} {made_on:%B %Y}",
        question=QUESTION,
        headline=headline(mix, answer.today, evidence, year),
        lines=tuple(_lines(answer)),
        binds=_binds(engine, answer),
        changes=_changes(engine, answer),
        levers=_levers(mix.choice),
        own=own_numbers(evidence),
        sources=_sources(answer, evidence),
        notes=(
            f"The model uses {used} facts; {assumed} of them are analyst assumptions, marked as such where they stand. Every number with its range"
            " and source: the page Evidence, or the sheet Facts of the workbook. The harm of a shortage is lost value, not a bill."
        ),
        identity=f"Made on {made_on.isoformat()}, model {__version__}, data {evidence.version}, inputs {mark[:16]}.",
        again=f"The same again: {again(mix.choice, evidence)}",
    )


def own_numbers(evidence: Evidence) -> str:
    """What somebody put in place of the evidence's figures, with the reasons given; empty when nothing was."""
    said = [
        f"{evidence.facts[name].what}: {fact_value(edit.value, evidence.facts[name].unit)} ({edit.reason})"
        for name, edit in evidence.own.items()
    ]
    more = [f"and {len(said) - LEVERS} more"] if len(said) > LEVERS else []
    return f"These numbers are not the evidence's: {'; '.join([*said[:LEVERS], *more])}." if said else ""


def again(choice: Choice, evidence: Evidence) -> str:
    """The command that leads to the same answer; own numbers travel in a scenario file, an own data folder is to be given."""
    told = "python -m model solve --scenario FILE" if evidence.own else command(choice)
    return told + ("" if evidence.folder == DATA else " --data FOLDER")


def command(choice: Choice) -> str:
    """The command that leads to the same answer."""
    values = choice.values()
    changed = choice.differences(Choice())
    return "python -m model solve" + "".join(f" --set {name}={_bare(values[name])}" for name in changed)


def _bare(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _lines(answer: Answer) -> list[Line]:
    found = []
    for indicator in INDICATORS:
        mine, theirs = (mix.indicators[indicator.id] for mix in (answer.mix, answer.today))
        change = indicator_change(indicator, mine - theirs)
        name = indicator.label + (", a year" if indicator.unit.endswith("a year") else "")
        found.append(
            Line(
                name, indicator_value(indicator, mine), indicator_value(indicator, theirs),
                change if isinstance(change, str) else "same",
            )
        )  # fmt: skip
    return found


def _binds(engine: Engine, answer: Answer) -> tuple[str, ...]:
    """What the limits cost, binding ones first, in the words of the page."""
    reports = sorted(limits_in_words(engine, answer), key=lambda report: not report.binding)
    said = [f"{lever_named(report.lever).label}: {report.sentence}" for report in reports[:LIMITS]]
    return tuple(said) or ("No limit is on.",)


def _changes(engine: Engine, answer: Answer) -> tuple[str, ...]:
    """What would change the answer: where one more tonne is worth most, and the source whose loss hurts most."""
    said = [found.sentence for found in bottlenecks(engine, answer, n=WORTH, full=True)]
    try:
        said.append(explore("lose", engine, answer.mix.choice).sentence)
    except (NoMix, SolverFailed) as error:
        said.append(str(error))
    return tuple(said)


def _levers(choice: Choice) -> str:
    """The levers that do not stand at their defaults."""
    values = choice.values()
    said = []
    for name in choice.differences(Choice()):
        lever, value = lever_named(name), values[name]
        said.append(f"{lever.label}: {AIMS[str(value)] if lever.kind == 'option' else lever_value(lever, value)}")
    more = [f"and {len(said) - LEVERS} more"] if len(said) > LEVERS else []
    return "; ".join([*said[:LEVERS], *more]) + "." if said else "Every lever stands at its default."


def _sources(answer: Answer, evidence: Evidence) -> tuple[str, ...]:
    """Where the prices of the largest routes of the target year come from, and who stands behind most of the other facts."""
    mix, year = answer.mix, int(answer.mix.choice.target_year)
    amounts = mix.expected[:, :, mix.case.years.index(year)].sum(axis=1)
    order = sorted(range(len(amounts)), key=lambda r: -amounts[r])
    said: dict[str, list[str]] = {}
    for r in [r for r in order if amounts[r] > 0][:SOURCES]:
        route = evidence.routes[mix.case.routes[r]]
        fact = _price(route, evidence, year)
        where = f"{fact.source.body}, {fact.source.title}" if not fact.assumption else "analyst assumption"
        said.setdefault(where, []).append(route.short)
    prices = [f"Price of {listed(names)}: {where}." for where, names in said.items()]
    used = [evidence.facts[name] for name, places in evidence.uses.items() if places]
    bodies = Counter(fact.source.body for fact in used if not fact.assumption and fact.formula is None)
    most = [f"{body} ({count(facts, 'fact')})" for body, facts in bodies.most_common(SOURCES)]
    return (*prices, *([f"Published sources used most: {listed(most)}."] if most else []))


def _price(route: Route, evidence: Evidence, year: int) -> Fact:
    """The fact behind a route's price, at the anchor year nearest to `year`."""
    path = route.price.get("average") or next(iter(route.price.values()))
    return evidence.facts[path[min(path, key=lambda anchor: abs(anchor - year))]]


# -- HTML ------------------------------------------------------------------------------------------------------------


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


def _figures(engine: Engine, answer: Answer) -> dict[str, Drawing]:
    fonts()
    mix, evidence = answer.mix, engine.evidence
    wide = A4[0] - 2 * EDGE
    left = 0.55 * wide
    return {
        "map": route_map(mix, evidence, int(mix.choice.target_year), left),
        "mix": mix_chart(mix, evidence, left, 150),
        "risk": risk_chart(mix, answer.today, wide - left - GAP, 150),
    }


# -- PDF -------------------------------------------------------------------------------------------------------------


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
