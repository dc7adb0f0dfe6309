"""Hand-made certificates: at least one for every rule, and the pieces they are made of.

`EXAMPLES`: name -> (certificate as plain objects, the rules it is there for). The mutation campaign starts here too.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from relumax.kernel.proof import NUMBER, RULES
from relumax.kernel.wire import write

LEAF, SPLIT, COMBINE, GOAL, HAVE, INSTANCE, DEFINE, PICK, MERGE, ELIM = range(len(RULES))


def steps(text: str) -> list[int]:
    """Steps of a proof, its rules by name."""
    return [NUMBER[word] if word in NUMBER else int(word) for word in text.split()]


def data(certificate: Any) -> bytes:
    """The canonical bytes."""
    return write(certificate)


def certificate(
    network: Any, claim: Any, lemmas: list[Any], *proofs: list[Any], points: tuple[list[Any], ...] = ()
) -> dict[str, Any]:
    """A certificate as plain objects; `points` are those of each statement, or of none."""
    return {
        "format": "relumax-certificate",
        "version": 1,
        "network": network,
        "claim": claim,
        "lemmas": lemmas,
        "proofs": list(proofs),
        "points": list(points) if points else [[] for _ in claim["statements"]],
    }


def array(name: str, of: str, length: int, base: int = 0, stride: int = 1) -> dict[str, Any]:
    """An array of the claim."""
    return {"name": name, "of": of, "base": base, "stride": stride, "length": length}


def statement(ensures: list[Any], **more: Any) -> dict[str, Any]:
    """A statement; what is not given is empty."""
    return {"index": [], "define": [], "requires": [], "ensures": ensures} | more


def clause(*branches: list[Any], **more: Any) -> dict[str, Any]:
    """A clause, perhaps with `each` and `where`."""
    return {"any": [list(branch) for branch in branches], "each": None, "where": None} | more


def lemma(
    variables: Any, then: list[Any], proof: list[Any], given: tuple[Any, ...] = (), units: tuple[Any, ...] = ()
) -> Any:
    """A lemma."""
    return {"vars": variables, "units": list(units), "given": list(given), "then": then, "proof": proof}


def rows(*found: list[int], den: int = 1) -> dict[str, Any]:
    """The output rows of a network."""
    return {"den": den, "rows": list(found)}


def layer(*found: list[int], den: int = 1, step: tuple[int, ...] = ()) -> dict[str, Any]:
    """A layer of a network."""
    return {"den": den, "rows": list(found), "step": list(step)}


# ---- the network y = x and its statement, to which any lemmas can be added

WIRE = {"inputs": 1, "layers": [], "output": rows([0, 0, 1])}
WIRE_CLAIM = {
    "arrays": [array("x", "in", 1), array("y", "out", 1)],
    "statements": [statement([clause([["=", 0, 1, "y[0]", -1, "x[0]"]])])],
}
WIRE_PROOF = [GOAL, SPLIT, 1, LEAF, 2, 0, -1, 2, 1, LEAF, 2, 0, 1, 2, 1]


def with_lemmas(*lemmas: Any) -> dict[str, Any]:
    """A true theorem, with these lemmas in its certificate."""
    return certificate(deepcopy(WIRE), deepcopy(WIRE_CLAIM), list(deepcopy(lemmas)), list(WIRE_PROOF))


def ge(*variables: int) -> list[Any]:
    """The fact `v >= 0` (a list of branches) of a variable, or of the sum of several."""
    return [[[1, 0, *[x for v in variables for x in (v, -1)]]]]


X_LE_0, ONE_LE_X = [[[1, 0, 0, 1]]], [[[1, 1, 0, -1]]]
X_LT_1, X_LT_2 = [[[2, -1, 0, 1]]], [[[2, -2, 0, 1]]]
FALSE = [[[1, 1]]]
EITHER, OTHER = [X_LE_0[0], ONE_LE_X[0]], [ONE_LE_X[0], X_LE_0[0]]
SIGN = [X_LE_0[0], [[2, 0, 0, -1]]]

LEAF_LEMMA = lemma(1, [FALSE], [LEAF, 2, 0, 1, 1, 1], (X_LE_0, ONE_LE_X))
SPLIT_LEMMA = lemma(1, [OTHER], [GOAL, SPLIT, 0, LEAF, 2, 2, 1, 3, 1, LEAF, 2, 1, 1, 3, 1], (EITHER,))
HAVE_PROOF = [HAVE, X_LT_1, GOAL, LEAF, 2, 0, 1, 1, 1, GOAL, LEAF, 2, 1, 1, 2, 1]
HAVE_LEMMA = lemma(1, [X_LT_2], HAVE_PROOF, (X_LE_0,))
# relu(v0) >= 0 and relu(v0) >= v0; step(v0) >= 0
BOUNDS_PROOF = [GOAL, SPLIT, 0, LEAF, 2, 1, 1, 3, -1, LEAF, 3, 1, 1, 2, 1, 3, 1]
BOUNDS_PROOF += [SPLIT, 0, LEAF, 3, 1, 1, 2, 1, 3, -1, LEAF, 2, 1, 1, 3, 1]
BOUNDS = lemma(1, [ge(1), [[[1, 0, 0, 1, 1, -1]]]], BOUNDS_PROOF, units=([0, 1, 0, 0, 1],))
STEP_PROOF = [GOAL, SPLIT, 0, LEAF, 2, 1, 1, 3, -1, LEAF, 2, 1, 1, 3, -1]
STEP_BOUNDS = lemma(1, [ge(1)], STEP_PROOF, units=([1, 1, 0, 0, 1],))
# v0 = v1 and v1 = v2 give v0 = v2; x <= 0 and x + y < 1 give 2 x + y < 1; x - y <= 0 and y <= 0 give x <= 0
EQUAL_LEMMA = lemma(
    3,
    [[[[0, 0, 0, 1, 2, -1]]]],
    [COMBINE, 2, 0, -2, 1, -2, GOAL, SPLIT, 3, LEAF, 2, 2, -1, 4, 1, LEAF, 2, 2, 1, 4, 1],
    ([[[0, 0, 0, 1, 1, -1]]], [[[0, 0, 1, 1, 2, -1]]]),
)
STRICT_LEMMA = lemma(
    2,
    [[[[2, -1, 0, 2, 1, 1]]]],
    [COMBINE, 2, 0, 1, 1, 1, GOAL, LEAF, 2, 2, 1, 3, 1],
    (X_LE_0, [[[2, -1, 0, 1, 1, 1]]]),
)
BELOW_LEMMA = lemma(
    2,
    [X_LE_0],
    [COMBINE, 2, 0, 3, 1, 3, GOAL, LEAF, 2, 2, 1, 3, 1],
    ([[[1, 0, 0, 1, 1, -1]]], [[[1, 0, 1, 1]]]),
)
# from x <= 0: v0 + v1 <= 0 gives v0 + v1 < 2
SUM_LEMMA = lemma(
    2,
    [[[[2, -2, 0, 1, 1, 1]]]],
    [INSTANCE, 0, 1, [1, 0, 0, 1, 1, 1], 1, 0, GOAL, LEAF, 2, 1, 1, 2, 1],
    ([[[1, 0, 0, 1, 1, 1]]],),
)
# relu(v0 - v1) >= 0 by the bounds of relu
UNIT_LEMMA = lemma(
    2, [ge(2)], [INSTANCE, 0, 2, [1, 0, 0, 1, 1, -1], 2, 0, GOAL, LEAF, 2, 1, 1, 3, 1], units=([0, 1, 0, 0, 1, 1, -1],)
)
FORM_LEMMA = {**UNIT_LEMMA, "proof": [INSTANCE, 0, 2, [2], 2, 0, *UNIT_LEMMA["proof"][6:]]}
# the sign of v0, by way of a relu, a step, and a largest of one that are defined
DEFINE_RELU = lemma(
    1, [SIGN], [DEFINE, 0, [1, 0, 0, 1], SPLIT, 0, *[GOAL, LEAF, 2, 1, 1, 3, 1], *[GOAL, LEAF, 2, 1, 1, 4, 1]]
)
DEFINE_STEP = lemma(
    1,
    [[[[2, 0, 0, 1]], [[1, 0, 0, -1]]]],
    [DEFINE, 1, [1, 0, 0, 1], SPLIT, 0, *[GOAL, LEAF, 2, 1, 1, 3, 1], *[GOAL, LEAF, 2, 1, 1, 4, 1]],
)
DEFINE_MAX = lemma(
    1,
    [SIGN],
    # v1 = max(v0) and v2 = relu(v1): facts v0 <= v1, v1 = v0, and the clause of v2
    [DEFINE, 2, 1, [1, 0, 0, 1], ELIM, 0, DEFINE, 0, [1, 0, 1, 1], SPLIT, 3]  # noqa: RUF005
    + [GOAL, LEAF, 3, 1, 1, 4, 1, 6, 1, GOAL, LEAF, 3, 2, -1, 4, 1, 7, 1],
)
# a relu is defined and forgotten inside a cut; the same number then is a step of the same form
DEFINE_REUSE = lemma(
    1,
    [SIGN],
    [HAVE, SIGN, DEFINE, 0, [1, 0, 0, 1], SPLIT, 0]  # noqa: RUF005
    + [GOAL, LEAF, 2, 1, 1, 3, 1, GOAL, LEAF, 2, 1, 1, 4, 1]
    + [DEFINE, 1, [1, 0, 0, 1], GOAL, LEAF, 2, 2, 1, 3, 1],
)


def largest(head: list[int], *of: list[int]) -> dict[str, Any]:
    """A max fact."""
    return {"head": head, "of": list(of)}


def var(v: int) -> list[int]:
    """The form that is the variable v."""
    return [1, 0, v, 1]


MAX_FACTS = (largest(var(3), var(0), var(1)), largest(var(4), var(3), var(2)), largest(var(5), var(0), var(1), var(2)))
EQUAL_HEADS = [[[0, 0, 4, 1, 5, -1]]]
MERGE_LEMMA = lemma(
    6, [EQUAL_HEADS], [MERGE, 1, 2, 0, GOAL, SPLIT, 4, LEAF, 2, 3, -1, 5, 1, LEAF, 2, 3, 1, 5, 1], MAX_FACTS
)
ELIM_PROOF = [ELIM, 0, GOAL, LEAF, 2, 1, 1, 4, 1, SPLIT, 3, LEAF, 2, 4, 1, 6, -1, LEAF, 2, 5, 1, 6, -1]
ELIM_LEMMA = lemma(
    3,
    [[[[1, 0, 0, 1, 2, -1]]], [[[1, 0, 0, -1, 2, 1]], [[1, 0, 1, -1, 2, 1]]]],
    ELIM_PROOF,
    (largest(var(2), var(0), var(1)),),
)
# v2 = max(v0, v1) and v3 = max(v2) give v3 = max(v0, v1): a cut with a max fact, proved by elimination
HAVE_MAX = lemma(
    4,
    [largest(var(3), var(0), var(1))],
    [HAVE, largest(var(3), var(0), var(1)), ELIM, 0, ELIM, 1]  # noqa: RUF005
    # f2 v0<=v2, f3 v1<=v2, f4 v2=v0 or v2=v1, f5 v2<=v3, f6 v3=v2; then the goal's negation f7
    + [GOAL, SPLIT, 7, LEAF, 3, 2, 1, 5, 1, 8, 1, LEAF, 3, 3, 1, 5, 1, 8, 1]
    + [SPLIT, 4, LEAF, 3, 6, -1, 8, 1, 10, -1, LEAF, 3, 6, -1, 9, 1, 10, -1]
    # the goal is now a fact: its negation again, against it
    + [ELIM, 2, GOAL, SPLIT, 6, LEAF, 2, 3, 1, 7, 1, LEAF, 2, 4, 1, 7, 1]
    + [SPLIT, 5, LEAF, 2, 7, 1, 9, -1, LEAF, 2, 8, 1, 9, -1],
    (largest(var(2), var(0), var(1)), largest(var(3), var(2))),
)
# an argument that is the head of a max fact
HEAD_LEMMA = lemma(
    1,
    [X_LT_2],
    [INSTANCE, 0, 1, -2, 1, 0, ELIM, 1, GOAL, LEAF, 2, 2, 1, 5, 1],
    (X_LE_0, largest([1, 0, 0, 1], [1, 0, 0, 1])),
)

# ---- max of two

MAX2 = {
    "inputs": 2,
    "layers": [layer([0, 0, 1, 1, -1], [0, 1, 1], [0, 1, -1])],
    "output": rows([0, 0, 1, 1, 1, 2, -1]),
}
MAX2_CLAIM = {
    "arrays": [array("x", "in", 2), array("y", "out", 1)],
    "statements": [
        statement([clause([["=", 0, 1, "y[0]", -1, "m"]])], define=[{"name": "m", "kind": "max", "of": "x"}]),
    ],
}
CARRY_PROOF = steps("""
    GOAL SPLIT 2 SPLIT 0 SPLIT 1 LEAF 4 3 1 5 1 6 1 7 -1 LEAF 3 3 1 5 1 7 -1 SPLIT 1
    LEAF 3 3 1 5 -1 7 -1 LEAF 2 4 1 6 1 SPLIT 0 SPLIT 1 LEAF 4 3 1 4 1 5 -1 7 1
    LEAF 3 3 1 5 -1 7 1 SPLIT 1 LEAF 3 3 1 5 1 7 1 LEAF 2 4 1 6 1
