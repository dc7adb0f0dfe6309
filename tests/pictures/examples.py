"""Networks to draw, and where to look at them."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from relumax.constructions import registry
from relumax.language.expr import Expr, inputs, relu
from relumax.language.spec import Spec
from relumax.network.compile import compile
from relumax.network.layers import Network
from relumax.pictures.plane import Corners, Plane, axes, box, level, plane


class Example(NamedTuple):
    """A network of the catalogue on a plane."""

    net: Network
    spec: Spec
    on: Plane
    within: Corners


def built(function: str, name: str, n: int) -> tuple[Network, Spec]:
    found = registry.find(function, name)
    spec = found.spec(n, **found.options)
    return compile(found.program(n, **found.options), spec.width, spec.nonnegative), spec


def row(*values: int | str) -> list[Fraction]:
    return [Fraction(one) for one in values]


SQUARE = box(-3, 3, Fraction(-7, 3), Fraction(5, 2))
OBLIQUE = plane(row("1/3", 0, -1), row(1, 2, "1/2"), row(-1, 0, 3))
FIVE = plane(row(0, 0, 0, 0, 0), row(1, 0, 0, 0, -1), row(0, 1, "1/2", -1, 0))

CASES = {
    "max/tournament 2": ("max", "tournament", 2, axes(2)),
    "max/tournament 3": ("max", "tournament", 3, level()),
    "max/shallow 3": ("max", "shallow", 3, OBLIQUE),
    "max/shallow 5": ("max", "shallow", 5, FIVE),
    "max/essay 3": ("max", "essay", 3, level(Fraction(5))),
    "argmax/index 2": ("argmax", "index", 2, axes(2)),
    "argmax/index 3": ("argmax", "index", 3, OBLIQUE),
    "argmax/onehot 3": ("argmax", "onehot", 3, level()),
    "argmax/step 3": ("argmax", "step", 3, OBLIQUE),
}


def example(name: str) -> Example:
    function, construction, n, on = CASES[name]
    net, spec = built(function, construction, n)
    return Example(net, spec, on, SQUARE)


def bump(x: list[Expr]) -> Expr:
    """The maximum of two, but too large where both are near 0: by relu(1 - |x0| - |x1|)."""
    near = relu(1 - relu(x[0]) - relu(-x[0]) - relu(x[1]) - relu(-x[1]))
    return x[1] + relu(x[0] - x[1]) + near


def wrong_network() -> Network:
    return compile([bump(inputs(2))], 2)
