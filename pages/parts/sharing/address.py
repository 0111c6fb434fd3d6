"""The address: what it asked for when a visitor came, what it keeps, and the share link made from what stands on screen."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from model.engine.active_limits import NoMix
from model.errors import InputError, SolverFailed
from model.export.link.link_format import BASE, OWN_LENGTH, Link, base_of, differs, headlines
from model.export.link.link_reading import Opened, decode
from model.export.link.link_writing import encode, shown
from model.export.link.pins import Pin, encode_pins
from model.export.link.user_edits_codec import packed, unpacked
from model.formulation.case import YEARS as HORIZON
from model.formulation.levers import AIMS, Choice, Value
from model.provenance import model_version
from pages.parts.session import presentation
from pages.parts.session import user_data as session_data
from pages.parts.session.engines import base_evidence, engine, evidence, own_data, own_numbers
from pages.parts.session.levers import choice
from pages.parts.sharing import front_address
from pages.parts.sharing import pins as pinned
from pages.parts.text import common as words
from pages.parts.text import links as link_text

OWN_NAMES = {"fact", "room", "host", "me", "phones", "projector", "step"}
"""Names beside the levers' and the link's that an address may carry: what others read."""
YEARS = {"mix": "shortage_year", "map": "map_year", "disruptions": "shock_year", "compare": "compare_year"}
"""Pages with a year of their own, and the widget that holds it."""
STANDARD = Choice()
"""Every lever at its default, which an address does not name."""
KEPT = ("pins", "story", "own", BASE)
"""What the server itself writes into the address."""
ON_ITS_WAY_S = 10.0
"""How long an address that the server has told a browser may be on its way there."""


def open_link(pages: Mapping[str, Any], here: str) -> None:
    """Read the address once, before the first widget exists: levers, story, years, pins and own numbers are set, and the address keeps
    what a reload needs, in the form that widgets read. What a share link says beside that is taken out of it, so that no reload
    repeats it when the levers have moved. `pages`: page ids to pages; `here`: the one opened; a link to another leads there."""
    state = st.session_state
    if "_opened" in state:
        return
    raw = {name: st.query_params.get_all(name) for name in st.query_params}
    opened = decode(raw, OWN_NAMES)
    link = opened.link
    _take_own(link.own)
    state["_pins"] = link.pins
    gone = list(pinned.from_link(link))
    if link.story in evidence().presets:
        state["preset"] = link.story
    elif link.story:
        gone.append("story")
    if link.year in HORIZON:
        state.update(dict.fromkeys(YEARS.values(), link.year))
    elif link.year is not None:
        gone.append("year")
    if not presentation.from_link(link.step, link.shown):
        gone.append("stage")
    if opened.shared and link.page and link.page not in pages:
        gone.append("page")
    state["_opened"] = replace(opened, lost=(*opened.lost, *gone))
    state["_base_moved"] = not opened.shared and opened.base not in ("", _base())
    kept: dict[str, Any] = {name: values[0] for name, values in raw.items() if name in OWN_NAMES and values}
    if link.step is not None and "stage" not in gone:
        kept[presentation.STEP] = str(link.step)
    for name, value in link.choice.values().items():
        if opened.shared or name in opened.named:
            state[name] = value  # so that the page can be worked out before the levers are drawn
    kept |= _asked_levers(opened) | _kept()
    target = (
        link.page
        if opened.shared and link.page in pages
        else here
        if here != next(iter(pages))
        else _page_of(st.context.url or "", pages) or here
    )
    stood = {name: values for name, values in raw.items() if name != BASE}
    if target != here or {name: [value] for name, value in kept.items()} != stood:
        st.switch_page(pages[target], query_params=kept)  # widgets take only what stood in the address when a run began


def _page_of(url: str, pages: Mapping[str, Any]) -> str:
    """The page that an address names by its path; '' for the front. A browser that finds its server again after a restart keeps its
    address, but the server's first run, which does not know the pages yet, would take it for the front."""
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    last = urlsplit(url).path.strip("/").removeprefix(prefix).rpartition("/")[2]
    return last if last in pages else ""


