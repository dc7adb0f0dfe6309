"""The search for small formulas: the family, the linear system, and the formulas that are shipped, found again."""

import sys
from itertools import product

import pytest

from relumax.constructions.formula import parse, shipped, signed
from relumax.errors import MissingExtra
from relumax.language.expr import evaluate
from relumax.prove.smallest import Family, NoFormula, decided, exact, program, smallest, vector

pytest.importorskip("highspy")
pytest.importorskip("flint")
SWAPS = ("(1 2)", "(3 4)")


@pytest.mark.parametrize(("d", "sign"), [
    ([0, 0, 0], 1), ([-1, 0, 1], 1), ([1, 0, -1], -1), ([-1, 2, -1], 0), ([1, -2, 1], 0), ([-2, 1, 1], 1),
])  # fmt: skip
def test_signs_on_the_sorted_cone(d, sign):
    assert decided(d) == sign


def test_vectors():
    assert vector(parse("m12+x2-m34-m25", 5), (0, 1, 2, 3, 4), 5) == [0, 2, 0, -1, -1]
    assert vector(parse("2m12-x3-x4", 4), (3, 0, 1, 2), 4) == [0, -1, -1, 2]


@pytest.mark.parametrize(("generators", "chambers"), [((), 120), (SWAPS, 30), (("(1 2)", "(1 2 3 4 5)"), 1)])
def test_chambers(generators, chambers):
    assert len(Family(5, generators, 1).chambers) == chambers


def double(terms):
    return tuple((pair, 2 * c) for pair, c in terms)


def test_the_shipped_formula_solves_the_system():
    family = Family(5, SWAPS, 2)
    formula = shipped(5)
    sizes = {terms: c for terms, c in formula.sizes.items() if len(terms) > 2}
    sizes |= {double(terms): c / 2 for terms, c in formula.sizes.items() if len(terms) == 2}
    orbits = [k for k, members in enumerate(family.atoms) if members[0] in sizes]
    assert sum(len(family.atoms[k]) for k in orbits) == 7
    columns = [family.column(family.atoms[k], True) for k in orbits]
    columns += [family.column(one, False) for one in family.linear]
    target = {(chamber, (4,)): 1 for chamber in range(30)}
    solution = exact(range(len(columns)), columns, target)
    found = [sizes[family.atoms[k][0]] for k in orbits]
    assert [solution[k] for k in range(len(orbits))] == found
    assert exact(range(1, len(columns)), columns, target) is None


def test_atoms_of_one_sign_are_left_out():
    atoms = {one for members in Family(3, (), 1).atoms for one in members}
    assert signed(parse("m12-x1", 3)) not in atoms
    assert signed(parse("m12-x3", 3)) in atoms


def test_three_from_nothing():
    found = smallest(3, ("(1 2)",), degree=1)
    assert len(found.formula.sizes) == 1
    for x in product((0, 1, 2), repeat=3):
        assert evaluate([program(found.formula)], x) == [max(x)]


def test_no_formula_in_the_family():
    with pytest.raises(NoFormula):
        smallest(5, ("(1 2)", "(1 2 3 4 5)"), degree=1)


def test_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)
    with pytest.raises(MissingExtra, match=r"pip install 'relumax\[discover\]'"):
        smallest(3, ("(1 2)",), degree=1)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "generators", "atoms", "units"), [
    (5, None, 7, 19),
    (6, None, 66, 89),
])  # fmt: skip
def test_found_again_from_nothing(n, generators, atoms, units, tmp_path, monkeypatch):
    from relumax.constructions import formula
    from tests.prove.test_symmetric import certificate, check, compile, max_spec

    monkeypatch.setattr(formula, "DATA", tmp_path)
    found = smallest(n, generators, seconds=60)
    assert len(found.formula.sizes) <= atoms
    assert found.sizes.size <= units
    check(certificate(compile([program(found.formula)], n), max_spec(n)))
