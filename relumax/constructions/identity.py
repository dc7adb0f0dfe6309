"""The maximum in two hidden layers as the symmetric identities have it, written out (Ruess et al., arXiv 2607.21651).

    max(x) = sum of c_t F_A,B(x)     F_A,B(x) = sum over all permutations s of max(A at x_s, B at x_s)

With 2 max(a, b) = a + b + |a - b|, each F_A,B is a sum of pairwise maxima mij, the same for every term of its kind, and
of the |A - B| of all permutations: equal ones are one unit. That is 107 in the second layer at n = 5, 497 at 6, 20,232
at 7 and some 174,000 at 8; `max/shallow` is far smaller up to 7. The identities were found by `relumax discover`.
"""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from itertools import combinations
from math import factorial, gcd

from relumax.constructions.formula import DATA, Pair, PairwiseFormula, Sum, orbit, signed
from relumax.constructions.registry import construction
from relumax.constructions.tournament import max_tournament
from relumax.errors import ProgramError
from relumax.language.expr import Expr, largest
from relumax.language.gadget import Gadget, maximum

SHIPPED = range(5, 12)
"""The n for which an identity is shipped."""


class Written(Gadget):
    """An identity of n numbers, written out: a gadget whose contract the kernel's door for links proves."""

    __slots__ = ("identity",)

    def __init__(self, n: int):
        formula = written_out(n)

        @cache
        def identity(*x: Expr) -> Expr:
            return formula.value({(i, j): maximum(x[i], x[j]) if i != j else x[i] for i, j in formula.pairs()})

        self.identity = identity_bytes(n)
        super().__init__(identity, None, lambda y, *x: y == largest(x), n)


def identity_bytes(n: int) -> bytes:
    """The identity shipped for n numbers, in the public format; raises ProgramError."""
    if n not in SHIPPED:
        raise ProgramError(f"no identity is shipped for n = {n}: they are for {SHIPPED[0]} to {SHIPPED[-1]}")
    return (DATA / f"identity-{n}.json").read_bytes()


def written_out(n: int) -> PairwiseFormula:
    """The identity as a formula: mij with their weights, and the |A - B| of all permutations."""
    swaps = [(*range(i), i + 1, i, *range(i + 2, n)) for i in range(n - 1)]
    linear: dict[Pair, Fraction] = {}
    sizes: dict[Sum, Fraction] = {}
    for term in json.loads(identity_bytes(n))["terms"]:
        weight = Fraction(term["coefficient"]) / 2
        difference: dict[Pair, int] = {}
        for side, sign in zip(term["pair"], (1, -1), strict=True):
            for i, j in side:
                pair = min(i, j) - 1, max(i, j) - 1
                difference[pair] = difference.get(pair, 0) + sign
                everywhere = combinations(range(n), 2) if i != j else zip(range(n), range(n), strict=True)
                for other in everywhere:
                    times = 2 * factorial(n - 2) if i != j else factorial(n - 1)
                    linear[other] = linear.get(other, Fraction(0)) + weight * times
        common = gcd(*difference.values())
        if common:
            terms = signed((pair, c // common) for pair, c in difference.items() if c)
            members = list(orbit(swaps, terms, signed))
            for one in members:
                sizes[one] = sizes.get(one, Fraction(0)) + weight * Fraction(common * factorial(n), len(members))
    return PairwiseFormula(n, {p: c for p, c in linear.items() if c}, {d: c for d, c in sizes.items() if c})


written = cache(Written)
"""One gadget for each n."""


def units_for(n: int) -> int:
    """Roughly the number of hidden units: the permutations of the labels that occur, of which equal ones are one."""
    if n < SHIPPED[0]:
        return n
    total = 0
    for term in json.loads(identity_bytes(n))["terms"]:
        labels = {label for side in term["pair"] for pair in side for label in pair}
        total += factorial(n) // factorial(n - len(labels))
    return total // 4


@construction("max", "identity", rough=lambda n: ((n - 1).bit_length() if n < 5 else 2, units_for(n)))
def max_identity(x: list[Expr]) -> Expr:
    """m = max(x) on all of R^n in two hidden layers, by an identity written out, n = 5 to 11 (n = 6: 518 units)."""
    return max_tournament(x) if len(x) < SHIPPED[0] else written(len(x))(*x)