def _take_own(text: str) -> None:
    """Take over the own numbers of an address, or remember why that cannot be."""
    if not text:
        return
    try:
        kind, told = session_data.try_own(unpacked(text))
    except InputError as error:
        kind, told = "error", str(error)
    if kind == "error":
        st.session_state["_own_refused"] = link_text.own_refused(told)


def _asked_levers(opened: Opened) -> dict[str, str]:
    """The levers of an address as their widgets read them: those that it named and that can be used; all of them for a share link."""
    values = opened.link.choice.values()
    named = values if opened.shared else opened.named
    return {name: _written(value) for name, value in values.items() if name in named}


def _written(value: Value) -> str:
    """A lever's value as its widget writes it into the address and reads it there."""
    return AIMS.get(str(value), shown(value))


def _kept() -> dict[str, str]:
    """What the address carries beside levers: the story, the pins and own numbers, so that a reload and a new start of the server find them again."""
    state = st.session_state
    pins: tuple[Pin, ...] = state.get("_pins", ())
    if state.get("_pins_told", ((), ""))[0] != pins:
        state["_pins_told"] = (pins, encode_pins(pins))
    story = str(state.get("preset") or "")
    first = next(iter(evidence().presets), "")
    found = {"pins": state.get("_pins_told", ((), ""))[1], "story": "" if story == first else story}
    found["own"] = "" if too_many_for_address() else _own_text()
    return {name: value for name, value in found.items() if value}


def _own_text() -> str:
    """The own numbers as an address holds them; none on an own data folder, which no address can carry: read again, they would stand
    on other evidence than they were made for."""
    state, edits = st.session_state, own_numbers()
    if own_data() is not None:
        return ""
    if state.get("_own_packed", ((), ""))[0] != edits:
        state["_own_packed"] = (edits, packed(edits))
    return str(state.get("_own_packed", ((), ""))[1])


def too_many_for_address() -> bool:
    """Whether there are too many own numbers for an address or a link, which would be cut on the way."""
    return len(_own_text()) > OWN_LENGTH


def _base() -> str:
    """What levers that the address does not name stand on."""
    return base_of(base_evidence().version, model_version())


def address_came() -> None:
    """Begin a run: the address that the browser has sent. A run that was ended early may have told it another."""
    state = st.session_state
    if "_came" in state:
        state["_told_at"], state["_told_with"] = time.monotonic(), None
    state["_came"] = st.query_params.to_dict()


def keep_in_address() -> None:
    """Write story, pins, own numbers and what the levers stand on that the address does not name into it when they are not there as they
    stand; an address that would hold nothing else does without the last.

    Whenever a run tells the browser an address it tells all of it, the levers as they stood then. Where one has moved before that arrived
    the browser takes the older address for the newer, and may send it with that move: so the run of the move tells it again."""
    state, levers, now = st.session_state, choice(), time.monotonic()
    on_its_way = now - state.get("_told_at", -ON_ITS_WAY_S) < ON_ITS_WAY_S
    again = (on_its_way and state.get("_told_with") != levers) | _levers_told_otherwise(levers)
    wanted = _kept()
    if wanted or levers != STANDARD:
        wanted[BASE] = _base()
    for name in KEPT:
        if name not in wanted and name in st.query_params:
            del st.query_params[name]
    others = {name: text for name, text in wanted.items() if st.query_params.get(name) != text}
    if others or again:
        st.query_params.update(others)
    if again or state["_came"] != st.query_params.to_dict():
        state["_told_at"] = now
    state["_told_with"] = levers
    del state["_came"]


def _levers_told_otherwise(levers: Choice) -> bool:
    """Put the levers into what the server takes for the address, and whether one was not there as it stands. Streamlit has no public way:
    it leaves a lever to the browser, which writes it before it asks for the run."""
    context, otherwise = get_script_run_ctx(), False
    if context is None or not st.context.url:  # no browser, so nobody has sent an address with a move
        return False
    with context.session_state.query_params() as address:
        for (name, value), usual in zip(levers.values().items(), STANDARD.values().values(), strict=True):
            if value == usual:  # not named in an address; Streamlit takes it out without a word
                otherwise |= name in st.session_state["_came"]
                address.discard_param_no_forward_msg(name)
            elif st.query_params.get(name) != _written(value):
                address.set_with_no_forward_msg(name, _written(value))
                otherwise = True
    return otherwise


