"""The brief says what the screen says, on one page, with nothing fetched from anywhere."""

from __future__ import annotations

import copy
import html
import io
import re
import socket
from datetime import date

import openpyxl
import pypdf
import pytest

from model.analysis.explain.binding_limits import limits_in_words
from model.engine.engine import Answer, Engine
from model.evidence.schema import Edit
from model.evidence.store import Evidence
from model.export.brief.figures import mix_chart, route_map
from model.export.brief.html import brief_html
from model.export.brief.pdf import brief_pdf
from model.export.brief.text import Words, again, command, words
from model.export.pack.pack import pack
from model.export.pack.verify import unpacked, verify
from model.export.workbook.sheets import supply
from model.export.workbook.workbook import workbook
from model.formulation.levers import AIMS, Choice, levers
from model.results.indicators import INDICATORS
from pages.parts.text import common as on_screen

CHOICE = Choice(china_limit=70, shortfall_limit=30)
DAY = date(2026, 1, 31)


@pytest.fixture(scope="module")
def answer(engine: Engine) -> Answer:
    """The mix that the brief is about."""
    return engine.answer(CHOICE)


@pytest.fixture(scope="module")
def said(engine: Engine, answer: Answer) -> Words:
    """Its words."""
    return words(engine, answer, DAY)


@pytest.fixture(scope="module")
def page(engine: Engine, answer: Answer) -> str:
    """It as HTML."""
    return brief_html(engine, answer, DAY).decode()


@pytest.fixture(scope="module")
def pdf(engine: Engine, answer: Answer) -> bytes:
    """It as PDF."""
    return brief_pdf(engine, answer, DAY)


