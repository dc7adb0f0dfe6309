"""Every rule accepts its example, and rejects each wrong step by kind, place and reason."""

from copy import deepcopy

import pytest

from relumax.engines import script
from relumax.kernel import Invalid, Malformed, check
from relumax.kernel.proof import NUMBER, RULES
from tests.kernel import examples
from tests.kernel.examples import (
    BELOW_LEMMA,
    BOUNDS,
    COMBINE,
    DEFINE,
    DEFINE_MAX,
    DEFINE_RELU,
    EITHER,
    ELIM_LEMMA,
    EQUAL_LEMMA,
    EXAMPLES,
    FALSE,
    FREE_CERTIFICATE,
    GOAL,
    HAVE,
    HAVE_LEMMA,
    HAVE_MAX,
    LEAF,
    LEAF_LEMMA,
    MERGE,
    MERGE_LEMMA,
    ONE_LE_X,
    PICK,
    SECOND_CERTIFICATE,
    SPLIT,
    SPLIT_LEMMA,
    STRICT_LEMMA,
    X_LE_0,
    X_LT_1,
    data,
    ge,
    largest,
    lemma,
    var,
    with_lemmas,
)


def rejected(certificate, kind, path, reason):
    """The kernel rejects the certificate as `kind` at `path`, and says `reason`."""
    with pytest.raises(kind) as found:
        check(data(certificate))
    assert (type(found.value), found.value.path) == (kind, path)
    assert reason in found.value.reason


def wrong_lemma(kind, place, reason, *lemmas):
    """The last of the lemmas is rejected at `place`."""
    rejected(with_lemmas(*lemmas), kind, f"lemmas[{len(lemmas) - 1}]{place}", reason)


@pytest.mark.parametrize("name", EXAMPLES)
def test_accepted(name):
    theorem = check(data(EXAMPLES[name][0]))
    assert theorem.statements and len(theorem.network_sha256) == len(theorem.claim_sha256) == 64


def test_every_rule_has_an_accepted_and_a_rejected_example():
    assert {rule for _, rules in EXAMPLES.values() for rule in rules} == set(range(len(RULES)))
    assert {name.split(":")[0] for name in REJECTED} == {rule.__name__ for rule in RULES} - {"instance"}


def test_the_table_of_rules():
    """One table, which scripts and tests read: the number is the place, the name that of the function."""
    assert [*NUMBER.values()] == [*range(len(RULES))]
    assert [RULES[NUMBER[name]].__name__ for name in NUMBER] == [name.lower() for name in NUMBER]
    for name in NUMBER:
        assert getattr(script, name) == NUMBER[name] == getattr(examples, name)


LEAF_23 = [LEAF, 2, 2, 1, 3, 1]

