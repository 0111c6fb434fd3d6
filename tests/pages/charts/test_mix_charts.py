"""Claims about what the charts draw: the same numbers as the tables, in the routes' own colours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd
import pytest

from model.engine.engine import Engine
from model.evidence.schema import FEEDSTOCKS, MAGNETS
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from model.results.mix import Mix
from pages.parts.charts import mix as charts


@pytest.fixture(scope="module")
def mix(engine: Engine) -> Mix:
    """The mix of the default setting."""
    return engine.answer(Choice()).mix


@pytest.mark.parametrize("undisturbed", [False, True])
@pytest.mark.parametrize(("draw", "commodities"), [(charts.magnets, MAGNETS), (charts.oxide, FEEDSTOCKS)])
def test_areas_hold_what_the_table_holds(
    mix: Mix, evidence: Evidence, draw: Any, commodities: tuple[str, ...], undisturbed: bool
) -> None:
    """Each route and year of the chart is the sum of the mix's own rows."""
    rows = draw(mix, evidence, undisturbed)[0]
    drawn = rows[~rows["kind"].isin(["short", "reserve"])].set_index(["route", "year"])["delivered_t"]
    table = mix.table[mix.table["commodity"].isin(commodities)]
    column = "delivered_undisturbed_t" if undisturbed else "delivered_expected_t"
    short = table["route"].map({route.id: route.short for route in evidence.routes.values()})
    told = table[column].groupby([short, table["year"]]).sum()
    both = pd.concat([drawn, told], axis=1).fillna(0.0)
    assert both.iloc[:, 0].to_numpy() == pytest.approx(both.iloc[:, 1].to_numpy(), abs=0.06)


@pytest.mark.parametrize("undisturbed", [False, True])
def test_deliveries_reserve_and_shortage_reach_demand(mix: Mix, evidence: Evidence, undisturbed: bool) -> None:
    """No part of demand is left unexplained under the dark line."""
    rows = charts.magnets(mix, evidence, undisturbed)[0]
    stack = rows.groupby("year")["delivered_t"].sum()
    assert (stack.to_numpy() >= mix.years["demand_t"].to_numpy() - 1.0).all()


def test_a_route_has_its_own_colour_in_every_chart(mix: Mix, evidence: Evidence) -> None:
    """Colours are data, so that a reader learns them once."""
    own = {route.short: route.colour for route in evidence.routes.values()}
    own |= {charts.RESERVE: charts.RESERVE_COLOUR, charts.SHORT: charts.SHORT_COLOUR}
    for _, spec in (charts.magnets(mix, evidence), charts.oxide(mix, evidence), charts.built(mix, evidence)):
        encoding = spec["encoding"] if "encoding" in spec else spec["layer"][0]["encoding"]
        scale = encoding["color"]["scale"]
        assert scale["range"] == [own[name] for name in scale["domain"]]
    assert len({route.short for route in evidence.routes.values()}) == len(evidence.routes)


def test_every_field_that_a_chart_names_is_in_its_rows(mix: Mix, evidence: Evidence) -> None:
    """A misspelt field would draw nothing and say nothing."""
    drawn = [
        charts.magnets(mix, evidence),
        charts.oxide(mix, evidence, undisturbed=True),
        charts.built(mix, evidence),
        charts.reserve(mix, evidence),
        charts.reserve(mix, evidence, days=False),
        charts.shortage(mix, evidence, 2030),
    ]
    for rows, spec in drawn:
        assert len(rows)
        assert {field for field in fields(spec) if field != "level"} <= set(rows.columns)


def test_the_heatmap_holds_every_state_and_user(mix: Mix, evidence: Evidence) -> None:
    """Nobody is left out, and the worst states stand on top."""
    rows, spec = charts.shortage(mix, evidence, 2030)
    assert len(rows) == len(mix.states) * len(evidence.sectors)
    sort = spec["encoding"]["y"]["sort"]
    assert (sort["field"], sort["op"], sort["order"]) == ("short_in_state_t", "max", "descending")
    assert (rows["short_in_state_t"] - rows.groupby("state")["short_t"].transform("sum")).abs().max() < 1e-9


def test_the_heatmap_holds_what_the_table_of_shortages_holds(mix: Mix, evidence: Evidence) -> None:
    """Each square is what that user goes short of in that state, in tonnes and of that user's own demand."""
    names = {key: sector.name for key, sector in evidence.sectors.items()}
    for year in (2027, 2030, mix.case.years[-1]):
        rows = charts.shortage(mix, evidence, year)[0].drop_duplicates(["state", "sector"])
        told = mix.shortage[mix.shortage["year"] == year]
        by_user = told.groupby([told["state"].map(mix.case.states.index), told["sector"].map(names)])[
            ["demand_t", "short_t"]
        ].sum()
        place = rows["state"].map({name: n for n, name in enumerate(dict.fromkeys(rows["state"]))})
        drawn = rows.set_index([place, "sector"]).loc[by_user.index]
        assert drawn["short_t"].to_numpy() == pytest.approx(by_user["short_t"].to_numpy(), abs=0.06)
        assert drawn["demand_t"].to_numpy() == pytest.approx(by_user["demand_t"].to_numpy(), abs=0.06)
        assert drawn["share"].to_numpy() == pytest.approx(
            (100 * by_user["short_t"] / by_user["demand_t"]).to_numpy(), abs=0.06
        )
        assert by_user["short_t"].max() > 1


def test_no_chart_is_specified_anew_for_a_step_of_a_limit(engine: Engine, evidence: Evidence) -> None:
    """Only its rows change: the browser then moves what it has drawn, where it would have to draw all of it anew."""
    before, after = (engine.answer(Choice(china_limit=percent)).mix for percent in (60, 65))
    for make in (charts.magnets, charts.oxide, charts.built, charts.reserve, partial(charts.shortage, year=2030)):
        assert make(before, evidence)[1] == make(after, evidence)[1]


def test_the_table_behind_the_areas_ends_with_demand(mix: Mix, evidence: Evidence) -> None:
    """What a reader compares with stands in the same table."""
    table = charts.wide(charts.magnets(mix, evidence)[0], mix)
    assert table.index[-1] == "Demand"
    assert list(table.columns) == [str(year) for year in mix.case.years]


def fields(spec: Any) -> Iterator[str]:
    """Every field that a specification names."""
    if isinstance(spec, dict):
        if "field" in spec:
            yield str(spec["field"])
        for value in spec.values():
            yield from fields(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from fields(value)
