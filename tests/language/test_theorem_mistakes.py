"""What is wrong with a sentence is said in a line, with a caret at the place."""

from __future__ import annotations

import pytest

from relumax import inputs, prove, theorem
from relumax.errors import SpecError, TheoremError

X = "for all x in R^3: "

MISTAKES = [
    # it does not parse: the caret stands under ^
    ("", "^", "there is no theorem here"),
    ("max", "   ^", "a theorem says of which inputs it speaks"),
    ("y = max(x)", "          ^", "a theorem says of which inputs it speaks"),
    ("for all x in R^3 y = max(x)", "                 ^", "a colon before what is stated, is expected here, not y"),
    ("for all x: y = max(x)", "         ^", "how many inputs x has, as in for all x in R^8, is expected here, not :"),
    ("forall x in R^3: y = max(x)", "^", "for all is two words"),
    ("Forall x: y = max(x)", "^", "for all is two words"),
    ("for all x in R^3: y = max(x", "                           ^", ") is expected here"),
    ("for all x in R^3: y = ", "                     ^", "a number, a name or a bracket is expected here"),
    (
        "for all x in R^3: y = x[0], y = 1",
        "                          ^",
        "a semicolon or the end is expected here, not ,",
    ),
    ("for all x in R^3: y = x[0] x[1]", "                           ^", "a value beside another"),
    ("for all x in R^3: y = 2 3", "                        ^", "a value beside another"),
    ("for all x in R^3: y = x[0]^2", "                          ^", "a power"),
    ("for all x in R^3: y = x[0] implies y = 1", "                           ^", "a value beside another"),
    ("for all x in R^3: y => x[0]", "                     ^", "is expected here, not >"),
    ("for all x in R^3: y = - - x[0]", "                        ^", None),
    ("for all x in R^3: y = x[0] & y = 1", "                           ^", "& is no word, number or sign"),
    ("for all x in R^3: y = x[0] – x[1]", "                           ^", "(minus is written -)"),
    ("for all x in R^3: y = x[0] and y = 1 or y = 2", "                                     ^", "and beside or"),
    ("for all x in R^3: y < x[0] > x[1]", "                           ^", "goes one way"),
    ("for all x in R^3: y = max(x[0], 1,000)", "                                 ^", "a comma in a number"),
    ("for all x in R^3: y = 007", "                      ^", "begins with 0"),
    ("for all x in R^3: y = 1e9999", "                      ^", "at most 300 digits"),
    ("for all x in R^3: y = 4/2 (3)", "                          ^", "(a/b)*c or a/(b*c)?"),
    ("for all x in R^3: y = |2 |x[0]||", "                          ^", "a value beside another"),
    ("for all x in R^3: y = (x[0], x[1]) + 1", "                      ^", "one number is expected here"),
    (X + "(" * 60 + "y" + ")" * 60 + " = 1", None, "too many brackets in brackets"),
    (X + "y = " + "|" * 60 + "x[0]" + "|" * 60, None, "too many brackets in brackets"),
    # names
    ("for all x in R^3: y = z", "                      ^", "unknown name z; known: x, y"),
    ("for all x in R^3: y = x1", "                      ^", "unknown name x1; did you mean x[1]? (The first is x[0].)"),
    ("for all x in R^3: y = min", "                      ^", "min is of something: write min(x)"),
    ("for all x in R^3: y = nim(x)", "                      ^", "unknown function nim"),
    ("for all x in R^3: y = x(1)", "                      ^", "elements are written in square brackets"),
    ("for all X in R^3: y = 1", "        ^", "names are written in lower case"),
    ("for all x in R^3: y = half, where half = 1", "                                  ^", "half: a name is new, short"),
    (
        "for all x in R^3: y = a, where a = 1, a = 2",
        "                                      ^",
        "a: it is defined twice",
    ),
    ("for all x in R^3: y = a, where a = b, b = a + 1", "                               ^", "a is defined by itself"),
    ("for all x in R^3: y = a, where a = y", "                               ^", "speaks of inputs only"),
    ("for all x in R^3: y = 2 e5", "                        ^", "unknown name e5"),
    # elements
    ("for all x in R^3: y = x[3]", "                      ^", "x[3]: x in R^3 has x[0] to x[2]"),
    ("for all x in R: y = x[1]", "                    ^", "x[1]: x in R^1 has x[0] alone"),
    ("for all x in R^3: y = x[-1]", "                        ^", "an array is read at a number"),
    ("for all x in R^3: y = x[i + 1]", "                          ^", "an array is read at a number"),
    ("for all x in R^3: y = x", None, None),
    ("for all x in R^3: y = 1 + x", "                          ^", "one number is expected here, and x has 3"),
    ("for all x in R^3: y = sort(x)[3]", "                      ^", "the list[3]: the list of 3 has elements 0 to 2"),
    ("for all x in R^3: y = max(x)[0]", "                      ^", "it has no element [0]"),
    ("for all x in R^30: y = median(x)", "                       ^", "more than 3,000"),
    ("for all x in R^3: y = second(x[0])", "                      ^", "no second largest of one"),
    ("for all x in R^3: y = x[x]", "                      ^", "x[x]: an array is read at a number, at i or at an"),
    ("for all x in R^3: y = x[0].5", "                           ^", "another theorem, for all ..., or nothing is"),
    ("for all x in R^2: (y, x[0]) <= x[1]", "                  ^", "these are values of outputs, which have no common"),
    ("for all x in R^2: sort(y[0], y[1])[i] <= x[i] for each i", "                  ^", "these are values of outputs"),
    # products
    ("for all x in R^3: y = x[0] * x[1]", "                             ^", "a product of variables"),
    ("for all x in R^3: y = 2 x[0] * y", "                               ^", "a product of variables"),
    ("for all x in R^3: y = 1/x[0]", "                        ^", "division by a variable"),
    ("for all x in R^3: y = x[0]/(x[1] - x[2])", "                           ^", "division by a variable"),
    ("for all x in R^3: y = x[0]/(1 - 1)", "                           ^", "division by zero"),
    # each i, indices, winners
    ("for all x in R^3: y = x[i]", "                      ^", "i is said of nothing here"),
    ("for all x in R^3: y[j] = 0 for each j < 3", "                                    ^", "always called i"),
    ("for all x in R^3: x[i] <= y for each i < 4", "                  ^", "x has 3 elements, and there are 4 i"),
    ("for all x in R^3: 0 <= y for each i", "                  ^", "for how many i?"),
    ("for all x in R^3: x <= y or y = 1", "                  ^", "compared element by element"),
    ("for all x in R^3: x != y", "                  ^", "compared element by element"),
    ("for all x in R^3: x[w] <= y", "                  ^", "unknown name w"),
    (
        "for all x in R^3 and every index w < 2: x[w] = y",
        "                                        ^",
        "w has 2 values, x",
    ),
    ("for all x in R^3: x[i] <= y for each i < 3 before w", "                  ^", "w is no index"),
    ("for all x in R^3: x[0] is the winner of x", "                  ^", "only an element at an index is a winner"),
    (
        "for all x in R^3 and every index w < 3: x[w] is the winner of x",
        "                                        ^",
        "a winner is required, after `such that`",
    ),
    # cases
    ("for all x in R^3: max(y[0], y[1]) <= 1", None, None),
    (X + " + ".join(f"|y[{k}]|" for k in range(900)) + " <= 1", None, "more than 2,000 cases"),
    (X + " or ".join(["(y < 1 and |y| + |y + 1| + |y + 2| + |y + 3| < 9)"] * 900), None, "more than 2,000 cases"),
    # arrays
    ("for all y in R^3: y[0] = 1", "        ^", "y is the output where no other name is said"),
    ("for all x in R^3, x in R: y = 1", "                  ^", "x: it is defined twice"),
    ("for all x in R^0: y = 1", "               ^", "at least 1"),
    ("for all x in R^2 (inputs 0 to 2): y = 1", "                  ^", "0 to 2 are not 2 inputs"),
    ("for all x in R^2 (inputs 1 to 2): y = 1", "        ^", "every input from 0 on is in one array"),
    ("for all x in R^3: y = 1, where y is output 1", "                               ^", "every output from 0 on"),
    ("for all x in R^3 such that y <= 1: y = 1", "                           ^", "a promise speaks of inputs only"),
    ("for all x in R^3: max(x)", "                  ^", "a condition such as y = max(x) is expected here"),
    (
        "for all x in R^3: y = 1 + (y <= 2)",
        "                           ^",
        "a number is expected here, not a condition",
    ),
]


