"""An outsider rebuilds the linear program from `case --json` alone, in another modelling tool, and gets the same optimum.

`Rebuilt` knows the JSON and the formulas that come with it, nothing of the model: it writes its own sparse matrix for SciPy.
Sums that the model keeps as columns (capacity, reserve, costs) are put in directly here, so the two programs differ in form.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from model.__main__ import main
from model.engine.engine import Engine
from model.evidence.loading import load_evidence

TOLERANCE = 1e-6
ROOT = Path(__file__).resolve().parents[3]


class Rebuilt:
    """The program of one case: a sparse `linprog` over the columns that the case lists under `preference`."""

    def __init__(self, case):
        self.case = case
        self.years = case["years"]
        self.routes = {r["route"]: r for r in case["routes"]}
        self.states = {s["state"]: s for s in case["states"]}
        self.magnets = [c["commodity"] for c in case["commodities"] if c["kind"] == "magnet"]
        self.oxides = [c["commodity"] for c in case["commodities"] if c["kind"] == "feedstock"]
        self.sectors = {s["sector"]: s for s in case["sectors"]}
        self.made = [(p["route"], p["commodity"]) for p in case["products"]]
        self.limit = {limit["limit"]: limit for limit in case["limits"]}
        self.index, self.cost, self.bounds = {}, [], []
        self.equal, self.under = [], []
        self.columns()
        self.rows()

    def table(self, name, value, *keys):
        """A list of records as a mapping from its indices to its value; what is not listed is missing."""
        return {tuple(r[k] for k in keys): r[value] for r in self.case[name]}

    def column(self, *key, low=0.0, high=None, cost=0.0):
        self.index[key] = len(self.cost)
        self.cost.append(cost)
        self.bounds.append((low, high))

    def columns(self):
        demand = self.table("demand", "demand_t", "sector", "commodity", "year")
        fixed = self.table("fixed_plan", "plan_t_per_year", "route", "commodity", "year")
        addmax = self.table("addmax", "addmax_t_per_year", "route", "year")
        order = ("route", "sector", "commodity", "year", "state")
        for record in self.case["preference"]:
            key = tuple(record[k] for k in order if k in record)
            low, high = 0.0, None
            match record["column"]:
                case "plan" if key in fixed:
                    low = high = fixed[key]
                case "add":
                    high = addmax[key]
                case "fill" if key[1] in self.case["fixed_years"]:
                    high = 0.0
                case "short":
                    high = demand[key[:3]]
            self.column(record["column"], *key, low=low, high=high, cost=record["preference_kusd_per_t"])
        for t in self.years:
            self.column("eta", t, high=1.0)
            for o in {r["origin"] for r in self.routes.values()} - {"India"}:
                self.column("rest", o, t)
            for k in self.states:
                self.column("excess", t, k, high=1.0)

    def at_most(self, terms, right):
        """Σ terms ≤ right, with terms as (column key, number); several terms of one column add up."""
        row = defaultdict(float)
        for key, number in terms:
            row[self.index[key]] += number
        self.under.append((row, right))

    def at_least(self, terms, right):
        self.at_most([(key, -number) for key, number in terms], -right)

    def on(self, name, year=None):
        limit = self.limit[name]
        return limit["on"] and (year is None or year in limit["years"])

    def of(self, name):
        """A limit's value in the units of the model."""
        limit = self.limit[name]
        return limit["value"] / (100.0 if limit["unit"].startswith("%") else 1.0)

    def capacity(self, r, t):
        """capacity_rt as its additions, and the part that exists without them."""
        terms = [(("add", r, u), 1.0) for u in self.years if u <= t] if self.routes[r]["can_be_built"] else []
        return terms, self.existing[r, t]

    def stock(self, c, t):
        """reserve_ct as its fills, and the opening stock."""
        return [(("fill", c, u), 1.0) for u in self.years if u <= t], self.opening[c,]

    def rows(self):
        self.demand = self.table("demand", "demand_t", "sector", "commodity", "year")
        self.existing = self.table("capacity", "capacity_t_per_year", "route", "year")
        self.opening = self.table("opening", "opening_t", "commodity")
        self.feed = self.table("feed", "feed_kg_per_kg", "route", "commodity", "feedstock")
        self.total = {t: sum(d for (_, _, y), d in self.demand.items() if y == t) for t in self.years}
        self.makes()
        self.balances()
        self.stores()
        self.depends()
        self.fails()
        self.spends()
        self.pays()

    def makes(self):
        use = self.table("utilisation", "utilisation_share", "route")
        share = self.table("at_most", "at_most_share_of_capacity", "route", "commodity")
        ceiling = self.table("ceiling", "ceiling_t_per_year", "route", "year")
        for t in self.years:
            for r, route in self.routes.items():
                plans = [(("plan", q, c, t), 1.0) for q, c in self.made if q == r]
                adds, existing = self.capacity(r, t)
                self.at_most(plans + [(k, -use[r,] * n) for k, n in adds], use[r,] * existing)
                if route["can_be_built"]:
                    self.at_most(adds, ceiling[r, t])
            for (r, c), most in share.items():
                adds, existing = self.capacity(r, t)
                part = most * use[r,]
                self.at_most([(("plan", r, c, t), 1.0), *((k, -part * n) for k, n in adds)], part * existing)

    def balances(self):
        available = self.table("availability", "availability_share", "route", "commodity", "year", "state")
        for (r, c, t, k), share in available.items():
            self.at_most([(("deliver", r, c, t, k), 1.0), (("plan", r, c, t), -share)], 0.0)
        for t in self.years:
            for k in self.states:
                for c in self.magnets + self.oxides:
                    supply = [(("deliver", r, c, t, k), 1.0) for r, p in self.made if p == c]
                    supply.append((("fill", c, t), -1.0))
                    if ("draw", c, t, k) in self.index:
                        supply.append((("draw", c, t, k), 1.0))
                    supply += [
                        (("short", s, c, t, k), 1.0) for s in self.sectors if ("short", s, c, t, k) in self.index
                    ]
                    supply += [(("deliver", r, m, t, k), -n) for (r, m, f), n in self.feed.items() if f == c]
                    self.at_least(supply, sum(self.demand.get((s, c, t), 0.0) for s in self.sectors))
                for r, m in self.made:
                    if self.routes[r]["stage"] == "substitute":
                        users = [s for s, sector in self.sectors.items() if sector["substitutable"]]
                        terms = [(("short", s, m, t, k), 1.0) for s in users if ("short", s, m, t, k) in self.index]
                        most = sum(self.demand.get((s, m, t), 0.0) for s in users)
                        self.at_most([(("deliver", r, m, t, k), 1.0), *terms], most)

    def stores(self):
        length = {k: state["length_years"] for k, state in self.states.items()}
        for key in [key for key in self.index if key[0] == "draw"]:
            _, c, t, k = key
            before, opening = self.stock(c, t - 1)
            self.at_most([(key, length[k]), *((q, -n) for q, n in before)], opening)
        for record in self.case["reserve_max"]:
            c, t = record["commodity"], record["year"]
            held, opening = self.stock(c, t)
            if "reserve_max_t" in record:
                self.at_most(held, record["reserve_max_t"] - opening)
            else:
                share = record["reserve_max_share_of_yearly_use"]
                use = [(("plan", r, m, t), -share * n) for (r, m, f), n in self.feed.items() if f == c]
                self.at_most(held + use, -opening)

    def depends(self):
        ratio = self.table("feed_ratio", "feed_ratio_kg_per_kg", "feedstock")
        risk = self.table("risk_weight", "risk_weight_score", "origin")
        for t in self.years:
            weighted = []
            for o in {key[1] for key in self.index if key[0] == "rest"}:
                mine = [(r, c) for r, c in self.made if self.routes[r]["origin"] == o]
                for f in self.oxides:
                    oxide = [(("plan", r, f, t), 1.0 / ratio[f,]) for r, c in mine if c == f]
                    self.at_most([*oxide, (("rest", o, t), -1.0)], 0.0)
                whole = [(("plan", r, c, t), 1.0) for r, c in mine if c in self.magnets] + [(("rest", o, t), 1.0)]
                if o == "China" and self.on("china_limit", t):
                    self.at_most(whole, self.of("china_limit") * self.total[t])
                if self.on("country_limit", t):
                    self.at_most(whole, self.of("country_limit") * self.total[t])
                weighted += [(key, risk[o,] * n) for key, n in whole]
            if self.on("concentration_limit", t):
                self.at_most(weighted, self.of("concentration_limit") * self.total[t])
            if self.on("carbon_limit", t):
                carbon = self.table("carbon", "carbon_kgco2e_per_kg", "route", "commodity")
                terms = [(("plan", r, c, t), n) for (r, c), n in carbon.items()]
                self.at_most(terms, self.of("carbon_limit") * self.total[t])

    def shorts(self, t, k, sectors=None):
        keys = [("short", s, m, t, k) for s in sectors or self.sectors for m in self.magnets]
        return [key for key in keys if key in self.index]

    def tail(self, t):
        """tail_t = eta_t + Σ_k p_k · excess_tk / (1 − alpha)."""
        worst = 1.0 / (1.0 - self.case["alpha"])
        return [(("eta", t), 1.0), *((("excess", t, k), s["probability"] * worst) for k, s in self.states.items())]

    def fails(self):
        vital = [s for s, sector in self.sectors.items() if sector["vital"]]
        for t in self.years:
            for k in self.states:
                lost = [(key, 1.0 / self.total[t]) for key in self.shorts(t, k)]
                self.at_most([*lost, (("excess", t, k), -1.0), (("eta", t), -1.0)], 0.0)
                if self.on("vital_limit", t):
                    need = sum(d for (s, _, y), d in self.demand.items() if s in vital and y == t)
                    self.at_most([(key, 1.0) for key in self.shorts(t, k, vital)], self.of("vital_limit") * need)
            if self.on("shortfall_limit", t):
                self.at_most(self.tail(t), self.of("shortfall_limit"))
            if self.on("home_limit", t):
                home = [
                    (("deliver", r, c, t, k), s["probability"])
                    for r, c in self.made
                    if self.routes[r]["made_in_india"] and c in self.magnets
                    for k, s in self.states.items()
                ]
                self.at_least(home, self.of("home_limit") * self.total[t])

    def spends(self):
        crore = self.case["rupee_inr_per_usd"] / 1e4
        capital = self.table("investment", "investment_kusd_per_t_per_year", "route")
        stock = self.table("stock_price", "stock_price_usd_per_kg", "commodity", "year")
        adds = [key for key in self.index if key[0] == "add"]
        if self.on("investment_limit"):
            self.at_most([(key, capital[key[1],] * crore) for key in adds], self.of("investment_limit"))
        public = self.table("schemes", "public_inr_crore_per_t_per_year", "scheme", "route")
        for scheme in ("magnet", "recycling", "mission"):
            if not self.on(f"{scheme}_budget"):
                continue
            terms = [(key, public[scheme, key[1]]) for key in adds if (scheme, key[1]) in public]
            if scheme == "mission":
                terms += [(("fill", c, t), price * crore) for (c, t), price in stock.items()]
            self.at_most(terms, self.of(f"{scheme}_budget"))

    def pays(self):
        """The discounted total goes into the objective, and under the premium and the aim where they are on."""
        case = self.case
        discount = self.table("discount", "discount_factor", "year")
        price = self.table("price", "price_usd_per_kg", "route", "commodity", "year")
        times = self.table("multiplier", "multiplier_ratio", "route", "commodity", "year", "state")
        available = self.table("availability", "availability_share", "route", "commodity", "year", "state")
        top = self.table("take_or_pay", "take_or_pay_share", "route")
        penalty = self.table("penalty", "penalty_usd_per_kg", "sector")
        capital = self.table("investment", "investment_kusd_per_t_per_year", "route")
        annuity = self.table("annuity", "annuity_share_per_year", "route")
        life = self.table("life", "life_years", "route")
        holding = self.table("holding", "holding_usd_per_kg_per_year", "commodity")
        refill = self.table("refill", "refill_usd_per_kg", "commodity", "year")
        credit = self.table("final_credit", "final_credit_usd_per_kg", "commodity")
        total, last, constant = [], self.years[-1], 0.0
        for (r, c, t, k), share in available.items():
            unit = discount[t,] * price[r, c, t] * times[r, c, t, k] * self.states[k]["probability"]
            total.append((("plan", r, c, t), unit * top[r,] * share))
            total.append((("deliver", r, c, t, k), unit * (1.0 - top[r,])))
        for key in self.index:
            if key[0] == "short":
                total.append((key, discount[key[3],] * penalty[key[1],] * self.states[key[4]]["probability"]))
            elif key[0] == "add":
                _, r, u = key
                runs = sum(discount[t,] for t in self.years if u <= t < u + life[r,])
                total.append((key, runs * annuity[r,] * capital[r,]))
            elif key[0] == "draw":
                total.append((key, discount[key[2],] * refill[key[1], key[2]] * self.states[key[3]]["probability"]))
        for c in self.magnets + self.oxides:
            for t in self.years:
                held, opening = self.stock(c, t)
                unit = discount[t,] * holding[c,] - (discount[t,] * credit[c,] if t == last else 0.0)
                total += [(key, unit * n) for key, n in held]
                constant += unit * opening
        self.constant = constant
        for key, number in total:
            self.cost[self.index[key]] += number
        if self.on("premium_limit"):
            most = case["cheapest_with_tolerance_kusd"] + self.of("premium_limit") * case["cheapest_kusd"]
            self.at_most(total, most - constant)
        if case["aim"] != "cost":
            if case["aim_at_most_share"] is not None:
                self.at_most(self.aim(case["aim_years"]), case["aim_at_most_share"])
            for record in case["undisturbed_shortage_max"]:
                first = next(iter(self.states))
                self.at_most([(key, 1.0) for key in self.shorts(record["year"], first)], record["short_t"])

    def aim(self, years):
        terms = []
        for t in years:
            if self.case["aim"] == "shortfall":
                part = self.tail(t)
            else:
                mine = [(r, c) for r, c in self.made if self.routes[r]["origin"] == "China" and c in self.magnets]
                part = [
                    (key, n / self.total[t])
                    for key, n in [(("rest", "China", t), 1.0)] + [(("plan", r, c, t), 1.0) for r, c in mine]
                ]
            terms += [(key, n / len(years)) for key, n in part]
        return terms

    def solve(self, method):
        data, place, column, right = [], [], [], []
        for i, (row, bound) in enumerate(self.under):
            place += [i] * len(row)
            column += row.keys()
            data += row.values()
            right.append(bound)
        matrix = csr_matrix((data, (place, column)), shape=(len(right), len(self.cost)))
        return linprog(self.cost, A_ub=matrix, b_ub=right, bounds=self.bounds, method=method)


