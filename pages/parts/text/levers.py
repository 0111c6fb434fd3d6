"""What is said about a lever and about the last move: help, what it moves, and each step of a replay; no Streamlit."""

from __future__ import annotations

import pandas as pd

from model.analysis.explain.lever_effects import Reach
from model.analysis.explain.replay import Step
from model.evidence.store import Evidence
from model.formulation.levers import AIMS, Choice, Lever, Value, lever_named
from model.results.indicators import INDICATORS
from pages.parts.text import common as words
from pages.parts.text.mix import change

UNDO_HELP = "Take the last move of the levers back, and the own numbers that came with it from a scenario file"
LEVERS = "Levers"
LEVERS_HELP = "All active settings in one list; for each lever what it is, what it moves, its sources, typed entry, undo and reset"
ONE, ACTIVE = "One lever", "Active settings"
CHANGED_TITLE, OTHERS_TITLE = "Changed since the story", "In force besides"
SETTING, VALUE, SET_BY = "Setting", "Value", "Set by"
BY_YOU, BY_STORY, BY_DEFAULT = "You", "Story", "Default"
ACTIVE_NOTE = "All other limits are off, and all other levers stand at their defaults."
UNDO_ONE, REPLAY_ONE = "Undo this lever", "Replay this lever"
NEVER_MOVED = "This lever has not moved in this visit."
REPLAY_ONE_TITLE = "The last move of one lever, step by step"
PICK = "About the lever"
TYPE = "Type its value"
MOVES_TITLE = "What it moves"
MOVES_NOTE = "Worked out now: everything else as it stands, this lever at its ends, halfway, and one step either way."
NATURES = {
    "policy": "Policy, which India decides.",
    "assumption": "An assumption about the world, which India does not decide.",
}
"""What a lever is, as the split of a difference counts it."""
NOTHING_MOVES = "At these values of the other levers it moves nothing that can be shown."
CLASH = "As the levers stand, no mix meets the limits"
NEVER = f"{CLASH}, nor at any other value of this lever that was tried."
NONE_CHANGED = "All levers stand where the story has them."
SHOWN = 4
"""So many indicators are shown, those that move most."""
REPLAY = "Last move"
REPLAY_HELP = "The last move of the levers again, step by step: what entered and left the mix, and why"
REPLAY_TITLE = "The last move, step by step"
NO_MOVE = "Nothing has been moved yet. Move a lever, pick a story or adopt a mix, then come back."
ORDER_NOTE = "Several levers moved together; here they are set one after another, in the order of the screen. Another order gives other steps."
NO_MIX, NO_MIX_HERE = "No mix meets the limits here", "no mix"
NO_MIX_BEFORE = "Before this, no mix met the limits, so there is nothing to measure a change against."
FIGURES = ("bill_crore", "harm_crore", "tail_shortfall", "china_share")
"""Results told at each step."""


def about(lever: Lever) -> str:
    """What a lever is and what is sensible (Markdown)."""
    reach = (
        ""
        if lever.kind != "number"
        else f" It reaches from {value_in_words(lever.id, lever.low)} to {value_in_words(lever.id, lever.high)}."
    )
    kind = NATURES[lever.nature]
    return words.plain_markdown(f"{lever.help}\n\n**Sensible:** {lever.sensible}{reach}\n\n**Kind:** {kind}")


def typable(lever: Lever, value: Value) -> float | int:
    """A number as a field to type has it: a whole one where only whole years can be set."""
    return int(value) if lever.whole else float(value)


def not_taken(lever: Lever, typed: object) -> str:
    """Why a lever stays where it is when something was typed that it cannot take."""
    what = "whole years" if lever.whole else "numbers"
    ends = f"from {value_in_words(lever.id, lever.low)} to {words.lever_value(lever, lever.high)}"
    return f"{typed} was not taken: this lever takes {what} {ends}."


def stands(name: str, now: Choice, base: Choice) -> str:
    """Where a lever stands, and where the story has it."""
    mine, theirs = now.values()[name], base.values()[name]
    return f"{value_in_words(name, mine)} (story: {value_in_words(name, theirs)})"


def active(now: Choice, base: Choice) -> pd.DataFrame:
    """Every setting that is in force, in the order of the screen: limits that are on, the aim, switches that are on, and whatever stands
    apart from its default or from the story (`base`). Columns: lever, setting, value with its unit, and who set it."""
    rows = []
    for (name, value), told in zip(now.values().items(), base.values().values(), strict=True):
        lever = lever_named(name)
        if value != told:
            by = BY_YOU
        elif value != lever.default:
            by = BY_STORY
        elif _on(lever, value):
            by = BY_DEFAULT
        else:
            continue
        rows.append((name, lever.label, value_in_words(name, value), by))
    return pd.DataFrame(rows, columns=["lever", SETTING, VALUE, SET_BY])


