"""What hostile visitors can do to a server: generated addresses and generated scenario files, against the running app.

    python -m tests.benchmarks.bench_hostile [--addresses 5000] [--files 500] [--pages map stage] [--report build/hostile.json]

Every address is opened by a real websocket visitor and must end in a whole page: no exception in what the server sends, no
traceback in its log, no status of 500 or more. Every file goes to the loader that the uploader calls: one sentence or a
choice, nothing else. Pages with long work of their own (Trade-offs, Alternatives, Doubt) are opened only when --pages names
them: a run over many addresses would only measure that work. The server's memory is read before and after each tenth (MB);
growth is what the second half adds, when every cache is full and as many visits have ended as begin (the server keeps a visit
for two minutes after its end).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from websockets.exceptions import WebSocketException

from model.engine.engine import build_engine
from model.errors import InputError
from model.evidence.loading import load_evidence
from model.evidence.user_edits import scenario_edits
from model.formulation.levers import levers, read_scenario
from tests.benchmarks.visitor import Visit, memory_mb
from tests.support.browser import Server, server

SEED = 20261122
AT_ONCE = 4
NASTY = (
    "", " ", "nan", "inf", "-inf", "1e309", "-0", "0x1F", "9" * 400, "1" * 40 + "." + "1" * 40, "<script>alert(1)</script>",
    "'; DROP TABLE rooms; --", "../../../etc/passwd", "%00", "\x00", "\u202e", "\U0001f9f2" * 50, "{{7*7}}", "${7*7}", "__import__('os')",
    "true", "None", "[]", "{}", "$(reboot)", "\\", "`x`", "javascript:alert(1)", "data:text/html,x", "\ud800".encode("utf-8", "replace").decode(),
    "a" * 3000, "1,2,3", "60;60", "६०", "۶۰", "６０", "cost", "shortfall", "1_000",
)  # fmt: skip
NAMES = (
    *(lever.id for lever in levers()), "link", "page", "year", "story", "pins", "own", "compare", "data", "model", "digest", "said", "sum",
    "fact", "room", "host", "me", "phones", "projector", "step", "preset", "__proto__", "constructor", "_asked", "_good", "embed", "embed_options",
)  # fmt: skip
PAGES = ("", "map", "stage", "room", "own", "compare", "disruptions", "evidence", "method", "nowhere", "..", "%2e%2e")
"""Pages to open when none are named."""
YAML = (
    "levers: {{{name}: {value}}}", "levers:\n  {name}: [{value}]", "levers: &a\n  b: *a", "!!python/object/apply:os.system ['{value}']",
    "levers: {{{name}: !!binary {value}}}", "{value}", "levers: '{value}'", "levers:\n- {name}", "title: {value}\nlevers: {{{name}: 10}}",
    "levers: {{{name}: {value}, {name}: 5}}", "results: {value}\nlevers: {{}}", "\ufefflevers: {{{name}: 10}}", "levers: {{{name}: 10}}\n---\nlevers: {{}}",
    "facts: [{{fact: {name}, value: {value}, reason: x}}]", "facts: {value}", "levers: {{}}\nfacts:\n- {{fact: china_price_ndfeb_2030, value: {value}, reason: {name}}}",
    "{deep}", "levers: {{<<: {{{name}: 3}}}}", "? {value}\n: {name}",
)  # fmt: skip


def address(chance: random.Random) -> str:
    """One hostile page and query."""
    count = chance.choice((1, 1, 2, 3, 8, 40))
    pairs = [(chance.choice(NAMES), noise(chance)) for _ in range(count)]
    if chance.random() < 0.1:
        pairs += [(noise(chance)[:200] or "x", noise(chance))]
    if chance.random() < 0.05:
        return "&".join(quote(name) for name, _ in pairs) + "=" * 5 + "&&&" + "%zz"
    return urlencode([(name, value[:1500]) for name, value in pairs], errors="replace")


def noise(chance: random.Random) -> str:
    """A value that no lever takes, or takes by luck."""
    if chance.random() < 0.6:
        return chance.choice(NASTY)
    if chance.random() < 0.5:
        return str(chance.choice((-1, 0, 1, 59.5, 60, 100, 101, 1e6)))
    return "".join(chr(chance.randrange(1, 0x2FF)) for _ in range(chance.randrange(1, 60)))


def scenario(chance: random.Random) -> bytes:
    """One hostile scenario file."""
    if chance.random() < 0.15:
        return chance.randbytes(chance.randrange(0, 4000))
    deep = "[" * chance.randrange(10, 6000)
    name, value = chance.choice(NAMES), noise(chance)
    text = chance.choice(YAML).format(name=name, value=value, deep=deep)
    if chance.random() < 0.05:
        text += "\n#" + "x" * 80_000
    return text.encode("utf-8", "surrogatepass")


def status(url: str) -> int:
    """What the server answers to a plain request."""
    try:
        with urllib.request.urlopen(url, timeout=20) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return int(error.code)


async def open_all(
    running: Server, count: int, pages: Sequence[str], chance: random.Random, found: Counter[str]
) -> list[float]:
    """Open so many hostile addresses, a few at once; memory in MB before and after each tenth."""
    first = Visit(running.url)
    await first.begin()  # the model is built before memory is read
    await first.end()
    todo, memory = list(range(count)), [memory_mb(running)]

    async def one(place: int) -> None:
        query, page = address(chance), chance.choice(pages)
        if place % 10 == 0:
            code = await asyncio.to_thread(status, f"{running.url}/{page}?{quote(query, safe='=&%')}")
            found[f"status {code // 100}xx"] += 1
        visit = Visit(running.url)
        try:
            async with asyncio.timeout(60):
                await visit.begin(query, page)
            found["pages" if not visit.exceptions else "exceptions"] += 1
            if visit.exceptions:
                print(f"exception for ?{query[:300]}: {visit.exceptions[0][:300]}")
        except TimeoutError:
            found["no page in 60 s"] += 1
            print(f"no page for /{page}?{query[:300]}")
        except (OSError, WebSocketException) as error:
            found["lines that broke"] += 1
            print(f"{type(error).__name__} for /{page}?{query[:300]}")
        finally:
            await visit.end()

    async def crew() -> None:
        while todo:
            left = len(todo)
            await one(todo.pop())
            if left % max(1, count // 10) == 0:
                memory.append(memory_mb(running))

    await asyncio.gather(*(crew() for _ in range(AT_ONCE)))
    return memory


def load_all(count: int, chance: random.Random, found: Counter[str]) -> None:
    """Read so many hostile files as the uploader does, own numbers included: a choice or one sentence."""
    evidence = load_evidence()
    for _ in range(count):
        text = scenario(chance)
        try:
            read_scenario(text)
            if edits := scenario_edits(text):
                build_engine(evidence.with_edits(edits), workers=1, cache=1)
            found["files that are scenarios after all"] += 1
        except InputError as error:
            found["files refused in a sentence" if "\n" not in str(error) else "files refused in many lines"] += 1
        except Exception as error:
            found["files that broke the loader"] += 1
            print(f"{type(error).__name__} for {text[:200]!r}")


def main() -> None:
    """Run both and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--addresses", type=int, default=5000)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--pages", nargs="+", default=PAGES, help="the pages to open")
    parser.add_argument("--report", type=Path, default=Path("build/hostile.json"))
    asked = parser.parse_args()
    found: Counter[str] = Counter()
    load_all(asked.files, random.Random(SEED), found)
    with server() as running:
        memory = asyncio.run(open_all(running, asked.addresses, asked.pages, random.Random(SEED), found))
        report = {
            "seed": SEED, "addresses": asked.addresses, "files": asked.files, "pages": [*asked.pages], "found": dict(sorted(found.items())),
            "memory_mb": [round(each) for each in memory],
            "tracebacks": running.tracebacks()[:5],
        }  # fmt: skip
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    asked.report.write_text(json.dumps(report, indent=1))
    print(json.dumps(report, indent=1))
    bad = (
        "exceptions",
        "no page in 60 s",
        "lines that broke",
        "status 5xx",
        "files that broke the loader",
        "files refused in many lines",
    )
    raise SystemExit(1 if report["tracebacks"] or any(found[name] for name in bad) else 0)


if __name__ == "__main__":
    main()
