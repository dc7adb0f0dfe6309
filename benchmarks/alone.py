"""Networks alone, by engine canonical and by flat: `python benchmarks/alone.py [--limit 20] [--only halves]`.

A row is a network without its program: one of relumax's, or a maximum by halves, scaled, permuted and with units split
in two (`tests/engines/canonical/networks.py`, by the seed n). Printed are processor seconds from the call to the
verdict, z3's among them, and the certificate's bytes; `-` where the limit (in seconds) came first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from relumax import pipeline
from relumax.language.spec import Spec, max_spec
from relumax.network.layers import Network
from tests.engines.canonical.networks import halves, scrambled
from tests.engines.canonical.proving import named

NAMED = [
    *[("max", "tournament", n) for n in (8, 16, 32, 64, 128)],
    *[("max", "chain", n) for n in (8, 16, 32, 64)],
    *[(f, c, n) for f, c in (("argmax", "slack"), ("argmax", "onehot"), ("argmax", "index")) for n in (4, 8)],
    *[(f, c, n) for f, c in (("argmax", "step"), ("select", "gate"), ("select", "pack")) for n in (4, 8)],
]


def rows() -> Iterator[tuple[str, Network, Spec]]:
    """Each network with its name and what is stated of it."""
    for function, construction, n in NAMED:
        yield f"{function}/{construction} {n}", *named(function, construction, n)
    for n in (4, 8, 16, 64, 128, 1024):
        yield f"halves {n}", scrambled(halves(n), Random(n)), max_spec(n)
    for construction in ("shallow", "bakaev"):
        network, spec = named("max", construction, 5)
        yield f"max/{construction} 5, scrambled", scrambled(network, Random(5)), spec


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=float, default=20)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print("| network | units | canonical s | bytes | flat s | bytes |\n| --- | --: | --: | --: | --: | --: |")
    for name, network, spec in rows():
        if options.only not in name:
            continue
        cells = [name, f"{network.size:,}"]
        for engine in ("canonical", "flat"):
            start = process_time()
            verdict = pipeline.prove(network, spec, engine, timeout=options.limit)
            size = len(verdict.certificate or b"")
            cells += [f"{process_time() - start:.2f}", f"{size:,}"] if size else ["-", "-"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
