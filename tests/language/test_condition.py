"""Conditions: what the kernel's sentence says of them, what is proved of them, and what is no condition."""

from __future__ import annotations

from fractions import Fraction

import pytest

from relumax import pipeline
from relumax.errors import ProgramError, SpecError
from relumax.kernel.text import text
from relumax.language.condition import Condition, Largest
from relumax.language.expr import affine, brief, const, evaluate, inputs, largest, relu, smallest, step, symbol
from relumax.language.gadget import maximum
from relumax.language.spec import Spec, array, i, point, statement, winner
from relumax.network.compile import compile

x, p = array("x", "in", 3), array("p", "in", 3, 3)
y, v = array("y", "out", 3), array("v", "out", base=3)
z, s = array("z", "defined", 3), array("s", "defined", 2)
w, u, m, k = symbol("w"), symbol("u"), symbol("m"), symbol("k")
a, b, c = inputs(3)


def said(ensures, *requires, **more):
    """The kernel's words for the conditions: what is required, what is ensured, where what is what."""
    spec = Spec([x, p, y, v], [statement(ensures, requires, **more)])
    [sentence] = text(spec.claim())
    return (
        sentence.removeprefix("for all x in R^3 (inputs 0 to 2) and p in R^3 (inputs 3 to 5)")
        .replace(", y is outputs 0 to 2, v is output 3", "")
        .replace(", where y is outputs 0 to 2, v is output 3", "")
    )


# ---------------------------------------------------------------- the sentence


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (v[0] == x[0], "v = x[0]"),
        (v[0] <= x[0] + 1, "v <= x[0] + 1"),
        (v[0] < x[0] / 2, "2 v < x[0]"),
        (v[0] >= x[0], "x[0] <= v"),
        (v[0] > x[0], "x[0] < v"),
        (v[0] != x[0], "v < x[0] or x[0] < v"),
        (v[0] == 1, "v = 1"),
        (v[0] == 1, "v = 1"),
        (v[0] == largest(x), "v = max(x)"),
        (largest(x) == v[0], "max(x) = v"),
        (v[0] == smallest(x), "v = min(x)"),
        (smallest(x) <= v[0], "min(x) <= v"),
        (v[0] - largest(x) == smallest(p), "v = max(x) + min(p)"),
        ((v[0] == largest(x)) | (v[0] == 0), "v = max(x) or v = 0"),
        ((v[0] <= 0) & (x[1] > 0) | (v[0] == x[2]), "(v <= 0 and 0 < x[1]) or v = x[2]"),
        (((v[0] <= 0) | (x[1] > 0)) & (v[0] == x[2]), "(v <= 0 and v = x[2]) or (0 < x[1] and v = x[2])"),
        (y[i] == x[i], "y[i] = x[i] for each i < 3"),
        (y[i] + largest(x) == p[i] - x[0], "y[i] + max(x) + x[0] = p[i] for each i < 3"),
        ((y[i] == 0) | (x[i] < p[i]), "(y[i] = 0 or x[i] < p[i]) for each i < 3"),
        (y[i] == i, "y[i] = i for each i < 3"),
        ((v[0] <= i).where(i < 5), "v <= i for each i < 5"),
        (y[i] - y[i] + x[0] == v[0] + p[2] - p[2], "x[0] = v"),
    ],
)
def test_the_sentence_is_the_condition(condition, sentence):
    assert isinstance(condition, Condition) and said([condition]) == f": {sentence}"


@pytest.mark.parametrize(
    ("guard", "sentence"),
    [
        (i < w, "before w"),
        (w > i, "before w"),
        (i > w, "after w"),
        (w < i, "after w"),
        (i != w, "other than w"),
        (w != i, "other than w"),
    ],
)
def test_guards(guard, sentence):
    points = [point([3, 0, 0, 0, 0, 0], [0]), point([0, 0, 3, 0, 0, 0], [2])]
    found = said([(y[i] == 0).where(guard)], winner(w, x), index=[w < 3], points=points)
    assert found.endswith(f"(the first of the largest): y[i] = 0 for each i < 3 {sentence}")
    assert said([(v[0] == i).where(i < 2, guard)], index=[w < 3]).endswith(f": v = i for each i < 2 {sentence}")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "(the first of the largest)"),
        ({"ties": "last"}, "(the last of the largest)"),
        ({"ties": "any"}, "(every other at most equal to it)"),
        ({"ties": "none"}, "(every other below it)"),
        ({"gap": "1/2"}, "(every earlier one at least 1/2 below it, every later one at most equal to it)"),
        ({"gap": 2, "ties": "last"}, "(every earlier one at most equal to it, every later one at least 2 below it)"),
        ({"gap": 2, "ties": "none"}, "(every other at least 2 below it)"),
        ({"gap": 2, "ties": "any"}, "(every other equal to it or at least 2 below it)"),
    ],
)
def test_winners(options, sentence):
    assert said([v[0] == x[w]], winner(w, x, **options), index=[w < 3]) == (
        f" and every index w < 3 such that x[w] is the winner of x {sentence}: v = x[w]"
    )
    lattice = said([v[0] == x[w]], winner(w, x, lattice=Fraction(1, 3)), index=[w < 3])
    assert "all x[i] are integer multiples of 1/3 and x[w] is the winner of x (the first of the largest)" in lattice


