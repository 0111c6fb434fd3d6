"""Claims about the evidence: what is shipped hangs together, and a data folder with a mistake is refused in one clear sentence."""

from __future__ import annotations

import ast
import os
import shutil
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import yaml

import model
from model.engine.engine import Engine
from model.errors import EvidenceError, InputError
from model.evidence.formulas import names_in
from model.evidence.loading import DATA, FILE_BYTES, load_evidence, read_yaml
from model.evidence.overlay import Overlaid, Overlay
from model.evidence.schema import COMMODITIES, SETTINGS, Edit
from model.evidence.store import Evidence
from model.formulation.assembler import ORIGIN_SCORES, Assembler, path
from model.formulation.case import YEARS
from model.formulation.levers import Choice, levers
from model.formulation.reduction import StateSet
from tests.support.paper import World, case_of

FACTS, ROUTES, EVENTS, SECTORS = "facts/china.yaml", "routes.yaml", "events.yaml", "sectors.yaml"


_read_yaml = lru_cache(maxsize=64)(read_yaml)


@pytest.fixture(autouse=True)
def _parse_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes give the same entries, so that only a file that a test has changed is parsed again; checks all run anew."""
    monkeypatch.setattr(model.evidence.loading, "read_yaml", lambda text, where: deepcopy(_read_yaml(text, where)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped data folder, to be spoilt."""
    return Path(shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("outline")))


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    """Replace the first `old` in a file; the test is void when it does not stand there."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old!r}, so this test tests nothing"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(folder: Path) -> str:
    """The sentence with which a folder is refused. Fails when it is accepted or when anything else is raised."""
    with pytest.raises(EvidenceError) as caught:
        load_evidence(folder)
    said = str(caught.value)
    assert said
    assert "\n" not in said
    return said


# -- what is shipped --------------------------------------------------------------------------------------------------


def test_every_fact_id_in_the_files_is_known_after_loading(evidence: Evidence) -> None:
    """Nothing that stands in a file of facts is dropped on the way."""
    written = {
        line.removeprefix("- id:").strip()
        for file in (DATA / "facts").glob("*.yaml")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith("- id:")
    }
    assert len(written) > 100
    assert written <= set(evidence.facts)


def test_an_assumption_says_so_and_a_sourced_figure_names_its_body(evidence: Evidence) -> None:
    """Nobody may take the analyst's judgement for a measurement."""
    for fact in evidence.facts.values():
        assert fact.source.body.strip(), fact.id
        if fact.formula is None:
            assert fact.assumption == (fact.source.body == "Analyst assumption"), fact.id


def test_every_fact_that_code_asks_for_by_name_is_declared_as_a_setting() -> None:
    """The loader promises the model's settings; a fact that code names without declaring it fails only when someone needs it."""
    asked = set()
    for file in Path(model.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name("value") | ast.Attribute(attr="value"), args=[ast.Constant(value=str() as name)]
                ):
                    asked.add(name)
    assert len(asked) > 5
    assert asked <= set(SETTINGS)


def test_every_score_of_an_origin_is_a_checked_setting() -> None:
    """Governance scores are named in code, so a data folder without them must be refused when loaded, not when solved."""
    named = {name for names in ORIGIN_SCORES.values() for name in names} | {"wgi_russia"}
    assert named <= set(SETTINGS)


def test_every_foreign_origin_has_its_own_score(evidence: Evidence) -> None:
    """An origin without a score counts as the worst; none of the shipped ones should by accident."""
    assert {r.origin for r in evidence.routes.values()} - {"India"} <= set(ORIGIN_SCORES)


def test_the_uses_of_a_fact_are_where_its_name_stands(evidence: Evidence) -> None:
    """The evidence page says where a number is used; a fact named in routes, sectors or events must list that place."""
    for table, file in (("route", ROUTES), ("sector", SECTORS), ("event", EVENTS)):
        text = (DATA / file).read_text(encoding="utf-8")
        for name, places in evidence.uses.items():
            if any(place.startswith(f"{table} ") for place in places):
                assert name in text
    for fact in evidence.facts.values():
        for used in names_in(fact.formula) if fact.formula else ():
            assert f"derived {fact.id}" in evidence.uses[used]


