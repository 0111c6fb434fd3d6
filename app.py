"""The frame of the explorer: the menu, the levers at the side, and the page that was asked for."""

import streamlit as st

from pages.parts import session, sharing, tasks
from pages.parts.components import explanation, sidebar
from pages.parts.session import layout, presentation, undo
from pages.parts.workshop import facilitator

st.set_page_config(
    page_title="Where India's magnets come from",
    page_icon="app/static/icon.png",  # not a file of one run, which a slow browser may ask for when the next has begun
    layout="wide",
)
if facilitator.invited():  # a phone in the room: one small page, no levers
    limits = st.navigation([st.Page("pages/workshop/limits.py", title="Your limits")], position="hidden")
    layout.open_again(limits.url_path)  # a front, so nothing but a note that Streamlit knows its pages from now on
    limits.run()
    st.stop()
pages = [
    st.Page("pages/choose/mix.py", title="Mix", icon=":material/stacked_bar_chart:", default=True),
    st.Page("pages/choose/map.py", title="Map", icon=":material/map:"),
    st.Page("pages/challenge/tradeoffs.py", title="Trade-offs", icon=":material/balance:"),
    st.Page("pages/challenge/disruptions.py", title="Disruptions", icon=":material/bolt:"),
    st.Page("pages/challenge/alternatives.py", title="Alternatives", icon=":material/alt_route:"),
    st.Page("pages/challenge/doubt.py", title="Doubt", icon=":material/help_center:"),
    st.Page("pages/challenge/compare.py", title="Compare", icon=":material/compare_arrows:"),
    st.Page("pages/workshop/stage.py", title="Stage", icon=":material/slideshow:"),
    st.Page("pages/workshop/room.py", title="Room", icon=":material/groups:"),
    st.Page("pages/check/evidence.py", title="Evidence", icon=":material/fact_check:"),
    st.Page("pages/check/own.py", title="Own numbers", icon=":material/edit_note:"),
    st.Page("pages/check/method.py", title="Method", icon=":material/functions:"),
]
page = st.navigation(pages, position="top")
layout.open_again(page.url_path)
here = page.url_path or "mix"
sharing.open_link({each.url_path or "mix": each for each in pages}, here)
sharing.address_came()
facilitator.keep_key()
with st.sidebar:
    presentation.projector_switch()
tasks.nothing_later()
session.follow()
with st.container():
    sharing.link_notice()
undo.note_move()
layout.levers_later(lambda: sidebar.draw(here))
session.listen()
with tasks.in_turn():
    try:
        page.run()  # the answer comes on screen before the levers are drawn
    except Exception:  # not what ends a run for the next one: to draw on would lose the click that asked for it
        layout.levers()
        raise
    places = layout.levers()
sharing.keep_in_address()
explanation.beside_the_levers(places)
tasks.do_later()
