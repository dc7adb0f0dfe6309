"""Contracts of argmax and argmin at and across their boundaries, proved and evaluated."""

from fractions import Fraction
from itertools import product

import numpy as np
import onnxruntime
import pytest

from relumax import pipeline
from relumax.constructions import registry
from relumax.errors import SpecError
from relumax.formats import export
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from relumax.ranges import exact_ranges

EACH = [(f, c) for f in ("argmax", "argmin") for c in ("slack", "onehot", "index", "step", "prefix")]


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


def test_prefix_meets_the_theorem_of_index():
    for point in product([-2, 0, 1], repeat=4):
        assert outputs("argmax", "prefix", list(point), lattice=1) == [int(np.argmax(point))]
        assert outputs("argmin", "prefix", list(point), lattice=1) == [int(np.argmin(point))]
    for point in product([0, Fraction(1, 3), 1], repeat=4):
        (index,) = outputs("argmax", "prefix", list(point), gap=1)
        assert 0 <= index <= 3
    assert outputs("argmax", "prefix", [7]) == [0] and outputs("argmax", "prefix", [0, 2, 4, 2, 4, 0], gap=2) == [2]
    just = Fraction(1, 1000)
    assert outputs("argmax", "prefix", [3, 4 - just], gap=1) == [1 - just]
    assert prepared("argmax", "prefix", 8)[1].claim() == prepared("argmax", "index", 8)[1].claim()


def test_prefix_is_exact_further_than_index():
    """Its slopes do not grow with n: 59 units at n = 8."""
    ranges = {}
    for name in ("index", "prefix"):
        program, spec = prepared("argmax", name, 8)
        network = compile(program, spec.width)
        ranges[name] = exact_ranges(network).most
    assert network.size == 59 and network.depth == 4
    assert ranges["prefix"]["float32"] >= 3 * ranges["index"]["float32"]
    assert ranges["prefix"]["bfloat16"] >= 4 * ranges["index"]["bfloat16"]


def test_prefix_of_64_is_proved_by_its_invariants():
    verdict = pipeline.prove(*prepared("argmax", "prefix", 64), engine="modular")
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, "modular")


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


@pytest.mark.parametrize("name", ["onehot", "index"])
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
    for name in ("onehot", "index"):
        with pytest.raises(SpecError, match="positive"):
            prepared("argmax", name, 3, **options)
