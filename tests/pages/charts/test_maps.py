"""Claims about the map: what it shows is what the mix says, and it asks no other server for anything."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from model.evidence.loading import load_evidence
from pages.parts.charts import flows, geometry, maps
from pages.parts.charts import layers as drawing
from pages.parts.evidence import world_market

EVIDENCE = load_evidence()
PLAN = {
    "china_magnets": ("ndfeb", 4000.0, 50.0),
    "indian_plants": ("ndfeb", 1000.0, 70.0),
    "china_oxides": ("ndpr_oxide", 400.0, 90.0),
}


def mix_of(kept: dict[str, float]) -> Any:
    """A mix of one year, 2030, and two states; `kept` is the share of each route's plan that the squeeze leaves."""
    table = pd.DataFrame(
        [(r, c, 2030, t, 0.9 * t, t, cost) for r, (c, t, cost) in PLAN.items()],
        columns=[
            "route", "commodity", "year", "planned_t", "delivered_expected_t", "delivered_undisturbed_t", "cost_usd_per_kg",
        ],
    )  # fmt: skip
    states = pd.DataFrame(
        {"state": ["undisturbed", "squeeze"], "name": ["Undisturbed", "Squeeze"], "probability": [0.8, 0.2]}
    )

    def delivered(state: str) -> pd.DataFrame:
        share = table["route"].map(kept).fillna(1.0) if state == "squeeze" else 1.0
        keys = table[["route", "commodity", "year", "planned_t"]]
        return keys.assign(delivered_t=table["planned_t"] * share, available_share=share)

    years = pd.DataFrame({"year": [2030], "demand_t": [8000.0]})
    outcomes = pd.DataFrame(
        {"year": 2030, "state": ["undisturbed", "squeeze"], "lost_share": [0.0, 0.5], "draw_t": [0.0, 700.0]}
    )
    return SimpleNamespace(
        table=table, states=states, outcomes=outcomes, years=years, delivered=delivered, case=SimpleNamespace(years=(2030,)),
    )  # fmt: skip


MIX = mix_of({"china_magnets": 0.25, "china_oxides": 0.0})


def layers(deck: drawing.CompactDeck) -> dict[str, Any]:
    return {layer["id"]: layer for layer in json.loads(deck.to_json())["layers"]}


def draw(state: str, look: str = "Routes") -> dict[str, Any]:
    table = flows.flows(MIX, EVIDENCE, 2030, state)
    return layers(maps.deck(table, EVIDENCE, 2030, flows.widest(MIX), maps.VIEWS[look], drawing.LIGHT))


def by_route(state: str) -> dict[str, flows.Flow]:
    return {flow.route.id: flow for flow in flows.flows(MIX, EVIDENCE, 2030, state)}


def test_shares_of_magnets_are_of_demand_and_shares_of_oxide_of_all_oxide() -> None:
    shown = by_route(flows.EXPECTED)
    assert shown["china_magnets"].share == pytest.approx(0.45)
    assert shown["indian_plants"].share == pytest.approx(0.1125)
    assert shown["china_oxides"].share == pytest.approx(1.0)


def test_a_cut_route_shows_what_still_arrives() -> None:
    shown = by_route("squeeze")
    assert shown["china_magnets"].arrives_t == pytest.approx(1000.0)
    assert {name for name, flow in shown.items() if flow.cut} == {"china_magnets", "china_oxides"}
    assert shown["china_magnets"].status == "CUT, 75 % lost"


def test_nothing_is_cut_on_the_average_or_in_an_undisturbed_year() -> None:
    for state in (flows.EXPECTED, flows.UNDISTURBED):
        assert not any(flow.cut for flow in by_route(state).values())
        assert "crosses" not in draw(state)


def test_arcs_are_as_wide_as_the_flow() -> None:
    arcs = draw(flows.UNDISTURBED)["flows"]["data"]
    assert arcs[0]["px"] == pytest.approx(maps.WIDEST_PX)
    assert draw("squeeze")["flows"]["data"][0]["px"] == pytest.approx(maps.WIDEST_PX / 4)