# name (rule: what is wrong) -> kind, place in the last lemma, reason, lemmas
REJECTED = {
    "leaf: no strict fact, and the sum is 0 <= 0": (
        *(Invalid, ".proof[5]", "not a contradiction"),
        lemma(1, [FALSE], [LEAF, 2, 0, 1, 1, 1], ([[[1, 0, 0, 1]]], [[[1, 0, 0, -1]]])),
    ),
    "leaf: a strict fact needs a positive multiplier": (
        *(Invalid, ".proof[5]", "a multiplier is positive"),
        lemma(1, [FALSE], [LEAF, 2, 0, 1, 1, 0], ([[[0, 0, 0, 1]]], [[[2, 0, 0, 1]]])),
    ),
    "leaf: a negative multiplier of an inequality": (
        *(Invalid, ".proof[3]", "a multiplier is positive"),
        lemma(1, [FALSE], [LEAF, 2, 0, -1, 1, -1], (X_LE_0, ONE_LE_X)),
    ),
    "leaf: an equality with multiplier zero": (
        *(Invalid, ".proof[3]", "not zero"),
        lemma(1, [FALSE], [LEAF, 1, 0, 0], ([[[0, 1]]],)),
    ),
    "leaf: an equality used with the wrong sign": (
        *(Invalid, ".proof[3]", "not a contradiction"),
        lemma(1, [FALSE], [LEAF, 1, 0, -1], ([[[0, 1]]],)),
    ),
    "leaf: the variables stay": (
        *(Invalid, ".proof[5]", "do not cancel"),
        lemma(1, [FALSE], [LEAF, 2, 0, 1, 1, 2], (X_LE_0, ONE_LE_X)),
    ),
    "leaf: a clause is no atom": (
        *(Invalid, ".proof[2]", "not an atom"),
        lemma(1, [FALSE], [LEAF, 1, 0, 1], ([X_LE_0[0], ONE_LE_X[0]],)),
    ),
    "leaf: a max fact is no atom": (
        *(Invalid, ".proof[2]", "not an atom"),
        lemma(1, [FALSE], [LEAF, 1, 0, 1], (largest(var(0), var(0)),)),
    ),
    "leaf: no facts": (Malformed, ".proof[1]", "a count", lemma(1, [FALSE], [LEAF, 0], (X_LE_0, ONE_LE_X))),
    "leaf: more facts than the list could hold": (
        *(Malformed, ".proof[1]", "a count"),
        lemma(1, [FALSE], [LEAF, 5, 0, 1, 1, 1], (X_LE_0, ONE_LE_X)),
    ),
    "leaf: true is not the number 1": (
        *(Malformed, ".proof[3]", "an integer"),
        lemma(1, [FALSE], [LEAF, 2, 0, True, 1, 1], (X_LE_0, ONE_LE_X)),
    ),
    "leaf: a fact to come": (
        *(Malformed, ".proof[4]", "index 2 is not in 0..1"),
        lemma(1, [FALSE], [LEAF, 2, 0, 1, 2, 1], (X_LE_0, ONE_LE_X)),
    ),
    "leaf: a fact counted from the end": (
        *(Malformed, ".proof[4]", "index -1"),
        lemma(1, [FALSE], [LEAF, 2, 0, 1, -1, 1], (X_LE_0, ONE_LE_X)),
    ),
    "split: an atom is no clause": (
        *(Invalid, ".proof[1]", "not a clause"),
        lemma(1, [FALSE], [SPLIT, 0, LEAF, 2, 0, 1, 1, 1], (X_LE_0, ONE_LE_X)),
    ),
    "split: a branch is left open": (
        *(Malformed, ".proof", "ends in the middle"),
        {**SPLIT_LEMMA, "proof": SPLIT_LEMMA["proof"][:9]},
    ),
    "split: a fact of one branch in its sibling": (
        *(Malformed, ".proof[19]", "index 4 is not in 0..3"),
        {**SPLIT_LEMMA, "proof": [GOAL, SPLIT, 0, HAVE, X_LE_0, *LEAF_23, LEAF, 2, 2, 1, 4, 1, LEAF, 2, 4, 1, 3, 1]},
    ),
    "combine: the sum of two inequalities is not an equality": (
        *(Invalid, ".proof[14]", "not a contradiction"),  # x <= 0 and -x <= 0 combine to 0 <= 0
        lemma(
            1,
            [[[[0, 0, 0, 1]]]],
            [COMBINE, 2, 0, 1, 1, 1, GOAL, SPLIT, 3, LEAF, 2, 2, 1, 2, 1, LEAF, 1, 2, 1],
            (X_LE_0, [[[1, 0, 0, -1]]]),
        ),
    ),
    "combine: an equality and an inequality make an inequality": (
        *(Invalid, ".proof[11]", "a multiplier is positive"),
        {
            **lemma(2, [FALSE], [COMBINE, 2, 0, 1, 1, 1, LEAF, 2, 1, 1, 2, -1]),
            "given": [[[[0, 0, 0, 1, 1, -1]]], [[[1, 0, 1, 1]]]],
        },
    ),
    "combine: inequalities are not strict": (
        *(Invalid, ".proof[12]", "not a contradiction"),
        {**STRICT_LEMMA, "given": [X_LE_0, [[[1, -1, 0, 1, 1, 1]]]]},
    ),
    "combine: a negative multiplier of an inequality": (
        *(Invalid, ".proof[5]", "a multiplier is positive"),
        {**BELOW_LEMMA, "proof": [COMBINE, 2, 0, 3, 1, -3, *BELOW_LEMMA["proof"][6:]]},
    ),
    "combine: a negative multiplier of a strict inequality": (
        *(Invalid, ".proof[5]", "a multiplier is positive"),
        {**STRICT_LEMMA, "proof": [COMBINE, 2, 0, 1, 1, -1, *STRICT_LEMMA["proof"][6:]]},
    ),
    "combine: a strict inequality with multiplier zero": (
        *(Invalid, ".proof[5]", "a multiplier is positive"),
        {**STRICT_LEMMA, "proof": [COMBINE, 2, 0, 1, 1, 0, *STRICT_LEMMA["proof"][6:]]},
    ),
    "combine: an equality with multiplier zero": (
        *(Invalid, ".proof[3]", "not zero"),
        {**EQUAL_LEMMA, "proof": [COMBINE, 2, 0, 0, 1, -2, *EQUAL_LEMMA["proof"][6:]]},
    ),
    "combine: other multipliers make another fact": (
        *(Invalid, ".proof[14]", "do not cancel"),
        {**EQUAL_LEMMA, "proof": [COMBINE, 2, 0, -2, 1, -1, *EQUAL_LEMMA["proof"][6:]]},
    ),
    "combine: a clause is no atom": (
        *(Invalid, ".proof[2]", "combine: the fact is not an atom"),
        lemma(1, [FALSE], [COMBINE, 1, 0, 1, LEAF, 1, 1, 1], (EITHER,)),
    ),
    "combine: a max fact is no atom": (
        *(Invalid, ".proof[2]", "combine: the fact is not an atom"),
        lemma(1, [FALSE], [COMBINE, 1, 0, 1, LEAF, 1, 1, 1], (largest(var(0), var(0)),)),
    ),
    "combine: no facts": (
        *(Malformed, ".proof[1]", "a count"),
        {**EQUAL_LEMMA, "proof": [COMBINE, 0, *EQUAL_LEMMA["proof"][6:]]},
    ),
    "combine: more facts than the list could hold": (
        *(Malformed, ".proof[1]", "a count"),
        {**EQUAL_LEMMA, "proof": [COMBINE, 99, *EQUAL_LEMMA["proof"][2:]]},
    ),
    "combine: true is not the number 1": (
        *(Malformed, ".proof[1]", "a count"),
        {**EQUAL_LEMMA, "proof": [COMBINE, True, *EQUAL_LEMMA["proof"][2:]]},
    ),
    "combine: true is not the multiplier 1": (
        *(Malformed, ".proof[3]", "an integer"),
        {**EQUAL_LEMMA, "proof": [COMBINE, 2, 0, True, 1, -2, *EQUAL_LEMMA["proof"][6:]]},
    ),
    "combine: its own fact": (
        *(Malformed, ".proof[4]", "index 2 is not in 0..1"),
        {**EQUAL_LEMMA, "proof": [COMBINE, 2, 0, -2, 2, 1, *EQUAL_LEMMA["proof"][6:]]},
    ),
    "combine: a fact counted from the end": (
        *(Malformed, ".proof[4]", "index -1"),
        {**EQUAL_LEMMA, "proof": [COMBINE, 2, 0, -2, -1, 1, *EQUAL_LEMMA["proof"][6:]]},
    ),
    "combine: and nothing after it": (
        *(Malformed, ".proof", "ends in the middle"),
        {**EQUAL_LEMMA, "proof": EQUAL_LEMMA["proof"][:6]},
    ),
    "goal: only one direction of an equality": (
        *(Malformed, ".proof", "ends in the middle"),
        lemma(1, [[[[0, 0, 0, 1]]]], [GOAL, SPLIT, 1, LEAF, 2, 0, 1, 2, 1], (ge(0),)),
    ),
    "goal: only some of the goals": (
        *(Malformed, ".proof", "ends in the middle"),
        lemma(1, [X_LT_1, [[[2, 0, 0, 1]]]], [GOAL, LEAF, 2, 0, 1, 1, 1], (X_LE_0,)),
    ),
    "goal: only one part of a maximum": (
        *(Malformed, ".proof", "ends in the middle"),
        {**HAVE_MAX, "proof": HAVE_MAX["proof"][:25]},
    ),
    "have: the fact in its own proof": (
        *(Invalid, ".proof[6]", "not a contradiction"),
        lemma(1, [FALSE], [HAVE, FALSE, GOAL, LEAF, 1, 0, 1, LEAF, 1, 1, 1]),
    ),
    "have: a fact of its proof, later": (
        *(Malformed, ".proof[20]", "index 2 is not in 0..1"),
        {
            **HAVE_LEMMA,
            "proof": [HAVE, X_LT_1, HAVE, X_LE_0, GOAL, LEAF, 2, 0, 1, 1, 1, GOAL, LEAF, 2, 0, 1, 2, 1, LEAF, 1, 2, 1],
        },
    ),
    "have: a conjunction is several facts": (
        *(Malformed, ".proof[1]", "a conjunction"),
        {**HAVE_LEMMA, "proof": [HAVE, [[X_LT_1[0][0], X_LE_0[0][0]]], *HAVE_LEMMA["proof"][2:]]},
    ),
    "have: an empty disjunction": (
        *(Malformed, ".proof[1]", "at least 1"),
        {**HAVE_LEMMA, "proof": [HAVE, [], *HAVE_LEMMA["proof"][2:]]},
    ),
    "have: an empty conjunction": (
        *(Malformed, ".proof[1]", "at least 1"),
        {**HAVE_LEMMA, "proof": [HAVE, [[]], *HAVE_LEMMA["proof"][2:]]},
    ),
    "have: the largest of none": (
        *(Malformed, ".proof[1]", "at least 1"),
        {**HAVE_LEMMA, "proof": [HAVE, largest(var(0)), *HAVE_LEMMA["proof"][2:]]},
    ),
    "have: a variable that is not there": (
        *(Malformed, ".proof[1]", "index 1 is not in 0..0"),
        {**HAVE_LEMMA, "proof": [HAVE, [[[2, -1, 1, 1]]], *HAVE_LEMMA["proof"][2:]]},
    ),
    "define: a kind that is not there": (
        Malformed,
        ".proof[1]",
        "index 3",
        {**DEFINE_RELU, "proof": [DEFINE, 3, var(0)]},
    ),
    "define: itself": (
        *(Malformed, ".proof[2]", "index 1 is not in 0..0"),
        {**DEFINE_RELU, "proof": [DEFINE, 0, var(1), *DEFINE_RELU["proof"][3:]]},
    ),
    "define: the largest of none": (
        *(Malformed, ".proof[2]", "a count"),
        {**DEFINE_MAX, "proof": [DEFINE, 2, 0, *DEFINE_MAX["proof"][4:]]},
    ),
    "define: and nothing after it": (
        *(Malformed, ".proof", "ends in the middle"),
        {**DEFINE_MAX, "proof": [DEFINE, 2, 1, var(0)]},
    ),
    "define: the largest is one variable": (
        *(Malformed, ".proof[6]", "index 3 is not in 0..2"),
        lemma(2, [FALSE], [DEFINE, 2, 1, var(0), DEFINE, 0, var(3)]),
    ),
    "define: a variable of another branch": (
        *(Malformed, ".proof[11]", "index 1 is not in 0..0"),
        lemma(1, [X_LE_0], [SPLIT, 0, DEFINE, 0, var(0), LEAF, 1, 1, 1, DEFINE, 0, var(1)], (EITHER, FALSE)),
    ),
    "pick: in a lemma": (Invalid, ".proof[2]", "a lemma has no index", {**LEAF_LEMMA, "proof": [PICK, 0, 0]}),
    "merge: the leaves differ": (
        *(Invalid, ".proof[3]", "the leaves differ"),
        {**MERGE_LEMMA, "given": [*MERGE_LEMMA["given"][:2], largest(var(5), var(0), var(1))]},
    ),
    "merge: not low enough": (
        *(Invalid, ".proof[3]", "the leaves differ"),
        {**MERGE_LEMMA, "proof": [MERGE, 1, 2, 1, *MERGE_LEMMA["proof"][4:]]},
    ),
    "merge: lower than there are facts": (
        *(Malformed, ".proof[3]", "index -1"),
        {**MERGE_LEMMA, "proof": [MERGE, 1, 2, -1, *MERGE_LEMMA["proof"][4:]]},
    ),
    "merge: facts that come after": (
        *(Malformed, ".proof[3]", "index 2 is not in 0..1"),
        {**MERGE_LEMMA, "proof": [MERGE, 1, 2, 2, *MERGE_LEMMA["proof"][4:]]},
    ),
    "merge: an atom": (
        *(Invalid, ".proof[2]", "not a max fact"),
        {**MERGE_LEMMA, "given": [*MERGE_LEMMA["given"][:2], X_LE_0]},
    ),
    "merge: the leaves of the second are not opened": (
        *(Invalid, ".proof[3]", "the leaves differ"),
        {**MERGE_LEMMA, "proof": [MERGE, 2, 1, 0, *MERGE_LEMMA["proof"][4:]]},
    ),
    "elim: an atom": (Invalid, ".proof[1]", "not a max fact", {**ELIM_LEMMA, "given": [X_LE_0]}),
    "elim: the largest is not below the others": (
        *(Invalid, ".proof[8]", "do not cancel"),
        {**ELIM_LEMMA, "then": [[[[1, 0, 0, -1, 2, 1]]], ELIM_LEMMA["then"][1]]},
    ),
}


