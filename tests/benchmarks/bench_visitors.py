"""Many visitors at once: real websocket visits that each move a lever every few seconds and check what they were told.

    python -m tests.benchmarks.bench_visitors [--visitors 50] [--minutes 10] [--every 5] [--report build/visitors.json]

An answer counts from the message that moves the slider to the headline in the server's messages; `page` to the end of the page.
Nobody stays for ever: each visitor leaves after a minute or two and another comes, so that what a visit leaves behind would
show as growth. Every headline and every indicator is held against the engine's own, worked out anew after the run, on every
core, so that it takes no time from the server; the report is written before that, with `wrong` and `without_a_mix` null, and
again after it. Memory is the server's resident set, once a minute, with the processor time it took and the 95 % of the answers
of that minute; growth is the slope over the second half, when caches are full.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from model.engine.active_limits import NoMix
from model.engine.engine import Answer, Engine
from model.evidence.loading import load_evidence
from model.formulation.levers import Choice
from model.parallel.task import one_thread_each
from model.results.indicators import INDICATORS
from pages.parts.text import common as words
from tests.benchmarks.visitor import Visit, memory_mb, processor_s
from tests.support.browser import Server, server

ASKED = {"p95_s": 1.5, "memory_mb": 900.0, "growth_mb_a_minute": 5.0}
"""What is asked of the server: seconds to 95 % of the answers, memory, and growth that is none (measuring it scatters by some MB)."""
MOVES = {
    "china_limit": (60, 100, 1),
    "shortfall_limit": (20, 60, 1),
    "reserve_days": (30, 120, 5),
    "likelihood": (50, 120, 5),
}
"""Levers that visitors move, their ranges and steps: nearly always with a mix."""
SEED = 20261122
Told = tuple[Choice, str, tuple[tuple[str, tuple[str, str]], ...]]
"""A choice, and the headline and the indicators that a visitor read for it."""


@dataclass
class Seen:
    """What all visitors saw: seconds to headline and page, what they were told, visits made, and what went wrong."""

    answers: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    visits: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Minute:
    """What a minute saw: memory at its end, moves answered, the 95 % of their seconds, processor time a move."""

    memory_mb: float
    moves: int
    p95_s: float
    processor_ms: float


async def place(url: str, number: int, until: float, asked: argparse.Namespace, seen: Seen) -> None:
    """One place in the crowd, from its first seconds to the end: one visitor after another."""
    chance = random.Random(SEED + number)
    await asyncio.sleep(chance.random() * asked.every)
    while time.monotonic() < until:
        stay = asked.stay * (0.6 + 0.8 * chance.random())
        await visit(url, chance, min(until, time.monotonic() + stay), asked.every, seen)


async def visit(url: str, chance: random.Random, until: float, every: float, seen: Seen) -> None:
    """One visitor: comes, moves a lever every few seconds, leaves."""
    visitor = Visit(url)
    seen.visits += 1
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
            seen.told.append((Choice.of(visitor.levers), visitor.headline, tuple(sorted(visitor.numbers.items()))))
            await asyncio.sleep(max(0.0, every * (0.8 + 0.4 * chance.random()) - (time.monotonic() - begin)))
    except Exception as error:
        seen.errors.append(f"{type(error).__name__}: {error}"[:300])
    finally:
        seen.errors += visitor.exceptions
        await visitor.end()


async def crowd(running: Server, asked: argparse.Namespace, seen: Seen) -> list[Minute]:
    """All visitors together; what each minute, or tenth of a shorter run, saw."""
    until = time.monotonic() + 60 * asked.minutes
    everybody = [asyncio.create_task(place(running.url, n, until, asked, seen)) for n in range(asked.visitors)]
    minutes, done, used = [], 0, processor_s(running)
    while time.monotonic() < until:
        await asyncio.sleep(min(60.0, 6 * asked.minutes))
        answers, now = seen.answers[done:], processor_s(running)
        late = float(np.percentile(answers, 95)) if answers else 0.0
        minutes.append(Minute(memory_mb(running), len(answers), late, 1000 * (now - used) / max(1, len(answers))))
        done, used = done + len(answers), now
    await asyncio.gather(*everybody)
    return minutes


def wrong(told: list[Told]) -> tuple[int, int]:
    """How many were told what the engine does not say, and how many choices have no mix and could not be checked."""
    different = sorted(set(told), key=str)
    cores = os.cpu_count() or 1
    each = -(-len(different) // cores) or 1
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        found = list(pool.map(_wrong, (different[n : n + each] for n in range(0, len(different), each))))
    return sum(unlike for unlike, _ in found), sum(without for _, without in found)


def _wrong(told: list[Told]) -> tuple[int, int]:
    one_thread_each()
    evidence = load_evidence()
    engine = Engine(evidence, cache=8)
    unlike = without = 0
    for choice, *read in told:
        try:
            answer = engine.answer(choice)
        except NoMix:
            without += 1
            continue
        headline = words.headline(answer.mix, answer.today, evidence, int(choice.target_year))
        if read != (expected := [headline, tuple(sorted(_numbers(answer).items()))]):
            unlike += 1
            print(
                f"{ {name: value for name, value in choice.values().items() if name in MOVES} }\n  read {read}\n  is   {expected}",
                file=sys.stderr,
            )
    return unlike, without


def _numbers(answer: Answer) -> dict[str, tuple[str, str]]:
    """Every indicator by its label as it must stand on screen: value and change."""
    now, today = answer.mix.indicators, answer.today.indicators
    return {
        one.label: (
            words.indicator_value(one, now[one.id]),
            str(words.indicator_change(one, now[one.id] - today[one.id])),
        )
        for one in INDICATORS
    }


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
    parser.add_argument("--stay", type=float, default=100.0, help="seconds that a visitor stays, on the average")
    parser.add_argument("--report", type=Path, default=Path("build/visitors.json"))
    asked = parser.parse_args()
    seen = Seen()
    with server() as running:
        minutes = asyncio.run(crowd(running, asked, seen))
        tracebacks = running.tracebacks()

    def figures(seconds: list[float]) -> dict[str, float]:
        return {"median": float(np.median(seconds)), "p95": float(np.percentile(seconds, 95)), "longest": max(seconds)}

    growth = slope([each.memory_mb for each in minutes], asked.minutes)
    late = figures(seen.answers or [0.0])
    found = {"p95_s": late["p95"], "memory_mb": max(each.memory_mb for each in minutes), "growth_mb_a_minute": growth}
    missed = {name: [value, ASKED[name]] for name, value in found.items() if value > ASKED[name]}
    report: dict[str, Any] = {
        "missed": missed, "visits": seen.visits, "visitors": asked.visitors, "minutes": asked.minutes, "every_s": asked.every, "moves": len(seen.answers), "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0], "answer_s": late, "page_s": figures(seen.pages or [0.0]),
        "errors": len(seen.errors), "first_errors": seen.errors[:5], "tracebacks": tracebacks[:3], "wrong": None, "without_a_mix": None,
        "different_choices": len(set(seen.told)), "minutes_seen": [asdict(each) for each in minutes], "growth_mb_a_minute": growth,
    }  # fmt: skip
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    asked.report.write_text(json.dumps(report, indent=1))
    report["wrong"], report["without_a_mix"] = wrong(seen.told)
    asked.report.write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    raise SystemExit(1 if missed or seen.errors or report["wrong"] or tracebacks else 0)


if __name__ == "__main__":
    main()
