"""Outlines of one's own: certified at n = 64 like built-in ones; what is false is told with the step and a point."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from functools import partial, reduce
from operator import or_
from time import process_time

import pytest

from relumax import pipeline
from relumax.kernel import check
from relumax.language.expr import const, evaluate, inputs, largest, relu, symbol
from relumax.language.gadget import gadget, maximum, minimum
from relumax.language.outline import fold
from relumax.language.spec import Spec, array, i, max_spec, point, statement, winner

w, v = symbol("w"), symbol("v")


def second_spec(n):
    """For all x, x[w] the first of the largest and x[v] the largest other: y = x[v]."""
    x, y = array("x", "in", n), array("y", "out")
    ends = [([2, *[0] * (n - 2), 1], [0, n - 1]), ([1, *[0] * (n - 2), 2], [n - 1, 0])]
    requires = [winner(w, x), v != w, (x[i] <= x[v]).where(i != w)]
    return Spec([x, y], [statement([y[0] == x[v]], requires, [w < n, v < n], points=[point(*one) for one in ends])])


def second(x, holds):
    """The second largest."""

    def join(left, right):
        (a, *s), (b, *t) = left, right
        best = minimum(a, b)
        for one in (*s, *t):
            best = maximum(best, one)
        return maximum(a, b), best

    return fold([(xi,) for xi in x], join, holds)[1]


def two_best(lo, hi, m, *s, slack=0):
    """m is x[w] if that is among lo..hi and else at most x[v]; s is x[v] if both are."""
    best, other = symbol("x[w]"), symbol("x[v]")
    w_here, w_not = (lo <= w) & (w <= hi), (w + 1 <= lo) | (hi + 1 <= w)
    v_here, v_not = (lo <= v) & (v <= hi), (v + 1 <= lo) | (hi + 1 <= v)
    both = [v_here & w_here & (one == other) for one in s]
    return [
        other <= best,
        *[one <= other for one in s],
        w_here & (m == best) | w_not & (m + slack <= other),
        reduce(or_, both, v_not | v_here & w_not & (m == other)),
    ]


@pytest.mark.parametrize("n", [2, 3, 5, 64])
def test_the_second_largest(n):
    program = second(inputs(n), two_best)
    verdict = pipeline.prove(program, second_spec(n), "modular")
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, "modular"), verdict.reason
    assert check(verdict.certificate).statements[0].endswith("y = x[v]")
    assert len(verdict.certificate) < 60_000 + 2_000 * n
    rng = random.Random(n)
    print(f"seed {n}")
    for _ in range(50):
        x = [Fraction(rng.randint(-3, 3), rng.choice([1, 2])) for _ in range(n)]
        assert evaluate([program], x) == [sorted(x)[-2]]


def test_lemmas_do_not_grow_with_n():
    counts = []
    for n in (8, 32):
        certificate = pipeline.prove(second(inputs(n), two_best), second_spec(n), "modular").certificate
        counts.append(len(json.loads(certificate)["lemmas"]))
    assert counts[0] == counts[1]


def reason(program, spec):
    """What engine modular says of an outline that does not prove it."""
    verdict = pipeline.prove(program, spec, "modular", timeout=20)
    assert (verdict.verdict, verdict.engine) == (pipeline.UNKNOWN, "modular")
    assert verdict.notes == (verdict.reason,)
    return verdict.reason


def test_a_leaf_that_does_not_meet_what_is_stated():
    said = reason(second(inputs(3), partial(two_best, slack=1)), second_spec(3))
    assert said.startswith(
        "invariant: leaf 0 need not meet (lo <= w) & (w <= hi) & (m == x[w]) | (w + 1 <= lo) & (m + 1"
    )
    assert ": what is required there allows m = " in said
    at = dict(one.split(" = ") for one in said.rpartition(" allows ")[2].split(", "))
    assert at["m"] == at["x[0]"] and 0 < int(at["w"]) < 3 and int(at["v"]) != int(at["w"])  # an index is an integer
    assert Fraction(at["x[v]"]) - 1 < Fraction(at["m"]) <= Fraction(at["x[v]"]) <= Fraction(at["x[w]"])


def test_the_step_that_fails_first_is_named():
    """Whatever the order in which a proof looks at them; and a lemma that fails is tried once, not at each join."""

    def from_two(lo, hi, m, *s):
        return [*two_best(lo, hi, m, *s), (lo + hi <= 3) | (m + 1 <= lo)]

    said = reason(second(inputs(5), from_two), second_spec(5))
    assert said.startswith("invariant: leaf 2 need not meet (lo + hi <= 3) | (m + 1 <= lo): ")

    def no_tie(lo, hi, m, *s):
        return [*two_best(lo, hi, m, *s), *(one + 1 <= m for one in s)]

    start = process_time()
    said = reason(second(inputs(16), no_tie), second_spec(16))
    assert said.startswith(
        "invariant: the join of fold[0..1] does not hand on s[0] + 1 <= m: its parts may have left.m"
    )
    at = dict(one.split(" = ") for one in said.rpartition(" may have ")[2].split(", "))
    assert int(at["w"]) >= 0 and int(at["v"]) >= 0
    assert list(at)[:5] == ["left.m", "right.m", "lo", "mid", "hi"] and all(
        int(at[k]) >= 0 for k in ("lo", "mid", "hi")
    )
    assert Fraction(at["joined s[0]"]) + 1 > Fraction(at["joined m"])
    assert process_time() - start < 20


def test_a_join_that_does_not_hand_it_on():
    best = symbol("x[w]")

    def too_large(lo, hi, m):
        """Where w is on the left, the right may hold more than best."""
        return [m <= best + hi - lo, (w + 1 <= lo) | (hi + 1 <= w) | (m == best)]

    x, y = array("x", "in", 3), array("y", "out")
    points = [point([int(k == one) for k in range(3)], [one]) for one in (0, 2)]
    spec = Spec([x, y], [statement([y[0] == x[w]], [winner(w, x)], [w < 3], points=points)])
    said = reason(fold(inputs(3), maximum, too_large), spec)
    stated = "(w + 1 <= lo) | (hi + 1 <= w) | (m == x[w])"
    assert f"invariant: the join of fold[0..1] does not hand on {stated}: its parts may have left.m = " in said
    assert "right.m = " in said and "lo = " in said and "x[w] = " in said


def test_a_contract_that_is_false_is_no_ground():
    @gadget(ensures=lambda y, a, b: y == largest([a, b]))
    def larger(a, b):
        return b + relu(a - b) / 2

    x, y = array("x", "in", 2), array("y", "out")
    points = [point([int(k == one) for k in range(2)], [one]) for one in (0, 1)]
    spec = Spec([x, y], [statement([y[0] == x[w]], [winner(w, x)], [w < 2], points=points)])
    best = symbol("x[w]")
    program = fold(inputs(2), larger, lambda lo, hi, m: [m <= best, (w + 1 <= lo) | (hi + 1 <= w) | (m == best)])
    assert pipeline.prove(program, spec).verdict == pipeline.REFUTED
    verdict = pipeline.prove(program, spec, "modular")
    assert verdict.verdict == pipeline.UNKNOWN
    assert "gadget larger does not keep its contract: at a = " in verdict.reason


def test_names_that_a_statement_lacks_are_no_use_to_it():
    q = symbol("no_such_name")
    program = fold(inputs(4), maximum, lambda lo, hi, m: [m <= q])
    verdict = pipeline.prove(program, max_spec(4), "modular")
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, "modular")


def test_one_weight_changed():
    program = second(inputs(4), two_best)
    verdict = pipeline.prove(program + relu(inputs(4)[0] - 5) * const("1/1000"), second_spec(4))
    assert verdict.verdict == pipeline.REFUTED and max(verdict.witness.inputs) > 5


def test_an_index_without_a_promise():
    """x[v] is whatever element v is: at most the maximum, and no more can be said."""
    x, y = array("x", "in", 3), array("y", "out")
    points = [point([1, 2, 3], [one]) for one in (0, 2)]
    program = fold(inputs(3), maximum, lambda lo, hi, m: [(v + 1 <= lo) | (hi + 1 <= v) | (symbol("x[v]") <= m)])
    for ensures, word in (([x[v] <= y[0]], pipeline.PROVED), ([y[0] <= x[v]], pipeline.REFUTED)):
        points_here = points if word == pipeline.PROVED else [point([1, 1, 1], [0]), point([1, 1, 1], [2])]
        spec = Spec([x, y], [statement([*ensures, x[0] <= y[0]], [], [v < 3], points=points_here)])
        verdict = pipeline.prove(program, spec)
        assert verdict.verdict == word, verdict.reason


def test_a_failure_is_told_before_other_engines_try():
    told = []
    program = second(inputs(3), partial(two_best, slack=1))
    verdict = pipeline.prove(program, second_spec(3), timeout=20, tell=told.append)
    assert verdict.engine != "modular" and told == [
        "an invariant that is stated has no proof: other engines try, which may take long"
    ]
    assert verdict.verdict == pipeline.PROVED and verdict.notes[0] == verdict.reason  # the theorem is true all the same
    assert repr(verdict).startswith("<proved: for all x in R^3")
    assert pipeline.prove(second(inputs(3), two_best), second_spec(3), tell=told.append).engine == "modular"
    assert len(told) == 1
