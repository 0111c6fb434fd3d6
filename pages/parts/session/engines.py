"""The engine that visitors share, the data folder it stands on, and the engine of a visitor with numbers of his own."""

from __future__ import annotations

import gc
import hashlib
import os
from pathlib import Path

import pandas as pd
import streamlit as st

from model.analysis.validation.calibration import Check
from model.analysis.validation.calibration import calibration as model_calibration
from model.engine.engine import Engine, build_engine
from model.errors import InputError
from model.evidence.loading import DATA, load_evidence
from model.evidence.schema import Edit
from model.evidence.store import Evidence
from model.parallel.task import one_thread_each
from model.provenance import model_version
from pages.parts.tasks import log
from pages.parts.text import common as words

DATA_VARIABLE = "MAGNET_DATA"
"""Environment variable that names another data folder."""
OWN_ENGINES = 6
"""How many engines on own numbers or own data the server keeps; the least lately built goes first and is built anew when asked for."""


@st.cache_resource(show_spinner="Reading the evidence and building the model ...", max_entries=2)
def _engine(folder: str) -> Engine:
    # for the whole process: tables here are small, and their texts are read and drawn faster as plain objects
    pd.options.future.infer_string = False
    one_thread_each()
    model_version()  # of the code that works here, before other code may lie beside it
    try:
        with log.timed("start"):
            built = build_engine(load_evidence(folder))
        gc.collect()
        gc.freeze()  # what stays for good is not looked through again and again while everybody waits
        return built
    except Exception:
        log.failed("start")
        raise


@st.cache_resource(show_spinner="Building the model on your own numbers ...", max_entries=OWN_ENGINES)
def _own_engine(version: str, own: str, _evidence: Evidence, _edits: tuple[Edit, ...]) -> Engine:  # noqa: ARG001 - the key
    return build_engine(_evidence.with_edits(_edits))


@st.cache_resource(show_spinner=False, max_entries=2)
def _calibration(version: str, _evidence: Evidence) -> tuple[Check, ...]:  # noqa: ARG001 - part of the key
    return model_calibration(_evidence)


def _folder() -> str:
    return os.environ.get(DATA_VARIABLE) or str(DATA)


def folder() -> Path:
    """The data folder of all."""
    return Path(_folder())


def data_key() -> str:
    """What tells the data on which a visitor's answers stand from all others on this server."""
    own, data = own_numbers(), own_data()
    return _folder() if not own and data is None else engine().evidence.version


def common_engine() -> Engine:
    """The engine of all, without anybody's own numbers or data. Stops the page with one sentence when the data folder cannot be used."""
    try:
        return _engine(_folder())
    except InputError as error:
        st.error(words.as_typed(f"The data cannot be used: {error}"), icon=":material/error:")
        st.stop()


def engine_on(edits: tuple[Edit, ...], data: Evidence | None = None) -> Engine:
    """The engine on own numbers and an own data folder, kept for all who have the same. Raises `InputError` when there is none: the
    way to find out whether they can be used."""
    if not edits and data is None:
        return common_engine()
    under = common_engine().evidence if data is None else data
    own = [edit.model_dump_json().encode() for edit in edits]
    digest = hashlib.sha256(b"\0".join([under.story or b"", *own])).hexdigest()  # the story moves no version
    return _own_engine(under.version, digest, under, edits)


def base_engine() -> Engine:
    """The engine of this visitor without own numbers: on the own data folder, or that of all."""
    return engine_on((), own_data())


def engine() -> Engine:
    """The engine that answers this visitor: that of all, or one on his own data and numbers."""
    return engine_on(own_numbers(), own_data())


def evidence() -> Evidence:
    """The evidence that the visitor's engine runs on, own numbers included."""
    return engine().evidence


def base_evidence() -> Evidence:
    """The same without own numbers: the visitor's own data folder, or that of all."""
    data = own_data()
    return common_engine().evidence if data is None else data


def own_numbers() -> tuple[Edit, ...]:
    """This visitor's own numbers in place of facts, by fact."""
    found: tuple[Edit, ...] = st.session_state.get("_own", ())
    return found


def own_data() -> Evidence | None:
    """This visitor's own data folder, read and checked; None without one."""
    found: Evidence | None = st.session_state.get("_own_data")
    return found


def calibration() -> tuple[Check, ...]:
    """Model against observed for 2025, worked out once for each data."""
    found = evidence()
    return _calibration(found.version, found)


def rows_by_family() -> dict[str, int]:
    """How many rows each family of constraints has in the program."""
    with engine().worker() as worker:
        return {name: len(rows) for name, rows in worker.program.families.items()}
