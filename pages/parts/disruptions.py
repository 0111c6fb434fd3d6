"""What a disruption does to a plan that stands, for the Disruptions page: states put together, their outcome, charts and sentences; no
Streamlit. Money is INR crore of the year shown, volume is t of magnets in that year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pydeck as pdk

from model.case import Assembler, Case, M, crore
from model.evidence import COMMODITIES, Cut, Event, Evidence, InputError, Surge
from model.live import Answer, Engine
from model.lp import Array
from model.mix import SMALL_T, Mix
from model.recourse import Outcome, Recourse
from model.states import State, compose
from pages.parts import layers, maps, words
from pages.parts.charts import CONFIG, RESERVE_COLOUR, SHORT_COLOUR, Chart, Spec, colour, tip
from pages.parts.geometry import clear, place

ONE_ON_PHONE: Spec = {"expr": "containerSize()[0] < 500 ? 1 : 4"}
Line = Mapping[str, float]
KINDS = ("State of the world", "Events together", "By hand", "From history")
MIX_COLOURS = {"This mix": "#0072B2", "Cheapest mix": "#E69F00", "Today's course": "#7F7F7F"}
COVERED, SHORT = "Covered by the reserve", "Goes short"
MOST_MONTHS, MOST_TIMES = 60.0, 50.0
NOTE = "The plan, its plants and its reserve are held as they are; only what arrives, what the reserve gives and who goes short is decided anew."
SECTORS_TITLE = "Who goes short"
SECTORS_NOTE = (
    "Percent of each user's demand that goes unserved in that year, for three plans that stand when it happens."
)
RESERVE_TITLE = "What the reserve covers"
RESERVE_NOTE = "Tonnes that would be missing without a reserve: the part that it covers, its oxide counted as the magnets made from it, and the part that goes short."
COST_TITLE = "What it costs"
COST_NOTE = (
    "Bill: purchases, plants and reserve, refilling included. Harm: value that India does not make for want of magnets."
)
LOSS_TITLE = "Loss of any one source"
LOSS_NOTE = "Each source of the current mix gone for twelve months, one at a time, everything else as planned. The worst loss on top."
MAP_READING = (
    "Each circle stands where a source stands; its area is what would go short without it. Grey: nobody would."
)
NOTHING = "Choose what happens, and this page says who goes short, what the reserve covers and what it costs"
LOSS_READING = (
    "The reserve may be drawn only for products that the loss itself cuts. Where the bill falls, nothing is paid for what does not come, and"
    " supply that the plan keeps to spare stands in for it."
)


# -- states of the world ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shock:
    """Something that happens in a year: its state, how it is called in a sentence, how many months it lasts, and the probability of
    such a year where the evidence has one."""

    state: State
    name: str
    months: float
    chance: float | None = None
    plain: str = ""


def from_events(evidence: Evidence, names: Sequence[str], chance: float | None = None) -> Shock:
    """Events that happen together. Raises `InputError` in a sentence when none is given or two exclude each other."""
    events = tuple(evidence.events[name] for name in names)
    if not events:
        raise InputError("No event is chosen. Choose at least one.")
    for place_, event in enumerate(events):
        for other in events[:place_]:
            if other.group == event.group:
                raise InputError(
                    f"{other.name} and {event.name} exclude each other in one year. Take one of them away."
                )
    months = max(evidence.value(event.months) for event in events)
    title = words.listed(event.name for event in events)
    return Shock(compose(evidence, events), title, months, chance, " ".join(event.plain for event in events))


def by_hand(
    evidence: Evidence, who: Sequence[str], what: Sequence[str], cut_pct: float, months: float, times: float
) -> Shock:
    """A cut and a price rise put together by hand. `who`: route ids, or origins as 'from China'; `what`: commodities, none for all.
    Raises `InputError` in a sentence for what cannot be."""
    routes = tuple(r.id for r in evidence.routes.values() if r.id in who or f"from {r.origin}" in who)
    if not routes:
        raise InputError("No route is chosen. Choose at least one that is hit.")
    if not 0 <= cut_pct <= 100:
        raise InputError(f"Volume cut: {cut_pct:g} % cannot be. Give 0 (nothing is cut) to 100 % (nothing comes).")
    if not 0 < months <= MOST_MONTHS:
        raise InputError(f"Months: {months:g} cannot be. Give more than 0 and at most {MOST_MONTHS:g}.")
    if not 0 < times <= MOST_TIMES:
        raise InputError(
            f"Price factor: {times:g} cannot be. Give more than 0 and at most {MOST_TIMES:g}; 1 leaves prices as they are."
        )
    if cut_pct == 0 and times == 1:
        raise InputError("Nothing happens: 0 % is cut and the price factor is 1. Change one of them.")
    goods = tuple(c for c in COMMODITIES if c in what) or COMMODITIES
    event = Event(
        id="by_hand", group="history", name="By hand", plain="By hand", months="by_hand_months",
        cuts=(Cut(routes=routes, commodities=goods, share="by_hand_share"),),
        prices=(Surge(routes=routes, commodities=goods, times="by_hand_times"),),
    )  # fmt: skip
    given = {"by_hand_months": months, "by_hand_share": cut_pct / 100.0, "by_hand_times": times}
    spell = words.count(int(months), "month") if months == int(months) else f"{months:g} months"
    named = _named(evidence, routes, who)
    dearer = f"{times:g} times its price" if times != 1 else ""
    less = f"{words.percent(cut_pct / 100)} of {named} lost" if cut_pct else named[:1].upper() + named[1:]
    name = f"{less} {'and ' if cut_pct else ''}at {dearer}" if dearer else less
    return Shock(compose(evidence, (event,), given), f"{name} for {spell}", months)


def _named(evidence: Evidence, routes: Sequence[str], who: Sequence[str]) -> str:
    """Routes in a sentence: origins as asked for, then single routes."""
    origins = [name.removeprefix("from ") for name in who if name.startswith("from ")]
    single = [evidence.routes[r].name for r in routes if evidence.routes[r].origin not in origins]
    parts = [f"all that comes from {name}" for name in origins] + single
    return words.listed(parts[:3] + ([words.count(len(parts) - 3, "other route")] if len(parts) > 3 else []))


def sources(evidence: Evidence) -> dict[str, str]:
    """What can be hit by hand: origins with more than one route, and every route that supplies something; id -> label."""
    routes = [r for r in evidence.routes.values() if r.stage != "substitute"]
    origins = dict.fromkeys(r.origin for r in routes)
    many = {f"from {o}": f"All from {o}" for o in origins if sum(r.origin == o for r in routes) > 1}
    return many | {r.id: r.name for r in routes}


class World:
    """An undisturbed year and the states to look at; the last one has the weight."""

    def __init__(self, states: Iterable[State]) -> None:
        self.states = tuple(states)

    def probability(self, likelihood: float = 1.0) -> Array:  # noqa: ARG002
        """All weight on the last state, shape (states,)."""
        return np.asarray(np.eye(len(self.states))[-1])


def _seat(engine: Engine, state: State) -> int:
    """Where a state stands among the kept ones, so that ties fall as they do there; 1 for any other."""
    for k, kept in enumerate(engine.states.states):
        same = all(
            np.array_equal(getattr(kept, x), getattr(state, x))
            for x in ("cut", "cut_new", "multiplier", "multiplier_new")
        )
        if k and same and kept.length == state.length:
            return k
    return 1


# -- what it does -----------------------------------------------------------------------------------------------


def struck(engine: Engine, answer: Answer, shock: Shock) -> pd.DataFrame:
    """What a shock does to the mix, the cheapest mix and today's course: one row for each mix, year and sector (see `_rows`).
    Raises `SolverFailed`."""
    quiet = compose(engine.evidence, ())
    seat = _seat(engine, shock.state)
    case = _case(engine, answer.mix, [*[quiet] * seat, shock.state])
    recourse = Recourse(case)
    mixes = {"This mix": answer.mix, "Cheapest mix": answer.cheapest, "Today's course": answer.today}
    return pd.concat([_rows(recourse, mix, case, {name: seat}) for name, mix in mixes.items()], ignore_index=True)


def lost(engine: Engine, mix: Mix, by: str) -> pd.DataFrame:
    """What the loss of each source of a mix for a year does, by 'route' or by 'country': rows as in `_rows`, named after the source.
    Raises `SolverFailed`."""
    evidence = engine.evidence
    named = losable(mix, evidence, by)
    states = [by_hand(evidence, routes, (), 100, 12, 1).state for routes in named.values()]
    case = _case(engine, mix, [compose(evidence, ()), *states])
    return _rows(Recourse(case), mix, case, {name: 1 + k for k, name in enumerate(named)})


def losable(mix: Mix, evidence: Evidence, by: str) -> dict[str, list[str]]:
    """Sources of a mix and their routes: routes in use, or the countries that they come from. Motors without magnets are none."""
    used = np.flatnonzero(mix.plan.sum(axis=(1, 2)) > SMALL_T)
    routes = [evidence.routes[mix.case.routes[r]] for r in used]
    found: dict[str, list[str]] = {}
    for route in (route for route in routes if route.stage != "substitute"):
        found.setdefault(route.name if by == "route" else route.origin, []).append(route.id)
    return found


def _case(engine: Engine, mix: Mix, states: Sequence[State]) -> Case:
    """The case of a mix in other states of the world."""
    return Assembler(engine.evidence, World(states), engine.assembler.years).case(mix.choice)


def _rows(recourse: Recourse, mix: Mix, case: Case, seats: Mapping[str, int]) -> pd.DataFrame:
    """One row for each name, year and sector: short_t and demand_t of the sector; for the whole year gap_t (short if the reserve gave
    nothing), all_short_t, all_demand_t, stock_t (magnets in the reserve before), and quiet_bill, bill, quiet_harm, harm in INR crore."""
    held = recourse.hold(mix, case)
    empty = recourse.hold(mix, replace(case, cuts=np.zeros_like(case.cuts)))
    s, t = len(case.sectors), len(case.years)
    stock = np.concatenate([case.opening[:, None], held.mix.stock[:, :-1]], axis=1)[:M].sum(axis=0)
    parts = []
    for name, k in seats.items():
        money = {
            f"{quiet}{what}": _crore(held, what, at)
            for what in ("bill", "harm")
            for quiet, at in (("quiet_", 0), ("", k))
        }
        year = {
            "all_short_t": held.mix.short[..., k].sum(axis=(0, 1)), "gap_t": empty.mix.short[..., k].sum(axis=(0, 1)),
            "all_demand_t": case.total_demand, "stock_t": stock, **money,
        }  # fmt: skip
        parts.append(
            pd.DataFrame(
                {
                    "name": name,
                    "year": np.tile(case.years, s),
                    "sector": np.repeat(case.sectors, t),
                    "short_t": held.mix.short[..., k].sum(axis=1).ravel(),
                    "demand_t": case.demand.sum(axis=1).ravel(),
                }
                | {column: np.tile(values, s) for column, values in year.items()}
            )
        )
    return pd.concat(parts, ignore_index=True)


def _crore(held: Outcome, what: str, k: int) -> Array:
    """Bill or harm by year in a state, INR crore of that year (T,)."""
    return np.array([crore(x, held.mix.case.rupee) for x in getattr(held, what)[:, k]])


def totals(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """One row for each name in a year, the name as index: short_t, share (of demand), gap_t, covered_t, stock_t, bills and harms in
    INR crore, and what the shock adds: more_bill, more_harm, cost."""
    columns = ["all_short_t", "all_demand_t", "gap_t", "stock_t", "quiet_bill", "bill", "quiet_harm", "harm"]
    found = rows[rows["year"] == year].groupby("name", sort=False)[columns].first()
    found = found.rename(columns={"all_short_t": "short_t", "all_demand_t": "demand_t"})
    found["share"] = found["short_t"] / found["demand_t"]
    found["covered_t"] = (found["gap_t"] - found["short_t"]).clip(lower=0)
    found["more_bill"] = found["bill"] - found["quiet_bill"]
    found["more_harm"] = found["harm"] - found["quiet_harm"]
    found["cost"] = found["more_bill"] + found["more_harm"]
    return found


def _lines(rows: pd.DataFrame, year: int) -> dict[str, Line]:
    """The same by name and column."""
    table = totals(rows, year)
    return {
        str(name): {str(c): float(x) for c, x in zip(table, line, strict=True)}
        for name, line in zip(table.index, table.to_numpy(), strict=True)
    }


# -- sentences --------------------------------------------------------------------------------------------------


def opening(rows: pd.DataFrame, shock: Shock, evidence: Evidence, year: int) -> str:
    """Who goes short, how much, what the reserve covers and for how long, and what it costs, for the current mix."""
    now = _lines(rows, year)["This mix"]
    text = f"{shock.name} in {year}: {_who(rows, evidence, year, now)}; {_reserve(now, shock.months)}; {_cost(now)}."
    return words.unbroken(text)


def _who(rows: pd.DataFrame, evidence: Evidence, year: int, now: Line) -> str:
    if now["short_t"] < 0.5:
        return "nobody goes short"
    mine = rows[(rows["name"] == "This mix") & (rows["year"] == year)].sort_values("short_t", ascending=False)
    first = mine.iloc[0]
    most = f"{'all' if first['short_t'] > 0.995 * now['short_t'] else 'most'} of it for {evidence.sectors[first['sector']].name.lower()}"
    share = words.percent(now["share"]) if now["share"] >= 0.005 else "less than 1 %"
    return f"{words.tonnes(now['short_t'])} of magnets go short, {share} of demand, {most}"


def _reserve(now: Line, months: float) -> str:
    if now["stock_t"] < 0.5 and now["covered_t"] < 0.5:
        return "there is no reserve of magnets yet to draw on"
    if now["gap_t"] < 0.5:
        return "the reserve is not needed"
    if now["covered_t"] < 0.5:
        return "the reserve gives nothing"
    part = now["covered_t"] / now["gap_t"]
    if part > 0.995:
        return f"the reserve covers all {words.tonnes(now['covered_t'])} that would be missing"
    spell = min(months, 12.0)
    return (
        f"the reserve covers {words.tonnes(now['covered_t'])}, {words.percent(part)} of what would be missing, or all of it for the first"
        f" {words.number(part * spell, 1)} of {words.number(spell)} months"
    )


def _cost(now: Line) -> str:
    bill, harm = now["more_bill"], now["more_harm"]
    if abs(bill) < 0.5 and harm < 0.5:
        return "it costs next to nothing"
    amount = words.inr_crore(words.rounded(abs(bill)))
    if harm < 0.5:
        return f"it {'adds' if bill >= 0 else 'takes'} {amount} {'to' if bill >= 0 else 'off'} the bill"
    moved = f"and adds {amount} to the bill" if bill >= 0 else f"while the bill falls by {amount}"
    return f"it costs {words.inr_crore(words.rounded(harm))} in harm {moved}"


def chance(shock: Shock) -> str:
    """How likely such a year is, where the evidence has it."""
    return "" if shock.chance is None else f"Such a year has a probability of {words.percent(shock.chance, 1)}."


def compared(rows: pd.DataFrame, year: int) -> str:
    """The current mix against the cheapest mix and today's course, in one sentence."""
    table = _lines(rows, year)
    mine = table["This mix"]
    parts = []
    for name, spoken in (("Cheapest mix", "the cheapest mix"), ("Today's course", "today's course")):
        apart = mine["short_t"] - table[name]["short_t"]
        if abs(apart) < 0.005 * mine["demand_t"]:
            parts.append(f"about as much as with {spoken}")
        else:
            parts.append(f"{words.tonnes(abs(apart))} {'more' if apart > 0 else 'less'} than with {spoken}")
    return f"What goes short with this mix is {words.listed(parts)}."


