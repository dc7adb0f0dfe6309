"""Sums, multiples and matrix products. A product of two values that both depend on the input is seldom read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import isqrt, trunc

from relumax.formats.onnx.cells import Cell, Units, add, number_of, scale, subtract
from relumax.formats.onnx.operators.gating import products
from relumax.formats.onnx.operators.table import MANY, Call, as_single, operator
from relumax.formats.onnx.tensor import Tensor, broadcast, count, strides, walk
from relumax.language.numbers import exact
from relumax.network.layers import Rational


def _elementwise(call: Call, function: Callable[[Cell, Cell], Cell]) -> Tensor:
    tensors = call.all()
    shape, (ones, others) = call.aligned(tensors)
    return call.result(shape, list(map(function, ones, others)), tensors[0])


@operator("Add", inputs=(2, 2))
def _add(call: Call) -> Tensor:
    """A + B, broadcast."""
    return _elementwise(call, add)


@operator("Sub", inputs=(2, 2))
def _sub(call: Call) -> Tensor:
    """A - B, broadcast."""
    return _elementwise(call, subtract)


@operator("Mul", inputs=(2, 2))
def _mul(call: Call) -> Tensor:
    """A * B, broadcast, where of every two cells one is a number, or a comparison of the other with a number."""
    problem = (
        "multiplies two values that depend on the network's input; read is only a comparison by what it compares, "
        "as in x * (x > 0)"
    )
    tensors = call.all()
    shape, (ones, others) = call.aligned(tensors)
    return call.result(shape, products(call, ones, others, problem), tensors[0])


@operator("Div", inputs=(2, 2))
def _div(call: Call) -> Tensor:
    """A / B, broadcast, for numbers B that are not 0; of integers the quotient is cut towards 0."""
    whole = "int" in call.tensor().kind

    def quotient(one: Cell, other: Cell) -> Cell:
        number = number_of(other)
        if number is None:
            call.fail("divides by a value that depends on the network's input, which is not piecewise linear")
        if not number:
            call.fail("divides by zero")
        if whole:
            return trunc(Fraction(number_of(one) or 0) / number)  # no integer depends on the network's input
        return scale(exact(1 / Fraction(number)), one)

    return _elementwise(call, quotient)


@operator("Neg", inputs=(1, 1))
def _neg(call: Call) -> Tensor:
    """-X."""
    given = call.tensor()
    return call.result(given.shape, [scale(-1, cell) for cell in given.cells], given)


@operator("Sum", inputs=(1, MANY))
def _sum(call: Call) -> Tensor:
    """The sum of all inputs, broadcast."""
    return _weighted(call, 1)


@operator("Mean", inputs=(1, MANY))
def _mean(call: Call) -> Tensor:
    """The mean of all inputs, broadcast."""
    return _weighted(call, Fraction(1, len(call.inputs)))


def _weighted(call: Call, weight: Rational) -> Tensor:
    shape, columns = call.alongside()
    cells = [call.units.combine([(weight, cell) for cell in row], False) for row in zip(*columns, strict=True)]
    return call.result(shape, cells, call.tensor())


# ---------------------------------------------------------------- matrices


class Matrix:
    """A constant [rows, columns] matrix as the nonzero entries of each of its columns, for products from the left."""

    __slots__ = ("columns",)

    def __init__(self, given: Tensor, columns: int, transposed: bool, factor: Rational) -> None:
        self.columns: list[list[tuple[Rational, int]]] = [[] for _ in range(columns)]
        width = given.shape[1]
        for position, value in given.nonzero():
            row, column = divmod(position, width)
            if transposed:
                row, column = column, row
            self.columns[column].append((value if factor == 1 else factor * value, row))

    def after(self, vector: Sequence[Cell], dynamic: bool, units: Units) -> list[Cell]:
        """vector [rows] times the matrix: [columns]."""
        return [units.combine([(value, vector[row]) for value, row in column], dynamic) for column in self.columns]


def _product(call: Call, a: Tensor, b: Tensor, turned: tuple[bool, bool], factor: Rational) -> list[Cell]:
    """factor * A * B, row-major, for A [m, k] and B [k, n], each transposed first where it is `turned`."""
    if a.dynamic and b.dynamic:
        call.fail("multiplies two values that depend on the network's input, which is not piecewise linear")
    (m, k), (rows, n) = (one.shape[::-1] if turn else one.shape for one, turn in zip((a, b), turned, strict=True))
    if k != rows:
        call.fail(f"multiplies a matrix of shape {[m, k]} by one of shape {[rows, n]}")
    count((m, n))
    if not b.dynamic:
        matrix = Matrix(b, n, turned[1], factor)
        steps = (1, m) if turned[0] else (k, 1)
        lines = [[a.cells[i * steps[0] + j * steps[1]] for j in range(k)] for i in range(m)]
        return [cell for line in lines for cell in matrix.after(line, a.dynamic, call.units)]
    matrix = Matrix(a, m, not turned[0], factor)  # (A B)^T = B^T A^T
    steps = (k, 1) if turned[1] else (1, n)
    lines = [[b.cells[i * steps[0] + j * steps[1]] for j in range(k)] for i in range(n)]
    columns = [matrix.after(line, True, call.units) for line in lines]
    return [columns[column][row] for row in range(m) for column in range(n)]


@operator("Gemm", inputs=(2, 3))
def gemm(call: Call) -> Tensor:
    """alpha * A * B + beta * C for A [m, k], B [k, n] (transposed where transA, transB), C broadcast to [m, n]."""
    a, b, *_ = call.alike(call.tensor(0), call.tensor(1), call.optional(2))
    if len(a.shape) != 2 or len(b.shape) != 2:
        call.fail(f"multiplies tensors of shapes {list(a.shape)} and {list(b.shape)}, which are not matrices")
    turned = bool(call.integer("transA", 0)), bool(call.integer("transB", 0))
    alpha, beta = call.number("alpha", 1), call.number("beta", 1)
    cells = _product(call, a, b, turned, alpha)
    shape = a.shape[1 if turned[0] else 0], b.shape[0 if turned[1] else 1]
    if (c := call.optional(2)) is not None:
        if broadcast(c.shape, shape) != shape:
            call.fail(f"adds a tensor of shape {list(c.shape)} to one of shape {list(shape)}")
        cells = [add(cell, scale(beta, bias)) for cell, bias in zip(cells, c.spread(shape).cells, strict=True)]
    return call.result(shape, cells, a)


@operator("MatMul", inputs=(2, 2))
def _matmul(call: Call) -> Tensor:
    """A * B as numpy.matmul has it: a vector is a row left and a column right, axes before the last two broadcast."""
    a, b = call.all()
    if not a.shape or not b.shape:
        call.fail("multiplies a matrix by a single number")
    left = a if len(a.shape) > 1 else a.reshaped((1, *a.shape))
    right = b if len(b.shape) > 1 else b.reshaped((*b.shape, 1))
    stack = broadcast(left.shape[:-2], right.shape[:-2])
    if stack is None:
        call.fail(f"multiplies stacks of matrices of shapes {list(a.shape)} and {list(b.shape)}")
    shape = (*stack, left.shape[-2], right.shape[-1])
    count(shape)
    pieces = zip(_pages(left, stack), _pages(right, stack), strict=True)
    cells = [cell for one, other in pieces for cell in _product(call, one, other, (False, False), 1)]
    kept = (*stack, *shape[-2:-1][: len(a.shape) > 1], *shape[-1:][: len(b.shape) > 1])
    return call.result(kept, cells, a)


def _pages(given: Tensor, stack: Sequence[int]) -> list[Tensor]:
    """The matrices of a stack, broadcast to the stack's shape."""
    sizes = given.shape[:-2]
    matrix = given.shape[-2:]
    padded = (1,) * (len(stack) - len(sizes)) + sizes
    steps = [0 if size == 1 else stride for size, stride in zip(padded, strides(padded), strict=True)]
    area = matrix[0] * matrix[1]
    return [
        given._replace(shape=matrix, cells=given.cells[page * area : (page + 1) * area]) for page in walk(stack, steps)
    ]


