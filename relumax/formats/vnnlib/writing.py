"""Queries as text: VNN-LIB 2.0 and 1.0, and SMT-LIB with the network written out.

Numbers are exact: an atom is multiplied until all of its numbers have finitely many decimals, and 2.0 gets them with a
point, as its types ask. Bounds are assertions of their own, which is how tools find them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm, prod

from relumax.errors import FormatError
from relumax.formats.vnnlib.query import IN, OUT, Atom, Cell, Every, Formula, Linear, Query, Tensor
from relumax.language.condition import EQ
from relumax.network.layers import Network

Names = Callable[[Cell], str]
REAL = "real"


def decimal(value: Fraction) -> str | None:
    """The value with a point and finitely many digits; None if it has none such."""
    den, places = value.denominator, 0
    while den % 10 == 0:
        den //= 10
    for prime in (2, 5):
        while den % prime == 0:
            den //= prime
    if den != 1:
        return None
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    whole, rest = (digits[:-places], digits[-places:]) if places else (digits, "0")
    return f"{'-' * (value < 0)}{whole}.{rest}"


def exact(value: Fraction) -> str:
    """The value as a decimal, or as SMT-LIB writes a fraction."""
    found = decimal(value)
    if found is not None:
        return found
    quotient = f"(/ {abs(value.numerator)}.0 {value.denominator}.0)"
    return quotient if value > 0 else f"(- {quotient})"


def assignment(query: Query, values: Mapping[Cell, Fraction]) -> Iterator[str]:
    """Each tensor with its type and shape, then its numbers, row-major, one a line, as solvers print them after sat."""
    for one in query.tensors:
        yield f"{one.name} {one.kind} {_brackets(one.shape)}"
        yield from (exact(values[one.name, k]) for k in range(one.cells))


def version_two(query: Query, comments: Sequence[str] = ()) -> str:
    """The query as a file of VNN-LIB 2.0."""
    shapes = {one.name: one.shape for one in query.tensors}
    lines = [*(f"; {one}" for one in comments), "(vnnlib-version <2.0>)", ""]
    for network in query.networks:
        lines.append(f"(declare-network {network.name}")
        lines += [f"    (equal-to {network.like})"] if network.like else []
        for one in network.tensors:
            node = f' "{one.node}"' if one.node else ""
            lines.append(f"    (declare-{one.side} {one.name} {one.kind} {_brackets(one.shape)}{node})")
        lines += [")", ""]
    names: Names = lambda cell: cell[0] + (_brackets(_place(cell[1], shapes[cell[0]])) if shapes[cell[0]] else "")  # noqa: E731
    return "\n".join([*lines, *_assertions(query, names, "==")]) + "\n"


def _brackets(numbers: Sequence[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"


def _place(k: int, shape: Sequence[int]) -> list[int]:
    """Where number k stands, row-major."""
    return [k // prod(shape[axis + 1 :]) % size for axis, size in enumerate(shape)]


def _flat(query: Query) -> tuple[list[Tensor], Names]:
    """The tensors of a query about one network with one input and one output, and X_0, ... for their cells."""
    tensors = query.tensors
    if len(query.networks) != 1 or [one.side for one in tensors] != [IN, OUT]:
        raise FormatError("only a query about one network with one input and one output can be written so")
    letter = {tensors[0].name: "X", tensors[1].name: "Y"}
    return tensors, lambda cell: f"{letter[cell[0]]}_{cell[1]}"


def version_one(query: Query, comments: Sequence[str] = ()) -> str:
    """The query as a file of VNN-LIB 1.0; strict comparisons stay strict."""
    tensors, names = _flat(query)
    declared = [f"(declare-const {names((one.name, k))} Real)" for one in tensors for k in range(one.cells)]
    return "\n".join([*(f"; {one}" for one in comments), *declared, *_assertions(query, names, "=")]) + "\n"


def smtlib(query: Query, network: Network, comments: Sequence[str] = ()) -> str:
    """The query and the network as a file of SMT-LIB 2 (QF_LRA), with (check-sat)."""
    tensors, names = _flat(query)
    lines = [*(f"; {one}" for one in comments), "(set-logic QF_LRA)"]
    lines += [f"(declare-const {names((tensors[0].name, k))} Real)" for k in range(network.inputs)]
    before = [f"X_{k}" for k in range(network.inputs)]
    for t, layer in enumerate(network.maps):
        last, now = t == network.depth, []
        for k, (bias, terms) in enumerate(layer.rows):
            name = f"Y_{k}" if last else f"H_{t}_{k}"
            value = _smt_sum(Fraction(bias, layer.den), {before[j]: Fraction(c, layer.den) for j, c in terms})
            if not last and k in layer.steps:
                value = f"(ite (>= {value} 0.0) 1.0 0.0)"
            elif not last:
                value = f"(ite (> {value} 0.0) {value} 0.0)"
            lines += [f"(declare-const {name} Real)", f"(assert (= {name} {value}))"]
            now.append(name)
        before = now
    lines += [f"(assert {_formula(one, names, '=', _smt_number)})" for one in _parts(query)]
    return "\n".join([*lines, "(check-sat)"]) + "\n"


def _smt_number(value: Fraction) -> str:
    return exact(value) if value >= 0 else f"(- {exact(-value)})"


def _smt_sum(const: Fraction, terms: Mapping[str, Fraction]) -> str:
    parts = [name if c == 1 else f"(* {_smt_number(c)} {name})" for name, c in terms.items()]
    parts += [_smt_number(const)] if const or not parts else []
    return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"


def _parts(query: Query) -> Iterator[Formula]:
    """The assertions, those that hold at once one by one."""
    for one in query.assertions:
        yield from one.parts if isinstance(one, Every) and one.parts else [one]


def _assertions(query: Query, names: Names, equal: str) -> Iterator[str]:
    for one in _parts(query):
        yield f"(assert {_formula(one, names, equal, lambda value: decimal(value) or '')})"


def _formula(formula: Formula, names: Names, equal: str, write: Callable[[Fraction], str]) -> str:
    if isinstance(formula, Atom):
        return _atom(formula, names, equal, write)
    if not formula.parts:
        raise FormatError("the query is true, or false, whatever the inputs: no comparison is left to write")
    word = "and" if isinstance(formula, Every) else "or"
    return f"({word} {' '.join(_formula(one, names, equal, write) for one in formula.parts)})"


def _atom(atom: Atom, names: Names, equal: str, write: Callable[[Fraction], str]) -> str:
    """What is positive on the left, the rest on the right; one cell alone on its side if its bound is a decimal."""
    form = _decimals(atom.form)
    relation = equal if atom.relation == EQ else atom.relation
    left = [_product(c, names(cell), write) for cell, c in form.terms.items() if c > 0]
    right = [_product(-c, names(cell), write) for cell, c in form.terms.items() if c < 0]
    if form.const > 0 and left and not right:  # x + 1 <= 0 is x <= -1
        right.append(write(-form.const))
    elif form.const < 0 and right and not left:
        left.append(write(form.const))
    elif form.const:
        (left if form.const > 0 else right).append(write(abs(form.const)))
    if len(right) == 1 and relation != equal and all(c < 0 for c in form.terms.values()):  # a bound: x >= 1
        return f"({'>=' if relation == '<=' else '>'} {right[0]} {_joined(left, write)})"
    return f"({relation} {_joined(left, write)} {_joined(right, write)})"


def _decimals(form: Linear) -> Linear:
    """A positive multiple whose numbers are decimals: with coefficient +-1 where there is one cell, if that is one."""
    if len(form.terms) == 1:
        alone = form.times(1 / abs(next(iter(form.terms.values()))))
        if decimal(alone.const) is not None:
            return alone
    values = [form.const, *form.terms.values()]
    if all(decimal(one) is not None for one in values):
        return form
    return form.times(lcm(*(one.denominator for one in values)))


def _product(c: Fraction, name: str, write: Callable[[Fraction], str]) -> str:
    return name if c == 1 else f"(* {write(c)} {name})"


def _joined(parts: Sequence[str], write: Callable[[Fraction], str]) -> str:
    if not parts:
        return write(Fraction(0))
    return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"
