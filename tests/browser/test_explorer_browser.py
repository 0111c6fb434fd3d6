"""Claims about the app in a real browser: what a visitor sees, keeps, shares and takes away, and what a hostile one cannot do."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pandas as pd
import pytest
from PIL import Image

from model.engine.engine import Answer, Engine
from model.evidence.store import Evidence
from model.formulation.levers import SCENARIO_BYTES, Choice, lever_named, read_scenario
from model.results.indicators import INDICATORS
from pages.parts.charts import flows, maps
from pages.parts.evidence import method
from pages.parts.text import common as words
from pages.parts.text import facts as facts_text
from tests.support import browser
from tests.support.browser import PHONE, Visit, Visitor, plain

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

pytestmark = pytest.mark.browser

MOVED = {"china_limit": 65, "likelihood": 120}
"""Levers of a link that has a mix, unlike the default in front."""
ASKED = {
    "china_limit": 62,
    "shortfall_limit": 30,
    "premium_limit": 10,
    "reserve_days": 90,
    "aim": "china",
    "joint_venture": "true",
}
"""A link with a limit, an aim and a switch, in front and in folded groups."""
TOO_MUCH = {"china_limit": 40, "shortfall_limit": 5}
"""Two limits that no mix meets together."""
SCRIPT = "<script>alert(1)</script>"
HOSTILE = {
    "china_limit": "9" * 5000, "shortfall_limit": SCRIPT, "aim": "<img src=x onerror=alert(1)>", "reserve_days": "many",
    "joint_venture": "perhaps", "target_year": "nan",
}  # fmt: skip
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE_FILES = {
    "bomb.yaml": BOMB + "levers: {china_limit: 10}\n",
    "tag.yaml": "levers: {china_limit: !!python/object/apply:os.system ['touch hacked']}\n",
    "long.yaml": "levers: {china_limit: 10}\n#" + "x" * SCENARIO_BYTES,
    "deep.yaml": "levers: " + "[" * 3000 + "]" * 3000,
}
DOWNLOADS = ("Mix (CSV)", "Workbook (Excel)", "Scenario (YAML)")
PAGES = ("Map", "Evidence", "Method", "Mix")
QUICK_PAGES = {
    "Compare": "compare",
    "Disruptions": "disruptions",
    "Stage": "stage",
    "Room": "room",
    "Own numbers": "own",
}
"""More pages that stand within seconds, with their addresses."""


@pytest.fixture(scope="module")
def answered(engine: Engine) -> Callable[[Choice], Answer]:
    """What the engine answers in this process, to be held against the screen."""
    return engine.answer


def mix_headline(answer: Answer, evidence: Evidence) -> str:
    """The sentence that the Mix page must show."""
    return plain(words.headline(answer.mix, answer.today, evidence, int(answer.mix.choice.target_year)))


def map_headline(answer: Answer, evidence: Evidence) -> str:
    """The sentence that the Map page must show first: 2030, the average of all states."""
    shown = flows.flows(answer.mix, evidence, 2030, flows.EXPECTED)
    return plain(flows.headline(answer.mix, evidence, shown, 2030, flows.EXPECTED))


def headlines(answer: Answer, evidence: Evidence) -> dict[str, str]:
    """What stands on top of each page."""
    return {
        "Map": map_headline(answer, evidence),
        "Evidence": plain(facts_text.counts(evidence)),
        "Method": plain(method.TITLE),
        "Mix": mix_headline(answer, evidence),
    }


def tiles(answer: Answer) -> dict[str, str]:
    """Label and value of every indicator that the Mix page must show."""
    return {each.label: plain(words.indicator_value(each, answer.mix.indicators[each.id])) for each in INDICATORS}


def painted(picture: bytes) -> tuple[Counter[tuple[int, ...]], int]:
    """How often each colour occurs in a PNG, and how many pixels there are."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    return Counter({tuple(map(int, c)): int(n) for c, n in zip(colours, counts, strict=True)}), len(pixels)


