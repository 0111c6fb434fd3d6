"""Claims about the stage: the prepared story, the projector and the one large chart."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from model.engine.engine import Engine
from model.errors import EvidenceError
from model.evidence.loading import DATA, STORY, load_evidence
from model.evidence.story import load_story
from model.formulation.levers import Choice, levers
from pages.parts.charts import mix as charts
from pages.parts.charts import stage as stage_chart
from pages.parts.text import mix as mix_text
from tests.pages.test_pages import APP, said

STAGE = "pages/workshop/stage.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data to spoil."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def staged(**asked: str) -> AppTest:
    """The stage as a visitor first sees it."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run().switch_page(STAGE).run()


def chosen(app: AppTest) -> Choice:
    """Where the levers stand."""
    return Choice.of({lever.id: app.session_state[lever.id] for lever in levers()})


# -- the story ---------------------------------------------------------------------------------------------------------


def test_every_step_of_the_shipped_story_can_be_told(engine: Engine) -> None:
    """Each has a mix, something to show and something to say; nothing in it is a figure that would grow stale."""
    steps = load_story(engine.evidence)
    assert len(steps) >= 6
    for step in steps:
        mix = engine.answer(Choice.of(engine.evidence.presets[step.preset].levers)).mix
        assert len(stage_chart.drawn(step.chart, mix, engine.evidence)[0]), step.id
        assert step.ask.endswith("?")
        assert step.note.endswith((".", "?"))
        assert "INR" not in step.note + step.ask


