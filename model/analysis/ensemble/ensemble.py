"""A hundred thousand sampled worlds: each with the adopted plan held, or planned anew, streamed to one Parquet file.

Work is split into fixed chunks (`worlds`) that helper processes (`crew`) or a cluster (`cluster`) work out in any order; this
process alone writes (`chunks`). A kill loses the chunks under way; the same call goes on with the rest, and the file is the same to
the byte, whoever did what.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from model import __version__
from model.analysis.ensemble.checkpoint import Chunks, OutError
from model.analysis.ensemble.evaluation import AS_IT_IS, OUTCOMES, Block, WorldTask, made_with
from model.analysis.uncertainty.sampling import SEED
from model.analysis.uncertainty.tornado import checked_facts
from model.engine.active_limits import NoMix, limits_on
from model.engine.engine import Engine
from model.engine.worker import Worker, needs_cheapest, solve_for
from model.errors import Infeasible, InputError, SolverFailed
from model.formulation.levers import Choice
from model.parallel.dask_cluster import spread
from model.parallel.processes import share_out
from model.parallel.progress import Progress, Stop, never, silent
from model.results.mix import Mix

MOST_WORLDS = 10_000_000
MOST_SEED = 2**32 - 1
MOST_WORKERS = 256
ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d{1,5}")
FACT = "fact_"
"""What the names of the columns begin with that hold facts."""


class EnsembleError(InputError):
    """An ensemble that cannot be made; the message says which argument and why."""


@dataclass(frozen=True)
class Ensemble:
    """A finished file of sampled worlds. `before` are the worlds that were there already when it was begun this time."""

    file: Path
    worlds: int
    before: int
    anew: bool

    @property
    def sentence(self) -> str:
        """What there is, in words."""
        how = "planned anew" if self.anew else "the adopted plan held"
        if self.before >= self.worlds:
            return f"{self.file} holds these {self.worlds:,} worlds already."
        gone_on = f" ({self.before:,} of them were there already)" if self.before else ""
        return f"{self.worlds:,} worlds, {how}{gone_on}, written to {self.file}."


def adopted(engine: Engine, choice: Choice) -> Mix:
    """The mix of a choice, found from nothing, so that not even its last bit depends on what the engine solved before. Raises `NoMix`,
    `SolverFailed`."""
    case = engine.assembler.case(choice)
    worker = Worker(case)
    cheapest: Mix | None = None
    if needs_cheapest(choice):
        free = engine.assembler.case(choice, limits=False)
        cheapest = worker.mix(free, choice, worker.solve(free))
    try:
        mix = worker.mix(case, choice, solve_for(worker, case, cheapest))
    except Infeasible:
        raise NoMix(limits_on(choice)) from None
    return replace(mix, limit_prices={}, route_prices={})


def question(task: WorldTask) -> dict[str, Any]:
    """Everything that the file depends on, as JSON values."""
    return {
        "worlds": task.worlds, "seed": task.seed, "anew": task.anew, "levers": task.choice.values(), "data": task.evidence.version,
        "model": f"version {__version__}, {made_with()}, pyarrow {pa.__version__}", "chunk": task.size,
        "facts": list(task.facts), "states": ["+".join(events) for events in task.states], "limits": list(task.limits),
    }  # fmt: skip


def schema_of(task: WorldTask) -> pa.Schema:
    """Columns of the file: world (from 1), outcome, the results, then one for each fact drawn, with what it is and its unit beside it."""
    facts = [
        pa.field(FACT + name, pa.float32(), metadata={"what": task.evidence.facts[name].what, "unit": task.evidence.facts[name].unit})
        for name in task.facts
    ]  # fmt: skip
    results = [pa.field(name, pa.float64()) for name in task.columns]
    return pa.schema([pa.field("world", pa.int32()), pa.field("outcome", pa.string()), *results, *facts])


def table_of(task: WorldTask, block: Block, schema: pa.Schema) -> pa.Table:
    """A chunk as rows of the file; what is not a number is left empty."""
    first = block.chunk * task.size + 1
    arrays = [
        pa.array(np.arange(first, first + len(block.outcomes), dtype=np.int32)),
        pa.array([OUTCOMES[i] for i in block.outcomes]),
        *(pa.array(column, from_pandas=True) for column in block.results.T),
        *(pa.array(column.astype(np.float32)) for column in block.values.T),
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def ensemble(
    engine: Engine,
    choice: Choice,
    file: Path,
    worlds: int,
    seed: int = SEED,
    anew: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Ensemble:
    """Work out sampled worlds and write them to a Parquet file; whatever is there of them is kept. `workers` are processes of this machine
    (0: none but this one), `scheduler` the address of a Dask cluster instead. `progress` counts worlds. Raises
    `EnsembleError`, `OutError`, `NoMix`, `SolverFailed`."""
    checked(file, worlds, seed, workers, scheduler)
    task = task_for(engine, choice, worlds, seed, anew)
    schema = schema_of(task)
    chunks = Chunks(file, question(task), schema, [task.count(chunk) for chunk in range(task.chunks)])
    if chunks.finished:
        return Ensemble(file, worlds, worlds, anew)
    with chunks.open():
        there = chunks.ready()
        pieces = [chunk for chunk in range(task.chunks) if chunk not in there]
        if chunks.as_it_is is None:
            pieces.insert(0, AS_IT_IS)
        done = before = sum(chunks.sizes[chunk] for chunk in there)
        progress(done, worlds)
        with closing(_worked(task, pieces, workers, scheduler, stop)) as found:
            for block in found:
                _fits(block)
                if block.chunk == AS_IT_IS:
                    chunks.keep_as_it_is(_numbers(task, block))
                else:
                    chunks.keep(block.chunk, table_of(task, block, schema))
                    done += chunks.sizes[block.chunk]
                    progress(done, worlds)
        if done < worlds or chunks.as_it_is is None:
            raise SolverFailed(f"stopped after {done:,} of {worlds:,} worlds; the same command goes on from there")
        chunks.put_together()
    return Ensemble(file, worlds, before, anew)


def task_for(engine: Engine, choice: Choice, worlds: int, seed: int, anew: bool) -> WorldTask:
    """The chunks of an ensemble over all uncertain facts. Raises `NoMix`, `SolverFailed`."""
    states = tuple(state.events for state in engine.states.states)
    facts = checked_facts(engine.evidence, None)
    return WorldTask(engine.evidence, states, choice, facts, adopted(engine, choice), seed, worlds, anew)


def checked(file: Path, worlds: int, seed: int, workers: int | None, scheduler: str | None) -> None:
    """Raises `EnsembleError` or `OutError` for arguments that cannot be right."""
    for name, value, least, most in (
        ("--worlds", worlds, 1, MOST_WORLDS), ("--seed", seed, 0, MOST_SEED), ("--workers", 0 if workers is None else workers, 0, MOST_WORKERS),
    ):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise EnsembleError(f"{name}: {value!r} is not a whole number from {least} to {most:,}")
    if scheduler is not None and not ADDRESS.fullmatch(scheduler):
        raise EnsembleError(f"--scheduler: {scheduler!r} is no address like tcp://127.0.0.1:8786")
    if scheduler is not None and workers is not None:
        raise EnsembleError("--workers: the cluster has its own; give --workers or --scheduler, not both")
    if file.suffix.lower() != ".parquet":
        raise OutError(f"--out {file}: its name must end in .parquet")
    if file.is_dir() or not file.parent.is_dir():
        reason = "it is a folder" if file.is_dir() else f"there is no folder {file.parent}"
        raise OutError(f"--out {file}: {reason}")


def _worked(
    task: WorldTask, pieces: Sequence[int], workers: int | None, scheduler: str | None, stop: Stop
) -> Generator[Block, None, None]:
    """Blocks as they are ready, from here or from a cluster."""
    found = spread(scheduler, task, pieces, stop=stop) if scheduler else share_out(task, pieces, workers, stop=stop)
    with closing(found):
        for _, block in found:
            yield block


def _fits(block: Block) -> None:
    if block.made_with != made_with():
        raise EnsembleError(
            f"a worker has other code or libraries ({block.made_with}) than this process ({made_with()}); give all the same"
        )


def _numbers(task: WorldTask, block: Block) -> dict[str, float | None]:
    return {name: None if np.isnan(x) else float(x) for name, x in zip(task.columns, block.results[0], strict=True)}


__all__ = ["Ensemble", "EnsembleError", "adopted", "ensemble", "task_for"]
