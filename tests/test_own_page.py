"""The page of own numbers: a change shows on every page, is marked, can be dropped, and what cannot be changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.evidence import DATA, Edit, OwnFact, load_evidence
from model.folder import folder_zip
from pages.parts import facts, owned

APP = str(Path(__file__).resolve().parents[1] / "app.py")
FACT = "social_discount_rate"


@pytest.fixture(scope="module")
def base() -> Any:
    return load_evidence()


def opened() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120).run()
    app.switch_page("pages/check/own.py").run()
    assert not app.exception
    return app


def edited(app: AppTest, fact: str, **cells: object) -> AppTest:
    """Type into the row of a fact and press the button."""
    app.text_input(key="own_search").set_value(fact).run()
    shown = owned.narrowed(owned.rows(load_evidence(), ()), fact, every=False)
    place = list(shown["fact"]).index(fact)
    app.session_state[owned.key_of(shown, 0)] = {"edited_rows": {place: cells}, "added_rows": [], "deleted_rows": []}
    app.button(key="own_use").click().run()
    assert not app.exception
    return app


def fact_in_the_model(base: Any) -> str:
    """The dearest-to-miss number that is a price of Chinese magnets and not derived."""
    used = facts.in_model(base)
    return next(f.id for f in base.facts.values() if f.id in used and f.unit == "USD/kg" and not f.formula)


def test_an_own_number_is_taken_marked_and_dropped(base: Any) -> None:
    app, name = opened(), fact_in_the_model(base)
    before = app.main.markdown[0].value
    edited(app, name, value=2 * base.value(name), reason="a quote of this week")
    [edit] = app.session_state["_own"]
    assert (edit.fact, edit.value, edit.reason) == (name, 2 * base.value(name), "a quote of this week")
    assert "one own number" in app.main.markdown[0].value
    assert any("own number" in w.value for w in app.sidebar.warning)
    app.switch_page("pages/check/evidence.py").run()
    table = app.dataframe[0].value
    assert table.set_index("id").loc[name, "Kind"] == facts.OWN
    app.switch_page("pages/check/own.py").run()
    app.button(key=f"drop_{name}").click().run()
    assert app.session_state["_own"] == ()
    assert app.main.markdown[0].value == before


@pytest.mark.parametrize("cells", [{"value": 1e18}, {"value": -0.5, "low": 0.2}, {"value": None}])
def test_a_number_that_cannot_be_changes_nothing(base: Any, cells: dict[str, Any]) -> None:
    app, name = opened(), fact_in_the_model(base)
    edited(app, name, **cells)
    assert "_own" not in app.session_state
    [error] = app.main.error
    assert name in error.value.replace("\\", "")


def test_marks_reach_every_reader_of_a_fact(base: Any) -> None:
    """The fact itself says so: its kind, its note, and the kind of what is derived from it."""
    name = fact_in_the_model(base)
    other = base.with_edits([Edit(fact=name, value=2 * base.value(name), reason="a quote")])
    fact = other.facts[name]
    assert isinstance(fact, OwnFact)
    assert fact.published == base.value(name)
    assert "a quote" in fact.note
    rows = facts.table(other).set_index("id")
    assert rows.loc[name, "Kind"] == facts.OWN
    for derived in other.touched:
        assert rows.loc[derived, "Kind"] == facts.DERIVED_OWN


def test_an_own_folder_is_used_and_left_again(base: Any) -> None:
    """Here the template itself, so the version stays and the notice says that it is in use."""
    app = opened()

    class File:
        name = "mine.zip"

        def getvalue(self) -> bytes:
            return folder_zip(DATA)

    def script() -> None:
        import streamlit as st

        from pages.parts import bridge
        from pages.parts.bridge import own

        own.load_data()
        st.write(bridge.evidence().version, own.own_told()[0])

    small = AppTest.from_function(script, default_timeout=120)
    small.session_state["own_data_file"] = File()
    small.run()
    assert not small.exception
    assert small.markdown[0].value == f"{base.version} success"
    assert app.main.markdown[0].value.startswith("## All pages stand on the evidence as published")