@pytest.mark.parametrize(("year", "total"), [(2025, 4_010), (2030, 8_220), (2035, 12_500)])
def test_the_sectors_sum_to_the_demand_of_the_evidence(evidence: Evidence, year: int, total: float) -> None:
    """Eight sectors, one total: 4,010, 8,220 and 12,500 t of magnets."""
    sectors = [float(path(evidence, s.demand, (year,))[0]) for s in evidence.sectors.values()]
    assert len(sectors) == 8
    assert sum(sectors) == pytest.approx(evidence.value(f"india_repm_demand_{year}"), rel=1e-9)
    assert evidence.value(f"india_repm_demand_{year}") == total


@pytest.mark.parametrize("year", [2025, 2030])
def test_the_split_over_magnets_lies_within_the_ranges_of_the_types(evidence: Evidence, year: int) -> None:
    """What the sectors ask for, added up by magnet, must be what the type totals of the evidence say."""
    demand = Assembler(evidence, StateSet(evidence), (year,)).demand.sum(axis=0)[:, 0]
    for amount, name in zip(demand, ("type_light_ndfeb", "type_hc_ndfeb", "type_smco"), strict=True):
        fact = evidence.facts[f"{name}_{year}"]
        low = fact.value if fact.low is None else fact.low
        high = fact.value if fact.high is None else fact.high
        assert low <= amount <= high, f"{fact.id}: {amount:.1f} t outside {low} to {high}"


def test_every_part_that_the_question_names_is_a_route_with_facts_of_its_own(evidence: Evidence) -> None:
    """China, IREL, plants, recycling, Central Asia, the partners, joint ventures and substitutes each work in the model."""
    origins = {r.origin for r in evidence.routes.values()}
    assert origins >= {
        "India", "China", "Japan", "Vietnam and Korea", "Malaysia", "USA and Europe", "Australia", "Kazakhstan and neighbours",
    }  # fmt: skip
    for route in evidence.routes.values():
        assert any(f"route {route.id}" in places for places in evidence.uses.values()), route.id
    assert {r.stage for r in evidence.routes.values()} == {"magnet", "oxide", "substitute"}
    assert {c for r in evidence.routes.values() for c in r.products} == set(COMMODITIES)


def test_the_facts_of_every_lever_exist(evidence: Evidence) -> None:
    """The help of a lever links to its facts."""
    for lever in levers():
        assert lever.facts or lever.kind == "option", f"{lever.id} names no fact"
        assert not [name for name in lever.facts if name not in evidence.facts], lever.id


@pytest.mark.parametrize(
    ("lever", "fact", "times", "decimals"),
    [
        ("rupee", "fx_may2026", 1, 0),
        ("discount_rate", "social_discount_rate", 100, 3),
        ("plants_capacity", "repm_capacity_target", 1, 3),
        ("reserve_days", "stockpile_days", 1, 3),
        ("magnet_budget", "repm_outlay", 1, 3),
        ("recycling_budget", "recycling_scheme", 1, 3),
        ("mission_budget", "ncmm_budget", 1, 3),
        ("irel_capacity", "irel_ndpr_target_2030", 1, 3),
        ("smco_capacity", "irel_smco_capacity", 1, 3),
        ("substitution", "substitution_share_2030", 100, 3),
        ("central_asia_volume", "central_asia_oxide_2035", 1, -1),
    ],
)
def test_a_default_that_repeats_a_fact_equals_it(
    evidence: Evidence, lever: str, fact: str, times: float, decimals: int
) -> None:
    """No number of the model lives in two places with two values."""
    default = getattr(Choice(), lever)
    assert default == pytest.approx(round(evidence.value(fact) * times, decimals), abs=1e-9)


def test_a_lever_that_scales_a_path_stands_at_the_path(evidence: Evidence) -> None:
    """At their defaults the percentage levers change nothing: volumes and prices are the evidence's own."""
    assembler = Assembler(evidence, StateSet(evidence), YEARS)
    case = assembler.case(Choice())
    np.testing.assert_allclose(case.demand, assembler.demand, rtol=1e-12)
    for i, route in enumerate(evidence.routes.values()):
        if route.volume and route.volume_lever in (None, "china_flow", "partner_allocation"):
            np.testing.assert_allclose(case.capacity[i], path(evidence, route.volume, YEARS), rtol=1e-12)
        if route.build and route.build.lever_is in ("percent", None):
            late = np.array(YEARS) >= evidence.value(route.build.first_year)
            np.testing.assert_allclose(case.ceiling[i], path(evidence, route.build.ceiling, YEARS) * late, rtol=1e-12)


