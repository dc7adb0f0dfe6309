"""`discover`: find max_n = sum c_t F_{A_t,B_t} from nothing, or show that a family holds no such identity.

Enumerate the classes of (A, B) (`graphs`), expand each on the sorted cone (`expansion`), solve the linear system
(`system`), exactly; or, with `denominators`, over the rationals whose denominators divide a power of a number
(`denominators`). A found identity counts only once `relumax.kernel.identity` has accepted its bytes.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from os import PathLike
from typing import NamedTuple

from relumax.cluster import mapped, on
from relumax.discover.identities.checkpoint import Checkpoint
from relumax.discover.identities.denominators import localise
from relumax.discover.identities.expansion import MOST_LABELS, MOST_PAIRS, Column, Expander, unpack
from relumax.discover.identities.graphs import Catalogue, Class, pair_edges
from relumax.discover.identities.public import Identity, Side, Term, side, to_public
from relumax.discover.identities.system import PRIMES, Progress, System, eliminate, flint, left_kernel, solve
from relumax.kernel.identity import Identity as Theorem
from relumax.kernel.identity import check_identity
from relumax.words import FAMILIES

_CHUNK = 128  # classes expanded between two checkpoints

Pair = tuple[Iterable[Iterable[int]], Iterable[Iterable[int]]]  # of sides, as pairs of labels
Equation = int | tuple[int, ...]  # of the coefficients of x_r, or of those of |d . x|


class Found:
    """An identity, its bytes in the public format, and the theorem that the kernel made of them."""

    __slots__ = ("equations", "identity", "public", "theorem", "unknowns")

    def __init__(self, identity: Identity, unknowns: int, equations: int) -> None:
        self.identity, self.unknowns, self.equations = identity, unknowns, equations
        self.public = to_public(identity)
        self.theorem: Theorem = check_identity(self.public, budget=1 << 62)


class NoSolution:
    """Proof that no identity exists in the family: a combination y of the equations with y . A = 0 and y . b != 0, or,
    where denominators are restricted, with y . A = 0 and y . b != 0 modulo a prime power. A has one column per class,
    and has been gone through whole; b is the right side, 2 x_n. With a modulus the columns are those of orbit sums.
    """

    __slots__ = ("combination", "equations", "modulus", "unknowns")

    def __init__(self, combination: dict[Equation, int], modulus: int | None, unknowns: int, equations: int) -> None:
        self.combination, self.modulus, self.unknowns, self.equations = combination, modulus, unknowns, equations


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
    denominators: int | None = None,
    seed: int = 0,
    run: Run | None = None,
) -> Found | NoSolution:
    """Find an identity for the maximum of n numbers with sides of `degree` pairs (default floor((n-1)/2)).

    `family`: "forest" (each side a simple forest), "simple" (no loops), "loops" (anything), or the candidates
    themselves, pairs of sides. `denominators=2` asks for weights that are binary fractions, see `denominators`. `seed`
    breaks ties between equally simple candidates: other seeds give other, equally true identities.
    """
    degree = max(1, (n - 1) // 2) if degree is None else degree
    run = run or Run()
    report = run.progress or _silent
    flint()  # say at once that it is missing, not after minutes of expansion
    candidates = _candidates(n, degree, family)
    columns = _expand(n, candidates, run, report)
    system = System(n, columns)
    del columns
    result = _solve(system, candidates, denominators, seed, report)
    if run.resume is not None:
        Checkpoint(run.resume, n, candidates).remove()
    return result


def _candidates(n: int, degree: int, family: str | Iterable[Pair]) -> list[tuple[Side, Side]]:
    """One representative (A, B) of every class of the family."""
    if not 2 <= n <= MOST_LABELS:
        raise ValueError(f"n = {n} is not in 2..{MOST_LABELS}")
    catalogue = Catalogue()
    if isinstance(family, str):
        if family not in FAMILIES:
            raise ValueError(f"unknown family {family!r}; known are {', '.join(FAMILIES)}")
        if not 1 <= degree <= MOST_PAIRS:
            raise ValueError(f"degree {degree} is not in 1..{MOST_PAIRS}")
        classes = catalogue.classes(n, degree, family)
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


def _expand(
    n: int,
    candidates: Sequence[tuple[Side, Side]],
    run: Run,
    report: Progress,
) -> list[Column]:
    """The columns of all candidates, in their order."""
    checkpoint = Checkpoint(run.resume, n, candidates) if run.resume is not None else None
    columns = checkpoint.load() if checkpoint else []
    chunks = [(n, candidates[at : at + _CHUNK]) for at in range(len(columns), len(candidates), _CHUNK)]
    with on(run.workers) if run.workers > 1 else nullcontext(), checkpoint or nullcontext():
        for chunk in mapped(_expanded, chunks):
            if checkpoint:
                checkpoint.append(chunk)
            columns += chunk
            report("expand", len(columns), len(candidates))
    _memory.__dict__.clear()
    return columns


Chunk = tuple[int, Sequence[tuple[Side, Side]]]  # n and candidates

_memory = threading.local()  # what a thread has seen: of a cluster's workers, each has several


def _expanded(chunk: Chunk) -> list[Column]:
    """The columns of a chunk, a task of its own; what is remembered makes later ones faster and no other."""
    if not hasattr(_memory, "expander"):
        _memory.expander = Expander(Catalogue())
    n, candidates = chunk
    expander: Expander = _memory.expander
    return [expander.column(expander.catalogue.classify(pair_edges(a, b)), n) for a, b in candidates]


def _solve(
    system: System, candidates: Sequence[tuple[Side, Side]], denominators: int | None, seed: int, report: Progress
) -> Found | NoSolution:
    for prime in PRIMES:  # a sketch is wrong with a probability of about one in 2^30
        support, solvable = eliminate(system, system.order(seed), prime, report)
        if not solvable:
            combination = left_kernel(system, support, prime)
            if combination is not None:
                return _none(system, combination, None)
            continue
        solution = solve(system, support, prime)
        if solution is None:
            continue
        if denominators is not None:
            local = localise(system, candidates, solution, denominators, prime)
            if not isinstance(local, dict):
                return _none(system, *local)
            solution = local
        terms = (Term(solution[t], *candidates[t]) for t in sorted(solution))
        return Found(Identity(system.n, tuple(terms)), system.unknowns, system.equations)
    raise ArithmeticError("no sketch of the system could be confirmed")


def _none(system: System, combination: dict[int, int], modulus: int | None) -> NoSolution:
    named: dict[Equation, int] = {}
    for row, coefficient in sorted(combination.items()):
        if row < system.n:
            named[row + 1] = coefficient
        else:
            named[tuple(unpack(system.keys[row - system.n : row - system.n + 1], system.n)[0].tolist())] = coefficient
    return NoSolution(named, modulus, system.unknowns, system.equations)


def _silent(stage: str, done: int, total: int) -> None:
    """The default progress: none."""
