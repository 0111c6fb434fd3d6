"""Sentences of the screen; no Streamlit. Those that stand in files too, and every formatter of numbers, come from `model.results.formatting`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from model.analysis.explain.limit_sentences import LimitReport, one_step
from model.evidence.store import Evidence
from model.formulation.levers import Choice, Lever, lever_named
from model.results.formatting import (
    UNKNOWN,
    count,
    crore,
    fact_value,
    indian,
    indicator_change,
    indicator_value,
    inr_crore,
    lever_value,
    listed,
    million_usd,
    number,
    percent,
    points,
    rounded,
    signed,
    tonnes,
    usd_kg,
)
from model.results.headline import (
    BINDING_TITLE,
    WORTH_TITLE,
    headline,
    sources_sentence,
    spoken,
    unbroken,
    worst_clause,
    yearly,
)
from model.results.mix import Mix

__all__ = [
    "BINDING_TITLE",
    "UNKNOWN",
    "WORTH_TITLE",
    "count",
    "crore",
    "fact_value",
    "headline",
    "indian",
    "indicator_change",
    "indicator_value",
    "inr_crore",
    "lever_value",
    "listed",
    "million_usd",
    "number",
    "percent",
    "points",
    "rounded",
    "signed",
    "sources_sentence",
    "spoken",
    "tonnes",
    "unbroken",
    "usd_kg",
    "worst_clause",
    "yearly",
]
"""Passed on from the model's words, so that a page needs one module for all of its sentences."""

OFF = "No limit."
BEING_WORKED_OUT = "How far that holds is being worked out ..."
WAITS_FOR_OTHERS = "Waiting for its turn: the server is at other long work. This begins by itself."
LOOKING_FOR_WAYS = "Looking for the smallest ways out ..."
LAST_GOOD_SHOWN = "What stands below is the last mix that worked."
DEFAULT_SHOWN = "What stands below is the mix of the default levers."


# -- limits and levers --------------------------------------------------------------------------------------------


def lever_label(lever: Lever) -> str:
    """What stands over a slider: label and unit."""
    return f"{lever.label} ({lever.unit})" if lever.unit and lever.unit != "year" else lever.label


def sensible(lever: Lever) -> str:
    """What is sensible for a lever, short enough to stand under its slider; the whole of it stands in its help."""
    first = min((lever.sensible.split(mark)[0] for mark in ("; ", ". ")), key=len)
    return plain_markdown(f"Sensible: {first.rstrip('.')}.")


def under_limit(name: str, note: str) -> str:
    """What stands under the slider of a limit that is on: what is sensible, and in a line of its own what the limit costs (Markdown)."""
    return f"{sensible(lever_named(name))}  \n{plain_markdown(note)}"


def lever_help(lever: Lever, evidence: Evidence) -> str:
    """The tooltip of a lever: what it does, what is sensible, and the facts behind it (Markdown)."""
    facts = [evidence.facts[name] for name in lever.facts if name in evidence.facts]
    lines = [f"- {fact.what}: {fact_value(fact.value, fact.unit)} ({fact.year}; {fact.source.body})" for fact in facts]
    text = f"{lever.help}\n\n**Sensible:** {lever.sensible}"
    return plain_markdown(text + ("\n\n**Facts:**\n" + "\n".join(lines) if lines else ""))


def plain_markdown(text: str) -> str:
    """Text of this project's own whose dollar signs, tildes and square brackets Markdown leaves alone; what others typed needs
    `as_typed`."""
    for mark in "\\$~[]":
        text = text.replace(mark, "\\" + mark)
    return text


