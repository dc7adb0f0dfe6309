"""Networks that are wrong by very little are refuted from their canonical forms, in either direction without a lie."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from relumax import pipeline
from relumax.engines.canonical import sought
from relumax.engines.canonical.cells import Node, Place, Program, Shape
from relumax.engines.canonical.metered import Meter
from relumax.engines.canonical.opening import opened
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.search import GaveUp
from relumax.kernel.network import read_network
from relumax.kernel.proof import LE, LT
from relumax.kernel.statement import Claim
from relumax.network.layers import Network, to_json
from tests.engines.misses import SUBJECTS, misses, right

SURE = ("far", "sliver", "cone", "thin")
"""What is added there is nowhere outside of what is required."""
HARD = (
    (0, "halves", "weight"),  # 64 inputs, wrong only where 32 of them are about 0 or less
    (0, "halves", "corner"),
    (0, "tournament", "thin"),  # 128 inputs
    (0, "tournament", "sliver"),
    (0, "gate", "weight"),  # the second of two statements is false
    (1, "slack", "thin"),  # 10^6 from 0
    (1, "index", "far"),
    (1, "gate", "corner"),
)


@pytest.mark.parametrize(("seed", "subject", "kind"), HARD, ids=lambda one: str(one))
def test_what_took_long_or_was_not_found(seed, subject, kind):
    (one,) = misses(seed, [subject], [kind])
    refuted(one)


def test_near_misses_of_every_kind():
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    draw = Random(seed)
    for kind in SURE:
        for subject in draw.sample(sorted(SUBJECTS), 2):
            (one,) = misses(seed, [subject], [kind])
            print(one.name)
            refuted(one, "auto")


def refuted(one, engine="canonical"):
    verdict = pipeline.prove(one.network, one.spec, engine)
    assert verdict.verdict == "refuted", (one.name, verdict.reason)
    assert one.network(*verdict.witness.inputs) == verdict.witness.outputs


def opening_of(network: Network, spec, k: int = 0):
    statement = Claim(spec.claim(), read_network(to_json(network), ENDLESS)).statements[k]
    opening = opened(statement.context(ENDLESS, []), statement, Lemmas())
    first = network.inputs + network.size
    for h in range(network.inputs, first):
        opening.units.unit(h)
    for v in range(first, first + network.outputs):
        opening.output(v)
    return opening


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_right_networks_are_never_refuted(subject):
    network, spec = right(subject, min(SUBJECTS[subject][2]), Random(3))
    openings = [opening_of(network, spec, k) for k in range(len(spec.statements))]
    assert all(sought.refuted(one, network, 2_000_000) is None for one in openings)


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_pieces_are_what_the_network_computes(subject):
    """At random points, ties too: the pieces of outputs have its values, walls hold, and so at another point inside."""
    seed = Random().randrange(10**6)
    print(f"seed {seed}")
    draw = Random(seed)
    (one,) = misses(seed, [subject], ["thin"])
    if one.network.inputs > 40:
        return
    opening = opening_of(one.network, one.spec, len(one.spec.statements) - 1)
    nodes, equal = sought._canonical(opening)
    question = next(sought._questions(opening.statement, nodes, equal))
    first = one.network.inputs + one.network.size
    outputs = range(first, first + one.network.outputs)
    order = question.shape.order([*outputs, *range(one.network.inputs)])
    free = [v for v in order if v not in nodes and v not in question.shape.equal]
    for _ in range(6):
        x = {v: Fraction(draw.randint(-3, 3), draw.choice((1, 2))) for v in free}
        cell = question.shape.cell(order, Place(x, {}), {})
        assert all(Place(x, {}).at(wall.affine)[0] <= 0 for wall in cell.walls)
        moved = Program(Meter(10**6), x)
        for wall in cell.walls:
            moved.ask(wall.relation, wall.affine)
        moved.ask(LE, {-1: Fraction(1, 3), free[0]: -1} | ({free[1]: 1} if len(free) > 1 else {}))
        for point in filter(None, (x, moved.point())):
            place = Place(point, {})
            inputs = [place.at(cell.affine[v])[0] for v in range(one.network.inputs)]
            assert [place.at(cell.affine[v])[0] for v in outputs] == one.network(*inputs)


def test_programs_and_places_by_hand():
    """h = relu(x - 2), m = max(x, y): from (0, 1), where h turns on and m stays y."""
    shape = Shape(
        {2: Node(1, ((1, 0, ()), (1, -2, ((0, 1),)))), 3: Node(1, ((1, 0, ((0, 1),)), (1, 0, ((1, 1),))))}, {}
    )
    x = {0: 0, 1: 1}
    cell = shape.cell(shape.order([2, 3]), Place(x, {}), {2: 1})
    assert cell.taken == {2: 1, 3: 1} and cell.affine[2] == {-1: -2, 0: 1} and cell.affine[3] == {1: 1}
    program = Program(Meter(1000), x)
    for wall in cell.walls:
        program.ask(LT if wall.v == 2 else wall.relation, wall.affine, wall[:2])
    point = program.point()
    assert point is not None and 2 < point[0] <= point[1]
    program.ask(LT, {1: 1}, "more")
    assert program.point() is None and program.conflict


def test_work_ends():
    program = Program(Meter(0), {0: 0, 1: 0, 2: 0})
    with pytest.raises(GaveUp):
        for one in ({-1: 1, 0: -1, 1: -1}, {-1: 1, 0: 1, 1: -1}, {-1: 1, 1: 1, 2: 3}):
            program.ask(LE, one)
            program.point()
