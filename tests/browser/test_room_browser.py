"""Claims about a workshop in a real browser: phones, the board that follows them, a projector, keys, and a server that is killed."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.evidence.story import load_story
from model.formulation.levers import Choice
from pages.parts.charts import stage as stage_chart
from pages.parts.workshop import aggregation
from pages.parts.workshop import text as workshop_text
from pages.parts.workshop.room import LEVERS, Limits
from tests.support import browser
from tests.support.browser import DESK, PHONE, Visit, Visitor, plain

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
SOME = (Limits(100, 60, 20), Limits(30, 65, 25), Limits(25, 62, 18))


def open_room(page: Page) -> str:
    """Open a room as its facilitator; its code."""
    page.get_by_role("link", name="Room", exact=True).click()
    page.get_by_role("button", name=workshop_text.OPEN).click()
    page.wait_for_url(re.compile(r"host="))
    return code_of(page)


def code_of(page: Page) -> str:
    """The code in the facilitator's address."""
    return parse_qs(urlsplit(page.url).query)["host"][0].split("-")[0]


def answer(page: Page, limits: Limits, label: str = workshop_text.SEND) -> None:
    """Set the three sliders by keys and send."""
    page.get_by_role("button", name=label).wait_for()
    for name in LEVERS:
        slider = page.get_by_role("slider", name=workshop_text.ASK[name])
        value = int(getattr(limits, name))
        end, key, steps = ("End", "ArrowLeft", 100 - value) if value > 50 else ("Home", "ArrowRight", value)
        slider.press(end)
        for _ in range(steps):
            slider.press(key)
    page.get_by_role("button", name=re.compile("^Send")).click()
    page.get_by_text(workshop_text.SENT).wait_for()


def test_phones_answer_and_the_board_follows(visiting: Visit, engine: Engine, evidence: Evidence) -> None:
    """Three phones, no names; the board counts them by itself, shows the engine's mix for the median and puts it on the levers; a
    phone that changes its mind is not counted twice; nothing asks another server."""
    median = aggregation.accepted_by(SOME, 0.5)
    wanted = engine.answer(median.on(Choice()))
    with visiting() as host:
        host.open()
        code = open_room(host.page)
        host.page.get_by_text(workshop_text.WAITING).wait_for()
        for place, limits in enumerate(SOME):
            with visiting(**PHONE) as phone:
                phone.page.goto(f"{phone.server.url}/?room={code}")
                answer(phone.page, limits)
                assert not phone.page.get_by_test_id("stSidebar").count()
                wide = "() => document.documentElement.scrollWidth <= innerWidth"
                assert phone.page.evaluate(wide)
                if place == 0:
                    phone.page.reload()
                    answer(phone.page, SOME[0], workshop_text.SEND_AGAIN)
        host.page.get_by_text(workshop_text.counted(SOME)).wait_for()
        host.page.get_by_text(workshop_text.median_title(median)).wait_for()
        board = plain(host.page.get_by_test_id("stMain").inner_text())
        assert plain(workshop_text.headline(wanted, evidence)) in board
        host.page.get_by_role("button", name=workshop_text.ADOPT).click()
        host.until(lambda: host.levers() == median.on(Choice()))
        host.page.get_by_role("button", name=workshop_text.DELETE).click()
        host.page.get_by_role("button", name=workshop_text.SURE).click()
        host.page.get_by_role("button", name=workshop_text.OPEN).wait_for()
        assert "host=" not in host.page.url
        with visiting(**PHONE) as late:
            late.page.goto(f"{late.server.url}/?room={code}")
            late.page.get_by_text(f"There is no room {code}").wait_for()


def test_the_way_in_can_be_read_and_scanned_from_a_small_projector(visiting: Visit) -> None:
    """At 1280x720 the code stands in one line, as on a wide screen, and the picture is at least 160 px wide."""
    with visiting() as host:
        host.open("", {"projector": "true"})
        open_room(host.page)
        host.settle()
        lines = []
        for width, height in ((1920, 1080), (1280, 720)):
            host.page.set_viewport_size({"width": width, "height": height})
            host.page.wait_for_timeout(500)
            lines.append(host.page.get_by_test_id("stMain").locator("h1").evaluate(LINES))
        picture = host.page.get_by_test_id("stMain").locator("img").first.bounding_box()
        assert lines[1] == pytest.approx(lines[0], rel=0.1)
        assert picture
        assert picture["width"] >= 160


LINES = "head => head.getBoundingClientRect().height / parseFloat(getComputedStyle(head).fontSize)"
"""How high a heading is in heights of its own letters."""


