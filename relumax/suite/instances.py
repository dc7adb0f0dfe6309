"""The instances: each right network beside those that are almost it.

A right network has a certificate, and every query about it is unsat: on all of R^n, and so on a box. A wrong one has a
point at which its query is met, evaluated exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import NamedTuple

from relumax import pipeline
from relumax.constructions.registry import find
from relumax.errors import SpecError
from relumax.formats.vnnlib import Query, boxed, counterexample, holds
from relumax.formats.vnnlib.query import IN, OUT, Cell, Every
from relumax.kernel.text import text
from relumax.language.spec import Spec
from relumax.network.compile import compile
from relumax.network.layers import Network
from relumax.suite.networks import bent, bumped, halves, nudged, ordered, scrambled
from relumax.words import PROVED, REFUTED

SEED = 8
NUDGE = Fraction(1, 2**20)
STEEP = 2**10
FAR = Fraction(2**20)
BOX = Fraction(128)
"""Inputs are in [-BOX, BOX] in queries about a box; in [-2 FAR, 2 FAR] where a network is wrong only far from 0."""


class Subject(NamedTuple):
    """A network and what is true of it, all x in R^n (or as promised), and how the network was written."""

    name: str
    spec: Spec
    network: Network
    certificate: bytes
    how: str

    @property
    def theorem(self) -> str:
        """What the certificate proves."""
        return "; ".join(text(self.spec.claim()))


class Instance(NamedTuple):
    """A query about a network. It is met at `values`, or by nothing, as the certificate of `subject` says."""

    name: str
    network: Network
    subject: Subject
    query: Query
    values: dict[Cell, Fraction] | None
    why: str


def instances() -> Iterator[Instance]:
    """All instances, the same ones each time."""
    for subject in subjects():
        yield from _about(subject)


def subjects() -> Iterator[Subject]:
    """The right networks."""
    draw = Random(SEED)
    for n in (3, 5, 8, 16, 32):
        yield _subject(f"max-halves-{n}", find("max").spec(n), scrambled(halves(n), draw), f"{HALVES}{SCRAMBLED}")
    for function, name, sizes in (
        ("max", "tournament", (4, 8, 16, 64)),
        ("max", "chain", (4, 8)),
        ("max", "shallow", (5,)),
        ("min", "tournament", (6,)),
        ("argmax", "slack", (4,)),
    ):
        found = find(function, name)
        for n in sizes:
            spec = found.spec(n, **found.options)
            network = ordered(compile(found.program(n, **found.options), spec.width, spec.nonnegative))
            yield _subject(f"{function}-{name}-{n}", spec, scrambled(network, draw), f"{found.title}{SCRAMBLED}")
    yield _index(4)


HALVES = "rounds of (a + b + abs(a - b))/2"
SCRAMBLED = ", units scaled by powers of two, permuted, some split into two"


def _subject(name: str, spec: Spec, network: Network, how: str) -> Subject:
    """Proved from the network alone, without what built it; raises SpecError if it is not."""
    verdict = pipeline.prove(network, spec)
    if verdict.verdict != PROVED or verdict.certificate is None:
        raise SpecError(f"{name}: no certificate: {verdict.reason}")
    return Subject(name, spec, network, verdict.certificate, how)


def _index(n: int) -> Subject:
    """The index of a winner that leads by 1, as built: proved from its program."""
    found = find("argmax", "index")
    options = {**found.options, "gap": Fraction(1)}
    spec = found.spec(n, **options)
    program = found.program(n, **options)
    verdict = pipeline.prove(program, spec, against=ordered(compile(program, spec.width)))
    if verdict.verdict != PROVED or verdict.certificate is None:
        raise SpecError(f"argmax/index at n = {n}: no certificate: {verdict.reason}")
    return Subject(f"argmax-index-{n}", spec, verdict.network, verdict.certificate, f"{found.title} --gap 1, as built")


def _about(subject: Subject) -> Iterator[Instance]:
    """The right network and three wrong ones, each on all of R^n and on a box."""
    query = counterexample(subject.spec)
    near = boxed(query, -BOX, BOX)
    for end, asked, where in (("", query, "all real inputs"), ("-box", near, f"inputs in [-{BOX}, {BOX}]")):
        yield Instance(f"{subject.name}{end}", subject.network, subject, asked, None, f"{subject.how}; {where}")
    draw = Random(f"{SEED} {subject.name}")
    n = subject.network.inputs
    place = [Fraction(2 * k) for k in range(n)]  # the winner leads by 2
    draw.shuffle(place)
    far = [FAR + 1, *[Fraction(0)] * (n - 1)]
    wrong = (
        ("nudged", nudged(subject.network, NUDGE), None, near, "one weight of the output is off by 2^-20 of itself"),
        ("thin", bumped(subject.network, place, STEEP, Fraction(1, 4)), place, near,
         f"wrong only within {Fraction(1, STEEP)} of one point, by at most 1/4"),
        ("far", bent(subject.network, FAR), far, boxed(query, -2 * FAR, 2 * FAR), f"wrong only where x[0] > {FAR}"),
    )  # fmt: skip
    for word, network, point, box, why in wrong:
        if word != "nudged":
            network = scrambled(network, draw)
        for end, asked in (("", query), ("-box", box)):
            values = _met(asked, network, [point] if point else _points(network, subject.spec))
            if values is not None:
                yield Instance(f"{subject.name}-{word}{end}", network, subject, asked, values, why)


def _points(network: Network, spec: Spec) -> Iterator[Sequence[Fraction]]:
    """Points at which a nudged network may be seen to be wrong, small ones."""
    verdict = pipeline.prove(network, spec)
    if verdict.verdict != REFUTED or verdict.witness is None:
        raise SpecError(f"a spoiled network was not refuted: {verdict.reason}")
    yield verdict.witness.inputs
    largest = max(map(abs, verdict.witness.inputs)) or 1
    yield [one * BOX / largest for one in verdict.witness.inputs]


def _met(query: Query, network: Network, points: Iterable[Sequence[Fraction]]) -> dict[Cell, Fraction] | None:
    """The values of all cells at the first of the points that meets the query; None if none does."""
    for point in points:
        values = dict(zip([*query.cells(IN), *query.cells(OUT)], [*point, *network(point)], strict=True))
        if holds(Every(query.assertions), values):
            return values
    return None
