"""Contracts of the payload constructions at and across their boundaries, with controls that fail as they must."""

from fractions import Fraction
from itertools import product

import pytest

from relumax import pipeline
from relumax.constructions import registry
from relumax.errors import SpecError
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from relumax.ranges import exact_ranges

DECODER = {"lattice": Fraction(1), "key_range": (Fraction(0), Fraction(2)), "margin": Fraction(1, 4)}


def prepared(name, n, **options):
    found = registry.find("select", name)
    options = {**found.options, **options}
    return found.program(n, **options), found.spec(n, **options)


def outputs(name, keys, payloads, **options):
    program, spec = prepared(name, len(keys), **options)
    return evaluate(compile(program, spec.width, spec.nonnegative), [*keys, *payloads])


@pytest.mark.parametrize(
    ("name", "n", "options"),
    [
        ("gate", 1, {}),
        ("gate", 2, {}),
        ("gate", 3, {}),
        ("gate", 5, {}),
        ("gate", 3, {"gap": Fraction(1, 2), "payload_range": (Fraction(-1), Fraction(3))}),
        ("gate", 3, {"payload_dim": 2}),
        ("pack", 1, {}),
        ("pack", 3, {}),
        ("pack", 2, DECODER),
        ("step", 2, {}),
        ("step", 4, {}),
    ],
)
def test_the_contract_is_proved_and_certified(name, n, options):
    verdict = pipeline.prove(*prepared(name, n, **options))
    assert verdict.verdict == pipeline.PROVED, verdict.reason
    assert tuple(pipeline.check(verdict.certificate).statements) == verdict.theorem


def proved_by_modular(name, n, **options):
    verdict = pipeline.prove(*prepared(name, n, **options))
    assert verdict.verdict == pipeline.PROVED, verdict.reason
    assert verdict.engine == "modular"
    return verdict.certificate


def test_pack_certificates_are_about_linear():
    small, large = (len(proved_by_modular("pack", n)) for n in (8, 16))
    assert large <= 2.6 * small
    assert small < 20_000


@pytest.mark.parametrize(
    ("n", "options"),
    [
        (4, {"key_range": (Fraction(0), Fraction(8)), "margin": Fraction(1, 4)}),
        (3, {"lattice": Fraction(1, 2), "key_range": (Fraction(-3), Fraction(1)), "margin": Fraction(1, 10)}),
        (1, {"key_range": (Fraction(0), Fraction(8))}),
    ],
)
def test_the_decoder_is_proved_step_by_step(n, options):
    assert len(proved_by_modular("pack", n, **options)) < 40_000


def test_gate_at_exactly_the_gap_and_at_a_tie():
    low, high = Fraction(0), Fraction(1)
    assert outputs("gate", [1, 2, 0], [high, low, high]) == [low]
    assert outputs("gate", [2, 2, 2], [high, low, low]) == [high]  # the first of tied keys
    assert outputs("gate", [1, Fraction(3, 2)], [high, low]) == [Fraction(1, 2)]  # just under the gap: between the two


def test_gate_never_leaves_the_range_of_its_payloads():
    for keys in product([0, Fraction(1, 3), 1], repeat=3):
        payloads = [5, -7, Fraction(1, 2)]
        (y,) = outputs("gate", list(keys), payloads)
        assert -7 <= y <= 5


def test_a_payload_outside_the_range_is_not_selected_exactly():
    assert outputs("gate", [0, 1], [5, -5]) != [-5]


def test_pack_at_the_ends_of_its_payload_range():
    s_minus_g = Fraction(3, 4)
    assert outputs("pack", [1, 2], [s_minus_g, 0], **DECODER) == [2, 2, 0]
    assert outputs("pack", [2, 2], [0, s_minus_g], **DECODER) == [2 + s_minus_g, 2, s_minus_g]
    assert outputs("pack", [0, 0], [0, 0], **DECODER) == [0, 0, 0]


def test_the_decoder_fails_inside_its_margin():
    _, key, payload = outputs("pack", [0, 1], [0, Fraction(9, 10)], **DECODER)
    assert (key, payload) != (1, Fraction(9, 10))


def test_step_selects_at_every_tie():
    for keys in product([0, Fraction(1, 1000), 1], repeat=3):
        payloads = [Fraction(1, 4), 1, 0]
        assert outputs("step", list(keys), payloads) == [payloads[keys.index(max(keys))]]


