"""Claims about the help of one lever and the list of active settings: what is typed is taken or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model.analysis.explain.lever_effects import values_tried
from model.engine.active_limits import limits_on
from model.evidence.store import Evidence
from model.formulation.levers import Choice, Lever, lever_named, levers
from pages.parts.text import levers as lever_text

APP = str(Path(__file__).resolve().parents[3] / "app.py")
NUMBERS = [lever for lever in levers() if lever.kind == "number"]


def helped(lever: str, **asked: str) -> AppTest:
    """The app with the help of one lever open."""
    app = AppTest.from_file(APP, default_timeout=120)
    for name, value in asked.items():
        app.query_params[name] = value
    app.run()
    app.session_state["about"] = True
    app.session_state["help_look"] = "One lever"
    app.session_state["help_lever"] = lever
    return app.run()


# -- typed entry -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["target_year", "plants_delay", "central_asia_year"])
def test_half_a_year_typed_is_no_error(name: str) -> None:
    """The field of a lever of years holds whole numbers, so that the lever always stands at one."""
    lever = lever_named(name)
    app = helped(name)
    (field,) = app.number_input
    assert not field.proto.format.endswith("g")
    field.set_value(lever.low + 1.5).run()
    assert not app.exception
    assert app.session_state[name] == lever.low + 1


@pytest.mark.parametrize("name", ["china_limit", "discount_rate"])
def test_what_is_typed_is_where_the_lever_stands(name: str) -> None:
    """Also between two steps of the slider."""
    app = helped(name)
    app.number_input[0].set_value(7.25).run()
    assert not app.exception
    assert app.session_state[name] == 7.25


def _typed_anyway() -> None:
    """A page on which a field of years holds what it should not."""
    import streamlit as st

    from pages.parts.session import undo

    st.session_state["field"] = 2030.5
    undo.type_lever("target_year", "field")
    st.text(undo.not_taken("field"))
    st.text(undo.not_taken("another"))


def test_what_a_lever_cannot_take_leaves_it_where_it_is() -> None:
    """Said in one plain sentence beside the field that it was typed into, which shows again what holds."""
    app = AppTest.from_function(_typed_anyway).run()
    assert not app.exception
    assert [text.value for text in app.text] == [
        "2030.5 was not taken: this lever takes whole years from 2028 to 2035.",
        "",
    ]
    assert "target_year" not in app.session_state
    assert app.session_state["field"] == 2030


@pytest.mark.parametrize("lever", NUMBERS, ids=lambda lever: lever.id)
def test_the_ends_and_the_step_of_a_lever_can_be_typed_as_they_are(lever: Lever) -> None:
    """Nothing is lost where a lever of years is typed in whole numbers."""
    ends = [lever_text.typable(lever, value) for value in (lever.low, lever.high, lever.step)]
    assert ends == [lever.low, lever.high, lever.step]
    assert all(lever.check(end) == end for end in ends[:2])
    assert "was not taken: this lever takes " in lever_text.not_taken(lever, "x")


# -- what a lever is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "said"), [("partner_allocation", "does not decide"), ("plants_capacity", "Policy")])
def test_the_help_says_whether_a_lever_is_policy_or_the_world(name: str, said: str) -> None:
    """As the split of a difference counts it."""
    app = helped(name)
    assert not app.exception
    assert any("**Kind:**" in text.value and said in text.value for text in app.markdown)


# -- undo and replay of one lever --------------------------------------------------------------------------------------


def test_one_lever_goes_back_while_the_others_stay_and_undo_takes_that_back_too() -> None:
    """At once after the move, which a slider that comes back would not be one."""
    app = helped("china_limit")
    assert app.button(key="undo_one").disabled
    assert app.button(key="replay_one").disabled
    app.slider(key="china_limit").set_value(75.0).run()
    app.slider(key="reserve_days").set_value(90.0).run()
    app.button(key="undo_one").click().run()
    assert not app.exception
    assert (app.session_state["china_limit"], app.session_state["reserve_days"]) == (60.0, 90.0)
    app.button(key="undo").click().run()
    assert (app.session_state["china_limit"], app.session_state["reserve_days"]) == (75.0, 90.0)
    app.button(key="undo").click().run()
    assert (app.session_state["china_limit"], app.session_state["reserve_days"]) == (75.0, 60.0)


def test_a_lever_put_back_at_once_is_a_move_to_be_undone() -> None:
    app = helped("china_limit")
    app.slider(key="china_limit").set_value(75.0).run()
    app.button(key="undo_one").click().run()
    assert app.session_state["china_limit"] == 60.0
    app.button(key="undo").click().run()
    assert app.session_state["china_limit"] == 75.0


@pytest.mark.parametrize("button", ["reset", "reset_one"])
def test_a_reset_at_once_is_a_move_to_be_undone(button: str) -> None:
    """Of all levers and of one: whoever resets by mistake finds the move of a second ago again."""
    app = helped("china_limit")
    app.slider(key="china_limit").set_value(75.0).run()
    app.button(key=button).click().run()
    assert app.session_state["china_limit"] == 60.0
    app.slider(key="china_limit").set_value(61.0).run()
    for wanted in (60.0, 75.0, 60.0):
        app.button(key="undo").click().run()
        assert app.session_state["china_limit"] == wanted


def test_a_file_opened_at_once_is_no_step_of_the_slider_that_it_moves() -> None:
    app = helped("china_limit")
    app.slider(key="china_limit").set_value(75.0).run()
    app.file_uploader(key="scenario_file").upload("mine.yaml", b"levers: {china_limit: 80}").run()
    app.slider(key="china_limit").set_value(81.0).run()
    for wanted in (80.0, 75.0, 60.0):
        app.button(key="undo").click().run()
        assert app.session_state["china_limit"] == wanted


def test_the_last_move_of_one_lever_is_told_with_the_others_as_they_stand() -> None:
    app = helped("china_limit", likelihood="120")
    app.slider(key="china_limit").set_value(62.0).run()
    app.slider(key="reserve_days").set_value(90.0).run()
    app.button(key="replay_one").click().run()
    assert not app.exception
    assert app.session_state["about"] is False  # what opens beside the levers would lie over it
    assert lever_text.lever_move("china_limit", (60.0, 62.0)) in [text.value for text in app.caption]
    assert any("Step 1 of 2" in text.value and "61 % of demand" in text.value for text in app.markdown)


# -- active settings ---------------------------------------------------------------------------------------------------


def settings(now: Choice, base: Choice) -> dict[str, tuple[str, str]]:
    """Value and origin by lever."""
    table = lever_text.active(now, base)
    return dict(zip(table["lever"], zip(table[lever_text.VALUE], table[lever_text.SET_BY], strict=True), strict=True))


def test_a_strict_story_lists_its_limits_though_nothing_is_changed(evidence: Evidence) -> None:
    """Each with its value and unit, apart from what the defaults bring."""
    story = Choice.of(evidence.presets["self_reliant"].levers)
    found = settings(story, story)
    assert found["china_limit"] == ("25 % of demand", lever_text.BY_STORY)
    assert found["home_limit"] == ("55 % of demand", lever_text.BY_STORY)
    assert found["recycling_budget"] == ("INR 1,500 crore", lever_text.BY_DEFAULT)
    assert found["aim"] == ("Least cost", lever_text.BY_DEFAULT)
    assert "premium_limit" not in found
    assert "joint_venture" not in found
    assert lever_text.BY_YOU not in {by for _, by in found.values()}


def test_what_the_visitor_changed_is_listed_as_such_also_when_it_is_off() -> None:
    now = Choice(china_limit=100, joint_venture=True, rupee=90)
    found = settings(now, Choice())
    assert {name for name, (_, by) in found.items() if by == lever_text.BY_YOU} == {
        "china_limit",
        "joint_venture",
        "rupee",
    }
    assert found["china_limit"][0] == "no limit"


@pytest.mark.parametrize("lever", levers(), ids=lambda lever: lever.id)
def test_no_setting_in_force_is_left_out(lever: Lever) -> None:
    """Limits that the model has on for a default lever are all there; a lever off its default always is."""
    assert set(limits_on(Choice())) <= set(settings(Choice(), Choice()))
    other = next(value for value in values_tried(lever.id, lever.default) if value != lever.default)
    there = Choice.of({lever.id: other})
    assert settings(there, there)[lever.id][1] == lever_text.BY_STORY
    assert settings(there, Choice())[lever.id][1] == lever_text.BY_YOU


def test_the_panel_of_a_strict_story_shows_the_list() -> None:
    app = helped("china_limit", preset="self_reliant")
    app.selectbox(key="preset").set_value("self_reliant").run()
    app.session_state["help_look"] = "Active settings"
    app.run()
    assert not app.exception
    assert lever_text.NONE_CHANGED in [box.value for box in app.info]
    table = next(frame.value for frame in app.table if lever_text.SET_BY in frame.value)
    assert ["Made in India at least", "55 % of demand", lever_text.BY_STORY] in table.values.tolist()
    app.slider(key="china_limit").set_value(30.0).run()
    assert any("story: 25 % of demand" in text.value for text in app.markdown)
