"""The one engine that all visitors share, and the data folder it stands on."""

from __future__ import annotations

import os

import streamlit as st

from model.calibration import Check
from model.calibration import calibration as model_calibration
from model.evidence import DATA, Evidence, InputError, load_evidence
from model.live import Engine
from pages.parts import log, words

DATA_VARIABLE = "MAGNET_DATA"
"""Environment variable that names another data folder."""


@st.cache_resource(show_spinner="Reading the evidence and building the model ...", max_entries=2)
def _engine(folder: str) -> Engine:
    with log.timed("start"):
        return Engine(load_evidence(folder))


@st.cache_resource(show_spinner=False, max_entries=2)
def _calibration(folder: str) -> tuple[Check, ...]:
    return model_calibration(_engine(folder).evidence)


def _folder() -> str:
    return os.environ.get(DATA_VARIABLE) or str(DATA)


def engine() -> Engine:
    """The engine that all visitors share. Stops the page with one sentence when the data folder cannot be used."""
    try:
        return _engine(_folder())
    except InputError as error:
        st.error(words.plain_markdown(f"The data cannot be used: {error}"), icon=":material/error:")
        st.stop()


def evidence() -> Evidence:
    """The evidence that the engine runs on."""
    return engine().evidence


def calibration() -> tuple[Check, ...]:
    """Model against observed for 2025, worked out once for a data folder."""
    engine()
    return _calibration(_folder())


def rows_by_family() -> dict[str, int]:
    """How many rows each family of constraints has in the program."""
    with engine().worker() as worker:
        return {name: len(rows) for name, rows in worker.program.families.items()}
