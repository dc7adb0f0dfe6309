"""Claims, statements and points; and the text, which says exactly what the machine form says."""

import re

import pytest

from relumax.kernel import Invalid, Malformed, check
from relumax.kernel.network import read_network
from relumax.kernel.proof import MAX, OR, variable
from relumax.kernel.statement import Claim
from relumax.kernel.wire import EQ, LE, LT, Fuel
from tests.kernel.examples import (
    FALSE,
    GOAL,
    INSTANCE,
    LEAF,
    SECOND_CERTIFICATE,
    SPLIT,
    array,
    certificate,
    clause,
    data,
    rows,
    statement,
    with_lemmas,
)
from tests.kernel.test_rules import changed, rejected

ONE = ("claim", "statements", 0)
AT = "claim.statements[0]"


def two(points=(), **more):
    """y = x, z = w for the network of two wires; `more` changes the statement."""
    network = {"inputs": 2, "layers": [], "output": rows([0, 0, 1], [0, 1, 1])}
    arrays = [array("x", "in", 2), array("y", "out", 2)]
    ensures = [clause([["=", 0, 1, "y[i]", -1, "x[i]"]], each=2)]
    claim = {"arrays": arrays, "statements": [statement(ensures) | more]}
    return certificate(network, claim, [], TWO_PROOF, points=(list(points),))


POINT = {"inputs": [1, 0, 0], "index": []}
CONDITIONED = [SPLIT, 3, LEAF, 2, 0, -1, 4, 1, LEAF, 2, 0, 1, 4, 1, SPLIT, 3, LEAF, 2, 1, -1, 4, 1, LEAF, 2, 1, 1, 4, 1]
EQUAL = [LEAF, 2, 0, -1, 3, 1, LEAF, 2, 0, 1, 3, 1]
TWO_PROOF = [GOAL, SPLIT, 2, *EQUAL, SPLIT, 2, LEAF, 2, 1, -1, 3, 1, LEAF, 2, 1, 1, 3, 1]


def said(found):
    """The theorem."""
    return check(data(found)).statements[0]


def test_each():
    assert said(two()) == "for all x in R^2: y[i] = x[i] for each i < 2, where y in R^2 is the output"


# ---- the wrong object


@pytest.mark.parametrize(
    ("arrays", "where", "reason"),
    [
        ([], "claim.arrays", "at least 1"),
        ([array("x", "in", 2)], "claim.arrays", "in no array"),
        ([array("y", "out", 2)], "claim.arrays", "in no array"),
        ([array("x", "in", 1), array("y", "out", 2)], "claim.arrays", "in no array"),
        ([array("x", "in", 2), array("y", "out", 3)], "claim.arrays[1]", "outside"),
        ([array("x", "in", 2, base=1), array("y", "out", 2)], "claim.arrays[0]", "outside"),
        ([array("x", "in", 2, stride=2), array("y", "out", 2)], "claim.arrays[0]", "outside"),
        ([array("x", "in", 2), array("z", "in", 1), array("y", "out", 2)], "claim.arrays[1]", "two arrays"),
        ([array("x", "in", 2), array("x", "out", 2)], "claim.arrays[1]", "a name is new"),
        ([array("x", "in", 2, base=2), array("y", "out", 2)], "claim.arrays[0]", "index 2"),
        ([array("x", "in", 2, base=-1), array("y", "out", 2)], "claim.arrays[0]", "index -1"),
        ([array("x", "in", 2, stride=0), array("y", "out", 2)], "claim.arrays[0]", "from 1 on"),
        ([array("x", "in", 0), array("y", "out", 2)], "claim.arrays[0]", "from 1 on"),
        ([array("x", "inputs", 2), array("y", "out", 2)], "claim.arrays[0]", '"in" or "out"'),
        ([array("x", ["in"], 2), array("y", "out", 2)], "claim.arrays[0]", '"in" or "out"'),
    ],
)
def test_arrays_are_the_network_s_inputs_and_outputs(arrays, where, reason):
    rejected(changed(two(), (("claim", "arrays"), arrays)), Malformed, where, reason)


