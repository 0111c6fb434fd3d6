"""Claims about the levers: a choice is always within range, says which lever was wrong, and survives every way of travelling."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import InputError
from model.formulation.case import BUDGETS, LIMITS
from model.formulation.levers import SCENARIO_BYTES, Choice, Lever, LeverError, lever_named, levers, read_scenario
from tests.support.paper import off_choice

NUMBERS = [lever for lever in levers() if lever.kind == "number"]
SWITCHES = [lever for lever in levers() if lever.kind == "switch"]
OPTIONS = [lever for lever in levers() if lever.kind == "option"]


def by_id(lever: Lever) -> str:
    """The lever's name in the list of tests."""
    return lever.id


def on_the_slider(lever: Lever) -> st.SearchStrategy[object]:
    """Values that a person can reach with the lever."""
    if lever.kind == "switch":
        return st.booleans()
    if lever.kind == "option":
        return st.sampled_from(lever.options)
    steps = math.floor((lever.high - lever.low) / lever.step + 1e-9)
    return st.integers(0, steps).map(lambda n: lever.low + n * lever.step)


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """Any choice that the sliders allow."""
    return Choice.of({lever.id: draw(on_the_slider(lever)) for lever in levers()})


@st.composite
def worlds(draw: st.DrawFn, limits: int = 3) -> Choice:
    """Any world and any programmes, with at most a few limits on, so that most of them have a mix."""
    free = [lever for lever in levers() if lever.group != "limits"]
    limiting = [lever for lever in levers() if lever.group == "limits" and lever.kind == "number"]
    chosen = draw(st.lists(st.sampled_from(limiting), max_size=limits, unique=True)) if limits else []
    return off_choice(**{lever.id: draw(st.just(lever.default) | on_the_slider(lever)) for lever in (*free, *chosen)})


@pytest.mark.parametrize("lever", NUMBERS, ids=by_id)
@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        "nan",
        "inf",
        "many",
        "",
        None,
        True,
        False,
        [50],
        {"a": 1},
        b"50",
        50j,
        10**400,
        -(10**400),
    ],
    ids=repr,
)
def test_what_is_no_number_within_reach_is_refused_by_name(lever: Lever, value: object) -> None:
    """Whatever arrives from a link, a file or the command line, the lever that is wrong is named and nothing else is raised."""
    with pytest.raises(LeverError, match=f"lever {lever.id}:"):
        Choice().changed(**{lever.id: value})


@pytest.mark.parametrize("lever", NUMBERS, ids=by_id)
def test_a_value_beyond_the_range_is_refused_with_the_range(lever: Lever) -> None:
    """One step beyond either end is too far, and the sentence says how far one may go."""
    for value in (
        lever.low - lever.step,
        lever.high + lever.step,
        lever.high * 1e9 + 1e9,
        str(lever.high + lever.step),
    ):
        with pytest.raises(LeverError, match=f"lever {lever.id}:") as caught:
            Choice().changed(**{lever.id: value})
        assert f"{lever.high:g}" in str(caught.value)


@pytest.mark.parametrize("lever", NUMBERS, ids=by_id)
def test_both_ends_the_default_and_the_off_value_can_be_reached(lever: Lever) -> None:
    """A slider moves in steps from its low end; the values that matter must lie on it."""
    for value in (lever.low, lever.high, lever.default, *([lever.off] if lever.off is not None else [])):
        assert getattr(Choice().changed(**{lever.id: value}), lever.id) == value
    for value in (lever.high, lever.default):
        steps = (float(value) - lever.low) / lever.step
        assert steps == pytest.approx(round(steps), abs=1e-6), f"{value} is not on a step of {lever.step}"


@pytest.mark.parametrize("lever", [x for x in NUMBERS if x.unit in ("year", "years")], ids=by_id)
def test_a_lever_of_years_takes_whole_years_only(lever: Lever) -> None:
    """Half a year has no meaning in a plan by years: it would delay some numbers of the plants and not others."""
    with pytest.raises(LeverError, match=f"lever {lever.id}:"):
        Choice().changed(**{lever.id: lever.low + 0.5})


