"""The command line: exit status, one line for bad input, and the same results as the functions behind it."""

import io
import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import analyses
from model.__main__ import BAD_INPUT, FAILED, MOVED, NO_MIX, SOLVED, main, parser
from model.cli.commands import VERBS
from model.cli.sample_commands import SAMPLING
from model.engine.engine import Engine
from model.errors import SolverFailed
from model.evidence.loading import DATA, load_evidence
from model.export import files
from model.formulation.levers import Choice, read_scenario

ROOT = Path(__file__).resolve().parents[2]
LIMITED = {"china_limit": 65, "shortfall_limit": 25}
SET = [f"--set={name}={value}" for name, value in LIMITED.items()]
IMPOSSIBLE = ["--set=china_limit=0", "--set=shortfall_limit=0", "--set=target_year=2028"]


@pytest.fixture(scope="module")
def engine():
    return Engine(load_evidence())


@pytest.fixture
def run(engine, capsys):
    """Run a command with the shared engine; its status, what it printed and what it complained of."""

    def call(*arguments, start=lambda *_: engine):
        status = main(list(arguments), start)
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def no_engine(*_):
    raise AssertionError("bad input has to be found before anything is worked out")


def refused(result, *words):
    """The command ended with status 2, printed nothing and gave one line that holds these words."""
    status, out, err = result
    assert status == BAD_INPUT
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert len(err) < 2000
    for word in words:
        assert word in err, err
    return True


def shell(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "model", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, **more
    )


# -- a mix ---------------------------------------------------------------------------------------------------------


def test_solve_prints_the_indicators_and_the_mix_of_the_target_year(run, engine):
    """A person at a terminal sees the answer without opening a file."""
    status, out, err = run("solve", *SET)
    assert (status, err) == (SOLVED, "")
    mix = engine.answer(Choice.of(LIMITED)).mix
    assert f"{100 * mix.indicators['china_share']:,.1f}" in out
    rows = mix.table[mix.table["year"] == 2030]
    assert all(engine.evidence.routes[route].name in out for route in rows["route"])
    assert len(out.splitlines()) < 45


def test_solve_json_is_the_answer_of_the_engine(run, engine):
    """A script gets what the page shows, not another solve of another program."""
    status, out, _ = run("solve", *SET, "--json")
    assert status == SOLVED
    answer = engine.answer(Choice.of(LIMITED))
    assert json.loads(out) == json.loads(json.dumps(files.solve_json(answer, engine.evidence)))


def test_a_scenario_file_and_set_lead_to_the_same_answer(run, tmp_path):
    """A result can be handed on as a file or as a command."""
    file = tmp_path / "mine.yaml"
    file.write_text(f"title: A test\nlevers: {json.dumps(LIMITED)}\n")
    assert run("solve", "--scenario", str(file), "--json")[1] == run("solve", *SET, "--json")[1]


def test_set_comes_after_the_scenario(run, tmp_path):
    """So that one lever of a scenario can be tried at another value."""
    file = tmp_path / "mine.yaml"
    file.write_text(f"levers: {json.dumps(LIMITED)}\n")
    status, out, _ = run(
        "solve", "--scenario", str(file), "--set", "china_limit=80", "--set", "joint_venture=on", "--json"
    )
    assert status == SOLVED
    assert json.loads(out)["levers"] == Choice.of(LIMITED | {"china_limit": 80, "joint_venture": True}).values()


def test_out_writes_each_kind_of_file(run, engine, tmp_path):
    """Four endings, one mix."""
    mix = engine.answer(Choice.of(LIMITED)).mix
    for ending in ("csv", "xlsx", "yaml", "json", "JSON"):
        status, out, _ = run("solve", *SET, "--out", str(tmp_path / f"mix.{ending}"))
        assert status == SOLVED
        assert f"mix.{ending}" in out
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "mix.csv"), mix.table, check_dtype=False, atol=1e-6, rtol=0)
    assert "Mix" in openpyxl.load_workbook(io.BytesIO((tmp_path / "mix.xlsx").read_bytes())).sheetnames
    assert read_scenario((tmp_path / "mix.yaml").read_bytes()) == mix.choice
    assert json.loads((tmp_path / "mix.json").read_text())["objective_kusd"] == mix.objective_kusd


