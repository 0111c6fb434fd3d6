"""Long work: kept by its question, shown while it runs, stopped on request."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from model.evidence import InputError
from model.live import Cache, NoMix, SolverFailed
from pages.parts import words
from pages.parts.bridge.shared import _folder, engine

LONG_RESULTS = 64
"""How many results of long work are kept, by their exact question."""

STOPPED = "Stopped. What was worked out for other questions is kept."

V = TypeVar("V")


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


def already(what: str, question: object) -> bool:
    """Whether this visitor has seen the whole of something for this question."""
    return bool(st.session_state.get(f"_{what}") == question)


def done(what: str, question: object) -> None:
    """Remember that this visitor has seen the whole of something for this question."""
    st.session_state[f"_{what}"] = question
