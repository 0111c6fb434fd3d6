"""The workshop's rooms in one SQLite file, for at most a day.

Every query names the room by its code, and nothing but the room's own key, compared in constant time, opens what is in it.
Neither names nor addresses are kept.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path

from model.errors import InputError
from model.formulation.levers import Choice, lever_named
from pages.parts.workshop.room import LEVERS, Key, Limits, NoRoom, RoomError, World, is_person, new_key

FOLDER_VARIABLE = "MAGNET_ROOMS"
"""Environment variable that names the folder of the rooms' file."""
FILE = "rooms.sqlite3"
DAY_S = 86_400.0
"""How long a room and its answers are kept, seconds."""
SWEEP_S = 3_600.0
"""How long at most nobody looks for rooms that are over, seconds."""
MOST_ROOMS = 200
MOST_ANSWERS = 300
IDLE_S = 3_600.0
"""A room without answers gives way to a new one after this time, seconds, the oldest first, when there are too many."""
MOST_PAGES = 4_096
"""Size of the file at most, pages of 4 kB: 16 MB."""
WAIT_S = 5.0
"""How long a writer waits for another."""
NOBODY = "-" * 64
"""What the secret of no facilitator leaves behind (see `_hashed`)."""

_TABLES = """
CREATE TABLE IF NOT EXISTS rooms (code TEXT PRIMARY KEY, host TEXT NOT NULL, opened REAL NOT NULL, world TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS answers (
  code TEXT NOT NULL REFERENCES rooms ON DELETE CASCADE, person TEXT NOT NULL,
  premium_limit REAL NOT NULL, china_limit REAL NOT NULL, shortfall_limit REAL NOT NULL, given REAL NOT NULL,
  PRIMARY KEY (code, person)) STRICT;
"""


