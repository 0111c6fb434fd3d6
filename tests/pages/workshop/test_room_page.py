"""Claims about the room's two pages, run without a browser."""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from model.errors import SolverFailed
from model.evidence.data_archive import folder_zip
from model.evidence.loading import DATA
from model.formulation.levers import Choice
from pages.parts.workshop import facilitator as bridge_room
from pages.parts.workshop import participant as bridge_phone
from pages.parts.workshop import room
from pages.parts.workshop import text as workshop_text
from pages.parts.workshop.room import Key, Limits, World, new_person
from pages.parts.workshop.store import DAY_S, FILE, FOLDER_VARIABLE, Rooms
from tests.pages.test_pages import APP, headline, said

ROOM = "pages/workshop/room.py"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rooms of these tests lie beside nobody else's."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "rooms"))
    return tmp_path / "rooms"


def at(page: str = "", **asked: str) -> AppTest:
    """The app at an address."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(page).run() if page else app


def texts(app: AppTest) -> str:
    """All Markdown on the page."""
    return "\n".join(text.value for text in app.markdown)


def held(app: AppTest) -> Key:
    """The key in the facilitator's address."""
    text = app.query_params["host"]
    found = Key.read(text if isinstance(text, str) else text[0])
    assert found
    return found


def test_a_room_opens_fills_and_closes(folder: Path) -> None:
    """Code, link and picture; answers in words, the median put on the levers and taken back; nothing left at the end."""
    app = at(ROOM)
    app.button(key="room_open").click().run()
    assert not app.exception
    key = held(app)
    assert f"# {key.code}" in texts(app)
    store = Rooms(folder)
    for limits in (Limits(100, 61, 30), Limits(50, 63, 25), Limits(40, 62, 28)):
        store.give(key.code, new_person(), limits)
    app.run()
    assert "Three people have answered." in texts(app)
    assert "a mix exists" in texts(app)
    alts = [part.proto.alt for part in app.get("vega_lite_chart")]
    assert any("From China, % of demand: from 61 to 63; half accept 62." in alt for alt in alts)
    assert any("Tonnes of magnets a year by route. In 20" in alt for alt in alts)
    app.session_state["room_mix_view"] = "Table"
    app.run()
    assert any("Demand" in table.value.index for table in app.dataframe)
    app.button(key="room_adopt").click().run()
    assert Choice.of({name: app.session_state[name] for name in room.LEVERS}) == Limits(50, 62, 28).on(Choice())
    app.button(key="room_delete").click().run()
    assert not app.exception
    assert app.button(key="room_open")
    assert "host" not in app.query_params
    assert not store.exists(key.code)


def test_the_first_visitor_of_a_server_sweeps_it_and_the_board_says_until_when(folder: Path) -> None:
    """What a server that was off still holds goes without anybody's opening a room; the facilitator reads when the own room goes."""
    old = Rooms(folder, lambda: time.time() - DAY_S - 60)
    old.give(old.open().code, new_person(), Limits(1, 2, 3))
    bridge_room._sweeper.clear()
    at()
    end = time.monotonic() + 20
    while count(folder) and time.monotonic() < end:
        time.sleep(0.05)
    assert not count(folder)
    app = at(ROOM, host=str(Rooms(folder, lambda: 4_000_000_000.0).open()))
    assert workshop_text.kept(datetime(2096, 10, 3, 7, 6, tzinfo=UTC)) in [text.value for text in app.caption]


