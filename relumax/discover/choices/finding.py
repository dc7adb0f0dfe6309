"""Maxima that a layer of a network holds: some of its units add up to the largest of several affine forms.

The inputs, and each hidden layer in turn, are what the forms may be over. A maximum is found where units of one layer,
each times a number, add up to it, and the next layer reads it. Parts are left out: a maximum whose units all belong to
a larger one. Nothing here is a proof; the sentence is for an engine and the kernel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from relumax.discover.choices.meanings import ZERO, Form, Leaves, Meanings, minus, normal
from relumax.language.expr import Expr
from relumax.network.layers import Layer, Network, normalise

MOST_UNITS = 300
"""Units of a layer that are tried together for a sum."""
MOST_ATOMS = 12
"""Atoms that a unit may speak of to be tried: those of a tree of comparisons speak of three."""
FEWEST = 3
"""Affine forms that compete: every relu is a maximum of two, and of a number and a form."""

Unit = tuple[int, int]
"""A hidden layer, from 1 on, and a place in it; of layer 0 an input."""


class Found(NamedTuple):
    """A choice inside a network.

    `inputs` are what the forms are over: inputs of the network, or units of one layer, which are x[0], x[1], ... in
    `sentence`, and of which `network` is a function: a part of the network, its `units` with the weights they have, and
    as outputs sums of units of the `last` layer, each with its weights. `leaves` are the forms that compete; to their
    maximum `rest` is added. `readers` are what reads the sum: units of the next layer, or after the last one outputs.
    `program`, if known, computes what `network` does and states it: `prove(program, sentence, against=network)`.
    """

    kind: str
    inputs: tuple[Unit, ...]
    leaves: Leaves
    rest: Form
    units: tuple[Unit, ...]
    last: int
    outputs: tuple[Mapping[int, Fraction], ...]
    readers: tuple[Unit, ...]
    network: Network
    sentence: str
    program: tuple[Expr, ...] = ()


class Sum(NamedTuple):
    """Units of a layer, each times a number, that add up to the largest of affine forms and one more, `rest`."""

    cut: int
    layer: int
    atom: int
    weights: Mapping[int, Fraction]
    leaves: Leaves
    rest: Form
    cone: frozenset[Unit]
    readers: tuple[Unit, ...]


def maxima(network: Network, cut: int, meanings: Meanings) -> list[Sum]:
    """The maxima over what a layer holds that are sums of units, the largest first; of the same, those found first."""
    sums = [one for layer in range(cut + 1, network.depth + 1) for one in _sums(network, cut, layer, meanings)]
    sums.sort(key=lambda one: (-len(moving(one.leaves)), one.layer, len(one.leaves), min(one.weights)))
    found: list[Sum] = []
    covered: set[Unit] = set()
    known: set[Leaves] = set()
    for one in sums:
        key = normal(moving(one.leaves))[2]
        if not one.cone <= covered and key not in known:
            found.append(one)
            covered |= one.cone
            known.add(key)
    return found


def moving(leaves: Iterable[Form]) -> Leaves:
    """The forms that are no numbers."""
    return tuple([one for one in leaves if one[2]])


def _sums(network: Network, cut: int, layer: int, meanings: Meanings) -> Iterator[Sum]:
    """Of each atom that is a maximum over inputs, and of which units of a layer speak, those that add up to it.

    Where that can be they add up to the largest of the forms alone, else to that and an affine form.
    """
    inputs, first = meanings.network.inputs, meanings.first[layer - cut - 1]
    spoken = [(k, meanings.of[first + k]) for k in range(network.widths[layer - 1])]
    vectors = {k: {v: Fraction(c, one[0]) for v, c in one[2]} for k, one in spoken if _short(one, inputs)}
    who: dict[int, list[int]] = {}
    for k, vector in vectors.items():
        for v in vector:
            who.setdefault(v, []).append(k)
    for v in sorted(who.keys() & meanings.leaves.keys()):
        leaves = meanings.leaves[v]
        if len(leaves) < FEWEST or any(u >= inputs for one in leaves for u, _ in one[2]):
            continue
        plain = common(leaves)
        competing = tuple([minus(one, plain) for one in leaves])
        if len(moving(competing)) < FEWEST:
            continue
        alone = {v: Fraction(1), **{u: -Fraction(c, plain[0]) for u, c in plain[2]}}
        weights = combined(vectors, who, alone, 0) or combined(vectors, who, {v: Fraction(1)}, inputs)
        if weights is not None:
            total = weighed({first + k: c for k, c in weights.items()}, meanings)
            rest = minus(minus(total, (1, 0, ((v, 1),))), minus(ZERO, plain))
            if spoken_by := tuple(_readers(network, cut, layer, v, weights, meanings)):
                yield Sum(cut, layer, v, weights, competing, rest, cone(network, cut, layer, weights), spoken_by)


def _short(one: Form, inputs: int) -> bool:
    """Whether a unit speaks of few atoms: units of a tree do."""
    return sum(v >= inputs for v, _ in one[2]) <= MOST_ATOMS


def weighed(weights: Mapping[int, Fraction], meanings: Meanings) -> Form:
    """The sum of variables, each times a number, over inputs and atoms."""
    _, ((_, terms),), _ = normalise([(0, weights)])
    den = lcm(*(c.denominator for c in weights.values()))
    return meanings.over_atoms((den, 0, terms))


def combined(
    vectors: Mapping[int, Mapping[int, Fraction]],
    who: Mapping[int, Sequence[int]],
    target: Mapping[int, Fraction],
    inputs: int,
) -> dict[int, Fraction] | None:
    """Numbers for vectors, a few near the target, with which they add up to it, but for variables before `inputs`."""
    basis: dict[int, tuple[dict[int, Fraction], dict[int, Fraction]]] = {}  # by pivot: a vector, and of what it is made
    near: list[int] = []
    pending, seen = list(target), set(target)
    taken: set[int] = set()
    while pending and len(near) < MOST_UNITS:
        v = pending.pop(0)
        for k in sorted(who.get(v, ()), key=lambda k: len(vectors[k])):
            if k not in taken:
                taken.add(k)
                near.append(k)
                fresh = [u for u in vectors[k] if u >= inputs and u not in seen]
                seen.update(fresh)
                pending += fresh
    for k in near[:MOST_UNITS]:
        own = {v: c for v, c in vectors[k].items() if v >= inputs}
        vector, made = _reduced(own, {k: Fraction(1)}, basis)
        if not vector:
            continue
        basis[next(iter(vector))] = vector, made
        left, negative = _reduced(dict(target), {}, basis)
        if not left:
            return {k: -c for k, c in negative.items() if c}
    return None


def _reduced(
    vector: dict[int, Fraction],
    made: dict[int, Fraction],
    basis: Mapping[int, tuple[Mapping[int, Fraction], Mapping[int, Fraction]]],
) -> tuple[dict[int, Fraction], dict[int, Fraction]]:
    """The vector less multiples of the basis, and of what it is made then; the basis is in the order it was made in."""
    for pivot, (other, parts) in basis.items():
        if times := vector.get(pivot):
            times /= other[pivot]
            for total, one in ((vector, other), (made, parts)):
                for v, c in one.items():
                    total[v] = total.get(v, Fraction(0)) - times * c
    return {v: c for v, c in vector.items() if c}, made


def cone(network: Network, cut: int, layer: int, places: Iterable[int]) -> frozenset[Unit]:
    """The units of a layer at these places, and all that they read, back to a layer `cut`, which is left out."""
    found: set[Unit] = set()
    here = set(places)
    for t in range(layer, cut, -1):
        found |= {(t, k) for k in here}
        here = {j for k in here for j, _ in network.layers[t - 1].rows[k][1]}
    return frozenset(found)


# ---------------------------------------------------------------- the part of the network, and what is said of it


def part(
    network: Network, cut: int, layer: int, outputs: Sequence[Mapping[int, Fraction]], forms: Leaves
) -> tuple[Network, tuple[Unit, ...], tuple[int, ...]]:
    """A part of a network as a network: what its outputs, sums of units of one layer, need; its units and inputs."""
    units = sorted(cone(network, cut, layer, {k for one in outputs for k in one}))
    places = {t: [k for u, k in units if u == t] for t in range(cut + 1, layer + 1)}
    read = {j for k in places[cut + 1] for j, _ in network.layers[cut].rows[k][1]}
    places[cut] = sorted(read | {v for one in forms for v, _ in one[2]})
    maps: list[Layer] = []
    for t in range(cut + 1, layer + 1):
        whole, at = network.layers[t - 1], {j: new for new, j in enumerate(places[t - 1])}
        rows = [whole.rows[k] for k in places[t]]
        maps.append(
            normalise(
                [(Fraction(b, whole.den), {at[j]: Fraction(c, whole.den) for j, c in terms}) for b, terms in rows],
                [new for new, k in enumerate(places[t]) if k in whole.steps],
            )
        )
    at = {k: new for new, k in enumerate(places[layer])}
    last = normalise([(0, {at[k]: c for k, c in one.items()}) for one in outputs])
    return Network(len(places[cut]), tuple(maps), last), tuple(units), tuple(places[cut])


def maximum(network: Network, one: Sum, promised: bool) -> Found:
    """What is said of a sum that is a maximum and an affine form; of forms with a minus the smallest is spoken of."""
    leading = [leaf[2][0][1] < 0 for leaf in one.leaves if leaf[2]]
    sign = -1 if 2 * sum(leading) > len(leading) else 1
    outputs = ({k: sign * c for k, c in one.weights.items()},)
    rest, leaves = one.rest, one.leaves
    if sign < 0:
        rest, leaves = minus(ZERO, rest), tuple([minus(ZERO, leaf) for leaf in leaves])
    small, units, inputs = part(network, one.cut, one.layer, outputs, (*leaves, rest))
    own = ordered(leaves, inputs)
    word = "max" if sign > 0 else "min"
    (rest,) = ordered([rest], inputs)
    more = "" if rest == ZERO else f" + {written(rest)}".replace("+ -", "- ")
    return Found(
        word,
        tuple([(one.cut, k) for k in inputs]),
        own,
        rest,
        units,
        one.layer,
        outputs,
        one.readers,
        small,
        f"{space(len(inputs), promised)}: y = {word}({spelled(own, len(inputs))}){more}",
    )


def common(leaves: Leaves) -> Form:
    """What most of the forms have: the affine form without which they have the fewest coefficients.

    >>> common(((1, 1, ((0, 1), (4, -1))), (1, 1, ((1, 1), (4, -1))), (1, 0, ())))
    (1, 1, ((4, -1),))
    """
    counts: dict[int, Counter[Fraction]] = {}
    for den, const, terms in leaves:
        for v, c in ((-1, const), *terms):
            counts.setdefault(v, Counter())[Fraction(c, den)] += 1
    usual: dict[int, Fraction] = {}
    for v, count in counts.items():
        count[Fraction(0)] += len(leaves) - count.total()
        usual[v] = max(count, key=lambda value: (count[value], value == 0))
    den = lcm(*(value.denominator for value in usual.values()))
    const = int(usual.pop(-1) * den)
    return den, const, tuple(sorted([(v, int(value * den)) for v, value in usual.items() if value]))


def ordered(leaves: Iterable[Form], inputs: Sequence[int]) -> Leaves:
    """The forms over the inputs of a part, those of the first inputs first."""
    at = {v: new for new, v in enumerate(inputs)}
    own: list[Form] = [(den, const, tuple([(at[v], c) for v, c in terms])) for den, const, terms in leaves]
    return tuple(sorted(own, key=lambda one: ([v for v, _ in one[2]] or [len(inputs)], one)))


def space(inputs: int, promised: bool) -> str:
    """How a sentence begins."""
    return f"for all x in R^{inputs}{' such that x >= 0' if promised else ''}"


def spelled(leaves: Leaves, inputs: int) -> str:
    """The forms as a sentence has them, or the name of the inputs where they are just these."""
    if leaves == tuple([(1, 0, ((v, 1),)) for v in range(inputs)]):
        return "x"
    return ", ".join(map(written, leaves))


def written(leaf: Form) -> str:
    """An affine form as a sentence has it.

    >>> written((2, -3, ((0, 1), (4, -2))))
    '1/2 x[0] - x[4] - 3/2'
    """
    den, const, terms = leaf
    parts = [(Fraction(c, den), f"x[{v}]") for v, c in terms]
    if const or not parts:
        parts.append((Fraction(const, den), ""))
    words: list[str] = []
    for value, name in parts:
        size = abs(value)
        number = " ".join(filter(None, [str(size) if size != 1 or not name else "", name]))
        sign = "- " if value < 0 else "+ "
        words.append(f"{sign if words else sign.strip('+ ')}{number}")
    return " ".join(words)


def _readers(
    network: Network, cut: int, layer: int, atom: int, weights: Mapping[int, Fraction], meanings: Meanings
) -> Iterator[Unit]:
    """The rows after a layer that speak of a maximum: units of the next layer, or outputs."""
    first = meanings.first[layer - cut - 1]
    following = network.maps[layer]
    for k, (_, terms) in enumerate(following.rows):
        if any(j in weights for j, _ in terms):
            row: Form = (following.den, 0, tuple([(first + j, c) for j, c in terms]))
            if any(v == atom for v, _ in meanings.over_atoms(row)[2]):
                yield layer + 1, k


def readers(network: Network, layer: int, units: set[int]) -> Iterator[Unit]:
    """The rows after a layer that read one of these units."""
    for k, (_, terms) in enumerate(network.maps[layer].rows):
        if any(j in units for j, _ in terms):
            yield layer + 1, k
