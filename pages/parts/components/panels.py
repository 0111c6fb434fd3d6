"""Frames of a screen: a chart with its table and its way to the facts, the wall of indicators, the files to take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal

import pandas as pd
import streamlit as st

from model.engine.engine import Answer
from model.evidence.store import Evidence
from model.export import files as takeaway
from model.export.brief.html import brief_html
from model.export.brief.pdf import brief_pdf
from model.export.pack.pack import pack
from model.results.indicators import INDICATORS
from model.results.mix import Mix
from pages.parts import session
from pages.parts.charts.mix import Chart
from pages.parts.session import presentation
from pages.parts.session.long_task import heavy_download
from pages.parts.text import common as words
from pages.parts.text import mix as mix_text

Rows = pd.DataFrame

COLOUR_OF: Mapping[str, Literal["normal", "inverse", "off"]] = {"higher": "normal", "lower": "inverse", "": "off"}


def head(title: str, note: str) -> None:
    """What stands over a chart."""
    st.markdown(f"#### {title}")
    st.caption(note)


def chart(
    key: str, alt: str, drawn: Chart, facts: Mapping[str, str], told_as: Callable[[Rows], Rows] | None = None
) -> None:
    """A chart, its rows as a table (arranged by `told_as`), and links to the facts behind it. `facts`: label to search words."""
    rows, spec = drawn
    if rows.empty:
        st.info(mix_text.NOTHING[key])
    else:
        seen, told = st.tabs(["Chart", "Table"], key=f"{key}_view", on_change="rerun")
        with seen:
            st.vega_lite_chart(rows, presentation.sized(spec), key=key, alt=alt)
        if told.open:
            told.dataframe(
                told_as(rows) if told_as else rows.round(1), key=f"{key}_table", column_config=mix_text.COLUMNS, alt=alt
            )
    fact_links(key, facts)


def fact_links(key: str, facts: Mapping[str, str]) -> None:
    """A row of labels; one click on a label opens the evidence behind it."""
    picked = st.pills("Facts behind this", list(facts), key=f"{key}_facts", wrap=True)
    if picked:
        session.open_evidence(facts[picked])


def route_facts(mix: Mix, evidence: Evidence, commodities: Sequence[str]) -> dict[str, str]:
    """For each route that supplies one of these commodities, its short name and what to look for on the Evidence page."""
    used = set(mix.table.loc[mix.table["commodity"].isin(list(commodities)), "route"])
    return {route.short: f"route {route.id}" for route in evidence.routes.values() if route.id in used}


def built_facts(mix: Mix, evidence: Evidence) -> dict[str, str]:
    """The same for each route on which something is built."""
    used = set(mix.capacity.loc[mix.capacity["added_t"] > 0, "route"])
    return {route.short: f"route {route.id}" for route in evidence.routes.values() if route.id in used}


def indicators(answer: Answer) -> None:
    """The wall of indicators, each with its change against today's course, what those changes are, and the ways to the facts."""
    mix, today = answer.mix, answer.today
    with st.grid("auto", min_column_width=330 if presentation.projector() else 215, gap="small", key="indicators"):
        for indicator in INDICATORS:
            value, before = mix.indicators[indicator.id], today.indicators[indicator.id]
            st.metric(
                indicator.label, words.indicator_value(indicator, value), words.indicator_change(indicator, value - before),
                help=words.plain_markdown(indicator.plain), delta_color=COLOUR_OF[indicator.better], border=True,
            )  # fmt: skip
    st.caption(mix_text.WALL_NOTE)
    fact_links("indicators", {indicator.label: mix_text.INDICATOR_FACTS[indicator.id] for indicator in INDICATORS})


def downloads(answer: Answer, evidence: Evidence) -> None:
    """The mix as CSV and workbook, the brief, the pack, and the scenario that leads to it again, each made when it is asked for."""
    name, engine = f"magnet-mix-{date.today():%Y-%m-%d}", session.engine()
    files = {
        "Brief (PDF)": ("pdf", "application/pdf", heavy_download(brief_pdf, engine, answer)),
        "Brief (web page)": ("html", "text/html", heavy_download(brief_html, engine, answer)),
        "Workbook (Excel)": (
            "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            heavy_download(takeaway.workbook, answer, evidence),
        ),
        "Mix (CSV)": ("csv", "text/csv", session.download(takeaway.mix_csv, answer.mix)),
        "Scenario (YAML)": ("yaml", "application/yaml", session.download(takeaway.scenario_yaml, answer.mix, evidence)),
        "Everything, to check it (zip)": ("zip", "application/zip", heavy_download(pack, engine, answer.mix.choice)),
    }  # fmt: skip
    with st.container(horizontal=True):
        for label, (ending, kind, make) in files.items():
            st.download_button(
                label,
                make,
                f"{name}.{ending}",
                kind,
                on_click="ignore",
                key=f"take_{ending}",
                icon=":material/download:",
            )
