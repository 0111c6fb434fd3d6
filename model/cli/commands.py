"""The verbs of the command line: each takes its arguments and a way to an engine, and says what to print and how to end."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from model.analyses import EXPLORATIONS, explore
from model.analysis.explain.infeasibility import explain_clash
from model.cli.arguments import BadArgument, as_json, choice_of, contents, edits_of, option, target, write
from model.cli.progress_bar import bar
from model.engine.active_limits import NoMix
from model.engine.engine import Answer, Engine
from model.evidence.schema import Edit
from model.evidence.story import load_story
from model.evidence.user_edits import own_lines, own_numbers
from model.export.brief.html import brief_html
from model.export.brief.pdf import brief_pdf
from model.export.brief.text import words
from model.export.files import case_json, marked, mix_csv, no_mix_json, scenario_yaml, solve_json, workbook
from model.export.pack.pack import pack as make_pack
from model.export.pack.verify import PACK_BYTES, BadPack, stated, unpacked
from model.export.pack.verify import verify as verify_pack
from model.formulation.levers import Choice
from model.provenance import versions
from model.results.indicators import INDICATORS

SOLVED, FAILED, BAD_INPUT, NO_MIX, MOVED, STOPPED = 0, 1, 2, 3, 4, 130
"""Exit statuses: done; the solver gave up; bad input; no mix meets the limits; a pack no longer holds; stopped by hand."""


class Start(Protocol):
    """Makes an engine for a data folder, with own numbers in place of some of its facts."""

    def __call__(self, folder: str, edits: tuple[Edit, ...] = (), /) -> Engine:
        """The engine. Raises `InputError`."""


@dataclass(frozen=True)
class Said:
    """How a verb ended: its exit status, what goes to the output, and one line of complaint."""

    status: int
    text: str = ""
    complaint: str = ""


@dataclass(frozen=True)
class Verb:
    """One verb: its help, what it does, the endings that --out may have, whether levers can be set, and options of its own."""

    help: str
    run: Callable[[argparse.Namespace, Start], Said]
    out: tuple[str, ...] = ()
    levers: bool = True
    options: Callable[[argparse.ArgumentParser], object] = lambda _: None


def engine_for(arguments: argparse.Namespace, start: Start) -> Engine:
    """The engine on the data folder of the arguments, with the own numbers of their scenario. Raises `InputError`."""
    return start(arguments.data, edits_of(arguments))


def stands_on(engine: Engine, choice: Choice) -> dict[str, Any]:
    """What a result stands on: own numbers, versions of data and model, digest."""
    return {"own_numbers": own_numbers(engine.evidence), **versions(engine.evidence, choice)}


# -- the mix ---------------------------------------------------------------------------------------------------------


def solve(arguments: argparse.Namespace, start: Start) -> Said:
    """The cheapest mix within the limits, as a table, as JSON or as a file."""
    out, choice = target(arguments.out, VERBS["solve"].out), choice_of(arguments)
    engine = engine_for(arguments, start)
    evidence = engine.evidence
    try:
        answer = engine.answer(choice)
    except NoMix as error:
        return _no_mix(error, arguments, choice, engine)
    make: dict[str, Callable[[], bytes]] = {
        ".csv": lambda: mix_csv(answer.mix, evidence),
        ".xlsx": lambda: workbook(answer, evidence),
        ".yaml": lambda: scenario_yaml(answer.mix, evidence).encode(),
        ".json": lambda: as_json(solve_json(answer, evidence)),
    }
    if out:
        write(out, make[out.suffix.lower()]())
    if arguments.json:
        return Said(SOLVED, as_json(solve_json(answer, evidence)).decode())
    return Said(SOLVED, summary(answer, engine) + (f"\n\nWritten to {out}.\n" if out else "\n"))


def _no_mix(error: NoMix, arguments: argparse.Namespace, choice: Choice, engine: Engine) -> Said:
    clash = explain_clash(engine, choice)
    ways = [asdict(way) for way in clash.ways]
    record = {
        **no_mix_json(error, choice, engine.evidence),
        "clash": list(clash.levers),
        "ways_out": ways,
        "joint_way_out": [asdict(way) for way in clash.joint],
    }
    out = [way.sentence for way in clash.ways] or [clash.joint_sentence or "none found"]
    text = as_json(record).decode() if arguments.json else ""
    return Said(NO_MIX, text, f"{error} {clash.sentence} Smallest ways out: {'; or '.join(out)}.")


def case(arguments: argparse.Namespace, start: Start) -> Said:
    """Every set and number of the linear program."""
    out, choice = target(arguments.out, VERBS["case"].out), choice_of(arguments)
    engine = engine_for(arguments, start)
    record = case_json(engine, choice)
    if out:
        write(out, as_json(record, None))
    if arguments.json:
        return Said(SOLVED, as_json(record, None).decode())
    sizes = ", ".join(f"{len(value):,} {name}" for name, value in record.items() if isinstance(value, list))
    own = "".join(f"{line}\n" for line in own_lines(engine.evidence))
    return Said(
        SOLVED, f"The case: {sizes}.\n{own}" + (f"Written to {out}.\n" if out else "Add --json to see every number.\n")
    )


# -- files to keep ---------------------------------------------------------------------------------------------------


def brief(arguments: argparse.Namespace, start: Start) -> Said:
    """The one-page brief as PDF or HTML, or what it says as JSON."""
    out, choice = _needed(arguments, "brief"), choice_of(arguments)
    engine = engine_for(arguments, start)
    try:
        answer = engine.answer(choice)
    except NoMix as error:
        return _no_mix(error, arguments, choice, engine)
    said = words(engine, answer, date.today())
    if out:
        write(out, {".pdf": brief_pdf, ".html": brief_html}[out.suffix.lower()](engine, answer))
    if arguments.json:
        return Said(SOLVED, as_json({**said.record, **stands_on(engine, choice)}).decode())
    return Said(SOLVED, "\n".join([said.headline, *own_lines(engine.evidence), "", f"Written to {out}.", ""]))


def pack(arguments: argparse.Namespace, start: Start) -> Said:
    """The pack: everything about one answer in a .zip."""
    out, choice = _needed(arguments, "pack"), choice_of(arguments)
    engine = engine_for(arguments, start)
    try:
        content = make_pack(engine, choice)
    except NoMix as error:
        return _no_mix(error, arguments, choice, engine)
    if out:
        write(out, content)
    record = {"bytes": len(content), **stands_on(engine, choice)}
    if arguments.json:
        return Said(SOLVED, as_json(record).decode())
    lines = [f"A pack of {len(content):,} bytes, digest {record['digest']}.", *own_lines(engine.evidence)]
    return Said(SOLVED, "\n".join([*lines, f"Written to {out}.", ""]))


def _needed(arguments: argparse.Namespace, verb: str) -> Path | None:
    """Where to write; only with --json may it be left out."""
    if arguments.out is None and not arguments.json:
        raise BadArgument(f"--out: {verb} needs a file to write, its name ending in {' or '.join(VERBS[verb].out)}")
    return target(arguments.out, VERBS[verb].out)


def verify(arguments: argparse.Namespace, start: Start) -> Said:
    """Whether a pack still holds, and what moved if not."""
    file = Path(arguments.pack)
    content = contents(file, PACK_BYTES, "PACK")
    try:
        own = stated(unpacked(content)).edits  # before the engine is made, so that what is no pack is refused at once
        verdict = verify_pack(start(arguments.data, own), content)
    except BadPack as error:
        raise BadArgument(f"PACK {file}: {error}") from None
    if arguments.json:
        text = as_json(verdict.record).decode()
    else:
        text = "\n".join([verdict.sentence, *(f"- {line}" for line in verdict.moved)]) + "\n"
    return Said(SOLVED if verdict.holds else MOVED, text)


def _pack_file(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("pack", metavar="PACK", help="a .zip that `pack` wrote")


# -- around the mix --------------------------------------------------------------------------------------------------


def exploration(name: str, arguments: argparse.Namespace, start: Start) -> Said:
    """One of the explorations by its name."""
    out, choice = target(arguments.out, VERBS[name].out), choice_of(arguments)
    options = dict(option(text) for text in arguments.options)
    engine = engine_for(arguments, start)
    try:
        found = explore(name, engine, choice, bar, **options)
    except NoMix as error:
        return _no_mix(error, arguments, choice, engine)
    record = {"finding": found.sentence, **stands_on(engine, choice)} | {
        table: json.loads(frame.to_json(orient="records")) for table, frame in found.tables.items()
    }
    if out:
        table = marked(found.frame, engine.evidence).to_csv(index=False, lineterminator="\n").encode()
        write(out, table if out.suffix.lower() == ".csv" else as_json(record))
    if arguments.json:
        return Said(SOLVED, as_json(record).decode())
    more = f"Written to {out}." if out else f"\n{found.frame.to_string(index=False, max_rows=40)}"
    return Said(SOLVED, "\n".join([found.sentence, *own_lines(engine.evidence), more, ""]))


# -- data ------------------------------------------------------------------------------------------------------------


def check_data(arguments: argparse.Namespace, start: Start) -> Said:
    """Read a data folder and say whether it can be used."""
    evidence = start(arguments.data).evidence
    load_story(evidence)
    counts: dict[str, Any] = {
        "facts": len(evidence.facts),
        "assumptions": sum(fact.assumption for fact in evidence.facts.values()),
        **{name: len(getattr(evidence, name)) for name in ("routes", "sectors", "events", "sites")},
        "data_version": evidence.version,
    }
    if arguments.json:
        return Said(SOLVED, as_json(counts).decode())
    said = (
        "The data can be used: {facts:,} facts ({assumptions} of them analyst assumptions), {routes} routes, {sectors} sectors,"
        " {events} events, {sites} sites. Version {data_version}.\n"
    )
    return Said(SOLVED, said.format(**counts))


# -- for people ------------------------------------------------------------------------------------------------------


def summary(answer: Answer, engine: Engine) -> str:
    """The answer as a short table: indicators beside today's course and the cheapest mix, and the mix in the target year."""
    mix, evidence = answer.mix, engine.evidence
    year = int(mix.choice.target_year)
    changed = [f"{name}={mix.choice.values()[name]}" for name in mix.choice.differences(Choice())]
    lines = [
        f"Optimal mix, {mix.proof.solver}, data {evidence.version}, {', '.join(changed) or 'all levers at their defaults'}",
        *own_lines(evidence),
        "",
        f"{'':28}{'this mix':>12}{'today':>12}{'cheapest':>12}",
    ]
    for indicator in INDICATORS:
        share = indicator.unit.startswith("share")
        cells = "".join(
            f"{(100 if share else 1) * m.indicators[indicator.id] + 0.0:>12,.1f}"
            for m in (mix, answer.today, answer.cheapest)
        )
        lines.append(
            f"{indicator.label:28}{cells}  {indicator.unit.replace('share', '%') if share else indicator.unit}"
        )
    lines += ["", f"{f'Mix in {year}, t/y':60}{'planned':>10}{'expected':>10}{'undisturbed':>13}"]
    rows = mix.table[mix.table["year"] == year].sort_values("planned_t", ascending=False)
    for row in rows.to_dict("records"):
        name = f"{evidence.routes[row['route']].name}: {evidence.commodities[row['commodity']].short}"
        volumes = row["planned_t"], row["delivered_expected_t"], row["delivered_undisturbed_t"]
        lines.append(f"{name:60}{volumes[0]:>10,.1f}{volumes[1]:>10,.1f}{volumes[2]:>13,.1f}")
    return "\n".join(lines)


