"""Claims about a public server: its settings, its log, its health, a prefix in its address, and how much it does at once."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette import starlette_app_utils

from model.__main__ import parser
from model.errors import InputError, SolverFailed
from model.formulation.levers import levers
from pages.parts.session import engines, long_task
from pages.parts.tasks import jobs, log
from pages.parts.tasks.jobs import Jobs
from pages.parts.text import common as words
from tests.support import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    return tomllib.loads((HOUSE / ".streamlit" / "config.toml").read_text())


def asked(url: str, **headers: str) -> tuple[int, str, Any]:
    """Status, text and headers of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as reply:
            return reply.status, reply.read().decode(errors="replace"), reply.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace"), error.headers


@pytest.fixture(scope="module")
def prefixed() -> Iterator[browser.Server]:
    """The app behind a prefix, as a proxy would serve it."""
    with browser.server(baseUrlPath="magnets/india") as running:
        yield running


# -- settings ----------------------------------------------------------------------------------------------------------


def test_the_server_tells_nobody_about_its_visitors(settings: dict[str, Any]) -> None:
    """No telemetry, no look-up of an outside address, no error page with links to search engines."""
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["browser"]["serverAddress"] == "localhost"
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["client"]["showErrorLinks"] is False


def test_the_server_is_closed_to_other_sites(settings: dict[str, Any]) -> None:
    """Forgery and cross-site protection are on in so many words, uploads and messages are small, no agent reads the app."""
    server = settings["server"]
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert server["maxUploadSize"] <= 2
    assert server["maxMessageSize"] <= 50
    assert server.get("enableAgentApi", False) is False


def test_the_containers_health_check_is_a_command_of_this_project() -> None:
    """A container that asks for `ok` alone stays well with unreadable data and rooms that cannot be written."""
    found = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", (HOUSE / "Dockerfile").read_text(encoding="utf-8"), re.M)
    assert found
    python, *module, verb = json.loads(found[1])
    assert (python, module) == ("python", ["-m", "model"])
    assert parser().parse_args([verb]).command == "health"


def test_the_proxy_of_the_hosting_guide_writes_down_no_keys_and_lets_a_workshop_in() -> None:
    """Its log holds ways without what follows the question mark and no visitor's address; twenty phones at a time are no flood."""
    part = re.search(r"```nginx\n(.*?)```", (HOUSE / "HOSTING.md").read_text(encoding="utf-8"), re.S)
    assert part
    http, _, server = part[1].partition("# inside server { }")
    form = re.search(r"log_format (\w+) '(.*)';", http)
    assert form
    assert re.search(rf"access_log \S+ {form[1]};", server)
    written = set(re.findall(r"\$(\w+)", form[2]))
    assert not written & {
        "request",
        "request_uri",
        "args",
        "query_string",
        "http_referer",
        "remote_addr",
        "remote_user",
    }
    assert "limit_conn_zone" in http
    assert "limit_conn_zone" not in server
    limit = re.search(r"limit_conn visits (\d+);", server)
    assert limit
    assert int(limit[1]) >= 20 * 20


def test_the_room_without_internet_begins_with_a_router_and_says_both_commands_for_windows() -> None:
    """Hotspots of Windows and macOS need a connection to share, and a facilitator's laptop mostly runs one of the two."""
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    guide = (HOUSE / "HOSTING.md").read_text(encoding="utf-8").split("## A room without internet")[1]
    assert guide.index("router") < guide.index("*Mobile hotspot*")
    assert guide.index("router") < guide.index("*Internet Sharing*")
    for part, command in (("bin/pip install", "Scripts\\pip install"), ("bin/streamlit run", "Scripts\\streamlit run")):
        assert f".venv/{part}" in text
        assert f".venv\\{command}" in text
    assert ".venv\\Scripts\\streamlit run app.py --server.headless=true" in guide


