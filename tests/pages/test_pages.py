"""Claims about the frame and the Mix page, run without a browser."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.errors import SolverFailed
from model.evidence.loading import load_evidence
from model.formulation.levers import Choice, lever_named, levers
from pages.parts.components import sidebar
from pages.parts.session import screen_reader
from pages.parts.text import common as words

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def opened(**asked: str) -> AppTest:
    """The app as a visitor first sees it, with these values in its address."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def headline(app: AppTest) -> str:
    """The sentence on top of the page."""
    return next(text.value for text in app.markdown if text.value.startswith("## "))


def said(app: AppTest) -> str:
    """Everything that the page says in error, warning and success boxes, as people read it."""
    text = " ".join(box.value for boxes in (app.error, app.warning, app.success) for box in boxes)
    return text.replace("\\", "").replace(words.APART, "")


@pytest.fixture(scope="module")
def first() -> AppTest:
    """The default view; tests must not change it."""
    return opened()


def test_the_first_page_answers_without_an_error(first: AppTest) -> None:
    """Who supplies what in 2030, at what cost, how bad the worst year is."""
    assert not first.exception
    assert not first.error
    text = headline(first)
    assert "In 2030" in text
    assert "today's course" in text
    assert "unserved" in text


def drawn(app: AppTest) -> set[str]:
    """The keys of all widgets that a lever may have."""
    return {str(widget.key) for kind in (app.slider, app.toggle, app.selectbox) for widget in kind}


def test_every_lever_is_on_the_side(first: AppTest) -> None:
    """Eight stand in front, and the rest behind the titles of their groups."""
    front = {lever.id for lever in levers() if lever.front}
    assert len(front) == 8
    assert drawn(first) & {lever.id for lever in levers()} == front
    app = opened()
    for group in sidebar.GROUPS:
        app.session_state[f"group_{group}"] = True
    app.run()
    assert {lever.id for lever in levers()} <= drawn(app)


def test_a_folded_lever_off_its_default_is_drawn_and_holds() -> None:
    """The address holds only what is drawn: a lever that counts must not leave it because its group is folded."""
    app = opened(country_limit="70")
    assert "country_limit" in drawn(app)
    assert "home_limit" not in drawn(app)
    app.slider(key="reserve_days").set_value(75.0).run()
    assert app.slider(key="country_limit").value == 70.0
    assert not app.exception


def test_a_lever_set_in_an_open_group_stays_when_it_is_folded_again() -> None:
    """Folding away is no reset."""
    app = opened()
    app.session_state["group_world"] = True
    app.run()
    app.slider(key="rupee").set_value(90.0).run()
    said = headline(app)
    app.session_state["group_world"] = False
    app.run()
    assert app.slider(key="rupee").value == 90.0
    assert headline(app) == said


def test_every_indicator_has_a_value_and_a_way_to_its_facts(first: AppTest) -> None:
    """A number without a source is an opinion."""
    assert len(first.metric) >= 8
    assert all(metric.value for metric in first.metric)
    assert first.pills(key="indicators_facts").options == [metric.label for metric in first.metric]


def test_a_lever_moves_the_answer(first: AppTest) -> None:
    """Without a limit on shortfall the sentence is another."""
    app = opened()
    app.slider(key="shortfall_limit").set_value(100.0).run()
    assert not app.exception
    assert headline(app) != headline(first)


@pytest.mark.parametrize(
    "text",
    ["</script><script>alert(1)</script>", "<!-- <script>", "&lt;b&gt;", 'say "this" \\', "a\u2028b", "NOW", "चीन"],
)
def test_what_is_said_aloud_stays_a_text(text: str) -> None:
    """A label that somebody typed stands in a script: nothing in it ends the script or is markup, and all of it is said."""
    before, after = screen_reader.SCRIPT.split("NOW")
    written = screen_reader.script(text).removeprefix(before).removesuffix(after)
    assert json.loads(written) == text
    assert written.isascii()
    assert not set(written) & set("<>&")


def test_a_link_restores_its_levers() -> None:
    """What one person sees, another sees by the same address."""
    app = opened(china_limit="35", aim="shortfall", joint_venture="true")
    assert app.slider(key="china_limit").value == 35.0
    assert app.selectbox(key="aim").value == "shortfall"
    assert app.toggle(key="joint_venture").value is True
    assert not app.warning


@pytest.mark.parametrize("raw", ["banana", "140", "-1", "nan"])
def test_an_unusable_link_value_is_named_and_the_default_stands(raw: str) -> None:
    """A broken link must not break the page, nor pretend."""
    app = opened(china_limit=raw)
    assert not app.exception
    assert app.slider(key="china_limit").value == Choice().china_limit
    assert "Dependence on China at most" in said(app)


