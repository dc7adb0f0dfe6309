"""The atoms that small formulas are made of: their orbits, chambers and kinks."""

import numpy as np
import pytest

from relumax.constructions.formula import parse
from relumax.discover.formulas.family import Family, generated, narrow, representatives

SWAPS = ("(1 2)", "(3 4)")


def atom(family, text):
    terms = dict(parse(text, family.n))
    return np.array([terms.get(pair, 0) for pair in family.pairs], np.int8)


def place(family, text):
    """The orbit that holds |text|, or None."""
    members = {one.tobytes() for one in family.images(atom(family, text)[None])}
    return next((k for k, one in enumerate(family.atoms) if {one.tobytes(), (-one).tobytes()} & members), None)


@pytest.mark.parametrize(("texts", "chambers"), [((), 120), (SWAPS, 30), (("(1 2)", "(1 2 3 4 5)"), 1)])
def test_chambers(texts, chambers):
    assert len(Family(5, texts, 1).chambers) == chambers


def test_group_and_representatives():
    group = generated([(1, 0, 2), (1, 2, 0)], 3)
    assert len(group) == 6
    assert representatives(group, 3) == [(0, 1, 2)]


def test_orbits_are_those_of_the_group():
    family = Family(4, ("(1 2)", "(1 3)(2 4)"), 2)
    k = place(family, "m13-m24")
    texts = ("m13-m24", "m14-m23")
    assert family.sizes[k] == 2 and {place(family, text) for text in texts} == {k}
    assert sum(family.sizes) == sum(Family(4, (), 2).sizes)
    assert sorted(map(len, family.lines)) == [2, 4, 4]


def test_what_is_left_out():
    family = Family(3, (), 2)
    assert place(family, "m12-x3") is not None
    assert place(family, "2m12-2x3") is None
    assert place(family, "x1-x2") is None
    assert np.gcd.reduce(family.atoms, axis=1).max() == 1
    assert not family.atoms.sum(axis=1).any()


def test_small_orbits_and_those_asked_for():
    whole = Family(4, ("(1 2)", "(3 4)"), 2)
    few = Family(4, ("(1 2)", "(3 4)"), 2, most=20)
    assert len(few.atoms) <= 20 and max(few.sizes) < max(whole.sizes)
    large = whole.atoms[[int(np.argmax(whole.sizes))]]
    assert len(Family(4, ("(1 2)", "(3 4)"), 2, also=large, most=20).atoms) == len(few.atoms) + 1


@pytest.mark.parametrize(("text", "count"), [("m12-m34", 0), ("m12+x3-m34-x1", 4), ("2m12-x3-x4", 8)])
def test_kinks_are_counted_over_all_orders(text, count):
    """One for each order in which the partial sums have both signs."""
    family = Family(4, (), 2)
    found = 0
    for ranks in representatives([(0, 1, 2, 3)], 4):
        d = [0] * 4
        for (i, j), c in parse(text, 4):
            d[max(ranks[i], ranks[j])] += c
        upper = [sum(d[r:]) for r in range(1, 4)]
        found += min(upper) < 0 < max(upper)
    kinks, k = family.kinks(), place(family, text)
    assert kinks.start[k + 1] - kinks.start[k] == found == count


@pytest.mark.parametrize(("d", "is_narrow"), [
    ([1, -1, 0], True), ([2, 1, -1], True), ([2, 2, -2], False), ([1, -1, 1], True), ([2, -1, 1], False),
    ([3, 0, -1], False),
])  # fmt: skip
def test_narrow(d, is_narrow):
    assert list(narrow(np.array([d]))) == [is_narrow]
