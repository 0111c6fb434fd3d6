"""The evidence as people read it: rows of facts with their range drawn, where each is used, and the world around India."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import pandas as pd

from model.evidence.formulas import names_in
from model.evidence.schema import Fact, OwnFact, Reference
from model.evidence.store import Evidence
from model.formulation.levers import levers
from pages.parts.text import common as words

ASSUMPTION, DERIVED_ASSUMPTION = "Analyst assumption", "Derived, rests on an assumption"
PUBLISHED, DERIVED = "Published figure", "Derived by formula"
OWN, DERIVED_OWN = "Own number", "Derived, rests on an own number"
KINDS = (PUBLISHED, ASSUMPTION, DERIVED, DERIVED_ASSUMPTION, OWN, DERIVED_OWN)
IN_MODEL = {"route", "sector", "event", "commodity", "setting"}
"""Kinds of use that carry a number into the linear program; sites and levers only show it."""
CONFIDENCE = ("high", "medium", "low")


FILTERS = {
    "About": "About",
    "Kind": "Kind of number",
    "In the model": "Used by the model",
    "Confidence": "Confidence",
    "Unit": "Unit",
}
"""Column of the table -> label of its filter."""
SHOWN = (
    "Fact", "Value", "Unit", "Range", "Low to high", "Year", "Kind", "Confidence", "In the model", "Source", "Link", "Where used",
    "Formula", "About", "id",
)  # fmt: skip
BAR_READING = (
    "Range: the upright mark is the value and the bar runs from low to high; the line runs from nothing to twice the value, so a short bar is a"
    " well-known number. A mark alone: no range is given. An arrow: the range goes on."
)


def kind(fact: Fact) -> str:
    """What sort of number it is, in words."""
    if isinstance(fact, OwnFact):
        return OWN
    if fact.formula:
        return DERIVED_ASSUMPTION if fact.assumption else DERIVED
    return ASSUMPTION if fact.assumption else PUBLISHED


TOPICS = {
    "central_asia": "Central Asia", "china_imports": "Imports from China", "domestic_repm": "Indian magnet plants",
    "irel_ndpr": "IREL oxide", "irel_smco": "IREL samarium-cobalt", "usa": "USA", "vietnam": "Vietnam and Korea",
}  # fmt: skip


def about(topic: str) -> str:
    """A topic as a heading: 'shortage_cost' -> 'Shortage cost'."""
    text = topic.replace("_", " ")
    return TOPICS.get(topic, text[:1].upper() + text[1:])


# -- where a fact is used ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def places(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    """For each fact the places that use it, as (readable) 'route china_magnets: Chinese magnets under licence'."""
    tables: dict[str, dict[str, Any]] = {
        "route": evidence.routes, "sector": evidence.sectors, "event": evidence.events, "commodity": evidence.commodities,
        "site": evidence.sites,
    }  # fmt: skip
    found: dict[str, list[str]] = {}
    for fact, uses in evidence.uses.items():
        found[fact] = []
        for use in uses:
            sort, _, name = use.partition(" ")
            entry = tables.get(sort, {}).get(name)
            label = evidence.facts[name].what if sort == "derived" else entry.name if entry else ""
            found[fact].append(f"{use}: {label}" if label else use)
    for lever in levers():
        for fact in lever.facts:
            if fact in found:
                found[fact].append(f"lever {lever.id}: {lever.label}")
    return {fact: tuple(uses) for fact, uses in found.items()}


@lru_cache(maxsize=4)
def in_model(evidence: Evidence) -> frozenset[str]:
    """Facts that reach the linear program, directly or through a formula."""
    reached = {fact for fact, uses in evidence.uses.items() if any(use.split(" ")[0] in IN_MODEL for use in uses)}
    while True:
        more = {
            fact
            for fact, uses in evidence.uses.items()
            if fact not in reached
            and any(use.removeprefix("derived ") in reached for use in uses if use.startswith("derived "))
        }
        if not more:
            return frozenset(reached)
        reached |= more


def behind(evidence: Evidence, place: str) -> list[Fact]:
    """The facts that one place uses, for instance 'route china_magnets', in the order of the files."""
    return [evidence.facts[fact] for fact, uses in evidence.uses.items() if place in uses]


# -- the table ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def table(evidence: Evidence) -> pd.DataFrame:
    """One row per fact, ordered by topic. Column `text` holds what the search looks through."""
    used, where = in_model(evidence), places(evidence)
    rows = []
    for fact in evidence.facts.values():
        uses = "; ".join(where[fact.id])
        sources = " ".join(f"{s.body} {s.title}" for s in (fact.source, *fact.source.also))
        rows.append(
            {
                "id": fact.id, "Fact": fact.what + (f", {fact.country}" if fact.country else ""), "Value": value(fact),
                "Unit": fact.unit, "Range": bar(fact), "Low to high": span(fact), "Year": str(fact.year), "Kind": DERIVED_OWN if fact.id in evidence.touched else kind(fact),
                "Confidence": fact.confidence, "In the model": "yes" if fact.id in used else "context only",
                "Where used": uses or "shown on this page only", "Source": fact.source.body, "Link": fact.source.url or "",
                "Formula": fact.formula or "", "About": about(fact.about),
                "text": f"{fact.id} {fact.what} {fact.about} {fact.country or ''} ; {uses} {fact.note} {sources} {kind(fact)}".lower(),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values(["About", "Fact", "Year"], kind="stable", ignore_index=True)


def search(rows: pd.DataFrame, query: str) -> pd.DataFrame:
    """Rows in which every word of the query occurs. The id of a fact finds that fact alone, a place such as 'route china_magnets' just
    what is used there."""
    query = query.strip().lower()
    if query in set(rows["id"]):
        return rows[rows["id"] == query]
    used_there = rows[rows["text"].str.contains(f" {query}: ", regex=False)]
    if " " in query and len(used_there):
        return used_there
    for word in query[:200].split():
        rows = rows[rows["text"].str.contains(word, regex=False)]
    return rows


def narrowed(rows: pd.DataFrame, wanted: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """Rows whose columns hold one of the values asked for; nothing asked for a column means any."""
    for column, values in wanted.items():
        chosen = list(values)
        if chosen:
            rows = rows[rows[column].isin(chosen)]
    return rows


def options(rows: pd.DataFrame, column: str) -> list[str]:
    """What a filter offers: the values of a column, in their natural order."""
    found = set(rows[column])
    order = {"Kind": KINDS, "Confidence": CONFIDENCE}.get(column, tuple(sorted(found)))
    return [name for name in order if name in found]


def counts(evidence: Evidence) -> str:
    """The whole evidence in one sentence."""
    facts = list(evidence.facts.values())
    published = sum(not fact.formula and not fact.assumption for fact in facts)
    assumed = sum(not fact.formula and fact.assumption for fact in facts)
    derived = len(facts) - published - assumed
    own = (
        f" {words.sentence_case(words.count(len(evidence.own), 'figure'))} of them {'is' if len(evidence.own) == 1 else 'are'} your own."
        if evidence.own
        else ""
    )
    return (
        f"{words.count(len(facts), 'fact')}, {len(in_model(evidence))} of them used by the model: {published} are published figures,"
        f" {assumed} are analyst assumptions and {derived} are derived from other facts by a formula.{own}"
    )


def value(fact: Fact) -> str:
    """A fact's value without its unit, to four figures where it is no round number."""
    number = float(fact.value)
    if fact.unit == "calendar year":
        return f"{number:.0f}"
    return words.number(number) if abs(number) >= 1000 and number == round(number) else f"{number:,.4g}"


