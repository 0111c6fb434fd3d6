"""Frames of the facilitator's page: the way into the room, and the board that follows the answers as they come in."""

from __future__ import annotations

from datetime import date

import streamlit as st

from pages.parts import bridge, charts, invite, labels, panels, words
from pages.parts import room_words as texts
from pages.parts.bridge import room, stage
from pages.parts.room import Key, Limits, RoomError
from pages.parts.spread import SHARES, accepted_by, strips, table

SECONDS = 2
"""How often the board looks for new answers."""


def way_in(key: Key) -> None:
    """Code, link and picture to scan, with a field for the address that phones can reach."""
    base = invite.for_phones(invite.front(st.context.url or "", "room"))
    typed = room.phones_address()
    if invite.is_address(typed):
        base = typed
    link = invite.link(base, key.code)
    st.markdown(f"# {key.code}", text_alignment="center")
    st.image(invite.picture(link), alt=texts.link_alt(key.code), width="stretch")
    st.markdown(f"**{words.plain_markdown(link)}**")
    if invite.works_only_here(base):
        st.warning(texts.ONLY_HERE, icon=":material/smartphone:")
    with st.expander(texts.PHONES):
        st.caption(texts.PHONES_NOTE)
        room.address_field(texts.ADDRESS, base)
        if typed and not invite.is_address(typed):
            st.error(texts.BAD_ADDRESS)


@st.fragment(run_every=SECONDS)
def board(key: Key) -> None:
    """How many have answered, how their limits spread, the common ground and the mix for the median."""
    try:
        answers = room.answers(key)
    except RoomError as error:
        st.error(words.as_typed(str(error)), icon=":material/meeting_room:")
        return
    st.markdown(f"## {texts.counted(answers)}")
    if not answers:
        st.info(texts.WAITING, icon=":material/hourglass_empty:")
        return
    left, right = st.columns([5, 6], gap="medium")
    with left, st.container(border=True):
        panels.head(texts.SPREAD_TITLE, texts.SPREAD_NOTE)
        drawn, told = st.tabs(["Chart", "Table"], key="room_view", on_change="rerun")
        with drawn:
            rows, spec = strips(answers, stage.projector())
            st.vega_lite_chart(rows, stage.sized(spec), key="room_strips", alt=texts.spread_alt(answers))
        if told.open:
            told.dataframe(table(answers), hide_index=True, key="room_table", alt=texts.spread_alt(answers))
    with right:
        common_ground(answers)


def common_ground(answers: tuple[Limits, ...]) -> None:
    """What everybody, three in four and half accept, whether a mix keeps it, and the mix for the median with the way to adopt it."""
    evidence = bridge.evidence()
    with st.container(border=True):
        panels.head(texts.COMMON_TITLE, texts.COMMON_NOTE)
        for who, share in SHARES.items():
            limits = accepted_by(answers, share)
            found = room.mix_within(limits)
            st.markdown(f"- {words.plain_markdown(texts.accepts(who, limits, found, answers))}")
    with st.container(border=True):
        st.markdown(f"#### {texts.median_title(limits)}")
        if isinstance(found, str) and not isinstance(found, texts.Unknown):
            found = room.mix_within(limits, explained=True)
        told = texts.headline(found, evidence)
        st.markdown(words.plain_markdown(told))
        if not isinstance(found, str):
            rows, spec = charts.magnets(found.mix, evidence)
            alt = texts.mix_alt(limits, told)
            drawn, listed = st.tabs(["Chart", "Table"], key="room_mix_view", on_change="rerun")
            with drawn:
                st.vega_lite_chart(rows, stage.sized(spec | {"height": 300}), key="room_mix", alt=alt)
            if listed.open:
                listed.dataframe(
                    charts.wide(rows, found.mix), key="room_mix_table", column_config=labels.COLUMNS, alt=alt
                )
    if st.button(
        texts.ADOPT, on_click=bridge.adopt, args=(limits.on(bridge.choice()),), key="room_adopt", type="primary",
        icon=":material/tune:",
    ):  # fmt: skip
        st.rerun()


def leave(key: Key) -> None:
    """The answers to take away, the end of the room, and when it comes by itself."""
    with st.container(horizontal=True):
        st.download_button(
            texts.EXPORT, room.export(key), f"room-{key.code}-{date.today():%Y-%m-%d}.csv", "text/csv",
            on_click="ignore", key="room_csv", icon=":material/download:",
        )  # fmt: skip
        with st.popover(texts.DELETE, icon=":material/delete:", key="room_end"):
            st.markdown(texts.DELETE_NOTE)
            st.button(texts.SURE, on_click=room.close_room, key="room_delete")
    until = room.kept_until(key)
    if until is not None:
        st.caption(texts.kept(until))