""")
CARRY = lemma(1, [[[[0, 0, 0, 1, 1, -1, 2, 1]]]], CARRY_PROOF, units=([0, 1, 0, 0, 1], [0, 1, 0, 0, -1]))
PAIR_PROOF = steps("""
    GOAL SPLIT 1 SPLIT 0 LEAF 3 2 1 3 1 4 -1 LEAF 2 2 1 4 1 SPLIT 0 LEAF 2 2 1 4 -1
    LEAF 3 2 1 3 1 4 1 SPLIT 0 LEAF 2 3 1 5 1 LEAF 2 2 1 5 -1
""")
PAIR = lemma(2, [largest([1, 0, 1, 1, 2, 1], var(0), var(1))], PAIR_PROOF, units=([0, 1, 0, 0, 1, 1, -1],))
MAX2_PROOF = steps("""
    INSTANCE 0 2 1 3 0 INSTANCE 1 3 0 1 2 0 MERGE 6 4 6 GOAL SPLIT 8 LEAF 4 3 1 5 1 7 -1 9 1
    LEAF 4 3 -1 5 -1 7 1 9 1
""")
MAX2_CERTIFICATE = certificate(MAX2, MAX2_CLAIM, [CARRY, PAIR], MAX2_PROOF)

# ---- a lemma about two opposing units, used at them in both orders

MEAN = {
    "inputs": 2,
    "layers": [layer([0, 0, 1, 1, -1], [0, 0, -1, 1, 1])],
    "output": rows([0, 0, 1, 1, 1]),
}  # y = |x0 - x1|
MEAN_CLAIM = {
    "arrays": [array("x", "in", 2), array("y", "out", 1)],
    "statements": [
        statement(
            [
                clause([["<=", 0, 1, "x[0]", -1, "x[1]", -1, "y[0]"]]),
                clause([["<=", 0, 1, "x[1]", -1, "x[0]", -1, "y[0]"]]),
            ]
        )
    ],
}
# v0 - v1 <= v2 + v3, from v2 = relu(v0 - v1) >= v0 - v1 and v3 = relu(v1 - v0) >= 0
HALF = lemma(
    2,
    [[[[1, 0, 0, 1, 1, -1, 2, -1, 3, -1]]]],
    [INSTANCE, 0, 2, [2], 2, 0, INSTANCE, 0, 2, [3], 3, 0, GOAL, LEAF, 3, 3, 1, 4, 1, 6, 1],
    units=([0, 1, 0, 0, 1, 1, -1], [0, 1, 0, 0, -1, 1, 1]),
)
MEAN_PROOF = [INSTANCE, 1, 3, 0, 1, 2, 0, INSTANCE, 1, 4, 1, 0, 3, 2, 0]
MEAN_PROOF += [GOAL, LEAF, 3, 2, 1, 3, 1, 5, 1, LEAF, 3, 2, 1, 4, 1, 5, 1]
MEAN_CERTIFICATE = certificate(MEAN, MEAN_CLAIM, [BOUNDS, HALF], MEAN_PROOF)

# ---- an index: y = step(x1 - x0 - 1) for the winner

SECOND = {"inputs": 2, "layers": [layer([-1, 0, -1, 1, 1], step=(0,))], "output": rows([0, 0, 1])}
WINNER = {"winner": "w", "of": "x", "before": ["gap", 1, 1], "after": ["<"], "lattice": None}
SECOND_CLAIM = {
    "arrays": [array("x", "in", 2), array("y", "out", 1)],
    "statements": [
        statement(
            [clause([["=", 0, 1, "y[0]", -1, "w"]])],
            index=[["w", 2]],
            requires=[WINNER],
        )
    ],
}
SECOND_POINTS = [{"inputs": [1, 0, 1], "index": [1]}, {"inputs": [2, 3, 1], "index": [0]}]
# variables: x0 x1 | 2 unit | 3 y | 4 w | 5 x[w]; facts: 0 unit, 1 y = unit, 2 w >= 0, 3 w <= 1
# 4 and 5: x0 and x1 compared with x[w]; then w = 0, or x0 comes before w, or after it, and so for x1
SECOND_PROOF = steps("""
    PICK 0 0 PICK 0 1 SPLIT 4 SPLIT 5 LEAF 2 6 1 8 -1 LEAF 2 6 1 8 1 SPLIT 0 GOAL
    SPLIT 12 LEAF 4 1 1 6 1 11 -1 13 1 LEAF 4 1 -1 6 -1 11 1 13 1 LEAF 3 7 -1 9 1 10 1
    SPLIT 5 SPLIT 0 LEAF 3 7 1 9 -1 10 1 GOAL SPLIT 12 LEAF 4 1 1 8 1 11 -1 13 1
    LEAF 4 1 -1 8 -1 11 1 13 1 LEAF 2 3 1 8 1 LEAF 2 6 1 8 1 LEAF 2 2 1 6 1
