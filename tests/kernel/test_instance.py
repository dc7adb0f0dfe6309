"""INSTANCE: each way to misuse it is rejected by kind, place and reason, and what its operands may be."""

import pytest

from relumax.kernel import Invalid, Malformed, check
from tests.kernel.examples import (
    BOUNDS,
    CARRY,
    DEFINE,
    FALSE,
    FORM_LEMMA,
    GOAL,
    HAVE,
    HAVE_LEMMA,
    HEAD_LEMMA,
    INSTANCE,
    LEAF,
    MEAN_CERTIFICATE,
    STEP_BOUNDS,
    SUM_LEMMA,
    UNIT_LEMMA,
    X_LE_0,
    data,
    ge,
    lemma,
    var,
    with_lemmas,
)
from tests.kernel.test_rules import changed, rejected, wrong_lemma

# what is wrong -> kind, place in the last lemma, reason, lemmas
REJECTED = {
    "itself": (
        *(Malformed, ".proof[1]", "index 1 is not in 0..0"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [INSTANCE, 1, *SUM_LEMMA["proof"][2:]]},
    ),
    "the hypothesis is no fact": (
        *(Invalid, ".proof[5]", "not hypothesis 0"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "given": [[[[1, -1, 0, 1, 1, 1]]]]},
    ),
    "the hypothesis of other arguments": (
        *(Invalid, ".proof[5]", "not hypothesis 0"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [INSTANCE, 0, 1, [1, 0, 0, 1, 1, 2], *SUM_LEMMA["proof"][4:]]},
    ),
    "a hypothesis is left out": (
        *(Invalid, ".proof[4]", "another number of hypotheses"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [*SUM_LEMMA["proof"][:4], 0, *SUM_LEMMA["proof"][6:]]},
    ),
    "a hypothesis too many": (
        *(Invalid, ".proof[4]", "another number of hypotheses"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [*SUM_LEMMA["proof"][:4], 2, 0, *SUM_LEMMA["proof"][5:]]},
    ),
    "a hypothesis that is to come": (
        *(Malformed, ".proof[5]", "index 1 is not in 0..0"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [*SUM_LEMMA["proof"][:5], 1, *SUM_LEMMA["proof"][6:]]},
    ),
    "a hypothesis counted from the end": (
        *(Malformed, ".proof[5]", "index -1"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [*SUM_LEMMA["proof"][:5], -1, *SUM_LEMMA["proof"][6:]]},
    ),
    "too few values": (
        *(Invalid, ".proof[2]", "another number of variables"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [INSTANCE, 0, 0, *SUM_LEMMA["proof"][4:]]},
    ),
    "too many values": (
        *(Invalid, ".proof[2]", "another number of variables"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [INSTANCE, 0, 2, *SUM_LEMMA["proof"][3:4], 0, *SUM_LEMMA["proof"][4:]]},
    ),
    "no unit is named": (
        *(Invalid, ".proof[2]", "another number of variables"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [INSTANCE, 0, 1, *UNIT_LEMMA["proof"][3:4], *UNIT_LEMMA["proof"][5:]]},
    ),
    "more units are named than there are": (
        *(Invalid, ".proof[2]", "another number of variables"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [INSTANCE, 0, 3, *UNIT_LEMMA["proof"][3:5], 2, *UNIT_LEMMA["proof"][5:]]},
    ),
    "a unit of another form": (
        *(Invalid, ".proof[4]", "variable 2 is not unit 0"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [INSTANCE, 0, 2, [1, 0, 0, -1, 1, 1], *UNIT_LEMMA["proof"][4:]]},
    ),
    "a unit of another bias": (
        *(Invalid, ".proof[4]", "variable 2 is not unit 0"),
        BOUNDS,
        {**UNIT_LEMMA, "units": [[0, 1, 1, 0, 1, 1, -1]]},
    ),
    "a unit of another denominator": (
        *(Invalid, ".proof[4]", "variable 2 is not unit 0"),
        BOUNDS,
        {**UNIT_LEMMA, "units": [[0, 2, 0, 0, 1, 1, -1]]},
    ),
    "a unit of the other kind": (
        *(Invalid, ".proof[4]", "variable 2 is not unit 0"),
        BOUNDS,
        {**UNIT_LEMMA, "units": [[1, 1, 0, 0, 1, 1, -1]]},
    ),
    "a step for a relu": (
        *(Invalid, ".proof[4]", "variable 2 is not unit 0"),
        STEP_BOUNDS,
        UNIT_LEMMA,
    ),
    "a variable that is no unit": (
        *(Invalid, ".proof[4]", "variable 1 is not unit 0"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [*UNIT_LEMMA["proof"][:4], 1, *UNIT_LEMMA["proof"][5:]]},
    ),
    "a unit counted from the end": (
        *(Malformed, ".proof[4]", "index -1"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [*UNIT_LEMMA["proof"][:4], -1, *UNIT_LEMMA["proof"][5:]]},
    ),
    "the form of a unit in a unit's place": (
        *(Malformed, ".proof[4]", "an index"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [*UNIT_LEMMA["proof"][:4], [2], *UNIT_LEMMA["proof"][5:]]},
    ),
    "true is not the unit 1": (
        *(Malformed, ".proof[4]", "an index"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [*UNIT_LEMMA["proof"][:4], True, *UNIT_LEMMA["proof"][5:]]},
    ),
    "a unit of a huge number": (
        *(Malformed, ".proof[4]", "an index"),
        BOUNDS,
        {**UNIT_LEMMA, "proof": [*UNIT_LEMMA["proof"][:4], str(2**64), *UNIT_LEMMA["proof"][5:]]},
    ),
    "a unit declared later": (
        *(Malformed, ".proof[4]", "index 1 is not in 0..0"),
        BOUNDS,
        lemma(1, [X_LE_0], [INSTANCE, 0, 2, 0, 1, 0, DEFINE, 0, var(0)]),
    ),
    "units that do not follow": (
        *(Invalid, ".proof[13]", "variable 2 is not unit 1"),
        CARRY,
        lemma(1, [FALSE], [DEFINE, 0, var(0), DEFINE, 1, var(0), DEFINE, 0, [1, 0, 0, -1], INSTANCE, 0, 2, 0, 1, 0]),
    ),
    "units that end before the lemma's": (
        *(Invalid, ".proof[7]", "variable 2 is not unit 1"),
        CARRY,
        lemma(1, [FALSE], [DEFINE, 0, var(0), INSTANCE, 0, 2, 0, 1, 0]),
    ),
    "a unit that was forgotten with its branch": (
        *(Malformed, ".proof[16]", "index 1 is not in 0..0"),
        BOUNDS,
        lemma(
            1,
            [X_LE_0],
            [HAVE, X_LE_0, DEFINE, 0, var(0), GOAL, LEAF, 2, 0, 1, 2, 1, INSTANCE, 0, 2, 0, 1, 0],
            (X_LE_0,),
        ),
    ),
    "a variable whose number was a unit's in a branch": (
        *(Invalid, ".proof[20]", "variable 1 is not unit 0"),
        BOUNDS,
        lemma(
            1,
            [X_LE_0],
            [HAVE, X_LE_0, DEFINE, 0, var(0), GOAL, LEAF, 2, 0, 1, 2, 1]  # noqa: RUF005
            + [DEFINE, 2, 1, var(0), INSTANCE, 0, 2, 0, 1, 0],
            (X_LE_0,),
        ),
    ),
    "an argument that is no variable": (
        *(Malformed, ".proof[3]", "index 2 is not in 0..1"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [INSTANCE, 0, 1, 2, *SUM_LEMMA["proof"][4:]]},
    ),
    "true is not the variable 1": (
        *(Malformed, ".proof[3]", "an index"),
        HAVE_LEMMA,
        {**SUM_LEMMA, "proof": [INSTANCE, 0, 1, True, *SUM_LEMMA["proof"][4:]]},
    ),
    "the head of a fact that is no max fact": (
        *(Invalid, ".proof[3]", "not a max fact"),
        HAVE_LEMMA,
        {**HEAD_LEMMA, "proof": [INSTANCE, 0, 1, -1, *HEAD_LEMMA["proof"][4:]]},
    ),
    "the head of a fact to come": (
        *(Malformed, ".proof[3]", "index 2 is not in 0..1"),
        HAVE_LEMMA,
        {**HEAD_LEMMA, "proof": [INSTANCE, 0, 1, -3, *HEAD_LEMMA["proof"][4:]]},
    ),
    "the form of a variable that is no unit": (
        *(Invalid, ".proof[3]", "variable 1 is not a unit"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, 2, [1], *FORM_LEMMA["proof"][4:]]},
    ),
    "the form of a unit to come": (
        *(Malformed, ".proof[3]", "index 3 is not in 0..2"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, 2, [3], *FORM_LEMMA["proof"][4:]]},
    ),
    "the form of a unit counted from the end": (
        *(Malformed, ".proof[3]", "index -1"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, 2, [-1], *FORM_LEMMA["proof"][4:]]},
    ),
    "the form of true": (
        *(Malformed, ".proof[3]", "an index"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, 2, [True], *FORM_LEMMA["proof"][4:]]},
    ),
    "an empty form": (
        *(Malformed, ".proof[3]", "at least 2"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, 2, [], *FORM_LEMMA["proof"][4:]]},
    ),
    "a count that is not there": (
        *(Malformed, ".proof[2]", "a count"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, True, *FORM_LEMMA["proof"][3:]]},
    ),
    "a negative count": (
        *(Malformed, ".proof[2]", "a count"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, -1, *FORM_LEMMA["proof"][3:]]},
    ),
    "more values than the list could hold": (
        *(Malformed, ".proof[2]", "a count"),
        BOUNDS,
        {**FORM_LEMMA, "proof": [INSTANCE, 0, 99, *FORM_LEMMA["proof"][3:]]},
    ),
}


