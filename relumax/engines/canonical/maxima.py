"""Atoms that are maxima: each is the largest of a set of leaves, and there is one for each set.

A leaf is an input, or an element of what the statement takes a maximum of; of a smallest, leaves have a minus. Sets are
integers, a bit for each leaf. Two atoms of the sets S and T give that of S u T, by DEFINE, as the largest of the two.
Where S u T has an atom already, both are merged with the largest of the leaves, and what is defined is renamed to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from relumax.engines.canonical.table import Table, solved
from relumax.engines.lemmas import Form
from relumax.engines.maxima import eliminate
from relumax.engines.script import MERGE, Fact, Step, combine
from relumax.engines.search import GaveUp
from relumax.kernel.proof import EQ, difference
from relumax.kernel.wire import collect, form

MOST_MERGED = 400_000
"""Looks at max facts and children in all merges of a proof: beyond, trees of one set are too many and too different."""

MOST_TURNED = 6
"""Terms of a form that is a difference of two maxima of two, each written by the other family."""


class Maxima:
    """The sets of atoms, and the max facts between them."""

    def __init__(self, table: Table):
        self.table = table
        self.written: dict[int, Form] = {}  # of a leaf or maximum: the variable, or minus it
        self.sets: dict[int, int] = {}
        self.by_set: dict[int, int] = {}
        self.leaves: list[int] = []
        self.flat: dict[int, Fact] = {}  # of a set: the largest of its leaves
        self.pairs: dict[tuple[int, int], Fact] = {}
        self.facts: dict[int, list[Fact]] = {}  # of an atom: what it is the largest of two of
        self.apart: dict[Fact, Sequence[Fact]] = {}
        self.merged = 0
        self.chained = False  # whether the statement says what is the largest of maxima

    def leaf(self, v: int, sign: int) -> None:
        """A new leaf; for maxima if the sign is 1, for minima if it is -1."""
        self.sets[v] = 1 << len(self.leaves)
        self.by_set[self.sets[v]] = v
        self.leaves.append(v)
        self.written[v] = (1, 0, ((v, sign),))

    def defined(self, fact: Fact) -> None:
        """The statement says what is the largest of some leaves, or of two maxima; no atom for other children."""
        children = [form[2][0][0] for form in fact.children]
        (v, _), *_ = fact.head[2]
        if len(children) < 2:
            return
        if any(self.written.get(form[2][0][0]) != form for form in fact.children):
            self._built(fact)
            return
        whole = 0
        for u in children:
            whole |= self.sets[u]
        if whole not in self.by_set and all(u in self.leaves for u in children):
            self.by_set[whole], self.sets[v], self.written[v], self.flat[whole] = v, whole, fact.head, fact

    def _built(self, fact: Fact) -> None:
        """The statement says what is the largest of two that are rewritten to leaves or maxima of this family."""
        children = [self.table.canonical(form) for form in fact.children]
        known = [form[2][0][0] for form in children if form[2] and self.written.get(form[2][0][0]) == form]
        if len(children) != 2 or len(known) != 2:
            return
        (v, _), *_ = fact.head[2]
        key = (min(known), max(known))
        whole = self.sets[key[0]] | self.sets[key[1]]
        if whole not in self.by_set:
            self.by_set[whole], self.sets[v], self.written[v] = v, whole, fact.head
            self.pairs[key] = self.table.restate(fact, children)
            self.facts[v], self.chained = [self.pairs[key]], True

    def sign(self, v: int) -> int:
        """1 for a maximum, -1 for what stands with a minus in one; 0 for any other variable."""
        return self.written[v][2][0][1] if v in self.written else 0

    def pair(self, u: int, v: int) -> tuple[int, Fact]:
        """The atom that is the largest of two, and the max fact that says so."""
        key = (u, v) if u < v else (v, u)
        whole = self.sets[u] | self.sets[v]
        if key not in self.pairs and self.chained and (fact := self._through(u, v)) is not None:
            self.pairs[key] = fact
            self.facts.setdefault(self.by_set[whole], []).append(fact)
        if key not in self.pairs:
            fact = self.table.new_largest([self.written[one] for one in key])
            if whole not in self.by_set:
                (new, _), *_ = fact.head[2]
                self.by_set[whole], self.sets[new], self.written[new] = new, whole, fact.head
            else:
                top = self.written[self.by_set[whole]]
                fact = self.table.rename(fact, self._same(fact, whole, top), top)
            self.pairs[key] = fact
            self.facts.setdefault(self.by_set[whole], []).append(fact)
        return self.by_set[whole], self.pairs[key]

    def parts(self, fact: Fact) -> Sequence[Fact]:
        """Of M = max(P, Q): P <= M, Q <= M, and M is one of them."""
        if fact not in self.apart:
            self.apart[fact] = self.table.step(eliminate(fact))
        return self.apart[fact]

    def _same(self, fact: Fact, whole: int, top: Form) -> Fact:
        """The head of a max fact about this set is its atom."""
        value = difference(fact.head, top, EQ)
        flat = self._flat(whole)
        mine = self._merge(fact, flat)
        if flat.head == top:
            return mine
        known = self._is_flat(top, flat)
        # N - F = 0 and M - F = 0, each with the sign that its first variable gives it
        sign = [dict(one.terms)[flat.last[0]] for one in (mine, known)]
        return self.table.step(combine(value, {mine: sign[1], known: -sign[0]}))[0]

    def _through(self, u: int, v: int) -> Fact | None:
        """That an atom is the largest of two, U and V = max(p, q): that of U and q, where U is the largest of p.

        Best is what is known of U and q, else the U that was there first.
        """
        whole, found = self.sets[u] | self.sets[v], []
        for a, b in ((u, v), (v, u)):
            parts = {one: largest for largest in self._pairs(a) for one in largest.children}
            for low in self._pairs(b):
                for p, (_, _, ((q, _),)) in (low.children, low.children[::-1]):
                    if p in parts and q != a and self.sets[a] | self.sets[q] == whole:
                        rank = (min(a, q), max(a, q)) not in self.pairs, a, q
                        found.append((rank, self.parts(parts[p])[parts[p].children.index(p)], low))
        if not found:
            return None
        (_, a, q), below, low = min(found, key=lambda one: one[0])
        _, top = self.pair(a, q)
        return self.table.absorb(below, low, top, self.written[a])

    def _pairs(self, v: int) -> list[Fact]:
        """The max facts that say of what two an atom is the largest."""
        flat = self.flat.get(self.sets[v])
        known = [flat] if flat is not None and len(flat.children) == 2 and flat.head == self.written[v] else []
        return [*self.facts.get(v, ()), *known]

    def of_leaves(self, m: int) -> tuple[Fact, list[Fact]]:
        """The max fact that something is the largest of m's leaves, and that m is that, if it is another variable."""
        flat = self._flat(self.sets[m])
        top = self.written[m]
        return flat, [] if flat.head == top else [self._is_flat(top, flat)]

    def _flat(self, whole: int) -> Fact:
        """That something is the largest of the leaves of a set."""
        if whole not in self.flat:
            leaves = [v for v in self.leaves if self.sets[v] & whole]
            self.flat[whole] = self.table.new_largest([self.written[v] for v in leaves])
        return self.flat[whole]

    def _is_flat(self, top: Form, flat: Fact) -> Fact:
        """That the atom of a set is what `flat` says is the largest of its leaves."""
        known = self.table.atoms.get(difference(top, flat.head, EQ))
        return known or self._merge(next(one for one in self._said(top) if one.head == top), flat)

    def _said(self, top: Form) -> Sequence[Fact]:
        """Max facts, what is known as the largest of two leaves or maxima before what the statement says."""
        return [*self.facts.get(top[2][0][0], ()), *self.table.maxima]

    def _merge(self, top: Fact, flat: Fact) -> Fact:
        """The heads of two max facts are equal, since they have the same leaves."""
        wanted, marked, used, low = set(flat.children), set(top.children), [top, flat], top
        maxima = self.table.maxima
        place = len(maxima) - 1
        while maxima[place] is not top:
            place -= 1
        self.merged += len(wanted)
        while marked != wanted:
            place -= 1
            self.merged += 1
            if place < 0 or self.merged > MOST_MERGED:
                raise GaveUp("a maximum has other leaves than it should, or too many")
            fact = maxima[place]
            if fact.head in marked:
                marked.remove(fact.head)
                marked.update(fact.children)
                used.append(fact)
                low = fact
        equal = Fact(difference(top.head, flat.head, EQ))
        self.table.step(Step(MERGE, [top, flat, low], used, [equal]))
        return equal


