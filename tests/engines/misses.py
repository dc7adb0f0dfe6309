"""Networks that are right but for very little, drawn at random: what a falsifier has to find.

`python -m tests.engines.misses [--seeds 0..4] [--seconds 10] [--kinds far,thin] [--subjects chain]` says which are
refuted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random
from typing import NamedTuple

from relumax import pipeline
from relumax.constructions.registry import find
from relumax.language.spec import Spec
from relumax.network.compile import compile
from relumax.network.layers import Layer, Network, normalise
from relumax.suite.networks import added, bumped, halves, ordered, scrambled

SMALL = Fraction(1, 2**20)
ONE = {0: Fraction(1)}


class Miss(NamedTuple):
    """A network that is wrong somewhere, and the statement that is true of the network it comes of."""

    name: str
    network: Network
    spec: Spec


SUBJECTS = {
    "halves": ("max", "", (6, 16, 32, 64)),
    "tournament": ("max", "tournament", (8, 32, 64, 128)),
    "chain": ("max", "chain", (4, 12, 24)),
    "shallow": ("max", "shallow", (4, 5)),
    "min": ("min", "tournament", (5, 32)),
    "slack": ("argmax", "slack", (4, 8, 16)),
    "index": ("argmax", "index", (4, 8, 16)),
    "gate": ("select", "gate", (3, 5, 10)),
}


def right(subject: str, n: int, draw: Random) -> tuple[Network, Spec]:
    """A right network of this kind, written in a strange way."""
    function, construction, _ = SUBJECTS[subject]
    if not construction:
        return scrambled(halves(n), draw), find("max").spec(n)
    found = find(function, construction)
    options = dict(found.options)
    if "gap" in options:
        options["gap"] = Fraction(1)
    spec = found.spec(n, **options)
    network = ordered(compile(found.program(n, **options), spec.width, spec.nonnegative))
    return scrambled(network, draw), spec


# ---- what is wrong with them


def weight(network: Network, spec: Spec, draw: Random) -> Network:
    """One weight, anywhere, off by 2^-20 of itself."""
    return _changed(network, draw, lambda bias, terms: (bias, _off(terms, draw)))


def bias(network: Network, spec: Spec, draw: Random) -> Network:
    """One bias of a unit off by 2^-20."""
    return _changed(network, draw, lambda bias, terms: (bias + draw.choice((SMALL, -SMALL)), terms))


def far(network: Network, spec: Spec, draw: Random) -> Network:
    """relu(+- x[i] +- x[j] - 10^6) is added."""
    some = draw.sample(range(network.inputs), min(draw.randint(1, 3), network.inputs))
    row = Fraction(-(10**6)), {i: Fraction(draw.choice((1, -1))) for i in sorted(some)}
    return added(network, Network(network.inputs, (normalise([row]),), normalise([(0, ONE)])))


def sliver(network: Network, spec: Spec, draw: Random) -> Network:
    """relu(l) - 2 relu(l - d) + relu(l - 2 d) is added, d = 10^-6: between two hyperplanes alone not 0."""
    row, const = _row(network.inputs, draw)
    rows = [(const - Fraction(k, 10**6), row) for k in range(3)]
    hat = normalise([(0, {0: Fraction(1), 1: Fraction(-2), 2: Fraction(1)})])
    return added(network, Network(network.inputs, (normalise(rows),), hat))


def cone(network: Network, spec: Spec, draw: Random) -> Network:
    """relu(t + 2^-20) - relu(t) is added, t = x[i] - 1000 (the sum of abs(x[j] - a x[i]), j other)."""
    n, top = network.inputs, draw.randrange(network.inputs)
    rows, steep = [(Fraction(0), {top: Fraction(1)})], {0: Fraction(1)}
    for j in range(n):
        if j != top:
            row = {top: Fraction(draw.randint(-9, -1), 10), j: Fraction(1)}
            rows += [(Fraction(0), row), (Fraction(0), {i: -c for i, c in row.items()})]
            steep |= {len(rows) - 1: Fraction(-1000), len(rows) - 2: Fraction(-1000)}
    last = normalise([(SMALL, steep), (Fraction(0), steep)])
    return added(network, Network(n, (normalise(rows), last), normalise([(0, {0: Fraction(1), 1: Fraction(-1)})])))


def thin(network: Network, spec: Spec, draw: Random) -> Network:
    """A spike around one point at which the winner leads by 2, as the suite has it."""
    place = [Fraction(2 * k) for k in range(network.inputs)]
    draw.shuffle(place)
    if spec.n != network.inputs:  # payloads follow the keys
        place = place[: spec.n] + [Fraction(1, 2)] * (network.inputs - spec.n)
        place[: spec.n] = [2 * Fraction(k) for k in draw.sample(range(spec.n), spec.n)]
    away = draw.choice((1, 1, 10**6)) * Fraction(1)
    place = [away * one if i < spec.n else one for i, one in enumerate(place)]
    return bumped(network, place, 2 ** draw.randint(6, 20), Fraction(1, 4))


def corner(network: Network, spec: Spec, draw: Random) -> Network:
    """relu(2^-20 - abs(l) - abs(m) - abs(k)) is added, l, m and k forms with biases: near where all three are 0."""
    rows: list[Row] = []
    for _ in range(min(3, network.inputs - 1)):
        row, const = _row(network.inputs, draw)
        rows += [(const, row), (-const, {i: -c for i, c in row.items()})]
    last = normalise([(SMALL, dict.fromkeys(range(len(rows)), Fraction(-1)))])
    return added(network, Network(network.inputs, (normalise(rows), last), normalise([(0, ONE)])))


def inner(network: Network, spec: Spec, draw: Random) -> Network:
    """relu(2^-20 - abs(u - v - c)) is added, u and v outputs of a random small network of two layers."""
    n, width = network.inputs, 6
    layers = []
    for reads in (n, width):
        rows = []
        for _ in range(width):
            some = sorted(draw.sample(range(reads), min(3, reads)))
            rows.append(
                (Fraction(draw.randint(-8, 8)), {j: Fraction(draw.choice((-3, -2, -1, 1, 2, 3))) for j in some})
            )
        layers.append(normalise(rows))
    row, const = _row(width, draw)
    layers.append(normalise([(const, row), (-const, {i: -c for i, c in row.items()})]))
    layers.append(normalise([(SMALL, dict.fromkeys(range(2), Fraction(-1)))]))
    return added(network, Network(n, tuple(layers), normalise([(0, ONE)])))


def _row(n: int, draw: Random) -> tuple[dict[int, Fraction], Fraction]:
    some = draw.sample(range(n), min(n, draw.randint(2, 5)))
    return {i: Fraction(draw.choice((-3, -2, -1, 1, 2, 3))) for i in sorted(some)}, Fraction(draw.randint(-40, 40), 7)


def _off(terms: dict[int, Fraction], draw: Random) -> dict[int, Fraction]:
    j = draw.choice(sorted(terms))
    return {**terms, j: terms[j] * (1 + draw.choice((SMALL, -SMALL)))}


Row = tuple[Fraction, dict[int, Fraction]]


def _changed(network: Network, draw: Random, change: Callable[..., Row]) -> Network:
    t = draw.randrange(network.depth)
    layer: Layer = network.layers[t]
    rows = [(Fraction(b, layer.den), {j: Fraction(c, layer.den) for j, c in terms}) for b, terms in layer.rows]
    k = draw.choice([k for k, (_, terms) in enumerate(rows) if terms])
    rows[k] = change(*rows[k])
    layers = list(network.layers)
    layers[t] = normalise(rows, list(layer.steps))
    return network._replace(layers=tuple(layers))


KINDS = {one.__name__: one for one in (weight, bias, far, sliver, cone, thin, corner, inner)}


def misses(seed: int, subjects: list[str] | None = None, kinds: list[str] | None = None) -> Iterator[Miss]:
    """One near miss of each subject and kind, of a size that is drawn."""
    for subject, (*_, sizes) in SUBJECTS.items():
        for kind, make in KINDS.items():
            if (subjects is None or subject in subjects) and (kinds is None or kind in kinds):
                draw = Random(f"{seed} {subject} {kind}")
                n = draw.choice(sizes)
                network, spec = right(subject, n, draw)
                yield Miss(f"seed {seed} {subject} {n} {kind}", scrambled(make(network, spec, draw), draw), spec)


def main() -> None:
    """Print what is not refuted, and how many are: within seconds of processor time, on machines that are busy too."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="0..4")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--kinds")
    parser.add_argument("--subjects")
    given = parser.parse_args()
    first, last = map(int, given.seeds.split(".."))
    chosen = [one.split(",") if one else None for one in (given.subjects, given.kinds)]
    count: dict[str, list[int]] = {}
    for seed in range(first, last + 1):
        for one in misses(seed, *chosen):
            start, wall = time.process_time(), time.monotonic()
            verdict = pipeline.prove(one.network, one.spec, timeout=given.seconds * 5)
            took, passed = time.process_time() - start, time.monotonic() - wall
            found = verdict.verdict == "refuted" and took <= given.seconds
            count.setdefault(one.name.split()[-1], []).append(found)
            if not found or took > 2:
                print(f"{one.name}: {verdict.verdict} {verdict.engine}, {took:.1f} s of {passed:.1f}", flush=True)
    for kind, those in count.items():
        print(f"{kind}: {sum(those)} of {len(those)} refuted")
    every = [one for those in count.values() for one in those]
    print(f"{sum(every)} of {len(every)} refuted within {given.seconds:g} s")


if __name__ == "__main__":
    main()
