"""What the pieces mean, against exact evaluation at points where things tie: units, negations, substitution, picks."""

import itertools
import random
from fractions import Fraction

import pytest

from relumax.kernel.network import read_network
from relumax.kernel.points import true, values
from relumax.kernel.proof import MAX, OR, RELU, STEP, negation, read_fact, substituted, unit_clause
from relumax.kernel.statement import Claim
from relumax.kernel.wire import Fuel, atom, collect, difference, form
from tests.kernel.examples import EXAMPLES, LEAF_LEMMA, array, clause, rows, statement, with_lemmas
from tests.kernel.test_total import FULL

GRID = [Fraction(k, 2) for k in range(-2, 3)]
FUEL = Fuel(1 << 60)


def value(one, point):
    """The value of a form."""
    return (one[1] + sum(c * point[v] for v, c in one[2])) / Fraction(one[0])


def holds(fact, point):
    """Whether any fact is true at a point."""
    if fact[0] == MAX:
        return value(fact[1], point) == max(value(one, point) for one in fact[2])
    return true(fact, point, FUEL)


def random_form(rng, variables):
    """A form with small numbers."""
    return form(
        rng.choice((1, 1, 2)), rng.randrange(-2, 3), collect({v: rng.randrange(-2, 3) for v in range(variables)})
    )


def random_fact(rng, variables):
    """An atom, a clause or a max fact."""

    def random_atom():
        return atom(rng.randrange(3), *random_form(rng, variables)[1:])

    kind = rng.randrange(3)
    if kind == 0:
        return random_atom()
    if kind == 1:
        return OR, tuple(tuple(random_atom() for _ in range(rng.choice((1, 2)))) for _ in range(rng.choice((2, 3))))
    return MAX, random_form(rng, variables), tuple(random_form(rng, variables) for _ in range(rng.choice((1, 2, 3))))


@pytest.mark.parametrize("kind", [RELU, STEP])
def test_units(kind):
    """At 0, relu is 0 and step is 1."""
    for t in ((1, 0, ((0, 1),)), (2, -1, ((0, 1),)), (1, 0, ((0, -3),)), (1, 0, ()), (1, 1, ()), (1, -1, ())):
        fact = unit_clause(kind, t, 1)
        for x, h in itertools.product(GRID, [*GRID, Fraction(3, 2), Fraction(3)]):
            at = value(t, [x])
            expected = max(at, 0) if kind == RELU else int(at >= 0)
            assert holds(fact, [x, h]) == (h == expected)


@pytest.mark.parametrize("seed", range(300))
def test_a_negation_is_true_exactly_where_the_fact_is_false(seed):
    rng = random.Random(seed)
    fact = random_fact(rng, 2)
    for point in itertools.product(GRID, repeat=2):
        assert all(holds(one, point) for one in negation(fact)) != holds(fact, point)


@pytest.mark.parametrize("seed", range(300))
def test_a_substitution_means_the_fact_at_the_values(seed):
    rng = random.Random(seed)
    fact, values = random_fact(rng, 2), [random_form(rng, 2) for _ in range(2)]
    there = substituted(fact, values, FUEL)
    for point in itertools.product(GRID, repeat=2):
        assert holds(there, point) == holds(fact, [value(one, point) for one in values])


@pytest.mark.parametrize("seed", range(100))
def test_a_difference_compares_two_forms(seed):
    rng = random.Random(seed)
    left, right = random_form(rng, 2), random_form(rng, 2)
    for point in itertools.product(GRID, repeat=2):
        a, b = value(left, point), value(right, point)
        for relation, expected in enumerate((a == b, a <= b, a < b)):
            assert holds(difference(left, right, relation), point) == expected


CONDITIONS = {
    ("<",): lambda x, best: x < best,
    ("<=",): lambda x, best: x <= best,
    ("gap", 1, 2): lambda x, best: x + Fraction(1, 2) <= best,
    ("tie", 1, 2): lambda x, best: x in (best, x) and (x == best or x + Fraction(1, 2) <= best),
}


