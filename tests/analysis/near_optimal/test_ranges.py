"""Claims about the room around the optimum: ranges of routes, must-have or never, and clearly different mixes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pytest

from model.analysis.near_optimal.alternatives import DIFFERENT, Alternatives, alternatives
from model.analysis.near_optimal.ranges import MarginError, Range, Ranges, Room, ranges, ranges_by_year
from model.engine.engine import Engine
from model.errors import InputError
from model.formulation.levers import Choice, lever_named
from model.results.comparison import apart
from tests.support.paper import World, off_choice

YEARS = 9
"""Years with decisions, 2027 to 2035."""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """100 t a year for ten years, from China at 50 or Japan at 100 USD/kg; a missing tonne costs 1,000 kUSD."""
    world = World().route("china", 50, 100, today="fills").route("japan", 100, 100, "Japan").sector("users", 100, 1000)
    return Engine(world.evidence(tmp_path_factory.mktemp("two")), None)


@pytest.fixture(scope="module")
def needed(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """As before, but China has only 60 t a year and a third route has nothing to sell."""
    world = (
        World().route("china", 50, 60, today="fills").route("japan", 100, 100, "Japan").route("nobody", 10, 0, "Japan")
    )
    return Engine(world.sector("users", 100, 1000).evidence(tmp_path_factory.mktemp("needed")), None)


@pytest.fixture(scope="module")
def different(small: Engine) -> Alternatives:
    """Clearly different mixes of the small world within 5 %."""
    return alternatives(small, Choice(china_limit=60, shortfall_limit=30), 5.0)


class Work(Protocol):
    """Work on a choice within a margin that can be gone on with: `ranges` or `alternatives`."""

    def __call__(self, engine: Engine, choice: Choice, margin: float, **more: Any) -> Ranges | Alternatives: ...


def told(found: Ranges | Alternatives) -> pd.DataFrame:
    """The tonnes found: by route for ranges, by mix and route for clearly different mixes."""
    return found.frame if isinstance(found, Ranges) else found.supply


def by_route(found: Ranges) -> dict[str, tuple[float, float, float]]:
    return {r.route: (r.least_t, r.optimum_t, r.most_t) for r in found.ranges}


def test_ranges_of_two_routes_are_right_to_the_tonne(two: Engine) -> None:
    """The least cost is 10 years x 100 t x 50 = 50,000 kUSD; 5 % of it buys 2,500 / (100 - 50) = 50 t of the dearer route."""
    found = by_route(ranges(two, off_choice(), 5.0))
    assert found["china"] == pytest.approx((850, 900, 900), abs=0.01)
    assert found["japan"] == pytest.approx((0, 0, 50), abs=0.01)


def test_in_one_year_a_route_can_have_the_whole_margin(two: Engine) -> None:
    """Spent in a single year, 5 % buys the same 50 t in that year, and 20 % no more than the 100 t that are needed."""
    for margin, most in ((5.0, 50.0), (20.0, 100.0)):
        found = ranges_by_year(two, off_choice(), "japan", margin)
        assert [r.year for r in found.ranges] == list(range(2027, 2036))
        assert [r.most_t for r in found.ranges] == pytest.approx([most] * YEARS, abs=0.01)


def test_what_nobody_uses_is_no_supply(two: Engine) -> None:
    """With money for any amount a route still supplies at most what is needed: buying to throw away does not count."""
    found = by_route(ranges(two, off_choice(), 100.0))
    assert found["japan"][2] == pytest.approx(900, abs=0.01)
    assert found["china"][2] == pytest.approx(900, abs=0.01)


def test_without_a_margin_only_the_optimum_is_left(two: Engine) -> None:
    for low, here, high in by_route(ranges(two, off_choice(), 0.0)).values():
        assert low == pytest.approx(here, abs=1e-3)
        assert high == pytest.approx(here, abs=1e-3)


def test_must_have_real_choice_and_never(needed: Engine) -> None:
    """Without Japan's 40 t a year each missing tonne costs 1,000; so Japan is in every mix. The route with nothing is in none. At 5 %
    China can still not go to 0; at 100 % it can."""
    kinds = {r.route: r.kind for r in ranges(needed, off_choice(), 5.0).ranges}
    mine = {route: kinds[route] for route in ("china", "japan", "nobody")}
    assert mine == {"china": "must-have", "japan": "must-have", "nobody": "never"}
    assert {r.route: r.kind for r in ranges(needed, off_choice(), 100.0).ranges}["china"] == "real choice"


@pytest.mark.parametrize(
    ("least", "most", "kind"),
    [(17.0, 5_000.0, "real choice"), (51.0, 5_000.0, "must-have"), (17.0, 20.0, "must-have"), (7.0, 20.0, "real choice"), (0.0, 7.0, "never")],
)  # fmt: skip
def test_a_trace_makes_no_must_have(least: float, most: float, kind: str) -> None:
    """17 t of a demand of 80,000 t, from a route that can give thousands, is a rounding of the plan, not a need."""
    assert Range("vietnam", None, least, least, most, 80_000.0).kind == kind


def test_the_optimum_lies_in_every_range(small: Engine) -> None:
    """True by the meaning of a range; wrong if the cost cap or the limits were not those of the optimum."""
    choice = Choice(china_limit=60, shortfall_limit=30)
    room = Room(small, choice, 3.0)
    for r in ranges(small, choice, 3.0).ranges:
        assert -1e-9 <= r.least_t <= r.optimum_t <= r.most_t
        assert r.optimum_t == pytest.approx(
            room.optimum.expected[room.case.routes.index(r.route)][:, ~room.case.fixed].sum(), abs=1e-6
        )


def test_a_wider_margin_never_narrows_a_range(small: Engine) -> None:
    choice = Choice(china_limit=60, shortfall_limit=30)
    near, far = by_route(ranges(small, choice, 1.0)), by_route(ranges(small, choice, 6.0))
    for route, (low, _, high) in near.items():
        assert far[route][0] <= low + 1e-4
        assert far[route][2] >= high - 1e-4


def test_the_solver_without_highs_finds_the_same_ranges(two: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """CBC solves the program written anew with the other objective; the answer must not depend on who solves."""
    with two.worker() as worker:
        monkeypatch.setattr(worker, "live", None)
    found = by_route(ranges(two, off_choice(), 5.0))
    assert found["japan"] == pytest.approx((0, 0, 50), abs=0.01)
    assert found["china"] == pytest.approx((850, 900, 900), abs=0.01)


def test_looking_for_ranges_leaves_no_trace(small: Engine) -> None:
    """Costs, bounds and rows that were moved are put back: the same live program still gives the optimum."""
    choice = Choice(china_limit=60, shortfall_limit=30)
    room = Room(small, choice, 3.0)
    ranges(small, choice, 3.0)
    with small.worker() as worker:
        assert worker.solve(room.case).objective == pytest.approx(room.optimum.objective_kusd, rel=1e-9)


def test_no_different_mix_costs_more_than_its_margin_or_breaks_a_limit(small: Engine, different: Alternatives) -> None:
    """Each mix is really within the margin and the limits, is really different, and the mix of its levers is within them too."""
    found = different
    assert found.complete
    assert found.mixes
    shown = [found.optimum, *(a.mix for a in found.mixes)]
    for a in found.mixes:
        for mix in (a.mix, a.adopted):
            assert mix.total_kusd <= found.optimum.total_kusd * 1.05 * (1 + 1e-6)
            assert mix.indicators["china_share"] <= 0.6 + 1e-6
            assert mix.indicators["tail_shortfall"] <= 0.3 + 1e-6
        assert a.gap_share == pytest.approx(apart(a.mix, a.adopted), abs=1e-9)
        assert small.mix(a.choice).total_kusd == pytest.approx(a.adopted.total_kusd, rel=1e-9)
    for i, one in enumerate(shown):
        assert all(apart(one, other) >= DIFFERENT for other in shown[:i])


def test_names_of_different_mixes_say_different_true_things(different: Alternatives) -> None:
    """A name is the largest difference that no other is named for: 'More from X: a of demand instead of b' with a above b."""
    subjects = [a.name.split(":")[0] for a in different.mixes]
    assert len(set(subjects)) == len(subjects)
    for a in different.mixes:
        now, before = (float(x.strip().split("%")[0]) for x in a.name.split(":")[1].split("instead of"))
        assert now >= before if a.name.startswith("More") else now <= before


def test_a_mix_that_levers_give_counts_as_just_that(small: Engine, different: Alternatives) -> None:
    """What the page says about adopting: a gap of 0 means the very mix, and then the levers lead there from scratch."""
    exact = [a for a in different.mixes if a.adopted is a.mix]
    assert exact
    for a in exact:
        assert a.gap_share == 0.0
        assert apart(small.mix(a.choice), a.mix) < 1e-9


def test_a_setting_that_leads_to_another_mix_leaves_the_world_as_it_is(engine: Engine) -> None:
    """Who adopts more from China asks for that, and does not assume that Central Asia will have nothing to sell."""
    choice = Choice(china_limit=80, shortfall_limit=40)
    found = alternatives(engine, choice, 5.0)
    moved = {name for one in found.mixes for name in choice.differences(one.choice)}
    assert "More from China" in found.sentence
    assert moved
    assert {name: lever_named(name).nature for name in moved} == dict.fromkeys(moved, "policy")


@pytest.mark.parametrize("margin", [-1, 101, float("nan"), "5", True, None])
def test_an_impossible_margin_is_refused_in_a_sentence(small: Engine, margin: object) -> None:
    for work in (ranges, alternatives):
        with pytest.raises(MarginError, match="^margin: "):
            work(small, Choice(), margin)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, -1, True, 2.5, "three"])
def test_an_impossible_count_is_refused_in_a_sentence(two: Engine, count: object) -> None:
    """Asked for no mix, it must not say that none is clearly different."""
    with pytest.raises(InputError, match="^count: "):
        alternatives(two, off_choice(), 5.0, count)  # type: ignore[arg-type]


def other_questions(two: Engine) -> list[tuple[Engine, Choice, float]]:
    """The same two routes asked about with another limit, another margin and other evidence."""
    moved = Engine(two.evidence.with_values({"japan_price_average_2030": 80.0}), None)
    return [(two, off_choice(china_limit=60), 5.0), (two, off_choice(), 9.0), (moved, off_choice(), 5.0)]


@pytest.mark.parametrize("work", [ranges, alternatives])
def test_what_was_found_for_another_question_is_left_aside(two: Engine, work: Work) -> None:
    """Another choice, margin or evidence: nothing of it may slip in; the very same is not worked out again."""
    alone = work(two, off_choice(), 5.0)
    for other in (work(*question) for question in other_questions(two)):
        assert not told(other).equals(told(alone))
        assert told(work(two, off_choice(), 5.0, before=other)).equals(told(alone))
    asked: list[int] = []
    again = work(two, off_choice(), 5.0, progress=lambda *x: asked.append(1), before=alone)
    assert told(again).equals(told(alone))
    assert not asked


def test_ranges_of_single_years_are_no_part_of_those_of_all_years(two: Engine) -> None:
    alone, years = ranges(two, off_choice(), 5.0), ranges_by_year(two, off_choice(), "china", 5.0)
    assert ranges(two, off_choice(), 5.0, before=years) == alone


def test_an_unknown_route_is_refused_in_a_sentence(small: Engine) -> None:
    with pytest.raises(InputError, match="there is no route 'moon'"):
        ranges_by_year(small, Choice(), "moon")


def test_stopped_early_it_gives_what_it_has_and_says_so(two: Engine) -> None:
    seen: list[tuple[int, int]] = []
    found = ranges(two, off_choice(), 5.0, lambda done, total: seen.append((done, total)), lambda: len(seen) >= 2)
    assert len(found.ranges) == 2
    assert not found.complete
    total = len(two.evidence.routes)
    assert seen == [(1, total), (2, total)]


def test_tables_name_their_units(two: Engine, tmp_path: Path) -> None:
    found = ranges(two, off_choice(), 5.0)
    assert list(found.frame.columns) == ["route", "year", "least_t", "optimum_t", "most_t", "demand_t", "kind"]
    assert found.frame["demand_t"].tolist() == pytest.approx([900.0] * len(two.evidence.routes))
    assert found.of_kind("must-have") == ("china",)
    assert found.of_kind("real choice") == ("japan",)
    assert found.sentence.startswith("Within 5 % of the least cost 1 of ")
    assert found.sentence.endswith(" in none, and 1 are a real choice.")
    found.frame.to_csv(tmp_path / "ranges.csv")


def test_alternatives_say_the_premium_over_the_cheapest_mix(small: Engine, different: Alternatives) -> None:
    """The optimum under limits costs more than the cheapest mix, and each alternative more than the optimum: no premium is left at 0."""
    cheapest = small.cheapest(different.choice).total_kusd
    wanted = [mix.total_kusd / cheapest - 1 for mix in (different.optimum, *(a.mix for a in different.mixes))]
    assert different.frame["premium"].tolist() == pytest.approx(wanted, abs=1e-12)
    assert max(wanted) > 1e-4
    assert different.frame["premium"][0] == pytest.approx(small.answer(different.choice).mix.indicators["premium"])


def test_a_range_over_all_years_has_no_year(two: Engine) -> None:
    """0 is no year; in a CSV the cell is empty and in JSON it is null."""
    whole = ranges(two, Choice()).frame
    assert whole["year"].isna().all()
    assert whole.to_csv(index=False).splitlines()[1].split(",")[1] == ""
