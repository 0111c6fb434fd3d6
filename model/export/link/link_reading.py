"""A share link: everything that one view stands on as the query of an address, and the way back, noticing what was cut or changed.

A link holds the value of every lever, never only those off their defaults, so that it keeps its meaning when a default changes.
It is made of plain parameters in a fixed order; the last one is a checksum over all others. Reading a link evaluates nothing,
bounds every length and count, and never raises: what cannot be used is named.

The address of a page is no share link: it names only the levers off their defaults. It keeps in `BASE` what the others stand on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import parse_qsl, unquote

from model.errors import InputError
from model.export.link.link_format import (
    BASE,
    BASE_LENGTH,
    DIGEST_LENGTH,
    FORMAT,
    HEADLINES,
    KNOWN,
    MARKS,
    NO_MIX,
    OWN,
    OWN_LENGTH,
    SIGNS,
    SUM_LENGTH,
    UNSOLVED,
    Link,
    _digest,
    checksum,
)
from model.export.link.pins import PINS_LENGTH, Pin, decode_pins, number
from model.export.link.url_codec import LETTERS
from model.formulation.levers import AIMS, Choice, Value, levers

PARAMETERS_MOST, QUERY_LENGTH = 200, 65_536
"""More parameters than this are not looked at, nor more characters of one, nor of all together that have to be taken apart."""
PLAIN_LENGTH, SAID_LENGTH = 200, 1_000
"""Longest values read: a plain one, and the headline results; for pins see `pins`."""
TRACKERS = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|mc_[ce]id|igshid|ref_src|si")
"""Parameters that other programs hang on to a link; they mean nothing here."""


@dataclass(frozen=True)
class Opened:
    """What an address was read as. `shared`: it was made as a share link. `whole`: then its checksum holds. `levers_whole`: then its
    digest still fits the levers. `named`: levers whose value was read; `bad`: levers whose value cannot be used, so the default stands; `missing`: levers that a share link does
    not hold; `unknown`: names that mean nothing here; `lost`: what else could not be read: 'end' (the link was cut), 'format' (made by another version), 'pins', 'some pins', 'pin levers',
    or the name of a parameter. `base`: what the levers that an address does not name stood on when it was written, empty if it does not say."""

    link: Link
    shared: bool
    whole: bool
    levers_whole: bool
    bad: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    base: str = ""


# -- writing -----------------------------------------------------------------------------------------------------------


# -- reading -----------------------------------------------------------------------------------------------------------


def decode(raw: Mapping[str, Sequence[str]], others: Collection[str] = ()) -> Opened:
    """What an address says. `raw`: parameter names to all their values; `others`: names that belong to somebody else. Never raises."""
    sent = _mended(raw)
    repeated = {name for name, values in sent.items() if len(values) != 1}
    given = {name: _tidy(name, values) for name, values in sent.items() if values}
    given = {name: value for name, value in given.items() if name not in others and not TRACKERS.fullmatch(name)}
    base = given.pop(BASE, "")
    shared = any(name in given for name in MARKS)
    sealed = _sealed(given) if shared else None
    lost: list[str] = ["end"] if shared and not _ends(given.get("sum")) else []
    if lost:  # the value that a cut link ends with may be cut in half, and other programs may have hung names of theirs behind it
        last = next(name for name in reversed(given) if name in KNOWN)
        lost += [last] if last in OWN and last != "sum" else []
        given = {name: given[name] for name in takewhile(last.__ne__, given)}
    choice, bad = _choice(given, repeated)
    places, pins_lost = decode_pins(given.get("pins", ""))
    said, (step, shown_there) = given.get("said", ""), _stage(given.get("stage", ""))
    link = Link(
        choice, page=_word(given.get("page", "")), year=_year(given.get("year", "")), story=_word(given.get("story", "")),
        pins=tuple(pin for pin in places if pin), compare=_compared(given.get("compare", ""), places),
        own=_packed(given.get("own", "")), data=given.get("data", "")[:64], model=given.get("model", "")[:64].replace("~", "+"),
        said=_said(said), digest=given.get("digest", "")[:DIGEST_LENGTH], beside=_beside(given.get("beside", ""), places),
        look=_word(given.get("look", "")), step=step, shown=shown_there, sides=_sides(given.get("sides", "")), solved=said != UNSOLVED,
    )  # fmt: skip
    parts = {name: name for name in ("page", "year", "story", "compare", "beside", "look", "own")} | {"stage": "step"}
    lost += [name for name, part in parts.items() if given.get(name) and getattr(link, part) in ("", None, ())]
    lost += ["format"] if sealed is not None and given.get("link") != FORMAT else []
    lost += ["base"] if base and not re.fullmatch(rf"[0-9a-f]{{{BASE_LENGTH}}}", base) else []
    return Opened(
        link=link, shared=shared, whole=sealed is not None,
        levers_whole=shared and link.digest == _digest(link.data, link.model, choice),
        bad=bad, missing=tuple(lever.id for lever in levers() if shared and lever.id not in given),
        unknown=tuple(name for name in (given if sealed is None else sealed) if name not in KNOWN),
        lost=tuple(dict.fromkeys([*lost, *pins_lost])),
        named=tuple(lever.id for lever in levers() if lever.id in given and lever.id not in bad), base=base[:BASE_LENGTH],
    )  # fmt: skip


def _mended(raw: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Parameters and their values as they were sent, by tidy names: where a program encoded the whole query once more, or took the head
    of a name for a sign of HTML, they are taken apart again."""
    found: dict[str, list[str]] = {}
    left = QUERY_LENGTH
    for name, values in list(raw.items())[:PARAMETERS_MOST]:
        plain = unquote(name[:QUERY_LENGTH])
        for value in values[:2]:
            text = str(value)[:QUERY_LENGTH]
            if "&" in plain or "=" in plain:
                whole = f"{plain}={text}" if text else plain
                pairs, left = parse_qsl(whole[:left], keep_blank_values=True), max(0, left - len(whole))
            elif any(sign in text for sign in SIGNS):
                text, left = text[:left], max(0, left - len(text))
                for sign, letters in SIGNS.items():
                    text = text.replace(sign, letters)
                head, *rest = text.split("&")
                pairs = [(plain, head), *parse_qsl("&".join(rest), keep_blank_values=True)]
            else:
                pairs = [(plain, text)]
            for each, part in pairs[:PARAMETERS_MOST]:
                found.setdefault(_name(each), []).append(part)
    return dict(list(found.items())[:PARAMETERS_MOST])


