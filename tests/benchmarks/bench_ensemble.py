"""How many sampled worlds a second, on one process and on two, against the same loop with PuLP and CBC, and whether memory stays flat.

    python -m tests.benchmarks.bench_ensemble [REPORT.md] [--quick]

Each run is the command line in a process of its own, from nothing to the finished file. Two rates are told: of the whole run, and
of the worlds alone, from the first chunk on the disk to the last, which is what counts when there are many. Memory is the highest resident
set of this run's processes together. The load beside each run says whether others worked at the same time. Also told: what
the file weighs and how long its summary takes.
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

from model.ensemble import task_for
from model.evidence import load_evidence
from model.levers import Choice
from model.live import Engine
from model.sampled import sampled
from model.worlds import CHUNK, CHUNK_ANEW

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Run:
    """One run: worlds, seconds of the whole and of the worlds alone, highest memory in MB of the writer and of all its processes."""

    worlds: int
    processes: int
    seconds: float
    steady: float
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
    begin = time.perf_counter()
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
        worlds,
        processes,
        seconds,
        steady,
        writer,
        every,
        os.getloadavg()[0],
        out.stat().st_size / 1e6,
        record["sha256"],
    )
    print(found, file=sys.stderr)
    return found


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
        for module in ("live", "moved", "recourse"):
            without.enter_context(patch(f"model.{module}.HAS_HIGHS", False))
        work = task.ready()
        begin = time.perf_counter()
        work(0)
        return worlds / (time.perf_counter() - begin), worlds


def table(name: str, one: Run, two: Run, cbc: tuple[float, int]) -> list[str]:
    """Rows for one way of working out worlds."""
    whole, steady = two.rate / one.rate / 2, two.steady / one.steady / 2
    return [
        f"| {name}, 1 process | {one.worlds:,} | {one.seconds:.1f} | {one.rate:.1f} | {one.steady:.1f} | | {one.load:.1f} |",
        f"| {name}, 2 processes | {two.worlds:,} | {two.seconds:.1f} | {two.rate:.1f} | {two.steady:.1f} | {whole:.0%} / {steady:.0%} | {two.load:.1f} |",
        f"| {name}, PuLP and CBC, 1 process | {cbc[1]} | {cbc[1] / cbc[0]:.1f} | {cbc[0]:.2f} | {cbc[0]:.2f} | ours is {one.steady / cbc[0]:.0f} x | {os.getloadavg()[0]:.1f} |",
        f"| same bytes on 1 and on 2 | {'yes' if one.sha256 == two.sha256 else 'NO'} | | | | | |",
    ]  # fmt: skip


def report(quick: bool) -> str:
    """The tables as Markdown; `quick` draws fewer worlds."""
    held, again, few, sizes = (400, 80, 3, (200, 1_000)) if quick else (4_000, 400, 10, (1_000, 10_000, 100_000))
    engine = Engine(load_evidence())
    lines = [
        "# Ensembles", "",
        f"{os.cpu_count()} cores, {len(engine.states)} states, default levers; asked for: two processes at least 85 % as efficient as one.", "",
        "| run | worlds | seconds | a second, whole run | a second, worlds alone | efficiency whole / alone | load |", "|---|---|---|---|---|---|---|",
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
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    text = report(options.quick)
    if options.report:
        options.report.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