def usual_folder() -> Path:
    """Where the rooms' file lies: the folder that MAGNET_ROOMS names, or one of this app's own in the user's cache."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    if sys.platform == "win32":
        cache = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        cache = str(Path.home() / "Library" / "Caches")
    else:
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "india-magnet-explorer"


class Rooms:
    """All rooms of one folder. Safe for many threads and processes at once: a connection for each call, WAL journal, short writes.
    Every method raises `RoomError` with one sentence when the file cannot be used."""

    def __init__(self, folder: Path | str, now: Callable[[], float] = time.time) -> None:
        self.path = Path(folder) / FILE
        self._now = now

    # -- the facilitator ---------------------------------------------------------------------------------------------

    def open(self) -> Key:
        """A new, empty room. Raises `RoomError` when there are too many."""
        with self._writing() as base:
            if self._count(base, "SELECT count(*) FROM rooms") >= MOST_ROOMS:
                base.execute(
                    "DELETE FROM rooms WHERE code = (SELECT code FROM rooms WHERE opened < ?"
                    " AND code NOT IN (SELECT code FROM answers) ORDER BY opened LIMIT 1)",
                    (self._now() - IDLE_S,),
                )
            if self._count(base, "SELECT count(*) FROM rooms") >= MOST_ROOMS:
                raise RoomError(f"{MOST_ROOMS} rooms are open on this server, which is as many as it keeps; try later.")
            while True:
                key = new_key()
                if not self._count(base, "SELECT count(*) FROM rooms WHERE code = ?", key.code):
                    break
            base.execute("INSERT INTO rooms VALUES (?, ?, ?, '{}')", (key.code, _hashed(key.secret), self._now()))
        return key

    def answers(self, key: Key) -> tuple[Limits, ...]:
        """Every answer in a room, in an order that says nothing about who gave it when. Raises `NoRoom` for a wrong key."""
        with self._reading() as base:
            self._let_in(base, key)
            rows = base.execute(
                "SELECT premium_limit, china_limit, shortfall_limit FROM answers WHERE code = ?"
                " ORDER BY china_limit, shortfall_limit, premium_limit",
                (key.code,),
            ).fetchall()
        return tuple(Limits(*row) for row in rows)

    def table(self, key: Key) -> bytes:
        """The answers as CSV (UTF-8) with one line for each person and the levers' ids and units as column names."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["person", *(f"{name} ({lever_named(name).unit})" for name in LEVERS)])
        for number, limits in enumerate(self.answers(key), 1):
            writer.writerow([number, *(f"{value:g}" for value in astuple(limits))])
        return text.getvalue().encode()

    def close(self, key: Key) -> None:
        """Delete a room and all its answers."""
        with self._writing() as base:
            self._let_in(base, key)
            base.execute("DELETE FROM rooms WHERE code = ?", (key.code,))

    def set_world(self, key: Key, world: World) -> None:
        """Keep what the facilitator's screen stands on, so that people's own limits are answered on the same."""
        text = json.dumps({"levers": world.choice.values(), "own": world.own})
        with self._writing() as base:
            self._let_in(base, key)
            base.execute("UPDATE rooms SET world = ? WHERE code = ?", (text, key.code))

    def until(self, key: Key) -> float:
        """When a room is deleted at the latest, seconds since 1970. Raises `NoRoom` for a wrong key."""
        with self._reading() as base:
            return self._let_in(base, key) + DAY_S

    # -- people in the room --------------------------------------------------------------------------------------------

    def exists(self, code: str) -> bool:
        """Whether there is a room with this code."""
        with self._reading() as base:
            return bool(self._count(base, "SELECT count(*) FROM rooms WHERE code = ?", code))

    def world(self, code: str) -> World:
        """The facilitator's levers and own numbers. Raises `NoRoom` when the room is gone, `InputError` when they are no longer levers."""
        with self._reading() as base:
            row = base.execute("SELECT world FROM rooms WHERE code = ?", (code,)).fetchone()
        if row is None:
            raise NoRoom(GONE)
        kept = json.loads(row[0])
        if kept and set(kept) != {"levers", "own"}:  # of another version; the facilitator's page will write it anew
            raise InputError("the room's levers cannot be read")
        return World(Choice.of(kept.get("levers", {})), str(kept.get("own", "")))

    def answer_of(self, code: str, person: str) -> Limits | None:
        """What one browser answered here; None when it has not."""
        with self._reading() as base:
            row = base.execute(
                "SELECT premium_limit, china_limit, shortfall_limit FROM answers WHERE code = ? AND person = ?",
                (code, person),
            ).fetchone()
        return Limits(*row) if row else None

    def give(self, code: str, person: str, limits: Limits) -> None:
        """Keep an answer in place of the browser's last. Raises `NoRoom` when the room is gone, `RoomError` when it is full."""
        if not is_person(person):
            raise RoomError("This link was not made by the explorer; open the room's link again.")
        with self._writing() as base:
            if not self._count(base, "SELECT count(*) FROM rooms WHERE code = ?", code):
                raise NoRoom(GONE)
            others = self._count(base, "SELECT count(*) FROM answers WHERE code = ? AND person <> ?", code, person)
            if others >= MOST_ANSWERS:
                raise RoomError(f"{MOST_ANSWERS} people have answered here, which is as many as a room takes.")
            base.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (code, person) DO UPDATE SET premium_limit ="
                " excluded.premium_limit, china_limit = excluded.china_limit, shortfall_limit = excluded.shortfall_limit,"
                " given = excluded.given",
                (code, person, *astuple(limits), self._now()),
            )

    # -- the file ------------------------------------------------------------------------------------------------------

    def sweep(self) -> float:
        """Delete what is older than a day, without anybody's asking; seconds until it is time again. Makes no file where none is."""
        if not self.path.exists():
            return SWEEP_S
        with self._reading() as base:
            oldest = base.execute("SELECT min(opened) FROM rooms").fetchone()[0]
        return SWEEP_S if oldest is None else min(SWEEP_S, max(1.0, oldest + DAY_S - self._now() + 1.0))

    def _let_in(self, base: sqlite3.Connection, key: Key) -> float:
        """When the room was opened, seconds since 1970. Raises `NoRoom` for a wrong key."""
        row = base.execute("SELECT host, opened FROM rooms WHERE code = ?", (key.code,)).fetchone()
        host, opened = row or (NOBODY, 0.0)
        if not hmac.compare_digest(host, _hashed(key.secret)):
            raise NoRoom(GONE)
        return float(opened)

    def _count(self, base: sqlite3.Connection, query: str, *values: object) -> int:
        return int(base.execute(query, values).fetchone()[0])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as base:
            yield base

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A write that is kept as a whole or not at all."""
        with self._connected() as base:
            base.execute("BEGIN IMMEDIATE")
            try:
                yield base
            except BaseException:
                if base.in_transaction:
                    base.execute("ROLLBACK")
                raise
            base.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """The file, made if need be, without what is older than a day."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)) as base:
                if base.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                    base.execute("PRAGMA journal_mode = WAL")
                base.execute("PRAGMA synchronous = NORMAL")
                base.execute("PRAGMA foreign_keys = ON")
                base.execute("PRAGMA secure_delete = ON")
                base.execute(f"PRAGMA max_page_count = {MOST_PAGES}")
                base.executescript(_TABLES)
                if self._count(base, "SELECT count(*) FROM rooms WHERE opened < ?", self._now() - DAY_S):
                    base.execute("DELETE FROM rooms WHERE opened < ?", (self._now() - DAY_S,))
                yield base
        except sqlite3.Error as error:
            raise RoomError(_said(error)) from None
        except OSError as error:
            raise RoomError(f"{CANNOT_KEEP} ({error.strerror or type(error).__name__}).") from None


GONE = "There is no room under this address. Rooms are deleted after a day, or by their facilitator."
CANNOT_KEEP = f"The server cannot keep rooms in the folder that {FOLDER_VARIABLE} names"
BUSY = "The rooms are busy just now; try again in a moment."
DAMAGED = f"The rooms' file {FILE} is damaged; whoever runs the server can move it away, and a new one is made."


def _said(error: sqlite3.Error) -> str:
    """An error of SQLite as a sentence for the people in the room."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BUSY
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return DAMAGED
    if name.startswith("SQLITE_FULL"):
        return "The rooms' file is full; delete rooms that are over, or try tomorrow."
    return f"{CANNOT_KEEP} ({error})."


def _hashed(secret: str) -> str:
    """What is kept of a facilitator's secret: enough to check it, not enough to know it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sweep_for_ever(
    store: Callable[[], Rooms], failed: Callable[[], None], wait: Callable[[float], object] = time.sleep
) -> None:
    """Delete every room within seconds after its day is over, as long as the server runs. A file that cannot be used is tried again,
    after `failed` was told."""
    while True:
        try:
            again = store().sweep()
        except (RoomError, OSError):
            failed()
            again = SWEEP_S
        wait(again)
