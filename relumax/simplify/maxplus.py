"""Max-plus normal forms: what a program computes, as sums of maxima over sets.

A value is a *form*: a linear combination of the constant 1, inputs and *atoms*, an atom being Max(S) for a set S of
forms (or step of one). A program value as one difference of two tropical polynomials is exponentially large in general;
a sum of several maxima is not, because each relu adds one atom:

    relu(u)                 = Max(u, 0)
    Max(S)                  = t + Max(s - t for s in S)             (`balance`: choose t so that little is left in S)
    Max(S)                  = c Max(s / c for s in S), c > 0        (`content`: make S primitive)
    Max(c Max(T) + r, ...)  = Max(c t + r for t in T, ...), c > 0   (`_flatten`)

Every atom is kept in the one translation and scale that these fix, and atoms are hash-consed, so what is equal for
these reasons is the same object and cancels in sums: b + relu(a - b) = b + (Max(a, b) - b) = Max(a, b), whatever a and
b are. These are the identities of the max-plus semiring (Butkovic, Max-linear Systems, 2010, section 1.1; for relu
networks Zhang, Naitzat, Lim, arXiv 1805.07091).

Flattening loses who was compared with whom, which min(max(a, b), c) = c + Max(a, b) - Max(a, b, c) needs; an atom
therefore remembers the pairs it was the maximum of (`pairs`), and `MaxPlus.group` uses them to undo what does not help:

    R + c Max(P, Q) = Max(R + c P, R + c Q) for c > 0, Min(R + c P, R + c Q) for c < 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import partial

from relumax.errors import BudgetExceeded, ProgramError
from relumax.language.expr import Expr, children, constant_value, factor_of, topological
from relumax.simplify.form import ONE, Atom, Coef, Form, Term, balance, content, exact, plus, times


class MaxPlus:
    """A workshop of forms: hash-consed atoms, and the inputs promised to be >= 0."""

    def __init__(self, nonnegative: Collection[int] = (), budget: int = 20_000_000):
        self.nonnegative, self.budget = frozenset(nonnegative), budget
        self.count = 0
        self._number: dict[frozenset[tuple[Term, Coef]], int] = {}
        self._member: list[Form] = []
        self._atom: dict[int, Atom] = {}
        self._step: dict[int, Atom] = {}
        self._plus, self._minus = 0, 0  # bit sets of the members x_i (and 0), and -x_i

    # -- programs ------------------------------------------------------------------------------------------------

    def forms(self, outputs: Sequence[Expr]) -> list[Form]:
        """The forms of `outputs`, node by node; a node's form is dropped after its last use."""
        nodes = topological(outputs)
        uses = Counter(child for node in nodes for child in children(node))
        uses.update(outputs)
        form: dict[Expr, Form] = {}
        for node in nodes:
            args = [form[child] for child in children(node)]
            form[node] = self._node(node, args)
            for child in children(node):
                uses[child] -= 1
                if not uses[child]:
                    del form[child]
        return [form[output] for output in outputs]

    def _node(self, node: Expr, args: list[Form]) -> Form:
        match node.op:
            case "input" if isinstance(node.data, int):
                return {node.data: 1}
            case "const":
                return {ONE: exact(constant_value(node))} if constant_value(node) else {}
            case "add":
                self._spend(len(args[0]) + len(args[1]) >> 4)
                return plus(args[0], args[1])
            case "scale":
                return times(exact(factor_of(node)), args[0])
            case "relu":
                return self.relu(args[0])
            case "step":
                return self.step(args[0])
            case "call":
                return args[0]
        raise ProgramError(f"unknown node {node.op!r}")

    def relu(self, u: Form) -> Form:
        """relu(u) = Max(u, 0), or u, or 0 where the sign of u is provable."""
        if len(u) <= 2:
            short = self._unite(u)
            if short is not None:
                return short
        if self.proved(u):
            return u
        if self.proved(times(-1, u)):
            return {}
        atoms = sum(isinstance(t, Atom) for t in u)
        if atoms > 1:  # with two atoms it may be an excess Max(S, x) - Max(S), better left to cancel
            u = self.group(u, whole=atoms == 2)
        return self.maximum([u, {}])

    def step(self, u: Form) -> Form:
        """step(u) = 1 if u >= 0 else 0; step(c u) = step(u) for c > 0."""
        if self.proved(u):
            return {ONE: 1}
        below = self.lower(times(-1, u))
        if below is not None and below > 0:
            return {}
        u = times(1 / Fraction(content([u])), u)
        number = self._numbered(u)
        if number not in self._step:
            self._step[number] = self._new("step", 1 << number, (u,))
        return {self._step[number]: 1}

    # -- maxima --------------------------------------------------------------------------------------------------

    def maximum(self, forms: Sequence[Form], balance_atoms: bool = True) -> Form:
        """Max over `forms` as translation + scale * atom. Grouped forms keep their atoms (`balance_atoms=False`)."""
        moved: dict[Term, Coef] = {}
        balanced = balance(forms, moved, balance_atoms)
        members = self._irredundant(self._flatten(balanced))
        if len(members) > 1:
            members = balance(members, moved, balance_atoms)
        if len(members) == 1:
            return plus(moved, members[0])
        scale = content(members)
        if scale != 1:
            members = [times(1 / Fraction(scale), m) for m in members]
        atom = self._atom_of(sum({1 << self._numbered(m) for m in members}), tuple(members))
        if len(forms) == 2:
            rest = times(-1, moved)
            self._remember(atom, *(times(1 / Fraction(scale), plus(f, rest)) for f in forms))
        return plus(moved, {atom: scale})

    def minimum(self, forms: Sequence[Form], balance_atoms: bool = True) -> Form:
        """Min(S) = -Max(-S)."""
        return times(-1, self.maximum([times(-1, f) for f in forms], balance_atoms))

    def _unite(self, u: Form) -> Form | None:
        """The frequent case, a union of bit sets: relu(c (P - Q)) where P, Q are maxima over inputs and 0, or minima.

        In maxima it is c (Max(P, Q) - Q); in minima, -P and -Q being maxima over negated inputs, c (P + Max(-P, -Q)).
        None if u is not of this kind, or the union not in normal form as it stands.
        """
        scale = max(u.values(), default=0) or -min(u.values(), default=0)
        for minima in (False, True):
            side: list[Term | None] = [None, None]
            for t, c in u.items():
                side[(c > 0) == (minima and isinstance(t, Atom))] = t
            p, q = side
            if len(u) != (p is not None) + (q is not None) or any(abs(c) != scale for c in u.values()):
                continue
            if not u or (minima and (p is None or q is None)):
                continue
            high, low = self._bits(p, minima), self._bits(q, minima)
            both = high | low
            if not high or not low or both & ~(self._minus if minima else self._plus):
                continue
            if both in (high, low):
                return u if (both == high) != minima else {}
            if minima and both.bit_count() < 3:
                continue
            atom = self._atom_of(both, None)
            if isinstance(p, Atom) or isinstance(q, Atom):
                sign = -1 if minima else 1
                pair = ({} if t is None else {t: 1 if isinstance(t, Atom) else sign} for t in (p, q))
                self._remember(atom, *pair)
            if minima:
                return plus({p: u[p]} if p is not None else {}, {atom: scale})
            return {atom: scale} if q is None else {atom: scale, q: -scale}
        return None

    def _bits(self, term: Term | None, minima: bool) -> int:
        """The members of a maximum, or the one member that an input (negated, for minima) or 0 is; 0 if neither."""
        if isinstance(term, Atom):
            return term.mask if term.kind == "max" else 0
        if term == ONE:
            return 0
        return 1 << self._numbered({} if term is None else {term: -1 if minima else 1})

    def _flatten(self, forms: Sequence[Form]) -> list[Form]:
        """c Max(T) + r, where c > 0 and r is affine, becomes c t + r for t in T: sizes add, they never multiply."""
        out: list[Form] = []
        for form in forms:
            atoms = [t for t in form if isinstance(t, Atom)]
            if len(atoms) == 1 and atoms[0].kind == "max" and form[atoms[0]] > 0:
                scale = form[atoms[0]]
                rest: dict[Term, Coef] = {t: c for t, c in form.items() if not isinstance(t, Atom)}
                self._spend(len(atoms[0].members) * (1 + len(rest)))
                out += [plus(rest, times(scale, m)) for m in atoms[0].members]
            else:
                out.append(form)
        return out

    def _irredundant(self, forms: list[Form]) -> list[Form]:
        """Drops members that another one provably dominates: of forms that differ by a constant the largest stays."""
        best: dict[frozenset[tuple[Term, Coef]], Coef] = {}
        kept: dict[frozenset[tuple[Term, Coef]], Form] = {}
        for form in forms:
            key = frozenset(item for item in form.items() if item[0] != ONE)
            constant = form.get(ONE, 0)
            if key not in best or constant > best[key]:
                best[key], kept[key] = constant, form
        out = list(kept.values())
        if len(out) <= 24 and (self.nonnegative or any(isinstance(t, Atom) for f in out for t in f)):
            for form in list(out):
                if any(f is not form and self.proved(plus(f, times(-1, form))) for f in out):
                    out = [f for f in out if f is not form]
        return out

    def _numbered(self, form: Form) -> int:
        """The number (bit) of a form as a member."""
        key = frozenset(form.items())
        number = self._number.get(key)
        if number is None:
            number = self._number[key] = len(self._member)
            self._member.append(form)
            self._spend(len(form) + 1)
            if not form:
                self._plus |= 0 if self.nonnegative else 1 << number  # (promised inputs make 0 redundant)
            elif len(form) == 1:
                [(t, c)] = form.items()
                if t != ONE and not isinstance(t, Atom):
                    self._plus |= (c == 1) << number
                    self._minus |= (c == -1) << number
        return number

    def _members_of(self, mask: int) -> tuple[Form, ...]:
        """The forms whose bits are set in `mask`."""
        return tuple(self._member[i] for i, bit in enumerate(reversed(bin(mask)[2:])) if bit == "1")

    def _new(self, kind: str, mask: int, members: tuple[Form, ...] | None) -> Atom:
        self.count += 1
        return Atom(self.count, kind, mask, members, self._members_of)

    def _atom_of(self, mask: int, members: tuple[Form, ...] | None) -> Atom:
        atom = self._atom.get(mask)
        if atom is None:
            self._spend(mask.bit_length() >> 6)
            atom = self._atom[mask] = self._new("max", mask, members)
        return atom

    def _remember(self, atom: Atom, p: Form, q: Form) -> None:
        """atom = Max(p, q), worth knowing if p, q use other, earlier atoms (Max(0, m) may be m itself)."""
        serials = [t.serial for f in (p, q) for t in f if isinstance(t, Atom)]
        if serials and max(serials) < atom.serial and len(atom.pairs) < 8 and (p, q) not in atom.pairs:
            atom.pairs.append((p, q))

    def _spend(self, work: int) -> None:
        self.budget -= 1 + work
        if self.budget < 0:
            raise BudgetExceeded(f"the max-plus form has more than {self.count:,} maxima")

    # -- bounds and grouping -------------------------------------------------------------------------------------

    def lower(self, form: Form) -> Fraction | None:
        """A proved lower bound of `form`, or None.

        Max(S) >= s for each s in S, step >= 0, -step >= -1, and x_i >= 0 where promised. The member s is the one that
        leaves the fewest terms without a bound (greedy, outermost maximum first).
        """
        rest = dict(form)

        def unbounded(term: Term, coef: Coef) -> bool:
            return term != ONE and coef != 0 and (coef < 0 or term not in self.nonnegative)

        def cost(coef: Coef, member: Form) -> tuple[int, Coef]:
            new = [(t, rest.get(t, 0), rest.get(t, 0) + coef * c) for t, c in member.items()]
            return sum(unbounded(t, b) - unbounded(t, a) for t, a, b in new), -member.get(ONE, 0)

        while atoms := [t for t in rest if isinstance(t, Atom)]:
            top = max(atoms, key=lambda a: a.serial)
            coef = rest.pop(top)
            if top.kind == "step":
                rest = plus(rest, {ONE: min(coef, 0)})
            elif coef < 0:
                return None
            else:
                self._spend(len(top.members))
                rest = plus(rest, times(coef, min(top.members, key=partial(cost, coef))))
        if any(unbounded(t, c) for t, c in rest.items()):
            return None
        return Fraction(rest.get(ONE, 0))

    def proved(self, form: Form) -> bool:
        """Whether `form` >= 0 is proved."""
        bound = self.lower(form)
        return bound is not None and bound >= 0

    def group(self, form: Form, whole: bool = False) -> Form:
        """`form` with R + c Max(P, Q) replaced by one Max or Min where that leaves fewer atoms (see the module).

        With `whole`, only P + Q - Max(P, Q) = Min(P, Q) and its multiples, with all of P and Q in `form`.
        """
        form = dict(form)
        queue = sorted((t for t in form if isinstance(t, Atom) and t.pairs), key=lambda a: a.serial)
        while queue:
            atom = queue.pop()
            for p, q in atom.pairs if atom in form else ():
                coef = form[atom]
                near = {t for f in (p, q) for t in f if isinstance(t, Atom)}
                here: dict[Term, Coef] = {t: form[t] for t in near if t in form}
                branches = [plus(here, times(coef, f)) for f in (p, q)]
                common: dict[Term, Coef] = {
                    t: c for t, c in branches[0].items() if t in near and branches[1].get(t) == c
                }
                branches = [plus(b, times(-1, common)) for b in branches]
                before = sum(t in form for t in near) + 1
                if max(sum(isinstance(t, Atom) for t in b) for b in branches) > 1 or before <= 1 + len(common):
                    continue
                if whole and any(form.get(t, 0) / Fraction(-coef * c) < 1 for t, c in plus(p, q).items()):
                    continue
                choose = self.maximum if coef > 0 else self.minimum
                grouped = choose(branches, balance_atoms=False)
                rest = {t: c for t, c in form.items() if t not in near and t is not atom}
                form = dict(plus(plus(rest, common), grouped))
                queue = sorted((t for t in form if isinstance(t, Atom) and t.pairs), key=lambda a: a.serial)
                break
        return form
