import json
from copy import deepcopy
from fractions import Fraction
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given

from relumax.errors import FormatError
from relumax.network import layers
from relumax.network.compile import compile
from relumax.network.layers import Layer, Network, canonical_bytes, from_json, normalise, to_json
from tests.strategies import programs, reproducible

BIG = 2**53
NETWORK = Network(
    2,
    (
        Layer(2, ((1, ((0, 3), (1, -3))), (0, ((1, BIG),))), (1,)),
        Layer(1, ((0, ((1, 1),)), (-BIG - 1, ()))),
    ),
    Layer(BIG, ((0, ((0, 1),)), (5, ()))),
)


def test_sizes_count_hidden_units_and_weights_without_biases():
    assert (NETWORK.depth, NETWORK.width, NETWORK.size, NETWORK.widths) == (2, 2, 4, (2, 2))
    assert NETWORK.nonzeros == 5
    assert NETWORK.outputs == 2
    assert NETWORK.columns == (2, 2, 2)
    assert NETWORK.maps == (*NETWORK.layers, NETWORK.output)
    identity = Network(1, (), normalise([(0, {0: 1})]))
    assert (identity.depth, identity.width, identity.size, identity.nonzeros) == (0, 0, 0, 1)


def test_normalise_takes_the_least_common_denominator_and_drops_zeros():
    rows = [(Fraction(1, 2), {3: 2, 0: Fraction(-1, 3)}), (4, {1: Fraction(0), 2: 1})]
    assert normalise(rows, [1]) == Layer(6, ((3, ((0, -2), (3, 12))), (24, ((2, 6),))), (1,))
    assert normalise([(0, {})]) == Layer(1, ((0, ()),))
    assert all(type(c) is int for _, terms in normalise(rows).rows for _, c in terms)


def test_json_form_is_the_documented_one():
    assert to_json(NETWORK) == {
        "inputs": 2,
        "layers": [
            {"den": 2, "rows": [[1, 0, 3, 1, -3], [0, 1, "9007199254740992"]], "step": [1]},
            {"den": 1, "rows": [[0, 1, 1], ["-9007199254740993"]], "step": []},
        ],
        "output": {"den": "9007199254740992", "rows": [[0, 0, 1], [5]]},
    }


def test_json_round_trip_also_through_text():
    assert from_json(to_json(NETWORK)) == NETWORK
    assert from_json(json.loads(canonical_bytes(NETWORK))) == NETWORK


def test_canonical_bytes_are_those_of_rfc_8785_and_hashed_as_such():
    assert canonical_bytes(NETWORK) == rfc8785.dumps(to_json(NETWORK))
    assert layers.sha256(NETWORK) == sha256(canonical_bytes(NETWORK)).hexdigest()


@reproducible
@given(programs(outputs=2))
def test_json_round_trip_of_compiled_networks(program):
    network = compile(program.outputs, program.n)
    assert from_json(json.loads(canonical_bytes(network))) == network


def test_an_integer_too_long_to_write_is_refused():
    network = Network(1, (), Layer(1, ((10**5000, ()),)))
    with pytest.raises(FormatError, match=r"^output\.rows\[0\]: an integer of more than \d+ digits$"):
        to_json(network)


