"""The calibration year: with the situation of 2025 as input the model gives back what was observed."""

from __future__ import annotations

import pytest

from model.analysis.validation.calibration import calibration, calibration_mix
from model.evidence.store import Evidence


def test_2025_comes_out_as_observed(evidence: Evidence) -> None:
    """Imports from China and from all others, China's share and the near-zero shortage lie within the evidence's ranges."""
    checks = calibration(evidence)
    assert len(checks) == 4
    for check in checks:
        assert check.within, f"{check.what}: {check.model} outside {check.low} to {check.high}"


def test_the_fall_of_2025_is_worked_out_not_copied(evidence: Evidence) -> None:
    """Chinese deliveries are the normal flow less 58 % for 6.9 months of the year, worked out by hand; the observed 3,400 t is no input."""
    by_hand = evidence.value("china_normal_2025") * (
        1 - evidence.value("fall_58pct") * evidence.value("india_licence_lag") / 12
    )
    assert calibration(evidence)[0].model == pytest.approx(by_hand, abs=0.1)
    moved = evidence.with_values({"base_china_avail_2025": 3000.0})
    assert calibration(moved)[0].model == pytest.approx(by_hand, abs=0.1)


def test_a_deeper_fall_would_not_fit(evidence: Evidence) -> None:
    """The check can fail: had the whole flow stopped for those months, the model would leave demand unserved."""
    deeper = evidence.with_values({"fall_58pct": 0.95})
    checks = calibration(deeper)
    assert not checks[0].within
    assert checks[-1].model > 0.05


def test_without_the_makers_own_stock_2025_would_have_been_short(evidence: Evidence) -> None:
    """The stock of five weeks is what kept the year near zero shortage; it is drawn, and no more than there was."""
    mix = calibration_mix(evidence)
    assert 0 < mix.draw.sum() <= mix.case.opening.sum() + 1e-6
    bare = evidence.with_values({"india_inventory_weeks": 0.0})
    assert calibration(bare)[-1].model > 0.05


def test_a_year_in_which_nothing_is_imported_has_a_calibration(evidence: Evidence) -> None:
    """Where no missing kg does harm nothing is bought: a share of nothing is nothing, not an error."""
    free = dict.fromkeys({sector.penalty for sector in evidence.sectors.values()}, 0.0)
    found = {check.unit: check.model for check in calibration(evidence.with_values(free)) if "imported" in check.what}
    assert found == {"share": 0.0}
