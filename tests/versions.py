"""The locked versions and those around them: `python -m tests.versions` tries the newest and the lowest versions that the ranges
allow, each in an environment of its own; `lock` and `renew` write requirements*.txt from the ranges in requirements*.in."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
PARTS = ("-dev", "", "-cluster")
"""Endings of requirements*.in; the first holds all others, so its lock decides for all."""

CORE = (
    "tests/formulation/test_program.py",
    "tests/engine/test_live.py",
    "tests/results/test_mix.py",
    "tests/analysis/validation/test_rebuild.py",
    "tests/export/link/test_link.py",
    "tests/cli/test_command_line.py",
    "tests/export/test_files.py",
    "tests/export/brief/test_brief.py",
    "tests/export/pack/test_pack.py",
    "tests/analysis/ensemble/test_ensemble.py",
    "tests/pages/charts/test_maps.py",
)
"""What has to hold with any versions: the program, its answers, an independent rebuild, links, the command line, files to take
away, ensembles and maps."""

SHOWN = (
    "streamlit",
    "pulp",
    "highspy",
    "numpy",
    "pandas",
    "pydeck",
    "pydantic",
    "pyarrow",
    "duckdb",
    "reportlab",
    "xlsxwriter",
)
"""Packages in the table."""

PYTHON = "3.11"
"""The oldest Python of the lock."""

KINDS = ("newest", "lowest")
"""Of all versions that the ranges allow, those that are tried."""

PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)", re.M)
COUNT = re.compile(r"(\d+) (passed|failed|skipped|error)")


def uv(*arguments: str) -> str:
    """Run uv and give back what it prints. Raises `CalledProcessError` after its own words."""
    command = [sys.executable, "-m", "uv", *arguments]
    return subprocess.run(command, cwd=HOUSE, check=True, stdout=subprocess.PIPE, text=True).stdout


def lock(upgrade: bool) -> None:
    """Write requirements*.txt for Python 3.11 and newer on Linux, macOS and Windows. Pins that still fit their range stay,
    unless all are to be taken anew."""
    command = [
        "pip", "compile", "-q", "--universal", "--python-version", PYTHON, "--fork-strategy", "fewest",
        "--annotation-style", "line", "--custom-compile-command", "python -m tests.versions lock",
    ]  # fmt: skip
    for part in PARTS:
        more = ["-c", f"requirements{PARTS[0]}.txt"] if part != PARTS[0] else []
        more += ["--upgrade"] if upgrade else []
        uv(*command, *more, f"requirements{part}.in", "-o", f"requirements{part}.txt")


@dataclass(frozen=True)
class Trial:
    """How the core tests ended with one set of versions."""

    name: str
    versions: dict[str, str]
    counts: dict[str, int]
    seconds: float
    status: int
    output: str

    @property
    def well(self) -> bool:
        """Whether something ran and all of it passed."""
        return self.status == 0 and self.counts.get("passed", 0) > 0


def resolved(name: str, folder: Path, python: str) -> Path:
    """A file of pins: the newest versions that the ranges allow, or the lowest of what this project asks for itself, with
    the newest test tools that go with them."""
    file, floor = folder / "pins.txt", folder / "floor.txt"
    command = ["pip", "compile", "-q", "--no-header", "--no-annotate", "--python-version", python]
    if name == "newest":
        uv(*command, "requirements-dev.in", "-o", str(file))
    else:
        uv(*command, "--resolution", "lowest-direct", "requirements.in", "-o", str(floor))
        uv(*command, "-c", str(floor), "requirements-dev.in", "-o", str(file))
    return file


def tried(name: str, python: str, tests: Sequence[str]) -> Trial:
    """Build an environment, run the tests in it, and throw it away."""
    with tempfile.TemporaryDirectory(prefix="versions-", ignore_cleanup_errors=True) as made:
        pins = resolved(name, Path(made), python)
        home = Path(made) / "env"
        uv("venv", "-q", "--python", python, str(home))
        inside = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        uv("pip", "install", "-q", "--python", str(inside), "-r", str(pins))
        begin = time.perf_counter()
        options = ["--tb=short", "-p", "no:cacheprovider", "-m", "not browser"]
        command = [str(inside), "-m", "pytest", *options, *tests]
        done = subprocess.run(command, cwd=HOUSE, check=False, capture_output=True, text=True)
        last = done.stdout.strip().rpartition("\n")[2]
        counts = {word: int(number) for number, word in COUNT.findall(last)}
        versions = dict(PIN.findall(pins.read_text(encoding="utf-8")))
        return Trial(name, versions, counts, time.perf_counter() - begin, done.returncode, done.stdout + done.stderr)


def table(trials: Sequence[Trial]) -> str:
    """The trials side by side, in Markdown."""
    lines = [f"| | {' | '.join(trial.name for trial in trials)} |", "|---" * (1 + len(trials)) + "|"]
    for package in SHOWN:
        lines.append(f"| {package} | {' | '.join(trial.versions.get(package, '-') for trial in trials)} |")
    for count in ("passed", "failed", "error", "skipped"):
        lines.append(f"| {count} | {' | '.join(f'{trial.counts.get(count, 0):,}' for trial in trials)} |")
    lines.append(f"| seconds | {' | '.join(f'{trial.seconds:,.0f}' for trial in trials)} |")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Try versions and print a table, or write the lock. Exit status 1 when a trial fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.versions", description=__doc__)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("both", *KINDS, "lock", "renew"),
        default="both",
        help="try newest, lowest or both; lock: keep the pins that fit their ranges; renew: take the newest of all",
    )
    parser.add_argument("--python", default=PYTHON, metavar="X.Y", help=f"the Python to try with, by default {PYTHON}")
    parser.add_argument("--tests", nargs="+", default=CORE, metavar="FILE", help="other tests than the core")
    arguments = parser.parse_args(argv)
    if arguments.what in ("lock", "renew"):
        lock(upgrade=arguments.what == "renew")
        return 0
    names = KINDS if arguments.what == "both" else (arguments.what,)
    trials = [tried(name, arguments.python, arguments.tests) for name in names]
    for trial in trials:
        if not trial.well:
            sys.stdout.write(f"-- {trial.name}\n{trial.output}\n")
    sys.stdout.write(f"{table(trials)}\n")
    return 0 if all(trial.well for trial in trials) else 1


if __name__ == "__main__":
    sys.exit(main())
