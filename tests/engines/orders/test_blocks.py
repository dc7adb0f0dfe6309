"""Formulas over blocks, and the identity of nine: lemmas, networks with one weight changed, formulas that are false."""

import random
from fractions import Fraction

import pytest

from relumax.constructions.bakaev import gadget_for, max_bakaev
from relumax.constructions.formula import PairwiseFormula, shipped
from relumax.constructions.shallow import shallow
from relumax.constructions.tournament import rounds
from relumax.errors import ProgramError
from relumax.kernel import check
from relumax.language.expr import inputs
from relumax.language.gadget import maximum
from relumax.language.spec import max_spec, min_spec
from relumax.network.compile import compile
from relumax.network.layers import Layer, Network
from relumax.pipeline import prove

PROGRAMS = [("shallow", shallow, n) for n in (5, 9, 11)] + [("bakaev", max_bakaev, n) for n in (9, 11)]


@pytest.mark.parametrize(("name", "recipe", "n"), PROGRAMS)
def test_the_kernel_accepts_them(name, recipe, n):
    verdict = prove(recipe(inputs(n)), max_spec(n), "modular")
    assert verdict.engine == "modular" and verdict.verdict == "proved"
    assert check(verdict.certificate).statements == [f"for all x in R^{n}: y = max(x)"]


@pytest.mark.slow
@pytest.mark.parametrize("n", [12, 13])
def test_more_steps_of_nine(n):
    assert prove(max_bakaev(inputs(n)), max_spec(n), "modular").verdict == "proved"


def test_unequal_blocks_in_any_order():
    x = inputs(8)
    blocks = [[x[7]], [x[0], x[5], x[2]], [x[1]], [x[6], x[3]], [x[4]]]
    program = shipped(5).program(blocks, lambda one: rounds(list(one), maximum))
    verdict = prove(program, max_spec(8), "modular")
    assert verdict.engine == "modular" and verdict.verdict == "proved"


def mutants(network, count):
    """Networks with one weight more or less by one part of its layer's denominator."""
    chance = random.Random(count)
    maps = list(network.maps)
    for _ in range(count):
        k = chance.randrange(len(maps))
        layer = maps[k]
        rows = [(bias, dict(row)) for bias, row in layer.rows]
        _, row = rows[chance.randrange(len(rows))]
        row[chance.choice(sorted(row))] += chance.choice((-1, 1))
        new = Layer(layer.den, tuple((b, tuple((j, c) for j, c in r.items() if c)) for b, r in rows), layer.steps)
        changed = [*maps[:k], new, *maps[k + 1 :]]
        yield Network(network.inputs, tuple(changed[:-1]), changed[-1])


@pytest.mark.parametrize(("name", "recipe", "n"), PROGRAMS[:2] + PROGRAMS[-1:])
def test_one_weight_changed_is_not_certified(name, recipe, n):
    program = recipe(inputs(n))
    for network in mutants(compile([program], n), 6):
        verdict = prove(program, max_spec(n), timeout=2, against=network)
        assert verdict.verdict in ("refuted", "unknown")


def test_a_false_formula_is_refuted():
    five = shipped(5)
    for k, terms in enumerate(five.sizes):
        wrong = PairwiseFormula(5, five.linear, {**five.sizes, terms: five.sizes[terms] + Fraction(1, 8)})
        verdict = prove(wrong.program([[x] for x in inputs(5)], shallow), max_spec(5), timeout=20)
        assert verdict.verdict == "refuted"
        assert verdict.witness is not None
        if k == 1:
            break


def test_a_promise_that_values_do_not_keep():
    """The gadget's values have to be the maxima of its blocks: here one is not."""
    x = inputs(6)
    blocks = [[x[0]], [x[1]], [x[2]], [x[3]], [x[4], x[5]]]
    program = shipped(5).program(blocks, lambda one: rounds(list(one[:2]), maximum))
    assert prove(program, max_spec(6), timeout=20).verdict == "refuted"


def test_what_nine_reads():
    gadget = gadget_for(3)
    assert gadget.arity == 20 and gadget.reads == list(range(11, 20))
    assert gadget_for(3) is gadget


def test_minima():
    program = -shallow([-x for x in inputs(9)])
    assert prove(program, min_spec(9), "modular").verdict == "proved"


def test_a_unit_of_nothing_ends_engine_symmetric():
    network = compile([shallow(inputs(5))], 5)
    first = network.layers[0]
    zero = Network(5, (Layer(first.den, (*first.rows, (0, ())), ()), network.layers[1]), network.output)
    assert "a unit that reads nothing" in prove(zero, max_spec(5), "symmetric").reason
    assert prove(zero, max_spec(5), timeout=30).verdict in ("proved", "uncertified", "unknown")


@pytest.mark.parametrize(
    "program",
    [
        lambda x: PairwiseFormula(1, {(0, 0): Fraction(1)}, {}).program([x], shallow),
        lambda x: gadget_for(1)(*[0] * 17, x[0]),
        lambda x: PairwiseFormula(3, {}, {(((0, 1), 1), ((0, 2), -1)): Fraction(1)}).program(
            [[one] for one in x[:3]], shallow
        ),
    ],
)
def test_odd_gadgets_end_in_a_verdict(program):
    verdict = prove(program(inputs(3)), max_spec(3), timeout=20)
    assert verdict.verdict in ("proved", "refuted", "unknown", "uncertified")


def test_formulas_are_not_sought_symmetric_for_ever():
    wide = PairwiseFormula(9, {(0, 0): Fraction(1)}, {})
    verdict = prove(wide.program([[x] for x in inputs(9)], shallow), max_spec(9), timeout=20)
    assert verdict.verdict == "refuted"


def test_a_formula_takes_as_many_blocks_as_it_has_inputs():
    for count in (4, 6):
        with pytest.raises(ProgramError, match=f"takes 5 blocks, not {count}"):
            shipped(5).program([[x] for x in inputs(count)], shallow)