LIMITED = {"china_limit": 65, "shortfall_limit": 25}
CHOICES = {
    "two limits": LIMITED,
    "no limit": {"china_limit": 100, "shortfall_limit": 100},
    "premium and made in India": LIMITED | {"premium_limit": 2, "home_limit": 20, "country_limit": 60},
    "carbon, governance, vital users and money": LIMITED
    | {
        "carbon_limit": 29,
        "concentration_limit": 4,
        "vital_limit": 5,
        "investment_limit": 6000,
        "magnet_budget": 5000,
        "mission_budget": 900,
    },
    "another world": LIMITED
    | {
        "likelihood": 150,
        "rupee": 89,
        "discount_rate": 5,
        "joint_venture": True,
        "demand_scale": 90,
        "plants_delay": 1,
        "target_year": 2032,
    },
    "least shortfall": LIMITED | {"premium_limit": 5, "aim": "shortfall"},
    "least China": {"china_limit": 100, "shortfall_limit": 25, "premium_limit": 5, "aim": "china"},
}


@pytest.fixture(scope="module")
def engine():
    return Engine(load_evidence())


def printed(capsys, engine, command, levers):
    """What `python -m model COMMAND --json` prints for these levers, parsed."""
    status = main([command, "--json", *(f"--set={name}={value}" for name, value in levers.items())], lambda *_: engine)
    out = capsys.readouterr().out
    assert status == 0
    return json.loads(out)