@pytest.mark.parametrize(
    "name", ["", "X", "1x", "_x", "x" * 17, "x y", "i", "or", "max", "é", "x\n", "x\x1b[2J", "ｘ", 1, None, ["x"]]
)
def test_names(name):
    rejected(changed(two(), (("claim", "arrays", 0, "name"), name)), Malformed, "claim.arrays[0]", "a name is")


def test_the_longest_name():
    found = changed(two(), (("claim", "arrays", 0, "name"), "x" * 16))
    found["claim"]["statements"][0]["ensures"] = [clause([["=", 0, 1, "y[i]", -1, f"{'x' * 16}[i]"]], each=2)]
    assert said(found).startswith(f"for all {'x' * 16} in R^2: ")


def test_every_output_and_input_is_mentioned():
    ensures = [clause([["=", 0, 1, "y[0]", -1, "x[0]"]])]
    rejected(two(ensures=ensures), Malformed, "claim", "x[1] is mentioned by no statement")
    ensures = [clause([["=", 0, 1, "y[0]", -1, "x[0]"]]), clause([["<=", 0, 1, "x[1]", -1, "x[0]"]])]
    rejected(two(ensures=ensures), Malformed, "claim", "y[1] is mentioned by no statement")


@pytest.mark.parametrize(
    ("word", "n", "missing"),
    [("before", 2, 1), ("after", 2, 0), ("before", 1, 0), ("after", 1, 0), ("except", 1, 0)],
)
def test_a_guard_mentions_what_it_leaves_a_case_for(word, n, missing):
    """`y[i] = x[i] for each i < n before w` says nothing of the last y, and nothing at all if w is 0 or not there."""
    arrays = [array("x", "in", n), array("y", "out", n)]
    network = {"inputs": n, "layers": [], "output": rows(*[[0, k, 1] for k in range(n)])}
    every = clause([["<=", 0, 1, "x[i]"]], each=n)
    guarded = clause([["=", 0, 1, "y[i]", -1, "x[i]"]], each=n, where=[word, "w"])
    claim = {"arrays": arrays, "statements": [statement([every, guarded], index=[["w", n]])]}
    with pytest.raises(Malformed, match=rf"y\[{missing}\] is mentioned by no statement"):
        Claim(claim, read_network(network, Fuel(10**6)))
    if n > 1:
        claim["statements"][0]["ensures"].append(clause([["=", 0, 1, f"y[{missing}]", -1, f"x[{missing}]"]]))
        Claim(claim, read_network(network, Fuel(10**6)))


def test_a_guard_with_no_case_mentions_nothing_else_either():
    arrays = [array("x", "in", 2), array("y", "out", 1)]
    network = {"inputs": 2, "layers": [], "output": rows([5, 0, 1, 1, 1])}
    vacuous = clause([["=", 0, 1, "y[0]", -1, "x[0]", -1, "x[1]"]], each=1, where=["before", "w"])
    claim = {"arrays": arrays, "statements": [statement([vacuous], index=[["w", 1]])]}
    with pytest.raises(Malformed, match=r"x\[0\] is mentioned by no statement"):
        Claim(claim, read_network(network, Fuel(10**6)))


@pytest.mark.parametrize(
    ("used", "missing"),
    [([], "x[0]"), (["a[0]"], "x[2]"), (["b"], None), (["c"], "x[0]"), (["a[0]", "m"], None)],
)
def test_a_definition_mentions_what_it_speaks_of_where_it_is_used(used, missing):
    """a speaks of x[0] and x[1], b of a and x[2], c of x[1] and x[2]; m is the largest of x."""
    arrays = [array("x", "in", 3), array("y", "out", 1)]
    network = {"inputs": 3, "layers": [], "output": rows([0, 0, 1])}
    define = [
        {"name": "a", "kind": "list", "forms": [[1, 0, 1, "x[0]"], [1, 0, 1, "x[1]"]]},
        {"name": "b", "kind": "form", "length": None, "form": [1, 0, 1, "a[1]", 1, "x[2]"]},
        {"name": "c", "kind": "relu", "length": None, "form": [1, 0, 1, "x[1]", -1, "x[2]"]},
        {"name": "m", "kind": "max", "of": "x"},
    ]
    said = [clause([["<=", 0, 1, "y[0]", *[part for one in used for part in (-1, one)]]])]
    claim = {"arrays": arrays, "statements": [statement(said, define=define)]}
    if missing is None:
        Claim(claim, read_network(network, Fuel(10**6)))
        return
    with pytest.raises(Malformed, match=rf"{re.escape(missing)} is mentioned by no statement"):
        Claim(claim, read_network(network, Fuel(10**6)))


