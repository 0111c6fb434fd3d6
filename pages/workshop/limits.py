"""Your limits: what one person in the room would still accept, set on a phone."""

import streamlit as st

from model.errors import InputError
from model.formulation.levers import lever_named
from pages.parts.text import common as words
from pages.parts.workshop import facilitator, participant
from pages.parts.workshop import text as workshop_text
from pages.parts.workshop.room import LEVERS

st.markdown(f"## {workshop_text.LIMITS_TITLE}")
facilitator.problem()
code = participant.code()
if code is None:
    st.text_input(
        workshop_text.TYPE_CODE,
        key="typed_code",
        max_chars=20,
        help=workshop_text.TYPE_HELP,
        on_change=participant.enter,
    )
    st.button(workshop_text.GO, type="primary", key="room_go")
    st.stop()
try:
    before = participant.given(code)
    with st.form("limits", border=False):
        st.markdown(workshop_text.LIMITS_INTRO)
        for name in LEVERS:
            lever = lever_named(name)
            start = float(getattr(before, name) if before else lever.high)
            st.slider(
                workshop_text.ASK[name],
                float(lever.low),
                float(lever.high),
                start,
                float(lever.step),
                format="%g",
                key=f"mine_{name}",
            )
            st.caption(words.plain_markdown(f"{lever.help} {lever.sensible}"))
        label = workshop_text.SEND_AGAIN if before else workshop_text.SEND
        sent = st.form_submit_button(label, key="send", type="primary", width="stretch")
    if sent:  # no callback: a phone that finds a killed server again sends before the server knows its page
        if participant.give(code):
            st.rerun()
        facilitator.problem()
    if before:
        st.success(workshop_text.SENT, icon=":material/check:")
        st.markdown(f"#### {workshop_text.OWN_MIX}")
        found, evidence = participant.own_mix(code, before)
        st.markdown(words.plain_markdown(workshop_text.headline(found, evidence)))
        if evidence.own:
            st.caption(workshop_text.on_own_numbers(len(evidence.own)))
    st.caption(workshop_text.OWN_LINK)
    participant.remember(code)
except InputError as error:
    st.error(words.as_typed(str(error)), icon=":material/meeting_room:")