@pytest.mark.parametrize(("words", "caret", "message"), MISTAKES, ids=[words[:40] for words, *_ in MISTAKES])
def test_mistakes(words, caret, message):
    if message is None:
        assert theorem(words)
        return
    with pytest.raises(TheoremError) as caught:
        theorem(words)
    problem = caught.value
    assert message in problem.said and "\n" not in problem.said
    assert problem.said.startswith("theorem, column ")
    shown, below = problem.shown
    assert below.strip() == "^"
    if caret is not None:
        column = caret.index("^")
        assert problem.said.startswith(f"theorem, column {column + 1}: "), problem.said
        if len(words) <= 72:
            assert (shown, below) == (f"  {words}", f"  {caret}")
    assert str(problem) == "\n".join([problem.said, *problem.shown])


def test_the_line_and_what_is_shown_of_a_long_one():
    words = "for all x in R^3:\n    " + " and ".join(f"x[{k}] <= y" for k in (0, 1, 2) * 20) + " and x[7] <= y;\n 0 = 0"
    with pytest.raises(
        TheoremError, match=r"theorem, line 2, column 845: x\[7\]: x in R\^3 has x\[0\] to x\[2\]"
    ) as caught:
        theorem(words)
    shown, below = caught.value.shown
    assert shown.startswith("  ... ") and len(shown) < 90
    assert shown[below.index("^") :].startswith("x[7] <= y")
    with pytest.raises(TheoremError) as caught:
        theorem("for all x in R^3: y =\tx[0]\u0000")
    assert all(line.isprintable() for line in caught.value.shown) and "U+0000" in caught.value.said


