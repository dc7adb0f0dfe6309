"""Maxima that a theorem defines one by another go into the same canonical forms: chains, trees, minima, mixtures."""

from __future__ import annotations

from random import Random
from time import process_time

import pytest

from relumax import pipeline
from relumax.kernel import check
from relumax.language.theorem import theorem
from tests.engines.canonical.networks import scrambled
from tests.engines.canonical.proving import named


def chained(n: int, word: str, draw: Random | None = None) -> tuple[str, str]:
    """Definitions of the largest one after another, in an order that may be drawn, and the name of the last."""
    order = [*range(n)] if draw is None else draw.sample(range(n), n)
    said = [f"a1 = {word}(x[{order[0]}], x[{order[1]}])"]
    said += [f"a{k} = {word}(a{k - 1}, x[{order[k]}])" for k in range(2, n)]
    return f"a{n - 1}", ", ".join(said)


def grouped(n: int, word: str, draw: Random) -> tuple[str, str]:
    """Definitions of the largest two at a time, in any order."""
    names, said = [f"x[{i}]" for i in range(n)], []
    while len(names) > 1:
        draw.shuffle(names)
        a, b, *names = names
        said.append(f"b{len(said)} = {word}({a}, {b})")
        names.append(f"b{len(said) - 1}")
    return names[0], ", ".join(said)


def proved(network, n, name, said):
    spec = theorem(f"for all x in R^{n}: y = {name} where {said}")
    verdict = pipeline.prove(network, spec, "canonical")
    assert verdict.verdict == "proved", verdict.reason
    assert tuple(check(verdict.certificate).statements) == verdict.theorem
    return verdict


@pytest.mark.parametrize("word", ["max", "min"])
@pytest.mark.parametrize("construction", ["tournament", "chain"])
def test_chains_and_trees_of_definitions(word, construction):
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    draw = Random(seed)
    for n in (3, 4, 7, 12):
        network, _ = named(word, construction, n)
        for name, said in (chained(n, word), chained(n, word, draw), grouped(n, word, draw)):
            proved(network, n, name, said)
            proved(scrambled(network, draw), n, name, said)


@pytest.mark.parametrize("construction", ["tournament", "chain"])
def test_what_is_defined_wrongly_is_refuted(construction):
    network, _ = named("max", construction, 9)
    name, said = chained(9, "max")
    for wrong in (said.replace("x[3]", "x[2]"), said.replace("a6 = max", "a6 = min"), said.replace("x[8]", "2 x[8]")):
        spec = theorem(f"for all x in R^9 such that x[3] <= x[3]: y = {name} where {wrong}")
        verdict = pipeline.prove(network, spec)
        assert verdict.verdict == "refuted"


def test_hundreds_of_definitions_take_seconds():
    network, _ = named("max", "tournament", 250)
    start = process_time()
    verdict = proved(network, 250, *chained(250, "max"))
    assert process_time() - start < 10 and len(verdict.certificate) < 250 * 600


def test_differences_of_defined_maxima():
    """a2 - a1 = relu(x[2] - a1), as a network says it."""
    network, _ = named("max", "tournament", 3)
    said = "a1 = max(x[0], x[1]), a2 = max(a1, x[2]), r = relu(x[2] - a1)"
    for value in ("a1 + r", "a2"):
        proved(network, 3, value, said)