@pytest.mark.parametrize("name", ["e", "e5", "e05", "ten", "inf", "nan", "pi", "half"])
def test_no_name_is_read_as_a_number(name):
    found = changed(two(), (("claim", "arrays", 1, "name"), name))
    found["claim"]["statements"][0]["ensures"] = [clause([["=", 0, 1, f"{name}[i]", -1, "x[i]"]], each=2)]
    rejected(found, Malformed, "claim.arrays[1]", "no number")


@pytest.mark.parametrize("name", ["e_5", "en", "e5a", "f5", "tens"])
def test_names_that_only_begin_like_numbers(name):
    found = changed(two(), (("claim", "arrays", 1, "name"), name))
    found["claim"]["statements"][0]["ensures"] = [clause([["=", 0, 1, f"{name}[i]", -1, "x[i]"]], each=2)]
    assert said(found).endswith(f"where {name} in R^2 is the output")


def four(*ensures):
    """y = a and z = b, for the network of four wires with arrays that take turns."""
    network = {"inputs": 4, "layers": [], "output": rows(*[[0, k, 1] for k in range(4)])}
    arrays = [array(name, of, 2, k, 2) for of, names in (("in", "ab"), ("out", "yz")) for k, name in enumerate(names)]
    proof = [GOAL, *[step for k in (0, 2, 1, 3) for step in (SPLIT, 4, LEAF, 2, k, -1, 5, 1, LEAF, 2, k, 1, 5, 1)]]
    return certificate(network, {"arrays": arrays, "statements": [statement(list(ensures))]}, [], proof)


def test_arrays_that_take_turns():
    y, z = ([clause([["=", 0, 1, f"{one}[i]", -1, f"{other}[i]"]], each=2) for other in "ab"] for one in "yz")
    assert said(four(y[0], z[1])).endswith(
        "y[i] = a[i] for each i < 2; z[i] = b[i] for each i < 2, where "
        "y is outputs 0 to 2 by 2, z is outputs 1 to 3 by 2"
    )
    rejected(four(y[1], z[0]), Invalid, "proofs[0][8]", "do not cancel")


def test_the_largest_of_every_other_input():
    found = four(clause([["<=", 0, 1, "m", 1, "a[i]", 1, "y[i]", 1, "z[i]"]], each=2))
    found["claim"]["statements"][0]["define"] = [{"name": "m", "kind": "max", "of": "b"}]
    (one,) = Claim(found["claim"], read_network(found["network"], Fuel(10**6))).statements
    assert one.context(Fuel(10**6), []).facts[4:] == [(MAX, variable(8), (variable(1), variable(3)))]


def test_a_conjunction_is_several_facts_and_one_goal():
    both = clause([["<=", 0, 1, "x[0]"], ["<", -1, -1, "x[1]"]])
    claim = two(requires=[both], ensures=[both, *two()["claim"]["statements"][0]["ensures"]])["claim"]
    (one,) = Claim(claim, read_network(two()["network"], Fuel(10**6))).statements
    context = one.context(Fuel(10**6), [])
    low, high = (LE, 0, ((0, 1),)), (LT, -1, ((1, -1),))
    assert context.facts[2:] == [low, high]
    assert context.goals[0] == (OR, ((low, high),))