def _sealed(given: Mapping[str, str]) -> Mapping[str, str] | None:
    """The parameters for which a link's checksum holds: all of them, or those before it, or those that are known here, for other programs
    hang names of theirs on to a link; None when it holds for none."""
    before = {name: given[name] for name in takewhile("sum".__ne__, given)}
    for held in (given, before, {name: value for name, value in given.items() if name in KNOWN}):
        if given.get("sum") == checksum(held):
            return held
    return None


def _name(name: str) -> str:
    """A parameter's name; programs that take an address for HTML leave an 'amp;' before it."""
    name = _closed(name)
    while name.startswith("amp;"):
        name = name.removeprefix("amp;")
    return name


def _tidy(name: str, values: Sequence[str]) -> str:
    """A parameter's value without the spaces and line ends that a mail program put in; a link's last value also without the full stop
    or bracket of the sentence that it stood in."""
    longest = {"pins": PINS_LENGTH, "own": OWN_LENGTH, "said": SAID_LENGTH}.get(name, PLAIN_LENGTH)
    text = _closed(values[0])
    text = re.sub(r"[^0-9A-Za-z]+$", "", text) if name == "sum" else text
    return text if len(text) <= longest else text[: longest + 1]


def _closed(text: str) -> str:
    """A text without spaces, line ends and signs without width."""
    text = "".join(text.split())
    return text if text.isascii() else "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def _ends(text: str | None) -> bool:
    return text is not None and bool(re.fullmatch(rf"[0-9a-f]{{{SUM_LENGTH}}}", text))


def _choice(given: Mapping[str, str], repeated: Collection[str]) -> tuple[Choice, tuple[str, ...]]:
    """The levers that could be read, and the ids of those that could not; options may stand by id or by label."""
    values: dict[str, Value] = {}
    bad = []
    by_label = {"".join(label.split()): name for name, label in AIMS.items()}
    for lever in levers():
        if lever.id not in given:
            continue
        text = given[lever.id]
        try:
            if lever.id in repeated or len(text) > PLAIN_LENGTH:
                raise InputError(f"lever {lever.id}: more than one value")
            values[lever.id] = lever.check(by_label.get(text, text) if lever.kind == "option" else text)
        except InputError:
            bad.append(lever.id)
    return Choice.of(values), tuple(bad)


def _word(text: str) -> str:
    return text if re.fullmatch(r"[a-z0-9_]{1,40}", text) else ""


def _compared(text: str, pins: Sequence[Pin | None]) -> tuple[str, ...]:
    """Both sides of what is compared, pins by their place among those that could be read; empty when one of them is gone."""
    sides = tuple(_beside(side, pins) or _side(side) for side in text.split("~"))
    return sides if len(sides) == 2 and all(sides) else ()


def _side(text: str) -> str:
    return text if re.fullmatch(r"present|today|cheapest|story-[a-z0-9_]{1,40}", text) else ""


def _beside(text: str, pins: Sequence[Pin | None]) -> str:
    """A pin by its place among those that could be read; empty when it is gone."""
    if not re.fullmatch(r"pin-[0-9]{1,2}", text):
        return ""
    place = int(text.removeprefix("pin-"))
    return f"pin-{sum(pin is not None for pin in pins[:place])}" if place < len(pins) and pins[place] else ""


def _stage(text: str) -> tuple[int | None, str]:
    """Step and chart on stage; no step and no chart when it is neither."""
    found = re.fullmatch(r"([1-9][0-9]?)~([a-z0-9_]{0,40})", text)
    return (int(found[1]), found[2]) if found else (None, "")


def _sides(text: str) -> tuple[float | None, ...]:
    """Total costs of both sides of what is compared; empty when they are none."""
    parts = text.split("~")
    found = tuple(number(part) for part in parts)
    return (
        found
        if len(parts) == 2 and all(p == NO_MIX or x is not None for p, x in zip(parts, found, strict=True))
        else ()
    )


def _packed(text: str) -> str:
    return text if len(text) <= OWN_LENGTH and LETTERS.fullmatch(text) else ""


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"20[0-9][0-9]", text) else None


def _said(text: str) -> dict[str, float]:
    """Headline results by name; what is not one, or is no number, is left out."""
    parts = text.split("~")
    found = {}
    for name, value in zip(parts[::2], parts[1::2], strict=False):
        amount = number(value)
        if name in HEADLINES and amount is not None:
            found[name] = amount
    return found
