"""Finding symmetric identities: classes, columns, solutions, and proofs that there is none."""

import json
import resource
import sys
from fractions import Fraction
from itertools import combinations, combinations_with_replacement, permutations, product
from math import factorial, inf, lcm

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relumax.discover.identities import (
    Found,
    Identity,
    MissingFlint,
    NoSolution,
    Run,
    Term,
    discover,
    from_public,
    linear,
    to_public,
)
from relumax.discover.identities.denominators import localise
from relumax.discover.identities.expansion import Expander, unpack
from relumax.discover.identities.graphs import Catalogue, Family, automorphisms, canonical, pair_edges
from relumax.discover.identities.sketch import PRIMES, folded, sketched
from relumax.discover.identities.system import System
from relumax.discover.identities.witness import difference, failing_point, sides, symmetric_sum
from relumax.kernel.identity import FalseIdentity, check_identity
from tests.running import relumax

# ------------------------------------------------------------------------------------------------------------ classes


def cycle_types(n, largest=None):
    """The partitions of n, each with one permutation of that cycle type and the number of such permutations."""
    if n == 0:
        yield [], 1
    for length in range(min(n, largest or n), 0, -1):
        for rest, _ in cycle_types(n - length, length):
            lengths = [length, *rest]
            size = factorial(n)
            for different in set(lengths):
                size //= different ** lengths.count(different) * factorial(lengths.count(different))
            yield lengths, size


def permutation(lengths):
    image, first = {}, 0
    for length in lengths:
        image.update((first + i, first + (i + 1) % length) for i in range(length))
        first += length
    return image


def is_forest(pairs):
    trees = []
    for pair in pairs:
        touching = [tree for tree in trees if tree & set(pair)]
        if any(set(pair) <= tree for tree in touching):
            return False
        trees = [tree for tree in trees if tree not in touching] + [set(pair).union(*touching)]
    return True


def cycles_of(pairs):
    """How many pairs a multigraph has more than a forest on its labels."""
    trees = []
    for pair in pairs:
        touching = [tree for tree in trees if tree & set(pair)]
        trees = [tree for tree in trees if tree not in touching] + [set(pair).union(*touching)]
    return len(pairs) - sum(len(tree) - 1 for tree in trees)


def burnside(n, k, family):
    """The number of pairs (A, B) up to relabelling and exchange: the mean number that a symmetry leaves alone. The
    symmetry s with exchange fixes (A, sA) for each A that s twice fixes."""
    labels = combinations_with_replacement(range(n), 2) if family.sides == "loops" else combinations(range(n), 2)
    pairs = sorted(labels)

    def moved(side, image):
        return tuple(sorted(tuple(sorted((image[i], image[j]))) for i, j in side))

    def member(a, b):
        return not set(a) & set(b) and cycles_of(a + b) <= family.cycles

    total = 0
    for m in range(1, k + 1):
        sides = [side for side in combinations_with_replacement(pairs, m) if cycles_of(side) <= family.cycles]
        sides = [side for side in sides if family.sides != "forest" or is_forest(side)]
        for lengths, size in cycle_types(n):
            image = permutation(lengths)
            fixed = [side for side in sides if moved(side, image) == side]
            total += size * sum(member(a, b) for a in fixed for b in fixed)
            twice = {label: image[image[label]] for label in image}
            total += size * sum(member(a, moved(a, image)) for a in sides if moved(a, twice) == a)
    linear = 1 + (family.sides == "loops" and family.cycles > 0)
    return total // (2 * factorial(n)) + linear


