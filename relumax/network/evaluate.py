"""The values of a network: exactly, on rationals, and fast, on arrays of floats.

The exact evaluation keeps the values of a layer as integers over one common denominator, so it does no Fraction
arithmetic; the fast one touches only nonzero weights, so no dense matrix is built whatever the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.errors import FormatError, ProgramError
from relumax.language.expr import Number
from relumax.network.layers import Layer, Network

if TYPE_CHECKING:
    import numpy
    from numpy.typing import DTypeLike, NDArray

BLOCK = 1 << 22
"""At most about so many products are held at once by `evaluate_numpy`."""


class LayerTrace(NamedTuple):
    """One hidden layer at one point: what each unit's activation is applied to, and what it gives."""

    pre: list[Fraction]
    values: list[Fraction]


class Trace(NamedTuple):
    """A whole evaluation: the hidden layers in order, and the outputs."""

    layers: list[LayerTrace]
    outputs: list[Fraction]


def evaluate(network: Network, point: Sequence[Number]) -> list[Fraction]:
    """The exact outputs at `point`, one number per input. Raises ProgramError if their count is wrong.

    >>> from relumax.network.layers import normalise
    >>> absolute = Network(1, (normalise([(0, {0: 1}), (0, {0: -1})]),), normalise([(0, {0: 1, 1: 1})]))
    >>> evaluate(absolute, ["-1/3"])
    [Fraction(1, 3)]
    """
    return network(point)


def trace(network: Network, point: Sequence[Number]) -> Trace:
    """The exact evaluation at `point`, layer by layer. Raises ProgramError if the number of inputs is wrong."""
    values, den = network.numerators(point)
    layers: list[LayerTrace] = []
    for layer in network.layers:
        pre, den = layer.affine(values, den)
        values = layer.activate(pre, den)
        layers.append(LayerTrace([Fraction(v, den) for v in pre], [Fraction(v, den) for v in values]))
    outputs, den = network.output.affine(values, den)
    return Trace(layers, [Fraction(value, den) for value in outputs])


def dense_fractions(layer: Layer, columns: int) -> tuple[list[list[Fraction]], list[Fraction]]:
    """`(W, b)` with the layer's affine map `h -> W h + b`: W has a row per unit, `columns` columns, and its zeros."""
    zero = Fraction(0)
    weights: list[list[Fraction]] = []
    biases: list[Fraction] = []
    for bias, terms in layer.rows:
        row = [zero] * columns
        for j, c in terms:
            row[j] = Fraction(c, layer.den)
        weights.append(row)
        biases.append(Fraction(bias, layer.den))
    return weights, biases


def evaluate_numpy(network: Network, array: Any, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """The outputs, shape [batch, outputs], at the rows of `array`, shape [batch, inputs], in floating point.

    Computes in `dtype`, float64 if not given, from the weights rounded to it: exact where weights, inputs and all
    intermediate sums are floats (dyadic rationals that are not too long), approximate elsewhere. The work is the batch
    times the number of nonzero weights. Raises ProgramError for an array of another shape and FormatError, with the
    place, for a weight beyond the range of float64.
    """
    import numpy as np

    kind = np.dtype(np.float64 if dtype is None else dtype)
    values = np.asarray(array, dtype=kind)
    if values.ndim != 2 or values.shape[1] != network.inputs:
        raise ProgramError(f"expected an array of shape [batch, {network.inputs}], found {list(values.shape)}")
    for t, layer in enumerate(network.layers):
        pre = _SparseMap(layer, f"layers[{t}]", kind)(values)
        values = np.maximum(pre, 0)
        if layer.steps:
            steps = list(layer.steps)
            values[:, steps] = pre[:, steps] >= 0
    return _SparseMap(network.output, "output", kind)(values)


def dense(network: Network) -> tuple[list[NDArray[Any]], list[NDArray[Any]], list[NDArray[Any]]]:
    """The maps as float64: weights [rows, columns], biases, and of hidden layers which units are steps.

    Raises FormatError, with the place, for a weight beyond the range of float64.
    """
    import numpy as np

    weights, biases, steps = [], [], []
    for t, (layer, columns) in enumerate(zip(network.maps, network.columns, strict=True)):
        one = _SparseMap(layer, f"layers[{t}]", np.dtype(np.float64))
        rows = np.repeat(np.arange(len(layer.rows)), [len(terms) for _, terms in layer.rows])
        weight = np.zeros((len(layer.rows), columns))
        weight[rows, one.sources] = one.coefficients
        weights.append(weight)
        biases.append(one.bias)
        steps.append(np.isin(np.arange(len(layer.rows)), layer.steps))
    return weights, biases, steps[:-1]


class _SparseMap:
    """The affine map of one layer on batches: gathers what all nonzero weights read, sums row by row."""

    __slots__ = ("bias", "coefficients", "filled", "sources", "starts")

    def __init__(self, layer: Layer, place: str, kind: numpy.dtype[Any]):
        import numpy as np

        rows = layer.rows
        self.bias = np.array([_float(bias, layer.den, place, i) for i, (bias, _) in enumerate(rows)], dtype=kind)
        self.sources = np.array([j for _, terms in rows for j, _ in terms], dtype=np.intp)
        self.coefficients = np.array(
            [_float(c, layer.den, place, i) for i, (_, terms) in enumerate(rows) for _, c in terms], dtype=kind
        )
        lengths = np.array([len(terms) for _, terms in rows], dtype=np.intp)
        self.filled = np.flatnonzero(lengths)  # reduceat would give an empty row its neighbour's first product
        self.starts = (np.cumsum(lengths) - lengths)[self.filled]

    def __call__(self, values: NDArray[Any]) -> NDArray[Any]:
        import numpy as np

        result = np.repeat(self.bias[np.newaxis, :], len(values), axis=0)
        if len(self.sources):
            stride = max(1, BLOCK // len(self.sources))
            for first in range(0, len(values), stride):
                products = values[first : first + stride, self.sources] * self.coefficients
                result[first : first + stride, self.filled] += np.add.reduceat(products, self.starts, axis=1)
        return result


def _float(numerator: int, den: int, place: str, row: int) -> float:
    try:
        return numerator / den  # correctly rounded, whatever the sizes of the integers
    except OverflowError:
        raise FormatError(f"{place}.rows[{row}]: a weight beyond the range of float64") from None
