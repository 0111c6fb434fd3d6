"""What the screen says when no mix meets the limits: why, and the ways out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.analysis.explain.infeasibility import Clash, applied
from pages.parts.session.levers import set_levers
from pages.parts.text import common as words


def problem(sentence: str, searching: bool) -> tuple[Any, Any]:
    """Why there is no mix, at once; the places for that sentence and for the ways out, which are being looked for."""
    said, ways = st.empty(), st.empty()
    said.error(words.plain_markdown(sentence), icon=":material/block:")
    if searching:
        ways.caption(words.LOOKING_FOR_WAYS)
    return said, ways


def clash(places: tuple[Any, Any], found: Clash | None) -> None:
    """Which limits clash, and one button for each smallest loosening that makes a mix possible, in the places of `problem`."""
    said, ways = places
    if found is None:
        ways.empty()
        return
    said.error(words.plain_markdown(found.sentence), icon=":material/block:")
    with ways.container():
        _ways_out(found)


def _ways_out(found: Clash) -> None:
    if found.ways:
        st.markdown(words.ONE_WAY)
        with st.container(horizontal=True):
            for way in found.ways:
                st.button(
                    words.sentence_case(way.sentence), on_click=set_levers, args=(applied(found.choice, way),),
                    key=f"way_{way.lever}", type="primary",
                )  # fmt: skip
    elif found.joint:
        st.markdown(words.ONLY_TOGETHER)
        st.button(
            words.sentence_case(found.joint_sentence), on_click=set_levers,
            args=(applied(found.choice, found.joint),), key="way_joint", type="primary",
        )  # fmt: skip
