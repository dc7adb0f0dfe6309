"""ONNX's own tests of its operators: what a node's test expects is what the graph read from it computes.

Inputs that are not floats are made constants. Each test is tried with its first float input alone open, with all of
them open, and with none, so that constants are folded; it may be refused for the reasons listed, and no other.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from relumax.errors import FormatError
from relumax.formats.onnx.cells import Cell, Units
from relumax.formats.onnx.data import Beside
from relumax.formats.onnx.graph import atoms, evaluate, given
from relumax.formats.onnx.model import parse
from relumax.formats.onnx.operators.table import OPERATORS
from relumax.formats.onnx.tensor import Tensor
from relumax.network.compile import Form

FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16}
LARGE = 50_000  # cells; such tests are slow

REFUSED = (
    r"multiplies two values that depend on the network's input",
    r"divides by a value that depends on the network's input",
    r"chooses, by a condition on the network's input, between values that depend on it",
    r"has an input \d that depends on the network's input; here it is read only as a constant",
    r"has slopes that depend on the network's input",
    r"is in training mode",
    r"activations are cast only to wider types",
    r"makes u?int\d+ of what depends on the network's input",
    r"divides by the root of var \+ epsilon, which is not rational here",
    r"gives an output 'z' that is not read",  # the places of MaxPool
    r"is of element type \d+; float32",
    r"casts to element type \d+",
    r"is declared with a dimension of 0",
    r"is (-?inf|nan), not a finite number",
    r"casts the constant .* which cannot hold it",
    r"pads in the mode",
    r"which is no u?int\d+",  # integers that wrap around
    r"of which nothing is left",
    r"divides by zero",
    r"cuts an axis of size 1 into \[0, 0, 0\]",  # a first size of 0 is an open batch
    r"opset_import \[1\]",
    r"computes with truth values",  # ReduceMin of bools
)


class Case(NamedTuple):
    """A test of one node: its model, what goes in and what comes out."""

    name: str
    model: Any
    inputs: list[np.ndarray]
    outputs: list[np.ndarray]


@cache
def cases() -> list[Case]:
    """The tests whose operators are all in the table."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tests = load_model_tests(kind="node")
    found = []
    for test in tests:
        model = test.model
        if model is None or any(node.domain or node.op_type not in OPERATORS for node in model.graph.node):
            continue
        if not all(value.type.HasField("tensor_type") for value in (*model.graph.input, *model.graph.output)):
            continue
        inputs, outputs = ([array(one) for one in side] for side in test.data_sets[0])
        found.append(Case(test.name, model, inputs, outputs))
    return found


def array(value: Any) -> np.ndarray:
    return np.asarray(numpy_helper.to_array(value) if isinstance(value, TensorProto) else value)


def frozen(case: Case, open_names: list[str]) -> Any:
    """The model with every other input a constant, and one input that nothing reads if none is left."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    values = list(model.graph.input)
    del model.graph.input[:]
    for value, held in zip(values, case.inputs, strict=False):
        if value.name in open_names:
            model.graph.input.append(value)
        else:
            model.graph.initializer.append(numpy_helper.from_array(held, value.name))
    if not open_names:
        model.graph.input.append(onnx.helper.make_tensor_value_info("nothing", TensorProto.FLOAT, [1]))
    return model


def values(units: Units, tensors: tuple[Tensor, ...], point: list[Fraction]) -> list[list[Fraction]]:
    """What tensors are at a point, unit by unit."""
    known = dict(enumerate(point))

    def value(cell: Cell) -> Any:
        if not isinstance(cell, Form):
            return cell
        return cell.bias + sum(weight * known[atom] for atom, weight in cell.terms.items())

    for number, argument in enumerate(units.arguments):
        atom, z = units.inputs + number, value(argument)
        known[atom] = int(z >= 0) if atom in units.steps else max(z, 0)
    return [[value(cell) for cell in one.cells] for one in tensors]


def computed(case: Case, open_names: list[str]) -> None:
    """Read the case and compare; raises FormatError where it is refused."""
    model = parse(onnx, frozen(case, open_names).SerializeToString())
    inputs, total = atoms(given(model.inputs, 1), [value.kind for value in model.inputs])
    found = evaluate(model, inputs, Units(total, 1_000_000), Beside(None))
    names = [value.name for value in case.model.graph.input]
    held = [
        cell for name, one in zip(names, case.inputs, strict=False) if name in open_names for cell in one.reshape(-1)
    ]
    point = [Fraction(float(cell)) for cell in held] or [Fraction(0)]
    results = values(found.units, found.outputs, point)
    for one, result, expected in zip(found.outputs, results, case.outputs, strict=True):
        assert one.shape == expected.shape, case.name
        close = 1e-3 if expected.dtype == np.float16 or "bfloat16" in str(expected.dtype) else 1e-5
        wanted = expected.reshape(-1).astype(np.float64)
        if not np.allclose([float(cell) for cell in result], wanted, rtol=close, atol=1e-5 if close < 1e-4 else 1e-2):
            assert case.name in ROUNDED, case.name


ROUNDED = {"test_averagepool_2d_ceil_last_window_starts_on_pad"}
"""What these expect is given to four digits only."""


def attempt(which: str, large: bool) -> tuple[Counter[str], list[str]]:
    """How many cases were computed and how many refused for each reason; those refused for another."""
    count: Counter[str] = Counter()
    unexpected = []
    for case in cases():
        floats = [value.name for value in case.model.graph.input if value.type.tensor_type.elem_type in FLOATS]
        open_names = {"first": floats[:1], "all": floats, "none": []}[which]
        numbers = [one for one in case.inputs if one.dtype.kind == "f"]
        if (which != "none" and not floats) or (which == "all" and len(floats) < 2):
            continue
        if (sum(one.size for one in case.inputs) > LARGE) != large:
            continue
        if not all(np.isfinite(one).all() for one in (*numbers, *(o for o in case.outputs if o.dtype.kind == "f"))):
            count["infinities"] += 1
            continue
        try:
            computed(case, open_names)
            count["computed"] += 1
        except FormatError as error:
            reason = next((one for one in REFUSED if re.search(one, str(error))), None)
            count[reason or "unexpected"] += 1
            unexpected += [] if reason else [f"{case.name}: {error}"]
    return count, unexpected


@pytest.mark.parametrize(("which", "least"), [("first", 295), ("all", 45), ("none", 440)])
def test_node_tests_are_computed_or_refused_for_a_reason(which: str, least: int) -> None:
    count, unexpected = attempt(which, False)
    print(which, count)
    assert not unexpected
    assert count["computed"] >= least, count


@pytest.mark.slow
def test_large_node_tests() -> None:
    count, unexpected = attempt("first", True)
    assert not unexpected and count["computed"] >= 2, count
