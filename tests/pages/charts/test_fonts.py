"""Claims about letters: the app ships the font of its pages, charts and maps, so that they look the same on every machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pages.parts.charts import layers
from pages.parts.charts import mix as charts
from tests.support.browser import Visit

HOUSE = Path(__file__).resolve().parents[3]
FOLDER = HOUSE / "static" / "fonts"
MOST_BYTES = 150_000
RUPEE = "\u20b9"


@pytest.fixture(scope="module")
def theme() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((HOUSE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    return found


def covers(face: dict[str, Any], letter: str) -> bool:
    """Whether a face says that it has a letter."""
    for part in face["unicodeRange"].split(","):
        low, _, high = part.strip().removeprefix("U+").partition("-")
        if int(low, 16) <= ord(letter) <= int(high or low, 16):
            return True
    return False


def test_every_face_of_the_theme_is_a_file_that_the_app_serves(theme: dict[str, Any]) -> None:
    """None comes from another server or is left to the machine; together they are small, and their licence lies beside them."""
    files = {HOUSE / face["url"].removeprefix("app/") for face in theme["fontFaces"]}
    assert files == set(FOLDER.glob("*.woff2"))
    assert sum(file.stat().st_size for file in files) <= MOST_BYTES
    assert all(file.read_bytes()[:4] == b"wOF2" for file in files)
    assert "SIL OPEN FONT LICENSE" in (FOLDER / "LICENSE").read_text(encoding="utf-8")


def test_pages_charts_and_maps_use_the_shipped_font(theme: dict[str, Any]) -> None:
    """Charts without a configuration of their own take the font of the theme; the others and the map name it."""
    (family,) = {face["family"] for face in theme["fontFaces"]}
    for named in (theme["font"], charts.CONFIG["font"], layers.TOOLTIP["style"]["fontFamily"]):
        assert named.split(",")[0] == family
    assert all(face["weight"] == "200 900" for face in theme["fontFaces"])


def test_the_shipped_font_has_latin_letters_and_the_rupee_sign(theme: dict[str, Any]) -> None:
    """Each of them in exactly one face, so that a browser asks for the second only where a text needs it."""
    for letter in "AZaz09%é–−" + RUPEE:
        assert sum(covers(face, letter) for face in theme["fontFaces"]) == 1, letter


@pytest.mark.browser
def test_the_browser_draws_chart_and_page_in_the_shipped_font(visiting: Visit) -> None:
    """Loaded, and taken for the letters of the chart and of the page; the rupee sign comes out of the other file."""
    with visiting() as visitor:
        visitor.open()
        legend = visitor.page.locator(".st-key-magnets_view .role-legend text").first
        legend.wait_for()
        for letters in (legend, visitor.top()):
            first = str(letters.evaluate("e => getComputedStyle(e).fontFamily")).split(",")[0]
            assert first.strip("\"' ") == charts.FONT.split(",")[0]
        load = "text => document.fonts.load('13px ' + text[0], text[1]).then(faces => faces.map(f => f.status))"
        for text in ("China", RUPEE):
            assert visitor.page.evaluate(load, [charts.FONT.split(",")[0], text]) == ["loaded"], text
        asked = [url for url in visitor.requests if re.search(r"/app/static/fonts/[\w-]+\.woff2", url)]
        assert any("latin-wght" in url for url in asked)
        assert any("latin-ext-wght" in url for url in asked)
