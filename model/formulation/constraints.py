"""Case to linear program: one function for each family of constraints, its formula in the docstring, its rows named.

Symbols: r route, c commodity (m magnet, f feedstock), t year, k state of the world, s sector, o origin.

| symbol | name in code | unit |
|---|---|---|
| plan, add, fill, reserve | the same | t/y, t/y, t, t |
| deliver, draw, short | the same | t |
| p_k | probability | share |
| a_rctk | availability | share |
| D_t, d_smt | total_demand, demand | t |
| L | limit columns, one fixed column for each lever | unit of the lever |

Every coefficient is a reference into the arrays of `numbers(case)`, so the same declaration serves building and re-solving.
"""

from __future__ import annotations

from collections.abc import Callable

from model.evidence.schema import COMMODITIES
from model.formulation.case import SCHEMES, C, M
from model.formulation.variables import ProgramView, Rows, origin_labels
from model.lp.model import Term

# -- families of constraints ------------------------------------------------------------------------------------------


def stays_within_capacity(b: ProgramView) -> Rows:
    """Σ_c plan_rct ≤ use_r · (capacity_rt)   for every route and year: no more is contracted than the route can make (t/y)."""
    for r, name in enumerate(b.case.routes):
        products = [c for q, c in b.pairs if q == r]
        for t, year in enumerate(b.case.years):
            for w in b.worlds:
                terms: list[Term] = [(b.x.plan[r, c, t, w], 1.0) for c in products]
                if r in b.builds:
                    terms.append((b.x.capacity[r, t], b.at("usable", r, t, times=-1.0)))
                right = 0.0 if r in b.builds else b.at("usable_capacity", r, t)
                yield f"capacity_{name}_{year}{_world(b, w)}", terms, "<=", right


def makes_by_products_in_proportion(b: ProgramView) -> Rows:
    """plan_rct ≤ share_rc · use_r · capacity_rt   where a product is a by-product: samarium beside neodymium, heavy beside light."""
    for r, c in b.pairs:
        if b.case.at_most[r, c] >= 1.0:
            continue
        for t, year in enumerate(b.case.years):
            for w in b.worlds:
                yield (
                    f"by_product_{b.case.routes[r]}_{COMMODITIES[c]}_{year}{_world(b, w)}",
                    [(b.x.plan[r, c, t, w], 1.0), (b.x.capacity[r, t], b.at("product_share", r, c, t, times=-1.0))],
                    "<=",
                    0.0,
                )


def builds_up_capacity(b: ProgramView) -> Rows:
    """capacity_rt = existing_rt + Σ_{τ≤t} add_rτ   for routes that can be built (t/y)."""
    for r in b.builds:
        for t, year in enumerate(b.case.years):
            terms: list[Term] = [(b.x.capacity[r, t], 1.0), (b.x.add[r, t], -1.0)]
            if t:
                terms += [(b.x.add[r, u], -1.0) for u in range(t)]
            yield f"build_{b.case.routes[r]}_{year}", terms, "==", b.at("existing", r, t)


def stays_under_the_ceiling(b: ProgramView) -> Rows:
    """Σ_{τ≤t} add_rτ ≤ ceiling_rt   additions in all stay within the programme, the scrap or the agreement (t/y)."""
    for r in b.builds:
        for t, year in enumerate(b.case.years):
            yield (
                f"ceiling_{b.case.routes[r]}_{year}",
                [(b.x.add[r, u], 1.0) for u in range(t + 1)],
                "<=",
                b.at("ceiling", r, t),
            )


def delivers_what_arrives(b: ProgramView) -> Rows:
    """deliver_rctk ≤ a_rctk · plan_rct   what a state cuts does not arrive (t)."""
    for (r, c, t, k), v in b.x.deliver.items():
        name = f"deliver_{b.case.routes[r]}_{COMMODITIES[c]}_{b.case.years[t]}_s{k}"
        yield name, [(v, 1.0), (b.plan(r, c, t, k), b.at("available", r, c, t, k, times=-1.0))], "<=", 0.0


