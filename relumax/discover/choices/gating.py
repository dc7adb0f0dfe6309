"""Trees of gates: what the winner among several affine forms, the keys, carries with it, its payload.

A gate lets through the payload of the larger of two keys A and B: with h = relu(A - B) and the payloads' difference z
it is relu(z + k h) - relu(z - k h) - k h, which is z clipped to [-k h, k h]: 0 where A <= B, z where |z| <= k (A - B).
In a network these are two units of a layer whose rows are the same up to positive multiples, but for opposite
coefficients of one unit h of the layer before; the one with + is no unit where z is a number above 0. The keys that
h compares are read off its meaning, a difference of two maxima.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import gcd, lcm
from typing import NamedTuple

from relumax.discover.choices.finding import (
    FEWEST,
    Found,
    Unit,
    combined,
    common,
    ordered,
    part,
    readers,
    space,
    spelled,
    weighed,
)
from relumax.discover.choices.meanings import ZERO, Form, Leaves, Meanings, compared, minus, normal, plus
from relumax.discover.choices.programs import Order, arranged, keys_of, moved, program, together
from relumax.network.layers import Network

MOST_READ = 40
"""Units that a unit of a gate may read to be tried: those of a tree read some ten."""


class Gate(NamedTuple):
    """A gate over what its unit h compares: it is on where a key of `above` is larger than all of `below`.

    `passed` is z and `clipped` is z clipped to `slope` times the difference of the keys, over inputs and atoms.
    """

    layer: int
    above: Leaves
    below: Leaves
    passed: Form
    clipped: Form
    slope: Fraction


class Tree(NamedTuple):
    """Gates over all of some keys: each key's payload, up to an affine form, and with it what comes out.

    `slope` is the smallest of the gates', 0 where there is none. The keys and gates stand in `order`.
    """

    payloads: Mapping[Form, Form]
    out: Form
    slope: Fraction
    gates: frozenset[Gate]
    order: Order


def gated(network: Network, cut: int, meanings: Meanings, promised: bool) -> Iterator[Found]:
    """The trees of gates over at least three affine forms over what layer `cut` holds, those of most keys first."""
    gates = [one for layer in range(cut + 2, network.depth + 1) for one in _gates(network, cut, layer, meanings)]
    gates.sort(key=lambda one: len(one.above) + len(one.below))
    trees: dict[Leaves, list[Tree]] = {}
    roots: list[tuple[Gate, Tree]] = []
    for gate in gates:
        sides = product(_of(gate.above, trees), _of(gate.below, trees))
        joined = (_joined(gate, above, below, meanings.network.inputs) for above, below in sides)
        if (tree := next((one for one in joined if one is not None), None)) is not None:
            trees.setdefault(normal(tree.payloads)[2], []).append(tree)
            roots.append((gate, tree))
    used: set[Gate] = set()
    for gate, tree in reversed(roots):
        if len(tree.payloads) >= FEWEST and gate not in used:
            found = _said(network, (cut, gate.layer), tree, meanings, promised)
            if found is not None:
                used |= tree.gates
                yield found


def _gates(network: Network, cut: int, layer: int, meanings: Meanings) -> Iterator[Gate]:
    """The pairs of units of a layer that clip something to what a unit of the layer before compares."""
    whole, of = network.layers[layer - 1], meanings.of
    here, before = meanings.first[layer - cut - 1], meanings.first[layer - cut - 2]
    halves: dict[tuple[object, ...], Form] = {}  # a unit, divided by the positive number that its row was divided by
    for k, (bias, terms) in enumerate(whole.rows):
        for j, c in terms if len(terms) <= MOST_READ else ():
            rest = [one for one in terms if one[0] != j]
            scale = next((abs(value) for value in (bias, *[d for _, d in rest]) if value), None)
            if scale is None or k in whole.steps:
                continue
            slope, const = Fraction(abs(c), scale), Fraction(bias, scale)
            shared = j, slope, const, tuple([(i, Fraction(d, scale)) for i, d in rest])
            halves[shared, c > 0] = plus(ZERO, [(of[here + k], Fraction(whole.den, scale))])
            passed = plus(ZERO, [((1, 1, ()), const), *[(of[before + i], d) for i, d in shared[3]]])
            if const > 0 and not rest:  # of numbers, a relu that is never below 0 may be left out
                halves.setdefault((shared, True), plus(passed, [(of[before + j], slope)]))
            if (shared, c < 0) in halves and (keys := compared(of[before + j], meanings)) is not None:
                clipped = minus(halves[shared, True], halves[shared, False])
                clipped = plus(clipped, [(of[before + j], -slope)])
                yield Gate(layer, *keys, passed, clipped, slope)


def _of(keys: Leaves, trees: Mapping[Leaves, Sequence[Tree]]) -> Iterator[Tree]:
    """The trees over keys, of those known for keys up to a scale and a shift."""
    if len(keys) == 1:
        yield Tree({keys[0]: ZERO}, ZERO, Fraction(0), frozenset(), keys)
        return
    shift, scale, known = normal(keys)
    for tree in trees.get(known, ()):
        own, wide, _ = normal(tree.payloads)
        own_keys = {key: plus(shift, [(minus(key, own), scale / wide)]) for key in tree.payloads}
        payloads = {own_keys[key]: value for key, value in tree.payloads.items()}
        order = moved(tree.order, own_keys.__getitem__, wide / scale)
        yield Tree(payloads, tree.out, tree.slope * wide / scale, tree.gates, order)


def _joined(gate: Gate, above: Tree, below: Tree, inputs: int) -> Tree | None:
    """The tree of a gate and of those over both its sides, if what it lets through is the difference of theirs."""
    first, second = (
        _times(gate.passed, above.out, below.out, inputs),
        -_times(gate.passed, below.out, above.out, inputs),
    )
    apart = plus(gate.passed, [(above.out, -first), (below.out, second)])
    if not first or not second or any(v >= inputs for v, _ in apart[2]):
        return None
    payloads = {key: plus(apart, [(value, first)]) for key, value in above.payloads.items()}
    payloads |= {key: plus(ZERO, [(value, second)]) for key, value in below.payloads.items()}
    slopes = [abs(times) * one.slope for times, one in ((first, above), (second, below)) if one.gates]
    out = plus(gate.clipped, [(below.out, second)])
    parts = moved(below.order, lambda key: key, second), moved(above.order, lambda key: key, first)
    order = together(*parts, gate.slope)
    return Tree(payloads, out, min([gate.slope, *slopes]), above.gates | below.gates | {gate}, order)


def _times(passed: Form, side: Form, other: Form, inputs: int) -> Fraction:
    """How many times one side's payload, of which the other knows nothing, is in what a gate lets through."""
    there, known = dict(passed[2]), {v for v, _ in other[2]}
    for v, c in side[2]:
        if v >= inputs and v not in known:
            return Fraction(there.get(v, 0) * side[0], passed[0] * c)
    return Fraction(1)


