"""Networks with two hidden layers, read as formulas in the inputs and their pairwise maxima."""

from fractions import Fraction

import pytest

from relumax.constructions.shallow import max_shallow, min_shallow
from relumax.constructions.tournament import rounds
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.orders.formula import maximum_of
from relumax.engines.orders.reading import Reading
from relumax.engines.search import GaveUp
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.language.expr import inputs, relu
from relumax.language.gadget import absolute, maximum
from relumax.language.spec import max_spec, min_spec
from relumax.network.compile import compile
from relumax.network.layers import to_json
from relumax.pipeline import prove


def reading(network, spec):
    (statement,) = Claim(spec.claim(), read_network(to_json(network), ENDLESS)).statements
    return Reading(statement.context(ENDLESS, []), Lemmas())


@pytest.mark.parametrize(("recipe", "spec", "sign"), [(max_shallow, max_spec, 1), (min_shallow, min_spec, -1)])
def test_the_formula_of_five(recipe, spec, sign):
    found = reading(compile([recipe(inputs(5))], 5), spec(5))
    assert found.sign == sign and len(found.values) == 15 and found.values[0] == (1, 0, ((0, sign),))
    assert len(found.formula.atoms) == len(found.sides) == 7
    m = maximum_of
    assert found.formula.linear == {m(5, 0, 1): Fraction(1, 4), m(5, 2, 3): Fraction(1, 4), 4: Fraction(1, 2)}


def test_units_of_both_signs_are_one_absolute_value():
    """|D| as relu(D) + relu(-D), the second one tripled, and a comparison that the network lacks."""
    a, b, c, d = inputs(4)
    plain = rounds([a, b, c, d], maximum)
    e, f = maximum(a, b), maximum(c, d)
    both = (e + f + absolute(e - f)) / 2
    tripled = (e + f + relu(e - f) + relu(3 * f - 3 * e) / 3) / 2
    for program in (plain, both, tripled):
        network = compile([program], 4)
        found = reading(network, max_spec(4))
        m = maximum_of
        assert found.formula.atoms == {((m(4, 0, 1), 1), (m(4, 2, 3), -1)): Fraction(1, 2)}
        assert prove(network, max_spec(4), "symmetric").verdict == "proved"


@pytest.mark.parametrize("change", ["bias", "sum"])
def test_what_is_no_formula(change):
    a, b, c = inputs(3)
    inner = maximum(a, b) - c + (1 if change == "bias" else relu(c) + 2 * relu(-c))
    with pytest.raises(GaveUp, match="not a relu of inputs and pairwise maxima"):
        reading(compile([relu(inner)], 3), max_spec(3))