def test_a_written_scenario_solves_to_the_same_result(run, tmp_path):
    """The scenario file is the way back."""
    file = tmp_path / "mine.yaml"
    first = json.loads(run("solve", *SET, "--json", "--out", str(file))[1])
    again = json.loads(run("solve", "--scenario", str(file), "--json")[1])
    assert again["digest"] == first["digest"]
    assert again["objective_kusd"] == first["objective_kusd"]


def test_a_case_is_written_and_printed_alike(run, tmp_path):
    """`case --json` and `case --out` are one record."""
    file = tmp_path / "case.json"
    assert run("case", *SET, "--out", str(file))[0] == SOLVED
    assert run("case", *SET, "--json")[1] == file.read_text()


def test_check_data_counts_what_it_read(run, engine):
    """Whoever edits a data folder wants to know whether it was read."""
    status, out, _ = run("check-data")
    assert status == SOLVED
    assert f"{len(engine.evidence.facts):,} facts" in out
    assert engine.evidence.version in out


def test_another_data_folder_is_used(tmp_path):
    """The folder is an argument, not a habit: a changed fact changes version and result."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    facts = folder / "facts" / "extra.yaml"
    facts.write_text(
        "- {id: extra_fact, about: test, what: One more, value: 1, unit: count, year: 2026, confidence: low,"
        " source: {body: Test, title: Test}}\n"
    )
    said = shell("check-data", "--data", str(folder))
    assert (said.returncode, said.stderr) == (SOLVED, "")
    assert load_evidence().version not in said.stdout


@pytest.fixture
def server(monkeypatch):
    """A server that says that it is up, in an environment that names neither data nor rooms."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self):
            well = self.path == "/magnets/_stcore/health"
            self.send_response(200 if well else 404)
            self.end_headers()
            self.wfile.write(b"ok" if well else b"no")

        def log_message(self, *_):
            """Quiet."""

    for name in ("MAGNET_DATA", "MAGNET_ROOMS"):
        monkeypatch.delenv(name, raising=False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Health) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/magnets"
        running.shutdown()


def test_health_looks_at_server_data_and_rooms(run, server, tmp_path, monkeypatch):
    """All well is one line and status 0; each of the three alone makes it status 1, with one line that names it."""
    monkeypatch.setenv("MAGNET_ROOMS", str(tmp_path / "rooms" / "new"))
    (tmp_path / "others.sqlite3").write_bytes(b"what others keep beside the rooms is no matter " * 100)
    well = run("health", "--url", server, start=no_engine)
    assert well == (SOLVED, "Well: server, data, rooms.\n", "")
    assert [file.name for file in tmp_path.iterdir()] == ["others.sqlite3"]
    monkeypatch.delenv("MAGNET_ROOMS")
    assert run("health", "--url", server) == (SOLVED, "Well: server, data.\n", "")
    told = json.loads(run("health", "--url", server, "--json")[1])
    assert told == {"well": True, "server": "", "data": "", "rooms": None}, "nobody looked at rooms"
    for wrong, word in (
        ({"--url": server.removesuffix("/magnets")}, "the server at"),
        ({"--url": "http://127.0.0.1:1"}, "does not answer"),
        ({"--data": str(tmp_path)}, "the data cannot be used"),
        ({"--rooms": "/proc/rooms"}, "rooms cannot be kept"),
    ):
        options = {"--url": server, **wrong}
        status, out, err = run("health", *(part for pair in options.items() for part in pair), start=no_engine)
        assert (status, out, err.count("\n")) == (FAILED, "", 1)
        assert word in err
        assert err.count(";") == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may look everywhere")
