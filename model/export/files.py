"""What people take away: the mix as CSV and workbook, the scenario that leads to it again, and the answer as JSON. The one-page brief
stands in `brief`, everything together in `pack`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import yaml

from model import __version__
from model.analysis.validation.case_record import case_json
from model.engine.active_limits import NoMix
from model.engine.engine import Answer
from model.evidence.store import Evidence
from model.evidence.user_edits import as_rows, own_numbers
from model.export.workbook.workbook import workbook
from model.formulation.levers import Choice, Value
from model.provenance import digest, versions
from model.results.indicators import INDICATORS
from model.results.mix import Mix

TITLE_LENGTH = 200
"""A scenario's title is cut to so many characters."""
SCENARIO_HEAD = (
    "# A scenario of the India magnet explorer. Load it on the page, or: python -m model solve --scenario FILE\n"
)
DECIMALS = 6
"""Decimals in the CSV: a gram where the column is in tonnes."""


def mix_csv(mix: Mix, evidence: Evidence | None = None) -> bytes:
    """The mix, one row for each route, commodity and year, as UTF-8 CSV with the units in the column names. Evidence with own numbers
    adds a column `own_numbers` that names their facts in every row."""
    text: str = marked(mix.table.round(DECIMALS), evidence).to_csv(index=False, lineterminator="\n")
    return text.encode()


def marked(frame: pd.DataFrame, evidence: Evidence | None) -> pd.DataFrame:
    """A table with a column `own_numbers`, the facts that own numbers stand for, in every row; the same table without own numbers."""
    return frame.assign(own_numbers=" ".join(sorted(evidence.own))) if evidence is not None and evidence.own else frame


def scenario_yaml(mix: Mix, evidence: Evidence, title: str = "") -> str:
    """The scenario as YAML: every lever's value, what it was worked out with and the headline results.

    `levers.read_scenario` loads it to the same choice. Own numbers stand under `facts`. Only these and the levers are read; the rest says what to expect."""
    content = {
        "title": title[:TITLE_LENGTH],
        **versions(evidence, mix.choice),
        "levers": {name: _plain(value) for name, value in mix.choice.values().items()},
        **({"facts": as_rows(evidence.own.values())} if evidence.own else {}),
        "results": {name: float(f"{value:.9g}") for name, value in mix.indicators.items()},
    }
    return SCENARIO_HEAD + str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120))


def _plain(value: Value) -> Value:
    """A whole number without its point, so that 65.0 reads 65."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def solve_json(answer: Answer, evidence: Evidence) -> dict[str, Any]:
    """An answer as JSON values: costs in kUSD discounted to the first year, indicators in `indicator_units`, volumes in t."""
    mix = answer.mix
    proof = mix.proof
    return {
        "status": mix.status,
        **costs(mix),
        "indicators": dict(mix.indicators),
        "indicator_units": {indicator.id: indicator.unit for indicator in INDICATORS},
        "cheapest": {"total_kusd": answer.cheapest.total_kusd, "indicators": dict(answer.cheapest.indicators)},
        "today": {"total_kusd": answer.today.total_kusd, "indicators": dict(answer.today.indicators)},
        "levers": mix.choice.values(),
        "mix": mix.table.to_dict("records"),
        "states": mix.states.to_dict("records"),
        "proof": {
            "primal_kusd": proof.primal_kusd,
            "dual_kusd": proof.dual_kusd,
            "gap_share": proof.gap,
            "violation": proof.violation,
            "solver": proof.solver,
            "seconds": proof.seconds,
            "iterations": proof.iterations,
            "states_kept": proof.states_kept,
            "rows": proof.rows,
            "columns": proof.columns,
        },
        "own_numbers": own_numbers(evidence),
        **versions(evidence, mix.choice),
    }


def costs(mix: Mix) -> dict[str, float]:
    """The objective and the parts that it is the sum of, kUSD."""
    return {
        "objective_kusd": mix.objective_kusd,
        "supply_cost_kusd": mix.supply_cost_kusd,
        "shortage_cost_kusd": mix.shortage_cost_kusd,
        "investment_kusd": mix.investment_kusd,
        "reserve_cost_kusd": mix.reserve_cost_kusd,
        "preference_kusd": mix.preference_kusd,
    }


def no_mix_json(error: NoMix, choice: Choice, evidence: Evidence) -> dict[str, Any]:
    """That no mix meets the limits, which limits are on, and with which levers."""
    return {
        "status": "no_mix",
        "limits": list(error.limits),
        "message": str(error),
        "levers": choice.values(),
        "own_numbers": own_numbers(evidence),
        **versions(evidence, choice),
    }


__all__ = [
    "__version__", "case_json", "costs", "digest", "marked", "mix_csv", "no_mix_json", "scenario_yaml", "solve_json", "workbook",
]  # fmt: skip