@pytest.mark.parametrize("value", ["maybe", 2, None, 0.5, "", []], ids=repr)
def test_a_switch_is_on_or_off(value: object) -> None:
    """A switch takes yes and no in the usual spellings and nothing between."""
    for lever in SWITCHES:
        with pytest.raises(LeverError, match=f"lever {lever.id}:"):
            Choice().changed(**{lever.id: value})
        assert getattr(Choice().changed(**{lever.id: "on"}), lever.id) is True
        assert getattr(Choice().changed(**{lever.id: "False"}), lever.id) is False


@pytest.mark.parametrize("value", ["Cost", "", None, 1, True, ["cost"]], ids=repr)
def test_an_option_is_one_of_its_list(value: object) -> None:
    """An aim that does not exist is refused with the list of those that do."""
    for lever in OPTIONS:
        with pytest.raises(LeverError, match=f"lever {lever.id}:") as caught:
            Choice().changed(**{lever.id: value})
        assert ", ".join(lever.options) in str(caught.value)


@pytest.mark.parametrize("name", ["china_limits", "", "values", "__class__", "x" * 500])
def test_an_unknown_lever_is_refused_by_name(name: str) -> None:
    """A typing error must not pass for a setting, and a monstrous one must not fill the screen."""
    for make in (lambda: Choice().changed(**{name: 1}), lambda: Choice.of({name: 1}), lambda: lever_named(name)):
        with pytest.raises(LeverError, match="no such lever") as caught:
            make()
        assert name[:20] in str(caught.value)
        assert len(str(caught.value)) < 1_500


def test_a_key_that_is_no_word_is_refused() -> None:
    """YAML may hold numbers or nothing as keys."""
    for key in (1, None, True, 2.5):
        with pytest.raises(LeverError, match="no such lever"):
            Choice.of({key: 1})  # type: ignore[dict-item]


def test_every_lever_is_documented() -> None:
    """Label, help and a word on what is sensible for each; a unit for each number; an off value within range for each limit."""
    for lever in levers():
        assert lever.label.strip()
        assert len(lever.help) > 30, lever.id
        assert lever.sensible.strip(), lever.id
        assert lever.unit or lever.kind != "number", lever.id
        assert lever.low < lever.high or lever.kind == "option", lever.id
    assert len({lever.label for lever in levers()}) == len(levers())
    assert sum(lever.front for lever in levers()) == 8


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_can_be_switched_off(name: str) -> None:
    """At one end of its slider a limit does not apply; `home_limit` asks for nothing at 0."""
    lever = lever_named(name)
    assert lever.off in (lever.low, lever.high) or (name == "home_limit" and lever.low == 0)
    assert lever.off is None or lever.is_off(lever.off)
    assert lever_named(name).group == "limits"


def test_budgets_are_limits_of_the_screen_too() -> None:
    """What bounds means stands among the limits."""
    assert all(lever_named(name).group == "limits" for name in BUDGETS)


@given(choices())
@settings(max_examples=40)
def test_a_choice_travels_unchanged(choice: Choice) -> None:
    """As a mapping, as JSON, as YAML, as words from a link, as a key: the same choice arrives."""
    assert Choice.of(choice.values()) == choice
    assert Choice.of(json.loads(json.dumps(choice.values()))) == choice
    assert read_scenario(yaml.safe_dump({"levers": choice.values()})) == choice
    assert Choice.of({name: str(value) for name, value in choice.values().items()}) == choice
    assert hash(Choice.of(choice.values())) == hash(choice)
    assert {choice: 1}[Choice.of(choice.values())] == 1
    assert choice.differences(choice) == ()


@given(choices(), choices())
@settings(max_examples=40)
def test_the_differences_of_two_choices_turn_one_into_the_other(one: Choice, other: Choice) -> None:
    """What differs, set anew, is all that there is."""
    names = one.differences(other)
    assert one.changed(**{name: getattr(other, name) for name in names}) == other
    assert (one == other) == (not names)


