"""Reading a data folder: strict YAML, bounded sizes, and every error with file and entry."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from model.errors import EvidenceError, InputError
from model.evidence.schema import CommodityInfo, Derived, Event, Fact, Note, Preset, Route, Sector, Site
from model.evidence.store import Evidence
from model.evidence.validation import check_links

_INSTALLED = Path(__file__).resolve().parents[1] / "data"
DATA = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).resolve().parents[2] / "data"
"""The project's data: beside the model in a checkout, within it where a wheel was installed."""


STORY = "story.yaml"


FILE_BYTES = 4_000_000
"""A data file longer than this is refused unread."""


class _Loader(yaml.SafeLoader):
    """YAML without tags, anchors or repeated keys: nothing hidden, nothing that grows when read."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InputError("anchors and aliases are not allowed")
        if getattr(event, "tag", None):
            raise InputError("tags are not allowed")
        self.depth = getattr(self, "depth", 0) + 1
        if self.depth > 40:
            raise InputError("nested too deeply")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, Hashable):
                raise InputError("a key is not a plain word")
            if name in seen:
                raise InputError(f"the key {name!r} stands twice")
            seen.add(name)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in entries if tag != "tag:yaml.org,2002:timestamp"]
    for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str | bytes, where: str) -> Any:
    """The content of a YAML text. Raises `InputError` with one sentence that says where and what is wrong."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is not YAML text"
        raise InputError(f"{where}{line}: {problem}") from None
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    except (ValueError, RecursionError, OverflowError, UnicodeError) as error:
        raise InputError(f"{where}: it cannot be read ({type(error).__name__})") from None


_FILES: dict[str, type[BaseModel]] = {
    "notes": Note,
    "commodities": CommodityInfo,
    "routes": Route,
    "sectors": Sector,
    "events": Event,
    "sites": Site,
    "presets": Preset,
}


def file_bytes(path: Path, name: str) -> bytes:
    """The content of a data file. Raises `EvidenceError` when it cannot be opened or is too long."""
    try:
        if path.stat().st_size > FILE_BYTES:
            raise EvidenceError(f"{name}: longer than {FILE_BYTES:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{name}: it cannot be opened ({error.strerror})") from None


def _entries(path: Path, kind: type[BaseModel], folder: Path) -> list[Any]:
    name = path.relative_to(folder).as_posix()
    return entries_of(file_bytes(path, name), kind, name)


def entries_of(text: bytes, kind: type[BaseModel], name: str) -> list[Any]:
    """The entries of a data file from its text. Raises `EvidenceError` naming file, entry, field and reason."""
    try:
        content = read_yaml(text, name)
    except InputError as error:
        raise EvidenceError(str(error)) from None
    if not isinstance(content, list) or not content:
        raise EvidenceError(f"{name}: it must be a list of entries")
    found = []
    for place, entry in enumerate(content, 1):
        label = entry.get("id", f"number {place}") if isinstance(entry, dict) else f"number {place}"
        try:
            found.append(kind.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            reason = first["msg"].removeprefix("Value error, ")
            raise EvidenceError(f"{name}, entry {label}{', ' + field if field else ''}: {reason}") from None
    return found


def load_evidence(folder: Path | str = DATA) -> Evidence:
    """Read and check a data folder. Raises `EvidenceError` naming file, entry and reason."""
    folder = Path(folder).resolve()
    if not folder.is_dir():
        raise EvidenceError(f"data folder {folder}: there is no such folder")
    fact_files = sorted((folder / "facts").glob("*.yaml"))
    if not fact_files:
        raise EvidenceError("facts/: there is no file of facts")
    tables: dict[str, list[Any]] = {
        name: _entries(folder / f"{name}.yaml", kind, folder) for name, kind in _FILES.items()
    }
    tables["facts"] = [fact for path in fact_files for fact in _entries(path, Fact, folder)]
    formulas = _entries(folder / "derived.yaml", Derived, folder)
    for name, table in {**tables, "facts": [*tables["facts"], *formulas]}.items():
        seen: set[str] = set()
        for entry in table:
            if entry.id in seen:
                raise EvidenceError(f"{name}, entry {entry.id}: the id stands twice")
            seen.add(entry.id)
    digest = hashlib.sha256()
    for path in [*fact_files, *(folder / f"{name}.yaml" for name in (*_FILES, "derived"))]:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    story = file_bytes(folder / STORY, STORY) if (folder / STORY).exists() else None
    evidence = Evidence(tables, formulas, digest.hexdigest()[:12], folder, story)
    check_links(evidence)
    return evidence
