"""A pack stands on its own: it is the same bytes each time, other tools read and re-solve it, and `verify` says what moved."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import frictionless
import highspy
import pulp
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import model
from model.engine.engine import Engine
from model.errors import InputError
from model.evidence.store import Evidence
from model.export.pack.pack import pack
from model.export.pack.tables import safe, tables
from model.export.pack.verify import MEMBER_BYTES, PACK_BYTES, BadPack, Verdict, unpacked, verify
from model.formulation.levers import Choice, read_scenario

CHOICE = Choice(china_limit=70, shortfall_limit=30)
DAY = date(2026, 1, 31)


@pytest.fixture(scope="module")
def content(engine: Engine) -> bytes:
    """A fresh pack."""
    return pack(engine, CHOICE, DAY)


@pytest.fixture(scope="module")
def files(content: bytes) -> dict[str, bytes]:
    """Its files."""
    return unpacked(content)


@pytest.fixture(scope="module")
def folder(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, unpacked."""
    place = tmp_path_factory.mktemp("pack")
    (place / "tables").mkdir()
    for name, text in files.items():
        (place / name).write_bytes(text)
    return place


def zipped(files: dict[str, bytes], **more: Any) -> bytes:
    """A zip of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as found:
        for name, text in files.items():
            found.writestr(name, text)
    return stream.getvalue()


# -- what it holds -----------------------------------------------------------------------------------------------------


def test_the_same_input_and_date_give_the_same_bytes(content: bytes, engine: Engine, evidence: Evidence) -> None:
    """Whatever was solved before, and on an engine of its own: a pack can be compared by its checksum."""
    engine.answer(Choice(china_limit=90, rupee=105))
    assert pack(engine, CHOICE, DAY) == content
    assert pack(Engine(evidence), CHOICE, DAY) == content


def test_a_pack_holds_what_somebody_needs_a_year_later(files: dict[str, bytes], engine: Engine) -> None:
    """Scenario, case, program, solution, versions, tables, read-me and citation."""
    assert {
        "README.txt", "CITATION.cff", "scenario.yaml", "case.json", "result.json", "program.lp", "program.mps", "solution.csv", "rows.csv",
        "versions.txt", "datapackage.json", "tables/mix.csv", "tables/facts.csv",
    } <= set(files)  # fmt: skip
    assert read_scenario(files["scenario.yaml"]) == CHOICE
    result, mix = json.loads(files["result.json"]), engine.answer(CHOICE).mix
    assert result["objective_kusd"] == pytest.approx(mix.objective_kusd, rel=1e-9)
    assert result["digest"] in files["README.txt"].decode()
    assert f"highspy=={__import__('importlib.metadata').metadata.version('highspy')}" in files["versions.txt"].decode()
    assert json.loads(files["case.json"])["digest"] == result["digest"]


def test_the_citation_is_that_of_the_project() -> None:
    """A version that is cited is one that exists."""
    found = yaml.safe_load((Path(model.__file__).parent.parent / "CITATION.cff").read_text(encoding="utf-8"))
    assert found["version"] == model.__version__
    assert {"cff-version", "message", "title", "authors", "license"} <= set(found)


def test_the_description_is_valid_and_the_tables_are_as_it_says(folder: Path) -> None:
    """The Frictionless validator reads every row of every table against its schema, and its checksum."""
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["path", "type", "note"])[:5]
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert {entry["path"] for part in ("resources", "files") for entry in described[part]} == {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    } - {"datapackage.json"}


def test_every_number_in_a_table_has_a_unit(folder: Path) -> None:
    """In the name of its column and in the description, or in a column called unit beside it."""
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        for name, field in fields.items():
            if field["type"] == "number" and resource["path"].startswith("tables/"):
                assert "unit" in field or "unit" in fields, (resource["path"], name)


def test_the_tables_say_what_the_mix_says(files: dict[str, bytes], engine: Engine) -> None:
    """To nine digits at least, row by row."""
    answer = engine.answer(CHOICE)
    for name, (_, frame) in tables(answer, engine.evidence).items():
        rows = list(csv.DictReader(io.StringIO(files[f"tables/{name}.csv"].decode())))
        assert len(rows) == len(frame) > 0, name
        for column in frame.select_dtypes("number").columns:
            found = [float(row[column]) if row[column] else float("nan") for row in rows]
            assert found == pytest.approx(frame[column].tolist(), rel=1e-9, abs=1e-9, nan_ok=True), (name, column)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", '=HYPERLINK("http://x")'])
def test_a_text_that_looks_like_a_formula_is_disarmed(text: str) -> None:
    """A spreadsheet that opens the CSV shows it and does not run it."""
    assert safe(text).startswith("'")
    assert safe("plain, text") == "plain, text"


# -- other solvers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["program.mps", "program.lp"])
def test_highs_finds_the_stated_optimum_in_the_file(name: str, folder: Path, files: dict[str, bytes]) -> None:
    """Read from the file alone, solved from nothing."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(folder / name)) == highspy.HighsStatus.kOk
    solver.run()
    stated = json.loads(files["result.json"])["objective_kusd"]
    assert solver.getInfo().objective_function_value == pytest.approx(stated, rel=1e-7)