def test_a_phone_with_two_tabs_is_one_person(visiting: Visit) -> None:
    """The second tab finds what the first has sent and changes it; another phone, and the same phone in another room, begin anew,
    also with the address of somebody else's answer once they have one of their own."""
    with visiting() as host, visiting(**PHONE) as phone:
        host.open()
        code = open_room(host.page)
        phone.page.goto(f"{phone.server.url}/?room={code}")
        answer(phone.page, SOME[0])
        mine = parse_qs(urlsplit(phone.page.url).query)["me"]
        second = phone.context.new_page()
        for stranger in ("", f"&me={'x' * 22}"):
            second.goto(f"{phone.server.url}/?room={code}{stranger}")
            second.get_by_role("button", name=workshop_text.SEND_AGAIN).wait_for()
            second.wait_for_url(re.compile(rf"me={mine[0]}"))
        host.page.get_by_text(workshop_text.counted(SOME[:1])).wait_for()
        with visiting() as other:
            other.open()
            second.goto(f"{phone.server.url}/?room={open_room(other.page)}")
            second.get_by_role("button", name=workshop_text.SEND, exact=True).wait_for()
            assert parse_qs(urlsplit(second.url).query)["me"] != mine


def test_a_hostile_room_address_is_one_sentence(visiting: Visit) -> None:
    """Scripts, endless texts and stolen-looking keys: named, run nowhere, and after five wrong codes the visit has to wait."""
    with visiting(**PHONE) as phone:
        for text in ("<script>alert(1)</script>", "x" * 5000, "BBBBBB", "'; DROP TABLE rooms; --"):
            phone.page.goto(f"{phone.server.url}/?" + f"room={text}&me=../../etc")
            phone.page.get_by_text("There is no room").wait_for()
        phone.page.goto(f"{phone.server.url}/?room=BBBBBB")
        field = phone.page.get_by_role("textbox", name=workshop_text.TYPE_CODE)
        for place in range(5):
            field.fill("BBBBB" + "CDFGH"[place])
            field.press("Enter")
            phone.page.wait_for_timeout(500)
        phone.page.get_by_text(workshop_text.TOO_MANY_CODES).wait_for()
    with visiting() as host:
        host.open("room", {"host": "BBBBBB-" + "x" * 22})
        host.page.get_by_text(workshop_text.GONE_KEY).wait_for()


def test_the_story_runs_on_keys_alone_and_the_whole_stage_fits_the_screen(visiting: Visit, evidence: Evidence) -> None:
    """PageDown and PageUp as a presenter's clicker sends them, N for the note. At the sizes of old and new projectors, with large letters
    and without, nothing lies below the screen and nothing is cut: headline, steps, chart with its whole legend, and the note, at the
    step with the longest note and legend and at one with the long names of states of the world."""
    told = load_story(evidence)
    with visiting() as host:
        host.open("", {"projector": "true"})
        host.turn_to("Stage")
        host.settle()
        for step, (width, height) in enumerate((SIZES[1], *[SIZES[0]] * 3), 1):
            host.page.set_viewport_size({"width": width, "height": height})
            host.page.keyboard.press("PageDown")
            host.page.get_by_text(f"{step} of ").wait_for()
            host.settle()
            fits(host, f"step {step}, {width} wide, no note")
            letters = float(host.page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)"))
            assert letters >= 17
        host.page.keyboard.press("n")
        for projector, way in ((True, ((4, ""), (5, "PageDown"))), (False, ((5, ""), (4, "PageUp")))):
            if not projector:
                host.page.locator(".st-key-projector").get_by_text(stage_chart.PROJECTOR).click()
                host.page.wait_for_url(re.compile("^(?!.*projector=true)"))
            for step, key in way:
                if key:
                    host.page.keyboard.press(key)
                host.page.get_by_text(told[step - 1].note[:30]).wait_for()
                for width, height in SIZES[: 1 if step == 4 else 2]:
                    host.page.set_viewport_size({"width": width, "height": height})
                    host.settle()
                    fits(host, f"step {step}, {width} wide, projector {projector}")


SIZES = ((1280, 720), (1920, 1080))
"""Of old and of new projectors, in pixels."""


def fits(host: Visitor, where: str) -> None:
    """Wait until all of the stage is on screen."""
    with suppress(TimeoutError):
        host.until(lambda: not host.page.evaluate(STICK_OUT))
    found = host.page.evaluate(STICK_OUT)
    assert not found, f"{where}: {found}"


