"""Two networks side by side: equal ones are proved so by their forms, as large as the networks; others are not."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from relumax.constructions.registry import find
from relumax.engines.search import GaveUp
from relumax.language.equality import boxed, equality
from relumax.network.beside import beside, deepened
from relumax.network.compile import compile
from relumax.network.layers import Network, canonical_bytes, normalise
from tests.engines.canonical.networks import scrambled
from tests.engines.canonical.proving import proved
from tests.network.examples import drawn, of_maps, of_rows, permuted, rows_of, with_hat, with_weight


def equal(a: Network, b: Network) -> int:
    """They are proved equal; the size of the certificate."""
    return proved(beside(a, b), equality(a.inputs, a.outputs))


def pruned(sizes, dead: int, stable: int, draw: Random) -> tuple[Network, Network]:
    """A network some of whose units of layer 2 are always off, some always on, and the same without the former."""
    rows = rows_of(drawn(sizes, draw))
    for k in range(dead + stable):
        sign = -1 if k < dead else 1
        bias, terms = rows[1][k]
        rows[1][k] = sign * abs(bias), {j: sign * abs(c) for j, c in terms.items()}
    after = [(bias, {j - dead: c for j, c in terms.items() if j >= dead}) for bias, terms in rows[2]]
    whole = of_maps(sizes[0], [normalise(one) for one in rows])
    return whole, of_maps(sizes[0], [normalise(one) for one in (rows[0], rows[1][dead:], after, *rows[3:])])


@pytest.mark.parametrize("sizes", [(1, 4, 1), (2, 3), (5, 9, 9, 2), (9, 20, 20, 20, 3)], ids=str)
def test_permuted_scaled_split_and_deeper(sizes):
    draw = Random(len(sizes))
    net = drawn(sizes, draw)
    equal(net, permuted(net, draw))
    equal(scrambled(net, draw, 0.3), net)
    equal(net, deepened(permuted(net, draw), net.depth + 2))


@pytest.mark.parametrize("seed", range(4))
def test_units_that_never_matter(seed):
    whole, less = pruned((6, 14, 14, 2), 5, 4, Random(seed))
    equal(whole, less)
    equal(less, whole)


def test_the_certificate_grows_as_the_networks_do():
    sizes = []
    for k in (10, 20, 40):
        draw = Random(k)
        net = drawn((k, k, k, 2), draw)
        both = beside(net, permuted(net, draw, scaled=False))
        sizes.append(equal(net, permuted(net, draw, scaled=False)) / len(canonical_bytes(both)))
    assert max(sizes) < 2.5 and sizes[-1] <= sizes[0]


@pytest.mark.parametrize(
    ("one", "other", "n"),
    [
        (("max", "tournament"), ("max", "chain"), 9),
        (("max", "shallow"), ("max", "tournament"), 5),
        (("max", "chain"), ("max", "shallow"), 6),
        (("min", "tournament"), ("min", "shallow"), 5),
        (("min", "chain"), ("min", "tournament"), 7),
        (("argmax", "slack"), ("argmax", "slack"), 5),
    ],
)
def test_two_constructions_of_one_function(one, other, n):
    nets = []
    for name in (one, other):
        found = find(*name)
        spec = found.spec(n, **found.options)
        nets.append(compile(found.program(n, **found.options), spec.width, spec.nonnegative))
    equal(*nets)
    equal(nets[0], scrambled(nets[1], Random(n)))


def test_steps():
    rows = [(Fraction(1, 3), {0: Fraction(2), 1: Fraction(-1)}), (Fraction(0), {0: Fraction(1)})]
    out = normalise([(0, {0: 3, 1: 1})])
    one = Network(2, (normalise(rows, [0]),), out)
    scaled = [(5 * rows[0][0], {j: 5 * c for j, c in rows[0][1].items()}), rows[1]]
    equal(one, Network(2, (normalise(scaled, [0]),), out))
    turned = [(-rows[0][0], {j: -c for j, c in rows[0][1].items()}), rows[1]]  # differs where the argument is 0
    with pytest.raises(GaveUp):
        equal(one, Network(2, (normalise(turned, [0]),), normalise([(3, {0: -3, 1: 1})])))


@pytest.mark.parametrize("seed", range(6))
def test_near_misses_are_not_proved(seed):
    draw = Random(seed)
    net = drawn((3, 8, 8, 1), draw)
    row = Fraction(1, 3), {j: Fraction(draw.randint(1, 9)) for j in range(3)}
    tiny = Fraction(1, 2**20)
    for other in (
        with_weight(permuted(net, draw), 0, 3, 1, tiny),
        with_weight(net, 1, 2, None, -tiny),
        with_weight(net, 2, 0, 5, tiny),
        with_hat(net, row, tiny),
        of_rows(net, [[*rows[:-1], (0, {})] if k == 1 else rows for k, rows in enumerate(rows_of(net))]),
    ):
        with pytest.raises(GaveUp):
            equal(net, other)


def test_within_so_much_of_each_other_everywhere():
    """Equal networks are, also where they are large, and those that differ by a constant."""
    draw = Random(2)
    net = drawn((5, 40, 40, 2), draw)
    shifted = of_rows(net, [*rows_of(net)[:-1], [(bias + Fraction(1, 8), terms) for bias, terms in rows_of(net)[-1]]])
    for other in (permuted(net, draw), permuted(shifted, draw)):
        proved(beside(net, other), equality(5, 2, Fraction(1, 8)))
    with pytest.raises(GaveUp):
        proved(beside(net, shifted), equality(5, 2, Fraction(1, 9)))


# ---------------------------------------------------------------- nearly equal on a box


def near(a: Network, b: Network, within: Fraction, low: int = -1, high: int = 1) -> int:
    requires, points = boxed(a.inputs, (Fraction(low), Fraction(high)))
    return proved(beside(a, b), equality(a.inputs, a.outputs, within, requires, points))


def rounded(network: Network, bits: int) -> Network:
    """Every weight and bias rounded to so many bits after the point."""
    cut = lambda c: Fraction(round(c * 2**bits), 2**bits)  # noqa: E731
    rows = [
        [(cut(bias), {j: cut(c) for j, c in terms.items() if cut(c)}) for bias, terms in layer]
        for layer in rows_of(network)
    ]
    return of_rows(network, rows)


@pytest.mark.parametrize("sizes", [(1, 4, 1), (3, 2), (4, 10, 10, 2), (12, 30, 30, 3)], ids=str)
@pytest.mark.parametrize("bits", [8, 16])
def test_rounded_weights(sizes, bits):
    draw = Random(bits)
    net = drawn(sizes, draw)
    other = permuted(rounded(net, bits), draw, scaled=False)
    size = Fraction(sizes[0] * sizes[-2] * 2, 2**bits) * (max(sizes) if len(sizes) > 3 else 1)
    near(net, other, size)
    near(other, net, size)
    with pytest.raises(GaveUp, match=r"bounds show a promise only up to|false at"):
        near(net, other, size / 2**12)


def test_equal_networks_are_within_a_little_of_each_other():
    draw = Random(1)
    net = drawn((4, 9, 9, 1), draw)
    near(net, permuted(net, draw, scaled=False), Fraction(1, 2**60))
    near(net, permuted(net, draw), Fraction(1, 2**10))


def test_units_stable_on_the_box_and_steps():
    """x + 2 is positive on [-1, 1]; a step of x is there within 1 of 0."""
    one = Network(1, (normalise([(2, {0: 1})]),), normalise([(0, {0: 1})]))
    line = Network(1, (), normalise([(2, {0: 1})]))
    near(one, line, Fraction(0))
    jump = Network(1, (normalise([(0, {0: 1})], [0]),), normalise([(0, {0: 1})]))
    near(jump, Network(1, (), normalise([(0, {})])), Fraction(1))
    with pytest.raises(GaveUp):
        near(jump, Network(1, (), normalise([(0, {})])), Fraction(9, 10))
    with pytest.raises(GaveUp):
        near(one, line, Fraction(0), -3, 1)


@pytest.mark.parametrize("sizes", [(2, 8, 1), (20, 40, 40, 2)], ids=str)
def test_units_that_never_matter_on_the_box(sizes):
    """A unit whose bias outweighs all else is always on, or always off, for inputs in [0, 1]."""
    draw = Random(1)
    net = drawn(sizes, draw)
    rows = rows_of(net)
    for k in range(4):
        bias, terms = rows[0][k]
        rows[0][k] = (-1) ** k * (sum(map(abs, terms.values())) + abs(bias)), terms
    whole = of_rows(net, rows)
    less = [[row for k, row in enumerate(layer) if t or k not in (1, 3)] for t, layer in enumerate(rows)]
    kept = [k for k in range(sizes[1]) if k not in (1, 3)]
    less[1] = [(bias, {kept.index(j): c for j, c in terms.items() if j in kept}) for bias, terms in less[1]]
    pruned = of_maps(sizes[0], [normalise(one) for one in less])
    requires, points = boxed(sizes[0], (Fraction(0), Fraction(1)))
    spec = equality(sizes[0], sizes[-1], requires=requires, points=points)
    proved(beside(whole, pruned), spec)
    with pytest.raises(GaveUp):
        equal(whole, pruned)
    with pytest.raises(GaveUp):
        proved(beside(whole, with_weight(pruned, 1, 0, 0, Fraction(1, 2**20))), spec)