@pytest.mark.parametrize(
    ("n", "k", "sides", "cycles", "count"),
    [
        (5, 2, "forest", 0, 9),
        (5, 2, "forest", inf, 14),
        (5, 2, "simple", 1, 19),
        (5, 2, "simple", inf, 22),
        (5, 2, "loops", 0, 9),
        (5, 2, "loops", 1, 41),
        (5, 2, "loops", inf, 98),
        (6, 2, "loops", 2, 93),
        (6, 3, "forest", 0, None),
        (6, 3, "forest", 1, None),
        (4, 3, "forest", inf, None),
        (3, 4, "loops", inf, None),
        (4, 2, "loops", 2, None),
    ],
)
def test_the_number_of_classes(n, k, sides, cycles, count):
    catalogue, family = Catalogue(), Family(sides, cycles)
    classes = catalogue.classes(n, k, family)
    assert len(set(classes)) == len(classes) == burnside(n, k, family)
    assert count in (len(classes), None)
    for graph in classes:
        a, b = catalogue.pairs(graph)
        assert 1 <= len(a) == len(b) <= k
        assert a == b or not set(a) & set(b)
        assert a == b or cycles_of(a + b) <= cycles
        assert catalogue.classify(pair_edges(a, b)) == graph


@pytest.mark.parametrize(
    ("n", "k", "cycles", "count"), [(7, 3, 0, 69), (7, 3, inf, 198), (8, 3, 0, 118), (9, 4, 0, 879), (10, 4, 0, 1535)]
)
def test_the_number_of_larger_classes(n, k, cycles, count):
    """As counted elsewhere, with other code, for sides that are forests."""
    assert len(Catalogue().classes(n, k, Family("forest", cycles))) == count


@pytest.mark.parametrize("loop", [False, True])
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_common_pairs_only_add_a_linear_term(loop, data):
    """F_{A+C,B+C} = F_{A,B} + F_{C,C}, and F_{C,C} = |C| F_{12,12} or |C| F_{11,11}: why sides share no pair."""
    label = st.integers(1, 4)
    side = st.lists(st.tuples(label, label), min_size=2, max_size=2)
    a, b, x = data.draw(side), data.draw(side), data.draw(st.lists(st.integers(-5, 5), min_size=4, max_size=4))
    pair = data.draw(st.tuples(label, label).filter(lambda pair: (pair[0] == pair[1]) == loop))
    linear = [(1, 1)] if loop else [(1, 2)]
    assert symmetric_sum([*a, pair], [*b, pair], x) == symmetric_sum(a, b, x) + symmetric_sum(linear, linear, x)


labels = st.integers(1, 5)
pairs = st.lists(st.tuples(labels, labels), min_size=1, max_size=4)


@given(pairs, pairs, st.permutations(range(1, 6)))
def test_relabelling_keeps_the_class(a, b, order):
    moved = [[(order[i - 1], order[j - 1]) for i, j in side] for side in (a, b)]
    catalogue = Catalogue()
    graph = catalogue.classify(pair_edges(a, b))
    assert catalogue.classify(pair_edges(*moved)) == graph
    assert catalogue.classify(pair_edges(b, a)) == catalogue.exchanged(graph)
    assert catalogue.exchanged(catalogue.exchanged(graph)) == graph


@given(pairs, pairs)
def test_symmetries_are_counted(a, b):
    def form(side, image):
        return sorted(tuple(sorted((image[i - 1], image[j - 1]))) for i, j in side)

    identity = range(1, 6)
    here = [form(a, identity), form(b, identity)]
    count = sum([form(a, s), form(b, s)] in (here, here[::-1]) for s in permutations(identity))
    catalogue = Catalogue()
    assert catalogue.symmetries(catalogue.classify(pair_edges(a, b)), 5) == count


def test_canonical_form_of_a_cycle_has_to_search():
    cycle = [(i, (i + 1) % 6, 1, 0) for i in range(6)]
    for order in list(permutations(range(6)))[::97]:
        moved = tuple((min(order[i], order[j]), max(order[i], order[j]), a, b) for i, j, a, b in cycle)
        assert canonical(moved) == canonical(tuple(cycle))
    assert automorphisms(canonical(tuple(cycle))) == 12


