"""The one-page brief: what was found, in the words of the screen, with a map and charts as vectors; as PDF and as HTML, A4.

Nothing is fetched: fonts come with reportlab, the outline with the data.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from model import __version__
from model.analyses import explore
from model.analysis.explain.binding_limits import limits_in_words
from model.analysis.explain.bottlenecks import bottlenecks
from model.engine.active_limits import NoMix
from model.engine.engine import Answer, Engine
from model.errors import SolverFailed
from model.evidence.loading import DATA
from model.evidence.schema import Fact, Route
from model.evidence.store import Evidence
from model.formulation.levers import AIMS, Choice, lever_named
from model.provenance import digest
from model.results.formatting import count, fact_value, indicator_change, indicator_value, lever_value, listed
from model.results.headline import MAGNETS_TITLE, headline
from model.results.indicators import INDICATORS

LIMITS, WORTH, LEVERS, SOURCES = 5, 3, 8, 8
"""How many limits, routes worth more, changed levers (or own numbers) and sources a page has room for."""
QUESTION = (
    "Which mix of routes should India contract, build and stock for its rare-earth magnets, 2026 to 2035, at the least expected cost"
    " within the limits set?"
)


@dataclass(frozen=True)
class Line:
    """One indicator as it is read: its name, this mix, today's course, the change."""

    label: str
    mine: str
    today: str
    change: str


@dataclass(frozen=True)
class Words:
    """Everything that the brief says."""

    title: str
    day: str
    question: str
    headline: str
    lines: tuple[Line, ...]
    binds: tuple[str, ...]
    changes: tuple[str, ...]
    levers: str
    own: str
    sources: tuple[str, ...]
    notes: str
    identity: str
    again: str

    @property
    def record(self) -> dict[str, Any]:
        """The words as JSON values."""
        return asdict(self)


# -- what it says ----------------------------------------------------------------------------------------------------


def words(engine: Engine, answer: Answer, made_on: date) -> Words:
    """The brief of an answer in words; the limits are really moved for it, as on screen. Raises `SolverFailed`."""
    evidence, mix, year = engine.evidence, answer.mix, int(answer.mix.choice.target_year)
    mark = digest(evidence, mix.choice)
    assumed = sum(evidence.facts[name].assumption for name, places in evidence.uses.items() if places)
    used = sum(bool(places) for places in evidence.uses.values())
    return Words(
        title=MAGNETS_TITLE,
        day=f"Brief of {made_on.day} {made_on:%B %Y}",
        question=QUESTION,
        headline=headline(mix, answer.today, evidence, year),
        lines=tuple(_lines(answer)),
        binds=_binds(engine, answer),
        changes=_changes(engine, answer),
        levers=_levers(mix.choice),
        own=own_numbers(evidence),
        sources=_sources(answer, evidence),
        notes=(
            f"The model uses {used} facts; {assumed} of them are analyst assumptions, marked as such where they stand. Every number with its range"
            " and source: the page Evidence, or the sheet Facts of the workbook. The harm of a shortage is lost value, not a bill."
        ),
        identity=f"Made on {made_on.isoformat()}, model {__version__}, data {evidence.version}, inputs {mark[:16]}.",
        again=f"The same again: {again(mix.choice, evidence)}",
    )


def own_numbers(evidence: Evidence) -> str:
    """What somebody put in place of the evidence's figures, with the reasons given; empty when nothing was."""
    said = [
        f"{evidence.facts[name].what}: {fact_value(edit.value, evidence.facts[name].unit)} ({edit.reason})"
        for name, edit in evidence.own.items()
    ]
    more = [f"and {len(said) - LEVERS} more"] if len(said) > LEVERS else []
    return f"These numbers are not the evidence's: {'; '.join([*said[:LEVERS], *more])}." if said else ""


def again(choice: Choice, evidence: Evidence) -> str:
    """The command that leads to the same answer; own numbers travel in a scenario file, an own data folder is to be given."""
    told = "python -m model solve --scenario FILE" if evidence.own else command(choice)
    return told + ("" if evidence.folder == DATA else " --data FOLDER")


