"""The verbs that list what can be set and asked: levers, events, facts and the options of an exploration."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from model.analyses import EXPLORATIONS, KINDS
from model.cli.arguments import BadArgument, as_json
from model.cli.commands import SOLVED, Said, Start, Verb
from model.evidence.loading import load_evidence
from model.formulation.levers import levers

Row = dict[str, Any]


def list_levers(arguments: argparse.Namespace, _: Start) -> Said:
    """Every lever: id, unit, range, default, type."""
    rows = [
        {
            "lever": lever.id,
            "label": lever.label,
            "type": "whole number" if lever.kind == "number" and lever.whole else lever.kind,
            "unit": lever.unit,
            "low": lever.low if lever.kind == "number" else None,
            "high": lever.high if lever.kind == "number" else None,
            "step": lever.step if lever.kind == "number" else None,
            "default": lever.default,
            "off": lever.off,
            "options": list(lever.options),
            "group": lever.group,
            "nature": lever.nature,
            "help": lever.help,
        }
        for lever in levers()
    ]
    lines = [
        f"{row['lever']:22}{_range(row):22}{_default(row):20}{row['label']}, {row['unit'] or row['type']}"
        for row in rows
    ]
    return _said(arguments, "levers", rows, lines)


def _default(row: Row) -> str:
    return f"default {row['default']}"


def _range(row: Row) -> str:
    if row["type"] == "switch":
        return "on or off"
    return ", ".join(row["options"]) if row["options"] else f"{row['low']:g} to {row['high']:g}"


def list_events(arguments: argparse.Namespace, _: Start) -> Said:
    """Every event: id, name and the probability in a year."""
    evidence = load_evidence(arguments.data)
    rows = [
        {
            "event": event.id,
            "name": event.name,
            "group": event.group,
            "probability_per_year": evidence.value(event.probability) if event.probability else None,
        }
        for event in evidence.events.values()
    ]
    lines = [f"{row['event']:28}{_likely(row['probability_per_year']):22}{row['name']}" for row in rows]
    return _said(arguments, "events", rows, lines)


def _likely(probability: object) -> str:
    return "replayed, never drawn" if probability is None else f"{probability:.3f} a year"


def list_facts(arguments: argparse.Namespace, _: Start) -> Said:
    """Facts in whose id, subject or text all the words stand."""
    words = [word.lower() for word in arguments.words]
    rows = [
        {
            "fact": fact.id,
            "what": fact.what,
            "value": float(fact.value),
            "low": None if fact.low is None else float(fact.low),
            "high": None if fact.high is None else float(fact.high),
            "unit": fact.unit,
            "assumption": fact.assumption,
            "source": fact.source.body,
        }
        for fact in load_evidence(arguments.data).facts.values()
        if all(word in f"{fact.id} {fact.about} {fact.what}".lower() for word in words)
    ]
    lines = [f"{row['fact']:44}{row['value']:>14,.6g} {row['unit']:24}{row['what']}" for row in rows]
    return _said(arguments, "facts", rows, lines or [f"No fact has all of these words: {' '.join(words)}."])


def list_options(arguments: argparse.Namespace, _: Start) -> Said:
    """The options that --with takes for an exploration. Raises `BadArgument` for another verb."""
    if arguments.verb not in EXPLORATIONS:
        raise BadArgument(f"VERB {arguments.verb!r}: it is none of {', '.join(EXPLORATIONS)}")
    rows = [
        {"option": name, "type": KINDS[name][0].removeprefix("a "), "several": KINDS[name][1]}
        for name in EXPLORATIONS[arguments.verb][1]
    ]
    lines = [f"{row['option']:16}{row['type']}{', or several' if row['several'] else ''}" for row in rows]
    return _said(arguments, "options", rows, lines or [f"{arguments.verb} takes no options."])


def _said(arguments: argparse.Namespace, name: str, rows: list[Row], lines: list[str]) -> Said:
    return Said(SOLVED, as_json({name: rows}).decode() if arguments.json else "\n".join(lines) + "\n")


def _words(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("words", metavar="WORDS", nargs="*", help="only facts that hold all of these words")


def _verb(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("verb", metavar="VERB", help=f"one of {', '.join(EXPLORATIONS)}")


LISTING: Mapping[str, Verb] = {
    "levers": Verb("list every lever with its unit, range, default and type", list_levers, levers=False),
    "events": Verb("list every event with its probability in a year", list_events, levers=False),
    "facts": Verb("list facts with value, unit and source", list_facts, levers=False, options=_words),
    "options": Verb("list the options of an exploration", list_options, levers=False, options=_verb),
}
"""The listing verbs, by name."""
