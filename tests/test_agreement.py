"""One program, five readings that must agree: program, closed form, network (exact, numpy), ONNX in onnxruntime."""

import numpy as np
import onnxruntime
from hypothesis import given

from relumax.errors import BudgetExceeded
from relumax.formats import export
from relumax.language.expr import evaluate
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate as run
from relumax.network.evaluate import evaluate_numpy
from relumax.simplify import closed_form
from tests.strategies import points, programs, reproducible


def _session(network):
    return onnxruntime.InferenceSession(export(network, "onnx", "float64").data, providers=["CPUExecutionProvider"])


@reproducible
@given(programs(max_inputs=3, dyadic=True, max_nodes=7), points(3, dyadic=True), points(3, dyadic=True))
def test_program_closed_form_network_numpy_and_onnx_agree(program, first, second):
    network = compile(program.outputs, program.n)
    session = _session(network)
    rows = [point[: program.n] for point in (first, second)]
    exact = [evaluate(program.outputs, row) for row in rows]
    assert [run(network, row) for row in rows] == exact
    batch = np.array([[float(x) for x in row] for row in rows])
    wanted = np.array([[float(y) for y in row] for row in exact])
    assert (evaluate_numpy(network, batch) == wanted).all()
    assert (session.run(None, {"x": batch})[0] == wanted).all()
    for k, form in enumerate(closed_form(program.outputs)):
        try:
            expression = form.sympy()
        except BudgetExceeded:  # an honest message instead of a form
            assert form.kind == "none"
            continue
        for row, values in zip(rows, exact, strict=True):
            value = expression.subs({f"x{i}": x for i, x in enumerate(map(_rational, row))})
            assert value == _rational(values[k])


def _rational(value):
    from sympy import Rational

    return Rational(value.numerator, value.denominator)
