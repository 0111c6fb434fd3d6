"""The cost of a mix as sheets with live formulas: change a price, the rupee or a rate, and the cost of this same mix follows.

Volumes (what is planned, delivered, drawn, short) are results and stay; every amount of money is a formula over them and over the
cells marked as inputs. The formulas are those of `program.adds_up_costs` and `discounts_the_total`; a formula never holds
anybody's text, only addresses of cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from model.evidence.schema import COMMODITIES, MAGNETS
from model.evidence.store import Evidence
from model.export.workbook import cells
from model.export.workbook.cells import (
    DISCOUNT,
    INPUTS,
    ODDS,
    PLANTS,
    PRICES,
    PURCHASES,
    RESERVE,
    ROUTES,
    SHORTAGE,
    TOTAL,
    YEARLY,
    Cell,
    Column,
    Formula,
    Row,
    Sheet,
    column,
)
from model.formulation.case import C, M
from model.results.mix import Mix

RUPEE, RATE = f"'{INPUTS}'!$C$2", f"'{INPUTS}'!$C$3"
PER_CRORE = "10000"
"""INR crore = kUSD x rupee / 10,000."""


class Ledger:
    """The sheets of one mix. Row numbers count from 1 as in a spreadsheet; row 1 is the head."""

    def __init__(self, mix: Mix, evidence: Evidence) -> None:
        self.mix, self.case, self.evidence = mix, mix.case, evidence
        self.states, self.years = len(mix.case.states), len(mix.case.years)
        self.pairs = [(r, c) for r, c in np.argwhere(self.case.products).tolist()]
        self.builds = np.flatnonzero(self.case.life > 1).tolist()
        self.bought = np.argwhere(mix.plan > 0).tolist()
        self.needs = np.argwhere(self.case.demand > 0).tolist()
        self.rate = float(mix.choice.discount_rate) / 100.0
        self.sector_row = {s: 4 + C + i for i, s in enumerate(range(len(self.case.sectors)))}
        self.odds = f"{ODDS}!$A$2:${column(self.states - 1)}$2"

    def sheets(self) -> Iterator[Sheet]:
        """Every sheet as its name, columns and rows; totals first, then where they come from."""
        yield TOTAL, cells.TOTAL_COLUMNS, list(self.total())
        yield YEARLY, cells.YEARLY_COLUMNS, list(self.yearly())
        yield ROUTES, cells.ROUTE_COLUMNS, list(self.by_route())
        yield INPUTS, cells.INPUT_COLUMNS, list(self.inputs())
        yield PRICES, cells.price_columns(self.mix), list(self.prices())
        yield PURCHASES, cells.purchase_columns(self.mix), list(self.purchases())
        yield PLANTS, cells.plant_columns(self.mix), list(self.plants())
        yield RESERVE, cells.reserve_columns(self.mix), list(self.reserve())
        yield SHORTAGE, cells.shortage_columns(self.mix), list(self.shortage())
        yield ODDS, [Column(name, 14, "share") for name in self.case.state_names], [list(self.odds_row())]
        yield DISCOUNT, [Column("What", 18), *cells.year_columns(self.mix, "", "number")], list(self.discount())

    # -- inputs -------------------------------------------------------------------------------------------------------

    def inputs(self) -> Iterator[Row]:
        """Rupee, rate, storage by product, harm of a missing kg by users."""
        case = self.case
        yield (
            "Rupee",
            "rupee",
            (case.rupee, "input"),
            "INR per USD",
            "Turns what is stated in rupees into dollars, and the sums into INR crore.",
        )
        yield (
            "Discount rate",
            "discount_rate",
            (self.rate, "input_share"),
            "a year, real",
            "Weighs later years less, and sets the yearly charge for capital.",
        )
        for c, name in enumerate(COMMODITIES):
            product = self.evidence.commodities[name].short
            yield (
                f"Storage: {product}",
                f"holding_{name}",
                (float(case.holding[c]), "input"),
                "USD/kg a year",
                "Keeping a kg in the reserve for a year.",
            )
        for s, sector in enumerate(case.sectors):
            users = self.evidence.sectors[sector].name
            yield (
                f"A missing kg: {users}",
                f"penalty_{sector}",
                (float(case.penalty[s]), "input"),
                "USD/kg",
                "Harm to the Indian economy, not a bill.",
            )

    def odds_row(self) -> Iterator[Cell]:
        """Probability of each state, from the sheet States, where it can be changed."""
        for k in range(self.states):
            yield Formula(f"=States!$C${k + 2}", float(self.case.probability[k]))

    def discount(self) -> Iterator[Row]:
        """Years and their discount factors: 1 / (1 + rate) ^ (year - first year)."""
        yield "Year", *((float(year), "whole") for year in self.case.years)
        row: list[Cell] = ["Discount factor"]
        for t in range(self.years):
            here = column(1 + t)
            row.append(Formula(f"=1/(1+{RATE})^({here}2-$B$2)", float(self.case.discount[t])))
        yield row

    def factor(self, t: int) -> str:
        """The cell of a year's discount factor."""
        return f"{DISCOUNT}!${column(1 + t)}$3"

    def in_rupees(self, route: int) -> bool:
        """Whether the evidence states a route's prices in rupees."""
        path = next(iter(self.evidence.routes[self.case.routes[route]].price.values()))
        return self.evidence.facts[next(iter(path.values()))].unit == "INR/kg"

    def prices(self) -> Iterator[Row]:
        """Undisturbed price of each route and product by year: as stated (input), and in USD/kg."""
        for i, (r, c) in enumerate(self.pairs):
            rupees, price = self.in_rupees(r), self.case.price[r, c]
            stated = price * self.case.rupee if rupees else price
            divide = f"/{RUPEE}" if rupees else ""
            dollars = [Formula(f"={column(4 + t)}{i + 2}{divide}", float(price[t])) for t in range(self.years)]
            yield *self._names(r, c), "INR/kg" if rupees else "USD/kg", *stated.tolist(), *dollars

    def price_cell(self, r: int, c: int, t: int) -> str:
        """The cell of a price in USD/kg."""
        return f"{PRICES}!${column(4 + self.years + t)}${self.pairs.index((r, c)) + 2}"

    # -- what is paid -------------------------------------------------------------------------------------------------

    def purchases(self) -> Iterator[Row]:
        """Expected purchases: price x tonnes, the tonnes weighted by the odds of each state and by how much dearer it makes them. Of what arrives, a share is
        paid whether it is taken or not."""
        mix, case, k = self.mix, self.case, self.states
        spans = [f"{column(10 + b * k)}{{0}}:{column(9 + (b + 1) * k)}{{0}}" for b in range(3)]
        spent = mix.supply_by_state @ case.probability
        for i, (r, c, t) in enumerate(self.bought):
            row = i + 2
            taken, arrives, times = (span.format(row) for span in spans)
            cost = float(spent[r, c, t])
            price = float(case.price[r, c, t])
            weighted = f"=SUMPRODUCT({self.odds}*{times}*($E{row}*{arrives}*$F{row}+(1-$E{row})*{taken}))"
            tonnes = case.take_or_pay[r] * case.availability[r, c, t] * mix.plan[r, c, t]
            tonnes = tonnes + (1 - case.take_or_pay[r]) * mix.deliver[r, c, t]
            yield (
                *self._names(r, c), float(case.years[t]), float(case.take_or_pay[r]), float(mix.plan[r, c, t]),
                Formula(f"={self.price_cell(r, c, t)}", price),
                Formula(weighted, float(case.probability @ (case.multiplier[r, c, t] * tonnes))),
                Formula(f"=G{row}*H{row}", cost), Formula(f"=I{row}*{self.factor(t)}", cost * float(case.discount[t])),
                *mix.deliver[r, c, t].tolist(), *case.availability[r, c, t].tolist(), *case.multiplier[r, c, t].tolist(),
            )  # fmt: skip

    def plants(self) -> Iterator[Row]:
        """Yearly charge for plants: capital x capital recovery factor, for as long as a plant lives."""
        mix, case = self.mix, self.case
        years = f"{DISCOUNT}!$B$2:${column(self.years)}$2"
        for i, r in enumerate(self.builds):
            row, first = i + 2, 6
            added = f"${column(first)}{row}:${column(first + self.years - 1)}{row}"
            charges = [
                Formula(
                    f"=$F{row}*$E{row}*SUMPRODUCT(({years}<={year})*({year}-{years}<$D{row})*{added})",
                    float(mix.annuity_by_route[r, t]),
                )
                for t, year in enumerate(case.years)
            ]
            span = f"{column(first + self.years)}{row}:{column(first + 2 * self.years - 1)}{row}"
            factors = f"{DISCOUNT}!$B$3:${column(self.years)}$3"
            yield (
                *self._route(r), (float(case.capital[r] * case.rupee), "input"), float(case.life[r]),
                Formula(f"=IF({RATE}>0,{RATE}/(1-(1+{RATE})^-D{row}),1/D{row})", float(case.recovery[r])),
                Formula(f"=C{row}/{RUPEE}", float(case.capital[r])), *mix.add[r].tolist(), *charges,
                Formula(f"=SUMPRODUCT({span}*{factors})", float(case.discount @ mix.annuity_by_route[r])),
            )  # fmt: skip

    def reserve(self) -> Iterator[Row]:
        """Storage, and buying back a year later what bad years draw, at the dearest undisturbed price of the year of the draw; what is left at
        the end is worth its cheapest price."""
        mix, case = self.mix, self.case
        last = self.years - 1
        for c, name in enumerate(COMMODITIES):
            dearest = self._over("MAX", self._offered(c))
            least = self._over("MIN", self._whole(c), last)
            for t, year in enumerate(case.years):
                row = 2 + c * self.years + t
                drawn = float(mix.draw[c, t] @ case.probability)
                cost = float(case.holding[c] * mix.stock[c, t] + case.refill[c, t] * drawn)
                span = f"{column(11)}{row}:{column(10 + self.states)}{row}"
                left: list[Cell] = [None, None]
                if t == last:
                    worth = float(case.final_credit[c] * mix.stock[c, t] * case.discount[t])
                    left = [
                        Formula(f"={least}", float(case.final_credit[c])),
                        Formula(f"=E{row}*J{row}*{self.factor(t)}", worth),
                    ]
                yield (
                    self.evidence.commodities[name].short, name, float(year),
                    Formula(f"='{INPUTS}'!$C${4 + c}", float(case.holding[c])), float(mix.stock[c, t]),
                    Formula(f"={dearest.format(column(4 + self.years + t))}/(1+{RATE})", float(case.refill[c, t])),
                    Formula(f"=SUMPRODUCT({self.odds}*{span})", drawn), Formula(f"=D{row}*E{row}+F{row}*G{row}", cost),
                    Formula(f"=H{row}*{self.factor(t)}", cost * float(case.discount[t])), *left, *mix.draw[c, t].tolist(),
                )  # fmt: skip

    def _over(self, function: str, routes: Sequence[int], t: int | None = None) -> str:
        """MAX or MIN over the prices of some pairs; the column of the year is left open unless it is given."""
        if not routes:
            return "0"
        letters = "{0}" if t is None else column(4 + self.years + t)
        return f"{function}({','.join(f'{PRICES}!${letters}${i + 2}' for i in routes)})"

    def _offered(self, c: int) -> list[int]:
        """Rows of `pairs` at which the reserve can be bought: sellers abroad; where there are none, the Indian makers."""
        mine = [i for i, (_, q) in enumerate(self.pairs) if q == c]
        abroad = [i for i in mine if self.case.origins[self.pairs[i][0]] != "India"]
        return abroad or mine

    def _whole(self, c: int) -> list[int]:
        """Rows of `pairs` whose price is that of the whole product: no oxide still to be bought, no motor in its place."""
        routes = [self.evidence.routes[self.case.routes[r]] for r, _ in self.pairs]
        whole = [not route.feed and route.stage != "substitute" for route in routes]
        return [i for i, (_, q) in enumerate(self.pairs) if q == c and whole[i]]

    def shortage(self) -> Iterator[Row]:
        """Who goes short in which state, and the harm that it does on average."""
        mix, case = self.mix, self.case
        for i, (s, m, t) in enumerate(self.needs):
            row, short = i + 2, float(mix.short[s, m, t] @ case.probability)
            span = f"{column(8)}{row}:{column(7 + self.states)}{row}"
            yield (
                self.evidence.sectors[case.sectors[s]].name, self.evidence.commodities[MAGNETS[m]].short, float(case.years[t]),
                float(case.demand[s, m, t]), Formula(f"=SUMPRODUCT({self.odds}*{span})", short),
                Formula(f"='{INPUTS}'!$C${self.sector_row[s]}", float(case.penalty[s])),
                Formula(f"=E{row}*F{row}", short * float(case.penalty[s])),
                Formula(f"=G{row}*{self.factor(t)}", short * float(case.penalty[s] * case.discount[t])), *mix.short[s, m, t].tolist(),
            )  # fmt: skip

    # -- sums ---------------------------------------------------------------------------------------------------------

    def yearly(self) -> Iterator[Row]:
        """What each year costs, kUSD, and the same discounted."""
        mix, case = self.mix, self.case
        parts = (mix.supply_year, mix.annuity_by_route.sum(axis=0), mix.reserve_year, mix.shortage_year)
        for t, year in enumerate(case.years):
            row, charge = t + 2, column(6 + self.years + t)
            texts = (
                _sum_if(PURCHASES, "I", "D", f"$A{row}", len(self.bought)),
                f"=SUM('{PLANTS}'!{charge}$2:{charge}${len(self.builds) + 1})",
                _sum_if(RESERVE, "H", "C", f"$A{row}", C * self.years),
                _sum_if(SHORTAGE, "G", "C", f"$A{row}", len(self.needs)),
            )
            values = [float(part[t]) for part in parts]
            factor = float(case.discount[t])
            yield (
                float(year), *(Formula(text, value) for text, value in zip(texts, values, strict=True)),
                Formula(f"=SUM(B{row}:D{row})", sum(values[:3])),
                Formula(f"=F{row}*{RUPEE}/{PER_CRORE}", sum(values[:3]) * case.rupee / 1e4),
                Formula(f"={self.factor(t)}", factor),
                *(Formula(f"={letter}{row}*$H{row}", value * factor) for letter, value in zip("BCDE", values, strict=True)),
            )  # fmt: skip

    def by_route(self) -> Iterator[Row]:
        """Each route's purchases and plants over the years, discounted."""
        mix, case = self.mix, self.case
        spent = np.einsum("rct,t->r", mix.supply_by_state @ case.probability, case.discount)
        built = mix.annuity_by_route @ case.discount
        total = column(6 + 2 * self.years)
        for i, r in enumerate(range(len(case.routes))):
            row = i + 2
            yield (
                *self._route(r),
                Formula(_sum_if(PURCHASES, "J", "B", f"$B{row}", len(self.bought)), float(spent[r])),
                Formula(_sum_if(PLANTS, total, "B", f"$B{row}", len(self.builds)), float(built[r])),
                Formula(f"=C{row}+D{row}", float(spent[r] + built[r])),
                Formula(f"=E{row}*{RUPEE}/{PER_CRORE}", float(spent[r] + built[r]) * case.rupee / 1e4),
            )

    def total(self) -> Iterator[Row]:
        """The objective as the sum of its parts, kUSD, million USD and INR crore, and what people read on screen."""
        mix, case, last = self.mix, self.case, self.years + 1
        credit = mix.credit_kusd
        sums = [
            ("Purchases", f"=SUM('{YEARLY}'!I2:I{last})", mix.supply_cost_kusd, "Price x tonnes, average over the states of the world."),
            ("Plants", f"=SUM('{YEARLY}'!J2:J{last})", mix.investment_kusd, "Yearly charges for the capital of what is built."),
            ("Reserve", f"=SUM('{YEARLY}'!K2:K{last})", mix.reserve_cost_kusd + credit, "Storage, and buying back what bad years draw."),
            ("Less: left in the reserve", f"=SUM('{RESERVE}'!K2:K{C * self.years + 1})", credit, "What the stock of the last year is worth; taken off."),
            ("Harm of shortage", f"=SUM('{YEARLY}'!L2:L{last})", mix.shortage_cost_kusd, "Lost Indian value added, expected. A harm, not a bill."),
            ("Total cost", "=B2+B3+B4-B5+B6", mix.total_kusd, "What the program makes as small as the limits allow, over all years, discounted to the first."),
            ("Tie-break", "", mix.preference_kusd, "Tiny fixed preferences, at most 7.5e-5 kUSD a tonne, so that one mix is the best."),
            ("Objective", "=B7+B8", mix.total_kusd + mix.preference_kusd, "Total cost and tie-break."),
            ("Objective as solved", "", mix.objective_kusd, "What the solver reported. It does not follow the inputs."),
        ]  # fmt: skip
        for i, (name, text, value, what) in enumerate(sums):
            row = i + 2
            yield (
                name, Formula(text, value) if text else value, Formula(f"=B{row}/1000", value / 1e3),
                Formula(f"=B{row}*{RUPEE}/{PER_CRORE}", value * case.rupee / 1e4), what,
            )  # fmt: skip
        gap = mix.total_kusd + mix.preference_kusd - mix.objective_kusd
        yield (
            "Difference",
            Formula("=B9-B10", gap),
            None,
            None,
            "Within the solver's tolerance while no input is changed; afterwards what the change costs this mix.",
        )
        yield from self._on_screen()

    def _on_screen(self) -> Iterator[Row]:
        """The yearly bill, the cost of a magnet and the harm, as the page shows them."""
        mix, case = self.mix, self.case
        decided = np.flatnonzero(~case.fixed) if (~case.fixed).any() else np.arange(self.years)
        first, last = int(decided[0]) + 2, int(decided[-1]) + 2
        shown, rows = mix.indicators, f"{first}:{{0}}{last}"
        crore = f"*{RUPEE}/{PER_CRORE}"
        magnets = float(
            (mix.expected[:, :M].sum(axis=(0, 1)) + mix.draw[:M].sum(axis=0) @ case.probability)[decided].sum()
        )
        span = f"{case.years[decided[0]]} to {case.years[decided[-1]]}"
        yield (
            "Yearly bill",
            None,
            None,
            Formula(f"=AVERAGE('{YEARLY}'!F{rows.format('F')}){crore}", shown["bill_crore"]),
            f"INR crore a year, average of {span}, not discounted, before any shortage.",
        )
        yield (
            "Harm in a year",
            None,
            None,
            Formula(f"=AVERAGE('{YEARLY}'!E{rows.format('E')}){crore}", shown["harm_crore"]),
            f"INR crore a year, average of {span}, not discounted.",
        )
        yield "Magnets delivered", (magnets, "tonnes"), None, None, f"t, {span}, expected, from the reserve too."
        yield (
            "Cost of a magnet",
            (Formula(f"=IF(B14>0,SUM('{YEARLY}'!F{rows.format('F')})/B14,0)", shown["cost_usd_per_kg"]), "money"),
            None,
            None,
            "USD/kg: the yearly bills over the magnets delivered.",
        )

    # -- heads --------------------------------------------------------------------------------------------------------

    def _route(self, r: int) -> tuple[str, str]:
        name = self.case.routes[r]
        return self.evidence.routes[name].name, name

    def _names(self, r: int, c: int) -> tuple[str, str, str]:
        return *self._route(r), self.evidence.commodities[COMMODITIES[c]].short


def _sum_if(sheet: str, amounts: str, keys: str, key: str, rows: int) -> str:
    """The sum of one column of a sheet where another equals a cell."""
    end = max(2, rows + 1)
    return f"=SUMIF('{sheet}'!${keys}$2:${keys}${end},{key},'{sheet}'!${amounts}$2:${amounts}${end})"