# -- the table of verbs ----------------------------------------------------------------------------------------------


def _with(names: tuple[str, ...], sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--with", metavar="NAME=VALUE", action="append", default=[], dest="options",
        help=f"an option of this exploration, several values with commas: {', '.join(names) or 'it has none'}",
    )  # fmt: skip


VERBS: Mapping[str, Verb] = {
    "solve": Verb(
        "find the cheapest mix within the limits and show it or write it to a file", solve, (".csv", ".xlsx", ".yaml", ".json")
    ),
    "case": Verb("write every set and number of the linear program, so that anybody can rebuild it", case, (".json",)),
    **{
        name: Verb(
            f"explore around the mix: {name}; writes its main table", partial(exploration, name), (".csv", ".json"),
            options=partial(_with, options),
        )
        for name, (_, options) in EXPLORATIONS.items()
        if name != "sample"  # a verb of its own: `sample_verbs`
    },
    "brief": Verb("write the one-page brief (A4)", brief, (".pdf", ".html")),
    "pack": Verb("write everything about one answer into a .zip that stands on its own", pack, (".zip",)),
    "verify": Verb("solve a pack anew and say whether it still holds", verify, levers=False, options=_pack_file),
    "check-data": Verb("read a data folder and say whether it can be used", check_data, levers=False),
}  # fmt: skip
"""Every verb by its name, in the order of the help."""
