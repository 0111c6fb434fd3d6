"""Claims about the app in a real browser: what a visitor sees, keeps, shares and takes away, and what a hostile one cannot do."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from PIL import Image

from model.evidence import Evidence
from model.levers import Choice, lever_named, read_scenario
from model.live import Answer, Engine
from model.mix import INDICATORS
from pages.parts import facts, flows, maps, method, words
from tests import browser
from tests.browser import PHONE, Visitor, plain, visit

pytestmark = pytest.mark.browser
Visit = Callable[..., AbstractContextManager[Visitor]]

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
    "long.yaml": "levers: {china_limit: 10}\n#" + "x" * 100_000,
    "deep.yaml": "levers: " + "[" * 3000 + "]" * 3000,
}
PAGES = ("Map", "Evidence", "Method", "Mix")


@pytest.fixture(scope="module")
def visiting() -> Iterator[Visit]:
    """Lets visitors in: one app and one browser for all tests here. Skipped without a browser, but never in CI."""
    if why := browser.missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{why} The browser tests need both.")
    with browser.server() as running, browser.browser() as started:
        yield partial(visit, started, running)


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


def tiles(answer: Answer) -> dict[str, str]:
    """Label and value of every indicator that the Mix page must show."""
    return {each.label: plain(words.indicator_value(each, answer.mix.indicators[each.id])) for each in INDICATORS}


def painted(picture: bytes) -> tuple[Counter[tuple[int, ...]], int]:
    """How often each colour occurs in a PNG, and how many pixels there are."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    return Counter({tuple(map(int, c)): int(n) for c, n in zip(colours, counts, strict=True)}), len(pixels)


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
        assert visitor.headline() == mix_headline(answered(Choice()), evidence)
        areas = visitor.page.locator(".st-key-magnets g.mark-area path")
        areas.first.wait_for()
        assert sum(len(path.get_attribute("d") or "") > 50 for path in areas.all()) >= 5
        assert visitor.tiles() == tiles(answered(Choice()))
        visitor.page.get_by_role("button", name="Mix (CSV)").scroll_into_view_if_needed()
        visitor.settle()
        assert any(url.startswith("ws://") for url in visitor.requests)
        assert visitor.foreign() == []