# -- the running server -------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_health_and_app_answer_below_a_prefix(prefixed: browser.Server) -> None:
    """A proxy that serves the app under a way of its own finds everything there, and nothing at the top."""
    status, text, _ = asked(f"{prefixed.url}/_stcore/health")
    assert (status, text) == (200, "ok")
    status, text, _ = asked(f"{prefixed.url}/")
    assert status == 200
    assert "<script" in text
    assert asked(f"{prefixed.url}/app/static/icon.png")[0] == 200


@pytest.mark.browser
@pytest.mark.parametrize(
    "way",
    [
        "../../etc/passwd",
        "..%2f..%2fapp.py",
        "app/static/../../app.py",
        "app/static/%2e%2e/%2e%2e/app.py",
        "media/../app.py",
    ],
)
def test_files_beside_the_static_folder_are_not_served(prefixed: browser.Server, way: str) -> None:
    """Neither code nor rooms leave the server by a crooked way."""
    status, text, _ = asked(f"{prefixed.url}/{way}")
    assert status < 500
    assert "import streamlit" not in text
    assert "root:" not in text


@pytest.mark.browser
def test_a_visitor_behind_the_prefix_gets_the_page_and_a_room_link_with_it(
    started: Browser, prefixed: browser.Server
) -> None:
    """A page's own address is the first that a fresh server hears, as after a host has slept: that page stands, with no box over it
    that says it does not exist. The menu works, and the room's link keeps the prefix."""
    with browser.visit(started, prefixed) as visitor:
        visitor.open("map", {"china_limit": 70})
        visitor.page.get_by_test_id("stDeckGlJsonChart").wait_for()
        visitor.settle()
        assert not visitor.page.get_by_role("dialog").count()
        assert "china_limit=70" in visitor.page.url
        assert visitor.slider("china_limit").input_value() == "70"
        known = [line for line in visitor.errors if "does not seem to exist" in line]
        assert len(known) <= 1  # Streamlit's own note, before the browser asks again
        visitor.errors[:] = [line for line in visitor.errors if line not in known]
        visitor.page.get_by_role("link", name="Room", exact=True).click()
        visitor.page.get_by_role("button", name="Open a room").click()
        visitor.page.get_by_text(re.compile(r"/magnets/india/\?room=[A-Z]{6}")).first.wait_for()


# -- the log ------------------------------------------------------------------------------------------------------------


def test_a_line_of_the_log_is_one_json_object_with_its_duration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A collector reads it line by line."""
    monkeypatch.setattr(log.HANDLER, "stream", sys.stderr)
    with log.timed("start"):
        pass
    log.note("room_opened")
    log.failed("file")
    first, second, third = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert first["event"] == "start"
    assert first["ms"] >= 0
    assert second["event"] == "room_opened"
    assert set(second) == {"time", "level", "event"}
    assert (third["level"], third["event"], third["reason"]) == ("error", "failed", "file")


def failures(written: str) -> list[str]:
    """The reasons of the failures in a log."""
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    return [line["reason"] for line in lines if line["event"] == "failed"]


def test_what_fails_leaves_a_line_with_a_fixed_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A start, long work, a file and a second opinion; limits that clash and bad input are answers, and nothing of an error's text
    gets in."""
    monkeypatch.setattr(log.HANDLER, "stream", sys.stderr)

    def fails(error: type[Exception]) -> Any:
        def work(*_: object) -> None:
            raise error("what a visitor typed")

        return work

    with pytest.raises(InputError):
        engines._engine(str(tmp_path))
    office = Jobs(4)
    for place, error in enumerate((SolverFailed, ValueError, InputError)):
        assert office.start(place, "visitor", fails(error)).ended.wait(5)
    with pytest.raises(ValueError, match="typed"):
        long_task.heavy_download(fails(ValueError))()
    with pytest.raises(SolverFailed), long_task.in_line():
        fails(SolverFailed)()
    written = capsys.readouterr().err
    assert failures(written) == ["start", "long_work", "long_work", "file", "solver"]
    assert "typed" not in "".join(line for line in written.splitlines() if line.startswith("{"))


