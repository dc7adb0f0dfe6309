"""Total: whatever stands in any place of a certificate, the outcome is a theorem or one of the three errors."""

import json
import pickle
from copy import deepcopy

import pytest

from relumax.kernel import Invalid, KernelError, Malformed, Refused, check
from tests.kernel.campaign import _at, _places
from tests.kernel.examples import EXAMPLES, PICK, SECOND_CERTIFICATE, clause, data
from tests.kernel.oracle import true_claim
from tests.kernel.test_rules import changed

DEFINE = [
    {"name": "f", "kind": "form", "length": 2, "form": [2, 1, -1, "x[i]", 1, "i"]},
    {"name": "r", "kind": "relu", "length": None, "form": [1, 0, 1, "f[0]"]},
    {"name": "s", "kind": "step", "length": 2, "form": [1, 0, 1, "f[i]"]},
    {"name": "l", "kind": "list", "forms": [[1, 0, 1, "r"], [1, 0]]},
    {"name": "m", "kind": "max", "of": "l"},
    {"name": "n", "kind": "min", "of": "x"},
]
REQUIRES = [
    clause([["<=", -9, 1, "x[i]", -1, "x[w]"]], each=2, where=["before", "w"]),
    clause([["<", -9, 1, "m"], ["<", -9, 1, "n"]]),
]
ONE = ("claim", "statements", 0)
FULL = changed(
    SECOND_CERTIFICATE,
    ((*ONE, "define"), DEFINE),
    ((*ONE, "requires"), [SECOND_CERTIFICATE["claim"]["statements"][0]["requires"][0], *REQUIRES]),
)
"""Every kind of definition and requirement; its proof no longer fits, which comes last."""

ODD = [
    None,
    True,
    False,
    -1,
    0,
    1,
    2,
    3,
    1 << 19,
    2**53,
    10**12,
    "",
    "x",
    "x[i]",
    "w",
    "9007199254740993",
    [],
    {},
    [[]],
    [0],
    [1, 0],
    ["<"],
]
ODD += [
    [["x"]],
    {"any": []},
    {"head": [1, 0], "of": [[1, 0]]},
    {"winner": "w"},
    {"kind": "max"},
    {"each": 2},
    "network",
    "-" * 20,
    "\ud800",
    "٣",
]


@pytest.mark.parametrize("name", ["pick", "max of two", "instance of two units", "define max", "full"])
def test_odd_values_in_every_place(name):
    certificate = FULL if name == "full" else EXAMPLES[name][0]
    accepted = []
    for path in _places(certificate):
        for odd in ODD:
            mutant = deepcopy(certificate)
            _at(mutant, path[:-1])[path[-1]] = odd
            try:
                check(data(mutant))
            except KernelError:
                continue
            if mutant != certificate:
                accepted.append(mutant)
    assert all(true_claim(one) for one in accepted)


def place_of(path):
    """As a rejection names it."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]


def test_odd_keys():
    for path in _places(FULL):
        if isinstance(_at(FULL, path), dict):
            for key in ("", "x", "each", "where", "length", "\ud800"):
                mutant = deepcopy(FULL)
                _at(mutant, path)[key] = 1
                with pytest.raises(KernelError) as found:
                    check(data(mutant))
                assert key or "points" in path or found.value.path == place_of(path)


def test_the_full_claim_is_read():
    with pytest.raises(KernelError, match=r"proofs\[0\]"):
        check(data(FULL))


@pytest.mark.parametrize("name", ["full", *EXAMPLES])
def test_a_rejection_names_the_place(name):
    """Where an object stands that should not be there, the error names the place, or what it is a part of."""
    certificate = json.loads(data(FULL if name == "full" else EXAMPLES[name][0]))
    for path in _places(certificate):
        parent, wrong = _at(certificate, path[:-1]), deepcopy(certificate)
        if name == "full" and (path[0] == "proofs" or "points" in path):
            continue  # read after a proof that does not fit
        if (
            path[0] == "proofs" and len(path) == 3 and path[2] and parent[path[2] - 1] == PICK
        ):  # `PICK t i`: a wrong t shows at i
            continue
        _at(wrong, path[:-1])[path[-1]] = {"": 0}
        with pytest.raises(KernelError) as found:
            check(data(wrong))
        assert found.value.path
        assert place_of(path).startswith(found.value.path)


@pytest.mark.parametrize("kind", [Malformed, Invalid, Refused])
def test_an_error_survives_pickling(kind):
    found = pickle.loads(pickle.dumps(kind("proofs[0]", "why")))
    assert (type(found), found.path, found.reason) == (kind, *found.args) == (kind, "proofs[0]", "why")
    assert str(found) == f"{kind.__name__.lower()}: proofs[0]: why"
    assert str(kind("", "why")) == f"{kind.__name__.lower()}: why"