def balances_magnets(b: ProgramView) -> Rows:
    """Σ_r deliver_rmtk + draw_mtk + Σ_s short_smtk − fill_mt ≥ Σ_s d_smt   each magnet, in every year and state (t)."""
    for m in range(M):
        for t, year in enumerate(b.case.years):
            for k in range(len(b.case.states)):
                terms = _supply(b, m, t, k)
                terms += [(b.x.short[s, m, t, k], 1.0) for s, q in b.needs if q == m]
                yield f"balance_{COMMODITIES[m]}_{year}_s{k}", terms, ">=", b.at("magnet_demand", m, t)


def balances_feedstock(b: ProgramView) -> Rows:
    """Σ_r deliver_rftk + draw_ftk − fill_ft ≥ Σ_rm feed_rmf · deliver_rmtk   plants make nothing without oxide (t)."""
    for f in range(C - M):
        for t, year in enumerate(b.case.years):
            for k in range(len(b.case.states)):
                terms = _supply(b, M + f, t, k)
                terms += [
                    (b.x.deliver[r, m, t, k], b.at("feed", r, m, f, times=-1.0))
                    for r, m in b.pairs
                    if m < M and b.case.feed[r, m, f] > 0
                ]
                yield f"balance_{COMMODITIES[M + f]}_{year}_s{k}", terms, ">=", 0.0


def _supply(b: ProgramView, c: int, t: int, k: int) -> list[Term]:
    terms: list[Term] = [(b.x.deliver[r, c, t, k], 1.0) for r, q in b.pairs if q == c]
    if (c, t, k) in b.x.draw:
        terms.append((b.x.draw[c, t, k], 1.0))
    terms.append((b.x.fill[c, t], -1.0))
    return terms


def substitutes_only_where_possible(b: ProgramView) -> Rows:
    """deliver_substitute,mtk + Σ_{s possible} short_smtk ≤ Σ_{s possible} d_smt   a motor without rare earths helps only its own users (t)."""
    users = [s for s in range(len(b.case.sectors)) if b.case.substitutable[s]]
    for r in (r for r, stage in enumerate(b.case.stages) if stage == "substitute"):
        for m in (c for q, c in b.pairs if q == r):
            for t, year in enumerate(b.case.years):
                for k in range(len(b.case.states)):
                    terms: list[Term] = [(b.x.deliver[r, m, t, k], 1.0)]
                    terms += [(b.x.short[s, m, t, k], 1.0) for s in users if (s, m) in b.needs]
                    yield (
                        f"substitute_{b.case.routes[r]}_{COMMODITIES[m]}_{year}_s{k}", terms, "<=",
                        b.at("substitutable_demand", m, t),
                    )  # fmt: skip


def fills_the_reserve(b: ProgramView) -> Rows:
    """reserve_ct = reserve_c,t−1 + fill_ct   stock at the end of a year; what a bad year draws is bought again before the next (t)."""
    for c in range(C):
        for t, year in enumerate(b.case.years):
            terms: list[Term] = [(b.x.reserve[c, t], 1.0), (b.x.fill[c, t], -1.0)]
            if t:
                terms.append((b.x.reserve[c, t - 1], -1.0))
            yield f"reserve_{COMMODITIES[c]}_{year}", terms, "==", 0.0 if t else b.at("opening", c)


def draws_no_more_than_the_reserve(b: ProgramView) -> Rows:
    """length_k · draw_ctk ≤ reserve_c,t−1   a cut that lasts two years may use half the stock a year; before the first year stands the opening stock (t)."""
    for (c, t, k), v in b.x.draw.items():
        name = f"draw_{COMMODITIES[c]}_{b.case.years[t]}_s{k}"
        before: list[Term] = [(b.x.reserve[c, t - 1], -1.0)] if t else []
        yield name, [(v, b.at("length", c, k)), *before], "<=", 0.0 if t else b.at("opening", c)


def keeps_the_reserve_within_its_days(b: ProgramView) -> Rows:
    """reserve_mt ≤ L · D_mt / 365,   reserve_ft ≤ L / 365 · Σ_rm feed_rmf · plan_rmt   at most the lever's days of demand or of the plants' use (t)."""
    for c in range(C):
        for t, year in enumerate(b.case.years):
            name = f"reserve_days_{COMMODITIES[c]}_{year}"
            if c < M:
                terms: list[Term] = [
                    (b.x.reserve[c, t], 1.0),
                    (b.limit("reserve_days"), b.at("reserve_day", c, t, times=-1.0)),
                ]
                yield name, terms, "<=", b.at("slack_reserve_days", t)
                continue
            for w in b.worlds:
                terms = [(b.x.reserve[c, t], 1.0)]
                terms += [
                    (b.x.plan[r, m, t, w], b.at("reserve_feed", r, m, c - M, times=-1.0))
                    for r, m in b.pairs
                    if m < M and b.case.feed[r, m, c - M] > 0
                ]
                yield f"{name}{_world(b, w)}", terms, "<=", 0.0


