import random
import subprocess
import sys
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relumax.constructions import registry
from relumax.errors import BudgetExceeded, ProgramError
from relumax.language import expr, gadget
from relumax.language.expr import const, input_count, inputs, relu, step, topological
from relumax.network import compile as module
from relumax.network.compile import Sizes, carriers, compile, sizes
from relumax.network.evaluate import evaluate, evaluate_numpy, trace
from relumax.network.layers import Layer, normalise, sha256
from relumax.size import at_most
from tests.strategies import points, programs, reproducible


def maximum(a, b):
    return b + relu(a - b)


def tournament(values, compare=maximum):
    """The winner of a knock-out between neighbours, and the number of byes."""
    byes = 0
    while len(values) > 1:
        byes += len(values) % 2
        pairs = [compare(a, b) for a, b in zip(values[::2], values[1::2], strict=False)]
        values = pairs + values[2 * len(pairs) :]
    return values[0], byes


def chain(values):
    """The maximum in excess form: the running maximum and what exceeds it."""
    while len(values) > 1:
        first, *rest = values
        values = [first + relu(value - first) for value in rest]
    return values[0]


def essay_comparison(a, b):
    return relu(relu(a - b) + relu(b))


def fused_comparison(a, b):
    return relu(a - b) + relu(b)


def negated(values):
    return [-value for value in values]


# What it computes


@reproducible
@given(st.data())
def test_network_equals_program_exactly(data):
    program = data.draw(programs(outputs=2))
    network = compile(program.outputs, program.n)
    for point in data.draw(st.lists(points(program.n), min_size=3, max_size=3)):
        assert evaluate(network, point) == expr.evaluate(program.outputs, point)


@reproducible
@given(st.data())
def test_nonnegative_inputs_make_no_difference_where_they_hold(data):
    program = data.draw(programs(outputs=2))
    assumed = data.draw(st.sets(st.integers(0, program.n - 1)))
    network = compile(program.outputs, program.n, assumed)
    point = data.draw(points(program.n))
    point = [abs(value) if i in assumed else value for i, value in enumerate(point)]
    assert evaluate(network, point) == expr.evaluate(program.outputs, point)
    assert network.size <= compile(program.outputs, program.n).size


@reproducible
@given(st.data())
def test_no_written_unit_is_dropped_and_no_unit_stands_twice(data):
    program = data.draw(programs(outputs=2))
    network = compile(program.outputs, program.n)
    point = data.draw(points(program.n))
    reached = {
        (unit in layer.steps, value)
        for layer, values in zip(network.layers, trace(network, point).layers, strict=True)
        for unit, value in enumerate(values.pre)
    }
    for node in topological(program.outputs):
        if node.op in ("relu", "step"):
            assert (node.op == "step", expr.evaluate(node.args, point)[0]) in reached
    for layer in network.layers:
        units = [(row, unit in layer.steps) for unit, row in enumerate(layer.rows)]
        assert len(units) == len(set(units))


@reproducible
@given(programs(outputs=2))
def test_sizes_are_those_of_the_network(program):
    network = compile(program.outputs, program.n)
    found = sizes(program.outputs, program.n)
    assert found == Sizes(network.widths)
    assert (found.depth, found.width, found.size) == (network.depth, network.width, network.size)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
def test_maximum_on_every_point_of_a_grid(n):
    x = inputs(n)
    grid = list(product([0, 1, 3] if n > 5 else [-1, 0, 1, 2], repeat=n))
    outputs = [tournament(x)[0], chain(x), -tournament(negated(x))[0], -chain(negated(x))]
    found = evaluate_numpy(compile(outputs, n), grid)
    assert found.tolist() == [[max(point)] * 2 + [min(point)] * 2 for point in grid]


# How many units


@pytest.mark.parametrize("n", range(1, 41))
def test_tournament_costs_three_units_a_comparison_and_at_most_two_a_bye(n):
    x = inputs(n)
    winner, byes = tournament(x)
    loser = -tournament(negated(x))[0]
    assert 3 * (n - 1) <= sizes([winner], n).size <= 3 * (n - 1) + 2 * byes
    assert sizes([loser], n) == sizes([winner], n)
    assert sizes([winner], n).depth == (n - 1).bit_length()
    assert 2 * (n - 1) <= sizes([winner], n, range(n)).size <= 2 * (n - 1) + byes


@pytest.mark.parametrize("n", [2, 4, 8, 16, 64])
def test_essay_networks(n):
    x = inputs(n)
    rounds = (n - 1).bit_length()
    fused = sizes([relu(tournament(x, fused_comparison)[0])], n, range(n))
    assert (fused.size, fused.depth) == (2 * (n - 1) + 1, rounds + 1)
    literal = sizes([tournament(x, essay_comparison)[0]], n, range(n))
    assert (literal.size, literal.depth) == (3 * (n - 1), 2 * rounds)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9, 33])