MALFORMED = [
    ((), [], "network: expected an object, found an array"),
    ((), None, "network: expected an object, found null"),
    (("inputs",), 0, "inputs: a network has at least one input"),
    (("inputs",), -1, "inputs: an integer out of range"),
    (("inputs",), True, "inputs: expected an integer, found a boolean"),
    (("inputs",), 2.0, "inputs: expected an integer, found a number"),
    (("inputs",), "2", "inputs: expected an integer, found a string"),
    (("inputs",), BIG, "inputs: an integer out of range"),
    (("inputs",), 1, "layers[0].rows[0][3]: an integer out of range, expected 0 to 0"),
    (("extra",), 0, "network: unknown key 'extra'"),
    (("layers",), {}, "layers: expected an array, found an object"),
    (("layers", 0), 7, "layers[0]: expected an object, found an integer"),
    (("layers", 0, "steps"), [], "layers[0]: unknown key 'steps'"),
    (("layers", 0, "den"), 0, "layers[0].den: a denominator is positive"),
    (("layers", 0, "den"), -2, "layers[0].den: a denominator is positive"),
    (("layers", 0, "den"), False, "layers[0].den: expected an integer or a decimal string, found a boolean"),
    (("layers", 1, "den"), "1", "layers[1].den: not the decimal string of an integer of absolute value 2^53 or more"),
    (("layers", 1, "rows"), [], "layers[1].rows: at least one row is needed"),
    (("layers", 1, "rows"), "", "layers[1].rows: expected an array, found a string"),
    (("layers", 1, "rows", 0), [], "layers[1].rows[0]: a row is [bias, index, coefficient, "),
    (("layers", 1, "rows", 0), [0, 1], "layers[1].rows[0]: a row is [bias, index, coefficient, "),
    (("layers", 1, "rows", 0), [0, 1, 0], "layers[1].rows[0]: the coefficient of index 1 is zero"),
    (("layers", 1, "rows", 0), [0, 2, 1], "layers[1].rows[0][1]: an integer out of range, expected 0 to 1"),
    (("layers", 1, "rows", 0), [0, -1, 1], "layers[1].rows[0][1]: an integer out of range"),
    (("layers", 1, "rows", 0), [0, "1", 1], "layers[1].rows[0][1]: expected an integer, found a string"),
    (("layers", 1, "rows", 0), [0, True, 1], "layers[1].rows[0][1]: expected an integer, found a boolean"),
    (("layers", 1, "rows", 0), [0, 1, 1, 1, 1], "layers[1].rows[0]: indices are not strictly increasing, 1 follows 1"),
    (("layers", 1, "rows", 0), [0, 1, 1, 0, 1], "layers[1].rows[0]: indices are not strictly increasing, 0 follows 1"),
    (("layers", 1, "rows", 0), [None], "layers[1].rows[0][0]: expected an integer or a decimal string, found null"),
    (("layers", 1, "rows", 0), [1.5], "layers[1].rows[0][0]: expected an integer or a decimal string, found a number"),
    (("layers", 1, "rows", 1), [BIG], "layers[1].rows[1][0]: an integer of absolute value 2^53 or more is written as"),
    (("layers", 1, "rows", 1), [str(BIG - 1)], "layers[1].rows[1][0]: not the decimal string"),
    (("layers", 1, "rows", 1), ["+" + str(BIG)], "layers[1].rows[1][0]: not the decimal string"),
    (("layers", 1, "rows", 1), ["0" + str(BIG)], "layers[1].rows[1][0]: not the decimal string"),
    (("layers", 1, "rows", 1), [f"{BIG}\n"], "layers[1].rows[1][0]: not the decimal string"),
    (("layers", 1, "rows", 1), ["9_007_199_254_740_993"], "layers[1].rows[1][0]: not the decimal string"),
    (("layers", 1, "rows", 1), ["٩" * 20], "layers[1].rows[1][0]: not the decimal string"),
    (("layers", 1, "rows", 1), ["1/2"], "layers[1].rows[1][0]: not the decimal string"),
    (("layers", 1, "rows", 1), ["9" * 5000], "layers[1].rows[1][0]: an integer of more than"),
    (("layers", 0, "rows"), [[2, 0, 4], [0, 1, 6]], "layers[0]: not in lowest terms"),
    (("layers", 0, "step"), [2], "layers[0].step[0]: an integer out of range, expected 0 to 1"),
    (("layers", 0, "step"), [1, 0], "layers[0].step: indices are not strictly increasing, 0 follows 1"),
    (("layers", 0, "step"), [1, 1], "layers[0].step: indices are not strictly increasing, 1 follows 1"),
    (("layers", 0, "step"), [True], "layers[0].step[0]: expected an integer, found a boolean"),
    (("layers", 0, "step"), 1, "layers[0].step: expected an array, found an integer"),
    (("output",), [], "output: expected an object, found an array"),
    (("output", "step"), [], "output: unknown key 'step'"),
    (("output", "rows"), [], "output.rows: at least one row is needed"),
    (("output", "rows", 1), [5, 2, 1], "output.rows[1][1]: an integer out of range, expected 0 to 1"),
]


@pytest.mark.parametrize(("path", "value", "message"), MALFORMED)
def test_malformed_json_is_refused_with_the_place(path, value, message):
    document = to_json(NETWORK)
    if not path:
        document = value
    else:
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
    with pytest.raises(FormatError) as caught:
        from_json(document)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("inputs",), "network"),
        (("layers",), "network"),
        (("output",), "network"),
        (("layers", 1, "den"), "layers[1]"),
        (("layers", 1, "rows"), "layers[1]"),
        (("layers", 1, "step"), "layers[1]"),
        (("output", "den"), "output"),
        (("output", "rows"), "output"),
    ],
)
def test_a_missing_key_is_named(path, place):
    document = inner = deepcopy(to_json(NETWORK))
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    with pytest.raises(FormatError) as caught:
        from_json(document)
    assert str(caught.value) == f"{place}: the key {path[-1]!r} is missing"