def test_what_a_reference_means():
    """Variables: x 0 and 1, y 2 and 3, w 4, x[w] 5, y[w] 6, m 7."""
    parts = [3, "i", 1, "m", 2, "x[0]", 4, "x[1]", 1, "x[i]", 1, "x[w]", 1, "w", -1, "y[1]", -2, "y[0]"]
    more = {"define": [{"name": "m", "kind": "min", "of": "x"}], "index": [["w", 2]]}
    required = clause([["<=", -9, 1, "w", 1, "m"]])
    claim = two(ensures=[clause([["<=", 5, *parts]], each=2)], requires=[required], **more)["claim"]
    (one,) = Claim(claim, read_network(two()["network"], Fuel(10**6))).statements
    context, others = one.context(Fuel(10**6), []), ((2, -2), (3, -1), (4, 1), (5, 1), (7, 1))
    assert context.goals == [(LE, 5, ((0, 3), (1, 4), *others)), (LE, 8, ((0, 2), (1, 5), *others))]
    smallest = (MAX, (1, 0, ((7, -1),)), ((1, 0, ((0, -1),)), (1, 0, ((1, -1),))))
    assert context.facts[4:] == [smallest, (LE, -9, ((4, 1), (7, 1)))]


def test_a_proof_of_another_statement():
    wrong = [clause([["=", 1, 1, "y[i]", -1, "x[i]"]], each=2)]
    rejected(two(ensures=wrong), Invalid, "proofs[0][8]", "not a contradiction")


def test_swapped_outputs():
    wrong = changed(two(), (("network", "output", "rows"), [[0, 1, 1], [0, 0, 1]]))
    rejected(wrong, Invalid, "proofs[0][8]", "do not cancel")


@pytest.mark.parametrize("proofs", [[], [TWO_PROOF, TWO_PROOF]])
def test_one_proof_for_each_statement(proofs):
    rejected(changed(two(), (("proofs",), proofs)), Malformed, "proofs", "one list for each")


def test_a_claim_of_nothing():
    rejected(
        changed(two(), (("claim", "statements"), []), (("proofs",), []), (("points",), [])),
        Malformed,
        "claim.statements",
        "least 1",
    )
    rejected(two(ensures=[]), Malformed, f"{AT}.ensures", "least 1")


def test_a_proved_lemma_is_not_the_theorem():
    found = with_lemmas()
    found["lemmas"] = [{"vars": 1, "units": [], "given": [FALSE], "then": [FALSE], "proof": [LEAF, 1, 0, 1]}]
    found["proofs"] = [[INSTANCE, 0, 1, 0, 1, 0, LEAF, 1, 1, 1]]
    rejected(found, Invalid, "proofs[0][5]", "not hypothesis 0")


# ---- reading


@pytest.mark.parametrize(
    ("atom", "reason"),
    [
        ([">=", 0, 1, "y[i]"], "a relation"),
        ([["="], 0, 1, "y[i]"], "a relation"),
        (["="], "at least 2"),
        (["=", 0, 1], "pairs"),
        (["=", 0, 0, "y[i]"], "zero"),
        (["=", 0, 1, "y[i]", -1, "y[i]"], "twice"),
        (["=", 0, 1, "z"], "unknown name"),
        (["=", 0, 1, "y"], "in brackets"),
        (["=", 0, 1, "y[2]"], "index 2"),
        (["=", 0, 1, "y[9999999]"], "index 9999999"),
        (["=", 0, 1, "y[10000000]"], "read at a number"),
        (["=", 0, 1, "y[-1]"], "read at a number"),
        (["=", 0, 1, "y[01]"], "read at a number"),
        (["=", 0, 1, "y[٣]"], "read at a number"),
        (["=", 0, 1, "y[w]"], "read at a number"),
        (["=", 0, 1, "y[]"], "read at a number"),
        (["=", 0, 1, "y[i"], "in brackets"),
        (["=", 0, 1, "y[i]]"], "read at a number"),
        (["=", 0, 1, "y[i] "], "in brackets"),
        (["=", 0, 1, " y[i]"], "unknown name"),
        (["=", 0, 1, ["y[i]"]], "unknown name"),
        (["=", 0, 1, {}], "unknown name"),
        (["=", 0, 1, None], "unknown name"),
        (["=", 0, True, "y[i]"], "an integer"),
    ],
)
def test_atoms(atom, reason):
    rejected(two(ensures=[clause([atom], each=2)]), Malformed, f"{AT}.ensures[0]", reason)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (clause([["=", 0, 1, "y[i]"]]), "read at a number"),
        (clause([["=", 0, 1, "i"]]), "unknown name"),
        (clause([["=", 0, 1, "y[i]"]], each=3), "read at a number"),
        (clause([["=", 0, 1, "y[i]"]], each=0), "from 1 on"),
        (clause([["=", 0, 1, "y[i]"]], each=None), "read at a number"),
        (clause([["=", 0, 1, "y[i]"]], each=True), "an index"),
        (clause([["=", 0, 1, "y[i]"]], each=-1), "index -1"),
        (clause([["=", 0, 1, "y[i]"]], each="2"), "an index"),
        (clause([["=", 0, 1, "y[i]"]], each=1 << 20), "index 1048576"),
        ({"any": [[["=", 0, 1, "y[0]"]]], "where": None}, "'each' is missing"),
        ({"any": [[["=", 0, 1, "y[0]"]]], "each": None}, "'where' is missing"),
        (clause([["=", 0, 1, "y[0]"]], where=["before", "w"]), '"where" is'),
        (clause([["=", 0, 1, "y[i]"]], each=2, where=["before", "x"]), "unknown name"),
        (clause([["=", 0, 1, "y[i]"]], each=2, where=["at", "x"]), '"where" is'),
        (clause([["=", 0, 1, "y[i]"]], each=2, where=["before"]), '"where" is'),
        (clause([["=", 0, 1, "y[i]"]], each=2, where=[["before"], ["x"]]), '"where" is'),
        ({"any": [], "each": None, "where": None, "which": 1}, "unknown"),
        ([], "an object"),
    ],
)
def test_clauses(wrong, reason):
    rejected(two(ensures=[wrong]), Malformed, f"{AT}.ensures[0]", reason)


