"""What scripts rely on: the door `from model import ...`, its examples, and the study in the README."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import model

ROOT = Path(model.__file__).resolve().parent.parent


def test_the_examples_at_the_door_are_true() -> None:
    """Documentation that is run cannot go stale."""
    found = doctest.testmod(model)
    assert found.attempted > 10
    assert found.failed == 0


def test_every_name_at_the_door_leads_to_its_room() -> None:
    """Each is what its room calls it, and is documented there."""
    for room, names in model.DOOR.items():
        for name in names:
            given = getattr(model, name)
            assert given is getattr(importlib.import_module(f"model.{room}"), name)
            assert name not in {path.stem for path in (ROOT / "model").glob("*.py")}, f"{name} is a room's name too"
    assert set(model.__all__) <= set(dir(model))
    with pytest.raises(AttributeError, match="no name 'nonsense'"):
        model.nonsense  # noqa: B018


def test_the_door_opens_quickly_and_loads_only_what_is_asked_for() -> None:
    """`import model` alone brings neither solver nor PDF writer: a script that only reads levers starts at once."""
    code = "import sys, model; model.Choice; print(sorted({'pulp', 'reportlab', 'xlsxwriter', 'highspy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_study_in_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever copies it gets a table and two files; it has twenty lines at most, as its heading says."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("## A study in twenty lines")[1]
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code
    assert len([line for line in code[1].splitlines() if line.strip()]) <= 20
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(code[1], "README.md", "exec"), names)
    table = names["table"]
    assert len(table) >= 6  # type: ignore[arg-type]
    assert "worst_case_pct" in capsys.readouterr().out
    assert model.verify(names["engine"], (tmp_path / "best.zip").read_bytes()).holds
    assert (tmp_path / "best.xlsx").read_bytes()[:2] == b"PK"
