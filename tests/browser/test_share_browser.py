"""The story of a workshop in a real browser: a link opened, moved, undone, pinned, compared, shared, and opened by a stranger."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from model.engine.engine import Answer, Engine
from model.evidence.store import Evidence
from model.export.link.link_format import BASE, Link, base_of, headlines
from model.export.link.link_writing import encode
from model.export.link.pins import Pin
from model.formulation.levers import Choice
from model.provenance import model_version
from model.results.indicators import INDICATORS
from pages.parts.compare import text as compare_text
from pages.parts.text import common as words
from pages.parts.text import links as link_text
from tests.support import browser
from tests.support.browser import PHONE, Visit, Visitor, plain, visit

pytestmark = pytest.mark.browser

SENT = Choice(china_limit=66, discount_rate=7.5, joint_venture=True)
NAME = "Our </script><b>mix</b> :red[x] *y*"


def sent(engine: Engine, evidence: Evidence, **more: object) -> str:
    """The query of a link as the explorer makes it."""
    base = {
        "choice": SENT, "page": "mix", "data": evidence.version, "model": model_version(), "said": headlines(engine.mix(SENT)),
    }  # fmt: skip
    return encode(Link(**(base | more)))  # type: ignore[arg-type]


def headline(answer: Answer, evidence: Evidence) -> str:
    return plain(words.headline(answer.mix, answer.today, evidence, int(answer.mix.choice.target_year)))


def tiles(answer: Answer) -> dict[str, str]:
    return {each.label: plain(words.indicator_value(each, answer.mix.indicators[each.id])) for each in INDICATORS}


def popover(visitor: Visitor, key: str) -> None:
    """Open or close what a button over the levers opens."""
    visitor.page.locator(f".st-key-{key} button").locator("visible=true").first.click()


def share(visitor: Visitor) -> str:
    """The link that the Share button shows."""
    popover(visitor, "share")
    code = visitor.page.get_by_test_id("stCode").locator("code").first
    code.wait_for()
    text = code.inner_text().replace("\n", "").strip()
    visitor.page.keyboard.press("Escape")
    return str(text)


def test_a_workshop_from_link_to_link(visiting: Visit, engine: Engine, evidence: Evidence) -> None:
    """Opened, moved, undone, made again, pinned, compared, shared; a stranger sees the same numbers to the last digit shown."""
    moved = SENT.changed(china_limit=68)
    with visiting() as one:
        one.page.goto(f"{one.server.url}/?{sent(engine, evidence)}")
        one.shows(headline(engine.answer(SENT), evidence), tiles(engine.answer(SENT)))
        assert one.levers() == SENT
        assert not one.notices()
        assert "said=" not in one.page.url
        assert "sum=" not in one.page.url

        for _ in range(2):
            one.slider("china_limit").press("ArrowRight")
        one.shows(headline(engine.answer(moved), evidence), tiles(engine.answer(moved)))
        one.page.get_by_role("button", name="Undo").click()
        one.shows(headline(engine.answer(SENT), evidence), tiles(engine.answer(SENT)))
        one.page.get_by_role("button", name="Redo").click()
        one.shows(headline(engine.answer(moved), evidence), tiles(engine.answer(moved)))

        popover(one, "pin")
        one.page.get_by_label("Name of this mix").fill(NAME)
        one.page.keyboard.press("Enter")
        one.page.get_by_role("button", name="Pin this mix").click()
        one.until(lambda: "pins=" in one.page.url)
        one.page.keyboard.press("Escape")
        one.page.get_by_role("button", name="Undo").click()
        one.shows(headline(engine.answer(SENT), evidence), tiles(engine.answer(SENT)))

        one.turn_to("Compare")
        wanted = plain(
            compare_text.finding(NAME, "The levers as they stand", engine.answer(moved).mix, engine.answer(SENT).mix)
        )
        one.shows(wanted)
        one.until(lambda: one.heard() == wanted)
        assert one.page.locator(".st-key-compare_Magnets_0_view, .st-key-compare_Magnets_1_view").count() == 2
        address = share(one)
        assert urlsplit(address).path == "/"

        with visiting() as other:
            other.page.goto(address)
            other.shows(wanted)
            assert urlsplit(other.page.url).path == "/compare"
            assert other.levers() == one.levers() == SENT
            assert not other.notices()
            other.turn_to("Mix")
            one.turn_to("Mix")
            one.shows(headline(engine.answer(SENT), evidence), tiles(engine.answer(SENT)))
            other.shows(one.headline(), one.tiles())


def test_a_new_server_finds_everything_in_the_address(visiting: Visit, engine: Engine, evidence: Evidence) -> None:
    """The host slept or was started anew: what stood in the address bar is enough."""
    pins = (Pin("Ours", Choice(china_limit=70), None),)
    with visiting() as visitor:
        visitor.page.goto(f"{visitor.server.url}/?{sent(engine, evidence, pins=pins, story='thaw')}")
        visitor.settle()
        visitor.until(lambda: "pins=" in visitor.page.url)
        there = visitor.page.url.removeprefix(visitor.server.url)
        with browser.server() as anew, visit(visitor.context.browser, anew) as later:  # type: ignore[arg-type]
            later.page.goto(anew.url + there)
            later.settle()
            assert later.levers() == SENT
            assert later.page.get_by_role("combobox", name="Start from a story").input_value() == "The 2025 thaw holds"
            popover(later, "pin")
            later.page.get_by_text("Ours", exact=True).wait_for()


def test_the_address_says_what_its_other_levers_stand_on(visiting: Visit, evidence: Evidence) -> None:
    """Written with the first move, in the midst of quick ones, it leaves each lever in the address where it stands; a reload on other
    standards says so, one on the same says nothing."""
    now = f"{BASE}={base_of(evidence.version, model_version())}"
    with visiting() as visitor:
        visitor.open()
        assert BASE not in visitor.page.url
        for _ in range(6):
            visitor.slider("china_limit").press("ArrowRight")
        visitor.until(lambda: now in visitor.page.url and "china_limit=66" in visitor.page.url)
        visitor.settle()
        assert now in visitor.page.url
        assert "china_limit=66" in visitor.page.url
        visitor.page.reload()
        visitor.settle()
        assert visitor.levers().china_limit == 66
        assert not visitor.notices()
        visitor.page.goto(visitor.page.url.replace(now, f"{BASE}=01234567"))
        visitor.settle()
        visitor.until(lambda: bool(visitor.notices()))
        (said,) = visitor.notices()
        assert said == link_text.STANDARD_MOVED
        visitor.until(lambda: now in visitor.page.url)


def test_a_link_can_be_copied_from_a_field(visiting: Visit) -> None:
    """Where a page has no https the copy button does nothing: the field holds the whole link, for the keys of any browser."""
    with visiting() as visitor:
        visitor.open()
        popover(visitor, "share")
        field = visitor.page.get_by_label(link_text.FIELD)
        field.wait_for()
        field.click()
        field.press("Control+a")
        chosen = field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)")
        assert chosen == visitor.page.get_by_test_id("stCode").locator("code").last.inner_text().replace("\n", "")
        assert "sum=" in chosen


def test_a_cut_link_says_so_on_a_phone(visiting: Visit, engine: Engine, evidence: Evidence) -> None:
    """As a chat program would cut it; what could be read stands."""
    query = sent(engine, evidence)
    with visiting(**PHONE) as visitor:
        visitor.page.goto(f"{visitor.server.url}/?{query[: query.index('&rupee') + 4]}")
        visitor.settle()
        visitor.until(lambda: bool(visitor.notices()))
        (said,) = visitor.notices()
        assert "cut off on its way" in said
        assert visitor.levers().china_limit == 66


def test_the_last_move_is_told_step_by_step(visiting: Visit) -> None:
    """From 60 % to no limit is shown in six steps; each says why."""
    with visiting() as visitor:
        visitor.open()
        visitor.slider("china_limit").press("End")
        visitor.page.wait_for_url(lambda url: "china_limit=100" in url)
        visitor.settle()
        visitor.page.get_by_role("button", name="Last move").click()
        dialog = visitor.page.get_by_role("dialog")
        dialog.get_by_text("Step 1 of 6").wait_for()
        dialog.get_by_text("The China limit binds at 60 % and at 67 %").wait_for()
        dialog.get_by_role("slider", name="Step").press("End")
        dialog.get_by_text("Step 6 of 6").wait_for()
