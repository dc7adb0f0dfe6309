"""Small formulas for the maximum in two hidden layers, found by mixed-integer search.

A formula is a combination of inputs, pairwise maxima mij and atoms |D|, D = A - B for sums A, B of `degree` such terms,
one coefficient for each orbit of a group that permutes the inputs. On the chamber where the inputs have a given order,
D is linear. If it has one sign there, |D| is D or -D; if not, |D| is a new function, the same for multiples of D. So

    formula = max   exactly if   in each chamber the coefficients of every undecided |D| sum to 0
                                 and what is linear is the largest input,

a linear system, one chamber for each orbit of orders being enough. Among its solutions a mixed-integer program (HiGHS)
picks one with the fewest atoms, a second one, among those, one that reads the fewest pairwise maxima. Its support is
solved again exactly, and the formula is a theorem once `pipeline.prove` says so. (Plain L1 minimisation finds much
larger supports.)

Needs the extra `discover`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from importlib import import_module
from itertools import combinations_with_replacement, permutations
from math import gcd
from typing import Any, NamedTuple

from relumax.constructions.formula import Formula, Pair, Permutation, Sum, orbit, permutation, signed, written
from relumax.constructions.tournament import rounds
from relumax.errors import MissingExtra, RelumaxError
from relumax.language.expr import Expr, inputs
from relumax.language.gadget import maximum
from relumax.network.compile import Sizes, sizes
from relumax.network.echelon import Echelon

PRIME = (1 << 61) - 1
GROUPS = {
    5: (("(1 2)", "(3 4)", "(1 3)(2 4)"), ("(1 2)", "(3 4)")),
    6: (("(1 2)", "(3 4)", "(1 3)(2 4)", "(3 5)(4 6)"),),
}
"""Groups that are tried if none is given, as generators: those that keep pairs of inputs together."""

Equation = tuple[int, tuple[int, ...]]
"""(chamber, direction of an undecided D), or (chamber, (i,)) for the coefficient of x_i in what is linear there."""
Column = dict[Equation, int]


class Found(NamedTuple):
    """A formula, what it costs as a network, and the search that found it."""

    formula: Formula
    group: tuple[str, ...]
    sizes: Sizes

    def data(self) -> dict[str, Any]:
        """The formula as `relumax/constructions/data` holds it."""
        return written(self.formula, self.group)


class NoFormula(RelumaxError):
    """There is no formula of this family, or none was found in time; the message says which."""


def smallest(
    n: int,
    group: Sequence[str] | None = None,
    degree: int = 2,
    seconds: float = 60.0,
    progress: Callable[[str], None] = lambda line: None,
) -> Found:
    """The smallest formula found for n inputs, for the given generators or the groups known for n.

    Of several groups the one that gives the fewest units is taken; `seconds` limits each mixed-integer program. Raises
    NoFormula, MissingExtra.
    """
    best: Found | None = None
    for generators in [tuple(group)] if group is not None else GROUPS.get(n, ((),)):
        family = Family(n, generators, degree)
        progress(f"group {' '.join(generators) or 'trivial'}: {len(family.atoms)} orbits of atoms")
        formula = family.solve(seconds)
        if formula is not None:
            found = Found(formula, generators, sizes([program(formula)], n))
            progress(f"{len(formula.sizes)} atoms, {found.sizes.size} units")
            if best is None or found.sizes.size < best.sizes.size:
                best = found
    if best is None:
        raise NoFormula(f"no formula for {n} inputs in this family was found")
    return best


def program(formula: Formula) -> Expr:
    """The formula of n inputs."""
    return formula.program([[x] for x in inputs(formula.n)], lambda pair: rounds(list(pair), maximum))


class Family:
    """The orbits of atoms and of linear terms for a group, and what they are in each chamber."""

    def __init__(self, n: int, generators: Sequence[str], degree: int):
        self.n, self.generators = n, [permutation(text, n) for text in generators]
        group = _generated(self.generators, n)
        self.chambers = _representatives(group, n)
        pairs = [(i, j) for i in range(n) for j in range(i, n)]
        self.linear = list(self._orbits((((pair, 1),) for pair in pairs), lambda terms: terms))
        self.atoms = [one for one in self._orbits(_differences(pairs, degree), signed) if self._bends(one[0])]

    def _orbits(self, terms: Iterator[Sum], normal: Callable[[Sum], Sum]) -> Iterator[list[Sum]]:
        seen: set[Sum] = set()
        for one in terms:
            if one not in seen:
                found = list(orbit(self.generators, one, normal))
                seen.update(found)
                yield found

    def _bends(self, terms: Sum) -> bool:
        """Whether |D| is not just D or -D on all of R^n."""
        forms = [vector(terms, ranks, self.n) for ranks in permutations(range(self.n))]
        signs = {decided(d) for d in forms if any(d)}
        return 0 in signs or len(signs) > 1

    def column(self, members: Sequence[Sum], absolute: bool) -> Column:
        """The sum of the members (their absolute values) in each chamber."""
        found: Column = {}
        for chamber, ranks in enumerate(self.chambers):
            for terms in members:
                d = vector(terms, ranks, self.n)
                sign = decided(d) if absolute else 1
                if sign:
                    for i, c in enumerate(d):
                        _count(found, (chamber, (i,)), sign * c)
                else:
                    common = gcd(*d) if next(c for c in d if c) > 0 else -gcd(*d)
                    _count(found, (chamber, tuple(c // common for c in d)), abs(common))
        return found

    def solve(self, seconds: float) -> Formula | None:
        """The formula with the fewest atoms that was found, exact."""
        columns = [self.column(one, True) for one in self.atoms] + [self.column(one, False) for one in self.linear]
        target: Column = {(chamber, (self.n - 1,)): 1 for chamber in range(len(self.chambers))}
        support = Milp(columns, target, [len(one) for one in self.atoms], self._maxima()).solve(seconds)
        if support is None:
            return None
        solution = exact([*support, *range(len(self.atoms), len(columns))], columns, target)
        return None if solution is None else self._formula(solution)

    def _maxima(self) -> list[list[int]]:
        """For each orbit of pairwise maxima, the orbits of atoms that mention one."""
        place = {terms[0][0]: k for k, members in enumerate(self.linear) for terms in members}
        found: list[list[int]] = [[] for _ in self.linear]
        for k, members in enumerate(self.atoms):
            for line in {place[pair] for pair, _ in members[0] if pair[0] != pair[1]}:
                found[line].append(k)
        return [one for one in found if one]

    def _formula(self, solution: dict[int, Fraction]) -> Formula:
        lines: dict[Pair, Fraction] = {}
        bends: dict[Sum, Fraction] = {}
        for k, c in sorted(solution.items()):
            if k < len(self.atoms):
                for terms in self.atoms[k]:
                    common = gcd(*[times for _, times in terms])
                    bends[tuple((pair, times // common) for pair, times in terms)] = c * common
            else:
                lines.update({terms[0][0]: c for terms in self.linear[k - len(self.atoms)]})
        return Formula(self.n, lines, bends)


# ---------------------------------------------------------------- chambers


def vector(terms: Sum, ranks: Sequence[int], n: int) -> list[int]:
    """The sum where x_i is the input of rank ranks[i]: its coefficients by rank, the largest input last."""
    found = [0] * n
    for (i, j), c in terms:
        found[max(ranks[i], ranks[j])] += c
    return found


def decided(d: Sequence[int]) -> int:
    """1 or -1 if d.x has this sign on x_0 <= x_1 <= ... (1 for d = 0); 0 if it has both. The coefficients sum to 0."""
    low = high = total = 0
    for c in reversed(d):
        total += c
        low, high = min(low, total), max(high, total)
    return 0 if low < 0 < high else -1 if low < 0 else 1


def _count(column: Column, equation: Equation, amount: int) -> None:
    total = column.get(equation, 0) + amount
    if total:
        column[equation] = total
    else:
        column.pop(equation, None)


def _differences(pairs: Sequence[Pair], degree: int) -> Iterator[Sum]:
    """All A - B, up to sign, A and B sums of `degree` terms without a common one."""
    sums = list(combinations_with_replacement(pairs, degree))
    for k, a in enumerate(sums):
        for b in sums[:k]:
            if not set(a) & set(b):
                found: dict[Pair, int] = {}
                for pair, c in [*((p, 1) for p in a), *((p, -1) for p in b)]:
                    found[pair] = found.get(pair, 0) + c
                yield signed(found.items())


def _generated(generators: Sequence[Permutation], n: int) -> list[Permutation]:
    """All members of the group."""
    seen = {tuple(range(n)): None}
    for one in (pending := list(seen)):
        for h in generators:
            image = tuple(h[k] for k in one)
            if image not in seen:
                seen[image] = None
                pending.append(image)
    return list(seen)


def _representatives(group: Sequence[Permutation], n: int) -> list[Permutation]:
    """One order for each orbit of the group; an order gives each input its rank."""
    seen: set[Permutation] = set()
    found = []
    for ranks in permutations(range(n)):
        if ranks not in seen:
            found.append(ranks)
            seen.update(tuple(ranks[h[i]] for i in range(n)) for h in group)
    return found


# ---------------------------------------------------------------- solving


def exact(support: Sequence[int], columns: Sequence[Column], target: Column) -> dict[int, Fraction] | None:
    """The combination of the columns of the support that is the target, if there is one."""
    number = {equation: k for k, equation in enumerate(dict.fromkeys(e for c in (*columns, target) for e in c))}
    span = Echelon()
    chosen = [k for k in support if span.insert({number[e]: value for e, value in columns[k].items()})]
    wanted = {number[e]: value for e, value in target.items()}
    if wanted not in span:
        return None
    return {chosen[k]: Fraction(value) for k, value in span.coordinates(wanted).items()}


class Milp:
    """The fewest atoms: a binary variable for each orbit of atoms, 1 if its coefficient is not 0."""

    LARGEST = 0.5
    """No coefficient of an atom is larger: the smallest formulas known need no more, and a tight bound saves time."""

    def __init__(self, columns: Sequence[Column], target: Column, weights: Sequence[int], maxima: list[list[int]]):
        highs = _extra("highspy")
        with _unheard():
            self.model = model = highs.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1)):
            model.setOptionValue(option, value)
        infinity, count = highs.kHighsInf, len(weights)
        for k in range(len(columns)):
            bound = self.LARGEST if k < count else infinity
            model.addVar(-bound, bound)
        self.integer = highs.HighsVarType.kInteger
        self.used = self._binaries(count)
        for right, row in _rows(columns, target):
            model.addRow(right, right, len(row), list(row), [float(c) for c in row.values()])
        for k, used in enumerate(self.used):
            for sign in (1.0, -1.0):
                model.addRow(-infinity, 0.0, 2, [k, used], [sign, -self.LARGEST])
        self.weights, self.maxima = [float(weight) for weight in weights], maxima

    def solve(self, seconds: float) -> list[int] | None:
        """The orbits of atoms of the best solution found within the time, or None."""
        self._cost(self.used, self.weights)
        first = self._run(seconds)
        if first is None:
            return None
        fewest = sum(self.weights[k] for k in first)
        self.model.addRow(0.0, fewest, len(self.used), list(self.used), self.weights)
        self._cost(self.used, [0.0] * len(self.used))
        read = self._binaries(len(self.maxima))
        for column, users in zip(read, self.maxima, strict=True):
            for k in users:
                self.model.addRow(0.0, 1.0, 2, [column, self.used[k]], [1.0, -1.0])
        self._cost(read, [1.0] * len(read))
        return self._run(seconds) or first

    def _binaries(self, count: int) -> range:
        first = self.model.getNumCol()
        for column in range(first, first + count):
            self.model.addVar(0.0, 1.0)
            self.model.changeColIntegrality(column, self.integer)
        return range(first, first + count)

    def _cost(self, columns: Sequence[int], costs: Sequence[float]) -> None:
        for column, cost in zip(columns, costs, strict=True):
            self.model.changeColCost(column, cost)

    def _run(self, seconds: float) -> list[int] | None:
        self.model.setOptionValue("time_limit", self.model.getRunTime() + seconds)
        self.model.run()
        solution = self.model.getSolution()
        if not solution.value_valid:
            return None
        return [k for k, used in enumerate(self.used) if solution.col_value[used] > 0.5]


def _extra(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise MissingExtra(f"the search needs {name}: pip install 'relumax[discover]'") from None


@contextmanager
def _unheard() -> Iterator[None]:
    """Standard output closed to C code: the solver prints a banner there before any option can be set."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _rows(columns: Sequence[Column], target: Column) -> list[tuple[float, dict[int, int]]]:
    """Equations from which all others follow: one for each pivot of the transposed system, modulo a prime."""
    rows: dict[Equation, dict[int, int]] = {equation: {} for equation in target}
    for k, column in enumerate([*columns, target]):
        for equation, value in column.items():
            rows.setdefault(equation, {})[k] = value
    distinct = list({tuple(row.items()): row for row in rows.values()}.values())
    transposed = _extra("flint").nmod_mat(len(columns) + 1, len(distinct), PRIME)
    for place, row in enumerate(distinct):
        for k, c in row.items():
            transposed[k, place] = c % PRIME
    reduced, rank = transposed.rref()
    found, place = [], 0
    for k in range(rank):
        while not int(reduced[k, place]):
            place += 1
        row = distinct[place]
        found.append((float(row.pop(len(columns), 0)), row))
    return found
