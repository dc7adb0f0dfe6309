"""How long symmetric identities take to check and to find: `python benchmarks/identities.py [--discover N]`.

Checks every `proofs/identities/max-N.json` with the kernel and, up to n = 7, with one that lists all permutations,
in the same process; then runs `discover` up to n = N (default 8). Peak memory is that of a fresh process per row.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from fractions import Fraction
from itertools import permutations
from math import gcd
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLAIN_UP_TO = 7


def plain_check(data: bytes) -> bool:
    """Whether an identity in the public format holds: every permutation, every summand, on the sorted cone, with
    max(l, l') = l + relu(l' - l) and relu(-t) = relu(t) - t."""
    found = json.loads(data)
    n = found["n"]
    linear = [Fraction(0)] * n
    kinks: dict[tuple[int, ...], Fraction] = {}
    for term in found["terms"]:
        coefficient = Fraction(term["coefficient"])
        for ranks in permutations(range(n)):
            forms = [[0] * n, [0] * n]
            for form, side in zip(forms, term["pair"], strict=True):
                for i, j in side:
                    form[max(ranks[i - 1], ranks[j - 1])] += 1
            first, difference = forms[0], [b - a for a, b in zip(*forms, strict=True)]
            tails = [sum(difference[rank:]) for rank in range(n)]
            for rank in range(n):
                linear[rank] += coefficient * first[rank]
                if min(tails) >= 0:
                    linear[rank] += coefficient * difference[rank]
            if min(tails) < 0 < max(tails):
                factor = gcd(*difference)
                if next(filter(None, difference)) < 0:
                    for rank in range(n):
                        linear[rank] += coefficient * difference[rank]
                    factor = -factor
                primitive = tuple(entry // factor for entry in difference)
                kinks[primitive] = kinks.get(primitive, Fraction(0)) + coefficient * abs(factor)
    return linear == [0] * (n - 1) + [1] and not any(kinks.values())


def checked(path: Path) -> list[str]:
    """One row of the first table."""
    from relumax.kernel.identity import check_identity

    data = path.read_bytes()
    started = time.perf_counter()
    identity = check_identity(data)
    kernel = time.perf_counter() - started
    row = [str(identity.n), str(identity.terms), f"{kernel:.3f}", "-", f"{_peak()}"]
    if identity.n <= PLAIN_UP_TO:
        started = time.perf_counter()
        if not plain_check(data):
            raise ValueError(f"{path.name}: the kernel accepts it, the list of permutations does not")
        row[3] = f"{time.perf_counter() - started:.3f}"
    return row


def discovered(n: int) -> list[str]:
    """One row of the second table."""
    from relumax.prove.identities import Found, discover

    started = time.perf_counter()
    result = discover(n)
    seconds = time.perf_counter() - started
    terms = len(result.identity.terms) if isinstance(result, Found) else 0
    return [str(n), str(result.unknowns), str(result.equations), str(terms), f"{seconds:.2f}", f"{_peak()}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--discover", type=int, default=8, metavar="N", help="find identities for n = 5..N (default 8)")
    parser.add_argument("--row", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.row:
        kind, what = chosen.row
        print(*(checked(Path(what)) if kind == "check" else discovered(int(what))))
        return
    paths = sorted((ROOT / "proofs" / "identities").glob("max-*.json"), key=lambda path: int(path.stem[4:]))
    _table(["n", "terms", "kernel s", "all permutations s", "peak MiB"], [_row("check", str(path)) for path in paths])
    rows = [_row("discover", str(n)) for n in range(5, chosen.discover + 1)]
    _table(["n", "unknowns", "equations", "terms", "discover s", "peak MiB"], rows)


def _row(*arguments: str) -> list[str]:
    """A row measured in a process of its own."""
    command = [sys.executable, __file__, "--row", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def _peak() -> int:
    """The most memory this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def _table(head: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in [head, ["-" * width for width in widths], *rows]:
        print("| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + " |")
    print()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