def test_cbc_finds_the_stated_optimum_in_the_mps_file(folder: Path, files: dict[str, bytes]) -> None:
    """Another solver, which knows nothing of ours."""
    command = pulp.PULP_CBC_CMD(msg=False).path
    done = subprocess.run(
        [command, str(folder / "program.mps"), "-solve", "-quit"], capture_output=True, text=True, timeout=300
    )
    found = re.search(r"(?:Optimal objective|Objective value:)\s+(-?[\d.e+]+)", done.stdout)
    assert found, done.stdout[-500:]
    assert float(found[1]) == pytest.approx(json.loads(files["result.json"])["objective_kusd"], rel=1e-7)


def test_the_solution_meets_every_row_of_the_program(files: dict[str, bytes]) -> None:
    """The solution's objective is the stated one, from its columns and the costs in the case."""
    values = {row["column"]: float(row["value"]) for row in csv.DictReader(io.StringIO(files["solution.csv"].decode()))}
    result = json.loads(files["result.json"])
    assert values["total_cost"] + result["preference_kusd"] == pytest.approx(result["objective_kusd"], rel=1e-9)


# -- verify --------------------------------------------------------------------------------------------------------------


def test_a_fresh_pack_holds(content: bytes, engine: Engine, evidence: Evidence) -> None:
    """On the engine that made it and on another, as on another machine."""
    for one in (engine, Engine(evidence)):
        verdict = verify(one, content)
        assert verdict.holds, verdict.moved
        assert verdict.compared > 300
        assert verdict.widest < 1e-6
        assert "holds" in verdict.sentence


def test_a_changed_fact_is_named_with_both_values(content: bytes, evidence: Evidence) -> None:
    """The question that an auditor asks: which number is another?"""
    name = "base_china_cost_2030"
    then = evidence.facts[name].value
    verdict = verify(Engine(evidence.with_values({name: then + 7})), content)
    assert not verdict.holds
    line = next(line for line in verdict.moved if name in line)
    assert f"{then:g} USD/kg then, {then + 7:g} USD/kg now" in line
    assert any(line.startswith("digest") for line in verdict.moved)
    assert any(line.startswith("Yearly bill") for line in verdict.moved)
    assert any(line.startswith("mix ") for line in verdict.moved)
    assert "no longer holds" in verdict.sentence
    assert json.dumps(verdict.record, allow_nan=False)


