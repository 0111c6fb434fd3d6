"""The sourcing model: evidence to case to linear program to mix. No part of it knows the screen.

What a script needs stands at this door, and is fetched from its room when it is first used:

>>> from model import Choice, Engine, NoMix, load_evidence
>>> engine = Engine(load_evidence())                      # reads and checks data/, about a second
>>> choice = Choice(china_limit=70, shortfall_limit=30)   # every other lever at its default
>>> answer = engine.answer(choice)                        # the mix, the cheapest mix, today's course
>>> answer.mix.status
'optimal'
>>> round(100 * answer.mix.indicators["china_share"])     # per cent of demand, at most what was asked
70
>>> answer.mix.total_kusd >= answer.cheapest.total_kusd   # limits never make a plan cheaper
True
>>> sorted(answer.mix.table.columns)
['commodity', 'cost_usd_per_kg', 'delivered_expected_t', 'delivered_undisturbed_t', 'planned_t', 'route', 'year']

Bad input is one sentence that names the lever, and limits that clash are told apart from errors:

>>> Choice(china_limit=170)
Traceback (most recent call last):
...
model.formulation.levers.LeverError: lever china_limit: 170 lies outside 0 to 100 % of demand
>>> try:
...     engine.answer(Choice(china_limit=0, shortfall_limit=0, target_year=2028))
... except NoMix as clash:
...     print(clash.limits)
('china_limit', 'shortfall_limit')

What binds, in words (INR crore a year), and what else can be asked:

>>> from model import limits_in_words
>>> from model.analyses import explore
>>> [report.lever for report in limits_in_words(engine, answer) if report.binding][:1]
['china_limit']
>>> explore("frontier", engine, choice, points=3, china_limits=(70,)).frame["china_limit_pct"].unique().tolist()
[70.0]

Files to take away are bytes, made from the same answer:

>>> from model import brief_pdf, pack, verify, workbook
>>> workbook(answer, engine.evidence)[:2], brief_pdf(engine, answer)[:4]
(b'PK', b'%PDF')
>>> verify(engine, pack(engine, choice)).holds
True
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.2.0"
"""Version of the model: it enters every digest, so a change that moves results moves this number."""

DOOR = {
    "analyses": ("EXPLORATIONS",),
    "analysis.explain.binding_limits": ("limits_in_words",),
    "analysis.explain.bottlenecks": ("bottlenecks",),
    "analysis.explain.infeasibility": ("explain_clash",),
    "analysis.validation.case_record": ("case_json",),
    "analysis.validation.second_solver": ("proof_in_words", "second_opinion"),
    "engine.active_limits": ("NoMix",),
    "engine.engine": ("Answer", "Engine", "build_engine"),
    "errors": ("EvidenceError", "InputError", "SolverFailed"),
    "evidence.loading": ("load_evidence",),
    "evidence.store": ("Evidence",),
    "export.brief.html": ("brief_html",),
    "export.brief.pdf": ("brief_pdf",),
    "export.files": ("mix_csv", "scenario_yaml", "solve_json"),
    "export.pack.pack": ("pack",),
    "export.pack.verify": ("Verdict", "verify"),
    "export.workbook.workbook": ("workbook",),
    "formulation.levers": ("Choice", "Lever", "LeverError", "lever_named", "read_scenario"),
    "provenance": ("digest",),
    "results.indicators": ("INDICATORS",),
    "results.mix": ("Mix",),
}
"""Modules with the names that they give out here."""

_ROOM_OF = {name: room for room, names in DOOR.items() for name in names}
__all__ = ["DOOR", "__version__", *_ROOM_OF]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'model' has no name {name!r}")
    return getattr(import_module(f"model.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