def test_definitions():
    define = {z: x[i] + p[i] / 2, m: largest(z), s: [relu(x[0]), 3 * x[1]], k: step(x[0]) - relu(x[0]) + 1}
    assert said([v[0] == m + k + s[0]], define=define) == (
        ": v = max(z) + k + s[0], where z[i] = (2 x[i] + p[i])/2 for each i < 3, r0 = relu(x[0]), "
        "s = (r0, 3 x[1]), r1 = step(x[0]), k = -r0 + r1 + 1, step(0) = 1"
    )
    assert said([v[0] == z[0]], define={z: relu(x[i] - 1)}).endswith("z[i] = relu(x[i] - 1) for each i < 3")
    assert said([v[0] == relu(x[0] - x[1])]) == ": v = r0, where r0 = relu(x[0] - x[1])"
    assert said([v[0] == largest([x[0] + 1, x[1]])]) == ": v = max(s0), where s0 = (x[0] + 1, x[1])"
    assert said([v[0] == largest(x) + smallest(p)], define={m: x[0]}).startswith(
        ": v = max(x) + min(p), where m = x[0]"
    )


def test_a_requirement_several_indices_and_points():
    given = (x[i] <= p[i], (x[0] > 0) | (x[1] > 0), winner(w, x), winner(u, p, ties="last"))
    found = said([v[0] == x[w] + p[u]], *given, index=[w < 3, u < 3])
    assert found.startswith(" and every index w < 3, u < 3 such that x[w] is the winner of x (the first of the ")
    assert "(the last of the largest) and (x[i] <= p[i] for each i < 3) and (0 < x[0] or 0 < x[1]): v = x[w] +" in found


# ---------------------------------------------------------------- conditions are conditions


def test_largest_and_smallest_alone_on_a_side_are_told_apart():
    one = b == largest([a, c])
    assert isinstance(one, Largest) and one.head is b and all(p is q for p, q in zip(one.of, (a, c), strict=True))
    [[(sign, total)]] = one.branches
    assert sign == "=" and affine(total).terms[b] == 1 and brief(total) == "x1 - largest(x0, x2)"
    one = smallest([a, 2]) == b
    assert isinstance(one, Largest) and brief(one.head) == "-x1" and list(map(brief, one.of)) == ["-x0", "-2"]
    assert not isinstance(largest([a, b]) <= c, Largest) and not isinstance((b == largest([a, c])) | (a == 0), Largest)
    assert isinstance(largest(c, [a, b]), Largest) and evaluate([largest([a, b, 1]), smallest([a, b])], [2, 3]) == [
        3,
        2,
    ]


def test_repr_shows_what_was_compared():
    assert repr((a <= b) & (c == 0) | (a < 1)) == "(x0 - x1 <= 0) & (x2 == 0) | (x0 + -1 < 0)"
    assert repr((y[i] == 0).where(i < w)) == "(y[i] == 0).where((i - w < 0))"


NOT_SO = [
    (lambda: 1 if a == b else 0, "a condition has no truth value: join conditions with & and |"),
    (lambda: (a <= b) and (b <= c), "a condition has no truth value"),
    (lambda: 0 <= a <= 1, "write (a <= b) & (b <= c) for a <= b <= c"),
    (lambda: max(a, b), "use maximum, minimum, relu and step in place of Python's max, min, sorted and `if`"),
    (lambda: a in [b, c], "a condition has no truth value"),
    (lambda: 1 if a else 0, "a program has no truth value"),
    (lambda: not a, "write relu, step or maximum"),
    (lambda: a <= b & c == 0, "put brackets around each, as in (a <= b) & (c == 0)"),
    (lambda: (a <= b) | c, "| joins conditions: put brackets around each"),
    (lambda: (a <= b) & True, "& joins conditions"),
    (lambda: (y[i] == 0).where(i != w) & (y[i] == 1), "`where` comes last"),
    (lambda: a == None, "not an exact rational number: None"),  # noqa: E711
    (lambda: a == "one", "not an exact rational number: 'one'"),
    (lambda: largest(a), "write largest([a, b])"),
    (lambda: largest(a, b), "write largest([a, b])"),
    (lambda: largest([]), "the largest of nothing"),
    (lambda: compile([largest([a, b])], 2), "largest(x0, x1) is for conditions; in a program write maximum"),
    (lambda: compile([relu(symbol("x[w]"))], 1), "x[w] is for conditions"),
    (lambda: evaluate([m], [1]), "m is a name in a statement, and has no value here"),
]


