"""How fast an answer is explained: limits in words, bottlenecks, clashes with their ways out, and the second opinion.

    python -m tests.benchmarks.bench_explain [REPORT.md]

Wall-clock milliseconds on an engine that has answered before. Solves counts the trial solves behind a row. The bare fact that
no mix exists is what a visitor sees first; the explanation follows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from model.analysis.explain.binding_limits import limits_in_words
from model.analysis.explain.bottlenecks import bottlenecks
from model.analysis.explain.infeasibility import explain_clash
from model.analysis.validation.second_solver import second_opinion
from model.engine.active_limits import NoMix
from model.engine.engine import Engine
from model.engine.worker import Worker
from model.evidence.loading import load_evidence
from model.formulation.levers import Choice
from model.lp.solve import Solver
from tests.analysis.explain.test_explain import BASE, CLASHES, POSSIBLE

SECOND: tuple[Solver, ...] = ("CBC", "HiGHS interior point")


class Solves:
    """Counts the solves of all workers."""

    def __init__(self) -> None:
        self.count = 0
        plain = Worker.solve

        def counted(worker: Worker, *args: object, **more: object) -> object:
            self.count += 1
            return plain(worker, *args, **more)  # type: ignore[arg-type]

        Worker.solve = counted  # type: ignore[method-assign,assignment]


def timed(solves: Solves, work: object) -> tuple[float, int]:
    """Milliseconds and solves of a call."""
    begin, before = time.perf_counter(), solves.count
    work()  # type: ignore[operator]
    return (time.perf_counter() - begin) * 1000.0, solves.count - before


def bare_fact(engine: Engine, choice: Choice) -> None:
    """Ask for the mix and learn that there is none."""
    try:
        engine.mix(choice)
    except NoMix:
        return
    raise SystemExit(f"{choice} has a mix, so this is no clash")


def main() -> None:
    """Print the tables and write them to the file that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", nargs="?", type=Path, help="where to write the tables")
    report = parser.parse_args().report
    solves = Solves()
    engine = Engine(load_evidence())
    engine.answer(BASE)
    lines = ["# Explaining answers", "", f"{len(engine.states)} states of the world, milliseconds.", ""]
    lines += [
        "## What binds",
        "",
        "| choice | from duals | by re-solving | solves | bottlenecks re-solved |",
        "|---|---|---|---|---|",
    ]
    full_times = []
    for name, levers in POSSIBLE.items():
        answer = engine.answer(BASE.changed(**levers))
        quick, _ = timed(solves, lambda a=answer: limits_in_words(engine, a, full=False))
        full, count = timed(solves, lambda a=answer: limits_in_words(engine, a))
        most, _ = timed(solves, lambda a=answer: bottlenecks(engine, a, full=True))
        full_times.append(full)
        lines.append(f"| {name} | {quick:.1f} | {full:.0f} | {count} | {most:.0f} |")
    lines += [
        "",
        "## When no mix exists",
        "",
        "| choice | bare fact | explained | solves | ways out |",
        "|---|---|---|---|---|",
    ]
    clash_times = []
    for name, levers in CLASHES.items():
        choice = BASE.changed(**levers)
        engine.answer(BASE)
        fact, _ = timed(solves, lambda c=choice: bare_fact(engine, c))
        told, count = timed(solves, lambda c=choice: explain_clash(engine, c))
        clash_times.append(told)
        clash = explain_clash(engine, choice)
        ways = "; ".join(way.sentence for way in clash.ways) or clash.joint_sentence
        lines.append(f"| {name} | {fact:.0f} | {told:.0f} | {count} | {ways} |")
    lines += ["", "## Second opinion", ""]
    answer = engine.answer(BASE)
    lines += [f"- {second_opinion(engine, answer, solver).sentence}" for solver in SECOND]
    lines += [
        "",
        f"Limits in words: median {statistics.median(full_times):.0f} ms, longest {max(full_times):.0f} ms."
        f" Clashes: median {statistics.median(clash_times):.0f} ms, longest {max(clash_times):.0f} ms (at most 2,000 asked).",
    ]  # fmt: skip
    text = "\n".join(lines) + "\n"
    print(text)
    if report is not None:
        report.write_text(text)


if __name__ == "__main__":
    main()
