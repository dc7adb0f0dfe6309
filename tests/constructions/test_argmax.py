"""Contracts of argmax and argmin at and across their boundaries, proved and evaluated."""

from fractions import Fraction
from itertools import product

import numpy as np
import onnxruntime
import pytest

from relumax import pipeline
from relumax.constructions import registry
from relumax.constructions.bits import weights
from relumax.errors import SpecError
from relumax.formats import export
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from relumax.ranges import exact_ranges

EACH = [(f, c) for f in ("argmax", "argmin") for c in ("slack", "onehot", "index", "step", "prefix", "bits")]


def prepared(function, name, n, **options):
    found = registry.find(function, name)
    options = {**found.options, **options}
    return found.program(n, **options), found.spec(n, **options)


def outputs(function, name, point, **options):
    program, spec = prepared(function, name, len(point), **options)
    return evaluate(compile(program, spec.width, spec.nonnegative), point)


@pytest.mark.parametrize(("function", "name"), EACH)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_contract_is_proved_and_certified(function, name, n):
    verdict = pipeline.prove(*prepared(function, name, n))
    assert verdict.verdict == pipeline.PROVED, verdict.reason
    assert tuple(pipeline.check(verdict.certificate).statements) == verdict.theorem


def test_slack_is_zero_exactly_for_winners():
    assert outputs("argmax", "slack", [3, 5, 5, Fraction(9, 2)]) == [2, 0, 0, Fraction(1, 2)]
    assert outputs("argmin", "slack", [3, 5, 3]) == [0, 2, 0]


def test_onehot_at_exactly_the_gap_and_just_under_it():
    just = Fraction(1, 1000)
    assert outputs("argmax", "onehot", [0, 2, 1], gap=1) == [0, 1, 0]
    assert outputs("argmax", "onehot", [0, 2, 1 + just], gap=1) == [0, 1, just]
    assert outputs("argmax", "onehot", [2, 2, 0], gap=1) == [1, 1, 0]


def test_index_at_exactly_the_gap_and_inside_its_range_at_a_near_tie():
    assert outputs("argmax", "index", [0, 1, 3, 2], gap=1) == [2]
    for point in product([0, Fraction(1, 3), 1], repeat=4):
        (index,) = outputs("argmax", "index", list(point), gap=1)
        assert 0 <= index <= 3


@pytest.mark.parametrize("ties", ["first", "last"])
def test_index_on_a_lattice_is_numpy_argmax(ties):
    for point in product([-2, 0, 1], repeat=4):
        wanted = int(np.argmax(point)) if ties == "first" else 3 - int(np.argmax(point[::-1]))
        assert outputs("argmax", "index", list(point), lattice=1, ties=ties) == [wanted]


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("name", ["prefix", "bits"])
def test_prefix_and_bits_meet_the_theorem_of_index(name, ties):
    for point in product([-2, 0, 1], repeat=4):
        last = 3 - int(np.argmax(point[::-1])), 3 - int(np.argmin(point[::-1]))
        wanted = (int(np.argmax(point)), int(np.argmin(point))) if ties == "first" else last
        found = [outputs(f, name, list(point), lattice=1, ties=ties) for f in ("argmax", "argmin")]
        assert found == [[one] for one in wanted]
    for point in product([0, Fraction(1, 3), 1], repeat=5):
        (index,) = outputs("argmax", name, list(point), gap=1, ties=ties)
        assert 0 <= index <= 4
    assert outputs("argmax", name, [7], ties=ties) == [0]
    assert outputs("argmax", name, [0, 2, 4, 2, 4, 0], gap=2, ties=ties) == [2 if ties == "first" else 4]
    both = [prepared("argmax", one, 8, ties=ties)[1].claim() for one in (name, "index")]
    assert both[0] == both[1]


@pytest.mark.parametrize("name", ["prefix", "bits"])
def test_on_a_lattice_they_are_numpy_argmax_at_every_n(name):
    print("seed 20261201")
    random = np.random.default_rng(20261201)
    for n in (2, 3, 5, 6, 7, 9, 12, 17, 31):
        for _ in range(40):
            point = random.integers(-2, 3, size=n).tolist()
            assert outputs("argmax", name, point, lattice=1) == [int(np.argmax(point))]


def test_near_a_tie_prefix_and_bits_are_between():
    just = Fraction(1, 1000)
    assert outputs("argmax", "prefix", [3, 4 - just], gap=1) == [1 - just]
    assert outputs("argmax", "bits", [3, 4 - just], gap=1) == [1 - 2 * just]