def test_a_deep_link_opens_its_page_with_its_levers(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """Whoever comes in by the side door finds frame, levers and answer."""
    with visiting() as visitor:
        visitor.open("map", MOVED)
        assert visitor.levers() == Choice.of(MOVED)
        assert visitor.headline() == map_headline(answered(Choice.of(MOVED)), evidence)


def test_a_slider_moves_the_answer_and_its_address_shows_the_same_elsewhere(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence, tmp_path: Path
) -> None:
    """Three key presses change sentence, indicators and address; a stranger with that address gets the same to the last digit."""
    with visiting() as one:
        one.open()
        before, tiles_before = one.headline(), one.tiles()
        for _ in range(3):
            one.slider("china_limit").press("ArrowRight")
        one.page.wait_for_url(re.compile(r"china_limit=63\b"))
        one.shows(mix_headline(answered(Choice(china_limit=63)), evidence))
        assert one.headline() != before
        assert one.tiles() != tiles_before
        with visiting() as other:
            other.page.goto(one.page.url)
            other.settle()
            assert other.levers() == one.levers() == Choice(china_limit=63)
            assert other.headline() == one.headline()
            assert other.tiles() == one.tiles() == tiles(answered(Choice(china_limit=63)))
            mine, theirs = (tmp_path / name for name in ("mine", "theirs"))
            files = [taken(who, "Mix (CSV)", folder) for who, folder in ((one, mine), (other, theirs))]
            assert files[0].read_bytes() == files[1].read_bytes()


def test_every_page_keeps_the_levers_and_says_its_headline(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """Walking through the menu loses nothing, and each page speaks of the same mix."""
    answer = answered(Choice.of(MOVED))
    says = {"Map": map_headline(answer, evidence), "Evidence": plain(facts.counts(evidence)),
            "Method": plain(method.TITLE), "Mix": mix_headline(answer, evidence)}  # fmt: skip
    with visiting() as visitor:
        visitor.open(values=MOVED)
        for title in PAGES:
            visitor.turn_to(title)
            assert visitor.headline() == says[title]
            assert visitor.levers() == Choice.of(MOVED), title
            assert not visitor.notices(), title
            visitor.check()


def test_the_map_is_painted_with_the_colour_of_its_largest_route(visiting: Visit, evidence: Evidence) -> None:
    """A blank canvas is no map: many colours, none of them nearly everywhere, and the arc from China among them."""
    china = tuple(maps.rgb(evidence.routes["china_magnets"].colour))
    with visiting() as visitor:
        visitor.open("map")
        canvas = visitor.page.get_by_test_id("stDeckGlJsonChart")
        visitor.until(lambda: painted(canvas.screenshot())[0][china] > 500)
        colours, pixels = painted(canvas.screenshot())
        assert len(colours) > 200
        assert max(colours.values()) < 0.9 * pixels


# -- files -------------------------------------------------------------------------------------------------------


def test_the_files_to_take_away_say_what_the_engine_says_and_lead_back(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence, tmp_path: Path
) -> None:
    """CSV and workbook hold the engine's numbers for this choice; the scenario opened by a stranger sets the same levers."""
    choice = Choice.of(ASKED)
    answer = answered(choice)
    with visiting() as visitor:
        visitor.open(values=ASKED)
        table, book, scenario = (taken(visitor, label, tmp_path) for label in ("CSV", "Excel", "YAML"))
    assert [place.suffix for place in (table, book, scenario)] == [".csv", ".xlsx", ".yaml"]

    pd.testing.assert_frame_equal(pd.read_csv(table), answer.mix.table.reset_index(drop=True), check_dtype=False, rtol=1e-6, atol=1e-4)  # fmt: skip
    sheet = openpyxl.load_workbook(book, read_only=True, data_only=True)["Indicators"]
    head, *rows = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    held = {row[head.index("Id")]: row[head.index("This mix")] for row in rows}
    assert {name: held.get(name) for name in answer.mix.indicators} == pytest.approx(answer.mix.indicators, rel=1e-6, abs=1e-6)  # fmt: skip
    assert read_scenario(scenario.read_bytes()) == choice

    with visiting() as stranger:
        stranger.open()
        stranger.page.locator(".st-key-scenario_file input[type=file]").set_input_files(scenario)
        stranger.shows(mix_headline(answer, evidence))
        assert stranger.levers() == choice
        assert stranger.tiles() == tiles(answer)


def test_a_hostile_scenario_file_gives_one_sentence_and_changes_nothing(visiting: Visit) -> None:
    """Bombs, tags, endless lines and endless depth are refused by name; sliders and answer stay."""
    with visiting() as visitor:
        visitor.open(values=MOVED)
        before, tiles_before = visitor.headline(), visitor.tiles()
        for name, text in HOSTILE_FILES.items():
            file = {"name": name, "mimeType": "application/yaml", "buffer": text.encode()}
            visitor.page.locator(".st-key-scenario_file input[type=file]").set_input_files(file)
            visitor.until(lambda name=name: any(name in said for said in visitor.notices()))
            visitor.settle()
            (said,) = visitor.notices()
            assert said.startswith(f"{name} was not used, nothing changed: ")
            assert len(said) < 200, said
            assert visitor.headline() == before
            assert visitor.tiles() == tiles_before
            assert visitor.levers() == Choice.of(MOVED)
    assert not (browser.ROOT / "hacked").exists()


# -- too much, and hostile -----------------------------------------------------------------------------------------


def names_both(notices: list[str]) -> bool:
    """Whether one notice says that nothing meets the two limits, by their names."""
    return any("No mix" in said and all(lever_named(each).label in said for each in TOO_MUCH) for said in notices)


def test_a_lever_position_without_a_mix_keeps_the_last_one_and_leads_back(visiting: Visit) -> None:
    """The limits are named in a sentence, the numbers stay those of the last mix, one click returns to its levers."""
    with visiting() as visitor:
        visitor.open(values=MOVED)
        before, tiles_before = visitor.headline(), visitor.tiles()
        visitor.slider("shortfall_limit").press("Home")
        visitor.until(lambda: names_both(visitor.notices()))
        visitor.settle()
        assert visitor.slider("shortfall_limit").input_value() == "0"
        assert (visitor.headline(), visitor.tiles()) == (before, tiles_before)
        visitor.page.get_by_role("button", name="Back to the last mix").click()
        visitor.until(lambda: not visitor.notices())
        visitor.settle()
        assert visitor.levers() == Choice.of(MOVED)
        assert (visitor.headline(), visitor.tiles()) == (before, tiles_before)


def test_a_link_without_a_mix_says_so_and_shows_the_default(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """Who comes by such a link sees which limits clash, a mix all the same, and a way on."""
    with visiting() as visitor:
        visitor.open(values=TOO_MUCH)
        assert names_both(visitor.notices())
        assert visitor.levers() == Choice.of(TOO_MUCH)
        assert visitor.headline() == mix_headline(answered(Choice()), evidence)
        visitor.page.get_by_role("button", name="Back to the last mix").click()
        visitor.until(lambda: not visitor.notices())
        visitor.settle()
        assert visitor.levers() == Choice()


def test_a_hostile_address_gives_a_plain_notice_and_the_defaults(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """Endless numbers, scripts, unknown names and words for numbers: named where they are levers, run nowhere."""
    with visiting() as visitor:
        visitor.open(values={**HOSTILE, "no_such_lever": "7", "__proto__": "1", SCRIPT: SCRIPT, "x" * 500: "y" * 500})
        (said,) = visitor.notices()
        assert all(lever_named(name).label in said for name in HOSTILE), said
        assert len(said) < 600
        assert visitor.levers() == Choice()
        assert visitor.headline() == mix_headline(answered(Choice()), evidence)
        visitor.open("evidence", {"fact": SCRIPT + "x" * 5000})
        (said,) = visitor.notices()
        assert said.startswith("This link names a fact that does not exist: <script>")
        assert len(said) < 200


# -- on a phone --------------------------------------------------------------------------------------------------


def fits(visitor: Visitor) -> bool:
    """Whether nothing of the page lies beside the screen."""
    return bool(
        visitor.page.evaluate(
            "() => [document.documentElement, document.body, document.querySelector('[data-testid=stMain]')]"
            ".every(e => e.scrollWidth <= Math.min(e.clientWidth, 390))"
        )
    )


def in_sight(visitor: Visitor) -> Mapping[str, float] | None:
    """Box of the headline when its whole width and its first lines are on the screen with nothing over them."""
    box = visitor.top().bounding_box()
    if box is None or box["x"] < 0 or box["x"] + box["width"] > 390 or not 0 <= box["y"] < 844 / 2:
        return None
    seen = "(top, at) => top.contains(document.elementFromPoint(at.x + at.width / 2, at.y + 12))"
    return box if visitor.top().evaluate(f"(top, at) => ({seen})(top, at)", box) else None


def test_every_page_can_be_used_on_a_phone(
    visiting: Visit, answered: Callable[[Choice], Answer], evidence: Evidence
) -> None:
    """390 x 844 pixels: menu and levers open and close, nothing runs off to the side, the headline is in sight."""
    answer = answered(Choice(china_limit=61))
    with visiting(**PHONE) as visitor:
        visitor.open()
        visitor.page.get_by_test_id("stExpandSidebarButton").click()
        visitor.slider("china_limit").press("ArrowRight")
        visitor.page.wait_for_url(re.compile(r"china_limit=61\b"))
        visitor.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        visitor.shows(mix_headline(answer, evidence))
        for title in PAGES:
            visitor.turn_to(title, on_phone=True)
            visitor.until(lambda: in_sight(visitor) is not None)
            assert fits(visitor), title
            visitor.check()
        assert visitor.levers() == Choice(china_limit=61)
        assert visitor.tiles() == tiles(answer)
