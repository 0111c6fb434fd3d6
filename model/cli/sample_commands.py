"""The verbs `sample` and `sample-summary`: sampled worlds to a Parquet file, and what such a file says."""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from model.analysis.ensemble.ensemble import checked, ensemble
from model.analysis.ensemble.summary import Sampled, sampled
from model.analysis.uncertainty.robustness import WORLDS
from model.analysis.uncertainty.sampling import SEED
from model.cli.arguments import as_json, choice_of, target, write
from model.cli.commands import NO_MIX, SOLVED, STOPPED, Said, Start, Verb, engine_for
from model.cli.progress_bar import pace
from model.engine.active_limits import NoMix
from model.export.files import no_mix_json
from model.parallel.task import cores
from model.provenance import versions

OUT = (".parquet",)
SUMMARY_OUT = (".json", ".csv")


def sample(arguments: argparse.Namespace, start: Start) -> Said:
    """Sampled worlds, each with the adopted plan held or planned anew too, written to a file or only summed up."""
    out, choice = target(arguments.out, OUT), choice_of(arguments)
    given = arguments.worlds, arguments.seed, arguments.workers, arguments.scheduler
    checked(out or Path("worlds.parquet"), *given)
    engine = engine_for(arguments, start)
    worlds, seed, workers, scheduler = given
    with tempfile.TemporaryDirectory() as folder:
        file = out or Path(folder) / "worlds.parquet"
        try:
            done = ensemble(engine, choice, file, worlds, seed, arguments.replan, workers, scheduler, pace())
        except NoMix as error:
            record = as_json(no_mix_json(error, choice, engine.evidence)).decode() if arguments.json else ""
            return Said(NO_MIX, record, str(error))
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                sys.stderr.write("\n")
            kept = "; the same command goes on with the worlds that are ready" if out else ""
            return Said(STOPPED, complaint=f"stopped{kept}")
        found = sampled(file)
        if arguments.json:
            about = {"there_before": done.before, "sha256": _digest(file), **versions(engine.evidence, choice)}
            return Said(SOLVED, as_json({**found.record, **about, "file": str(out) if out else None}).decode())
        return Said(
            SOLVED, f"{done.sentence}\n{found.sentence}\n" if out else f"{found.sentence}\n\n{_tables(found)}\n"
        )


def summary(arguments: argparse.Namespace, _: Start) -> Said:
    """What a file of sampled worlds says."""
    out = target(arguments.out, SUMMARY_OUT)
    found = sampled(Path(arguments.file))
    if out:
        csv = found.measures.to_csv(index=False, lineterminator="\n").encode()
        write(out, csv if out.suffix.lower() == ".csv" else as_json(found.record))
    if arguments.json:
        return Said(SOLVED, as_json(found.record).decode())
    return Said(SOLVED, f"{found.sentence}\n\n{_tables(found)}\n" + (f"\nWritten to {out}.\n" if out else ""))


def _tables(found: Sampled) -> str:
    """The tables of a summary, each under its heading."""
    parts = {
        "What the plans do": found.measures,
        "Limits, and what the adopted plan reaches": found.limits,
        "Routes in the new mixes, t/y in the target year": found.routes,
        f"Facts that go with failure ({found.failing}: {found.fails_share:.1%} of worlds)": found.facts,
    }
    return "\n\n".join(f"{name}\n{_shown(table)}" for name, table in parts.items() if len(table))


def _shown(table: pd.DataFrame) -> str:
    return table.to_string(index=False, na_rep="-", float_format=lambda x: f"{x:,.3f}" if abs(x) < 100 else f"{x:,.0f}")


def _digest(file: Path) -> str:
    """SHA-256 of a file: the same for the same worlds, whoever worked them out."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sample_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--worlds", metavar="N", type=int, default=WORLDS, help=f"how many worlds, by default {WORLDS:,}")
    sub.add_argument(
        "--seed", metavar="S", type=int, default=SEED, help=f"the seed they are drawn with, by default {SEED}"
    )
    sub.add_argument(
        "--replan", action="store_true",
        help="plan each world anew too, within the same limits; without it the adopted plan is held and only what follows is decided anew",
    )  # fmt: skip
    sub.add_argument(
        "--workers", metavar="N", type=int, help=f"processes of this machine, by default one for each core ({cores()})"
    )
    sub.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="work on the Dask cluster with this address (tcp://host:port) instead; needs requirements-cluster.txt, here and on its workers",
    )  # fmt: skip


def _summary_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("file", metavar="FILE", help="a .parquet file that `sample` wrote")


SAMPLING: Mapping[str, Verb] = {
    "sample": Verb(
        "draw worlds over all ranges of the evidence and say how the plan fares; with --out every world is written, and a run that"
        " was killed goes on",
        sample, OUT, options=_sample_options,
    ),
    "sample-summary": Verb(
        "say what a file of sampled worlds holds: quantiles, limits missed, facts that go with failure", summary, SUMMARY_OUT,
        levers=False, options=_summary_options,
    ),
}  # fmt: skip
"""The verbs of sampled worlds, by name."""
