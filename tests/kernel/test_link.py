"""The door for links: which networks are an identity written out, and which bytes are refused."""

import hashlib
import json
import random
import sys
from fractions import Fraction
from time import process_time

import pytest

from relumax.constructions.identity import identity_bytes, max_identity, written_out
from relumax.constructions.shallow import shallow
from relumax.kernel import Invalid, Malformed, Refused, link
from relumax.kernel.identity import FalseIdentity
from relumax.kernel.link import Basis, check_link
from relumax.kernel.wire import Fuel, write
from relumax.language.expr import inputs, relu, step
from relumax.language.gadget import maximum
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from relumax.network.layers import Layer, Network, sha256, to_json


def network(n):
    return compile([max_identity(inputs(n))], n)


def encoded(one):
    return write(to_json(one))


FIVE = network(5)


@pytest.mark.parametrize("n", [5, 6])
def test_an_identity_written_out(n):
    found = check_link(identity_bytes(n), encoded(network(n)))
    assert found.statements == [f"for all x in R^{n}: y = max(x)"]
    assert found.network_sha256 == sha256(network(n))
    chance = random.Random(n)
    for _ in range(20):
        x = [Fraction(chance.randint(-2, 2), chance.choice((1, 2, 3))) for _ in range(n)]
        assert evaluate(network(n), x) == [max(x)]


def with_maps(one, change):
    maps = [
        Layer(layer.den, tuple(change(k, row, r) for r, row in enumerate(layer.rows)), layer.steps)
        for k, layer in enumerate(one.maps)
    ]
    return Network(one.inputs, tuple(maps[:-1]), maps[-1])


@pytest.mark.parametrize("seed", range(40))
def test_one_weight_changed(seed):
    chance = random.Random(seed)
    layer = chance.randrange(3)
    at = chance.randrange(len(FIVE.maps[layer].rows))
    bias, terms = FIVE.maps[layer].rows[at]
    place = chance.randrange(len(terms))

    def change(k, row, r):
        if (k, r) != (layer, at):
            return row
        new = [(j, c + (p == place) * chance.choice((-1, 1))) for p, (j, c) in enumerate(terms)]
        return bias, tuple((j, c) for j, c in new if c)

    with pytest.raises(Invalid, match="not written as the sum"):
        check_link(identity_bytes(5), encoded(with_maps(FIVE, change)))


def test_units_in_another_order_and_scaled_are_the_same_sum():
    """Hidden units reversed, those of the first layer doubled: the same function, the same normal form."""
    first, second, last = FIVE.maps
    width = len(first.rows)
    rows = tuple((0, tuple((j, 2 * c) for j, c in row)) for _, row in reversed(first.rows))
    moved = tuple((b, tuple(sorted((width - 1 - j, c) for j, c in row))) for b, row in second.rows)
    changed = Network(5, (Layer(1, rows, ()), Layer(2 * second.den, moved, ())), last)
    data = encoded(changed)
    assert check_link(identity_bytes(5), data).statements == ["for all x in R^5: y = max(x)"]


def test_units_that_add_nothing_do_no_harm():
    x = inputs(5)
    program = max_identity(x) + (relu(x[0] - x[1]) - relu(x[0] - x[1]) * 1)
    assert check_link(identity_bytes(5), encoded(compile([program], 5)))


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (lambda x: shallow(x), "not written as the sum"),
        (lambda x: max_identity(x) + 1, "a bias"),
        (lambda x: relu(max_identity(x)), "third hidden layer"),
        (lambda x: max_identity(x) + relu(x[0] - 1), "a bias"),
        (lambda x: max_identity(x) + step(x[0] - x[1]), "a step unit"),
        (lambda x: x[0], "not written as the sum"),
        (lambda x: -max_identity(x), "not written as the sum"),
    ],
)
def test_other_networks(program, message):
    data = encoded(compile([program(inputs(5))], 5))
    with pytest.raises(Invalid, match=message):
        check_link(identity_bytes(5), data)


def test_shapes():
    with pytest.raises(Invalid, match="6 inputs, and the identity is about 5"):
        check_link(identity_bytes(5), encoded(network(6)))
    two = compile([max_identity(inputs(5)), inputs(5)[0]], 5)
    with pytest.raises(Invalid, match="one output is expected"):
        check_link(identity_bytes(5), encoded(two))


def test_a_false_identity_links_nothing():
    data = json.loads(identity_bytes(5))
    data["terms"][0]["coefficient"] = "1/7"
    with pytest.raises(FalseIdentity):
        check_link(json.dumps(data).encode(), encoded(FIVE))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"inputs": 5}', encoded(FIVE)[:-1], encoded(FIVE) + b"\n", "x"])
