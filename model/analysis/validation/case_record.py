"""A case as plain JSON values: every set and number of the linear program, so that an outsider can rebuild it from that alone.

Every record holds its indices by name and one value with its unit in the key; a price in USD/kg is one in kUSD/t.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model.arrays import Array
from model.engine.active_limits import holding
from model.engine.engine import Engine
from model.engine.worker import needs_cheapest, steering_by, steering_for
from model.errors import Infeasible
from model.evidence.schema import COMMODITIES, FEEDSTOCKS, MAGNETS
from model.evidence.user_edits import own_numbers
from model.formulation.case import BUDGETS, LIMITS, SCHEMES, Case
from model.formulation.constraints import FAMILIES
from model.formulation.levers import Choice, lever_named
from model.formulation.parameters import Steering, numbers
from model.formulation.program import Program
from model.formulation.variables import PREFERRED
from model.provenance import versions

Record = dict[str, Any]
Axis = tuple[str, Sequence[object]]


# -- a case ----------------------------------------------------------------------------------------------------------


def case_json(engine: Engine, choice: Choice) -> dict[str, Any]:
    """Every set and number of the linear program of a choice, exactly as it goes in, with the formulas that use them.

    Limits that clash are no hindrance: the case is then one without a solution, and an aim has no value yet. Raises `SolverFailed` when a reference mix
    that the case leans on could not be found.
    """
    case = engine.assembler.case(choice)
    cheapest = engine.cheapest(choice) if needs_cheapest(choice) else None
    with engine.worker("mix") as worker:
        program = worker.program
        try:
            steering = steering_for(worker, case, cheapest)
        except Infeasible:
            steering = steering_by(cheapest)
    return {
        **_words(),
        **_sets(case),
        **_volumes(case),
        **_money(case),
        **_reserve(case),
        **_risk(case),
        "limits": _limits(case, choice),
        **_steered(case, steering),
        "preference": _preferences(program, case),
        "levers": choice.values(),
        "own_numbers": own_numbers(engine.evidence),
        **versions(engine.evidence, choice),
    }


def _records(key: str, values: Array, *axes: Axis, where: Array | None = None) -> list[Record]:
    """One record for each element of an array (or each where a mask holds): its indices by name, its value under `key`."""
    mask = np.ones(values.shape, dtype=bool) if where is None else np.broadcast_to(where, values.shape)
    names, labels = [name for name, _ in axes], [list(words) for _, words in axes]
    found = []
    for place, value in zip(np.argwhere(mask).tolist(), values[mask].tolist(), strict=True):
        record = {name: words[i] for name, words, i in zip(names, labels, place, strict=True)}
        found.append(record | {key: value})
    return found


def _axes(case: Case) -> dict[str, Axis]:
    """The axes by the letter that `Case` uses for them."""
    return {
        "R": ("route", case.routes),
        "C": ("commodity", COMMODITIES),
        "M": ("commodity", MAGNETS),
        "F": ("feedstock", FEEDSTOCKS),
        "T": ("year", case.years),
        "K": ("state", case.states),
        "S": ("sector", case.sectors),
        "O": ("origin", case.foreign),
    }


def _sets(case: Case) -> dict[str, Any]:
    routes = zip(case.routes, case.origins, case.stages, case.made_in_india, case.life > 1, strict=True)
    states = zip(case.states, case.state_names, case.probability, case.length, strict=True)
    a = _axes(case)
    return {
        "years": list(case.years),
        "fixed_years": [year for year, fixed in zip(case.years, case.fixed, strict=True) if fixed],
        "routes": [
            {"route": r, "origin": o, "stage": s, "made_in_india": bool(home), "can_be_built": bool(builds)}
            for r, o, s, home, builds in routes
        ],
        "commodities": [{"commodity": c, "kind": "magnet" if c in MAGNETS else "feedstock"} for c in COMMODITIES],
        "products": [
            {"route": case.routes[r], "commodity": COMMODITIES[c]} for r, c in np.argwhere(case.products).tolist()
        ],
        "sectors": [
            {"sector": s, "substitutable": bool(sub), "vital": bool(vital)}
            for s, sub, vital in zip(case.sectors, case.substitutable, case.vital, strict=True)
        ],
        "states": [
            {"state": k, "name": name, "probability": float(p), "length_years": float(length)}
            for k, name, p, length in states
        ],
        "cuts": _records("reserve_may_be_drawn", case.drawable, a["C"], a["T"], a["K"], where=case.drawable),
    }


def _volumes(case: Case) -> dict[str, list[Record]]:
    a = _axes(case)
    made, fixed = case.products[:, :, None], case.fixed
    return {
        "demand": _records("demand_t", case.demand, a["S"], a["M"], a["T"]),
        "capacity": _records("capacity_t_per_year", case.capacity, a["R"], a["T"]),
        "utilisation": _records("utilisation_share", case.utilisation, a["R"]),
        "addmax": _records("addmax_t_per_year", np.where(fixed, 0.0, case.addmax), a["R"], a["T"]),
        "ceiling": _records("ceiling_t_per_year", case.ceiling, a["R"], a["T"]),
        "at_most": _records(
            "at_most_share_of_capacity", case.at_most, a["R"], a["C"], where=case.products & (case.at_most < 1.0)
        ),
        "availability": _records(
            "availability_share", case.availability, a["R"], a["C"], a["T"], a["K"], where=made[..., None]
        ),
        "feed": _records("feed_kg_per_kg", case.feed, a["R"], a["M"], a["F"], where=case.feed > 0),
        "fixed_plan": _records("plan_t_per_year", case.today, a["R"], a["C"], a["T"], where=made & fixed),
    }


def _money(case: Case) -> dict[str, Any]:
    a = _axes(case)
    made = case.products[:, :, None]
    return {
        "price": _records("price_usd_per_kg", case.price, a["R"], a["C"], a["T"], where=made),
        "multiplier": _records(
            "multiplier_ratio", case.multiplier, a["R"], a["C"], a["T"], a["K"], where=made[..., None]
        ),
        "take_or_pay": _records("take_or_pay_share", case.take_or_pay, a["R"]),
        "penalty": _records("penalty_usd_per_kg", case.penalty, a["S"]),
        "investment": _records("investment_kusd_per_t_per_year", case.capital, a["R"]),
        "annuity": _records("annuity_share_per_year", case.recovery, a["R"]),
        "life": _records("life_years", case.life, a["R"]),
        "schemes": [
            {"scheme": SCHEMES[i], "route": route, "public_inr_crore_per_t_per_year": public}
            for i, route, public in zip(case.scheme.tolist(), case.routes, case.public.tolist(), strict=True)
            if i >= 0
        ],
        "discount": _records("discount_factor", case.discount, a["T"]),
        "rupee_inr_per_usd": case.rupee,
    }


def _reserve(case: Case) -> dict[str, list[Record]]:
    """The reserve; its most is in t for magnets and for oxide a share of the plants' yearly use."""
    a = _axes(case)
    days = case.limits["reserve_days"]
    most: list[Record] = []
    if days is not None:
        most += _records("reserve_max_t", case.demand.sum(axis=0) / 365.0 * days, a["M"], a["T"])
        share = np.full((len(FEEDSTOCKS), len(case.years)), days / 365.0)
        most += _records("reserve_max_share_of_yearly_use", share, ("commodity", FEEDSTOCKS), a["T"])
    return {
        "opening": _records("opening_t", case.opening, a["C"]),
        "reserve_max": most,
        "holding": _records("holding_usd_per_kg_per_year", case.holding, a["C"]),
        "stock_price": _records("stock_price_usd_per_kg", case.stock_price, a["C"], a["T"]),
        "refill": _records("refill_usd_per_kg", case.refill, a["C"], a["T"]),
        "final_credit": _records("final_credit_usd_per_kg", case.final_credit, a["C"]),
    }


