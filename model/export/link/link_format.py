"""What a share link holds, and what it says of the results that it was made with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html.entities import html5

from model.export.link.pins import Pin
from model.formulation.levers import Choice, levers
from model.provenance import digest_of
from model.results.mix import Mix

FORMAT = "1"


SAFE_LENGTH, LONGEST = 2_048, 4_096
"""A query longer than this may be cut by chat programs; one longer than that by mail programs and servers."""


OWN_LENGTH = 8_192
"""Packed own numbers longer than this stay out of a link (see `left_out`): cut, they would be of no use to anybody."""


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