def lost_opening(table: pd.DataFrame, year: int) -> str:
    """The loss that hurts most, and whether any other leaves somebody short."""
    hurt = table[table["short_t"] >= 0.5]
    if hurt.empty:
        return f"In {year} no single loss leaves anybody short."
    worst = hurt.iloc[0]
    rest = words.count(len(hurt) - 1, "other loss leaves", "other losses leave")
    tail = (
        f" {words.sentence_case(rest)} somebody short."
        if len(hurt) > 1
        else " No other single loss leaves anybody short."
    )
    return words.unbroken(
        f"In {year} the loss of {worst['source']} would hurt most: {words.tonnes(worst['short_t'])} short,"
        f" {words.number(worst['share'])} % of demand, at a cost of {words.inr_crore(words.rounded(worst['cost']))}.{tail}"
    )


# -- charts and tables ------------------------------------------------------------------------------------------


def sectors_chart(rows: pd.DataFrame, evidence: Evidence, year: int) -> Chart:
    """Share of each sector's demand that goes unserved, three bars for each: the current mix, the cheapest, today's course."""
    part = rows[rows["year"] == year]
    table = pd.DataFrame(
        {
            "sector": part["sector"].map({s.id: s.name for s in evidence.sectors.values()}),
            "mix": part["name"],
            "share": (100 * part["short_t"] / part["demand_t"].where(part["demand_t"] > 0)).fillna(0.0),
            "short_t": part["short_t"],
            "demand_t": part["demand_t"],
        }
    ).reset_index(drop=True)
    names = list(MIX_COLOURS)
    tips = [
        tip("sector", "Users"), tip("mix", "Plan"), tip("share", "Short, % of their demand", ".1f"), tip("short_t", "Short, t", ",.1f"),
        tip("demand_t", "Demand, t", ",.0f"),
    ]  # fmt: skip
    base = {
        "y": {"field": "sector", "type": "nominal", "sort": [s.name for s in evidence.sectors.values()], "title": None,
              "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 130 : 230"}}},
        "yOffset": {"field": "mix", "type": "nominal", "sort": names, "scale": {"domain": names}},
        "x": {"field": "share", "type": "quantitative", "title": "Unserved, % of their demand",
              "scale": {"domain": [0, min(100.0, max(10.0, 1.08 * float(table["share"].max())))]}},
        "tooltip": tips,
    }  # fmt: skip
    label = {
        "text": {"field": "share", "format": ".0f"},
        "opacity": {"condition": {"test": "datum.share < 0.5", "value": 0}, "value": 1},
    }
    layers_ = [
        {
            "mark": {"type": "bar"},
            "encoding": {
                **base,
                "color": {
                    **colour(MIX_COLOURS, "mix"),
                    "legend": {"orient": "bottom", "title": None, "columns": ONE_ON_PHONE},
                },
            },
        },
        {"mark": {"type": "text", "align": "left", "dx": 3, "fontSize": 11}, "encoding": {**base, **label}},
    ]
    return table, {"height": {"step": 14}, "layer": layers_, "config": CONFIG}


