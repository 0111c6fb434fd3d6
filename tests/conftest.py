"""What many tests share: the shipped evidence, one engine for it, and one small world that solves in milliseconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from model.engine.engine import Engine
from model.evidence.loading import load_evidence
from model.evidence.store import Evidence
from tests.support import browser
from tests.support.paper import small_world

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("the_same_every_time", deadline=None, derandomize=True)
settings.load_profile("the_same_every_time")


SLOW = Path(__file__).with_name("slow.txt")
"""Names of tests that take long, one a line, as measured with `python -m pytest -n 0 -m "not browser" --note-slow`."""
SLOW_S = 0.5
"""Longer than this, in seconds on a quiet machine, a test is not among the quick ones."""


def _named(node: str) -> str:
    """The function or class of a test, without its file, which may move, and its parameters."""
    return node.split("::")[1].split("[")[0]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--note-slow", action="store_true", help="write the names of tests that take long into tests/slow.txt"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the quick ones. Browser tests go first: one worker then drives the only browser while the other counts, and the many short
    tests at the end leave neither idle."""
    slow = set(SLOW.read_text(encoding="utf-8").split())
    for item in items:
        if item.get_closest_marker("browser") is None and _named(item.nodeid) not in slow:
            item.add_marker("quick")
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Note the tests that took long, setting up included, when asked to."""
    if config.getoption("--note-slow"):
        spent: Counter[str] = Counter()
        for reports in terminalreporter.stats.values():
            for report in reports:
                if isinstance(report, pytest.TestReport):
                    spent[report.nodeid] += report.duration
        names = {_named(node) for node, seconds in spent.items() if seconds > SLOW_S}
        names |= set(SLOW.read_text(encoding="utf-8").split()) - {_named(node) for node in spent}  # not run now
        SLOW.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


@pytest.fixture(autouse=True, scope="session")
def no_rest() -> None:
    """Nobody drags a slider in a test without a browser, so nothing waits for the levers to stand still."""
    aside = import_module("pages.parts.tasks.deferred")
    aside.REST_S = aside.PAINT_S = 0.0  # type: ignore[attr-defined]
    aside.MANY_S = 0.0  # type: ignore[attr-defined] - tests ask faster than any crowd of visitors


@pytest.fixture(autouse=True, scope="session")
def not_the_first_run() -> None:
    """Tests without a browser open pages in any order; no browser would ask again after the first run of a server."""
    import_module("pages.parts.session.layout")._asked_before = lambda: [True]  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """The shipped evidence. Tests must not change it."""
    return load_evidence()


@pytest.fixture(scope="session")
def engine(evidence: Evidence) -> Engine:
    """One engine on the shipped evidence, as a server would share it."""
    return Engine(evidence)


@pytest.fixture(scope="session")
def started() -> Iterator[Browser]:
    """One Chromium for all tests of a process; each visitor has a context of its own in it."""
    browser.need_a_browser()
    with browser.browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def visiting(started: Browser) -> Iterator[browser.Visit]:
    """Lets visitors in: one app for all tests of a process that do not end it."""
    with browser.visitors(started) as let_in:
        yield let_in


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine on the small world, with all its states."""
    return Engine(small_world().evidence(tmp_path_factory.mktemp("small_world")), None)