@pytest.mark.parametrize("name", REJECTED)
def test_rejected(name):
    kind, place, reason, *lemmas = REJECTED[name]
    wrong_lemma(kind, place, reason, *lemmas)


def changed(certificate, *changes):
    """The certificate with (path, value) changes."""
    found = deepcopy(certificate)
    for path, value in changes:
        at = found
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
    return found


def second(*start):
    """The example with an index, its proof beginning in another way."""
    return changed(SECOND_CERTIFICATE, (("proofs", 0), [*start, *SECOND_CERTIFICATE["proofs"][0][len(start) :]]))


def test_pick_outside_the_index():
    rejected(second(PICK, 0, 2), Malformed, "proofs[0][2]", "index 2 is not in 0..1")
    rejected(second(PICK, 0, -1), Malformed, "proofs[0][2]", "index -1")
    rejected(second(PICK, 2, 0), Malformed, "proofs[0][2]", "index 2 is not in 0..1")
    rejected(second(PICK, 1, 2), Malformed, "proofs[0][2]", "index 2 is not in 0..1")


def free(at, *steps):
    """The example with an index of which nothing is required, with other numbers from a place of its proof on."""
    proof = FREE_CERTIFICATE["proofs"][0]
    return changed(FREE_CERTIFICATE, (("proofs", 0), [*proof[:at], *steps, *proof[at + len(steps) :]]))


