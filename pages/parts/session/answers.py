"""The answer to the levers as they stand, and what is said about it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import streamlit as st

from model.analysis.explain.binding_limits import limits_in_words
from model.analysis.explain.bottlenecks import Bottleneck
from model.analysis.explain.bottlenecks import bottlenecks as model_bottlenecks
from model.analysis.explain.infeasibility import Clash, explain_clash
from model.analysis.explain.limit_sentences import LimitReport
from model.analysis.uncertainty.value_of_information import case_worth
from model.analysis.uncertainty.value_of_information import worth_sentence as model_worth_sentence
from model.analysis.validation.second_solver import SecondOpinion
from model.analysis.validation.second_solver import second_opinion as model_second_opinion
from model.engine.active_limits import NoMix
from model.engine.engine import Answer, Engine
from model.errors import SolverFailed
from model.formulation.levers import Choice
from pages.parts.session import no_mix
from pages.parts.session.engines import data_key, engine
from pages.parts.session.layout import levers
from pages.parts.session.levers import choice, set_levers
from pages.parts.session.screen_reader import say
from pages.parts.tasks import log
from pages.parts.tasks.deferred import Busy, answered, aside, busy, kept_for, later, told
from pages.parts.text import common as words

_run = threading.local()
"""The last answer of this run, which has a thread for itself: what has been worked out on it is not worked out again."""
CLASH, LIMITS, WORTH = "clash", "limits", "worth"
"""What is worked out beside the page."""


def answer() -> Answer:
    """The answer to the levers as they stand; the engine keeps a bounded number of answers by the exact choice. When there is
    none, says why and returns the last answer that there was."""
    wanted, begin = choice(), time.perf_counter()
    try:
        found = _solved(wanted)
    except NoMix as error:
        log.note("no_mix", ms=1000 * (time.perf_counter() - begin), limits=len(error.limits))
        return _last_good(words.no_mix(wanted, error.limits), wanted)
    except SolverFailed as error:
        log.failed("solver")
        return _last_good(str(error))
    if st.session_state.get("_good") != wanted:
        log.note("solve", ms=1000 * (time.perf_counter() - begin))
    st.session_state["_good"] = wanted
    return found


def answer_on(other: Engine) -> Answer | None:
    """The answer of another engine to the levers as they stand; None when it has none."""
    try:
        return answered(other, choice())
    except (NoMix, SolverFailed):
        return None


def _solved(wanted: Choice) -> Answer:
    asked = engine(), wanted
    if getattr(_run, "asked", None) != asked:
        _run.answer = answered(*asked)
        _run.asked = asked
    found: Answer = _run.answer
    return found


def _last_good(problem: str, clashing: Choice | None = None) -> Answer:
    """Says what is wrong, offers the ways out and the way back, and returns the last answer that there was, at first that of the
    defaults."""

    last: Choice = st.session_state.get("_good", Choice())
    try:
        found = _solved(last)
    except (NoMix, SolverFailed):
        st.error(words.plain_markdown(problem), icon=":material/block:")
        levers()  # what might help
        st.stop()
    with st.container(border=True):
        ways = no_mix.problem(problem, searching=clashing is not None)
        if clashing and told(CLASH, (data_key(), clashing)):
            no_mix.clash(ways, _clash(clashing))
        elif clashing:
            later(lambda: no_mix.clash(ways, _clash(clashing)))
        below = words.LAST_GOOD_SHOWN if "_good" in st.session_state else words.DEFAULT_SHOWN
        st.caption(below)
        st.button("Back to the last mix that worked", on_click=set_levers, args=(last,), key="back_to_good")
    say(f"{problem} {below}", problem=True)
    return found


def _clash(wanted: Choice) -> Clash | None:
    model = engine()
    try:
        return kept_for(CLASH, (data_key(), wanted), lambda: aside(lambda stop: explain_clash(model, wanted, stop)))
    except SolverFailed:
        return None


def _shown() -> Answer:
    """The answer on screen: that of the levers, or the last that there was."""
    try:
        return _solved(choice())
    except (NoMix, SolverFailed):
        return _solved(st.session_state.get("_good", Choice()))


def _about() -> tuple[str, Choice, Choice]:
    """What the explanations of this moment are about: the data, the levers, and the last choice that had a mix."""
    return data_key(), choice(), st.session_state.get("_good", Choice())


def twice(name: str, draw: Callable[[bool, bool], None]) -> None:
    """Draw an explanation (`LIMITS` or `WORTH`) at once from what is known at the margin, and at the end of the run in full; only in
    full when it is known so, and only at the margin on a busy server. `draw` is told whether in full, and whether more is to come."""
    if told(name, _about()):
        draw(True, False)
    elif busy():
        draw(False, False)
    else:
        draw(False, True)
        later(lambda: draw(True, False))


def limit_reports(full: bool = False) -> tuple[LimitReport, ...]:
    """What each limit of the mix on screen costs: at once from the prices at the margin, or with `full` by really moving it, beside
    the page, as far as the server is not too busy. Nothing while the levers have no mix."""
    model, wanted, about = engine(), choice(), _about()

    def moved(stop: Callable[[], bool] | None = None) -> tuple[LimitReport, ...]:
        return limits_in_words(model, found, full, stop)

    try:
        found = _solved(wanted)
        if full:
            return kept_for(LIMITS, about, lambda: aside(moved, must=False))
        return kept_for("limits at the margin", about, moved)
    except Busy:
        return limit_reports()
    except (NoMix, SolverFailed):
        return ()


def bottlenecks(full: bool = False) -> tuple[Bottleneck, ...]:
    """The routes of which one more tonne is worth most, for the mix on screen: at once from the prices at the margin, or with
    `full` solved again, beside the page, as far as the server is not too busy."""
    model, shown = engine(), _shown()

    def solved(stop: Callable[[], bool] | None = None) -> tuple[Bottleneck, ...]:
        return model_bottlenecks(model, shown, full=full, stop=stop)

    try:
        return kept_for(WORTH, _about(), lambda: aside(solved, must=False)) if full else solved()
    except Busy:
        return bottlenecks()
    except SolverFailed:
        return ()


def second_opinion() -> SecondOpinion:
    """The mix on screen solved again by CBC. Raises `SolverFailed`."""
    return model_second_opinion(engine(), _shown())


def worth_sentence() -> str:
    """The value of knowing the year in advance and of planning for disruptions, for the mix on screen."""
    mix = _shown().mix
    try:
        return model_worth_sentence(case_worth(engine(), mix.choice), mix.case.rupee)
    except SolverFailed as error:
        return str(error)