""")
SECOND_CERTIFICATE = certificate(SECOND, SECOND_CLAIM, [], SECOND_PROOF, points=(SECOND_POINTS,))

# ---- an index of which nothing is required: x[w] is at most the maximum, whatever w is

FREE = {"inputs": 2, "layers": [], "output": rows([0, 0, 1, 1, 1])}
FREE_CLAIM = {
    "arrays": [array("x", "in", 2), array("y", "out", 1)],
    "statements": [
        statement(
            [clause([["=", 0, 1, "y[0]", -1, "x[0]", -1, "x[1]"]]), clause([["<=", 0, 1, "x[w]", -1, "m"]])],
            define=[{"kind": "max", "name": "m", "of": "x"}],
            index=[["w", 2]],
        )
    ],
}
FREE_POINTS = [{"inputs": [1, 3, 5], "index": [0]}, {"inputs": [1, 3, 5], "index": [1]}]
# variables: x0 x1 | 2 y | 3 w | 4 x[w] | 5 m; facts: 0 y = x0 + x1, 1 w >= 0, 2 w <= 1, 3 m = max(x)
# 4 and 5: x0 and x1 are at most m, 6: m is one of them; 7 and 8: w is 0, and it is 1, or below or above
FREE_PROOF = steps("""
    ELIM 3 PICK 0 0 PICK 0 1 GOAL SPLIT 9 LEAF 2 0 -1 10 1 LEAF 2 0 1 10 1
    SPLIT 7 LEAF 3 4 1 9 1 11 -1 SPLIT 8 LEAF 3 5 1 9 1 12 -1 LEAF 2 2 1 11 1 LEAF 2 10 1 11 1 LEAF 2 1 1 10 1
