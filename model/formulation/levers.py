"""The levers: everything a person can set, each declared once with its label, unit, range, default and help.

A `Choice` is one setting of all levers. It is frozen and hashable, so that it can key a cache, travel in a link and be
compared. Ranges are the reach of a slider; what is likely or sensible is said in words and in the facts that a lever names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cache
from typing import Any, Literal

from model.errors import InputError
from model.evidence.loading import read_yaml
from model.evidence.store import Evidence
from model.formulation.case import BUDGETS, LIMITS

Group = Literal["limits", "world", "programmes"]
Nature = Literal["policy", "assumption"]
Value = float | int | bool | str

AIMS = {
    "cost": "Least cost",
    "shortfall": "Least shortfall in bad years",
    "china": "Least dependence on China",
}

NEAR = 0.6
"""So alike a misspelt lever is to one that it may mean, 0 to 1 as `difflib` measures."""
SCENARIO_BYTES = 1 << 18
"""A scenario file longer than this is refused unread."""


class LeverError(InputError):
    """A lever that does not exist or a value that it cannot take; the message names the lever."""


@dataclass(frozen=True)
class Lever:
    """One thing a person can set. `nature`: policy, which India decides, or an assumption about the world, about others, or about how well
    something goes. `off` is the value at which a limit does not apply."""

    label: str
    unit: str
    low: float
    high: float
    step: float
    group: Group
    nature: Nature
    sensible: str
    help: str
    facts: tuple[str, ...] = ()
    off: float | None = None
    front: bool = False
    kind: Literal["number", "switch", "option"] = "number"
    options: tuple[str, ...] = ()
    id: str = ""
    default: Value = 0.0

    def check(self, value: object) -> Value:
        """The value in the lever's own type. Raises `LeverError` naming the lever when it is of another type or out of range."""
        if self.kind == "switch":
            if isinstance(value, bool):
                return value
            if isinstance(value, str) and value.lower() in {"true", "on", "yes", "1", "false", "off", "no", "0"}:
                return value.lower() in {"true", "on", "yes", "1"}
            raise LeverError(f"lever {self.id}: {_shown(value)} is neither on nor off")
        if self.kind == "option":
            if isinstance(value, str) and value in self.options:
                return value
            raise LeverError(f"lever {self.id}: {_shown(value)} is none of {', '.join(self.options)}")
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise LeverError(f"lever {self.id}: {_shown(value)} is not a number")
        try:
            number = float(value)
        except (ValueError, OverflowError):
            raise LeverError(f"lever {self.id}: {_shown(value)} is not a number") from None
        if not self.low <= number <= self.high:
            raise LeverError(
                f"lever {self.id}: {_shown(value)} lies outside {self.low:g} to {self.high:g} {self.unit}".rstrip()
            )
        if self.whole and not number.is_integer():
            raise LeverError(f"lever {self.id}: {_shown(value)} is not a whole year")
        return round(number, 9) + 0.0

    @property
    def whole(self) -> bool:
        """Whether only whole numbers can be set: years and numbers of years."""
        return self.unit in ("year", "years")

    def is_off(self, value: Value) -> bool:
        """Whether this value means that the limit does not apply."""
        return self.off is not None and value == self.off


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python does not write out a whole number of thousands of digits
        text = "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


def _lever(
    default: Value,
    label: str,
    unit: str,
    low: float,
    high: float,
    step: float,
    group: Group,
    nature: Nature,
    **more: Any,
) -> Any:
    return field(
        default=default, metadata={"lever": Lever(label, unit, low, high, step, group, nature, default=default, **more)}
    )


def _switch(default: bool, label: str, group: Group, nature: Nature, **more: Any) -> Any:
    return _lever(default, label, "", 0, 1, 1, group, nature, kind="switch", **more)


