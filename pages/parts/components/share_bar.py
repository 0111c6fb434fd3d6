"""The buttons over the levers: undo, redo, share, pin, help, the last move again; what each opens is drawn only while it is open."""

from __future__ import annotations

import streamlit as st

from model.export.link.pins import NAME_LENGTH
from pages.parts import session, sharing
from pages.parts.components import lever_help
from pages.parts.session import undo
from pages.parts.sharing import front_address, pins
from pages.parts.text import common as words
from pages.parts.text import levers as lever_text
from pages.parts.text import links as link_text
from pages.parts.text import user_data as user_data_text

NAME_KEY = "pin_name"


def buttons(here: str) -> None:
    """One row of buttons. `here`: the id of the page on screen."""
    past = undo.history()
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Undo", on_click=undo.undo, disabled=not past.past, key="undo", icon=":material/undo:",
            help=lever_text.UNDO_HELP,
        )  # fmt: skip
        st.button(
            "Redo", on_click=undo.redo, disabled=not past.future, key="redo", icon=":material/redo:",
            help="Make the move undone last again",
        )  # fmt: skip
        share = st.popover(
            link_text.SHARE, on_change="rerun", key="share", icon=":material/link:", help=link_text.SHARE_HELP
        )
        pin = st.popover("Pin", on_change="rerun", key="pin", icon=":material/keep:", help=PIN_HELP)
        about = st.popover(
            lever_text.LEVERS, on_change="rerun", key="about", icon=":material/tune:", help=lever_text.LEVERS_HELP
        )
        replayed = st.button(
            lever_text.REPLAY,
            key="replay",
            icon=":material/replay:",
            disabled=not past.past,
            help=lever_text.REPLAY_HELP,
        )
    if share.open:
        with share:
            _share(here)
    if pin.open:
        with pin:
            _pin()
    if about.open:
        with about:
            lever_help.lever_help()
    one = undo.replay_asked()
    if replayed:
        lever_help.last_move()
    elif one:
        lever_help.lever_replay(one)


PIN_HELP = "Keep this mix under a name, to compare it with others"
PIN_NOTE = (
    "Pinned mixes can be compared on the Compare page, and travel with the share link. A pin holds the levers; its mix is worked out on the"
    " numbers in force, own numbers included."
)
PIN_FULL = "No link carries more pinned mixes than these. Remove one to pin another."


def _share(here: str) -> None:
    """The link as text, with what it holds and whether it is too long for some programs."""
    link = sharing.share_link(here)
    st.caption(link_text.HOLDS)
    st.code(link, language=None, wrap_lines=True, height=180)
    if front_address.works_only_here(link):
        beyond = front_address.for_phones(link)
        st.warning(link_text.NOWHERE_ELSE if beyond == link else link_text.ONLY_HERE, icon=":material/computer:")
        if beyond != link:
            link = beyond
            st.code(link, language=None, wrap_lines=True, height=180)
    st.text_input(link_text.FIELD, link)
    st.caption(link_text.COPY_HINT)
    if session.own_data() is not None:
        st.warning(user_data_text.FOLDER_STAYS, icon=":material/folder_off:")
    elif sharing.too_many_for_address():
        st.warning(user_data_text.NUMBERS_STAY, icon=":material/link_off:")
    if note := link_text.length_note(link):
        st.warning(note, icon=":material/straighten:")


def _pin() -> None:
    """A name for the mix on screen, and the mixes pinned so far."""
    kept = pins.pins()
    full = pins.full()
    st.text_input(
        "Name of this mix", key=NAME_KEY, max_chars=NAME_LENGTH, placeholder=f"Mix {len(kept) + 1}", disabled=full
    )
    st.button(
        "Pin this mix", on_click=pins.pin_present, args=(NAME_KEY,), key="pin_it", icon=":material/keep:",
        type="primary", disabled=full,
    )  # fmt: skip
    st.caption(PIN_FULL if full else PIN_NOTE)
    for place, pin in enumerate(kept):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(words.as_typed(pin.name), width="content")
            st.button(
                "Remove", on_click=pins.unpin, args=(pin.name,), key=f"unpin_{place}", type="tertiary",
                icon=":material/close:",
            )  # fmt: skip
