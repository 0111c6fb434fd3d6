"""Whether a pack still holds: solve its scenario anew, compare digest and numbers, and name what moved.

A pack comes from anywhere. It is read in memory under fixed bounds; nothing in it is unpacked to disk, run or followed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from model import __version__
from model.engine.active_limits import NoMix
from model.engine.engine import Engine, build_engine
from model.errors import InputError
from model.evidence.safe_zip import BadZip, Bounds, plain, unzipped
from model.evidence.schema import Edit
from model.evidence.store import Evidence
from model.evidence.user_edits import scenario_edits
from model.export.files import solve_json
from model.export.pack.pack import FORMAT
from model.formulation.levers import Choice, read_scenario
from model.provenance import digest, model_version, release
from model.results.formatting import count
from model.results.indicators import INDICATORS, Indicator

PACK_BYTES = 2**25
"""A pack longer than this is refused unread."""
MEMBER_BYTES, WHOLE_BYTES, MEMBERS = 2**25, 3 * 2**25, 64
"""The most that one file of a pack, and all of them together, may hold once unpacked; and how many there may be."""
BOUNDS = Bounds(MEMBERS, MEMBER_BYTES, WHOLE_BYTES)
ADDED = re.compile(r"__MACOSX/|([^/]+/){0,2}(\.DS_Store|Thumbs\.db|desktop\.ini)$")
"""What file managers add to a zip."""
FOLDER = re.compile(r"(\./)?([A-Za-z0-9][\w .()-]*/){1,2}|\./")
NAME = re.compile(
    r"(?P<top>(?!tables/)[A-Za-z0-9][\w .()-]*/)?(tables/)?[A-Za-z][A-Za-z0-9_]*\.(csv|json|yaml|lp|mps|txt|cff)"
)
NEEDED = ("scenario.yaml", "result.json", "datapackage.json", "tables/facts.csv")
SAME = 1e-6
"""Numbers within this relative distance are the same."""
NAMED = 12
"""How many moved things of a kind are named one by one."""


COSTS = {
    "objective_kusd": "Objective", "supply_cost_kusd": "Purchases", "shortage_cost_kusd": "Harm of shortage",
    "investment_kusd": "Plants", "reserve_cost_kusd": "Reserve",
}  # fmt: skip
"""Sums of a result, discounted, with their names."""


class BadPack(InputError):
    """A pack that cannot be used; the message says why in one sentence."""


@dataclass(frozen=True)
class Verdict:
    """Whether a pack still holds. `moved` names what did not stay, one thing a line; `compared` counts the numbers looked at and
    `widest` is their largest relative difference."""

    holds: bool
    digest: str
    compared: int = 0
    widest: float = 0.0
    moved: tuple[str, ...] = field(default=())

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.holds:
            far = f"differ by at most {self.widest:.0e} of their size" if self.widest else "are the same"
            return (
                f"The pack holds: the same digest {self.digest[:12]}, and {self.compared:,} numbers solved anew {far}."
            )
        return f"The pack no longer holds: {count(len(self.moved), 'thing')} moved."

    @property
    def record(self) -> dict[str, Any]:
        """The verdict as JSON values."""
        return {
            "holds": self.holds, "verdict": self.sentence, "digest": self.digest, "numbers_compared": self.compared,
            "largest_relative_difference": self.widest if math.isfinite(self.widest) else None, "moved": list(self.moved),
        }  # fmt: skip


# -- reading ---------------------------------------------------------------------------------------------------------


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a pack by name. Raises `BadPack` for what is no pack, holds names or sizes that a pack never has, or is broken."""
    if len(content) > PACK_BYTES:
        raise BadPack(f"longer than {PACK_BYTES:,} bytes, so it was not read")
    try:
        files = _without_folder(unzipped(content, BOUNDS, _named))
    except BadZip as error:
        raise BadPack(str(error)) from None
    for name in NEEDED:
        if name not in files:
            raise BadPack(f"it holds no {name}")
    return files


