"""Sentences about a visitor's own numbers and own data."""

from __future__ import annotations

from collections.abc import Sequence

from model.evidence.schema import Edit
from model.evidence.store import Evidence
from pages.parts.text import common as words

INTRO = (
    "Does a figure look wrong to you? Put your own in its place, with the reason. All pages, files and the share link then follow it"
    " and say so. Levers are choices and worlds to try; an own number says that the evidence is wrong."
)
NO_EFFECT = "The levers as they stand have no mix on the evidence or on your numbers, so the two cannot be compared."
DERIVED_NOTE = "Figures derived by a formula are not in the table: change what they are derived from, and they follow."
FOLDER_STAYS = (
    "A data folder is in use for this visit alone: a reload, the address of the page and a share link cannot carry it, nor own numbers"
    " made on it. After a reload open it again; a scenario file (Mix page) keeps the numbers."
)
NUMBERS_STAY = (
    "There are more own numbers in use than a link or the address of the page can carry: a reload loses them, and whoever opens the link"
    " sees the evidence's figures. A scenario file (Mix page) keeps and carries them all."
)
DATA_DROPPED = "The evidence of the explorer is in use again."
TEMPLATE_NOTE = (
    "All evidence as a folder of text files (YAML), with a README that says what each field means. Change it, pack it as a zip"
    " file and open it here, or run `python -m model check-data DIR`: both check the same."
)


def headline(evidence: Evidence, edits: Sequence[Edit], own_data: bool) -> str:
    """What stands apart from the evidence, in a sentence."""
    base = f"your own data (version {evidence.version})" if own_data else "the evidence as published"
    if not edits:
        return f"All pages stand on {base}: no figure is your own."
    return f"All pages stand on {base} with {words.count(len(edits), 'own number')}."


def under(own_data: bool) -> str:
    """What the own numbers are compared with: the head of a column."""
    return "On your data without them" if own_data else "On the evidence"


def banner(edits: Sequence[Edit], own_data: bool) -> str:
    """The notice at the side of every page; empty when nothing is own."""
    parts = []
    if own_data:
        parts.append("your own data")
    if edits:
        parts.append(words.count(len(edits), "own number"))
    return f"On {' and '.join(parts)}, not the evidence alone." if parts else ""


def taken(count: int) -> str:
    """After own numbers were taken over."""
    return f"{words.sentence_case(words.count(count, 'own number'))} in use." if count else "No own number is in use."


def refused(reason: str) -> str:
    """When an own number cannot be."""
    return f"Nothing was changed: {reason.rstrip('.')}."


def used(name: str, version: str) -> str:
    """After an own data folder was opened."""
    return f"All pages now stand on {name} (data version {version})."


def not_used(name: str, reason: str) -> str:
    """When an own data folder cannot be used."""
    return f"{name} was not used, nothing changed: {reason}"


def opened(name: str, of_file: int, in_use: int) -> str:
    """After a scenario file was opened: whose own numbers are in use now."""
    text = f"The levers now stand as in {name}."
    if of_file:
        return f"{text} {words.sentence_case(words.count(of_file, 'own number'))} of the file in use."
    if in_use:
        return f"{text} The file has no own numbers, so yours ({in_use}) stay in use."
    return text


def line(evidence: Evidence, edit: Edit) -> str:
    """One own number in Markdown: what it was and is, and why. `evidence`: without own numbers."""
    fact = evidence.facts[edit.fact]
    before, now = (words.fact_value(value, fact.unit) for value in (fact.value, edit.value))
    said = f"{before} → {now}" if before != now else f"{now}, another range"
    return f"{words.plain_markdown(f'{fact.what}: {said}.')} {words.as_typed(edit.reason)}"
