"""The fewest atoms, by mixed-integer programming."""

import sys
from time import monotonic

import numpy as np
import pytest

from relumax.discover.formulas import milp
from relumax.discover.formulas.family import Family
from relumax.discover.formulas.milp import Milp, fewest, independent
from relumax.discover.formulas.sparse import System
from relumax.errors import MissingExtra
from tests.discover.test_sparse import shipped_support


def ahead(seconds=60):
    return monotonic() + seconds


def larger(system):
    """A solution for five inputs with nine atoms."""
    support = system.first(np.random.default_rng(0))
    assert system.cost(support)[0] > 7
    return support


def test_fewer_atoms_are_found():
    system, support = shipped_support(5)
    lines = []
    [found] = fewest(system, larger(system), ahead(), lines.append)
    assert list(found) == list(support)
    assert lines == [
        "of the atoms of this family, with coefficients up to 0.5, a formula needs 7 or more (HiGHS)",
        "no other formula has so few",
    ]


def test_nothing_is_better_than_the_shipped_formula_for_five():
    system, support = shipped_support(5)
    lines = []
    assert list(fewest(system, support, ahead(), lines.append)) == []
    assert "needs 7 or more" in lines[0] and len(lines) == 2


def test_others_with_as_few_atoms():
    """Three inputs: 1/2 |m12 - x3| or 1/2 |m13 - m23| and so on."""
    system = System(Family(3, (), 1))
    first = system.first(np.random.default_rng(0))
    found = [one for one in fewest(system, first, ahead(), lambda line: None) if len(one) == 1]
    assert {len(system.formula(one).sizes) for one in found} == {1}
    assert len({int(k) for [k] in found}) == len(found) == 6


def test_the_bound_is_what_the_start_needs(monkeypatch):
    """All coefficients of the shipped formula for five are 1/4 or -1/4."""
    monkeypatch.setattr(milp, "LARGEST", 0.1)
    system, support = shipped_support(5)
    lines = []
    assert list(fewest(system, support, ahead(), lines.append)) == []
    assert "coefficients up to 0.25," in lines[0]


def test_without_time_nothing_is_said():
    system, support = shipped_support(5)
    lines = []
    assert list(fewest(system, support, ahead(-1), lines.append)) == lines == []


def test_no_others_are_sought_among_many_orbits(monkeypatch):
    monkeypatch.setattr(milp, "OTHERS", 10)
    system, support = shipped_support(5)
    lines = []
    assert list(fewest(system, support, ahead(), lines.append)) == []
    assert len(lines) == 1


def test_a_support_without_a_formula_is_no_start():
    system, support = shipped_support(5)
    assert list(fewest(system, support[1:], ahead(), lambda line: None)) == []


def test_program():
    system, support = shipped_support(5)
    program = Milp(system, system.within(7), 0.5)
    assert program.least() == 0
    assert list(program.solve(ahead(), support)) == list(support) and program.least() == program.atoms(support) == 7
    program.keep(7)
    assert program.solve(ahead()) is not None and not program.impossible()
    program.forbid(support)
    assert program.solve(ahead()) is None and program.impossible()


def test_a_coefficient_may_not_be_larger_than_the_bound():
    system, support = shipped_support(5)
    assert Milp(system, support, 0.5).solve(ahead()) is not None
    assert Milp(system, support, 0.2).solve(ahead()) is None


def test_nothing_is_printed(capfd):
    system, support = shipped_support(5)
    assert Milp(system, support, 0.5).solve(ahead()) is not None
    assert capfd.readouterr() == ("", "")


def test_independent():
    rows = np.array([[1, 2, 3], [2, 4, 6], [0, 1, 0], [1, 3, 3], [0, 0, 0], [0, -1, 5]])
    found = independent(rows)
    assert found[0] == 2 and len(found) == np.linalg.matrix_rank(rows[found]) == 3


def test_missing_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)
    system, support = shipped_support(5)
    with pytest.raises(MissingExtra, match=r"pip install 'relumax\[discover\]'"):
        list(fewest(system, support, ahead(), print))
