"""`discover`: find max_n = sum c_t F_{A_t,B_t} from nothing, or show that a family holds no such identity.

Enumerate the classes of (A, B) (`graphs`), expand each on the sorted cone (`expansion`) and keep a sketch of it
(`sketch`), eliminate, expand what is needed again and solve that exactly (`system`); or, with `denominators`, over the
rationals whose denominators divide a power of a number (`denominators`). A found identity counts only once
`relumax.kernel.identity` has accepted its bytes.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import chain
from os import PathLike
from typing import NamedTuple

import numpy as np

from relumax.cluster import mapped, on
from relumax.discover.identities.checkpoint import Checkpoint
from relumax.discover.identities.denominators import localise
from relumax.discover.identities.expansion import MOST_LABELS, MOST_PAIRS, Array, Column, Expander
from relumax.discover.identities.graphs import Catalogue, Class, Family, pair_edges
from relumax.discover.identities.linear import flint
from relumax.discover.identities.public import Identity, Side, Term, side, to_public
from relumax.discover.identities.sketch import (
    PRIMES,
    SPARE,
    Progress,
    Rows,
    Sketch,
    eliminate,
    equations,
    right_side,
    sketched,
)
from relumax.discover.identities.system import Equation, System, left_kernel, solve
from relumax.kernel.identity import FalseIdentity, check_identity
from relumax.kernel.identity import Identity as Theorem
from relumax.words import FAMILIES

_CHUNK = 128  # classes expanded between two checkpoints
_CYCLES = {10: 1}  # how many the first identity needs, where it is not 0

Pair = tuple[Iterable[Iterable[int]], Iterable[Iterable[int]]]  # of sides, as pairs of labels


class Found:
    """An identity, its bytes in the public format, and the theorem that the kernel made of them."""

    __slots__ = ("identity", "public", "theorem", "unknowns")

    def __init__(self, identity: Identity, unknowns: int) -> None:
        self.identity, self.unknowns = identity, unknowns
        self.public = to_public(identity)
        self.theorem: Theorem = check_identity(self.public, budget=1 << 62)


class NoSolution:
    """Proof that no identity exists in the family: a combination y of the equations with y . A = 0 and y . b != 0, or,
    where denominators are restricted, with y . A = 0 and y . b != 0 modulo a prime power. A has one column per class,
    and has been gone through whole; b is the right side, 2 x_n. With a modulus the columns are those of orbit sums.
    """

    __slots__ = ("combination", "modulus", "unknowns")

    def __init__(self, combination: dict[Equation, int], modulus: int | None, unknowns: int) -> None:
        self.combination, self.modulus, self.unknowns = combination, modulus, unknowns


class Run(NamedTuple):
    """How a search runs, on which what it finds does not depend.

    With several `workers`, processes of its own, it goes there, else where tasks go (`relumax.cluster.on`).
    `progress(stage, done, total)` is called now and then. `resume` names a checkpoint file: an interrupted run that is
    started again with it goes on where it stopped; the file is removed at the end.
    """

    workers: int = 1
    progress: Progress | None = None
    resume: str | PathLike[str] | None = None


def discover(
    n: int,
    degree: int | None = None,
    family: str | Iterable[Pair] = FAMILIES[0],
    *,
    cycles: int | None = None,
    denominators: int | None = None,
    seed: int = 0,
    run: Run | None = None,
) -> Found | NoSolution:
    """Find an identity for the maximum of n numbers with sides of at most `degree` pairs (default floor((n-1)/2)).

    `family`: "tree" (A and B together are a forest, but for `cycles` independent cycles), "forest" (each side a simple
    forest), "simple" (no loops), "loops" (anything), or the candidates themselves, pairs of sides. `denominators=2`
    asks for weights that are binary fractions, see `denominators`. `seed` breaks ties between equally simple
    candidates: other seeds give other, equally true identities.
    """
    degree = max(1, (n - 1) // 2) if degree is None else degree
    run = run or Run()
    flint()  # say at once that it is missing, not after minutes of expansion
    try:
        with on(run.workers) if run.workers > 1 else nullcontext():
            columns = _Columns(n, _candidates(n, degree, family, cycles))
            result = _solve(columns, denominators, seed, run)
    finally:
        _memory.__dict__.clear()
    if run.resume is not None:
        Checkpoint(run.resume, ()).remove()
    return result


def _candidates(n: int, degree: int, family: str | Iterable[Pair], cycles: int | None) -> list[tuple[Side, Side]]:
    """One representative (A, B) of every class of the family."""
    if not 2 <= n <= MOST_LABELS:
        raise ValueError(f"n = {n} is not in 2..{MOST_LABELS}")
    catalogue = Catalogue()
    if isinstance(family, str):
        if family not in FAMILIES:
            raise ValueError(f"unknown family {family!r}; known are {', '.join(FAMILIES)}")
        if not 1 <= degree <= MOST_PAIRS:
            raise ValueError(f"degree {degree} is not in 1..{MOST_PAIRS}")
        if cycles is not None and cycles < 0:
            raise ValueError(f"cycles {cycles} is less than 0")
        if cycles is None:
            cycles = _CYCLES.get(n, 0) if family == "tree" else MOST_PAIRS * 2
        classes = catalogue.classes(n, degree, Family("forest" if family == "tree" else family, cycles))
    else:
        given: dict[Class, None] = {}
        for sides in family:
            a, b = map(side, sides)
            if not 1 <= len(a) == len(b) <= MOST_PAIRS or not all(1 <= label <= n for pair in a + b for label in pair):
                raise ValueError(f"not a pair of sides of equal size with labels in 1..{n}: {a} | {b}")
            graph = catalogue.classify(pair_edges(a, b))
            given[min(graph, catalogue.exchanged(graph))] = None
        classes = list(given)
    if not classes:
        raise ValueError("the family has no members")
    return [catalogue.pairs(graph) for graph in classes]


Task = tuple[int, Sequence[tuple[Side, Side]], int, int]  # n, candidates; and for a sketch its prime and size


class _Columns:
    """The columns of all candidates, expanded where tasks go, and again whenever they are asked for."""

    def __init__(self, n: int, candidates: Sequence[tuple[Side, Side]]) -> None:
        self.n, self.candidates = n, candidates

    def __len__(self) -> int:
        return len(self.candidates)

    def chosen(self, wanted: Sequence[int]) -> Iterator[Column]:
        """Those of the wanted unknowns, in their order."""
        tasks = [(self.n, [self.candidates[t] for t in some], 0, 0) for some in _chunks(wanted)]
        return chain.from_iterable(mapped(_expanded, tasks))

    @property
    def size(self) -> int:
        """Combinations in a sketch: enough for as many independent columns as there may be."""
        return len(self) + SPARE

    def _checkpoint(self, path: str | PathLike[str], prime: int) -> Checkpoint:
        return Checkpoint(path, (self.n, self.size, self.candidates), prime)

    def primes(self, run: Run) -> tuple[int, ...]:
        """Those that are left to try: from the one on whose sketch the checkpoint holds, as those before it failed."""
        begun = self._checkpoint(run.resume, 0).begun() if run.resume is not None else 0
        return PRIMES[PRIMES.index(begun) if begun in PRIMES else 0 :]

    def sketch(self, prime: int, run: Run) -> Sketch:
        """A sketch of all."""
        size = self.size
        checkpoint = self._checkpoint(run.resume, prime) if run.resume is not None else None
        sketch = Sketch(prime, np.zeros((len(self), size), np.uint32), np.zeros(len(self), np.int64))
        done = checkpoint.load(sketch) if checkpoint else 0
        tasks = [(self.n, [self.candidates[t] for t in some], prime, size) for some in _chunks(range(done, len(self)))]
        with checkpoint or nullcontext():
            for lengths, rows in mapped(_sketched, tasks):
                if checkpoint:
                    checkpoint.append(lengths, rows)
                sketch.lengths[done : done + len(rows)], sketch.rows[done : done + len(rows)] = lengths, rows
                done += len(rows)
                if run.progress:
                    run.progress("expand", done, len(self))
        return sketch


def _chunks(unknowns: Sequence[int]) -> Iterator[Sequence[int]]:
    return (unknowns[at : at + _CHUNK] for at in range(0, len(unknowns), _CHUNK))


_memory = threading.local()  # what a thread has seen: of a cluster's workers, each has several


def _expander() -> Expander:
    """This thread's; what it remembers makes later columns faster and no other."""
    if not hasattr(_memory, "expander"):
        _memory.expander = Expander(Catalogue())
    found: Expander = _memory.expander
    return found


