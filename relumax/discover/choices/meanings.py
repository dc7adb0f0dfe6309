"""What the units of a network are: affine forms over inputs, maxima of affine forms, and relus that are neither.

A maximum is kept up to a shift by an affine form and a positive factor, so that scaled and shifted copies are one
*atom*: max(S) for a set S of affine forms of which the least, coefficient by coefficient, is 0. For c, d > 0:

    relu(a)                           max(a, 0)
    relu(c max(S) + a)                max(c S + a, 0)
    relu(a - d max(T))                max({a} u d T) - d max(T)
    relu(c max(S) + a - d max(T))     max((c S + a) u d T) - d max(T)

and so every tree of comparisons, however it is scaled, permuted and shifted, has one atom for one set. A relu of
anything else is an atom of which no more is said, one for each direction: relu(-t) = relu(t) - t.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm

from relumax.kernel.wire import Fuel, collect, form, substitute
from relumax.network.layers import Network

Terms = tuple[tuple[int, int], ...]
Form = tuple[int, int, Terms]
"""(const + the sum of c * variable) / den, as the kernel has forms."""
Leaves = tuple[Form, ...]

ENDLESS = Fuel(1 << 200)
ZERO: Form = (1, 0, ())
MOST_LEAVES = 4096
"""Affine forms in one maximum; of more no more is said."""
LONG = 5_000
"""Coefficients of forms over inputs in a row; of one with more, that is no maximum, the opposite is not looked for."""
MOST_WORK = 4_000_000
"""Coefficients that are looked at for maxima, in all; beyond, relus are atoms of which no more is said."""


class Meanings:
    """`of[v]` is what the variable v is: inputs first, then units, layer after layer, then atoms.

    `nonnegative` says that the inputs are at least 0. `leaves[v]` are the forms that the atom v is the largest of.
    """

    def __init__(self, network: Network, nonnegative: bool = False):
        self.network = network
        self.of: dict[int, Form] = {v: (1, 0, ((v, 1),)) for v in range(network.inputs)}
        self.leaves: dict[int, Leaves] = {}
        self.first: list[int] = []  # of each layer, its first unit
        self._known: dict[Leaves, int] = {}
        self._directions: dict[Form, tuple[int, int]] = {}
        self._long: dict[Form, int] = {}
        self._least = set(range(network.inputs)) if nonnegative else set[int]()  # what is never below 0
        self._work = 0
        self._next = network.inputs + network.size
        before, v = 0, network.inputs
        for layer in network.layers:
            self.first.append(v)
            steps = set(layer.steps)
            for i, (bias, terms) in enumerate(layer.rows):
                s: Form = form(layer.den, bias, tuple([(before + j, c) for j, c in terms]))
                self.of[v] = self._atom() if i in steps else self._wide(s) or self.relu(self.over_atoms(s))
                v += 1
            before = self.first[-1]

    def over_atoms(self, value: Form) -> Form:
        """A form over inputs, units and atoms as one over inputs and atoms."""
        found: Form = substitute(value, self.of, ENDLESS)
        return found

    def _wide(self, s: Form) -> Form | None:
        """What relu(s) is, s over units, where s is long and speaks of several maxima at least: a new atom."""
        if sum(len(self.of[v][2]) for v, _ in s[2]) <= LONG:
            return None
        total: dict[int, Fraction] = {}
        for v, c in s[2]:
            for u, d in self.of[v][2]:
                if u in self.leaves:
                    total[u] = total.get(u, Fraction(0)) + Fraction(c * d, self.of[v][0])
        if sum(c > 0 for c in total.values()) < 2 and sum(c < 0 for c in total.values()) < 2:
            return None
        common = gcd(s[1], *[c for _, c in s[2]])
        t: Form = (1, s[1] // common, tuple([(v, c // common) for v, c in s[2]]))
        if t not in self._long:
            ((self._long[t], _),) = self._atom()[2]
        return self._plus(ZERO, [(self._long[t], Fraction(common, s[0]))])

    def relu(self, z: Form) -> Form:
        """What relu(z) is, z over inputs and atoms."""
        den, const, terms = z
        if not terms:
            return z if const > 0 else ZERO
        if const >= 0 and all(c > 0 and v in self._least for v, c in terms):
            return z
        if const <= 0 and all(c < 0 and v in self._least for v, c in terms):
            return ZERO
        high = [(v, c) for v, c in terms if v in self.leaves and c > 0]
        low = [(v, c) for v, c in terms if v in self.leaves and c < 0]
        if len(high) > 1 or len(low) > 1 or self._work > MOST_WORK:
            return self._opaque(z)
        if not high and not low:
            return self._of_two(z)
        rest: Form = form(den, const, tuple([(v, c) for v, c in terms if v not in self.leaves]))
        above, below = [rest], [ZERO]
        for v, c in high:
            above = [_sum(one, Fraction(c, den), rest) for one in self.leaves[v]]
        for v, c in low:
            below = [_sum(one, Fraction(-c, den), ZERO) for one in self.leaves[v]]
        self._work += sum(len(one[2]) + 1 for one in (*above, *below))
        if len(above) + len(below) > MOST_LEAVES:
            return self._opaque(z)
        top = self.largest([*above, *below])
        return self._plus(top, [(v, Fraction(c, den)) for v, c in low])

    def _of_two(self, z: Form) -> Form:
        """max(z, 0), as `largest` has it, z over no maxima and no number."""
        den, const, terms = z
        common = gcd(const, *[c for _, c in terms])
        sign = common if terms[0][1] > 0 else -common
        t: Form = (1, const // sign, tuple([(v, c // sign) for v, c in terms]))
        return self._plus(ZERO if sign > 0 else z, [(self._named((ZERO, t)), Fraction(common, den))])

    def largest(self, leaves: Iterable[Form]) -> Form:
        """The form over inputs and atoms that is the largest of some affine forms."""
        shift, scale, found = normal(leaves)
        if len(found) == 1:
            return shift
        return self._plus(shift, [(self._named(found), scale)])

    def _named(self, leaves: Leaves) -> int:
        """The atom that is the largest of these, which are `normal`."""
        if leaves not in self._known:
            ((v, _),) = self._atom()[2]
            self._known[leaves], self.leaves[v] = v, leaves
        return self._known[leaves]

    def _atom(self) -> Form:
        """A new atom, which is at least 0."""
        v = self._next
        self._next += 1
        self.of[v] = (1, 0, ((v, 1),))
        self._least.add(v)
        return self.of[v]

    def _plus(self, one: Form, more: Iterable[tuple[int, Fraction]]) -> Form:
        more = list(more)
        den = lcm(one[0], *(c.denominator for _, c in more))
        total = {v: c * (den // one[0]) for v, c in one[2]}
        for v, c in more:
            total[v] = total.get(v, 0) + int(c * den)
        found: Form = form(den, one[1] * (den // one[0]), collect(total))
        return found

    def _opaque(self, z: Form) -> Form:
        """relu(z) by the atom of its direction: c relu(t), or c relu(t) - c t for z = -c t."""
        den, const, terms = z
        common = gcd(const, *(c for _, c in terms))
        sign = 1 if terms[0][1] > 0 else -1
        t: Form = (1, const // (sign * common), tuple([(v, c // (sign * common)) for v, c in terms]))
        if t not in self._directions:
            ((v, _),) = self._atom()[2]
            self._directions[t] = v, sign
        v, known = self._directions[t]
        if sign == known:
            return self._plus(ZERO, [(v, Fraction(common, den))])
        return self._plus(z, [(v, Fraction(common, den))])  # relu(z) = relu(-z) + z


def _sum(one: Form, times: Fraction, other: Form) -> Form:
    """times * one + other."""
    n, d = times.numerator, times.denominator
    if n == d and not other[1] and not other[2]:
        return one
    den = lcm(one[0] * d, other[0])
    a, b = n * (den // (one[0] * d)), den // other[0]
    total = {v: c * b for v, c in other[2]}
    for v, c in one[2]:
        total[v] = total.get(v, 0) + c * a
    found: Form = form(den, one[1] * a + other[1] * b, collect(total))
    return found


def plus(one: Form, more: Iterable[tuple[Form, Fraction]]) -> Form:
    """A form and others, each times a number.

    >>> plus((1, 0, ((0, 1),)), [((1, 1, ((0, 2), (1, 1))), Fraction(-1, 2))])
    (2, -1, ((1, -1),))
    """
    for other, times in more:
        one = _sum(other, times, one)
    return one


def minus(one: Form, other: Form) -> Form:
    """one - other.

    >>> minus((2, 1, ((0, 1),)), (1, 0, ((0, 1),)))
    (2, 1, ((0, -1),))
    """
    return _sum(other, Fraction(-1), one)


def _before(one: tuple[Terms, int], other: tuple[Terms, int]) -> bool:
    """Whether the first coefficient in which two forms differ, or else the number, is smaller in the one.

    That does not change where the same is added to both: sets that are shifts of each other have the same least.
    """
    for (v, c), (u, d) in zip(one[0], other[0], strict=False):
        if v != u:
            return c < 0 if v < u else d > 0
        if c != d:
            return c < d
    k = min(len(one[0]), len(other[0]))
    if len(one[0]) != len(other[0]):
        return one[0][k][1] < 0 if len(one[0]) > k else other[0][k][1] > 0
    return one[1] < other[1]


def normal(leaves: Iterable[Form]) -> tuple[Form, Fraction, Leaves]:
    """A shift, a scale and a set, of which the least is 0, such that max(leaves) = shift + scale * max(set).

    Of forms that differ by a number only the larger one counts.

    >>> normal([(1, 0, ((0, 2),)), (1, 0, ((1, 2),)), (1, -3, ((1, 2),))])
    ((1, 0, ((1, 2),)), Fraction(2, 1), ((1, 0, ()), (1, 0, ((0, 1), (1, -1)))))
    """
    leaves = list(leaves)
    den = lcm(*[one[0] for one in leaves])
    best: dict[Terms, int] = {}
    for own, const, terms in leaves:
        if own != den:
            const, terms = const * (den // own), tuple([(v, c * (den // own)) for v, c in terms])
        best[terms] = max(best.get(terms, const), const)
    whole = list(best.items())
    least = whole[0]
    for one in whole:
        if _before(one, least):
            least = one
    moved = []
    for terms, const in whole:
        total = dict(terms)
        for v, c in least[0]:
            total[v] = total.get(v, 0) - c
        moved.append((const - least[1], collect(total)))
    common = gcd(*[c for const, terms in moved for c in (const, *[c for _, c in terms])]) or 1
    found = [(1, const // common, tuple([(v, c // common) for v, c in terms])) for const, terms in moved]
    return form(den, least[1], least[0]), Fraction(common, den), tuple(sorted(found))


def compared(value: Form, meanings: Meanings) -> tuple[Leaves, Leaves] | None:
    """The forms S and T of which a unit is relu(max(S) - max(T))."""
    den, const, terms = value
    inputs = meanings.network.inputs
    atoms = sorted([(Fraction(c, den), v) for v, c in terms if v >= inputs], reverse=True)
    if not 1 <= len(atoms) <= 2 or any(v not in meanings.leaves for _, v in atoms) or atoms[0][0] <= 0:
        return None
    shift: Form = (den, const, tuple([(v, c) for v, c in terms if v < inputs]))
    every = [plus(shift, [(one, atoms[0][0])]) for one in meanings.leaves[atoms[0][1]]]
    below = [ZERO]
    if len(atoms) == 2:
        if atoms[1][0] >= 0:
            return None
        below = [plus(ZERO, [(one, -atoms[1][0])]) for one in meanings.leaves[atoms[1][1]]]
    above = [one for one in every if one not in below]
    if any(v >= inputs for one in every for v, _ in one[2]) or len(above) + len(below) != len(every) or not above:
        return None
    return tuple(above), tuple(below)
