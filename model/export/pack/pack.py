"""The pack: one .zip that stands on its own, from which anybody can read, rebuild, re-solve and check an answer.

The same levers, data, model, libraries and date give the same bytes: the answer is solved anew from a fixed start.
"""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import date
from importlib import metadata
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from model import __version__
from model.analysis.validation.case_record import case_json
from model.engine.engine import Answer, Engine
from model.engine.worker import needs_cheapest, steering_for
from model.evidence.loading import DATA
from model.evidence.store import Evidence
from model.evidence.user_edits import own_lines
from model.export.files import scenario_yaml, solve_json
from model.export.pack.tables import Tables, csv, neutral, tables
from model.formulation.levers import Choice
from model.formulation.program import Program
from model.lp.solution import Solution
from model.provenance import digest, versions
from model.results.headline import headline

FORMAT = 1
"""Version of the pack's layout, raised when an older one can no longer be read."""
LIBRARIES = ("numpy", "pandas", "pulp", "highspy", "pydantic", "pyyaml", "xlsxwriter", "reportlab")
"""What takes part in working out and writing an answer."""
TYPES = {"i": "integer", "u": "integer", "f": "number", "b": "boolean"}
UNITS = {
    "_usd_per_kg": "USD/kg", "_kg_per_kg": "kgCO2e/kg", "_per_year": "a year", "_inr_crore": "INR crore", "_kusd": "thousand USD",
    "_kusd_discounted": "thousand USD, discounted to the first year", "_share": "share, 0 to 1", "_days": "days", "_years": "years", "_t": "t",
    "hhi": "index 0 to 10,000", "concentration": "score 0 to 10", "shadow_price_inr_crore_per_unit_per_year": "INR crore a year for a unit of the limit",
}  # fmt: skip
"""Unit of a column by the end of its name, the longest that fits."""
README = """India magnet explorer: a pack to read, rebuild and check one answer
=====================================================================

{headline}

Made on {made_on}, model {model_version}, data {data_version}.
Digest of the inputs: {digest}
{own}
What lies here
--------------
scenario.yaml     every lever; open it on the page, or: python -m model solve --scenario scenario.yaml{data}
result.json       the answer: indicators, mix, states, proof of the optimum
case.json         every set and number of the linear program, with its formulas
program.lp        the linear program as text
program.mps       the same for any solver, for example: cbc program.mps -solve, or highs program.mps
solution.csv      every column of the program: its value and its reduced cost
rows.csv          every row of the program: its value and its dual
tables/*.csv      tidy tables with units in their column names
datapackage.json  describes the tables (Frictionless Data), with a SHA-256 of every file
versions.txt      libraries that were used, in the form that pip reads
CITATION.cff      how to cite

Is it still true?
-----------------
python -m model verify THIS_FILE.zip{data}
solves the scenario anew and says whether digest and numbers hold, and if not, which fact or file moved.
"""


def _citation() -> bytes:
    """How to cite: beside the model in a checkout, among the metadata of an installed wheel."""
    file = Path(__file__).resolve().parents[3] / "CITATION.cff"
    if not file.is_file():
        files = metadata.files("india-magnet-explorer") or ()
        file = Path(str(next(path for path in files if path.name == "CITATION.cff").locate()))
    return file.read_bytes()


def pack(engine: Engine, choice: Choice, made_on: date | None = None) -> bytes:
    """The pack of a choice as a .zip. Raises `NoMix`, `SolverFailed`."""
    made_on, own = made_on or date.today(), engine.afresh()
    answer = own.answer(choice)
    program, solution = _written(own, choice)
    files = _files(own, answer, program, solution, made_on)
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as found:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, (made_on.year, made_on.month, made_on.day, 0, 0, 0))
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            found.writestr(info, content)
    return stream.getvalue()


def _written(engine: Engine, choice: Choice) -> tuple[Program, Solution]:
    """The program of a choice written down anew, and its solution from the live copy."""
    case = engine.assembler.case(choice)
    cheapest = engine.cheapest(choice) if needs_cheapest(choice) else None
    with engine.worker("mix") as worker:
        steering = steering_for(worker, case, cheapest)
        solution = worker.solve(case, steering)
    return Program(case, steering), solution