def test_pick_of_an_index():
    (said,) = check(data(FREE_CERTIFICATE)).statements
    assert said == "for all x in R^2 and every index w < 2: y = x[0] + x[1]; x[w] <= max(x)"
    rejected(free(3, 1), Malformed, "proofs[0][4]", "index 1 is not in 0..0")
    rejected(free(3, -1), Malformed, "proofs[0][4]", "index -1")
    rejected(free(4, 2), Malformed, "proofs[0][4]", "index 2 is not in 0..1")
    rejected(free(4, True), Malformed, "proofs[0][4]", "an index is expected")
    rejected(free(7, 0), Invalid, "proofs[0][42]", "do not cancel")  # twice that w is 0: it may be 1


def test_pick_of_a_requirement_without_an_index():
    plain = {"any": [[["<=", 0, -1, "x[0]"]]], "each": None, "where": None}
    statement = ("claim", "statements", 0)
    wrong = changed(
        second(PICK, 1, 0),
        ((*statement, "requires"), [*SECOND_CERTIFICATE["claim"]["statements"][0]["requires"], plain]),
    )
    rejected(wrong, Invalid, "proofs[0][2]", "no index")


def test_the_same_element_picked_twice_says_nothing_of_the_other():
    rejected(second(PICK, 0, 0, PICK, 0, 0), Invalid, "proofs[0][15]", "not a contradiction")


