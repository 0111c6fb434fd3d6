"""Claims about opening and sharing links in the app: what is restored, what is said when something moved, and that nothing hostile does harm."""

from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from model import __version__
from model.edits import packed
from model.evidence import Edit, Evidence
from model.levers import Choice
from model.link import Link, decode, differs, encode, headlines, parameters
from model.live import Engine
from model.pins import Pin
from pages.parts import link_words, own_words
from pages.parts.bridge.address import _page_of as page_of
from pages.parts.invite import front
from tests.test_edits import longest
from tests.test_link import hostile

APP = str(Path(__file__).resolve().parents[1] / "app.py")
SENT = Choice(china_limit=72, aim="shortfall", joint_venture=True, rupee=95)


def opened(query: str) -> AppTest:
    """The app as a visitor sees it who comes by this query."""
    app = AppTest.from_file(APP, default_timeout=120)
    for name, values in parse_qs(query, errors="replace").items():
        app.query_params[name] = values if len(values) > 1 else values[0]
    return app.run()


def stands(app: AppTest) -> Choice:
    """Where the levers stand: on screen, or in the visitor's state where they are folded away at their default."""
    drawn = {w.key: w.value for kind in (app.slider, app.toggle, app.selectbox) for w in kind}
    kept = {name: app.session_state[name] for name in Choice().values() if name in app.session_state}
    return Choice.of({name: (drawn | kept).get(name, value) for name, value in Choice().values().items()})


def warned(app: AppTest) -> str:
    return " ".join(box.value for box in app.warning).replace("\\", "")


@pytest.fixture(scope="module")
def said(engine: Engine) -> dict[str, float]:
    return headlines(engine.mix(SENT))


def link(evidence: Evidence, said: dict[str, float], **more: object) -> Link:
    base = {
        "choice": SENT,
        "page": "mix",
        "story": "eu_65",
        "data": evidence.version,
        "model": __version__,
        "said": said,
    }
    return Link(**(base | more))  # type: ignore[arg-type]


# -- opening -----------------------------------------------------------------------------------------------------------


def test_a_link_restores_levers_page_year_story_and_pins(evidence: Evidence, said: dict[str, float]) -> None:
    pins = (Pin("Ours", Choice(china_limit=44)), Pin("Theirs", Choice(rupee=88), 1.0))
    app = opened(encode(link(evidence, said, page="map", year=2033, pins=pins)))
    assert not app.exception
    assert stands(app) == SENT
    assert app.slider(key="map_year").value == 2033
    assert app.selectbox(key="preset").value == "eu_65"
    assert app.session_state["_pins"] == pins
    assert not app.warning


def test_what_was_compared_is_compared_again(evidence: Evidence, said: dict[str, float]) -> None:
    pins = (Pin("Ours", Choice(china_limit=64)), Pin("Theirs", Choice(rupee=88)))
    app = opened(encode(link(evidence, said, page="compare", pins=pins, compare=("pin-1", "story-cheapest"))))
    assert app.selectbox(key="compare_left").value == "pin-Theirs"
    assert app.selectbox(key="compare_right").value == "story-cheapest"


def test_a_link_that_still_holds_says_so_quietly(evidence: Evidence, said: dict[str, float]) -> None:
    app = opened(encode(link(evidence, said)))
    assert not app.warning
    assert any("checked and are the same" in text.value for text in app.caption)


def test_a_link_made_on_other_data_says_what_moved_old_and_new(evidence: Evidence, said: dict[str, float]) -> None:
    """The old levers stand on the new data, and the notice goes when a lever moves."""
    old = {**said, "bill_crore": 5432.0, "china_share": 0.5}
    app = opened(encode(link(evidence, old, data="0123456789ab")))
    text = warned(app)
    assert "made on other data (version 0123456789ab" in text
    assert "the yearly bill was INR 5,432 crore, is now INR " in text
    assert "dependence on China was 50.0 %" in text
    assert stands(app) == SENT
    app.slider(key="china_limit").set_value(73.0).run()
    assert not app.warning