def test_another_version_of_the_model_is_named(content: bytes, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers may still hold; that the model is another is said all the same."""
    from model import provenance
    from model.export.pack import verify as verifying

    for room in (provenance, verifying):
        monkeypatch.setattr(room, "__version__", "9.9.9")
    verdict = verify(engine, content)
    assert any(line.startswith("model version") and "9.9.9" in line for line in verdict.moved)
    assert not any(line.startswith("Yearly bill") for line in verdict.moved)


def test_other_code_with_the_same_numbers_moves_nothing(
    content: bytes, engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack says which code made it; that the code's text changed since is told only where numbers moved."""
    from model import provenance

    monkeypatch.setattr(provenance, "_code_mark", lambda: "00000000")
    assert json.loads(unpacked(pack(engine, CHOICE, DAY))["result.json"])["model_version"].endswith("+00000000")
    verdict = verify(engine, content)
    assert verdict.holds
    assert verdict.moved == ()
    name = "base_china_cost_2030"
    moved = verify(Engine(evidence.with_values({name: evidence.facts[name].value + 7})), content).moved
    assert any(line.startswith("code of the model") and "+00000000" in line for line in moved)


def test_a_file_changed_afterwards_is_named(files: dict[str, bytes], engine: Engine) -> None:
    """A number edited in a table, a file added, a file gone."""
    text = files["tables/mix.csv"].replace(b",2030,", b",2031,", 1)
    changed = {name: x for name, x in files.items() if name != "rows.csv"} | {
        "tables/mix.csv": text,
        "tables/new.csv": b"a\n1\n",
    }
    lines = " | ".join(verify(engine, zipped(changed)).moved)
    assert "file tables/mix.csv: changed after" in lines
    assert "file tables/new.csv: put into" in lines
    assert "'rows.csv': taken out" in lines


def test_a_result_edited_afterwards_is_found_out(files: dict[str, bytes], engine: Engine) -> None:
    """Even when its checksum was edited too: the numbers are solved anew."""
    result = json.loads(files["result.json"])
    result["indicators"]["bill_crore"] *= 0.9
    result["mix"] = result["mix"][1:]
    lines = verify(engine, zipped(files | {"result.json": json.dumps(result).encode()})).moved
    assert any(line.startswith("Yearly bill") for line in lines)
    assert any("nothing then" in line for line in lines)


def test_limits_that_no_longer_have_a_mix_are_said(files: dict[str, bytes], engine: Engine) -> None:
    """No mix is something that moved, not an error."""
    text = (
        files["scenario.yaml"]
        .decode()
        .replace("china_limit: 70", "china_limit: 0")
        .replace("shortfall_limit: 30", "shortfall_limit: 0")
    )
    verdict = verify(engine, zipped(files | {"scenario.yaml": text.encode()}))
    assert not verdict.holds
    assert "No mix of routes meets" in verdict.moved[-1]


# -- packs that are none -------------------------------------------------------------------------------------------------


def bomb(files: dict[str, bytes]) -> bytes:
    """A member of many megabytes of nothing."""
    return zipped(files | {"tables/huge.csv": bytes(MEMBER_BYTES + 1)})


def bombs(files: dict[str, bytes]) -> bytes:
    """Members that are each small enough and together too large."""
    return zipped(files | {f"tables/huge{i}.csv": bytes(MEMBER_BYTES - 1) for i in range(4)})


def lying(files: dict[str, bytes]) -> bytes:
    """A member that says that it is small."""
    text = bytearray(zipped({"tables/huge.csv": bytes(5_000_000)} | files))
    for sign, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = text.index(sign) + place
        text[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(text)


def linked(files: dict[str, bytes]) -> bytes:
    """A member that is a link out of the pack."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as found:
        info = zipfile.ZipInfo("tables/link.csv")
        info.external_attr = 0o120777 << 16
        found.writestr(info, "/etc/passwd")
    return stream.getvalue()


def twice(files: dict[str, bytes]) -> bytes:
    """One name, two contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as found:
        found.writestr("scenario.yaml", "a")
        with pytest.warns(UserWarning, match="Duplicate name"):
            found.writestr("scenario.yaml", "b")
    return stream.getvalue()


def with_file(name: str, text: bytes) -> Callable[[dict[str, bytes]], bytes]:
    return lambda files: zipped(files | {name: text})


def without(name: str) -> Callable[[dict[str, bytes]], bytes]:
    return lambda files: zipped({other: text for other, text in files.items() if other != name})


HOSTILE: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str]] = {
    "nothing": (lambda _: b"", "no whole zip"),
    "text": (lambda _: b"levers: {}\n", "no whole zip"),
    "an empty zip": (lambda _: zipped({}), "holds no scenario.yaml"),
    "half a zip": (lambda files: zipped(files)[:-3000], "no whole zip"),
    "too long": (lambda _: bytes(PACK_BYTES + 1), "longer than"),
    "a zip bomb": (bomb, "would unpack to"),
    "many bombs": (bombs, "would unpack to"),
    "a bomb that lies": (lying, "no whole zip"),
    "a path out of the folder": (with_file("../evil.csv", b"x"), "a name that no pack has"),
    "a path from the root": (with_file("/etc/evil.csv", b"x"), "a name that no pack has"),
    "a path of Windows": (with_file("C:\\evil.csv", b"x"), "a name that no pack has"),
    "a program": (with_file("run.exe", b"MZ"), "a name that no pack has"),
    "a name of a line break": (with_file("a\nb.csv", b"x"), "a name that no pack has"),
    "many files": (lambda _: zipped({f"tables/t{i}.csv": b"" for i in range(1000)}), "1,000 files"),
    "a link": (linked, "is a link"),
    "a name twice": (twice, "twice"),
    "no facts": (without("tables/facts.csv"), "holds no tables/facts.csv"),
    "a scenario that is none": (with_file("scenario.yaml", b"- 1\n"), "scenario.yaml"),
    "a scenario that runs code": (with_file("scenario.yaml", b"levers: !!python/object/apply:os.system [ls]\n"), "scenario.yaml"),
    "an unknown lever": (with_file("scenario.yaml", b"levers: {china: 1}\n"), "'china'"),
    "a result that is a list": (with_file("result.json", b"[]"), "result.json holds no mapping"),
    "a result of another form": (with_file("result.json", b'{"pack_format": 99}'), "pack_format is '99'"),
    "a result without a mix": (with_file("result.json", b'{"pack_format": 1, "indicators": {}}'), "it needs mix"),
    "a result nested deeply": (with_file("result.json", b"[" * 100_000), "result.json is no JSON"),
    "a result with NaN": (with_file("result.json", b'{"objective_kusd": NaN}'), "NaN is no number"),
    "a result of a giant number": (with_file("result.json", b'{"a": ' + b"9" * 10_000 + b"}"), "result.json is no JSON"),
    "a result that is no text": (with_file("result.json", b"\xff\xfe\x00"), "result.json is no JSON"),
    "facts without values": (with_file("tables/facts.csv", b"fact,what\na,b\n"), "no table of facts"),
    "facts that are words": (with_file("tables/facts.csv", b"fact,value,unit\na,many,t\n"), "no table of facts"),
    "facts of one endless field": (with_file("tables/facts.csv", b'fact,value,unit\n"' + b"x" * 200_000), "no table of facts"),
    "no list of files": (with_file("datapackage.json", b"{}"), "needs a list of resources"),
    "an entry without a hash": (with_file("datapackage.json", b'{"resources": [{"path": "a"}], "files": []}'), "no hash"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pack_is_refused_in_one_sentence(name: str, files: dict[str, bytes], engine: Engine) -> None:
    """Nothing is unpacked to disk, nothing is run, nothing grows without bound."""
    make, words = HOSTILE[name]
    with pytest.raises(BadPack) as refused:
        verify(engine, make(files))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_an_encrypted_pack_is_refused(files: dict[str, bytes], engine: Engine) -> None:
    """Nobody is asked for a password."""
    text = bytearray(zipped({"scenario.yaml": b"levers: {}"}))
    for sign, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        text[text.index(sign) + place] |= 1
    with pytest.raises(BadPack, match="encrypted"):
        verify(engine, bytes(text))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_to_a_pack_leads_to_a_traceback(data: st.DataObject, content: bytes, engine: Engine) -> None:
    """Bytes turned anywhere in the file: a verdict or one sentence."""
    broken = bytearray(content)
    tail = st.integers(len(broken) - 3000, len(broken) - 1)  # the directory of the zip
    for place in data.draw(st.lists(st.integers(0, len(broken) - 1) | tail, min_size=1, max_size=8)):
        broken[place] = data.draw(st.integers(0, 255))
    said = outcome(lambda: unpacked(bytes(broken)))
    assert isinstance(said, dict) or len(str(said)) < 400


def outcome(work: Callable[[], Any]) -> Any:
    """What came of it: a value, or the one kind of error that a bad pack may cause."""
    try:
        return work()
    except InputError as error:
        return error


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(["indicators", "mix", "cheapest", "today", "objective_kusd", "digest", "made_on", "data_version"]),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20) | st.integers(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6,
        ),
        min_size=1,
    )
)  # fmt: skip
def test_no_result_leads_to_a_traceback(changes: dict[str, Any], files: dict[str, bytes], engine: Engine) -> None:
    """Values of any kind in any place: a verdict or one sentence."""
    result = json.loads(files["result.json"]) | changes
    small = {name: text for name, text in files.items() if len(text) < 200_000}
    said = outcome(lambda: verify(engine, zipped(small | {"result.json": json.dumps(result).encode()})))
    if isinstance(said, Verdict):
        assert not said.holds
        assert json.dumps(said.record, allow_nan=False)
    else:
        assert len(str(said)) < 400


