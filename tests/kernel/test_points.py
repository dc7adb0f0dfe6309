"""Points: a requirement is no way to say nothing. They stand beside the claim, a list for each statement."""

import pytest

from relumax.kernel import Invalid, Malformed, check
from relumax.kernel.network import read_network
from relumax.kernel.points import check_points
from relumax.kernel.statement import Claim
from relumax.kernel.wire import Fuel
from tests.kernel.examples import GOAL, LEAF, SECOND_CERTIFICATE, clause, data
from tests.kernel.test_rules import changed, rejected
from tests.kernel.test_statement import AT, CONDITIONED, ONE, POINT, TWO_PROOF, said, two


@pytest.mark.parametrize("points", [[], [[], []]])
def test_a_list_of_points_for_each_statement(points):
    rejected(changed(two(), (("points",), points)), Malformed, "points", "one list for each")


@pytest.mark.parametrize("points", [None, True, 1, "x", {}, {"0": []}])
def test_points_are_lists(points):
    rejected(changed(two(), (("points",), points)), Malformed, "points", "a list")
    rejected(changed(two(), (("points", 0), points)), Malformed, "points[0]", "a list")


def test_a_requirement_needs_a_point():
    needed, low = "shows a point", clause([["<=", 0, 1, "x[0]"]])
    rejected(two(requires=[low]) | {"proofs": [[GOAL, *CONDITIONED]]}, Malformed, "points[0]", needed)
    rejected(changed(SECOND_CERTIFICATE, (("points", 0), [])), Malformed, "points[0]", needed)


def test_a_point_is_of_its_own_statement():
    """Two statements, of which the second has a requirement: its points stand in the second list."""
    twice = two(requires=[clause([["<=", 0, 1, "x[0]"]])])
    twice["claim"]["statements"].insert(0, two()["claim"]["statements"][0])
    twice["proofs"], here = [TWO_PROOF, [GOAL, *CONDITIONED]], {"inputs": [1, -1, 0], "index": []}
    assert check(data(twice | {"points": [[], [here]]})).statements
    rejected(twice | {"points": [[here], []]}, Malformed, "points[1]", "shows a point")
    rejected(twice | {"points": [[here], [{"inputs": [1, 1, 0], "index": []}]]}, Invalid, "points[1][0]", "is false")


def test_points_of_a_statement_that_needs_none():
    """They are checked all the same."""
    assert said(two(points=[POINT])) == said(two())
    rejected(two(points=[POINT, {"inputs": [1, 0], "index": []}]), Malformed, "points[0][1]", "a point is")
    rejected(two(points=[POINT, {"inputs": [1, 0, 0]}]), Malformed, "points[0][1]", "'index' is missing")


def test_points_do_not_enter_the_hash():
    assert check(data(two())).claim_sha256 == check(data(two(points=[POINT]))).claim_sha256
    inside = changed(two(), ((*ONE, "points"), []))
    rejected(inside, Malformed, AT, "'points' is unknown")


def test_requirements_that_nothing_meets():
    never = [clause([["<", 0, 1, "x[0]"]]), clause([["<", 0, -1, "x[0]"]])]
    proof = [LEAF, 2, 2, 1, 3, 1]
    found = changed(two(requires=never, points=[{"inputs": [1, 0, 0], "index": []}]), (("proofs", 0), proof))
    rejected(found, Invalid, "points[0][0]", "requires[0] is false at the point")


@pytest.mark.parametrize(
    ("point", "kind", "reason"),
    [
        ({"inputs": [1, 0, 0], "index": [1]}, Invalid, "requires[0] is false"),
        ({"inputs": [2, 0, 1], "index": [1]}, Invalid, "requires[0] is false"),
        ({"inputs": [1, 0, 1], "index": [2]}, Malformed, "index 2"),
        ({"inputs": [1, 0, 1], "index": []}, Malformed, "a point is"),
        ({"inputs": [1, 0], "index": [1]}, Malformed, "a point is"),
        ({"inputs": [1, 0, 1, 2], "index": [1]}, Malformed, "a point is"),
        ({"inputs": [0, 0, 1], "index": [1]}, Malformed, "positive"),
        ({"inputs": [-1, 0, 1], "index": [1]}, Malformed, "positive"),
        ({"inputs": [], "index": [1]}, Malformed, "a point is"),
        ({"inputs": [1, 0, 1]}, Malformed, "missing"),
    ],
)
def test_points(point, kind, reason):
    rejected(changed(SECOND_CERTIFICATE, (("points", 0, 0), point)), kind, "points[0][0]", reason)


@pytest.mark.parametrize("last", [0, 1])
def test_points_show_an_index_at_both_ends(last):
    kept = SECOND_CERTIFICATE["points"][0][last]
    one_end = changed(SECOND_CERTIFICATE, (("points", 0), [kept, kept]))
    rejected(one_end, Invalid, "points[0]", f"no point has w = {last}")


def lattice(*points):
    """The example with x[w] the strict winner among integers."""
    winner = {"winner": "w", "of": "x", "before": ["<"], "after": ["<"], "lattice": [1, 1]}
    return changed(SECOND_CERTIFICATE, ((*ONE, "requires", 0), winner), (("points", 0), list(points)))


def test_a_lattice():
    good = {"inputs": [1, 3, 1], "index": [0]}, {"inputs": [1, 3, 4], "index": [1]}
    assert said(lattice(*good)) == (
        "for all x in R^2 and every index w < 2 such that all x[i] are integer multiples of 1 and "
        "x[w] is the winner of x (every other below it): y = w"
    )
    rejected(lattice({"inputs": [2, 3, 1], "index": [0]}), Invalid, "points[0][0]", "not on the lattice")


def points_alone(certificate):
    """Check the points, whatever the proof."""
    (one,) = Claim(certificate["claim"], read_network(certificate["network"], Fuel(10**6))).statements
    check_points(one, certificate["points"][0], "points[0]", Fuel(10**6))


@pytest.mark.parametrize(
    ("inputs", "good"), [([2, 3, 6], True), ([1, -3, 0], True), ([2, 1, 6], False), ([4, 3, 9], False)]
)
def test_a_lattice_of_three_halves(inputs, good):
    points = [{"inputs": inputs, "index": [1]}, {"inputs": [2, 0, -9], "index": [0]}]
    certificate = changed(lattice(*points), ((*ONE, "requires", 0, "lattice"), [3, 2]))
    if good:
        points_alone(certificate)
    else:
        with pytest.raises(Invalid, match=r"^invalid: points\[0\]\[0\]: .* not on the lattice$"):
            points_alone(certificate)


def test_a_point_shows_that_a_promise_is_kept():
    """After the proof this cannot be: it guards against a rule that is wrong."""
    wrong = two(ensures=[*two()["claim"]["statements"][0]["ensures"], clause([["<", 0, 1, "y[1]"]])], points=[POINT])
    with pytest.raises(Invalid, match=r"^invalid: points\[0\]\[0\]: ensures\[1\] is false"):
        points_alone(wrong)
