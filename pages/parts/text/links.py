"""What is said about share links: what could not be read, what moved since, and what the button offers; no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import parse_qs, urlsplit

from model.export.link.link_format import LONGEST, SAFE_LENGTH, Link
from model.export.link.link_reading import Opened
from model.formulation.levers import lever_named
from pages.parts.text import common as words

SHARE = "Share"
SHARE_HELP = "A link that restores every lever, this page, its year, the pinned mixes and what is compared"
HOLDS = (
    "This link restores every lever, the page, its year, the pinned mixes and what is compared, also when defaults change later. It carries"
    " the headline numbers, so whoever opens it learns whether they still hold."
)
FIELD = "The link to copy"
COPY_HINT = "Copy with the button at the right of the link. Where that does nothing, click into the field, then Ctrl+A and Ctrl+C."
ONLY_HERE = "The link above works on this computer alone. People in the same network use this one:"
NOWHERE_ELSE = "This link works on this computer alone, which is in no network."
LOST = {
    "pins": "the pinned mixes", "some pins": "some of the pinned mixes", "page": "the page", "year": "the year", "story": "the story",
    "compare": "what was compared", "beside": "the pinned mix beside the mix", "look": "the chart compared", "stage": "the step on stage",
    "own": "the sender's own numbers", "said": "the headline numbers",
}  # fmt: skip
"""Parts of a link as people know them."""
STANDARD_MOVED = (
    "This address does not name every lever: those it leaves out stand at today's standard values. Some of these, the data or the model"
    " have changed since it was made, so the mix may be another one. Use Share for a link that holds everything."
)
CUT_ADDRESS = (
    "This address was cut or changed on its way: levers that it does not name stand at today's standard values."
)
PINS_OLDER = (
    "The pinned mixes of this link come from another version: levers that they do not hold stand at their defaults."
)
NOT_CHECKED = "The solver gave up on these levers, so the headline numbers of this link could not be checked. The levers stand as they were sent."
NEVER_KNOWN = "The solver gave up when this link was made, so it holds no headline numbers to check. The levers stand as they were sent."
NAMED = 6
"""How many levers a notice names before it counts the rest."""
HEADLINES: Mapping[str, tuple[str, Callable[[float], str]]] = {
    "total_kusd": ("total cost over all years", words.million_usd),
    "bill_crore": ("the yearly bill", words.inr_crore),
    "harm_crore": ("the harm of shortage", words.inr_crore),
    "tail_shortfall": ("the worst-case shortfall", partial(words.percent, digits=1)),
    "china_share": ("dependence on China", partial(words.percent, digits=1)),
    "home_share": ("made in India", partial(words.percent, digits=1)),
}
"""What each headline number is called, and how it is written."""


def problems(opened: Opened) -> list[str]:
    """A sentence for each thing that an address asked for and that could not be had."""
    found = []
    if opened.shared:
        found += _damage(opened)
    if opened.bad:
        found.append(words.unusable([lever_named(name).label for name in opened.bad]))
    if opened.unknown:
        found.append(words.unknown(opened.unknown))
    if not opened.shared:
        gone = _gone(opened.lost)
        found += [CUT_ADDRESS] if "base" in opened.lost else []
        found += [f"This address names what cannot be read or used here: {words.listed(gone)}."] if gone else []
    if "pin levers" in opened.lost:
        found.append(PINS_OLDER)
    return found


def _gone(lost: Sequence[str]) -> list[str]:
    """What is lost, as people know it."""
    return [LOST[name] for name in dict.fromkeys(lost) if name in LOST]


def _damage(opened: Opened) -> list[str]:
    """What a share link lost on its way."""
    gone = _gone([*opened.lost, "said"] if "end" in opened.lost and not opened.link.said else opened.lost)
    missing = [lever_named(name).label for name in opened.missing]
    stand = f" Defaults stand for {_some(missing)}." if missing else ""
    also = f" Missing: {words.listed(gone)}." if gone else ""
    if "end" in opened.lost:
        rest = "The rest could be read." if missing or gone else "Everything else could be read."
        return [f"This link was cut off on its way, so it is not complete. {rest}{also}{stand} Ask for it again."]
    if not opened.whole:
        intact = "The levers are as they were sent." if opened.levers_whole else "Compare the levers with the sender's."
        return [f"This link was changed on its way. {intact}{also}{stand}"]
    if "format" in opened.lost:
        return [f"This link comes from another version of the explorer.{also}{stand}"]
    if missing:
        return [f"This link is older than {words.count(len(missing), 'lever')} of this explorer.{also}{stand}"]
    return [f"This link names what cannot be used here: {words.listed(gone)}."] if gone else []


def _some(labels: list[str]) -> str:
    shown = labels[:NAMED]
    return words.listed([*shown, words.count(len(labels) - NAMED, "other lever")] if len(labels) > NAMED else shown)


def own_refused(reason: str) -> str:
    """That the own numbers of a link cannot be used."""
    return f"The own numbers of this link were not taken over, so the evidence stands: {reason}"


def moved(changed: Mapping[str, tuple[float, float]], link: Link, data: str, model: str) -> str:
    """Which headline numbers are no longer what the link said, old and new, and why if that is known."""
    why = (
        _made(link, data, model) or "This link was made on the same data and model, but its numbers are not found again"
    )
    return f"{why}: {words.listed(_was(changed))}. The levers stand as they were sent; what you see is worked out on the present data."


def sides_moved(changed: Mapping[str, tuple[float | None, float | None]], link: Link, data: str, model: str) -> str:
    """Which sides of what is compared no longer cost what the link said, old and new, where the levers' own numbers have not moved."""
    why = (
        _made(link, data, model)
        or "This link was made on the same data and model, but not all of its numbers are found again"
    )
    texts = [f"total cost of “{name}” was {_total(old)}, is now {_total(new)}" for name, (old, new) in changed.items()]
    return f"{why}: {words.listed(texts)}. The headline numbers of the levers are the same."


