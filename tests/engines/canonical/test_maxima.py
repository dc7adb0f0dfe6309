"""Engine canonical on networks that are a maximum or a minimum, whatever they are written like."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from relumax import pipeline
from relumax.engines.search import GaveUp
from relumax.kernel import Invalid
from relumax.language.spec import max_spec, min_spec
from relumax.network.layers import Network, normalise
from tests.engines.canonical.networks import halves, mutated, scrambled
from tests.engines.canonical.proving import certificate, named, proved


@pytest.mark.parametrize("function", ["max", "min"])
@pytest.mark.parametrize("construction", ["tournament", "chain"])
@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_networks_of_relumax_without_their_program(function, construction, n):
    network, spec = named(function, construction, n)
    proved(network, spec)
    print("seed", n)
    proved(scrambled(network, Random(n)), spec)


@pytest.mark.parametrize("construction", ["essay", "essay-fused"])
@pytest.mark.parametrize("n", [2, 4, 7])
def test_what_the_statement_requires_decides_units(construction, n):
    network, spec = named("max", construction, n)
    proved(network, spec)
    print("seed", n)
    proved(scrambled(network, Random(n)), spec)


@pytest.mark.parametrize("n", [2, 3, 6, 16])
def test_halves_scaled_permuted_and_duplicated(n):
    print("seed", n)
    network = scrambled(halves(n), Random(n), 0.4)
    point = [Fraction(k * k % 7, 3) for k in range(n)]
    assert network(point) == [max(point)]
    proved(network, max_spec(n))


def test_proofs_are_as_long_as_the_network():
    sizes = []
    for n in (32, 128):
        print("seed", n)
        network = scrambled(halves(n), Random(n))
        sizes.append(proved(network, max_spec(n)) / (network.size + network.nonzeros))
    assert sizes[1] < sizes[0] < 40


def test_trees_of_other_shapes_give_the_same_maximum():
    """The average of max(max(a, b), max(c, d)) and of max(max(a, c), max(b, d))."""
    rows, forms = [], []
    for i, j in ((0, 1), (2, 3), (0, 2), (1, 3)):
        forms.append({len(rows): 1, len(rows) + 1: 1, len(rows) + 2: -1})
        rows += [{i: 1, j: -1}, {j: 1}, {j: -1}]
    second, output = [], {}
    for top, low in ((forms[0], forms[1]), (forms[2], forms[3])):
        k = len(second)
        second += [top | {v: -c for v, c in low.items()}, low, {v: -c for v, c in low.items()}]
        output |= {k: Fraction(1, 2), k + 1: Fraction(1, 2), k + 2: Fraction(-1, 2)}
    layers = [normalise([(0, row) for row in layer]) for layer in (rows, second)]
    proved(Network(4, tuple(layers), normalise([(0, output)])), max_spec(4))


@pytest.mark.parametrize("function", ["max", "min"])
@pytest.mark.parametrize("construction", ["shallow", "bakaev"])
def test_two_layers_for_five_by_the_orders_of_the_inputs(function, construction):
    if (function, construction) == ("min", "bakaev"):
        pytest.skip("there is none")
    network, spec = named(function, construction, 5)
    assert network.depth == 2
    print("seed 5")
    assert proved(scrambled(network, Random(5)), spec) < 30_000


@pytest.mark.parametrize("seed", range(40))
def test_a_changed_weight_is_never_proved(seed):
    print("seed", seed)
    draw = Random(seed)
    network = scrambled(halves(draw.randint(2, 6)), draw)
    wrong = mutated(network, draw)
    points = [[Fraction(draw.randint(-9, 9)) for _ in range(wrong.inputs)] for _ in range(20)]
    if all(wrong(point) == [max(point)] for point in points):
        pytest.skip("the change may not matter")
    with pytest.raises((GaveUp, Invalid)):
        proved(wrong, max_spec(wrong.inputs))


def test_random_networks_are_given_up_soon():
    draw = Random(4)
    print("seed 4")
    n, width = 6, 24
    layers, columns = [], n
    for _ in range(3):
        layers.append(
            normalise([(draw.randint(-5, 5), {v: draw.randint(-9, 9) for v in range(columns)}) for _ in range(width)])
        )
        columns = width
    network = Network(n, tuple(layers), normalise([(0, {v: draw.randint(-9, 9) for v in range(columns)})]))
    with pytest.raises(GaveUp):
        certificate(network, max_spec(n))


def test_z3_is_asked_beside():
    network, spec = named("max", "tournament", 4)
    verdict = pipeline.prove(network, spec)
    assert (verdict.verdict, verdict.engine) == ("proved", "canonical") and verdict.z3 in ("unsat", "unknown")
    network, spec = named("min", "tournament", 4)
    verdict = pipeline.prove(network, spec, "canonical")
    assert (verdict.verdict, verdict.engine) == ("proved", "canonical")


def test_a_theorem_that_z3_refutes_is_an_error_of_ours(monkeypatch):
    monkeypatch.setattr(pipeline.smt, "decide", lambda *_: pipeline.smt.Answer("sat", {}))
    with pytest.raises(RuntimeError, match="the kernel accepted"):
        pipeline.prove(*named("max", "tournament", 3))


def test_what_it_gives_up_goes_to_the_other_engines():
    network, _ = named("max", "tournament", 3)
    wrong = mutated(network, Random(3))
    alone = pipeline.prove(wrong, max_spec(3), "canonical")
    assert (alone.verdict, alone.engine) == ("refuted", "canonical")
    verdict = pipeline.prove(wrong, max_spec(3))
    assert verdict.verdict == "refuted" and verdict.engine in ("falsify", "flat")
    assert pipeline.prove(network, min_spec(3)).verdict == "refuted"


def test_two_layers_for_six_scrambled():
    network, spec = named("max", "shallow", 6)
    print("seed 6")
    assert proved(scrambled(network, Random(6), 0), spec) < 100_000


def test_two_layers_go_to_engine_symmetric_first():
    network, spec = named("max", "shallow", 5)
    assert pipeline.prove(network, spec).engine == "symmetric"
    print("seed 7")
    verdict = pipeline.prove(scrambled(network, Random(7)), spec)
    assert (verdict.verdict, verdict.engine) == ("proved", "canonical")


@pytest.mark.parametrize("form", [{}, {0: 1}])
def test_what_is_no_formula_in_maxima_is_given_up(form):
    """A unit step(0), and a network that gives an input: neither is the maximum."""
    layer = normalise([(0, {}), (0, {0: 1, 1: -1})], [0])
    network = Network(3, (layer,), normalise([(0, {0: 1, 1: 1} if form else {1: 1})]))
    with pytest.raises(GaveUp):
        certificate(network, max_spec(3))