def _without_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files by the names that they have in a pack, also when an ordinary tool put all of them into one folder."""
    tops = {found["top"] or "" for name in files if (found := NAME.fullmatch(name))}
    return {name.removeprefix(top): text for top in tops for name, text in files.items()} if len(tops) == 1 else files


def _named(name: str) -> bool:
    """True for a name that a pack may hold, perhaps in a folder of its own; false for folders and for what file managers add. Raises
    `BadZip` for any other."""
    if ADDED.match(name) or FOLDER.fullmatch(name):
        return False
    if not NAME.fullmatch(plain(name) if "\\" not in name else name):
        raise BadZip(f"it holds {_short(name)}, a name that no pack has")
    return True


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _read(files: Mapping[str, bytes], name: str) -> dict[str, Any]:
    """A JSON file of the pack, strictly read."""
    try:
        record = json.loads(files[name].decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadPack(f"{name} is no JSON text ({_plain(error)})") from None
    if not isinstance(record, dict):
        raise BadPack(f"{name} holds no mapping")
    return record


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _plain(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else text[:157] + "..."


@dataclass(frozen=True)
class Stated:
    """What a pack says: its choice, result, facts (id to value and unit) and the hashes of its files by name."""

    choice: Choice
    edits: tuple[Edit, ...]
    result: dict[str, Any]
    facts: dict[str, tuple[float, str]]
    hashes: dict[str, str]


def stated(files: Mapping[str, bytes]) -> Stated:
    """What a pack says. Raises `InputError` naming the file that does not read as a pack's does."""
    try:
        choice, edits = read_scenario(files["scenario.yaml"]), scenario_edits(files["scenario.yaml"])
    except InputError as error:
        raise BadPack(f"scenario.yaml: {_plain(error)}") from None
    result = _read(files, "result.json")
    if result.get("pack_format") != FORMAT:
        raise BadPack(
            f"result.json: pack_format is {_short(str(result.get('pack_format')))}, and only {FORMAT} can be read"
        )
    for name, kind in (
        ("indicators", dict),
        ("mix", list),
        ("digest", str),
        ("data_version", str),
        ("model_version", str),
    ):
        if not isinstance(result.get(name), kind):
            raise BadPack(f"result.json: it needs {name}")
    return Stated(choice, edits, result, _facts(files["tables/facts.csv"]), _hashes(_read(files, "datapackage.json")))