def test_the_readme_gives_the_penalties_of_a_missing_kg_as_the_facts_have_them(evidence: Evidence) -> None:
    """Their values and their ranges are two things."""
    facts = [evidence.facts[sector.penalty] for sector in evidence.sectors.values()]
    low, high = min(f.low for f in facts if f.low is not None), max(f.high for f in facts if f.high is not None)
    least, most = min(f.value for f in facts), max(f.value for f in facts)
    text = " ".join((DATA.parent / "README.md").read_text(encoding="utf-8").split())
    assert f"({low:,.0f} to {high:,.0f} USD/kg around values of {least:,.0f} to {most:,.0f})" in text


def test_magnets_of_a_sector_are_no_more_than_all(tmp_path: Path) -> None:
    """What the loader lets through as rounding has a case without negative demand, however large the sector; more than that is refused
    with the sector's name."""
    world = World().route("import", 50, 1e8, products=("ndfeb", "ndfeb_hc", "smco"))
    found = world.sector("users", 1e8, 500, {"ndfeb_hc": 0.6, "smco": 0.4 + 5e-10}).evidence(tmp_path)
    assert case_of(found).demand.min() == 0.0
    worth = {name: float(fact.value) for name, fact in found.facts.items()} | {"users_share_smco_2030": 0.5}
    with pytest.raises(EvidenceError, match="entry users, split: 110 %"):
        Assembler(Overlaid(found, {}, worth), StateSet(found, None), YEARS)


def test_plants_decided_now_open_with_the_first_whole_year_after_their_building(evidence: Evidence) -> None:
    """Thirty months from 2027: nothing in 2029, the joint venture from 2030. Eighteen months: recycling from 2029, not 2028."""
    slow = evidence.with_values({"repm_gestation": 30, "recycling_lead_time": 18})
    case = Assembler(slow, StateSet(slow), YEARS).case(Choice(joint_venture=True, irel_capacity=2000, smco_capacity=30))
    for route, first in (
        ("joint_venture", 2030),
        ("irel_smco", 2030),
        ("irel_oxide", 2030),
        ("recycled_magnets", 2029),
    ):
        i, late = case.routes.index(route), np.array(YEARS) >= first
        assert case.addmax[i][late].min() > 0, route
        assert case.ceiling[i][late].min() > 0, route
        assert case.addmax[i][~late].max() == case.ceiling[i][~late].max() == 0, route


def test_every_preset_is_a_choice(evidence: Evidence) -> None:
    """At least seven stories, each of levers that exist with values that they can take."""
    assert len(evidence.presets) >= 7
    for preset in evidence.presets.values():
        assert Choice.of(preset.levers)


def test_editing_a_fact_moves_what_is_derived_from_it_and_the_version(evidence: Evidence) -> None:
    """A formula is worked out anew; the digest tells edited evidence from the shipped one; the shipped one stays as it was."""
    before = evidence.value("dytb_per_hc")
    other = evidence.with_values({"oxide_per_magnet_model": evidence.value("oxide_per_magnet_model") * 2})
    assert other.value("dytb_per_hc") == pytest.approx(2 * before)
    assert other.version != evidence.version
    assert evidence.value("dytb_per_hc") == before


def test_the_version_follows_the_content_and_not_the_folder(folder: Path, evidence: Evidence) -> None:
    """The same files give the same digest anywhere; one changed letter gives another."""
    assert load_evidence(folder).version == evidence.version
    spoil(folder, "presets.yaml", "A balanced start", "A balanced Start")
    assert load_evidence(folder).version != evidence.version


# -- bad folders ------------------------------------------------------------------------------------------------------

