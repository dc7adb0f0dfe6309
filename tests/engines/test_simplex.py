"""The exact simplex against z3, and its explanations against arithmetic."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import z3

from relumax.engines.simplex import Simplex, divide, integral
from relumax.kernel.wire import EQ, LE, LT, atom, collect


def random_atom(draw: random.Random, variables: int, big: bool):
    size = 10**12 if big else 4
    terms = {v: draw.randint(-size, size) for v in draw.sample(range(variables), draw.randint(0, min(3, variables)))}
    return atom(draw.choice([EQ, LE, LE, LT]), draw.randint(-size, size), collect(terms))


def contradiction(multipliers, atoms) -> bool:
    """Whether the multipliers (of positions in `atoms`) make a false constant, as the kernel's rule asks."""
    total, const, strict = {}, Fraction(0), False
    for k, weight in multipliers.items():
        relation, c, terms = atoms[k]
        assert weight > 0 or (relation == EQ and weight != 0)
        strict = strict or relation == LT
        const += weight * c
        for v, d in terms:
            total[v] = total.get(v, 0) + weight * d
    return not any(total.values()) and (const > 0 or (const == 0 and strict))


def satisfiable(atoms) -> bool:
    solver = z3.Solver()
    x = z3.Reals("x0 x1 x2 x3 x4 x5")
    for relation, const, terms in atoms:
        left = z3.RealVal(const) + z3.Sum([c * x[v] for v, c in terms]) if terms else z3.RealVal(const)
        solver.add(left == 0 if relation == EQ else left <= 0 if relation == LE else left < 0)
    return solver.check() == z3.sat


def verdict(atoms):
    """Multipliers of a contradiction, or None."""
    simplex = Simplex()
    for k, one in enumerate(atoms):
        found = simplex.add(one, k)
        if found is not None:
            return found
    return simplex.check()


@pytest.mark.parametrize("big", [False, True])
def test_random_systems(big):
    draw = random.Random(1001 + big)
    print(f"seed {1001 + big}")
    outcomes = {True: 0, False: 0}
    for _ in range(250):
        variables = draw.randint(1, 5)
        atoms = [random_atom(draw, variables, big) for _ in range(draw.randint(1, 9))]
        found = verdict(atoms)
        outcomes[found is None] += 1
        assert (found is None) == satisfiable(atoms), atoms
        if found is not None:
            whole = integral(found)
            assert contradiction(whole, atoms) and all(type(m) is int for m in whole.values())
    assert min(outcomes.values()) > 20


def test_asserting_and_retracting():
    """A walk up and down the stack: at each height the answer is that of the atoms in force."""
    draw = random.Random(77)
    print("seed 77")
    for _ in range(25):
        simplex, stack, marks = Simplex(), [], []
        for _ in range(25):
            if marks and draw.random() < 0.4:
                height, mark = marks.pop()
                del stack[height:]
                simplex.retract(mark)
            else:
                marks.append((len(stack), simplex.mark()))
                one = random_atom(draw, 4, False)
                found = simplex.add(one, len(stack))
                stack.append(one)
                found = found or simplex.check()
                assert (found is None) == satisfiable(stack)
                if found is not None:
                    assert contradiction(integral(found), stack)
                    height, mark = marks.pop()
                    del stack[height:]
                    simplex.retract(mark)
        assert (simplex.check() is None) == satisfiable(stack)


@pytest.mark.parametrize(
    ("atoms", "multipliers"),
    [
        ([(LE, 1, ())], {0: 1}),
        ([(LT, 0, ())], {0: 1}),
        ([(EQ, 5, ())], {0: 1}),
        ([(EQ, -5, ())], {0: -1}),
        ([(LE, 0, ())], None),
        ([(LE, -1, ())], None),
        ([(EQ, 0, ())], None),
        ([(LT, 0, ((0, 1),)), (LT, 0, ((0, -1),))], {0: 1, 1: 1}),
        ([(LE, 0, ((0, 1),)), (LE, 0, ((0, -1),))], None),
        ([(LE, 0, ((0, 1),)), (LT, 0, ((0, -1),))], {0: 1, 1: 1}),
        ([(EQ, -1, ((0, 2),)), (EQ, -1, ((0, 3),))], {0: 3, 1: -2}),
        ([(EQ, -1, ((0, 2),)), (LE, 1, ((0, -1),))], {0: 1, 1: 2}),
    ],
)
def test_small_systems(atoms, multipliers):
    found = verdict(atoms)
    if multipliers is None:
        assert found is None
    else:
        whole = integral(found)
        assert whole.keys() == multipliers.keys() and contradiction(whole, atoms)
        assert whole in (multipliers, {k: -m for k, m in multipliers.items()})


def test_the_same_questions_give_the_same_multipliers():
    draw = random.Random(5)
    atoms = [random_atom(draw, 5, False) for _ in range(40)]
    assert repr(verdict(atoms)) == repr(verdict(atoms)) and verdict(atoms) is not None


def test_exact_division():
    assert divide(6, 3) == 2 and type(divide(6, 3)) is int
    assert divide(1, 3) == Fraction(1, 3) and type(divide(Fraction(4, 2), Fraction(1, 2))) is int
    assert integral({"a": Fraction(1, 2), "b": Fraction(-1, 3), "c": 0}) == {"a": 3, "b": -2}