STICK_OUT = """() => {
    const chart = document.querySelector(".st-key-stage_chart").getBoundingClientRect();
    const screen = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
    const within = (box, outer, slack) => box.left >= outer.left - slack && box.top >= outer.top - slack
        && box.right <= outer.right + slack && box.bottom <= outer.bottom + slack;
    const out = (places, outer, slack) => places.flatMap(place => {
        const all = [...document.querySelectorAll(place)].map(e => e.getBoundingClientRect());
        return all.length && all.every(box => within(box, outer, slack)) ? [] : [`${place}: ${JSON.stringify(all)}`];
    });
    const note = document.querySelector(".st-key-stage_said");
    const steps = [".st-key-stage_back", ".st-key-stage_on", ".st-key-stage_view", ".st-key-stage_turn"];
    return [
        ...out(["h3", ...steps, ".st-key-stage_chart", ".st-key-stage_chart svg.marks"], screen, 0),
        ...(note ? out([".st-key-stage_said"], screen, 0) : []),
        ...out([".role-legend", ".role-legend text", ".role-axis text"].map(part => `.st-key-stage_chart ${part}`), chart, 5),
        ...(note && note.scrollHeight > note.clientHeight ? ["some of the note"] : []),
        ...(chart.height < innerHeight / 2 ? ["a small chart"] : []),
    ];
}"""
"""What of the stage is not wholly on screen, and what of the chart is cut by its edge. A box of letters may be a little larger than they."""


def test_keys_lead_through_the_story_whatever_was_touched_before(visiting: Visit, evidence: Evidence) -> None:
    """As the README says: open Stage, switch Projector on, PageDown. Then a slider moved by keys and a chart picked: the clicker goes on
    and moves no lever, a text field keeps its keys, and other pages know none of this."""
    told = load_story(evidence)
    with visiting() as host:
        host.open()
        host.turn_to("Stage")
        host.settle()
        host.page.locator(".st-key-projector").get_by_text(stage_chart.PROJECTOR).click()
        host.page.wait_for_url(re.compile("projector=true"))
        host.page.keyboard.press("PageDown")
        host.page.get_by_text("1 of ").wait_for()
        china = host.page.get_by_role("slider", name=re.compile("Dependence on China"))
        for step in (2, 3):
            host.settle()
            china.press("ArrowRight")
            host.page.keyboard.press("PageDown")
            host.page.get_by_text(f"{step} of ").wait_for()
            wanted = Choice.of(evidence.presets[told[step - 1].preset].levers)
            host.until(lambda wanted=wanted: host.levers() == wanted)
        host.page.get_by_role("combobox", name=stage_chart.CHART_LABEL).click()
        host.page.get_by_role("option", name="Reserve").click()
        host.page.get_by_role("combobox", name=stage_chart.CHART_LABEL, expanded=False).wait_for()
        host.page.locator("[data-testid=stVegaLiteChart] [aria-label^='sector:']").first.wait_for(state="detached")
        host.settle()
        host.page.keyboard.press("n")
        host.page.get_by_text(told[2].note[:30]).wait_for()
        host.page.keyboard.press("PageUp")
        host.page.get_by_text("2 of ").wait_for()
        host.turn_to("Method")
        host.settle()
        before = float(china.input_value())
        china.press("PageDown")
        assert float(china.input_value()) < before


def test_a_killed_server_comes_back_with_room_and_link(started: Browser, tmp_path: Path) -> None:
    """The power fails in the middle: board and phones go on by themselves on the new server, with every answer; a reload and a clean
    browser with the facilitator's address show the same room and the same levers."""
    port = browser.free_port()
    with browser.server(port, tmp_path) as first:
        host = started.new_context(**DESK).new_page()
        host.goto(f"{first.url}/?china_limit=64")
        host.get_by_test_id("stMain").locator("h2").first.wait_for()
        host.get_by_role("slider", name=re.compile("Dependence on China")).wait_for()
        code = open_room(host)
        phones = [started.new_context(**PHONE).new_page() for _ in range(2)]
        for phone, limits in zip(phones, SOME, strict=False):
            phone.goto(f"{first.url}/?room={code}")
            answer(phone, limits)
        host.get_by_text(workshop_text.counted(SOME[:2])).wait_for()
        address = host.url
        assert first.process
        first.process.kill()
        first.process.wait()
    with browser.server(port, tmp_path) as second:
        back = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
        phones[0].wait_for_selector(back, timeout=1000 * browser.WAIT_S)
        answer(phones[0], SOME[2], workshop_text.SEND_AGAIN)
        third = started.new_context(**PHONE).new_page()
        third.goto(f"{second.url}/?room={code}")
        answer(third, SOME[0])
        everybody = workshop_text.counted(SOME)
        host.get_by_text(everybody).wait_for(timeout=1000 * browser.WAIT_S)
        assert host.url == address
        stranger = started.new_context(**DESK).new_page()
        for page in (host, stranger):
            page.goto(address)
            page.get_by_text(everybody).wait_for()
            assert code_of(page) == code
            assert page.get_by_role("slider", name=re.compile("Dependence on China")).input_value() == "64"
            page.get_by_text(workshop_text.median_title(aggregation.accepted_by(SOME, 0.5))).wait_for(
                timeout=1000 * browser.WAIT_S
            )
        assert not second.tracebacks()
    for page in (host, stranger, third, *phones):
        page.context.close()
