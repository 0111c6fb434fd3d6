"""What the Disruptions page says of something that happens to three plans that stand (`model.analysis.stress.disruption`); no Streamlit. Money is
INR crore of the year shown, volume is t of magnets in that year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.analysis.stress.disruption import Disruption
from model.analysis.stress.shocks import Blow, SceneError
from model.evidence.schema import COMMODITIES
from model.evidence.store import Evidence
from pages.parts.text import common as words

Line = Mapping[str, float]
KINDS = ("State of the world", "Events together", "By hand", "From history")
PLANS = {"mix": "This mix", "cheapest": "Cheapest mix", "today": "Today's course"}
NOTE = (
    "The plan, its plants and its reserve are held as they are; only what arrives, what the reserve gives and who goes short is decided"
    " anew. The reserve gives only products that the disruption cuts, as in the plan."
)
SECTORS_TITLE = "Who goes short"
SECTORS_NOTE = (
    "Percent of each user's demand that goes unserved in that year, for three plans that stand when it happens."
)
YEARS_TITLE = "The same in any other year"
YEARS_NOTE = (
    "Percent of all demand that goes unserved if it happens in that year instead. The upright marks the year chosen."
)
RESERVE_TITLE = "What the reserve covers"
RESERVE_NOTE = (
    "Tonnes that would be missing without a reserve: the part that it covers, its oxide counted as the magnets made"
    " from it, and the part that goes short."
)
COST_TITLE = "What it costs"
COST_NOTE = (
    "Bill: purchases, plants and reserve, refilling included. Harm: value that India does not make for want of magnets."
)
NOTHING = "Choose what happens, and this page says who goes short, what the reserve covers and what it costs"


# -- what is put together by hand -------------------------------------------------------------------------------------


def blow(
    evidence: Evidence, who: Sequence[str], what: Sequence[str], cut_pct: float, months: float, times: float
) -> Blow:
    """A cut and a price rise. `who`: route ids, or origins as 'from China'; `what`: commodities, none for all."""
    routes = tuple(r.id for r in evidence.routes.values() if r.id in who or f"from {r.origin}" in who)
    goods = tuple(c for c in COMMODITIES if c in what) or COMMODITIES
    return Blow(routes, cut_pct / 100.0, months, times, goods)


def blow_name(evidence: Evidence, made: Blow, who: Sequence[str], what: Sequence[str]) -> str:
    """A blow in a sentence: '60 % of all that comes from China lost for six months'. Raises `SceneError` when nothing is hit."""
    if not made.routes:
        raise SceneError("Who is hit: choose at least one route or country")
    origins = [name.removeprefix("from ") for name in who if name.startswith("from ")]
    single = [evidence.routes[r].name for r in made.routes if evidence.routes[r].origin not in origins]
    parts = [f"all that comes from {name}" for name in origins] + single
    named = words.listed(parts[:3] + ([words.count(len(parts) - 3, "other route")] if len(parts) > 3 else []))
    if what:
        named += f" ({words.listed(evidence.commodities[c].short for c in made.commodities)})"
    dearer = f"at {made.times:g} times the price" if made.times != 1 else ""
    less = f"{words.percent(made.share)} of {named} lost" if made.share else words.sentence_case(named)
    spell = words.count(int(made.months), "month") if made.months == int(made.months) else f"{made.months:g} months"
    return f"{' and the rest '.join(filter(None, (less, dearer))) if made.share else f'{less} {dearer}'} for {spell}"


def sources(evidence: Evidence) -> dict[str, str]:
    """What can be hit by hand: origins with more than one route, and every route that supplies something; id -> label."""
    routes = [r for r in evidence.routes.values() if r.stage != "substitute"]
    origins = dict.fromkeys(r.origin for r in routes)
    many = {f"from {o}": f"All from {o}" for o in origins if sum(r.origin == o for r in routes) > 1}
    return many | {r.id: r.name for r in routes}


# -- sentences --------------------------------------------------------------------------------------------------------


def lines(found: Disruption, year: int) -> dict[str, Line]:
    """The numbers of each plan in a year, by plan and column (`Disruption.frame`)."""
    rows = found.frame[found.frame["year"] == year].set_index("plan")
    return {str(plan): {str(k): float(v) for k, v in rows.loc[plan].items()} for plan in rows.index}


def opening(found: Disruption, year: int) -> str:
    """Who goes short, how much, what the reserve covers and for how long, and what it costs, for the current mix."""
    now = lines(found, year)["mix"]
    parts = [_who(found, year, now), _reserve(now, found.scene.months), _cost(now)]
    return words.unbroken(f"{found.scene.name} in {year}: {'; '.join(filter(None, parts))}.")


def _who(found: Disruption, year: int, now: Line) -> str:
    if now["short_t"] < 0.5:
        return "nobody goes short"
    rows = found.short[(found.short["plan"] == "mix") & (found.short["year"] == year)]
    users = rows.groupby("sector", sort=False)["short_t"].sum().sort_values(ascending=False)
    name, most = found.evidence.sectors[str(users.index[0])].name.lower(), float(users.iloc[0]) / now["short_t"]
    first = f"all of it for {name}" if most > 0.995 else f"most of it for {name}" if most > 0.5 else f"{name} the most"
    share = words.percent(now["short_share"]) if now["short_share"] >= 0.005 else "less than 1 %"
    return f"{words.tonnes(now['short_t'])} of magnets go short, {share} of demand, {first}"


def _reserve(now: Line, months: float) -> str:
    if now["gap_t"] < 0.5:
        return ""
    if now["covered_t"] < 0.5:
        return "the reserve gives nothing" if now["stock_magnets_t"] >= 0.5 else "there is no reserve that could help"
    part = now["covered_t"] / now["gap_t"]
    if part > 0.995:
        return f"the reserve covers all {words.tonnes(now['covered_t'])} that would be missing"
    spell = min(months, 12.0)
    return (
        f"the reserve covers {words.tonnes(now['covered_t'])}, {words.percent(part)} of what would be missing, or all of it for the first"
        f" {words.number(part * spell, 1)} of {words.number(spell, 0 if spell == int(spell) else 1)} months"
    )


def _cost(now: Line) -> str:
    bill, harm = now["extra_bill_crore"], now["extra_harm_crore"]
    if abs(bill) < 0.5 and harm < 0.5:
        return "it costs next to nothing"
    amount = words.inr_crore(words.rounded(abs(bill)))
    if harm < 0.5:
        return f"it {'adds' if bill >= 0 else 'takes'} {amount} {'to' if bill >= 0 else 'off'} the bill"
    moved = f"and adds {amount} to the bill" if bill >= 0 else f"while the bill falls by {amount}"
    return f"it costs {words.inr_crore(words.rounded(harm))} in harm {moved if abs(bill) >= 0.5 else ''}".rstrip()


def years_finding(found: Disruption) -> str:
    """In which year it would be worst for each plan."""
    rows, parts = found.frame.to_dict("records"), []
    for plan, name in PLANS.items():
        worst = max((row for row in rows if row["plan"] == plan), key=lambda row: float(row["short_share"]))
        parts.append(f"{name.lower()} {words.percent(worst['short_share'])} short in {worst['year']}")
    return f"{found.scene.name} in its worst year: {words.listed(parts)}."


def chance(probability: float | None) -> str:
    """How likely such a year is, where the evidence has it."""
    return "" if probability is None else f"Such a year has a probability of {words.percent(probability, 1)}."


def compared(found: Disruption, year: int) -> str:
    """The current mix against the cheapest mix and today's course, in one sentence."""
    by_plan = lines(found, year)
    mine, parts = by_plan["mix"], []
    for name, spoken in (("cheapest", "the cheapest mix"), ("today", "today's course")):
        apart = mine["short_t"] - by_plan[name]["short_t"]
        if abs(apart) < 0.005 * mine["demand_t"]:
            parts.append(f"about as much as with {spoken}")
        else:
            parts.append(f"{words.tonnes(abs(apart))} {'more' if apart > 0 else 'less'} than with {spoken}")
    return f"What goes short with this mix is {words.listed(parts)}."