def test_what_is_no_network(data):
    with pytest.raises(Malformed):
        check_link(identity_bytes(5), data)


def test_the_budget():
    with pytest.raises(Refused, match=r"135 terms for n = 9 need about \d+ steps; the budget is"):
        check_link(identity_bytes(9), b"{}")
    work = sum(4 * len(term["pair"][0]) for term in json.loads(identity_bytes(5))["terms"]) * 120
    with pytest.raises(Refused, match="need about"):
        check_link(identity_bytes(5), encoded(FIVE), work - 1)
    with pytest.raises(Refused, match="the work budget of 10 steps is used up"):
        check_link(identity_bytes(5), encoded(FIVE), 10)
    with pytest.raises(Refused, match="used up"):
        check_link(identity_bytes(5), encoded(FIVE), work)


def test_the_largest_numbers_end_soon():
    big, other = 10**590 + 1, 7**600
    layers = [
        {"den": str(other), "rows": [[0, 0, str(big), 1, str(-big)], [0, 0, str(big + 1), 2, -1]], "step": []},
        {"den": str(other), "rows": [[0, 0, str(big), 1, str(big + 2)]], "step": []},
    ]
    data = write({"inputs": 5, "layers": layers, "output": {"den": 1, "rows": [[0, 0, 1]]}})
    with pytest.raises(Invalid, match="not written as the sum"):
        check_link(identity_bytes(5), data)


def test_work_grows_with_the_units_alone():
    """Coefficients -1 and -2 have equal hashes in Python: tuples of them would make a table of them slow."""
    rows = [[0, 0, 1], [0, 1, 1], [0, 2, 1]]
    wide = [[0, *[x for j in range(12) for x in (j, -1 - (k >> j & 1))]] for k in range(4096)]
    first = [[0, *rows[k % 3][1:]] if k < 3 else [0, 0, 1, 1, k] for k in range(12)]
    layers = [{"den": 1, "rows": first, "step": []}, {"den": 1, "rows": wide, "step": []}]
    data = write({"inputs": 5, "layers": layers, "output": {"den": 1, "rows": [[0, 0, 1]]}})
    started = process_time()
    with pytest.raises(Invalid, match="not written as the sum"):
        check_link(identity_bytes(5), data)
    assert process_time() - started < 20  # seconds; a fraction of one, where quadratic work takes minutes


def test_terms_that_are_zero_add_nothing():
    data = json.loads(identity_bytes(5))
    data["terms"].append({"coefficient": 0, "pair": [[[1, 2], [3, 4]], [[1, 3], [2, 5]]]})
    assert check_link(json.dumps(data).encode(), encoded(FIVE))


def test_the_formula_is_what_the_identity_says():
    formula = written_out(6)
    assert len(formula.sizes) == 495 and set(formula.linear) == {(i, j) for i in range(6) for j in range(i + 1, 6)}


def test_hashes():
    found = check_link(identity_bytes(5), encoded(FIVE))
    assert found.network_sha256 == sha256(FIVE)
    assert found.identity_sha256 == hashlib.sha256(identity_bytes(5)).hexdigest()


def test_basis_functions_have_numbers_of_their_own():
    """Inputs 0..n-1, then each |D| up to sign and positive multiples; no number stands for two functions."""
    basis = Basis(3, Fuel(10**6))
    assert basis.size({0: 1, 1: -1}) == {3: 1}
    assert basis.size({0: -2, 1: 2}) == {3: 2}
    assert basis.size({1: 3, 2: -3}) == {4: 3}
    assert basis.size({0: 1, 1: 1}) == {5: 1}
    assert basis.size({3: 4, 4: -6}) == {6: 2} and basis.size({3: -2, 4: 3}) == {6: 1}
    assert basis.size({}) == {} and len(basis.known) == 4
    assert basis.with_size({0: 1, 1: -1}) == {0: 1, 1: -1, 3: 1}
    assert basis.with_size({3: -1}) == {3: -1, 7: 1}
    with pytest.raises(Refused):
        Basis(3, Fuel(31)).size({0: 1, 1: -1})


@pytest.mark.parametrize(
    ("program", "kind", "path", "reason"),
    [
        (lambda x: [shallow(x)], Invalid, "network", "it is not written as the sum of the identity's terms"),
        (lambda x: [x[0] + 1], Invalid, "network.output", "a bias: the sum of the identity's terms has none"),
        (lambda x: [x[0], x[1]], Invalid, "network.output", "one output is expected"),
        (lambda x: [step(x[0])], Invalid, "network.units[0]", "a step unit"),
        (lambda x: [relu(relu(relu(x[0]) - x[1]) - x[2])], Invalid, None, "a third hidden layer"),
    ],
)
def test_rejections_say_what_and_where(program, kind, path, reason):
    with pytest.raises(kind) as found:
        check_link(identity_bytes(5), encoded(compile(program(inputs(5)), 5)))
    assert found.value.reason == reason
    assert found.value.path == path if path else found.value.path.startswith("network.units[")