def _on(lever: Lever, value: Value) -> bool:
    """Whether a lever at its default does something: a limit that is on, the aim, a switch that is on."""
    if lever.kind == "switch":
        return bool(value)
    return lever.group == "limits" and not lever.is_off(value) and not (lever.id == "home_limit" and value == 0)


def put_back(name: str, moved: tuple[Value, Value] | None) -> str:
    """What the button that undoes one lever does."""
    return NEVER_MOVED if moved is None else f"Back to {value_in_words(name, moved[0])}, all other levers as they stand"


def lever_move(name: str, moved: tuple[Value, Value]) -> str:
    """What is replayed of one lever."""
    old, new = (value_in_words(name, value) for value in moved)
    return f"{lever_named(name).label}: from {old} to {new}, all other levers as they stand now."


def reach_sentence(found: Reach, evidence: Evidence) -> str:
    """What a lever moves most, in a sentence or two; where the levers as they stand have no mix, among its values that have one."""
    best = found.strongest
    if found.base is None:
        return NEVER
    if not best:
        return NOTHING_MOVES if found.present else f"{CLASH}. {_possible(found)}"
    routes = [words.spoken(evidence.routes[route]) for route, _ in found.routes[:2]]
    by = f", and among the routes {words.listed(routes)}" if routes else ""
    moved = words.listed([f"“{indicator.label}”" for indicator in best[:2]])
    if found.present is None:
        return f"{CLASH}. {_possible(found)} Among these it moves {moved} most{by}."
    return f"It moves {moved} most{by}."


def _possible(found: Reach) -> str:
    """At which of the values tried there is a mix."""
    values = [value_in_words(found.lever, tried.value) for tried in found.tried if tried.mix]
    return f"Of the values tried, there is a mix at {words.listed(values)}."


def reach_table(found: Reach) -> pd.DataFrame:
    """The indicators that move most, one row for each value tried; values without a mix say so. Where the levers as they stand have
    none and nothing moves, the figures of the others."""
    shown = found.strongest[:SHOWN]
    if not shown and found.base and not found.present:
        shown = tuple(indicator for indicator in INDICATORS if indicator.id in FIGURES)
    rows = []
    for tried in found.tried:
        mark = " (now)" if tried.value == found.now else ""
        row = {lever_named(found.lever).label: value_in_words(found.lever, tried.value) + mark}
        for indicator in shown:
            worth = tried.mix.indicators[indicator.id] if tried.mix else None
            row[indicator.label] = NO_MIX_HERE if worth is None else words.indicator_value(indicator, worth)
        rows.append(row)
    return pd.DataFrame(rows) if shown else pd.DataFrame()


def step_title(place: int, total: int, step: Step) -> str:
    """What a step of a replay sets."""
    values = step.choice.values()
    sets = [f"{lever_named(name).label}: {value_in_words(name, values[name])}" for name in step.levers]
    return f"Step {place} of {total}. {words.listed(sets)}"


def step_figures(step: Step) -> list[tuple[str, str, str]]:
    """Label, value and change of each result told at a step; the change is empty when there was no mix before it."""
    if step.mix is None:
        return []
    found = []
    for indicator in (i for name in FIGURES for i in INDICATORS if i.id == name):
        now = step.mix.indicators[indicator.id]
        found.append(
            (
                indicator.label,
                words.indicator_value(indicator, now),
                change(indicator, now - step.change(indicator.id), now) if step.before else "",
            )
        )
    return found


def step_routes(step: Step, evidence: Evidence) -> pd.DataFrame:
    """What entered, left, or gives more or less at a step: t a year on average over the years with decisions."""
    return pd.DataFrame(
        [
            (evidence.routes[m.route].name, m.what, round(m.before_t), round(m.after_t), round(m.after_t - m.before_t))
            for m in step.moved
        ],
        columns=["Route", "What happens", "Before, t a year", "After, t a year", "Change, t a year"],
    )


def no_mix(step: Step) -> str:
    """That a step has no mix, and which limits are on."""
    names = [lever_named(name).label for name in step.limits]
    last = " The next step is measured against the last mix that there was." if step.before else ""
    return f"{NO_MIX}: {words.listed(names)}.{last}"


def value_in_words(name: str, value: Value) -> str:
    """A lever's value with its unit; a limit that is off as 'no limit', an option by its label."""
    lever: Lever = lever_named(name)
    if lever.is_off(value):
        return "no limit"
    if lever.kind == "option":
        return AIMS[str(value)]
    return words.lever_value(lever, value)
