"""Engine canonical on statements that say more than a maximum: by sums, by cases, and by cases over an index."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from relumax.engines.canonical import canonical, cases
from relumax.engines.search import GaveUp
from relumax.kernel import Invalid
from relumax.language.expr import Expr, inputs, largest, relu, smallest, step
from relumax.language.gadget import maximum
from relumax.language.spec import Spec, array, i, point, statement
from relumax.network.compile import compile
from relumax.network.layers import Network, normalise
from tests.engines.canonical.networks import mutated, scrambled
from tests.engines.canonical.proving import named, proved

KNOWN = [
    ("argmax", "slack", 6),
    ("argmin", "slack", 4),
    ("argmax", "onehot", 4),
    ("argmin", "onehot", 3),
    ("argmax", "index", 4),
    ("argmax", "step", 5),
    ("argmin", "step", 3),
    ("select", "gate", 3),
    ("select", "pack", 5),
    ("select", "step", 5),
]


@pytest.mark.parametrize(("function", "construction", "n"), KNOWN)
def test_winners_without_their_program(function, construction, n):
    network, spec = named(function, construction, n)
    proved(network, spec)
    print("seed", n)
    proved(scrambled(network, Random(n)), spec)


@pytest.mark.parametrize("seed", range(20))
def test_a_changed_weight_is_never_proved(seed):
    """Where a point shows that the change matters, to an output at all: slack says all of what each output is."""
    print("seed", seed)
    draw = Random(seed)
    network, spec = named("argmax", "slack", draw.randint(2, 4))
    wrong = mutated(scrambled(network, draw), draw)
    points = [[Fraction(draw.randint(-9, 9)) for _ in range(wrong.inputs)] for _ in range(20)]
    if all(wrong(one) == network(one) for one in points):
        proved(network, spec)
        return
    with pytest.raises((GaveUp, Invalid)):
        proved(wrong, spec)


def plain(outputs: list[tuple[int, dict[int, Fraction]]], rows: list[tuple[int, dict[int, int]]], n: int) -> Network:
    return Network(n, (normalise(rows),), normalise(outputs))


def test_definitions_are_atoms_as_units_are():
    """y = 2 relu(t), t = x0 - 3 x1 + 1, from relu(-t) = relu(t) - t."""
    x, y = array("x", "in", 2), array("y", "out")
    rows = [(-1, {0: -1, 1: 3}), (0, {0: 1}), (0, {0: -1}), (0, {1: 1}), (0, {1: -1})]
    network = Network(2, (normalise(rows),), normalise([(2, {0: 2, 1: 2, 2: -2, 3: -6, 4: 6})]))
    proved(network, Spec([x, y], [statement([y[0] == 2 * relu(x[0] - 3 * x[1] + 1)])]))


def test_steps_have_one_atom_for_all_scales():
    x, y = array("x", "in", 2), array("y", "out")
    layer = normalise([(Fraction(3, 2), {0: Fraction(1, 2), 1: -1}), (9, {0: 3, 1: -6})], [0, 1])
    network = Network(2, (layer,), normalise([(0, {0: Fraction(1, 3), 1: Fraction(2, 3)})]))
    proved(network, Spec([x, y], [statement([y[0] == step(x[0] - 2 * x[1] + 3)])]))


def test_what_is_required_decides_units_by_linear_programming():
    """relu(x0 + x1 - 1) is on, and relu(x1 - x0 - 5) off, where 1 <= x0 and 0 <= x1 <= 2."""
    x, y = array("x", "in", 2), array("y", "out")
    given = [x[0] >= 1, x[1] >= 0, x[1] <= 2]
    network = plain([(1, {0: Fraction(1), 1: Fraction(7)})], [(-1, {0: 1, 1: 1}), (-5, {0: -1, 1: 1})], 2)
    size = proved(network, Spec([x, y], [statement([y[0] == x[0] + x[1]], given, points=[point([1, 1])])]))
    assert size < 2500


def test_an_equation_that_is_required_rewrites_an_input():
    x, y = array("x", "in", 2), array("y", "out")
    network = plain([(0, {0: Fraction(1), 1: Fraction(-1)})], [(0, {0: 1}), (-3, {1: 2})], 2)
    proved(network, Spec([x, y], [statement([y[0] == 0], [x[0] == 2 * x[1] - 3], points=[point([1, 2])])]))


def test_inequalities_go_by_cases():
    """x <= relu(x - 1) + 1 + relu(-x) + relu(x) and no less than 0 <= that."""
    x, y = array("x", "in"), array("y", "out")
    network = plain([(1, {0: Fraction(1), 1: Fraction(1)})], [(-1, {0: 1}), (0, {0: -1})], 1)
    proved(network, Spec([x, y], [statement([x[0] <= y[0], y[0] > 0])]))
    with pytest.raises(GaveUp):
        proved(network, Spec([x, y], [statement([x[0] < y[0]])]))


def test_maxima_of_defined_values():
    x, p, y = array("x", "in", 3), array("p", "in", 3, 3), array("y", "out")
    network, _ = named("max", "tournament", 3)
    rows = [(bias, dict(terms)) for bias, terms in network.layers[0].rows]
    both = [(bias, {u: 2 * c if u < 3 else -c for v, c in terms.items() for u in (v, v + 3)}) for bias, terms in rows]
    twice = Network(6, (normalise(both), *network.layers[1:]), network.output)
    z = array("z", "defined", 3)
    proved(twice, Spec([x, p, y], [statement([y[0] == largest(z)], define={z: 2 * x[i] - p[i]})]))


def test_a_case_tree_is_given_up_when_it_grows(monkeypatch):
    network, spec = named("select", "gate", 3)
    monkeypatch.setattr(cases, "MOST_LEAVES", 1)
    with pytest.raises(GaveUp, match="leaves"):
        proved(network, spec)
    monkeypatch.setattr(cases, "MOST_ATOMS", 1)
    with pytest.raises(GaveUp, match="units"):
        proved(network, spec)
    monkeypatch.undo()
    monkeypatch.setattr(canonical, "WORK", 0)
    with pytest.raises(GaveUp, match="linear programs"):
        proved(network, spec)
    network, spec = named("argmax", "step", 3)
    monkeypatch.undo()
    monkeypatch.setattr(cases, "MOST_LOOKS", 9)
    with pytest.raises(GaveUp, match="looked at"):
        proved(network, spec)


def tree(values: list[Expr]) -> Expr:
    """The largest, pair by pair."""
    while len(values) > 1:
        values = [maximum(*values[k : k + 2]) if k + 1 < len(values) else values[k] for k in range(0, len(values), 2)]
    return values[0]


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_maxima_and_minima_in_one_network(n):
    """Of two numbers max(-a, -b) = max(a, b) - a - b: no atom of its own; of more, both are atoms."""
    own = inputs(n)
    network = compile([tree(own) + 3 * tree([-one for one in own])], n, ())
    x, y = array("x", "in", n), array("y", "out")
    spec = Spec([x, y], [statement([y[0] == largest(x) - 3 * smallest(x)])])
    size = proved(network, spec)
    print("seed", n)
    assert max(size, proved(scrambled(network, Random(n)), spec)) < 20_000
    with pytest.raises(GaveUp):
        proved(network, Spec([x, y], [statement([y[0] == largest(x) - 2 * smallest(x)])]))


@pytest.mark.parametrize("n", [3, 12])
def test_relus_of_maxima_and_maxima_of_relus(n):
    own, (x, y, z) = inputs(n), (array("x", "in", n), array("y", "out"), array("z", "defined", n))
    for network in (compile([tree([relu(one) for one in own])], n, ()), compile([relu(tree(own))], n, ())):
        proved(network, Spec([x, y], [statement([y[0] == relu(largest(x))])]))
    proved(
        compile([tree([relu(one) for one in own])], n, ()),
        Spec([x, y], [statement([y[0] == largest(z)], define={z: relu(x[i])})]),
    )
