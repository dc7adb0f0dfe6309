"""Folds and what is stated of their nodes: the program they make, the order of the nodes, and what is no fold."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relumax.errors import ProgramError
from relumax.language.expr import brief, const, evaluate, inputs, opened, symbol, topological
from relumax.language.gadget import maximum, minimum
from relumax.language.latex import latex_of
from relumax.language.outline import Stated, fold, have
from relumax.network.compile import compile


def stated(expr):
    """The steps of the outline behind a program, the root last."""
    found = [node.data[0] for node in topological([expr]) if node.op == "call" and isinstance(node.data[0], Stated)]
    return list(dict.fromkeys(found))


@given(st.lists(st.fractions(-3, 3, max_denominator=4), min_size=1, max_size=9))
def test_a_fold_is_what_its_joins_make(values):
    assert evaluate([fold(inputs(len(values)), maximum)], values) == [max(values)]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 11])
def test_nodes_join_neighbours_and_the_odd_one_waits(n):
    steps = stated(fold(inputs(n), maximum))
    assert len(steps) == n - 1
    for one in steps:
        left, right = one.parts
        assert left.at[1] + 1 == right.at[0] and one.at == (left.at[0], right.at[1])
        assert one.numbers == (left.at[0], left.at[1], right.at[1])
        for part, where in zip(one.parts, one.where, strict=True):
            assert tuple(one.numbers[role] + offset for role, offset in where) == part.at
    assert not steps or steps[-1].at == (0, n - 1)


@pytest.mark.parametrize("n", [2, 3, 7, 8])
def test_what_is_stated_does_not_change_the_network(n):
    x = inputs(n)
    plain = x
    while len(plain) > 1:
        plain = [maximum(*plain[k : k + 2]) if k + 1 < len(plain) else plain[k] for k in range(0, len(plain), 2)]
    folded = fold(x, maximum)
    assert compile([folded], n) == compile(plain, n)
    assert opened([folded])[0] is opened(plain)[0]
    assert brief(folded) == brief(plain[0]) and latex_of(folded) == latex_of(plain[0])


def test_tuples_of_any_length():
    def two_best(left, right):
        (a, *s), (b, *t) = left, right
        best = minimum(a, b)
        for one in (*s, *t):
            best = maximum(best, one)
        return maximum(a, b), best

    program = fold([(x,) for x in inputs(5)], two_best)
    assert evaluate(program, [3, 1, 4, 1, 5]) == [5, 4]


def test_numbers_that_go_with_every_node():
    root = stated(fold(inputs(3), maximum, at=[7]))[-1]
    assert root.at == (7, 0, 2) and root.parts[0].at == (7, 0, 1) and root.numbers == (7, 0, 1, 2)


def test_leaves_stated_before():
    ranked = [have((), [k], [x]) for k, x in enumerate(inputs(2))]
    pair = have((), [1, 0, 0], parts=ranked, by=lambda a, b: a - b)
    assert pair.numbers == (0, 1) and pair.own == ((1, 0), (0, 0), (0, 0)) and pair.order == ((0, 1, 1),)
    total = fold([pair, const(Fraction(1, 2))], lambda a, b: a + b, at=[1])
    assert evaluate([total], [5, 3]) == [Fraction(5, 2)]
    assert stated(total)[-1].parts[0] is pair


def test_what_is_no_fold():
    with pytest.raises(ProgramError, match="at least one leaf"):
        fold([], maximum)
    with pytest.raises(ProgramError, match="need `by`"):
        have((), [0], parts=[have((), [0], [inputs(1)[0]])])


def test_a_symbol_is_no_input():
    with pytest.raises(ProgramError):
        evaluate([symbol("w") + inputs(1)[0]], [1])
    with pytest.raises(ProgramError):
        compile([symbol("w")], 1)