def test_steps_after_the_end():
    found = with_lemmas()
    found["proofs"][0].append(GOAL)
    rejected(found, Malformed, "proofs[0][15]", "steps after the end")


@pytest.mark.parametrize("step", [10, -1, True, None, "leaf", 1.5, [LEAF]])
def test_no_such_rule(step):
    found = with_lemmas({**LEAF_LEMMA, "proof": [step, *LEAF_LEMMA["proof"][1:]]})
    kind = "not an integer" if step == 1.5 else "index"
    with pytest.raises(Malformed, match=kind):
        check(data(found))


def test_an_empty_proof():
    wrong_lemma(Malformed, ".proof", "at least 1", {**LEAF_LEMMA, "proof": []})


def test_nothing_to_prove():
    wrong_lemma(Malformed, ".then", "at least 1", {**LEAF_LEMMA, "then": []})


def test_a_lemma_names_its_own_variables():
    """There is no lemma about the whole network."""
    wrong_lemma(Malformed, ".vars", "an index", {**LEAF_LEMMA, "vars": "network"})


def test_a_unit_of_a_lemma_reads_earlier_variables_only():
    wrong_lemma(Malformed, ".units[0]", "index 1 is not in 0..0", {**BOUNDS, "units": [[0, 1, 0, 1, 1]]})


