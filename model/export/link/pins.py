"""Pinned scenarios: settings of the levers that somebody named, and their form in a link, in few characters that need no quoting.

Names come from strangers: they are cut, cleaned of what cannot be printed, and left to the screen to escape.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from model.errors import InputError
from model.export.link.url_codec import NotWhole, squeezed, unsqueezed
from model.formulation.levers import Choice, Value, levers

FORMAT = 1
PINS_MOST = 60
"""So many scenarios can be pinned."""
NAME_LENGTH = 40
"""A scenario's name is cut to so many characters."""
PINS_LENGTH, PINS_BYTES = 16_384, 65_536
"""Longest pins read, as they stand in a link and unpacked."""


@dataclass(frozen=True)
class Pin:
    """A scenario that somebody named and kept. `total_kusd`: its expected total cost when it was pinned, None when it had no mix."""

    name: str
    choice: Choice
    total_kusd: float | None = None


def encode_pins(pins: Sequence[Pin]) -> str:
    """Pinned scenarios in few characters that need no quoting: every lever's value, packed; empty without pins."""
    if not pins:
        return ""
    rows = [[pin.name, pin.total_kusd, [_short(value) for value in pin.choice.values().values()]] for pin in pins]
    return squeezed([FORMAT, list(pins[0].choice.values()), rows])


def _short(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def clean_name(text: str) -> str:
    """A name that somebody typed, in one line, without what cannot be printed, cut to its length."""
    plain = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text[:500]))
    return " ".join("".join(c for c in plain if c.isprintable()).split())[:NAME_LENGTH].strip()


def free_name(name: str, taken: Collection[str]) -> str:
    """A name that nobody has yet: the name itself, or with a number behind it."""
    number, found = 2, name
    while found in taken:
        end = f" ({number})"
        found, number = name[: NAME_LENGTH - len(end)].rstrip() + end, number + 1
    return found


def decode_pins(text: str) -> tuple[tuple[Pin | None, ...], tuple[str, ...]]:
    """Pinned scenarios in their places, each under a name of its own, None where one could not be used; and what is lost: 'pins' when
    they cannot be read at all, 'pin levers' when some levers of theirs are not known here or missing, 'some pins' when some could not be used."""
    if not text:
        return (), ()
    try:
        content = unsqueezed(text, PINS_LENGTH, PINS_BYTES)
    except NotWhole:
        return (), ("pins",)
    if not (isinstance(content, list) and len(content) == 3 and all(isinstance(part, list) for part in content[1:])):
        return (), ("pins",)
    names, rows = content[1], content[2]
    known = [lever.id for lever in levers()]
    if not all(isinstance(name, str) for name in names) or len(names) > 2 * len(known):
        return (), ("pins",)
    pins: list[Pin | None] = []
    taken: set[str] = set()
    for row in rows[:PINS_MOST]:
        pin = _pin(row, names, known)
        pins.append(pin and replace(pin, name=free_name(pin.name, taken)))
        taken |= {pins[-1].name} if pins[-1] else set()
    lost = ["pin levers"] if set(names) != set(known) else []
    lost += ["some pins"] if None in pins or len(pins) < len(rows) else []
    return tuple(pins), tuple(lost)


def _pin(row: Any, names: Sequence[str], known: Collection[str]) -> Pin | None:
    """One scenario from its row; None when it is none."""
    if not (isinstance(row, list) and len(row) == 3 and isinstance(row[0], str) and isinstance(row[2], list)):
        return None
    name, total, values = row
    if len(values) != len(names) or not clean_name(name):
        return None
    try:
        choice = Choice.of({lever: value for lever, value in zip(names, values, strict=True) if lever in known})
    except InputError:
        return None
    return Pin(clean_name(name), choice, number(total))


def number(value: Any) -> float | None:
    """A finite number from what somebody sent; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