@dataclass(frozen=True)
class Choice:
    """One setting of all levers. Raises `LeverError`, naming the lever, when a value is out of range."""

    china_limit: float = _lever(
        60.0, "Dependence on China at most", "% of demand", 0, 100, 1, "limits", "policy",
        off=100, front=True, facts=("eu_crma_single_country", "china_share_magnets", "metal_pm_china_share_value"),
        sensible="65 is the European Union's line for any one country; about 90 is where India stands today.",
        help="The share of India's magnet demand that may rest on China from the target year on: Chinese magnets, magnets of a"
        " Chinese joint venture, and Indian magnets that need Chinese oxide. 100 means no limit.",
    )  # fmt: skip
    shortfall_limit: float = _lever(
        20.0, "Worst-case shortfall at most", "% of demand", 0, 100, 1, "limits", "policy",
        off=100, front=True, facts=("china_exports_to_india_fall_2025", "apr2025_world_trough", "tail_share"),
        sensible="10 to 20: in mid-2025 a few months of missing licences stopped several vehicle lines.",
        help="How much of demand may go unserved on the average of the worst 5 % of outcomes of any year from the target year"
        " on (conditional value at risk). 100 means no limit.",
    )  # fmt: skip
    target_year: float = _lever(
        2030, "Limits hold from", "year", 2028, 2035, 1, "limits", "policy", front=True,
        facts=("repm_first_output_year", "repm_gestation"),
        sensible="2030: the first year in which new Indian plants can have run for two years.",
        help="The first year in which the limits must hold, and all years after it.",
    )  # fmt: skip
    premium_limit: float = _lever(
        100.0, "Cost over the cheapest mix at most", "%", 0, 100, 1, "limits", "policy", off=100, front=True,
        facts=("exchina_magnet_premium_pct", "expremium_nonchina"),
        sensible="15 to 20 is what Korean buyers accept for magnets made outside China.",
        help="How much dearer than the cheapest mix the whole plan may be over ten years, the cost of expected shortage"
        " included. 100 means no limit.",
    )  # fmt: skip
    country_limit: float = _lever(
        100.0, "Dependence on any one country at most", "% of demand", 0, 100, 1, "limits", "policy", off=100,
        facts=("eu_crma_single_country",),
        sensible="65 is the European Union's benchmark for 2030.",
        help="The same limit for every foreign country or group of countries, China among them. 100 means no limit.",
    )  # fmt: skip
    investment_limit: float = _lever(
        30000.0, "Investment in plants at most", "INR crore", 0, 30000, 250, "limits", "policy", off=30000,
        facts=("repm_capex_dae", "repm_outlay", "ncmm_budget"),
        sensible="About 5,000 builds the 6,000 t/y of the magnet scheme at the published cost.",
        help="Capital for plants on Indian soil over 2027 to 2035, public and private together. 30,000 means no limit.",
    )  # fmt: skip
    home_limit: float = _lever(
        0.0, "Made in India at least", "% of demand", 0, 100, 1, "limits", "policy",
        facts=("repm_capacity_target", "eu_crma_processing"),
        sensible="40 is the European Union's benchmark for processing at home.",
        help="Share of demand that magnets made in India must deliver on average from the target year on, recycled magnets and a"
        " joint venture included.",
    )  # fmt: skip
    carbon_limit: float = _lever(
        60.0, "Carbon footprint at most", "kgCO2e per kg", 5, 60, 1, "limits", "policy", off=60,
        facts=("footprint_china", "footprint_india", "recycled_magnet_footprint"),
        sensible="About 30 is a Chinese magnet; a recycled one is near 2.",
        help="Greenhouse gases of the contracted supply for each kg of magnet needed, from the target year on. 60 means no limit.",
    )  # fmt: skip
    concentration_limit: float = _lever(
        10.0, "Governance-weighted dependence at most", "score 0-10", 0, 10, 0.5, "limits", "policy", off=10,
        facts=("wgi_china", "wgi_kazakhstan", "wgi_japan", "wgi_australia"),
        sensible="Below 4: today's course, nearly all from China, scores more than 5.",
        help="Dependence on each foreign country weighted by the World Bank's political stability score turned so that 10 is worst,"
        " summed. A straight-line cousin of the European supply-risk score. 10 means no limit.",
    )  # fmt: skip
    vital_limit: float = _lever(
        100.0, "Shortage of defence and medical users at most", "% of their demand", 0, 100, 1, "limits", "policy", off=100,
        facts=("penalty_defence", "china_license_actual_days_india_first"),
        sensible="0: Chinese licences exclude military use, so these users need other sources first.",
        help="In every state of the world from the target year on. 100 means no limit.",
    )  # fmt: skip
    reserve_days: float = _lever(
        60.0, "Strategic reserve up to", "days of demand", 0, 180, 5, "limits", "policy", front=True,
        facts=("stockpile_days", "stockpile_budget", "japan_stock_60_180"),
        sensible="60 is India's plan; Japan holds 60 to 180.",
        help="The most that the reserve may hold of each magnet, in days of that year's demand, and of each oxide, in days of the"
        " plants' use. The plan buys less when less is worth it.",
    )  # fmt: skip
    magnet_budget: float = _lever(
        7280.0, "Magnet scheme budget", "INR crore", 0, 20000, 40, "limits", "policy", off=20000,
        facts=("repm_outlay", "repm_incentive_cap", "repm_capital_subsidy"),
        sensible="7,280 is the outlay that the Cabinet approved in November 2025.",
        help="Public money for magnet plants: five years of sales incentive and the capital subsidy. It bounds what is built."
        " 20,000 means no limit.",
    )  # fmt: skip
    recycling_budget: float = _lever(
        1500.0, "Recycling scheme budget", "INR crore", 0, 3000, 20, "limits", "policy", off=3000,
        facts=("recycling_scheme", "recycling_subsidy_share"),
        sensible="1,500 for all critical minerals; magnets are a small part of it.",
        help="Public money for recycling plants: a fifth of their capital. 3,000 means no limit.",
    )  # fmt: skip
    mission_budget: float = _lever(
        16300.0, "Critical-mineral mission budget", "INR crore", 0, 20000, 100, "limits", "policy", off=20000,
        facts=("ncmm_budget", "stockpile_budget"),
        sensible="16,300 is the government share of the whole mission; 500 is set aside for stocks.",
        help="Public money for what the mission would pay here: stocks bought into the reserve and new Indian oxide and"
        " samarium-cobalt capacity. 20,000 means no limit.",
    )  # fmt: skip
    aim: str = _lever(
        "cost", "What to aim for", "", 0, 0, 0, "limits", "policy", kind="option", options=tuple(AIMS),
        sensible="Least cost; the other two need a limit on the premium to mean much.",
        help="Least cost picks the cheapest mix within the limits. The other two first push the worst-case shortfall, or dependence"
        " on China, as low as the limits and the accepted premium allow, then take the cheapest such mix.",
    )  # fmt: skip

    demand_scale: float = _lever(
        100.0, "Demand", "% of the evidence path", 50, 175, 1, "world", "assumption",
        facts=("india_repm_demand_2025", "india_repm_demand_2030", "india_repm_demand_2035"),
        sensible="75 to 170 spans the published estimates for 2030.",
        help="All sectors' demand from 2027 on against the path of the evidence: 4,010 t in 2025, 8,220 t in 2030, 12,500 t in 2035.",
    )  # fmt: skip
    china_flow: float = _lever(
        100.0, "Chinese licence flow", "% of normal", 0, 120, 1, "world", "assumption", front=True,
        facts=("base_china_avail_2030", "china_exports_to_india_fall_2025", "japan_import_fall_2010_2012"),
        sensible="100: licences flow normally. 42 repeats the fall of mid-2025 for good, 61 what Japan saw after 2010.",
        help="What China licenses for India in an undisturbed year, of magnets and of oxides, against the normal path.",
    )  # fmt: skip
    china_price: float = _lever(
        100.0, "Chinese price", "% of the evidence path", 50, 200, 1, "world", "assumption",
        facts=("base_china_cost_2025", "base_china_cost_2030"),
        sensible="70 to 140: the low and the high of the evidence for 2030.",
        help="Price of Chinese magnets and oxides landed in India, in an undisturbed year.",
    )  # fmt: skip
    likelihood: float = _lever(
        100.0, "Likelihood of disruption", "% of the evidence", 0, 180, 5, "world", "assumption", front=True,
        facts=("scenario_licence_squeeze", "scenario_october_rules_back", "scenario_full_embargo", "geomemo_probability"),
        sensible="50 for a lasting thaw, 150 for a hostile decade.",
        help="Multiplies the yearly probability of every event. The events and the harm that each does stay the same.",
    )  # fmt: skip
    rupee: float = _lever(
        97.0, "Rupee", "INR per USD", 75, 130, 1, "world", "assumption", facts=("fx_may2026", "fx_nov2025"),
        sensible="97 is the latest rate in the evidence; 89 was the rate at the Cabinet's decision.",
        help="Indian costs are facts in rupees; a weaker rupee makes them cheaper against imports.",
    )  # fmt: skip
    oxide_price: float = _lever(
        100.0, "Oxide price", "% of the evidence path", 50, 300, 5, "world", "assumption",
        facts=("ndpr_oxide_2030", "ndpr_oxide_china_jun_2024", "ndpr_oxide_china_early_2026_peak"),
        sensible="50 to 130: the 2024 low and the 2026 high.",
        help="World price of rare-earth oxides. It moves oxide bought abroad fully and imported magnets by the oxide in them.",
    )  # fmt: skip
    discount_rate: float = _lever(
        8.0, "Discount rate", "% a year, real", 0, 15, 0.5, "world", "assumption", facts=("social_discount_rate",),
        sensible="6 to 8 for public projects in India; 10 as a test.",
        help="Weighs later years less, and sets the yearly charge for capital.",
    )  # fmt: skip

    plants_capacity: float = _lever(
        6000.0, "Indian magnet plants up to", "t/y", 0, 12000, 250, "programmes", "policy", front=True,
        facts=("repm_capacity_target", "repm_capex_dae", "ramp_first_two_years"),
        sensible="6,000 is the scheme; none runs today.",
        help="Capacity that may be built by 2035. The plan builds less when less is worth it. Plants need oxide to make anything.",
    )  # fmt: skip
    plants_delay: float = _lever(
        0.0, "Delay of the first Indian plants", "years", 0, 5, 1, "programmes", "assumption",
        facts=("repm_first_output_year", "repm_slippage"),
        sensible="0 to 2: the tender has slipped by about three months so far.",
        help="Added to 2029, the first year with meaningful output on today's evidence.",
    )  # fmt: skip
    smco_capacity: float = _lever(
        3.0, "IREL samarium-cobalt plant up to", "t/y", 3, 150, 1, "programmes", "policy",
        facts=("irel_smco_capacity", "irel_smco_capex"),
        sensible="3 is the plant of today; about 100 would serve Indian demand in 2030.",
        help="Capacity that may be reached at Visakhapatnam. It costs what the first 3 t/y cost, so it is for strategic users.",
    )  # fmt: skip
    irel_capacity: float = _lever(
        900.0, "IREL oxide up to", "t/y", 500, 2000, 50, "programmes", "policy",
        facts=("irel_ndpr_scheme_allocation", "irel_ndpr_target_2030", "irel_nd_output_fy25"),
        sensible="500 is promised to the magnet scheme, 900 is IREL's aim for 2030.",
        help="Neodymium-praseodymium and samarium oxide from Indian monazite. What lies above 500 t/y is new capacity.",
    )  # fmt: skip
    recycling: float = _lever(
        100.0, "Recycling collection", "% of the evidence path", 0, 300, 10, "programmes", "policy",
        facts=("base_recycling_avail_2030", "india_ewaste", "attero_nd_output"),
        sensible="50 to 200; collection, not chemistry, is the bottleneck.",
        help="Magnet scrap collected and fit for recycling, against the path of the evidence (450 t of magnets in 2030).",
    )  # fmt: skip
    central_asia_year: float = _lever(
        2032, "Central Asian oxide from", "year", 2028, 2036, 1, "programmes", "assumption",
        facts=("world_project_lead_time", "base_central_asia_2030", "kazakh_ree_output_now"),
        sensible="2032 on today's evidence: no mine or separator runs now and new ones take eight years. 2036 means never.",
        help="First year in which Kazakhstan and its neighbours can ship separated oxide to India.",
    )  # fmt: skip
    central_asia_volume: float = _lever(
        150.0, "Central Asian oxide", "t/y", 0, 1500, 50, "programmes", "assumption",
        facts=("base_central_asia_2035", "sareco_capacity"),
        sensible="150 is half the output of one plant; 750 would need several.",
        help="Neodymium-praseodymium oxide available to India. It is worth nothing without Indian plants to use it.",
    )  # fmt: skip
    partner_allocation: float = _lever(
        100.0, "Partners' allocation to India", "% of the evidence path", 0, 400, 10, "programmes", "assumption",
        facts=("base_japan_avail_2030", "base_vietnam_korea_avail_2030", "base_malaysia_avail_2030",
               "base_usa_europe_avail_2030", "base_australia_oxide_2030"),
        sensible="50 to 250 spans most of the evidence; more needs long contracts.",
        help="Magnets and oxide that Japan, Vietnam and Korea, Malaysia, the USA, Europe and Australia can spare for India.",
    )  # fmt: skip
    substitution: float = _lever(
        30.0, "Rare-earth-free motors by 2030", "% of electric two- and three-wheelers", 0, 60, 1, "programmes", "assumption",
        facts=("substitution_share_2030", "e2w_maker_share_ola"),
        sensible="15 to 50; one maker with a fifth of the market is moving.",
        help="Largest share of electric two- and three-wheelers that can do without rare-earth magnets from 2030 on.",
    )  # fmt: skip
    joint_venture: bool = _switch(
        False, "Chinese-Indian joint venture", "programmes", "policy",
        facts=("repm_capex_india_china_ratio", "joint_venture_capacity"),
        sensible="Proposed in the public debate, not agreed.",
        help="Magnets made in India with Chinese equipment and oxide: cheaper to build, made in India, and still dependent on China.",
    )  # fmt: skip

    def __new__(cls, *_: Any, **values: Any) -> Choice:
        """Raises `LeverError` that says what may be meant for a keyword that is no lever, before Python's own `TypeError`."""
        for name in values:
            if name not in cls.__dataclass_fields__:
                lever_named(name)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for lever in levers():
            object.__setattr__(self, lever.id, lever.check(getattr(self, lever.id)))

    def changed(self, **values: object) -> Choice:
        """This choice with some levers set anew. Raises `LeverError` for an unknown lever or a bad value."""
        for name in values:
            lever_named(name)
        return replace(self, **values)  # type: ignore[arg-type]

    def values(self) -> dict[str, Value]:
        """Every lever's value by its id, in the order of the screen."""
        return {lever.id: getattr(self, lever.id) for lever in levers()}

    def differences(self, other: Choice) -> tuple[str, ...]:
        """Ids of the levers in which two choices differ."""
        mine, theirs = self.values(), other.values()
        return tuple(name for name in mine if mine[name] != theirs[name])

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Choice:
        """A choice from a mapping of lever ids to values; levers not named keep their defaults. Raises `LeverError`."""
        return cls().changed(**{str(name): value for name, value in values.items()})


