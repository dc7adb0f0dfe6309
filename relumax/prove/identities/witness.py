"""A point where a false identity fails.

The kernel says that the terms do not add up to the maximum, and leaves the residue: on the sorted cone, the linear
combination of the gaps g_r and of terms |w . g| by which they differ. A point is sought there, and then confirmed by
evaluating the identity itself.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial

from relumax.kernel.identity import FalseIdentity
from relumax.prove.identities.public import Identity, Side


def failing_point(error: FalseIdentity) -> tuple[int, ...]:
    """Integers x_1 <= ... <= x_n at which the two sides of the rejected identity differ.

    Almost every false identity fails on {0, 1, 2}^n, where at most two gaps are not zero. Otherwise take a |w . g| of
    the residue and a point inside the cone on w . g = 0 and on no other such hyperplane: around it the residue is
    linear but for the bend of |w . g|, so it cannot vanish at the point and a small step to both sides of it.
    """
    n = error.n
    _, top, gaps, kinks = error.residue

    def residue(g: Sequence[int]) -> int:
        """The residue at the point with these gaps and x_1 = 0."""
        at = [(top + gap) * size for gap, size in zip(gaps, g, strict=True)]
        return sum(at) + sum(count * abs(_dot(word, g)) for count, word in kinks)

    def point(g: Sequence[int]) -> tuple[int, ...]:
        return tuple(sum(g[:rank]) for rank in range(n))

    if top:  # the x_n of the residue is seen alone where all gaps are 0
        return (1,) * n
    for chosen in [c for size in (1, 2) for c in combinations(range(n - 1), size)]:
        if residue(g := [int(rank in chosen) for rank in range(n - 1)]):
            return point(g)
    word = kinks[0][1]
    up, down = (next(r for r, digit in enumerate(word) if digit * sign > 0) for sign in (1, -1))
    for spread in range(2, 1000):
        g = [1 + pow(spread, rank + 1, 10007) for rank in range(n - 1)]  # some point inside, then moved onto w . g = 0
        value = _dot(word, g)
        if value:
            scale = abs(word[down if value > 0 else up])
            g = [size * scale for size in g]
            g[down if value > 0 else up] += abs(value)
        others = [other for _, other in kinks[1:]]
        if all(_dot(other, g) for other in others):
            large = 1 + sum(abs(digit) for other in [word, *others] for digit in other)  # so that a step of 1 is small
            centre = [size * large for size in g]
            for step in (0, 1, -1):
                beside = [size + step * (rank == up) for rank, size in enumerate(centre)]
                if residue(beside):
                    return point(beside)
    raise ArithmeticError("no failing point found")


def sides(identity: Identity, x: Sequence[int]) -> tuple[int, Fraction]:
    """max(x) and the sum of the terms at x. Labels are dealt to equal values together: for few different values the
    work is small."""
    return max(x), sum(
        (term.coefficient * symmetric_sum(term.a, term.b, x) for term in identity.terms), start=Fraction(0)
    )


def symmetric_sum(a: Side, b: Side, x: Sequence[int]) -> int:
    """F_{a,b}(x)."""
    room = Counter(x)
    repeats = 1
    for times in room.values():
        repeats *= factorial(times)
    held: dict[int, int] = {}

    def total(label: int) -> int:
        if label > len(x):
            return max(sum(max(held[i], held[j]) for i, j in side) for side in (a, b))
        result = 0
        for value in room:
            if room[value]:
                room[value] -= 1
                held[label] = value
                result += total(label + 1)
                room[value] += 1
        return result

    return repeats * total(1)


def _dot(word: Sequence[int], g: Sequence[int]) -> int:
    return sum(digit * size for digit, size in zip(word, g, strict=True))