def _risk(case: Case) -> dict[str, Any]:
    a = _axes(case)
    return {
        "alpha": 1.0 - case.tail,
        "carbon": _records("carbon_kgco2e_per_kg", case.carbon, a["R"], a["C"], where=case.products),
        "risk_weight": _records("risk_weight_score", case.risk_weight, a["O"]),
        "feed_ratio": _records("feed_ratio_kg_per_kg", case.feed_ratio, a["F"]),
    }


def _limits(case: Case, choice: Choice) -> list[Record]:
    """Each limit with its value in the lever's unit and the years in which it holds: in each, or over all of them in sum."""
    on = holding(case)
    found = []
    for name in (*LIMITS, *BUDGETS):
        in_sum = name in ("investment_limit", "premium_limit", *BUDGETS[1:])
        holds = [name in on and (in_sum or name == "reserve_days" or active) for active in case.active.tolist()]
        found.append(
            {
                "limit": name,
                "on": name in on,
                "value": choice.values()[name],
                "unit": lever_named(name).unit,
                "sense": "at_least" if name == "home_limit" else "at_most",
                "years": [year for year, held in zip(case.years, holds, strict=True) if held],
                "holds": "over all years in sum" if in_sum else "in each of these years",
            }
        )
    return found


def _steered(case: Case, steering: Steering) -> dict[str, Any]:
    """What the program takes from other solves: the cost of the cheapest mix, how low the aim was pushed, and the shortage
    of undisturbed years that an aim other than cost may not exceed; null where it does not enter."""
    values = numbers(case, steering)
    premium = case.limits["premium_limit"] is not None
    careful = case.aim != "cost" and steering.undisturbed_t is not None
    short = values["undisturbed_right"]
    return {
        "aim": case.aim,
        "aim_years": [year for year, active in zip(case.years, case.active, strict=True) if active],
        "aim_at_most_share": steering.aim_at_most,
        "undisturbed_shortage_max": _records("short_t", short, ("year", case.years)) if careful else None,
        "cheapest_kusd": steering.cheapest_kusd if premium else None,
        "cheapest_with_tolerance_kusd": float(values["cheapest_right"][0]) if premium else None,
    }