def plain(text: str) -> str:
    """A text without spaces, tags and entities, to compare what three formats say."""
    return re.sub(r"\s+|\u2022", "", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def everything(said: Words) -> list[str]:
    """Every sentence and number of a brief."""
    cells = [cell for line in said.lines for cell in (line.label, line.mine, line.today, line.change)]
    return [
        said.headline,
        *cells,
        *said.binds,
        *said.changes,
        said.levers,
        said.own,
        *said.sources,
        said.notes,
        said.identity,
        said.again,
    ]


def test_it_says_what_the_screen_says(said: Words, answer: Answer, engine: Engine) -> None:
    """The same headline, the same indicators in the same form, the same sentences about limits."""
    assert said.headline == on_screen.headline(answer.mix, answer.today, engine.evidence, 2030)
    assert len(said.lines) == len(INDICATORS)
    for line, indicator in zip(said.lines, INDICATORS, strict=True):
        mine, theirs = (mix.indicators[indicator.id] for mix in (answer.mix, answer.today))
        assert line.mine == on_screen.indicator_value(indicator, mine)
        assert line.today == on_screen.indicator_value(indicator, theirs)
        assert line.change == (on_screen.indicator_change(indicator, mine - theirs) or "same")
    reports = {on_screen.lever_name(report): report.sentence for report in limits_in_words(engine, answer)}
    for sentence in said.binds:
        label, _, rest = sentence.partition(": ")
        assert reports[label] == rest
    assert "Loosening" in said.binds[0]
    assert any("One more tonne" in sentence for sentence in said.changes)


def test_page_and_pdf_say_every_word(said: Words, page: str, pdf: bytes) -> None:
    """Nothing is cut off in either form."""
    text = plain(page)
    printed = plain(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text())
    for part in everything(said):
        assert plain(part) in text, part
        assert plain(part) in printed, part


def test_the_pdf_is_one_page_of_a4_with_its_fonts_inside(pdf: bytes) -> None:
    """It prints the same on every machine, in a minister's office too."""
    found = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(found.pages) == 1
    assert [round(float(side)) for side in found.pages[0].mediabox[2:]] == [595, 842]
    fonts = found.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    used = [fonts[name].get_object() for name in fonts]
    assert all("/FontFile2" in font["/FontDescriptor"] for font in used if "/FontDescriptor" in font)
    assert {font["/BaseFont"].split("+")[-1] for font in used if "/FontDescriptor" in font} >= {
        "BitstreamVeraSans-Roman"
    }
    assert not list(found.pages[0].images)


def test_charts_and_map_are_vectors(page: str, answer: Answer, engine: Engine) -> None:
    """Three drawings as SVG, no picture."""
    assert page.count("<svg") == page.count("</svg>") == 3
    assert "<img" not in page
    assert "base64" not in page
    drawn = mix_chart(answer.mix, engine.evidence, 300, 150).contents
    names = {shape.text for shape in drawn if hasattr(shape, "text")}
    assert {name for name, _, _ in supply(answer.mix, engine.evidence)} <= names


def test_the_map_shows_what_arrives(answer: Answer, engine: Engine) -> None:
    """Tonnes beside each source abroad are those of the mix."""
    table = answer.mix.table[answer.mix.table["year"] == 2030].groupby("route")["delivered_expected_t"].sum()
    texts = {
        shape.text for shape in route_map(answer.mix, engine.evidence, 2030, 300).contents if hasattr(shape, "text")
    }
    assert f"China {on_screen.tonnes(float(table['china_magnets']))}" in texts
    assert f"Japan {on_screen.tonnes(float(table['japan_magnets']))}" in texts
    assert any(text.startswith("Made in India") for text in texts)


def test_nothing_is_fetched(engine: Engine, answer: Answer, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made without a network, and opens without one."""

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("the brief asked for a network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "create_connection", no_network)
    assert brief_pdf(engine, answer, DAY)
    assert brief_html(engine, answer, DAY)
    outside = set(re.findall(r"(?:src|href|url\()\s*=?\s*[\"']?(\w+:[^\"')\s]+)", page))
    assert not outside
    assert "<script" not in page


def test_the_same_answer_and_date_give_the_same_bytes(engine: Engine, answer: Answer, page: str, pdf: bytes) -> None:
    """So that two copies can be told to be one."""
    assert brief_pdf(engine, answer, DAY) == pdf
    assert brief_html(engine, answer, DAY).decode() == page


def hostile(evidence: Evidence, text: str) -> Evidence:
    """The evidence with a text in every name that a brief shows."""
    found = copy.copy(evidence)
    found.routes = {
        name: route.model_copy(update={"name": text, "short": text}) for name, route in evidence.routes.items()
    }
    found.facts = {
        name: fact.model_copy(update={"source": fact.source.model_copy(update={"body": text, "title": text})})
        for name, fact in evidence.facts.items()
    }
    return found


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<b>&amp;<i>", "{{ 7*7 }}", "चीन", "x" * 300])
def test_no_text_of_a_data_folder_becomes_markup(text: str, engine: Engine, answer: Answer) -> None:
    """A name is shown as it is, whatever stands in it; letters without a shape in the font cost no error."""
    other = copy.copy(engine)
    other.evidence = hostile(engine.evidence, text)
    page = brief_html(other, answer, DAY).decode()
    assert "<script" not in page
    assert "<b>&amp;<i>" not in page
    if "{{" in text:
        assert "7*7" in page
    assert len(pypdf.PdfReader(io.BytesIO(brief_pdf(other, answer, DAY))).pages) == 1


@pytest.mark.parametrize(
    "choice",
    [
        Choice(china_limit=100, shortfall_limit=100),
        Choice(
            china_limit=75, shortfall_limit=35, premium_limit=20, home_limit=5, carbon_limit=40, country_limit=80, concentration_limit=6,
            vital_limit=90, investment_limit=20000, aim="china", likelihood=120, rupee=100, recycling=120, joint_venture=True,
        ),
    ],
    ids=["no limit", "all limits"],
)  # fmt: skip
def test_it_fits_on_its_page_with_no_limit_and_with_all(choice: Choice, engine: Engine) -> None:
    """Long texts shrink before they run off the page."""
    answer = engine.answer(choice)
    printed = plain(pypdf.PdfReader(io.BytesIO(brief_pdf(engine, answer, DAY))).pages[0].extract_text())
    for part in everything(words(engine, answer, DAY)):
        assert plain(part) in printed, part


def test_the_command_leads_to_the_same_answer() -> None:
    """Every changed lever stands in it, in a form that the command line takes."""
    changed = {lever.id: lever.low for lever in levers() if lever.kind == "number" and lever.low != lever.default}
    choice = Choice.of({**changed, "aim": next(iter(reversed(AIMS))), "joint_venture": True})
    found = dict(part.split("=") for part in command(choice).split(" --set ")[1:])
    assert Choice.of(found) == choice
    assert command(Choice()) == "python -m model solve"


def test_on_an_own_data_folder_the_command_asks_for_it(small: Engine, evidence: Evidence) -> None:
    """Without it the command would answer from the project's own data: other numbers under the same words."""
    assert "--data" not in again(CHOICE, evidence)
    assert again(CHOICE, small.evidence) == f"{command(CHOICE)} --data FOLDER"
    fact = next(fact for fact in small.evidence.facts.values() if fact.unit == "USD/kg")
    own = small.evidence.with_edits([Edit(fact=fact.id, value=float(fact.value) + 1, reason="x")])
    assert again(CHOICE, own) == "python -m model solve --scenario FILE --data FOLDER"
    files = unpacked(pack(small, Choice(), DAY))
    assert files["README.txt"].decode().count(" --data FOLDER\n") == 2
    assert b"--data" not in unpacked(pack(Engine(evidence), CHOICE, DAY))["README.txt"]


def test_own_numbers_are_marked_in_brief_and_workbook(evidence: Evidence) -> None:
    """Whoever reads the file sees which figures are not the evidence's, and why."""
    fact = evidence.facts["base_china_cost_2030"]
    own = Edit(fact=fact.id, value=float(fact.value) + 5, reason="Quoted by a trader <in May>")
    engine = Engine(evidence.with_edits([own]))
    answer = engine.answer(CHOICE)
    said = words(engine, answer, DAY)
    assert fact.what in said.own
    assert "Quoted by a trader" in said.own
    assert plain(said.own) in plain(pypdf.PdfReader(io.BytesIO(brief_pdf(engine, answer, DAY))).pages[0].extract_text())
    assert "&lt;in May&gt;" in brief_html(engine, answer, DAY).decode()
    assert "--scenario FILE" in said.again
    book = openpyxl.load_workbook(io.BytesIO(workbook(answer, engine.evidence, DAY)))
    read_me = dict(row for row in book["Read me"].iter_rows(values_only=True))
    assert "because: Quoted by a trader" in read_me["Own numbers"]
    verdict = verify(Engine(evidence), pack(engine, CHOICE, DAY))
    assert verdict.holds, verdict.moved