def same_optimum(case, solved, method="highs-ds"):
    found = Rebuilt(case)
    result = found.solve(method)
    assert result.status == 0, result.message
    assert result.fun + found.constant == pytest.approx(solved["objective_kusd"], rel=TOLERANCE)
    return result


@pytest.mark.parametrize("name", CHOICES)
def test_the_rebuilt_program_has_the_same_optimum(name, engine, capsys):
    """The JSON and its formulas are the whole program: nothing that moves the optimum is missing from them."""
    case = printed(capsys, engine, "case", CHOICES[name])
    same_optimum(case, printed(capsys, engine, "solve", CHOICES[name]))


def test_an_interior_point_method_finds_the_same_optimum(engine, capsys):
    """The optimum does not hang on the simplex method that the explorer uses."""
    levers = CHOICES["premium and made in India"]
    same_optimum(printed(capsys, engine, "case", levers), printed(capsys, engine, "solve", levers), "highs-ipm")


def test_the_rebuilt_program_gives_the_same_mix(engine, capsys):
    """The preferences are in the JSON too, so not only the cost but the plan is the same, to a kilogram."""
    case, solved = (printed(capsys, engine, command, LIMITED) for command in ("case", "solve"))
    rebuilt = Rebuilt(case)
    values = rebuilt.solve("highs-ds").x
    plan = {(row["route"], row["commodity"], row["year"]): row["planned_t"] for row in solved["mix"]}
    for key, place in rebuilt.index.items():
        if key[0] == "plan":
            assert values[place] == pytest.approx(plan.get(key[1:], 0.0), abs=1e-3), key


