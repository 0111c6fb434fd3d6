"""Room: people's own limits, collected on their phones, and what the whole room could agree on."""

import streamlit as st

from pages.parts import board, bridge
from pages.parts import room_words as texts
from pages.parts.bridge import phone, room

key = room.key()
if not room.possible():
    st.markdown(f"## {texts.TITLE}")
    st.warning(texts.NO_FOLDER, icon=":material/folder_off:")
    if key is not None:
        board.leave(key)
elif key is None:
    st.markdown(f"## {texts.TITLE}")
    room.problem()
    st.markdown(texts.INTRO)
    st.button(texts.OPEN, on_click=room.open_room, type="primary", key="room_open", icon=":material/meeting_room:")
    st.text_input(texts.JOIN, key="typed_code", max_chars=20, help=texts.TYPE_HELP, on_change=phone.enter, width=360)
else:
    room.problem()
    bridge.adopted_notice()
    side, main = st.columns([2, 5], gap="medium")
    with side, st.container(border=True):
        board.way_in(key)
    with main:
        board.board(key)
    board.leave(key)
    st.caption(texts.PRIVACY)
