"""The essay's own networks: every layer is a matrix and a relu, and so the inputs must be >= 0.

"Inner Optimization Mechanisms in Neural Nets" (2024) computes max(A, B) as C = relu(A - B), D = relu(B), then
E = relu(C + D): two layers a comparison, 2^(k/2) options in k layers. Its guess, 2^(k-1), is met by folding each E
into the next comparison. D = B needs B >= 0, which is why both theorems carry a `requires`.
"""

from __future__ import annotations

from relumax.constructions.registry import construction
from relumax.constructions.tournament import rounds
from relumax.language.expr import Expr, largest, relu
from relumax.language.gadget import gadget
from relumax.language.spec import max_nonnegative_spec


@gadget(requires=lambda a, b: (a >= 0, b >= 0), ensures=lambda e, a, b: (e == largest([a, b]), e >= 0))
def selected(a: Expr, b: Expr) -> Expr:
    """max(a, b) for a, b >= 0 in the essay's two layers."""
    c, d = relu(a - b), relu(b)
    return relu(c + d)


@gadget(requires=lambda a, b: (a >= 0, b >= 0), ensures=lambda e, a, b: (e == largest([a, b]), e >= 0))
def folded(a: Expr, b: Expr) -> Expr:
    """max(a, b) for a, b >= 0 in one layer: the essay's E is left to the next affine map."""
    return relu(a - b) + relu(b)


@construction("max", "essay", spec=max_nonnegative_spec, rough=lambda n: (2 * (n - 1).bit_length(), 3 * n))
def essay(x: list[Expr]) -> Expr:
    """m = max(x) for x >= 0: the essay's network, 2^(k/2) options in k layers (2 ceil(log2 n)); for all n in Coq."""
    return rounds(x, selected)


@construction("max", "essay-fused", spec=max_nonnegative_spec, rough=lambda n: ((n - 1).bit_length() + 1, 2 * n))
def essay_fused(x: list[Expr]) -> Expr:
    """m = max(x) for x >= 0: the essay's guess, 2^(k-1) options in k layers (ceil(log2 n) + 1); for all n in Coq."""
    return relu(rounds(x, folded))