def test_a_cut_is_told_by_more_than_colour() -> None:
    drawn = draw("squeeze")
    assert [row["cross"] for row in drawn["crosses"]["data"]] == ["\u2715", "\u2715"]
    assert {row["text"] for row in drawn["names"]["data"]} >= {"China 1,000 t CUT -75 %", "China oxide 0 t CUT -100 %"}
    assert drawn["flows"]["data"][0]["colour"] == drawing.RED


def test_arcs_run_from_the_source_site_to_the_indian_port() -> None:
    arc = draw(flows.EXPECTED)["flows"]["data"][0]
    route = EVIDENCE.routes["china_magnets"]
    source, port = EVIDENCE.sites[route.site], EVIDENCE.sites[route.port]
    assert (arc["source"], arc["target"]) == ([source.lon, source.lat], [port.lon, port.lat])
    assert port.country == "India"


def test_oxide_is_dashed_and_home_routes_are_circles() -> None:
    drawn = draw(flows.EXPECTED)
    assert [row["id"] for row in drawn["oxide"]["data"]] == ["china_oxides"]
    assert drawn["oxide"]["extensions"][0]["dash"] is True
    assert [row["id"] for row in drawn["home"]["data"]] == ["indian_plants"]


def test_all_sites_stand_on_the_map_with_a_letter_for_their_stage() -> None:
    dots = draw(flows.EXPECTED)["letters"]["data"]
    assert len(dots) == len(EVIDENCE.sites) == 53
    assert {dot["letter"] for dot in dots} <= {letter for letter, _, _ in drawing.STAGES.values()}
    assert len({letter for letter, _, _ in drawing.STAGES.values()}) == len(drawing.STAGES)


def test_every_pickable_row_has_its_tooltip_and_it_is_safe_html() -> None:
    for look in maps.VIEWS:
        for layer in draw("squeeze", look).values():
            if layer.get("pickable"):
                assert all(row["title"] and row["tip"] for row in layer["data"])
                assert not any("<" in text for row in layer["data"] for text in (row["tip"], row["more"], row["basis"]))


def test_hovering_tells_tonnes_share_cost_and_source() -> None:
    row = draw(flows.EXPECTED)["flows"]["data"][0]
    tip = " ".join((row["tip"], row["more"], row["basis"]))
    fact = EVIDENCE.facts["base_china_cost_2030"]
    assert all(part in tip for part in ("3,600 t", "45.0 %", "USD 50.0/kg", fact.source.title))


def test_the_map_asks_no_other_server() -> None:
    """pydeck's own placeholder for the style is left alone: any other value, even none, makes the page load tiles."""
    table = flows.flows(MIX, EVIDENCE, 2030, flows.EXPECTED)
    for view in (*maps.VIEWS.values(), *maps.PHONE_VIEWS.values()):
        text = maps.deck(table, EVIDENCE, 2030, 4000.0, view, drawing.DARK).to_json()
        assert "://" not in text
        assert json.loads(text)["mapStyle"] == "__MAP_STYLE__"
        assert "mapProvider" not in json.loads(text)


def test_the_outline_is_served_by_the_app_and_draws_india_whole() -> None:
    """Srinagar, Leh, Aksai Chin, Gilgit and Tawang lie inside the outline that stands for India."""
    for file in (geometry.OUTLINE_FILE, geometry.OUTLINE_FILE.with_name("world.geojson")):
        shapes = json.loads(file.read_text(encoding="utf-8"))["features"]
        (india,) = [shape["geometry"] for shape in shapes if shape["properties"]["iso_n3"] == "356"]
        parts = [india["coordinates"]] if india["type"] == "Polygon" else india["coordinates"]
        for place in ((74.8, 34.1), (77.6, 34.2), (79.5, 35.2), (74.3, 35.9), (91.9, 27.6)):
            assert any(inside(place, part[0]) for part in parts), (file.name, place)
    assert geometry.OUTLINE_FILE.stat().st_size < 120_000


def inside(place: tuple[float, float], ring: list[list[float]]) -> bool:
    """Whether a ray from the place crosses the ring an odd number of times."""
    x, y = place
    hits = [
        x < ax + (y - ay) / (by - ay) * (bx - ax)
        for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True)
        if (ay > y) != (by > y)
    ]
    return sum(hits) % 2 == 1


