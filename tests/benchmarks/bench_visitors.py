"""Many visitors at once: real websocket visits that each move a lever every few seconds and check what they were told.

    python -m tests.benchmarks.bench_visitors [--visitors 50] [--minutes 10] [--every 5] [--report build/visitors.json]

An answer counts from the message that moves the slider to the headline in the server's messages; `page` to the end of the page.
Every headline is held against the engine's own, worked out anew after the run, on every core, so that it takes no time from the
server; the report is written before that, with `wrong` and `without_a_mix` null, and again after it. Memory is the server's
resident set, once a minute, with the processor time it took and the 95 % of the answers of that minute; growth is the slope over
the second half, when caches are full.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from model.crew import one_thread_each
from model.evidence import load_evidence
from model.levers import Choice
from model.live import Engine, NoMix
from pages.parts import words
from tests.benchmarks.visitor import Visit, memory_mb, processor_s
from tests.browser import Server, server

MOVES = {
    "china_limit": (60, 100, 1),
    "shortfall_limit": (20, 60, 1),
    "reserve_days": (30, 120, 5),
    "likelihood": (50, 120, 5),
}
"""Levers that visitors move, their ranges and steps: nearly always with a mix."""
SEED = 20261122


@dataclass
class Seen:
    """What all visitors saw: seconds to headline and page, choices with the headline told, and what went wrong."""

    answers: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    told: list[tuple[Choice, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Minute:
    """What a minute saw: memory at its end, moves answered, the 95 % of their seconds, processor time a move."""

    memory_mb: float
    moves: int
    p95_s: float
    processor_ms: float


async def visit(url: str, place: int, until: float, every: float, seen: Seen) -> None:
    """One visitor: comes within the first seconds, moves a lever every few, leaves at the end."""
    chance = random.Random(SEED + place)
    await asyncio.sleep(chance.random() * every)
    visitor = Visit(url)
    try:
        async with asyncio.timeout(120):
            await visitor.begin()
        while time.monotonic() < until:
            begin = time.monotonic()
            lever = chance.choice(list(MOVES))
            low, high, step = MOVES[lever]
            async with asyncio.timeout(60):
                answer, page = await visitor.move(lever, float(chance.randrange(low, high + 1, step)))
            seen.answers.append(answer)
            seen.pages.append(page)
            seen.told.append((Choice.of(visitor.levers), visitor.headline))
            await asyncio.sleep(max(0.0, every * (0.8 + 0.4 * chance.random()) - (time.monotonic() - begin)))
    except Exception as error:
        seen.errors.append(f"{type(error).__name__}: {error}"[:300])
    finally:
        seen.errors += visitor.exceptions
        await visitor.end()


async def crowd(running: Server, asked: argparse.Namespace, seen: Seen) -> list[Minute]:
    """All visitors together; what each minute, or tenth of a shorter run, saw."""
    until = time.monotonic() + 60 * asked.minutes
    everybody = [asyncio.create_task(visit(running.url, n, until, asked.every, seen)) for n in range(asked.visitors)]
    minutes, done, used = [], 0, processor_s(running)
    while time.monotonic() < until:
        await asyncio.sleep(min(60.0, 6 * asked.minutes))
        answers, now = seen.answers[done:], processor_s(running)
        late = float(np.percentile(answers, 95)) if answers else 0.0
        minutes.append(Minute(memory_mb(running), len(answers), late, 1000 * (now - used) / max(1, len(answers))))
        done, used = done + len(answers), now
    await asyncio.gather(*everybody)
    return minutes


def wrong(told: list[tuple[Choice, str]]) -> tuple[int, int]:
    """How many headlines are not the engine's, and how many choices have no mix and could not be checked."""
    different = sorted(set(told), key=str)
    cores = os.cpu_count() or 1
    each = -(-len(different) // cores) or 1
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        found = list(pool.map(_wrong, (different[n : n + each] for n in range(0, len(different), each))))
    return sum(unlike for unlike, _ in found), sum(without for _, without in found)


def _wrong(told: list[tuple[Choice, str]]) -> tuple[int, int]:
    one_thread_each()
    evidence = load_evidence()
    engine, expected = Engine(evidence, cache=8), {}
    unlike = without = 0
    for choice, headline in told:
        if choice not in expected:
            try:
                answer = engine.answer(choice)
                expected[choice] = words.headline(answer.mix, answer.today, evidence, int(choice.target_year))
            except NoMix:
                expected[choice] = ""
        without += not expected[choice]
        unlike += bool(expected[choice]) and expected[choice] != headline
    return unlike, without


def slope(memory: list[float], minutes: float) -> float:
    """Growth over the second half, MB a minute."""
    late = memory[len(memory) // 2 :]
    return float(np.polyfit(np.linspace(0, minutes / 2, len(late)), late, 1)[0]) if len(late) > 1 else 0.0


def main() -> None:
    """Run the crowd and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between a visitor's moves")
    parser.add_argument("--report", type=Path, default=Path("build/visitors.json"))
    asked = parser.parse_args()
    seen = Seen()
    with server() as running:
        minutes = asyncio.run(crowd(running, asked, seen))
        tracebacks = running.tracebacks()

    def figures(seconds: list[float]) -> dict[str, float]:
        return {"median": float(np.median(seconds)), "p95": float(np.percentile(seconds, 95)), "longest": max(seconds)}

    report: dict[str, Any] = {
        "visitors": asked.visitors, "minutes": asked.minutes, "every_s": asked.every, "moves": len(seen.answers), "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0], "answer_s": figures(seen.answers or [0.0]), "page_s": figures(seen.pages or [0.0]),
        "errors": len(seen.errors), "first_errors": seen.errors[:5], "tracebacks": tracebacks[:3], "wrong": None, "without_a_mix": None,
        "different_choices": len(set(seen.told)), "minutes_seen": [asdict(each) for each in minutes], "growth_mb_a_minute": slope([each.memory_mb for each in minutes], asked.minutes),
    }  # fmt: skip
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    asked.report.write_text(json.dumps(report, indent=1))
    report["wrong"], report["without_a_mix"] = wrong(seen.told)
    asked.report.write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    raise SystemExit(1 if seen.errors or report["wrong"] or tracebacks else 0)


if __name__ == "__main__":
    main()