def test_health_says_of_a_folder_that_it_may_not_look_into_that_it_is_not_well(run, server, tmp_path):
    """Another user's folder, as after a mistake in a container: one line, no traceback."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    status, _, complaint = run("health", "--url", server, "--rooms", str(closed / "rooms"))
    closed.chmod(0o700)
    assert (status, complaint.count("\n")) == (FAILED, 1)
    assert "rooms cannot be kept" in complaint


def test_health_finds_damaged_rooms_and_the_servers_own_data_folder(run, server, tmp_path, monkeypatch):
    """It looks where the server looks, and a file that is no file of rooms is not well."""
    monkeypatch.setenv("MAGNET_ROOMS", str(tmp_path))
    (tmp_path / "rooms.sqlite3").write_bytes(b"no rooms here " * 100)
    assert "rooms cannot be kept" in run("health", "--url", server)[2]
    (tmp_path / "rooms.sqlite3").unlink()
    monkeypatch.setenv("MAGNET_DATA", str(tmp_path))
    status, out, _ = run("health", "--url", server, "--json")
    assert status == FAILED
    assert "the data cannot be used" in json.loads(out)["data"]
    refused(run("health", "--url", "file:///etc/passwd"), "--url")


@pytest.mark.parametrize("command", [[], ["solve"], ["case"], ["check-data"]])
def test_help_shows_examples(command, capsys):
    """Nobody reads on without one."""
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    assert "python -m model solve --set china_limit=50" in capsys.readouterr().out


# -- no mix ----------------------------------------------------------------------------------------------------------


def test_limits_that_clash_end_with_status_3_and_are_named(run, tmp_path):
    """No mix is an answer, not an error; nothing is written and nothing is relaxed."""
    file = tmp_path / "mix.csv"
    status, out, err = run("solve", *IMPOSSIBLE, "--out", str(file))
    assert (status, out) == (NO_MIX, "")
    assert err.count("\n") == 1
    assert "Dependence on China at most" in err
    assert "Worst-case shortfall at most" in err
    assert not file.exists()


def test_no_mix_as_json_says_which_limits_are_on(run):
    """A script can tell no mix from a failure."""
    status, out, _ = run("solve", *IMPOSSIBLE, "--json")
    said = json.loads(out)
    assert (status, said["status"]) == (NO_MIX, "no_mix")
    assert {"china_limit", "shortfall_limit"} <= set(said["limits"])
    assert said["levers"]["target_year"] == 2028


def test_a_solver_that_gives_up_ends_with_status_1(run):
    """A failure is neither an answer nor the asker's fault."""

    def start(*_):
        raise SolverFailed("the solver stopped without an optimum (Time limit reached)")

    status, out, err = run("solve", start=start)
    assert (status, out) == (FAILED, "")
    assert err == "python -m model: the solver stopped without an optimum (Time limit reached)\n"


