"""The explorations by name, with their tables and their finding in one sentence: for the command line and for downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from model.analysis.near_optimal.alternatives import alternatives
from model.analysis.near_optimal.frontier import Frontier, frontier
from model.analysis.near_optimal.ranges import Ranges, ranges, ranges_by_year
from model.analysis.stress.disruption import disrupt
from model.analysis.stress.shocks import from_events
from model.analysis.stress.source_loss import lose_each
from model.analysis.uncertainty.robustness import sample
from model.analysis.uncertainty.scenario_discovery import conditions
from model.analysis.uncertainty.tornado import tornado
from model.engine.engine import Engine
from model.errors import InputError
from model.formulation.levers import Choice
from model.parallel.progress import Progress, Stop, never, silent

Kind = Literal["a whole number", "a number", "a word"]
TYPES: dict[Kind, tuple[type, ...]] = {"a whole number": (int,), "a number": (int, float), "a word": (str,)}


@dataclass(frozen=True)
class Found:
    """What an exploration found: a sentence, and tables by name, the main one first. `complete` is false when it was stopped."""

    sentence: str
    tables: Mapping[str, pd.DataFrame]
    complete: bool = True

    @property
    def frame(self) -> pd.DataFrame:
        """The main table."""
        return next(iter(self.tables.values()))


def explore(
    what: str, engine: Engine, choice: Choice, progress: Progress = silent, stop: Stop = never, **options: Any
) -> Found:
    """One of `EXPLORATIONS` for a choice; options are the keyword arguments of the function behind it, and None is its default. Raises
    `InputError` for an unknown exploration or option and for a value of another kind, `NoMix`, `SolverFailed`."""
    if what not in EXPLORATIONS:
        raise InputError(f"exploration {what!r}: it is none of {', '.join(EXPLORATIONS)}")
    make, known = EXPLORATIONS[what]
    for name in options:
        if name not in known:
            raise InputError(f"{what}: there is no option {name!r}" + (f", only {', '.join(known)}" if known else ""))
    given = {name: _of_its_kind(name, value) for name, value in options.items() if value is not None}
    return make(engine, choice, progress, stop, **given)


def _of_its_kind(name: str, value: Any) -> Any:
    """The value of an option, a list of it as a tuple. Raises `InputError` when it is of another kind."""
    kind, several = KINDS[name]
    values = tuple(value) if several and isinstance(value, Iterable) and not isinstance(value, str) else (value,)
    for one in values:
        if isinstance(one, bool) or not isinstance(one, TYPES[kind]):
            raise InputError(f"{name}: {one!r} is not {kind}")
    return values if several else value


def _frontier(engine: Engine, choice: Choice, progress: Progress, stop: Stop, **options: Any) -> Found:
    curves = tuple(frontier(engine, choice, progress=progress, stop=stop, **options))
    found = Frontier(curves)
    return Found(found.sentence, {"frontier": found.frame, "shares": found.shares}, all(c.complete for c in curves))


def _ranges(engine: Engine, choice: Choice, progress: Progress, stop: Stop, **options: Any) -> Found:
    work: Callable[..., Ranges] = ranges_by_year if "route" in options else ranges
    found = work(engine, choice, progress=progress, stop=stop, **options)
    return Found(found.sentence, {"ranges": found.frame}, found.complete)


def _alternatives(engine: Engine, choice: Choice, progress: Progress, stop: Stop, **options: Any) -> Found:
    found = alternatives(engine, choice, progress=progress, stop=stop, **options)
    return Found(found.sentence, {"alternatives": found.frame, "supply": found.supply}, found.complete)


def _lose(engine: Engine, choice: Choice, *_: object) -> Found:
    found = lose_each(engine, engine.mix(choice))
    return Found(found.sentence(engine.evidence, int(choice.target_year)), {"losses": found.frame})


def _disrupt(engine: Engine, choice: Choice, *_: object, events: Iterable[str] = ()) -> Found:
    scene = from_events(engine.evidence, events)
    found = disrupt(engine, engine.answer(choice), scene)
    tables = {"years": found.frame, "short": found.short, "reserve": found.reserve}
    return Found(found.sentence(int(choice.target_year)), tables)


def _tornado(engine: Engine, choice: Choice, progress: Progress, stop: Stop, **options: Any) -> Found:
    found = tornado(engine, choice, progress=progress, stop=stop, **options)
    return Found(found.sentence, {"tornado": found.frame}, found.complete)


def _sample(engine: Engine, choice: Choice, progress: Progress, stop: Stop, **options: Any) -> Found:
    found = sample(engine, choice, progress=progress, stop=stop, **options)
    tables = {"worlds": found.frame, "summary": found.summary, "inputs": found.inputs}
    if not len(found.measures):
        return Found(found.sentence, tables, found.complete)
    when = conditions(found)
    return Found(f"{found.sentence} {when.sentence}", {**tables, "conditions": when.frame}, found.complete)


EXPLORATIONS: dict[str, tuple[Callable[..., Found], tuple[str, ...]]] = {
    "frontier": (_frontier, ("china_limits", "points")),
    "ranges": (_ranges, ("margin", "route")),
    "alternatives": (_alternatives, ("margin", "count")),
    "lose": (_lose, ()),
    "disrupt": (_disrupt, ("events",)),
    "tornado": (_tornado, ("facts", "processes")),
    "sample": (_sample, ("worlds", "seed", "facts", "processes")),
}
"""What can be explored, and the options of each."""
KINDS: dict[str, tuple[Kind, bool]] = {
    "china_limits": ("a number", True), "points": ("a whole number", False), "margin": ("a number", False), "route": ("a word", False),
    "count": ("a whole number", False), "events": ("a word", True), "facts": ("a word", True), "processes": ("a whole number", False),
    "worlds": ("a whole number", False), "seed": ("a whole number", False),
}  # fmt: skip
"""What the value of each option is, and whether it may be several."""