def test_every_story_can_be_told() -> None:
    """Each preset sets its levers and gives a mix; a reset leads back to it after a change."""
    app = opened()
    for name, preset in load_evidence().presets.items():
        app.selectbox(key="preset").set_value(name).run()
        assert not app.exception, name
        assert not app.error, name
        assert app.slider(key="china_limit").value == Choice.of(preset.levers).china_limit
    app.slider(key="reserve_days").set_value(15.0).run()
    assert not app.button(key="reset").disabled
    app.button(key="reset").click().run()
    assert app.button(key="reset").disabled


def test_no_mix_says_which_limits_are_on_and_keeps_the_last_mix() -> None:
    """Asking for too much is no dead end: the last good mix stays and one click leads back."""
    app = opened()
    before = headline(app)
    app.slider(key="target_year").set_value(2028.0)
    app.slider(key="shortfall_limit").set_value(0.0)
    app.slider(key="china_limit").set_value(0.0).run()
    assert not app.exception
    assert headline(app) == before
    assert "No mix meets the shortfall limit" in said(app)
    app.button(key="back_to_good").click().run()
    assert not app.error
    assert app.slider(key="china_limit").value == Choice().china_limit


def test_each_offered_loosening_is_one_press_and_makes_a_mix_possible() -> None:
    """A clash is answered with buttons; pressing one changes that lever alone and the message goes away."""
    wanted = {"china_limit": 45.0, "shortfall_limit": 10.0}
    for way in ("way_china_limit", "way_shortfall_limit", "way_target_year"):
        app = opened()
        for lever, value in wanted.items():
            app.slider(key=lever).set_value(value)
        app.run()
        assert "cannot hold together" in said(app)
        app.button(key=way).click().run()
        assert not app.exception
        assert not app.error
        changed = {name for name in wanted if app.slider(key=name).value != wanted[name]}
        assert changed == {way.removeprefix("way_")} - {"target_year"}


def test_binding_limits_tell_their_price_beside_the_slider() -> None:
    """The default China limit binds: its price stands under its slider, with unit and reach."""
    app = opened()
    notes = [c.value for c in app.sidebar.caption]
    assert any("\nOne point looser saves INR" in n and "a year" in n for n in notes)


def test_what_is_sensible_stands_under_every_slider() -> None:
    """Of limits that are on too, beside their price, and of levers that were folded away."""
    app = AppTest.from_file(APP, default_timeout=120)
    for lever in levers():
        if lever.kind == "number" and not lever.front:
            app.query_params[lever.id] = f"{lever.low if lever.default == lever.high else lever.high:g}"
    app.run()
    assert not app.exception
    said = [caption.value for caption in app.sidebar.caption]
    drawn = {slider.key for slider in app.sidebar.slider}
    for lever in (lever for lever in levers() if lever.kind == "number"):
        assert lever.id in drawn
        assert any(words.sensible(lever) in text for text in said), lever.id


def test_no_slider_is_without_its_sensible_range_while_no_mix_meets_the_limits() -> None:
    """Limits have no price then."""
    app = opened(china_limit="0", shortfall_limit="0")
    said = [caption.value for caption in app.sidebar.caption]
    assert all(words.sensible(lever_named(name)) in said for name in ("china_limit", "shortfall_limit"))


def test_a_scenario_file_sets_the_levers_and_a_bad_one_changes_nothing() -> None:
    """A scenario comes back to the same levers; what is not understood is refused in one sentence."""
    app = opened()
    app.file_uploader(key="scenario_file").upload(
        "mine.yaml", b"levers: {china_limit: 42.5, joint_venture: true}"
    ).run()
    assert app.slider(key="china_limit").value == 42.5
    assert app.toggle(key="joint_venture").value is True
    assert app.success
    app.file_uploader(key="scenario_file").upload("bad.yaml", b"levers: {china_limit: lots}").run()
    assert app.slider(key="china_limit").value == 42.5
    assert "china_limit" in said(app)
    assert not app.exception


