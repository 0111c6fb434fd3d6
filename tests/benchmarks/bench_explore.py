"""How long the explorations take, from nothing but a warm engine to the finished result, against what was asked for.

    python -m tests.benchmarks.bench_explore [REPORT.md] [--quick]

Wall-clock seconds on this machine; the load beside each says whether others worked at the same time. Each exploration is asked
twice where that is quick, and the shorter time counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from model.analysis.near_optimal.alternatives import alternatives
from model.analysis.near_optimal.frontier import frontier
from model.analysis.near_optimal.ranges import ranges, ranges_by_year
from model.analysis.stress.disruption import disrupt
from model.analysis.stress.shocks import from_events
from model.analysis.stress.source_loss import lose_each
from model.analysis.uncertainty.robustness import sample
from model.analysis.uncertainty.tornado import tornado
from model.engine.engine import Engine
from model.evidence.loading import load_evidence
from model.formulation.levers import Choice
from model.parallel.task import cores


def timed(work: Callable[[], object], times: int = 1) -> float:
    """The shortest of some runs, seconds."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def row(name: str, asked: float | None, work: Callable[[], object], times: int = 1) -> str:
    """One line of the table."""
    seconds = timed(work, times)
    line = f"| {name} | {seconds:.2f} | {'' if asked is None else f'{asked:g}'} | {os.getloadavg()[0]:.1f} |"
    print(line, file=sys.stderr)
    return line


def report(quick: bool) -> str:
    """The table as Markdown; `quick` draws fewer worlds and moves fewer facts."""
    engine = Engine(load_evidence())
    choice = Choice()
    answer = engine.answer(choice)
    with engine.worker():
        pass
    worlds, facts = (100, ("base_china_cost_2030", "repm_capex_dae")) if quick else (1000, None)
    by_year = [r for r in ("indian_plants", "china_magnets") if r in engine.evidence.routes]
    scene = from_events(engine.evidence, ["full_embargo"])
    lines = [
        "# Speed of the explorations",
        "",
        f"{cores()} cores, {len(engine.states)} states of {len(engine.states.all)}, default levers.",
        "",
        "| exploration | seconds | asked for | load |",
        "|---|---|---|---|",
        row("frontier, first curve of 31 points", 2, lambda: next(frontier(engine, choice)), 2),
        row("frontier, 4 limits on China x 31 points", 8, lambda: list(frontier(engine, choice)), 2),
        row("ranges of all routes over the horizon", 8, lambda: ranges(engine, choice), 2),
        *(
            row(f"ranges by year of {name}", 8, lambda name=name: ranges_by_year(engine, choice, name))
            for name in by_year
        ),
        row("clearly different mixes", None, lambda: (engine.forget(), alternatives(engine, choice))),
        row("one disruption, three plans", None, lambda: disrupt(engine, answer, scene), 2),
        row("loss of each source, all years", 3, lambda: lose_each(engine, answer.mix), 2),
        row(
            f"tornado over {len(facts) if facts else 'all'} facts with a range",
            15,
            lambda: tornado(engine, choice, facts),
        ),
        row(f"{worlds:,} sampled worlds x 3 plans", 60 * worlds / 1000, lambda: sample(engine, choice, worlds)),
    ]
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