# -- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["COMMAND"]),
        (["sovle"], ["sovle", "solve"]),
        (["solve", "--frobnicate"], ["--frobnicate"]),
        (["solve", "extra"], ["extra"]),
        (["solve", "--set"], ["--set"]),
        (["solve", "--set", "china_limit"], ["--set 'china_limit'", "LEVER=VALUE"]),
        (["solve", "--set", "china=50"], ["'china'", "no such lever", "china_limit"]),
        (["solve", "--set", "=50"], ["no such lever"]),
        (["solve", "--set", "china_limit=101"], ["china_limit", "101", "0 to 100"]),
        (["solve", "--set", "china_limit=many"], ["china_limit", "'many'", "not a number"]),
        (["solve", "--set", "china_limit="], ["china_limit", "not a number"]),
        (["solve", "--set", "china_limit=nan"], ["china_limit", "nan"]),
        (["solve", "--set", "china_limit=1e999"], ["china_limit", "1e999"]),
        (["solve", "--set", "aim=fame"], ["aim", "fame", "shortfall"]),
        (["solve", "--set", "joint_venture=maybe"], ["joint_venture", "maybe"]),
        (["solve", "--set", "china_limit=1\n2"], ["china_limit"]),
        (["solve", "--set", "\ud800=1"], ["no such lever"]),
        (["solve", "--scenario", "no_such_file.yaml"], ["--scenario no_such_file.yaml", "No such file"]),
        (["solve", "--scenario", "."], ["--scenario .", "directory"]),
        (["solve", "--scenario", "a\0b"], ["--scenario", "null"]),
        (["solve", "--out", "mix.pdf"], ["--out mix.pdf", ".csv", ".xlsx", ".yaml", ".json"]),
        (["solve", "--out", "mix"], ["--out mix"]),
        (["solve", "--out", "no/such/folder/mix.csv"], ["--out", "no/such/folder"]),
        (["case", "--out", "case.csv"], ["--out case.csv", ".json"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_argument_is_named_in_one_line(arguments, words, run):
    """The reader learns which argument and what is wrong with it, before any waiting."""
    assert refused(run(*arguments, start=no_engine), *words)


HOSTILE = {
    "empty": (b"", "levers"),
    "a list": (b"- 1\n- 2\n", "levers"),
    "no levers": (b"title: x\n", "levers"),
    "levers no mapping": (b"levers: [1]\n", "levers"),
    "unknown lever": (b"levers: {china: 1}\n", "'china'"),
    "unknown entry": (b"levers: {}\nrun: ls\n", "'run'"),
    "out of range": (b"levers: {reserve_days: 4000}\n", "reserve_days"),
    "a list as value": (b"levers: {reserve_days: [1]}\n", "reserve_days"),
    "a mapping as value": (b"levers: {reserve_days: {a: 1}}\n", "reserve_days"),
    "none as value": (b"levers: {reserve_days: }\n", "reserve_days"),
    "a date as value": (b"levers: {target_year: 2030-01-01}\n", "target_year"),
    "not a number": (b"levers: {reserve_days: .nan}\n", "reserve_days"),
    "endless": (b"levers: {reserve_days: .inf}\n", "reserve_days"),
    "a giant number": (b"levers: {reserve_days: " + b"9" * 5000 + b"}\n", "scenario"),
    "a large number": (b"levers: {reserve_days: " + b"9" * 400 + b"}\n", "reserve_days"),
    "a number in base 60": (b"levers: {reserve_days: " + b":".join([b"59"] * 9000) + b"}\n", "reserve_days"),
    "a key twice": (b"levers: {reserve_days: 1, reserve_days: 2}\n", "reserve_days"),
    "a key that is a list": (b"levers: {? [1] : 2}\n", "scenario"),
    "a tag that runs code": (b'levers: !!python/object/apply:os.system ["touch /tmp/x"]\n', "tags"),
    "an own tag": (b"levers: !secret {reserve_days: 1}\n", "tags"),
    "an alias": (b"levers: &a {reserve_days: 60}\nnote: *a\n", "aliases"),
    "an alias bomb": (
        b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (i, i, i - 1, i - 1) for i in range(98, 120)), "aliases",
    ),
    "a loop": (b"&a levers: *a\n", "aliases"),
    "a merge": (b"levers: {<<: {reserve_days: 60}}\n", "scenario"),
    "two documents": (b"levers: {}\n---\nlevers: {}\n", "document"),
    "nested deeply": (b"levers: " + b"[" * 5000, "nested"),
    "broken": (b"levers: {reserve_days: 60\n  x", "line"),
    "a tab": (b"levers:\n\treserve_days: 60\n", "line 2"),
    "binary": (bytes(range(256)) * 4, "scenario"),
    "zeros": (b"\0" * 1000, "scenario"),
    "half of UTF-16": (b"\xff\xfel\0e", "scenario"),
    "a zip file": (b"PK\x03\x04" + bytes(200), "scenario"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_scenario_is_refused_in_one_line(name, run, tmp_path):
    """Nothing in a file is run, nothing grows, and the line says which file and where."""
    text, word = HOSTILE[name]
    file = tmp_path / "hostile.yaml"
    file.write_bytes(text)
    assert refused(run("solve", "--scenario", str(file), start=no_engine), str(file), word)


def test_a_huge_scenario_is_refused_unread(run, tmp_path):
    """50 MB, and a device without end: no more than the allowed size is read."""
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(50_000_000)
    assert refused(run("solve", "--scenario", str(file), start=no_engine), "huge.yaml", "longer than")
    assert refused(run("solve", "--scenario", "/dev/zero", start=no_engine), "longer than")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.binary(max_size=400)
    | st.text(alphabet="levrs:{}[]&*!|>-? \n\t#%@`'\"0159.eE_a", max_size=200).map(str.encode)
)
def test_no_scenario_file_leads_to_a_traceback(text, run, tmp_path):
    """Whatever stands in the file: a choice or one line."""
    file = tmp_path / "any.yaml"
    file.write_bytes(text)
    assert refused(run("solve", "--scenario", str(file), start=no_engine), "any.yaml")


def changed_data(tmp_path, name, old, new):
    """A copy of the data folder in which a file says something else."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder)
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("facts/macro.yaml", "unit: INR/USD", "unit: INR per dollar", ["macro.yaml", "INR per dollar"]),
        ("routes.yaml", "id: indian_plants", "id: Indian plants", ["routes.yaml", "Indian plants"]),
        ("routes.yaml", "take_or_pay: pay_home", "take_or_pay: pay_nobody", ["routes.yaml", "pay_nobody"]),
        ("events.yaml", "group: china_regime", "colour: red", ["events.yaml", "licence_squeeze"]),
        ("sectors.yaml", "substitutable: true", "substitutable: perhaps", ["sectors.yaml", "substitutable"]),
        ("sectors.yaml", "heavy_share_ev_2w_3w_2025", "demand_wind_2030", ["sectors.yaml"]),
        (
            "facts/model.yaml",
            "averages\n  value: 0.05\n",
            "averages\n  value: 0.05\n  high: 0.3\n",
            ["model.yaml", "'high' stands twice"],
        ),
        (
            "facts/model.yaml",
            "the plan\n  value: 2027\n  low: 2027\n",
            f"the plan\n  value: {'9' * 400}\n  low: 1\n",
            ["model.yaml", "first_decision_year", "too large"],
        ),
        ("derived.yaml", "formula: ", "formula: __import__('os') + ", ["derived.yaml"]),
        ("facts/macro.yaml", "- id:", "- !!python/name:os.system id:", ["macro.yaml", "tags"]),
    ],
)
def test_a_data_folder_that_cannot_be_used_is_named_in_one_line(name, old, new, words, run, tmp_path):
    """File, entry and reason: whoever edits data finds the line."""
    folder = changed_data(tmp_path, name, old, new)
    assert refused(run("check-data", "--data", folder, start=None), *words)


def test_a_missing_data_folder_is_named(run, tmp_path):
    """A mistyped path is not an empty folder, and an empty folder not the built-in one."""
    assert refused(run("solve", "--data", str(tmp_path / "none"), start=None), "data folder", "none")
    assert refused(run("solve", "--data", str(tmp_path), start=None), "facts")
    assert refused(run("solve", "--data", __file__, start=None), "test_command_line.py")


@pytest.mark.parametrize("given", [True, False])
def test_a_folder_whose_numbers_make_no_program_is_named(given, run, tmp_path, monkeypatch):
    """Two folders tried in one script: the line says which of them, and nothing of a folder when none was given."""
    monkeypatch.setattr("model.engine.worker.Program", lambda *_: 1 / 0)
    folder = tmp_path / "mine"
    shutil.copytree(DATA, folder)
    assert refused(
        result := run("solve", *(["--data", str(folder)] if given else []), start=None), "no mix can be worked out"
    )
    assert (f"--data {folder}: " in result[2], "--data" in result[2]) == (given, given)


def test_an_engine_is_built_once_also_with_own_numbers(tmp_path, capsys, monkeypatch):
    """Building takes most of the time of a short command; a scenario and a pack bring their own numbers to the first one."""
    built = []
    monkeypatch.setattr("model.engine.engine.Engine", lambda *given: (built.append(given[0].own), Engine(*given))[1])
    scenario, file = tmp_path / "mine.yaml", tmp_path / "mine.zip"
    scenario.write_text("levers: {}\nfacts:\n- {fact: social_discount_rate, value: 0.07, reason: a quote}\n")
    assert main(["pack", "--scenario", str(scenario), "--out", str(file)]) == SOLVED
    assert [list(own) for own in built] == [["social_discount_rate"]]
    assert main(["verify", str(file)]) == SOLVED
    assert [list(own) for own in built] == 2 * [["social_discount_rate"]]
    assert "The pack holds" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_named(run, tmp_path):
    """A full disk or a folder in the way is said, not swallowed."""
    full = tmp_path / "full.csv"
    full.symlink_to("/dev/full")
    assert refused(run("solve", *SET, "--out", str(full)), "--out", "full.csv", "No space left")
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert refused(run("solve", "--out", str(folder), start=no_engine), "--out", "folder.csv")


def test_the_command_ends_as_the_function_does():
    """The statuses reach the shell, in an ASCII terminal too, and no traceback does."""
    bad = shell("solve", "--set", "china=1")
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (BAD_INPUT, "", 1)
    plain = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    good = shell("solve", *SET, env=plain)
    assert (good.returncode, good.stderr) == (SOLVED, "")
    none = shell("solve", *IMPOSSIBLE, "--json")
    assert none.returncode == NO_MIX
    assert json.loads(none.stdout)["status"] == "no_mix"
    assert "Traceback" not in bad.stderr + good.stderr + none.stderr


def test_a_reader_who_leaves_early_causes_no_traceback():
    """`python -m model case --json | head` is an ordinary thing to type."""
    command = f"{sys.executable} -m model case --json | head -c 100"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert len(done.stdout) == 100
    assert done.stderr == ""


def test_explorations_run_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: Engine
) -> None:
    """The pages that challenge the optimum have their verbs: a table in a file, the finding in a sentence, options by name."""
    target = tmp_path / "frontier.csv"
    said = ["frontier", "--with", "points=3", "--with", "china_limits=60", "--out", str(target)]
    assert main(said, lambda *_: engine) == 0
    assert "60 %" in capsys.readouterr().out
    assert target.read_text().startswith("china_limit_pct,")
    for bad, field in (
        (["ranges", "--with", "margin=-3"], "margin"),
        (["ranges", "--with", "nonsense=3"], "nonsense"),
        (["disrupt"], "events"),
        (["lose", "--with", "x"], "--with"),
        (["frontier", "--with", "china_limits=abc"], "china_limits: 'abc' is not a number"),
        (["frontier", "--with", "points=many"], "points: 'many' is not a whole number"),
        (["frontier", "--with", "points=3,4"], "points: (3, 4) is not a whole number"),
        (["ranges", "--with", "route=7"], "route: 7 is not a word"),
        (["alternatives", "--with", "count=0"], "count: 0 is not a whole number from 1 up"),
        (["disrupt", "--with", "events=3"], "events: 3 is not a word"),
        (["tornado", "--with", "facts=1,2"], "facts: 1 is not a word"),
        (["tornado", "--with", "processes=-1"], "processes: -1 is not a whole number from 0 up"),
    ):
        assert main(bad, lambda *_: engine) == 2
        assert field in capsys.readouterr().err


def test_each_verb_is_written_down_once() -> None:
    """Of two verbs with one name the first would never be heard."""
    assert not VERBS.keys() & SAMPLING.keys()


def test_a_mistake_of_ours_is_not_called_bad_input(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    """A value of another kind is refused before the work begins, so whatever raises later is for us to see."""

    def broken(*_: object) -> None:
        raise TypeError("ours")

    monkeypatch.setitem(analyses.EXPLORATIONS, "lose", (broken, ()))
    with pytest.raises(TypeError, match="ours"):
        main(["lose"], lambda *_: engine)


# -- brief, pack, verify ---------------------------------------------------------------------------------------------


def test_a_brief_is_written_as_pdf_and_as_html(run, tmp_path):
    """The ending of the file says which; the headline is printed."""
    for ending, first in (("pdf", b"%PDF"), ("html", b"<!DOCTYPE html>")):
        file = tmp_path / f"brief.{ending}"
        status, out, err = run("brief", *SET, "--out", str(file))
        assert (status, err) == (SOLVED, "")
        assert "today's course" in out
        assert file.read_bytes().startswith(first)
    status, out, _ = run("brief", *SET, "--json")
    assert status == SOLVED
    assert {"headline", "lines", "binds", "changes", "digest"} <= set(json.loads(out))


def test_a_pack_is_written_verified_and_found_moved(run, engine, tmp_path):
    """Status 0 while it holds, 4 when something moved, and what moved is printed line by line."""
    file = tmp_path / "mine.zip"
    status, out, _ = run("pack", *SET, "--out", str(file))
    assert status == SOLVED
    assert files.digest(engine.evidence, Choice.of(LIMITED)) in out
    status, out, err = run("verify", str(file))
    assert (status, err) == (SOLVED, "")
    assert "The pack holds" in out
    other = Engine(engine.evidence.with_values({"social_discount_rate": 0.07, "base_china_cost_2030": 70}))
    status, out, _ = run("verify", str(file), start=lambda *_: other)
    assert status == MOVED
    assert "- fact base_china_cost_2030" in out
    status, out, _ = run("verify", str(file), "--json", start=lambda *_: other)
    said = json.loads(out)
    assert (status, said["holds"]) == (MOVED, False)
    assert any("base_china_cost_2030" in line for line in said["moved"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["brief"], ["--out", "brief needs a file", ".pdf", ".html"]),
        (["brief", "--out", "brief.docx"], ["--out brief.docx", ".pdf"]),
        (["pack"], ["--out", "pack needs a file", ".zip"]),
        (["pack", "--out", "no/folder/x.zip"], ["no/folder"]),
        (["verify"], ["PACK"]),
        (["verify", "no_such.zip"], ["PACK no_such.zip", "No such file"]),
        (["verify", "."], ["PACK .", "directory"]),
        (["verify", __file__], ["test_command_line.py", "no whole zip file"]),
        (["verify", "/dev/zero"], ["longer than"]),
    ],
    ids=str,
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_named_in_one_line(arguments, words, run):
    """Before any engine is made."""
    assert refused(run(*arguments, start=no_engine), *words)


def test_no_mix_is_no_brief_and_no_pack(run, tmp_path):
    """Status 3 and nothing written."""
    for verb, file in (("brief", tmp_path / "a.pdf"), ("pack", tmp_path / "a.zip")):
        status, out, err = run(verb, *IMPOSSIBLE, "--out", str(file))
        assert (status, out) == (NO_MIX, "")
        assert "Worst-case shortfall" in err
        assert not file.exists()


VERB_NAMES = (
    "solve",
    "case",
    "frontier",
    "ranges",
    "lose",
    "tornado",
    "sample",
    "brief",
    "pack",
    "verify",
    "check-data",
    "health",
)


@pytest.mark.parametrize("verb", VERB_NAMES)
def test_every_verb_takes_the_same_options(verb, capsys):
    """--data and --json everywhere; levers wherever something is solved from levers; --out wherever a file can be written."""
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    text = capsys.readouterr().out
    wanted = {"--data", "--json"}
    if verb not in ("verify", "check-data", "health"):
        wanted |= {"--scenario", "--set", "--out"}
    assert all(option in text for option in wanted), (verb, wanted)
    assert parser()


def test_every_verb_that_answers_at_once_has_json(run):
    """A script reads any of them."""
    for arguments in (["check-data"], ["lose", *SET], ["solve", *SET]):
        status, out, _ = run(*arguments, "--json")
        assert status == SOLVED
        assert json.loads(out)


def test_progress_is_shown_on_a_terminal_only(run, monkeypatch):
    """A pipe or a file stays clean; a terminal shows a bar."""
    few = ["frontier", "--with", "points=3", "--with", "china_limits=70", "--set=shortfall_limit=40"]
    assert run(*few)[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    said = run(*few)[2]
    assert "[####" in said
    assert said.endswith("\n")


def test_the_help_says_every_exit_status(capsys):
    """A script has to know them all."""
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for words in (
        "0 done",
        "1 the solver gave up",
        "2 bad input",
        "3 no mix",
        "4 a pack no longer holds",
        "130 stopped",
    ):
        assert words in text
