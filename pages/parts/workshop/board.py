"""Frames of the facilitator's page: the way into the room, and the board that follows the answers as they come in."""

from __future__ import annotations

from datetime import date

import streamlit as st

from pages.parts import session
from pages.parts.charts import mix as charts
from pages.parts.components import panels
from pages.parts.session import presentation
from pages.parts.sharing import front_address
from pages.parts.text import common as words
from pages.parts.text import mix as mix_text
from pages.parts.workshop import facilitator
from pages.parts.workshop import text as workshop_text
from pages.parts.workshop.aggregation import SHARES, accepted_by, strips, table
from pages.parts.workshop.room import Key, Limits, RoomError

SECONDS = 2
"""How often the board looks for new answers."""


def way_in(key: Key) -> None:
    """Code, link and picture to scan, with a field for the address that phones can reach."""
    base = front_address.for_phones(front_address.front(st.context.url or "", "room"))
    typed = facilitator.phones_address()
    if front_address.is_address(typed):
        base = typed
    link = front_address.link(base, key.code)
    st.markdown(f"# {key.code}", text_alignment="center")
    st.image(front_address.picture(link), alt=workshop_text.link_alt(key.code), width="stretch")
    st.markdown(f"**{words.plain_markdown(link)}**")
    if front_address.works_only_here(base):
        st.warning(workshop_text.ONLY_HERE, icon=":material/smartphone:")
    with st.expander(workshop_text.PHONES):
        st.caption(workshop_text.PHONES_NOTE)
        facilitator.address_field(workshop_text.ADDRESS, base)
        if typed and not front_address.is_address(typed):
            st.error(workshop_text.BAD_ADDRESS)


@st.fragment(run_every=SECONDS)
def board(key: Key) -> None:
    """How many have answered, how their limits spread, the common ground and the mix for the median."""
    try:
        answers = facilitator.answers(key)
    except RoomError as error:
        st.error(words.as_typed(str(error)), icon=":material/meeting_room:")
        return
    st.markdown(f"## {workshop_text.counted(answers)}")
    if not answers:
        st.info(workshop_text.WAITING, icon=":material/hourglass_empty:")
        return
    left, right = st.columns([5, 6], gap="medium")
    with left, st.container(border=True):
        panels.head(workshop_text.SPREAD_TITLE, workshop_text.SPREAD_NOTE)
        drawn, told = st.tabs(["Chart", "Table"], key="room_view", on_change="rerun")
        with drawn:
            rows, spec = strips(answers, presentation.projector())
            st.vega_lite_chart(rows, presentation.sized(spec), key="room_strips", alt=workshop_text.spread_alt(answers))
        if told.open:
            told.dataframe(table(answers), hide_index=True, key="room_table", alt=workshop_text.spread_alt(answers))
    with right:
        common_ground(answers)


def common_ground(answers: tuple[Limits, ...]) -> None:
    """What everybody, three in four and half accept, whether a mix keeps it, and the mix for the median with the way to adopt it."""
    evidence = session.evidence()
    with st.container(border=True):
        panels.head(workshop_text.COMMON_TITLE, workshop_text.COMMON_NOTE)
        for who, share in SHARES.items():
            limits = accepted_by(answers, share)
            found = facilitator.mix_within(limits)
            st.markdown(f"- {words.plain_markdown(workshop_text.accepts(who, limits, found, answers))}")
    with st.container(border=True):
        st.markdown(f"#### {workshop_text.median_title(limits)}")
        if isinstance(found, str) and not isinstance(found, workshop_text.Unknown):
            found = facilitator.mix_within(limits, explained=True)
        told = workshop_text.headline(found, evidence)
        st.markdown(words.plain_markdown(told))
        if not isinstance(found, str):
            rows, spec = charts.magnets(found.mix, evidence)
            alt = workshop_text.mix_alt(limits, told)
            drawn, listed = st.tabs(["Chart", "Table"], key="room_mix_view", on_change="rerun")
            with drawn:
                st.vega_lite_chart(rows, presentation.sized(spec | {"height": 300}), key="room_mix", alt=alt)
            if listed.open:
                listed.dataframe(
                    charts.wide(rows, found.mix), key="room_mix_table", column_config=mix_text.COLUMNS, alt=alt
                )
    if st.button(
        workshop_text.ADOPT, on_click=session.adopt, args=(limits.on(session.choice()),), key="room_adopt", type="primary",
        icon=":material/tune:",
    ):  # fmt: skip
        st.rerun()


def leave(key: Key) -> None:
    """The answers to take away, the end of the room, and when it comes by itself."""
    with st.container(horizontal=True):
        st.download_button(
            workshop_text.EXPORT, facilitator.export(key), f"room-{key.code}-{date.today():%Y-%m-%d}.csv", "text/csv",
            on_click="ignore", key="room_csv", icon=":material/download:",
        )  # fmt: skip
        with st.popover(workshop_text.DELETE, icon=":material/delete:", key="room_end"):
            st.markdown(workshop_text.DELETE_NOTE)
            st.button(workshop_text.SURE, on_click=facilitator.close_room, key="room_delete")
    until = facilitator.kept_until(key)
    if until is not None:
        st.caption(workshop_text.kept(until))
