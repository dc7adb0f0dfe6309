"""From max-plus forms to what is read: sums of Max and Min trees, each translated and signed so that it reads best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from relumax.errors import BudgetExceeded
from relumax.simplify.form import ONE, Atom, Coef, Form, Term, content, plus, times
from relumax.simplify.maxplus import MaxPlus

MAX_DEPTH = 40  # nested deeper than this, nobody reads it; the recursions of this folder stay this shallow


class Sum(NamedTuple):
    """coefficient * (input index, ONE or Choice), added up, in reading order: positive terms first, constants last."""

    terms: tuple[tuple[Coef, int | Choice], ...]


class Choice(NamedTuple):
    """op "Max", "Min" or "Heaviside" (1 at 0) over its arguments, in reading order."""

    op: str
    args: tuple[Sum, ...]


def shape(workshop: MaxPlus, form: Form, limit: int = 20_000) -> Sum:
    """`form` as it is read; refused when it would take more than `limit` terms."""
    if _size(form, {}) > limit:
        raise BudgetExceeded(f"more than {limit:,} terms")
    return _sum(workshop, form)


def _size(form: Form, known: dict[Atom, int]) -> int:
    """How many terms `form` has when every maximum is written out where it stands (counted: they can be very many)."""
    stack = [t for t in form if isinstance(t, Atom)]
    while stack:
        atom = stack[-1]
        if atom.depth > MAX_DEPTH:
            raise BudgetExceeded(f"maxima nested more than {MAX_DEPTH} deep")
        below = [t for m in atom.members for t in m if isinstance(t, Atom) and t not in known]
        if below:
            stack += below
        else:
            known[atom] = sum(known[t] if isinstance(t, Atom) else 1 for m in atom.members for t in m)
            stack.pop()
    return sum(known[t] if isinstance(t, Atom) else 1 for t in form)


def _sum(workshop: MaxPlus, form: Form) -> Sum:
    form = workshop.group(form)
    rest: dict[int, Coef] = {t: c for t, c in form.items() if not isinstance(t, Atom)}
    terms: list[tuple[Coef, int | Choice]] = []
    for atom in sorted((t for t in form if isinstance(t, Atom)), key=lambda a: a.serial):
        if atom.kind == "step":
            terms.append((form[atom], Choice("Heaviside", (_sum(workshop, atom.members[0]),))))
        else:
            terms.append(_choice(workshop, atom, form[atom], rest))
    terms += [(c, t) for t, c in rest.items()]
    return Sum(tuple(sorted(terms, key=lambda term: (term[0] < 0, *_place(term[1])))))


def _choice(workshop: MaxPlus, atom: Atom, coef: Coef, rest: dict[int, Coef]) -> tuple[Coef, Choice]:
    """coef * atom as factor * Max or Min; what reads better inside is moved there from `rest`.

    c Max(S) + r = Max(c s + r for s in S) for c > 0 and Min(c s + r for s in S) for c < 0.
    """
    op = "Max" if coef > 0 else "Min"
    members = [times(coef, m) for m in atom.members]
    leaves = [leaf for m in members for leaf in _leaves(m)]
    values: dict[int, Counter[Coef]] = {t: Counter() for t in rest}
    for leaf in leaves:
        for t, c in leaf.items():
            if t in values:
                values[t][c] += 1
    shift: dict[Term, Coef] = {}
    for t, counts in values.items():
        counts[0] = len(leaves) - counts.total()
        if 0 < counts[0] < len(leaves) or len(counts) > 2:
            candidates = [0, rest[t], *(-v for v in counts)]
            shift[t] = min(candidates, key=partial(_written, counts, rest[t], len(leaves) == 2))
    shift = {t: c for t, c in shift.items() if c}
    for t in [t for t in rest if t in shift]:
        rest[t] -= shift[t]
        if not rest[t]:
            del rest[t]
    if shift:
        members = [plus(m, shift) for m in members]
    factor: Coef = content(members)
    inside = sum(abs(c) != 1 for m in members for c in m.values())
    outside = (factor != 1) + sum(abs(c) != factor for m in members for c in m.values())
    if inside < outside:
        factor = 1
    args = [_sum(workshop, times(1 / Fraction(factor), m)) for m in members]
    if all(c < 0 for arg in args for c, _ in arg.terms) and (op == "Min" or all(arg.terms for arg in args)):
        factor, op = -factor, "Max" if op == "Min" else "Min"  # -Max(S) = Min(-S); but Max(0, -x) stays
        args = [Sum(tuple((-c, t) for c, t in arg.terms)) for arg in args]
    return factor, Choice(op, tuple(sorted(args, key=_order)))


def _leaves(form: Form) -> list[Form]:
    """The affine forms that `form` chooses from, where it is one tree of maxima and minima."""
    own: Form = {t: c for t, c in form.items() if not isinstance(t, Atom)}
    atoms = [a for a in form if isinstance(a, Atom) and a.kind == "max"]
    if len(atoms) != 1:
        return [own]
    return [plus(own, times(form[atoms[0]], leaf)) for m in atoms[0].members for leaf in _leaves(m)]


def _written(values: Mapping[Coef, int], outside: Coef, absorb: bool, s: Coef) -> tuple[int, bool, bool]:
    """How many terms in one input are written if s of it moves inside; on a tie, Max(-x, x), not 2 Max(0, x) - x."""
    left = outside != s
    return sum(n for v, n in values.items() if v + s) + left, left and absorb, s != 0


def _place(term: int | Choice) -> tuple[int, tuple[int, ...]]:
    """Inputs by index, then choices by the inputs they read, then the constant."""
    if isinstance(term, Choice):
        return 1, inputs_read(term)
    return (2, ()) if term == ONE else (0, (term,))


def _order(sum_: Sum) -> tuple[bool, tuple[int, ...], tuple[tuple[Coef, tuple[int, tuple[int, ...]]], ...]]:
    """Arguments: 0 first, then by the inputs read, constants last."""
    constant = all(t == ONE for _, t in sum_.terms)
    return constant and bool(sum_.terms), inputs_read(sum_), tuple((c, _place(t)) for c, t in sum_.terms)


def inputs_read(node: Sum | Choice) -> tuple[int, ...]:
    """The inputs below `node`, sorted."""
    found: set[int] = set()
    stack: list[Sum | Choice] = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, Choice):
            stack += node.args
        else:
            for _, term in node.terms:
                if isinstance(term, Choice):
                    stack.append(term)
                elif term != ONE:
                    found.add(term)
    return tuple(sorted(found))


def terms_in(node: Sum) -> int:
    """How many inputs and constants are written in `node`: how long it is to read."""
    total, stack = 0, [node]
    while stack:
        for _, term in stack.pop().terms:
            if isinstance(term, Choice):
                stack += term.args
                total += sum(not arg.terms for arg in term.args)  # a written 0
            else:
                total += 1
    return total


def tangled(node: Sum) -> bool:
    """Whether two terms of one sum, anywhere in `node`, choose by a common input: then a shorter form may exist."""
    stack = [node]
    while stack:
        choices = [term for _, term in stack.pop().terms if isinstance(term, Choice)]
        counts = Counter(i for choice in choices for i in set(inputs_read(choice)))
        if any(count > 1 for count in counts.values()):
            return True
        stack += [arg for choice in choices for arg in choice.args]
    return False


def nested_step(node: Sum) -> bool:
    """Whether a step is inside another step, a Max or a Min: cases are easier to read then."""
    stack = [(node, False)]
    while stack:
        sum_, inside = stack.pop()
        for _, term in sum_.terms:
            if isinstance(term, Choice):
                if inside and term.op == "Heaviside":
                    return True
                stack += [(arg, True) for arg in term.args]
    return False
