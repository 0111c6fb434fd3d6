"""Claims about ensembles: the same bytes whoever works and however often it is killed, no world lost, and the model's own answers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from model import provenance
from model.__main__ import main
from model.analysis.ensemble.checkpoint import Chunks, OutError, question_of
from model.analysis.ensemble.ensemble import FACT, EnsembleError, ensemble, task_for
from model.analysis.ensemble.evaluation import AS_IT_IS, CODE, FOUND, OUTCOMES, drawn
from model.analysis.ensemble.summary import SampledError, sampled
from model.analysis.uncertainty.perturbation import span
from model.analysis.uncertainty.robustness import MEASURES
from model.analysis.uncertainty.sampling import triangle
from model.analysis.uncertainty.tornado import uncertain
from model.engine.active_limits import NoMix
from model.engine.engine import Engine, build_engine
from model.errors import EvidenceError, SolverFailed
from model.evidence.loading import load_evidence
from model.evidence.overlay import Overlaid, Overlay
from model.evidence.schema import Edit
from model.evidence.store import Evidence
from model.formulation.levers import Choice
from model.parallel.dask_cluster import ClusterError, result_of, spread
from model.parallel.task import Task
from model.results.annual import a_year
from tests.analysis.uncertainty.test_uncertainty import CHOICE, RANGES, ranged
from tests.support.imports import leans_on
from tests.support.paper import World, off_choice, small_world, yearly_crore

ROOT = Path(__file__).resolve().parents[3]
WORLDS = 65
"""Four chunks of worlds planned anew, the last one short."""
SET = ["--set=china_limit=60", "--set=shortfall_limit=40"]
"""`CHOICE` on the command line."""
SHARED = {"users_share_ndfeb_hc_2030": (0.1, 0.9), "users_share_smco_2030": (0.1, 0.6)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small world with ranges for some of its facts."""
    folder = tmp_path_factory.mktemp("doubtful")
    ranged(small_world(), folder, RANGES)
    return folder


@pytest.fixture(scope="module")
def doubtful(data: Path) -> Engine:
    """An engine on it, which keeps all of its states."""
    return Engine(load_evidence(data))


