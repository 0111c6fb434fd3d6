"""Long work: kept by its question, shown while it runs, stopped on request with what was reached by then."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import streamlit as st

from model.engine.active_limits import NoMix
from model.errors import InputError, SolverFailed
from pages.parts.session.engines import data_key, engine
from pages.parts.session.layout import levers
from pages.parts.tasks import log
from pages.parts.tasks.jobs import HEAVY, Ask, Job, Jobs, Result, browser_of
from pages.parts.text import common as words

LONG_RESULTS = 64
"""How many results of long work are kept, by their exact question."""

COOKIE = "_streamlit_xsrf"
"""The cookie that every browser has: a random number that Streamlit gives it, against forgery."""
STOPPED = "Stopped before anything was worked out."
LOOK_S, END_S = 0.2, 10.0
"""How often a page looks how far work is, and how long it waits for stopped work to end."""

V = TypeVar("V")


@st.cache_resource(show_spinner=False)
def _results() -> Jobs:
    return Jobs(LONG_RESULTS)


def worked_out(
    name: str, question: Hashable, label: str, work: Callable[..., V], things: str = "steps", place: str = ""
) -> V | None:
    """The result of long work, kept by its question. While it runs it shows how far it is and can be stopped: then this is what was
    reached by then, said to be so, with a button to go on; None when that is nothing, or when the work cannot be done, which is
    then said in a sentence. `work` is called with the engine, `progress`, `stop`, and `before`, an unfinished result to go on from,
    where there is one; `things` names what progress counts; `place` tells the same work apart where a page has it twice."""
    key, spot, frame = (data_key(), name, question), f"{name}_{place}" if place else name, st.empty()
    _leave(spot, key)
    found = _results().result(key)
    try:
        if not (found and found.complete) and st.session_state.get(f"_stopped_{spot}") == key:
            reached: V | None = _stopped(frame, spot, key, things)
            return reached
        if not (found and found.complete):
            found = _shown_work(frame, spot, key, label, work)
    except (InputError, NoMix, SolverFailed) as error:
        frame.error(words.as_typed(str(error)), icon=":material/block:")
        return None
    frame.empty()
    value: V = found.value
    return value


def _shown_work(frame: Any, spot: str, key: Hashable, label: str, work: Callable[..., V]) -> Result:
    """Start work or join it, and show how far it is until all of it is done. Work that ended early because nobody else waited for
    it is taken up again, below the same bar."""
    shared, bar = engine(), None
    while True:
        job = _results().start(
            key,
            _visitor(),
            lambda progress, stop, before: work(
                shared, progress=progress, stop=stop, **({} if before is None else {"before": before})
            ),
            _browser(),
        )
        while not job.wait(_visitor(), LOOK_S):
            if bar is None:
                bar = _bar(frame, spot, key, label)
            done, total = job.at  # to draw is also where a click on Stop, or on anything else, takes effect
            text = f"{label} {done:,} of {total:,}" if total else label if job.begun else words.WAITS_FOR_OTHERS
            bar.progress(min(1.0, done / total) if total else 0.0, text)
        if job.result.complete:
            return job.result


def _bar(frame: Any, spot: str, key: Hashable, label: str) -> Any:
    """The bar with its button to stop; drawn once in a run, because no run may draw one button twice."""
    levers()  # nobody waits for the levers as well
    with frame.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, label, width=480)
        st.button("Stop", key=f"stop_{spot}", on_click=_stop_at, args=(spot, key), icon=":material/stop:")
    return bar


def _stopped(frame: Any, spot: str, key: Hashable, things: str) -> Any:
    """What was reached when this visitor stopped the work, with a notice that says so and the way on."""
    job = _results().under_way(key)
    if job is not None and not job.wanted:
        job.ended.wait(END_S)
    found, text = _results().result(key), STOPPED
    if found is not None and not found.at[0]:
        found = None
    if found is not None:
        done, total = found.at
        text = f"Stopped after {done:,} of {total:,} {things}. What stands below is only what was worked out by then."
    with frame.container(horizontal=True, vertical_alignment="center"):
        st.warning(text, icon=":material/stop_circle:", width=640)
        st.button("Go on", key=f"go_on_{spot}", on_click=_go_on, args=(spot,), icon=":material/play_arrow:")
    return found.value if found else None


def _visitor() -> str:
    """A name for this visit among those who wait for the same work."""
    return str(st.session_state.setdefault("_visitor", uuid4().hex))


def _browser() -> str:
    """A mark that the tabs of one browser share, or of this visit alone where the browser keeps none."""
    mark = st.session_state.get("_browser")
    if mark is None:
        mark = st.session_state["_browser"] = browser_of(st.context.cookies.get(COOKIE, "")) or _visitor()
    return str(mark)


@contextmanager
def in_line() -> Iterator[None]:
    """Something heavy for this visitor, when its turn comes; a sentence says so while it waits."""
    mine, place = Ask(_browser()), st.empty()

    def waiting() -> bool:
        place.caption(words.WAITS_FOR_OTHERS)  # where Streamlit ends a run whose visitor has moved on
        return False

    HEAVY.enter(mine, waiting)
    try:
        place.empty()
        yield
    except SolverFailed:
        log.failed("solver")
        raise
    finally:
        HEAVY.leave(mine)


def heavy_download(make: Callable[..., V], *inputs: Any) -> Callable[[], V]:
    """A heavy file made only when somebody asks for it, and when its turn comes; the button shows that it is waited for."""
    browser = _browser()

    def made() -> V:
        mine = Ask(browser)
        HEAVY.enter(mine)
        try:
            return make(*inputs)
        except Exception:
            log.failed("file")
            raise
        finally:
            HEAVY.leave(mine)

    return made


def _leave(spot: str, key: Hashable) -> None:
    """Wait no longer for an earlier question of the same kind at the same place."""
    earlier = st.session_state.get(f"_waits_{spot}")
    job: Job | None = _results().under_way(earlier) if earlier not in (None, key) else None
    if job is not None:
        job.leave(_visitor())
    st.session_state[f"_waits_{spot}"] = key


def asked_for(name: str, question: Hashable, label: str) -> bool:
    """A button for work that is done only on request; whether it was pressed for this question."""
    if st.button(label, key=f"ask_{name}"):
        st.session_state[f"_asked_for_{name}"] = question
    return bool(st.session_state.get(f"_asked_for_{name}") == question)


def _stop_at(spot: str, key: Hashable) -> None:
    """Callback: this visitor waits no longer for this work."""
    st.session_state[f"_stopped_{spot}"] = key
    job = _results().under_way(key)
    if job is not None:
        job.leave(_visitor())


def _go_on(spot: str) -> None:
    """Callback: go on with stopped work."""
    st.session_state.pop(f"_stopped_{spot}", None)


def already(what: str, question: object) -> bool:
    """Whether this visitor has seen the whole of something for this question."""
    return bool(st.session_state.get(f"_{what}") == question)


def done(what: str, question: object) -> None:
    """Remember that this visitor has seen the whole of something for this question."""
    st.session_state[f"_{what}"] = question
