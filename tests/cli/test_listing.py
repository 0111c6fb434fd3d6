"""The command line says itself what can be set and asked, and how to get out when limits clash."""

from __future__ import annotations

import json
from typing import Any

import pytest

from model.__main__ import BAD_INPUT, NO_MIX, SOLVED, main
from model.engine.engine import Engine
from model.evidence.store import Evidence
from model.formulation.levers import Choice, lever_named, levers


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == SOLVED
    return capsys.readouterr().out


def test_every_lever_event_and_fact_is_listed(capsys: pytest.CaptureFixture[str], evidence: Evidence) -> None:
    """Nobody has to open a workbook to learn what can be set; the JSON has the same rows with ranges and defaults."""
    rows = json.loads(told(capsys, "levers", "--json"))["levers"]
    assert {row["lever"]: row["default"] for row in rows} == Choice().values()
    assert next((row["low"], row["high"]) for row in rows if row["type"] == "number") == (0, 100)
    assert [line.split()[0] for line in told(capsys, "levers").splitlines()] == [lever.id for lever in levers()]
    events = json.loads(told(capsys, "events", "--json"))["events"]
    assert [row["event"] for row in events] == list(evidence.events)
    assert len(told(capsys, "facts").splitlines()) == len(evidence.facts)


def test_facts_are_found_by_words_and_options_by_verb(capsys: pytest.CaptureFixture[str]) -> None:
    """All words have to stand in a fact; a verb that takes no options is refused by name."""
    rows = json.loads(told(capsys, "facts", "DISCOUNT", "rate", "--json"))["facts"]
    assert "social_discount_rate" in {row["fact"] for row in rows}
    assert len(rows) < 20
    assert "china_limits" in told(capsys, "options", "frontier")
    assert main(["options", "solve"]) == BAD_INPUT
    assert "'solve'" in capsys.readouterr().err


def test_a_clash_is_named_with_the_smallest_ways_out(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 3 helps on: in text one line, in JSON each lever with its value; the first way out gives a mix."""
    words = ["solve", "--set=china_limit=0", "--set=shortfall_limit=0", "--set=target_year=2028"]
    assert main(words, lambda *_: engine) == NO_MIX
    line = capsys.readouterr().err
    assert "No mix meets the " in line
    assert "ways out: " in line
    assert main([*words, "--json"], lambda *_: engine) == NO_MIX
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert set(record["clash"]) <= {"china_limit", "shortfall_limit"}
    assert all(lever_named(name).label in line for name in record["clash"])
    out = record["ways_out"][:1] or record["joint_way_out"]
    assert (
        engine.mix(Choice.of({**record["levers"], **{way["lever"]: way["value"] for way in out}})).status == "optimal"
    )