def test_chain_in_excess_form_has_width_n_plus_one(n):
    x = inputs(n)
    found = sizes([chain(x)], n)
    assert found.size == (n - 1) * (n + 4) // 2
    assert found.depth == n - 1
    assert found.width == (n + 1 if n > 1 else 0)
    assert sizes([-chain(negated(x))], n) == found


def test_chain_of_three_has_seven_units():
    assert sizes([chain(inputs(3))], 3).widths == (4, 3)


@pytest.mark.parametrize("n", [2, 3, 8, 20])
def test_plain_chain_carries_every_waiting_input(n):
    running, *waiting = inputs(n)
    for value in waiting:
        running = maximum(value, running)
    assert sizes([running], n).size == n * n - 1


@pytest.mark.parametrize("scale", [1, -1, Fraction(3, 7)])
def test_order_and_scale_of_the_inputs_do_not_change_the_counts(scale):
    x = inputs(16)
    random.Random(5).shuffle(x)
    scaled = [scale * value for value in x]
    assert sizes([tournament(scaled)[0] / scale], 16).size == 45
    assert sizes([chain(scaled) / scale], 16).size == 15 * 20 // 2
    network = compile([tournament(scaled)[0] / scale], 16)
    point = list(range(-8, 8))
    assert evaluate(network, point) == [max(point) if scale > 0 else min(point)]


# How values are carried


def test_a_tournament_compares_and_carries_in_one_layer():
    x = inputs(4)
    first, second = compile([tournament(x)[0]], 4).layers
    a, b, c, d = ({i: 1} for i in range(4))
    units = [a | {1: -1}, c | {3: -1}, d, {3: -1}, b, {1: -1}]
    assert sorted(first.rows) == sorted(normalise([(0, unit) for unit in units]).rows)
    assert len(second.rows) == 3


def test_a_gate_carries_the_payloads_it_names():
    a, b, *payload = inputs(6)
    pa, pb = payload[0] + payload[1], payload[2] + payload[3]
    z, r = pa - pb, 3 * relu(a - b)
    network = compile([pb + relu(z + r) - relu(z - r) - r], 6, [2, 3, 4, 5])
    assert set(network.layers[0].rows) == set(
        normalise([(0, {0: 1, 1: -1}), (0, {2: 1, 3: 1}), (0, {4: 1, 5: 1})]).rows
    )


@reproducible
@given(st.data())
def test_carried_values_are_affine_forms_of_the_layer_before(data):
    program = data.draw(programs(outputs=2))
    nonnegative = data.draw(st.sets(st.integers(0, program.n - 1)))
    network = compile(program.outputs, program.n, nonnegative)
    found = carriers(program.outputs, program.n, nonnegative)
    assert len(found) == network.depth
    for layer, carried in zip(network.layers, found, strict=True):
        units = [u for pair in carried for u in pair if u is not None]
        assert len(units) == len(set(units)) and not set(units) & set(layer.steps)
        for plus, minus in carried:
            if minus is not None:
                bias, terms = layer.rows[plus]
                assert layer.rows[minus] == (-bias, tuple((v, -c) for v, c in terms))
    for point in data.draw(st.lists(points(program.n), min_size=3, max_size=3)):
        point = [abs(value) if i in nonnegative else value for i, value in enumerate(point)]
        for layer, carried in zip(trace(network, point).layers, found, strict=True):
            for plus, minus in carried:
                value = layer.values[plus] - (layer.values[minus] if minus is not None else 0)
                assert value == layer.pre[plus]


def test_carriers_of_a_tournament_and_of_a_relu_alone():
    a, b, c = inputs(3)
    assert [len(one) for one in carriers([maximum(maximum(a, b), c)], 3)] == [2, 1]
    assert carriers([relu(a - b)], 2) == [[]]
    assert carriers([a + b], 2) == []
    [[(_, minus)]] = carriers([maximum(a, b)], 2)
    [[(_, nothing)]] = carriers([maximum(a, b)], 2, [1])
    assert minus is not None and nothing is None


def test_what_the_next_layer_can_absorb_costs_nothing():
    x = inputs(3)
    total = relu(x[0]) + 2 * relu(x[1]) - relu(x[2])
    assert sizes([total - relu(total)], 3).widths == (3, 2)
    assert sizes([relu(total - 1)], 3).widths == (3, 1)


def test_identical_units_are_merged_also_with_carried_ones():
    x, y = inputs(2)
    again = relu((x + 1) - (y + 1))
    assert again is not relu(x - y)
    assert sizes([relu(x - y) + again], 2).widths == (1,)
    network = compile([relu(relu(x) + y) + relu(x) - relu(-x), relu(-y) + relu(y)], 2)
    assert network.widths == (4, 4)
    assert evaluate(network, [-3, 5]) == [2, 5]


