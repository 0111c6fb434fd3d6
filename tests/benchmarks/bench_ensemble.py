"""How many sampled worlds a second, on one process and on two, against the same loop with PuLP and CBC, and whether memory stays flat.

    python -m tests.benchmarks.bench_ensemble [REPORT.md] [--quick | --long]

Each run is the command line in a process of its own, from nothing to the finished file. Two rates are told: of the whole run, and
of the worlds alone, from the first chunk on the disk to the last, which is what counts when there are many. Memory is the highest resident
set of this run's processes together. The load beside each run says whether others worked at the same time; processor time a world
says what it takes when they did. Also told: what the file weighs and how long its summary takes. On two quiet cores it takes about
six minutes; `--long`, with a hundred thousand worlds, about twenty more; `--quick`, too short to tell rates, about one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from model.analysis.ensemble.ensemble import task_for
from model.analysis.ensemble.evaluation import CHUNK, CHUNK_ANEW
from model.analysis.ensemble.summary import sampled
from model.engine.engine import Engine
from model.evidence.loading import load_evidence
from model.formulation.levers import Choice

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Run:
    """One run: worlds, seconds of the whole, worlds a second without the start, processor seconds of all its processes, highest memory
    in MB of the writer and of all its processes."""

    worlds: int
    processes: int
    seconds: float
    steady: float
    processor: float
    writer_mb: float
    all_mb: float
    load: float
    file_mb: float
    sha256: str

    @property
    def rate(self) -> float:
        """Worlds a second over the whole run."""
        return self.worlds / self.seconds


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    mine = [int(child) for child in text.split()]
    return mine + [grand for child in mine for grand in _children(child)]


def _resident(pid: int) -> float:
    """Resident memory of a process in MB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def run(folder: Path, worlds: int, processes: int, replan: bool) -> Run:
    """One run of the command line."""
    out = folder / f"{worlds}-{processes}-{replan}.parquet"
    parts = out.with_name(out.name + ".parts")
    line = [
        sys.executable, "-m", "model", "sample", "--worlds", str(worlds), "--workers", str(processes), "--out", str(out), "--json",
        *(["--replan"] if replan else []),
    ]  # fmt: skip
    begin, used = time.perf_counter(), _processor()
    ready: list[tuple[float, int]] = []
    writer = every = 0.0
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE) as process:
        while process.poll() is None:
            time.sleep(0.1)
            mine = _resident(process.pid)
            writer, every = max(writer, mine), max(every, mine + sum(map(_resident, _children(process.pid))))
            chunks = sum(1 for name in _names(parts) if name.startswith("chunk-") and name.endswith(".parquet"))
            if chunks and (not ready or chunks > ready[-1][1]):
                ready.append((time.perf_counter(), chunks))
        assert process.stdout is not None
        record = json.loads(process.stdout.read())
    assert process.returncode == 0, record
    seconds = time.perf_counter() - begin
    (first, few), (last, many) = ready[0], ready[-1]
    steady = (many - few) * (CHUNK_ANEW if replan else CHUNK) / (last - first) if many > few else float("nan")
    found = Run(
        worlds, processes, seconds, steady, _processor() - used, writer, every, os.getloadavg()[0],
        out.stat().st_size / 1e6, record["sha256"],
    )  # fmt: skip
    print(found, file=sys.stderr)
    return found


def _processor() -> float:
    """Processor seconds of all processes that this one started and that have ended."""
    found = os.times()
    return found.children_user + found.children_system


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def with_cbc(engine: Engine, worlds: int, replan: bool) -> tuple[float, int]:
    """Worlds a second of the very same loop without HiGHS: each program written down anew with PuLP and solved with CBC, in this process;
    and how many worlds."""
    task = task_for(engine, Choice(), worlds, 2030, replan)
    with ExitStack() as without:
        for module in ("engine.worker", "analysis.uncertainty.perturbation", "analysis.stress.recourse"):
            without.enter_context(patch(f"model.{module}.HAS_HIGHS", False))
        work = task.ready()
        begin = time.perf_counter()
        work(0)
        return worlds / (time.perf_counter() - begin), worlds


def table(name: str, one: Run, two: Run, cbc: tuple[float, int]) -> list[str]:
    """Rows for one way of working out worlds."""
    whole, steady = two.rate / one.rate / 2, two.steady / one.steady / 2
    rows = [_row(f"{name}, 1 process", one, ""), _row(f"{name}, 2 processes", two, f"{whole:.0%} / {steady:.0%}")]
    rate, worlds = cbc
    ratio = f"ours is {one.steady / rate:.0f} times as quick"
    return [
        *rows,
        f"| {name}, PuLP and CBC, 1 process | {worlds} | {worlds / rate:.1f} | {rate:.2f} | {rate:.2f} | | {ratio} | {os.getloadavg()[0]:.1f} |",
        f"| the same bytes on 1 and on 2: {'yes' if one.sha256 == two.sha256 else 'NO'} | | | | | | | |",
    ]  # fmt: skip


def _row(name: str, run: Run, efficiency: str) -> str:
    rates = f"{run.rate:.1f} | {run.steady:.1f} | {1000 * run.processor / run.worlds:.0f}"
    return f"| {name} | {run.worlds:,} | {run.seconds:.1f} | {rates} | {efficiency} | {run.load:.1f} |"


def report(quick: bool, long: bool = False) -> str:
    """The tables as Markdown; `quick` draws fewer worlds, `long` many."""
    held, again, few, sizes = (400, 80, 3, (200, 1_000)) if quick else (4_000, 400, 10, (1_000, 10_000))
    sizes = (*sizes, 100_000) if long else sizes
    engine = Engine(load_evidence())
    lines = [
        "# Ensembles", "",
        f"{os.cpu_count()} cores, {len(engine.states)} states, default levers; asked for: two processes at least 85 % as efficient as one.", "",
        "| run | worlds | seconds | a second, whole run | a second, worlds alone | processor ms a world, start included | efficiency whole / alone | load |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, worlds, replan in (("adopted plan held", held, False), ("planned anew too", again, True)):
            one, two = (run(folder, worlds, processes, replan) for processes in (1, 2))
            lines += table(title, one, two, with_cbc(engine, few, replan))
        lines += [
            "",
            "| worlds, plan held, 2 processes | writer, MB | all processes, MB | file, MB | summary, s |",
            "|---|---|---|---|---|",
        ]
        for size in sizes:
            big = run(folder, size, 2, False)
            begin = time.perf_counter()
            sampled(folder / f"{size}-2-False.parquet")
            seconds = time.perf_counter() - begin
            lines.append(f"| {size:,} | {big.writer_mb:.0f} | {big.all_mb:.0f} | {big.file_mb:.1f} | {seconds:.1f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", nargs="?", type=Path)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--quick", action="store_true")
    how.add_argument("--long", action="store_true")
    options = parser.parse_args()
    text = report(options.quick, options.long)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