@pytest.mark.parametrize(
    ("behind", "clock"), [(-330, "12:36"), (480, "23:06"), (100_000, "07:06 UTC"), (None, "07:06 UTC")]
)
def test_the_board_says_the_end_by_the_readers_clock_and_by_utc_where_that_is_none(
    behind: int | None, clock: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """India, California, a browser that says whatever it likes, and one that says nothing. A browser counts minutes behind UTC."""
    monkeypatch.setattr(ContextProxy, "timezone_offset", property(lambda _: behind))
    app = at(ROOM, host=str(Rooms(folder, lambda: 4_000_000_000.0).open()))
    assert not app.exception
    assert any(f", {clock}, and no longer" in text.value for text in app.caption)


def test_a_server_that_only_phones_come_to_is_swept_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a new start in the midst of a workshop, of which nobody opens the board again."""
    begun: list[str] = []
    monkeypatch.setattr(bridge_room, "sweep_for_ever", lambda *_: begun.append("sweeper"))
    bridge_room._sweeper.clear()
    for _ in range(2):
        at(room=Rooms(folder).open().code)
    bridge_room._sweeper.clear()
    assert begun == ["sweeper"]


def count(folder: Path) -> int:
    """How many rooms lie in the file, whatever their age."""
    with sqlite3.connect(folder / FILE) as base:
        return int(base.execute("SELECT count(*) FROM rooms").fetchone()[0])


def test_a_room_without_a_common_mix_says_which_limits_clash(folder: Path) -> None:
    """The clash in words stands where the mix would."""
    key = Rooms(folder).open()
    Rooms(folder).give(key.code, new_person(), Limits(100, 0, 0))
    app = at(ROOM, host=str(key))
    assert not app.exception
    assert "no mix" in texts(app)
    assert "cannot hold together" in texts(app)


def test_a_solver_that_gives_up_is_not_taken_for_limits_that_clash(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The board says that nothing is known, and does not ask again for what clashes."""

    def gives_up(*_: object) -> None:
        raise SolverFailed("The solver stopped early.")

    key = Rooms(folder).open()
    Rooms(folder).give(key.code, new_person(), Limits(100, 60, 30))
    monkeypatch.setattr(bridge_room, "answered", gives_up)
    app = at(ROOM, host=str(key))
    assert not app.exception
    assert texts(app).count("whether a mix exists is not known") == 3
    assert "no mix" not in texts(app)
    assert "The solver stopped early." in texts(app)


def test_a_phone_sees_three_sliders_and_no_lever(folder: Path) -> None:
    """Send, change, send again: one answer; what the limits lead to is said in the facilitator's world."""
    store = Rooms(folder)
    key = store.open()
    store.set_world(key, World(Choice(likelihood=150)))
    app = at(room=key.code)
    assert [slider.key for slider in app.slider] == [f"mine_{name}" for name in room.LEVERS]
    for china in (70.0, 65.0):
        app.slider(key="mine_china_limit").set_value(china)
        app.button[0].click().run()
        assert not app.exception
        assert store.answers(key) == (Limits(100, china, 100),)
    assert workshop_text.SENT in said(app)
    assert workshop_text.OWN_MIX in texts(app)
    store.close(key)
    app.button[0].click().run()
    assert not app.exception
    assert "no room" in said(app)


def test_wrong_codes_of_others_shut_nobody_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer with the right code comes in whatever was tried before, from the same address and in the same visit; a wrong one
    after many is told so, and every further one takes its time."""
    waited: list[bool] = []
    monkeypatch.setattr(bridge_phone, "_pause", lambda: waited.append(True))
    monkeypatch.setattr(bridge_room, "place", lambda: "here")
    key = Rooms(folder).open()
    bridge_phone._guesses.clear()
    for number in range(13):
        app = at(room="x")
        for place in range(5):
            app.query_params["room"] = f"wrong {number} {place}"
            app.run()
    assert workshop_text.TOO_MANY_CODES in said(app)
    waited.clear()
    for phone in (at(room=key.code), app):
        phone.query_params["room"] = key.code
        phone.run()
        assert not phone.error
        assert phone.slider
    assert waited == [True, True]
    bridge_phone._guesses.clear()


def test_one_place_cannot_take_every_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After many openings from one address a sentence says so; none is opened."""
    monkeypatch.setattr(bridge_room, "place", lambda: "here")
    app = at(ROOM)
    for _ in range(40):
        bridge_room._openings().note("here")
    app.button(key="room_open").click().run()
    assert workshop_text.TOO_MANY_ROOMS in said(app)
    assert "host" not in app.query_params
    bridge_room._openings.clear()


@pytest.mark.parametrize("spoilt", ["a file in place of the folder", "a damaged file"])
def test_rooms_that_cannot_be_kept_are_one_sentence_and_the_rest_goes_on(folder: Path, spoilt: str) -> None:
    """The facilitator, a phone and everybody else: nobody sees a traceback, and the mix still answers."""
    if spoilt == "a damaged file":
        folder.mkdir()
        (folder / FILE).write_bytes(b"no database" * 500)
    else:
        folder.write_text("in the way")
    app = at(ROOM)
    app.button(key="room_open").click().run()
    assert not app.exception
    assert len(app.error) == 1
    phone = at(room="BCDFGH")
    assert not phone.exception
    assert len(phone.error) == 1
    keyed = at(ROOM, host="BCDFGH-" + "x" * 22)
    assert not keyed.exception
    assert len(keyed.error) == 1
    assert "In 20" in headline(at())


def test_the_address_for_phones_is_checked_before_it_is_shown(folder: Path) -> None:
    """What is typed becomes the link that everybody scans, or a sentence."""
    key = Rooms(folder).open()
    app = at(ROOM, host=str(key))
    app.text_input(key="phones").set_value("http://192.168.7.7:8501/").run()
    assert f"http://192.168.7.7:8501/?room={key.code}" in texts(app)
    app.text_input(key="phones").set_value("javascript:alert(1)").run()
    assert workshop_text.BAD_ADDRESS in said(app)
    assert "javascript" not in texts(app)


def test_phones_are_answered_on_the_facilitators_own_numbers(folder: Path) -> None:
    """Board and phone say the same sentence of the same limits, and the phone says whose numbers they are."""
    facts = "facts: [{fact: base_china_cost_2030, value: 120, reason: a quote}]"
    app = at(ROOM)
    app.file_uploader(key="scenario_file").upload("mine.yaml", f"levers: {{}}\n{facts}".encode()).run()
    app.button(key="room_open").click().run()
    key = held(app)
    limits = Limits(60, 65, 30)
    phone = at(room=key.code)
    for name in room.LEVERS:
        phone.slider(key=f"mine_{name}").set_value(getattr(limits, name))
    phone.button[0].click().run()
    assert not phone.exception
    app.run()
    told = [text.value for text in phone.markdown if text.value.startswith("In 20")]
    assert len(told) == 1
    assert told[0] in texts(app)
    assert workshop_text.on_own_numbers(1) in [text.value for text in phone.caption]
    published = at(ROOM, host=str(key))
    assert told[0] not in texts(published)


def test_a_room_is_not_held_on_a_data_folder_that_phones_cannot_have(folder: Path) -> None:
    """The page says why and what to do; a room that is open keeps its answers and comes back with the evidence."""
    key = Rooms(folder).open()
    Rooms(folder).give(key.code, new_person(), Limits(50, 63, 25))
    app = at("pages/check/own.py", host=str(key))
    app.file_uploader(key="own_data_file").upload("mine.zip", folder_zip(DATA)).run()
    app.switch_page(ROOM).run()
    assert not app.exception
    assert workshop_text.NO_FOLDER in said(app)
    assert key.code not in texts(app)
    app.switch_page("pages/check/own.py").run()
    app.button(key="drop_data").click().run()
    app.switch_page(ROOM).run()
    assert "One person has answered." in texts(app)


def test_an_empty_code_leads_nowhere(folder: Path) -> None:
    """A browser that finds its server again sends its empty field once more: the facilitator must not be taken for a guest."""
    app = at("pages/workshop/room.py")
    app.text_input(key="typed_code").set_value("   ").run()
    assert not app.exception
    assert "room" not in app.query_params
    app.text_input(key="typed_code").set_value("ABCDEF").run()
    assert app.query_params["room"] in ("ABCDEF", ["ABCDEF"])