def as_typed(text: str) -> str:
    """Text that somebody typed, or a sentence that may hold such text, so that Markdown shows each character as it is: no links, no
    pictures, no colours, no icons. Addresses are parted by a sign without width, because they become links whatever is escaped."""
    parted = re.sub(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", APART, text, flags=re.IGNORECASE)
    return "".join(f"\\{mark}" if mark in MARKS_OF_MARKDOWN else mark for mark in parted)


APART = "\u2060"
"""A word joiner: no width, and no line ends at it."""
MARKS_OF_MARKDOWN = frozenset("\\`*_{}[]()<>#+-.!|~$:&\"'^=@/")


def no_mix(choice: Choice, limits: Sequence[str]) -> str:
    """Why there is no answer: which limits are on."""
    names = [f"{lever_named(n).label} {lever_value(lever_named(n), getattr(choice, n))}" for n in limits]
    if not names:
        return "No mix of routes is possible with these levers."
    those = "this limit" if len(names) == 1 else "these limits together"
    return f"No mix of routes meets {those}: {listed(names)}, from {choice.target_year:g} on. Loosen one of them."


def unknown(names: Sequence[str]) -> str:
    """What a link names and this explorer does not have."""
    shown = [name if len(name) <= 40 else name[:39] + "…" for name in names[:3]]
    more = f" and {count(len(names) - 3, 'more')}" if len(names) > 3 else ""
    return f"This link names what does not exist here and was passed over: {', '.join(shown)}{more}."


def unusable(labels: Sequence[str]) -> str:
    """What a link asked for and cannot have."""
    return f"This link asks for a value that {count(len(labels), 'lever')} cannot take, so the default stands: {listed(labels)}."


# -- indicators ----------------------------------------------------------------------------------------------------


def undisturbed_label(mix: Mix) -> str:
    """The switch between expected deliveries and an undisturbed year, with the probability of such a year."""
    return f"Show an undisturbed year (probability {percent(float(mix.states['probability'].iloc[0]))})"


ONE_WAY = "Any **one** of these makes a mix possible, everything else as it stands:"
ONLY_TOGETHER = "No single step is enough. The smallest common one:"
WORTH_NOTE = (
    "What the plan would save, harm of shortage included, if a route could supply more. Solved anew for each. The money to build that"
    " more is not taken off: set it against the capital per tonne on the Evidence page before calling it a bargain."
)
NO_BOTTLENECK = "No route is short: more of any of them would save nothing."
SECOND_HELP = "Writes the same program down anew and solves it with CBC, an independent solver. It takes some seconds."


def lakh_or_crore(crore: float) -> str:
    """An amount a year that may be small, in the Indian unit that fits: 4.2 -> 'INR 4.2 crore', 0.05 -> 'INR 5 lakh'."""
    return (
        inr_crore(crore) if abs(crore) >= 0.995 else f"INR {indian(100 * crore, 1 if abs(crore) < 0.0995 else 0)} lakh"
    )


def sentence_case(text: str) -> str:
    """The first letter large: 'allow 57 % from China' -> 'Allow 57 % from China'."""
    return text[:1].upper() + text[1:]


def lever_name(report: LimitReport) -> str:
    """The label of the limit that a report is about."""
    return lever_named(report.lever).label


def limit_note(report: LimitReport) -> str:
    """What stands under a slider: the cost of one step each way and how far that price holds, or the room that is left. The whole
    sentences stand on the Mix page."""
    steps = ((report.looser, "looser", "saves"), (report.tighter, "tighter", "costs"))
    if not report.binding or all(step is None or step.aim is not None for step, _, _ in steps):
        return report.sentence
    size, parts = one_step(report.lever), []
    for step, way, verb in steps:
        if step is None:
            continue
        if step.change is None:
            parts.append(f"{sentence_case(way)}: no mix.")
            continue
        price = inr_crore(rounded(abs(step.change)))
        reach = f", much the same to {number(step.until)}" if step.until is not None else ""
        end = f"; no mix at {number(step.none)}" if step.none is not None else ""
        parts.append(f"{sentence_case(size)} {way} {verb} {price} a year{reach}{end}.")
    return " ".join(parts) or report.sentence


def route_name(evidence: Evidence, route: str) -> str:
    """A route's name."""
    return evidence.routes[route].name


def proof_line(mix: Mix) -> str:
    """The proof in one small line."""
    p = mix.proof
    return (
        f"Proved optimal: gap {p.gap:.0e}, largest violation {p.violation:.0e}, {p.solver}, {p.states_kept} states of the world,"
        f" solved in {number(1000 * p.seconds)} ms."
    )


METHOD_SOURCES = (
    "Two-stage stochastic programming: Birge and Louveaux, Introduction to Stochastic Programming (Springer, 2011)."
    " Conditional value at risk, the average of the worst outcomes: Rockafellar and Uryasev, Journal of Risk 2 (2000)."
)
