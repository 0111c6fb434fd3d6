"""What binds, in words: what each limit costs, by really moving it, or how much room it leaves.

Money is in INR crore a year: the difference in expected total cost, harm of shortage included, discounted, over the summed
discount factors of the years from the first decision on. The cost of a plan is convex in a limit, so a price at both ends of a
range bounds the price of every step inside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from model.analysis.explain.limit_sentences import NOUNS, LimitReport, Step, loosening, one_step, room_left, tightening
from model.analysis.explain.what_if import Trial, Trials, kept, trials
from model.engine.active_limits import NoMix
from model.engine.engine import Answer, Engine
from model.errors import SolverFailed
from model.formulation.levers import AIMS, Choice, lever_named, levers_on, looser, on_grid
from model.parallel.progress import unless
from model.results.annual import a_year
from model.results.formatting import money
from model.results.limit_levels import NOTHING, binds, needs
from model.results.mix import Mix

ABOUT = 0.25
"""Prices are about the same while they stay within this share of the first step's."""
NEARBY = 4
"""The end of all mixes is looked for this many times as far as where a step costs twice as much."""
WALKED = 6
"""Steps looked at one by one for the reserve, whose cost need not be convex."""


def limits_in_words(
    engine: Engine, answer: Answer, full: bool = True, stop: Callable[[], bool] | None = None
) -> tuple[LimitReport, ...]:
    """What each limit that is on costs or leaves, in the order of the screen, means last.

    Without `full` from the duals alone (no solve); with it by re-solving with the limit really moved; `stop` is
    asked before each solve. Raises `SolverFailed` or `Stopped`."""
    mix = answer.mix
    if mix.cheapest_kusd != answer.cheapest.total_kusd:
        mix = replace(mix, cheapest_kusd=answer.cheapest.total_kusd)
    found = needs(mix)
    names = [name for name in levers_on(mix.choice) if name != "aim"]
    quick = tuple(_quick(mix, name, found[name]) for name in names)
    if not full:
        return quick

    def make() -> tuple[LimitReport, ...]:
        if mix.choice.aim != "cost":
            return tuple(_moved_aim(engine, mix, report, stop) if report.binding else report for report in quick)
        with trials(engine, mix.choice, stop) as near:
            return tuple(_moved(near, mix.choice, report) if report.binding else report for report in quick)

    reports: tuple[LimitReport, ...] = kept(engine, ("limits", mix.choice), make)
    return reports


def _quick(mix: Mix, name: str, need: float) -> LimitReport:
    """What is known without solving again: whether the limit binds, its price at the margin, or the room left."""
    lever, value = lever_named(name), float(mix.choice.values()[name])
    price = mix.limit_prices.get(name, 0.0) * a_year(mix.case)
    if not binds(mix, name, need):
        return LimitReport(name, value, need, False, price, None, None, _room(name, value, need))
    worth = f"{one_step(name)} is worth {money(price * lever.step)} a year at the margin"
    words = f"Binding: {worth}." if mix.choice.aim == "cost" and price * lever.step > NOTHING else "Binding."
    return LimitReport(name, value, need, True, price, None, None, words)


def _room(name: str, value: float, need: float) -> str:
    """How much tighter a limit that does not bind could be, rounded to what the mix still meets."""
    room = on_grid(name, need, 0.1 if lever_named(name).unit != "INR crore" else 1.0 / lever_named(name).step)
    return room_left(name, min(value, room) if looser(name) > 0 else max(value, room))


# -- really moving a limit --------------------------------------------------------------------------------------------


def _moved(near: Trials, choice: Choice, report: LimitReport) -> LimitReport:
    here = near.at(choice)
    if here is None:
        raise SolverFailed("a mix that was found a moment ago was not found again")
    loose = _step(near, here, report.lever, loosen=True)
    tight = _step(near, here, report.lever, loosen=False)
    words = " ".join(part for part in (loosening(report.lever, loose), tightening(report.lever, tight)) if part)
    return replace(report, looser=loose, tighter=tight, sentence=words or "Binding.")


