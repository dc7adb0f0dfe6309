"""The mutation campaign: certificates changed at random, and only true theorems may be accepted.

    python -m tests.kernel.campaign --mutants 200000 --seed 7

A mutant changes one to three places of a certificate: a number by one or to another, two elements swapped, an element
deleted, doubled, or copied from elsewhere in the file, a part of the statement exchanged, one weight changed by one
unit in the last place. Most are written in canonical form, so that they get past the first gate; some are not, and some
are bytes changed blindly. Whatever the kernel then accepts, `oracle` must find true: z3 on a reading of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any, NamedTuple

from relumax import pipeline
from relumax.constructions import registry
from relumax.kernel import KernelError, check
from tests.kernel.examples import EXAMPLES, data
from tests.kernel.oracle import true_claim

SEED = 20_26
PARTS = ("network", "claim", "claim", "lemmas", "lemmas", "points", "proofs", "proofs")  # what changes, how often


class Report(NamedTuple):
    """How many mutants ended how; `unsound` holds what was accepted and is false."""

    outcomes: Counter[str]
    reasons: Counter[str]
    unsound: list[bytes]
    tracebacks: list[tuple[bytes, str]]


@cache
def certificates(most: int = 9000) -> dict[str, dict[str, Any]]:
    """The hand-made examples, and those of every construction at n = 2 and 3, by both engines."""
    found = {name: certificate for name, (certificate, _) in EXAMPLES.items()}
    for function, name in registry.names():
        construction = registry.find(function, name)
        for n in (2, 3):
            try:
                program, spec = construction.program(n), construction.spec(n)
            except Exception:  # a construction that needs more inputs, or options
                continue
            for engine in ("modular", "flat"):
                verdict = pipeline.prove(program, spec, engine=engine, timeout=20)
                if verdict.certificate is not None and len(verdict.certificate) <= most:
                    found[f"{function}/{name} {n} {verdict.engine}"] = json.loads(verdict.certificate)
    return found


# ---- mutations


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all parts of the value."""
    found = [path] if path else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += _places(inner, (*path, key))
    return found


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _number(rng: random.Random, value: int) -> Any:
    choice = rng.randrange(12)
    if choice < 6:
        return value + rng.choice((-1, 1))
    if choice < 8:
        return -value
    return rng.choice((0, 1, -1, 2, 3, 2 * value, value + 2, 2**53, str(2**53), str(10**30), True, None, value + 0.5))


def _leaf(rng: random.Random, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return rng.choice((0, 1, [], "w"))
    if isinstance(value, int):
        return _number(rng, value)
    words = [
        "=",
        "<=",
        "<",
        "gap",
        "tie",
        "max",
        "min",
        "form",
        "relu",
        "step",
        "in",
        "out",
        "before",
        "after",
        "except",
    ]
    names = ["x", "y", "m", "w", "i", "x[0]", "x[1]", "x[i]", "x[w]", "y[0]", "y[1]", "y[i]", "y[w]", "network"]
    return rng.choice(words + names)


def _mutate(rng: random.Random, certificate: dict[str, Any], places: dict[str, list[tuple[Any, ...]]]) -> None:
    """One change, in place."""
    part = rng.choice([key for key in PARTS if places[key]])
    path = rng.choice(places[part])
    try:
        parent, key = _at(certificate, path[:-1]), path[-1]
        value = parent[key]
    except (LookupError, TypeError):
        return  # an earlier change took the place away
    if not isinstance(parent, list | dict):
        return
    action = rng.randrange(8)
    if not isinstance(value, list | dict) and action < 5:
        parent[key] = _leaf(rng, value)
    elif isinstance(parent, list) and action == 5:
        other = rng.randrange(len(parent))
        parent[key], parent[other] = parent[other], parent[key]
    elif isinstance(parent, list) and action == 6:
        del parent[key]
    elif isinstance(parent, list) and action == 7:
        parent.insert(rng.randrange(len(parent) + 1), deepcopy(value))
    else:
        try:
            parent[key] = deepcopy(_at(certificate, rng.choice(places[part])))
        except (LookupError, TypeError):
            return


def _mutant(rng: random.Random, certificate: dict[str, Any], places: dict[str, list[tuple[Any, ...]]]) -> bytes:
    mutant = deepcopy(certificate)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _mutate(rng, mutant, places)
    style = rng.randrange(40)
    if style == 0:
        return json.dumps(mutant).encode()
    found = bytearray(data(mutant))
    if style == 1 and found:
        found[rng.randrange(len(found))] = rng.randrange(256)
    if style == 2:
        start = rng.randrange(len(found))
        del found[start : start + rng.randrange(1, 20)]
    return bytes(found)


def _kind(rng: random.Random, certificate: dict[str, Any], places: dict[str, list[tuple[Any, ...]]]) -> bytes:
    """A mutant; every tenth changes one weight of the network by one unit in the last place, and nothing else."""
    numbers = [p for p in places["network"] if isinstance(_at(certificate, p), int) and "rows" in p]
    if numbers and rng.randrange(10) == 0:
        mutant = deepcopy(certificate)
        path = rng.choice(numbers)
        _at(mutant, path[:-1])[path[-1]] += rng.choice((-1, 1))
        return data(mutant)
    return _mutant(rng, certificate, places)


def mutants_of(pool: list[dict[str, Any]], mutants: int, seed: int = SEED) -> Iterator[tuple[dict[str, Any], bytes]]:
    """This many mutants, as many of each certificate, each after what it was made of."""
    rng = random.Random(seed)
    paths = []
    for certificate in pool:
        paths.append({key: [(key, *p) for p in _places(certificate[key])] for key in dict.fromkeys(PARTS)})
    for k in range(mutants):
        certificate = pool[k % len(pool)]
        yield certificate, _kind(rng, certificate, paths[k % len(pool)])


def campaign(mutants: int, seed: int = SEED) -> Report:
    """Make and check this many mutants."""
    report = Report(Counter(), Counter(), [], [])
    for certificate, mutant in mutants_of(list(certificates().values()), mutants, seed):
        try:
            check(mutant)
        except KernelError as problem:
            report.outcomes[problem.kind] += 1
            report.reasons[problem.reason.partition(":")[0][:40] if problem.kind == "invalid" else problem.kind] += 1
            continue
        except Exception as problem:
            report.tracebacks.append((mutant, repr(problem)))
            continue
        found = json.loads(mutant)
        same = found == certificate
        report.outcomes["unchanged" if same else "accepted"] += 1
        if not same and not true_claim(found):
            report.unsound.append(mutant)
    return report


def main() -> int:
    """Run a campaign from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    report = campaign(options.mutants, options.seed)
    print(f"seed {options.seed}: {dict(report.outcomes)}; {dict(report.reasons.most_common(20))}")
    for mutant in report.unsound[:5]:
        print("accepted, but false:", mutant.decode())
    for mutant, problem in report.tracebacks[:5]:
        print(problem, mutant[:2000])
    return 1 if report.unsound or report.tracebacks else 0


if __name__ == "__main__":
    sys.exit(main())
