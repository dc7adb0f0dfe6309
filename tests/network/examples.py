"""Networks at random, and ones that are nearly the same."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random

from relumax.network.layers import Layer, Network, normalise

Row = tuple[Fraction, dict[int, Fraction]]


def drawn(sizes: Sequence[int], draw: Random, bits: int = 24) -> Network:
    """A network of these sizes, inputs first and outputs last, with weights of so many bits."""
    weight = lambda: Fraction(draw.randrange(-(2**bits), 2**bits) or 1, 2**bits)  # noqa: E731
    maps = [
        normalise([(weight(), {j: weight() for j in range(before)}) for _ in range(units)])
        for before, units in pairwise(sizes)
    ]
    return of_maps(sizes[0], maps)


def of_maps(inputs: int, maps: Sequence[Layer]) -> Network:
    return Network(inputs, tuple(maps[:-1]), maps[-1])


def rows_of(network: Network) -> list[list[Row]]:
    """The rows of all maps, as fractions."""
    return [
        [(Fraction(bias, one.den), {j: Fraction(c, one.den) for j, c in terms}) for bias, terms in one.rows]
        for one in network.maps
    ]


def of_rows(network: Network, rows: Sequence[Sequence[Row]]) -> Network:
    """These rows, with the steps of `network`."""
    steps = [one.steps for one in network.maps]
    return of_maps(network.inputs, [normalise(one, step) for one, step in zip(rows, steps, strict=True)])


def with_weight(network: Network, layer: int, unit: int, source: int | None, by: Fraction) -> Network:
    """The network with one weight, or a bias, changed."""
    rows = rows_of(network)
    bias, terms = rows[layer][unit]
    changed = (bias + by, terms) if source is None else (bias, {**terms, source: terms.get(source, Fraction(0)) + by})
    rows[layer][unit] = changed
    return of_rows(network, rows)


def with_units(network: Network, units: Sequence[Row], weights: Sequence[int]) -> Network:
    """The network and, in its first output, so much of these units on its inputs."""
    rows = rows_of(network)
    places = list(range(len(rows[0]), len(rows[0]) + len(units)))
    rows[0] += units
    for layer in rows[1:-1]:
        layer += [(Fraction(0), {place: Fraction(1)}) for place in places]
        places = list(range(len(layer) - len(units), len(layer)))
    bias, terms = rows[-1][0]
    rows[-1][0] = bias, {**terms, **{place: Fraction(c) for place, c in zip(places, weights, strict=True)}}
    return of_rows(network, rows)


def with_hat(network: Network, row: Row, width: Fraction) -> Network:
    """The network and, in its first output, a hat: wrong only where 0 < t < 2 width, by at most the width."""
    bias, terms = row
    return with_units(network, [(bias - k * width, terms) for k in range(3)], [1, -2, 1])


def permuted(network: Network, draw: Random, scaled: bool = True) -> Network:
    """The same function: the units of each hidden layer permuted, and scaled by powers of two."""
    order, scale = list(range(network.inputs)), [Fraction(1)] * network.inputs
    maps = []
    for t, rows in enumerate(rows_of(network)):
        hidden = t < network.depth
        new = list(range(len(rows)))
        if hidden:
            draw.shuffle(new)
        by = [Fraction(2) ** draw.randint(-3, 3) if hidden and scaled else Fraction(1) for _ in rows]
        place = {old: k for k, old in enumerate(order)}
        made = []
        for unit in new:
            bias, terms = rows[unit]
            made.append((bias * by[unit], {place[j]: c * by[unit] / scale[j] for j, c in terms.items()}))
        maps.append(normalise(made))
        order, scale = new, by
    return of_maps(network.inputs, maps)