def reserve_chart(rows: pd.DataFrame, year: int) -> Chart:
    """What would be missing without a reserve, for each plan: covered by the reserve, and short all the same, t."""
    found = totals(rows, year)
    table = pd.DataFrame(
        {"mix": name, "part": part, "tonnes": float(line[column]), "rank": rank}
        for name, line in found.iterrows()
        for rank, (part, column) in enumerate(((COVERED, "covered_t"), (SHORT, "short_t")))
    )
    return table, _stack("mix", list(MIX_COLOURS), "Plan")


def _stack(field: str, order: list[str], title: str) -> Spec:
    """Lying bars: what the reserve covers, then what goes short, t."""
    return {
        "height": {"step": 34},
        "mark": {"type": "bar", "height": {"band": 0.75}},
        "encoding": {
            "y": {"field": field, "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": {"expr": "containerSize()[0] < 500 ? 130 : 220"}}},
            "x": {"field": "tonnes", "type": "quantitative", "title": "t of magnets", "axis": {"format": ",.0f", "tickCount": 5}},
            "color": {**colour({COVERED: RESERVE_COLOUR, SHORT: SHORT_COLOUR}, "part"), "legend": {"orient": "bottom", "title": None, "labelLimit": 240, "columns": ONE_ON_PHONE}},
            "order": {"field": "rank", "type": "quantitative"},
            "tooltip": [tip(field, title), tip("part", "Part"), tip("tonnes", "Tonnes", ",.0f")],
        },
        "config": CONFIG,
    }  # fmt: skip


