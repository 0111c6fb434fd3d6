"""The page of own numbers: a change shows on every page, is marked, can be dropped, and what cannot be changes nothing."""

from __future__ import annotations

import copy
import io
import zipfile
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from model.evidence.data_archive import folder_zip
from model.evidence.loading import DATA, load_evidence
from model.evidence.schema import Edit, OwnFact
from pages.parts.components import user_data
from pages.parts.session.engines import engine_on
from pages.parts.text import common as words
from pages.parts.text import facts
from pages.parts.text import user_data as user_data_text

APP = str(Path(__file__).resolve().parents[3] / "app.py")
FACT = "social_discount_rate"


@pytest.fixture(scope="module")
def base() -> Any:
    return load_evidence()


def plain(text: str) -> str:
    """A notice as people read it."""
    return text.replace("\\", "").replace(words.APART, "")


def opened() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120).run()
    app.switch_page("pages/check/own.py").run()
    assert not app.exception
    return app


def edited(app: AppTest, fact: str, **cells: object) -> AppTest:
    """Type into the row of a fact and press the button."""
    app.text_input(key="own_search").set_value(fact).run()
    shown = user_data.narrowed(user_data.rows(load_evidence(), ()), fact, every=False)
    place = list(shown["fact"]).index(fact)
    app.session_state[user_data.key_of(shown, 0)] = {
        "edited_rows": {place: cells},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.button(key="own_use").click().run()
    assert not app.exception
    return app


def test_own_data_with_another_story_tells_that_story(base: Any) -> None:
    """The story moves no number and so no version, yet a folder opened again with its story mended must not tell the old one."""
    old = base.story.replace(b"chart: magnets", b"chart: oxide")
    assert old != base.story
    one, other = (copy.copy(base) for _ in range(2))
    one.story = old
    assert one.version == other.version
    assert engine_on((), one).evidence.story == old
    assert engine_on((), other).evidence.story == base.story


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


def test_a_number_changed_in_a_narrowed_table_leaves_the_others_standing(base: Any) -> None:
    """What the search hides is not dropped."""
    app, name = opened(), fact_in_the_model(base)
    used = facts.in_model(base)
    other = next(f.id for f in base.facts.values() if f.id in used and f.unit == "INR crore" and not f.formula)
    edited(app, name, value=2 * base.value(name), reason="a quote of this week")
    before = app.session_state["_own"]
    app.text_input(key="own_search").set_value(other).run()
    shown = user_data.narrowed(user_data.rows(base, before), other, every=False)
    assert name not in set(shown["fact"])
    app.session_state[user_data.key_of(shown, app.session_state["_own_round"])] = {
        "edited_rows": {list(shown["fact"]).index(other): {"value": 1.5 * base.value(other)}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.button(key="own_use").click().run()
    assert not app.exception
    assert {edit.fact for edit in app.session_state["_own"]} == {name, other}


def test_answers_on_own_numbers_are_kept_apart_from_everybodys(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long results are shared among visitors by this key: with one key for all, one visitor would see what another's numbers gave."""
    shared = import_module("pages.parts.session.engines")
    edits = [(Edit(fact=FACT, value=factor * base.value(FACT), reason="x"),) for factor in (1.1, 1.2)]
    keys = []
    for own in ((), *edits):
        monkeypatch.setattr(shared, "own_numbers", lambda own=own: own)
        monkeypatch.setattr(shared, "own_data", lambda: None)
        monkeypatch.setattr(shared, "engine", lambda own=own: SimpleNamespace(evidence=base.with_edits(own)))
        keys.append(shared.data_key())
    assert len(set(keys)) == 3


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


def test_a_number_that_asks_for_more_states_of_the_world_is_used(base: Any) -> None:
    """Even odds of one event: the checks of the evidence pass it, so the model must work with it, or it must be refused."""
    app = edited(opened(), "scenario_iran_corridor", value=0.5, low=0.1, high=0.6, reason="a test")
    assert [edit.fact for edit in app.session_state["_own"]] == ["scenario_iran_corridor"]
    assert not app.main.error
    app.switch_page("pages/choose/mix.py").run()
    assert not app.exception


def test_own_numbers_with_which_there_is_no_model_are_refused_and_the_app_goes_on(base: Any) -> None:
    """Each passes the checks of the evidence alone; the model says no, in a sentence, before anything is changed."""
    name = fact_in_the_model(base)
    app = edited(opened(), name, value=1e12, low=1e11, high=1e13, reason="a test")
    assert "_own" not in app.session_state
    assert "no mix can be worked out" in app.main.error[0].value
    app.switch_page("pages/choose/mix.py").run()
    assert not app.exception
    assert not app.error


def test_as_many_own_numbers_as_can_be_kept_are_used(base: Any) -> None:
    """A set that is too long for an address still has an engine."""

    def script() -> None:
        import streamlit as st

        from model.evidence.schema import Edit
        from model.evidence.user_edits import MOST
        from pages.parts import session
        from pages.parts.session import user_data as own

        facts = [f for f in session.base_evidence().facts.values() if not f.formula]
        many = [Edit(fact=f.id, value=f.value, reason=f.what.ljust(190, ".")) for f in facts]
        kind, _ = own.try_own(many[:MOST])
        st.markdown(f"{kind} {len(session.evidence().own) == MOST}")

    small = AppTest.from_function(script, default_timeout=120).run()
    assert not small.exception
    assert small.markdown[0].value == "success True"


def zipped(base: Any, fact: str, value: float) -> bytes:
    """The shipped data folder with one fact changed, as a visitor would bring it."""
    whole, changed = io.BytesIO(), 0
    with zipfile.ZipFile(io.BytesIO(folder_zip(DATA))) as old, zipfile.ZipFile(whole, "w") as new:
        for info in old.infolist():
            text = old.read(info).decode()
            if f"id: {fact}\n" in text:
                entries = yaml.safe_load(text)
                entry = next(each for each in entries if each["id"] == fact)
                entry |= {"value": value, "low": min(value, entry["low"]), "high": max(value, entry["high"])}
                text, changed = yaml.safe_dump(entries, allow_unicode=True), changed + 1
            new.writestr(info.filename, text)
    assert changed == 1
    return whole.getvalue()


def brought(content: bytes) -> AppTest:
    """The page after a visitor has opened this folder."""
    app = opened()
    app.file_uploader(key="own_data_file").upload("mine.zip", content).run()
    assert not app.exception
    return app


def test_an_own_folder_is_used_and_left_again(base: Any) -> None:
    """Another number in the folder is the number of every page, and it is the published one again after the press of a button."""
    app = brought(zipped(base, FACT, 0.031))
    assert "your own data" in app.main.markdown[0].value
    assert any("your own data" in box.value for box in app.sidebar.warning)
    assert any("mine.zip" in plain(box.value) for box in app.main.success)
    assert value_on_the_evidence_page(app, FACT) == pytest.approx(0.031)
    app.switch_page("pages/check/own.py").run()
    app.button(key="drop_data").click().run()
    assert app.main.markdown[0].value.startswith("## All pages stand on the evidence as published")
    assert not app.sidebar.warning
    assert value_on_the_evidence_page(app, FACT) == pytest.approx(base.value(FACT))


def value_on_the_evidence_page(app: AppTest, fact: str) -> float:
    """What the Evidence page says of a fact."""
    app.switch_page("pages/check/evidence.py").run()
    assert not app.exception
    return float(app.dataframe[0].value.set_index("id").loc[fact, "Value"])


def test_a_folder_with_which_there_is_no_model_is_refused(base: Any) -> None:
    """Readable, and every number within what its unit allows; still no program can be made of it."""
    app = brought(zipped(base, "base_china_cost_2030", 1e12))
    assert "mine.zip was not used" in plain(app.main.error[0].value)
    assert "your own data" not in app.main.markdown[0].value


def test_own_numbers_on_an_own_folder_are_compared_with_that_folder(base: Any) -> None:
    """What they change is not what the folder changes: an own number that moves nothing leaves both columns alike."""
    app = brought(zipped(base, "base_china_cost_2030", 90.0))
    silent = next(f for f in base.facts.values() if not f.formula and f.id not in facts.in_model(base))
    app.toggle(key="own_every").set_value(True)
    app.text_input(key="own_search").set_value(silent.id).run()
    shown = user_data.narrowed(user_data.rows(base, ()), silent.id, every=True)
    place = list(shown["fact"]).index(silent.id)
    key = next(key for key in (user_data.key_of(shown, turn) for turn in range(9)) if key in app.session_state)
    app.session_state[key] = {
        "edited_rows": {place: {"value": 1.01 * silent.value}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.button(key="own_use").click().run()
    assert not app.exception
    [table] = [frame.value for frame in app.dataframe if "Result" in frame.value]
    assert table[user_data_text.under(True)].tolist() == table["On your numbers"].tolist()


def test_a_scenario_file_without_own_numbers_leaves_those_in_use_and_says_so(base: Any) -> None:
    """A file of levers says nothing about facts; figures that somebody typed in are not lost by opening it."""
    name = fact_in_the_model(base)
    app = edited(opened(), name, value=2 * base.value(name), reason="a quote of this week")
    app.file_uploader(key="scenario_file").upload("plain.yaml", b"levers: {china_limit: 70}").run()
    assert not app.exception
    assert app.slider(key="china_limit").value == 70
    assert [edit.fact for edit in app.session_state["_own"]] == [name]
    assert any("stay in use" in box.value for box in app.sidebar.success)


def test_a_scenario_file_with_own_numbers_that_cannot_be_changes_nothing(base: Any) -> None:
    """Neither levers nor own numbers, not even where only the model sees that it cannot be."""
    name = fact_in_the_model(base)
    app = opened()
    for value in (1e12, 1e30):
        file = f"levers: {{china_limit: 70}}\nfacts: [{{fact: {name}, value: {value:.0f}, reason: a test}}]"
        app.file_uploader(key="scenario_file").upload("broken.yaml", file.encode()).run()
        assert not app.exception
        assert "broken.yaml was not used" in app.sidebar.error[0].value.replace("\\", "")
        assert name in app.sidebar.error[0].value.replace("\\", "")
        assert app.slider(key="china_limit").value != 70
        assert "_own" not in app.session_state
    file = f"levers: {{china_limit: 70}}\nfacts: [{{fact: {name}, value: {2 * base.value(name)}, reason: a test}}]"
    app.file_uploader(key="scenario_file").upload("good.yaml", file.encode()).run()
    assert [edit.fact for edit in app.session_state["_own"]] == [name]
    assert any("one own number of the file" in box.value.lower() for box in app.sidebar.success)


def test_undo_of_a_scenario_file_takes_its_own_numbers_back_too(base: Any) -> None:
    """And redo brings them again; an own number that came by itself is no part of a move of the levers."""
    name = fact_in_the_model(base)
    app = opened()
    file = f"levers: {{china_limit: 70}}\nfacts: [{{fact: {name}, value: {2 * base.value(name)}, reason: a test}}]"
    app.file_uploader(key="scenario_file").upload("mine.yaml", file.encode()).run()
    app.button(key="undo").click().run()
    assert not app.exception
    assert app.slider(key="china_limit").value == 60
    assert app.session_state["_own"] == ()
    assert not app.sidebar.success
    app.button(key="redo").click().run()
    assert app.slider(key="china_limit").value == 70
    assert [edit.fact for edit in app.session_state["_own"]] == [name]
    app.slider(key="china_limit").set_value(80.0).run()
    app.session_state["_own"] = (Edit(fact=name, value=3 * base.value(name), reason="another"),)
    app.run()
    app.button(key="undo").click().run()
    assert app.slider(key="china_limit").value == 70
    assert [edit.value for edit in app.session_state["_own"]] == [3 * base.value(name)]


def test_own_numbers_made_on_an_own_folder_never_stand_in_an_address(base: Any) -> None:
    """A reload has no folder, so they would be put on the published evidence; page and share button say that neither travels."""
    name = fact_in_the_model(base)
    app = opened()
    file = f"levers: {{}}\nfacts: [{{fact: {name}, value: {2 * base.value(name)}, reason: a test}}]".encode()
    app.file_uploader(key="scenario_file").upload("mine.yaml", file).run()
    assert "own" in app.query_params
    app.file_uploader(key="own_data_file").upload("mine.zip", zipped(base, FACT, 0.031)).run()
    assert "own" not in app.query_params
    app.file_uploader(key="scenario_file").upload("again.yaml", file).run()
    assert [edit.fact for edit in app.session_state["_own"]] == [name]
    assert "own" not in app.query_params
    assert user_data_text.FOLDER_STAYS in [box.value for box in app.info]
    app.session_state["share"] = True
    app.run()
    assert "own=" not in next(code.value for code in app.code)
    assert user_data_text.FOLDER_STAYS in [box.value for box in app.warning]


HOSTILE = r"\[x\](http://evil.example) [y](//evil.example) <b>b</b> :red[z] www.evil.example me@evil.example `c` $q$"


def test_what_others_typed_is_shown_and_never_read_as_markdown(base: Any) -> None:
    """A reason comes with a link from anybody, a file may be called anything: each character is shown as it is."""
    name, typed = fact_in_the_model(base), words.as_typed(HOSTILE)
    row = {"fact": name, "value": 2 * base.value(name), "reason": HOSTILE}
    app = opened()
    app.file_uploader(key="scenario_file").upload(
        f"{HOSTILE}.yaml", yaml.safe_dump({"levers": {}, "facts": [row]}).encode()
    ).run()
    assert any(typed in box.value for box in app.sidebar.success)
    assert any(typed in text.value for text in app.main.markdown)
    app.file_uploader(key="scenario_file").upload("x.yaml", yaml.safe_dump({"levers": {}, HOSTILE: 1}).encode()).run()
    assert any(words.as_typed("[x") in box.value for box in app.sidebar.error)
    app.query_params["fact"] = HOSTILE
    app.switch_page("pages/check/evidence.py").run()
    assert any(words.as_typed(HOSTILE[:80]) in box.value for box in app.warning)
    app.text_input(key="evidence_search").set_value(name).run()
    assert any(typed in text.value for text in app.main.markdown)
    assert not app.exception
