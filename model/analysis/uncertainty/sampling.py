"""Draws of uncertain facts: triangular distributions by Latin hypercube."""

from __future__ import annotations

import numpy as np

from model.analysis.uncertainty.perturbation import settled, span
from model.arrays import Array
from model.evidence.schema import Fact

SEED = 2030


def triangle(share: Array, low: float, value: float, high: float) -> Array:
    """Values of a triangular distribution at these shares (0 to 1) of its worlds."""
    width = high - low
    if width <= 0:
        return np.full_like(share, value)
    rising = low + np.sqrt(share * width * (value - low))
    falling = high - np.sqrt((1.0 - share) * width * (high - value))
    return np.where(share < (value - low) / width, rising, falling)


def draw(facts: tuple[Fact, ...], worlds: int, seed: int, shrink: float = 1.0) -> Array:
    """Values of facts, shape (worlds, facts): one from each of as many equally likely slices of each triangle, in random order. With
    `shrink` below 1 the ranges are drawn together towards the values, to points at 0."""
    random = np.random.default_rng(seed)
    found = np.empty((worlds, len(facts)))
    for i, fact in enumerate(facts):
        low, high = (fact.value + shrink * (end - fact.value) for end in span(fact))
        shares = (random.permutation(worlds) + random.random(worlds)) / worlds
        found[:, i] = triangle(shares, low, float(fact.value), high)
        if fact.unit == "calendar year":
            found[:, i] = [settled(fact, value) for value in found[:, i]]
    return found