def measures_the_loss(b: ProgramView) -> Rows:
    """lost_tk = Σ_sm short_smtk / D_t   share of demand unserved in a year and state."""
    for (t, k), v in b.x.lost.items():
        terms: list[Term] = [(v, 1.0)]
        terms += [(b.x.short[s, m, t, k], b.at("inverse_demand", t, times=-1.0)) for s, m in b.needs]
        yield f"lost_{b.case.years[t]}_s{k}", terms, "==", 0.0


def averages_the_worst(b: ProgramView) -> Rows:
    """excess_tk ≥ lost_tk − eta_t,   tail_t = eta_t + Σ_k p_k · excess_tk / (1 − α)   average of the worst outcomes (CVaR)."""
    for (t, k), v in b.x.excess.items():
        yield (
            f"excess_{b.case.years[t]}_s{k}", [(v, 1.0), (b.x.lost[t, k], -1.0), (b.x.eta[(t,)], 1.0)], ">=", 0.0,
        )  # fmt: skip
    for t, year in enumerate(b.case.years):
        terms: list[Term] = [(b.x.tail[(t,)], 1.0), (b.x.eta[(t,)], -1.0)]
        terms += [
            (b.x.excess[t, k], b.at("probability", k, times=-1.0 / b.case.tail)) for k in range(len(b.case.states))
        ]
        yield f"tail_{year}", terms, "==", 0.0


def counts_dependence(b: ProgramView) -> Rows:
    """rest_ot ≥ Σ_{r of o} plan_rft / ratio_f for each f,   dependence_ot = Σ_{r of o} plan_rmt + rest_ot   magnets that rest on an origin (t/y).

    A little Chinese dysprosium makes a lot of Indian magnets dependent, so oxide counts by the magnets that it goes into."""
    labels = origin_labels(b.case.foreign)
    for o, origin in enumerate(b.case.foreign):
        label = labels[o]
        mine = [(r, c) for r, c in b.pairs if b.case.origins[r] == origin]
        for t, year in enumerate(b.case.years):
            for w in b.worlds:
                for f in range(C - M):
                    oxide = [r for r, c in mine if c == M + f]
                    if oxide:
                        terms: list[Term] = [(b.x.rest[o, t, w], 1.0)]
                        terms += [(b.x.plan[r, M + f, t, w], b.at("dependence_on_oxide", f, times=-1.0)) for r in oxide]
                        yield f"rest_{label}_{COMMODITIES[M + f]}_{year}{_world(b, w)}", terms, ">=", 0.0
                terms = [(b.x.dependence[o, t, w], 1.0), (b.x.rest[o, t, w], -1.0)]
                terms += [(b.x.plan[r, c, t, w], -1.0) for r, c in mine if c < M]
                yield f"dependence_{label}_{year}{_world(b, w)}", terms, "==", 0.0


def limits_dependence(b: ProgramView) -> Rows:
    """dependence_China,t ≤ L · D_t;   dependence_ot ≤ L' · D_t for every foreign origin;   Σ_o risk_o · dependence_ot ≤ L'' · D_t."""
    for t, year in enumerate(b.case.years):
        for w in b.worlds:
            terms: list[Term] = [
                (b.x.dependence[o, t, w], 1.0) for o, name in enumerate(b.case.foreign) if name == "China"
            ]
            terms.append((b.limit("china_limit"), b.at("total_demand", t, times=-1.0)))
            yield f"china_limit_{year}{_world(b, w)}", terms, "<=", b.at("slack_china_limit", t)
            for o, label in enumerate(origin_labels(b.case.foreign)):
                demand: Term = (b.limit("country_limit"), b.at("total_demand", t, times=-1.0))
                terms = [(b.x.dependence[o, t, w], 1.0), demand]
                yield f"country_limit_{label}_{year}{_world(b, w)}", terms, "<=", b.at("slack_country_limit", t)
            terms = [(b.x.dependence[o, t, w], b.at("risk", o)) for o in range(len(b.case.foreign))]
            terms.append((b.limit("concentration_limit"), b.at("total_demand", t, times=-1.0)))
            yield f"concentration_limit_{year}{_world(b, w)}", terms, "<=", b.at("slack_concentration_limit", t)


