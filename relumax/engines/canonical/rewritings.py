"""The lemmas by which a unit is rewritten: what h = relu(s) is, where s is of a known kind.

Every lemma is free of scale: its variables stand for forms, so P, Q and M may be any multiple c > 0 of atoms p, q and
m, and what is known of those is known of their multiples, since the kernel keeps inequalities and clauses reduced.

    same      s = T and R = relu(T)                       h = R
    opposite  s = T and R = relu(-T)                      h = R + T
    top       s = P - Q and M = max(P, Q)                 h = M - Q      (and for M = max(Q, P))
    above     s = P - Q, P <= M, Q <= M, M = P or M = Q   h = M - Q      (and for M = Q or M = P)
    linear    s = T and T >= 0                            h = T
    off       s = T and T <= 0                            h = 0
    step      s = T and R = step(T), h = step(s)          h = R

Each comes in two ways: *linked*, where `s = ...` is a fact, and plain, where s is that very form. `renamed` says that
what is the largest of two has another name, `restated` that these have, `absorbed` that what is in both of two counts
once, `mirrored` what the smallest of two has to do with the largest.
"""

from __future__ import annotations

from relumax.engines.lemmas import Lemma
from relumax.engines.script import Value
from relumax.kernel.proof import EQ, LE, MAX, OR, RELU, STEP, difference, unit_clause, variable

Terms = tuple[tuple[int, int], ...]
P, Q, M = (variable(v) for v in range(3))


def _above(first: Value, second: Value) -> list[Value]:
    one_of = (OR, tuple((difference(M, one, EQ),) for one in (first, second)))
    return [difference(first, M, LE), difference(second, M, LE), one_of]


_T, _R = 0, 1
_RULES: dict[str, tuple[int, Terms, list[Value], Terms]] = {
    # name: variables, s, what is given, h
    "same": (2, ((_T, 1),), [unit_clause(RELU, variable(_T), _R)], ((_R, 1),)),
    "opposite": (2, ((_T, 1),), [unit_clause(RELU, (1, 0, ((_T, -1),)), _R)], ((_T, 1), (_R, 1))),
    "step": (2, ((_T, 1),), [unit_clause(STEP, variable(_T), _R)], ((_R, 1),)),
    "top": (3, ((0, 1), (1, -1)), [(MAX, M, (P, Q))], ((1, -1), (2, 1))),
    "top, turned": (3, ((0, 1), (1, -1)), [(MAX, M, (Q, P))], ((1, -1), (2, 1))),
    "above": (3, ((0, 1), (1, -1)), _above(P, Q), ((1, -1), (2, 1))),
    "above, turned": (3, ((0, 1), (1, -1)), _above(Q, P), ((1, -1), (2, 1))),
    "linear": (1, ((_T, 1),), [(LE, 0, ((_T, -1),))], ((_T, 1),)),
    "off": (1, ((_T, 1),), [(LE, 0, ((_T, 1),))], ()),
}


def rewriting(name: str, linked: bool) -> Lemma:
    """The lemma of this name; where it is linked, its last variable is s."""
    count, terms, given, result = _RULES[name]
    s: Value = (1, 0, terms)
    if linked:
        given = [difference(variable(count), s, EQ), *given]
        count, s = count + 1, variable(count)
    h = variable(count)
    return Lemma(count, [(STEP if name == "step" else RELU, s)], given, [difference(h, (1, 0, result), EQ)])


def mirrored() -> Lemma:
    """a, b, M, N: M = max(a, b) and N = max(-a, -b) give N = M - a - b."""
    a, b, m, n = (variable(v) for v in range(4))
    low = tuple((1, 0, ((v, -1),)) for v in (0, 1))
    return Lemma(4, [], [(MAX, m, (a, b)), (MAX, n, low)], [difference(n, (1, 0, ((0, -1), (1, -1), (2, 1))), EQ)])


def renamed() -> Lemma:
    """a, b, N, M: N = M and N = max(a, b) give M = max(a, b)."""
    a, b, n, m = (variable(v) for v in range(4))
    return Lemma(4, [], [difference(n, m, EQ), (MAX, n, (a, b))], [(MAX, m, (a, b))])


def restated(linked: tuple[bool, bool]) -> Lemma:
    """a, b, M and, of those that are linked, c: M = max of c for each linked one gives M = max(a, b), where c = a."""
    a, b, m = (variable(v) for v in range(3))
    old = [variable(3 + sum(linked[:k])) if linked[k] else one for k, one in enumerate((a, b))]
    given = [difference(one, new, EQ) for one, new in zip(old, (a, b), strict=True) if one != new]
    return Lemma(3 + sum(linked), [], [*given, (MAX, m, tuple(old))], [(MAX, m, (a, b))])


def absorbed(turned: tuple[bool, bool]) -> Lemma:
    """p, q, U, V, M: p <= U, V = max(p, q) and M = max(U, q) give M = max(U, V); those `turned` are max(b, a)."""
    p, q, u, v, m = (variable(k) for k in range(5))
    largest = zip((v, m), ((p, q), (u, q)), turned, strict=True)
    given = [(MAX, head, pair[::-1] if back else pair) for head, pair, back in largest]
    return Lemma(5, [], [difference(p, u, LE), *given], [(MAX, m, (u, v))])
