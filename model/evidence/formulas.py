"""Formulas over facts: read safely, and worked out in the order in which they lean on each other."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from pydantic import ValidationError

from model.errors import EvidenceError
from model.evidence.schema import Derived, Fact, Source

_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


_CALLS: dict[str, Callable[..., float]] = {"min": min, "max": max}


@lru_cache(maxsize=1024)
def parsed(formula: str) -> ast.Expression:
    """The syntax tree of a formula. Raises `SyntaxError`."""
    return ast.parse(formula, mode="eval")


@lru_cache(maxsize=1024)
def names_in(formula: str) -> tuple[str, ...]:
    """Facts that a formula names, in order."""
    tree = parsed(formula)
    return tuple(dict.fromkeys(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in _CALLS))


def value_of(node: ast.AST, values: Mapping[str, float]) -> float:
    """What a formula comes to with these values of facts. Raises `ValueError` for anything but plain arithmetic, and what arithmetic raises."""
    match node:
        case ast.Expression():
            return value_of(node.body, values)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name):
            if name not in values:
                raise ValueError(f"there is no fact {name!r} before it")
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](value_of(left, values), value_of(right, values))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -value_of(inner, values)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _CALLS:
            return float(_CALLS[name](*(value_of(arg, values) for arg in args)))
    raise ValueError("only + - * / ** ( ) min max, numbers and facts are allowed")


def _work_out(item: Derived, facts: Mapping[str, Fact]) -> Fact:
    """A derived fact: its value from the formula, no range of its own, the weakest confidence of what it stands on."""
    try:
        if len(item.formula) > 500:
            raise ValueError("the formula is too long")
        known = {name: float(facts[name].value) for name in names_in(item.formula) if name in facts}
        value = value_of(parsed(item.formula), known)
        inputs = [facts[name] for name in names_in(item.formula)]
        if isinstance(value, complex) or not math.isfinite(value):
            raise ValueError("the result is not a number")
        order: tuple[Literal["low", "medium", "high"], ...] = ("low", "medium", "high")
        return Fact(
            id=item.id, about=item.about, what=item.what, value=value, unit=item.unit, year="derived",
            source=Source(body="Derived from named facts", title=item.formula), formula=item.formula, note=item.note,
            confidence=order[min((order.index(f.confidence) for f in inputs), default=0)],
            assumption=any(f.assumption for f in inputs),
        )  # fmt: skip
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise EvidenceError(f"derived.yaml, entry {item.id}: {reason}") from None