def test_other_data_with_the_same_numbers_is_no_alarm(evidence: Evidence, said: dict[str, float]) -> None:
    app = opened(encode(link(evidence, said, data="0123456789ab")))
    assert not app.warning
    assert any("other data or another model" in text.value for text in app.caption)


def test_numbers_that_are_not_found_again_on_the_same_data_are_told(evidence: Evidence, said: dict[str, float]) -> None:
    """Nobody may pass off other numbers as those of this explorer."""
    app = opened(encode(link(evidence, {**said, "bill_crore": said["bill_crore"] * (1 + 1e-5)})))
    assert "its numbers are not found again" in warned(app)


def test_a_cut_link_is_said_to_be_cut(evidence: Evidence, said: dict[str, float]) -> None:
    query = encode(link(evidence, said))
    app = opened(query[: query.index("rupee") + 7])
    assert not app.exception
    text = warned(app)
    assert "cut off on its way" in text
    assert "Defaults stand for" in text
    assert stands(app).china_limit == 72


def test_a_changed_link_is_said_to_be_changed(evidence: Evidence, said: dict[str, float]) -> None:
    app = opened(encode(link(evidence, said)).replace("china_limit=72", "china_limit=71"))
    assert "changed on its way" in warned(app)
    assert not any("made on" in box.value for box in app.warning)


def test_a_link_whose_limits_have_no_mix_any_more_says_so(evidence: Evidence, said: dict[str, float]) -> None:
    app = opened(encode(link(evidence, said, choice=Choice(china_limit=0, shortfall_limit=0), data="old")))
    assert not app.exception
    assert "a mix met its limits; now none does" in warned(app)


def test_own_numbers_travel_with_a_link(evidence: Evidence, said: dict[str, float]) -> None:
    """What the sender saw stood on numbers of his own: the receiver sees the same, or is told why not."""
    fact = "base_china_cost_2030"
    own = packed((Edit(fact=fact, value=evidence.value(fact) * 1.1, reason="a test"),))
    app = opened(encode(link(evidence, said, own=own)))
    assert not app.exception
    assert [edit.fact for edit in app.session_state["_own"]] == [fact]
    app = opened(encode(link(evidence, said, own="AAAA")))
    assert "own numbers of this link were not taken over" in warned(app)


# -- sharing -----------------------------------------------------------------------------------------------------------


def shared(app: AppTest) -> str:
    """The link that the Share button shows."""
    app.session_state["share"] = True
    app.run()
    return str(next(code.value for code in app.code))


def test_the_link_shown_restores_what_stands(evidence: Evidence, engine: Engine) -> None:
    """Moved, pinned, shared, opened by somebody else: the same levers, the same numbers, nothing to warn of."""
    app = opened("china_limit=66&discount_rate=7.5&joint_venture=true")
    address = shared(app)
    found = decode(parse_qs(urlsplit(address).query))
    assert found.whole
    assert found.link.choice == Choice(china_limit=66, discount_rate=7.5, joint_venture=True)
    assert found.link.data == evidence.version
    assert differs(found.link.said, headlines(engine.mix(found.link.choice))) == {}
    stranger = opened(urlsplit(address).query)
    assert stands(stranger) == found.link.choice
    assert not stranger.warning


@pytest.mark.parametrize("page", ["choose/map", "challenge/compare", "check/method"])
def test_a_link_leads_to_the_front_whatever_the_page(page: str) -> None:
    """With a year of its own or without."""
    app = opened("")
    app.switch_page(f"pages/{page}.py").run()
    address = shared(app)
    assert not app.exception
    assert urlsplit(address).path == "/"
    assert f"page={page.split('/')[1]}" in address


