"""What the Method page says: the formulation from the docstrings, the states of the world, the size, the limits of the method."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pandas as pd

from model.analysis.validation.calibration import Check
from model.analysis.validation.textbook import CASES
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation import constraints
from model.formulation.constraints import FAMILIES
from model.results.mix import Mix
from pages.parts.text import common as words

TITLE = "How the answer is found, and how far to trust it"
WORTH_NOTE = (
    "The first is the expected value of perfect information: contracts chosen for each state, plants and stock in common."
    " The second is the value of the stochastic solution: the plan for the average year, met by all states, costs that much more."
    " Limits on shortfall, vital users, home-made share and premium are set aside for both; money is a yearly average over the years"
    " with decisions."
)
HONEST = (
    "**Years are independent.** A bad year does not make the next one more likely, and the reserve counts as refilled before it,"
    " at the dearest undisturbed price. Without that rule a reserve bought once would be free supply every year.",
    "**A year is one step.** A cut of three months is a quarter of a year's cut, and stock moves freely within the year.",
    "**Costs are straight lines.** No economies of scale, no learning, no whole plants; partners' prices do not answer to Indian demand.",
    "**Most of what is said about 2030 and later is an analyst assumption,** marked so on the Evidence page. Shortage penalties have"
    " the widest ranges and decide how much insurance pays.",
    "**Dependence on China counts contracts** and may pass 100 % of demand when more is contracted than needed as insurance.",
    "**Sixteen states stand for all.** Each event keeps its own probability exactly; very rare joint states are carried by their"
    " nearest kept neighbour.",
    "**2026 is held at today's course;** decisions begin in 2027.",
)


def family_text(family: Callable[..., object]) -> tuple[str, str, str]:
    """Name in words, formula, and the plain sentence of one family of constraints, from its function."""
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", inspect.getdoc(family) or "").strip()
    formula, _, plain = text.partition("   ")
    name = family.__name__.replace("_", " ")
    if not plain:
        *formulas, last = text.split("\n")
        formula, plain = "\n".join(formulas) or last, "" if not formulas else last
    return name[:1].upper() + name[1:], " ".join(formula.split()), " ".join(plain.split())


def formulation(rows_of: dict[str, int]) -> pd.DataFrame:
    """One row for each family: what it does, how many rows it has, its formula, in plain words."""
    found = []
    for family in FAMILIES:
        name, formula, plain = family_text(family)
        found.append({"Rule": name, "In plain words": plain, "Formula": formula, "Rows": rows_of[family.__name__]})
    return pd.DataFrame(found)


def symbols() -> str:
    """The table of symbols at the head of the program."""
    lines = (inspect.getdoc(constraints) or "").splitlines()
    return "\n".join(line for line in lines if line.startswith("|"))


def states(mix: Mix) -> pd.DataFrame:
    """States of the world with their probability, how much of demand they leave unserved in the target year, and their length."""
    year = int(mix.choice.target_year)
    lost = mix.outcomes[mix.outcomes["year"] == year].set_index("state")["lost_share"]
    table = mix.states
    return pd.DataFrame(
        {
            "State of the world": table["name"],
            "Probability in a year": [words.percent(p, 1) for p in table["probability"]],
            f"Demand unserved in {year}": [words.percent(float(lost[s]), 1) for s in table["state"]],
            "A reserve must last (years)": table["length_years"],
        }
    )


def events(evidence: Evidence) -> pd.DataFrame:
    """Events with their probability, length and what they do."""
    found = []
    for event in evidence.events.values():
        if event.probability is None:
            continue
        cuts = [evidence.value(cut.share) for cut in event.cuts]
        found.append(
            {
                "Event": event.name,
                "What happens": event.plain,
                "Group": event.group.replace("_", " "),
                "Probability in a year": words.percent(evidence.value(event.probability)),
                "Months": evidence.value(event.months),
                "Largest cut": words.percent(max(cuts)) if cuts else "none",
                "Facts": ", ".join(dict.fromkeys([event.probability, event.months, *(c.share for c in event.cuts)])),
            }
        )
    return pd.DataFrame(found)


def calibration(checks: tuple[Check, ...]) -> pd.DataFrame:
    """Model against observed for 2025."""

    def shown(check: Check, value: float) -> str:
        return words.percent(value, 1) if check.unit == "share" else words.tonnes(value)

    return pd.DataFrame(
        {
            "2025": [c.what for c in checks],
            "Model": [shown(c, c.model) for c in checks],
            "Observed": [shown(c, c.observed) for c in checks],
            "Range of the evidence": [f"{shown(c, c.low)} to {shown(c, c.high)}" for c in checks],
            "Within": ["yes" if c.within else "NO" for c in checks],
            "Facts": [", ".join(c.facts) for c in checks],
        }
    )


def published(evidence: Evidence) -> pd.DataFrame:
    """Published cases with known answers against what the same building blocks give here."""
    found = []
    for case in CASES:
        for value, obtained in zip(case.published, case.obtained(evidence), strict=True):
            digits = value.decimals
            found.append(
                {
                    "Case": case.name,
                    "What": value.what,
                    "Unit": value.unit,
                    "Published": words.number(value.value, digits),
                    "Obtained here": words.number(obtained, digits),
                    "Agrees": "yes" if value.agrees(obtained) else "NO",
                    "Source": case.source,
                }
            )
    return pd.DataFrame(found)


def opening(engine: Engine, mix: Mix) -> str:
    """One sentence on what stands behind the numbers on screen."""
    proof = mix.proof
    return (
        f"A linear program with {words.number(proof.columns)} columns and {words.number(proof.rows)} rows finds the cheapest plan that"
        f" keeps the limits in {proof.states_kept} states of the world (they stand for all {len(engine.states.all)});"
        f" its optimum is proved to within {max(proof.gap, 1e-12):.0e} of its cost."
    )
