"""What the server notes of its work: one JSON object a line on standard error, figures only, nothing about people.

No event carries an address, a name, a link, a code or the setting of a lever. `note` takes numbers and the fixed words of the
code that calls it, so that nothing a visitor typed can get in.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

Event = Literal["start", "solve", "no_mix", "long_work", "room_opened", "room_closed", "room_answer"]
Reason = Literal["start", "solver", "long_work", "file", "rooms"]
"""What failed: the start on the data folder, a solve, long work, a file to download, the rooms' file."""
LOGGER = logging.getLogger("magnets")


class _Json(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, event, figures."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        figures = getattr(record, "figures", {})
        return json.dumps({"time": at, "level": record.levelname.lower(), "event": record.getMessage(), **figures})


HANDLER = logging.StreamHandler()
HANDLER.setFormatter(_Json())
LOGGER.handlers = [HANDLER]
LOGGER.setLevel(logging.INFO)
LOGGER.propagate = False


def note(event: Event, **figures: float | int | bool | str) -> None:
    """Write one line. `figures`: numbers with their unit in the name (`ms`, `answers`), and fixed words of the code."""
    LOGGER.info(event, extra={"figures": {name: _short(value) for name, value in figures.items()}})


def failed(reason: Reason) -> None:
    """Write one line about something that should have worked; never the text of an error, which may quote a visitor."""
    LOGGER.error("failed", extra={"figures": {"reason": reason}})


@contextmanager
def timed(event: Event, **figures: float | int | bool | str) -> Iterator[None]:
    """Note an event with the milliseconds that it took, when it comes to an end of its own."""
    begin = time.perf_counter()
    yield
    note(event, ms=1000 * (time.perf_counter() - begin), **figures)


def _short(value: float | int | bool | str) -> float | int | bool | str:
    return round(value, 1) if isinstance(value, float) else value
