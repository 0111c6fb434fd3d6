"""Frames that the pages which challenge the optimum share: the finding on top, a table with its download, a chart with its table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pandas as pd
import streamlit as st

from pages.parts.charts.mix import Chart
from pages.parts.components import screen
from pages.parts.session import presentation

Place = screen.Place


def head(place: Place, sentence: str) -> None:
    """The finding, as the headline of the page; smaller on a phone."""
    screen.headline(sentence, place)


def table(key: str, alt: str, shown: pd.DataFrame, height: Literal["auto", "content"] = "auto") -> None:
    """A table with its download as CSV: the file holds the data shown."""
    numbers = [str(name) for name in shown.select_dtypes("number").columns]
    columns = {name: st.column_config.NumberColumn(format="localized") for name in numbers}
    st.dataframe(shown, hide_index=True, key=f"{key}_table", alt=alt, column_config=columns, height=height)
    st.download_button(
        "Download (CSV)", lambda: shown.to_csv(index=False).encode(), f"{key}.csv", "text/csv", on_click="ignore",
        key=f"{key}_csv", icon=":material/download:",
    )  # fmt: skip


def fitted(drawn: Chart) -> Chart:
    """A chart with letters as large as the screen asks for: larger on a projector."""
    return drawn[0], presentation.sized(drawn[1])


def told(
    key: str, alt: str, drawn: Chart, shown: pd.DataFrame, draw: Callable[[Chart, str], None] | None = None
) -> None:
    """A chart with its table in a second tab. `alt`: what the chart shows, as a sentence for those who cannot see it; `draw`: draws the
    chart where it is more than a picture, given the same sentence."""
    drawn = fitted(drawn)
    seen, read = st.tabs(["Chart", "Table"], key=f"{key}_view", on_change="rerun")
    with seen:
        if draw is not None:
            draw(drawn, alt)
        else:
            st.vega_lite_chart(*drawn, key=key, alt=alt)
    if read.open:
        with read:
            table(key, alt, shown)