def test_a_verdict_of_what_holds_says_how_closely() -> None:
    """Not just yes."""
    verdict = Verdict(True, "ab" * 32, 300, 3e-12)
    assert verdict.sentence.endswith("300 numbers solved anew differ by at most 3e-12 of their size.")
    assert replace(verdict, widest=0.0).sentence.endswith("300 numbers solved anew are the same.")


@pytest.mark.parametrize("top", ["", "mine/", "My pack (1)/"])
def test_a_pack_zipped_again_by_an_ordinary_tool_is_read(files: dict[str, bytes], top: str) -> None:
    """Such tools add entries for folders, put all into one folder, and leave files of the file manager among them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as found:
        for name in dict.fromkeys((top, f"{top}tables/")):
            if name:
                found.writestr(zipfile.ZipInfo(name), b"")
        for name, text in files.items():
            found.writestr(f"{top}{name}", text)
        found.writestr(f"__MACOSX/{top}._README.txt", b"x")
        found.writestr(f"{top}.DS_Store", b"x")
    assert unpacked(stream.getvalue()) == files


def test_a_pack_of_two_folders_is_none(files: dict[str, bytes]) -> None:
    """Which of them counts would be a guess."""
    with pytest.raises(BadPack, match=r"holds no scenario\.yaml"):
        unpacked(zipped({f"{'ab'[i % 2]}/{name}": text for i, (name, text) in enumerate(files.items())}))