class Mirror(Maxima):
    """Maxima of the same leaves with the other sign; those of two are no atoms: max(-a, -b) = max(a, b) - a - b."""

    def __init__(self, of: Maxima):
        super().__init__(of.table)
        self.of, self.facts, self.apart = of, of.facts, of.apart

    def defined(self, fact: Fact) -> None:
        """Likewise; the largest of two is rewritten."""
        super().defined(fact)
        if fact in self.flat.values() and len(fact.children) == 2:
            self._rewritten(fact)

    def pair(self, u: int, v: int) -> tuple[int, Fact]:
        """Likewise; the largest of two is rewritten."""
        top, fact = super().pair(u, v)
        if top not in self.table.equal and u in self.of.leaves and v in self.of.leaves:
            self._rewritten(fact)
        return top, fact

    def _rewritten(self, low: Fact) -> None:
        u, v = (form[2][0][0] for form in low.children)
        if u < v:
            _, high = self.of.pair(u, v)
            fact = self.table.mirror(high, low)
            self.table.rewrite(low.last[0], solved(fact, low.last[0]), fact)

    def turned(self, z: Form) -> Form | None:
        """The form z as one over two leaves or maxima of this family, if it is such a form but for maxima of two."""
        den, const, terms = z
        two = [(m, c) for m, c in terms if m in self.of.sets and self.of.sets[m].bit_count() == 2]
        if const or len(terms) > MOST_TURNED:
            return None
        total = dict(terms)
        for m, c in two:
            del total[m]
            sign = self.of.sign(m)
            leaves = [v for v in self.of.leaves if self.of.sets[v] & self.of.sets[m]]
            for v in leaves:
                total[v] = total.get(v, 0) + c * sign * self.of.sign(v)
        rest = {v: c for v, c in total.items() if c}
        if len(rest) + len(two) != 2 or any(v not in self.sets for v in rest):
            return None
        for m, c in two:
            u, v = [v for v in self.of.leaves if self.of.sets[v] & self.of.sets[m]]
            low, _ = self.pair(u, v)
            rest[low] = c * self.of.sign(m) * self.sign(low)
        found: Form = form(den, 0, collect(rest))
        return found
