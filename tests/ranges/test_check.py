"""The checker of ranges: it accepts what is found, and whatever it accepts is true."""

from __future__ import annotations

import copy
import json
import random

import pytest

from relumax.errors import FormatError
from relumax.ranges import check_ranges, find_ranges
from relumax.ranges.find import _Finder
from tests.ranges.arithmetic import corners, network_of

NETWORKS = [
    ("max", "tournament", 4),
    ("argmax", "index", 3),
    ("select", "gate", 2),
    ("argmax", "step", 3),
    ("max", "shallow", 5),
]
KNOWN = {which: network_of(*which) for which in NETWORKS}


def seen(network, scale, points):
    """The largest values met of all that is bounded, as (place, value at N) in the twin's integers."""
    for x, most in points:
        h, one = [int(v * scale) for v in x], scale
        for t, layer in enumerate(network.maps):
            for k, (bias, terms) in enumerate(layer.rows):
                parts = [bias * one, *(c * h[j] for j, c in terms)]
                yield ("halves", t, k, 0), sum(p for p in parts if p > 0), most * scale
                yield ("halves", t, k, 1), -sum(p for p in parts if p < 0), most * scale
            pre = [bias * one + sum(c * h[j] for j, c in terms) for bias, terms in layer.rows]
            one *= layer.den
            h = layer.activate(pre, one)
            if t < network.depth:
                for k, value in enumerate(h):
                    yield ("most", t, k), value, most * scale
        for k, value in enumerate(pre):
            yield ("outputs", k), abs(value), most * scale


def violated(network, sums, facts):
    """The first place where something is larger than what was checked, or None."""
    for (what, *place), value, most in facts:
        bound = getattr(sums, what)
        for k in place:
            bound = bound[k]
        if value > bound[0] * most + bound[1]:
            return what, place, value
    return None


def facts_of(network, seed):
    points = [(x, most) for most in (0, 1, 2, 100) for x in corners(network.inputs, most, 1, 30 if most else 1, seed)]
    return list(dict.fromkeys(seen(network, 1, points)))


@pytest.mark.parametrize("which", NETWORKS)
def test_what_is_found_is_accepted_and_true(which):
    network = KNOWN[which]
    certificate = json.loads(json.dumps(find_ranges(network)))
    sums = check_ranges(network, certificate)
    assert violated(network, sums, facts_of(network, 1)) is None
    assert certificate == find_ranges(network)  # the same bytes each time


def test_a_maximum_is_no_larger_than_its_inputs():
    sums = check_ranges(KNOWN["max", "tournament", 4], find_ranges(KNOWN["max", "tournament", 4]))
    assert sums.outputs == ((1, 0),)
    index = KNOWN["argmax", "index", 3]
    assert check_ranges(index, find_ranges(index)).outputs[0][0] == 0  # bounded whatever the inputs are


def places(value, path=()):
    """Every place in a certificate."""
    yield path
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(one, (*path, key))


def mutant(certificate, draw, all_places):
    """The certificate with one or two things changed."""
    found = copy.deepcopy(certificate)
    for _ in range(draw.choice((1, 1, 2))):
        path = draw.choice(all_places)
        if not path:
            continue
        try:
            parent = found
            for key in path[:-1]:
                parent = parent[key]
            old = parent[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
        if isinstance(parent, str):
            continue
        kind = draw.random()
        if isinstance(old, int) and kind < 0.6:
            parent[path[-1]] = old + draw.choice((-1, 1, -2, 2, -old, 7))
        elif isinstance(parent, list) and kind < 0.75:
            del parent[path[-1]]
        elif isinstance(parent, list) and kind < 0.9:
            parent.insert(path[-1], copy.deepcopy(old))
        else:
            parent[path[-1]] = draw.choice((None, "x", [], {}, 1.5, True, -1, [[]], [1, 2]))
    return found


@pytest.mark.parametrize("which", NETWORKS)
def test_no_mutant_proves_what_is_false(which):
    network, draw = KNOWN[which], random.Random(5)
    certificate, facts = find_ranges(network), facts_of(network, 3)
    where, rejected, accepted = list(places(certificate)), 0, 0
    for _ in range(300 if which[1] == "shallow" else 700):
        try:
            sums = check_ranges(network, mutant(certificate, draw, where))
        except FormatError:
            rejected += 1
        else:
            accepted += 1
            if sums.scale == 1:
                assert violated(network, sums, facts) is None
    assert rejected > 150 and accepted > 0  # few, since each step is needed


def test_mutants_of_the_search_are_caught():
    """A search that is wrong about a rule writes certificates that are rejected, or else true ones."""
    network = KNOWN["argmax", "index", 3]
    for wrong in ("unit", "_split"):
        right = getattr(_Finder, wrong)

        def lying(self, *given, right=right, wrong=wrong):
            found = right(self, *given)
            return (found[0] // 2, found[1] // 2) if wrong == "unit" else found and ((0, 0), *found[1:])

        setattr(_Finder, wrong, lying)
        try:
            certificate = find_ranges(network)
        finally:
            setattr(_Finder, wrong, right)
        with pytest.raises(FormatError, match="the row can be larger"):
            check_ranges(network, certificate)


BROKEN = {
    "another network": (lambda c: c.update(network_sha256="00"), "about another network"),
    "another format": (lambda c: c.update(version=2), "version 1"),
    "a key more": (lambda c: c.update(more=1), "nothing else"),
    "no scale": (lambda c: c.update(scale=0), "scale: a positive integer"),
    "a false pair": (lambda c: c["pairs"][0].append([0, 1]), "are no pair"),
    "a smaller unit": (lambda c: c["most"][0].__setitem__(0, [1, 0]), r"most\[0\]\[0\]: the row can be larger"),
    "a smaller output": (lambda c: c["outputs"].__setitem__(0, [0, 0]), r"outputs\[0\]: the row can be larger"),
    "a step less": (lambda c: c["bounds"][0].pop(0), "which is needed"),
    "a part twice": (lambda c: split_in_parts(c).append([0]), "each unit of the form once"),
    "a case less": (lambda c: split_step(c)["keep"].pop(), "an entry for each of"),
    "a split of nothing": (lambda c: split_step(c)["split"].append(999), "positive coefficient"),
}


def split_step(certificate):
    return next(one for steps in certificate["bounds"] for one in steps if one.get("split"))


def split_in_parts(certificate):
    return next(one["parts"] for steps in certificate["bounds"] for one in steps if "parts" in one)


@pytest.mark.parametrize("what", BROKEN)
def test_each_rejection_says_where(what):
    network = KNOWN["max", "tournament", 4]
    certificate = find_ranges(network)
    broken, said = BROKEN[what]
    broken(certificate)
    with pytest.raises(FormatError, match=said):
        check_ranges(network, certificate)