def _files(engine: Engine, answer: Answer, program: Program, solution: Solution, made_on: date) -> dict[str, bytes]:
    """Every file of the pack by its name, the description last."""
    evidence, mix = engine.evidence, answer.mix
    sentence = headline(mix, answer.today, evidence, int(mix.choice.target_year)).replace("\u00a0", " ")
    frames = {f"tables/{name}.csv": found for name, found in tables(answer, evidence).items()}
    frames["solution.csv"] = ("Columns of the linear program.", solution_table(program, solution))
    frames["rows.csv"] = ("Rows of the linear program.", row_table(program, solution))
    result = _lasting(solve_json(answer, evidence)) | {"pack_format": FORMAT, "made_on": made_on.isoformat()}
    found = {name: csv(frame) for name, (_, frame) in frames.items()} | {
        "scenario.yaml": scenario_yaml(mix, evidence).encode(),
        "case.json": _json(case_json(engine, mix.choice), None),
        "result.json": _json(result),
        "README.txt": README.format(
            headline=sentence,
            made_on=made_on.isoformat(),
            **versions(evidence, mix.choice),
            own="".join(f"{line}\n" for line in ["", *own_lines(evidence)]) if evidence.own else "",
            data="" if evidence.folder == DATA else " --data FOLDER",
        ).encode(),
        "CITATION.cff": _citation(),
        "versions.txt": _versions(evidence).encode(),
        **_programs(program),
    }
    about = {
        "id": digest(evidence, mix.choice),
        "version": f"{__version__}+{evidence.version}",
        "created": f"{made_on.isoformat()}T00:00:00Z",
    }
    return found | {"datapackage.json": _json(_described(about, frames, found))}


def _lasting(record: dict[str, Any]) -> dict[str, Any]:
    """A result without what differs from run to run: the time that it took."""
    return record | {"proof": {name: value for name, value in record["proof"].items() if name != "seconds"}}


def solution_table(program: Program, solution: Solution) -> pd.DataFrame:
    """Every column of the program, in its own unit (see `case.json`): column, value, reduced_cost_kusd_per_unit."""
    return neutral(
        pd.DataFrame(
            {"column": program.sheet.column_names, "value": solution.values, "reduced_cost_kusd_per_unit": solution.reduced_costs}
        )
    )  # fmt: skip


def row_table(program: Program, solution: Solution) -> pd.DataFrame:
    """Every row of the program, in its own unit: row, value, dual_kusd_per_unit."""
    return neutral(
        pd.DataFrame(
            {"row": program.sheet.row_names, "value": solution.row_values, "dual_kusd_per_unit": solution.row_duals}
        )
    )


def _programs(program: Program) -> dict[str, bytes]:
    """The program in both text forms, as PuLP writes them."""
    with tempfile.TemporaryDirectory() as folder:
        lp, mps = Path(folder, "program.lp"), Path(folder, "program.mps")
        program.sheet.problem.writeLP(str(lp), max_length=255)
        program.sheet.problem.writeMPS(str(mps))
        return {"program.lp": lp.read_bytes(), "program.mps": mps.read_bytes()}


def _versions(evidence: Evidence) -> str:
    """Python, model, data and libraries; comments and pins, as pip reads them."""
    pins = []
    for name in LIBRARIES:
        try:
            pins.append(f"{name}=={metadata.version(name)}")
        except metadata.PackageNotFoundError:
            pins.append(f"# {name} was not installed")
    head = [f"# python {platform.python_version()}", f"# model {__version__}", f"# data {evidence.version}"]
    return "\n".join([*head, *pins]) + "\n"


def _json(record: Mapping[str, Any], indent: int | None = 1) -> bytes:
    return (json.dumps(record, indent=indent, allow_nan=False, ensure_ascii=False) + "\n").encode()


# -- the description -------------------------------------------------------------------------------------------------


def _described(about: Mapping[str, str], frames: Tables, files: Mapping[str, bytes]) -> dict[str, Any]:
    """datapackage.json: every table with the type and unit of its columns, every other file with its SHA-256."""
    resources = [
        _resource(path, what, files[path])
        | {"profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}
        | {"schema": {"fields": [_field(str(name), frame[name]) for name in frame.columns], "missingValues": [""]}}
        for path, (what, frame) in sorted(frames.items())
    ]
    return {
        "profile": "data-package",
        "name": "india-magnet-mix",
        "title": "A mix of routes for India's rare-earth magnets",
        **about,
        "licenses": [{"name": "MIT", "title": "MIT License", "path": "https://opensource.org/licenses/MIT"}],
        "resources": resources,
        "files": [
            {"path": path, "bytes": len(content), "hash": _hash(content)}
            for path, content in sorted(files.items())
            if path not in frames
        ],
    }


def _resource(path: str, what: str, content: bytes) -> dict[str, Any]:
    name = Path(path).stem.replace("_", "-")
    return {"name": name, "path": path, "description": what, "bytes": len(content), "hash": _hash(content)}


def _hash(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _field(name: str, values: pd.Series[Any]) -> dict[str, str]:
    """Name, type and unit of a column."""
    fits = [end for end in UNITS if name.endswith(end)]
    unit = {"unit": UNITS[max(fits, key=len)]} if fits else {}
    return {"name": name, "type": TYPES.get(values.dtype.kind, "string"), **unit}