@operator("BatchNormalization", inputs=(5, 5))
def _batch_normalization(call: Call) -> Tensor:
    """scale * (X - mean) / sqrt(var + epsilon) + B along axis 1, at inference, where that root is rational."""
    given = call.tensor()
    call.ignore("momentum")
    if call.integer("training_mode", 0) or call.integer("spatial", 1) != 1:
        call.fail("is in training mode or not spatial; batch normalization is read at inference, a channel at a time")
    columns = [call.numbers(index) or [] for index in range(1, 5)]
    if len(given.shape) < 2 or {len(column) for column in columns} != {given.shape[1]}:
        call.fail(f"has an input of shape {list(given.shape)} and {len(columns[0])} scales")
    epsilon = call.number("epsilon", as_single("1e-5"))
    channels = []
    for scaling, bias, mean, variance in zip(*columns, strict=True):
        root = _root(Fraction(variance + epsilon))
        if root is None:
            call.fail("divides by the root of var + epsilon, which is not rational here; fold it into the layer before")
        factor = exact(scaling / root)
        channels.append((factor, exact(bias - factor * mean)))
    run = 1
    for size in given.shape[2:]:
        run *= size
    cells: list[Cell] = []
    for position, cell in enumerate(given.cells):
        factor, offset = channels[position // run % given.shape[1]]
        cells.append(add(scale(factor, cell), offset))
    return call.result(given.shape, cells, given)


def _root(value: Fraction) -> Fraction | None:
    """The positive rational square root, None if there is none."""
    if value <= 0:
        return None
    above, below = isqrt(value.numerator), isqrt(value.denominator)
    return Fraction(above, below) if Fraction(above, below) ** 2 == value else None
