"""At the analyst's desk: what a notebook shows of an answer is short, and a sweep over levers is one tidy table."""

from __future__ import annotations

import sys

import pytest
import xarray

from model.engine.engine import Engine
from model.formulation.levers import Choice, LeverError


def test_repr_of_mix_answer_and_engine_is_a_few_lines(engine: Engine) -> None:
    """A cell that ends in an answer shows what it says, not half a million characters of arrays."""
    answer = engine.answer(Choice(china_limit=70))
    for thing in (answer.mix, answer, engine):
        assert len(repr(thing)) < 1000
        assert len(repr(thing).splitlines()) < 10
    assert "china_limit=70" in repr(answer)
    assert f"{answer.mix.indicators['bill_crore']:,.0f} INR crore" in repr(answer.mix)
    assert "<table" in answer._repr_html_()
    assert len(answer._repr_html_()) < 20_000


def test_a_sweep_is_a_tidy_table_with_points_that_no_mix_meets_marked(engine: Engine) -> None:
    """Each combination has its row, also where limits clash: a hole in a table would pass for a point that nobody asked."""
    told: list[tuple[int, int]] = []
    found = engine.sweep(
        lambda done, total: told.append((done, total)),
        Choice(shortfall_limit=0, target_year=2028),
        china_limit=[0, 100],
        likelihood=[0, 100],
    )
    assert found[["china_limit", "likelihood"]].to_numpy().tolist() == [[0, 0], [0, 100], [100, 0], [100, 100]]
    assert told == [(n, 4) for n in (1, 2, 3, 4)]
    assert not found["feasible"][1]
    assert (found["bill_crore"].isna() == ~found["feasible"]).all()
    with pytest.raises(LeverError, match="did you mean"):
        engine.sweep(china_limt=[1])


def test_arrays_of_a_mix_have_named_axes_and_units(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their names they say what the mix's own table says; without xarray the error says what to install."""
    mix = engine.mix(Choice())
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "xarray", None)
        with pytest.raises(ImportError, match="pip install xarray"):
            mix.to_xarray()
    arrays = mix.to_xarray()
    assert isinstance(arrays, xarray.Dataset)
    row = mix.table.iloc[0]
    held = arrays["plan"].sel(route=row["route"], commodity=row["commodity"], year=row["year"])
    assert float(held) == pytest.approx(row["planned_t"])
    assert held.attrs["units"] == "t/y"
    assert arrays["deliver"].dims == ("route", "commodity", "year", "state")
    assert float(arrays["probability"].sum()) == pytest.approx(1.0)
    assert {about.attrs["units"] for about in arrays.data_vars.values()} == {"t", "t/y", "share"}
