"""Bytes: canonical JSON or nothing; numbers; what Python's own JSON would let through."""

import json

import pytest
import rfc8785

import relumax.kernel
from relumax.kernel import Malformed, Refused, check
from relumax.kernel.network import read_network
from relumax.kernel.proof import RELU, STEP
from relumax.kernel.wire import MAX_BYTES, Fuel, form, write
from tests.kernel.examples import EXAMPLES, LEAF_LEMMA, data, with_lemmas
from tests.kernel.test_rules import changed, rejected

ERRORS = ["Invalid", "KernelError", "Malformed", "Refused"]
GOOD = data(with_lemmas(LEAF_LEMMA))


def malformed(bytes_, reason, path=""):
    """The bytes are rejected as malformed, for this reason."""
    with pytest.raises(Malformed) as found:
        check(bytes_)
    assert found.value.path == path
    assert reason in found.value.reason


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_canonical_bytes_are_those_of_rfc_8785(name):
    certificate = EXAMPLES[name][0]
    assert write(certificate) == rfc8785.dumps(certificate)


@pytest.mark.parametrize("value", [0, -1, 2**53 - 1, 1 - 2**53, "9007199254740992", [], {"b": [1], "a": {"c": "x"}}])
def test_plain_values_agree_with_rfc_8785(value):
    assert write(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"version":1', b'"version": 1', "canonical"),
        (b"}", b"}\n", "canonical"),
        (b'"version":1', b'"version":1.0', "not an integer"),
        (b'"version":1', b'"version":1E400', "not an integer"),
        (b'"version":1', b'"version":NaN', "not an integer"),
        (b'"version":1', b'"version":-Infinity', "not an integer"),
        (b'"version":1', b'"version":01', "not JSON"),
        (b'"version":1', b'"version":1,"version":1', "twice"),
        (b'"version":1', b'"version":' + b"1" * 601, "more than 600 characters"),
        (b'"version":1', b'"version":-' + b"1" * 600, "more than 600 characters"),
        (b'"name":"x"', b'"name":"\\u0078"', "canonical"),
        (b'"bias":', b'"bias":', None),
        (b'"vars":1', b'"vars":-0', "canonical"),
    ],
)
def test_other_spellings(old, new, reason):
    if reason is None:
        check(GOOD)
    else:
        assert old in GOOD
        malformed(GOOD.replace(old, new, 1) if old != b"}" else GOOD + b"\n", reason)


@pytest.mark.parametrize("tail", [b" ", b"\n", b"{}", b",", b"]", b"\x00", GOOD])
def test_nothing_may_follow(tail):
    with pytest.raises(Malformed):
        check(GOOD + tail)


def test_every_truncation_is_malformed():
    for length in range(len(GOOD)):
        with pytest.raises(Malformed):
            check(GOOD[:length])


@pytest.mark.parametrize(
    "bytes_", [b"", b"\xef\xbb\xbf" + GOOD, b"\xff", GOOD.decode().encode("utf-16"), b"null", b"[]", b"1", b'"\\ud800"']
)
def test_no_certificate_at_all(bytes_):
    with pytest.raises(Malformed):
        check(bytes_)


@pytest.mark.parametrize("value", [GOOD.decode(), bytearray(GOOD), memoryview(GOOD), None, 1, {}])
def test_only_bytes(value):
    malformed(value, "bytes")


@pytest.mark.parametrize("depth", [900, 990, 1000, 5000, 200_000])
def test_deep_nesting(depth):
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        with pytest.raises(Malformed):
            check(opening * depth + b"1" + closing * depth)
        with pytest.raises(Malformed) as found:
            check(opening * depth)
        assert found.value.path == ""
        assert "nested too deeply" in found.value.reason or depth < 5000


def test_too_large(monkeypatch):
    with pytest.raises(Refused, match="larger than") as found:
        check(b" " * (MAX_BYTES + 1))
    assert found.value.path == ""
    monkeypatch.setattr("relumax.kernel.wire.MAX_BYTES", len(GOOD))
    assert check(GOOD).statements


@pytest.mark.parametrize("key", ["format", "version", "network", "claim", "lemmas", "proofs"])
def test_every_key_is_needed(key):
    found = with_lemmas()
    del found[key]
    malformed(data(found), f"'{key}' is missing")


def test_no_other_key():
    malformed(data(with_lemmas() | {"comment": "trust me"}), "'comment' is unknown")


@pytest.mark.parametrize("version", [0, 2, True, "1", None])
def test_the_version_is_read(version):
    malformed(data(with_lemmas() | {"version": version}), "version 1", "version")


def test_the_names_at_the_door():
    assert relumax.kernel.__all__ == ["MAX_BYTES", *ERRORS, "Theorem", "check"]
    assert [getattr(relumax.kernel, name).kind for name in ERRORS] == ["invalid", "rejected", "malformed", "refused"]


def test_the_format_is_read():
    malformed(data(with_lemmas() | {"format": "relumax"}), "not a relumax certificate", "format")


BIG = 2**53


