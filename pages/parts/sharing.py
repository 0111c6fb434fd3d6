"""The buttons over the levers: undo, redo, share, pin, help, the last move again; what each opens is drawn only while it is open."""

from __future__ import annotations

import streamlit as st

from model.pins import NAME_LENGTH
from pages.parts import bridge, help_words, helping, invite, link_words, own_words, words
from pages.parts.bridge import moves, pinned

NAME_KEY = "pin_name"


def buttons(here: str) -> None:
    """One row of buttons. `here`: the id of the page on screen."""
    past = moves.history()
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Undo", on_click=moves.undo, disabled=not past.past, key="undo", icon=":material/undo:",
            help=help_words.UNDO_HELP,
        )  # fmt: skip
        st.button(
            "Redo", on_click=moves.redo, disabled=not past.future, key="redo", icon=":material/redo:",
            help="Make the move undone last again",
        )  # fmt: skip
        share = st.popover(
            link_words.SHARE, on_change="rerun", key="share", icon=":material/link:", help=link_words.SHARE_HELP
        )
        pin = st.popover("Pin", on_change="rerun", key="pin", icon=":material/keep:", help=PIN_HELP)
        about = st.popover(
            help_words.LEVERS, on_change="rerun", key="about", icon=":material/tune:", help=help_words.LEVERS_HELP
        )
        replayed = st.button(
            help_words.REPLAY,
            key="replay",
            icon=":material/replay:",
            disabled=not past.past,
            help=help_words.REPLAY_HELP,
        )
    if share.open:
        with share:
            _share(here)
    if pin.open:
        with pin:
            _pin()
    if about.open:
        with about:
            helping.lever_help()
    one = moves.replay_asked()
    if replayed:
        helping.last_move()
    elif one:
        helping.lever_replay(one)


PIN_HELP = "Keep this mix under a name, to compare it with others"
PIN_NOTE = (
    "Pinned mixes can be compared on the Compare page, and travel with the share link. A pin holds the levers; its mix is worked out on the"
    " numbers in force, own numbers included."
)
PIN_FULL = "No link carries more pinned mixes than these. Remove one to pin another."


def _share(here: str) -> None:
    """The link as text, with what it holds and whether it is too long for some programs."""
    link = bridge.share_link(here)
    st.caption(link_words.HOLDS)
    st.code(link, language=None, wrap_lines=True, height=180)
    if invite.works_only_here(link):
        beyond = invite.for_phones(link)
        st.warning(link_words.NOWHERE_ELSE if beyond == link else link_words.ONLY_HERE, icon=":material/computer:")
        if beyond != link:
            link = beyond
            st.code(link, language=None, wrap_lines=True, height=180)
    st.text_input(link_words.FIELD, link)
    st.caption(link_words.COPY_HINT)
    if bridge.own_data() is not None:
        st.warning(own_words.FOLDER_STAYS, icon=":material/folder_off:")
    elif bridge.too_many_for_address():
        st.warning(own_words.NUMBERS_STAY, icon=":material/link_off:")
    if note := link_words.length_note(link):
        st.warning(note, icon=":material/straighten:")


def _pin() -> None:
    """A name for the mix on screen, and the mixes pinned so far."""
    kept = pinned.pins()
    full = pinned.full()
    st.text_input(
        "Name of this mix", key=NAME_KEY, max_chars=NAME_LENGTH, placeholder=f"Mix {len(kept) + 1}", disabled=full
    )
    st.button(
        "Pin this mix", on_click=pinned.pin_present, args=(NAME_KEY,), key="pin_it", icon=":material/keep:",
        type="primary", disabled=full,
    )  # fmt: skip
    st.caption(PIN_FULL if full else PIN_NOTE)
    for place, pin in enumerate(kept):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(words.as_typed(pin.name), width="content")
            st.button(
                "Remove", on_click=pinned.unpin, args=(pin.name,), key=f"unpin_{place}", type="tertiary",
                icon=":material/close:",
            )  # fmt: skip
