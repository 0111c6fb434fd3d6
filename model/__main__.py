"""The command line over the same functions as the pages: `python -m model solve`, `case` and `check-data`.

Exit status: 0 with a mix, 3 when no mix meets the limits, 2 for bad input with one line that names the field, 1 when the
solver gave up.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from model import __version__
from model.evidence import DATA, InputError, load_evidence
from model.explore import EXPLORATIONS, explore
from model.levers import SCENARIO_BYTES, Choice, read_scenario
from model.live import Answer, Engine, NoMix, SolverFailed
from model.mix import INDICATORS
from model.takeaway import case_json, mix_csv, no_mix_json, scenario_yaml, solve_json, workbook

SOLVED, FAILED, BAD_INPUT, NO_MIX, STOPPED = 0, 1, 2, 3, 130
EXAMPLES = """examples:
  python -m model solve
  python -m model solve --set china_limit=50 --set reserve_days=90 --out mix.xlsx
  python -m model solve --scenario mine.yaml --json > mine.json
  python -m model case --scenario mine.yaml --json > case.json
  python -m model check-data --data my_data

exit status: 0 with a mix, 3 when no mix meets the limits, 2 for bad input, 1 when the solver gave up"""
LEVERS_HINT = "every lever, its unit and its range stand on the sheet Levers of the workbook"


class BadArgument(InputError):
    """An argument that cannot be used; the message names it."""


class Parser(argparse.ArgumentParser):
    """A parser that reports a bad argument in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise `BadArgument` with argparse's message."""
        raise BadArgument(message)