def sized(name, n):
    program, spec = prepared("argmax", name, n)
    network = compile(program, spec.width)
    return network.depth, network.size


def test_prefix_is_exact_further_than_index():
    """Its slopes do not grow with n, and what it carries between layers is at most 1."""
    ranges = {}
    for name in ("index", "prefix"):
        program, spec = prepared("argmax", name, 8)
        ranges[name] = exact_ranges(compile(program, spec.width)).most
    assert sized("prefix", 8) == (4, 32) and sized("index", 8) == (4, 39)
    assert ranges["prefix"]["float32"] >= 8 * ranges["index"]["float32"]
    assert ranges["prefix"]["bfloat16"] >= 8 * ranges["index"]["bfloat16"]


def test_bits_is_as_deep_as_the_maximum():
    assert sized("bits", 8) == (3, 36)
    for n in range(2, 34):
        assert sized("bits", n)[0] == (n - 1).bit_length()
        assert sum(weights(n)) == n - 1 and len(weights(n)) == (n - 1).bit_length()


@pytest.mark.parametrize(
    ("name", "ties"), [("prefix", "first"), ("prefix", "last"), ("bits", "first"), ("bits", "last")]
)
@pytest.mark.parametrize("n", [9, 64])
def test_large_ones_are_proved_by_their_invariants(name, ties, n):
    verdict = pipeline.prove(*prepared("argmax", name, n, ties=ties), engine="modular")
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, "modular")
    index = pipeline.prove(*prepared("argmax", "index", n, ties=ties), engine="modular")
    assert len(verdict.certificate) <= 2 * len(index.certificate)
    assert sized(name, n)[1] <= 2 * sized("index", n)[1]


def test_ties_to_the_last_are_proved_too():
    verdict = pipeline.prove(*prepared("argmax", "index", 4, lattice=Fraction(1, 2), ties="last"))
    assert verdict.verdict == pipeline.PROVED and "the last of the largest" in verdict.theorem[1]


def session(n):
    program, spec = prepared("argmax", "index", n, lattice=1)
    data = export(compile(program, spec.width), "onnx").data
    return onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])


def test_onnx_agrees_with_numpy_on_every_int8_vector_of_length_3():
    run = session(3)
    values = np.arange(-128, 128, dtype=np.float32)
    second, third = (part.ravel() for part in np.meshgrid(values, values))
    for first in values:
        batch = np.stack([np.full_like(second, first), second, third], axis=1)
        assert (run.run(None, {"x": batch})[0][:, 0] == np.argmax(batch, axis=1)).all()


def test_onnx_agrees_with_numpy_on_a_million_int16_vectors_with_many_ties():
    print("seed 20261124")
    random = np.random.default_rng(20261124)
    run = session(8)
    for width in (3, 1 << 15):
        batch = random.integers(-width, width, size=(500_000, 8)).astype(np.float32)
        assert (run.run(None, {"x": batch})[0][:, 0] == np.argmax(batch, axis=1)).all()


def test_step_gives_the_first_winner_everywhere():
    for point in product([0, Fraction(1, 1000), 1], repeat=3):
        first = int(np.argmax([float(x) for x in point]))
        assert outputs("argmax", "step", list(point)) == [*[int(i == first) for i in range(3)], first]


@pytest.mark.parametrize("name", ["onehot", "index", "prefix", "bits"])
def test_the_impossible_contract_is_refuted_with_a_near_tie(name):
    verdict = pipeline.prove(*prepared("argmax", name, 3, promise="none"))
    assert verdict.verdict == pipeline.REFUTED
    assert verdict.witness.outputs == outputs("argmax", name, verdict.witness.inputs)


@pytest.mark.parametrize(("function", "name"), EACH)
def test_one_changed_weight_is_refuted(function, name):
    program, spec = prepared(function, name, 3)
    network = compile(program, spec.width, spec.nonnegative)
    layer = network.output
    bias, terms = layer.rows[0]
    changed = layer._replace(rows=((bias, ((terms[0][0], 2 * terms[0][1]), *terms[1:])), *layer.rows[1:]))
    verdict = pipeline.prove(program, spec, against=network._replace(output=changed))
    assert verdict.verdict == pipeline.REFUTED


@pytest.mark.parametrize("options", [{"gap": 0}, {"gap": -1}])
def test_a_gap_is_positive(options):
    for name in ("onehot", "index", "prefix", "bits"):
        with pytest.raises(SpecError, match="positive"):
            prepared("argmax", name, 3, **options)
