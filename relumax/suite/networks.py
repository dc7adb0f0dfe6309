"""Networks that hide what they compute, and ones that are wrong by very little; all weights are binary fractions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import zip_longest
from random import Random

from relumax.network.beside import beside
from relumax.network.layers import Layer, Network, normalise

Form = Mapping[int, Fraction]
Row = tuple[Fraction, dict[int, Fraction]]


def halves(n: int) -> Network:
    """max(x) by rounds of max(a, b) = (a + b + |a - b|) / 2, where |t| = relu(t) + relu(-t), t = relu(t) - relu(-t).

    >>> halves(3)(2, "1/2", 7)
    [Fraction(7, 1)]
    """
    values = [{i: Fraction(1)} for i in range(n)]
    layers = []
    while len(values) > 1:
        rows: list[dict[int, Fraction]] = []
        after: list[dict[int, Fraction]] = []
        for a, b in zip_longest(values[::2], values[1::2]):
            k, half = len(rows), Fraction(1, 2)
            if b is None:
                rows += [a, _sum(a, {}, -1)]
                after.append({k: Fraction(1), k + 1: Fraction(-1)})
            else:
                rows += [_sum(a, b, 1, -1), _sum(a, b, -1), _sum(a, b), _sum(a, b, -1, -1)]
                after.append({k: half, k + 1: half, k + 2: half, k + 3: -half})
        layers.append(normalise([(0, row) for row in rows]))
        values = after
    return Network(n, tuple(layers), normalise([(0, values[0])]))


def _sum(a: Form, b: Form, p: Fraction | int = 1, q: Fraction | int = 1) -> dict[int, Fraction]:
    found = {v: p * c for v, c in a.items()}
    for v, c in b.items():
        found[v] = found.get(v, Fraction(0)) + q * c
    return {v: c for v, c in found.items() if c}


def ordered(network: Network) -> Network:
    """The same network, the units of each layer in the order of their rows.

    What the compiler makes of a program is the same up to this order, which depends on what else was built before.
    """
    place = {j: j for j in range(network.inputs)}
    layers: list[Layer] = []
    for layer in network.layers:
        rows = [(bias, tuple(sorted((place[j], c) for j, c in terms))) for bias, terms in layer.rows]
        order = sorted(range(len(rows)), key=lambda k: (rows[k], k in layer.steps))
        place = {k: new for new, k in enumerate(order)}
        steps = tuple(sorted(place[k] for k in layer.steps))
        layers.append(Layer(layer.den, tuple(rows[k] for k in order), steps))
    last = [(bias, tuple(sorted((place[j], c) for j, c in terms))) for bias, terms in network.output.rows]
    return Network(network.inputs, tuple(layers), Layer(network.output.den, tuple(last)))


def scrambled(network: Network, draw: Random) -> Network:
    """The same function: each relu scaled by a power of two, layers permuted, one unit in five split into two."""
    reads: dict[int, dict[int, Fraction]] = {j: {j: Fraction(1)} for j in range(network.inputs)}
    layers: list[Layer] = []
    for layer in network.layers:
        made: list[tuple[int, Fraction, Fraction]] = []  # of which unit, its scale, its part
        for j in range(len(layer.rows)):
            parts = [Fraction(1, 2)] * 2 if draw.random() < 0.2 else [Fraction(1)]
            for part in parts:
                made.append((j, Fraction(1) if j in layer.steps else Fraction(2) ** draw.randint(-2, 2), part))
        draw.shuffle(made)
        read = _read(layer, reads)
        rows = [(read[j][0] * scale, _sum(read[j][1], {}, scale)) for j, scale, _ in made]
        layers.append(normalise(rows, [k for k, (j, _, _) in enumerate(made) if j in layer.steps]))
        reads = {}
        for k, (j, scale, part) in enumerate(made):
            reads.setdefault(j, {})[k] = part / scale
    return Network(network.inputs, tuple(layers), normalise(_read(network.output, reads)))


def _read(layer: Layer, reads: Mapping[int, Form]) -> list[Row]:
    """The rows of a map over what became of the units they read."""
    found: list[Row] = []
    for bias, terms in layer.rows:
        total: dict[int, Fraction] = {}
        for j, c in terms:
            total = _sum(total, reads[j], 1, Fraction(c, layer.den))
        found.append((Fraction(bias, layer.den), total))
    return found


def nudged(network: Network, by: Fraction) -> Network:
    """One weight of the output, the first, off by so much of itself."""
    rows = _rows(network.output)
    first = min(rows[0][1])
    rows[0][1][first] *= 1 + by
    return network._replace(output=normalise(rows))


def _rows(layer: Layer) -> list[Row]:
    return [(Fraction(bias, layer.den), {j: Fraction(c, layer.den) for j, c in terms}) for bias, terms in layer.rows]


def bumped(network: Network, at: list[Fraction], steep: int, height: Fraction) -> Network:
    """The network, its first output larger by height * relu(1 - steep * |x - at|), |.| the sum of absolute values.

    That is 0 at all points but those very near `at`.
    """
    apart: list[Row] = [(-sign * c, {i: Fraction(sign)}) for i, c in enumerate(at) for sign in (1, -1)]
    near = [(Fraction(1), {k: Fraction(-steep) for k in range(len(apart))})]
    return added(network, Network(network.inputs, (normalise(apart), normalise(near)), normalise([(0, {0: height})])))


def bent(network: Network, beyond: Fraction) -> Network:
    """The network, its first output larger by relu(x[0] - beyond): right wherever x[0] is at most that."""
    far = normalise([(-beyond, {0: Fraction(1)})])
    return added(network, Network(network.inputs, (far,), normalise([(0, {0: Fraction(1)})])))


def added(network: Network, error: Network) -> Network:
    """The network, its first output larger by what another gives."""
    silent: list[Row] = [(Fraction(0), {})] * (network.outputs - 1)
    both = beside(network, error._replace(output=normalise([*_rows(error.output), *silent])))
    rows = _rows(both.output)
    pairs = zip(rows[: network.outputs], rows[network.outputs :], strict=True)
    return both._replace(output=normalise([(b + d, _sum(one, other)) for (b, one), (d, other) in pairs]))