@pytest.mark.parametrize(
    ("url", "page", "wanted"),
    [
        ("https://x.org", "mix", "https://x.org/"),
        ("https://x.org/map?a=1#b", "map", "https://x.org/"),
        ("https://x.org/tools/magnets/map", "map", "https://x.org/tools/magnets/"),
        ("https://x.org/tools/magnets", "mix", "https://x.org/tools/magnets/"),
        ("https://x.streamlit.app/~/+/compare", "compare", "https://x.streamlit.app/"),
        ("http://10.0.0.5:8501/", "mix", "http://10.0.0.5:8501/"),
        ("", "mix", "http://localhost:8501/"),
    ],
)  # fmt: skip
def test_the_front_address_is_found_from_any_page(url: str, page: str, wanted: str) -> None:
    assert front(url, page) == wanted


def test_a_long_link_says_so() -> None:
    assert link_words.length_note("x" * 1500) == ""
    assert "cut links after 2,048" in link_words.length_note("x" * 2100)
    assert "Remove some" in link_words.length_note("x" * 5000)


def test_own_numbers_too_many_for_a_link_are_said_to_stay(evidence: Evidence, said: dict[str, float]) -> None:
    """Left out without a word, the reader would see other numbers than the sender; cut, nobody could open the link whole."""
    app = opened(encode(link(evidence, said)))
    app.session_state["_own"] = longest(evidence)
    app.session_state["share"] = True
    app.run()
    assert not app.exception
    assert own_words.NUMBERS_STAY in [box.value for box in app.warning]
    assert "own" not in app.query_params
    shared = next(code.value for code in app.code)
    found = decode(parse_qs(urlsplit(shared).query))
    assert found.whole
    assert found.lost == ()
    assert found.link.own == ""


# -- hostile -----------------------------------------------------------------------------------------------------------


def test_hostile_addresses_give_no_error_on_screen() -> None:
    """Twenty like those five thousand, through the whole app: no traceback, levers within their reach, short notices."""
    draw = random.Random(11)
    for _ in range(20):
        query = hostile(draw)
        app = AppTest.from_file(APP, default_timeout=120)
        for name, values in parse_qs(query, errors="replace").items():
            app.query_params[name] = values if len(values) > 1 else values[0]
        app.run()
        assert not app.exception, query[:300]
        stands(app)
        assert all(len(box.value) < 900 for box in app.warning)


def test_what_one_visitor_brings_never_reaches_another(evidence: Evidence, said: dict[str, float]) -> None:
    opened(encode(link(evidence, said, pins=(Pin("Secret", Choice()),))))
    other = opened("")
    assert stands(other) == Choice()
    assert other.session_state["_pins"] == ()


def test_a_reload_and_a_new_start_find_pins_and_story_in_the_address(
    evidence: Evidence, said: dict[str, float]
) -> None:
    """What stays in the address is enough; what a link once said is gone from it."""
    app = opened(encode(link(evidence, said, pins=(Pin("Ours", Choice(china_limit=44)),))))
    kept = {name: app.query_params[name] for name in app.query_params}
    assert set(kept) & {"said", "sum", "digest", "link", "page"} == set()
    again = AppTest.from_file(APP, default_timeout=120)
    for name, value in kept.items():
        again.query_params[name] = value
    again.run()
    assert stands(again) == SENT
    assert [pin.name for pin in again.session_state["_pins"]] == ["Ours"]
    assert again.selectbox(key="preset").value == "eu_65"
    assert not again.warning


def test_every_parameter_of_a_link_is_short_but_for_pins_and_numbers(
    evidence: Evidence, said: dict[str, float]
) -> None:
    assert all(len(value) <= 24 for name, value in parameters(link(evidence, said)).items() if name != "said")


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("http://localhost:8501/", ""), ("http://localhost:8501/room?host=X", "room"), ("https://a.org/magnets/india/map?x=/room", "map"),
        ("https://a.org/magnets/india/", ""), ("http://localhost:8501/nowhere", ""), ("", ""), ("http://localhost:8501/map/#room", "map"),
    ],
)  # fmt: skip
def test_the_page_of_an_address_is_its_last_name(url: str, page: str) -> None:
    """A browser that finds its server again after a restart keeps its address; the page must not become the front."""
    assert page_of(url, {"mix": 0, "map": 0, "room": 0}) == page