# ------------------------------------------------------------------------------------------------------------ columns


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 3).flatmap(lambda k: st.tuples(*[st.lists(st.tuples(labels, labels), min_size=k, max_size=k)] * 2)),
    st.lists(st.integers(-5, 5), min_size=5, max_size=5).map(sorted),
)
def test_a_column_is_the_sum_over_all_permutations(both, x):
    a, b = both
    catalogue = Catalogue()
    column = Expander(catalogue).column(catalogue.classify(pair_edges(a, b)), 5)
    digits = unpack(column.vectors, 5)
    assert 2 * symmetric_sum(a, b, x) == column.linear @ x + column.counts @ np.abs(digits @ x)
    for row in digits:
        tails = np.cumsum(row[::-1])
        assert min(tails) < 0 < max(tails)
        assert np.gcd.reduce(row) == 1
        assert row[np.flatnonzero(row)[-1]] > 0


def test_symmetric_sum_by_definition():
    x = (3, -1, 0, 0)
    a, b = ((1, 2), (3, 3)), ((2, 4), (1, 3))
    total = sum(max(max(s[0], s[1]) + s[2], max(s[1], s[3]) + max(s[0], s[2])) for s in permutations(x))
    assert symmetric_sum(a, b, x) == total


# ----------------------------------------------------------------------------------------- sketches, and linear algebra


def test_a_sketch_depends_on_equations_and_not_on_their_order():
    keys, values, prime = np.array([5, 1 << 62, 9, 77]), np.array([3, -1, 0, 10**12]), PRIMES[0]
    row = sketched(keys, values, prime, 50)
    assert np.array_equal(row, sketched(keys[::-1], values[::-1], prime, 50))
    parts = [sketched(keys[at : at + 1], values[at : at + 1], prime, 50).astype(np.int64) for at in range(4)]
    assert np.array_equal(row, sum(parts) % prime)
    assert not parts[2].any()
    assert 1 <= np.count_nonzero(parts[0]) <= 3
    assert np.array_equal(folded(row, 20, prime), (np.pad(row, (0, 10)).reshape(3, 20).astype(np.int64).sum(0) % prime))
    assert np.array_equal(folded(row, 60, prime), row)


@pytest.mark.parametrize("apart", [False, True])
def test_echelon_forms_and_solutions(monkeypatch, apart):
    """In this process and in another."""
    monkeypatch.setattr(linear, "_LARGE", 0 if apart else 1 << 20)
    columns = np.array([[1, 2, 0], [2, 4, 0], [0, 1, 5], [3, 0, 1], [1, 3, 5]], np.uint32)
    assert linear.reduced(columns, 7) == ([0, 2, 3], [1, 1, 0])
    rows = np.array([[2, 1], [0, -3]])
    assert linear.solved(rows, [1, 1]) == [Fraction(2, 3), Fraction(-1, 3)]


def test_a_process_that_dies_is_told(monkeypatch):
    monkeypatch.setattr(linear, "_LARGE", 0)
    with pytest.raises(MemoryError, match=r"the linear algebra of 2 x 2 entries ended"):
        linear.solved(np.array([[1, 1], [1, 1]]), [1, 2])  # no full rank: an error in the other process


# ---------------------------------------------------------------------------------------------------------- solutions


