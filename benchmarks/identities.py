"""How long symmetric identities take to check and to find: `python benchmarks/identities.py [--discover N]`.

Checks every `proofs/identities/max-N.json` with the kernel and, in the same process, by a list of all permutations, as
fast as numpy has it (n = 10: of a few terms, and the time is scaled: ~); then runs `discover` for n = 5..N (default 8).
Before that, two-layer networks: proved and certified, and checked by a list of all orders of the inputs. Processor
times; peak memory is that of a fresh process per row. `--readme` writes the tables into `benchmarks/README.md`.
`--workers N` compares `discover` for n = N with one worker and with two instead.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable
from fractions import Fraction
from itertools import islice, permutations
from math import factorial, gcd, lcm
from pathlib import Path
from time import process_time
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LISTED_UP_TO = 9
NETWORKS = (("shallow", "5"), ("shallow", "6"), ("shallow", "7"), ("identity", "5"), ("identity", "6"))
PAIRS = 3  # of one worker and two
SAMPLED = 120  # orders of a network, beyond n = 6
HEAD, END = "<!-- table: identities -->\n", "<!-- end -->"


class Sum:
    """What terms add up to on the sorted cone: a linear form, and multiples of relus."""

    def __init__(self, n: int) -> None:
        self.linear = [Fraction(0)] * n
        self.kinks: dict[tuple[int, ...], Fraction] = {}

    def add(self, term: Any, orders: Iterable[tuple[int, ...]]) -> None:
        """Add the term's summands for these permutations, one by one: max(l, l') = l + relu(l' - l)."""
        coefficient, n = Fraction(term["coefficient"]), len(self.linear)
        for ranks in orders:
            forms = [[0] * n, [0] * n]
            for form, side in zip(forms, term["pair"], strict=True):
                for i, j in side:
                    form[max(ranks[i - 1], ranks[j - 1])] += 1
            first, difference = forms[0], [b - a for a, b in zip(*forms, strict=True)]
            tails = [sum(difference[rank:]) for rank in range(n)]
            for rank in range(n):
                self.linear[rank] += coefficient * first[rank]
                if min(tails) >= 0:
                    self.linear[rank] += coefficient * difference[rank]
            if min(tails) < 0 < max(tails):
                factor = gcd(*difference)
                if next(filter(None, difference)) < 0:  # relu(-t) = relu(t) - t
                    for rank in range(n):
                        self.linear[rank] += coefficient * difference[rank]
                    factor = -factor
                primitive = tuple(entry // factor for entry in difference)
                self.kinks[primitive] = self.kinks.get(primitive, Fraction(0)) + coefficient * abs(factor)


def plain_check(data: bytes) -> bool:
    """Whether an identity in the public format holds: every permutation, every summand."""
    found = json.loads(data)
    n = found["n"]
    total = Sum(n)
    for term in found["terms"]:
        total.add(term, permutations(range(n)))
    return total.linear == [0] * (n - 1) + [1] and not any(total.kinks.values())


def listed(data: bytes, terms: int | None = None) -> tuple[bool, float]:
    """Whether an identity holds, by all permutations as fast as we can list them: arrays of ranks, one difference of
    forms packed into an integer for each permutation, equal ones counted. With `terms`, of so many of them only; then
    the seconds are scaled to all (and the answer means nothing)."""
    import numpy as np

    found = json.loads(data)
    n, chosen = found["n"], found["terms"]
    chosen = chosen if terms is None else chosen[:: -(-len(chosen) // terms)]
    started = process_time()
    common = lcm(*(Fraction(term["coefficient"]).denominator for term in chosen))
    half = 1 << 5
    total: dict[int, int] = {}
    linear = [0] * n
    blocks = [np.array([*permutations(range(min(n, 8)))], np.int64)] if n <= 8 else _blocks(n)
    for ranks in blocks:
        for term in chosen:
            weight = int(Fraction(term["coefficient"]) * common)
            words = np.zeros(len(ranks), np.int64)
            for side, sign in zip(term["pair"], (-1, 1), strict=True):
                for i, j in side:
                    larger = np.maximum(ranks[:, i - 1], ranks[:, j - 1])
                    words += sign << 6 * larger
                    for rank, times in enumerate(np.bincount(larger, minlength=n).tolist()):
                        linear[rank] += weight * times  # 2 max(a, b) = a + b + |b - a|
            for word, times in zip(*map(np.ndarray.tolist, np.unique(words, return_counts=True)), strict=True):
                total[word] = total.get(word, 0) + weight * times
    kinks: dict[tuple[int, ...], int] = {}
    for word, weight in total.items():
        entries = []
        for _ in range(n):
            entries.append((word + half) % (2 * half) - half)
            word = (word - entries[-1]) // (2 * half)
        tails = [sum(entries[rank:]) for rank in range(n)]
        if min(tails) < 0 < max(tails):
            factor = gcd(*entries) * (1 if next(filter(None, entries)) > 0 else -1)
            primitive = tuple(entry // factor for entry in entries)
            kinks[primitive] = kinks.get(primitive, 0) + weight * abs(factor)
        else:
            sign = 1 if min(tails) >= 0 else -1
            linear = [value + weight * sign * entry for value, entry in zip(linear, entries, strict=True)]
    holds = linear == [0] * (n - 1) + [2 * common] and not any(kinks.values())
    return holds, (process_time() - started) * len(found["terms"]) / len(chosen)


def _blocks(n: int) -> Iterable[Any]:
    """All permutations of n numbers, as arrays of a few ten thousand."""
    import numpy as np

    rest = np.array([*permutations(range(8))], np.int64)
    for first in permutations(range(n), n - 8):
        others = np.array([rank for rank in range(n) if rank not in first])
        yield np.hstack([np.tile(first, (len(rest), 1)), others[rest]])


def plain_network(network: Any, step: int = 1) -> bool:
    """Whether a network of two hidden layers computes the maximum: every order, every unit, and all kinks cancel.

    A value is a linear form in the sorted inputs and in relus that have no sign in this order. With a `step` only every
    so many-th order is tried.
    """
    n = network.inputs
    for ranks in islice(permutations(range(n)), None, None, step):
        values: list[dict[Any, Fraction]] = [{rank: Fraction(1)} for rank in ranks]
        for layer in network.layers:
            values = [_relu(_combined(row, layer.den, values), n) for _, row in layer.rows]
        if _combined(network.output.rows[0][1], network.output.den, values) != {n - 1: 1}:
            return False
    return True


def _combined(row: Iterable[tuple[int, int]], den: int, values: list[dict[Any, Fraction]]) -> dict[Any, Fraction]:
    total: dict[Any, Fraction] = {}
    for unit, c in row:
        for key, value in values[unit].items():
            total[key] = total.get(key, Fraction(0)) + Fraction(c, den) * value
    return {key: value for key, value in total.items() if value}


def _relu(form: dict[Any, Fraction], n: int) -> dict[Any, Fraction]:
    """relu of a form that must have no relu in it: the form, 0, or a multiple of a relu (relu(-t) = relu(t) - t)."""
    if not all(key in range(n) for key in form):
        return {("relu", *form.items()): Fraction(1)}  # two layers of kinks: nothing cancels it
    entries = [form.get(rank, Fraction(0)) for rank in range(n)]
    tails = [sum(entries[rank:]) for rank in range(n)]
    if min(tails) >= 0 and tails[0] == 0:
        return form
    if max(tails) <= 0 and tails[0] == 0:
        return {}
    sign = 1 if next(filter(None, entries)) > 0 else -1
    size = abs(next(filter(None, entries)))
    kink = {tuple(sign * entry / size for entry in entries): size}
    return kink if sign > 0 else {**form, **kink}


def networks(name: str, n: int) -> list[str]:
    """One row of the table of networks."""
    from relumax.constructions import registry
    from relumax.pipeline import prove

    found = registry.find("max", name)
    program, spec = found.program(n), found.spec(n)
    started = process_time()
    verdict = prove(program, spec)
    proved = process_time() - started
    if verdict.certificate is None:
        raise ValueError(f"max/{name} n = {n}: {verdict.verdict}")
    row = [f"max/{name}", str(n), str(verdict.network.size), f"{proved:.2f}", f"{len(verdict.certificate):,}"]
    peak = _peak()
    started = process_time()
    step = 1 if n <= 6 else factorial(n) // SAMPLED
    if not plain_network(verdict.network, step):
        raise ValueError(f"max/{name} n = {n}: the kernel accepts it, the list of orders does not")
    seconds = process_time() - started
    return [*row, f"{seconds:.2f}" if step == 1 else f"~{step * seconds:,.0f}", f"{peak}"]


def checked(path: Path) -> list[str]:
    """One row of the first table."""
    from relumax.kernel.identity import check_identity

    data = path.read_bytes()
    started = process_time()
    identity = check_identity(data)
    row = [str(identity.n), str(identity.terms), f"{process_time() - started:.3f}", "", f"{_peak()}"]
    holds, seconds = listed(data, None if identity.n <= LISTED_UP_TO else 3)
    if identity.n <= LISTED_UP_TO and not holds:
        raise ValueError(f"{path.name}: the kernel accepts it, the list of permutations does not")
    row[3] = f"{'' if identity.n <= LISTED_UP_TO else '~'}{seconds:,.3g}"
    return row


def discovered(n: int) -> list[str]:
    """One row of the second table."""
    from relumax.discover.identities import Found, discover

    started = _spent()
    result = discover(n)
    seconds = _spent() - started
    terms = len(result.identity.terms) if isinstance(result, Found) else 0
    return [str(n), str(result.unknowns), str(terms), f"{seconds:.2f}", f"{_peak()}"]


def shared(n: int, workers: int) -> list[str]:
    """The processor seconds that a search waits for with so many workers: its own and the busiest worker's."""
    from multiprocessing import active_children

    from relumax.cluster import on
    from relumax.discover.identities import discover

    started = _spent()
    with on(workers):
        discover(n)
        own = _spent() - started  # no worker is over yet, and so counted
        busy = [_of_process(child.pid) for child in active_children() if child.pid is not None]
    return [f"{own:.2f}", f"{max(busy, default=0):.2f}", f"{own + max(busy, default=0):.2f}"]


def _of_process(number: int) -> float:
    """The processor seconds of a process."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compared(n: int, pairs: int) -> None:
    """One worker and two, in turn: what each waits for, and the ratio."""
    for _ in range(pairs):
        one, two = _row("one", str(n)), _row("two", str(n))
        ratio = float(two[2]) / float(one[2])
        print(f"n = {n}: one {one[2]} s; two {two[0]} + {two[1]} = {two[2]} s; {ratio:.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--discover", type=int, default=8, metavar="N", help="find identities for n = 5..N (default 8)")
    parser.add_argument("--workers", type=int, metavar="N", help="instead: n = N with one worker and with two")
    parser.add_argument("--readme", action="store_true", help="write the tables into benchmarks/README.md")
    parser.add_argument("--row", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.row:
        kind, what = chosen.row
        rows = {
            "check": lambda: checked(Path(what)),
            "discover": lambda: discovered(int(what)),
            "one": lambda: shared(int(what), 1),
            "two": lambda: shared(int(what), 2),
        }
        print(*rows.get(kind, lambda: networks(kind, int(what)))())
        return
    if chosen.workers is not None:
        compared(chosen.workers, PAIRS)
        return
    networks_rows = [_row(*one) for one in NETWORKS]
    paths = sorted((ROOT / "proofs" / "identities").glob("max-*.json"), key=lambda path: int(path.stem[4:]))
    check_rows = [_row("check", str(path)) for path in paths]
    find_rows = [_row("discover", str(n)) for n in range(5, chosen.discover + 1)]
    text = "\n".join(
        [
            *_table(["network", "n", "units", "prove s", "bytes", "all orders s", "prove's peak MiB"], networks_rows),
            "",
            *_table(["n", "terms", "kernel s", "all permutations, numpy s", "kernel's peak MiB"], check_rows),
            "",
            *_table(["n", "unknowns", "terms", "discover s", "peak MiB"], find_rows),
        ]
    )
    print(text)
    if chosen.readme:
        readme = ROOT / "benchmarks" / "README.md"
        before, _, rest = readme.read_text(encoding="utf-8").partition(HEAD)
        readme.write_text(f"{before}{HEAD}{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def _row(*arguments: str) -> list[str]:
    """A row measured in a process of its own."""
    command = [sys.executable, __file__, "--row", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def _spent() -> float:
    """Processor seconds of this process and of those it waited for."""
    return sum(os.times()[:4])


def _peak() -> int:
    """The most memory this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in [head, ["--:"] * len(head), *rows]]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
