"""Room: people's own limits, collected on their phones, and what the whole room could agree on."""

import streamlit as st

from pages.parts import session
from pages.parts.workshop import board, facilitator, participant
from pages.parts.workshop import text as workshop_text

key = facilitator.key()
if not facilitator.possible():
    st.markdown(f"## {workshop_text.TITLE}")
    st.warning(workshop_text.NO_FOLDER, icon=":material/folder_off:")
    if key is not None:
        board.leave(key)
elif key is None:
    st.markdown(f"## {workshop_text.TITLE}")
    facilitator.problem()
    st.markdown(workshop_text.INTRO)
    st.button(
        workshop_text.OPEN,
        on_click=facilitator.open_room,
        type="primary",
        key="room_open",
        icon=":material/meeting_room:",
    )
    st.text_input(
        workshop_text.JOIN,
        key="typed_code",
        max_chars=20,
        help=workshop_text.TYPE_HELP,
        on_change=participant.enter,
        width=360,
    )
else:
    facilitator.problem()
    session.adopted_notice()
    side, main = st.columns([2, 5], gap="medium")
    with side, st.container(border=True):
        board.way_in(key)
    with main:
        board.board(key)
    board.leave(key)
    st.caption(workshop_text.PRIVACY)
