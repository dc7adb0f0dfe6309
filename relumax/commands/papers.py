"""What the two-layer constructions rest on, for reading: formula in the papers' notation, sources, why it is true.

>>> print(*explained("shallow", 5).formula, sep="\\n")
with mij = max(xi, xj), counted from 1:
4 max = m12 + m34 + 2 x5 + |m12+m34-2x5| - |m12+m34-m15-m25| - |m12+m34-m35-m45| + |m15-m34| + |m12-m35| + |m12-m45| \
+ |m25-m34|
"""

from __future__ import annotations

import json
from fractions import Fraction
from math import factorial, lcm
from typing import Any, NamedTuple

from relumax.constructions import bakaev
from relumax.constructions.formula import DATA, Sum, orbit, parse, permutation, shipped, signed, written
from relumax.constructions.identity import identity_bytes
from relumax.constructions.shallow import plan

BAKAEV = "Bakaev, Brunck, Hertrich, Stade, Yehudayoff, arXiv 2505.14338 (STOC 2026)"
RUESS = "Ruess et al., arXiv 2607.21651"
LOWER_BOUND = (
    "floats are binary fractions, and with such weights the maximum of n takes ceil(log3 n) hidden layers: "
    "two reach n = 9 at most (Averkov, Hojny, Merkert, arXiv 2502.06283, Theorem 2)"
)
WRITTEN_OUT = 12  # the most absolute values that are shown one by one


class Explanation(NamedTuple):
    """Lines of each kind."""

    formula: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    limit: tuple[str, ...] = (LOWER_BOUND,)


def explained(name: str, n: int) -> Explanation | None:
    """What max/NAME and min/NAME rest on at n, the limit alone where they are tournaments; None for other names."""
    if name == "shallow":
        k = plan(n)[1]
        return _shallow(n, k) if k > 2 else Explanation()
    if name == "bakaev":
        layers = bakaev.layers_for(n)
        return Explanation() if n < 5 else _shallow(n, 5) if n == 5 else _bakaev(n, layers)
    if name == "identity":
        return Explanation() if n < 5 else _identity(n)
    return None


def _shallow(n: int, k: int) -> Explanation:
    data = json.loads((DATA / f"max-{k}.json").read_text())
    formula, generators = shipped(k), ", ".join(data["group"])
    blocks = (
        [] if n == k else [f"over {k} blocks of inputs: xi is the maximum of one, mij that of two, in one layer less"]
    )
    if len(formula.sizes) <= WRITTEN_OUT:
        lines = ["with mij = max(xi, xj), counted from 1:", _equation(written(formula, []), {})]
    else:
        sizes = {text: len(list(orbit(_group(data), *_normal(text, k)))) for text in data["terms"]}
        lines = [
            "with mij = max(xi, xj), counted from 1, and Orb the sum over the orbit (the number says how many terms)",
            f"under the permutations that {generators} generate:",
            _equation(data, sizes),
        ]
    orders = factorial(k) // len(list(orbit(_group(data), tuple(((i, i), i + 1) for i in range(k)), _same)))
    return Explanation(
        (*blocks, *lines),
        (
            f"{BAKAEV}: two hidden layers for 5 numbers",
            f"{RUESS}: for up to 12, and one layer more for floor(k/2) times as many",
            f"the formula itself: relumax discover --n {k} --smallest",
        ),
        (
            f"{generators} keep the formula as it is: {orders:,} of the {factorial(k):,} orders of x1..x{k} are enough",
            "once the order is fixed, every mij is one of its two inputs, and every |d| that of a linear form",
            "many of these forms have one sign in the whole order: their |d| is d or -d",
            "the others fall into groups of equal ones, up to a factor, and in every group the coefficients cancel",
            "what is left is linear, and it is the largest input; `relumax prove` has the kernel check each step",
        ),
    )


