"""A visitor's own numbers in place of facts: as a table to edit, as rows of a file, and as a short text for a link.

They are told apart from the levers: a lever is a choice or a world to try, an own number says that the evidence is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from pydantic import ValidationError

from model.errors import EvidenceError
from model.evidence.loading import read_yaml
from model.evidence.schema import METHOD, Edit
from model.evidence.store import Evidence

MOST = 100
"""Own numbers at the same time."""
COLUMNS = ("fact", "value", "low", "high", "reason")
NO_REASON = "no reason given"

Rows = Iterable[Mapping[str, Any]]


def read_edits(rows: object, where: str = "facts") -> tuple[Edit, ...]:
    """Own numbers from a list of mappings with fact, value, reason and perhaps low and high, by fact. Raises `EvidenceError` that
    names the entry; whether the facts exist is seen only by `Evidence.with_edits`."""
    if not isinstance(rows, Sequence) or isinstance(rows, str | bytes):
        raise EvidenceError(f"{where}: it needs a list of own numbers")
    if len(rows) > MOST:
        raise EvidenceError(f"{where}: {len(rows)} own numbers are more than the {MOST} that can be kept")
    found = []
    for place, row in enumerate(rows, start=1):
        try:
            found.append(Edit.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "entry"
            raise EvidenceError(f"{where}, entry {place}: {field}: {first['msg']}") from None
    return tuple(sorted(found, key=lambda edit: edit.fact))


def scenario_edits(text: str | bytes) -> tuple[Edit, ...]:
    """The own numbers of a scenario file, under `facts`; none when it has none. Raises `EvidenceError` naming the entry."""
    content = read_yaml(text, "scenario")
    return read_edits(content.get("facts") or [], "scenario, facts") if isinstance(content, dict) else ()


def as_rows(edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """The same own numbers as mappings for a file, without bounds that were left out."""
    return [edit.model_dump(exclude_none=True) for edit in edits]


def own_numbers(evidence: Evidence) -> list[dict[str, Any]]:
    """The own numbers that evidence stands on, one record each: fact, what, value, low, high and published (all in `unit`), unit, reason.
    Empty when every figure is the evidence's own."""
    found = []
    for name, edit in sorted(evidence.own.items()):
        fact, published = evidence.facts[name], evidence.published.facts[name]
        low, high = (None if bound is None else float(bound) for bound in (fact.low, fact.high))
        found.append(
            {
                "fact": name,
                "what": published.what,
                "value": float(edit.value),
                "low": low,
                "high": high,
                "published": float(published.value),
                "unit": published.unit,
                "reason": edit.reason,
            }
        )
    return found


def own_lines(evidence: Evidence) -> list[str]:
    """The same in words, one line each below a heading; no line without own numbers."""
    rows = own_numbers(evidence)
    if not rows:
        return []
    count = "1 own number stands" if len(rows) == 1 else f"{len(rows)} own numbers stand"
    return [
        f"{count} in place of the evidence:",
        *(
            f"  {row['fact']}: {row['value']:g} {row['unit']} instead of {row['published']:g} ({' '.join(row['reason'].split())})"
            for row in rows
        ),
    ]


# -- a table to edit ----------------------------------------------------------------------------------------------------


def table(evidence: Evidence, edits: Iterable[Edit] = ()) -> pd.DataFrame:
    """One row for each fact that can be changed (derived ones follow, conventions of the method stay): fact, about, what, value, low, high, unit, reason, evidence (the
    value in the evidence) and used (whether the model uses it)."""
    own = {edit.fact: edit for edit in edits}
    rows = []
    for fact in evidence.facts.values():
        if fact.formula or fact.id in METHOD:
            continue
        edit = own.get(fact.id)
        rows.append(
            {
                "fact": fact.id, "about": fact.about, "what": fact.what,
                "value": float(edit.value if edit else fact.value),
                "low": _number(edit.low if edit and edit.low is not None else fact.low),
                "high": _number(edit.high if edit and edit.high is not None else fact.high),
                "unit": fact.unit, "reason": edit.reason if edit else "", "evidence": float(fact.value),
                "used": bool(evidence.uses.get(fact.id)),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def from_table(evidence: Evidence, rows: Rows) -> tuple[Edit, ...]:
    """Own numbers from rows of such a table (fact, value, low, high, reason): those that differ from the evidence. A row whose
    numbers are the evidence's is no change, whatever its reason says. Raises `EvidenceError` that names the fact."""
    found = []
    for row in rows:
        name = str(row["fact"])
        fact = evidence.facts.get(name)
        if fact is None:
            raise EvidenceError(f"fact {name[:60]!r}: no such fact")
        value, low, high = (_cell(name, column, row.get(column)) for column in ("value", "low", "high"))
        if value is None:
            raise EvidenceError(f"fact {name!r}: value: a number is missing")
        low, high = (None if new == old else new for new, old in ((low, fact.low), (high, fact.high)))
        if value == float(fact.value) and low is None and high is None:
            continue
        reason = row.get("reason")
        text = reason.strip() if isinstance(reason, str) else ""
        found.append({"fact": name, "value": value, "low": low, "high": high, "reason": text or NO_REASON})
    return read_edits(found)


def _cell(name: str, column: str, value: object) -> float | None:
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        raise EvidenceError(f"fact {name!r}: {column}: {str(value)[:40]!r} is not a number") from None
    if not math.isfinite(number):
        raise EvidenceError(f"fact {name!r}: {column}: {number} is not a number")
    return number


# -- a link -------------------------------------------------------------------------------------------------------------
