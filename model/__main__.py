"""The command line over the same functions as the pages: `python -m model VERB`.

Exit status: 0 done, 4 when `verify` finds that something moved, 3 when no mix meets the limits, 2 for bad input with one line
that names the field, 1 when the solver gave up or `health` finds something wrong, 130 when it was stopped by hand.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout

from model import __version__
from model.cli.arguments import Parser
from model.cli.commands import BAD_INPUT, FAILED, MOVED, NO_MIX, SOLVED, STOPPED, VERBS, Said, Start
from model.cli.health import SERVING
from model.cli.listing_commands import LISTING
from model.cli.output import keep_for_results
from model.cli.sample_commands import SAMPLING
from model.engine.engine import Engine, build_engine
from model.errors import InputError, SolverFailed
from model.evidence.loading import DATA, load_evidence
from model.evidence.schema import Edit
from model.parallel.task import one_thread_each

EXAMPLES = """examples:
  python -m model solve
  python -m model solve --set china_limit=50 --set reserve_days=90 --out mix.xlsx
  python -m model solve --scenario mine.yaml --json > mine.json
  python -m model case --scenario mine.yaml --json > case.json
  python -m model brief --set china_limit=65 --out brief.pdf
  python -m model pack --scenario mine.yaml --out mine.zip
  python -m model verify mine.zip
  python -m model sample --worlds 100000 --replan --workers 8 --out worlds.parquet
  python -m model levers
  python -m model facts recycling price
  python -m model options frontier
  python -m model check-data --data my_data

exit status: 0 done, 1 the solver gave up or a server is not well, 2 bad input, 3 no mix meets the limits, 4 a pack no longer holds, 130 stopped"""
EVERY_VERB = {**VERBS, **LISTING, **SAMPLING, **SERVING}
LEVERS_HINT = "`levers` lists them with unit, range and default"


def parser() -> Parser:
    """The arguments of every verb; the same option means the same everywhere."""
    top = Parser(
        prog="python -m model",
        description="Which mix of routes should India's rare-earth magnets come from?",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, verb in EVERY_VERB.items():
        sub: argparse.ArgumentParser = commands.add_parser(
            name, help=verb.help, description=verb.help, epilog=EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        verb.options(sub)
        sub.add_argument("--data", metavar="DIR", default=str(DATA), help="data folder, by default the project's own")
        if verb.levers:
            sub.add_argument("--scenario", metavar="FILE", help="a scenario file (YAML) with the levers to set")
            sub.add_argument(
                "--set", metavar="LEVER=VALUE", action="append", default=[],
                help=f"set one lever, after the scenario; {LEVERS_HINT}",
            )  # fmt: skip
        sub.add_argument("--json", action="store_true", help="print JSON instead of text")
        if verb.out:
            sub.add_argument("--out", metavar="FILE", help=f"write to FILE, whose name ends in {' or '.join(verb.out)}")
    return top


def main(argv: Sequence[str] | None = None, start: Start | None = None) -> int:
    """Run one verb and return its exit status. `start` makes an engine for a data folder and own numbers, when not a new one
    each time."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    one_thread_each()
    try:
        said = _run(argv, start or _engine)
        sys.stdout.write(said.text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    if said.complaint:
        print(f"python -m model: {' '.join(said.complaint.split())}", file=sys.stderr)
    return said.status


def command() -> int:
    """The command line as a process of its own: standard output for results alone, then `main`."""
    keep_for_results()
    return main()


def _run(argv: Sequence[str] | None, start: Start) -> Said:
    try:
        arguments = parser().parse_args(argv)
        with redirect_stdout(sys.stderr):  # what a library prints is no part of a result
            return EVERY_VERB[arguments.command].run(arguments, start)
    except InputError as error:
        return Said(BAD_INPUT, complaint=str(error))
    except SolverFailed as error:
        return Said(FAILED, complaint=str(error))
    except KeyboardInterrupt:
        return Said(STOPPED, complaint="stopped")


def _engine(folder: str, edits: tuple[Edit, ...] = (), /) -> Engine:
    """An engine for a data folder and own numbers. Raises `InputError` when they cannot be used, also for reasons that only
    the model finds; it names a folder that is not the project's own."""
    try:
        return build_engine(load_evidence(folder).with_edits(edits))
    except InputError as error:
        if folder == str(DATA):
            raise
        raise InputError(f"--data {folder}: {error}") from None


__all__ = ["BAD_INPUT", "FAILED", "MOVED", "NO_MIX", "SOLVED", "STOPPED", "command", "main", "parser"]

if __name__ == "__main__":
    sys.exit(command())
