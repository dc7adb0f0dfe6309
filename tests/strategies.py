"""Hypothesis strategies for random programs and for points where comparisons tie often."""

from fractions import Fraction
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

from relumax.language.expr import Expr, const, inputs, relu, step

reproducible = settings(derandomize=True, deadline=None)
"""The settings of every property test: the same examples on every run, no time limit."""

RATIONALS = [Fraction(c) for c in ("-3", "-2", "-1", "-1/2", "-1/3", "1/3", "1/2", "3/4", "1", "2", "5/3")]
DYADICS = [c for c in RATIONALS if c.denominator in (1, 2, 4)]


class RandomProgram(NamedTuple):
    """A program and the number of inputs it is over."""

    outputs: list[Expr]
    n: int


@st.composite
def programs(draw, max_inputs=4, outputs=1, steps=True, dyadic=False, max_nodes=10):
    """Programs over 1 to `max_inputs` inputs with shared nodes; constants rational, or dyadic so that floats are exact.

    Each node combines two earlier ones, so that parts are shared, relus nest, tie, merge and cancel.
    """
    n = draw(st.integers(1, max_inputs))
    numbers = st.sampled_from(DYADICS if dyadic else RATIONALS)
    pool = [*inputs(n)]
    kinds = ["relu", "relu", "relu", "sum", "max"] + (["step"] if steps else [])
    for _ in range(draw(st.integers(0, max_nodes))):
        a, b = draw(st.sampled_from(pool)), draw(st.sampled_from(pool))
        match draw(st.sampled_from(kinds)):
            case "relu":
                node = relu(a - b) if draw(st.booleans()) else relu(draw(numbers) * a + draw(numbers))
            case "sum":
                node = draw(numbers) * a + draw(numbers) * b + (draw(numbers) if draw(st.booleans()) else 0)
            case "max":
                node = b + relu(a - b)
            case "step":
                node = step(a - b + draw(st.sampled_from([0, Fraction(1, 2)])))
        pool.append(node)
    return RandomProgram([draw(st.sampled_from([*pool[-4:], const(2)])) for _ in range(outputs)], n)


def points(n, dyadic=False):
    """Points of Q^n, most coordinates from a handful of values so that comparisons tie; dyadic if asked."""
    tied = st.sampled_from([Fraction(-1), Fraction(0), Fraction(1), Fraction(1, 2)])
    other = st.integers(-24, 24).map(lambda k: Fraction(k, 8 if dyadic else 6))
    return st.lists(st.one_of(tied, tied, other), min_size=n, max_size=n)
