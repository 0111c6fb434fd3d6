"""What stands on the command line, read and checked before anything is worked out: levers, options, files to read and write."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, NoReturn

from model.errors import InputError
from model.evidence.schema import Edit
from model.evidence.user_edits import scenario_edits
from model.formulation.levers import SCENARIO_BYTES, Choice, read_scenario


class BadArgument(InputError):
    """An argument that cannot be used; the message names it."""


class Parser(argparse.ArgumentParser):
    """A parser that reports a bad argument in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise `BadArgument` with argparse's message."""
        raise BadArgument(message)


def choice_of(arguments: argparse.Namespace) -> Choice:
    """The levers: defaults, then the scenario, then each --set."""
    choice = _scenario(Path(arguments.scenario)) if arguments.scenario is not None else Choice()
    for text in arguments.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadArgument(f"--set {text!r}: it must read LEVER=VALUE")
        choice = choice.changed(**{name.strip(): value.strip()})
    return choice


def _scenario(file: Path) -> Choice:
    text = contents(file, SCENARIO_BYTES, "--scenario")
    try:
        return read_scenario(text)
    except InputError as error:
        raise BadArgument(f"--scenario {file}: {error}") from None


def edits_of(arguments: argparse.Namespace) -> tuple[Edit, ...]:
    """The own numbers of the scenario; none without one."""
    if getattr(arguments, "scenario", None) is None:
        return ()
    try:
        return scenario_edits(contents(Path(arguments.scenario), SCENARIO_BYTES, "--scenario"))
    except InputError as error:
        raise BadArgument(f"--scenario {arguments.scenario}: {error}") from None


def contents(file: Path, most: int, option: str) -> bytes:
    """Up to `most` + 1 bytes of a file. Raises `BadArgument`, naming the option that asked for it."""
    try:
        with file.open("rb") as stream:
            return stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise BadArgument(f"{option} {file}: it cannot be opened ({_reason(error)})") from None


def option(text: str) -> tuple[str, Any]:
    """NAME=VALUE, or NAME=A,B for several; numbers as numbers."""
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise BadArgument(f"--with {text!r}: it must read NAME=VALUE")
    parts = [_value(part) for part in value.split(",")]
    return name.strip(), tuple(parts) if len(parts) > 1 else parts[0]


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip()


def target(name: str | None, suffixes: tuple[str, ...]) -> Path | None:
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


def write(file: Path, content: bytes) -> None:
    """Write a file. Raises `BadArgument` when it cannot be written."""
    try:
        file.write_bytes(content)
    except (OSError, ValueError) as error:
        raise BadArgument(f"--out {file}: it cannot be written ({_reason(error)})") from None


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)


def as_json(record: dict[str, Any], indent: int | None = 1) -> bytes:
    """A record as strict JSON, with a new line at its end."""
    return (json.dumps(record, indent=indent, allow_nan=False) + "\n").encode()