def _said(network: Network, place: Unit, tree: Tree, meanings: Meanings, promised: bool) -> Found | None:
    """What is said of a tree, if units of the layer of its last gate add up to what comes out and an affine form."""
    (cut, layer), inputs = place, meanings.network.inputs
    first = meanings.first[layer - cut - 1]
    vectors = {}
    for k in range(network.widths[layer - 1]):
        den, _, terms = meanings.of[first + k]
        vectors[k] = {v: Fraction(c, den) for v, c in terms}
    who: dict[int, list[int]] = {}
    for k, vector in vectors.items():
        for v in vector:
            who.setdefault(v, []).append(k)
    target = {v: Fraction(c, tree.out[0]) for v, c in tree.out[2] if v >= inputs}
    weights = combined(vectors, who, target, inputs)
    if weights is None:
        return None
    shift = minus(weighed({first + k: c for k, c in weights.items()}, meanings), tree.out)
    shared = common(tuple(tree.payloads))
    keys, wide = _primitive([minus(key, shared) for key in tree.payloads])
    payloads, high = _primitive([plus(shift, [(value, Fraction(1))]) for value in tree.payloads.values()])
    weights, slope = {k: c / high for k, c in weights.items()}, tree.slope * wide / high
    small, units, read = part(network, cut, layer, [weights], (*keys, *payloads))
    there = {key: ordered([one], read)[0] for key, one in zip(tree.payloads, keys, strict=True)}
    carried = {there[key]: ordered([one], read)[0] for key, one in zip(tree.payloads, payloads, strict=True)}
    order = arranged(moved(tree.order, there.__getitem__, wide / high))
    keys = tuple(keys_of(order))
    payloads = tuple([carried[key] for key in keys])
    n, numbers = len(keys), all(not one[2] for one in payloads)
    values = [Fraction(const, den) for den, const, _ in payloads]
    gap = (max(values) - min(values)) / slope if numbers else Fraction(1)
    near = f"((p[i] <= p[w] + {slope} and p[w] <= p[i] + {slope}) for each i < {n})"
    requires = [f"z[w] is the winner of z (every other at least {gap} below it)"]
    requires += [*(["x >= 0"] if promised else []), *([] if numbers else [near])]
    where = f"z = ({spelled(keys, -1)}), p = ({spelled(payloads, -1)})"
    head = f"{space(len(read), False)} and every index w < {n} such that {' and '.join(requires)}"
    return Found(
        "select",
        tuple([(cut, k) for k in read]),
        keys,
        ZERO,
        units,
        layer,
        (weights,),
        tuple(readers(network, layer, set(weights))),
        small,
        f"{head}: y = p[w], where {where}",
        program(order, payloads, gap, None if numbers else slope, len(read)),
    )


def _primitive(forms: Sequence[Form]) -> tuple[Leaves, Fraction]:
    """Forms divided by the largest number, which is given as well, that leaves their coefficients integers."""
    values = [Fraction(c, den) for den, _, terms in forms for _, c in terms]
    values = values or [Fraction(const, den) for den, const, _ in forms]
    den = lcm(*[one.denominator for one in values])
    times = Fraction(gcd(*[int(one * den) for one in values]) or 1, den)
    return tuple([plus(ZERO, [(one, 1 / times)]) for one in forms]), times