def test_other_rejections_say_what_and_where():
    with pytest.raises(Invalid) as found:
        check_link(identity_bytes(5), encoded(compile([inputs(6)[5]], 6)))
    assert found.value.path == "network.inputs"
    assert found.value.reason == "6 inputs, and the identity is about 5"
    with pytest.raises(Refused) as refused:
        check_link(identity_bytes(9), b"{}")
    assert refused.value.path == "terms" and refused.value.reason.endswith("the budget is 100000000")


def test_memory_that_runs_out_is_refused(monkeypatch):
    def none_left(*_):
        raise MemoryError

    monkeypatch.setattr(link, "check_identity", none_left)
    with pytest.raises(Refused) as found:
        check_link(identity_bytes(5), encoded(FIVE))
    assert (found.value.path, found.value.reason) == ("", "out of memory")


def test_a_budget_is_for_both():
    """The identity's own check is bounded by it, and the comparison."""
    work = sum(4 * len(term["pair"][0]) for term in json.loads(identity_bytes(5))["terms"]) * 120
    with pytest.raises(Refused, match=f"3 terms for n = 5 need about {work} steps; the budget is {work - 1}"):
        check_link(identity_bytes(5), encoded(FIVE), work - 1)
    for budget in (100, work):
        with pytest.raises(Refused):
            check_link(identity_bytes(5), encoded(FIVE), budget)
    assert check_link(identity_bytes(5), encoded(FIVE), 10**6)


def test_loops():
    """max(x1, x2) = 1/2 F{11 | 22} = 1/2 F{12 | 12}, and the sum of all inputs cancels in F{11,22 | 11,22}."""
    pair = encoded(compile([maximum(*inputs(2))], 2))
    for a, b in (([[1, 1]], [[2, 2]]), ([[1, 2]], [[1, 2]])):
        data = {"n": 2, "terms": [{"coefficient": "1/2", "pair": [a, b]}]}
        assert check_link(json.dumps(data).encode(), pair).statements == ["for all x in R^2: y = max(x)"]
    both = [[1, 1], [2, 2]]
    terms = [{"coefficient": c, "pair": p} for c, p in ((1, [both, both]), ("1/2", [[[1, 1]], [[2, 2]]]))]
    terms.append({"coefficient": -1, "pair": [both, both]})
    assert check_link(json.dumps({"n": 2, "terms": terms}).encode(), pair)


def test_a_zero_term_before_others():
    data = json.loads(identity_bytes(5))
    data["terms"].insert(0, {"coefficient": 0, "pair": [[[1, 2], [3, 4]], [[1, 3], [2, 5]]]})
    assert check_link(json.dumps(data).encode(), encoded(FIVE))


def test_units_that_read_nothing():
    first, second, last = FIVE.maps
    empty = len(first.rows)
    reading = tuple((bias, (*row, (empty, 7))) for bias, row in second.rows)
    changed = Network(5, (Layer(first.den, (*first.rows, (0, ())), ()), Layer(second.den, reading, ())), last)
    assert check_link(identity_bytes(5), encoded(changed))


def test_large_weights_are_no_text():
    """Sums of integers of 590 digits have more than the 640 that `str` can be held to."""
    large = [str(10**590 + 1), str(10**590 + 3)]
    row = {"den": 1, "rows": [[0, 0, large[0], 1, large[1]], [0, 0, large[1], 1, large[0]]], "step": []}
    made = {"inputs": 2, "layers": [row, row], "output": {"den": 1, "rows": [[0, 0, 1]]}}
    terms = [{"coefficient": "1/2", "pair": [[[1, 2]], [[1, 2]]]}]
    limit = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(640)
        with pytest.raises(Invalid, match="not written as the sum"):
            check_link(json.dumps({"n": 2, "terms": terms}).encode(), write(made))
    finally:
        sys.set_int_max_str_digits(limit)


def test_what_is_kept_is_bounded(monkeypatch):
    """Basis functions and orderings of a term, together."""
    monkeypatch.setattr(link, "MAX_KEPT", 100)
    with pytest.raises(Refused, match="more than 100 basis functions"):
        check_link(identity_bytes(5), encoded(FIVE))
