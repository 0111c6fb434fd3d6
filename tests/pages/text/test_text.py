"""Claims about how numbers and sentences read."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from model.evidence.loading import load_evidence
from model.evidence.store import Evidence
from model.formulation.levers import Choice, Lever, lever_named, levers
from model.results.indicators import INDICATORS
from pages.parts.text import common as words
from pages.parts.text import facts as facts_text
from pages.parts.text import mix as mix_text


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """The shipped evidence."""
    return load_evidence()


def mix(shares: dict[str, float], bill: float = 4_000.0, tail: float = 0.08) -> Any:
    """A mix of one year, 2030, with 1,000 t of demand: expected deliveries by route, yearly bill in INR crore, tail shortfall."""
    table = pd.DataFrame(
        [(route, "ndfeb", 2030, 1000 * share) for route, share in shares.items()],
        columns=["route", "commodity", "year", "delivered_expected_t"],
    )
    years = pd.DataFrame([{"year": 2030, "demand_t": 1000.0}])
    return SimpleNamespace(table=table, years=years, indicators={"bill_crore": bill, "tail_shortfall": tail})


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (words.tonnes(8220.4), "8,220 t"),
        (words.tonnes(2.4), "2.4 t"),
        (words.tonnes(3.0), "3 t"),
        (words.percent(0.374), "37 %"),
        (words.percent(0.0312, 1), "3.1 %"),
        (words.usd_kg(62.41), "USD 62.4/kg"),
        (words.million_usd(412_345), "USD 412 million"),
        (words.crore(412_000, 97), "INR 3,996 crore"),
        (words.inr_crore(123_456), "INR 1,23,456 crore"),
        (words.indian(1_234_567), "12,34,567"),
        (words.indian(12_345_678.5, 1), "1,23,45,678.5"),
        (words.indian(999), "999"),
    ],
)
def test_numbers_read_as_promised(shown: str, wanted: str) -> None:
    """Units stand after the number and rupees are grouped as in India."""
    assert shown == wanted


@pytest.mark.parametrize(
    "show", [words.tonnes, words.percent, words.usd_kg, words.million_usd, words.inr_crore, words.indian, words.points]
)
def test_negative_zero_is_never_shown(show: Any) -> None:
    """A tiny negative number is nothing, not minus nothing."""
    assert "-" not in show(-1e-9)
    assert "-" not in show(-0.0)


@pytest.mark.parametrize(
    "show", [words.tonnes, words.percent, words.usd_kg, words.million_usd, words.inr_crore, words.indian]
)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_says_so(show: Any, value: float) -> None:
    """A cost per kg of nothing delivered must not read 'nan'."""
    assert show(value) == words.UNKNOWN


def test_changes_carry_their_sign_in_front() -> None:
    """The sign decides the arrow, so it must stand first, and no sign stands before nothing."""
    assert words.signed(-310, words.inr_crore) == "-INR 310 crore"
    assert words.signed(0.032, words.points) == "+3 points"
    assert words.signed(-0.01, words.points) == "-1 point"
    assert words.signed(-0.001, words.points) == "0 points"


def test_counts_agree_with_their_noun() -> None:
    """One route, four routes, no routes."""
    assert [words.count(n, "route") for n in (0, 1, 4, 14)] == ["no routes", "one route", "four routes", "14 routes"]
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"


def test_the_headline_says_who_supplies_what_it_costs_and_how_bad_it_gets(evidence: Evidence) -> None:
    """The three things that a reader must find within ten seconds."""
    mine = mix({"china_magnets": 0.45, "indian_plants": 0.23, "vietnam_korea_magnets": 0.1}, 4_310.0)
    text = words.headline(mine, mix({"china_magnets": 0.8}, tail=0.21), evidence, 2030).replace("\u00a0", " ")
    assert text == (
        "In 2030, 45 % of the magnets India needs come from China, 23 % from Indian plants and 10 % from Vietnam and Korea; the plan costs"
        " INR 310 crore a year more than today's course, and in the worst years 8 % of demand goes unserved instead of 21 %."
    )


def test_the_headline_says_less_when_it_costs_less(evidence: Evidence) -> None:
    """A saving is not a negative extra cost."""
    text = words.headline(mix({"china_magnets": 0.9}, 3_960.0), mix({"china_magnets": 0.9}), evidence, 2030)
    assert "INR\u00a040\u00a0crore a year less than today's course" in text
    assert "as on today's course" in text


def test_a_tiny_difference_is_called_none(evidence: Evidence) -> None:
    """No false precision: a tenth of a percent of the bill is about as much."""
    text = words.headline(mix({"china_magnets": 0.9}, 4_004.0), mix({"china_magnets": 0.9}), evidence, 2030)
    assert "about as much as today's course" in text


def test_many_routes_are_summed_up_and_motors_are_not_magnets(evidence: Evidence) -> None:
    """Three routes are named, the others counted; substitution spares magnets, it does not deliver them."""
    shares = {
        "china_magnets": 0.4,
        "indian_plants": 0.2,
        "japan_magnets": 0.1,
        "vietnam_korea_magnets": 0.05,
        "irel_smco": 0.01,
    }
    text = words.sources_sentence(mix(shares | {"substitution": 0.12}), evidence, 2030)
    assert text.endswith("10 % from Japan and 6 % from two other routes, while motors without rare earths spare 12 %")


def test_a_mix_without_magnets_is_said_plainly(evidence: Evidence) -> None:
    """Nothing delivered must not break the sentence."""
    assert words.headline(mix({}), mix({}), evidence, 2030).startswith("In 2030, no magnets reach India")


def test_a_harmless_worst_case_is_said_plainly(evidence: Evidence) -> None:
    """Nought percent unserved reads as hardly any."""
    assert "hardly any demand goes unserved instead of 21" in words.worst_clause(
        mix({}, tail=0.001), mix({}, tail=0.21)
    )


def test_every_lever_has_a_label_with_its_unit_and_help_with_its_facts(evidence: Evidence) -> None:
    """A slider explains itself: what it does, what is sensible, and which facts stand behind it."""
    for lever in levers():
        assert lever.unit in {"", "year"} or lever.unit in words.lever_label(lever)
        text = words.lever_help(lever, evidence)
        assert "Sensible:" in text, lever.id
        assert not lever.facts or "Facts:" in text, lever.id


def test_no_mix_names_the_limits_that_are_on() -> None:
    """Somebody who asked for too much must see what to loosen."""
    text = words.no_mix(Choice(china_limit=5, shortfall_limit=1), ("china_limit", "shortfall_limit"))
    assert "Dependence on China at most 5 % of demand" in text
    assert "Worst-case shortfall at most 1 % of demand" in text
    assert "from 2030 on" in text
    assert "these limits together" in text


def test_every_indicator_leads_to_facts(evidence: Evidence) -> None:
    """The search words behind each indicator find something on the Evidence page."""
    rows = facts_text.table(evidence)
    for indicator in INDICATORS:
        assert len(facts_text.search(rows, mix_text.INDICATOR_FACTS[indicator.id])), indicator.id


def test_every_chart_leads_to_facts(evidence: Evidence) -> None:
    """So do those behind the reserve and the shortage."""
    rows = facts_text.table(evidence)
    for query in (*mix_text.RESERVE_FACTS.values(), *mix_text.SHORTAGE_FACTS.values()):
        assert len(facts_text.search(rows, query)), query


def test_indicators_read_in_their_units() -> None:
    """Shares as percent, changes of shares as points, money in rupees."""
    by_id = {indicator.id: indicator for indicator in INDICATORS}
    assert words.indicator_value(by_id["tail_shortfall"], 0.216) == "22 %"
    assert words.indicator_value(by_id["premium"], 0.0083) == "0.8 %"
    assert words.indicator_value(by_id["bill_crore"], 6554.9) == "INR 6,555 crore"
    assert words.indicator_change(by_id["tail_shortfall"], -0.154) == "-15 points"
    assert words.indicator_change(by_id["bill_crore"], 416.2) == "+INR 416 crore"
    assert words.indicator_change(by_id["china_share"], 0.0001) == 0


def test_years_and_thousands_read_as_such() -> None:
    """2030 is a year, not two thousand and thirty of something."""
    assert words.lever_value(lever_named("target_year"), 2030.0) == "2030"
    assert words.lever_value(lever_named("plants_capacity"), 6000.0) == "6,000 t/y"


@pytest.mark.parametrize("lever", levers(), ids=lambda lever: lever.id)
def test_what_is_sensible_is_short_under_a_slider(lever: Lever) -> None:
    """The beginning of the whole text, as a sentence, in a line or two."""
    text = words.sensible(lever)
    assert text.startswith("Sensible: ")
    assert text.endswith(".")
    assert lever.sensible.startswith(text.removeprefix("Sensible: ").rstrip("."))
    assert len(text) < 110


@pytest.mark.parametrize("text", [r"\[x\](http://x.y)", "[x](http://x.y)", r"\\[x](y)"])
def test_not_even_a_sentence_of_ones_own_makes_a_link_of_brackets(text: str) -> None:
    """A backslash before a bracket must not turn the escape round."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[\[\]]", words.plain_markdown(text))


@pytest.mark.parametrize("text", ["http://x.y", "HTTPS://x.y/z", "www.x.y", "WWW.x.y", "me@x.y"])
def test_an_address_that_somebody_typed_is_no_link(text: str) -> None:
    """Addresses become links after Markdown's escapes are gone, so they are parted by a sign that takes no room."""
    shown = words.as_typed(f"see {text}, or {text}").replace("\\", "")
    assert not re.search(r"https?://|www\.|\w@", shown, re.IGNORECASE)
    assert shown.replace(words.APART, "") == f"see {text}, or {text}"


@pytest.mark.parametrize(
    ("crore", "said"),
    [
        (4.2, "INR 4.2 crore"),
        (1234.0, "INR 1,234 crore"),
        (0.05, "INR 5.0 lakh"),
        (0.42, "INR 42 lakh"),
        (0.999, "INR 1.0 crore"),
    ],
)
def test_a_small_amount_is_told_in_lakh(crore: float, said: str) -> None:
    """INR 0 crore would say that it is nothing."""
    assert words.lakh_or_crore(crore) == said