@pytest.mark.parametrize("empty", [clause(each=2), clause([], each=2), clause(), clause([["=", 0]], [])])
def test_an_empty_clause(empty):
    rejected(two(ensures=[empty]), Malformed, f"{AT}.ensures[0].any", "at least 1")


@pytest.mark.parametrize(
    ("define", "reason"),
    [
        ({"name": "m", "kind": "max", "of": "y"}, "an output"),
        ({"name": "m", "kind": "max", "of": "m"}, "unknown name"),
        ({"name": "m", "kind": "max", "of": ["x"]}, "unknown name"),
        ({"name": "m", "kind": ["max"], "of": "x"}, "a definition is"),
        ({"name": "m", "kind": "sum", "of": "x"}, "a definition is"),
        ({"name": "x", "kind": "max", "of": "x"}, "a name is new"),
        ({"name": "m", "kind": "form", "length": None, "form": [1, 0, 1, "m"]}, "unknown name"),
        ({"name": "m", "kind": "form", "length": None, "form": [1, 0, 1, "y[0]"]}, "an output"),
        ({"name": "m", "kind": "form", "length": None, "form": [0, 0, 1, "x[0]"]}, "positive"),
        ({"name": "m", "kind": "form", "length": None, "form": []}, "at least 2"),
        ({"name": "m", "kind": "form", "length": 0, "form": [1, 0, 1, "x[0]"]}, "from 1 on"),
        ({"name": "m", "kind": "form", "length": 3, "form": [1, 0, 1, "x[i]"]}, "read at a number"),
        ({"name": "m", "kind": "list", "forms": []}, "at least 1"),
        ({"name": "m", "kind": "list", "forms": [[1, 0, 1, "x[i]"]]}, "read at a number"),
        ("m", "a definition is"),
    ],
)
def test_definitions_are_of_inputs(define, reason):
    rejected(two(define=[define]), Malformed, f"{AT}.define[0]", reason)


def test_the_largest_of_a_scalar():
    one = {"name": "s", "kind": "form", "length": None, "form": [1, 0, 1, "x[0]"]}
    rejected(two(define=[one, {"name": "m", "kind": "min", "of": "s"}]), Malformed, f"{AT}.define[1]", "is of an array")


