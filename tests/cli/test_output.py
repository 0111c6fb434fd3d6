"""Standard output is the command line's alone: one document, whatever a solver or another library prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from model.__main__ import SOLVED

ROOT = Path(__file__).resolve().parents[2]

TALKING = """
import ctypes, os, runpy, sys
from model.lp.persistent import Live
silent = Live.solve

def solve(self, *given, **named):
    os.write(1, b"a banner of the solver\\n")
    print("a line of a library in Python")
    if os.name == "posix":
        ctypes.CDLL(None).printf(b"what the C library holds back until the end\\n")
    return silent(self, *given, **named)

Live.solve = solve
runpy.run_module("model", run_name="__main__")
"""
"""The command line with a solver that writes in all three ways: to the descriptor, in Python, and late from C."""

SILENT = """
import numpy as np
from model.lp.model import Sheet
from model.lp.persistent import Live
from model.lp.solve import solve_once

def sheet():
    made = Sheet("two_routes", {"need": np.array([3.0])})
    terms = [(made.column(name, 0.0, 2.0, cost), 1.0) for name, cost in (("near", 5.0), ("far", 1.0))]
    made.row("all_needs", terms, ">=", 3.0)
    made.finish()
    return made

live = Live(sheet())
costs = {live.solve().objective, live.clone().solve().objective}
costs |= {solve_once(sheet(), solver).objective for solver in ("HiGHS", "HiGHS interior point", "CBC")}
assert max(costs) - min(costs) < 1e-6, costs
"""
"""Every way in which this project meets a solver: live, as a copy of a live one, and through PuLP."""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python code as a process of its own, in the project's folder."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_solvers_print_nothing() -> None:
    """HiGHS 1.16 prints a banner before its first option is set; the app's log and the command line have no use for it."""
    done = run(SILENT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_output_is_one_json_document_whatever_a_library_prints() -> None:
    """What is written to the descriptor, printed in Python or held back by C until the end goes to standard error."""
    done = run(TALKING, "solve", "--json")
    assert done.returncode == SOLVED, done.stderr
    assert json.loads(done.stdout)["status"] == "optimal"
    said = ["a banner of the solver", "a line of a library in Python"]
    said += ["what the C library holds back until the end"] if os.name == "posix" else []
    assert {line: line in done.stderr for line in said} == dict.fromkeys(said, True)


def test_output_of_help_and_version_stays_on_standard_output() -> None:
    """`python -m model --help | less` shows the help."""
    done = run(TALKING, "--help")
    assert (done.returncode, done.stderr) == (SOLVED, "")
    assert "solve" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="closing a descriptor is said in a POSIX shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_output_that_was_closed_from_the_start_leads_nowhere(closed: str, tmp_path: Path) -> None:
    """A job that is started without streams still writes its file, and nothing of its text lands in it."""
    file = tmp_path / "mix.csv"
    command = f'exec "$0" -m model solve --out "{file}" {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == SOLVED, done.stderr
    assert file.read_text(encoding="utf-8").startswith("route,commodity,year,")
    assert "Traceback" not in done.stdout + done.stderr
    assert ("Written to" in done.stdout) == (">&-" not in closed.split())
