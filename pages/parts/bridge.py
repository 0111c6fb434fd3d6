"""Between the widgets and the model: the one shared engine and the only session state."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Hashable, Mapping
from typing import Any, NoReturn, TypeVar

import streamlit as st

from model.calibration import Check
from model.calibration import calibration as model_calibration
from model.evidence import DATA, Evidence, InputError, load_evidence
from model.explain import (
    Bottleneck,
    Clash,
    LimitReport,
    SecondOpinion,
    explain_clash,
    limits_in_words,
)
from model.explain import bottlenecks as model_bottlenecks
from model.explain import second_opinion as model_second_opinion
from model.levers import AIMS, Choice, Lever, Value, levers, read_scenario
from model.live import Answer, Cache, Engine, NoMix, SolverFailed
from model.worth import case_worth
from model.worth import worth_sentence as model_worth_sentence
from pages.parts import words

DATA_VARIABLE = "MAGNET_DATA"
"""Environment variable that names another data folder."""

OWN_NAMES = {"fact"}
"""Names beside the levers' that an address may carry."""

EVIDENCE_PAGE = "pages/check/evidence.py"

V = TypeVar("V")

# -- the model ---------------------------------------------------------------------------------------------------


@st.cache_resource(show_spinner="Reading the evidence and building the model ...", max_entries=2)
def _engine(folder: str) -> Engine:
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


def choice() -> Choice:
    """The levers as they stand on screen."""
    return Choice.of({lever.id: st.session_state.get(lever.id, lever.default) for lever in levers()})


def answer() -> Answer:
    """The answer to the levers as they stand; the engine keeps a bounded number of answers by the exact choice. When there is
    none, says why and returns the last answer that there was."""
    wanted = choice()
    try:
        found = _solved(wanted)
    except NoMix as error:
        return _last_good(words.no_mix(wanted, error.limits), wanted)
    except SolverFailed as error:
        return _last_good(str(error))
    st.session_state["_good"] = wanted
    return found


def _solved(wanted: Choice) -> Answer:
    with st.spinner("Finding the cheapest mix within the limits ..."):
        return engine().answer(wanted)


def _last_good(problem: str, clashing: Choice | None = None) -> Answer:
    """Says what is wrong, offers the ways out and the way back, and returns the last answer that there was, at first that of the
    defaults."""
    from pages.parts import explained

    last: Choice = st.session_state.get("_good", Choice())
    try:
        found = _solved(last)
    except (NoMix, SolverFailed):
        st.error(words.plain_markdown(problem), icon=":material/block:")
        st.stop()
    with st.container(border=True):
        explained.clash(problem, _clash(clashing) if clashing else None)
        st.caption(words.LAST_GOOD_SHOWN if "_good" in st.session_state else words.DEFAULT_SHOWN)
        st.button("Back to the last mix that worked", on_click=set_levers, args=(last,), key="back_to_good")
    return found


def _clash(wanted: Choice) -> Clash | None:
    try:
        with st.spinner("Looking for the limits that clash ..."):
            return explain_clash(engine(), wanted)
    except SolverFailed:
        return None


def _shown() -> Answer:
    """The answer on screen: that of the levers, or the last that there was."""
    try:
        return engine().answer(choice())
    except (NoMix, SolverFailed):
        return engine().answer(st.session_state.get("_good", Choice()))


def limit_reports() -> tuple[LimitReport, ...]:
    """What each limit of the mix on screen costs, by really moving it; nothing while the levers have no mix."""
    try:
        return limits_in_words(engine(), engine().answer(choice()))
    except (NoMix, SolverFailed):
        return ()


def bottlenecks() -> tuple[Bottleneck, ...]:
    """The routes of which one more tonne is worth most, for the mix on screen."""
    try:
        return model_bottlenecks(engine(), _shown(), full=True)
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


# -- levers ------------------------------------------------------------------------------------------------------