@pytest.mark.parametrize("name", ["full", *EXAMPLES])
def test_the_facts_of_a_statement_are_true_at_every_point(name):
    """Network, indices, definitions and requirements: what a proof starts from holds wherever the requirements do."""
    certificate = FULL if name == "full" else EXAMPLES[name][0]
    network = read_network(certificate["network"], FUEL)
    (one,) = Claim(certificate["claim"], network).statements
    context = one.context(FUEL, [])
    facts = [context.fact(k, "") for k in range(len(context.facts))]
    met = 0
    for x in itertools.product(range(-3, 4), repeat=network.inputs):
        for w in itertools.product(*[range(n) for _, n, _ in one.indices]):
            at_point = values(one, {"inputs": [2, *x], "index": [*w]}, "", FUEL)
            assert len(at_point) == context.variables
            picks = [at(i) for at, n, *_ in one.requires for i in range(n)]
            if all(holds(pick, at_point) for pick in picks):
                met += 1
                assert all(holds(fact, at_point) for fact in facts)
                assert all(holds(goal, at_point) for goal in context.goals)
    assert met


def test_an_index_runs_over_all_its_values_and_no_others():
    context = Claim(FULL["claim"], read_network(FULL["network"], FUEL)).statements[0].context(FUEL, [])
    low, high = context.facts[2], context.facts[3]
    w = low[2][0][0]
    assert [all(holds(fact, {w: Fraction(k)}) for fact in (low, high)) for k in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("before", "after"), [*itertools.product(CONDITIONS, repeat=2)])
def test_all_picks_of_a_winner_are_true_exactly_for_winners(before, after):
    """Over integers w, with the variable of x[w] equal to x_w: the picks say neither more nor less."""
    n = 3
    network = read_network({"inputs": n, "layers": [], "output": rows([0, 0, 1])}, FUEL)
    winner = {"winner": "w", "of": "x", "before": [*before], "after": [*after], "lattice": None}
    one = statement(
        [clause([["<=", 0, 1, "y[0]", -1, "x[w]"]])],
        index=[["w", n]],
        requires=[winner],
    )
    (found,) = Claim({"arrays": [array("x", "in", n), array("y", "out", 1)], "statements": [one]}, network).statements
    picks = [found.pick(0, i, "") for i in range(n)]
    for x in itertools.product((Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(1)), repeat=n):
        for w in range(n):
            expected = all(CONDITIONS[before if i < w else after](x[i], x[w]) for i in range(n) if i != w)
            # variables: x, y, w, x[w]
            assert all(holds(one, [*x, x[0], Fraction(w), x[w]]) for one in picks) == expected
            assert not all(holds(one, [*x, x[0], Fraction(w), x[w] + 1]) for one in picks)


@pytest.mark.parametrize(("word", "meets"), [("before", int.__lt__), ("after", int.__gt__), ("except", int.__ne__)])
def test_where(word, meets):
    """`x[i] <= 0 for each i before w`, at integers w."""
    n = 3
    network = read_network({"inputs": n, "layers": [], "output": rows([0, 0, 1])}, FUEL)
    guarded = clause([["<=", 0, 1, "x[i]"]], each=n, where=[word, "w"])
    one = statement(
        [clause([["<=", 0, 1, "y[0]", -1, "x[w]"]])],
        index=[["w", n]],
        requires=[guarded],
    )
    (found,) = Claim({"arrays": [array("x", "in", n), array("y", "out", 1)], "statements": [one]}, network).statements
    for x, w in itertools.product(itertools.product((-1, 0, 1), repeat=n), range(n)):
        point = [*map(Fraction, [*x, x[0], w, x[w]])]
        for i in range(n):
            assert holds(found.pick(0, i, ""), point) == (x[i] <= 0 or not meets(i, w))


def test_a_conclusion_about_a_variable_that_is_not_there():
    """No capture: a lemma speaks of its own variables and units only."""
    from relumax.kernel import Malformed
    from tests.kernel.test_rules import wrong_lemma

    wrong_lemma(Malformed, ".then[0]", "index 1 is not in 0..0", {**LEAF_LEMMA, "then": [[[[1, 0, 1, 1]]]]})
    wrong_lemma(
        Malformed, ".given[1]", "index 1 is not in 0..0", {**LEAF_LEMMA, "given": [[[[1, 0]]], [[[1, 0, 1, 1]]]]}
    )
    assert with_lemmas(LEAF_LEMMA)


def test_facts_are_read_as_they_are_written():
    assert read_fact([[[1, 0, 0, 1]]], "", 1) == (1, 0, ((0, 1),))
    assert read_fact([[[1, 0, 0, 1]], [[0, 1]]], "", 1) == (OR, (((1, 0, ((0, 1),)),), ((0, 1, ()),)))