def span(fact: Fact) -> str:
    """The range in words: '41 to 57', 'at least 85', or 'no range given'."""
    low, high = (
        None if end is None else value(fact.model_copy(update={"value": end})) for end in (fact.low, fact.high)
    )
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"at least {low}" if low is not None else f"at most {high}" if high is not None else "no range given"


def bar(fact: Fact) -> str:
    """The range as a picture (SVG in a data address): the whole width runs from nothing to twice the value, the mark in the middle is the
    value and the bar runs from low to high; an arrow says that the range goes on beyond. For a value of 0 the mark stands at the left."""
    size, low, high = float(fact.value), fact.low, fact.high
    scale = 2 * abs(size) or max(abs(high or 0), abs(low or 0)) or 1.0
    start = min(0.0, 2 * size) if size else min(0.0, float(low or 0))

    def at(number: float) -> float:
        return round(6 + 108 * min(max((number - start) / scale, 0.0), 1.0), 1)

    left, right = at(size if low is None else low), at(size if high is None else high)
    beyond = high is not None and high > start + scale
    shapes = "<path d='M6 12H114' stroke='#c3ccd6' stroke-width='1'/>"
    if low is not None or high is not None:
        shapes += f"<path d='M{left} 12H{right}' stroke='#0072B2' stroke-width='7'/>"
        shapes += "<path d='M108 5l8 7l-8 7' fill='none' stroke='#0072B2' stroke-width='3'/>" if beyond else ""
    shapes += f"<path d='M{at(size)} 4V20' stroke='#D55E00' stroke-width='4'/>"
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' width='120' height='24' viewBox='0 0 120 24'>{shapes}</svg>"
    return "data:image/svg+xml;utf8," + quote(picture, safe=" '=/:<>.,()")


def detail(evidence: Evidence, fact: Fact) -> str:
    """Everything about one fact as Markdown: value, range, kind, note, formula, uses and every source."""
    safe = words.plain_markdown
    country = f" ({fact.country})" if fact.country else ""
    figure = (
        f"**{value(fact)} {fact.unit}**, {safe(str(fact.year))}. Range: {span(fact)}. Confidence: {fact.confidence}."
    )
    lines = [f"#### {safe(fact.what)}{safe(country)}", f"{figure} **{kind(fact)}.** Id: `{fact.id}`."]
    if fact.note:
        lines.append((words.as_typed if isinstance(fact, OwnFact) else safe)(fact.note))
    if fact.formula:
        inputs = (evidence.facts[name] for name in names_in(fact.formula))
        lines.append(f"**Formula:** `{fact.formula}`")
        lines.append("\n".join(f"- `{i.id}` = {value(i)} {i.unit}: {safe(i.what)} ({kind(i).lower()})" for i in inputs))
    lines.append(
        "**Where used**\n"
        + "\n".join(f"- {safe(use)}" for use in places(evidence)[fact.id] or ("shown on this page only",))
    )
    if not fact.formula:
        sources = (fact.source, *fact.source.also)
        lines.append("**Sources**\n" + "\n".join(f"- {_reference(source)}" for source in sources))
    return "\n\n".join(lines)


def _reference(source: Reference) -> str:
    text = words.plain_markdown(f"{source.body}: {source.title}" + (f" ({source.date})" if source.date else ""))
    return f"[{text}]({source.url.replace('(', '%28').replace(')', '%29')})" if source.url else f"{text} (no link)"


def notes(evidence: Evidence) -> str:
    """The notes that are no numbers, as a Markdown list."""
    safe = words.plain_markdown
    return "\n".join(
        f"- **{safe(about(note.about))}**, {safe(str(note.year))}: {safe(note.text)} ({_reference(note.source)})"
        for note in evidence.notes
    )
