"""Wrong networks are refuted at cheap points or by climbing; right ones never."""

import itertools
import random
import re
import subprocess
import sys
from fractions import Fraction
from functools import reduce

import pytest

from relumax import pipeline
from relumax.constructions.registry import find, names
from relumax.engines.ascent import climb
from relumax.engines.falsify import falsify, values
from relumax.engines.lemmas import ENDLESS
from relumax.errors import BudgetExceeded
from relumax.kernel.network import read_network
from relumax.kernel.points import values as kernels
from relumax.kernel.statement import Claim
from relumax.language.expr import inputs, relu
from relumax.language.gadget import maximum
from relumax.language.spec import max_spec, point
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from relumax.network.layers import Network, normalise, to_json
from relumax.size import at_most


def statements(network, spec):
    return Claim(spec.claim(), read_network(to_json(network), ENDLESS)).statements


def trained(widths, seed):
    """A network as training leaves them: weights of 24 bits, wrong nearly everywhere."""
    chance = random.Random(seed)
    weight = lambda: Fraction(chance.randrange(-(2**23), 2**23), 2**24)  # noqa: E731
    maps = [
        normalise([(weight(), {j: weight() for j in range(before)}) for _ in range(units)])
        for before, units in itertools.pairwise(widths)
    ]
    return Network(widths[0], tuple(maps[:-1]), maps[-1])


@pytest.mark.parametrize("widths", [(3, 24, 24, 1), (5, 32, 32, 32, 1)])
def test_trained_networks_that_are_wrong_are_refuted_before_any_search(widths):
    verdict = pipeline.prove(trained(widths, 1), max_spec(widths[0]))
    assert (verdict.verdict, verdict.engine, verdict.z3) == ("refuted", "falsify", "not asked")
    assert verdict.witness.outputs == evaluate(verdict.network, verdict.witness.inputs) != [max(verdict.witness.inputs)]


@pytest.mark.parametrize(("fn", "name"), names())
def test_what_is_true_is_never_refuted(fn, name):
    """Every construction of the catalogue, at cheap points and by climbing."""
    found = find(fn, name)
    n = found.usual or 3
    options = {**found.options, **({"lattice": Fraction(1)} if name == "pack" else {})}
    try:
        spec = found.spec(n, **options)
        with at_most(5000):
            network = compile(found.program(n, **options), spec.width, spec.nonnegative)
    except BudgetExceeded:
        pytest.skip("too large")
    for statement, shown in zip(statements(network, spec), spec.points(), strict=True):
        assert falsify(network, statement, shown) is None
        assert climb(network, statement) is None


@pytest.mark.parametrize("seed", range(12))
def test_one_weight_of_a_tournament(seed):
    """A wrong weight shows at cheap points or while climbing, if the network is wrong at all."""
    chance = random.Random(seed)
    n = chance.choice((2, 3, 5, 8))
    network = compile([reduce(maximum, inputs(n))], n)
    k = chance.randrange(len(network.maps))
    layer = network.maps[k]
    rows = [list(row) for row in layer.rows]
    r = chance.randrange(len(rows))
    bias, terms = rows[r]
    rows[r] = [bias + chance.choice((-1, 1)), terms] if not terms or chance.random() < 0.5 else [bias, terms[1:]]
    wrong = normalise([(Fraction(b, layer.den), {j: Fraction(c, layer.den) for j, c in t}) for b, t in rows])
    maps = [wrong if place == k else one for place, one in enumerate(network.maps)]
    changed = Network(n, tuple(maps[:-1]), maps[-1])
    (statement,) = statements(changed, max_spec(n))
    found = falsify(changed, statement, []) or climb(changed, statement)
    truth = pipeline.prove(changed, max_spec(n), "flat").verdict
    assert (found is not None) == (truth == "refuted"), (seed, truth)


def test_a_thin_wrong_region_is_found_by_climbing():
    """Wrong by at most 1 where x0 is within 1 of 1000 and above the others: at none of the cheap points."""
    x = inputs(3)
    bump = relu(1 - (relu(x[0] - 1000) + relu(1000 - x[0])) / 100)
    network = compile([reduce(maximum, x) + bump], 3)
    (statement,) = statements(network, max_spec(3))
    found = falsify(network, statement, []) or climb(network, statement)
    assert found is not None and evaluate(network, found.inputs) != [max(found.inputs)]


def test_statements_with_indices_and_promises():
    spec = find("argmax", "index").spec(4, gap=Fraction(1))
    network = compile([find("argmax", "index").program(4, gap=Fraction(1))[0] + Fraction(1, 3)], 4)
    each = zip(statements(network, spec), spec.points(), strict=True)
    refuted = [falsify(network, one, shown) for one, shown in each]
    assert any(refuted)
    for one in filter(None, refuted):
        assert one.outputs == evaluate(network, one.inputs)


@pytest.mark.parametrize("seed", range(20))
def test_values_are_the_kernels(seed):
    """The quick reading of a statement gives what the kernel's gives, but for units, which it leaves out."""
    chance = random.Random(seed)
    fn, name = chance.choice([("argmax", "index"), ("select", "pack"), ("argmax", "step"), ("max", "tournament")])
    found = find(fn, name)
    options = {**found.options, **({"lattice": Fraction(1)} if name == "pack" else {})}
    spec = found.spec(3, **options)
    network = compile(found.program(3, **options), spec.width, spec.nonnegative)
    x = [Fraction(chance.randint(-4, 4), chance.choice((1, 2))) for _ in range(network.inputs)]
    for statement in statements(network, spec):
        index = [chance.randrange(n) for _, n, _ in statement.indices]
        ours = values(statement, x, index, evaluate(network, x))
        theirs = kernels(statement, point(x, index), "", ENDLESS)
        assert all(one is None or one == other for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize(("fn", "name"), [("argmax", "index"), ("argmin", "step"), ("select", "gate")])
def test_a_wrong_program_whose_values_have_an_outline(fn, name):
    """What is stated of a value is no gadget, and has no contract to be blamed for."""
    found = find(fn, name)
    wrong = [one + Fraction(1, 3) for one in found.program(4, **found.options)]
    verdict = pipeline.prove(wrong, found.spec(4, **found.options))
    assert (verdict.verdict, verdict.engine) == ("refuted", "falsify")
    assert not verdict.reason or re.fullmatch(r"theorem [12] of the 2 is false there", verdict.reason)


def test_cheap_points_need_no_numpy():
    code = (
        "import sys; from relumax import max_spec, prove; from relumax.language.expr import inputs, relu; "
        "assert prove(relu(inputs(2)[0]), max_spec(2)).verdict == 'refuted'; assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("name", "promise"), [("onehot", "none"), ("index", "none"), ("step", None)])
def test_programs_with_outlines_are_refuted_like_others(name, promise):
    """What an outline states is no gadget, and nobody is to blame for a promise that is not made."""
    found = find("argmax", name)
    options = {**found.options, **({"promise": promise} if promise else {})}
    program = found.program(3, **{key: value for key, value in options.items() if key != "promise" or promise})
    wrong = program if promise else [program[0] + 1, *program[1:]]
    verdict = pipeline.prove(wrong, found.spec(3, **options))
    assert (verdict.verdict, verdict.engine) == ("refuted", "falsify")
    assert not verdict.reason or re.fullmatch(r"theorem [12] of the 2 is false there", verdict.reason)
