"""Claims about the rooms' store and about what a room wants."""

from __future__ import annotations

import math
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.engine.engine import Engine
from model.errors import InputError
from model.formulation.levers import Choice
from pages.parts.sharing import front_address
from pages.parts.workshop import aggregation, rate_limit, room, store
from pages.parts.workshop import text as workshop_text
from pages.parts.workshop.rate_limit import Tries
from pages.parts.workshop.room import Key, Limits, NoRoom, RoomError, World, new_person, read_code
from pages.parts.workshop.store import Rooms

SOME = Limits(20, 60, 15)


class Clock:
    """A clock that stands until it is moved, seconds."""

    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(tmp_path: Path, clock: Clock) -> Rooms:
    return Rooms(tmp_path / "new" / "folder", clock)


def test_an_answer_comes_back_in_another_process_of_the_server(rooms: Rooms) -> None:
    """What people gave lies in the file and not in memory: a server that starts again finds it whole, the levers included."""
    key, person = rooms.open(), new_person()
    world = World(Choice(likelihood=150), "own numbers, packed")
    rooms.set_world(key, world)
    rooms.give(key.code, person, SOME)
    again = Rooms(rooms.path.parent, rooms._now)
    assert again.answers(Key.read(str(key)) or key) == (SOME,)
    assert again.world(key.code) == world
    assert again.answer_of(key.code, person) == SOME


def test_a_browser_has_one_answer_and_may_change_it(rooms: Rooms) -> None:
    """People think again; the last word counts, and it counts once."""
    key, person = rooms.open(), new_person()
    for china in (80, 60, 70):
        rooms.give(key.code, person, Limits(20, china, 15))
    assert rooms.answers(key) == (Limits(20, 70, 15),)


def test_one_room_cannot_read_another(rooms: Rooms) -> None:
    """Only a room's own key opens it: not another room's, not none, not the code alone; and deleting one leaves the other."""
    mine, other = rooms.open(), rooms.open()
    rooms.give(mine.code, new_person(), SOME)
    for wrong in (
        Key(mine.code, other.secret),
        Key(mine.code, ""),
        Key(mine.code, "x" * 22),
        Key("BBBBBB", mine.secret),
    ):
        for work in (rooms.answers, rooms.table, rooms.close, lambda key: rooms.set_world(key, World(Choice()))):
            with pytest.raises(NoRoom):
                work(wrong)
    assert rooms.answers(other) == ()
    rooms.close(other)
    assert rooms.answers(mine) == (SOME,)


def test_the_file_does_not_hold_the_facilitators_secret(rooms: Rooms) -> None:
    """Whoever reads the file cannot come in as the facilitator."""
    key = rooms.open()
    with sqlite3.connect(rooms.path) as base:
        held = str(base.execute("SELECT * FROM rooms").fetchall())
    assert key.code in held
    assert key.secret not in held


def test_rooms_are_gone_after_a_day(rooms: Rooms, clock: Clock) -> None:
    """With every answer, for readers and writers alike, whoever comes first."""
    key = rooms.open()
    rooms.give(key.code, new_person(), SOME)
    clock.at += store.DAY_S + 1
    with pytest.raises(NoRoom):
        rooms.answers(key)
    with sqlite3.connect(rooms.path) as base:
        assert base.execute("SELECT (SELECT count(*) FROM rooms) + (SELECT count(*) FROM answers)").fetchone() == (0,)


def test_rooms_are_swept_when_nobody_asks(rooms: Rooms, clock: Clock) -> None:
    """A room and its answers leave the file within seconds after their day, also when the file could not be used once; a sweeper
    makes no file."""
    assert rooms.sweep() == store.SWEEP_S
    assert not rooms.path.parent.exists()
    key, opened = rooms.open(), clock.at
    rooms.give(key.code, new_person(), SOME)
    assert rooms.until(key) == opened + store.DAY_S
    clock.at += 1000
    damaged = Rooms(rooms.path.parent / "damaged")
    damaged.path.parent.mkdir()
    damaged.path.write_bytes(b"no database" * 500)
    stores = iter((damaged, *[rooms] * 40))
    gone: list[float] = []
    failed: list[float] = []

    def wait(seconds: float) -> None:
        with sqlite3.connect(rooms.path) as base:
            left = base.execute("SELECT (SELECT count(*) FROM rooms) + (SELECT count(*) FROM answers)").fetchone()[0]
        if not left:
            gone.append(clock.at - opened)
        clock.at += seconds

    with pytest.raises(StopIteration):
        store.sweep_for_ever(lambda: next(stores), lambda: failed.append(clock.at), wait)
    assert failed == [opened + 1000], "whoever runs the server learns of it"
    assert store.DAY_S <= gone[0] <= store.DAY_S + 5


