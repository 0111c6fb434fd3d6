"""Finished chunks of worlds on the disk, and the one Parquet file that they become.

While work goes on, each chunk is a small Parquet file of its own in the folder `FILE.parquet.parts`, written under another name
and renamed when it is whole, so that a kill at any moment leaves whole chunks only. At the end they are put together in
order. What is written depends on the worlds alone: no times, no names of machines, fixed settings.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from model.errors import InputError

GROUP = 2048
"""Rows in a row group of the finished file."""
ABOUT = b"india_magnets_sample"
"""The entry of the file's metadata that says what question it answers."""
SETTINGS: dict[str, Any] = {
    "compression": "zstd", "compression_level": 3, "use_dictionary": False, "write_statistics": True, "version": "2.6",
    "data_page_version": "1.0",
}  # fmt: skip
QUESTION, BASE, LOCK = "question.json", "as_it_is.json", "lock"
OURS = {LOCK, f"{QUESTION}.new"}
"""What may lie in the folder before the question is written down."""
Question = Mapping[str, Any]
SAID = {
    "worlds": "{} worlds", "seed": "seed {}", "anew": "worlds planned anew: {}", "data": "data {}", "model": "{}",
    "states": "{} states", "facts": "{} facts",
}  # fmt: skip
"""How the parts of a question are said; any other by its name."""


class OutError(InputError):
    """A file that cannot be written to; the message names it and says why."""


def difference(mine: Question, theirs: Question) -> str:
    """In what two questions first differ, in words: theirs, then mine; empty when they are the same."""
    for name in dict.fromkeys((*mine, *theirs)):
        here, there = mine.get(name), theirs.get(name)
        if here == there:
            continue
        if isinstance(here, dict) and isinstance(there, dict):
            inner = next(key for key in dict.fromkeys((*here, *there)) if here.get(key) != there.get(key))
            return f"{inner}={there.get(inner)}, not {here.get(inner)}"
        if isinstance(here, list) and isinstance(there, list):
            here, there = len(here), len(there)
            if here == there:
                return f"other {name}"
        said = SAID.get(name, name + " {}")
        return f"{said.format(there)}, not {said.format(here)}"
    return ""


def question_of(file: Path) -> dict[str, Any] | None:
    """What question a finished file answers; None when it is not one of ours."""
    try:
        found = (pq.read_schema(file).metadata or {}).get(ABOUT)
        return dict(json.loads(found)) if found else None
    except (OSError, pa.ArrowInvalid, ValueError):
        return None


