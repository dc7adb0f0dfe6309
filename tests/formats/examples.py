"""Networks that every format must carry, built by hand, and an evaluator that shares no code with relumax."""

from __future__ import annotations

from fractions import Fraction

from relumax.network.layers import Network, normalise

MAX2 = Network(
    2,
    (normalise([(0, {0: 1, 1: -1}), (0, {1: 1}), (0, {1: -1})]),),
    normalise([(0, {0: 1, 1: 1, 2: -1})]),
)

_PAIR = {0: 1, 1: 1, 2: -1}  # the larger of two, from the three units of MAX2
_OTHER = {3: 1, 4: 1, 5: -1}
MAX4 = Network(
    4,
    (
        normalise([(0, {0: 1, 1: -1}), (0, {1: 1}), (0, {1: -1}), (0, {2: 1, 3: -1}), (0, {3: 1}), (0, {3: -1})]),
        normalise(
            [
                (0, {**_PAIR, **{source: -weight for source, weight in _OTHER.items()}}),
                (0, _OTHER),
                (0, {source: -weight for source, weight in _OTHER.items()}),
            ]
        ),
    ),
    normalise([(0, _PAIR)]),
)

STEP = Network(2, (normalise([(0, {0: 1, 1: -1}), (-1, {0: 1})], [0, 1]),), normalise([(0, {0: 1}), (2, {1: -3})]))

MIXED = Network(
    3,
    (
        normalise([(Fraction(-1, 2), {0: 1}), (0, {0: 1, 2: Fraction(3, 4)}), (1, {1: -1})], [1]),
        normalise([(0, {0: 1, 1: -1}), (Fraction(1, 8), {2: 2})], [0, 1]),
    ),
    normalise([(Fraction(-5, 4), {0: 7, 1: 1}), (0, {})]),
)

AFFINE = Network(3, (), normalise([(Fraction(1, 4), {0: 2, 2: Fraction(-3, 2)})]))

DYADIC = {"max of 2": MAX2, "max of 4": MAX4, "step": STEP, "mixed": MIXED, "affine": AFFINE}
"""Weights that every float type holds exactly."""

THIRDS = Network(2, (normalise([(0, {0: Fraction(1, 3), 1: 1})]),), normalise([(Fraction(1, 7), {0: 1})]))
"""Weights that no float type holds."""


def evaluate(network: Network, inputs: list[Fraction]) -> list[Fraction]:
    """The outputs, exactly."""
    values = inputs
    for index, layer in enumerate(network.maps):
        sums = [(bias + sum(c * values[j] for j, c in terms)) / Fraction(layer.den) for bias, terms in layer.rows]
        if index == network.depth:
            return sums
        values = [Fraction(z >= 0) if unit in layer.steps else max(z, Fraction(0)) for unit, z in enumerate(sums)]
    raise ValueError("a network has an output map")