def test_the_log_has_its_one_handler_before_the_first_line() -> None:
    """Threads that write the first lines at the same time would else each bring one, and every later line would stand there twice."""
    fresh = (
        "import logging, threading\n"
        "from pages.parts.tasks import log\n"
        "assert logging.getLogger('magnets').handlers == [log.HANDLER]\n"
        "log.note('room_opened')\n"
        "assert logging.getLogger('magnets').handlers == [log.HANDLER]\n"
    )
    assert subprocess.run([sys.executable, "-c", fresh], cwd=HOUSE, check=False, capture_output=True).returncode == 0


def test_nothing_that_a_visitor_typed_can_get_into_the_log() -> None:
    """Every place that writes to the log names its figures in the code, and none of them is a text, a lever or an address."""
    for path in (HOUSE / "pages").rglob("*.py"):
        for call in re.findall(r"log\.failed\((.*)\)", path.read_text(encoding="utf-8")):
            assert re.fullmatch(r'"[a-z_]+"', call), f"{path.name}: {call}"
    calls = re.compile(r"log\.(?:note|timed)\((.*?)\)(?:\n|:)", re.S)
    found = [
        (path.name, call)
        for path in sorted((HOUSE / "pages").rglob("*.py"))
        for call in calls.findall(path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 6
    for name, call in found:
        figures = set(re.findall(r"(\w+)=", call))
        assert figures <= {"ms", "limits", "complete", "answers"}, f"{name}: {call}"
        assert not any(lever.id in call for lever in levers()), f"{name}: {call}"


def test_the_log_of_a_visit_holds_events_and_no_address(prefixed: browser.Server) -> None:
    """What the server of the tests above wrote, its JSON lines alone."""
    events = [
        json.loads(line) for line in prefixed.log.read_text(errors="replace").splitlines() if line.startswith("{")
    ]
    text = json.dumps(events)
    if any(event["event"] == "room_opened" for event in events):
        assert {"start", "solve"} <= {event["event"] for event in events}
    assert not re.search(r"\d+\.\d+\.\d+\.\d+|://|china_limit", text)
    assert logging.getLogger("magnets").level <= logging.INFO


# -- how much at once ----------------------------------------------------------------------------------------------------


def test_long_work_waits_for_its_turn() -> None:
    """However many ask, so many pieces are done at a time, and all are done in the end."""
    at_once, most, lock = 0, 0, threading.Lock()

    def work(progress: Any, stop: Any, before: Any) -> str:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.05)
        with lock:
            at_once -= 1
        return "done"

    office = Jobs(20, at_once=2)
    started = [office.start(place, f"visitor {place}", work) for place in range(6)]
    for place, job in enumerate(started):
        assert job.wait(f"visitor {place}", 10)
        assert job.result.value == "done"
    assert most == 2


def test_work_that_nobody_waits_for_never_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor who leaves while waiting costs the server nothing, and the question can be asked again."""
    monkeypatch.setattr(jobs, "PATIENCE_S", 0.05)
    office, hold, begun = Jobs(20, at_once=1), threading.Event(), []

    def long(progress: Any, stop: Any, before: Any) -> str:
        hold.wait(10)
        return "long"

    def short(progress: Any, stop: Any, before: Any) -> str:
        begun.append(1)
        return "short"

    office.start("long", "one", long)
    left = office.start("short", "two", short)
    left.leave("two")
    assert left.ended.wait(5)
    assert not begun
    assert not left.result.complete
    assert office.result("short") is None
    hold.set()
    again = office.start("short", "two", short)
    assert again.ended.wait(5)
    assert again.result.value == "short"


def held(office: Jobs, name: str, order: list[str], owner: str = "") -> tuple[jobs.Job, threading.Event]:
    """Work of one visitor that notes its name when it begins and lasts until it is let go."""
    go = threading.Event()

    def work(progress: Any, stop: Any, before: Any) -> str:
        order.append(name)
        go.wait(10)
        return name

    job = office.start(name, name, work, owner)
    time.sleep(0.05)  # so that it stands in the line before the next
    return job, go


def test_three_tabs_of_one_browser_leave_places_for_others() -> None:
    """One piece of long work of each browser at a time: whoever comes later from elsewhere goes before the second tab."""
    order: list[str] = []
    office = Jobs(20, at_once=3)
    tabs = [held(office, f"tab {number}", order, "one browser") for number in range(3)]
    other = held(office, "other", order, "another browser")
    assert order == ["tab 0", "other"]
    assert not tabs[1][0].begun
    for job, go in (*tabs, other):
        go.set()
        assert job.ended.wait(5)
    assert order == ["tab 0", "other", "tab 1", "tab 2"]


def test_work_that_its_visitor_has_left_to_others_is_not_held_against_him() -> None:
    """Two wait for one work and one of them goes on to another question: his new work begins although the old one goes on."""
    order: list[str] = []
    office = Jobs(20, at_once=2)
    first, go = held(office, "first", order)
    assert office.start("first", "friend", lambda *_: None) is first
    first.leave("first")
    second = office.start("second", "first", lambda *_: "done")
    assert second.ended.wait(5)
    assert second.result.value == "done"
    go.set()
    assert first.ended.wait(5)


def test_places_are_given_in_the_order_of_asking() -> None:
    """Whoever waits longest is next, however many ask."""
    order: list[str] = []
    office = Jobs(20, at_once=1)
    started = [held(office, f"{number}", order) for number in range(8)]
    for job, go in started:
        go.set()
        assert job.ended.wait(5)
    assert order == [f"{number}" for number in range(8)]


def test_tabs_of_one_browser_are_known_by_their_cookie_and_others_are_not() -> None:
    """The cookie against forgery is masked anew with each page; what is no such cookie is nobody's."""
    token, other = (starlette_app_utils.generate_xsrf_token_string(bytes([n] * 16), 1) for n in (1, 2))
    again = starlette_app_utils.generate_xsrf_token_string(bytes([1] * 16), 1)
    assert token != again
    assert jobs.browser_of(token) == jobs.browser_of(again) != jobs.browser_of(other)
    assert {jobs.browser_of(text) for text in ("", "2", "2||", "2||ab|1", "2|zz|ab|1", "|" * 99)} == {""}


def test_heavy_files_and_second_opinions_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page says so while it waits, and the files share the line: one for each browser, so many in all."""
    asked = AppTest.from_function(heavy_page, default_timeout=20)
    line = jobs.Line(1)
    monkeypatch.setattr(long_task, "HEAVY", line)
    before = jobs.Ask("somebody else")
    assert line.enter(before)
    said: list[str] = []

    def caption(place: Any, text: str) -> None:
        said.append(text)
        line.leave(before)

    monkeypatch.setattr(DeltaGenerator, "caption", caption)
    app = asked.run()
    assert not app.exception
    assert said == [words.WAITS_FOR_OTHERS]
    assert [each.value for each in app.markdown] == ["opinion", "file"]
    assert line.enter(jobs.Ask("whoever comes next"), lambda: True)


def test_what_is_heavy_stands_in_that_line() -> None:
    """Brief, workbook and pack, and the second solver."""
    components = HOUSE / "pages" / "parts" / "components"
    panels, explained = ((components / f"{name}.py").read_text() for name in ("panels", "explanation"))
    heavy = set(re.findall(r"heavy_download\(([\w.]+)", panels))
    assert heavy == {"brief_pdf", "brief_html", "takeaway.workbook", "pack"}
    assert re.search(r"with in_line\(\).*\n.*second_opinion\(\)", explained)


def heavy_page() -> None:
    """A page that does something heavy in its turn, and makes a heavy file."""
    import streamlit as st

    from pages.parts.session import long_task

    with long_task.in_line():
        st.markdown("opinion")
    st.markdown(long_task.heavy_download(str, "file")())