def set_levers(wanted: Choice) -> None:
    """Put every slider where `wanted` has it. Only to be called from a callback."""
    for name, value in wanted.values().items():
        st.session_state[name] = value


def remember_link() -> None:
    """Keep what the address asked for, before the first widget exists. Options may stand in a link by id or by label."""
    if "_asked" in st.session_state:
        return
    st.session_state["_asked"] = {name: st.query_params.get_all(name) for name in st.query_params}
    for lever in levers():
        if lever.kind == "option" and st.query_params.get(lever.id) in lever.options:
            st.session_state[lever.id] = st.query_params[lever.id]
            st.query_params[lever.id] = AIMS[st.session_state[lever.id]]


def link_notice(drawn: Mapping[str, Value]) -> None:
    """Say once, until a lever moves, which values of the link could not be used. `drawn`: lever ids to values on screen."""
    state = st.session_state
    if "_unusable" not in state:
        asked = {lever: state["_asked"][lever.id] for lever in levers() if lever.id in state["_asked"]}
        state["_unusable"] = [lever.label for lever, raw in asked.items() if not _same(lever, raw, drawn[lever.id])]
        state["_first_values"] = dict(drawn)
        known = {lever.id for lever in levers()} | OWN_NAMES
        state["_unknown"] = [name for name in state["_asked"] if name not in known]
    if state["_first_values"] != dict(drawn):
        return
    if state["_unusable"]:
        st.warning(words.unusable(state["_unusable"]), icon=":material/link_off:")
    if state["_unknown"]:
        st.warning(words.plain_markdown(words.unknown(state["_unknown"])), icon=":material/link_off:")


def _same(lever: Lever, raw: list[str], drawn: Value) -> bool:
    try:
        return len(raw) == 1 and (AIMS.get(str(drawn)) == raw[0] or lever.check(raw[0]) == drawn)
    except InputError:
        return False


def base_choice() -> Choice:
    """The setting that the visitor started from: the chosen story."""
    preset = evidence().presets.get(str(st.session_state.get("preset")))
    return Choice.of(preset.levers) if preset else Choice()


def back_to_base() -> None:
    """Callback: undo every change since the chosen story."""
    set_levers(base_choice())
    st.session_state.pop("_notice", None)


def load_scenario() -> None:
    """Callback of the uploader: set the levers from a scenario file, or say in one sentence why not and change nothing."""
    file = st.session_state.get("scenario_file")
    if file is None:
        st.session_state.pop("_notice", None)
        return
    try:
        set_levers(read_scenario(file.getvalue()))
        st.session_state["_notice"] = ("success", f"The levers now stand as in {file.name}.")
    except InputError as error:
        st.session_state["_notice"] = ("error", f"{file.name} was not used, nothing changed: {error}")


def scenario_notice() -> None:
    """What came of the last scenario file."""
    kind, text = st.session_state.get("_notice", ("", ""))
    if kind:
        (st.success if kind == "success" else st.error)(words.plain_markdown(text))


# -- the way to the facts ----------------------------------------------------------------------------------------


def open_evidence(query: str) -> NoReturn:
    """Go to the Evidence page with its search set to `query`."""
    st.session_state["evidence_search"] = query
    st.switch_page(EVIDENCE_PAGE, query_params={})


def ask_facts(key: str) -> None:
    """Callback of a select box over levers: remember the way to the facts of the picked one and empty the box."""
    picked = st.session_state.get(key)
    st.session_state[key] = None
    if picked:
        st.session_state["_asked_facts"] = f"lever {picked}"


def follow() -> None:
    """Go where a callback asked to go."""
    query = st.session_state.pop("_asked_facts", None)
    if query:
        open_evidence(query)


def download(make: Callable[..., Any], *inputs: Any) -> Callable[[], Any]:
    """A file made only when somebody asks for it."""
    return lambda: make(*inputs)


# -- long work ---------------------------------------------------------------------------------------------------

LONG_RESULTS = 64
"""How many results of long work are kept, by their exact question."""
STOPPED = "Stopped. What was worked out for other questions is kept."


