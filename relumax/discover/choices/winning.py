"""Units that say which of several affine forms is the largest: relu(1 - (max(S) - s)/d) for each s in S.

As a difference of maxima such a unit is (max(S, s + d) - max(S))/d: one set is the other with one form raised by d. It
is 1 where s is the largest, and 0 where s trails by d; all together are one-hot where the winner leads by d.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from relumax.discover.choices.finding import FEWEST, Found, Unit, common, ordered, part, readers, space, spelled
from relumax.discover.choices.meanings import ZERO, Form, Leaves, Meanings, compared, minus, normal, plus
from relumax.discover.choices.programs import Order, arranged, keys_of, moved, together, winners_program
from relumax.network.layers import Network

Slopes = tuple[tuple[int, Fraction], ...]


class Says(NamedTuple):
    """Of forms whose maximum is `atom`: a unit is `height` where the one at `at` leads by `gap`, 0 where it trails."""

    unit: int
    atom: int
    at: int
    gap: Fraction
    height: Fraction


def winners(network: Network, cut: int, meanings: Meanings, promised: bool) -> Iterator[Found]:
    """The layers that say which of at least three affine forms over what layer `cut` holds is the largest."""
    trees = _trees(meanings)
    for layer in range(cut + 1, network.depth + 1):
        first = meanings.first[layer - cut - 1]
        groups: dict[tuple[int, Fraction], dict[int, Says]] = {}
        for k in range(network.widths[layer - 1]):
            said = _said(k, meanings.of[first + k], meanings)
            if said is not None:
                groups.setdefault((said.atom, said.gap), {}).setdefault(said.at, said)
        for (atom, gap), group in groups.items():
            if FEWEST <= len(group) == len(meanings.leaves[atom]):
                outputs = [{group[i].unit: 1 / group[i].height} for i in range(len(group))]
                tree = _tree(meanings.leaves[atom], trees)
                yield _told(network, (cut, layer), outputs, meanings.leaves[atom], tree, gap, promised)


def _trees(meanings: Meanings) -> dict[Leaves, Order]:
    """Tournaments of which every comparison is a unit, by the set of what competes."""
    inputs, size = meanings.network.inputs, meanings.network.size
    found = [keys for v in range(inputs, inputs + size) if (keys := compared(meanings.of[v], meanings)) is not None]
    trees: dict[Leaves, Order] = {}
    for above, below in sorted(found, key=lambda keys: len(keys[0]) + len(keys[1])):
        first, second = _tree(below, trees), _tree(above, trees)
        if first is not None and second is not None:
            trees.setdefault(normal((*above, *below))[2], together(first, second, Fraction(1)))
    return trees


def _tree(keys: Leaves, trees: Mapping[Leaves, Order]) -> Order | None:
    """The tournament of these keys, of those known for keys up to a scale and a shift."""
    if len(keys) == 1:
        return keys
    shift, scale, known = normal(keys)
    if known not in trees:
        return None
    own, wide, _ = normal(tuple(keys_of(trees[known])))
    return moved(trees[known], lambda key: plus(shift, [(minus(key, own), scale / wide)]), Fraction(1))


def _said(unit: int, value: Form, meanings: Meanings) -> Says | None:
    """What a unit says, if it is the difference of two maxima of which one has one form raised."""
    den, const, terms = value
    inputs = meanings.network.inputs
    atoms = [(v, Fraction(c, den)) for v, c in terms if v >= inputs]
    if len(atoms) != 2 or any(v not in meanings.leaves for v, _ in atoms):
        return None
    (high, times), (low, less) = sorted(atoms, key=lambda one: -one[1])
    few = meanings.leaves[low]
    if times <= 0 or less >= 0 or len(few) != len(meanings.leaves[high]):
        return None
    if any(v >= inputs for one in few for v, _ in one[2]):
        return None
    raised = {slopes: c + Fraction(const, den) for slopes, c in _numbers(meanings.leaves[high], times, value, inputs)}
    plain = dict(_numbers(few, -less, ZERO, inputs))
    apart = [raised.get(slopes, c - 1) - c for slopes, c in plain.items()]
    if raised.keys() != plain.keys() or sum(map(bool, apart)) != 1 or max(apart) <= 0:
        return None
    height = max(apart)
    return Says(unit, low, next(i for i, c in enumerate(apart) if c), height / -less, height)


def _numbers(leaves: Leaves, times: Fraction, more: Form, inputs: int) -> Iterator[tuple[Slopes, Fraction]]:
    """Of each form, so many times it and what `more` has of inputs: its coefficients, and its number alone."""
    shift = {v: Fraction(c, more[0]) for v, c in more[2] if v < inputs}
    for den, const, terms in leaves:
        total = dict(shift)
        for v, c in terms:
            total[v] = total.get(v, Fraction(0)) + times * Fraction(c, den)
        yield tuple(sorted((v, c) for v, c in total.items() if c)), times * Fraction(const, den)


def _told(
    network: Network,
    place: Unit,
    outputs: Sequence[Mapping[int, Fraction]],
    leaves: Leaves,
    tree: Order | None,
    gap: Fraction,
    promised: bool,
) -> Found:
    """What is said of units that are one-hot: of forms with a minus the smallest wins."""
    cut, layer = place
    shift = common(leaves)
    shifted = [minus(one, shift) for one in leaves]
    small, units, inputs = part(network, cut, layer, outputs, tuple(shifted))
    own = ordered(shifted, inputs)
    if tree is not None:
        there = {one: ordered([minus(one, shift)], inputs)[0] for one in keys_of(tree)}
        tree = arranged(moved(tree, there.__getitem__, Fraction(1)))
        own = tuple(keys_of(tree))
    by_place = sorted(range(len(own)), key=[own.index(ordered([one], inputs)[0]) for one in shifted].__getitem__)
    outputs = [outputs[i] for i in by_place]
    small = small._replace(output=small.output._replace(rows=tuple([small.output.rows[i] for i in by_place])))
    n, said = len(own), spelled(own, len(inputs))
    apart = f"every other at least {gap} below it"
    head = f"{space(len(inputs), False)} and every index w < {n} such that z[w] is the winner of z ({apart})"
    where = f"z = ({', '.join([f'x[{k}]' for k in range(n)]) if said == 'x' else said})"
    body = f"y[w] = 1; y[i] = 0 for each i < {n} other than w, where {where}, y in R^{n} is the output"
    return Found(
        "argmax",
        tuple([(cut, k) for k in inputs]),
        own,
        ZERO,
        units,
        layer,
        tuple(outputs),
        tuple(readers(network, layer, {k for one in outputs for k in one})),
        small,
        f"{head}{' and x >= 0' if promised else ''}: {body}",
        () if tree is None else winners_program(tree, gap, len(inputs)),
    )
