from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from relumax.network.echelon import Echelon, add_multiple
from tests.strategies import reproducible

entries = st.sampled_from([-2, -1, 1, 1, 2, Fraction(1, 2)])
vectors = st.lists(st.dictionaries(st.integers(0, 5), entries, max_size=4), max_size=8)


def combination(coordinates, basis):
    total = {}
    for k, weight in coordinates.items():
        add_multiple(total, weight, basis[k])
    return total


def test_add_multiple_leaves_no_zeros_and_prefers_ints():
    target = {0: Fraction(1, 2), 1: 1}
    add_multiple(target, Fraction(1, 2), {0: 1, 1: -2})
    assert target == {0: 1}
    assert type(target[0]) is int


@reproducible
@given(vectors)
def test_taken_vectors_are_a_basis_and_coordinates_are_exact(rows):
    echelon, basis = Echelon(), []
    for row in rows:
        inside = row in echelon
        assert echelon.insert(row) is not inside
        if not inside:
            basis.append(row)
        assert len(echelon) == len(basis)
    for row in rows:
        assert row in echelon
        assert combination(echelon.coordinates(row), basis) == row


@reproducible
@given(vectors)
def test_units_are_exactly_the_unit_vectors_in_the_span(rows):
    echelon = Echelon()
    for row in rows:
        echelon.insert(row)
    assert sorted(echelon.units()) == [column for column in range(6) if {column: 1} in echelon]
