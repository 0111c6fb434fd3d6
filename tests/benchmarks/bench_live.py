"""How fast an answer comes: one step of every lever, random jumps, all states, and ratios against building anew.

    python -m tests.benchmarks.bench_live [REPORT.md] [--quick]

Times are wall-clock milliseconds from a new `Choice` to a finished `Mix` with its indicators. Ratios compare the same choices
in the same run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path

import numpy as np

from model.engine.active_limits import NoMix
from model.engine.engine import KEPT_STATES, Engine
from model.engine.worker import Worker, needs_cheapest, solve_for
from model.errors import Infeasible
from model.evidence.loading import load_evidence
from model.evidence.store import Evidence
from model.formulation.assembler import Assembler
from model.formulation.levers import Choice, Lever, levers
from model.formulation.program import Program
from model.formulation.reduction import StateSet
from model.lp.persistent import Live
from model.lp.solve import solve_once

STARTS = ({}, {"china_limit": 100, "shortfall_limit": 100}, {"target_year": 2033, "china_limit": 45, "shortfall_limit": 10}, {"likelihood": 150, "shortfall_limit": 40})  # fmt: skip


def ms(begin: float) -> float:
    return (time.perf_counter() - begin) * 1000.0


def row(name: str, times: list[float]) -> str:
    """One line of a table: how many, median, 95th percentile and longest, in ms."""
    return f"| {name} | {len(times)} | {np.median(times):.1f} | {np.percentile(times, 95):.1f} | {max(times):.1f} |"


def one_step(choice: Choice, lever: Lever, up: bool) -> Choice | None:
    value = choice.values()[lever.id]
    if lever.kind == "switch":
        return choice.changed(**{lever.id: not value})
    if lever.kind == "option":
        return None
    moved = float(value) + (lever.step if up else -lever.step)
    return choice.changed(**{lever.id: moved}) if lever.low <= moved <= lever.high else None


def timed(engine: Engine, choice: Choice) -> tuple[float, float]:
    """Milliseconds to the finished mix, and to the whole answer with both references."""
    begin = time.perf_counter()
    try:
        mix = engine.mix(choice)
        _ = mix.indicators
    except NoMix:
        return ms(begin), ms(begin)
    first = ms(begin)
    answer = engine.answer(choice)
    _ = (answer.today.indicators, answer.cheapest.indicators)
    return first, ms(begin)


def steps(engine: Engine) -> tuple[list[float], list[float], dict[str, float]]:
    mixes, answers, by_lever = [], [], {}
    for start in STARTS:
        base = Choice(**start)
        for lever in levers():
            for up in (True, False):
                choice = one_step(base, lever, up)
                if choice is None:
                    continue
                engine.forget()
                timed(engine, base)
                mix, answer = timed(engine, choice)
                mixes.append(mix)
                answers.append(answer)
                by_lever[lever.id] = max(by_lever.get(lever.id, 0.0), mix)
    return mixes, answers, by_lever


def jumps(engine: Engine, count: int) -> list[float]:
    draw = random.Random(7)
    found = []
    for _ in range(count):
        values = {}
        for lever in levers():
            if lever.kind == "number" and draw.random() < 0.5:
                values[lever.id] = lever.low + lever.step * draw.randint(
                    0, round((lever.high - lever.low) / lever.step)
                )
        engine.forget()
        found.append(timed(engine, Choice(**values))[0])
    return found


def ratios(engine: Engine) -> list[str]:
    """One-point step of the China limit live, against the bare HiGHS re-solve, against PuLP with HiGHS and with CBC."""
    live, bare, pulp_highs, pulp_cbc = [], [], [], []
    for value in (66, 67, 68, 69):
        before, after = engine.assembler.case(Choice()), engine.assembler.case(Choice(china_limit=value))
        engine.forget()
        timed(engine, Choice())
        live.append(timed(engine, Choice(china_limit=value))[0])
        with engine.worker() as worker:
            worker.solve(before)
            assert worker.live is not None
            worker.live.set(worker.program.vector(after))
            begin = time.perf_counter()
            worker.live.highs.run()
            bare.append(ms(begin))
        for name, found in (("HiGHS", pulp_highs), ("CBC", pulp_cbc)):
            begin = time.perf_counter()
            solve_once(Program(after).sheet, name)  # type: ignore[arg-type]
            found.append(ms(begin))
    middle = statistics.median
    return [
        f"| live, China limit by a point | {middle(live):.1f} | 1 |",
        f"| bare HiGHS re-solve of the same change | {middle(bare):.1f} | +{middle(live) - middle(bare):.1f} ms |",
        f"| written with PuLP, solved with HiGHS | {middle(pulp_highs):.0f} | x{middle(pulp_highs) / middle(live):.0f} |",
        f"| written with PuLP, solved with CBC | {middle(pulp_cbc):.0f} | x{middle(pulp_cbc) / middle(live):.0f} |",
    ]


def grown(name: str, assembler: Assembler) -> str:
    """One line of a table: size of the program, time to write, first solve and one step."""
    case = assembler.case(Choice())
    begin = time.perf_counter()
    worker = Worker(case)
    built = ms(begin)
    begin = time.perf_counter()
    solve_for(worker, case, None)
    first = ms(begin)
    one = []
    for choice in (one_step(Choice(), lever, up) for lever in levers() for up in (True, False)):
        if choice is None or needs_cheapest(choice):
            continue
        try:
            solve_for(worker, case, None)
            begin = time.perf_counter()
            other = assembler.case(choice)
            worker.mix(other, choice, solve_for(worker, other, None))
            one.append(ms(begin))
        except Infeasible:
            continue
    sheet = worker.program.sheet
    return (
        f"| {name} | {len(sheet.column_names):,} | {len(sheet.row_names):,} | {built:.0f} | {first:.0f} |"
        f" {np.median(one):.1f} | {np.percentile(one, 95):.1f} | {max(one):.1f} |"
    )


def with_routes(evidence: Evidence, copies: int) -> Evidence:
    """Evidence with every route `copies` times, each copy on its own feet."""
    routes = [
        route.model_copy(update={"id": f"{route.id}_{k}"}) if k else route
        for k in range(copies)
        for route in evidence.routes.values()
    ]
    return Evidence({**evidence._tables, "routes": routes}, evidence._formulas, evidence.version, evidence.folder)


def growth(evidence: Evidence, sizes: tuple[int | None, ...]) -> list[str]:
    """How size and time grow with states, with years and with routes."""
    lines = []
    for keep in sizes:
        states = StateSet(evidence, keep)
        lines.append(grown(f"{len(states)} states", Assembler(evidence, states)))
    for years in (5, 10, 15, 20):
        lines.append(
            grown(
                f"{years} years", Assembler(evidence, StateSet(evidence, KEPT_STATES), tuple(range(2026, 2026 + years)))
            )
        )
    for copies in (1, 2, 3):
        more = with_routes(evidence, copies)
        lines.append(grown(f"{len(more.routes)} routes", Assembler(more, StateSet(more, KEPT_STATES))))
    return lines


def report(quick: bool) -> str:
    begin = time.perf_counter()
    evidence = load_evidence()
    read = ms(begin)
    begin = time.perf_counter()
    engine = Engine(evidence)
    states = ms(begin)
    begin = time.perf_counter()
    program = Program(engine.assembler.case(Choice()))
    written = ms(begin)
    begin = time.perf_counter()
    Live(program.sheet)
    loaded = ms(begin)
    begin = time.perf_counter()
    engine.answer(Choice())
    first = ms(begin)
    mixes, answers, by_lever = steps(engine)
    slowest = ", ".join(f"{name} {value:.0f}" for name, value in sorted(by_lever.items(), key=lambda x: -x[1])[:6])
    lines = [
        "# Speed of the live program",
        "",
        f"Reading the evidence {read:.0f} ms; choosing states {states:.0f} ms; writing the program with PuLP {written:.0f} ms;"
        f" passing it to HiGHS {loaded:.0f} ms; first whole answer {first:.0f} ms.",
        "",
        "| 16 states | n | median ms | p95 ms | longest ms |",
        "|---|---|---|---|---|",
        row("one step of each lever, to the finished mix", mixes),
        row("the same, with cheapest mix and today's course", answers),
        row("random jumps over half of all levers", jumps(engine, 20 if quick else 100)),
        "",
        f"Slowest levers (longest step, ms): {slowest}.",
        "",
        "| same change | median ms | against live |",
        "|---|---|---|",
        *ratios(engine),
        "",
        "Growth. The usual program has 16 states, 10 years and 16 routes; copied routes tie with each other. One step of each lever.",
        "",
        "| program of | columns | rows | write ms | first solve ms | one step, median ms | p95 ms | longest ms |",
        "|---|---|---|---|---|---|---|---|",
        *growth(evidence, (15, 16) if quick else (15, 16, 32, 64, None)),
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
        import sys

        sys.stdout.write(text)
