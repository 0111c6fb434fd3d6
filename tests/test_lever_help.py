"""Claims about the help of one lever and the list of active settings: what is typed is taken or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model.levers import Lever, lever_named, levers

APP = str(Path(__file__).resolve().parents[1] / "app.py")
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

    from pages.parts.bridge import moves

    st.session_state["field"] = 2030.5
    moves.type_lever("target_year", "field")
    st.text(moves.not_taken("field"))
    st.text(moves.not_taken("another"))


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
def test_every_number_has_a_field_with_its_range(lever: Lever) -> None:
    """The ends of the field are those of the slider."""
    from pages.parts import help_words

    ends = [help_words.typable(lever, value) for value in (lever.low, lever.high, lever.step)]
    assert ends == [lever.low, lever.high, lever.step]
    assert all(lever.check(end) == end for end in ends[:2])
    assert "was not taken: this lever takes " in help_words.not_taken(lever, "x")


# -- what a lever is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "said"), [("partner_allocation", "does not decide"), ("plants_capacity", "Policy")])
def test_the_help_says_whether_a_lever_is_policy_or_the_world(name: str, said: str) -> None:
    """As the split of a difference counts it."""
    app = helped(name)
    assert not app.exception
    assert any("**Kind:**" in text.value and said in text.value for text in app.markdown)
