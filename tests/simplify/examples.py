"""Ways to write the same functions, points full of ties, and an evaluator of closed forms that shares no code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from hypothesis import strategies as st

from relumax.language.expr import Expr, const, input, relu, step
from relumax.simplify.closed import ClosedForm
from relumax.simplify.shape import Choice, Sum

Binary = Callable[[Expr, Expr], Expr]

MAXIMA: dict[str, Binary] = {
    "b + relu(a - b)": lambda a, b: b + relu(a - b),
    "a + relu(b - a)": lambda a, b: a + relu(b - a),
    "rescaled": lambda a, b: relu(3 * a - 3 * b) / 3 + b,
    "scaled back": lambda a, b: (2 * a + relu(2 * b - 2 * a)) / 2,
    "half sum, half distance": lambda a, b: (a + b) / 2 + (relu(a - b) + relu(b - a)) / 2,
    "three units": lambda a, b: relu(a - b) + relu(b) - relu(-b),
    "shifted": lambda a, b: relu(a - b + 1 - 1) + (b + 7) - 7,
    "by a minimum": lambda a, b: a + b - (b - relu(b - a)),
    "units twice": lambda a, b: b + relu(relu(a - b)) + relu(relu(2 * b - a - a)) / 2 - relu(b - a),
}


def maximum(a: Expr, b: Expr) -> Expr:
    return b + relu(a - b)


def minimum(a: Expr, b: Expr) -> Expr:
    return b - relu(b - a)


def chain(x: Sequence[Expr], choose: Binary = maximum) -> Expr:
    best = x[0]
    for y in x[1:]:
        best = choose(best, y)
    return best


def tournament(x: Sequence[Expr], choose: Binary = maximum) -> Expr:
    x = list(x)
    while len(x) > 1:
        x = [choose(*x[i : i + 2]) if i + 1 < len(x) else x[i] for i in range(0, len(x), 2)]
    return x[0]


def excess(x: Sequence[Expr], choose: Binary = maximum) -> Expr:
    """Everybody waiting moves up to the running maximum."""
    while len(x) > 1:
        first, *rest = x
        x = [choose(y, first) for y in rest]
    return x[0]


def carried_excess(x: Sequence[Expr]) -> Expr:
    """FACTS, section 1: carry m and e_i = relu(x_i - m); m' = m + e_1, e_i' = relu(e_i - e_1)."""
    best, *rest = x
    over = [relu(y - best) for y in rest]
    while over:
        first, *over = over
        best, over = best + first, [relu(e - first) for e in over]
    return best


def essay(a: Expr, b: Expr) -> Expr:
    """C = relu(A - B), D = relu(B), E = relu(C + D): the maximum for B >= 0."""
    return relu(relu(a - b) + relu(b))


def all_inputs(n: int) -> str:
    return ", ".join(f"x{i}" for i in range(n))


SMALL = st.sampled_from([Fraction(q) for q in (-2, -1, "-1/2", 0, "1/3", "1/2", 1, 2, 3)])


@st.composite
def points(draw: st.DrawFn, n: int, least: int | None = None) -> list[Fraction]:
    """n rationals, mostly from so few that ties are the rule."""
    pool = draw(st.lists(st.fractions(-4, 4, max_denominator=6) | SMALL, min_size=1, max_size=3))
    point = [draw(st.sampled_from(pool)) for _ in range(n)]
    return point if least is None else [max(q, Fraction(least)) for q in point]


@st.composite
def programs(draw: st.DrawFn, n: int = 3, steps: bool = False, size: int = 12) -> Expr:
    """A random DAG: each node combines earlier ones, so parts are shared and cancel."""
    nodes = [input(i) for i in range(n)] + [const(draw(SMALL))]
    kinds = ["add", "sub", "scale", "relu", "max", "min", *(["step"] if steps else [])]
    for _ in range(draw(st.integers(1, size))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        match draw(st.sampled_from(kinds)):
            case "add":
                node = a + b
            case "sub":
                node = a - b
            case "scale":
                node = draw(SMALL) * a
            case "relu":
                node = relu(a - b)
            case "max":
                node = draw(st.sampled_from(list(MAXIMA.values())))(a, b)
            case "min":
                node = -draw(st.sampled_from(list(MAXIMA.values())))(-a, -b)
            case _:
                node = step(a - b)
        nodes.append(node)
    return nodes[-1] + nodes[-2] if draw(st.booleans()) else nodes[-1]


def value(form: ClosedForm, x: Sequence[Fraction]) -> Fraction:
    """What a closed form says at x, exactly."""
    if isinstance(form.body, Sum):
        return _sum(form.body, x)
    for case in form.body or ():
        for part in case.anywhere:
            if all(_sum(f, x) > 0 if strict else _sum(f, x) >= 0 for f, strict in part):
                return _sum(case.value, x)
    raise AssertionError("no case applies")


def _sum(node: Sum, x: Sequence[Fraction]) -> Fraction:
    return sum((coef * _term(term, x) for coef, term in node.terms), Fraction(0))


def _term(term: int | Choice, x: Sequence[Fraction]) -> Fraction:
    if isinstance(term, Choice):
        args = [_sum(arg, x) for arg in term.args]
        return {"Max": max, "Min": min, "Heaviside": lambda a: Fraction(a[0] >= 0)}[term.op](args)
    return Fraction(1) if term == -1 else x[term]
