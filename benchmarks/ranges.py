"""How long ranges and rounding bounds take beside the proof, and integer C beside onnxruntime: the tables of README.md.

    python benchmarks/ranges.py [--runs 3]

Seconds are processor seconds in this process, medians of pairs (the proof, then the ranges), certificates included; the
C program is benchmarks/integers.c (gcc -O2), which calls onnxruntime's own C library, out of its wheel.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time

from relumax import pipeline
from relumax.constructions import registry
from relumax.formats import export, export_integers
from relumax.network.compile import compile
from relumax.network.layers import Network
from relumax.ranges import exact_ranges, rounding_bounds

HERE = Path(__file__).resolve().parent
PAIRS = [
    ("max", "tournament", 256),
    ("max", "tournament", 512),
    ("max", "tournament", 1024),
    ("argmax", "index", 64),
    ("argmax", "index", 128),
    ("argmax", "index", 256),
]


def timed(work: Callable[[], object]) -> float:
    """Processor seconds of one call."""
    start = process_time()
    work()
    return process_time() - start


def bounds(network: Network) -> None:
    """Everything that `show` says of a network's arithmetic."""
    found = exact_ranges(network)
    if found is not None and found.sums is not None:
        rounding_bounds(network, found.sums)


def pairs(runs: int) -> None:
    """The proof and the ranges in turns."""
    print("| network | units | weights | prove s | exact ranges s | with the bound of rounding s | ranges / proof |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    for function, name, n in PAIRS:
        one = registry.find(function, name)
        taken: list[tuple[float, float, float]] = []
        for _ in range(runs):
            program, spec = one.program(n, **one.options), one.spec(n, **one.options)
            network = compile(program, spec.width, spec.nonnegative)
            proof = timed(lambda program=program, spec=spec: pipeline.prove(program, spec))
            exact = timed(lambda network=network: exact_ranges(network))
            taken.append((proof, exact, timed(lambda network=network: bounds(network))))
        proof, exact, both = (median(column) for column in zip(*taken, strict=True))
        cells = [f"{network.size:,}", f"{network.nonzeros:,}", *(f"{one:.2f}" for one in (proof, exact, both))]
        print(f"| {function}/{name} n = {n} | {' | '.join(cells)} | {exact / proof:.2f} |", flush=True)


def integers() -> None:
    """The C program's four figures."""
    one = registry.find("argmax", "index")
    options = {**one.options, "lattice": 1}
    spec = one.spec(8, **options)
    network = compile(one.program(8, **options), spec.width, spec.nonnegative)
    found = exact_ranges(network)
    capi = Path(find_spec("onnxruntime").submodule_search_locations[0]) / "capi"  # type: ignore
    library = next(capi.glob("libonnxruntime.so.*"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "network.h").write_bytes(export_integers(network, "c", "int32", int(found.most["int32"])).data)
        (folder / "argmax.onnx").write_bytes(export(network, "onnx").data)
        (folder / "libonnxruntime.so.1").symlink_to(library)  # the name that the library gives itself
        program = str(folder / "integers")
        gcc = ["gcc", "-O2", "-std=gnu99", f"-I{folder}", str(HERE / "integers.c"), "-o"]
        subprocess.run([*gcc, f"{program}.o", "-c", "-DALONE"], check=True)
        subprocess.run([*gcc, program, f"{program}.o", str(library), f"-Wl,-rpath,{folder}"], check=True)
        done = subprocess.run([program, str(folder / "argmax.onnx")], check=True, capture_output=True, text=True)
    batch, hand, single, runtime = map(float, done.stdout.split())
    print("\n| argmax/index n = 8 | ns a row | |\n| --- | --: | --: |")
    print(f"| int32 header, batch 1,024 | {batch:.1f} | |")
    print(f"| a loop written by hand, batch 1,024 | {hand:.1f} | the header takes {batch / hand:.2f} times as long |")
    print(f"| int32 header, a call for each row | {single:.1f} | |")
    called = library.name.removeprefix("lib")
    print(f"| {called} from C, batch 1 | {runtime:.0f} | {runtime / single:.0f} times the header |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--integers", action="store_true", help="only the second table")
    given = parser.parse_args()
    if not given.integers:
        pairs(given.runs)
    integers()


if __name__ == "__main__":
    main()