def parser() -> Parser:
    """The arguments of every command."""
    top = Parser(
        prog="python -m model",
        description="Which mix of routes should India's rare-earth magnets come from?",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        found: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=text, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        found.add_argument("--data", metavar="DIR", default=str(DATA), help="data folder, by default the project's own")
        return found

    solve = command("solve", "find the cheapest mix within the limits and show it or write it to a file")
    case = command("case", "write every set and number of the linear program, so that anybody can rebuild it")
    for sub in (solve, case):
        sub.add_argument("--scenario", metavar="FILE", help="a scenario file (YAML) with the levers to set")
        sub.add_argument(
            "--set", metavar="LEVER=VALUE", action="append", default=[], help=f"set one lever, after the scenario; {LEVERS_HINT}"
        )  # fmt: skip
        sub.add_argument("--json", action="store_true", help="print JSON instead of a table")
    solve.add_argument("--out", metavar="FILE", help="write to FILE: .csv or .xlsx, .yaml (the scenario), .json")
    case.add_argument("--out", metavar="FILE", help="write to FILE: .json")
    for name, (_, options) in EXPLORATIONS.items():
        sub = command(name, f"explore around the mix: {name}; writes its main table")
        sub.add_argument("--scenario", metavar="FILE", help="a scenario file (YAML) with the levers to set")
        sub.add_argument(
            "--set", metavar="LEVER=VALUE", action="append", default=[], help=f"set one lever, after the scenario; {LEVERS_HINT}"
        )  # fmt: skip
        sub.add_argument(
            "--with", metavar="NAME=VALUE", action="append", default=[], dest="options",
            help=f"an option of this exploration, several values with commas: {', '.join(options) or 'it has none'}",
        )  # fmt: skip
        sub.add_argument("--json", action="store_true", help="print JSON instead of a table")
        sub.add_argument("--out", metavar="FILE", help="write the main table to FILE: .csv or .json")
    command("check-data", "read a data folder and say whether it can be used")
    return top


def main(argv: Sequence[str] | None = None, start: Callable[[str], Engine] | None = None) -> int:
    """Run one command and return its exit status. `start` makes an engine for a data folder, when not a new one each time."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = parser().parse_args(argv)
        verbs = {"solve": _solve, "case": _case, "check-data": _check_data} | dict.fromkeys(EXPLORATIONS, _explore)
        return verbs[arguments.command](arguments, start or _engine)
    except InputError as error:
        return _refuse(str(error), BAD_INPUT)
    except SolverFailed as error:
        return _refuse(str(error), FAILED)
    except KeyboardInterrupt:
        return _refuse("stopped", STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _refuse(reason: str, status: int) -> int:
    """Say why in one line on stderr."""
    print(f"python -m model: {' '.join(reason.split())}", file=sys.stderr)
    return status


# -- commands --------------------------------------------------------------------------------------------------------


def _solve(arguments: argparse.Namespace, start: Callable[[str], Engine]) -> int:
    out = _target(arguments.out, (".csv", ".xlsx", ".yaml", ".json"))
    choice = _choice(arguments)
    engine = start(arguments.data)
    evidence = engine.evidence
    try:
        answer = engine.answer(choice)
    except NoMix as error:
        if arguments.json:
            _print_json(no_mix_json(error, choice, evidence))
        return _refuse(str(error), NO_MIX)
    if out:
        content = {
            ".csv": lambda: mix_csv(answer.mix),
            ".xlsx": lambda: workbook(answer, evidence),
            ".yaml": lambda: scenario_yaml(answer.mix, evidence).encode(),
            ".json": lambda: _json(solve_json(answer, evidence)),
        }[out.suffix.lower()]()
        _write(out, content)
    if arguments.json:
        _print_json(solve_json(answer, evidence))
    else:
        print(summary(answer, engine))
        if out:
            print(f"\nWritten to {out}.")
    return SOLVED


def _case(arguments: argparse.Namespace, start: Callable[[str], Engine]) -> int:
    out = _target(arguments.out, (".json",))
    choice = _choice(arguments)
    record = case_json(start(arguments.data), choice)
    if out:
        _write(out, _json(record, None))
    if arguments.json:
        _print_json(record, None)
    else:
        sizes = ", ".join(f"{len(value):,} {name}" for name, value in record.items() if isinstance(value, list))
        print(f"The case: {sizes}.\n" + (f"Written to {out}." if out else "Add --json to see every number."))
    return SOLVED


def _explore(arguments: argparse.Namespace, start: Callable[[str], Engine]) -> int:
    out = _target(arguments.out, (".csv", ".json"))
    choice, options = _choice(arguments), dict(_option(text) for text in arguments.options)
    engine = start(arguments.data)
    shown = sys.stderr.isatty()

    def progress(done: int, total: int) -> None:
        if shown:
            print(f"\r{done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    try:
        found = explore(arguments.command, engine, choice, progress, **options)
    except NoMix as error:
        if arguments.json:
            _print_json(no_mix_json(error, choice, engine.evidence))
        return _refuse(str(error), NO_MIX)
    except TypeError:
        raise BadArgument(
            f"--with {' '.join(arguments.options)}: a value is not of the kind that this option takes"
        ) from None
    record = {"finding": found.sentence} | {
        name: json.loads(t.to_json(orient="records")) for name, t in found.tables.items()
    }
    if out:
        table = found.frame.to_csv(index=False, lineterminator="\n").encode()
        _write(out, table if out.suffix.lower() == ".csv" else _json(record))
    if arguments.json:
        _print_json(record)
    else:
        print(
            found.sentence
            + (f"\nWritten to {out}." if out else f"\n\n{found.frame.to_string(index=False, max_rows=40)}")
        )
    return SOLVED


def _option(text: str) -> tuple[str, Any]:
    """NAME=VALUE, or NAME=A,B for several; numbers as numbers."""
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise BadArgument(f"--with {text!r}: it must read NAME=VALUE")
    parts: list[Any] = []
    for part in value.split(","):
        try:
            parts.append(int(part))
        except ValueError:
            try:
                parts.append(float(part))
            except ValueError:
                parts.append(part.strip())
    name = name.strip()
    return name, tuple(parts) if len(parts) > 1 or name in ("china_limits", "facts", "events") else parts[0]


def _check_data(arguments: argparse.Namespace, start: Callable[[str], Engine]) -> int:
    evidence = start(arguments.data).evidence
    assumed = sum(fact.assumption for fact in evidence.facts.values())
    print(
        f"The data can be used: {len(evidence.facts):,} facts ({assumed} of them analyst assumptions), {len(evidence.routes)} routes,"
        f" {len(evidence.sectors)} sectors, {len(evidence.events)} events, {len(evidence.sites)} sites. Version {evidence.version}."
    )
    return SOLVED


# -- input and output ------------------------------------------------------------------------------------------------


def _engine(folder: str) -> Engine:
    """An engine for a data folder. Raises `InputError` when the folder cannot be used, also for reasons that only the
    model finds."""
    try:
        return Engine(load_evidence(folder))
    except InputError:
        raise
    except (ValueError, LookupError, ArithmeticError) as error:
        raise InputError(f"data folder {folder}: no program can be made from it ({error})") from None


def _choice(arguments: argparse.Namespace) -> Choice:
    """The levers: defaults, then the scenario, then each --set."""
    choice = _scenario(Path(arguments.scenario)) if arguments.scenario is not None else Choice()
    for text in arguments.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadArgument(f"--set {text!r}: it must read LEVER=VALUE")
        choice = choice.changed(**{name.strip(): value.strip()})
    return choice


def _scenario(file: Path) -> Choice:
    try:
        with file.open("rb") as stream:
            text = stream.read(SCENARIO_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadArgument(f"--scenario {file}: it cannot be opened ({_reason(error)})") from None
    try:
        return read_scenario(text)
    except InputError as error:
        raise BadArgument(f"--scenario {file}: {error}") from None


def _target(name: str | None, suffixes: tuple[str, ...]) -> Path | None:
    """Where to write. Raises `BadArgument` before anything is worked out when it cannot be right."""
    if name is None:
        return None
    file = Path(name)
    if file.suffix.lower() not in suffixes:
        raise BadArgument(f"--out {name}: its name must end in {' or '.join(suffixes)}")
    if file.is_dir() or not file.parent.is_dir():
        reason = "it is a folder" if file.is_dir() else f"there is no folder {file.parent}"
        raise BadArgument(f"--out {name}: {reason}")
    return file


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except (OSError, ValueError) as error:
        raise BadArgument(f"--out {file}: it cannot be written ({_reason(error)})") from None


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


def _json(record: dict[str, Any], indent: int | None = 1) -> bytes:
    return (json.dumps(record, indent=indent, allow_nan=False) + "\n").encode()


def _print_json(record: dict[str, Any], indent: int | None = 1) -> None:
    sys.stdout.write(_json(record, indent).decode())


# -- for people ------------------------------------------------------------------------------------------------------


def summary(answer: Answer, engine: Engine) -> str:
    """The answer as a short table: indicators beside today's course and the cheapest mix, and the mix in the target year."""
    mix, evidence = answer.mix, engine.evidence
    year = int(mix.choice.target_year)
    changed = [f"{name}={mix.choice.values()[name]}" for name in mix.choice.differences(Choice())]
    lines = [
        f"Optimal mix, {mix.proof.solver}, data {evidence.version}, {', '.join(changed) or 'all levers at their defaults'}",
        "",
        f"{'':28}{'this mix':>12}{'today':>12}{'cheapest':>12}",
    ]
    for indicator in INDICATORS:
        share = indicator.unit.startswith("share")
        cells = "".join(
            f"{(100 if share else 1) * m.indicators[indicator.id] + 0.0:>12,.1f}"
            for m in (mix, answer.today, answer.cheapest)
        )
        lines.append(
            f"{indicator.label:28}{cells}  {indicator.unit.replace('share', '%') if share else indicator.unit}"
        )
    lines += ["", f"{f'Mix in {year}, t/y':60}{'planned':>10}{'expected':>10}{'undisturbed':>13}"]
    rows = mix.table[mix.table["year"] == year].sort_values("planned_t", ascending=False)
    for row in rows.to_dict("records"):
        name = f"{evidence.routes[row['route']].name}: {evidence.commodities[row['commodity']].short}"
        volumes = row["planned_t"], row["delivered_expected_t"], row["delivered_undisturbed_t"]
        lines.append(f"{name:60}{volumes[0]:>10,.1f}{volumes[1]:>10,.1f}{volumes[2]:>13,.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