def _expanded(task: Task) -> list[Column]:
    n, candidates, _, _ = task
    expander = _expander()
    return [expander.column(expander.catalogue.classify(pair_edges(a, b)), n) for a, b in candidates]


def _sketched(task: Task) -> tuple[Array, Rows]:
    """How many equations each column is in, and its sketch."""
    _, _, prime, size = task
    found = [equations(column) for column in _expanded(task)]
    rows = [sketched(keys, values, prime, size) for keys, values in found]
    return np.array([len(keys) for keys, _ in found]), np.array(rows)


def _solve(columns: _Columns, denominators: int | None, seed: int, run: Run) -> Found | NoSolution:
    n, candidates, everything = columns.n, columns.candidates, range(len(columns))
    for prime in columns.primes(run):  # a sketch is wrong with a probability of about one in 2^30
        sketch = columns.sketch(prime, run)
        right = sketched(*right_side(n), prime, sketch.rows.shape[1])
        support, solvable = eliminate(sketch, right, sketch.order(seed), run.progress or _silent)
        del sketch
        system = System(n, list(columns.chosen(support)))
        if not solvable:
            combination = left_kernel(system, prime)
            if combination and not any(system.times(combination, column) for column in columns.chosen(everything)):
                return NoSolution(system.named(combination), None, len(columns))
            continue
        weights = solve(system, prime)
        if weights is None:
            continue
        solution = {t: weight for t, weight in zip(support, weights, strict=True) if weight}
        if denominators is not None:
            whole = System(n, list(columns.chosen(everything)))
            local = localise(whole, candidates, solution, denominators, prime)
            if not isinstance(local, dict):
                return NoSolution(whole.named(local[0]), local[1], len(columns))
            solution = local
        try:
            return Found(Identity(n, tuple(Term(solution[t], *candidates[t]) for t in sorted(solution))), len(columns))
        except FalseIdentity:
            continue
    raise ArithmeticError("no sketch of the system could be confirmed")


def _silent(stage: str, done: int, total: int) -> None:
    """The default progress: none."""
