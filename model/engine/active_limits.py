"""Which limits a choice sets and a program holds, and the error when no mix meets them."""

from __future__ import annotations

from model.formulation.case import BUDGETS, LIMITS, Case
from model.formulation.levers import Choice, lever_named


class NoMix(RuntimeError):
    """No mix meets the limits. `limits` are the ids of the limit levers that are on."""

    def __init__(self, limits: tuple[str, ...]) -> None:
        self.limits = limits
        names = ", ".join(lever_named(name).label for name in limits)
        super().__init__(f"No mix of routes meets all of these limits together: {names}.")


def _without_limits(choice: Choice) -> Choice:
    """The world of a choice: limits off, target year and aim at their defaults."""
    off = {name: lever_named(name).off or 0.0 for name in LIMITS}
    return choice.changed(**off, aim="cost", target_year=lever_named("target_year").default)


def limits_on(choice: Choice) -> tuple[str, ...]:
    """Ids of the limits that somebody set (see `holding` for those that the program has), in the order of the screen; a budget
    only when it is not at its default."""
    values = choice.values()

    def on(name: str) -> bool:
        lever = lever_named(name)
        if name == "home_limit":
            return values[name] != 0
        return not lever.is_off(values[name]) and not (name in BUDGETS and values[name] == lever.default)

    return tuple(name for name in (*LIMITS, *BUDGETS) if on(name))


def holding(case: Case) -> tuple[str, ...]:
    """Ids of the limits that the program of a case has rows for, in the order of the screen, budgets at their default too."""
    return tuple(
        name
        for name in (*LIMITS, *BUDGETS)
        if case.limits[name] is not None
        and (name != "home_limit" or case.limits[name])  # of at least nothing is no limit
    )