def test_equal_numbers_make_equal_choices() -> None:
    """30, 30.0 and minus nothing must not stand in a cache twice."""
    assert Choice().changed(china_limit=30) == Choice().changed(china_limit=30.0) == Choice().changed(china_limit="30")
    one, other = Choice().changed(home_limit=0.0), Choice().changed(home_limit=-0.0)
    assert one == other
    assert repr(one) == repr(other)
    third = Choice().changed(china_limit=100 / 3)
    assert Choice.of(json.loads(json.dumps(third.values()))) == third


def test_a_choice_cannot_be_changed_in_place() -> None:
    """A key of a cache must stay what it is."""
    with pytest.raises(AttributeError):
        Choice().china_limit = 10  # type: ignore[misc]


def test_off_means_off() -> None:
    """The choice without limits, used throughout these tests, has none."""
    choice = off_choice()
    assert all(lever.is_off(getattr(choice, lever.id)) for lever in levers() if lever.off is not None)


BAD_SCENARIOS = {
    "nothing": "",
    "a word": "hello",
    "a list": "- 1",
    "no levers": "title: x",
    "levers that are a list": "levers: [1]",
    "an unknown entry": "levers: {}\nextra: 1",
    "an unknown lever": "levers: {china: 1}",
    "a bad value": "levers: {china_limit: lots}",
    "a value out of range": "levers: {china_limit: 101}",
    "a number without end": "levers: {china_limit: .inf}",
    "a number of 400 digits": "levers: {china_limit: 1" + "0" * 400 + "}",
    "a number of 5,000 digits": "levers: {china_limit: 1" + "0" * 5_000 + "}",
    "a date": "levers: {china_limit: 2026-01-01}",
    "a tag": "levers: !!python/object/apply:os.system ['true']",
    "an alias": "levers: &a {}\nnote: *a",
    "a key twice": "levers: {china_limit: 1, china_limit: 2}",
    "brackets": "levers: " + "[" * 3_000,
    "broken": "levers: {china_limit",
    "a control character": "levers: {}\x00",
    "too long": "levers: {}\n#" + "x" * SCENARIO_BYTES,
}


@pytest.mark.parametrize("text", BAD_SCENARIOS.values(), ids=BAD_SCENARIOS.keys())
def test_a_bad_scenario_gives_one_sentence(text: str) -> None:
    """A file from somebody else is read as settings or not at all."""
    for content in (text, text.encode()):
        with pytest.raises(InputError) as caught:
            read_scenario(content)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 1_500


def outcome(make: Callable[[], Choice]) -> Choice | str:
    """The choice, or the sentence that refuses it; anything else is raised."""
    try:
        return make()
    except InputError as error:
        return str(error)


@given(st.binary(max_size=200))
def test_rubbish_in_a_scenario_never_raises_anything_else(rubbish: bytes) -> None:
    """Whatever the bytes, the answer is a choice or a sentence."""
    for content in (rubbish, b"levers: {china_limit: " + rubbish + b"}"):
        assert outcome(lambda content=content: read_scenario(content))


KEYS = st.text(max_size=8) | st.sampled_from([lever.id for lever in levers()])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)


@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_mapping_is_a_choice_or_a_sentence_that_names_the_lever(values: dict[str, object]) -> None:
    """No value of any type gets past the levers or breaks them."""
    found = outcome(lambda: Choice.of(values))
    if isinstance(found, str):
        assert any(name in found or repr(name)[:50] in found for name in values)
    else:
        assert all(lever.low <= getattr(found, lever.id) <= lever.high for lever in NUMBERS)


@pytest.mark.parametrize("spelt", ["china_limt", "chinalimit", "reserve_day"])
def test_a_misspelt_lever_says_what_may_be_meant(spelt: str) -> None:
    """In a script as on the command line: one sentence of ours, not Python's own on a keyword of `__init__`."""
    meant = "reserve_days" if spelt.startswith("reserve") else "china_limit"
    for make in (
        lambda: Choice(**{spelt: 60}),
        lambda: Choice().changed(**{spelt: 60}),
        lambda: Choice.of({spelt: 60}),
    ):
        with pytest.raises(LeverError, match=rf"lever '{spelt}': no such lever; did you mean .*{meant}"):
            make()
    with pytest.raises(LeverError, match="no such lever; there are china_limit"):
        Choice(zzz=1)  # type: ignore[call-arg]
