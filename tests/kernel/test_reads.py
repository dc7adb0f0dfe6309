"""Arrays read at an index, in definitions too: which variable each read is, and what a definition may not read."""

import pytest

from relumax.kernel import Malformed, check
from relumax.kernel.network import read_network
from relumax.kernel.points import values
from relumax.kernel.statement import Claim
from relumax.kernel.wire import Fuel
from tests.kernel.examples import GOAL, LEAF, SPLIT, array, certificate, clause, data, rows, statement
from tests.kernel.test_rules import changed

FUEL = Fuel(10**9)
AT = "claim.statements[0]"
WINNER = {"winner": "w", "of": "x", "before": ["<"], "after": ["<="], "lattice": None}
TWO = {"inputs": 2, "layers": [], "output": rows([0, 0, 1], [0, 1, 1])}
# z = (x[w], x0 + 1), t = z[w] - x[w]: a read of what reads
DEFINE = [
    {"name": "z", "kind": "list", "forms": [[1, 0, 1, "x[w]"], [1, 1, 1, "x[0]"]]},
    {"name": "t", "kind": "form", "length": None, "form": [1, 0, 1, "z[w]", -1, "x[w]"]},
]
NEVER = clause([["<=", 0, 1, "t"]], [["<", 0, -1, "t"]])
CLAIM = {
    "arrays": [array("x", "in", 2), array("y", "out", 2)],
    "statements": [
        statement(
            [clause([["=", 0, 1, "y[i]", -1, "x[i]"]], each=2), NEVER],
            index=[["w", 2]],
            define=DEFINE,
            requires=[WINNER],
        )
    ],
}
# facts: y0 = x0, y1 = x1, w >= 0, w <= 1, z0, z1, t; then the goals: two equations and `t <= 0 or t > 0`
FIRST = [SPLIT, 7, LEAF, 2, 0, -1, 8, 1, LEAF, 2, 0, 1, 8, 1]
SECOND = [SPLIT, 7, LEAF, 2, 1, -1, 8, 1, LEAF, 2, 1, 1, 8, 1]
GOALS = [GOAL, *FIRST, *SECOND, LEAF, 2, 7, 1, 8, 1]
POINTS = [{"index": [0], "inputs": [1, 5, 3]}, {"index": [1], "inputs": [1, 2, 3]}]
CERTIFICATE = certificate(TWO, CLAIM, [], GOALS, points=(POINTS,))


def test_a_definition_reads_at_an_index():
    assert check(data(CERTIFICATE)).statements == [
        "for all x in R^2 and every index w < 2 such that x[w] is the winner of x (the first of the largest): "
        "y[i] = x[i] for each i < 2; t <= 0 or 0 < t, where z = (x[w], x[0] + 1), t = z[w] - x[w], "
        "y in R^2 is the output"
    ]


@pytest.mark.parametrize(("w", "t"), [(0, 0), (1, 1 + 5 - 3)])
def test_variables_and_values(w, t):
    """Inputs, outputs, the index, its reads of inputs and outputs, then each definition with its reads."""
    (one,) = Claim(CLAIM, read_network(TWO, FUEL)).statements
    x = [5, 3]
    z = [x[w], x[0] + 1]
    assert values(one, {"index": [w], "inputs": [1, *x]}, "", FUEL) == [*x, *x, w, x[w], x[w], *z, z[w], t]
    assert one.context(FUEL, []).variables == 11
    assert [fact[2] for fact in one.context(FUEL, []).facts[4:]] == [
        ((5, 1), (7, -1)),
        ((0, 1), (8, -1)),
        ((5, 1), (9, -1), (10, 1)),
    ]


@pytest.mark.parametrize("reference", ["z[w]", "y[w]", "t[w]", "x[v]", "x[t]"])
def test_a_definition_reads_only_what_is_before_it_and_no_output(reference):
    wrong = {"name": "z", "kind": "list", "forms": [[1, 0, 1, reference], [1, 1, 1, "x[0]"]]}
    found = changed(CERTIFICATE, (("claim", "statements", 0, "define", 0), wrong))
    with pytest.raises(Malformed) as caught:
        check(data(found))
    assert caught.value.path == f"{AT}.define[0]"


def test_an_array_of_another_length_is_not_read():
    three = {"name": "z", "kind": "list", "forms": [[1, 0, 1, "x[w]"]] * 3}
    with pytest.raises(Malformed, match="z is read at a number, or at an i or an index as long as it is"):
        check(data(changed(CERTIFICATE, (("claim", "statements", 0, "define", 0), three))))