@cache
def levers() -> tuple[Lever, ...]:
    """All levers in the order of the screen."""
    return tuple(replace(f.metadata["lever"], id=f.name) for f in fields(Choice))


def lever_named(name: str) -> Lever:
    """The lever with this id. Raises `LeverError` when there is none."""
    for lever in levers():
        if lever.id == name:
            return lever
    names = [lever.id for lever in levers()]
    near = get_close_matches(name, names, 3, NEAR)
    meant = f" did you mean {' or '.join(near)}?" if near else ""
    raise LeverError(
        f"lever {_shown(name)}: no such lever;{meant or ' there are'} {'There are ' if near else ''}{', '.join(names)}"
    )


def check_presets(evidence: Evidence) -> None:
    """Raises `LeverError`, naming the preset, when one is no choice."""
    for preset in evidence.presets.values():
        try:
            Choice.of(preset.levers)
        except LeverError as error:
            raise LeverError(f"presets.yaml, entry {preset.id}: {error}") from None


def read_scenario(text: str | bytes) -> Choice:
    """A choice from a scenario file (YAML with a `levers` mapping; own numbers under `facts` are read by `edits.scenario_edits`). Raises `InputError`, naming the field, and never runs what it reads."""
    if len(text) > SCENARIO_BYTES:
        raise LeverError(f"scenario: longer than {SCENARIO_BYTES:,} bytes, so it was not read")
    content = read_yaml(text, "scenario")
    if not isinstance(content, dict) or not isinstance(content.get("levers"), dict):
        raise LeverError("scenario: it needs a mapping named levers, lever by lever")
    unknown = set(content) - {"title", "note", "levers", "facts", "data_version", "model_version", "digest", "results"}
    if unknown:
        raise LeverError(f"scenario: unknown entry {_shown(sorted(map(str, unknown))[0])}")
    return Choice.of(content["levers"])


def loosest(name: str) -> Value:
    """The value of a limit lever at which it limits least: no limit, or the end of its range."""
    if name == "aim":
        return "cost"
    lever = lever_named(name)
    return lever.low if name == "home_limit" else lever.high


def looser(name: str) -> float:
    """+1 where a higher value is looser, -1 where a lower one is."""
    return -1.0 if name == "home_limit" else 1.0


def levers_on(choice: Choice) -> tuple[str, ...]:
    """Limit levers that could be looser, and the aim when it is not least cost, in the order of the screen, means last."""
    values = choice.values()
    return tuple(name for name in (*LIMITS, "aim", *BUDGETS) if values[name] != loosest(name))


def on_grid(name: str, value: float, part: float = 1.0) -> float:
    """The next value on the lever's steps (or on a part of a step) that is not tighter than this one."""
    lever, sign = lever_named(name), looser(name)
    step = lever.step * part
    places = math.ceil(sign * (value - lever.low) / step - 1e-6) * sign
    return round(min(lever.high, max(lever.low, lever.low + places * step)), 9) + 0.0
