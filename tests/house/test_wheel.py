"""What `pip install .` gives: the model, its data and a command, away from the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import model

HOUSE = Path(__file__).resolve().parents[2]
SCREEN = {"streamlit", "pydeck", "segno"}
"""What only the app needs, not the model."""
STUDY = """
import model
from pathlib import Path
from model import Choice, Engine, load_evidence, pack, verify
assert "checkout" not in model.__file__
engine = Engine(load_evidence())
content = pack(engine, Choice(china_limit=70, shortfall_limit=40))
assert verify(engine, content).holds
print(engine.answer(Choice(china_limit=70, shortfall_limit=40)).mix)
"""


def test_the_wheel_asks_for_what_the_model_needs_and_has_every_package() -> None:
    """Ranges and version stand in one more place, so both are held together here; a folder left out would be missed only by users."""
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    asked = (HOUSE / "requirements.in").read_text(encoding="utf-8").split()
    assert project["project"]["dependencies"] == [line for line in asked if re.split(r"[<>=!]", line)[0] not in SCREEN]
    assert project["project"]["version"] == model.__version__
    folders = {path.parent.relative_to(HOUSE) for path in (HOUSE / "model").rglob("*.py")}
    data = {"model.data", "model.data.facts", "model.data.outline"}
    assert set(project["tool"]["setuptools"]["packages"]) == {".".join(folder.parts) for folder in folders} | data


def test_the_wheel_runs_a_study_in_an_empty_folder(tmp_path: Path) -> None:
    """Installed without the checkout it finds its data, packs an answer and answers as a command."""
    checkout, site, empty = tmp_path / "checkout", tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    for folder in ("model", "data"):
        shutil.copytree(HOUSE / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CITATION.cff"):
        shutil.copy(HOUSE / name, checkout / name)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(site),
        str(checkout),
    ]
    subprocess.run(pip, check=True, timeout=300)
    shutil.rmtree(checkout)
    told = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", STUDY], cwd=empty, env=told, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "<Mix optimal: china_limit=70.0" in done.stdout
    command = subprocess.run(
        [site / "bin" / "magnet-mix", "levers"], cwd=empty, env=told, capture_output=True, text=True, timeout=60
    )
    assert command.stdout.startswith("china_limit"), command.stderr