@pytest.mark.parametrize(("attempt", "words"), NOT_SO)
def test_what_is_no_condition_says_what_to_write(attempt, words):
    with pytest.raises(ProgramError) as caught:
        attempt()
    assert words in str(caught.value) and "\n" not in str(caught.value)


WRONG = [
    (lambda: said([v[0] == k]), "k is no input, output, index or definition of the statement"),
    (lambda: said([v[0] == z[0]]), "z is no input, output, index or definition"),
    (lambda: said([v[0] == a]), "reads x0, which is not among its inputs"),
    (lambda: said([v[0] <= i]), "for how many i? say it with .where(i < 3)"),
    (lambda: said([(y[i] == 0).where(i < 2)]), "one i for 2 and 3 elements (y at i)"),
    (lambda: said([y[i] == s[i]], define={s: [0, 1]}), "one i for 2 and 3 elements (s, y at i)"),
    (lambda: said([(v[0] == 0).where(i != w)], index=[w < 3]), "`where` is for what speaks of i"),
    (lambda: said([(y[i] == 0).where(x[0] < 0)]), "a guard is i < w, i > w or i != w"),
    (lambda: said([(y[i] == 0).where(i < w, i > w)], index=[w < 3]), "a guard is"),
    (lambda: said([v[0] == 0, True]), "ensures: True is no condition such as y[0] == largest(x)"),
    (lambda: said([winner(w, x)]), "ensures: Winner"),
    (lambda: said([v[0] == w], winner(w, x)), "there is no index w < 3, as long as x"),
    (lambda: said([v[0] == w], winner(w, x), index=[w < 2]), "there is no index w < 3, as long as x"),
    (lambda: said([v[0] == w], index=[w <= 2]), "an index is declared as w < 3, not by (w + -2 <= 0)"),
    (lambda: said([v[0] == w], index=[w < u]), "an index is declared as w < 3"),
    (lambda: said([v[0] == w], index=[w < "1/2"]), "an index is declared as w < 3"),
    (lambda: winner(w, x, ties="second"), "ties is one of first, last, any, none, not 'second'"),
    (lambda: winner(w, x, gap=0), "is positive, not 0"),
    (lambda: winner(w, x, gap=1, lattice=1), "not both"),
    (lambda: x["w"], "an array is read at a number, at i or at an index"),
    (lambda: array("x", "input", 3), 'it is of "in", "out" or "defined"'),
    (lambda: Spec([z], []), "z holds defined values: it belongs into define="),
    (lambda: said([v[0] == z[0]], define={z: [1, 2]}), "z is defined by a program of i, or by 3 of them"),
    (lambda: said([v[0] == z[0]], define={z: relu(relu(x[i]) - 1)}), "element i is a sum, or relu or step of a sum"),
    (lambda: said([v[0] == m], define={m: [1, 2]}), "symbols are defined, by a program"),
    (lambda: said([v[0] == 0], define={a: 1}), "x0: symbols are defined"),
    (lambda: said([v[0] == 0], define={symbol("x"): 1}), "x is defined twice"),
]


@pytest.mark.parametrize(("attempt", "words"), WRONG)
def test_a_wrong_statement_is_told_in_one_line(attempt, words):
    with pytest.raises((SpecError, ProgramError)) as caught:
        attempt()
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_an_array_ends():
    assert len(x) == 3 == len(list(x)) and repr(x) == "<array x of 3>" and brief(x[2]) == "x[2]"
    for at in (3, -1):
        with pytest.raises(IndexError, match="x has 3 elements"):
            x[at]


# ---------------------------------------------------------------- proved


def test_a_spec_of_ones_own_is_proved_and_refuted():
    X, Y = array("x", "in", 2), array("y", "out")
    between = (Y[0] >= largest(X)) & (Y[0] <= largest(X) + "1/2")
    spec = Spec([X, Y], [statement([between]), statement([Y[0] > X[i]], [X[0] < X[1]], points=[point([0, 1])])])
    program = maximum(*inputs(2))
    verdict = pipeline.prove(program + 0.25, spec)
    assert verdict.verdict == "proved", verdict.reason
    assert verdict.theorem[1] == "for all x in R^2 such that x[0] < x[1]: x[i] < y for each i < 2"
    verdict = pipeline.prove(program, spec)
    assert verdict.verdict == "refuted" and const(0) is const(0)
