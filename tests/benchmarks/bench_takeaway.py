"""How long the files take that people take away, and how large they are.

    python -m tests.benchmarks.bench_takeaway [REPORT.md]

Wall-clock seconds, median of five, on an engine that has answered before; the first brief of an answer moves each limit, a later
one finds that done. `verify` is measured on an engine that has not seen the scenario.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from model.engine.engine import Engine
from model.evidence.loading import load_evidence
from model.export.brief.html import brief_html
from model.export.brief.pdf import brief_pdf
from model.export.files import mix_csv, scenario_yaml
from model.export.pack.pack import pack
from model.export.pack.verify import verify
from model.export.workbook.workbook import workbook
from model.formulation.levers import Choice

REPEATS = 5
CHOICES = {
    "two limits": Choice(china_limit=65, shortfall_limit=25),
    "premium and another aim": Choice(china_limit=70, shortfall_limit=30, aim="shortfall", premium_limit=10),
}
TARGETS = {"Workbook": 2.0, "Brief (PDF), first": 4.0, "Brief (PDF), later": 4.0, "Brief (HTML)": 4.0, "Pack": 3.0}
"""Seconds that a file may take."""


def measured(name: str, choice: Choice) -> list[tuple[str, str, float, int]]:
    """Rows of setting, file, seconds and bytes."""
    evidence = load_evidence()
    engine, day = Engine(evidence), date(2026, 1, 31)
    answer = engine.answer(choice)
    work: dict[str, Callable[[], bytes]] = {
        "Workbook": lambda: workbook(answer, evidence, day),
        "Brief (PDF), first": lambda: brief_pdf(engine, answer, day),
        "Brief (PDF), later": lambda: brief_pdf(engine, answer, day),
        "Brief (HTML)": lambda: brief_html(engine, answer, day),
        "Pack": lambda: pack(engine, choice, day),
        "Mix (CSV)": lambda: mix_csv(answer.mix),
        "Scenario (YAML)": lambda: scenario_yaml(answer.mix, evidence).encode(),
    }
    rows = []
    for file, make in work.items():
        seconds, content = [], b""
        for _ in range(1 if file.endswith("first") else REPEATS):
            begin = time.perf_counter()
            content = make()
            seconds.append(time.perf_counter() - begin)
        rows.append((name, file, statistics.median(seconds), len(content)))
    content, begin = pack(engine, choice, day), time.perf_counter()
    other = Engine(evidence)
    ready = time.perf_counter()
    if not verify(other, content).holds:
        raise SystemExit(f"{name}: a fresh pack does not hold")
    rows.append((name, f"verify (and {ready - begin:.2f} s for the engine)", time.perf_counter() - ready, len(content)))
    return rows


def main() -> None:
    """Print the table and write it to the file that was named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", nargs="?", type=Path, help="where to write the table")
    report = parser.parse_args().report
    lines = ["| setting | file | s | target, s | kB |", "|---|---|---|---|---|"]
    for name, choice in CHOICES.items():
        for setting, file, seconds, size in measured(name, choice):
            target = f"{TARGETS[file]:g}" if file in TARGETS else ""
            lines.append(f"| {setting} | {file} | {seconds:.2f} | {target} | {size / 1000:,.0f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if report:
        report.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
