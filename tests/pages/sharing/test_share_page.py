"""Claims about opening and sharing links in the app: what is restored, what is said when something moved, and that nothing hostile does harm."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from model.engine.engine import Engine
from model.errors import SolverFailed
from model.evidence.schema import Edit
from model.evidence.store import Evidence
from model.export.link.link_format import BASE, LONGEST, Link, base_of, checksum, differs, headlines
from model.export.link.link_reading import decode
from model.export.link.link_writing import encode, parameters
from model.export.link.pins import Pin
from model.export.link.url_codec import squeezed
from model.export.link.user_edits_codec import packed
from model.formulation.levers import Choice
from model.provenance import model_version
from pages.parts.sharing import address as bridge_address
from pages.parts.sharing import front_address
from pages.parts.sharing.address import _page_of as page_of
from pages.parts.sharing.front_address import front
from pages.parts.text import links as link_text
from pages.parts.text import user_data as user_data_text
from tests.evidence.test_user_edits import longest
from tests.export.link.test_link import BEFORE, hostile

APP = str(Path(__file__).resolve().parents[3] / "app.py")
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
    return Choice.of({name: (kept | drawn).get(name, value) for name, value in Choice().values().items()})


def kept(app: AppTest, name: str) -> str:
    """What the address holds under a name."""
    found = app.query_params[name]
    return found if isinstance(found, str) else found[0]


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
        "model": model_version(),
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


@pytest.mark.parametrize("name", BEFORE)
def test_a_link_of_before_opens(name: str) -> None:
    """As the code of release 0.1.0 made it: levers, pins, page and what was compared come back; that the model is another is said."""
    app, holds = opened(BEFORE[name]["query"]), BEFORE[name]["holds"]
    assert not app.exception
    now = stands(app).values()
    assert {lever: now[lever] for lever in holds["levers"]} == holds["levers"]
    assert len(app.session_state["_pins"]) == len(holds["pins"])
    assert "on its way" not in warned(app)
    assert "cannot be" not in warned(app)
    if holds["said"]:
        text = warned(app)
        assert "another version of the model (0.1.0, now 0.2.0+" in text or "the model have changed since" in text
    if holds["compare"]:
        wanted = holds["compare"][0]
        assert app.session_state["compare_left"] == ("pin-Mümbai <b>x</b>" if wanted == "pin-1" else wanted)


def test_what_a_link_names_and_is_not_here_is_told(evidence: Evidence, said: dict[str, float]) -> None:
    """A page, a story, a year, a side, a chart, a step of another explorer: none is passed over in silence."""
    app = opened(
        encode(
            link(
                evidence, said, page="globe", story="mars", year=2050, compare=("present", "story-mars"), look="globe", step=98
            )
        )
    )  # fmt: skip
    assert not app.exception
    text = warned(app)
    for part in ("the page", "the story", "the year", "what was compared", "the chart compared", "the step on stage"):
        assert part in text
    assert "on its way" not in text
    assert "the story" in warned(opened("china_limit=55&story=mars"))


def test_numbers_of_pins_are_not_said_to_be_checked(evidence: Evidence, said: dict[str, float]) -> None:
    """Only the levers' were."""
    app = opened(encode(link(evidence, said, pins=(Pin("Ours", Choice(), 1.0),))))
    (text,) = [each.value.replace("\\", "") for each in app.caption if "checked and are the same" in each.value]
    assert "Their headline numbers were checked" in text
    assert link_text.PINS_UNCHECKED in text