@pytest.mark.parametrize(
    ("n", "most"),
    [
        (2, 1),
        (3, 1),
        (4, 1),
        (5, 4),
        (6, 4),
        (7, 22),
        (8, 24),
        (9, 140),
        pytest.param(10, 250, marks=pytest.mark.slow),
    ],
)
def test_discover(n, most):
    found = discover(n)
    assert isinstance(found, Found)
    assert len(found.identity.terms) <= most
    assert found.theorem.sha256 == check_identity(found.public).sha256
    assert from_public(found.public) == found.identity
    degree = max(1, (n - 1) // 2)
    for term in found.identity.terms:
        assert len(term.a) == len(term.b) <= degree
        assert term.a == term.b or is_forest(term.a + term.b) or n == 10
    x = [1] * (n - 2) + [4, 2]
    assert sides(found.identity, x) == (4, 4)


@pytest.mark.parametrize(
    ("n", "family", "most"),
    [(5, "loops", 3), (6, "forest", 4), (6, "simple", 4), (6, "loops", 4), (7, "simple", 24), (7, "loops", 17)],
)
def test_other_families(n, family, most):
    found = discover(n, family=family)
    assert isinstance(found, Found)
    assert len(found.identity.terms) <= most


def test_the_seed_and_only_the_seed_decides():
    assert discover(7).public == discover(7).public
    assert discover(7, run=Run(workers=2)).public == discover(7).public
    others = {discover(7, seed=seed).public for seed in (1, 1, 2, 3)}
    assert 1 < len(others) <= 3


def test_a_degree_may_be_larger_than_needed():
    assert isinstance(discover(4, 2), Found)
    assert isinstance(discover(5, 3, "forest"), Found)


MAX_6 = [
    ([(1, 2), (1, 2)], [(3, 4), (3, 4)]),
    ([(1, 2), (1, 3)], [(1, 4), (5, 6)]),
    ([(1, 2), (1, 3)], [(4, 5), (4, 6)]),
    ([(1, 2), (3, 4)], [(1, 3), (5, 6)]),
]


def test_a_given_list():
    found = discover(6, family=[*MAX_6, MAX_6[0]])
    assert isinstance(found, Found)
    assert sorted(term.coefficient for term in found.identity.terms) == [
        Fraction(-1, 360),
        Fraction(-1, 1440),
        Fraction(1, 720),
        Fraction(1, 360),
    ]
    assert isinstance(discover(6, family=MAX_6[:3]), NoSolution)


def test_progress_goes_through_the_stages():
    seen = []
    discover(7, family="simple", run=Run(progress=lambda stage, done, total: seen.append((stage, done, total))))
    assert [stage for stage, _, _ in seen] == ["expand"] * 4 + ["eliminate"]
    assert seen[3] == ("expand", 456, 456)


# -------------------------------------------------------------------------------------------------------- no solution


def column_values(n, equation, a, b):
    """The coefficient of an equation in 2 F_{a,b}, by listing all permutations."""
    total = 0
    for ranks in permutations(range(1, n + 1)):
        forms = [[0] * n, [0] * n]
        for form, side in zip(forms, (a, b), strict=True):
            for i, j in side:
                form[max(ranks[i - 1], ranks[j - 1]) - 1] += 1
        difference = [q - p for p, q in zip(*forms, strict=True)]
        tails = [sum(difference[rank:]) for rank in range(n)]
        if isinstance(equation, int):
            total += forms[0][equation - 1] + forms[1][equation - 1]
            sign = (min(tails) >= 0) - (max(tails) <= 0)
            total += sign * difference[equation - 1]
        elif min(tails) < 0 < max(tails):
            factor = np.gcd.reduce(difference)
            total += factor * (tuple(d // factor for d in difference) in (equation, tuple(-d for d in equation)))
    return int(total)


@pytest.mark.parametrize(("n", "degree", "family"), [(5, 1, "loops"), (5, 1, "forest"), (6, 1, "loops")])
def test_no_solution_has_a_certificate(n, degree, family):
    none = discover(n, degree, family)
    assert isinstance(none, NoSolution)
    assert none.modulus is None
    catalogue = Catalogue()
    classes = catalogue.classes(n, degree, Family(family))
    assert len(classes) == none.unknowns
    for graph in classes:
        a, b = catalogue.pairs(graph)
        assert sum(y * column_values(n, equation, a, b) for equation, y in none.combination.items()) == 0
    assert none.combination[n] != 0


@pytest.mark.parametrize(("n", "degree"), [(7, 2), (8, 2), (9, 3)])
def test_floor_of_half_n_minus_one_is_needed(n, degree):
    assert isinstance(discover(n, degree), NoSolution)


@pytest.mark.parametrize(
    ("n", "degree", "family"), [(3, 1, "loops"), (4, 2, "loops"), (5, 2, "loops"), (6, 2, "simple")]
)
def test_no_binary_fractions(n, degree, family):
    none = discover(n, degree, family, denominators=2)
    assert isinstance(none, NoSolution)
    assert none.modulus == 3
    catalogue = Catalogue()
    for graph in catalogue.classes(n, degree, Family(family))[::7]:
        a, b = catalogue.pairs(graph)
        value = sum(y * column_values(n, equation, a, b) for equation, y in none.combination.items())
        assert value % catalogue.symmetries(graph, n) == 0
        assert value // catalogue.symmetries(graph, n) % 3 == 0
    assert 2 * none.combination[n] % 3 != 0


def weights(identity):
    catalogue = Catalogue()
    return [
        term.coefficient * catalogue.symmetries(catalogue.classify(pair_edges(term.a, term.b)), identity.n)
        for term in identity.terms
    ]


@pytest.mark.parametrize("n", [5, 6, 7, 8])
def test_all_odd_primes_up_to_n_are_enough(n):
    base = 30 if n < 7 else 210
    found = discover(n, denominators=base)
    assert isinstance(found, Found)
    common = lcm(*(weight.denominator for weight in weights(found.identity)))
    assert base**20 % common == 0
    assert all(common % p == 0 for p in (3, 5, 7) if p <= n)


def test_two_is_needed_as_well():
    none = discover(5, family="loops", denominators=15)
    assert isinstance(none, NoSolution)
    assert none.modulus == 16


def test_a_needless_prime_is_removed():
    """The mean of two solutions with weights 1/11 and 10/11 has 11 in its denominators."""
    catalogue = Catalogue()
    classes = catalogue.classes(5, 2, Family("loops"))
    candidates = [catalogue.pairs(graph) for graph in classes]
    expander = Expander(catalogue)
    system = System(5, [expander.column(graph, 5) for graph in classes])
    mixed = {}
    for seed, share in ((0, Fraction(1, 11)), (1, Fraction(10, 11))):
        for term in discover(5, family="loops", seed=seed).identity.terms:
            t = candidates.index((term.a, term.b))
            mixed[t] = mixed.get(t, 0) + share * term.coefficient
    assert system.holds(mixed)
    assert any(c.denominator % 11 == 0 for c in mixed.values())
    mended = localise(system, candidates, mixed, 30, 2**31 - 1)
    assert system.holds(mended)
    assert not any(c.denominator % 11 == 0 for c in mended.values())


# -------------------------------------------------------------------------------------------- interrupted, and misused


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_an_interrupted_run_goes_on(tmp_path, cut):
    path = tmp_path / "checkpoint"

    def stop(stage, done, total):
        if done == 256:
            raise Interrupted

    with pytest.raises(Interrupted):
        discover(7, family="simple", run=Run(progress=stop, resume=path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size - cut])
    seen = []
    run = Run(progress=lambda stage, done, total: seen.append(done), resume=path)
    assert discover(7, family="simple", run=run).public == discover(7, family="simple").public
    assert seen[0] == (256 + 128 if cut == 0 else 128 + 128)
    assert not path.exists()


@pytest.mark.parametrize("room", [0, 100, 160, 1000, 3000])
def test_a_full_disk_is_said_with_the_file_and_loses_nothing(tmp_path, room):
    path = tmp_path / "checkpoint"

    def less() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = relumax("discover", "--n", 6, "--degree", 3, "--resume", path, preexec_fn=less)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"relumax: {path}: File too large\n")
    assert path.stat().st_size == room
    assert discover(6, 3, run=Run(resume=path)).public == discover(6, 3).public and not path.exists()


def test_the_checkpoint_of_another_search_is_an_error(tmp_path):
    path = tmp_path / "checkpoint"

    def stop(stage, done, total):
        raise Interrupted

    with pytest.raises(Interrupted):
        discover(7, run=Run(progress=stop, resume=path))
    before = path.read_bytes()
    run = Run(resume=path)
    for other in (lambda: discover(8, run=run), lambda: discover(7, family="simple", run=run)):
        with pytest.raises(ValueError, match="no checkpoint of this search"):
            other()
    assert path.read_bytes() == before
    path.write_text("something of the user's")
    with pytest.raises(ValueError, match="no checkpoint of this search"):
        discover(7, run=run)
    assert path.read_text() == "something of the user's"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 1}, "n = 1 is not in 2..12"),
        ({"n": 13}, "n = 13 is not in 2..12"),
        ({"n": 5, "degree": 0}, "degree 0"),
        ({"n": 5, "degree": 16}, "degree 16"),
        ({"n": 5, "cycles": -1}, "cycles -1"),
        ({"n": 5, "family": "trees"}, "unknown family 'trees'; known are tree, forest"),
        ({"n": 5, "family": "list"}, "unknown family 'list'"),
        ({"n": 5, "family": MAX_6}, "labels in 1..5"),
        ({"n": 6, "family": [([(1, 2)], [(1, 2), (1, 3)])]}, "equal size"),
        ({"n": 6, "family": []}, "no members"),
    ],
)
def test_arguments_that_make_no_sense(arguments, message):
    with pytest.raises(ValueError, match=message):
        discover(**arguments)