def _step(near: Trials, here: Trial, name: str, loosen: bool) -> Step | None:
    """One step of a limit each way, and how far its price lasts; None when the lever ends here."""
    lever, start = lever_named(name), float(here.choice.values()[name])
    way = looser(name) * (1.0 if loosen else -1.0) * lever.step
    most = int((lever.high - start if way > 0 else start - lever.low) / lever.step + 1e-9)
    if most < 1:
        return None

    near.go_home()

    def value(k: int) -> float:
        return round(start + k * way, 9) + 0.0

    def trial(k: int) -> Trial | None:
        return near.at(here.choice, **{name: value(k)})

    first = trial(1)
    if first is None:
        return Step(value(1), None, none=value(1))
    change = first.total - here.total
    price = abs(change)
    step = Step(value(1), change, first.bill - here.bill, first.harm - here.harm)
    if price < NOTHING:
        return step

    def margin(k: int) -> float | None:
        found = here if k == 0 else trial(k)
        return None if found is None else lever.step * found.prices.get(name, 0.0)

    def about(k: int) -> bool:
        found = margin(k)
        return found is not None and (1 - ABOUT) * price <= found <= (1 + ABOUT) * price

    if about(0):
        walk = name == "reserve_days"
        lasts, _ = _furthest(about, min(most, WALKED) if walk else most, walk)
        step = replace(step, until=value(lasts) if lasts else None)
    if loosen:
        return step
    steep = _furthest(lambda k: (m := margin(k)) is not None and m < 2 * price, most)[1]
    if steep <= most and trial(steep):
        step = replace(step, twice=value(steep))
    far = min(most, NEARBY * steep)
    none = _furthest(lambda k: trial(k) is not None, far)[1]
    return replace(step, none=value(none)) if none <= far else step


def _furthest(holds: Callable[[int], bool], most: int, walk: bool = False) -> tuple[int, int]:
    """The furthest k known to hold (0 when 1 does not) and a later one that does not (most + 1 when all hold), for something
    that once lost stays lost: by doubling and then halving to a quarter of the way; with `walk` one by one."""
    low, high = 0, 1
    while high <= most and holds(high):
        low, high = high, high + 1 if walk else 2 * high
    high = min(high, most + 1)
    while high - low > max(1, low // 4):
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low, high


# -- with another aim -------------------------------------------------------------------------------------------------


def aim_of(mix: Mix) -> float:
    """The aim of a mix as a share: mean worst-case shortfall, or mean dependence on China, from the target year on."""
    column = "china_share" if mix.case.aim == "china" else "tail_shortfall_share"
    return float(mix.years[column][mix.focus].mean())


def _moved_aim(engine: Engine, mix: Mix, report: LimitReport, stop: Callable[[], bool] | None = None) -> LimitReport:
    """With another aim a limit has no single price: a step moves the aim first and the cost after it."""
    name, lever = report.lever, lever_named(report.lever)
    words: list[str] = []
    steps: list[Step | None] = []
    for verb, way in (("Loosening", looser(name)), ("Tightening", -looser(name))):
        value = round(report.value + way * lever.step, 9)
        steps.append(None)
        if not lever.low <= value <= lever.high:
            continue
        moved = f"{verb} the {NOUNS[name]} by {one_step(name)}"
        unless(stop)
        try:
            other = engine.mix(mix.choice.changed(**{name: value}))
        except NoMix:
            steps[-1] = Step(value, None, none=value)
            words.append(f"{moved} leaves no mix.")
            continue
        scale = a_year(mix.case)
        change, harm = (
            (other.total_kusd - mix.total_kusd) * scale,
            (other.shortage_cost_kusd - mix.shortage_cost_kusd) * scale,
        )
        steps[-1] = Step(value, change, change - harm, harm, aim=aim_of(other))
        aim = "average dependence on China" if mix.case.aim == "china" else "average worst-case shortfall"
        words.append(
            f"{moved} moves the {aim} from {100 * aim_of(mix):.1f} to {100 * aim_of(other):.1f} % and the cost by"
            f" {money(change, True)} a year."
        )
    name_of_aim = AIMS[mix.choice.aim]
    intro = f"With the aim “{name_of_aim[0].lower()}{name_of_aim[1:]}”: "
    return replace(report, looser=steps[0], tighter=steps[1], sentence=intro + " ".join(words))


__all__ = ["limits_in_words"]
