"""The same mixes before and after a change of the code: every preset and 200 drawn choices, compared to the last digit.

    python -m tests.benchmarks.same_answers --write before.json     # on the code as it was
    python -m tests.benchmarks.same_answers --against before.json   # on the code as it is: 0 differences, or which

One engine answers all choices in the same order, so the same code gives the same bytes. The file holds, for each choice, the objective and a
digest of each array of the mix; where a digest differs, the sum of the array tells by how much.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

from model import Choice, Engine, NoMix, SolverFailed, load_evidence

SEED = 20261130
DRAWN = 200
ARRAYS = ("plan", "add", "fill", "stock", "deliver", "draw", "short")


def _levers() -> tuple[Any, ...]:
    """The levers, wherever the module that declares them lives in the version at hand."""
    for name in ("model.formulation.levers", "model.formulation.levers"):
        try:
            return tuple(importlib.import_module(name).levers())
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError("no module declares levers")


def choices(presets: dict[str, Any]) -> list[tuple[str, Choice]]:
    """Every preset, then choices in which each lever has moved with a chance of one in twelve to a step of its range."""
    found = [(f"preset {name}", Choice(**preset.levers)) for name, preset in presets.items()]
    dice = random.Random(SEED)
    for number in range(DRAWN):
        moved: dict[str, Any] = {}
        for lever in _levers():
            if dice.random() < 0.92:
                continue
            if lever.kind == "switch":
                moved[lever.id] = dice.random() < 0.5
            elif lever.kind == "option":
                moved[lever.id] = dice.choice(lever.options)
            else:
                moved[lever.id] = lever.low + lever.step * dice.randint(0, int((lever.high - lever.low) / lever.step))
        found.append((f"drawn {number}", Choice(**moved)))
    return found


def measured() -> dict[str, Any]:
    """Objective and digests of every choice; without a mix, the reason."""
    evidence = load_evidence()
    engine, found = Engine(evidence), {}
    for name, choice in choices(evidence.presets):
        try:
            mix = engine.mix(choice)
        except (NoMix, SolverFailed) as reason:
            found[name] = {"none": str(reason)}
            continue
        arrays = {key: np.ascontiguousarray(getattr(mix, key)) for key in ARRAYS}
        found[name] = {
            "objective_kusd": repr(mix.objective_kusd),
            "digests": {key: hashlib.sha256(array.tobytes()).hexdigest() for key, array in arrays.items()},
            "sums": {key: repr(float(array.sum())) for key, array in arrays.items()},
        }
    return found


def main() -> int:
    """Write or compare; the number of choices that differ decides the exit status."""
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of a set may move the last digit of a sum
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.benchmarks.same_answers", *sys.argv[1:]],
            os.environ | {"PYTHONHASHSEED": "0"},
        )
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", type=Path, help="file to write the answers of this code to")
    action.add_argument("--against", type=Path, help="file with the answers of other code")
    asked = parser.parse_args()
    found = measured()
    if asked.write:
        asked.write.write_text(json.dumps(found, indent=1), encoding="utf-8")
        sys.stdout.write(
            f"{len(found)} choices written, {sum('none' in one for one in found.values())} without a mix\n"
        )
        return 0
    before = json.loads(asked.against.read_text(encoding="utf-8"))
    differ = [name for name in before if before[name] != found.get(name)]
    for name in differ:
        sys.stdout.write(
            f"{name}: {before[name].get('objective_kusd', 'no mix')} -> {found[name].get('objective_kusd', 'no mix')}\n"
        )
    sys.stdout.write(f"{len(before)} choices, {len(differ)} differ\n")
    return int(bool(differ))


if __name__ == "__main__":
    sys.exit(main())
