"""A share link: everything that one view stands on as the query of an address, and the way back, noticing what was cut or changed.

A link holds the value of every lever, never only those off their defaults, so that it keeps its meaning when a default changes.
It is made of plain parameters in a fixed order; the last one is a checksum over all others. Reading a link evaluates nothing,
bounds every length and count, and never raises: what cannot be used is named.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from model.compact import LETTERS
from model.evidence import InputError
from model.levers import AIMS, Choice, Value, levers
from model.mix import Mix
from model.pins import PINS_LENGTH, Pin, decode_pins, encode_pins, number
from model.record import digest_of

FORMAT = "1"
SAFE_LENGTH, LONGEST = 2_048, 4_096
"""A query longer than this may be cut by chat programs; one longer than that by mail programs and servers."""
PARAMETERS_MOST = 200
"""More parameters than this are not looked at."""
OWN_LENGTH = PINS_LENGTH
"""Packed own numbers longer than this stay out of a link (see `left_out`): cut, they would be of no use to anybody."""
PLAIN_LENGTH, SAID_LENGTH = 200, 1_000
"""Longest values read: a plain one, and the headline results; for pins see `pins`."""
DIGEST_LENGTH, SUM_LENGTH = 16, 10
SAME = 1e-6
"""Two results are the same within this share of the larger one."""
NOTHING = 1e-8
"""Less than this is nothing in any headline result."""
OWN = ("link", "page", "year", "story", "compare", "own", "pins", "data", "model", "digest", "said", "sum")
"""Names of a link's parameters beside the levers', in the order of the link; levers stand before `pins`."""
MARKS = ("link", "data", "model", "digest", "said", "sum")
"""Any of these says that an address was made as a share link."""
HEADLINES = ("total_kusd", "bill_crore", "harm_crore", "tail_shortfall", "china_share", "home_share")
"""Headline results that a link holds: total cost in kUSD (discounted), and indicators in their own units."""
TRACKERS = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|mc_[ce]id|igshid|ref_src|si")
"""Parameters that other programs hang on to a link; they mean nothing here."""


@dataclass(frozen=True)
class Link:
    """What a share link holds. `page` and `story` are ids, empty for the first; `compare` is empty or holds what is
    compared on the left and on the right: 'present', 'today', 'cheapest', 'story-' with its id, or 'pin-' with its place from 0; `own`: the
    sender's own numbers in place of facts, packed by `edits`; `said` the headline results that the sender saw,
    empty when the levers had no mix; `data`, `model` and `digest` say what they were worked out with."""

    choice: Choice
    page: str = ""
    year: int | None = None
    story: str = ""
    pins: tuple[Pin, ...] = ()
    compare: tuple[str, ...] = ()
    own: str = ""
    data: str = ""
    model: str = ""
    said: Mapping[str, float] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True)
class Opened:
    """What an address was read as. `shared`: it was made as a share link. `whole`: then its checksum holds. `levers_whole`: then its
    digest still fits the levers. `bad`: levers whose value cannot be used, so the default stands; `missing`: levers that a share link does
    not hold; `unknown`: names that mean nothing here; `lost`: what else could not be read: 'end' (the link was cut), 'format' (made by another version), 'pins', 'some pins', 'pin levers',
    or the name of a parameter."""

    link: Link
    shared: bool
    whole: bool
    levers_whole: bool
    bad: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


# -- writing -----------------------------------------------------------------------------------------------------------


def encode(link: Link) -> str:
    """The link as the query of an address, without the question mark; ASCII only."""
    return urlencode(parameters(link))


def parameters(link: Link) -> dict[str, str]:
    """The link as parameters in their order, the checksum last."""
    found = {
        "link": FORMAT,
        "page": link.page,
        "year": "" if link.year is None else str(link.year),
        "story": link.story,
    }
    found |= {name: shown(value) for name, value in link.choice.values().items()}
    own = "" if left_out(link) else link.own
    found |= {"compare": "~".join(link.compare), "own": own, "pins": encode_pins(link.pins)}
    found |= {"data": link.data, "model": link.model, "digest": _digest(link.data, link.model, link.choice)}
    found["said"] = "~".join(f"{name}~{value!r}" for name, value in link.said.items())
    found = {name: value for name, value in found.items() if value}
    return {**found, "sum": checksum(found)}


def left_out(link: Link) -> tuple[str, ...]:
    """Names of what is too long for a link and stays out of it, to be told to whoever makes it: 'own' or nothing."""
    return ("own",) if len(link.own) > OWN_LENGTH else ()


def shown(value: Value) -> str:
    """A lever's value as a link holds it, exact: 60.0 -> '60', 0.5 -> '0.5', True -> 'true'."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def checksum(values: Mapping[str, str]) -> str:
    """A short checksum over names and values, whatever their order."""
    text = json.dumps(sorted((name, value) for name, value in values.items() if name != "sum"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:SUM_LENGTH]


def _digest(data: str, model: str, choice: Choice) -> str:
    return digest_of(data, model, choice)[:DIGEST_LENGTH]


def headlines(mix: Mix) -> dict[str, float]:
    """The headline results of a mix, as a link holds them."""
    return {"total_kusd": mix.total_kusd} | {name: float(mix.indicators[name]) for name in HEADLINES[1:]}


def differs(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Headline results that are no longer the same, before and now."""
    return {
        name: (value, now[name])
        for name, value in before.items()
        if name in now and abs(value - now[name]) > max(NOTHING, SAME * max(abs(value), abs(now[name])))
    }


# -- reading -----------------------------------------------------------------------------------------------------------


def decode(raw: Mapping[str, Sequence[str]], others: Collection[str] = ()) -> Opened:
    """What an address says. `raw`: parameter names to all their values; `others`: names that belong to somebody else. Never raises."""
    repeated = {_name(name) for name, values in raw.items() if len(values) != 1}
    given = {_name(name): _tidy(_name(name), values) for name, values in list(raw.items())[:PARAMETERS_MOST] if values}
    given = {name: value for name, value in given.items() if name not in others and not TRACKERS.fullmatch(name)}
    shared = any(name in given for name in MARKS)
    whole = shared and given.get("sum") == checksum(given)
    lost: list[str] = ["end"] if shared and not _ends(given.get("sum")) else []
    if lost and given:
        last = next(reversed(given))  # what a cut link ends with may be cut in half
        lost += [last] if last in OWN and last != "sum" else []
        del given[last]
    choice, bad = _choice(given, repeated)
    pins, pins_lost = decode_pins(given.get("pins", ""))
    link = Link(
        choice, page=_word(given.get("page", "")), year=_year(given.get("year", "")), story=_word(given.get("story", "")), pins=pins,
        compare=_compared(given.get("compare", "")), own=_packed(given.get("own", "")), data=given.get("data", "")[:64], model=given.get("model", "")[:64],
        said=_said(given.get("said", "")), digest=given.get("digest", "")[:DIGEST_LENGTH],
    )  # fmt: skip
    known = {lever.id for lever in levers()} | set(OWN)
    lost += [
        name for name in ("page", "year", "story", "compare", "own") if given.get(name) and not getattr(link, name)
    ]
    lost += ["format"] if whole and given.get("link") != FORMAT else []
    return Opened(
        link=link, shared=shared, whole=whole,
        levers_whole=shared and link.digest == _digest(link.data, link.model, choice),
        bad=bad, missing=tuple(lever.id for lever in levers() if shared and lever.id not in given),
        unknown=tuple(name for name in given if name not in known), lost=tuple(dict.fromkeys([*lost, *pins_lost])),
    )  # fmt: skip


def _name(name: str) -> str:
    """A parameter's name; programs that take an address for HTML leave an 'amp;' before it."""
    name = "".join(name.split())
    while name.startswith("amp;"):
        name = name.removeprefix("amp;")
    return name


def _tidy(name: str, values: Sequence[str]) -> str:
    """A parameter's value without the spaces and line ends that a mail program put in; a link's last value also without the full stop
    or bracket of the sentence that it stood in."""
    text = str(values[0])
    longest = {"pins": PINS_LENGTH, "own": OWN_LENGTH, "said": SAID_LENGTH}.get(name, PLAIN_LENGTH)
    text = "".join(text.split())
    text = re.sub(r"[^0-9A-Za-z]+$", "", text) if name == "sum" else text
    return text if len(text) <= longest else text[: longest + 1]


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


def _compared(text: str) -> tuple[str, ...]:
    parts = tuple(text.split("~"))
    one = r"present|today|cheapest|pin-[0-9]{1,2}|story-[a-z0-9_]{1,40}"
    return parts if len(parts) == 2 and all(re.fullmatch(one, part) for part in parts) else ()


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