def limits_the_shortfall(b: ProgramView) -> Rows:
    """tail_t ≤ L   the average of the worst outcomes, from the target year on."""
    for t, year in enumerate(b.case.years):
        terms: list[Term] = [(b.x.tail[(t,)], 1.0), (b.limit("shortfall_limit"), -1.0)]
        yield f"shortfall_limit_{year}", terms, "<=", b.at("slack_shortfall_limit", t)


def protects_vital_users(b: ProgramView) -> Rows:
    """Σ_{s vital, m} short_smtk ≤ L · Σ_{s vital, m} d_smt   defence and medical users, in every state."""
    users = [(s, m) for s, m in b.needs if b.case.vital[s]]
    for t, year in enumerate(b.case.years):
        for k in range(len(b.case.states)):
            terms: list[Term] = [(b.x.short[s, m, t, k], 1.0) for s, m in users]
            terms.append((b.limit("vital_limit"), b.at("vital_demand", t, times=-1.0)))
            yield f"vital_limit_{year}_s{k}", terms, "<=", b.at("slack_vital_limit", t)


def asks_for_home_made(b: ProgramView) -> Rows:
    """Σ_k p_k Σ_{r in India} deliver_rmtk ≥ L · D_t   magnets made in India, on average over the states."""
    home = [(r, c) for r, c in b.pairs if b.case.made_in_india[r] and c < M]
    for t, year in enumerate(b.case.years):
        terms: list[Term] = [
            (b.x.deliver[r, c, t, k], b.at("probability", k, times=-1.0))
            for r, c in home
            for k in range(len(b.case.states))
        ]
        terms.append((b.limit("home_limit"), b.at("total_demand", t)))
        yield f"home_limit_{year}", terms, "<=", b.at("slack_home_limit", t)


def limits_carbon(b: ProgramView) -> Rows:
    """Σ_rc carbon_rc · plan_rct ≤ L · D_t   greenhouse gases of contracted supply for each kg needed (kgCO2e)."""
    for t, year in enumerate(b.case.years):
        for w in b.worlds:
            terms: list[Term] = [(b.x.plan[r, c, t, w], b.at("carbon", r, c)) for r, c in b.pairs]
            terms.append((b.limit("carbon_limit"), b.at("total_demand", t, times=-1.0)))
            yield f"carbon_limit_{year}{_world(b, w)}", terms, "<=", b.at("slack_carbon_limit", t)


def limits_money(b: ProgramView) -> Rows:
    """Σ_rt capital_r · add_rt ≤ L;   for each scheme: Σ_{r of scheme, t} public_r · add_rt (+ Σ_ct stock_price_ct · fill_ct, mission) ≤ L   (INR crore, not discounted)."""
    adds = list(b.x.add)
    terms: list[Term] = [(b.x.add[r, t], b.at("capital_crore", r)) for r, t in adds]
    terms.append((b.limit("investment_limit"), -1.0))
    yield "investment_limit", terms, "<=", b.at("slack_investment_limit", 0)
    for i, scheme in enumerate(SCHEMES):
        terms = [(b.x.add[r, t], b.at("public", r)) for r, t in adds if b.case.scheme[r] == i]
        if scheme == "mission":
            terms += [(v, b.at("stock_crore", c, t)) for (c, t), v in b.x.fill.items()]
        terms.append((b.limit(f"{scheme}_budget"), -1.0))
        yield f"{scheme}_budget", terms, "<=", b.at(f"slack_{scheme}_budget", 0)


