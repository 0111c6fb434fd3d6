"""What many tests share: the shipped evidence, one engine for it, and one small world that solves in milliseconds."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import settings

from model.engine.engine import Engine
from model.evidence.loading import load_evidence
from model.evidence.store import Evidence
from tests.support.paper import small_world

settings.register_profile("the_same_every_time", deadline=None, derandomize=True)
settings.load_profile("the_same_every_time")


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
def small(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine on the small world, with all its states."""
    return Engine(small_world().evidence(tmp_path_factory.mktemp("small_world")), None)
