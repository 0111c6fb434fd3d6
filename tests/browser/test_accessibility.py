"""Claims about reading well: axe-core finds nothing serious that is ours on any page, alone, on a phone and on a projector."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from model.formulation.levers import levers
from pages.parts.charts import stage as stage_chart
from pages.parts.components import sidebar
from pages.parts.workshop import text as workshop_text
from tests.support import browser
from tests.support.browser import PHONE, Visit, Visitor

pytestmark = pytest.mark.browser
Finding = tuple[str, str]
"""Rule, and the element that breaks it as HTML."""

PAGES = tuple(
    re.findall(r'title="([^"]+)"', (browser.ROOT / "app.py").read_text(encoding="utf-8").split("pages = [")[1])
)
"""Every page of the menu, read from the frame, so that a new page is looked at without being named here."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

NOT_OURS = {
    "svg-img-alt": (
        r'role="graphics-symbol" aria-roledescription="\w+ mark container"',
        "Vega draws a layer without marks, such as a brush not yet used, as a figure without a name. The chart has a name as a whole.",
    ),
}
"""Rules that Streamlit's own parts break: what its HTML looks like, and why it is not ours to mend."""


def axe() -> str:
    """The checker's code, which a development package carries: nothing is fetched."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def findings(visitor: Visitor) -> list[Finding]:
    """Every serious and critical finding on the page that is not in the list of those that are Streamlit's own."""
    visitor.nothing_fades()  # what still fades has less contrast than it will have
    visitor.page.evaluate(axe())
    # what Streamlit shows paler because it is being worked out anew is left out: it is inactive, and gone in a moment
    found: dict[str, Any] = visitor.page.evaluate(
        "rules => axe.run({exclude: [['[data-stale=true]']]}, {runOnly: rules, resultTypes: ['violations'], iframes: false})",
        RULES,
    )
    grave = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    every = [(rule["id"], node["html"][:400] + " | " + str(node["target"])) for rule in grave for node in rule["nodes"]]
    return [
        one for one in every if not any(one[0] == rule and re.search(p, one[1]) for rule, (p, _) in NOT_OURS.items())
    ]


def stands(visitor: Visitor) -> None:
    """Wait until the page stands, or for some seconds where long work goes on."""
    visitor.top().wait_for()
    with suppress(Exception):
        visitor.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=8000)
    visitor.nothing_fades()


def shown(found: list[Finding]) -> str:
    """The findings in lines."""
    return "\n".join(f"{rule}: {html}" for rule, html in found)


def test_no_page_has_a_serious_finding(visiting: Visit) -> None:
    """Contrast, names, roles, alternatives, order: every page of the menu on a desk, with the side open. And
    no page asks another server: the visitor refuses every such request and counts it."""
    found: list[Finding] = []
    with visiting() as visitor:
        visitor.open()
        for title in PAGES:
            there = visitor.page.url
            visitor.menu(title).click()
            if title != "Mix":  # on which the visit begins
                visitor.page.wait_for_url(lambda url, there=there: url != there)
            stands(visitor)
            found += [(f"{title}: {rule}", html) for rule, html in findings(visitor)]
    assert len(PAGES) > 9
    assert not found, shown(found)


@pytest.mark.parametrize("size", [browser.DESK, PHONE], ids=["desk", "phone"])
def test_open_groups_of_levers_have_none(visiting: Visit, size: dict[str, Any]) -> None:
    """Every slider, switch and choice of the side, also those that stand behind a title until it is opened."""
    with visiting(**size) as visitor:
        visitor.open()
        if size is PHONE:
            visitor.page.get_by_test_id("stExpandSidebarButton").click()
        side = visitor.page.get_by_test_id("stSidebar")
        for group in sidebar.GROUPS:
            side.locator(f".st-key-group_{group} summary").click()
            side.locator(f".st-key-group_{group}").get_by_role("slider").first.wait_for()
            stands(visitor)
        assert side.get_by_role("slider").count() > sum(lever.front for lever in levers())
        assert not findings(visitor), shown(findings(visitor))


def test_the_room_has_none_with_answers_in_it(visiting: Visit) -> None:
    """The board with its chart, the phone's sliders before and after sending."""
    with visiting() as host:
        host.open()
        host.page.get_by_role("link", name="Room", exact=True).click()
        host.page.get_by_role("button", name=workshop_text.OPEN).click()
        host.page.wait_for_url(re.compile("host="))
        code = re.search(r"host=([A-Z]+)", host.page.url)
        assert code
        with visiting(**PHONE) as person:
            person.page.goto(f"{person.server.url}/?room={code[1]}")
            send = person.page.get_by_role("button", name=workshop_text.SEND)
            send.wait_for()
            assert not findings(person), shown(findings(person))
            send.click()
            person.page.get_by_text(workshop_text.OWN_MIX).wait_for()
            assert not findings(person), shown(findings(person))
        host.page.get_by_text(workshop_text.COMMON_TITLE).wait_for()
        host.settle()
        assert not findings(host), shown(findings(host))


def test_the_projector_and_the_phone_have_none(visiting: Visit) -> None:
    """Large letters on the stage, and the first page on 390 pixels."""
    with visiting() as visitor:
        visitor.open("", {"projector": "true"})
        visitor.page.get_by_role("link", name="Stage", exact=True).click()
        visitor.page.get_by_role("button", name=stage_chart.ON).wait_for()
        visitor.settle()
        visitor.page.keyboard.press("PageDown")
        visitor.page.get_by_text("1 of ").first.wait_for()
        assert not findings(visitor), shown(findings(visitor))
    with visiting(**PHONE) as visitor:
        visitor.open()
        assert not findings(visitor), shown(findings(visitor))