SPOILT = [
    # what, file, old, new, words that the sentence must hold
    ("unit outside the list", FACTS, "unit: t/y", "unit: tons", ("facts/china.yaml", "tons", "unit")),
    ("value outside its range", "facts/model.yaml", "value: 0.05", "value: 0.5", ("facts/model.yaml", "tail_share", "0.5")),
    ("value that is text", "facts/model.yaml", "value: 0.05", "value: five", ("facts/model.yaml", "tail_share", "value")),
    ("value that is yes", "facts/model.yaml", "value: 0.05", "value: true", ("facts/model.yaml", "tail_share", "value")),
    ("value that is no number", "facts/model.yaml", "value: 0.05", "value: .nan", ("facts/model.yaml", "tail_share", "value")),
    ("value without end", "facts/model.yaml", "value: 0.05", "value: .inf", ("facts/model.yaml", "tail_share", "value")),
    ("range that is text", "facts/model.yaml", "low: 0.01", "low: small", ("facts/model.yaml", "tail_share", "low")),
    ("unknown key", "facts/model.yaml", "  value: 0.05", "  worth: 1\n  value: 0.05", ("facts/model.yaml", "tail_share", "worth")),
    ("missing key", "facts/model.yaml", "  confidence: low\n", "", ("facts/model.yaml", "first_decision_year", "confidence")),
    ("confidence of another kind", "facts/model.yaml", "confidence: low", "confidence: some", ("facts/model.yaml", "confidence")),
    ("link that is no web address", "facts/india.yaml", "url: https://", "url: javascript:", ("facts/india.yaml", "url")),
    ("same id twice", "facts/model.yaml", "- id: tail_share", "- id: first_decision_year", ("facts", "first_decision_year", "twice")),
    ("derived id of a fact", "derived.yaml", "{id: ndpr_per_hc", "{id: tail_share", ("tail_share", "twice")),
    ("id with a space", "facts/model.yaml", "- id: tail_share", "- id: tail share", ("facts/model.yaml", "tail share")),
    ("fact that the model needs", "facts/model.yaml", "- id: tail_share", "- id: tail_part", ("tail_share",)),
    ("latitude beyond the pole", "sites.yaml", "lat: 17.55", "lat: 117.55", ("sites.yaml", "irel_vizag", "lat")),
    ("longitude round the world", "sites.yaml", "lon: 82.99", "lon: 382.99", ("sites.yaml", "irel_vizag", "lon")),
    ("site of an unknown route", "sites.yaml", "route: irel_smco", "route: irel_smc", ("sites.yaml", "irel_vizag", "irel_smc")),
    ("site with an unknown fact", "sites.yaml", "- irel_smco_capacity", "- irel_nothing", ("sites.yaml", "irel_vizag", "irel_nothing")),
    ("route at an unknown site", ROUTES, "site: irel_vizag", "site: atlantis", ("routes.yaml", "irel_smco", "atlantis")),
    ("route with an unknown fact", ROUTES, "life: plants_life", "life: plants_live", ("routes.yaml", "indian_plants", "plants_live")),
    ("route of another stage", ROUTES, "stage: magnet", "stage: mine", ("routes.yaml", "indian_plants", "stage")),
    ("route of an unknown product", ROUTES, "products: [smco]", "products: [samco]", ("routes.yaml", "irel_smco", "products")),
    ("route without a price of a product", ROUTES, "price: {smco: {2025", "price: {ndfeb: {2025", ("routes.yaml", "irel_smco", "price")),
    ("route priced in two currencies", ROUTES, "2030: base_japan_cost_2030", "2030: indian_conversion_inr", ("routes.yaml", "japan_magnets", "price")),
    ("route that feeds what it does not make", ROUTES, "    smco: {sm_oxide", "    ndfeb: {sm_oxide", ("routes.yaml", "irel_smco", "feed")),
    ("event on an unknown route", EVENTS, "routes: [central_asia_oxide]", "routes: [moon_oxide]", ("events.yaml", "iran_corridor", "moon_oxide")),
    ("event with an unknown fact", EVENTS, "months: iran_months", "months: iran_moons", ("events.yaml", "iran_corridor", "iran_moons")),
    ("event without a probability", EVENTS, "  probability: scenario_iran_corridor\n", "", ("events.yaml", "iran_corridor", "probability")),
    ("history with a probability", EVENTS, "  group: history", "  probability: cutoff_probability\n  group: history", ("events.yaml", "history_india_2025")),
    ("sector with an unknown fact", SECTORS, "penalty: penalty_e2w", "penalty: penalty_e9w", ("sectors.yaml", "ev_2w_3w", "penalty_e9w")),
    ("sector with an unknown key", SECTORS, "  substitutable: true", "  replaceable: true", ("sectors.yaml", "ev_2w_3w", "replaceable")),
    ("commodity that is missing", "commodities.yaml", "- {id: sm_oxide", "- {id: dytb_oxide", ("commodities", "dytb_oxide")),
    ("formula with an unknown fact", "derived.yaml", "hc_ndpr_content /", "hc_nothing /", ("derived.yaml", "ndpr_per_hc", "hc_nothing")),
    ("formula that calls something", "derived.yaml", "hc_ndpr_content /", "open('x') /", ("derived.yaml", "ndpr_per_hc")),
    ("formula that divides by nothing", "derived.yaml", "/ ndfeb_re_fraction", "/ 0", ("derived.yaml", "ndpr_per_hc")),
    ("formula without end", "derived.yaml", "hc_ndpr_content / ndfeb_re_fraction", "9**9**9**9", ("derived.yaml", "ndpr_per_hc")),
    ("formula with an attribute", "derived.yaml", "hc_ndpr_content /", "hc_ndpr_content.__class__ /", ("derived.yaml", "ndpr_per_hc")),
    ("formula that is no formula", "derived.yaml", "hc_ndpr_content /", "hc_ndpr_content (/", ("derived.yaml", "ndpr_per_hc")),
    ("preset of an unknown key", "presets.yaml", "  story:", "  tale: x\n  story:", ("presets.yaml", "balanced", "tale")),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), [s[1:] for s in SPOILT], ids=[s[0] for s in SPOILT])