@pytest.fixture(scope="module")
def anew(doubtful: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Worlds planned anew, worked out in this process."""
    file = tmp_path_factory.mktemp("anew") / "worlds.parquet"
    ensemble(doubtful, CHOICE, file, WORLDS, seed=7, anew=True, workers=0)
    return file


@pytest.fixture(scope="module")
def held(doubtful: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Worlds with the adopted plan held, worked out in this process."""
    file = tmp_path_factory.mktemp("held") / "worlds.parquet"
    ensemble(doubtful, CHOICE, file, 120, seed=7, workers=0)
    return file


def test_one_and_two_workers_write_the_same_bytes(doubtful: Engine, anew: Path, held: Path, tmp_path: Path) -> None:
    """Chunks are fixed, each starts from the same, and one process writes them in order."""
    for file, worlds, again in ((anew, WORLDS, True), (held, 120, False)):
        other = tmp_path / f"{again}.parquet"
        ensemble(doubtful, CHOICE, other, worlds, seed=7, anew=again, workers=2)
        assert other.read_bytes() == file.read_bytes()
    assert list(tmp_path.glob("*.parts")) == [], "what was written on the way is tidied up"


def test_no_world_is_lost_or_repeated(anew: Path) -> None:
    table = pq.read_table(anew)
    assert table["world"].to_pylist() == list(range(1, WORLDS + 1))
    assert set(table["outcome"].to_pylist()) <= set(OUTCOMES)


def test_stopped_and_gone_on_with_it_writes_the_same_bytes(doubtful: Engine, anew: Path, tmp_path: Path) -> None:
    """Also when a chunk was damaged meanwhile: it is worked out again."""
    file = tmp_path / "worlds.parquet"
    asked = {"worlds": WORLDS, "seed": 7, "anew": True, "workers": 0}
    seen: list[int] = []
    with pytest.raises(SolverFailed, match="stopped after 20 of 65 worlds; the same command goes on"):
        ensemble(doubtful, CHOICE, file, **asked, progress=lambda *x: seen.append(x[0]), stop=lambda: 20 in seen)
    assert not file.exists()
    (part,) = (file.parent / "worlds.parquet.parts").glob("chunk-*.parquet")
    part.write_bytes(part.read_bytes()[:100])
    done = ensemble(doubtful, CHOICE, file, **asked)
    assert done.before == 0
    assert file.read_bytes() == anew.read_bytes()
    again = ensemble(doubtful, CHOICE, file, **asked)
    assert again.before == WORLDS
    assert "already" in again.sentence


def killed_in_the_middle(process: subprocess.Popen[bytes], parts: Path) -> None:
    """Kill a process without warning once it has written a chunk."""
    end = time.monotonic() + 120
    while not list(parts.glob("chunk-*.parquet")):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < end
        time.sleep(0.02)
    process.kill()
    process.wait()


def test_killed_without_warning_it_goes_on_and_the_file_is_the_same(data: Path, anew: Path, tmp_path: Path) -> None:
    """From the command line: the chunks that are whole are kept, those under way are done anew."""
    out = tmp_path / "worlds.parquet"
    asked = [
        "--data",
        str(data),
        "--worlds",
        str(WORLDS),
        "--seed",
        "7",
        "--replan",
        "--workers",
        "1",
        *SET,
        "--out",
        str(out),
    ]
    line = [sys.executable, "-m", "model", "sample", *asked, "--json"]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        killed_in_the_middle(process, tmp_path / "worlds.parquet.parts")
    assert not out.exists()
    done = subprocess.run(line, cwd=ROOT, capture_output=True, check=True)
    assert json.loads(done.stdout)["there_before"] >= 20
    assert done.stderr == b"", "no progress where there is no terminal"
    assert out.read_bytes() == anew.read_bytes()
    assert pq.read_table(out)["world"].to_pylist() == list(range(1, WORLDS + 1))


# -- a cluster --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and two workers of one thread each on this machine; its address and the workers' processes."""
    pytest.importorskip("distributed")
    note = tmp_path_factory.mktemp("cluster") / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    started = [subprocess.Popen([*dask, "--no-dashboard", "--no-show", "--scheduler-file", str(note)], **quiet)]
    try:
        end = time.monotonic() + 60
        while not note.exists() or not note.read_text():
            assert time.monotonic() < end
            time.sleep(0.1)
        address = json.loads(note.read_text())["address"]
        work = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
        workers = [
            subprocess.Popen(
                [*work, "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(note.parent / str(i))],
                **quiet,
            )
            for i in range(2)
        ]
        started += workers
        yield address, workers
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_a_cluster_that_loses_a_worker_writes_the_same_bytes(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], doubtful: Engine, anew: Path, tmp_path: Path
) -> None:
    """One of two workers is killed when the first chunk is there; the other takes over what it had, and a result counts once."""
    address, workers = cluster
    lost: list[int] = []

    def kill(done: int, total: int) -> None:
        if done and not lost:
            workers[0].kill()
            lost.append(done)

    file = tmp_path / "worlds.parquet"
    ensemble(doubtful, CHOICE, file, WORLDS, seed=7, anew=True, scheduler=address, progress=kill)
    assert lost
    assert lost[0] < WORLDS, "it was killed in the middle"
    assert file.read_bytes() == anew.read_bytes()


class Other(Task):
    """A task that says nothing for the number 0 and else raises."""

    def ready(self) -> Callable[[int], int]:
        def work(piece: int) -> int:
            if piece:
                raise EvidenceError("no such piece")
            return piece

        return work


def test_what_a_piece_raises_on_a_cluster_is_raised_here(cluster: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    with pytest.raises(EvidenceError, match="no such piece"):
        dict(spread(cluster[0], Other(), [0, 1]))
    assert dict(spread(cluster[0], Other(), [0])) == {0: 0}


def test_a_cluster_that_is_not_there_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("model.parallel.dask_cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(ClusterError, match="no scheduler answers there"):
        list(spread("tcp://127.0.0.1:9", Other(), [0]))
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="Dask is missing"):
        list(spread("tcp://127.0.0.1:9", Other(), [0]))


class Failed:
    """A piece of work on a cluster that ended like this."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def result(self) -> None:
        raise self.error


def test_a_cluster_without_the_project_or_its_workers_is_told_in_a_sentence() -> None:
    """A scheduler that cannot read the task wraps the reason; a solver's own failure is left as it is."""
    distributed = pytest.importorskip("distributed")
    unreadable = RuntimeError("Error during deserialization")
    unreadable.__cause__ = ModuleNotFoundError("No module named 'model'")
    with pytest.raises(ClusterError, match="No module named 'model'"):
        result_of(Failed(unreadable))
    with pytest.raises(SolverFailed, match="gave up"):
        result_of(Failed(SolverFailed("gave up")))
    killed = distributed.KilledWorker("piece", None, 3)
    with pytest.raises(SolverFailed, match="lost too many workers"):
        result_of(Failed(killed))


# -- what comes of a world ----------------------------------------------------------------------------------------------


def test_a_world_planned_anew_has_the_answer_of_an_engine_built_on_it(doubtful: Engine, anew: Path) -> None:
    """The live program with all facts pushed at once must agree with the whole model built anew, also on whether there is a mix; and what
    the file says a fact was is what it was."""
    rows = pq.read_table(anew).to_pylist()
    assert {row["outcome"] for row in rows} == {"found", "no_mix"}
    for row in rows[:12]:
        values = {name.removeprefix(FACT): value for name, value in row.items() if name.startswith(FACT)}
        engine = Engine(doubtful.evidence.with_values(values), None)
        if row["outcome"] == "no_mix":
            with pytest.raises(NoMix):
                engine.mix(CHOICE)
            assert row["planned_total_crore"] is None
            continue
        mix = engine.mix(CHOICE)
        assert row["planned_total_crore"] == pytest.approx(yearly_crore(mix)[0], rel=1e-6)
        assert row["planned_tail_shortfall"] == pytest.approx(mix.indicators["tail_shortfall"], abs=1e-6)
        assert row["regret_crore"] == pytest.approx(row["held_total_crore"] - row["planned_total_crore"], abs=1e-5)


def test_planning_anew_leans_on_the_cheapest_mix_of_that_world(doubtful: Engine) -> None:
    """A premium and an aim other than cost are against the world as it is there."""
    choice = CHOICE.changed(premium_limit=30, aim="shortfall")
    task = task_for(doubtful, choice, 3, 7, True)
    block = task.ready()(0)
    for values, outcome, results in zip(block.values, block.outcomes, block.results, strict=True):
        row = dict(zip(task.columns, results, strict=True))
        engine = Engine(doubtful.evidence.with_values(dict(zip(task.facts, values.tolist(), strict=True))), None)
        cheapest = engine.cheapest(choice)
        whole, decided = cheapest.total_kusd * a_year(cheapest.case), yearly_crore(cheapest)[0]
        held = row["held_total_crore"] + whole - decided  # 2026 is in the premium and costs the same under every plan
        assert row["held_premium_limit_reached"] == pytest.approx(100 * (held / whole - 1), abs=1e-4)
        if outcome == FOUND:
            assert row["planned_tail_shortfall"] == pytest.approx(
                engine.mix(choice).indicators["tail_shortfall"], abs=1e-4
            )


@pytest.mark.parametrize("again", [False, True])
def test_with_all_facts_as_they_are_every_plan_costs_what_the_mix_costs(doubtful: Engine, again: bool) -> None:
    """Recourse alone gives back the mix's own cost and shortfall, and planning anew the mix itself."""
    task = task_for(doubtful, CHOICE, 1, 7, again)
    block = task.ready()(AS_IT_IS)
    row = dict(zip(task.columns, block.results[0], strict=True))
    mix = doubtful.mix(CHOICE)
    for what in ("held", "planned") if again else ("held",):
        assert row[f"{what}_total_crore"] == pytest.approx(yearly_crore(mix)[0], rel=1e-7)
        assert row[f"{what}_tail_shortfall"] == pytest.approx(mix.indicators["tail_shortfall"], abs=1e-6)
    assert row["held_misses"] == 0.0
    assert row["held_china_limit_reached"] <= 60 + 1e-6


def test_the_shipped_plan_costs_what_it_costs(engine: Engine) -> None:
    """The same on the shipped evidence and its kept states."""
    task = task_for(engine, Choice(), 1, 7, False)
    row = dict(zip(task.columns, task.ready()(AS_IT_IS).results[0], strict=True))
    assert row["held_total_crore"] == pytest.approx(yearly_crore(engine.mix(Choice()))[0], rel=1e-7)


def test_a_world_is_the_same_in_every_ensemble_that_has_it(evidence: Evidence) -> None:
    """Draws are keyed by seed and number: not by how many worlds there are, nor by who draws them."""
    facts = uncertain(evidence)
    whole = drawn(facts, 3, 0, 40)
    assert np.array_equal(whole[17:29], drawn(facts, 3, 17, 12))
    assert not np.array_equal(whole, drawn(facts, 4, 0, 40))
    assert np.array_equal(whole, whole.astype(np.float32)), "the file holds them exactly"


def test_facts_are_drawn_from_their_triangles(evidence: Evidence) -> None:
    """The share of worlds below each twentieth of the triangle, against the most that chance allows (Kolmogorov, 1 in 10,000)."""
    facts = tuple(f for f in uncertain(evidence) if f.unit != "calendar year")[:20]
    values = drawn(facts, 1, 0, 2000)
    for i, fact in enumerate(facts):
        low, high = span(fact)
        edges = triangle(np.linspace(0, 1, 21), low, float(fact.value), high)
        below = (values[:, i, None] <= edges).mean(axis=0)
        assert np.abs(below - np.linspace(0, 1, 21)).max() < 2.3 / np.sqrt(2000)


def test_worlds_that_cannot_be_keep_their_row(tmp_path: Path) -> None:
    """Two shares that may sum to more than 1 do so in some worlds; those have facts, an outcome and no results."""
    world = World().route("china", 50, 200, products=("ndfeb", "ndfeb_hc", "smco"), today="fills")
    world.sector("users", 100, 1000, {"ndfeb_hc": 0.5, "smco": 0.4})
    file = tmp_path / "worlds.parquet"
    engine = Engine(ranged(world, tmp_path, SHARED), None)
    ensemble(engine, off_choice(), file, 60, workers=0)
    rows = pq.read_table(file).to_pylist()
    for row in rows:
        over = sum(row[FACT + name] for name in SHARED) > 1
        assert (row["outcome"] == "cannot_be") == over
        assert (row["held_total_crore"] is None) == over
    found = sampled(file)
    assert 0 < found.outcomes["cannot_be"] < 60
    assert f"Left out: {found.outcomes['cannot_be']} worlds whose facts cannot be together" in found.sentence


def test_what_the_results_come_from_is_in_their_fingerprint() -> None:
    """A worker with another version of any of these files is turned away, and a file begun with one is not gone on with."""
    files = {f"model.{name[:-3].replace('/', '.')}" for name, _ in provenance.code_files(*CODE)}
    words_and_processes = {"model.provenance", "model.results.formatting"}  # no figure comes from there
    found = leans_on("model.analysis.ensemble.evaluation")
    assert len(found) > 30
    assert {name for name in found if not name.startswith("model.parallel.")} <= files | words_and_processes


def test_a_worker_with_other_code_is_turned_away(
    doubtful: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.analysis.ensemble.evaluation.made_with", lambda: "model 0")
    with pytest.raises(EnsembleError, match="other code or libraries"):
        ensemble(doubtful, CHOICE, tmp_path / "worlds.parquet", 5, workers=0)


# -- evidence with other values laid over it ----------------------------------------------------------------------------


def test_values_laid_over_evidence_give_what_evidence_made_of_them_gives(evidence: Evidence) -> None:
    """All facts moved at once: every value, derived ones too, and the version."""
    overlay, facts = Overlay(evidence), uncertain(evidence)
    for row in drawn(facts, 1, 0, 8):
        values = {fact.id: value for fact, value in zip(facts, row.tolist(), strict=True)}
        try:
            slow = evidence.with_values(values)
        except EvidenceError as error:
            with pytest.raises(EvidenceError, match=str(error)[:20]):
                overlay.at(values)
            continue
        quick = overlay.at(values)
        assert isinstance(quick, Overlaid)
        assert {name: quick.value(name) for name in slow.facts} == {
            name: fact.value for name, fact in slow.facts.items()
        }
        assert {name: (f.value, f.low, f.high) for name, f in quick.facts.items() if not f.formula} == {
            name: (f.value, f.low, f.high) for name, f in slow.facts.items() if not f.formula
        }
        assert (quick.version, quick.edits) == (slow.version, slow.edits)


@pytest.mark.parametrize(
    "values",
    [{"moon": 1.0}, {"squeeze_chance": 1.7}, {"cars_share_ndfeb_hc_2030": -0.5}, {"two_tails": 0.1}, {"plants_use": float("nan")}],
)  # fmt: skip
def test_values_that_cannot_be_are_refused_like_by_the_evidence_itself(
    doubtful: Engine, values: dict[str, float]
) -> None:
    with pytest.raises(EvidenceError) as slow:
        doubtful.evidence.with_values(values)
    with pytest.raises(EvidenceError) as quick:
        Overlay(doubtful.evidence).at(values)
    assert str(quick.value) == str(slow.value)


# -- refusals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "words"),
    [({"worlds": 46}, "65 worlds, not 46"), ({"seed": 8}, "seed 7, not seed 8"), ({"anew": False}, "planned anew: True, not"),
     ({"choice": CHOICE.changed(china_limit=70)}, "china_limit=60.0, not 70")],
)  # fmt: skip
def test_a_file_of_another_question_is_refused_in_a_sentence(
    doubtful: Engine, anew: Path, tmp_path: Path, asked: dict[str, object], words: str
) -> None:
    """Finished or only begun, its worlds are not mixed with others, nor written over."""
    question = {"choice": CHOICE, "worlds": WORLDS, "seed": 7, "anew": True, **asked}
    before = anew.read_bytes()
    with pytest.raises(OutError, match=words):
        ensemble(doubtful, file=anew, workers=0, **question)  # type: ignore[arg-type]
    assert anew.read_bytes() == before
    begun = tmp_path / "begun.parquet"
    whole = {key: value for key, value in (question_of(anew) or {}).items() if key != "as_it_is"}
    with Chunks(begun, whole, pq.read_schema(anew), [WORLDS]).open():
        pass
    with pytest.raises(OutError, match=f"was begun with .*{words}"):
        ensemble(doubtful, file=begun, workers=0, **question)  # type: ignore[arg-type]


def test_other_data_is_another_question(doubtful: Engine, anew: Path) -> None:
    moved = Engine(doubtful.evidence.with_values({"china_price_ndfeb_2030": 61.0}), None)
    with pytest.raises(OutError, match="it holds data .*, not"):
        ensemble(moved, CHOICE, anew, WORLDS, seed=7, anew=True, workers=0)


def test_two_processes_may_not_work_on_one_file(doubtful: Engine, anew: Path, tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    file = tmp_path / "worlds.parquet"
    with Chunks(file, {}, pq.read_schema(anew), []).open(), pytest.raises(OutError, match="another process"):
        ensemble(doubtful, CHOICE, file, 5, workers=0)


@pytest.mark.parametrize(
    ("asked", "error", "word"),
    [({"worlds": 0}, EnsembleError, "--worlds"), ({"worlds": 10**9}, EnsembleError, "--worlds"), ({"seed": -1}, EnsembleError, "--seed"),
     ({"workers": 999}, EnsembleError, "--workers"), ({"scheduler": "there"}, EnsembleError, "--scheduler"),
     ({"scheduler": "tcp://a:1", "workers": 1}, EnsembleError, "--workers"), ({"file": Path("a.csv")}, OutError, "--out a.csv"),
     ({"file": Path("no/such/a.parquet")}, OutError, "there is no folder")],
)  # fmt: skip
def test_bad_arguments_are_named_in_a_sentence(
    doubtful: Engine, tmp_path: Path, asked: dict[str, object], error: type[Exception], word: str
) -> None:
    given = {"file": tmp_path / "a.parquet", "worlds": 5, **asked}
    with pytest.raises(error, match=word):
        ensemble(doubtful, CHOICE, **given)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_ours_is_not_written_over(doubtful: Engine, tmp_path: Path) -> None:
    file = tmp_path / "mine.parquet"
    file.write_bytes(b"my own work")
    with pytest.raises(OutError, match="holds no sampled worlds"):
        ensemble(doubtful, CHOICE, file, 5, workers=0)
    with pytest.raises(SampledError, match="holds no sampled worlds"):
        sampled(file)
    assert file.read_bytes() == b"my own work"


def test_a_folder_that_is_not_ours_is_left_alone(doubtful: Engine, tmp_path: Path) -> None:
    """What is on its way lies in a folder that is removed at the end; so it must not be anybody else's."""
    mine = tmp_path / "worlds.parquet.parts" / "thesis.txt"
    mine.parent.mkdir()
    mine.write_text("my own work")
    with pytest.raises(OutError, match=r"holds other things \(thesis.txt\)"):
        ensemble(doubtful, CHOICE, tmp_path / "worlds.parquet", 5, workers=0)
    assert mine.read_text() == "my own work"


def test_killed_while_tidying_up_it_is_finished_all_the_same(doubtful: Engine, held: Path, tmp_path: Path) -> None:
    file, parts = tmp_path / "worlds.parquet", tmp_path / "worlds.parquet.parts"
    file.write_bytes(held.read_bytes())
    parts.mkdir()
    (parts / "question.json").write_text("{}")
    assert ensemble(doubtful, CHOICE, file, 120, seed=7, workers=0).before == 120
    assert not parts.exists()


# -- the command line and the summary -------------------------------------------------------------------------------------


@pytest.fixture
def run(doubtful: Engine, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command with the small world; its status, what it printed and what it complained of."""

    def start(folder: str, edits: tuple[Edit, ...] = (), /) -> Engine:
        return build_engine(doubtful.evidence.with_edits(edits), keep=None) if edits else doubtful

    def call(*arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments), start)
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def test_the_command_line_writes_the_same_file_and_says_what_it_holds(
    run: Callable[..., tuple[int, str, str]], held: Path, tmp_path: Path
) -> None:
    out = tmp_path / "worlds.parquet"
    status, said, complaint = run("sample", "--worlds=120", "--seed=7", "--workers=1", *SET, f"--out={out}", "--json")
    assert (status, complaint) == (0, "")
    assert out.read_bytes() == held.read_bytes()
    record = json.loads(said)
    assert record["outcomes"] == {"found": 120}
    status, again, _ = run("sample-summary", str(out), "--json")
    assert status == 0
    assert json.loads(again)["measures"] == record["measures"]
    assert run("sample-summary", str(out))[1].startswith("In 120 sampled worlds (seed 7) the adopted plan costs INR ")
    table = tmp_path / "summary.csv"
    assert run("sample-summary", str(out), f"--out={table}")[0] == 0
    assert table.read_text().startswith("measure,unit,mean,p05")


def test_the_own_numbers_of_a_scenario_are_sampled_with(
    run: Callable[..., tuple[int, str, str]], doubtful: Engine, tmp_path: Path
) -> None:
    """They were read over: the file then spoke of other evidence than the scenario."""
    scenario = tmp_path / "own.yaml"
    scenario.write_text("levers: {}\nfacts:\n- {fact: china_price_ndfeb_2030, value: 77.0, reason: a quote}\n")
    status, said, complaint = run("sample", "--worlds=1", "--workers=0", f"--scenario={scenario}", "--json")
    assert (status, complaint) == (0, "")
    own = [Edit(fact="china_price_ndfeb_2030", value=77.0, reason="a quote")]
    assert json.loads(said)["data_version"] == doubtful.evidence.with_edits(own).version


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [(["--worlds=0"], 2, "--worlds"), (["--worlds=many"], 2, "--worlds"), (["--out=x.csv"], 2, "--out x.csv"), (["--scheduler=x"], 2, "--scheduler"),
     (["--set=china_limit=0", "--set=shortfall_limit=0"], 3, "No mix of routes meets")],
)  # fmt: skip
def test_the_command_line_ends_with_a_status_and_a_line(
    run: Callable[..., tuple[int, str, str]], arguments: list[str], status: int, word: str
) -> None:
    ended, said, complaint = run("sample", *arguments)
    assert (ended, said) == (status, "")
    assert word in complaint
    assert complaint.count("\n") == 1


def test_an_unfinished_or_missing_file_is_told_apart(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    (tmp_path / "begun.parquet.parts").mkdir()
    assert "not finished" in run("sample-summary", str(tmp_path / "begun.parquet"))[2]
    assert "no such file" in run("sample-summary", str(tmp_path / "none.parquet"))[2]


def test_the_summary_agrees_with_the_rows(anew: Path) -> None:
    """Quantiles, missed limits, routes and outcomes, worked out once more from the table itself with numpy."""
    found, table = sampled(anew), pq.read_table(anew).to_pandas()
    measures = found.measures.set_index("measure")
    for name in (*(f"{what}_{m}" for what in ("held", "planned") for m in MEASURES), "regret_crore"):
        x = table[name].dropna()
        assert measures.loc[name, "mean"] == pytest.approx(x.mean())
        assert list(measures.loc[name, ["p05", "p50", "p95"]]) == pytest.approx(np.percentile(x, [5, 50, 95]))
    limits = found.limits.set_index("limit")
    assert limits.loc["china_limit", "missed_share"] == pytest.approx(
        (table["held_china_limit_reached"] > 60.0001).mean()
    )
    assert found.misses_share == pytest.approx(table["held_misses"].mean())
    routes = found.routes.set_index("route")
    planned = table.loc[table["outcome"] == "found", "planned_t_plants"]
    assert routes.loc["plants", "used_share"] == pytest.approx((planned > 1e-3).mean())
    assert found.outcomes == table["outcome"].value_counts().to_dict()
    assert measures.loc["held_total_crore", "as_it_is"] == pytest.approx(
        measures.loc["planned_total_crore", "as_it_is"]
    )


def test_the_fact_that_goes_with_failure_is_found(held: Path) -> None:
    """Facts are ranked by how far failures and others lie apart; the first one's ends are counted once more from the rows."""
    found, table = sampled(held), pq.read_table(held).to_pandas()
    assert len(found.facts) > 0
    first = found.facts.iloc[0]
    x, fails = table[FACT + first["fact"]].astype(float), table["held_misses"] == 1
    if "shortfall" in found.failing:
        fails = table["held_tail_shortfall"] > np.quantile(table["held_tail_shortfall"], 0.75)
    assert found.fails_share == pytest.approx(fails.mean(), abs=0.01)
    assert (x[fails].mean() - x[~fails].mean()) / x.std(ddof=0) == pytest.approx(first["apart"], rel=1e-4)
    assert fails[x >= np.quantile(x, 0.8)].mean() == pytest.approx(first["fails_highest_fifth"])
    assert first["what"]


def test_anybody_can_ask_the_file_with_sql(anew: Path) -> None:
    """Columns carry their units, and a query engine that knows nothing of this project reads it."""
    (worlds, cost) = duckdb.execute(f"SELECT count(*), median(held_total_crore) FROM '{anew}'").fetchone() or (0, 0)
    assert worlds == WORLDS
    assert cost > 0
    field = pq.read_schema(anew).field(FACT + "china_price_ndfeb_2030")
    assert field.metadata[b"unit"] == b"USD/kg"
