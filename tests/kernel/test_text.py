"""The text says exactly what the machine form says, and nothing of it comes from the file."""

import pytest

from relumax.kernel import check
from relumax.kernel.text import text
from tests.kernel.examples import MAX2_CERTIFICATE, WIRE, array, clause, data, statement, with_lemmas
from tests.kernel.test_statement import said, two


def words(machine, arrays=None):
    """The text of a statement about the network of two wires, whether or not it is true."""
    return text({"arrays": arrays or two()["claim"]["arrays"], "statements": [machine]})[0]


A, B, C = ["<=", 0, 1, "x[0]"], ["<", 0, -1, "x[1]"], ["=", -3, 2, "y[0]", -1, "x[0]"]


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        (statement([clause([A])]), "for all x in R^2: x[0] <= 0"),
        (statement([clause([A], [B])]), "for all x in R^2: x[0] <= 0 or 0 < x[1]"),
        (statement([clause([A, B], [C])]), "for all x in R^2: (x[0] <= 0 and 0 < x[1]) or 2 y[0] = x[0] + 3"),
        (statement([clause([A], [B], each=2)]), "for all x in R^2: (x[0] <= 0 or 0 < x[1]) for each i < 2"),
        (statement([clause([A]), clause([B])]), "for all x in R^2: x[0] <= 0; 0 < x[1]"),
        (
            statement([clause([A])], requires=[clause([A], [B]), clause([C])]),
            "for all x in R^2 such that (x[0] <= 0 or 0 < x[1]) and 2 y[0] = x[0] + 3: x[0] <= 0",
        ),
        (
            statement([clause([A])], requires=[clause([A], each=2), clause([C])]),
            "for all x in R^2 such that (x[0] <= 0 for each i < 2) and 2 y[0] = x[0] + 3: x[0] <= 0",
        ),
        (
            statement([clause([A], each=2, where=["before", "w"])], index=[["w", 2]]),
            "for all x in R^2 and every index w < 2: x[0] <= 0 for each i < 2 before w",
        ),
        (statement([clause([A, B])]), "for all x in R^2: x[0] <= 0 and 0 < x[1]"),
        (statement([clause([A, B], each=2)]), "for all x in R^2: (x[0] <= 0 and 0 < x[1]) for each i < 2"),
        (
            statement([clause([A])], requires=[clause([A, B]), clause([C])]),
            "for all x in R^2 such that (x[0] <= 0 and 0 < x[1]) and 2 y[0] = x[0] + 3: x[0] <= 0",
        ),
        (
            statement([clause([A], each=2, where=[word, "w"]) for word in ("after", "except")], index=[["w", 2]]),
            "for all x in R^2 and every index w < 2: x[0] <= 0 for each i < 2 after w; "
            "x[0] <= 0 for each i < 2 other than w",
        ),
        (
            statement([clause([A])], index=[["v", 2], ["w", 3]]),
            "for all x in R^2 and every index v < 2, w < 3: x[0] <= 0",
        ),
        (statement([clause([["<=", 0]])]), "for all x in R^2: 0 <= 0"),
        (statement([clause([["<=", -5, 1, "i"]], each=2)]), "for all x in R^2: i <= 5 for each i < 2"),
        (
            statement(
                [clause([["=", 0, 1, "a[i]"]], each=2)],
                define=[{"name": "a", "kind": "relu", "length": 2, "form": [2, -1, -1, "x[i]"]}],
            ),
            "for all x in R^2: a[i] = 0 for each i < 2, where a[i] = relu((-x[i] - 1)/2) for each i < 2",
        ),
        (
            statement(
                [clause([["=", 0, 1, "m"]])],
                define=[
                    {"name": "a", "kind": "list", "forms": [[1, 7], [1, 0, 3, "x[0]", -1, "x[1]"]]},
                    {"name": "m", "kind": "min", "of": "a"},
                ],
            ),
            "for all x in R^2: min(a) = 0, where a = (7, 3 x[0] - x[1])",
        ),
    ],
)
def test_text(machine, expected):
    last = ", y in R^2 is the output" if ", where " in expected else ", where y in R^2 is the output"
    assert words(machine) == expected + last