def test_a_room_deleted_while_somebody_asks_for_its_end_is_gone_in_a_sentence(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a second tab of the facilitator may do at any moment, also between looking at the key and at the clock."""
    key, let_in = rooms.open(), Rooms._let_in

    def deleted_just_then(self: Rooms, base: sqlite3.Connection, asked: Key) -> object:
        found = let_in(self, base, asked)
        base.execute("DELETE FROM rooms")
        return found

    monkeypatch.setattr(Rooms, "_let_in", deleted_just_then)
    assert rooms.until(key) > 0
    with pytest.raises(NoRoom):
        rooms.until(key)


def test_a_deleted_room_leaves_nothing(rooms: Rooms) -> None:
    """The facilitator's 'delete' is meant: no answer stays, and a late one is refused in a sentence."""
    key = rooms.open()
    rooms.give(key.code, new_person(), SOME)
    rooms.close(key)
    with sqlite3.connect(rooms.path) as base:
        assert base.execute("SELECT count(*) FROM answers").fetchone() == (0,)
    with pytest.raises(NoRoom, match="no room"):
        rooms.give(key.code, new_person(), SOME)


def test_rooms_and_answers_are_bounded_and_idle_rooms_give_way(
    rooms: Rooms, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can fill the disk; a room in use is never pushed out."""
    monkeypatch.setattr(store, "MOST_ROOMS", 3)
    monkeypatch.setattr(store, "MOST_ANSWERS", 2)
    keys = []
    for _ in range(3):
        keys.append(rooms.open())
        clock.at += 1
    with pytest.raises(RoomError, match="rooms are open"):
        rooms.open()
    people = [new_person() for _ in range(3)]
    for person in people[:2]:
        rooms.give(keys[0].code, person, SOME)
    with pytest.raises(RoomError, match="people have answered"):
        rooms.give(keys[0].code, people[2], SOME)
    rooms.give(keys[0].code, people[0], Limits(1, 2, 3))
    clock.at += store.IDLE_S + 1
    assert rooms.open()
    assert len(rooms.answers(keys[0])) == 2
    assert rooms.answers(keys[2]) == (), "only the oldest empty one gave way"
    with pytest.raises(NoRoom):
        rooms.answers(keys[1])


def test_many_people_answer_at_the_same_moment(rooms: Rooms) -> None:
    """Forty phones press 'send' together and none is lost or refused."""
    key = rooms.open()
    problems: list[BaseException] = []

    def give(place: int) -> None:
        try:
            for china in (place, place + 1):
                Rooms(rooms.path.parent, rooms._now).give(key.code, f"{place:022d}", Limits(10, china, 10))
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=give, args=(place,)) for place in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert [answer.china_limit for answer in rooms.answers(key)] == [place + 1.0 for place in range(40)]


HOSTILE = ["", "x", "'; DROP TABLE rooms; --", "a" * 10_000, "\x00", "../../etc/passwd", "ABCDEF", "%s", "𝔅𝔅𝔅𝔅𝔅𝔅"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_type_never_becomes_a_command(rooms: Rooms, text: str) -> None:
    """Codes, marks and keys are read strictly and go into queries as values only."""
    key = rooms.open()
    assert read_code(text) is None
    assert Key.read(text) is None
    assert not rooms.exists(text)
    assert rooms.answer_of(key.code, text) is None
    with pytest.raises(RoomError):
        rooms.give(key.code, text, SOME)
    assert rooms.exists(key.code)


def test_a_limit_out_of_range_is_refused_by_name() -> None:
    """The store holds nothing that a lever could not."""
    for wrong in ((-1, 60, 20), (10, 101, 20), (10, 60, math.nan), (10, 60, "many")):
        with pytest.raises(InputError, match="lever"):
            Limits(*wrong)  # type: ignore[arg-type]


def test_codes_are_read_as_people_type_them() -> None:
    """Small letters, blanks and dashes are forgiven; letters that read like digits do not occur."""
    assert read_code(" bcd-fgh ") == "BCDFGH"
    assert not set(room.LETTERS) & set("AEIOU01LSY")
    assert len(room.LETTERS) ** room.CODE_LENGTH > 30_000_000


def test_too_many_are_counted_by_place_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trying codes by machine does not pay, and whoever comes from elsewhere does not notice; no place is remembered for ever."""
    monkeypatch.setattr(rate_limit, "MOST_PLACES", 10)
    clock = Clock()
    tries = Tries(most=3, span_s=60, now=clock)
    for _ in range(3):
        assert not tries.too_many("one")
        tries.note("one")
    assert tries.too_many("one")
    assert not tries.too_many("another")
    clock.at += 61
    assert not tries.too_many("one")
    assert not tries._lately
    for place in range(50):
        tries.note(str(place))
    assert len(tries._lately) == 10


# -- a file that cannot be used ---------------------------------------------------------------------------------------


def one_sentence(problem: pytest.ExceptionInfo[RoomError]) -> str:
    text = str(problem.value)
    assert "\n" not in text
    assert "Traceback" not in text
    assert len(text) < 250
    return text


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """The setting is named, so that whoever runs the server knows where to look."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(RoomError) as problem:
        Rooms(tmp_path / "file" / "below").open()
    assert store.FOLDER_VARIABLE in one_sentence(problem)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_sentence(tmp_path: Path) -> None:
    """The same, for a folder that is there and closed."""
    tmp_path.chmod(0o500)
    with pytest.raises(RoomError) as problem:
        Rooms(tmp_path).open()
    tmp_path.chmod(0o700)
    assert store.FOLDER_VARIABLE in one_sentence(problem)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_file_is_one_sentence_and_is_not_touched(tmp_path: Path, content: bytes) -> None:
    """Nothing is repaired or thrown away behind anybody's back."""
    (tmp_path / store.FILE).write_bytes(content)
    with pytest.raises(RoomError) as problem:
        Rooms(tmp_path).open()
    assert "damaged" in one_sentence(problem)
    assert (tmp_path / store.FILE).read_bytes() == content


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process writes and does not end."""
    base = sqlite3.connect(path, isolation_level=None)
    base.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        base.close()


def test_a_locked_file_is_one_sentence_and_readers_go_on(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup that holds the file delays an answer; the board goes on."""
    monkeypatch.setattr(store, "WAIT_S", 0.05)
    key = rooms.open()
    with locked(rooms.path):
        assert rooms.answers(key) == ()
        with pytest.raises(RoomError) as problem:
            rooms.give(key.code, new_person(), SOME)
    assert "busy" in one_sentence(problem)
    rooms.give(key.code, new_person(), SOME)


def test_a_full_file_is_one_sentence_and_keeps_what_it_has(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file has a largest size; beyond it answers are refused and none is lost."""
    key = rooms.open()
    rooms.give(key.code, new_person(), SOME)
    monkeypatch.setattr(store, "MOST_PAGES", 1)

    def many() -> None:
        for _ in range(300):
            rooms.give(key.code, new_person(), SOME)

    with pytest.raises(RoomError) as problem:
        many()
    assert "full" in one_sentence(problem)
    assert SOME in rooms.answers(key)


def test_rooms_never_lie_in_the_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Data of a run belongs to the user's cache or to the folder that the setting names."""
    house = Path(__file__).resolve().parents[3]
    for platform in ("linux", "darwin", "win32"):
        monkeypatch.setattr("sys.platform", platform)
        monkeypatch.delenv(store.FOLDER_VARIABLE, raising=False)
        assert house not in [store.usual_folder(), *store.usual_folder().parents]
    monkeypatch.setenv(store.FOLDER_VARIABLE, str(tmp_path))
    assert store.usual_folder() == tmp_path


# -- what a room wants -------------------------------------------------------------------------------------------------

ROOM = tuple(Limits(p, c, s) for p, c, s in ((10, 40, 10), (20, 60, 20), (15, 55, 30), (30, 70, 25), (25, 62, 15)))
limits = st.builds(Limits, *(st.integers(0, 100) for _ in range(3)))


def test_common_ground_on_paper() -> None:
    """Five people: the strictest for everybody, the fourth strictest from above for three in four, the middle one for half."""
    assert aggregation.accepted_by(ROOM, 1.0) == Limits(10, 40, 10)
    assert aggregation.accepted_by(ROOM, 0.75) == Limits(15, 55, 15)
    assert aggregation.accepted_by(ROOM, 0.5) == Limits(20, 60, 20)


@given(st.lists(limits, min_size=1, max_size=12), st.sampled_from(list(aggregation.SHARES.values())))
def test_common_ground_is_the_highest_limit_that_enough_people_accept(answers: list[Limits], share: float) -> None:
    """For each limit: enough accept it, and one step more would be too much for too many."""
    found = aggregation.accepted_by(answers, share)
    for name in room.LEVERS:
        values, limit = [getattr(a, name) for a in answers], getattr(found, name)
        assert sum(value >= limit for value in values) >= share * len(answers)
        assert sum(value > limit for value in values) < share * len(answers)


def test_an_empty_room_has_no_common_ground() -> None:
    """Nobody's agreement is no agreement."""
    with pytest.raises(ValueError, match="nobody"):
        aggregation.accepted_by((), 0.5)


def test_a_mix_keeps_the_limits_of_those_whom_it_suits(engine: Engine) -> None:
    """Counted on the mix's own indicators, all three at once; nobody is suited by a mix that breaks one limit."""
    mix = engine.answer(Choice()).mix
    exact = Limits(*(min(100.0, 100 * mix.indicators[name]) for name in aggregation.INDICATOR_OF.values()))
    assert aggregation.satisfied((exact, Limits(100, 100, 100)), mix) == 2
    for name in room.LEVERS:
        below = replace(exact, **{name: max(0.0, getattr(exact, name) - 1)})
        assert aggregation.satisfied((below,), mix) == (1 if getattr(below, name) == getattr(exact, name) else 0)


def test_the_chart_has_a_dot_for_every_answer_and_bars_without_gaps() -> None:
    """Equal answers lie on top of each other, never one behind the other."""
    rows, spec = aggregation.strips((*ROOM, ROOM[0], ROOM[0]))
    assert len(rows) == 3 * 7
    assert not rows.duplicated(["value", "height"]).any()
    bars = spec["layer"][0]["data"]["values"]
    for name in aggregation.NAMES.values():
        ends = [(bar["begin"], bar["end"]) for bar in bars if bar["limit"] == name]
        assert ends[0][0] == 0
        assert all(one[1] == two[0] for one, two in pairwise(ends))


def test_the_export_holds_the_answers_and_nothing_about_people(rooms: Rooms) -> None:
    """Three numbers a line: no mark, no time, no order of arrival."""
    key, person = rooms.open(), new_person()
    rooms.give(key.code, person, Limits(20, 60.5, 15))
    rooms.give(key.code, new_person(), Limits(20, 50, 15))
    text = rooms.table(key).decode()
    assert text.splitlines()[0] == "person,premium_limit (%),china_limit (% of demand),shortfall_limit (% of demand)"
    assert text.splitlines()[1:] == ["1,20,50,15", "2,20,60.5,15"]
    assert person not in text


# -- the way in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "front"),
    [
        ("http://localhost:8501/room", "http://localhost:8501/"),
        ("http://localhost:8501/", "http://localhost:8501/"),
        ("https://host.org/magnets/room?x=1", "https://host.org/magnets/"),
        ("https://app.streamlit.app/~/+/room", "https://app.streamlit.app/"),
    ],
)
def test_a_rooms_link_leads_to_the_front_address(url: str, front: str) -> None:
    """Behind a prefix, on a hosted frame, on a laptop."""
    assert front_address.front(url, "room") == front
    assert front_address.link(front, "BCDFGH") == f"{front}?room=BCDFGH"


def test_phones_are_not_sent_to_their_own_localhost() -> None:
    """'localhost' on a phone is the phone. Without any network the address stays, and the page says so."""
    assert front_address.works_only_here("http://localhost:8501/")
    shown = front_address.for_phones("http://localhost:8501/")
    assert shown == "http://localhost:8501/" or not front_address.works_only_here(shown)
    assert front_address.for_phones("https://host.org/m/") == "https://host.org/m/"


@pytest.mark.parametrize("text", ["javascript:alert(1)", "http://", "ftp://a", "http://a b", "http://a/<b>", "x" * 300])
def test_only_an_address_becomes_a_link(text: str) -> None:
    """What the facilitator types ends up in a picture that everybody scans."""
    assert not front_address.is_address(text)
    assert front_address.is_address("http://192.168.1.5:8501/way/")


def test_the_picture_is_made_here_and_is_plain() -> None:
    """No script, no request, dark on white with its border."""
    drawn = front_address.picture("http://192.168.1.5:8501/?room=BCDFGH")
    assert drawn.startswith("<svg")
    assert "script" not in drawn
    assert "#fff" in drawn


def test_every_outcome_has_its_words(engine: Engine) -> None:
    """A part of the room with a mix, and one without."""
    found = engine.answer(Choice())
    assert "a mix exists" in workshop_text.accepts("half", Limits(100, 60, 20), found, ROOM)
    assert "no mix" in workshop_text.accepts("everybody", Limits(0, 0, 0), "No mix exists.", ROOM)
    assert workshop_text.counted(ROOM[:1]) == "One person has answered."
    assert workshop_text.counted(ROOM) == "Five people have answered."