class Chunks:
    """The chunks of one question on their way to one file. `sizes` are the worlds in each chunk."""

    def __init__(self, file: Path, question: Question, schema: pa.Schema, sizes: list[int]) -> None:
        self.file, self.question, self.schema, self.sizes = file, dict(question), schema, sizes
        self.folder = file.with_name(file.name + ".parts")

    @property
    def finished(self) -> bool:
        """Whether the file is there and answers this question. Raises `OutError` when it is there and does not."""
        if not self.file.exists():
            return False
        theirs = question_of(self.file)
        if theirs is None:
            raise OutError(f"--out {self.file}: a file is there already that holds no sampled worlds")
        theirs.pop("as_it_is", None)
        self._same(theirs, "it holds")
        if (self.folder / QUESTION).exists():  # it was killed when the file was whole and only tidying up was left
            shutil.rmtree(self.folder, ignore_errors=True)
        return True

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Begin, or go on where others were stopped; nobody else may work on the file meanwhile. Raises `OutError`."""
        with contextlib.ExitStack() as held:
            with self._told():
                self.folder.mkdir(exist_ok=True)
                lock = held.enter_context((self.folder / LOCK).open("w"))
                if not _locked(lock):
                    raise OutError(f"--out {self.file}: another process is working on it")
                self._claim()
            yield

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk complains of into a sentence."""
        try:
            yield
        except OSError as error:
            raise OutError(f"--out {self.file}: it cannot be written ({error.strerror or error})") from None

    def _claim(self) -> None:
        """Write down what question the folder belongs to, or see that it is the same."""
        note = self.folder / QUESTION
        if note.exists():
            try:
                theirs = json.loads(note.read_bytes())
            except ValueError:
                theirs = {}
            self._same(theirs, "it was begun with")
        elif strange := sorted(path.name for path in self.folder.iterdir() if path.name not in OURS):
            raise OutError(
                f"--out {self.file}: the folder {self.folder.name} beside it holds other things ({strange[0]})"
            )
        else:
            _write(note, json.dumps(self.question, indent=1).encode())

    def _same(self, theirs: Question, what: str) -> None:
        apart = difference(self.question, theirs)
        if apart:
            raise OutError(f"--out {self.file}: {what} {apart}; name another file or ask the same question")

    def part(self, chunk: int) -> Path:
        """The file of one chunk."""
        return self.folder / f"chunk-{chunk:07d}.parquet"

    def ready(self) -> set[int]:
        """Chunks that are there and whole; one that was damaged is as good as missing."""
        return {
            chunk for chunk, size in enumerate(self.sizes) if self.part(chunk).exists() and self._rows(chunk) == size
        }

    def _rows(self, chunk: int) -> int:
        try:
            return int(pq.read_metadata(self.part(chunk)).num_rows)
        except (OSError, pa.ArrowInvalid):
            return -1

    def keep(self, chunk: int, table: pa.Table) -> None:
        """Put a finished chunk away."""
        whole = self.part(chunk).with_suffix(".new")
        with self._told():
            pq.write_table(table, whole, store_schema=False, **SETTINGS)
            _settle(whole, self.part(chunk))

    @property
    def as_it_is(self) -> dict[str, float | None] | None:
        """The results with all facts as they are, if they were kept."""
        note = self.folder / BASE
        return dict(json.loads(note.read_bytes())) if note.exists() else None

    def keep_as_it_is(self, results: Mapping[str, float | None]) -> None:
        """Put away the results with all facts as they are."""
        with self._told():
            _write(self.folder / BASE, json.dumps(dict(results)).encode())

    def put_together(self) -> None:
        """Make the one file of all chunks, one row group in memory at a time, and remove them."""
        about = {**self.question, "as_it_is": self.as_it_is}
        schema = self.schema.with_metadata({ABOUT: json.dumps(about).encode()})
        whole = self.folder / "whole.new"
        with self._told():
            with pq.ParquetWriter(whole, schema, **SETTINGS) as writer:
                for group in self._groups():
                    writer.write_table(group.cast(schema), row_group_size=2 * GROUP)
            _settle(whole, self.file)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _groups(self) -> Iterator[pa.Table]:
        """Whole chunks in order, as many together as make a row group."""
        waiting: list[pa.Table] = []
        for chunk in range(len(self.sizes)):
            waiting.append(pq.read_table(self.part(chunk)))
            if sum(len(table) for table in waiting) >= GROUP or chunk == len(self.sizes) - 1:
                yield pa.concat_tables(waiting).combine_chunks()
                waiting = []


def _write(file: Path, content: bytes) -> None:
    """Write a file so that it is either whole or not there."""
    whole = file.with_name(file.name + ".new")
    whole.write_bytes(content)
    _settle(whole, file)


def _settle(whole: Path, file: Path) -> None:
    """Give a file its name once its bytes are on the disk."""
    with whole.open("rb") as stream:
        os.fsync(stream.fileno())
    whole.replace(file)


def _locked(stream: TextIO) -> bool:
    """Whether this process has the file to itself from now on; the system takes a lock back from a process that ends, however it ends.
    Where the system knows no such locks, nobody is kept out."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


__all__ = ["ABOUT", "Chunks", "OutError", "difference", "question_of"]
