"""Maxima of maxima: what follows from `head = max(children)` facts alone, one lemma for each pattern.

From M = max(h, c), h = max(a, b) follows M = max(a, b, c), and from M = max(a, b, c), h = max(a, b) follows
M = max(h, c). A lemma sees every form as a variable of its own, so it depends on the pattern only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from relumax.engines.lemmas import Form, Lemma, Lemmas
from relumax.engines.script import ELIM, Block, Fact, Step, Value, argument, facts_in, facts_of
from relumax.engines.search import QUICK, GaveUp, Lookahead, Search
from relumax.kernel.proof import MAX, OR, Context, variable
from relumax.kernel.wire import EQ, LE, difference


class Maxima:
    """The max facts known in a context; `steps` grows by what is derived and defined."""

    def __init__(self, lemmas: Lemmas, steps: list[Step], facts: Iterable[Fact] = ()):
        self.lemmas, self.steps = lemmas, steps
        self.heads: dict[Form, Fact] = {}
        self.flat: dict[Form, Fact] = {}  # of its leaves alone
        for fact in facts:
            self.know(fact)

    def know(self, fact: Fact) -> None:
        """A max fact; the first one with a head counts."""
        self.heads.setdefault(fact.value[1], fact)

    def leaves(self, head: Form) -> Fact:
        """head = max(leaves): forms that are heads of no fact."""
        if head not in self.flat:
            fact = self.heads[head]
            inner = [self.leaves(child) for child in fact.value[2] if child in self.heads and child != head]
            if inner:
                known = {one.value[1]: one.value[2] for one in inner}
                below = [leaf for child in fact.value[2] for leaf in known.get(child, (child,))]
                fact = self._follows((MAX, head, tuple(dict.fromkeys(below))), [fact, *inner])
            self.flat[head] = fact
        return self.flat[head]

    def fact(self, value: Value) -> Fact:
        """A max fact that follows from those known; raises GaveUp."""
        _, head, children = value
        known = [self.leaves(one) for one in dict.fromkeys([head, *children]) if one in self.heads]
        for fact in known:
            if fact.value == value:
                return fact
        return self._follows(value, known)

    def _follows(self, value: Value, facts: Sequence[Fact]) -> Fact:
        self.steps.append(follows(self.lemmas, value, facts))
        return self.steps[-1].makes[0]


Relation = tuple[int, Form, Form, Fact]
"""EQ or LE, two forms, and the fact that they are so related."""


def follows(lemmas: Lemmas, value: Value, facts: Sequence[Fact], relations: Sequence[Relation] = ()) -> Step:
    """Have a max fact that follows from others, and from how elements of them are related."""
    values = [*[fact.value for fact in facts], value]
    forms = list(dict.fromkeys(form for one in values for form in (one[1], *one[2])))
    place: dict[Form, Form] = {form: variable(v) for v, form in enumerate(forms)}
    *given, then = [(MAX, place[one[1]], tuple(place[child] for child in one[2])) for one in values]
    given += [difference(place[one], place[other], relation) for relation, one, other, _ in relations]
    shape = Lemma(len(forms), [], given, [then])
    number = lemmas.number(("maxima", *given, then), lambda: shape, all_taken_apart)
    known = [*facts, *[fact for *_, fact in relations]]
    return lemmas.instance(number, [argument(form) for form in forms], forms, known)


def eliminate(fact: Fact) -> Step:
    """From h = max(S): s <= h for each s of S, then the clause `h = s` for some s."""
    head, children = fact.value[1], fact.value[2]
    made = [Fact(difference(child, head, LE)) for child in children]
    return Step(ELIM, [fact], [fact], made + facts_of((OR, tuple((difference(head, c, EQ),) for c in children))))


def take_apart(fact: Fact, search: Search) -> Step:
    """The same, and the search knows it."""
    step = eliminate(fact)
    *bounds, last = step.makes
    search.assume(bounds)
    if last.value[0] == OR and fact.head[2]:
        search.largest[fact.last[0]] = last
    else:
        search.assume([last])
    return step


def from_given(context: Context) -> Block:
    """The goals of a lemma without units of its own, from its facts: first the clauses of units, by their variable."""
    try:
        return _from_given(context, Search(max_leaves=QUICK * len(context.goals)))
    except GaveUp:
        return _from_given(context, Lookahead())


def _from_given(context: Context, search: Search) -> Block:
    steps = []
    for k in range(len(context.facts)):
        fact = Fact(context.fact(k, ""), k)
        if fact.value[0] == MAX:
            steps.append(take_apart(fact, search))
        elif (unit := _unit_of(fact.value)) is not None:
            search.units[unit] = fact
        else:
            search.assume([fact])
    return Block([], [*steps, *search.prove(context.goals).steps])


def _unit_of(value: Value) -> int | None:
    """h, if the clause is one that says that h is a unit: its first branch ends in h = 0."""
    if value[0] != OR or len(value[1]) != 2 or any(len(branch) != 2 for branch in value[1]):
        return None
    relation, const, terms = value[1][0][1]
    h = terms[0][0] if terms else -1
    return h if (relation, const, terms) == (EQ, 0, ((h, 1),)) else None


def all_taken_apart(context: Context) -> Block:
    """The goals of a lemma from its facts, of which those about maxima are taken apart."""
    facts = facts_in(context)
    maxima = [fact for fact in facts if fact.value[0] == MAX]
    return taken_apart(maxima, [fact for fact in facts if fact.value[0] != MAX], context.goals)


def taken_apart(maxima: Sequence[Fact], facts: Sequence[Fact], goals: Sequence[Value]) -> Block:
    """The goals from max facts, taken apart, and other facts."""
    search = Search()
    search.assume(facts)
    steps = [take_apart(fact, search) for fact in maxima]
    return Block([], [*steps, *search.prove(goals).steps])
