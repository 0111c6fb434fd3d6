"""Claims about doubt: facts moved to the ends of their ranges, switching values, sampled worlds, and when a plan fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.boxes import Condition, find_box, measured
from model.crew import share_out
from model.doubt import DoubtError, switching, tornado
from model.evidence import Evidence, InputError
from model.fails import FailureError, conditions, failure
from model.levers import Choice
from model.live import Engine
from model.lp import SolverFailed
from model.moved import METHOD, Solver, Weights, Worlds, span, uncertain
from model.sample import ADOPTED, CHEAPEST, SAFEST, SampleError, draw, sample, triangle
from model.states import UNDISTURBED, event_probabilities
from model.trials import a_year
from tests.paper import World, off_choice, small_world

CHOICE = Choice(china_limit=60, shortfall_limit=40)
RANGES = {
    "china_price_ndfeb_2030": (40, 90), "japan_volume_2030": (60, 200), "squeeze_chance": (0.1, 0.3), "embargo_months": (6, 24),
    "cars_demand_2035": (300, 800), "plants_first": (2028, 2031), "plants_use": (0.6, 0.95), "plants_ndpr_oxide_per_ndfeb": (0.3, 0.5),
}  # fmt: skip


def ranged(world: World, folder: Path, ranges: dict[str, tuple[float, float]]) -> Evidence:
    """A world in which some facts have ranges."""
    world.write(folder)
    for fact in world.facts:
        if fact["id"] in ranges:
            fact["low"], fact["high"] = ranges[fact["id"]]
    world.events, events = [e for e in world.events if e["id"] != "nothing_much"], world.events
    world.events = world.events or events
    known = {fact["id"] for fact in world.facts}
    assert set(ranges) <= known
    other = World.__new__(World)
    other.__dict__ = {**world.__dict__, "facts": [f for f in world.facts if f["about"] == "paper"]}
    return rewritten(world, folder)


def rewritten(world: World, folder: Path) -> Evidence:
    """The facts of a world written once more, after they were changed."""
    import yaml

    from model.evidence import load_evidence

    (folder / "facts" / "paper.yaml").write_text(yaml.safe_dump(world.facts, sort_keys=False), encoding="utf-8")
    return load_evidence(folder)


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The small world with ranges for some of its facts, and all its states."""
    return Engine(ranged(small_world(), tmp_path_factory.mktemp("doubtful"), RANGES), None)
