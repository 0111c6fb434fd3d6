"""Own numbers: figures of the evidence changed in place, each with its reason, and a whole data folder of one's own."""

import streamlit as st

from pages.parts import session
from pages.parts.components import screen, user_data
from pages.parts.session import user_data as session_data
from pages.parts.text import common as words
from pages.parts.text import user_data as user_data_text

base, edits = session.base_evidence(), session.own_numbers()
screen.headline(user_data_text.headline(base, edits, session.own_data() is not None), marks="##")
st.caption(user_data_text.INTRO)
kind, told = session_data.own_told()
if told:
    (st.success if kind == "success" else st.error)(words.as_typed(told))

if edits:
    user_data.in_use(base, edits)
    user_data.effect()

st.markdown("#### Change a figure")
query = st.text_input(
    "Search", max_chars=200, key="own_search", icon=":material/search:",
    placeholder="Words, or the id of a fact, for instance: price",
)  # fmt: skip
every = st.toggle("Also figures that the model does not use", key="own_every")
shown = user_data.narrowed(user_data.rows(base, edits), query, every)
key = user_data.editor(shown, session_data.table_round())
st.button(
    "Use these numbers", on_click=session_data.change_from_table, args=(key, shown), key="own_use", type="primary",
    icon=":material/check:",
)  # fmt: skip
st.caption(user_data_text.DERIVED_NOTE)

st.markdown("#### A whole data folder of your own")
st.caption(user_data_text.TEMPLATE_NOTE)
user_data.folder()
