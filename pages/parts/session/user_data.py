"""A visitor's own numbers and own data: taken over only when an engine can be built on them, dropped at a press."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from model.errors import EvidenceError, InputError
from model.evidence.data_archive import read_folder
from model.evidence.schema import Edit
from model.evidence.user_edits import from_table
from pages.parts.session.engines import base_evidence, engine_on, own_data, own_numbers
from pages.parts.text import user_data as user_data_text

Told = tuple[str, str]
"""'success' or 'error', and a sentence."""


def take(edits: Iterable[Edit]) -> None:
    """Take over own numbers, all or none. Raises `InputError`, and nothing changes, when one of them cannot be or when the model
    cannot work with all of them."""
    wanted = tuple(sorted(edits, key=lambda edit: edit.fact))
    engine_on(wanted, own_data())
    st.session_state["_own"] = wanted
    _fresh_table()


def try_own(edits: Sequence[Edit]) -> Told:
    """The same: what came of it, in words."""
    try:
        take(edits)
    except InputError as error:
        return "error", user_data_text.refused(str(error))
    return "success", user_data_text.taken(len(edits))


def change_from_table(key: str, table: Any) -> None:
    """Callback of the button under the table: take over what stands in it. `table` is what was put into the editor `key`."""
    edited = {int(place): cells for place, cells in st.session_state[key]["edited_rows"].items()}
    rows: list[Mapping[str, Any]] = []
    for place, row in enumerate(table.to_dict("records")):
        rows.append({**row, **edited.get(place, {})})
    shown = {row["fact"] for row in rows}
    try:
        changed = from_table(base_evidence(), rows)
    except EvidenceError as error:
        st.session_state["_own_told"] = ("error", user_data_text.refused(str(error)))
        return
    kept = [edit for edit in own_numbers() if edit.fact not in shown]
    st.session_state["_own_told"] = try_own([*kept, *changed])


def drop_own(fact: str | None = None) -> None:
    """Callback: drop one own number, or all."""
    left = [edit for edit in own_numbers() if fact is not None and edit.fact != fact]
    st.session_state["_own_told"] = try_own(left)


def load_data() -> None:
    """Callback of the uploader: run on the data folder in a zip file, or say in a sentence why not and change nothing."""
    file = st.session_state.get("own_data_file")
    if file is None:
        return
    try:
        data = read_folder(file.getvalue())
        engine_on((), data)
    except InputError as error:
        st.session_state["_own_told"] = ("error", user_data_text.not_used(file.name, str(error)))
        return
    st.session_state["_own_data"], st.session_state["_own"] = data, ()
    st.session_state["_own_told"] = ("success", user_data_text.used(file.name, data.version))
    _fresh_table()


def drop_data() -> None:
    """Callback: back to the data of all; own numbers go with their data."""
    st.session_state["_own_data"], st.session_state["_own"] = None, ()
    st.session_state["_own_told"] = ("success", user_data_text.DATA_DROPPED)
    _fresh_table()


def own_told() -> Told:
    """What came of the last change; empty strings before any."""
    found: Told = st.session_state.get("_own_told", ("", ""))
    return found


def table_round() -> int:
    """A number that changes whenever the table must be drawn anew."""
    return int(st.session_state.get("_own_round", 0))


def _fresh_table() -> None:
    st.session_state["_own_round"] = table_round() + 1