def test_a_curve_keeps_its_ends_and_swings_by_its_bend() -> None:
    line = geometry.curve([100.0, 0.0], [70.0, 0.0], 0.2)
    assert (line[0], line[-1]) == ([100.0, 0.0], [70.0, 0.0])
    middle = math.radians(line[len(line) // 2][1])
    assert math.asinh(math.tan(middle)) == pytest.approx(-0.2 * math.radians(30) / 2, abs=1e-4)


def test_world_circles_have_the_area_of_their_value() -> None:
    rows = maps.country_circles(world_market.by_country(EVIDENCE, world_market.RESERVES), "Mt")
    radius = {row["title"]: row["radius"] for row in rows}
    assert (radius["Brazil"] / radius["China"]) ** 2 == pytest.approx(21 / 44, abs=0.02)
    assert {"India", "USA", "Vietnam", "Australia"} <= set(radius)


def test_the_table_says_the_same_as_the_map() -> None:
    table = flows.flows(MIX, EVIDENCE, 2030, "squeeze")
    shown = flows.display(table).set_index("Route")
    assert shown.at["Chinese magnets under licence", "Arrives, t"] == 1000
    assert shown.at["Chinese magnets under licence", "Share, %"] == 12.5
    assert shown.at["Chinese magnets under licence", "USD/kg"] == 50.0


def test_the_headline_adds_up() -> None:
    table = flows.flows(MIX, EVIDENCE, 2030, "squeeze")
    text = flows.headline(MIX, EVIDENCE, table, 2030, "squeeze")
    assert all(part in text for part in ("2,000 t of the 8,000 t", "China 1,000 t", "two routes are cut"))
    assert "the reserve gives 700 t and 4,000 t are missing" in text
    assert flows.balance(MIX, 2030, flows.EXPECTED) == pytest.approx((800.0, 140.0))


def test_labels_never_lie_on_each_other() -> None:
    for look in maps.VIEWS:
        names = draw(flows.EXPECTED, look)["names"]["data"]
        places = [(tuple(row["position"]), tuple(row["offset"])) for row in names]
        assert len(places) == len(set(places))


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> AppTest:
    app = AppTest.from_file(str(Path(__file__).resolve().parents[3] / "app.py"), default_timeout=60).run()
    app.switch_page("pages/choose/map.py").run()
    assert not app.exception
    return app


def shown(app: AppTest) -> dict[str, Any]:
    return {layer["id"]: layer for layer in json.loads(app.get("deck_gl_json_chart")[0].proto.json)["layers"]}


def test_the_page_says_the_same_in_map_table_and_headline(page: AppTest) -> None:
    table = page.dataframe[0].value
    drawn = [row for name in ("flows", "oxide", "home") for row in shown(page).get(name, {"data": []})["data"]]
    assert sorted(row["title"] for row in drawn) == sorted(table["Route"])
    magnets = table.loc[table["What"] == "magnets", "Arrives, t"].sum()
    stated = float(
        page.main.markdown[0].value.replace("\u00a0", " ").split(", ", 1)[1].split(" t of the ")[0].replace(",", "")
    )
    assert stated == pytest.approx(magnets, abs=len(table))


def test_every_state_and_year_can_be_shown(page: AppTest) -> None:
    for place in range(len(page.selectbox(key="map_state").options)):
        page.selectbox(key="map_state").select_index(place).run()
        assert not page.exception, place
    assert "crosses" in shown(page)
    for year in (2026, 2035, 2030):
        page.slider(key="map_year").set_value(year).run()
        assert not page.exception, year
        assert str(year) in page.main.markdown[0].value


@pytest.mark.parametrize("context", ["Reserves", "Mine output", "Off"])
def test_the_world_around_can_be_shown_and_hidden(page: AppTest, context: str) -> None:
    page.segmented_control(key="map_world").set_value(context).run()
    assert not page.exception
    assert ("world" in shown(page)) == (context != "Off")


def test_the_outline_carries_its_attribution(page: AppTest) -> None:
    assert any("Natural Earth; DataMeet India community" in text.value for text in page.caption)