def test_sentences_about_different_networks():
    with pytest.raises(TheoremError, match="line 2, column 1: theorems about one network"):
        theorem("for all x in R^3: y = max(x)\nfor all x in R^2: y = max(x)")


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        (
            "x[0] <= 0 and 1 <= x[0]",
            "x[0] <= 0 and 1 <= x[0] contradict each other: (1 <= x[0]) + (x[0] <= 0) is 1 <= 0",
        ),
        ("x[1] <= 3 and x[0] >= 2 and 2 x[0] < x[1]", "(x[1] <= 3) + 2 (2 <= x[0]) + (2 x[0] < x[1]) is 1 < 0"),
        ("x[0] >= 5 and x[1] >= 0 and (x[0] <= 4 or x[0] < x[1] - x[1])", "contradict each other"),
        ("max(x) < min(x)", "max(x) < min(x) can never be"),
        ("x > 0 and sum(x) = 0", "(0 < x[i] for each i < 2) and x[0] + x[1] = 0 contradict each other"),
        ("1 <= 0", "1 <= 0 can never be"),
    ],
)
def test_a_promise_that_nothing_meets(promise, said):
    words = f"for all x in R^2 such that {promise}: y = x[0]"
    with pytest.raises(TheoremError, match=r"theorem, column [0-9]+: no input meets the promise: ") as caught:
        prove(inputs(2)[0], theorem(words))
    assert said in caught.value.said


def test_an_index_that_is_never_there():
    words = "for all x in R^2 and every index w < 2 such that x[w] is the winner of x and x[0] >= x[1]: y = x[w]"
    with pytest.raises(TheoremError, match="column 50: no input with w = 1 meets the promise"):
        prove(inputs(2)[0], theorem(words))
    words = words.replace(">=", ">").replace("x[0] > x[1]", "x[0] <= x[1]")
    assert prove(inputs(2)[1], theorem(words)).verdict == "proved"  # a tie shows w = 0


def test_other_numbers_of_inputs_and_outputs():
    with pytest.raises(SpecError, match="the program reads 3 inputs, the theorem is about 2"):
        prove(inputs(3)[2], theorem("for all x in R^2: y = x[0]"))
    with pytest.raises(
        SpecError, match=r"the theorem speaks of 1 output, the program gives 2: `where y in R\^2 is the out"
    ):
        prove(inputs(2), theorem("for all x in R^2: y = x[0]"))