_INDICES: dict[str, tuple[str, ...]] = {
    "plan": ("R", "C", "T"), "add": ("R", "T"), "fill": ("C", "T"), "deliver": ("R", "C", "T", "K"), "draw": ("C", "T", "K"),
    "short": ("S", "M", "T", "K"),
}  # fmt: skip


def _preferences(program: Program, case: Case) -> list[Record]:
    """The tie-break of each column, kUSD/t; a column that is not listed does not exist."""
    axes, drawable = _axes(case), case.drawable
    found = []
    for name in PREFERRED:
        letters = _INDICES[name]
        for index, place in program.places[name].items():
            if name == "draw" and not drawable[index]:
                continue
            record: Record = {"column": name}
            for letter, i in zip(letters, index[: len(letters)], strict=True):
                key, labels = axes[letter]
                record[key] = labels[i]
            record["preference_kusd_per_t"] = float(program.preferences[place])
            found.append(record)
    return found


def _words() -> dict[str, Any]:
    """How the numbers go together: the columns, the objective, the symbols, and each family of rows with its formula."""
    return {
        "objective": "minimise total (kUSD, see discounts_the_total) + sum of preference * column over every column listed in"
        " preference",
        "columns": {
            "plan": "t/y, route x commodity x year, >= 0; equal to fixed_plan in fixed_years",
            "add": "t/y of capacity, route x year, 0 to addmax, only for routes that can_be_built",
            "fill": "t, commodity x year, >= 0; 0 in fixed_years",
            "deliver": "t, route x commodity x year x state, >= 0",
            "draw": "t, commodity x year x state, >= 0, only for the commodity, year and state in cuts",
            "short": "t, sector x magnet x year x state, 0 to demand",
            **dict.fromkeys(("capacity", "reserve", "lost", "tail", "rest", "dependence", "aim"), ">= 0, defined by its rows"),
            **dict.fromkeys(("eta", "excess"), "share, 0 to 1"),
            **dict.fromkeys(("supply", "shortage", "capital", "reserve_cost", "total"), "kUSD, free, defined by its row"),
        },
        "symbols": {
            "use_r": "utilisation", "existing_rt": "capacity", "share_rc": "at_most", "a_rctk": "availability", "p_k": "probability of states",
            "d_smt": "demand", "D_t": "demand of a year, all sectors and magnets", "D_mt": "demand of a year and magnet, all sectors",
            "feed_rmf": "feed", "ratio_f": "feed_ratio", "length_k": "length_years of states", "top": "take_or_pay", "risk_o": "risk_weight",
            "carbon_rc": "carbon", "capital_r": "investment", "recovery_r": "annuity", "public_r": "schemes", "credit_c": "final_credit",
            "cheapest · (1 + L)": "cheapest_with_tolerance_kusd + L * cheapest_kusd", "L": "value of a limit; per cent are divided by 100",
            "INR crore": "kUSD * rupee_inr_per_usd / 10,000; investment and stock bought (stock_price * fill) are turned so",
        },
        "rows": {family.__name__: " ".join((family.__doc__ or "").split()) for family in FAMILIES},
    }  # fmt: skip


__all__ = ["case_json"]
