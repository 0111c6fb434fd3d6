"""Own numbers are marked wherever they show: text, JSON, CSV and pack. A figure of a visitor never passes for the evidence's."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from model.__main__ import NO_MIX, SOLVED, main
from model.engine.engine import Engine
from model.evidence.loading import load_evidence
from model.evidence.user_edits import scenario_edits
from model.export.pack.pack import pack
from model.export.pack.verify import unpacked, verify
from model.formulation.levers import Choice

FACT, VALUE, REASON = "social_discount_rate", 0.07, "a quote of mine"
SCENARIO = f"levers: {{}}\nfacts:\n- {{fact: {FACT}, value: {VALUE}, reason: {REASON}}}\n"


@pytest.fixture(scope="module")
def own() -> Engine:
    """An engine on one own number."""
    return Engine(load_evidence().with_edits(scenario_edits(SCENARIO)))


@pytest.fixture
def run(own: Engine, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What a command prints on the own number, or on the evidence when told so."""
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(SCENARIO)

    def call(*words: str, edited: bool = True, ends: int = SOLVED) -> str:
        given = [*words, "--scenario", str(scenario)] if edited else list(words)
        assert main(given, lambda *_: own if edited else engine) == ends
        return capsys.readouterr().out

    return call


def marked_in(record: dict[str, Any]) -> None:
    (row,) = record["own_numbers"]
    assert (row["fact"], row["value"], row["reason"]) == (FACT, VALUE, REASON)
    assert row["published"] == float(load_evidence().facts[FACT].value) != VALUE
    assert row["unit"] == load_evidence().facts[FACT].unit


@pytest.mark.parametrize("verb", ["solve", "case", "lose"])
def test_own_numbers_are_named_in_text_and_in_json(run: Any, verb: str) -> None:
    """Whoever reads or parses an answer sees which figures are a visitor's, what the evidence has, and why."""
    text = run(verb)
    assert "1 own number stands in place of the evidence" in text
    assert FACT in text
    assert REASON in text
    marked_in(json.loads(run(verb, "--json")))


def test_own_numbers_are_named_when_no_mix_is_found(run: Any) -> None:
    """That limits clash may come from an own number."""
    words = [f"--set={text}" for text in ("china_limit=0", "shortfall_limit=0", "target_year=2028")]
    marked_in(json.loads(run("solve", "--json", *words, ends=NO_MIX)))


def test_nothing_is_marked_without_own_numbers(run: Any, tmp_path: Path) -> None:
    """The mark means something because it is absent from the evidence's own answers."""
    assert "own number" not in run("solve", edited=False)
    assert json.loads(run("solve", "--json", edited=False))["own_numbers"] == []
    run("solve", "--out", str(tmp_path / "mix.csv"), edited=False)
    assert "own_numbers" not in (tmp_path / "mix.csv").read_text()


@pytest.mark.parametrize("verb", ["solve", "lose"])
def test_a_csv_names_own_numbers_in_every_row(run: Any, tmp_path: Path, verb: str) -> None:
    """A CSV has no heading for a note, and rows get copied: each carries the mark."""
    run(verb, "--out", str(tmp_path / "found.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "found.csv").read_text())))
    assert {row["own_numbers"] for row in rows} == {FACT}


def test_a_pack_marks_own_numbers_in_its_readme_and_its_table_of_facts(own: Engine) -> None:
    """The table has the visitor's value, the evidence's beside it and the reason; every other fact says False."""
    content = pack(own, Choice())
    files = unpacked(content)
    assert f"{FACT}: {VALUE:g}" in files["README.txt"].decode()
    rows = {row["fact"]: row for row in csv.DictReader(io.StringIO(files["tables/facts.csv"].decode()))}
    assert [name for name, row in rows.items() if row["own_number"] == "True"] == [FACT]
    assert float(rows[FACT]["value"]) == VALUE
    assert float(rows[FACT]["published_value"]) == float(load_evidence().facts[FACT].value)
    assert rows[FACT]["own_reason"] == REASON
    assert rows[FACT]["source"].startswith("own number")
    marked_in(json.loads(files["result.json"]))
    assert verify(own, content).holds