def _bakaev(n: int, layers: int) -> Explanation:
    doc = bakaev.__doc__ or ""
    identity = [line.strip() for line in doc.splitlines() if line.startswith("    ")]
    s, terms = bakaev.steps(n, layers), bakaev.terms_for(n, layers)
    rest = s + (n - 3 * s + 1) // 2
    return Explanation(
        ("with mij = max(xi, xj), for any four of the numbers, x5 being the maximum of all the rest:", *identity),
        (
            f"{BAKAEV}, Claims 5 to 7",
            "what the identity leaves, maxima of 5 numbers, by the formula of relumax discover --n 5 --smallest",
        ),
        (
            "let T(a, b) be the maximum of a sums of two pairwise maxima and b numbers: wanted is T(0, n)",
            "the identity makes of T(a, b+4) nine, T(a+1, b+1) at most, as max(x1+x2, x1+x3) = x1 + max(x2, x3)",
            "one hidden layer computes all maxima of pairs: what is left of T(a, b) is a maximum of a + ceil(b/2)",
            f"steps here: {s}, and maxima of at most {rest} numbers are left for {layers - 1} layers; "
            f"all in all {terms:,} maxima, before equal ones are shared",
            "the weights are halves and quarters, and their products: binary fractions, which floats hold",
        ),
    )


def _identity(n: int) -> Explanation:
    terms = json.loads(identity_bytes(n))["terms"]
    shown = [f"  {term['coefficient']} F{{{' | '.join(map(_pairs, term['pair']))}}}" for term in terms]
    more = [f"  ... {len(shown) - WRITTEN_OUT} more"] if len(shown) > WRITTEN_OUT else []
    return Explanation(
        (
            "max = the sum of these, F{A | B} being the sum over all permutations s of max(sum of A, sum of B), and",
            "12 in A or B standing for max(x_s(1), x_s(2)):",
            *shown[:WRITTEN_OUT],
            *more,
        ),
        (
            f"{RUESS}: such identities for up to 12 numbers",
            f"the identity itself: relumax discover --n {n}",
        ),
        (
            "both sides stay as they are when inputs are permuted: one order, x1 <= x2 <= ..., is enough",
            "there every max(xi, xj) is the one with the larger index, and every summand a linear form plus one |w.g| "
            "in the gaps g between neighbours",
            "equal |w.g|, up to a factor, cancel, and what is left is linear: the largest input",
            "the kernel counts how often each arises by sets of labels, where a list of permutations would be too long",
            "and it holds the network against the identity term by term, as 2 relu(t) = t + |t|, "
            "2 max(s, t) = s + t + |s - t|",
        ),
    )


def _pairs(side: list[list[int]]) -> str:
    large = any(label > 9 for pair in side for label in pair)
    return ",".join(f"({i} {j})" if large else f"{i}{j}" for i, j in side)


def _equation(data: dict[str, Any], sizes: dict[str, int]) -> str:
    """`4 max = m12 + m34 + 2 x5 + |m12+m34-2x5| - ...`; an orbit of more than one as `Orb4|m15-m34|`."""
    weights = {text: Fraction(c) for text, c in data["terms"].items()}
    common = lcm(*(c.denominator for c in weights.values()))
    parts = []
    for text, c in weights.items():
        times = f"{abs(c * common)} " if abs(c * common) != 1 else ""
        many = "" if sizes.get(text, 1) == 1 else f"Orb{sizes[text]}" + ("" if text.startswith("|") else " ")
        parts.append(f"{'+' if c > 0 else '-'} {times}{many}{text}")
    return f"{common} max = {' '.join(parts).removeprefix('+ ')}"


def _group(data: dict[str, Any]) -> list[tuple[int, ...]]:
    return [permutation(text, data["n"]) for text in data["group"]]


def _normal(text: str, n: int) -> tuple[Sum, Any]:
    terms = parse(text.strip("|"), n)
    return (signed(terms), signed) if text.startswith("|") else (terms, _same)


def _same(terms: Sum) -> Sum:
    return terms
