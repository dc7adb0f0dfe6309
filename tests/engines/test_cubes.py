"""Case trees in parts: every part, wherever it is found, leaves the certificate's bytes as they are."""

import random

import pytest

from relumax import pipeline
from relumax.cluster import on
from relumax.engines import cubes
from relumax.engines.script import LEAF, OPEN, SPLIT, Block, Fact, Step, leaf, read, split, write
from relumax.engines.search import GaveUp
from relumax.kernel import check
from relumax.kernel import proof as proof_of
from relumax.kernel.proof import RELU, unit_clause
from relumax.language.theorem import theorem
from relumax.network.layers import Network, normalise
from tests.engines.test_search import random_context, search_for

BOX = "for all x in R^2 such that -1 <= x[0] and x[0] <= 1 and -1 <= x[1] and x[1] <= 1"


def folded(times):
    """|...||x0 + x1/3 - c| - c'| ...|, many pieces."""
    maps = [normalise([(0, {0: 3, 1: 1}), (0, {0: -3, 1: -1}), (0, {0: 1, 1: -2}), (0, {0: -1, 1: 2})])]
    for k in range(1, times):
        one = (-1, {0: 1, 1: 1, 2: k})
        maps.append(normalise([one, (1, {0: -1, 1: -1, 2: -k}), (0, {2: 1}), (0, {3: 1})]))
    return Network(2, tuple(maps), normalise([(0, {0: 1, 1: 1})]))


@pytest.fixture(scope="module")
def whole():
    found = pipeline.prove(folded(4), theorem(f"{BOX}: y <= 30"), "flat")
    assert found.verdict == "proved"
    return found.certificate


def proof(small, monkeypatch, **where):
    monkeypatch.setattr(cubes, "SMALL", small)
    with on(**where):
        found = pipeline.prove(folded(4), theorem(f"{BOX}: y <= 30"), "flat")
    assert found.verdict == "proved", found.reason
    return found.certificate


@pytest.mark.parametrize("small", [1, 2, 5])
def test_parts_of_any_size_are_accepted(small, monkeypatch, whole):
    parts = []
    closed = cubes.closed
    monkeypatch.setattr(cubes, "closed", lambda cube: parts.append(cube) or closed(cube))
    found = proof(small, monkeypatch)
    assert parts
    assert check(found).statements == check(whole).statements
    monkeypatch.setattr(cubes, "closed", closed)
    assert proof(small, monkeypatch) == found


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_bytes_do_not_depend_on_workers(workers, monkeypatch):
    monkeypatch.setattr(cubes, "SMALL", 2)  # forked workers know it
    assert proof(2, monkeypatch, workers=workers) == proof(2, monkeypatch)


@pytest.mark.parametrize("small", [1, 2, 3])
def test_random_trees_in_parts(small, monkeypatch):
    """Also where a branch closes without what it supposes, in a part or on the way to one."""
    monkeypatch.setattr(cubes, "SMALL", small)
    print("seed 31")
    draw, parted = random.Random(31), 0
    for _ in range(250):
        context = random_context(draw)
        search = search_for(context)
        try:
            block = cubes.prove(search, context.goals)
        except GaveUp:
            continue
        parted += bool(search.handed)
        proof_of.run(context, write(block, len(context.facts)), "p")
    assert parted > 3


def test_what_is_false_is_given_up_in_a_part_too(monkeypatch):
    monkeypatch.setattr(cubes, "SMALL", 1)
    found = pipeline.prove(folded(4), theorem(f"{BOX}: y <= 3"), "flat")
    assert found.verdict == "refuted"


def test_reading_is_writing_backwards():
    clause = Fact(unit_clause(RELU, (1, 0, ((0, 1),)), 1), 0)
    blocks = [Block(branch) for branch in clause.branches()]
    blocks[0].steps.append(leaf({blocks[0].supposed[0]: 7, blocks[0].supposed[1]: 10**30}))
    blocks[1].steps.append(Step(OPEN, []))
    flat = write(Block([], [split(clause, blocks)]), 1)
    again, left = read(flat, [clause])
    assert write(again, 1) == flat == [SPLIT, 0, LEAF, 2, 1, 7, 2, str(10**30), OPEN]
    assert left == [again.steps[0].blocks[1]]
