"""What is read, as text, LaTeX and sympy: three printers of the same tree, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from relumax.language.latex import latex_number
from relumax.simplify.form import ONE, Coef
from relumax.simplify.shape import Choice, Sum


class Case(NamedTuple):
    """One case of a Piecewise: `value` where, for one of `anywhere`, every (form, strict) is > 0 (strict) or >= 0."""

    value: Sum
    anywhere: tuple[tuple[tuple[Sum, bool], ...], ...]


# -- text ------------------------------------------------------------------------------------------------------------


def text(sum_: Sum) -> str:
    """As sympy writes it: `x0 + 3*Max(x1, x2)/2 - 1`."""
    return _signed([(c < 0, _text_term(-c if c < 0 else c, t)) for c, t in sum_.terms])


def _text_term(coef: Coef, term: int | Choice) -> str:
    if term == ONE:
        return str(coef)
    if isinstance(term, Choice):
        args = ", ".join(map(text, term.args))
        atom = f"{term.op}({args}, 1)" if term.op == "Heaviside" else f"{term.op}({args})"
    else:
        atom = f"x{term}"
    above = "" if coef.numerator == 1 else f"{coef.numerator}*"
    below = "" if coef.denominator == 1 else f"/{coef.denominator}"
    return above + atom + below


def text_cases(cases: Sequence[Case]) -> str:
    """`Piecewise((value, condition), ..., (value, True))`."""
    return f"Piecewise({', '.join(f'({text(case.value)}, {_text_condition(case)})' for case in cases)})"


def _text_condition(case: Case) -> str:
    parts = [" & ".join(_compared(text, " > " if s else " >= ", f) for f, s in part) for part in case.anywhere]
    if not all(case.anywhere):
        return "True"
    parenthesised = [f"({part})" if len(parts) > 1 and " & " in part else part for part in parts]
    return " | ".join(parenthesised)


# -- LaTeX -----------------------------------------------------------------------------------------------------------


def latex(sum_: Sum) -> str:
    r"""`x_{0} + \frac{3}{2} \max\left(x_{1}, x_{2}\right) - 1`."""
    return _signed([(c < 0, _latex_term(-c if c < 0 else c, t)) for c, t in sum_.terms])


def _latex_term(coef: Coef, term: int | Choice) -> str:
    number = latex_number(coef)
    if term == ONE:
        return number
    if isinstance(term, Choice):
        name = {"Max": r"\max", "Min": r"\min", "Heaviside": r"\theta"}[term.op]
        atom = rf"{name}\left({', '.join(map(latex, term.args))}\right)"
    else:
        atom = f"x_{{{term}}}"
    return atom if coef == 1 else f"{number} {atom}"


def latex_cases(cases: Sequence[Case]) -> str:
    """A `cases` environment."""
    rows = []
    for case in cases:
        parts = [
            r" \wedge ".join(_compared(latex, " > " if s else r" \geq ", f) for f, s in part) for part in case.anywhere
        ]
        condition = r"\text{for}\: " + r" \vee ".join(parts) if all(case.anywhere) else r"\text{otherwise}"
        rows.append(rf"{latex(case.value)} & {condition}")
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


# -- both ------------------------------------------------------------------------------------------------------------


def _signed(terms: Sequence[tuple[bool, str]]) -> str:
    if not terms:
        return "0"
    (negative, first), *rest = terms
    return ("-" if negative else "") + first + "".join((" - " if n else " + ") + t for n, t in rest)


def _compared(write: Callable[[Sum], str], relation: str, form: Sum) -> str:
    """form >= 0 with the negative terms on the other side."""
    left = Sum(tuple((c, t) for c, t in form.terms if c > 0))
    right = Sum(tuple((-c, t) for c, t in form.terms if c < 0))
    return write(left) + relation + write(right)


# -- sympy -----------------------------------------------------------------------------------------------------------


def to_sympy(sum_: Sum) -> Any:
    """The sympy expression, over plain symbols x0, x1, ...

    Max and Min are made unevaluated: sympy's own evaluation compares all pairs of arguments, and there is nothing left
    to evaluate. They print their arguments in input order (sympy would put x10 before x2), and are equal to what
    sympy would have made.
    """
    import sympy

    out = []
    for coef, term in sum_.terms:
        if isinstance(term, Choice) and term.op == "Heaviside":
            atom = sympy.Heaviside(to_sympy(term.args[0]), 1)
        elif isinstance(term, Choice):
            args = [to_sympy(arg) for arg in term.args]
            atom = getattr(sympy, term.op)(*args, evaluate=False)
            # sympy's printers ask the object first; attributes of the object are no part of its identity
            atom._sympystr = partial(_print_in_order, f"{term.op}({{}})", args)
            atom._latex = partial(_print_in_order, rf"\{term.op.lower()}\left({{}}\right)", args)
        else:
            atom = sympy.Integer(1) if term == ONE else sympy.Symbol(f"x{term}")
        out.append(_rational(coef) * atom)
    return sympy.Add(*out)


def _print_in_order(template: str, args: Sequence[Any], printer: Any, **_: object) -> str:
    return template.format(", ".join(printer._print(arg) for arg in args))


def _rational(value: Coef) -> Any:
    import sympy

    return sympy.Rational(Fraction(value).numerator, Fraction(value).denominator)


def cases_to_sympy(cases: Sequence[Case]) -> Any:
    """A sympy Piecewise; its last case is the default."""
    import sympy

    def condition(case: Case) -> Any:
        def compare(form: Sum, strict: bool) -> Any:
            return to_sympy(form) > 0 if strict else to_sympy(form) >= 0

        return sympy.Or(*(sympy.And(*(compare(f, s) for f, s in part)) for part in case.anywhere))

    return sympy.Piecewise(*((to_sympy(case.value), condition(case)) for case in cases), evaluate=False)
