"""How soon a visitor sees an answer: the first page after a cold start, and one key press on a slider.

    python -m tests.benchmarks.bench_page [--starts 3] [--presses 15]

Times are wall-clock seconds on this machine in a real browser. A start counts from the command to the first headline; a press
counts inside the browser from the key to the first new number on screen, and to the end of the page's script.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np

from tests.browser import Visitor, browser, missing, server, visit

SHOWN = "[...document.querySelectorAll('h2, [data-testid=stMetricValue]')].map(e => e.innerText).join('|')"
WATCH = f"""() => {{
  const shown = () => {SHOWN}, app = document.querySelector('[data-testid=stApp]'), before = shown();
  let begin = 0, fresh = 0;
  window.took = null;
  addEventListener('keydown', () => {{ begin = performance.now(); }}, {{once: true, capture: true}});
  const eye = new MutationObserver(() => {{
    if (begin && !fresh && shown() !== before) fresh = performance.now();
    if (fresh && app.dataset.testScriptState === 'notRunning') {{
      eye.disconnect();
      window.took = [(fresh - begin) / 1000, (performance.now() - begin) / 1000];
    }}
  }});
  eye.observe(app, {{subtree: true, childList: true, characterData: true, attributes: true}});
}}"""
"""Notes in `window.took` the seconds from the next key press to the first new number, and to the end of the script."""


def row(name: str, seconds: list[float]) -> str:
    """One line of the table: how many, median, 95th percentile and longest, in seconds."""
    return f"| {name} | {len(seconds)} | {np.median(seconds):.2f} | {np.percentile(seconds, 95):.2f} | {max(seconds):.2f} |"


def presses(visitor: Visitor, count: int) -> tuple[list[float], list[float]]:
    """Seconds from each of `count` steps of the China slider to the first new number and to the end of the script."""
    fresh, whole = [], []
    for _ in range(count):
        visitor.page.evaluate(WATCH)
        visitor.slider("china_limit").press("ArrowRight")
        visitor.page.wait_for_function("() => window.took")
        first, last = visitor.page.evaluate("() => window.took")
        fresh.append(first)
        whole.append(last)
    return fresh, whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--starts", type=int, default=3, help="cold starts of the app")
    parser.add_argument("--presses", type=int, default=15, help="steps of the slider, from 60 % upwards")
    asked = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    times: dict[str, list[float]] = {
        name: []
        for name in (
            "start to a listening server", "start to the first headline", "start to a whole first page",
            "second visitor to a headline", "key press to a new number", "key press to the end of the script",
        )
    }  # fmt: skip
    listening, headline, page, second, number, script = times.values()
    with browser() as started:
        for _ in range(asked.starts):
            begin = time.perf_counter()
            with server() as running:
                listening.append(time.perf_counter() - begin)
                with visit(started, running) as visitor:
                    visitor.page.goto(running.url, wait_until="commit")
                    visitor.top().wait_for()
                    headline.append(time.perf_counter() - begin)
                    visitor.settle()
                    page.append(time.perf_counter() - begin)
                    fresh, whole = presses(visitor, asked.presses if len(page) == asked.starts else 0)
                    number += fresh
                    script += whole
                begin = time.perf_counter()
                with visit(started, running) as visitor:
                    visitor.page.goto(running.url, wait_until="commit")
                    visitor.top().wait_for()
                    second.append(time.perf_counter() - begin)
    print(
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end: on a busy machine all of this is slower.\n"
    )
    print("| Seconds | times | median | 95 % | longest |\n|---|---|---|---|---|")
    for name, seconds in times.items():
        if seconds:
            print(row(name, seconds))


if __name__ == "__main__":
    main()
