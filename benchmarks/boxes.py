"""Networks of ACAS Xu's shape, and linear theorems about them on small boxes: how many are decided, and how.

    python benchmarks/boxes.py [--shape 5,50,50,50,50,50,50,5] [--seeds 0..9] [--radius 1/16] [--says bound]
                               [--marabou PYTHON]

The family is this: weights are k/64 for integers k, |k| <= 127, uniform, each layer's divided by a power of two so that
values neither vanish nor grow; biases are such too. The box has its centre on a grid of 1/64 in [-1, 1]^n. The theorem
is `y[0] <= c`: c is the largest value at 20,000 random points of the box, plus a tenth of what y[0] ranges over there
(even seeds: true, or nearly always), or minus a fiftieth of it (odd seeds: false). With `--says either` it is that y[0]
does not exceed all other outputs by c, a disjunction of `y[0] <= y[j] + c`, and with `--says each` that it exceeds
none, their conjunction; c likewise, by the least or the largest of y[0] - y[j]. Each is a whole process, killed hard
after 60 s of processor time; other options go to `relumax prove`. Beside it, by a Python that has maraboupy, Marabou
(`marabou_box.py`), which is asked about one bound alone.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from relumax.formats import export
from relumax.network.evaluate import dense, evaluate_numpy
from relumax.network.layers import Network, normalise

POINTS = 20_000


class Instance(NamedTuple):
    """A network, the box, the number c, and the theorem in words."""

    network: Network
    box: list[tuple[Fraction, Fraction]]
    most: Fraction
    theorem: str


def network(shape: list[int], seed: int) -> Network:
    """The network of this shape and seed."""
    draw = random.Random(f"{shape} {seed}")
    maps = []
    for reads, gives in pairwise(shape):
        scale = Fraction(1, 64 << max(0, ((reads * 127 * 127 // (3 * 64 * 64) // 2).bit_length()) // 2))
        rows = [
            (scale * draw.randint(-127, 127), {j: scale * draw.randint(-127, 127) for j in range(reads)})
            for _ in range(gives)
        ]
        maps.append(normalise(rows))
    return Network(shape[0], tuple(maps[:-1]), maps[-1])


ERRORS: dict[str, Callable[[Any], Any]] = {
    "bound": lambda y: y[:, 0],
    "either": lambda y: (y[:, :1] - y[:, 1:]).min(axis=1),
    "each": lambda y: (y[:, :1] - y[:, 1:]).max(axis=1),
}
"""Of outputs at points the number that is at most c, by what is said."""


def instance(shape: list[int], seed: int, radius: Fraction, says: str = "bound") -> Instance:
    """The instance of this seed."""
    net = network(shape, seed)
    draw = random.Random(f"box {shape} {seed}")
    centre = [Fraction(draw.randint(-64, 64), 64) for _ in range(shape[0])]
    box = [(c - radius, c + radius) for c in centre]
    points = np.random.default_rng(seed).random((POINTS, shape[0]))
    low, high = (np.array([float(one[k]) for one in box]) for k in (0, 1))
    y = ERRORS[says](evaluate_numpy(net, low + points * (high - low)))
    wide = float(y.max() - y.min())
    most = Fraction(round((float(y.max()) + (wide / 10 if seed % 2 == 0 else -wide / 50)) * 2**16), 2**16)
    inside = " and ".join(f"{low} <= x[{i}] and x[{i}] <= {high}" for i, (low, high) in enumerate(box))
    outputs = shape[-1]
    said = f"y in R^{outputs} is the output" if outputs > 1 else "y is the output"
    others = [f"y[0] - y[{j}] <= {most}" for j in range(1, outputs)]
    promise = f"y[0] <= {most}" if says == "bound" else (" or " if says == "either" else " and ").join(others)
    theorem = f"for all x in R^{shape[0]} such that {inside}: {promise} where {said}"
    return Instance(net, box, most, theorem)


def relumax(one: Instance, seconds: float, *more: str) -> tuple[str, float, dict[str, object]]:
    """The verdict of the command line, as a whole process that is killed hard."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.json"
        path.write_bytes(export(one.network, "json").data)
        words = [sys.executable, "-m", "relumax", "prove", str(path), "--theorem", one.theorem, "--json", *more]
        said, took = _run(words, seconds)
        found = json.loads(said) if said else {"verdict": "no answer"}
        return found["verdict"], took, found


def _run(words: list[str], seconds: float, given: str = "") -> tuple[str, float]:
    """What a process prints, and its processor time; it is killed beyond these."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, input=given, capture_output=True, text=True, preexec_fn=limited)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def marabou(one: Instance, python: str, seconds: float) -> tuple[str, float]:
    """What Marabou answers, in floats."""
    weights, biases, _ = dense(one.network)
    maps = [(w.tolist(), b.tolist()) for w, b in zip(weights, biases, strict=True)]
    asked = {"maps": maps, "box": [list(map(float, ends)) for ends in one.box], "most": float(one.most)}
    said, took = _run([python, str(Path(__file__).parent / "marabou_box.py")], seconds, json.dumps(asked))
    return " ".join(said.split()[-2:]) or "no answer", took


def main() -> None:
    """Print a line for each instance, and the share that is decided."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", default="5,50,50,50,50,50,50,5")
    parser.add_argument("--seeds", default="0..9")
    parser.add_argument("--radius", type=Fraction, default=Fraction(1, 16))
    parser.add_argument("--says", choices=ERRORS, default="bound")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--marabou")
    given, more = parser.parse_known_args()
    shape = [int(one) for one in given.shape.split(",")]
    first, last = map(int, given.seeds.split(".."))
    decided = 0
    for seed in range(first, last + 1):
        one = instance(shape, seed, given.radius, given.says)
        verdict, seconds, found = relumax(one, given.seconds, *more)
        decided += verdict in ("proved", "refuted")
        line = f"seed {seed}: {verdict} {seconds:.1f} s {found.get('reason') or found.get('engine')}"
        if given.marabou and given.says == "bound":
            answer, its = marabou(one, given.marabou, given.seconds)
            line += f"; Marabou {answer} {its:.1f} s"
        print(line, flush=True)
    print(f"decided {decided} of {last - first + 1} within {given.seconds:g} s of processor time")


if __name__ == "__main__":
    main()
