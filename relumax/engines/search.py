"""The goal-directed case tree: how a goal is refuted by splits and Farkas leaves.

To refute `objective > 0` the search substitutes what is known by equations (outputs, decided units, cuts) into the
objective, from the last variable to the first, and splits the first unit met with a positive coefficient: only its
upper bound needs cases, lower bounds h >= 0 and h >= t are atoms. With the cuts v - w = t of opposing units this gives
2n leaves for a tournament; without them the tree explodes. Branches that the exact simplex refutes are closed at once.
A branch may be closed without what it supposes, as the Farkas multipliers of all its leaves show: then its proof is one
of the whole split, which is left out with the branches to come (backjumping, as SAT solvers call it).
Every choice is syntactic and every multiplier comes from exact arithmetic, so the bytes depend on no solver's model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from relumax.engines.script import GOAL, OPEN, SPLIT, Block, Fact, Step, Value, facts_of, leaf
from relumax.engines.simplex import Exact, Multipliers, Simplex, divide, integral
from relumax.kernel.proof import OR, negation
from relumax.kernel.wire import EQ, LE, LT

QUICK = 12  # leaves of a case tree for one clause beyond which it pays to look ahead
SHARE = 8  # a branch of at least this part of a search's leaves is no small one
MAX_DEPTH = 300  # splits inside splits: well within Python's recursion limit


Close = Callable[[list[Fact], list[Fact], list[Fact]], Block]


class GaveUp(Exception):
    """The search found no proof within its budget; the argument says why."""


class Search:
    """Atoms in force, clauses still open, and what variables are known to equal."""

    def __init__(self, max_leaves: int = 20_000):
        self.simplex = Simplex()
        self.leaves, self.max_leaves, self.depth = 0, max_leaves, 0
        self.units: dict[int, Fact] = {}  # variable -> its clause, while undecided
        self.largest: dict[int, Fact] = {}  # defined maximum -> its clause "m is one of them", while undecided
        self.clauses: list[Fact] = []  # other clauses, while undecided
        self.atoms: list[Fact] = []  # what was taken for good, in its order
        self.equal: dict[int, tuple[int, dict[int, int]]] = {}  # variable v: k * v = sum of the terms
        self.conflict: Multipliers | None = None
        self.small = 0  # leaves after which branches are handed back instead of closed (`cubes`); 0: never
        self.handed: list[tuple[tuple[int, ...], Block]] = []  # the branches taken on the way to each, and its block
        self.guide: list[int] = []  # the branches that lead to where the search begins
        self.path: list[int] = []

    def assume(self, facts: Iterable[Fact]) -> None:
        """Take atoms and clauses as given (for good)."""
        for fact in facts:
            if fact.value[0] > LT:
                if fact.value[0] == OR:
                    self.clauses.append(fact)
            else:
                self.atoms.append(fact)
                self.conflict = self.conflict or self.simplex.add(fact.value, fact)

    def define(self, fact: Fact, variable: int) -> None:
        """Use an equality fact to replace `variable` in objectives."""
        terms = dict(fact.value[2])
        weight = terms.pop(variable)
        self.equal[variable] = weight, {v: -c for v, c in terms.items()}

    def prove(self, goals: Sequence[Value]) -> Block:
        """A block that proves these goals, each from scratch; raises GaveUp."""
        before = self.simplex.mark(), dict(self.units), dict(self.largest), list(self.clauses), dict(self.equal)
        try:
            return self._prove(goals)
        except GaveUp:  # leave nothing of the branch that was open in force
            mark, self.units, self.largest, self.clauses, self.equal = before
            self.simplex.retract(mark)
            self.depth, self.path = 0, []
            raise

    def _prove(self, goals: Sequence[Value]) -> Block:
        blocks, node = [], _Node(self)
        for goal in goals:
            supposed = [one for value in negation(goal) for one in facts_of(value)]
            objectives = [f for f in supposed if f.value[0] <= LT]
            opened = [f for f in supposed if f.value[0] == OR]
            blocks.append(node.close(supposed, objectives, opened))
        return Block([], [Step(GOAL, [], _used(blocks), blocks=blocks)])

    def _close(self, facts: list[Fact], objectives: list[Fact], opened: list[Fact]) -> Block:
        """A block that refutes `facts` together with what is in force; `opened` clauses of the goal go first."""
        mark = self.simplex.mark()
        found = self.conflict
        for fact in facts:
            if fact.value[0] <= LT:
                found = found or self.simplex.add(fact.value, fact)
        if not self.guide:
            found = found or self.simplex.check()
        if found is not None:
            block = Block(facts, [leaf(integral(found))])
            self.leaves += 1
        else:
            if self.depth >= MAX_DEPTH:
                raise GaveUp(f"the case tree is more than {MAX_DEPTH} splits deep")
            if self.leaves > self.max_leaves:
                raise GaveUp(f"the case tree has more than {self.max_leaves} leaves")
            self.depth += 1
            block = Block(facts, [self._split(objectives, opened)])
            self.depth -= 1
        self.simplex.retract(mark)
        return block

    def _split(self, objectives: list[Fact], opened: list[Fact]) -> Step:
        if opened:
            clause, *rest = opened
            return self._cases(clause, lambda close, branch: close(branch, objectives + branch, rest))
        place, variable = self._choose(objectives)
        if place is None:
            clause = self.clauses.pop(variable)
            step = self._cases(clause, partial(self._by_clause, objectives))
            self.clauses.insert(variable, clause)
            return step
        clause = place.pop(variable)
        step = self._cases(clause, partial(self._by_unit, objectives, variable))
        place[variable] = clause
        return step

    def _cases(self, clause: Fact, closed: Callable[[Close, list[Fact]], Block]) -> Step:
        """The split of a clause; or what closes a branch without what that supposes, and so closes all of them."""
        node, blocks = _Node(self), list[Block]()
        for branch in clause.branches():
            block = closed(node.close, branch)
            last = block.steps[-1]
            if node.whole and not any(fact in branch for fact in last.uses):
                return last
            blocks.append(block)
        return Step(SPLIT, [clause], [clause, *_used(blocks)], blocks=blocks)

    def _by_clause(self, objectives: list[Fact], close: Close, branch: list[Fact]) -> Block:
        new = [f for f in branch if f.value[0] == EQ and f.value[2] and f.last[0] not in self.equal]
        for fact in new:
            self.define(fact, fact.last[0])
        block = close(branch, objectives, [])
        for fact in new:
            self.equal.pop(fact.last[0], None)
        return block

    def _by_unit(self, objectives: list[Fact], variable: int, close: Close, branch: list[Fact]) -> Block:
        known = next((f for f in branch if f.value[0] == EQ), None)
        before = self.equal.get(variable)
        if known is not None and variable in dict(known.value[2]):
            self.define(known, variable)
        bounds = [f for f in branch if f.value[0] in (LE, LT)]  # when the goal has nothing left to split, these do
        block = close(branch, objectives + bounds, [])
        if before is None:
            self.equal.pop(variable, None)
        else:
            self.equal[variable] = before
        return block

    def _choose(self, objectives: list[Fact]) -> tuple[dict[int, Fact] | None, int]:
        """Which clause to split: (table, variable), or (None, position in `clauses`)."""
        first: tuple[dict[int, Fact], int] | None = None
        second: tuple[dict[int, Fact], int] | None = None
        left: set[int] = set()  # what the objectives come down to
        for fact in objectives:
            weights: dict[int, Exact] = {v: -c for v, c in fact.value[2]}
            while weights and first is None:
                v = max(weights)
                weight = weights.pop(v)
                if v in self.equal:
                    scale, terms = self.equal[v]
                    for u, c in terms.items():
                        total = weights.get(u, 0) + divide(weight * c, scale)
                        if total:
                            weights[u] = total
                        else:
                            weights.pop(u, None)
                    continue
                left.add(v)
                for table in (self.largest, self.units):
                    if v in table:
                        if weight > 0 or fact.value[0] == EQ:
                            first = first or (table, v)
                        second = second or (table, v)
        relevant = left if first is None else set()
        for position, clause in enumerate(self.clauses):
            if relevant and any(v in relevant for branch in clause.value[1] for atom in branch for v, _ in atom[2]):
                return None, position
        if first is not None or second is not None:
            return first or second  # type: ignore[return-value]
        if self.clauses:
            return None, 0
        for table in (self.units, self.largest):
            if table:
                return table, max(table)
        raise GaveUp("every case is decided and no contradiction is left")


def _used(blocks: Sequence[Block]) -> list[Fact]:
    """What blocks use of the facts outside of them."""
    return list(dict.fromkeys(fact for one in blocks for fact in one.steps[-1].uses if fact not in one.supposed))


class _Node:
    """The branches of a split, one after another: which of them are closed here, and which are handed back.

    Once a search has had its leaves, a branch is handed back if the one before it was no small part of the work, or was
    handed back in part. That depends on what is searched and on nothing else.
    """

    def __init__(self, search: Search):
        self.search, self.leaves, self.handed, self.next = search, search.leaves, len(search.handed), 0
        self.only = search.guide.pop(0) if search.guide else None
        self.whole = False  # whether the last branch is closed, and all of it here

    def close(self, facts: list[Fact], objectives: list[Fact], opened: list[Fact]) -> Block:
        """The block of the next branch, which is open if it is left to others."""
        search, number, before = self.search, self.next, len(self.search.handed)
        self.next += 1
        self.whole = False
        if self.only is not None and number != self.only:
            return Block(facts, [Step(OPEN, [])])
        if self.only is None and number and 0 < search.small < search.leaves:
            large = (search.leaves - self.leaves) * SHARE >= search.small
            if large or len(search.handed) > self.handed:
                block = Block(facts, [Step(OPEN, [])])
                search.handed.append(((*search.path, number), block))
                return block
        search.path.append(number)
        block = search._close(facts, objectives, opened)
        search.path.pop()
        self.whole = self.only is None and len(search.handed) == before
        return block


class Lookahead(Search):
    """A case tree that looks before it splits: always the clause of which the fewest branches are possible.

    For a goal that is itself a choice of conjunctions: where the facts decide which of them is true, what says that it
    is false has no possible branch, and the others need not be looked at.
    """

    def _prove(self, goals: Sequence[Value]) -> Block:
        self.clauses += [*self.units.values(), *self.largest.values()]
        blocks = []
        for goal in goals:
            supposed = [one for value in negation(goal) for one in facts_of(value)]
            opened = [f for f in supposed if f.value[0] == OR]
            self.clauses += opened
            blocks.append(self._close(supposed, [], []))
            del self.clauses[len(self.clauses) - len(opened) :]
        return Block([], [Step(GOAL, [], _used(blocks), blocks=blocks)])

    def _split(self, objectives: list[Fact], opened: list[Fact]) -> Step:
        best, place = 1 << 30, -1
        for k, clause in enumerate(self.clauses):
            possible = self._possible(clause, best)
            if possible < best:
                best, place = possible, k
            if not possible:
                break
        if place < 0:
            raise GaveUp("every case is decided and no contradiction is left")
        clause = self.clauses.pop(place)
        step = self._cases(clause, lambda close, branch: close(branch, [], []))
        self.clauses.insert(place, clause)
        return step

    def _possible(self, clause: Fact, enough: int) -> int:
        """How many branches of the clause are possible; counting stops at `enough`."""
        count = 0
        for branch in clause.value[1]:
            mark = self.simplex.mark()
            found = None
            for one in branch:
                found = found or self.simplex.add(one, None)
            count += (found or self.simplex.check()) is None
            self.simplex.retract(mark)
            if count >= enough:
                break
        return count
