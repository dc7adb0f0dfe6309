"""Networks that hide what they compute: maxima by halves, and units scaled, permuted and duplicated."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from relumax.network.layers import Layer, Network, normalise

Linear = dict[int, Fraction]


def halves(n: int) -> Network:
    """max(x) by rounds of max(a, b) = (a + b + |a - b|) / 2, where |t| = relu(t) + relu(-t).

    So is carried what a round does not change, and a + b: t = relu(t) - relu(-t).
    """
    values: list[Linear] = [{i: Fraction(1)} for i in range(n)]
    layers: list[Layer] = []
    while len(values) > 1:
        rows: list[Linear] = []
        after: list[Linear] = []
        for a, b in zip(values[::2], values[1::2], strict=False):
            k = len(rows)
            rows += [_sum(a, b, 1, -1), _sum(a, b, -1, 1), _sum(a, b, 1, 1), _sum(a, b, -1, -1)]
            after.append({k: Fraction(1, 2), k + 1: Fraction(1, 2), k + 2: Fraction(1, 2), k + 3: Fraction(-1, 2)})
        if len(values) % 2:
            after.append({len(rows): Fraction(1), len(rows) + 1: Fraction(-1)})
            rows += [values[-1], _sum(values[-1], {}, -1, 0)]
        layers.append(normalise([(0, row) for row in rows]))
        values = after
    return Network(n, tuple(layers), normalise([(0, values[0])]))


def _sum(a: Linear, b: Linear, p: int, q: int) -> Linear:
    found = {v: p * c for v, c in a.items()}
    for v, c in b.items():
        found[v] = found.get(v, Fraction(0)) + q * c
    return {v: c for v, c in found.items() if c}


def scrambled(network: Network, draw: Random, copies: float = 0.2) -> Network:
    """The same function: each relu scaled, the units of each layer permuted, some of them split into two."""
    reads: dict[int, Linear] = {j: {j: Fraction(1)} for j in range(network.inputs)}  # a unit, by those it became
    layers: list[Layer] = []
    for layer in network.layers:
        made: list[tuple[int, Fraction, Fraction]] = []  # for each new unit: of which, its scale, its part of it
        for j in range(len(layer.rows)):
            split = draw.random() < copies
            parts = [part := Fraction(draw.randint(1, 4), 5), 1 - part] if split else [Fraction(1)]
            for part in parts:
                scale = Fraction(1) if j in layer.steps else Fraction(draw.randint(1, 9), draw.randint(1, 9))
                made.append((j, scale, part))
        draw.shuffle(made)
        rows = [_row(layer, j, reads, scale) for j, scale, _ in made]
        layers.append(normalise(rows, [k for k, (j, _, _) in enumerate(made) if j in layer.steps]))
        reads = {}
        for k, (j, scale, part) in enumerate(made):
            reads.setdefault(j, {})[k] = part / scale
    outputs = [_row(network.output, j, reads, Fraction(1)) for j in range(network.outputs)]
    return Network(network.inputs, tuple(layers), normalise(outputs))


def _row(layer: Layer, j: int, reads: dict[int, Linear], scale: Fraction) -> tuple[Fraction, Linear]:
    bias, terms = layer.rows[j]
    total: Linear = {}
    for v, c in terms:
        total = _sum(total, {u: d * c for u, d in reads[v].items()}, 1, 1)
    return bias * scale / layer.den, {v: c * scale / layer.den for v, c in total.items()}


def mutated(network: Network, draw: Random) -> Network:
    """The network with one weight or bias changed."""
    maps = [
        [(Fraction(bias, one.den), {v: Fraction(c, one.den) for v, c in terms}) for bias, terms in one.rows]
        for one in network.maps
    ]
    t = draw.randrange(len(maps))
    j = draw.randrange(len(maps[t]))
    bias, terms = maps[t][j]
    change = Fraction(draw.choice([-1, 1]), draw.randint(1, 9))
    if terms and draw.random() < 0.8:
        v = draw.choice(sorted(terms))
        terms = {**terms, v: terms[v] + change}
    else:
        bias += change
    maps[t][j] = bias, {v: c for v, c in terms.items() if c}
    layers = [normalise(rows, layer.steps) for rows, layer in zip(maps, network.layers, strict=False)]
    return Network(network.inputs, tuple(layers), normalise(maps[-1]))
