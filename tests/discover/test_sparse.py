"""Solutions of few atoms: the equations, what is shared by orbits, local search."""

from time import monotonic

import numpy as np
import pytest

from relumax.constructions.formula import shipped
from relumax.discover.formulas.family import Family
from relumax.discover.formulas.smallest import groups
from relumax.discover.formulas.sparse import Equations, System, exact, sparse
from tests.discover.test_family import SWAPS, place


def shipped_support(n):
    """The system of the shipped formula for n inputs, and its support."""
    family = Family(n, groups(n)[0], 2)
    support = {place(family, "".join(f"{c:+}m{i + 1}{j + 1}" for (i, j), c in d)) for d in shipped(n).sizes}
    return System(family), np.array(sorted(support))


@pytest.mark.parametrize("n", [5, 6])
def test_the_shipped_formulas_solve_the_equations(n):
    system, support = shipped_support(n)
    assert system.formula(support) == shipped(n)
    assert system.formula(support[1:]) is None


def test_rows():
    system, support = shipped_support(5)
    rows = system.rows(support)
    assert rows.shape[1] == len(support) + system.lines + 1
    assert len(rows) > system.points[0].shape[1] and (rows != 0).any(axis=1).all()
    solution = exact(
        [dict(enumerate(map(int, column))) for column in rows.T[:-1]], dict(enumerate(map(int, rows[:, -1])))
    )
    assert sorted(solution)[: len(support)] == [*range(len(support))]


def test_orbits_within_so_many_atoms():
    system, support = shipped_support(5)
    within = system.within(7)
    assert set(support) <= set(within) < set(system.shared(np.arange(len(system.sizes))))
    assert max(system.sizes[within]) <= 7
    assert len(system.within(0)) == 0


def test_cost():
    system, support = shipped_support(5)
    assert system.cost(support) == (7, 6)
    assert sum(map(len, system.maxima())) == 10


def test_the_descent_gives_each_support_once_and_never_more_atoms():
    system, _ = shipped_support(5)
    first = system.first(np.random.default_rng(0))
    lines = []
    found = list(system.descent(first, monotonic() + 20, lines.append, rounds=10))
    atoms = [system.cost(one)[0] for one in found]
    assert atoms == sorted(atoms, reverse=True) and found[0] is first
    assert len({one.tobytes() for one in found}) == len(found)
    assert lines == [f"start: {atoms[0]} atoms"]
    assert list(system.descent(first, monotonic() - 1, lines.append)) == [first]


def test_neighbours():
    system = System(Family(5, SWAPS, 2))
    support = np.arange(3)
    foreign = system.foreign(support)
    assert not foreign[support].any() and foreign.any()
    own = set(system.kinks.entries(support)[0])
    assert [len(set(system.kinks.entries(np.array([k]))[0]) - own) for k in range(40)] == list(foreign[:40])
    assert len(system.shared(np.array([int(np.argmax(foreign))]))) == 0


def test_exact():
    assert exact([{0: 2}, {1: 3}, {0: 1, 1: 1}], {0: 1, 1: 3}) == {0: pytest.approx(0.5), 1: 1}
    assert exact([{0: 2}], {1: 1}) is None


def test_a_sparse_solution_is_found():
    random = np.random.default_rng(3)
    q = np.linalg.qr(random.standard_normal((40, 12)))[0].T
    truth = np.zeros(40)
    truth[[3, 17]] = 1, -0.5
    assert sparse(Equations(q, q @ truth), np.ones(40), 0.5) == pytest.approx(truth, abs=1e-5)