def told(drawn: pd.DataFrame) -> pd.DataFrame:
    """The rows of a chart as people read them and as they are downloaded."""
    names = {"sector": "Users", "mix": "Plan", "source": "Source", "part": "Part", "tonnes": "t of magnets", "share": "Short, % of their demand",
             "short_t": "Short, t", "demand_t": "Demand, t"}  # fmt: skip
    return _clean(drawn[[name for name in names if name in drawn]].rename(columns=names))


def cost_table(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Shortage, reserve and money in a year, as people read them: a line for each measure, a column for each plan."""
    found = totals(rows, year).assign(share=lambda table: 100 * table["share"])
    return _clean(
        found[list(MONEY)].rename(columns=dict(MONEY)).T.rename_axis(index="Measure", columns=None).reset_index()
    )


MONEY: Mapping[str, str] = {
    "short_t": "Short, t", "share": "Short, % of demand", "covered_t": "Covered by the reserve, t", "stock_t": "Magnets in the reserve before, t",
    "quiet_bill": "Bill in an undisturbed year, INR crore", "bill": "Bill, INR crore", "more_bill": "Bill, change, INR crore",
    "more_harm": "Harm of shortage, INR crore", "cost": "Cost in all, INR crore",
}  # fmt: skip


def _clean(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers to one decimal, without negative zeros."""
    numbers = table.select_dtypes("number").columns
    return table.assign(**{name: table[name].round(1) + 0.0 for name in numbers})


def loss_rows(rows: pd.DataFrame, mix: Mix, evidence: Evidence, year: int, by: str) -> pd.DataFrame:
    """One row for each source, the worst loss first: source, origin, kind, planned_t, short_t, share (% of demand), covered_t, bill and
    harm that its loss adds and both together (INR crore), and where it stands on the map: site, short_name."""
    found = totals(rows, year).reset_index(names="source")
    named, t = losable(mix, evidence, by), mix.case.years.index(year)
    planned = {r: float(mix.plan[i, :, t].sum()) for i, r in enumerate(mix.case.routes)}
    routes = [named[name] for name in found["source"]]
    found["planned_t"] = [sum(planned[r] for r in group) for group in routes]
    found["origin"] = [evidence.routes[group[0]].origin for group in routes]
    found["kind"] = [words.listed(dict.fromkeys(STAGES[evidence.routes[r].stage] for r in group)) for group in routes]
    found["site"] = [evidence.routes[max(group, key=lambda r: planned[r])].site for group in routes]
    found["short_name"] = [
        evidence.routes[group[0]].short if by == "route" else name
        for group, name in zip(routes, found["source"], strict=True)
    ]
    found["share"] *= 100
    found = found[found["planned_t"] >= 0.5]
    return found.sort_values(["short_t", "cost"], ascending=False, kind="stable").reset_index(drop=True)


STAGES = {"magnet": "magnets", "oxide": "oxide"}
LOSSES: Mapping[str, str] = {
    "source": "Source", "origin": "Origin", "kind": "Brings", "planned_t": "Planned, t", "short_t": "Short, t", "share": "Short, % of demand",
    "covered_t": "Covered by the reserve, t", "more_bill": "Bill, change, INR crore", "more_harm": "Harm of shortage, INR crore",
    "cost": "Cost in all, INR crore",
}  # fmt: skip


def loss_table(table: pd.DataFrame) -> pd.DataFrame:
    """The ranked losses as people read them."""
    return _clean(table[list(LOSSES)].rename(columns=dict(LOSSES)))


def loss_chart(table: pd.DataFrame) -> Chart:
    """Ranked bars: for each source what the reserve would cover of its loss and what would go short, t."""
    drawn = pd.DataFrame(
        {"source": str(line["source"]), "part": part, "tonnes": float(line[column]), "rank": rank}
        for _, line in table.iterrows()
        for rank, (part, column) in enumerate(((COVERED, "covered_t"), (SHORT, "short_t")))
    )
    return drawn, _stack("source", list(table["source"]), "Source") | {"height": {"step": 26}}


def loss_map(table: pd.DataFrame, evidence: Evidence, paint: layers.Paint, view: maps.View) -> layers.CompactDeck:
    """Where each source stands, as a circle whose area is what goes short without it; grey where nobody would."""
    most = max(float(table["short_t"].max()), 1.0)
    rows = []
    for line in table.iloc[::-1].to_dict("records"):
        hurts = line["short_t"] >= 0.5
        text = f"{line['short_name']} {words.tonnes(line['short_t'])} short" if hurts else ""
        tips = f"{words.tonnes(line['planned_t'])} of {line['kind']} planned; cost of its loss {words.inr_crore(line['cost'])}"
        rows.append(
            {
                "position": place(evidence, line["site"]), "radius": max(5.0, 1.25 * view.circle * math.sqrt(line["short_t"] / most)),
                "fill": [*layers.RED, 150] if hurts else [120, 130, 140, 150], "edge": layers.RED if hurts else [90, 98, 106],
                **layers.hover(f"Without {line['source']}", f"{words.tonnes(line['short_t'])} short", tips), "text": text, "anchor": "start", "offset": [12, 0],
            }
        )  # fmt: skip
    labels = clear([row for row in rows[::-1] if row["text"]], view.zoom)
    parts = [layers.land(paint, False), layers.circles("losses", rows), layers.labels("names", labels, paint)]
    return layers.CompactDeck(
        map_provider=None, tooltip=layers.TOOLTIP, layers=[part for part in parts if part is not None],
        initial_view_state=pdk.ViewState(latitude=view.lat, longitude=view.lon, zoom=view.zoom, min_zoom=0, max_zoom=9),
    )  # fmt: skip
