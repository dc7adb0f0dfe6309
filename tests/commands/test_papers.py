"""The formulas as they are shown, and that the five lines of reasons are true of them."""

import json
import re
from collections import Counter
from fractions import Fraction
from itertools import permutations
from math import factorial

import pytest

from relumax.commands.papers import LOWER_BOUND, explained
from relumax.constructions import bakaev
from relumax.constructions.formula import DATA, parse, permutation, shipped
from relumax.constructions.shallow import FORMULAS, plan
from relumax.language.expr import evaluate, inputs


def value(text, x):
    """The value of a sum like m12+m34-2x5."""
    return sum(c * max(x[i], x[j]) for (i, j), c in parse(text, len(x)))


@pytest.mark.parametrize("x", [(3, 1, 2, 0, 1), (0, 0, 0, 0, 1), (-1, 2, 2, Fraction(1, 2), -3)])
def test_the_formula_for_five_as_it_is_shown(x):
    scale, right = re.fullmatch(r"(\d+) max = (.*)", explained("shallow", 5).formula[-1]).groups()
    total = 0
    for sign, times, bar, text in re.findall(r"(?:^|([+-]) )(?:(\d+) )?(\|?)([^ |]+)\|?", right):
        one = value(text, x)
        total += (-1 if sign == "-" else 1) * int(times or 1) * (abs(one) if bar else one)
    assert total == int(scale) * max(x)


@pytest.mark.parametrize("n", [n for n in FORMULAS if n > 5])
def test_larger_formulas_are_shown_by_their_orbits(n):
    line = explained("shallow", n).formula[-1]
    assert re.match(r"\d+ max = ", line)
    counts = [int(count) for count in re.findall(r"Orb(\d+)\|", line)]
    singles = len(re.findall(r"(?<!\d)[ -]\|", line))
    assert sum(counts) + singles == len(shipped(n).sizes)
    assert all(text.strip("|") in line for text in json.loads((DATA / f"max-{n}.json").read_text())["terms"])


@pytest.mark.parametrize("n", [n for n in FORMULAS if n < 7])
def test_the_five_reasons(n):
    """On each order of the inputs, the forms that are not of one sign cancel, and the linear rest is the largest."""
    formula, data = shipped(n), json.loads((DATA / f"max-{n}.json").read_text())
    generators = [permutation(text, n) for text in data["group"]]
    group, pending = {tuple(range(n))}, [tuple(range(n))]
    while pending:
        one = pending.pop()
        for h in generators:
            image = tuple(h[i] for i in one)
            if image not in group:
                group.add(image)
                pending.append(image)
    orders = {min(tuple(h[i] for i in order) for h in group) for order in permutations(range(n))}
    assert len(orders) == factorial(n) // len(group)
    assert f"{len(orders):,} of the {factorial(n):,} orders of x1..x{n} are enough" in explained("shallow", n).why[0]
    for order in orders:  # order[r] has rank r; the gaps are g_r = x_(r) - x_(r-1), and the coefficient of g_r a tail
        rank = {i: r for r, i in enumerate(order)}

        def tails(terms, rank=rank):
            found = [0] * n
            for (i, j), c in terms:
                for r in range(max(rank[i], rank[j]) + 1):
                    found[r] += c
            return found

        rest, kinks = [Fraction(0)] * n, Counter()
        for pair, c in formula.linear.items():
            rest = [have + c * one for have, one in zip(rest, tails([(pair, 1)]), strict=True)]
        for terms, c in formula.sizes.items():
            form = tails(terms)
            assert form[0] == 0
            if min(form) < 0 < max(form):
                scale = next(one for one in form if one)
                kinks[tuple(Fraction(one, scale) for one in form)] += c * abs(scale)
            else:
                rest = [have + c * abs(one) for have, one in zip(rest, form, strict=True)]
        assert not any(kinks.values())
        assert rest == [1] * n


def test_what_is_said_at_each_size():
    for n in range(2, 40):
        shallow, k = explained("shallow", n), plan(n)[1]
        assert len(shallow.why) == (5 if k > 2 else 0)
        assert shallow.formula[:1] != () or k == 2
        assert ("blocks" in "".join(shallow.formula)) == (2 < k < n)
        assert shallow.limit == explained("bakaev", n).limit == (LOWER_BOUND,)
    assert explained("tournament", 5) is None
    assert explained("bakaev", 4).why == ()
    assert explained("bakaev", 5).formula == explained("shallow", 5).formula


def test_bakaev_beyond_five():
    lines = explained("bakaev", 11)
    assert lines.formula[1].startswith("2 max(x1, ..., x5) = P1 + P2 + P3 + P4 + Q") and len(lines.why) == 5
    assert "steps here: 1, and maxima of at most 5 numbers are left for 2 layers; all in all 9 maxima" in lines.why[3]
    assert "arXiv 2505.14338" in lines.sources[0]


@pytest.mark.parametrize("x", [(3, 1, 2, 0, 1), (0, 1, 0, 1, -1), (1, 2, 2, 0, 3)])
def test_the_identity_of_bakaev_as_it_is_shown(x):
    named = dict(re.findall(r"([PQR]\w*) += (max\([^()]*\))", " ".join(explained("bakaev", 11).formula)))
    assert named.keys() == {"P1", "P2", "P3", "P4", "Q", "Rij"}

    def largest(text):
        return max(value(part, x) for part in text.removeprefix("max(").removesuffix(")").split(", "))

    total = sum(largest(named[name]) for name in ("P1", "P2", "P3", "P4", "Q"))
    total -= sum(largest(named["Rij"].replace("xi+xj", f"x{i}+x{j}")) for i in (1, 2) for j in (3, 4))
    assert total == 2 * max(x)


def test_terms_are_counted():
    for n in range(2, 14):
        assert evaluate([bakaev.max_bakaev(inputs(n))], range(n)) == [n - 1]
    assert [bakaev.terms_for(n, 3) for n in (10, 11, 12, 13, 14)] == [1, 9, 81, 729, 6561]


@pytest.mark.parametrize("n", [5, 6, 10])
def test_an_identity_is_shown_by_its_terms(n):
    shown = explained("identity", n)
    assert len(shown.why) == 5 and f"relumax discover --n {n}" in shown.sources[-1]
    terms = [line for line in shown.formula if re.match(r"  -?\d+/\d+ F{", line)]
    assert len(terms) == {5: 3, 6: 4, 10: 12}[n]
    assert shown.formula[-1] == ("  ... 231 more" if n == 10 else terms[-1])
    assert explained("identity", 4) == explained("bakaev", 4)


def test_the_identity_for_five_as_it_is_shown():
    """Each F summed over all permutations, from the text."""
    for x in ((3, 1, 2, 0, 1), (0, 0, 0, 0, 1), (-1, 2, 2, Fraction(1, 2), -3)):
        total = Fraction(0)
        for line in explained("identity", 5).formula[2:]:
            weight, left, right = re.fullmatch(r"  (-?\d+/\d+) F{(.*) \| (.*)}", line).groups()
            for s in permutations(x):
                sides = [sum(max(s[int(i) - 1], s[int(j) - 1]) for i, j in side.split(",")) for side in (left, right)]
                total += Fraction(weight) * max(sides)
        assert total == max(x)
