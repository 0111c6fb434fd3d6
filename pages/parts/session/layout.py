"""The levers around a page: drawn after it, so that the answer comes first, but before it where the page has to wait for long work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st


def levers_later(draw: Callable[[], dict[str, Any]]) -> None:
    """Begin a run: how the levers are to be drawn in it."""
    st.session_state["_draw_levers"], st.session_state["_lever_places"] = draw, None


def levers() -> dict[str, Any]:
    """Draw the levers unless this run has drawn them already; the places that `draw` gave back. Nothing where there is no frame."""
    draw = st.session_state.pop(
        "_draw_levers", None
    )  # taken out first: what is drawn at the side may itself wait for long work
    if draw is not None:
        st.session_state["_lever_places"] = draw()
    places: dict[str, Any] = st.session_state.get("_lever_places") or {}
    return places


@st.cache_resource(show_spinner=False)
def _asked_before() -> list[bool]:
    """Not empty when anybody has asked this server for a page."""
    return []


def open_again(page: str) -> None:
    """Let the browser ask anew when the very first run of a server was for a page by that page's own address ('' for the front).
    Before that run Streamlit does not know the pages, so it has put a box over this one that says it does not exist."""
    before = _asked_before()
    if not before:
        before.append(True)
        if page:
            st.html("<script>window.location.reload()</script>", unsafe_allow_javascript=True)