def test_a_mistake_in_a_data_folder_is_refused_by_name(
    folder: Path, file: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    """One sentence with file, entry and reason, so that the person who edits knows where to look."""
    spoil(folder, file, old, new)
    said = refusal(folder)
    assert not [word for word in words if word not in said], said


def edit(folder: Path, file: str, entry: str, keys: tuple[str | int, ...], value: object) -> None:
    """Set one field, deep inside an entry, to another value."""
    place = folder / file
    entries = yaml.safe_load(place.read_text(encoding="utf-8"))
    target = next(e for e in entries if e["id"] == entry)
    for key in keys[:-1]:
        target = target[key]
    target[keys[-1]] = value
    place.write_text(yaml.safe_dump(entries, sort_keys=False), encoding="utf-8")


EDITED = [
    ("probability above 1", "facts/disruption.yaml", "scenario_licence_squeeze", ("value",), 1.2, ("facts/disruption.yaml", "1.2")),
    ("probability below 0", "facts/disruption.yaml", "scenario_licence_squeeze", ("value",), -0.1, ("facts/disruption.yaml", "-0.1")),
    ("cut of 140 %", "facts/trade.yaml", "fall_58pct", ("value",), 1.4, ("events.yaml", "history_india_2025", "140 %")),
    ("cut below nothing", "facts/trade.yaml", "fall_58pct", ("value",), -0.4, ("events.yaml", "history_india_2025", "-40 %")),
    ("group more likely than 1", EVENTS, "full_embargo", ("probability",), "squeeze_and_more", ("events.yaml", "china_regime", "1")),
    # a fact in another unit than the place needs: the number would be taken as it stands
    ("volume in USD/kg", ROUTES, "china_magnets", ("volume", 2030), "base_china_cost_2030", ("routes.yaml", "china_magnets", "volume")),
    ("today's plan in USD/kg", ROUTES, "irel_smco", ("today", 2025), "base_china_cost_2030", ("routes.yaml", "irel_smco", "today")),
    ("ceiling in USD/kg", ROUTES, "indian_plants", ("build", "ceiling"), "base_china_cost_2030", ("routes.yaml", "indian_plants", "ceiling")),
    ("life in USD/kg", ROUTES, "indian_plants", ("build", "life"), "base_china_cost_2030", ("routes.yaml", "indian_plants", "life")),
    ("first year in years", ROUTES, "indian_plants", ("build", "first_year"), "plants_life", ("routes.yaml", "indian_plants", "first_year")),
    ("capital in USD/kg", ROUTES, "indian_plants", ("build", "capex"), "base_china_cost_2030", ("routes.yaml", "indian_plants", "capex")),
    ("feed in USD/kg", ROUTES, "irel_smco", ("feed", "smco", "sm_oxide"), "base_china_cost_2030", ("routes.yaml", "irel_smco", "feed")),
    ("take-or-pay in USD/kg", ROUTES, "irel_smco", ("take_or_pay",), "base_china_cost_2030", ("routes.yaml", "irel_smco", "take_or_pay")),
    ("carbon in USD/kg", ROUTES, "irel_smco", ("carbon", "smco"), "base_china_cost_2030", ("routes.yaml", "irel_smco", "carbon")),
    ("demand in USD/kg", SECTORS, "wind", ("demand", 2030), "base_china_cost_2030", ("sectors.yaml", "wind", "demand")),
    ("share of magnets in t/y", SECTORS, "wind", ("split", "ndfeb_hc", 2030), "demand_wind_2030", ("sectors.yaml", "wind", "split")),
    ("harm in months", SECTORS, "wind", ("penalty",), "india_licence_lag", ("sectors.yaml", "wind", "penalty")),
    ("length in USD/kg", EVENTS, "iran_corridor", ("months",), "base_china_cost_2030", ("events.yaml", "iran_corridor", "months")),
    ("probability in months", EVENTS, "iran_corridor", ("probability",), "iran_months", ("events.yaml", "iran_corridor", "probability")),
    ("multiplier in USD/kg", EVENTS, "iran_corridor", ("prices", 0, "times"), "base_china_cost_2030", ("events.yaml", "iran_corridor", "times")),
    ("grade added in another unit", "commodities.yaml", "ndfeb", ("grade",), "grade_smco", ("commodities.yaml", "ndfeb", "grade", "ratio", "USD/kg")),
    ("grade that is a factor in USD/kg", "commodities.yaml", "smco", ("grade",), "grade_heavy", ("commodities.yaml", "smco", "grade", "ratio")),
    ("grade of no kind", "commodities.yaml", "smco", ("grade_is",), None, ("commodities.yaml", "smco", "grade_is", "missing")),
    ("kind of no grade", "commodities.yaml", "smco", ("grade",), None, ("commodities.yaml", "smco", "grade", "missing")),
    ("grades on prices in rupees", ROUTES, "indian_plants", ("graded",), True, ("routes.yaml", "indian_plants", "graded", "INR/kg")),
    # values that no unit forbids and no model can use
    ("shares of a sector above 1", "facts/model.yaml", "heavy_share_wind_2030", ("value",), 1.4, ("sectors.yaml", "wind")),
    ("take-or-pay above 1", "facts/model.yaml", "pay_china", ("value",), 1.4, ("routes.yaml", "take_or_pay")),
    ("use of capacity of nothing", "facts/model.yaml", "plants_utilisation", ("value",), 0, ("routes.yaml", "indian_plants", "utilisation")),
    ("price below nothing", "facts/china.yaml", "base_china_cost_2030", ("value",), -5, ("routes.yaml", "price", "base_china_cost_2030", "-5")),
    ("tail of nothing", "facts/model.yaml", "tail_share", ("value",), 0, ("tail_share", "0.001 to 1 share")),
    ("demand of 2025 of nothing", "facts/demand.yaml", "india_repm_demand_2025", ("value",), 0, ("india_repm_demand_2025", "1 to")),
    ("first decision after the end", "facts/model.yaml", "first_decision_year", ("value",), 2036, ("first_decision_year", "2026 to 2035")),
    ("governance beyond its scale", "facts/risk.yaml", "wgi_china", ("value",), 3, ("wgi_china", "-2.5 to 2.5")),
    ("length below nothing", "facts/model.yaml", "iran_months", ("value",), -6, ("events.yaml", "iran_corridor", "months")),
    # names that lead nowhere
    ("volume of an unknown lever", ROUTES, "china_magnets", ("volume_lever",), "china_flood", ("routes.yaml", "china_magnets", "volume_lever")),
    ("price of an unknown lever", ROUTES, "china_magnets", ("price_lever",), "china_prize", ("routes.yaml", "china_magnets", "price_lever")),
    ("building of an unknown lever", ROUTES, "indian_plants", ("build", "lever"), "plants", ("routes.yaml", "indian_plants", "lever")),
    ("no carbon for a product", ROUTES, "irel_smco", ("carbon",), {"ndfeb": "footprint_smco"}, ("routes.yaml", "irel_smco", "carbon")),
    ("path without a year", ROUTES, "china_oxides", ("volume",), {}, ("routes.yaml", "china_oxides", "volume")),
    ("magnet fed with a magnet", ROUTES, "irel_smco", ("feed",), {"smco": {"ndfeb": "sm_per_smco"}}, ("routes.yaml", "irel_smco", "feed")),
    ("oxide route that makes magnets", ROUTES, "irel_smco", ("stage",), "oxide", ("routes.yaml", "irel_smco")),
    ("sector that splits into oxide", SECTORS, "wind", ("split",), {"sm_oxide": {2030: "heavy_share_wind_2030"}}, ("sectors.yaml", "wind", "split")),
    ("route without an origin", ROUTES, "irel_smco", ("origin",), "", ("routes.yaml", "irel_smco", "origin")),
    ("route with a product twice", ROUTES, "irel_smco", ("products",), ["smco", "smco"], ("routes.yaml", "irel_smco", "products")),
    ("event of an id that is taken", EVENTS, "iran_corridor", ("id",), "undisturbed", ("events.yaml", "undisturbed")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "entry", "keys", "value", "words"), [e[1:] for e in EDITED], ids=[e[0] for e in EDITED]
)
def test_a_wrong_number_or_name_is_refused_when_loaded(
    folder: Path, file: str, entry: str, keys: tuple[str | int, ...], value: object, words: tuple[str, ...]
) -> None:
    """Not at the first solve, not as a wrong result: when the folder is read, by file, entry and field."""
    if value == "squeeze_and_more":
        edit(folder, "facts/disruption.yaml", "scenario_licence_squeeze", ("value",), 0.96)
        edit(folder, "facts/disruption.yaml", "scenario_licence_squeeze", ("high",), None)
    elif keys == ("value",):
        for side in ("low", "high"):
            edit(folder, file, entry, (side,), None)
        edit(folder, file, entry, keys, value)
    else:
        edit(folder, file, entry, keys, value)
    said = refusal(folder)
    assert not [word for word in words if word not in said], said


@pytest.mark.parametrize("levers_", [{"likelyhood": 50}, {"likelihood": 5000}], ids=str)
def test_a_preset_that_is_no_choice_is_refused_before_anyone_presses_it(
    folder: Path, levers_: dict[str, float]
) -> None:
    """The engine names the preset when it starts; otherwise the first visitor who presses it meets the mistake."""
    edit(folder, "presets.yaml", "thaw", ("levers",), levers_)
    with pytest.raises(InputError, match=r"presets\.yaml, entry thaw.*lik"):
        Engine(load_evidence(folder))


def test_an_edited_fact_is_checked_like_a_file(evidence: Evidence) -> None:
    """Values tried out on screen meet the same checks: a group of events cannot become likelier than 1, a cut not less than nothing."""
    for edits in (
        {"scenario_full_embargo": 0.96},
        {"fall_58pct": -0.5},
        {"nothing_like_it": 1.0},
        {"tail_share": float("nan")},
    ):
        with pytest.raises(EvidenceError):
            evidence.with_values(edits)
    assert evidence.with_values({"scenario_full_embargo": 0.05}).value("scenario_full_embargo") == 0.05


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_beyond_its_bounds_is_refused_by_name_in_every_way_in(evidence: Evidence, name: str) -> None:
    """An own number, a sampled world and a file meet the same bounds; deep in the model it would be a division by zero."""
    overlay = Overlay(evidence)
    unit, least, most = SETTINGS[name]
    assert evidence.facts[name].unit == unit
    assert least <= evidence.value(name) <= most
    if evidence.facts[name].formula:
        return
    for value in (least - 1e-6, most * 1.001):
        for way in (
            lambda v: evidence.with_values({name: v}),
            lambda v: evidence.with_edits([Edit(fact=name, value=v, reason="to try")]),
            lambda v: overlay.at({name: v}),
        ):
            with pytest.raises(EvidenceError) as said:
                way(value)
            assert name in str(said.value) or any(name in (fact.formula or "") for fact in evidence.facts.values())


def test_somebody_needs_magnets_in_every_year(evidence: Evidence) -> None:
    """Shares are taken of demand; without any there is no question, and the facts behind it are named."""
    path = [sector.demand[2030] for sector in evidence.sectors.values()]
    nobody = dict.fromkeys(path, 0.0)
    for way in (evidence.with_values, Overlay(evidence).at):
        with pytest.raises(EvidenceError, match=f"demand.*2030.*{path[0]}"):
            way(nobody)
        assert way(dict.fromkeys(path[1:], 0.0)).value(path[1]) == 0.0


HOSTILE = [
    ("an alias", "- &a {id: x}\n- *a\n", "alias"),
    ("an anchor that is never used", "- &a {id: x}\n", "anchor"),
    ("a tag that would run code", "- !!python/object/apply:os.system ['true']\n", "tags"),
    ("a tag of one's own", "- !mine {id: x}\n", "tags"),
    ("the same key twice", "- {id: x, id: y}\n", "twice"),
    (
        "a billion laughs",
        "- &a [x, x]\n" + "".join(f"- &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(9)),
        "alias",
    ),
    ("brackets without end", "[" * 5_000, "notes.yaml"),
    ("an open quote", '- {id: "x}\n', "notes.yaml"),
    ("binary rubbish", "\x00\x01\x02", "notes.yaml"),
    ("nothing at all", "", "list"),
    ("a single word", "hello\n", "list"),
    ("a mapping", "id: x\n", "list"),
    ("a list of words", "- hello\n", "notes.yaml, entry number 1"),
    ("a number of 5,000 digits", "- {id: x, year: " + "9" * 5_000 + "}\n", "notes.yaml"),
    ("a key that is a list", "- {[1, 2]: x}\n", "notes.yaml"),
]


@pytest.mark.parametrize(("text", "word"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_hostile_yaml_is_refused_unread(folder: Path, text: str, word: str) -> None:
    """Nothing in a data file is run, expanded or guessed."""
    (folder / "notes.yaml").write_text(text, encoding="utf-8")
    said = refusal(folder)
    assert word in said, said
    assert "notes.yaml" in said, said


def test_bytes_that_are_no_text_are_refused(folder: Path) -> None:
    """A picture saved under the name of a data file is named, not decoded."""
    (folder / "notes.yaml").write_bytes(bytes(range(128, 256)) * 10)
    assert "notes.yaml" in refusal(folder)


def test_a_huge_file_is_refused_before_it_is_read(folder: Path) -> None:
    """50 MB of YAML would take minutes and gigabytes to parse; its size alone is reason enough."""
    with (folder / "sites.yaml").open("wb") as file:
        file.truncate(50_000_000)
    said = refusal(folder)
    assert "sites.yaml" in said
    assert f"{FILE_BYTES:,}" in said


@pytest.mark.parametrize("name", ["notes", "commodities", "routes", "sectors", "events", "sites", "presets", "derived"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """A folder with a file missing is no data folder."""
    (folder / f"{name}.yaml").unlink()
    assert f"{name}.yaml" in refusal(folder)


def test_a_folder_in_place_of_a_file_is_named(folder: Path) -> None:
    """What cannot be opened is named with the reason of the system."""
    (folder / "sites.yaml").unlink()
    (folder / "sites.yaml").mkdir()
    assert "sites.yaml" in refusal(folder)


def test_a_folder_without_facts_or_no_folder_at_all_is_refused(folder: Path, tmp_path: Path) -> None:
    """The two commonest slips of a path on the command line."""
    shutil.rmtree(folder / "facts")
    assert "facts" in refusal(folder)
    assert "nowhere" in refusal(tmp_path / "nowhere")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such right to take away")
def test_a_file_that_links_out_of_the_folder_is_read_as_what_it_is(folder: Path) -> None:
    """A link to a file that is no list of entries is refused like any other, without its content in the message."""
    (folder / "sites.yaml").unlink()
    (folder / "sites.yaml").symlink_to("/etc/hostname")
    assert "sites.yaml" in refusal(folder)