@st.cache_resource(show_spinner=False)
def _results() -> Cache[Any]:
    return Cache(LONG_RESULTS)


def worked_out(name: str, question: Hashable, label: str, work: Callable[..., V]) -> V | None:
    """The result of long work, kept by its question. While it runs it shows how far it is and can be stopped; None when it was
    stopped or cannot be done, which is then said in a sentence. `work` is called with
    the engine, `progress` and `stop`."""
    key, place = (_folder(), name, question), st.empty()
    if st.session_state.get(f"_stopped_{name}") == key:
        with place.container(horizontal=True, vertical_alignment="center"):
            st.info(STOPPED, icon=":material/stop_circle:", width=480)
            st.button("Start again", key=f"go_on_{name}", on_click=_stop_at, args=(name, None))
        return None
    try:
        found: V = _results().get(key, lambda: _shown_work(place, name, key, label, work))
    except (InputError, NoMix, SolverFailed) as error:
        place.error(words.plain_markdown(str(error)), icon=":material/block:")
        return None
    place.empty()
    return found


def _shown_work(place: Any, name: str, key: object, label: str, work: Callable[..., V]) -> V:
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, label, width=480)
        st.button("Stop", key=f"stop_{name}", on_click=_stop_at, args=(name, key), icon=":material/stop:")
    at: tuple[float, str] = (0.0, label)

    def progress(done: int, total: int) -> None:
        nonlocal at
        at = (min(1.0, done / max(1, total)), f"{label} {done} of {total}")
        bar.progress(*at)

    def stop() -> bool:
        bar.progress(*at)  # where a click on Stop, or on anything else, takes effect
        return False

    return work(engine(), progress=progress, stop=stop)


def asked_for(name: str, question: Hashable, label: str) -> bool:
    """A button for work that is done only on request; whether it was pressed for this question."""
    if st.button(label, key=f"ask_{name}"):
        st.session_state[f"_asked_for_{name}"] = question
    return bool(st.session_state.get(f"_asked_for_{name}") == question)


def _stop_at(name: str, key: object) -> None:
    """Callback: stop this work, or with None go on with it."""
    st.session_state[f"_stopped_{name}"] = key


# -- adopting ----------------------------------------------------------------------------------------------------


def adopt(wanted: Choice) -> None:
    """Callback: put the levers where a mix of another page needs them, and remember where they stood."""
    st.session_state["_before_adopting"] = choice()
    set_levers(wanted)


def undo_adopting() -> None:
    """Callback: the levers as they stood before the last adoption."""
    set_levers(st.session_state.pop("_before_adopting"))


def adopted_notice() -> None:
    """Says that a mix was adopted and offers the way back, as long as the levers can go back."""
    before: Choice | None = st.session_state.get("_before_adopting")
    if before is None or before == choice():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success("The levers now stand where this mix needs them.", icon=":material/check:", width=480)
        st.button("Back to the levers before", on_click=undo_adopting, key="undo_adopting", icon=":material/undo:")


def already(what: str, question: object) -> bool:
    """Whether this visitor has seen the whole of something for this question."""
    return bool(st.session_state.get(f"_{what}") == question)


def done(what: str, question: object) -> None:
    """Remember that this visitor has seen the whole of something for this question."""
    st.session_state[f"_{what}"] = question


def keep_among(key: str, allowed: Container[object], otherwise: object) -> None:
    """Before a widget is drawn: set it to something that it can show when it stands at something that it cannot."""
    if st.session_state.get(key) not in allowed:
        st.session_state[key] = otherwise


def put(values: Mapping[str, object]) -> None:
    """Set widgets by their keys. Only to be called from a callback."""
    for key, value in values.items():
        st.session_state[key] = value


def clicked(chart: str, selection: str, field: str) -> str:
    """A field of what was clicked in a chart; empty when nothing was."""
    picked = st.session_state[chart].selection.get(selection) or [{}]
    return str(picked[0].get(field, ""))