def _facts(content: bytes) -> dict[str, tuple[float, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
        return {row["fact"]: (float(row["value"]), row["unit"]) for row in rows}
    except (csv.Error, KeyError, TypeError, ValueError) as error:
        raise BadPack(f"tables/facts.csv is no table of facts ({_plain(error)})") from None


def _hashes(description: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in ("resources", "files"):
        entries = description.get(part)
        if not isinstance(entries, list):
            raise BadPack(f"datapackage.json: it needs a list of {part}")
        for entry in entries:
            if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("path", "hash")):
                raise BadPack(f"datapackage.json: an entry of {part} has no path or no hash")
            found[entry["path"]] = entry["hash"]
    return found


# -- comparing -------------------------------------------------------------------------------------------------------


def verify(engine: Engine, content: bytes) -> Verdict:
    """Solve a pack's scenario anew and compare. Raises `InputError` for a pack that cannot be read, `SolverFailed`."""
    files = unpacked(content)
    said = stated(files)
    if said.edits != tuple(sorted(engine.evidence.own.values(), key=lambda edit: edit.fact)):
        engine = build_engine(engine.evidence.published.with_edits(said.edits))
    evidence = engine.evidence
    moved = [*_changed_files(files, said.hashes), *_inputs(said, evidence)]
    now = digest(evidence, said.choice)
    if now != said.result["digest"]:
        moved.append(f"digest of the inputs: {_short(said.result['digest'])} then, '{now}' now")
    try:
        result = solve_json(engine.answer(said.choice), evidence)
    except NoMix as error:
        return Verdict(False, now, moved=(*moved, str(error)))
    pairs = list(_pairs(said.result, result))
    far = [(name, then, here) for name, then, here in pairs if distance(then, here) > SAME]
    moved += [f"{name}: {_number(then)} then, {_number(here)} now" for name, then, here in _headlines(far)]
    volumes = sorted((pair for pair in far if pair[0].startswith("mix ")), key=_apart, reverse=True)
    moved += [f"{name}: {_number(then)} then, {_number(here)} now" for name, then, here in volumes[:NAMED]]
    if len(volumes) > NAMED:
        moved.append(f"and {len(volumes) - NAMED:,} more numbers of the mix")
    widest = max((distance(then, here) for _, then, here in pairs), default=0.0)
    made = said.result["model_version"]
    if moved and "+" in made and made != model_version():  # other code alone moves nothing; it may say why numbers did
        moved.append(f"code of the model: {_short(made)} then, '{model_version()}' now")
    return Verdict(not moved, now, len(pairs), widest, tuple(moved))


def _apart(pair: tuple[str, float, float]) -> float:
    """How far apart two numbers of the mix are, in their unit; what is new or gone counts whole."""
    then, here = (0.0 if math.isnan(value) else value for value in pair[1:])
    return abs(then - here)


def _headlines(far: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    return [pair for pair in far if not pair[0].startswith("mix ")]


def distance(then: float, here: float) -> float:
    """How far apart two numbers are, as a share of the larger; differences of less than a millionth count as none."""
    if not (math.isfinite(then) and math.isfinite(here)):
        return 0.0 if math.isnan(then) and math.isnan(here) else math.inf
    return 0.0 if abs(then - here) < 1e-6 else abs(then - here) / max(abs(then), abs(here))


def _number(value: float) -> str:
    return "nothing" if math.isnan(value) else f"{value:.10g}"


def _changed_files(files: Mapping[str, bytes], hashes: Mapping[str, str]) -> Iterator[str]:
    """Files that are not what the pack says that they were when it was made."""
    for name, content in sorted(files.items()):
        if name == "datapackage.json":
            continue
        if name not in hashes:
            yield f"file {name}: put into the pack after it was made"
        elif hashes[name] != f"sha256:{hashlib.sha256(content).hexdigest()}":
            yield f"file {name}: changed after the pack was made"
    for name in sorted(set(hashes) - set(files)):
        yield f"file {_short(name)}: taken out of the pack after it was made"


def _inputs(said: Stated, evidence: Evidence) -> Iterator[str]:
    """Versions and facts that are not what they were."""
    for name, then, here in (
        ("model version", release(said.result["model_version"]), __version__),
        ("data version", said.result["data_version"], evidence.version),
    ):
        if then != here:
            yield f"{name}: {_short(then)} then, '{here}' now"
    changed = list(_changed_facts(said.facts, evidence))
    yield from changed[:NAMED]
    if len(changed) > NAMED:
        yield f"and {len(changed) - NAMED:,} more facts"


def _changed_facts(then: Mapping[str, tuple[float, str]], evidence: Evidence) -> Iterator[str]:
    for name, (value, unit) in then.items():
        if name not in evidence.facts:
            yield f"fact {_short(name)}: {value:g} {_short(unit)} then, gone now"
        elif distance(value, float(evidence.facts[name].value)) > 1e-9 or unit != evidence.facts[name].unit:
            fact = evidence.facts[name]
            yield f"fact {name} ({fact.what}): {value:g} {_short(unit)[1:-1]} then, {fact.value:g} {fact.unit} now"
    for name in evidence.facts.keys() - then.keys():
        yield f"fact {name}: new"


def _pairs(then: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    """Numbers of both results under one name; nan where one has none."""
    for name, label in COSTS.items():
        yield f"{label}, thousand USD", _float(then.get(name)), _float(here[name])
    known: dict[str, Indicator] = {indicator.id: indicator for indicator in INDICATORS}
    for of in ("", "cheapest", "today"):
        old, new = (record.get(of, {}) if of else record for record in (then, here))
        old = old.get("indicators") if isinstance(old, dict) else None
        for name, value in new["indicators"].items():
            label = f"{known[name].label}, {known[name].unit}" + (f" ({of})" if of else "")
            yield label, _float(old.get(name) if isinstance(old, dict) else None), _float(value)
    rows = ({_key(row): row for row in record["mix"] if isinstance(row, dict)} for record in (then, here))
    old_rows, new_rows = rows
    for key in {**new_rows, **old_rows}:
        for column in ("planned_t", "delivered_expected_t", "delivered_undisturbed_t", "cost_usd_per_kg"):
            pair = [_float(table.get(key, {}).get(column)) for table in (old_rows, new_rows)]
            yield f"mix {' '.join(key)[:80]}, {column}", pair[0], pair[1]


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in ("route", "commodity", "year"))


def _float(value: object) -> float:
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return math.inf


__all__ = ["BadPack", "Verdict", "stated", "unpacked", "verify"]