def test_without_flint_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(MissingFlint) as caught:
        discover(10)
    assert "pip install 'relumax[discover]'" in str(caught.value)
    assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------------------- format and witness


def test_the_public_format():
    identity = Identity(2, (Term(Fraction(1, 2), ((1, 2),), ((1, 2),)),))
    assert to_public(identity) == b'{"n":2,"terms":[{"coefficient":"1/2","pair":[[[1,2]],[[1,2]]]}]}\n'
    assert from_public(to_public(identity)) == identity
    assert str(identity.terms[0]) == "1/2 F{1,2 | 1,2}"


@pytest.mark.parametrize("n", [5, 6, 7])
def test_a_false_identity_fails_at_a_point(n):
    identity = discover(n).identity
    for place, unit in product(range(0, len(identity.terms), 3), (1, -1)):
        terms = list(identity.terms)
        terms[place] = terms[place]._replace(coefficient=terms[place].coefficient + Fraction(unit, 7))
        wrong = identity._replace(terms=tuple(terms))
        with pytest.raises(FalseIdentity) as caught:
            check_identity(to_public(wrong))
        x = failing_point(caught.value)
        left, right = sides(wrong, x)
        assert len(x) == n
        assert right - left == difference(caught.value, x) != 0


@pytest.mark.parametrize(
    ("terms", "point"),
    [
        ([("1", ((1, 2),))], (1, 1, 1, 1)),
        ([("1/24", ((1, 1),))], (0, 1, 1, 1)),
        ([("-1/24", ((1, 4), (2, 3)), ((1, 2), (1, 3))), ("1/16", ((2, 3), (3, 4)), ((1, 2), (1, 3)))], (0, 0, 1, 2)),
    ],
)
def test_the_point_is_a_simple_one(terms, point):
    wrong = Identity(4, tuple(Term(Fraction(c), both[0], both[-1]) for c, *both in terms))
    with pytest.raises(FalseIdentity) as caught:
        check_identity(to_public(wrong))
    assert failing_point(caught.value) == point
    left, right = sides(wrong, point)
    assert left != right


def test_a_residue_that_vanishes_on_zeros_ones_and_twos():
    """|2g - h| - |g - h| - g is 0 wherever g and h are 0 or 1, and not at g = 1, h = 2, say."""
    kinks = [(1, (2, -1)), (-1, (1, -1))]
    x = failing_point(FalseIdentity(3, (2, 0, [-1, 0], kinks)))
    g, h = x[1] - x[0], x[2] - x[1]
    assert min(g, h) > 0
    assert abs(2 * g - h) - abs(g - h) - g != 0


def test_a_point_is_looked_for_no_longer_than_asked():
    kinks = [(1, (2, -1)), (-1, (1, -1))]
    assert failing_point(FalseIdentity(3, (2, 0, [-1, 0], kinks)), work=9) is None
    assert failing_point(FalseIdentity(3, (2, 0, [0, 0], kinks)), work=0) == (0, 1, 1)


def test_discover_writes_json_that_others_can_read():
    found = json.loads(discover(5).public)
    assert found.keys() == {"n", "terms"}
    assert all(term.keys() == {"coefficient", "pair"} for term in found["terms"])