def test_a_compared_story_that_costs_otherwise_is_told(
    evidence: Evidence, said: dict[str, float], engine: Engine
) -> None:
    """Stories travel by their id, so an edited one changes what is compared; the levers' own numbers have not moved."""
    total = engine.mix(Choice.of(evidence.presets["eu_65"].levers)).total_kusd
    more: dict[str, Any] = {"page": "compare", "compare": ("present", "story-eu_65")}
    app = opened(encode(link(evidence, said, sides=(said["total_kusd"], total * 1.1), **more)))
    assert not app.exception
    assert "total cost of “Story: " in warned(app)
    assert not any("checked and are the same" in text.value for text in app.caption)
    app = opened(encode(link(evidence, said, sides=(said["total_kusd"], total), **more)))
    assert not app.warning
    app.selectbox(key="compare_right").set_value("today").run()
    assert not app.warning


@pytest.fixture
def solver_that_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose solver gives up on what a link is to be checked with."""

    def gives_up() -> dict[str, float]:
        raise SolverFailed("gave up")

    monkeypatch.setattr(bridge_address, "said_now", gives_up)


@pytest.mark.usefixtures("solver_that_gives_up")
def test_a_solver_that_gives_up_is_no_missing_mix(evidence: Evidence, said: dict[str, float]) -> None:
    """Neither when a link is opened nor when it is made."""
    app = opened(encode(link(evidence, said, data="old")))
    assert link_text.NOT_CHECKED in warned(app)
    assert "now none does" not in warned(app)
    found = decode(parse_qs(urlsplit(shared(app)).query))
    assert found.whole
    assert not found.link.solved


def test_a_link_made_when_the_solver_gave_up_says_so(evidence: Evidence) -> None:
    app = opened(encode(link(evidence, {}, solved=False)))
    assert link_text.NEVER_KNOWN in warned(app)
    assert "no mix met its limits" not in warned(app)


def test_a_link_cut_in_its_numbers_is_not_said_to_have_had_no_mix(evidence: Evidence, said: dict[str, float]) -> None:
    """On other data, with levers that the digest still vouches for."""
    query = encode(link(evidence, said, data="old"))
    app = opened(query[: query.index("said=") + 30])
    assert "cut off on its way" in warned(app)
    assert "no mix met its limits" not in warned(app)


def test_levers_that_old_pins_do_not_hold_are_told_beside_those_of_the_link(
    evidence: Evidence, said: dict[str, float]
) -> None:
    """The link is older than a lever, and so are its pins."""
    before = parameters(link(evidence, said))
    held = {name: value for name, value in before.items() if name not in ("joint_venture", "sum")}
    levers = {name: value for name, value in Choice().values().items() if name != "joint_venture"}
    held |= {"pins": squeezed([1, list(levers), [["Ours", 1.0, list(levers.values())]]])}
    text = warned(opened(urlencode({**held, "sum": checksum(held)})))
    assert "This link is older than one lever" in text
    assert link_text.PINS_OLDER in text


# -- the address of a page ---------------------------------------------------------------------------------------------


def test_an_address_keeps_what_its_other_levers_stand_on(evidence: Evidence) -> None:
    """As soon as it holds anything, and no longer."""
    now = base_of(evidence.version, model_version())
    app = opened("")
    assert BASE not in app.query_params
    app.slider(key="china_limit").set_value(55.0).run()
    assert kept(app, BASE) == now
    app.slider(key="china_limit").set_value(60.0).run()
    assert BASE not in app.query_params
    app.session_state["_pins"] = (Pin("Ours", Choice()),)
    app.run()
    assert kept(app, BASE) == now


def test_an_address_says_when_the_standard_has_changed(evidence: Evidence, said: dict[str, float]) -> None:
    """A forwarded address or a reload names only the levers that were moved: the others stand where they stand today."""
    now = base_of(evidence.version, model_version())
    app = opened("china_limit=55&base=0123abcd")
    assert warned(app) == link_text.STANDARD_MOVED
    assert stands(app).china_limit == 55
    assert kept(app, BASE) == now
    app.slider(key="china_limit").set_value(56.0).run()
    assert not app.warning
    assert link_text.STANDARD_MOVED in warned(opened("story=thaw&base=0123abcd"))
    for query in (f"china_limit=55&base={now}", "china_limit=55", f"{encode(link(evidence, said))}&base=0123abcd"):
        assert not opened(query).warning, query
    assert link_text.CUT_ADDRESS in warned(opened(f"china_limit=55&base={now[:4]}"))


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


def test_a_link_holds_what_is_compared_and_shown_wherever_it_is_made(evidence: Evidence) -> None:
    """Sides and chart of Compare, the pin beside the mix, the step and the chart on stage: all come back, from any page."""
    pins = (Pin("Ours", Choice(china_limit=64)), Pin("Theirs", Choice(rupee=88)))
    app = opened(encode(Link(Choice(), data=evidence.version, model=model_version(), pins=pins)))
    app.switch_page("pages/challenge/compare.py").run()
    app.selectbox(key="compare_left").set_value("pin-Theirs").run()
    app.segmented_control(key="compare_look").set_value("Map").run()
    app.switch_page("pages/choose/mix.py").run()
    app.selectbox(key="beside").set_value("Ours").run()
    for page in ("choose/mix", "choose/map", "workshop/stage"):
        app.switch_page(f"pages/{page}.py").run()
        if page == "workshop/stage":
            app.button(key="stage_on").click().run()
            app.button(key="stage_on").click().run()
            app.selectbox(key="stage_view").set_value("reserve").run()
        found = decode(parse_qs(urlsplit(shared(app)).query))
        assert found.link.compare == ("pin-1", "present"), page
        assert (found.link.beside, found.link.look) == ("pin-0", "map")
    assert (found.link.step, found.link.shown) == (2, "reserve")
    other = opened(urlsplit(shared(app)).query)
    assert not other.exception
    assert not other.warning
    assert stands(other) == stands(app)
    assert other.selectbox(key="stage_view").value == "reserve"
    assert kept(other, "step") == "2"
    for name, wanted in (("compare_left", "pin-Theirs"), ("compare_look", "Map"), ("beside", "Ours")):
        assert other.session_state[name] == wanted


def test_a_link_of_this_computer_alone_says_so_and_offers_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the README's laptop an e-mail with http://localhost is of no use to anybody; the field to copy from holds what others reach."""
    monkeypatch.setattr(front_address, "_own_number", lambda: "192.168.7.7")
    app = opened("china_limit=66")
    here = shared(app)
    assert here.startswith("http://localhost:8501/?link=")
    beyond = here.replace("localhost", "192.168.7.7")
    assert [code.value for code in app.code] == [here, beyond]
    assert link_text.ONLY_HERE in warned(app)
    assert [field.value for field in app.text_input if field.label == link_text.FIELD] == [beyond]
    monkeypatch.setattr(front_address, "_own_number", lambda: "")
    app.run()
    assert link_text.NOWHERE_ELSE in warned(app)
    assert [field.value for field in app.text_input if field.label == link_text.FIELD] == [here]


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
    assert link_text.length_note("x" * 1500) == ""
    assert "cut links after 2,048" in link_text.length_note("x" * 2100)
    pins, own = "p" * LONGEST, "o" * LONGEST
    assert "Remove some pinned mixes." in link_text.length_note(f"http://x/?own=abc&pins={pins}")
    assert "Remove some own numbers." in link_text.length_note(f"http://x/?own={own}&pins=abc")
    assert "Remove some pinned mixes and own numbers." in link_text.length_note(f"http://x/?own={own}&pins={pins}")


def test_own_numbers_too_many_for_a_link_are_said_to_stay(evidence: Evidence, said: dict[str, float]) -> None:
    """Left out without a word, the reader would see other numbers than the sender; cut, nobody could open the link whole."""
    app = opened(encode(link(evidence, said)))
    app.session_state["_own"] = longest(evidence)
    app.session_state["share"] = True
    app.run()
    assert not app.exception
    assert user_data_text.NUMBERS_STAY in [box.value for box in app.warning]
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
