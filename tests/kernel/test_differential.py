"""Three judges, one verdict: engine flat with the kernel, z3, and brute force over the activation regions.

Random networks of one or two inputs and up to five units, relu and step, with small weights so that much ties; random
claims, about half of them true. RELUMAX_NETWORKS=50000 for more.
"""

import os
import random
from fractions import Fraction
from math import gcd

import pytest

from relumax import pipeline
from relumax.engines.flat import Opening
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.script import write
from relumax.engines.search import GaveUp
from relumax.kernel import check
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.language.condition import Condition
from relumax.language.expr import const
from relumax.language.spec import Spec, array, point, statement
from relumax.network.layers import from_json
from tests.kernel.brute import feasible, holds
from tests.kernel.examples import certificate, data
from tests.kernel.oracle import true_claim

PARTS, SEED = 5, 20_26
NETWORKS = int(os.environ.get("RELUMAX_NETWORKS", "5000"))


def lowest(den, rows):
    """The layer without common divisor."""
    common = gcd(den, *[c for row in rows for c in (row[0], *row[2::2])])
    return den // common, [
        [row[0] // common, *[c if k % 2 == 0 else c // common for k, c in enumerate(row[1:])]] for row in rows
    ]


def random_layer(rng, width, below):
    """Rows over `below` values; a coefficient may be missing, never zero."""
    rows = []
    for _ in range(width):
        row = [rng.choice((0, 0, 0, 1, -1))]
        for j in range(below):
            c = rng.choice((0, 1, 1, -1, -1, 2, -2))
            row += [j, c] if c else []
        rows.append(row if len(row) > 1 else [*row, 0, rng.choice((1, -1))])
    if width > 1 and rng.random() < 0.4:  # opposing units, as networks that carry values have them
        rows[1] = [-rows[0][0], *[x if k % 2 == 0 else -x for k, x in enumerate(rows[0][1:])]]
    return lowest(rng.choice((1, 1, 1, 2, 3)), rows)


def random_network(rng):
    """One or two inputs, up to two layers, up to five units."""
    inputs = rng.choice((1, 1, 2))
    widths = rng.choice(((), (1,), (2,), (2,), (3,), (1, 1), (2, 1), (2, 2), (1, 2)))
    layers, below = [], inputs
    for width in widths:
        den, rows = random_layer(rng, width, below)
        layers.append({"den": den, "rows": rows, "step": [k for k in range(width) if rng.random() < 0.15]})
        below = width
    den, rows = random_layer(rng, 1, below)
    return {"inputs": inputs, "layers": layers, "output": {"den": den, "rows": rows}}


def evaluate(network, inputs):
    """The output at a point."""
    values = inputs
    for layer in network["layers"]:
        sums = [affine(row, layer["den"], values) for row in layer["rows"]]
        values = [Fraction(t >= 0) if k in layer["step"] else max(t, Fraction(0)) for k, t in enumerate(sums)]
    return affine(network["output"]["rows"][0], network["output"]["den"], values)


def affine(row, den, values):
    """One row at these values."""
    return (row[0] + sum((c * values[j] for j, c in zip(row[1::2], row[2::2], strict=True)), Fraction(0))) / den


def random_claim(rng, network):
    """(requires, ensures) as clauses of atoms (relation, const, coefficients of x.. and y)."""
    n = network["inputs"]
    requires, points = [], [Fraction(k, 2) for k in range(-6, 7)]
    if rng.random() < 0.7:  # a box, which makes bounds of the output true
        points = [Fraction(k, 4) for k in range(-4, 5)]
        for k in range(n):
            unit = [int(j == k) for j in range(n)]
            requires += [[[("<=", -1, [*unit, 0])]], [[("<=", -1, [*[-c for c in unit], 0])]]]
    if n == 2 and rng.random() < 0.3:
        requires.append([[(rng.choice(("<=", "<", "=")), 0, [1, -1, 0])]])
    grid = [[a] for a in points] if n == 1 else [[a, b] for a in points[::2] for b in points[::2]]
    grid = [g for g in grid if all(met(clause, [*g, 0]) for clause in requires)]
    ensures = []
    for _ in range(rng.choice((1, 1, 2))):
        slope = [rng.choice((0, 0, 1, -1)) for _ in range(n)]
        sign = rng.choice((1, -1))
        # sign * y + slope . x <= its largest value seen, sometimes a little less, or strictly
        best = max(sign * evaluate(network, g) + sum(a * b for a, b in zip(slope, g, strict=True)) for g in grid)
        best -= rng.choice((0, 0, 0, 0, 0, Fraction(1, 3), -1))
        atom = (
            rng.choice(("<=", "<=", "<=", "<=", "<", "=")),
            -best.numerator,
            [*[c * best.denominator for c in slope], sign * best.denominator],
        )
        branches = [[atom]]
        if rng.random() < 0.3:
            other = [rng.choice((0, 1, -1)) for _ in range(n)]
            branches.append([(rng.choice(("<=", "<", "=")), rng.choice((0, 1, -1)), [*other, rng.choice((0, 1))])])
        ensures.append(branches)
    return requires, ensures, next(iter(grid))


