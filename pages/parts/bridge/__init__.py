"""Between the widgets and the model: the one shared engine and the only session state."""

from pages.parts.bridge.address import OWN_NAMES, link_notice, remember_link
from pages.parts.bridge.answers import answer, bottlenecks, limit_reports, second_opinion, worth_sentence
from pages.parts.bridge.aside import aside, do_later, later, nothing_later
from pages.parts.bridge.shared import DATA_VARIABLE, calibration, engine, evidence, rows_by_family
from pages.parts.bridge.shared import _folder as _folder
from pages.parts.bridge.standing import (
    adopt,
    adopted_notice,
    back_to_base,
    base_choice,
    choice,
    first_run,
    load_scenario,
    scenario_notice,
    set_levers,
    undo_adopting,
)
from pages.parts.bridge.widgets import (
    EVIDENCE_PAGE,
    ask_facts,
    clicked,
    download,
    follow,
    keep_among,
    open_evidence,
    put,
)
from pages.parts.bridge.work import LONG_RESULTS, STOPPED, already, asked_for, done, worked_out
from pages.parts.bridge.work import _results as _results

__all__ = [
    "DATA_VARIABLE",
    "EVIDENCE_PAGE",
    "LONG_RESULTS",
    "OWN_NAMES",
    "STOPPED",
    "adopt",
    "adopted_notice",
    "already",
    "answer",
    "aside",
    "ask_facts",
    "asked_for",
    "back_to_base",
    "base_choice",
    "bottlenecks",
    "calibration",
    "choice",
    "clicked",
    "do_later",
    "done",
    "download",
    "engine",
    "evidence",
    "first_run",
    "follow",
    "keep_among",
    "later",
    "limit_reports",
    "link_notice",
    "load_scenario",
    "nothing_later",
    "open_evidence",
    "put",
    "remember_link",
    "rows_by_family",
    "scenario_notice",
    "second_opinion",
    "set_levers",
    "undo_adopting",
    "worked_out",
    "worth_sentence",
]