@pytest.mark.parametrize(
    ("unit", "reason"),
    [([], "at least 1"), ([0], "at least 2"), ([0, 1], "at least 2"), ([2, 1, 0, 0, 1], "index 2 is not in 0..1")],
)
def test_a_unit_of_a_lemma_is_a_relu_or_a_step(unit, reason):
    wrong_lemma(Malformed, ".units[0]", reason, {**BOUNDS, "units": [unit]})


@pytest.mark.parametrize(
    ("atom", "reason"),
    [
        ([1, 0, 0, 2], "not primitive"),
        ([0, 0, 0, -1], "not primitive"),
        ([0, -1], "not primitive"),
        ([1, 0, 0, 0], "zero"),
        ([1, 0, 0], "pairs"),
        ([3, 0, 0, 1], "index 3"),
        ([1, 0, 0, 1, 0, 1], "increase"),
        ([True, 0, 0, 1], "an index"),
        ([1, False, 0, 1], "an integer"),
        ([1], "at least 2"),
    ],
)
def test_atoms_are_primitive(atom, reason):
    wrong_lemma(Malformed, ".given[0]", reason, {**LEAF_LEMMA, "given": [[[atom]], ONE_LE_X]})


@pytest.mark.parametrize(
    ("form", "reason"),
    [([2, 0, 0, 2], "common divisor"), ([0, 0, 0, 1], "positive"), ([-1, 0, 0, 1], "positive"), ([1, 0, 0], "pairs")],
)
def test_forms_are_in_lowest_terms(form, reason):
    wrong_lemma(Malformed, ".units[0]", reason, {**BOUNDS, "units": [[0, *form]]})


def test_merge_passes_over_units_and_other_facts():
    certificate = EXAMPLES["max of two"][0]
    proof = list(certificate["proofs"][0])
    assert proof[13:17] == [MERGE, 6, 4, 6]
    proof[16] = 0
    assert check(data(changed(certificate, (("proofs", 0), proof)))).statements


def test_merge_opens_one_fact_after_another():
    chain = [largest(var(4), var(0), var(1)), largest(var(5), var(4), var(2)), largest(var(6), var(5), var(3))]
    given = (*chain, largest(var(7), *[var(k) for k in range(4)]))
    equal = [[[0, 0, 6, 1, 7, -1]]]
    proof = [MERGE, 2, 3, 0, GOAL, SPLIT, 5, LEAF, 2, 4, -1, 6, 1, LEAF, 2, 4, 1, 6, 1]
    assert check(data(with_lemmas(lemma(8, [equal], proof, given)))).statements
    wrong_lemma(Invalid, ".proof[3]", "the leaves differ", lemma(8, [equal], [MERGE, 2, 3, 1, *proof[4:]], given))