def test_requirements_are_of_inputs():
    wrong = two(requires=[clause([["<=", 0, 1, "y[0]"]])], points=[{"inputs": [1, 0, 0], "index": []}])
    rejected(wrong, Malformed, f"{AT}.requires[0]", "an output")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"winner": "v"}, "unknown name"),
        ({"winner": "x"}, "unknown name"),
        ({"of": "w"}, "unknown name"),
        ({"of": "y"}, "an output"),
        ({"of": ["x"]}, "unknown name"),
        ({"before": []}, "at least 1"),
        ({"before": [">"]}, "a condition"),
        ({"before": [["<"]]}, "a condition"),
        ({"before": ["gap", 1]}, "a ratio"),
        ({"before": ["gap", 0, 1]}, "positive"),
        ({"before": ["gap", -1, 1]}, "positive"),
        ({"before": ["gap", 1, 0]}, "positive"),
        ({"before": ["<", 1, 1]}, "a condition"),
        ({"lattice": [1, 1]}, "a condition"),
        ({"lattice": [0, 1], "before": ["<"]}, "positive"),
        ({"lattice": 1, "before": ["<"]}, "a list"),
    ],
)
def test_winners(change, reason):
    winner = SECOND_CERTIFICATE["claim"]["statements"][0]["requires"][0] | change
    rejected(changed(SECOND_CERTIFICATE, ((*ONE, "requires", 0), winner)), Malformed, f"{AT}.requires[0]", reason)


def test_the_winner_of_an_array_of_another_length():
    rejected(changed(SECOND_CERTIFICATE, ((*ONE, "index"), [["w", 3]])), Malformed, f"{AT}.requires[0]", "as long as")


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        ([["w", 0]], "from 1 on"),
        ([["w", 1 << 20]], "index 1048576"),
        ([["w"]], "an index is"),
        ([["w", 2, 1]], "an index is"),
        ([["x", 2]], "a name is new"),
        ([["w", 2], ["w", 2]], "a name is new"),
        (["w2"], "a list"),
        ([["i", 2]], "a name is new"),
    ],
)
def test_indices(index, reason):
    rejected(changed(SECOND_CERTIFICATE, ((*ONE, "index"), index)), Malformed, f"{AT}.index", reason)


def test_the_winner_of_a_defined_array():
    """Variables: x 0 and 1, the unit 2, y 3, w 4, x[w] 5, z 6 and 7, z[w] 8."""
    z = {"name": "z", "kind": "list", "forms": [[1, 0, 2, "x[0]"], [1, 1, 1, "x[1]"]]}
    winner = {"winner": "w", "of": "z", "before": ["gap", 1, 3], "after": ["<="], "lattice": None}
    claim = changed(SECOND_CERTIFICATE, ((*ONE, "define"), [z]), ((*ONE, "requires"), [winner]))["claim"]
    (one,) = Claim(claim, read_network(SECOND_CERTIFICATE["network"], Fuel(10**6))).statements
    same = (EQ, -1, ((4, 1),)), (EQ, 0, ((1, 1), (5, -1))), (EQ, 0, ((7, 1), (8, -1)))
    before = (LE, 2, ((4, -1),)), (LE, 1, ((7, 3), (8, -3)))
    after = (LE, 0, ((4, 1),)), (LE, 0, ((7, 1), (8, -1)))
    assert one.pick(0, 1, "") == (OR, (same, before, after))


def test_before_and_after_swapped():
    winner = SECOND_CERTIFICATE["claim"]["statements"][0]["requires"][0]
    swapped = winner | {"before": winner["after"], "after": winner["before"]}
    wrong = changed(
        SECOND_CERTIFICATE, ((*ONE, "requires", 0), swapped), (("points", 0), [{"inputs": [1, 0, 1], "index": [1]}])
    )
    rejected(wrong, Invalid, "proofs[0][66]", "not a contradiction")


@pytest.mark.parametrize("word", ["before", "after", "except"])
@pytest.mark.parametrize("n", [1, 3])
def test_a_guard_is_of_an_index_with_as_many_values(word, n):
    """`for each i < 2 after w` with a w that may be larger would say less than it seems, or nothing."""
    ensures = [clause([["=", -5, 1, "y[i]", -1, "x[i]"]], each=2, where=[word, "w"])]
    found = two([POINT | {"index": [0]}, POINT | {"index": [n - 1]}], ensures=ensures, index=[["w", n]])
    rejected(found, Malformed, f"{AT}.ensures[0]", "as many values")


def test_a_word_of_the_guard_is_no_name():
    rejected(two(index=[["than", 2]]), Malformed, f"{AT}.index", "no word of the text")
