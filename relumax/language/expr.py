"""Symbolic piecewise-linear programs: a hash-consed DAG built with ordinary Python operators.

A program over inputs x0, x1, ... is made of exact rational constants, sums, rational multiples, `relu` and `step`
(Heaviside, 1 at 0). Equal programs are the same object, so `is` decides equality and every traversal visits a shared
part once; `==` and the other comparisons make a `Condition`. All traversals are iterative: a chain of 5,000
comparisons never meets Python's recursion limit.

>>> a, b = inputs(2)
>>> (b + relu(a - b)) is (b + relu(a - b))
True
>>> evaluate(b + relu(a - b), [Fraction(1, 3), "0.5"])
Fraction(1, 2)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from typing import Any, NoReturn, overload
from weakref import WeakValueDictionary

from relumax.errors import ProgramError
from relumax.language.brief import brief
from relumax.language.condition import EQ, LE, LT, Condition, Largest
from relumax.language.mistakes import Mistakes
from relumax.language.numbers import Number, as_fraction, exact

ATOMS = frozenset({"input", "relu", "step", "symbol", "largest", "smallest"})
"""The nodes that sums are made of."""
_zero, _one = Fraction(0), Fraction(1)
_table: WeakValueDictionary[tuple[object, ...], Expr] = WeakValueDictionary()
_serial = 0


class Expr(Mistakes):
    """One node. `op` says which kind, `args` its children, `data` what is not a child:

    ======  ==============================  ============================
    op      args                            data
    ======  ==============================  ============================
    input   ()                              index (int)
    const   ()                              value (Fraction)
    add     two or more terms               None
    scale   one term                        factor (Fraction, not 0 or 1)
    relu    its argument                    None
    step    its argument                    None
    call    body, then the actual arguments the `Gadget` called, and which of its results this is
    ======  ==============================  ============================

    A `call` means exactly its body (`args[0]`); it remembers the gadget so that proofs can go gadget by gadget.

    Three more are for conditions only, and no network computes them: `symbol`, what a statement calls by a name (data:
    that reference, as `x[w]`, `y[0]`, `i`), and `largest` and `smallest` of their args.

    `serial` grows with creation: a child always has a smaller one than its parents.
    """

    __slots__ = ("__weakref__", "args", "data", "op", "serial")
    op: str
    args: tuple[Expr, ...]
    data: object
    serial: int

    def __add__(self, other: Expr | Number) -> Expr:
        return _add(self, as_expr(other))

    def __radd__(self, other: Number) -> Expr:
        return _add(as_expr(other), self)

    def __sub__(self, other: Expr | Number) -> Expr:
        return _add(self, _scale(Fraction(-1), as_expr(other)))

    def __rsub__(self, other: Number) -> Expr:
        return _add(as_expr(other), _scale(Fraction(-1), self))

    def __abs__(self) -> Expr:
        return relu(self) + relu(-self)

    def __neg__(self) -> Expr:
        return _scale(Fraction(-1), self)

    def __pos__(self) -> Expr:
        return self

    def __mul__(self, other: Expr | Number) -> Expr:
        other = as_expr(other)
        if other.op == "const":
            return _scale(constant_value(other), self)
        if self.op == "const":
            return _scale(constant_value(self), other)
        raise ProgramError(f"a product of two non-constants is not piecewise linear: {_pair(self, '*', other)}")

    __rmul__ = __mul__

    def __truediv__(self, other: Expr | Number) -> Expr:
        other = as_expr(other)
        if other.op != "const":
            raise ProgramError(f"division by a non-constant is not piecewise linear: {_pair(self, '/', other)}")
        if constant_value(other) == 0:
            raise ProgramError(f"division by zero: ({brief(self)}) / 0")
        return _scale(1 / constant_value(other), self)

    def __rtruediv__(self, other: Number) -> Expr:
        raise ProgramError(f"division by a non-constant is not piecewise linear: {other} / ({brief(self)})")

    def __le__(self, other: Expr | Number) -> Condition[Expr]:
        return Condition((((LE, self - other),),))

    def __lt__(self, other: Expr | Number) -> Condition[Expr]:
        return Condition((((LT, self - other),),))

    def __ge__(self, other: Expr | Number) -> Condition[Expr]:
        return Condition((((LE, -self + other),),))

    def __gt__(self, other: Expr | Number) -> Condition[Expr]:
        return Condition((((LT, -self + other),),))

    def __eq__(self, other: Expr | Number) -> Condition[Expr]:  # type: ignore[override]
        return _equal(self, as_expr(other))

    def __ne__(self, other: Expr | Number) -> Condition[Expr]:  # type: ignore[override]
        return (self < other) | (self > other)

    __hash__ = object.__hash__

    def __and__(self, other: object) -> NoReturn:
        raise ProgramError("& and | join conditions: put brackets around each, as in (a <= b) & (c == 0)")

    __or__ = __rand__ = __ror__ = __and__

    def __bool__(self) -> bool:
        raise ProgramError(
            "a program has no truth value: Python's `if`, `and`, `or` and `not` do not work on it; write relu, step or "
            "maximum in a program, and conditions such as x == 0, joined with & and |"
        )

    def __repr__(self) -> str:
        return brief(self, 400)

    def _repr_latex_(self) -> str:
        from relumax.language.latex import latex_of

        return f"${latex_of(self)}$"


def _pair(a: Expr, sign: str, b: Expr) -> str:
    return f"({brief(a)}) {sign} ({brief(b)})"


def _node(op: str, args: tuple[Expr, ...] = (), data: object = None) -> Expr:
    global _serial
    key = op, data, *[one.serial for one in args]  # not the args, which would be compared
    found = _table.get(key)
    if found is None:
        found = Expr.__new__(Expr)
        found.op, found.args, found.data = op, args, data
        _serial += 1
        found.serial = _serial
        _table[key] = found
    return found


def as_expr(value: Expr | Number) -> Expr:
    """`value` itself if it is a program, else the constant it stands for."""
    return value if isinstance(value, Expr) else const(value)


def listed(found: Any) -> list[Expr]:
    """One program or several, as a list of them; raises ProgramError, which says what it is instead.

    >>> a, b = inputs(2)
    >>> listed(a + 1), listed((b, "1/2"))
    ([x0 + 1], [x1, 1/2])
    """
    if hasattr(found, "tolist"):  # an array of numpy's
        found = found.tolist()
    outputs = list(found) if isinstance(found, (list, tuple)) else [found]
    if not outputs:
        raise ProgramError("an empty list, not one program or several")
    try:
        return [as_expr(one) for one in outputs]
    except ProgramError:
        [one] = [one for one in outputs if not _is_program(one)][:1]
    said = f"a {type(one).__name__}" if repr(one).startswith("<") else f"{one!r:.80}"
    where = " in a list" if isinstance(found, (list, tuple)) else ""
    hint = " (is a `return` missing?)" if one is None else ""
    raise ProgramError(f"{said}{where}{hint}, not one program or a list of programs")


def _is_program(value: Any) -> bool:
    try:
        as_expr(value)
    except ProgramError:
        return False
    return True


def const(value: Number) -> Expr:
    """The constant program with this exact value."""
    return _node("const", (), as_fraction(value))


def constant_value(expr: Expr) -> Fraction:
    """The value of a `const` node."""
    if not isinstance(expr.data, Fraction):
        raise ProgramError(f"not a constant: {brief(expr)}")
    return expr.data


def input(index: int) -> Expr:
    """The input x_index."""
    if type(index) is not int or index < 0:
        raise ProgramError(f"not the number of an input: {index!r}")
    return _node("input", (), index)


def inputs(n: int) -> list[Expr]:
    """The n inputs x0, ..., x_{n-1}; raises ProgramError if n is no number of inputs."""
    if type(n) is not int or n < 0:
        raise ProgramError(f"not a number of inputs: {n!r}")
    return [input(i) for i in range(n)]


def relu(value: Expr | Number) -> Expr:
    """relu(t) = max(t, 0)."""
    value = as_expr(value)
    return _node("relu", (value,))


def step(value: Expr | Number) -> Expr:
    """step(t) = 1 if t >= 0 else 0 (Heaviside, 1 at 0)."""
    value = as_expr(value)
    return _node("step", (value,))


def symbol(name: str) -> Expr:
    """What a statement calls by this name: an input or output such as `x[0]`, an index `w`, `x[w]`, a defined `m`.

    >>> x_w, m = symbol("x[w]"), symbol("m")
    >>> x_w <= m
    (x[w] - m <= 0)
    """
    return _node("symbol", (), name)


def smallest(of: Iterable[Expr | Number]) -> Expr:
    """The smallest of these, in a condition: `y == smallest([a, b])`. (In a program it is `minimum`.)"""
    return _extreme("smallest", of)


@overload
def largest(of: Iterable[Expr | Number]) -> Expr: ...
@overload
def largest(of: Expr, among: Iterable[Expr | Number]) -> Condition[Expr]: ...
def largest(of: Expr | Iterable[Expr | Number], among: Iterable[Expr | Number] | None = None) -> Expr | Condition[Expr]:
    """The largest of these, in a condition: `y == largest([a, b])`. (In a program it is `maximum`.)

    >>> a, b, y = inputs(3)
    >>> y == largest([a, b])
    (x2 - largest(x0, x1) == 0)

    `largest(y, [a, b])` is that condition too.
    """
    if among is not None:
        return as_expr(of) == _extreme("largest", among)  # type: ignore[arg-type]
    return _extreme("largest", of)


def _extreme(op: str, of: object) -> Expr:
    if isinstance(of, (Expr, str)) or not isinstance(of, Iterable):
        raise ProgramError(f"{op} is of a list: write {op}([a, b]), not {op}({of!r:.80})")
    if not (args := tuple(as_expr(one) for one in of)):
        raise ProgramError(f"the {op} of nothing")
    return _node(op, args)


def equals(a: Expr | Number, b: Expr | Number) -> Condition[Expr]:
    """The condition a == b, also where both are numbers."""
    return _equal(as_expr(a), as_expr(b))


def _equal(a: Expr, b: Expr) -> Condition[Expr]:
    branches = (((EQ, a - b),),)
    for head, best in ((a, b), (b, a)):
        if best.op == "largest":
            return Largest(branches, head, best.args)
        if best.op == "smallest":
            return Largest(branches, -head, tuple(-one for one in best.args))
    return Condition(branches)


def call(gadget: object, result: int, body: Expr, arguments: Sequence[Expr]) -> Expr:
    """`body`, remembered as result number `result` of calling `gadget` on `arguments`."""
    return _node("call", (body, *arguments), (gadget, result))


def _add(a: Expr, b: Expr) -> Expr:
    if a.op == "const" and b.op == "const":
        return const(constant_value(a) + constant_value(b))
    if a.op == "const" and constant_value(a) == 0:
        return b
    if b.op == "const" and constant_value(b) == 0:
        return a
    return _node("add", (a, b))


def _scale(factor: Fraction, a: Expr) -> Expr:
    if a.op == "const":
        return const(factor * constant_value(a))
    if a.op == "scale":
        inner = a.data
        if isinstance(inner, Fraction):
            factor, a = factor * inner, a.args[0]
    if factor == 1:
        return a
    return const(0) if factor == 0 else _node("scale", (a,), factor)


def factor_of(expr: Expr) -> Fraction:
    """The factor of a `scale` node."""
    if not isinstance(expr.data, Fraction):
        raise ProgramError(f"not a multiple: {brief(expr)}")
    return expr.data


def children(expr: Expr) -> tuple[Expr, ...]:
    """The nodes `expr` is computed from; a call is computed from its body."""
    return expr.args[:1] if expr.op == "call" else expr.args


def topological(roots: Iterable[Expr], below: Callable[[Expr], tuple[Expr, ...]] = children) -> list[Expr]:
    """Every node under `roots`, once, children before parents: depth first, in the order in which each is written.

    The order depends on the programs alone, not on what else has been made before: units are numbered by it.
    """
    found: dict[Expr, None] = {}
    opened: set[Expr] = set()  # what is opened and not yet found is an ancestor of what is on top
    stack = list(roots)[::-1]
    while stack:
        node = stack[-1]
        if node in opened:
            found[stack.pop()] = None
        else:
            opened.add(node)
            stack += [child for child in reversed(below(node)) if child not in opened]
    return list(found)


class Affine:
    """An affine form `const + sum of coefficient * atom`; atoms are the nodes of `ATOMS`."""

    __slots__ = ("const", "terms")

    def __init__(self, const: int | Fraction, terms: dict[Expr, int | Fraction]):
        self.const, self.terms = const, terms


def affine(expr: Expr) -> Affine:
    """The affine form of `expr` over its outermost atoms.

    Linear nodes are expanded from the last created to the first, so what cancels is never expanded: in
    `(m + r) - (m + s)` the shared `m`, however large, costs one step.
    """
    constant: int | Fraction = 0
    terms: dict[Expr, int | Fraction] = {}
    pending: dict[Expr, int | Fraction] = {expr: 1}
    heap = [(-expr.serial, expr)]
    while heap:
        node = heappop(heap)[1]
        weight = pending.pop(node)
        if not weight:
            continue
        if node.op in ATOMS:
            terms[node] = weight
        elif node.op == "const":
            constant += weight * constant_value(node)
        else:
            factor = weight * exact(factor_of(node)) if node.op == "scale" else weight
            for child in children(node):
                if child in pending:
                    pending[child] += factor
                else:
                    pending[child] = factor
                    heappush(heap, (-child.serial, child))
    return Affine(constant, terms)


def linear_parts(expr: Expr) -> Iterator[Expr]:
    """The non-atomic nodes of the affine part of `expr` (itself included): what the program named on the way."""
    seen: set[Expr] = set()
    stack = [expr]
    while stack:
        node = stack.pop()
        if node in seen or node.op in ATOMS or node.op == "const":
            continue
        seen.add(node)
        yield node
        stack.extend(children(node))


@overload
def evaluate(outputs: Expr, point: Sequence[Number]) -> Fraction: ...
@overload
def evaluate(outputs: Sequence[Expr], point: Sequence[Number]) -> list[Fraction]: ...
def evaluate(outputs: Expr | Sequence[Expr], point: Sequence[Number]) -> Fraction | list[Fraction]:
    """The exact value at the inputs `point` (numbers, one per input); of several programs a list of values.

    >>> a, b = inputs(2)
    >>> evaluate(b + relu(a - b), [3, 5])
    Fraction(5, 1)
    """
    if isinstance(outputs, Expr):
        return evaluate([outputs], point)[0]
    x = [as_fraction(value) for value in point]
    value: dict[Expr, Fraction] = {}
    programs = [] if isinstance(outputs, (list, tuple)) and not outputs else listed(outputs)
    for node in topological(programs):
        value[node] = _value(node, [value[child] for child in children(node)], x)
    return [value[output] for output in programs]


def _value(node: Expr, args: list[Fraction], x: list[Fraction]) -> Fraction:
    match node.op:
        case "input":
            if not isinstance(node.data, int) or node.data >= len(x):
                raise ProgramError(f"the program reads x{node.data}, but {len(x)} inputs were given")
            return x[node.data]
        case "const":
            return constant_value(node)
        case "add":
            return sum(args, _zero)
        case "scale":
            return factor_of(node) * args[0]
        case "relu":
            return max(args[0], _zero)
        case "step":
            return _one if args[0] >= 0 else _zero
        case "call":
            return args[0]
        case "largest":
            return max(args)
        case "smallest":
            return min(args)
        case "symbol":
            raise ProgramError(f"{node.data} is a name in a statement, and has no value here")
    raise ProgramError(f"unknown node {node.op!r}")


def substitute(outputs: Sequence[Expr], actual: Sequence[Expr | Number]) -> list[Expr]:
    """`outputs` with input i replaced by `actual[i]` everywhere, gadget calls kept."""
    replacement = [as_expr(a) for a in actual]
    new: dict[Expr, Expr] = {}
    for node in topological(outputs, lambda node: node.args):
        args = tuple(new[arg] for arg in node.args)
        match node.op:
            case "input":
                if not isinstance(node.data, int) or node.data >= len(replacement):
                    raise ProgramError(f"the program reads x{node.data}, but {len(replacement)} inputs were given")
                new[node] = replacement[node.data]
            case _:
                new[node] = _rebuilt(node, args)
    return [new[output] for output in outputs]


def opened(outputs: Sequence[Expr]) -> list[Expr]:
    """`outputs` without gadget calls: each is its body."""
    new: dict[Expr, Expr] = {}
    for node in topological(outputs):
        args = tuple(new[child] for child in children(node))
        new[node] = args[0] if node.op == "call" else _rebuilt(node, args)
    return [new[output] for output in outputs]


def _rebuilt(node: Expr, args: tuple[Expr, ...]) -> Expr:
    """The node with these arguments in place of its own."""
    match node.op:
        case "add":
            return _add(args[0], args[1])
        case "scale":
            return _scale(factor_of(node), args[0])
    return _node(node.op, args, node.data)


def input_count(outputs: Sequence[Expr]) -> int:
    """One more than the largest input index read."""
    return max((node.data + 1 for node in topological(outputs) if isinstance(node.data, int)), default=0)
