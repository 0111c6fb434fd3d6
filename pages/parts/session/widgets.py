"""Ways between pages and widgets: to the facts, to a file, to what was clicked."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any, NoReturn

import streamlit as st

EVIDENCE_PAGE = "pages/check/evidence.py"


def open_evidence(query: str) -> NoReturn:
    """Go to the Evidence page with its search set to `query`."""
    st.session_state["evidence_search"] = query
    st.switch_page(EVIDENCE_PAGE, query_params={})


def ask_facts(lever: str) -> None:
    """Callback: ask for the way to the facts of a lever."""
    st.session_state["_asked_facts"] = f"lever {lever}"


def follow() -> None:
    """Go where a callback asked to go."""
    query = st.session_state.pop("_asked_facts", None)
    if query:
        open_evidence(query)


def download(make: Callable[..., Any], *inputs: Any) -> Callable[[], Any]:
    """A file made only when somebody asks for it."""
    return lambda: make(*inputs)


def keep_among(key: str, allowed: Container[object], otherwise: object) -> None:
    """Before a widget is drawn: set it to something that it can show when it stands at something that it cannot."""
    if st.session_state.get(key) not in allowed:
        st.session_state[key] = otherwise


def from_now_on(key: str, needed: bool) -> bool:
    """Whether to draw a widget: when it is needed, and ever after in this visit. One that vanished in a run which the next move
    interrupts would come back with what the browser still has, whatever a callback has set."""
    drawn: set[str] = st.session_state.setdefault("_drawn", set())
    if needed:
        drawn.add(key)
    return key in drawn


def keep_open(key: str) -> None:
    """Before a group is drawn: open it when it was open on the page before."""
    if key not in st.session_state:
        st.session_state[key] = st.session_state.get("_open", {}).get(key, False)


def note_open(key: str, is_open: bool) -> None:
    """After it is drawn: remember whether it is open."""
    st.session_state["_open"] = {**st.session_state.get("_open", {}), key: is_open}


def put(values: Mapping[str, object]) -> None:
    """Set widgets by their keys. Only to be called from a callback."""
    for key, value in values.items():
        st.session_state[key] = value


def clicked(chart: str, selection: str, field: str) -> str:
    """A field of what was clicked in a chart; empty when nothing was."""
    picked = st.session_state[chart].selection.get(selection) or [{}]
    return str(picked[0].get(field, ""))


def dragged(chart: str, selection: str) -> dict[str, tuple[float, float]]:
    """The ends of a box that was dragged over a chart, by field; empty when there is none."""
    box = st.session_state[chart].selection.get(selection) or {}
    return {str(name): (float(ends[0]), float(ends[-1])) for name, ends in box.items() if len(ends) > 1}