""")
FREE_CERTIFICATE = certificate(FREE, FREE_CLAIM, [], FREE_PROOF, points=(FREE_POINTS,))

EXAMPLES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "wire": (with_lemmas(), (LEAF, SPLIT, GOAL)),
    "leaf": (with_lemmas(LEAF_LEMMA), (LEAF,)),
    "split": (with_lemmas(SPLIT_LEMMA), (SPLIT,)),
    "combine equalities": (with_lemmas(EQUAL_LEMMA), (COMBINE,)),
    "combine a strict fact": (with_lemmas(STRICT_LEMMA), (COMBINE,)),
    "combine inequalities": (with_lemmas(BELOW_LEMMA), (COMBINE,)),
    "goal": (with_lemmas(BOUNDS), (GOAL,)),
    "have": (with_lemmas(HAVE_LEMMA), (HAVE,)),
    "have max": (with_lemmas(HAVE_MAX), (HAVE, ELIM)),
    "instance": (with_lemmas(HAVE_LEMMA, SUM_LEMMA), (INSTANCE,)),
    "instance of a unit": (with_lemmas(BOUNDS, UNIT_LEMMA), (INSTANCE,)),
    "instance at a head": (with_lemmas(HAVE_LEMMA, HEAD_LEMMA), (INSTANCE, ELIM)),
    "instance at the form of a unit": (with_lemmas(BOUNDS, FORM_LEMMA), (INSTANCE,)),
    "instance of two units": (MEAN_CERTIFICATE, (INSTANCE,)),
    "define relu": (with_lemmas(DEFINE_RELU), (DEFINE,)),
    "define step": (with_lemmas(DEFINE_STEP), (DEFINE,)),
    "define max": (with_lemmas(DEFINE_MAX), (DEFINE, ELIM, SPLIT)),
    "define again": (with_lemmas(DEFINE_REUSE), (DEFINE, HAVE)),
    "bounds of step": (with_lemmas(STEP_BOUNDS), (SPLIT,)),
    "pick": (SECOND_CERTIFICATE, (PICK,)),
    "pick of an index": (FREE_CERTIFICATE, (PICK, ELIM, SPLIT)),
    "merge": (with_lemmas(MERGE_LEMMA), (MERGE,)),
    "elim": (with_lemmas(ELIM_LEMMA), (ELIM,)),
    "max of two": (MAX2_CERTIFICATE, (INSTANCE, MERGE, GOAL, SPLIT, LEAF)),
}
