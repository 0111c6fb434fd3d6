"""Every text of the room's pages: what the facilitator reads, what people read on their phones, what the screen tells; no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from model.engine.engine import Answer
from model.evidence.store import Evidence
from pages.parts.text import common as words
from pages.parts.workshop.aggregation import NAMES, SHARES, UNITS, accepted_by, satisfied
from pages.parts.workshop.room import CODE_LENGTH, LEVERS, Limits

TITLE = "Collect the room's limits"
INTRO = (
    "People open a link on their phones and set what they would still accept: extra cost, dependence on China, shortfall in"
    " bad years. Their answers appear here as they come in, with the common ground and the mix that it leads to."
)
PRIVACY = (
    "Nobody gives a name. An answer is three numbers; the server deletes them a day after the room was opened, or when you delete"
    " the room."
    " Your own address now holds the room's key: a reload brings the room back, and whoever has that address can read the"
    " answers, so share the link below instead."
)
NO_FOLDER = (
    "All your pages stand on your own data folder, which phones in a room cannot have: their answers and yours would not agree. Put the"
    " evidence back on the page Own numbers, then go on here; a room that is open keeps its answers meanwhile. Own numbers that you"
    " type in on that page do reach the phones."
)
OPEN, DELETE, SURE = "Open a room", "Delete the room", "Yes, delete it with all answers"
DELETE_NOTE = "The room and every answer in it are gone for good."
WAITING = "No answers yet. They appear here by themselves."
SPREAD_TITLE = "How the answers spread"
SPREAD_NOTE = (
    "Each dot is one person's limit. The bars reach as far as everybody, three in four and half of the room accept."
)
COMMON_TITLE = "Common ground"
COMMON_NOTE = "Levers that nobody sets on a phone stand as on the left."
ADOPT = "Put the median on the levers"
EXPORT = "Answers (CSV)"
PHONES = "If phones cannot open this link"
PHONES_NOTE = (
    "Phones must be in the same network as this computer, for example on its hotspot, and need this computer's address in that"
    " network. Set it here; link and code to scan follow."
)
ADDRESS = "Address that phones use"
ONLY_HERE = "This address works on this computer alone. Set the one that phones can reach below."
BAD_ADDRESS = "An address begins with http:// or https:// and names a computer."

GONE_KEY = (
    "The room in this address is gone: rooms are deleted after a day, or by their facilitator. You can open a new one."
)

LIMITS_TITLE = "Your limits"
LIMITS_INTRO = "Move each slider to the most that you would still accept. 100 means that you set no limit."
ASK: Mapping[str, str] = {
    "premium_limit": "Extra cost over the cheapest mix, at most (%)",
    "china_limit": "Dependence on China, at most (% of demand)",
    "shortfall_limit": "Shortfall in the worst years, at most (% of demand)",
}
SEND, SEND_AGAIN = "Send my limits", "Send again"
SENT = "Sent. You can change your limits and send them again; only the last answer counts."
OWN_LINK = "Nobody sees who sent what. This page's address belongs to your answer: keep it, do not pass it on."
OWN_MIX = "What your limits would lead to"
TYPE_CODE = "Code of the room"
TYPE_HELP = f"{CODE_LENGTH} letters, as the screen in front shows them."
JOIN = "Or answer in a room: its code"
GO = "Go to the room"
TOO_MANY_CODES = "Too many wrong codes were tried. Open the room's link or scan the picture on the screen in front; each try takes longer now."
TOO_MANY_ROOMS = (
    "So many rooms were opened from your network that no new one is opened just now. Try again within an hour."
)


def on_own_numbers(count: int) -> str:
    """That the screen in front, and this answer with it, stands on numbers of the facilitator's own."""
    return (
        f"Worked out like the screen in front, with {words.count(count, 'number')} of the facilitator's own in place of the"
        " evidence."
    )


def kept(until: datetime) -> str:
    """Until when the room is there, by the reader's clock."""
    zone = " UTC" if until.tzinfo is UTC else ""
    return f"This room and its answers are kept until {until.day} {until:%B %Y}, {until:%H:%M}{zone}, and no longer."


def unknown_room(asked: str) -> str:
    """There is no such room."""
    shown = asked if len(asked) <= 20 else asked[:19] + "…"
    return f"There is no room {shown}. Check the code on the screen in front; rooms are deleted after a day, or by their facilitator."


def counted(answers: Sequence[Limits]) -> str:
    """How many people have answered."""
    people = words.count(len(answers), "person has answered", "people have answered")
    return people[:1].upper() + people[1:] + "."


class Unknown(str):
    """Why the solver ended without a mix and without knowing that there is none, in words."""


def accepts(who: str, limits: Limits, found: Answer | Unknown | str, answers: Sequence[Limits]) -> str:
    """One line of common ground, in Markdown: the limits that a part of the room accepts one by one, and whether a mix meets them
    together, and then how many people it suits."""
    extra, china, shortfall = (words.number(getattr(limits, name)) for name in LEVERS)
    name = who[:1].upper() + who[1:]
    accept = "accepts" if who == "everybody" else "accept"
    text = f"**{name}** {accept} up to {extra} % extra cost, {china} % from China, {shortfall} % shortfall"
    if isinstance(found, Unknown):
        return f"{text}: the solver gave up, so **whether a mix exists is not known**."
    if isinstance(found, str):
        return f"{text}: **no mix** can keep all three."
    suits = satisfied(answers, found.mix)
    people = "everybody" if suits == len(answers) else f"{suits} of {len(answers)} people"
    return f"{text}: **a mix exists**; it keeps all three limits of {people}."


def median_title(limits: Limits) -> str:
    """What stands over the mix for the median."""
    extra, china, shortfall = (words.number(getattr(limits, name)) for name in LEVERS)
    return f"The mix for the median: {extra} % extra cost, {china} % from China, {shortfall} % shortfall"


def headline(found: Answer | str, evidence: Evidence) -> str:
    """The answer in a sentence, or why there is none."""
    if isinstance(found, str):
        return found
    return words.headline(found.mix, found.today, evidence, int(found.mix.choice.target_year))


def spread_alt(answers: Sequence[Limits]) -> str:
    """What the chart of the answers shows now."""
    half = accepted_by(answers, SHARES["half"])
    parts = []
    for name in LEVERS:
        values = [getattr(answer, name) for answer in answers]
        low, high, middle = (words.number(value) for value in (min(values), max(values), getattr(half, name)))
        parts.append(f"{NAMES[name]}, {UNITS[name]}: from {low} to {high}; half accept {middle}")
    return f"{SPREAD_TITLE}. {'. '.join(parts)}."


def mix_alt(limits: Limits, told: str) -> str:
    """What the chart of the median's mix shows now: tonnes of magnets a year by route, told by the mix's headline."""
    return f"{median_title(limits)}. Tonnes of magnets a year by route. {told}"


def link_alt(code: str) -> str:
    """What the picture to scan stands for."""
    return f"A code to scan with a phone's camera; it opens the link of room {code}."