@pytest.mark.parametrize("name", REJECTED)
def test_rejected(name):
    kind, place, reason, *lemmas = REJECTED[name]
    wrong_lemma(kind, place, reason, *lemmas)


def test_a_lemma_at_inputs_without_its_symmetry():
    """|x0 - 2 x1| is no relu(x1 - x0): at exchanged inputs no unit has the lemma's forms."""
    wrong = changed(MEAN_CERTIFICATE, (("network", "layers", 0, "rows"), [[0, 0, 1, 1, -1], [0, 0, -1, 1, 2]]))
    wrong["lemmas"][1]["units"][1] = [0, 1, 0, 0, -1, 1, 2]
    rejected(wrong, Invalid, "proofs[0][12]", "variable 3 is not unit 0")


def test_any_unit_of_the_form_will_do():
    """Two units of one form: the instance speaks of the one that it names."""
    twice = ([0, 1, 0, 0, 1], [0, 1, 0, 0, 1])
    for named in (1, 2):
        proof = [INSTANCE, 0, 2, 0, named, 0, GOAL, LEAF, 2, 2, 1, 4, 1]
        assert check(data(with_lemmas(BOUNDS, lemma(1, [ge(named)], proof, units=twice)))).statements
        other = lemma(1, [ge(3 - named)], proof, units=twice)
        wrong_lemma(Invalid, ".proof[12]", "do not cancel", BOUNDS, other)


def test_units_in_a_row_need_one_name():
    forward = [DEFINE, 0, var(0), DEFINE, 0, [1, 0, 0, -1]]
    for named in ([1], [1, 2]):
        proof = [*forward, INSTANCE, 0, 1 + len(named), 0, *named, 0, *[GOAL, LEAF, 1, 2, 1]]
        with pytest.raises(Invalid, match="do not cancel"):  # the instance is made; it does not prove x <= 0
            check(data(with_lemmas(CARRY, lemma(1, [X_LE_0], proof))))