@pytest.mark.parametrize(
    "bad",
    [
        BIG,
        -BIG,
        str(BIG - 1),
        "1",
        "-0",
        f"+{BIG}",
        f"0{BIG}",
        f" {BIG}",
        f"{BIG}\n",
        "9_007_199_254_740_992",
        "٣" * 20,
        "9007199254740992.0",
        "0x20000000000000",
        "1e20",
        "",
        "-",
        "²" * 20,
        "1" * 601,
        1.0,
        True,
        None,
        [BIG],
        {},
    ],
)
def test_a_number_has_one_spelling(bad):
    found = changed(with_lemmas(LEAF_LEMMA), (("lemmas", 0, "proof", 3), bad))
    with pytest.raises(Malformed) as problem:
        check(json.dumps(found, sort_keys=True, separators=(",", ":")).encode())
    assert problem.value.path in ("", "lemmas[0].proof[3]")


@pytest.mark.parametrize("edge", [2**53 - 1, 1 - 2**53, str(2**53), str(-(2**53))])
def test_the_largest_number_and_the_smallest_string(edge):
    given = [*LEAF_LEMMA["given"], [[[1, edge, 0, 1]]]]
    assert check(data(with_lemmas({**LEAF_LEMMA, "given": given}))).statements


def test_a_large_multiplier_is_a_string():
    for value in (BIG, 10**599):
        large = changed(
            with_lemmas(LEAF_LEMMA), (("lemmas", 0, "proof", 3), str(value)), (("lemmas", 0, "proof", 5), str(value))
        )
        assert check(data(large)).statements


@pytest.mark.parametrize("bad", [-1, True, 1 << 20, "1", 1.0, None, [], {}])
@pytest.mark.parametrize("path", [("lemmas", 0, "vars"), ("network", "inputs"), ("claim", "arrays", 0, "length")])
def test_indices_are_small_integers(path, bad):
    with pytest.raises(Malformed):
        check(data(changed(with_lemmas(LEAF_LEMMA), (path, bad))))


def test_lone_surrogates_and_escapes_do_not_reach_the_message():
    with pytest.raises(Malformed) as problem:
        check(data(with_lemmas() | {"\x1b[31m\ud800": 1}))
    assert str(problem.value).isascii() and str(problem.value).isprintable()


# ---- the network


@pytest.mark.parametrize(
    ("path", "value", "where", "reason"),
    [
        (("network", "inputs"), 0, "network.inputs", "at least one input"),
        (("network", "layers", 0, "den"), 0, "network.layers[0].den", "positive"),
        (("network", "layers", 0, "den"), -1, "network.layers[0].den", "positive"),
        (("network", "output", "den"), 0, "network.output.den", "positive"),
        (("network", "layers", 0, "rows", 0), [0, 1, -1, 0, 1], "network.layers[0].rows[0]", "increase"),
        (("network", "layers", 0, "rows", 0), [0, 0, 1, 0, 1], "network.layers[0].rows[0]", "increase"),
        (("network", "layers", 0, "rows", 0), [0, 0, 0], "network.layers[0].rows[0]", "zero"),
        (("network", "layers", 0, "rows", 0), [0, 0], "network.layers[0].rows[0]", "pairs"),
        (("network", "layers", 0, "rows", 0), [0, 2, 1], "network.layers[0].rows[0]", "index 2"),
        (("network", "layers", 0, "rows", 0), [0, -1, 1], "network.layers[0].rows[0]", "index -1"),
        (("network", "layers", 0, "rows", 0), [], "network.layers[0].rows[0]", "at least 1"),
        (("network", "layers", 0, "rows"), [], "network.layers[0].rows", "at least 1"),
        (("network", "layers", 0, "step"), [1, 0], "network.layers[0].step", "increase"),
        (("network", "layers", 0, "step"), [3], "network.layers[0].step", "index 3"),
        (("network", "layers", 0, "step"), [True], "network.layers[0].step", "an index"),
        (("network", "output", "rows", 0), [0, 3, 1], "network.output.rows[0]", "index 3"),
    ],
)
def test_the_network(path, value, where, reason):
    rejected(changed(EXAMPLES["max of two"][0], (path, value)), Malformed, where, reason)


def test_a_common_divisor_in_a_layer():
    wrong = changed(
        EXAMPLES["max of two"][0],
        (("network", "layers", 0, "den"), 2),
        (("network", "layers", 0, "rows"), [[0, 0, 2, 1, -2], [0, 1, 2], [0, 1, -2]]),
    )
    rejected(wrong, Malformed, "network.layers[0]", "common divisor")


@pytest.mark.parametrize(("den", "row"), [(2, [1, 0, 2]), (3, [2, 0, 2]), (2, [2, 0, 1]), (4, [2, 0, 1])])
def test_numbers_of_a_layer_may_share_a_divisor_if_not_all_do(den, row):
    layer = {"den": den, "rows": [row], "step": []}
    network = read_network({"inputs": 1, "layers": [layer], "output": {"den": 1, "rows": [[0, 0, 1]]}}, Fuel(10**6))
    assert network.units == [(RELU, form(den, row[0], ((0, row[2]),)))]


def test_the_units_of_each_layer_read_the_one_before():
    layers = [
        {"den": 1, "rows": [[0, 1, 1], [1, 0, 2, 1, 3]], "step": [1]},
        {"den": 2, "rows": [[1, 0, 1, 1, -1]], "step": []},
    ]
    network = read_network({"inputs": 2, "layers": layers, "output": {"den": 3, "rows": [[2, 0, 1]]}}, Fuel(10**6))
    assert (network.inputs, network.outputs) == (2, [(3, 2, ((4, 1),))])
    assert network.units == [
        (RELU, (1, 0, ((1, 1),))),
        (STEP, (1, 1, ((0, 2), (1, 3)))),
        (RELU, (2, 1, ((2, 1), (3, -1)))),
    ]
