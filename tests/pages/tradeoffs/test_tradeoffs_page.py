"""Claims about the Trade-offs page: what it says of the lines, what it draws, and that adopting can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model.analysis.near_optimal.frontier import Curve, Point, frontier, point_of
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from pages.parts.tradeoffs import frontier_chart, parallel_coordinates
from pages.parts.tradeoffs import text as tradeoffs_text

APP = str(Path(__file__).resolve().parents[3] / "app.py")
PAGE = "pages/challenge/tradeoffs.py"


@pytest.fixture(scope="module")
def here(engine: Engine) -> Point:
    """Where the default mix stands."""
    return point_of(engine.answer(Choice()).mix)


@pytest.fixture(scope="module")
def curves(engine: Engine) -> list[Curve]:
    """Two short lines."""
    return list(frontier(engine, Choice(), (60.0, 100.0), 7))


@pytest.fixture(scope="module")
def page() -> AppTest:
    """The page at the default levers; tests must not change it."""
    return opened()


def opened() -> AppTest:
    """The page as a visitor first sees it."""
    return AppTest.from_file(APP, default_timeout=120).run().switch_page(PAGE).run()


def text(app: AppTest) -> str:
    """All text of the page in one."""
    return " ".join(part.value for part in app.markdown).replace("\u00a0", " ")


def test_the_page_opens_with_one_sentence_on_what_safety_costs(page: AppTest) -> None:
    """From where the levers stand, to what, at what price, and where the bend is."""
    assert not page.exception
    assert not page.error
    first = page.markdown[0].value.replace("\u00a0", " ")
    assert first.startswith("## Getting from 20 % to ")
    assert "crore a year more" in first
    assert "the bend is at" in first


def test_the_price_in_the_sentence_is_the_distance_along_the_line(curves: list[Curve], here: Point) -> None:
    """The least shortfall of the line lies above half of today's, so the sentence goes to the end of the line and prices just that."""
    line = curves[0]
    end = line.points[0]
    assert end.tail > here.tail / 2
    more = end.total_crore - here.total_crore
    said = tradeoffs_text.opening(line, here).replace("\u00a0", " ")
    price = float(said.split("costs INR ")[1].split(" crore")[0].replace(",", ""))
    assert price == pytest.approx(more, rel=0.06)
    assert f"to {tradeoffs_text.short_percent(end.tail)} unserved" in said


def test_the_sentence_knows_the_safest_mix_and_a_line_without_any(curves: list[Curve]) -> None:
    """At the safe end there is nothing to buy, only something to save; without a mix the reason is given."""
    assert "cannot be made safer" in tradeoffs_text.opening(curves[0], curves[0].points[0])
    empty = Curve(10.0, (), reason="No mix has at most 10 % from China.")
    assert tradeoffs_text.opening(empty, curves[0].points[0]) == empty.reason
    assert tradeoffs_text.missing([*curves, empty]) == empty.reason


def test_four_lines_are_drawn_that_of_the_levers_first() -> None:
    """The usual limit that is nearest to the levers' own makes room for it."""
    assert tradeoffs_text.limits(Choice()) == (60.0, 100.0, 50.0, 35.0)
    assert tradeoffs_text.limits(Choice(china_limit=100.0)) == (100.0, 65.0, 50.0, 35.0)


def test_both_charts_share_one_axis_of_shortfall(curves: list[Curve], here: Point, evidence: Evidence) -> None:
    """Stacked under the lines, a route's share stands where its mix stands."""
    rows = frontier_chart.rows(curves, {"This mix": here})
    ends = frontier_chart.domain(rows)
    _, above = frontier_chart.frontier_chart(rows, [60.0, 100.0])
    _, below = frontier_chart.shares_chart(frontier_chart.share_rows(curves[0], evidence), evidence, ends, 20.0)
    assert above["layer"][0]["encoding"]["x"]["scale"] == below["layer"][0]["encoding"]["x"]["scale"]
    assert ends[0] < rows["shortfall_pct"].min() < rows["shortfall_pct"].max() < ends[1]


def test_every_point_of_a_line_is_in_the_table_with_bill_and_harm(curves: list[Curve], here: Point) -> None:
    """The table behind the chart is the chart: every point, bill and harm adding up to the cost."""
    rows = frontier_chart.rows(curves, {"This mix": here})
    assert len(rows) == sum(len(c.points) for c in curves) + 1
    assert (rows["bill_crore"] + rows["harm_crore"]).to_numpy() == pytest.approx(rows["total_crore"].to_numpy())
    assert (rows["kind"] == "bend").sum() == sum(c.knee is not None for c in curves)


