"""A share link: everything that one view stands on as the query of an address, and the way back, noticing what was cut or changed.

A link holds the value of every lever, never only those off their defaults, so that it keeps its meaning when a default changes.
It is made of plain parameters in a fixed order; the last one is a checksum over all others. Reading a link evaluates nothing,
bounds every length and count, and never raises: what cannot be used is named.

The address of a page is no share link: it names only the levers off their defaults. It keeps in `BASE` what the others stand on.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html.entities import html5
from itertools import takewhile
from urllib.parse import parse_qsl, quote, unquote

from model.analysis.validation.case_record import digest_of
from model.evidence.store import InputError
from model.export.link.pins import PINS_LENGTH, Pin, decode_pins, encode_pins, number
from model.export.link.url_codec import LETTERS
from model.formulation.levers import AIMS, Choice, Value, levers
from model.results.mix import Mix

FORMAT = "1"
SAFE_LENGTH, LONGEST = 2_048, 4_096
"""A query longer than this may be cut by chat programs; one longer than that by mail programs and servers."""
PARAMETERS_MOST, QUERY_LENGTH = 200, 65_536
"""More parameters than this are not looked at, nor more characters of one, nor of all together that have to be taken apart."""
OWN_LENGTH = 8_192
"""Packed own numbers longer than this stay out of a link (see `left_out`): cut, they would be of no use to anybody."""
PLAIN_LENGTH, SAID_LENGTH = 200, 1_000
"""Longest values read: a plain one, and the headline results; for pins see `pins`."""
DIGEST_LENGTH, SUM_LENGTH = 16, 10
SAME = 1e-6
"""Two results are the same within this share of the larger one."""
NOTHING = 1e-8
"""Less than this is nothing in any headline result."""
OWN = (
    "link", "page", "year", "story", "compare", "beside", "look", "stage", "own", "pins", "data", "model", "digest", "said", "sides", "sum",
)  # fmt: skip
"""Names of a link's parameters beside the levers', in the order of the link; levers stand before `compare`."""
BASE, BASE_LENGTH = "base", 8
"""Name and length of what an address keeps beside levers, see `base_of`."""
UNSOLVED, NO_MIX = "unsolved", "none"
"""Stand in place of the headline results when the sender's solver gave up, and of the total cost of what has no mix."""
MARKS = ("link", "data", "model", "digest", "said", "sum")
"""Any of these says that an address was made as a share link."""
HEADLINES = ("total_kusd", "bill_crore", "harm_crore", "tail_shortfall", "china_share", "home_share")
"""Headline results that a link holds: total cost in kUSD (discounted), and indicators in their own units."""
TRACKERS = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|yclid|mc_[ce]id|igshid|ref_src|si")
"""Parameters that other programs hang on to a link; they mean nothing here."""
KNOWN = frozenset({lever.id for lever in levers()} | set(OWN))
SIGNS = {sign: f"&{name}" for name, sign in html5.items() if name[-1] != ";" and any(k.startswith(name) for k in KNOWN)}
"""Signs that HTML makes of the head of a name: in '&central_asia_year' it reads '&cent'."""


@dataclass(frozen=True)
class Link:
    """What a share link holds. `page` and `story` are ids, empty for the first; `compare` is empty or holds what is
    compared on the left and on the right: 'present', 'today', 'cheapest', 'story-' with its id, or 'pin-' with its place from 0; `own`: the
    sender's own numbers in place of facts, packed by `edits`; `said` the headline results that the sender saw,
    empty when the levers had no mix or when the solver gave up (not `solved`); `data`, `model` and `digest` say what they were worked out
    with. `beside` is the pin shown beside the mix, `look` the kind of chart compared, `step` and `shown` the step and the chart on stage;
    `sides` the total costs of what is compared, kUSD, None for one without a mix, empty when they were not looked at."""

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
    beside: str = ""
    look: str = ""
    step: int | None = None
    shown: str = ""
    sides: tuple[float | None, ...] = ()
    solved: bool = True


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


def encode(link: Link) -> str:
    """The link as the query of an address, without the question mark; ASCII only. A name whose head HTML takes for a sign begins with
    its first letter in numbers."""
    signs = tuple(sign[1:] for sign in SIGNS.values())
    return "&".join(
        (f"%{ord(name[0]):02X}{name[1:]}" if name.startswith(signs) else name) + f"={quote(value, safe='')}"
        for name, value in parameters(link).items()
    )


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
    found |= {"compare": "~".join(link.compare), "beside": link.beside, "look": link.look}
    found["stage"] = f"{link.step}~{link.shown}" if link.step is not None else ""
    found |= {"own": own, "pins": encode_pins(link.pins)}
    found |= {"data": link.data, "model": link.model.replace("+", "~")}  # a plus would be read as a space
    found["digest"] = _digest(link.data, link.model, link.choice)
    found["said"] = "~".join(f"{name}~{value!r}" for name, value in link.said.items()) if link.solved else UNSOLVED
    found["sides"] = "~".join(NO_MIX if total is None else repr(total) for total in link.sides)
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


@lru_cache(maxsize=64)
def base_of(data: str, model: str) -> str:
    """What the levers that an address does not name stand on: a short digest over every lever's default, data version and model version."""
    standing = [{lever.id: lever.default for lever in levers()}, data, model]
    return hashlib.sha256(json.dumps(standing).encode()).hexdigest()[:BASE_LENGTH]


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
