"""The verb `health`: whether a running server answers, its data can be read and its rooms can be kept."""

from __future__ import annotations

import argparse
import os
import sqlite3
import tempfile
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

from model.cli.arguments import BadArgument, as_json
from model.cli.commands import FAILED, SOLVED, Said, Start, Verb
from model.errors import InputError
from model.evidence.loading import DATA, load_evidence

URL = "http://localhost:8501"
"""Where the server answers by default, its path prefix included where it has one."""
SERVER_S = 5.0
"""How long the server may take to answer, seconds."""
DATA_VARIABLE, ROOMS_VARIABLE = "MAGNET_DATA", "MAGNET_ROOMS"
"""Environment variables of the server: its data folder and the folder of its rooms."""


def health(arguments: argparse.Namespace, start: Start) -> Said:  # noqa: ARG001 - no engine is needed
    """Each of the three that can be looked at, in one line; status 1 when one of them is not well."""
    if not arguments.url.startswith(("http://", "https://")):
        raise BadArgument(f"--url {arguments.url!r}: it must begin with http:// or https://")
    data = arguments.data if arguments.data != str(DATA) else os.environ.get(DATA_VARIABLE) or arguments.data
    rooms = arguments.rooms or os.environ.get(ROOMS_VARIABLE)
    wrong = {"server": _server(arguments.url), "data": _data(data), "rooms": _rooms(Path(rooms)) if rooms else None}
    well = not any(wrong.values())
    text = as_json({"well": well, **wrong}).decode() if arguments.json else _line(wrong) if well else ""
    return Said(SOLVED if well else FAILED, text, "; ".join(filter(None, wrong.values())))


def _line(wrong: Mapping[str, str | None]) -> str:
    return f"Well: {', '.join(name for name, reason in wrong.items() if reason is not None)}.\n"


def _server(url: str) -> str:
    """What is wrong with the server; nothing when it says that it is up. Asked without any proxy."""
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with ask.open(f"{url.rstrip('/')}/_stcore/health", timeout=SERVER_S) as reply:
            said = reply.read(16)
    except (OSError, ValueError, HTTPException) as error:
        return f"the server at {url} does not answer ({type(error).__name__})"
    return "" if said == b"ok" else f"the server at {url} does not say that it is up"


def _data(folder: str) -> str:
    """What is wrong with a data folder; nothing when all of it can be read."""
    try:
        load_evidence(folder)
    except InputError as error:
        return f"the data cannot be used: {error}"
    return ""


def _rooms(folder: Path) -> str:
    """What is wrong with the folder of the rooms; nothing when a file can be written there, or where the server will make it with the
    first room, and what lies in it can be changed."""
    try:
        files = list(folder.glob("*.sqlite3"))
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
            file.flush()
        for kept in files:
            with closing(sqlite3.connect(kept, timeout=SERVER_S, isolation_level=None)) as base:
                base.execute("BEGIN IMMEDIATE")
                base.execute("SELECT count(*) FROM sqlite_master")
                base.execute("ROLLBACK")
    except (OSError, sqlite3.Error) as error:
        return f"rooms cannot be kept in {folder} ({type(error).__name__})"
    return ""


def _options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--url", metavar="URL", default=URL, help=f"where the server answers, by default {URL}")
    sub.add_argument(
        "--rooms",
        metavar="DIR",
        help=f"folder of the rooms, by default what {ROOMS_VARIABLE} names; else not looked at",
    )


SERVING: Mapping[str, Verb] = {
    "health": Verb(
        "say whether a running server answers, its data folder can be read and its rooms can be kept; made for a container's"
        " health check", health, levers=False, options=_options,
    ),
}  # fmt: skip
"""The verbs of a running server, by name."""
