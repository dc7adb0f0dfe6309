"""The linear regions of a small program, by exact case splitting, and what can be read off them.

On a region every relu and step is decided and the outputs are affine. z3 decides over exact rationals which regions
are nonempty; without `step`, the program is continuous and only full-dimensional regions are listed (their closures
cover the space), with `step` the regions partition the space, boundaries included.

>>> from relumax.language.expr import inputs, relu
>>> a, b = inputs(2)
>>> len(regions([relu(a) - relu(b)], 2))
4
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any, NamedTuple

from relumax.errors import BudgetExceeded, ProgramError
from relumax.language.expr import Expr, brief, children, constant_value, factor_of, topological
from relumax.simplify.form import ONE, Coef, Form, content, plus, times
from relumax.simplify.maxplus import MaxPlus

Condition = tuple[Form, bool]  # form > 0 if True (strict), form >= 0 if False


class Region(NamedTuple):
    """Where all `conditions` hold the outputs are the affine forms `values` (by input; ONE is the constant)."""

    conditions: tuple[Condition, ...]
    values: tuple[Form, ...]


def regions(
    outputs: Sequence[Expr], n_inputs: int, limit: int = 1_000, nonnegative: Collection[int] = ()
) -> list[Region]:
    """The nonempty linear regions of `outputs` on R^n_inputs, at most `limit`, else `BudgetExceeded`.

    The conditions of a region are the splits on the way to it, so neighbours with the same values are not merged.
    """
    nodes = topological(outputs)
    exact = any(node.op == "step" for node in nodes)
    feasible = _Feasible(n_inputs)
    promised: list[Condition] = [({i: 1}, False) for i in nonnegative]
    start = feasible(promised, not exact) or []
    found: list[Region] = []
    stack: list[tuple[int, tuple[Condition, ...], dict[Expr, Form], list[Fraction]]] = [(0, (), {}, start)]
    while stack:
        position, conditions, value, point = stack.pop()
        for node in nodes[position:]:
            position += 1
            args = [value[child] for child in children(node)]
            if node.op not in ("relu", "step"):
                value[node] = _affine(node, args)
                continue
            [u] = args
            on: Form = u if node.op == "relu" else {ONE: 1}
            if all(t == ONE for t in u):
                value[node] = on if u.get(ONE, 0) >= 0 else {}
                continue
            sides: list[tuple[Condition, Form]] = [((u, False), on), ((times(-1, u), exact), {})]
            here = [side for side in sides if _holds(side[0], point, not exact)]  # `point` decides one side, or none
            for condition, result in sides:
                other = (
                    None if (condition, result) in here else feasible([*promised, *conditions, condition], not exact)
                )
                if other is None:
                    continue
                if not here:
                    here, point = [(condition, result)], other
                    continue
                stack.append((position, (*conditions, condition), {**value, node: result}, other))
                if len(found) + len(stack) >= limit:
                    raise BudgetExceeded(f"more than {limit:,} linear regions")
                conditions = (*conditions, here[0][0])
            value[node] = here[0][1]
        found.append(Region(conditions, tuple(value[output] for output in outputs)))
    return found


def _holds(condition: Condition, point: Sequence[Fraction], interior: bool) -> bool:
    form, strict = condition
    total = sum((c * (1 if t == ONE else point[t]) for t, c in form.items() if isinstance(t, int)), Fraction(0))
    return total > 0 if strict or interior else total >= 0


def _affine(node: Expr, args: list[Form]) -> Form:
    match node.op:
        case "input" if isinstance(node.data, int):
            return {node.data: 1}
        case "const":
            return {ONE: constant_value(node)} if constant_value(node) else {}
        case "add":
            return plus(args[0], args[1])
        case "scale":
            return times(factor_of(node), args[0])
        case "call":
            return args[0]
    raise ProgramError(f"no program of inputs: {brief(node)}")


class _Feasible:
    """Whether conditions can hold together, decided by z3 over the rationals (z3 is imported only here)."""

    def __init__(self, n: int):
        import z3

        self._z3 = z3
        self._x = [z3.Real(f"x{i}") for i in range(n)]
        self._solver = z3.SimpleSolver()
        self._known: dict[tuple[frozenset[tuple[object, Coef]], bool], Any] = {}

    def __call__(self, conditions: Sequence[Condition], interior: bool) -> list[Fraction] | None:
        """A point where all hold, or None; with `interior`, where all hold strictly: then they do on an open set."""
        self._solver.push()
        self._solver.add(*(self._constraint(form, strict or interior) for form, strict in conditions))
        answer, point = self._solver.check(), None
        if answer == self._z3.sat:
            model = self._solver.model()
            point = [Fraction(str(model.eval(x, model_completion=True))) for x in self._x]
        self._solver.pop()
        if answer == self._z3.unknown:
            raise BudgetExceeded("z3 gave no answer on a linear problem")
        return point

    def _constraint(self, form: Form, strict: bool) -> Any:
        key = frozenset(form.items()), strict
        if key not in self._known:
            z3 = self._z3
            total = z3.RealVal(str(form.get(ONE, 0)))
            for t, c in form.items():
                if isinstance(t, int) and t != ONE:
                    total = total + z3.RealVal(str(c)) * self._x[t]
            self._known[key] = total > 0 if strict else total >= 0
        return self._known[key]


def lattice(
    workshop: MaxPlus, cells: Sequence[Region], output: int, n_inputs: int, nonnegative: Collection[int] = ()
) -> Form | None:
    """The continuous output as Max over j of Min over S_j of its affine pieces (Tarela, Martinez, 1999), or None.

    Sound whenever (1) on each region with piece g some S_j has only pieces >= g there, and (2) every S_j has a piece
    <= g there: then the Max is g on the region. The S_j start as {i : g_i >= g_j on region j} and lose what (1) and
    (2) can spare; None if (2) fails.
    """
    feasible = _Feasible(n_inputs)
    promised: list[Condition] = [({i: 1}, False) for i in nonnegative]
    numbered: dict[frozenset[tuple[object, Coef]], int] = {}
    pieces: list[Form] = []
    at: list[int] = []
    for cell in cells:
        key = frozenset(cell.values[output].items())
        if key not in numbered:
            numbered[key] = len(pieces)
            pieces.append(cell.values[output])
        at.append(numbered[key])

    def below(a: int, b: int, cell: Region) -> bool:
        """Whether piece a <= piece b on the cell."""
        more = plus(pieces[a], times(-1, pieces[b]))
        return not more or feasible([*promised, *cell.conditions, (more, True)], interior=True) is None

    if len(pieces) > 16:
        return None
    every = range(len(pieces))
    above = [frozenset(i for i in every if below(at[k], i, cell)) for k, cell in enumerate(cells)]
    under = [frozenset(i for i in every if below(i, at[k], cell)) for k, cell in enumerate(cells)]
    sets = [s for s in set(above) if not any(t < s for t in above)]
    sets.sort(key=lambda s: (len(s), sorted(s)))
    if not all(s & u for s in sets for u in under):
        return None
    for s in list(sets):  # (1) for the others already?
        others = [t for t in sets if t is not s]
        if all(any(t <= a for t in others) for a in above):
            sets = others
    for j, s in enumerate(sets):
        for i in sorted(s):
            if all((s - {i}) & u for u in under):
                s = s - {i}
        sets[j] = s
    minima = [workshop.minimum([pieces[i] for i in sorted(s)], balance_atoms=False) for s in sets]
    return workshop.maximum(minima, balance_atoms=False)


def cases(cells: Sequence[Region], output: int) -> list[tuple[Form, list[tuple[Condition, ...]]]]:
    """(value, where it holds), the value with most regions last and "otherwise": its conditions are empty.

    Regions of one value are merged where one condition tells them apart: C and f >= 0, or C and f < 0, is C.
    """
    where: dict[frozenset[tuple[object, Coef]], tuple[Form, list[frozenset[_Key]]]] = {}
    for cell in cells:
        value = cell.values[output]
        _, parts = where.setdefault(frozenset(value.items()), (value, []))
        parts.append(frozenset(_key(form, strict) for form, strict in cell.conditions))
    *first, (last, _) = sorted(where.values(), key=lambda case: len(case[1]))
    merged: list[tuple[Form, list[tuple[Condition, ...]]]] = []
    for value, parts in first:
        merged.append((value, [tuple(map(_condition, sorted(part, key=_readable))) for part in _merge(parts)]))
    return [*merged, (last, [()])]


_Key = tuple[frozenset[tuple[Any, Coef]], bool]


def _key(form: Form, strict: bool) -> _Key:
    return frozenset(times(1 / Fraction(content([form])), form).items()), strict


def _condition(key: _Key) -> Condition:
    return dict(key[0]), key[1]


def _readable(key: _Key) -> list[tuple[int, Coef]]:
    return sorted(key[0])


def _merge(parts: list[frozenset[_Key]]) -> list[frozenset[_Key]]:
    merging = True
    while merging:
        merging = False
        for a, b in combinations(parts, 2):
            only_a, only_b = a - b, b - a
            if not only_a or not only_b:
                parts = [p for p in parts if p is not (a if not only_b else b)]
            elif len(only_a) == len(only_b) == 1 and _opposite(*only_a, *only_b):
                parts = [p for p in parts if p is not a and p is not b] + [a & b]
            else:
                continue
            merging = True
            break
    return parts


def _opposite(a: _Key, b: _Key) -> bool:
    """f > 0 or f >= 0 against -f > 0 or -f >= 0, together everything."""
    return a[0] == frozenset((t, -c) for t, c in b[0]) and not (a[1] and b[1])
