"""What a page knows of the screen that it is drawn on: a phone or not, light or dark."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.parts import session
from pages.parts.charts import layers, maps
from pages.parts.text import common as words

Place = st.delta_generator.DeltaGenerator


def on_phone() -> bool:
    """Whether the visitor's browser says that it runs on a phone."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def heading() -> str:
    """The marks of the heading on top of a page; smaller on a phone."""
    return "####" if on_phone() else "##"


def headline(sentence: str, place: Place | None = None, marks: str = "") -> None:
    """The sentence on top of a page, for those who see it and then for those who hear it. `marks`: those of the heading, if others."""
    (place or st).markdown(f"{marks or heading()} {words.plain_markdown(sentence)}")
    session.say(sentence)


def views() -> Mapping[str, maps.View]:
    """The parts of the world that a map can show, cut for this screen."""
    return maps.PHONE_VIEWS if on_phone() else maps.VIEWS


def paint() -> layers.Paint:
    """The colours of a map that suit the visitor's theme."""
    return layers.DARK if st.context.theme.type == "dark" else layers.LIGHT