SPOILT = {
    "a preset that does not exist": ("where_we_are", "preset", "nowhere"),
    "a chart that does not exist": ("only_cost", "chart", "pie"),
    "an empty note": ("bad_years", "note", "  "),
    "a number for a question": ("squeeze", "ask", 7),
    "a field too many": ("limits", "colour", "red"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_story_that_cannot_be_told_names_the_entry(folder: Path, what: str) -> None:
    """Refused at the border, with file and entry."""
    entry, field, value = SPOILT[what]
    steps = yaml.safe_load((folder / STORY).read_text(encoding="utf-8"))
    next(step for step in steps if step["id"] == entry)[field] = value
    (folder / STORY).write_text(yaml.safe_dump(steps), encoding="utf-8")
    with pytest.raises(EvidenceError, match=rf"story\.yaml, entry {entry}") as problem:
        load_story(load_evidence(folder))
    assert "\n" not in str(problem.value)


def test_a_data_folder_without_a_story_has_a_stage_without_steps(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other data need no story; the chart stands all the same. A broken story is one sentence, and the chart stands too."""
    monkeypatch.setenv("MAGNET_DATA", str(folder))
    (folder / STORY).unlink()
    app = staged()
    assert not app.exception
    assert app.button(key="stage_on").disabled
    assert stage_chart.NO_STORY in [text.value for text in app.markdown]
    (folder / STORY).write_text("- id: x", encoding="utf-8")
    app.run()
    assert not app.exception
    assert "story.yaml, entry x" in said(app)


def test_steps_go_forth_and_back_and_set_levers_chart_and_note() -> None:
    """Next, next, previous; the levers always stand as the step's preset has them."""
    evidence = load_evidence()
    steps = load_story(evidence)
    app = staged()
    assert app.button(key="stage_turn").disabled
    for place in (1, 2, 3):
        app.button(key="stage_on").click().run()
        assert not app.exception
        assert chosen(app) == Choice.of(evidence.presets[steps[place - 1].preset].levers)
        assert app.selectbox(key="stage_view").value == steps[place - 1].chart
        assert any(steps[place - 1].ask in text.value for text in app.markdown)
    assert not any(steps[2].note[:30] in box.value for box in app.info)
    app.button(key="stage_turn").click().run()
    assert any(steps[2].note[:30] in box.value for box in app.info)
    app.button(key="stage_back").click().run()
    assert chosen(app) == Choice.of(evidence.presets[steps[1].preset].levers)


def test_undo_goes_back_to_the_step_that_was_told_there() -> None:
    """Title, question and chart are those of the levers again; also between two steps of one preset nothing is mixed up."""
    steps = load_story(load_evidence())
    assert steps[1].preset == steps[2].preset
    app = staged()
    for _ in range(4):
        app.button(key="stage_on").click().run()
    app.button(key="undo").click().run()
    assert not app.exception
    assert app.session_state["step"] == 3
    assert any(text.value.startswith(f"**3 of {len(steps)}: ") for text in app.markdown)
    assert app.selectbox(key="stage_view").value == steps[2].chart
    app.button(key="redo").click().run()
    assert any(text.value.startswith(f"**4 of {len(steps)}: ") for text in app.markdown)
    for _ in range(3):
        app.button(key="undo").click().run()
    assert stage_chart.BEGIN in [text.value for text in app.markdown]
    assert chosen(app) == Choice()


def test_undo_of_a_lever_moved_at_a_step_stays_at_that_step_and_its_chart() -> None:
    """Also right after a reload, which learns the step late."""
    app = staged(step="5")
    steps = load_story(load_evidence())
    other = next(name for name in stage_chart.CHARTS if name != steps[4].chart)
    app.selectbox(key="stage_view").set_value(other)
    app.slider(key="china_limit").set_value(81.0).run()
    app.button(key="undo").click().run()
    assert not app.exception
    assert app.slider(key="china_limit").value == 60.0
    assert any(text.value.startswith(f"**5 of {len(steps)}: ") for text in app.markdown)
    assert app.selectbox(key="stage_view").value == other


def test_a_link_into_the_story_keeps_levers_that_were_moved() -> None:
    """Coming back to step 5 after a reload must not throw away what the room has found, and the page tells that step at once, with
    its chart."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["step"], app.query_params["china_limit"] = "5", "63"
    app.switch_page(STAGE).run()
    steps = load_story(load_evidence())
    assert not app.exception
    assert any(text.value.startswith(f"**5 of {len(steps)}: ") for text in app.markdown)
    assert not any(text.value == stage_chart.BEGIN for text in app.markdown)
    assert app.selectbox(key="stage_view").value == steps[4].chart
    assert not app.button(key="stage_turn").disabled
    assert app.slider(key="china_limit").value == 63


def test_a_chart_chosen_by_hand_stays_when_the_stage_is_left_and_entered_again() -> None:
    """The step's chart is where the stage begins, not where it falls back to."""
    app = staged(step="5")
    steps = load_story(load_evidence())
    other = next(name for name in stage_chart.CHARTS if name != steps[4].chart)
    app.selectbox(key="stage_view").set_value(other).run()
    app.switch_page("pages/check/method.py").run()
    app.switch_page(STAGE).run()
    assert app.selectbox(key="stage_view").value == other


def test_keys_are_documented_as_they_are() -> None:
    """What the page says of its keys is what its buttons listen to."""
    app = staged()
    keys = {b.proto.shortcut.lower() for b in app.button if b.key in ("stage_back", "stage_on", "stage_turn")}
    assert keys == {"pageup", "pagedown", "n"}
    assert all(key in stage_chart.KEYS.lower() for key in keys)


# -- the projector -----------------------------------------------------------------------------------------------------


def test_the_projector_enlarges_letters_and_charts() -> None:
    """Bound to the address, on every page; the letters in charts grow with the page."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["projector"] = "true"
    app.run()
    assert app.toggle(key="projector").value is True
    assert any("font-size" in part.proto.body for part in app.get("html"))
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    assert spec["config"]["axis"]["labelFontSize"] > charts.CONFIG["axis"]["labelFontSize"]


def test_the_chart_is_told_in_words_with_its_figures(engine: Engine) -> None:
    """Whoever does not see it hears what it shows now, of every chart; the table's columns have people's names."""
    answer = engine.answer(Choice())
    for name in stage_chart.CHARTS:
        rows, _ = stage_chart.drawn(name, answer.mix, engine.evidence)
        told = stage_chart.alt(name, answer.mix, rows)
        assert re.search(r"\d (t|%)", told), told
        assert set(rows) - {"kind", "rank"} <= set(mix_text.COLUMNS), name
    table = staged().dataframe[0]
    assert "Planned, t" in table.proto.columns
    assert not {"kind", "rank"} & set(table.value.columns)


def test_enlarging_changes_letters_and_nothing_else(engine: Engine) -> None:
    """Data, colours and scales stay; the original is not touched."""
    mix = engine.answer(Choice()).mix
    for name in stage_chart.CHARTS:
        _, spec = stage_chart.drawn(name, mix, engine.evidence)
        before = json.dumps(spec)
        grown = stage_chart.enlarged(spec)
        assert json.dumps(spec) == before
        assert stage_chart.enlarged(spec, 1.0) == json.loads(before) or grown != spec
        assert grown.get("layer", [{}])[0].get("data") == spec.get("layer", [{}])[0].get("data")