# -- what came of a link -----------------------------------------------------------------------------------------------


def link_notice() -> None:
    """Say, until a lever moves, what of the address could not be used and whether a share link still means what it said."""
    state = st.session_state
    opened: Opened = state["_opened"]
    if state.setdefault("_first_choice", choice()) != choice():
        return
    texts = [*link_text.problems(opened), state.get("_own_refused")]
    texts += [link_text.STANDARD_MOVED] if state["_base_moved"] else []
    for text in filter(None, texts):
        st.warning(words.as_typed(text), icon=":material/link_off:")
    if not opened.shared:
        return
    said, verdict = _verdict(opened)
    if said == "same":
        st.caption(f":material/link: {words.as_typed(verdict)}")
    elif said:
        st.warning(words.as_typed(verdict), icon=":material/update:")


def _verdict(opened: Opened) -> tuple[str, str]:
    """What the numbers of a share link are now: 'same', 'moved' or nothing to say, and the words for it."""
    link = opened.link
    same_inputs = link.data == evidence().version and link.model == model_version()
    if not opened.whole and (same_inputs or not opened.levers_whole or not link.said):
        return "", ""  # what the link says may be what was changed on its way, what it does not say what was cut
    try:
        now = said_now()
    except SolverFailed:
        return "moved", link_text.NOT_CHECKED
    if not link.solved:
        return "moved", link_text.NEVER_KNOWN
    if not link.said and not now:
        return "", ""
    if not now or not link.said:
        return "moved", link_text.mix_or_none(bool(now), same_inputs)
    moved, sides = differs(link.said, now), _sides_moved(link)
    if moved:
        return "moved", link_text.moved(moved, link, evidence().version, model_version())
    if sides:
        return "moved", link_text.sides_moved(sides, link, evidence().version, model_version())
    return "same", link_text.same(link, same_inputs)


def _sides_moved(link: Link) -> dict[str, tuple[float | None, float | None]]:
    """What a link compares and what now costs otherwise, before and now, kUSD. Looked at only where it comes on screen, which has to solve
    it anyway, and once: the menus may move on."""
    state = st.session_state
    if "_sides_moved" not in state:
        sides, now = pinned.sides(), pinned.totals() if link.page == "compare" and link.sides else ()
        pairs = zip(sides, link.sides, now, strict=False)
        state["_sides_moved"] = {s.label: (before, after) for s, before, after in pairs if pinned.moved(before, after)}
    found: dict[str, tuple[float | None, float | None]] = state["_sides_moved"]
    return found


def said_now() -> dict[str, float]:
    """The headline results of the levers as they stand; empty when they have no mix. Raises `SolverFailed`."""
    try:
        return headlines(engine().mix(choice()))
    except NoMix:
        return {}


# -- the share link ----------------------------------------------------------------------------------------------------


def share_link(page: str) -> str:
    """The whole address that restores what stands on screen: every lever, the page by its id, its year, the pins, what is compared and
    what is on stage."""
    state, step = st.session_state, presentation.at()
    year = state.get(YEARS[page]) if page in YEARS else None
    try:
        said, solved = said_now(), True
    except SolverFailed:
        said, solved = {}, False
    link = Link(
        choice(), page, int(year) if year else None, str(state.get("preset") or ""), pinned.pins(), own=_own_text(),
        data=evidence().version, model=model_version(), said=said, solved=solved, step=step or None,
        shown=str(state.get(presentation.CHART) or "") if step else "", sides=pinned.totals() if page == "compare" else (),
        **pinned.to_link(),
    )  # fmt: skip
    return f"{front_address.front(st.context.url or '', page)}?{encode(link)}"


def moved_since(pin: Pin, total_kusd: float | None) -> bool:
    """Whether a pinned scenario now costs otherwise than when it was pinned."""
    return pinned.moved(pin.total_kusd, total_kusd)