def test_a_bad_data_folder_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever points the app at another folder learns what is wrong with it, without a traceback."""
    monkeypatch.setenv("MAGNET_DATA", str(tmp_path / "nowhere"))
    app = opened()
    assert not app.exception
    assert len(app.error) == 1
    assert "nowhere" in app.error[0].value


def test_an_undisturbed_year_is_shown_with_its_probability() -> None:
    """It is one year in six, so it must never pass for what to expect."""
    app = opened()
    toggle = app.toggle(key="undisturbed")
    assert "probability" in toggle.label
    toggle.set_value(True).run()
    assert not app.exception


def test_a_fact_link_leads_to_the_evidence_page() -> None:
    """One click from a number to what it stands on."""
    app = opened(china_limit="50")
    app.pills(key="indicators_facts").select("Dependence on China").run()
    assert not app.exception
    assert app.session_state["evidence_search"] == "lever china_limit"


def to_the_facts(app: AppTest) -> None:
    """Follow the first link from the chart of magnets to the evidence."""
    pills = app.pills(key="magnets_facts")
    pills.set_value(pills.options[0]).run()
    assert not app.exception


def test_the_story_stays_when_a_fact_link_is_followed() -> None:
    """A page that is left in the middle must not throw the visitor back to the first story."""
    app = opened()
    app.selectbox(key="preset").set_value("eu_65").run()
    moves = len(app.session_state["_history"].past)
    to_the_facts(app)
    assert app.session_state["evidence_search"]
    assert app.selectbox(key="preset").value == "eu_65"
    assert len(app.session_state["_history"].past) == moves


def drawn_levers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes each time that the levers are drawn."""
    seen: list[str] = []
    sidebar = import_module("pages.parts.components.sidebar")
    draw = sidebar.draw

    def noted(here: str, *more: Any) -> Any:
        seen.append(here)
        return draw(here, *more)

    monkeypatch.setattr(sidebar, "draw", noted)
    return seen


def test_a_run_that_ends_for_the_next_one_draws_no_levers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing on after a click has ended the run could take up the next click and lose this one."""
    app = opened(china_limit="72")
    seen = drawn_levers(monkeypatch)
    to_the_facts(app)
    assert seen == ["evidence"]
    assert app.slider(key="china_limit").value == 72.0


@pytest.mark.parametrize("how", ["an error", "a stop without any mix"])
def test_a_page_that_ends_early_still_has_its_levers(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Levers are the way out of what went wrong; that the solver failed stands in the log."""
    failed: list[str] = []
    monkeypatch.setattr("pages.parts.tasks.log.failed", failed.append)

    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError if how == "an error" else SolverFailed("the solver gave up")

    monkeypatch.setattr("model.engine.engine.Engine.answer", fails)
    app = opened()
    assert app.exception if how == "an error" else "gave up" in said(app)
    assert app.slider(key="china_limit").value == Choice().china_limit
    assert set(failed) == (set() if how == "an error" else {"solver"})


def test_what_limits_cost_is_worked_out_once_for_the_same_levers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a group of levers moves nothing: the prices stand at once, and the server has nothing to do."""
    answers, asked = import_module("pages.parts.session.answers"), []
    work = answers.limits_in_words

    def counted(*inputs: Any) -> Any:
        asked.append(inputs[2])  # whether in full
        return work(*inputs)

    monkeypatch.setattr(answers, "limits_in_words", counted)
    app = opened()
    assert asked.count(True) == 1
    said = [caption.value for caption in app.sidebar.caption]
    app.session_state["group_world"] = True
    app.run()
    assert asked.count(True) == 1
    assert set(said) <= {caption.value for caption in app.sidebar.caption}
    app.slider(key="china_limit").set_value(70.0).run()
    assert asked.count(True) == 2


def test_a_link_that_names_what_does_not_exist_says_so() -> None:
    """Unknown names in the address are passed over, and a sentence names them, cut where they are long."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["no_such_lever"] = "7"
    app.query_params["x" * 300] = "1"
    app.run()
    assert not app.exception
    [notice] = [w.value.replace("\\", "") for w in app.warning if "does not exist here" in w.value]
    assert "no_such_lever" in notice
    assert "x" * 60 not in notice


def test_a_busy_server_keeps_to_what_is_known_at_once() -> None:
    """When many wait for prices, a limit keeps the note that needs no solve, and says no longer that more is coming."""
    app = opened()
    aside = import_module("pages.parts.tasks.deferred")
    waiting = {object() for _ in range(aside.WAITING_MOST)}
    aside._asked().update(waiting)
    try:
        app.slider(key="china_limit").set_value(66.0).run()
        notes = " ".join(c.value for c in app.sidebar.caption)
        assert not app.exception
        assert "at the margin" in notes
        assert "being worked out" not in notes
        # what is known at once is about the levers as they stand
        app.slider(key="china_limit").set_value(95.0).run()
        assert " ".join(c.value for c in app.sidebar.caption) != notes
    finally:
        aside._asked().difference_update(waiting)
    app.slider(key="china_limit").set_value(65.0).run()
    assert "looser saves" in " ".join(c.value for c in app.sidebar.caption)
