"""Claims about published cases: the building blocks of the product give the printed answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.analysis.uncertainty.value_of_information import worth
from model.analysis.validation import textbook
from model.analysis.validation.textbook import CASES, PublishedCase, apl1p, farmer, lands, least_tail
from model.evidence.loading import load_evidence
from model.results.indicators import tail_average

EVIDENCE = load_evidence()
VALUES = [pytest.param(case, i, id=f"{case.id}-{v.what}") for case in CASES for i, v in enumerate(case.published)]


@pytest.mark.parametrize(("case", "i"), VALUES)
def test_every_published_value_is_obtained_to_its_printed_precision(case: PublishedCase, i: int) -> None:
    """The table on the Method page may show nothing but agreement."""
    obtained = case.obtained(EVIDENCE)
    assert len(obtained) == len(case.published)
    assert case.published[i].agrees(obtained[i]), (case.published[i], obtained[i])


def test_a_value_one_unit_off_in_its_last_digit_does_not_agree() -> None:
    """A table that could not disagree would prove nothing."""
    for case in CASES:
        for value in case.published:
            assert not value.agrees(value.value + 10.0**-value.decimals)


def test_apl1p_has_1280_states_whose_probabilities_sum_to_one() -> None:
    """Five independent uncertain numbers with 4, 5, 4, 4 and 4 outcomes."""
    assert apl1p().probability.shape == (1280,)
    assert apl1p().probability.sum() == pytest.approx(1.0, abs=1e-12)


def test_the_farmer_gains_and_power_plants_cost_yet_no_value_of_information_is_negative() -> None:
    """EVPI and VSS have the same sign whether more is better or less."""
    for problem in (farmer(), lands()):
        found = worth(problem)
        assert found.evpi > 0
        assert found.vss > 0


def test_a_state_that_is_certain_leaves_nothing_to_know() -> None:
    """With one state, foresight and the averaged plan are the plan itself."""
    problem = lands()
    certain = textbook.Recourse(
        problem.plan, problem.first, problem.then, np.ones(1), {"demand": problem.data["demand"][1:2]}
    )
    found = worth(certain)
    assert found.evpi == pytest.approx(0, abs=1e-9)
    assert found.vss == pytest.approx(0, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 7.0), st.floats(0.05, 1.0)), min_size=2, max_size=5),
)
def test_value_of_information_is_never_negative_whatever_the_demand(outcomes: list[tuple[float, float]]) -> None:
    """Demand up to 7 is what the capacity of every plan can serve, so every held plan has an answer."""
    problem = lands()
    demand = np.array([[d, 3.0, 2.0] for d, _ in outcomes])
    weight = np.array([w for _, w in outcomes])
    other = textbook.Recourse(problem.plan, problem.first, problem.then, weight / weight.sum(), {"demand": demand})
    found = worth(other)
    assert found.evpi >= -1e-6
    assert found.vss >= -1e-6
    assert found.average_problem <= found.foresight + 1e-6, "only right-hand sides differ, so cost is convex in them"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.01, 1.0)), min_size=1, max_size=8),
    st.floats(0.01, 0.5),
)
def test_the_rows_of_the_program_and_the_formula_measure_the_same_tail(
    outcomes: list[tuple[float, float]], tail: float
) -> None:
    """What limits a mix (rows) and what is reported of it (formula) must be one number, wherever the tail cuts an outcome."""
    losses, weight = np.array([loss for loss, _ in outcomes]), np.array([w for _, w in outcomes])
    probability = weight / weight.sum()
    by_rows, _ = least_tail(
        probability, tail, lambda sheet: [[(sheet.column(f"x{k}", 1.0, 1.0), float(x))] for k, x in enumerate(losses)]
    )
    assert by_rows == pytest.approx(tail_average(losses, probability, tail), abs=1e-6)


def test_cases_hold_without_highs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where HiGHS is missing CBC solves the same sheets, and the answers are the same."""
    monkeypatch.setattr(textbook, "HAS_HIGHS", False)
    assert worth(farmer()).evpi == pytest.approx(7015.5556, abs=1e-2)
    assert worth(lands()).vss == pytest.approx(2.13333, abs=1e-4)
    wyndor = next(case for case in CASES if case.id == "wyndor")
    assert wyndor.work_out() == pytest.approx([v.value for v in wyndor.published], abs=1e-6)
