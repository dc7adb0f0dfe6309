"""The tree of orders of some numbers x_i, whose pairwise maxima M_ij are variables with a clause each:

    (x_i <= x_j and M_ij = x_j)  or  (x_i > x_j and M_ij = x_i).

A node knows a partial order: facts l <= u, closed under transitivity, and which x the decided M are. Splitting the
clause of an M that is not decided refines it, so every branch ends, in a total order at the latest. There each M is an
x, and a sum of relus or maxima of forms in x and M is linear but for kinks inside the chamber. If it is the maximum, a
linear function there, the kinks cancel (Bakaev, Brunck, Hertrich, Stade, Yehudayoff, arXiv 2505.14338; Ruess et al.,
arXiv 2607.21651): no form has to be split, and what a leaf shows is an equation between linear functions.

Signs are read off the order: a form is >= 0 if every negative unit of it lies below a positive one of its own (a
matching). For a total order that misses none: the form is a nonnegative sum of differences along the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from typing import NamedTuple

from relumax.engines.lemmas import Lemmas
from relumax.engines.orders.formula import at_most, clause, opposed, reverse
from relumax.engines.orders.sums import ONE, Farkas, Linear, Terms, add, by_cases, contradiction, per
from relumax.engines.script import Block, Fact, Step, split
from relumax.engines.search import GaveUp
from relumax.kernel.proof import variable

MOST_UNITS = 400
"""Of each sign, in a form that is compared unit by unit."""


class Order(NamedTuple):
    """What is known at a node: facts l <= u along paths, closed under transitivity, and which x a decided M is."""

    below: dict[tuple[int, int], tuple[Fact, ...]]
    decided: dict[int, tuple[int, Fact]]

    def refined(self) -> Order:
        """The order, to learn more."""
        return Order(dict(self.below), dict(self.decided))

    def learn(self, low: int, high: int, fact: Fact) -> None:
        """low <= high, and what follows."""
        if (low, high) in self.below:
            return
        unders = [(low, ())] + [(a, p) for (a, b), p in self.below.items() if b == low]
        overs = [(high, ())] + [(b, p) for (a, b), p in self.below.items() if a == high]
        for a, first in unders:
            for b, last in overs:
                if a != b:
                    self.below.setdefault((a, b), (*first, fact, *last))

    def value(self, terms: Iterable[tuple[int, int | Fraction]]) -> Linear:
        """A linear function with decided maxima replaced."""
        total: Linear = {}
        for v, c in terms:
            add(total, c, [(self.decided[v][0] if v in self.decided else v, 1)])
        return total

    def replaced(self, terms: Iterable[tuple[int, int | Fraction]], weight: Fraction = ONE) -> Farkas:
        """Facts whose sum is weight * (terms - value(terms))."""
        return [per(self.decided[v][1], v, weight * c) for v, c in terms if v in self.decided]

    def bound(self, low: Terms, high: Terms) -> Farkas | None:
        """Facts whose sum is low - high, if low <= high in this order."""
        path = self.nonnegative(self.value([*high, *opposed(low)]))
        return None if path is None else [*path, *self.replaced(low), *self.replaced(high, -ONE)]

    def nonnegative(self, form: Mapping[int, int | Fraction]) -> Farkas | None:
        """Facts whose sum is -form, if each negative unit of `form` lies below a positive one of its own.

        A form with more than MOST_UNITS of them, which no identity has that is meant, is not looked at.
        """
        if sum(max(c, -c) for c in form.values()) > 2 * MOST_UNITS:
            return None
        lows = [v for v, c in sorted(form.items()) for _ in range(int(-c))]
        highs = [v for v, c in sorted(form.items()) for _ in range(int(c))]
        if len(lows) != len(highs):
            return None
        owner: dict[int, int] = {}  # place in highs -> place in lows

        def place(low: int, tried: set[int]) -> bool:
            for k, high in enumerate(highs):
                if k not in tried and (lows[low], high) in self.below:
                    tried.add(k)
                    if k not in owner or place(owner[k], tried):
                        owner[k] = low
                        return True
            return False

        if not all(place(low, set()) for low in range(len(lows))):
            return None
        times: Counter[Fact] = Counter()
        for high, low in sorted(owner.items()):
            times.update(self.below[lows[low], highs[high]])
        return [(fact, Fraction(count)) for fact, count in times.items()]


class Orders:
    """The tree: `pairs` says of which numbers each M is the maximum; `given` are the clauses, and some x_i <= x_j."""

    def __init__(self, pairs: dict[int, tuple[int, int]], given: Sequence[Fact], lemmas: Lemmas):
        self.pairs, self.lemmas = pairs, lemmas
        self.numbers = sorted({i for pair in pairs.values() for i in pair})
        self.steps: list[Step] = []
        self.order = Order({}, {})
        self.clauses: dict[tuple[int, int], Fact] = {}
        known = {fact.value: fact for fact in given}
        for m, (i, j) in pairs.items():
            self.clauses[i, j] = known[clause(i, j, m)]
            self.steps.append(reverse(lemmas, variable(i), variable(j), variable(m), self.clauses[i, j]))
            (self.clauses[j, i],) = self.steps[-1].makes
            for k in (i, j):
                self._bound(self.steps, self.order, k, m, m)
        for i, j in permutations(self.numbers, 2):
            if at_most(i, j) in known:
                self.order.learn(i, j, known[at_most(i, j)])

    def _bound(self, steps: list[Step], order: Order, low: int, high: int, m: int) -> None:
        """low <= high, where one of them is the maximum m = M_ij, by the two cases m = x_j and m = x_i."""

        def refute(false: Fact, branch: list[Fact]) -> Farkas:
            less, equal = branch
            (k,) = [v for v, _ in equal.terms if v != m]
            path: tuple[Fact, ...] = ()
            if k not in (low, high):  # low is the other of x_i, x_j; or high is above both
                path = (less,) if high == m else order.below[k, high]
            return [(false, ONE), per(equal, m, -dict(false.terms)[m]), *[(fact, ONE) for fact in path]]

        steps.append(by_cases(at_most(low, high), self.clauses[self.pairs[m]], refute))
        order.learn(low, high, steps[-1].makes[0])

    def bounds(self, block: Block, order: Order) -> None:
        """M_ij <= e for every e above x_i and x_j: what a node starts with."""
        open_ = [m for m in self.pairs if m not in order.decided]
        for m in open_:
            i, j = self.pairs[m]
            for high in [*self.numbers, *open_]:
                if high != m and (i, high) in order.below and (j, high) in order.below and (m, high) not in order.below:
                    self._bound(block.steps, order, m, high, m)

    def settled(self, block: Block, order: Order) -> Block:
        """The maxima that the order decides, each by a split whose other branch is closed; the innermost block."""
        for m, (a, b) in self.pairs.items():
            for i, j in ((a, b), (b, a)):
                if m not in order.decided and (i, j) in order.below:
                    (less, equal), (more, other) = self.clauses[i, j].branches()
                    inner = Block([less, equal])
                    closed = Block([more, other], [contradiction([(fact, ONE) for fact in (more, *order.below[i, j])])])
                    block.steps.append(split(self.clauses[i, j], [inner, closed]))
                    block = inner
                    order.decided[m] = j, equal
        return block

    def branches(self, block: Block, order: Order, wanted: Iterable[int]) -> list[tuple[Block, Order]]:
        """Split the undecided M that is `wanted` most often: where either branch goes on, and its order."""
        uses = Counter(wanted)
        undecided = [m for m in self.pairs if m not in order.decided]
        if not undecided:
            raise GaveUp("not the maximum: in some order of the inputs what is undecided does not cancel")
        i, j = self.pairs[max(undecided, key=lambda m: (uses[m], -m))]
        found, blocks = [], []
        for (less, equal), (low, high) in zip(self.clauses[i, j].branches(), ((i, j), (j, i)), strict=True):
            finer = order.refined()
            finer.learn(low, high, less)
            finer.decided[next(v for v, _ in equal.terms if v not in (i, j))] = high, equal
            blocks.append(Block([less, equal]))
            found.append((self.settled(blocks[-1], finer), finer))
        block.steps.append(split(self.clauses[i, j], blocks))
        return found
