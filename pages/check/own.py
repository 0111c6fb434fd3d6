"""Own numbers: figures of the evidence changed in place, each with its reason, and a whole data folder of one's own."""

import streamlit as st

from pages.parts import bridge, own_words, owned, screen, words
from pages.parts.bridge import own

base, edits = bridge.base_evidence(), bridge.own_numbers()
screen.headline(own_words.headline(base, edits, bridge.own_data() is not None), marks="##")
st.caption(own_words.INTRO)
kind, told = own.own_told()
if told:
    (st.success if kind == "success" else st.error)(words.as_typed(told))

if edits:
    owned.in_use(base, edits)
    owned.effect()

st.markdown("#### Change a figure")
query = st.text_input(
    "Search", max_chars=200, key="own_search", icon=":material/search:",
    placeholder="Words, or the id of a fact, for instance: price",
)  # fmt: skip
every = st.toggle("Also figures that the model does not use", key="own_every")
shown = owned.narrowed(owned.rows(base, edits), query, every)
key = owned.editor(shown, own.table_round())
st.button(
    "Use these numbers", on_click=own.change_from_table, args=(key, shown), key="own_use", type="primary",
    icon=":material/check:",
)  # fmt: skip
st.caption(own_words.DERIVED_NOTE)

st.markdown("#### A whole data folder of your own")
st.caption(own_words.TEMPLATE_NOTE)
owned.folder()