def _total(kusd: float | None) -> str:
    return "none, without a mix," if kusd is None else words.million_usd(kusd)


def _made(link: Link, data: str, model: str) -> str:
    """On which other data or model a link was made; empty when on these."""
    made = [f"other data (version {link.data or 'unknown'}, now {data})"] if link.data != data else []
    made += [f"another version of the model ({link.model or 'unknown'}, now {model})"] if link.model != model else []
    return f"This link was made on {words.listed(made)}" if made else ""


def _was(changed: Mapping[str, tuple[float, float]]) -> list[str]:
    """Old and new numbers; those that read the same when rounded are given in full."""
    found = []
    for name, (old, new) in changed.items():
        label, show = HEADLINES[name]
        texts = show(old), show(new)
        if texts[0] == texts[1]:
            texts = f"{old:.9g}", f"{new:.9g}"
        found.append(f"{label} was {texts[0]}, is now {texts[1]}")
    return found


def mix_or_none(mix_now: bool, same_inputs: bool) -> str:
    """That a mix has appeared or vanished since a link was made."""
    since = "" if same_inputs else " The data or the model have changed since."
    if mix_now:
        return f"When this link was made, no mix met its limits; now one does.{since}"
    return f"When this link was made, a mix met its limits; now none does.{since}"


def same(link: Link, same_inputs: bool) -> str:
    """That a link means what it said."""
    made = (
        "the same data and model"
        if same_inputs
        else "other data or another model, but the headline numbers have not moved"
    )
    checked = f"Opened from a link: all levers stand as they were shared, made on {made}. Their headline numbers were checked and are the same."
    return f"{checked} {PINS_UNCHECKED}" if link.pins else checked


PINS_UNCHECKED = "Pinned mixes were not checked; Compare tells when one costs otherwise than when it was pinned."


def length_note(link: str) -> str:
    """That a link is too long for some programs, and what makes it so; empty when it is not too long."""
    if len(link) > LONGEST:
        given = parse_qs(urlsplit(link).query)
        parts = {
            name: len(given.get(part, [""])[0]) for name, part in (("pinned mixes", "pins"), ("own numbers", "own"))
        }
        long = [name for name, length in parts.items() if length >= max(LONGEST // 4, max(parts.values()) // 2)]
        advice = f" Remove some {words.listed(long)}." if long else ""
        return f"This link has {len(link):,} characters: mail and chat programs may cut it.{advice}"
    if len(link) > SAFE_LENGTH:
        return f"This link has {len(link):,} characters: some chat programs cut links after {SAFE_LENGTH:,}. A cut link is noticed when it is opened."
    return ""