def test_the_text_says_which_inputs_and_outputs_an_array_is():
    arrays = [
        array("a", "in", 2, base=1, stride=2),
        array("b", "in", 2, base=0, stride=2),
        array("y", "out", 1, base=1),
        array("z", "out", 1),
    ]
    assert words(statement([clause([["=", 0, 1, "y[0]", -1, "a[0]"]])]), arrays) == (
        "for all a in R^2 (inputs 1 to 3 by 2) and b in R^2 (inputs 0 to 2 by 2): y = a[0], "
        "where y is output 1, z is output 0"
    )
    arrays = [array("a", "in", 2), array("b", "in", 1, base=2), array("y", "out", 2), array("z", "out", 3, base=2)]
    define = [{"name": "d", "kind": "form", "length": None, "form": [1, 0, 2, "b[0]"]}]
    assert words(statement([clause([["=", 0, 1, "y[0]", -1, "b[0]"]])], define=define), arrays) == (
        "for all a in R^2 (inputs 0 to 1) and b in R^1 (input 2): y[0] = b, "
        "where d = 2 b, y is outputs 0 to 1, z is outputs 2 to 4"
    )


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (["<"], ["<="], "the first of the largest"),
        (["<="], ["<"], "the last of the largest"),
        (["<"], ["<"], "every other below it"),
        (["<="], ["<="], "every other at most equal to it"),
        (["gap", 1, 2], ["gap", 1, 2], "every other at least 1/2 below it"),
        (
            ["gap", 1, 2],
            ["tie", 3, 1],
            "every earlier one at least 1/2 below it, every later one equal to it or at least 3 below it",
        ),
    ],
)
def test_the_text_of_a_winner(before, after, says):
    winner = {"winner": "w", "of": "x", "before": before, "after": after, "lattice": None}
    machine = statement([clause([A])], index=[["w", 2]], requires=[winner])
    assert (
        words(machine)
        == f"for all x in R^2 and every index w < 2 such that x[w] is the winner of x ({says}): x[0] <= 0, "
        "where y in R^2 is the output"
    )


def test_the_hashes_are_of_the_canonical_network_and_claim():
    from hashlib import sha256

    found = MAX2_CERTIFICATE
    theorem = check(data(found))
    assert theorem.network_sha256 == sha256(data(found["network"])).hexdigest()
    assert theorem.claim_sha256 == sha256(data(found["claim"])).hexdigest()


def test_nothing_of_the_text_comes_from_the_file():
    assert WIRE["inputs"] == 1
    assert said(with_lemmas()) == "for all x in R^1: y = x"


@pytest.mark.parametrize(
    ("outputs", "last"),
    [
        ([array("y", "out", 1)], ""),
        ([array("z", "out", 1)], ", where z is the output"),
        ([array("y", "out", 3)], ", where y in R^3 is the output"),
        ([array("y", "out", 1), array("z", "out", 2, base=1)], ", where y is output 0, z is outputs 1 to 2"),
        (
            [array("y", "out", 2, stride=2), array("z", "out", 1, base=1)],
            ", where y is outputs 0 to 2 by 2, z is output 1",
        ),
    ],
)
def test_every_output_is_introduced(outputs, last):
    """But the one output of a network, if it is called y."""
    assert words(statement([clause([A])]), [array("x", "in", 2), *outputs]) == "for all x in R^2: x[0] <= 0" + last


def test_the_value_of_a_step_at_zero_is_said():
    define = [{"name": "t", "kind": "step", "length": None, "form": [1, 0, 1, "x[0]"]}]
    machine = statement([clause([["=", 0, 1, "y[0]", -1, "t"]])], define=define)
    arrays = [array("x", "in", 1), array("y", "out", 1)]
    assert words(machine, arrays) == "for all x in R^1: y = t, where t = step(x), step(0) = 1"