def test_without_a_promise_the_gate_is_refuted():
    verdict = pipeline.prove(*prepared("gate", 2, promise="none"))
    assert verdict.verdict == pipeline.REFUTED


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("gate", {"gap": 0}, "positive"),
        ("gate", {"payload_range": (1, 1)}, "lo < hi"),
        ("prefix", {"gap": 0}, "positive"),
        ("prefix", {"payload_range": (1, 1)}, "lo < hi"),
        ("pack", {"lattice": 0}, "positive"),
        ("pack", {"margin": 1}, "below the lattice step"),
        ("pack", {"key_range": (0, Fraction(5, 2))}, "whole number"),
        ("pack", {"payload_dim": 2}, "no continuous injection"),
    ],
)
def test_bad_options_say_why(name, options, says):
    with pytest.raises(SpecError, match=says):
        prepared(name, 3, **options)


@pytest.mark.parametrize("name", ["gate", "prefix", "pack", "step"])
def test_one_changed_weight_is_refuted(name):
    program, spec = prepared(name, 2)
    network = compile(program, spec.width, spec.nonnegative)
    layer = network.layers[0]
    bias, terms = layer.rows[0]
    changed = layer._replace(rows=((bias, ((terms[0][0], terms[0][1] + 2), *terms[1:])), *layer.rows[1:]))
    verdict = pipeline.prove(program, spec, against=network._replace(layers=(changed, *network.layers[1:])))
    assert verdict.verdict == pipeline.REFUTED


@pytest.mark.parametrize(
    ("n", "options"),
    [
        (1, {}),
        (2, {}),
        (3, {}),
        (8, {}),
        (64, {}),
        (3, {"gap": Fraction(1, 2), "payload_range": (Fraction(-1), Fraction(3))}),
        (3, {"payload_dim": 2}),
    ],
)
def test_shares_are_followed_step_by_step(n, options):
    assert len(proved_by_modular("prefix", n, **options)) < (60_000 if n <= 8 else 450_000)


@pytest.mark.parametrize(("n", "layers", "units"), [(1, 2, 2), (2, 3, 8), (3, 4, 19), (8, 5, 72), (64, 8, 1010)])
def test_prefix_has_so_many_units(n, layers, units):
    program, spec = prepared("prefix", n)
    network = compile(program, spec.width, spec.nonnegative)
    assert (network.depth, network.size) == (layers, units)


def test_prefix_at_the_gap_at_ties_and_at_both_ends_of_the_payloads():
    for n in (1, 2, 3, 8):
        for w in range(n):
            for keys in (
                [Fraction(i == w) for i in range(n)],  # all others just the gap below
                [Fraction(i >= w) for i in range(n)],  # all later ones tied
            ):
                for low in (0, 1):
                    payloads = [Fraction(low if i == w else 1 - low) for i in range(n)]
                    assert outputs("prefix", keys, payloads) == [low], (n, w)
    assert outputs("prefix", [1, Fraction(3, 2)], [1, 0]) == [Fraction(1, 2)]  # just under the gap: between the two


def test_prefix_stays_between_lo_and_the_largest_payload_and_may_be_below_the_least():
    halves = [Fraction(1, 4), Fraction(1, 2)]
    for keys in product([0, Fraction(1, 3), 1], repeat=3):
        for payloads in product([0, *halves, 1], repeat=3):
            (y,) = outputs("prefix", list(keys), list(payloads))
            assert 0 <= y <= max(payloads)
    assert outputs("prefix", [0, Fraction(1, 2)], halves[:1] * 2) == [0]  # half a share of each lets nothing through


def test_prefix_has_no_bounds_outside_the_range_of_its_payloads():
    assert outputs("prefix", [0, 1], [Fraction(5), Fraction(-5)]) != [-5]


def test_prefix_without_a_promise_is_refuted():
    assert pipeline.prove(*prepared("prefix", 2, promise="none")).verdict == pipeline.REFUTED


def test_prefix_is_exact_further_than_gate_for_few_options_alone():
    """The figures of docs/runtimes.md; what gate loses is its slopes, what prefix loses is a sum of n payloads."""
    most = {}
    for name, n in product(("gate", "prefix"), (4, 8, 16)):
        program, spec = prepared(name, n)
        found = exact_ranges(compile(program, spec.width, spec.nonnegative)).most
        most[name, n] = tuple(found[one] for one in ("float32", "bfloat16", "float16"))
    assert most["gate", 4] == (1_677_721, 25, 204) and most["prefix", 4] == (4_194_304, 64, 512)
    assert most["gate", 8] == (1_398_101, 21, 170) and most["prefix", 8] == (2_097_152, 32, 256)
    assert most["gate", 16][0] == 1_398_101 and most["prefix", 16][0] == 1_048_576
