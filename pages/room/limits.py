"""Your limits: what one person in the room would still accept, set on a phone."""

import streamlit as st

from model.evidence import InputError
from model.levers import lever_named
from pages.parts import room_words as texts
from pages.parts import words
from pages.parts.bridge import phone, room
from pages.parts.room import LEVERS

st.markdown(f"## {texts.LIMITS_TITLE}")
room.problem()
code = phone.code()
if code is None:
    st.text_input(texts.TYPE_CODE, key="typed_code", max_chars=20, help=texts.TYPE_HELP, on_change=phone.enter)
    st.button(texts.GO, type="primary", key="room_go")
    st.stop()
try:
    before = phone.given(code)
    with st.form("limits", border=False):
        st.markdown(texts.LIMITS_INTRO)
        for name in LEVERS:
            lever = lever_named(name)
            start = float(getattr(before, name) if before else lever.high)
            st.slider(
                texts.ASK[name],
                float(lever.low),
                float(lever.high),
                start,
                float(lever.step),
                format="%g",
                key=f"mine_{name}",
            )
            st.caption(words.plain_markdown(f"{lever.help} {lever.sensible}"))
        label = texts.SEND_AGAIN if before else texts.SEND
        sent = st.form_submit_button(label, key="send", type="primary", width="stretch")
    if sent:  # no callback: a phone that finds a killed server again sends before the server knows its page
        if phone.give(code):
            st.rerun()
        room.problem()
    if before:
        st.success(texts.SENT, icon=":material/check:")
        st.markdown(f"#### {texts.OWN_MIX}")
        found, evidence = phone.own_mix(code, before)
        st.markdown(words.plain_markdown(texts.headline(found, evidence)))
        if evidence.own:
            st.caption(texts.on_own_numbers(len(evidence.own)))
    st.caption(texts.OWN_LINK)
    phone.remember(code)
except InputError as error:
    st.error(words.as_typed(str(error)), icon=":material/meeting_room:")