def test_adopting_a_point_is_never_tighter_than_the_point(curves: list[Curve], engine: Engine) -> None:
    """The slider has whole percents; rounding the other way could ask for a mix that does not exist."""
    for point in curves[0].points:
        wanted = tradeoffs_text.adopted(point, Choice(aim="china"))
        assert point.choice.shortfall_limit <= wanted.shortfall_limit < point.choice.shortfall_limit + 1
        assert wanted.aim == "cost"
    assert engine.mix(tradeoffs_text.adopted(curves[0].points[0], Choice())).choice.china_limit == 60.0


def test_ranges_keep_just_the_mixes_within_them(curves: list[Curve], here: Point) -> None:
    """Each measure counts; an impossible range is said in a sentence."""
    rows = frontier_chart.rows(curves, {"This mix": here})
    cheap = float(rows["total_crore"].median())
    kept = parallel_coordinates.within(rows, {"total_crore": (0.0, cheap)})
    assert (rows.loc[kept, "total_crore"] <= cheap + 1e-6).all()
    assert (rows.loc[~kept, "total_crore"] > cheap).all()
    assert "None of the" in parallel_coordinates.kept_sentence(
        rows, parallel_coordinates.within(rows, {"hhi": (0.0, 1.0)})
    )
    for measure in parallel_coordinates.MEASURES:
        low, high = parallel_coordinates.reach(rows, measure)
        assert parallel_coordinates.within(rows, {measure.id: (low, high)}).all(), measure.id


def test_the_controls_choose_a_point_and_adopting_it_can_be_undone() -> None:
    """The two controls do what a click on the chart does; the way back leads to where the levers stood."""
    app = opened()
    app.selectbox(key="tradeoff_line").set_value(50.0).run()
    assert "at most 50 % from China" in app.button(key="adopt_point").label
    app.button(key="adopt_point").click().run()
    assert not app.exception
    assert not app.error
    assert app.slider(key="china_limit").value == 50.0
    assert "at most 50 % from China" in text(app) or "50 %" in app.markdown[0].value
    app.query_params.clear()  # without a browser a lever drawn early sends no state, and the address of the run before would stand for it
    app.button(key="undo_adopting").click().run()
    assert app.slider(key="china_limit").value == Choice().china_limit
    assert app.slider(key="shortfall_limit").value == Choice().shortfall_limit


def test_narrowing_a_range_leaves_fewer_mixes() -> None:
    """What stands over the side-by-side view counts what is left."""
    app = opened()
    slider = next(s for s in app.slider if str(s.key).startswith("keep_china_share"))
    low, high = slider.value
    slider.set_value((low, (low + high) / 2)).run()
    assert not app.exception
    left, total = next(p.value for p in app.markdown if "mixes are left" in p.value).split(" mixes")[0].split(" of ")
    assert 0 < int(left) < int(total)


def test_a_box_dragged_over_uprights_keeps_the_part_that_it_covers(curves: list[Curve], here: Point) -> None:
    """Over cost and shortfall, the lower half of each; the others stay whole, and a box beside all uprights asks for nothing."""
    rows = frontier_chart.rows(curves, {"This mix": here})
    ranges = parallel_coordinates.narrowed(rows, (-0.3, 1.2), (-0.05, 0.5))
    assert list(ranges) == ["total_crore", "tail_shortfall"]
    for name, (low, high) in ranges.items():
        least, most = parallel_coordinates.reach(rows, next(m for m in parallel_coordinates.MEASURES if m.id == name))
        assert low == least
        assert high == pytest.approx((least + most) / 2, abs=0.51)
    assert parallel_coordinates.narrowed(rows, (0.3, 0.7), (0, 1)) == {}
    kept = parallel_coordinates.within(rows, ranges)
    assert 0 < kept.sum() < len(rows)
    assert set(parallel_coordinates.left(rows, kept)) == set(rows.loc[kept & (rows["kind"] != "mark"), "point"])


def test_what_is_kept_and_chosen_is_data_so_that_the_drawing_stays(curves: list[Curve], here: Point) -> None:
    """A drawing that changes while somebody drags would end the drag."""
    rows = frontier_chart.rows(curves, {"This mix": here})
    ranges = {"total_crore": (0.0, float(rows["total_crore"].median()))}
    whole = parallel_coordinates.chart(rows, parallel_coordinates.within(rows, {}), [60.0, 100.0])
    part = parallel_coordinates.chart(
        rows, parallel_coordinates.within(rows, ranges), [60.0, 100.0], ranges, str(rows["point"].iloc[0])
    )
    assert whole[1] == part[1]
    assert (part[0]["kind"] == "range").sum() == 1
    assert part[0]["chosen"].sum() == len(parallel_coordinates.MEASURES)


def test_a_mix_that_is_left_can_be_adopted() -> None:
    """The second view leads to levers as the first does."""
    app = opened()
    box = app.selectbox(key="kept_mix")
    box.select(next(label for label in box.options if "at most 50 %" in label)).run()
    app.button(key="adopt_kept").click().run()
    assert not app.exception
    assert app.slider(key="china_limit").value == 50.0