def met(clause, values):
    """Whether a clause holds for these inputs and output."""
    return any(
        all(
            compare(relation, const + sum(c * v for c, v in zip(terms, values, strict=True)))
            for relation, const, terms in b
        )
        for b in clause
    )


def compare(relation, total):
    """`total (relation) 0`."""
    return total == 0 if relation == "=" else total <= 0 if relation == "<=" else total < 0


def spec_of(network, requires, ensures, witness):
    """The claim in machine form."""
    n = network["inputs"]
    x, y = array("x", "in", n), array("y", "out")

    def machine(branches):
        def total(c, terms):
            return sum((w * one for w, one in zip(terms, [*x, *y], strict=True)), const(c))

        return Condition(tuple(tuple((r, total(c, terms)) for r, c, terms in b) for b in branches))

    everything = sum(x, y[0])
    always = (everything <= 0) | (everything >= 0)  # so that all inputs are spoken of
    one = statement(
        [*[machine(b) for b in ensures], always],
        requires=[machine(b) for b in requires],
        points=[point(witness)] if requires else [],
    )
    return Spec([x, y], [one])


def certified(network, spec):
    """Whether engine flat finds a proof, without asking z3 first, that the kernel accepts."""
    known = read_network(network, ENDLESS)
    (one,) = Claim(spec.claim(), known).statements
    context, lemmas = one.context(ENDLESS, []), Lemmas()
    try:
        opening = Opening(context, [n if each else 0 for _, n, each, _ in one.requires], lemmas)
        opening.bounds_and_cuts()
        proof = write(opening.finish(), len(context.facts))
    except GaveUp:
        return False
    check(data(certificate(network, spec.claim(), lemmas.wire, proof, points=tuple(spec.points()))))
    return True


@pytest.mark.parametrize("part", range(PARTS))
def test_three_judges(part):
    rng = random.Random(SEED * PARTS + part)
    count = [0, 0]
    for k in range(NETWORKS // PARTS):
        network = random_network(rng)
        requires, ensures, witness = random_claim(rng, network)
        if not all(met(one, [*witness, evaluate(network, witness)]) for one in ensures):
            requires = []  # the point would show it: without requirements, no point is needed
        spec, truth = spec_of(network, requires, ensures, witness), holds(network, requires, ensures)
        assert certified(network, spec) == truth, (network, requires, ensures)
        assert true_claim({"network": network, "claim": spec.claim()}) == truth
        if k % 50 == 0:
            verdict = pipeline.prove(from_json(network), spec, engine="flat")
            expected = ("proved", "unsat") if truth else ("refuted", "sat")
            assert (verdict.verdict, verdict.z3) == expected, (network, requires, ensures)
        count[truth] += 1
    assert min(count) > NETWORKS // PARTS // 4, count


def test_the_elimination_knows_strictness():
    x = [Fraction(0), Fraction(1)]
    minus = [Fraction(0), Fraction(-1)]
    assert feasible([(x, False), (minus, False)], 1)
    assert not feasible([(x, True), (minus, False)], 1)
    assert feasible([([Fraction(-1), Fraction(1)], True), (minus, True)], 1)


def test_brute_force_and_the_oracle_agree():
    rng = random.Random(SEED)
    for _ in range(150):
        network = random_network(rng)
        requires, ensures, witness = random_claim(rng, network)
        claim = spec_of(network, requires, ensures, witness).claim()
        assert true_claim({"network": network, "claim": claim}) == holds(network, requires, ensures)
