"""Forms, linear combinations of the constant 1, inputs and atoms (maxima, steps), and their exact arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

Coef = int | Fraction
ONE = -1  # the term that stands for the constant 1; input i is the term i


class Atom:
    """Max over `members`, or (kind "step") the step of the one member. `serial` grows: members use earlier atoms."""

    __slots__ = ("_members", "depth", "kind", "list_members", "mask", "minlike", "pairs", "serial")

    def __init__(
        self,
        serial: int,
        kind: str,
        mask: int,
        members: tuple[Form, ...] | None,
        list_members: Callable[[int], tuple[Form, ...]],
    ):
        self.serial, self.kind, self.mask, self._members, self.list_members = serial, kind, mask, members, list_members
        nested = [(t, c) for m in members or () for t, c in m.items() if isinstance(t, Atom)]
        self.depth: int = 1 + max((t.depth for t, _ in nested), default=0)
        self.minlike = any(c < 0 and t.kind == "max" for t, c in nested)
        self.pairs: list[tuple[Form, Form]] = []

    @property
    def members(self) -> tuple[Form, ...]:
        """The forms under the maximum (listed on demand: most atoms on the way are only united with others)."""
        if self._members is None:
            self._members = self.list_members(self.mask)
        return self._members


Term = int | Atom
Form = Mapping[Term, Coef]


def plus(a: Form, b: Form) -> dict[Term, Coef]:
    """a + b, without zero terms."""
    if len(a) < len(b):
        a, b = b, a
    out = dict(a)
    for term, coef in b.items():
        total = out.get(term, 0) + coef
        if total:
            out[term] = total
        else:
            out.pop(term, None)
    return out


def times(factor: Coef, a: Form) -> dict[Term, Coef]:
    """factor * a."""
    if factor == 1:
        return dict(a)
    return {term: exact(factor * coef) for term, coef in a.items()} if factor else {}


def exact(value: Coef) -> Coef:
    """`value`, as an int if it is one: ints are many times faster than Fractions."""
    return value.numerator if value.denominator == 1 else value


def content(forms: Iterable[Form]) -> Coef:
    """The positive rational g that makes all coefficients of all forms / g integers without a common factor."""
    coefs = [c for form in forms for c in form.values()]
    return exact(Fraction(gcd(*(c.numerator for c in coefs)) or 1, lcm(*(c.denominator for c in coefs))))


def balance(forms: Sequence[Form], moved: dict[Term, Coef], atoms: bool) -> list[Form]:
    """`forms` - t, and t added to `moved`: t has each term's most frequent coefficient, so most become 0.

    The rule commutes with translation, which is what makes the result a normal form. Ties go to the smallest
    coefficient (a - b and 0 become a and b), but to the largest for an atom that is minus a minimum.
    """
    n = len(forms)
    occurs = Counter(t for form in forms for t in form)
    shift: dict[Term, Coef] = {}
    for term, count in occurs.items():
        if 2 * count < n or (isinstance(term, Atom) and not atoms):
            continue
        values = Counter(form.get(term, 0) for form in forms)
        sign = -1 if isinstance(term, Atom) and term.minlike else 1
        value = min(values, key=lambda v: (-values[v], sign * v))
        if value:
            shift[term] = value
    if not shift:
        return list(forms)
    for term, value in shift.items():
        moved[term] = moved.get(term, 0) + value
        if not moved[term]:
            del moved[term]
    back = times(-1, shift)
    return [plus(form, back) for form in forms]