def test_the_limits_of_the_json_matter(engine, capsys):
    """Without its limits the rebuilt program is cheaper: the agreement above is not one of empty rows."""
    levers = CHOICES["carbon, governance, vital users and money"]
    case, solved = (printed(capsys, engine, command, levers) for command in ("case", "solve"))
    for limit in case["limits"]:
        limit["on"] = False
    free = Rebuilt(case)
    assert free.solve("highs-ds").fun + free.constant < solved["objective_kusd"] * (1 - 1e-4)


def test_limits_that_clash_clash_in_the_rebuilt_program_too(engine, capsys):
    """`case` answers even where no mix exists, so that an outsider can check that claim as well."""
    case = printed(capsys, engine, "case", {"china_limit": 0, "shortfall_limit": 0, "target_year": 2028})
    assert Rebuilt(case).solve("highs-ds").status == 2


LEVERS = st.fixed_dictionaries(
    {},
    optional={
        "china_limit": st.integers(40, 100), "shortfall_limit": st.integers(15, 100), "home_limit": st.integers(0, 25),
        "premium_limit": st.integers(3, 100), "carbon_limit": st.integers(25, 60), "vital_limit": st.integers(0, 100),
        "reserve_days": st.integers(0, 180), "likelihood": st.integers(0, 180), "rupee": st.integers(75, 130),
        "demand_scale": st.integers(50, 175), "china_flow": st.integers(0, 120), "china_price": st.integers(50, 200),
        "oxide_price": st.integers(50, 300), "plants_capacity": st.integers(0, 12000), "smco_capacity": st.integers(3, 150),
        "recycling": st.integers(0, 300), "substitution": st.integers(0, 60), "joint_venture": st.booleans(),
        "target_year": st.integers(2028, 2035), "aim": st.sampled_from(["cost", "shortfall", "china"]),
    },
)  # fmt: skip


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(levers=LEVERS)
def test_any_choice_can_be_rebuilt(levers, engine, capsys):
    """No lever works by a number that is missing from the JSON; where no mix exists, the rebuilt program has none either."""
    arguments = ["--json", *(f"--set={name}={value}" for name, value in levers.items())]
    status = main(["solve", *arguments], lambda *_: engine)
    solved = json.loads(capsys.readouterr().out)
    assert main(["case", *arguments], lambda *_: engine) == 0
    case = json.loads(capsys.readouterr().out)
    if status == 0:
        same_optimum(case, solved)
    else:
        assert Rebuilt(case).solve("highs-ds").status == 2


def test_the_command_itself_can_be_rebuilt(tmp_path):
    """As an outsider would do it: two commands, two files, nothing shared."""
    arguments = [f"--set={name}={value}" for name, value in LIMITED.items()]
    found = []
    for command in ("case", "solve"):
        done = subprocess.run(
            [sys.executable, "-m", "model", command, "--json", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    same_optimum(*found)
