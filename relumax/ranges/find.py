"""Finds bounds on what a network's units, and all partial sums in its rows, can be: the search, which nobody trusts.

An upper bound of a form over the units of layer t comes from forms over the layer below. Where relu(l) has a positive
coefficient, it is 0 or l: two cases. Where it has a negative one, both -relu(l) <= 0 and -relu(l) <= -l hold, and the
better is taken. A pair, c relu(p) - c relu(-p), is c p. So a maximum b + relu(a - b) is bounded by the bounds of its
two cases, b and a, whatever interval arithmetic makes of a - b; so is a gate. Parts of a form that read different units
are bounded one by one. What was done is written down, for `check` to repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from relumax.network.layers import Layer, Network, sha256
from relumax.ranges.check import (
    FORMAT,
    VERSION,
    ZERO,
    Bound,
    Form,
    cases,
    halves_of,
    plus,
    primitive,
    rows_of,
    unpaired,
    worse,
)

MOST_SPLIT = 4
"""So many units of one form are split, in two cases each; of more, the smaller ones count at their most."""
REACH, SMALL = 3, 1000
"""Forms are followed down so many layers in networks of so many units, and one layer in larger ones."""
Terms = list[tuple[int, int]]  # (factor, unit)


def find_ranges(network: Network, scale: int = 1) -> dict[str, Any]:
    """A certificate for inputs that are multiples of 1/scale: how large units, partial sums and outputs can be."""
    finder = _Finder(network, scale)
    outputs = finder.everything()
    return {
        "format": FORMAT,
        "version": VERSION,
        "network_sha256": sha256(network),
        "scale": scale,
        "pairs": [[[i, j] for i, j in pairs.items()] for pairs in finder.pairs],
        "most": [
            [list(finder.unit(t + 1, k)) for k in range(len(layer.rows))] for t, layer in enumerate(network.layers)
        ],
        "bounds": finder.needed(),
        "outputs": [list(one) for one in outputs],
    }


class _Finder:
    """The bounds known so far, by level; `steps[t]` says how each form of level t was bounded best."""

    def __init__(self, network: Network, scale: int):
        self.maps = network.maps
        self.known: list[dict[Form, tuple[Bound, int]]] = [{} for _ in self.maps]
        self.steps: list[dict[Form, tuple[Bound, dict[str, Any]]]] = [{} for _ in self.maps]
        self.pairs = [pairs_of(layer) for layer in network.layers]
        self.sources = [sources_of(layer) for layer in network.layers]
        self.most: dict[tuple[int, int], Bound] = {}
        self.rows: list[dict[tuple[tuple[int, int], ...], tuple[int, Form]]] = [{} for _ in self.maps]
        self.reach = REACH if network.size <= SMALL else 1
        self.ones = [scale]
        for layer in self.maps:
            self.ones.append(self.ones[-1] * layer.den)

    def everything(self) -> list[Bound]:
        """Bound each unit, the two halves of each row and the outputs, whose bounds are returned."""
        last = len(self.maps) - 1
        for t, layer in enumerate(self.maps):
            for k, (_, form) in enumerate(layer.rows):
                for half in halves_of(t, form):
                    self.bound(t, half, self.reach)
                if t < last:
                    self.unit(t + 1, k)
        both = [[self.sum(last, [(sign, k)], self.reach) for sign in (1, -1)] for k in range(len(layer.rows))]
        return [worse(*one) for one in both]

    def unit(self, t: int, k: int) -> Bound:
        """The largest value of unit k of layer t."""
        if (t, k) not in self.most:
            step = k in self.maps[t - 1].steps
            found = (0, self.ones[t]) if step else worse(ZERO, self.sum(t - 1, [(1, k)], self.reach))
            self.most[t, k] = found
        return self.most[t, k]

    def together(self, t: int, taken: Terms) -> tuple[int, Form]:
        """The sum of rows above level t, which is wanted again and again."""
        key = tuple(taken)
        found = self.rows[t].get(key)
        if found is None:
            found = self.rows[t][key] = rows_of(self.maps[t], taken)
        return found

    def sum(self, t: int, taken: Terms, reach: int) -> Bound:
        """An upper bound of a sum of rows above level t."""
        bias, form = self.together(t, taken)
        return plus(self.bound(t, form, reach), (0, bias * self.ones[t]))

    def bound(self, t: int, form: Form, reach: int) -> Bound:
        """An upper bound of a form at level t, from forms up to `reach` layers below."""
        if t == 0 or not form:
            return sum(abs(c) for _, c in form), 0
        factor, form = primitive(form)
        known = self.known[t].get(form)
        if known is None or known[1] < reach:
            found = self._found(t, form, reach)
            known = self.known[t][form] = found if known is None else min(known[0], found), reach
        return plus(ZERO, known[0], factor)

    def _found(self, t: int, form: Form, reach: int) -> Bound:
        parts = parts_of(self.sources[t - 1], form)
        if len(parts) > 1:
            total = ZERO
            for part in parts:
                total = plus(total, self.bound(t, part, reach))
            return self._written(t, form, total, {"parts": [[j for j, _ in part] for part in parts]})
        bound, split, keep = self._by_units(t, form)
        if reach and (better := self._split(t, form, reach, bound)) is not None:
            bound, split, keep = better
        return self._written(t, form, bound, {"split": split, "keep": keep})

    def _written(self, t: int, form: Form, bound: Bound, step: dict[str, Any]) -> Bound:
        known = self.steps[t].get(form)
        if known is None or bound < known[0]:
            self.steps[t][form] = bound, step
        return bound

    def needed(self) -> list[list[dict[str, Any]]]:
        """By level, the steps that what is claimed follows from: those of parts after those of the parts."""
        found: list[list[dict[str, Any]]] = [[] for _ in self.maps]
        below: list[Form] = []  # forms that steps of the level above need
        for t in range(len(self.maps) - 1, 0, -1):
            layer = self.maps[t]
            pending = [*below, *(form for k, (_, form) in enumerate(layer.rows) if k not in layer.steps)]
            pending += [half for _, form in layer.rows for half in halves_of(t, form)]
            if t == len(self.maps) - 1:
                pending += [tuple([(j, -c) for j, c in form]) for _, form in layer.rows]
            seen: set[Form] = set()
            below = []
            for one in pending:
                form = primitive(one)[1] if one else one
                if not form or form in seen:
                    continue
                seen.add(form)
                _, step = self.steps[t][form]
                found[t].append({"form": [one for term in form for one in term], **step})
                if "parts" in step:
                    pending += [tuple([(j, c) for j, c in form if j in part]) for part in map(set, step["parts"])]
                else:
                    below += self._cases(t, form, step)
            found[t].sort(key=lambda step: "parts" in step)
        return found[1:]

    def _cases(self, t: int, form: Form, step: dict[str, Any]) -> list[Form]:
        """The forms of the level below that a split leaves."""
        linear, rest = unpaired(self.pairs[t - 1], form)
        pairs = zip(cases(step["split"]), step["keep"], strict=True)
        taken = [[*linear, *((rest[j], j) for j in (*case, *kept))] for case, kept in pairs]
        return [self.together(t - 1, one)[1] for one in taken]

    def _by_units(self, t: int, form: Form) -> tuple[Bound, list[int], list[list[int]]]:
        """Each unit at its most, pairs being taken together."""
        linear, rest = unpaired(self.pairs[t - 1], form)
        total = self.sum(t - 1, linear, 0)
        for j, c in rest.items():
            if c > 0:
                total = plus(total, self.unit(t, j), c)
        return total, [], [[]]

    def _split(self, t: int, form: Form, reach: int, known: Bound) -> tuple[Bound, list[int], list[list[int]]] | None:
        """The units with positive coefficients case by case; None where that gives no better bound than is known."""
        layer = self.maps[t - 1]
        linear, rest = unpaired(self.pairs[t - 1], form)
        positive = [j for j, c in rest.items() if c > 0]
        most = {j: plus(ZERO, self.unit(t, j), rest[j]) for j in positive}
        ups = sorted((j for j in positive if j not in layer.steps), key=lambda j: most[j], reverse=True)
        large = [j for j in ups if self.unit(t, j)[0]]  # the others are bounded whatever the inputs are
        ups = (large or ups)[:MOST_SPLIT]
        downs = [(rest[j], j) for j, c in rest.items() if c < 0 and j not in layer.steps]
        beside = ZERO
        for j in positive:
            if j not in ups:
                beside = plus(beside, most[j])
        keep, total = [], beside
        for case in reversed(cases(ups)):  # those with most units first: one that is no better ends it
            kept, bound = self._best(t, [*linear, *((rest[j], j) for j in case)], downs, reach)
            keep.append(kept)
            total = worse(total, plus(beside, bound)) if len(keep) > 1 else plus(beside, bound)
            if total >= known:
                return None
        return total, ups, keep[::-1]

    def _best(self, t: int, taken: Terms, downs: Terms, reach: int) -> tuple[list[int], Bound]:
        """Which units with negative coefficients to replace by their rows, and the bound then."""
        some = self._choices(t, taken, downs)
        bound, kept = min((self.sum(t - 1, [*taken, *one], reach - 1), [j for _, j in one]) for one in some)
        return kept, bound

    def _choices(self, t: int, taken: Terms, downs: Terms) -> list[Terms]:
        """Some sets of them: all, if there are few; else none, and those that shorten the form one after the other."""
        if len(downs) <= 2:
            return [list(some) for k in range(len(downs) + 1) for some in combinations(downs, k)]
        chosen: Terms = []
        length = self._length(t, taken)
        for term in downs:
            now = self._length(t, [*taken, *chosen, term])
            if now < length:
                chosen, length = [*chosen, term], now
        return [[], chosen] if chosen else [[]]

    def _length(self, t: int, taken: Terms) -> int:
        return sum(abs(c) for _, c in self.together(t - 1, taken)[1])


def sources_of(layer: Layer) -> list[int]:
    """What each row reads of the layer below, as a set of bits; what reads nothing reads one that no other does."""
    bits = [sum(1 << source for source, _ in row) for _, row in layer.rows]
    none = 1 << max(map(int.bit_length, bits), default=0)
    return [one or none for one in bits]


def parts_of(sources: Sequence[int], form: Form) -> list[Form]:
    """The form in parts that read different units of the layer below, in the order of their first units."""
    groups: list[tuple[int, Terms]] = []
    seen = 0
    for term in form:
        bits, terms = sources[term[0]], [term]
        if seen & bits:
            joined = [group for group in groups if group[0] & bits]
            groups = [group for group in groups if not group[0] & bits]
            for other, more in joined:
                bits, terms = bits | other, more + terms
        seen |= bits
        groups.append((bits, terms))
    return [form] if len(groups) == 1 else sorted([tuple(sorted(terms)) for _, terms in groups])


def pairs_of(layer: Layer) -> dict[int, int]:
    """i -> j where row j is row i with all signs turned, i < j; neither is a step unit."""
    where: dict[tuple[int, Form], int] = {}
    found: dict[int, int] = {}
    for j, (bias, form) in enumerate(layer.rows):
        if j in layer.steps:
            continue
        i = where.pop((-bias, tuple((k, -c) for k, c in form)), None)
        if i is None:
            where[bias, form] = j
        else:
            found[i] = j
    return found
