"""What the address asked for, and what of it could not be used."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from model.evidence import InputError
from model.levers import AIMS, Lever, Value, levers
from pages.parts import words

OWN_NAMES = {"fact", "room", "host", "me", "phones", "projector", "step"}
"""Names beside the levers' that an address may carry."""


def remember_link() -> None:
    """Keep what the address asked for, before the first widget exists. Options may stand in a link by id or by label."""
    if "_asked" in st.session_state:
        return
    st.session_state["_asked"] = {name: st.query_params.get_all(name) for name in st.query_params}
    for lever in levers():
        if lever.kind == "option" and st.query_params.get(lever.id) in lever.options:
            st.session_state[lever.id] = st.query_params[lever.id]
            st.query_params[lever.id] = AIMS[st.session_state[lever.id]]


def link_notice(drawn: Mapping[str, Value]) -> None:
    """Say once, until a lever moves, which values of the link could not be used. `drawn`: lever ids to values on screen."""
    state = st.session_state
    if "_unusable" not in state:
        asked = {lever: state["_asked"][lever.id] for lever in levers() if lever.id in state["_asked"]}
        state["_unusable"] = [lever.label for lever, raw in asked.items() if not _same(lever, raw, drawn[lever.id])]
        state["_first_values"] = dict(drawn)
        known = {lever.id for lever in levers()} | OWN_NAMES
        state["_unknown"] = [name for name in state["_asked"] if name not in known]
    if state["_first_values"] != dict(drawn):
        return
    if state["_unusable"]:
        st.warning(words.unusable(state["_unusable"]), icon=":material/link_off:")
    if state["_unknown"]:
        st.warning(words.plain_markdown(words.unknown(state["_unknown"])), icon=":material/link_off:")


def _same(lever: Lever, raw: list[str], drawn: Value) -> bool:
    try:
        return len(raw) == 1 and (AIMS.get(str(drawn)) == raw[0] or lever.check(raw[0]) == drawn)
    except InputError:
        return False
