"""Worlds small enough for pencil and paper: data folders of a few entries, written out and read by the real loader.

A `World` collects routes, sectors and events from plain numbers and turns each number into a fact. Every world also has a
far market, a foreign maker of every commodity with nothing to sell, whose prices say what a reserve is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from model.engine.worker import Worker
from model.evidence.loading import load_evidence
from model.evidence.schema import COMMODITIES, FEEDSTOCKS, MAGNETS, SETTINGS
from model.evidence.store import Evidence
from model.formulation.assembler import ORIGIN_SCORES, Assembler
from model.formulation.case import Case
from model.formulation.levers import Choice, levers
from model.formulation.reduction import StateSet
from model.results.mix import Mix

Entry = dict[str, Any]
MARKET_PRICE = 50.0
"""USD/kg of every commodity on the far market, unless a world says otherwise."""

UNITS_OF_SETTINGS = {
    "tail_share": (0.05, "share"), "first_decision_year": (2027, "calendar year"), "reserve_holding_cost": (1.0, "USD/kg"),
    "oxide_per_magnet_model": (0.4, "kg/kg"), "ndpr_oxide_2030": (100.0, "USD/kg"), "recycling_subsidy_share": (0.2, "share"),
    "magnet_incentive_years": (5, "years"), "repm_incentive_inr": (100.0, "INR/kg"), "repm_subsidy_inr": (100.0, "INR/kg"),
    "substitution_start": (0.05, "share"), "substitution_share_2030": (0.3, "share"),
    "base_other_partners_avail_2025": (10, "t/y"), "india_repm_demand_2025": (100, "t/y"),
}  # fmt: skip
"""Facts that the model asks for by name, with values that matter to some worlds. Others get 1."""


def off_choice(**values: object) -> Choice:
    """A choice without any limit: every limit lever at its off value, no reserve, the rupee at 100, no discounting."""
    off: dict[str, object] = {lever.id: lever.off for lever in levers() if lever.off is not None}
    return Choice.of({**off, "home_limit": 0, "reserve_days": 0, "rupee": 100, "discount_rate": 0, **values})


class World:
    """A data folder in the making."""

    def __init__(self, market: Mapping[str, float] | float = MARKET_PRICE, **settings: float) -> None:
        self.facts: list[Entry] = []
        self.routes: list[Entry] = []
        self.sectors: list[Entry] = []
        self.events: list[Entry] = []
        self.settings = settings
        prices = market if isinstance(market, Mapping) else dict.fromkeys(COMMODITIES, market)
        for stage, sold in (("magnet", MAGNETS), ("oxide", FEEDSTOCKS)):
            mine = {c: prices[c] for c in sold if c in prices}
            self.route(f"far_{stage}", mine, origin="Far", products=mine, stage=stage, volume=0)

    def fact(self, name: str, value: float, unit: str) -> str:
        """A new fact; its id."""
        self.facts.append(
            {
                "id": name, "about": "paper", "what": name.replace("_", " "), "value": value, "unit": unit, "year": 2026,
                "source": {"body": "Paper", "title": "A case for pencil and paper"}, "confidence": "high",
            }
        )  # fmt: skip
        return name

    def path(self, name: str, value: float | Mapping[int, float], unit: str) -> dict[int, str]:
        """A path of new facts from a number or from numbers by year."""
        points = value if isinstance(value, Mapping) else {2030: value}
        return {year: self.fact(f"{name}_{year}", number, unit) for year, number in points.items()}

    def route(
        self,
        name: str,
        price: Mapping[str, float] | float,
        volume: float | Mapping[int, float] | None = None,
        origin: str = "China",
        products: Iterable[str] = ("ndfeb",),
        stage: str = "magnet",
        pay: float = 0.0,
        carbon: float = 0.0,
        feed: Mapping[str, Mapping[str, float]] | None = None,
        build: Mapping[str, Any] | None = None,
        at_most: Mapping[str, float] | None = None,
        **more: Any,
    ) -> World:
        """Add a route. Prices in USD/kg, or in INR/kg for Indian ones; `build` has most (t/y), year, capex (INR/kg), life
        (years), and optionally use (share), pace (shares of `most` by year), lever, lever_is and scheme."""
        money = "INR/kg" if origin == "India" else "USD/kg"
        prices = price if isinstance(price, Mapping) else {"average": price}
        entry: Entry = {
            "id": name, "name": name, "short": name, "plain": "On paper.", "origin": origin, "stage": stage,
            "products": list(products), "colour": "#000000", "site": "somewhere", "port": "somewhere",
            "made_in_india": origin == "India" and stage != "substitute",
            "price": {c: self.path(f"{name}_price_{c}", p, money) for c, p in prices.items()},
            "take_or_pay": self.fact(f"{name}_pay", pay, "share"),
            "carbon": {"average": self.fact(f"{name}_carbon", carbon, "kgCO2e/kg")}, "today": "none", **more,
        }  # fmt: skip
        if volume is not None:
            entry["volume"] = self.path(f"{name}_volume", volume, "t/y")
        if feed:
            entry["feed"] = {
                m: {f: self.fact(f"{name}_{f}_per_{m}", x, "kg/kg") for f, x in feeds.items()}
                for m, feeds in feed.items()
            }
        if at_most:
            entry["at_most"] = {c: self.fact(f"{name}_{c}_share", x, "share") for c, x in at_most.items()}
        if build:
            pace = build.get("pace", (1.0,))
            entry["build"] = {
                "ceiling": self.fact(f"{name}_most", build["most"], "t/y"),
                "first_year": self.fact(f"{name}_first", build["year"], "calendar year"),
                "ramp": [self.fact(f"{name}_pace_{i}", x, "share") for i, x in enumerate(pace)],
                "capex": self.fact(f"{name}_capex", build["capex"], "INR/kg"),
                "life": self.fact(f"{name}_life", build["life"], "years"),
                **{key: build[key] for key in ("lever", "lever_is", "scheme") if key in build},
            }
            if "use" in build:
                entry["build"]["utilisation"] = self.fact(f"{name}_use", build["use"], "share")
        self.routes.append(entry)
        return self

    def sector(
        self,
        name: str,
        demand: float | Mapping[int, float],
        penalty: float,
        split: Mapping[str, float] | None = None,
        **more: Any,
    ) -> World:
        """Add a sector: demand in t/y, penalty in USD/kg, `split` the shares of magnets other than light NdFeB."""
        self.sectors.append(
            {
                "id": name, "name": name, "plain": "On paper.", "demand": self.path(f"{name}_demand", demand, "t/y"),
                "split": {m: self.path(f"{name}_share_{m}", x, "share") for m, x in (split or {}).items()},
                "penalty": self.fact(f"{name}_penalty", penalty, "USD/kg"), **more,
            }
        )  # fmt: skip
        return self

    def event(
        self,
        name: str,
        probability: float,
        cuts: Mapping[str, float] | None = None,
        times: Mapping[str, float] | None = None,
        months: float = 12,
        group: str | None = None,
        only_new_plants: bool = False,
    ) -> World:
        """Add an event: cuts and price multipliers by route."""
        self.events.append(
            {
                "id": name, "group": group or name, "name": name, "plain": "On paper.",
                "probability": self.fact(f"{name}_chance", probability, "probability per year"),
                "months": self.fact(f"{name}_months", months, "months"),
                "cuts": [
                    {"routes": [r], "share": self.fact(f"{name}_cut_{r}", x, "share"), "only_new_plants": only_new_plants}
                    for r, x in (cuts or {}).items()
                ],
                "prices": [
                    {"routes": [r], "times": self.fact(f"{name}_times_{r}", x, "ratio"), "only_new_plants": only_new_plants}
                    for r, x in (times or {}).items()
                ],
            }
        )  # fmt: skip
        return self

    def write(self, folder: Path) -> Path:
        """Write the data folder; its path."""
        scores = [name for names in ORIGIN_SCORES.values() for name in names]
        for name in dict.fromkeys((*SETTINGS, *scores, "wgi_russia", *self.settings)):
            value, unit = UNITS_OF_SETTINGS.get(name, (1.0, SETTINGS[name][0] if name in SETTINGS else "index"))
            self.fact(name, self.settings.get(name, value), unit)
        if not self.events:
            self.event("nothing_much", 0.0, {"far_magnet": 0.0})
        place = {"name": "Somewhere", "country": "India", "stage": "port", "lat": 20, "lon": 80}
        source = {"body": "Paper", "title": "A case for pencil and paper"}
        files: dict[str, list[Entry]] = {
            "facts/paper": self.facts,
            "routes": self.routes,
            "sectors": self.sectors,
            "events": self.events,
            "sites": [{"id": "somewhere", **place}],
            "presets": [{"id": "plain", "name": "Plain", "story": "As it is.", "facilitator": "Look.", "levers": {}}],
            "commodities": [{"id": c, "name": c, "short": c, "plain": c} for c in COMMODITIES],
            "notes": [
                {"id": "paper", "about": "paper", "text": "-", "year": 2026, "source": source, "confidence": "high"}
            ],
            "derived": [
                {
                    "id": "two_tails",
                    "about": "paper",
                    "what": "-",
                    "unit": "share",
                    "formula": "2 * tail_share",
                    "note": "-",
                }
            ],
        }
        (folder / "facts").mkdir(parents=True, exist_ok=True)
        for name, entries in files.items():
            (folder / f"{name}.yaml").write_text(yaml.safe_dump(entries, sort_keys=False), encoding="utf-8")
        return folder

    def evidence(self, folder: Path) -> Evidence:
        """The world as evidence, through the real loader."""
        return load_evidence(self.write(folder))


def case_of(evidence: Evidence, choice: Choice | None = None, years: tuple[int, ...] = (2030,)) -> Case:
    """The case of a choice (no limits unless it says so) with all states of the evidence."""
    return Assembler(evidence, StateSet(evidence, None), years).case(choice or off_choice())


def solved(evidence: Evidence, choice: Choice | None = None, years: tuple[int, ...] = (2030,)) -> Mix:
    """The optimal mix of `case_of`, solved without reference mixes. Raises `Infeasible`."""
    chosen = choice or off_choice()
    case = case_of(evidence, chosen, years)
    worker = Worker(case)
    return worker.mix(case, chosen, worker.solve(case))


def yearly_crore(mix: Mix) -> tuple[float, float, float]:
    """Total, bill and harm in INR crore a year, added up row by row from the table of years: each year from 2027 on weighs what its
    discount factor says, and the stock left at the end is taken off the bill."""
    factor = 1 + mix.choice.discount_rate / 100
    weighed = [(factor ** -(row.year - 2026), row) for row in mix.years.itertuples() if row.year >= 2027]
    bill = sum(w * (row.supply_kusd + row.annuity_kusd + row.reserve_kusd) for w, row in weighed) - mix.credit_kusd
    harm = sum(w * row.shortage_kusd for w, row in weighed)
    crore = mix.choice.rupee / 1e4 / sum(w for w, _ in weighed)
    return (bill + harm) * crore, bill * crore, harm * crore


def planned(mix: Mix, route: str, commodity: str = "ndfeb") -> float:
    """Plan of one route in the first year, t."""
    return float(mix.plan[mix.case.routes.index(route), COMMODITIES.index(commodity), 0])


def delivered(mix: Mix, route: str, commodity: str = "ndfeb") -> list[float]:
    """Deliveries of one route in the first year by state, t."""
    found = mix.deliver[mix.case.routes.index(route), COMMODITIES.index(commodity), 0]
    return [round(float(x), 6) for x in found]


def small_world() -> World:
    """All kinds of routes and levers in one small world of ten years, for tests that solve hundreds of times."""
    world = World(
        market={"ndfeb": 60, "ndfeb_hc": 75, "smco": 120, "ndpr_oxide": 100, "dytb_oxide": 400, "sm_oxide": 30}
    )
    plants = {
        "most": 400,
        "year": 2029,
        "capex": 9000,
        "life": 20,
        "use": 0.9,
        "pace": (0.25, 0.25, 0.25),
        "scheme": "magnet",
    }
    world.route(
        "plants", 2000, 0, "India", ("ndfeb", "ndfeb_hc"), pay=0.6, carbon=10,
        feed={"ndfeb": {"ndpr_oxide": 0.4}, "ndfeb_hc": {"ndpr_oxide": 0.35, "dytb_oxide": 0.02}},
        build={**plants, "lever": "plants_capacity", "lever_is": "capacity"},
    )  # fmt: skip
    world.route(
        "recycled", 4000, None, "India", ("ndfeb", "ndfeb_hc"), pay=0.6, carbon=3,
        build={"most": 60, "year": 2028, "capex": 4000, "life": 15, "pace": (0.3,), "scheme": "recycling",
               "lever": "recycling", "lever_is": "percent"},
    )  # fmt: skip
    world.route(
        "joint", 55, None, "China", ("ndfeb", "ndfeb_hc"), pay=0.6, carbon=25, price_lever="china_price",
        build={"most": 100, "year": 2029, "capex": 3000, "life": 20, "lever": "joint_venture", "lever_is": "switch"},
    )  # fmt: skip
    world.route("saved", 7000, 0, "India", ("ndfeb", "ndfeb_hc"), stage="substitute", volume_lever="substitution")
    world.route(
        "japan", {"ndfeb": 80, "ndfeb_hc": 95, "smco": 150}, {2026: 60, 2030: 120, 2035: 200}, "Japan",
        ("ndfeb", "ndfeb_hc", "smco"), pay=0.7, carbon=20, volume_lever="partner_allocation", today="partner", follows_oxide=True,
    )  # fmt: skip
    world.route(
        "china", {"ndfeb": 50, "ndfeb_hc": 65, "smco": 110}, {2026: 500, 2035: 1300}, "China", ("ndfeb", "ndfeb_hc", "smco"),
        pay=0.3, carbon=30, volume_lever="china_flow", price_lever="china_price", today="fills", follows_oxide=True,
    )  # fmt: skip
    world.route(
        "home_oxide", {"ndpr_oxide": 8000, "sm_oxide": 2000}, 40, "India", ("ndpr_oxide", "sm_oxide"), "oxide", pay=0.6,
        at_most={"sm_oxide": 0.1}, today="feeds",
        build={"most": 80, "year": 2029, "capex": 5000, "life": 20, "scheme": "mission"},
    )  # fmt: skip
    world.route(
        "steppe",
        {"ndpr_oxide": 105},
        0,
        "Kazakhstan",
        ("ndpr_oxide",),
        "oxide",
        pay=0.7,
        volume_lever="central_asia_volume",
    )
    world.route(
        "china_oxide", {"ndpr_oxide": 98, "dytb_oxide": 380, "sm_oxide": 20}, 300, "China",
        ("ndpr_oxide", "dytb_oxide", "sm_oxide"), "oxide", pay=0.3, volume_lever="china_flow", price_lever="china_price",
        today="feeds",
    )  # fmt: skip
    world.sector("scooters", {2026: 250, 2035: 700}, 375, {"ndfeb_hc": 0.3}, substitutable=True)
    world.sector("cars", {2026: 250, 2035: 500}, 2000, {"ndfeb_hc": 0.7})
    world.sector("guards", {2026: 20, 2035: 30}, 5000, {"ndfeb_hc": 0.4, "smco": 0.4}, vital=True)
    world.event(
        "squeeze", 0.2, {"china": 0.5, "china_oxide": 0.5, "joint": 0.5}, {"china": 1.3, "japan": 1.2}, 7, "regime"
    )
    world.event("embargo", 0.04, {"china": 0.95, "china_oxide": 0.95, "joint": 0.95}, {"japan": 1.6}, 18, "regime")
    world.event("late", 0.2, {"plants": 0.5, "joint": 0.5}, only_new_plants=True)
    return world


def years_of(case: Case, chosen: Iterable[int]) -> np.ndarray:
    """Positions of some years in a case."""
    return np.array([case.years.index(year) for year in chosen])
