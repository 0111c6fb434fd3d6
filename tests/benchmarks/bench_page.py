"""How soon a visitor sees an answer: the first page after a cold start, and one key press on a slider.

    python -m tests.benchmarks.bench_page [--starts 3] [--presses 10] [--rounds 4]

Times are wall-clock seconds on this machine in a real browser. A start counts from the command to the first headline; a press
counts inside the browser from the key to the first new number on screen, to the last paint of a chart or the map, and to the
end of the script, when what each limit costs has been worked out too. Every press asks for a mix that nobody asked for before:
each round, on each page, stands on another size of the reserve. Ends with status 1 when a figure that is asked for is missed.
"""

from __future__ import annotations

import argparse
import os
import time
from itertools import product

import numpy as np

from tests.support.browser import Visitor, browser, missing, server, visit

PAGES = ("mix", "map")
ASKED = {
    "start to the first headline": (6.0, None),
    **{f"{page}: key press to a new number": (0.28, 0.45) for page in PAGES},
    **{f"{page}: key press to the last chart or map": (0.36, 0.55) for page in PAGES},
}
"""Seconds asked for: the median and, where there is one, the 95th percentile."""
RESERVES = range(60, 120, 5)
"""Sizes of the reserve, in days, that rounds stand on: with each there is a mix."""
MOMENTS = ("a new number", "the last chart or map", "the end of the script")
WARM = 2
"""Presses before those that count."""
SHOWN = "[...document.querySelectorAll('h2, [data-testid=stMetricValue]')].map(e => e.innerText).join('|')"
EYES = """(() => {
  window.painted = 0;
  const note = () => { window.painted = performance.now(); };
  new MutationObserver(seen => {
    if (seen.some(one => one.target.parentElement?.closest('[data-testid=stVegaLiteChart]'))) note();
  }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const clear = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    if (this.canvas.closest('[data-testid=stVegaLiteChart]')) note();
    return clear.apply(this, box);
  };
  for (const name of ['drawElements', 'drawArrays', 'drawElementsInstanced', 'drawArraysInstanced']) {
    const draw = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function (...what) { note(); return draw.apply(this, what); };
  }
})()"""
"""Notes in `window.painted` when a chart or the map was painted last."""
WATCH = f"""() => {{
  const shown = () => {SHOWN}, app = document.querySelector('[data-testid=stApp]'), before = shown();
  let begin = 0, fresh = 0;
  window.took = null;
  addEventListener('keydown', () => {{ begin = performance.now(); }}, {{once: true, capture: true}});
  const eye = new MutationObserver(() => {{
    if (begin && !fresh && shown() !== before) fresh = performance.now();
    if (fresh && app.dataset.testScriptState === 'notRunning') {{
      eye.disconnect();
      const end = performance.now();
      setTimeout(() => {{ window.took = [fresh, window.painted, end].map(at => (at - begin) / 1000); }}, 300);
    }}
  }});
  eye.observe(app, {{subtree: true, childList: true, characterData: true, attributes: true}});
}}"""
"""Notes in `window.took` the seconds from the next key press to the first new number, to the last paint of a chart or the map, and
to the end of the script, what limits cost included."""


def row(name: str, seconds: list[float]) -> str:
    """One line of the table: how many, median, 95th percentile and longest, in seconds, and what was asked for."""
    asked = " / ".join(f"{each:g}" for each in ASKED.get(name, ()) if each)
    return f"| {name} | {len(seconds)} | {np.median(seconds):.2f} | {np.percentile(seconds, 95):.2f} | {max(seconds):.2f} | {asked} |"


def missed(name: str, seconds: list[float]) -> bool:
    """Whether a figure that is asked for is not met."""
    median, late = ASKED.get(name, (None, None))
    return bool((median and np.median(seconds) > median) or (late and np.percentile(seconds, 95) > late))


def presses(visitor: Visitor, count: int) -> list[list[float]]:
    """Seconds from each of `count` steps of the China slider to the first new number, the last paint and the end of the script."""
    found: list[list[float]] = [[], [], []]
    for _ in range(count):
        visitor.page.evaluate(WATCH)
        visitor.slider("china_limit").press("ArrowRight")
        visitor.page.wait_for_function("() => window.took")
        for times, seconds in zip(found, visitor.page.evaluate("() => window.took"), strict=True):
            times.append(seconds)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--starts", type=int, default=3, help="cold starts of the app")
    parser.add_argument(
        "--presses",
        type=int,
        default=10,
        help="steps of the slider, from 60 % upwards; beyond about 75 % the limit binds no more",
    )
    parser.add_argument("--rounds", type=int, default=4, help="how often the presses are made on each page")
    asked = parser.parse_args()
    if why := missing():
        raise SystemExit(why)
    times: dict[str, list[float]] = {
        name: []
        for name in (
            "start to a listening server", "start to the first headline", "start to a whole first page",
            "second visitor to a headline", *(f"{page}: key press to {what}" for page in PAGES for what in MOMENTS),
        )
    }  # fmt: skip
    listening, headline, whole, second, *moments = times.values()
    with browser() as started:
        for place in range(asked.starts):
            begin = time.perf_counter()
            with server() as running:
                listening.append(time.perf_counter() - begin)
                with visit(started, running) as visitor:
                    visitor.page.goto(running.url, wait_until="commit")
                    visitor.top().wait_for()
                    headline.append(time.perf_counter() - begin)
                    visitor.settle()
                    whole.append(time.perf_counter() - begin)
                begin = time.perf_counter()
                with visit(started, running) as visitor:
                    visitor.page.goto(running.url, wait_until="commit")
                    visitor.top().wait_for()
                    second.append(time.perf_counter() - begin)
                if place == asked.starts - 1:
                    for n, (_, (k, page)) in enumerate(product(range(asked.rounds), enumerate(PAGES))):
                        with visit(started, running) as visitor:
                            visitor.page.add_init_script(EYES)
                            visitor.open("" if page == "mix" else page, {"reserve_days": RESERVES[n % len(RESERVES)]})
                            presses(visitor, WARM)
                            for kept, new in zip(
                                moments[3 * k : 3 * k + 3], presses(visitor, asked.presses), strict=True
                            ):
                                kept += new
    print(
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end: on a busy machine all of this is slower.\n"
    )
    print("| Seconds | times | median | 95 % | longest | asked |\n|---|---|---|---|---|---|")
    for name, seconds in times.items():
        if seconds:
            print(row(name, seconds))
    raise SystemExit(any(missed(name, seconds) for name, seconds in times.items() if seconds))


if __name__ == "__main__":
    main()