def test_a_redundant_relu_is_kept():
    x = inputs(1)[0]
    assert sizes([relu(relu(x))], 1).widths == (1, 1)
    assert sizes([relu(x)], 1, [0]).widths == (1,)
    assert sizes([x + relu(x) - relu(x)], 1).widths == (2,)


def test_constants_become_biases():
    x = inputs(1)[0]
    assert compile([relu(x + Fraction(1, 2)) - 3], 1) == (
        1,
        (Layer(2, ((1, ((0, 2),)),)),),
        Layer(1, ((-3, ((0, 1),)),)),
    )
    assert compile([relu(const(3)) + x], 1, [0]).layers == (Layer(1, ((3, ()), (0, ((0, 1),)))),)
    assert evaluate(compile([relu(relu(const(-2)) + 1), const(7)], 1), [0]) == [1, 7]


def test_relu_and_step_stand_in_one_layer():
    x, y = inputs(2)
    difference = 5 * x - 7 * y  # of no gadget: units stand in the order in which the process first met them
    network = compile([relu(difference) + step(difference), step(-difference)], 2)
    assert network.layers == (
        Layer(1, ((0, ((0, 5), (1, -7))), (0, ((0, 5), (1, -7))), (0, ((0, -5), (1, 7)))), (1, 2)),
    )
    assert evaluate(network, [7, 5]) == [1, 1]


def test_without_relu_there_is_no_hidden_layer():
    x, y = inputs(2)
    assert compile([x], 1) == (1, (), Layer(1, ((0, ((0, 1),)),)))
    assert compile([x / 2 - y + 1, const(0)], 2) == (2, (), Layer(2, ((2, ((0, 1), (1, -2))), (0, ()))))


# Size


def test_deep_and_wide_programs_are_walked_iteratively():
    x = inputs(5000)
    winner, byes = tournament(x)
    network = compile([winner], 5000)
    assert network.size <= 3 * 4999 + 2 * byes
    point = [(7919 * i) % 5003 for i in range(5000)]
    assert evaluate(network, point) == [max(point)]
    deep = x[0]
    for k in range(2500):
        deep = maximum(deep, x[1] + Fraction(k, 2))
    assert sizes([deep], 2).widths == (3,) * 2500
    assert evaluate(compile([deep], 2), [1, 2]) == [2 + Fraction(2499, 2)]


def test_a_network_past_the_budget_is_refused_before_it_is_built(monkeypatch):
    x = inputs(8)
    program = [tournament(x)[0]]
    with at_most(21):
        assert compile(program, 8).size == 21

    def build(*_):
        raise AssertionError("a layer was built")

    monkeypatch.setattr(module, "normalise", build)
    for budget, least in [(20, 21), (10, 13), (6, 7), (0, 1)]:
        for refused in (compile, sizes):
            with pytest.raises(BudgetExceeded) as caught, at_most(budget):
                refused(program, 8)
            assert f"at least {least} units" in str(caught.value)
            assert f"more than the {budget} allowed" in str(caught.value)
            assert "raise the budget with --max-size" in str(caught.value)


def test_programs_that_do_not_fit_are_refused():
    x = inputs(3)
    with pytest.raises(ProgramError, match="at least one output"):
        compile([], 1)
    with pytest.raises(ProgramError, match="at least one input, not 0"):
        compile([const(1)], 0)
    with pytest.raises(ProgramError, match="reads x2, but there are 2 inputs"):
        compile([x[2] + x[0]], 2)
    with pytest.raises(ProgramError, match="x3 is assumed >= 0, but the inputs are x0 to x2"):
        sizes(x, 3, [3])
    assert input_count(x) == 3


@pytest.mark.parametrize(("function", "name"), [("max", "tournament"), ("argmax", "index"), ("max", "shallow")])
def test_the_network_depends_on_the_program_alone(function, name):
    """Not on what was made before, of which parts are shared: here its units, from the last to the first."""
    alone = subprocess.run(
        [sys.executable, "-c", ALONE, function, name], capture_output=True, text=True, check=True
    ).stdout.strip()
    found = registry.find(function, name)
    x = inputs(6)
    kept = [relu(x[j] - x[i]) for j in reversed(range(6)) for i in range(6) if i != j]
    kept += [gadget.maximum(x[i], x[i + 1]) for i in (4, 2, 0)] + [relu(-one) for one in x[::-1]]
    network = compile(found.program(6, **found.options), 6)
    assert sha256(network) == alone and kept


ALONE = """
import sys
from relumax.constructions.registry import find
from relumax.network.compile import compile
from relumax.network.layers import sha256
found = find(*sys.argv[1:])
print(sha256(compile(found.program(6, **found.options), 6)))
"""