def command(choice: Choice) -> str:
    """The command that leads to the same answer."""
    values = choice.values()
    changed = choice.differences(Choice())
    return "python -m model solve" + "".join(f" --set {name}={_bare(values[name])}" for name in changed)


def _bare(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _lines(answer: Answer) -> list[Line]:
    found = []
    for indicator in INDICATORS:
        mine, theirs = (mix.indicators[indicator.id] for mix in (answer.mix, answer.today))
        change = indicator_change(indicator, mine - theirs)
        name = indicator.label + (", a year" if indicator.unit.endswith("a year") else "")
        found.append(
            Line(
                name, indicator_value(indicator, mine), indicator_value(indicator, theirs),
                change if isinstance(change, str) else "same",
            )
        )  # fmt: skip
    return found


def _binds(engine: Engine, answer: Answer) -> tuple[str, ...]:
    """What the limits cost, binding ones first, in the words of the page."""
    reports = sorted(limits_in_words(engine, answer), key=lambda report: not report.binding)
    said = [f"{lever_named(report.lever).label}: {report.sentence}" for report in reports[:LIMITS]]
    return tuple(said) or ("No limit is on.",)


def _changes(engine: Engine, answer: Answer) -> tuple[str, ...]:
    """What would change the answer: where one more tonne is worth most, and the source whose loss hurts most."""
    said = [found.sentence for found in bottlenecks(engine, answer, n=WORTH, full=True)]
    try:
        said.append(explore("lose", engine, answer.mix.choice).sentence)
    except (NoMix, SolverFailed) as error:
        said.append(str(error))
    return tuple(said)


def _levers(choice: Choice) -> str:
    """The levers that do not stand at their defaults."""
    values = choice.values()
    said = []
    for name in choice.differences(Choice()):
        lever, value = lever_named(name), values[name]
        said.append(f"{lever.label}: {AIMS[str(value)] if lever.kind == 'option' else lever_value(lever, value)}")
    more = [f"and {len(said) - LEVERS} more"] if len(said) > LEVERS else []
    return "; ".join([*said[:LEVERS], *more]) + "." if said else "Every lever stands at its default."


def _sources(answer: Answer, evidence: Evidence) -> tuple[str, ...]:
    """Where the prices of the largest routes of the target year come from, and who stands behind most of the other facts."""
    mix, year = answer.mix, int(answer.mix.choice.target_year)
    amounts = mix.expected[:, :, mix.case.years.index(year)].sum(axis=1)
    order = sorted(range(len(amounts)), key=lambda r: -amounts[r])
    said: dict[str, list[str]] = {}
    for r in [r for r in order if amounts[r] > 0][:SOURCES]:
        route = evidence.routes[mix.case.routes[r]]
        fact = _price(route, evidence, year)
        where = f"{fact.source.body}, {fact.source.title}" if not fact.assumption else "analyst assumption"
        said.setdefault(where, []).append(route.short)
    prices = [f"Price of {listed(names)}: {where}." for where, names in said.items()]
    used = [evidence.facts[name] for name, places in evidence.uses.items() if places]
    bodies = Counter(fact.source.body for fact in used if not fact.assumption and fact.formula is None)
    most = [f"{body} ({count(facts, 'fact')})" for body, facts in bodies.most_common(SOURCES)]
    return (*prices, *([f"Published sources used most: {listed(most)}."] if most else []))


def _price(route: Route, evidence: Evidence, year: int) -> Fact:
    """The fact behind a route's price, at the anchor year nearest to `year`."""
    path = route.price.get("average") or next(iter(route.price.values()))
    return evidence.facts[path[min(path, key=lambda anchor: abs(anchor - year))]]


# -- HTML ------------------------------------------------------------------------------------------------------------


# -- PDF -------------------------------------------------------------------------------------------------------------
