"""What a file of sampled worlds says: quantiles, limits missed, routes that stay in, and which facts go with failure.

The file is read with DuckDB: a query engine that reads Parquet in place and in streams, so that a hundred thousand worlds need no
more memory than a thousand, with SQL that an institute's analysts can change, in one package without others beneath it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from model.analysis.ensemble.checkpoint import question_of
from model.analysis.ensemble.ensemble import FACT
from model.analysis.ensemble.evaluation import MISSED, TONNES
from model.errors import InputError
from model.formulation.levers import lever_named, looser
from model.results.formatting import count, money, percent

QUANTILES = {"p05": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
SOME = ("p05", "p50", "p95")
MEMORY = "2GB"
RESULTS = "^(demand|disturbed|held|planned|regret)_"
SHOWN = 8
"""Facts shown that go with failure."""
CLEARLY = 3.0
"""A fact is shown when its means among failures and others are more than so many standard errors apart."""
WORST = 0.25
"""Share of the worlds that count as failing when hardly any, or nearly all, miss a limit."""
RARE = 0.05
UNITS = {"crore": "INR crore a year", "t_per_year": "t/y", "probability": "share", "shortfall": "share of demand"}

ASKED = {"worlds", "seed", "anew", "levers", "limits"}
LEFT_OUT = {
    "cannot_be": "whose facts cannot be together, such as shares that sum to more than 1",
    "no_answer": "where the solver gave up",
}


class SampledError(InputError):
    """A file that cannot be summed up; the message names it and says why."""


@dataclass(frozen=True)
class Sampled:
    """A file of sampled worlds, summed up.

    `outcomes` counts worlds by what became of them. `measures`: measure, unit, mean, p05 to p95, as_it_is (with all facts as they are).
    `limits`: limit, label, unit, value, missed_share (of worlds), p05, p50 and p95 of what the adopted plan reaches. `routes`, of worlds
    planned anew: route, used_share, p05, p50 and p95 of t/y in the target year. `facts` that go with failure: fact, what, unit,
    apart (means of failures and others, in standard deviations), and the share of worlds that fails in the lowest and in the
    highest fifth of its values. `failing` says in words what counts as failing, `fails_share` how many worlds do."""

    file: Path
    about: dict[str, Any]
    outcomes: dict[str, int]
    measures: pd.DataFrame
    limits: pd.DataFrame
    routes: pd.DataFrame
    facts: pd.DataFrame
    failing: str
    fails_share: float
    misses_share: float

    @property
    def sentence(self) -> str:
        """The findings in words."""
        worlds = sum(self.outcomes.values())
        found = {row["measure"]: row for row in self.measures.to_dict("records")}
        cost, tail = found["held_total_crore"], found["held_tail_shortfall"]
        if pd.isna(cost["p50"]):
            return f"None of {worlds:,} sampled worlds has an outcome."
        said = [
            f"In {worlds:,} sampled worlds (seed {self.about['seed']}) the adopted plan costs {money(cost['p50'])} a year in the middle"
            f" world, harm of shortage included, discounted, and {money(cost['p05'])} to {money(cost['p95'])} in nine of ten.",
            f"Its worst-case shortfall is {percent(tail['p50'])} of demand in the middle world and {percent(tail['p95'])} or more in one"
            " of twenty.",
        ]
        if len(self.limits):
            said.append(f"It misses a limit, if only by a little, in {percent(self.misses_share, 1)} of worlds.")
        if self.about["anew"]:
            lost = self.outcomes.get("no_mix", 0) / worlds
            said.append(f"Planned anew, no mix meets the limits in {percent(lost, 1)} of worlds.")
            regret = found["regret_crore"]["p50"]
            if not pd.isna(regret):
                said.append(
                    f"Where one does, having fixed the plan beforehand costs {money(regret)} a year in the middle world (regret)."
                )
        if len(self.facts):
            first = self.facts.iloc[0]
            said.append(
                f"Failing, that is {self.failing}, goes most with “{first['what']}”: in the fifth of worlds where it is lowest"
                f" {percent(first['fails_lowest_fifth'])} fail, where it is highest {percent(first['fails_highest_fifth'])}."
            )
        for name, why in LEFT_OUT.items():
            if self.outcomes.get(name):
                said.append(f"Left out: {count(self.outcomes[name], 'world')} {why}.")
        return " ".join(said)

    @property
    def record(self) -> dict[str, Any]:
        """All findings as JSON values."""
        tables = {
            name: json.loads(getattr(self, name).to_json(orient="records"))
            for name in ("measures", "limits", "routes", "facts")
        }
        return {
            "finding": self.sentence, "file": self.file.name, "about": self.about, "outcomes": self.outcomes, "failing": self.failing,
            "fails_share": self.fails_share, "misses_share": self.misses_share, **tables,
        }  # fmt: skip


def sampled(file: Path) -> Sampled:
    """Sum up a file of sampled worlds. Raises `SampledError` when it is none, or not yet finished."""
    if not file.is_file():
        unfinished = file.with_name(file.name + ".parts").is_dir()
        reason = (
            "it is not finished; run the same `sample` again and it goes on" if unfinished else "there is no such file"
        )
        raise SampledError(f"{file}: {reason}")
    about = question_of(file)
    if about is None or not about.keys() >= ASKED:
        raise SampledError(f"{file}: it holds no sampled worlds")
    try:
        return _summed_up(file, about)
    except duckdb.Error as error:
        raise SampledError(f"{file}: it cannot be read ({str(error).splitlines()[0]})") from None


def _summed_up(file: Path, about: dict[str, Any]) -> Sampled:
    as_it_is = about.pop("as_it_is", None) or {}
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as base:
        base.read_parquet(str(file)).create_view("worlds")
        outcomes = dict(base.execute("SELECT outcome, count(*) FROM worlds GROUP BY 1 ORDER BY 2 DESC, 1").fetchall())
        means = _each(base, f"SELECT avg(COLUMNS('{RESULTS}')) AS '\\0' FROM worlds")
        quantiles = _each(
            base, f"SELECT quantile_cont(COLUMNS('{RESULTS}'), {list(QUANTILES.values())}) AS '\\0' FROM worlds"
        )
        used = (
            _each(base, f"SELECT avg((COLUMNS('^{TONNES}') > 1e-3)::INT) AS '\\0' FROM worlds") if about["anew"] else {}
        )
        line, failing = _line(base, means["held_misses"] or 0.0)
        base.execute(f"CREATE VIEW judged AS SELECT *, {line} AS fails FROM worlds WHERE held_total_crore IS NOT NULL")
        fails = _each(base, "SELECT avg(fails::INT) AS fails FROM judged")["fails"]
        return Sampled(
            file, about, outcomes, _measures(means, quantiles, as_it_is), _limits(base, about, quantiles),
            _routes(used, quantiles), _facts(base, file), failing, fails or 0.0, means["held_misses"] or 0.0,
        )  # fmt: skip


def _each(base: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    """The one row that a query gives, by the names of its columns."""
    found = base.execute(query)
    return dict(zip([column[0] for column in found.description or ()], found.fetchone() or (), strict=True))


def _line(base: duckdb.DuckDBPyConnection, misses: float) -> tuple[str, str]:
    """What counts as failing, in SQL and in words."""
    if RARE <= misses <= 1.0 - RARE:
        return "held_misses = 1", "missing a limit"
    above = _each(base, f"SELECT quantile_cont(held_tail_shortfall, {1.0 - WORST}) AS above FROM worlds")["above"]
    above = 1.0 if above is None else float(above)
    return f"held_tail_shortfall > {above!r}", f"a worst-case shortfall above {percent(above, 1)}"


def _spread(quantiles: dict[str, Any], name: str, shown: tuple[str, ...] = tuple(QUANTILES)) -> dict[str, float | None]:
    """Quantiles of a column by name; None when it is empty throughout."""
    worth = quantiles[name] or [None] * len(QUANTILES)
    return {key: x for key, x in zip(QUANTILES, worth, strict=True) if key in shown}


def _measures(means: dict[str, Any], quantiles: dict[str, Any], as_it_is: dict[str, float]) -> pd.DataFrame:
    rows = []
    for name in means:
        if name.endswith("_reached") or name.startswith(TONNES) or name == "held_misses":
            continue
        unit = next((unit for end, unit in UNITS.items() if name.endswith(end)), "")
        rows.append(
            {
                "measure": name,
                "unit": unit,
                "mean": means[name],
                **_spread(quantiles, name),
                "as_it_is": as_it_is.get(name),
            }
        )
    return pd.DataFrame(rows)


def _limits(base: duckdb.DuckDBPyConnection, about: dict[str, Any], quantiles: dict[str, Any]) -> pd.DataFrame:
    rows = []
    for name in about["limits"]:
        lever, value, column = lever_named(name), float(about["levers"][name]), f"held_{name}_reached"
        over = f"{looser(name)} * ({column} - {value!r}) > {MISSED * (lever.high - lever.low)!r}"
        missed = _each(base, f"SELECT avg(({over})::INT) AS missed FROM worlds")["missed"]
        told = {"limit": name, "label": lever.label, "unit": lever.unit, "value": value, "missed_share": missed}
        rows.append({**told, **_spread(quantiles, column, SOME)})
    return pd.DataFrame(rows, columns=["limit", "label", "unit", "value", "missed_share", *SOME])


def _routes(used: dict[str, Any], quantiles: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"route": name.removeprefix(TONNES), "used_share": share, **_spread(quantiles, name, SOME)}
        for name, share in used.items()
    ]
    return pd.DataFrame(rows, columns=["route", "used_share", *SOME])


def _facts(base: duckdb.DuckDBPyConnection, file: Path) -> pd.DataFrame:
    """Facts whose means differ most between failures and others, and how often worlds fail at both ends of each."""
    told = {field.name: field.metadata or {} for field in pq.read_schema(file)}
    ranked = base.execute(
        f"""
        WITH long AS (UNPIVOT (SELECT fails, COLUMNS('^{FACT}') FROM judged) ON COLUMNS('^{FACT}') INTO NAME fact VALUE x),
        told AS (
            SELECT fact, avg(x) FILTER (fails) - avg(x) FILTER (NOT fails) AS apart, stddev_pop(x) AS spread,
                sqrt(var_samp(x) FILTER (fails) / count(*) FILTER (fails)
                    + var_samp(x) FILTER (NOT fails) / count(*) FILTER (NOT fails)) AS error
            FROM long GROUP BY fact
        )
        SELECT fact, apart / spread FROM told WHERE spread > 0 AND error > 0 AND abs(apart) > {CLEARLY} * error
        ORDER BY abs(apart / spread) DESC, fact LIMIT {SHOWN}
        """
    ).fetchall()
    rows = []
    for name, apart in ranked:
        x = '"' + name.replace('"', '""') + '"'
        ends = _each(
            base,
            f"""
            WITH ends AS (SELECT quantile_cont({x}, 0.2) AS low, quantile_cont({x}, 0.8) AS high FROM judged)
            SELECT avg(fails::INT) FILTER ({x} <= low) AS low, avg(fails::INT) FILTER ({x} >= high) AS high FROM judged, ends
            """,
        )
        about = told.get(name, {})
        rows.append(
            {
                "fact": name.removeprefix(FACT), "what": about.get(b"what", b"").decode(), "unit": about.get(b"unit", b"").decode(),
                "apart": apart, "fails_lowest_fifth": ends["low"], "fails_highest_fifth": ends["high"],
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["fact", "what", "unit", "apart", "fails_lowest_fifth", "fails_highest_fifth"])


__all__ = ["Sampled", "SampledError", "sampled"]