def adds_up_costs(b: ProgramView) -> Rows:
    """supply_t = Σ_rck p_k · price · multiplier · (top · a · plan + (1 − top) · deliver);   shortage_t = Σ_smk p_k · penalty_s · short;
    capital_t = Σ_r recovery_r · capital_r · Σ_{τ≤t<τ+life} add_rτ;   reserve_t = Σ_c holding · reserve + Σ_ck p_k · refill · draw   (kUSD of the year)."""
    case = b.case
    states = range(len(case.states))
    for t, year in enumerate(case.years):
        terms: list[Term] = [(b.x.supply_cost[(t,)], 1.0)]
        terms += [
            (b.x.plan[r, c, t, w], b.at("pay_anyway", r, c, t, *((w,) if b.foresight else ()), times=-1.0))
            for r, c in b.pairs
            for w in b.worlds
        ]
        terms += [
            (b.x.deliver[r, c, t, k], b.at("pay_if_delivered", r, c, t, k, times=-1.0))
            for r, c in b.pairs
            for k in states
        ]
        yield f"supply_cost_{year}", terms, "==", 0.0
        terms = [(b.x.shortage_cost[(t,)], 1.0)]
        terms += [(b.x.short[s, m, t, k], b.at("penalty", s, k, times=-1.0)) for s, m in b.needs for k in states]
        yield f"shortage_cost_{year}", terms, "==", 0.0
        terms = [(b.x.capital_cost[(t,)], 1.0)]
        terms += [
            (b.x.add[r, u], b.at("capital_charge", r, t, times=-1.0))
            for r in b.builds
            for u in range(t + 1)
            if case.years[t] - case.years[u] < case.life[r]
        ]
        yield f"capital_cost_{year}", terms, "==", 0.0
        terms = [(b.x.reserve_cost[(t,)], 1.0)]
        terms += [(b.x.reserve[c, t], b.at("holding", c, times=-1.0)) for c in range(C)]
        terms += [(v, b.at("refill", c, t, k, times=-1.0)) for (c, u, k), v in b.x.draw.items() if u == t]
        yield f"reserve_cost_{year}", terms, "==", 0.0


def discounts_the_total(b: ProgramView) -> Rows:
    """total = Σ_t discount_t · (supply_t + shortage_t + capital_t + reserve_t) − discount_T · Σ_c credit_c · reserve_cT;
    total ≤ cheapest · (1 + L) when a premium is set   (kUSD)."""
    last = len(b.case.years) - 1
    terms: list[Term] = [(b.x.total_cost[()], 1.0)]
    for name in ("supply_cost", "shortage_cost", "capital_cost", "reserve_cost"):
        terms += [(b.x.by_name[name][(t,)], b.at("discount", t, times=-1.0)) for t in range(last + 1)]
    terms += [(b.x.reserve[c, last], b.at("credit_now", c)) for c in range(C)]
    yield "total_cost", terms, "==", 0.0
    yield (
        "premium_limit", [(b.x.total_cost[()], 1.0), (b.limit("premium_limit"), b.at("cheapest", 0, times=-1.0))], "<=",
        b.at("cheapest_right", 0),
    )  # fmt: skip


def follows_the_aim(b: ProgramView) -> Rows:
    """aim = mean over target years of tail_t, or of dependence_China,t / D_t;   short in an undisturbed year ≤ that of the cheapest mix."""
    terms: list[Term] = [(b.x.aim[()], 1.0)]
    terms += [(b.x.tail[(t,)], b.at("aim_tail", t, times=-1.0)) for t in range(len(b.case.years))]
    china = b.case.foreign.index("China") if "China" in b.case.foreign else None
    if china is not None:
        terms += [
            (b.x.dependence[china, t, b.worlds[0]], b.at("aim_china", t, times=-1.0)) for t in range(len(b.case.years))
        ]
    yield "aim", terms, "==", 0.0
    for t, year in enumerate(b.case.years):
        terms = [(b.x.short[s, m, t, 0], 1.0) for s, m in b.needs]
        yield f"undisturbed_shortage_{year}", terms, "<=", b.at("undisturbed_right", t)


def _world(b: ProgramView, w: int) -> str:
    return f"_s{w}" if b.foresight else ""


FAMILIES: tuple[Callable[[ProgramView], Rows], ...] = (
    stays_within_capacity,
    makes_by_products_in_proportion,
    builds_up_capacity,
    stays_under_the_ceiling,
    delivers_what_arrives,
    balances_magnets,
    balances_feedstock,
    substitutes_only_where_possible,
    fills_the_reserve,
    draws_no_more_than_the_reserve,
    keeps_the_reserve_within_its_days,
    measures_the_loss,
    averages_the_worst,
    counts_dependence,
    limits_dependence,
    limits_the_shortfall,
    protects_vital_users,
    asks_for_home_made,
    limits_carbon,
    limits_money,
    adds_up_costs,
    discounts_the_total,
    follows_the_aim,
)
