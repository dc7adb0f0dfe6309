"""A point where a false identity fails.

The kernel says that the terms do not add up to the maximum, and leaves the residue: on the sorted cone, the linear
combination of the gaps g_r and of terms |w . g| by which they differ. A point is sought where that is not 0.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, islice, pairwise
from math import factorial

from relumax.discover.identities.public import Identity, Side
from relumax.kernel.identity import FalseIdentity

WORK = 50_000_000  # products of integers: some seconds


def failing_point(error: FalseIdentity, work: int = WORK) -> tuple[int, ...] | None:
    """Integers x_1 <= ... <= x_n at which the two sides of the rejected identity differ; None if `work` is too little.

    Almost every false identity fails on {0, 1, 2}^n, where at most two gaps are not zero. Otherwise take a |w . g| of
    the residue and a point inside the cone on w . g = 0 and on no other such hyperplane: around it the residue is
    linear but for the bend of |w . g|, so it cannot vanish at the point and a small step to both sides of it.
    """
    _, top, _, kinks = error.residue
    if top:  # the x_n of the residue is seen alone where all gaps are 0
        return (1,) * error.n
    for g in islice(_gaps(error), max(1, work // (error.n * (len(kinks) + 1)))):
        x = tuple(sum(g[:rank]) for rank in range(error.n))
        if difference(error, x):
            return x
    return None


def difference(error: FalseIdentity, x: Sequence[int]) -> Fraction:
    """At x_1 <= ... <= x_n: the sum of the rejected identity's terms, minus the maximum."""
    scale, top, gaps, kinks = error.residue
    g = [after - before for before, after in pairwise(x)]
    return Fraction(top * x[-1] + _dot(gaps, g) + sum(count * abs(_dot(word, g)) for count, word in kinks), scale)


def _gaps(error: FalseIdentity) -> Iterator[list[int]]:
    """Gaps to try: those of {0, 1, 2}^n, then on w . g = 0 and beside it."""
    places, kinks = range(error.n - 1), error.residue[3]
    for chosen in [c for size in (1, 2) for c in combinations(places, size)]:
        yield [int(rank in chosen) for rank in places]
    if not kinks:
        return
    word = kinks[0][1]
    up, down = (next(r for r, digit in enumerate(word) if digit * sign > 0) for sign in (1, -1))
    large = 1 + sum(abs(digit) for _, other in kinks for digit in other)  # so that a step of 1 is small
    for spread in range(2, 1000):
        g = [1 + pow(spread, rank + 1, 10007) for rank in places]  # some point inside, then moved onto w . g = 0
        value = _dot(word, g)
        if value:
            scale = abs(word[down if value > 0 else up])
            g = [size * scale for size in g]
            g[down if value > 0 else up] += abs(value)
        for step in (0, 1, -1):
            yield [size * large + step * (rank == up) for rank, size in enumerate(g)]


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