def areas(visitor: Visitor) -> list[str]:
    """What the areas of the first chart stand for, of those that have an outline."""
    drawn = "all => all.filter(e => (e.getAttribute('d') ?? '').length > 50).map(e => e.getAttribute('aria-label'))"
    return list(visitor.page.locator(".st-key-magnets_view g.mark-area path").evaluate_all(drawn))


def given(visitor: Visitor, file: Path | FilePayload) -> None:
    """Open the place for scenario files, unless it is open, and put a file there."""
    uploader = visitor.page.locator(".st-key-scenario_file")
    if not uploader.is_visible():
        visitor.page.get_by_text("Open a scenario file").click()
        uploader.wait_for()
    uploader.locator("input[type=file]").set_input_files(file)


def speaks_of(visitor: Visitor, word: str) -> bool:
    """Whether a notice names something."""
    return any(word in said for said in visitor.notices())


def taken(visitor: Visitor, label: str, folder: Path) -> Path:
    """Click a download button and keep the file under the name that the browser was given."""
    with visitor.page.expect_download() as coming:
        visitor.page.get_by_role("button", name=label).click()
    place = folder / coming.value.suggested_filename
    coming.value.save_as(place)
    return place


# -- pages and links ---------------------------------------------------------------------------------------------


def test_the_first_page_answers_and_asks_no_other_server(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """A sentence with year and percentages, the stacked areas, the indicators: all from this one server."""
    with visiting() as visitor:
        visitor.open()
        assert re.search(r"\bIn 20(2[6-9]|3[0-5])\b", visitor.headline())
        assert len(re.findall(r"\d %", visitor.headline())) >= 3
        visitor.shows(mix_headline(answered(Choice()), evidence), tiles(answered(Choice())))
        visitor.until(lambda: len(areas(visitor)) >= 5)
        assert any("route: China" in area for area in areas(visitor))
        visitor.page.get_by_role("button", name=DOWNLOADS[0]).scroll_into_view_if_needed()
        visitor.settle()
        assert any(url.startswith("ws://") for url in visitor.requests)
        assert visitor.foreign() == []


def test_a_deep_link_opens_the_map_with_its_levers_and_the_map_is_painted(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """Whoever comes in by the side door finds frame, levers and answer; many colours, none nearly everywhere, and China's arc."""
    china = maps.rgb(evidence.routes["china_magnets"].colour)
    with visiting() as visitor:
        visitor.open("map", MOVED)
        visitor.shows(map_headline(answered(Choice.of(MOVED)), evidence))
        assert visitor.levers() == Choice.of(MOVED)
        canvas = visitor.page.get_by_test_id("stDeckGlJsonChart")
        visitor.until(lambda: painted(canvas.screenshot())[0][tuple(china)] > 500)
        colours, pixels = painted(canvas.screenshot())
        assert len(colours) > 200
        assert max(colours.values()) < 0.9 * pixels


def test_a_slider_moves_the_answer_and_its_address_shows_the_same_elsewhere(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence, tmp_path: Path
) -> None:
    """Four key presses change sentence, indicators and address; a stranger with that address gets the same to the last digit."""
    moved = Choice(china_limit=64)
    with visiting() as one:
        one.open()
        before, tiles_before = one.headline(), one.tiles()
        for _ in range(4):
            one.slider("china_limit").press("ArrowRight")
        one.page.wait_for_url(re.compile(r"china_limit=64\b"))
        one.shows(mix_headline(answered(moved), evidence), tiles(answered(moved)))
        assert one.headline() != before
        assert one.tiles() != tiles_before
        with visiting() as other:
            other.page.goto(one.page.url)
            other.shows(one.headline(), one.tiles())
            assert other.levers() == one.levers() == moved
            mine, theirs = (tmp_path / name for name in ("mine", "theirs"))
            files = [taken(who, DOWNLOADS[0], folder) for who, folder in ((one, mine), (other, theirs))]
            assert files[0].read_bytes() == files[1].read_bytes()


def test_the_address_ends_at_the_last_move_over_a_slow_network(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """What the server tells the address in answer to a move may arrive after the next move; the last move stands in it all the same."""
    last = answered(Choice(china_limit=64))
    with visiting() as one:
        one.far_away(700)
        one.open()
        for _ in range(4):
            one.slider("china_limit").press("ArrowRight")
            one.page.wait_for_timeout(300)
        one.shows(mix_headline(last, evidence), tiles(last))
        one.page.wait_for_timeout(2000)  # what stands after the headline may still be on its way
        assert re.search(r"china_limit=64\b", one.page.url), one.page.url


def test_every_page_keeps_the_levers_and_says_its_headline(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """Walking through the menu loses nothing, and each page speaks of the same mix."""
    says = headlines(answered(Choice.of(MOVED)), evidence)
    with visiting() as visitor:
        visitor.open(values=MOVED)
        for title in PAGES:
            visitor.turn_to(title)
            visitor.shows(says[title])
            assert visitor.levers() == Choice.of(MOVED), title
            assert not visitor.notices(), title
            visitor.check()


# -- files -------------------------------------------------------------------------------------------------------


def test_the_files_to_take_away_say_what_the_engine_says_and_lead_back(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence, tmp_path: Path
) -> None:
    """CSV and workbook hold the engine's numbers for this choice; the scenario opened by a stranger sets the same levers."""
    choice = Choice.of(ASKED)
    answer = answered(choice)
    with visiting() as visitor:
        visitor.open(values=ASKED)
        table, book, scenario = (taken(visitor, label, tmp_path) for label in DOWNLOADS)
    assert [place.suffix for place in (table, book, scenario)] == [".csv", ".xlsx", ".yaml"]

    pd.testing.assert_frame_equal(pd.read_csv(table), answer.mix.table.reset_index(drop=True), check_dtype=False, rtol=1e-6, atol=1e-4)  # fmt: skip
    sheet = openpyxl.load_workbook(book, read_only=True, data_only=True)["Indicators"]
    head, *rows = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    held = {row[head.index("Id")]: row[head.index("This mix")] for row in rows}
    assert {name: held.get(name) for name in answer.mix.indicators} == pytest.approx(answer.mix.indicators, rel=1e-6, abs=1e-6)  # fmt: skip
    assert read_scenario(scenario.read_bytes()) == choice

    with visiting() as stranger:
        stranger.open()
        given(stranger, scenario)
        stranger.shows(mix_headline(answer, evidence), tiles(answer))
        assert stranger.levers() == choice


def test_a_hostile_scenario_file_gives_one_sentence_and_changes_nothing(visiting: Visit) -> None:
    """Bombs, tags, endless lines and endless depth are refused by name; sliders and answer stay."""
    with visiting() as visitor:
        visitor.open(values=MOVED)
        before, tiles_before = visitor.headline(), visitor.tiles()
        for name, text in HOSTILE_FILES.items():
            given(visitor, {"name": name, "mimeType": "application/yaml", "buffer": text.encode()})
            visitor.until(partial(speaks_of, visitor, name))
            (said,) = visitor.notices()
            assert said.startswith(f"{name} was not used, nothing changed: ")
            assert len(said) < 200, said
            visitor.shows(before, tiles_before)
            assert visitor.levers() == Choice.of(MOVED)
    assert not (browser.ROOT / "hacked").exists()


# -- too much, and hostile -----------------------------------------------------------------------------------------


def names_both(notices: list[str]) -> bool:
    """Whether one notice speaks of the two limits that no mix meets together."""
    return any("China" in said and "shortfall" in said for said in notices)


def test_levers_without_a_mix_are_named_and_the_last_mix_stays(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """By link or by key: a sentence names the limits, the numbers stay those of the last mix (at first the default's), one click leads back."""

    def goes_back(last: Choice) -> None:
        visitor.page.get_by_role("button", name="Back to the last mix").click()
        visitor.until(lambda: not visitor.notices())
        visitor.shows(mix_headline(answered(last), evidence), tiles(answered(last)))
        assert visitor.levers() == last

    with visiting() as visitor:
        visitor.open(values=TOO_MUCH)
        visitor.shows(mix_headline(answered(Choice()), evidence), tiles(answered(Choice())))
        assert names_both(visitor.notices()), visitor.notices()
        assert visitor.levers() == Choice.of(TOO_MUCH)
        goes_back(Choice())

        good = Choice(china_limit=61)
        visitor.slider("china_limit").press("ArrowRight")
        visitor.shows(mix_headline(answered(good), evidence), tiles(answered(good)))
        visitor.slider("shortfall_limit").press("Home")
        visitor.until(lambda: names_both(visitor.notices()))
        visitor.shows(mix_headline(answered(good), evidence), tiles(answered(good)))
        assert visitor.levers() == good.changed(shortfall_limit=0)
        goes_back(good)


def test_a_new_headline_is_said_to_those_who_do_not_see_it(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """One place that stays says each new sentence once, in plain text: not the first, on the next page that page's, and without a mix
    why there is none. It is unseen and makes no page wider."""
    keep = """() => {
        window.place = document.querySelector("[role=status][aria-live=polite]#aloud");
        window.said = [];
        new MutationObserver(() => window.said.push(window.place.textContent)).observe(window.place, {childList: true});
    }"""
    first, passed, moved = (answered(Choice(china_limit=limit)) for limit in (60, 61, 62))
    assert mix_headline(first, evidence) == mix_headline(passed, evidence) != mix_headline(moved, evidence)
    with visiting() as visitor:
        visitor.open()
        visitor.page.wait_for_selector("#aloud", state="attached")
        visitor.page.wait_for_timeout(1000)
        assert visitor.heard() == ""
        visitor.page.evaluate(keep)
        for _ in range(2):
            visitor.slider("china_limit").press("ArrowRight")
        visitor.until(lambda: visitor.heard() == mix_headline(moved, evidence))
        visitor.turn_to("Method")
        visitor.until(lambda: visitor.heard() == plain(method.TITLE))
        visitor.slider("shortfall_limit").press("Home")
        clash = words.no_mix(Choice(china_limit=62, shortfall_limit=0), ["china_limit", "shortfall_limit"])
        visitor.until(lambda: visitor.heard().startswith(plain(clash)[:40]))
        assert names_both([visitor.heard()]), visitor.heard()
        assert visitor.heard().endswith(words.LAST_GOOD_SHOWN)
        said = visitor.page.evaluate("() => window.place.isConnected && window.said")
        assert [plain(each) for each in said[:2]] == [mix_headline(moved, evidence), plain(method.TITLE)]
        assert len(said) == 3, said
        visitor.page.set_viewport_size({"width": 400, "height": 800})
        assert visitor.page.evaluate("() => document.documentElement.scrollWidth <= 400")


LINKS = r"\[a\](http://x.y) [b](//x.y) www.x.y me@x.y <b>c</b> `d` ![e](//x.y)"
"""Every way in which typed text could become a link or a picture."""


def test_a_hostile_address_gives_a_plain_notice_and_the_defaults(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """Endless numbers, scripts, unknown names and words for numbers: named where they are levers, run nowhere."""
    with visiting() as visitor:
        visitor.open(values={**HOSTILE, "no_such_lever": "7", "__proto__": "1", SCRIPT: SCRIPT, "x" * 500: "y" * 500})
        visitor.shows(mix_headline(answered(Choice()), evidence))
        said, passed_over = visitor.notices()
        assert all(lever_named(name).label in said for name in HOSTILE), said
        assert "no_such_lever" in passed_over
        assert len(said) + len(passed_over) < 800
        assert visitor.levers() == Choice()
        visitor.open("evidence", {"fact": SCRIPT + "x" * 5000})
        visitor.shows(plain(facts_text.counts(evidence)))
        (said,) = visitor.notices()
        assert said.startswith("This link names a fact that does not exist: <script>")
        assert len(said) < 200
        visitor.open("evidence", {"fact": LINKS})
        visitor.shows(plain(facts_text.counts(evidence)))
        assert visitor.notices()[0].replace(words.APART, "").endswith(LINKS)
        assert not visitor.page.get_by_test_id("stAlert").locator("a, img, b, code").count()


# -- on a phone --------------------------------------------------------------------------------------------------


def fits(visitor: Visitor) -> bool:
    """Whether nothing of the page lies beside the screen."""
    return bool(
        visitor.page.evaluate(
            "() => [document.documentElement, document.body, document.querySelector('[data-testid=stMain]')]"
            ".every(e => e.scrollWidth <= Math.min(e.clientWidth, 390))"
        )
    )


def in_sight(visitor: Visitor) -> bool:
    """Whether the headline begins in the upper half of the screen, runs off to no side, and nothing lies over its first line."""
    box = visitor.top().bounding_box()
    if box is None or box["x"] < 0 or box["x"] + box["width"] > 390 or not 0 <= box["y"] < 844 / 2:
        return False
    seen = "(top, at) => top.contains(document.elementFromPoint(at.x + at.width / 2, at.y + 12))"
    return bool(visitor.top().evaluate(seen, box))


def test_every_page_can_be_used_on_a_phone(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """390 x 844 pixels: menu and levers open and close, nothing runs off to the side, the headline is in sight."""
    answer = answered(Choice(china_limit=61))
    says = headlines(answer, evidence)
    with visiting(**PHONE) as visitor:
        visitor.open()
        visitor.page.get_by_test_id("stExpandSidebarButton").click()
        visitor.slider("china_limit").press("ArrowRight")
        visitor.page.wait_for_url(re.compile(r"china_limit=61\b"))
        visitor.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        visitor.shows(says["Mix"], tiles(answer))
        for title in PAGES:
            visitor.turn_to(title, on_phone=True)
            visitor.shows(says[title])
            visitor.until(lambda: in_sight(visitor))
            assert fits(visitor), title
            visitor.check()
        for title, address in QUICK_PAGES.items():
            visitor.page.get_by_test_id("stExpandSidebarButton").click()
            visitor.page.get_by_role("link", name=title, exact=True).click()
            visitor.page.wait_for_url(re.compile(rf"/{address}(\?|$)"))
            visitor.settle()
            visitor.until(lambda: in_sight(visitor))
            assert fits(visitor), title
            visitor.check()
        visitor.turn_to("Mix", on_phone=True)
        visitor.shows(says["Mix"])
        assert visitor.levers() == Choice(china_limit=61)


def test_a_reset_of_a_folded_lever_stands_when_the_next_move_comes_at_once(visiting: Visit) -> None:
    """The next move interrupts the run in which the lever is drawn no more; the browser must not bring its old value back."""
    with visiting() as visitor:
        visitor.open(values={"rupee": 91, "shortfall_limit": 33})
        visitor.page.get_by_role("button", name="Reset two changed levers").click()
        visitor.page.get_by_role("button", name="No lever changed").wait_for()
        visitor.slider("reserve_days").press("ArrowRight")
        wanted = Choice().changed(reserve_days=Choice().reserve_days + lever_named("reserve_days").step)
        visitor.until(lambda: visitor.levers() == wanted)
        visitor.settle()
        visitor.page.wait_for_timeout(1000)
        assert visitor.levers() == wanted
        assert "rupee" not in visitor.page.url or "rupee=97" in visitor.page.url


def test_an_open_group_of_levers_stays_open_on_the_next_page(visiting: Visit) -> None:
    """Who tunes the world walks from page to page with it."""
    is_open = "() => document.querySelector('.st-key-group_world details').open"
    with visiting() as visitor:
        visitor.open()
        visitor.page.locator(".st-key-group_world summary").click()
        visitor.slider("rupee").wait_for()
        for title in ("Map", "Evidence", "Mix"):
            visitor.turn_to(title)
            visitor.settle()
            visitor.page.wait_for_function(is_open)
            visitor.slider("rupee").wait_for()
        visitor.page.locator(".st-key-group_world summary").click()
        visitor.until(lambda: not visitor.page.evaluate(is_open))
        visitor.turn_to("Map")
        visitor.settle()
        assert not visitor.page.evaluate(is_open)
