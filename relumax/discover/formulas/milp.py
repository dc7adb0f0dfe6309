"""The fewest atoms that a formula of a family can have, by mixed-integer programming (HiGHS).

A binary variable for each orbit of atoms is 1 if the orbit is used, and then the coefficient of its atoms is at most
`LARGEST`, or what the formula to start from needs. The sum of size * binary is minimised under the equations of the
family. Local search finds the formula to start from, and only orbits that fit into one with no more atoms are looked
at: without both, programs for no more than five inputs take minutes. HiGHS computes with floats, so what it finds
counts once it is solved exactly, and what it rules out is said on the way, but is no theorem (`fewer` has those).

Needs the extra `discover`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from threading import Thread
from time import monotonic

import numpy as np

from relumax.discover.formulas.family import Array
from relumax.discover.formulas.sparse import Progress, System
from relumax.errors import MissingExtra

LARGEST = 0.5
"""No coefficient need be larger in the smallest formulas known, and a tight bound saves time."""
OTHERS = 500
"""Among no more orbits than these, other formulas with as few atoms are looked for: one may need fewer units."""
PRIME = (1 << 31) - 1
"""Products of two remainders fit 64 bits."""


def fewest(system: System, support: Array, deadline: float, progress: Progress) -> Iterator[Array]:
    """Supports of solutions with no more atoms than a given one: first with fewer, if any, then all with the fewest.

    Ends at the deadline, and says what was shown. Raises MissingExtra.
    """
    formula = system.formula(support)
    if formula is None:
        return
    atoms, bound = len(formula.sizes), max([LARGEST, *(float(abs(c)) for c in formula.sizes.values())])
    program = Milp(system, system.within(atoms), bound)
    found = program.solve(deadline, support)
    if found is None:
        return
    if set(found) != set(support):
        yield found
    atoms = program.atoms(found)
    least = program.least()
    progress(f"of the atoms of this family, with coefficients up to {bound:g}, a formula needs {least} or more (HiGHS)")
    if least < atoms or len(program.which) > OTHERS:
        return
    program.keep(atoms)
    program.forbid(support)
    program.forbid(found)
    while (found := program.solve(deadline)) is not None:
        yield found
        program.forbid(found)
    if program.impossible():
        progress("no other formula has so few")


class Milp:
    """The mixed-integer program for some orbits: variables are coefficient / bound, then lines, then the binaries."""

    def __init__(self, system: System, which: Array, bound: float):
        try:
            highs = import_module("highspy")
        except ImportError:
            message = "the fewest atoms are found by highspy: pip install 'relumax[discover]'"
            raise MissingExtra(message) from None
        with _unheard():
            self.model = model = highs.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1), ("mip_rel_gap", 0.0)):
            model.setOptionValue(option, value)
        self.system, self.which = system, which
        self.sizes = system.sizes[which].astype(float)
        self.infinity, self.integer = highs.kHighsInf, highs.HighsVarType.kInteger
        self.infeasible = highs.HighsModelStatus.kInfeasible
        count = len(which)
        for _ in range(count):
            model.addVar(-1.0, 1.0)
        for _ in range(system.lines):
            model.addVar(-self.infinity, self.infinity)
        self.used = self._binaries(self.sizes)
        rows = system.rows(which)
        scale = np.concatenate([np.full(count, bound), np.ones(system.lines)])
        for *row, right in rows[independent(rows)].tolist():
            self._row(right, right, range(len(row)), row * scale)
        for k, used in enumerate(self.used):
            self._row(-self.infinity, 0.0, (k, used), (1.0, -1.0))
            self._row(-self.infinity, 0.0, (k, used), (-1.0, -1.0))

    def solve(self, deadline: float, start: Array | None = None) -> Array | None:
        """The support of the best solution found until then, or None; a support to start from helps."""
        seconds = deadline - monotonic()
        if seconds <= 0:
            return None
        if start is not None:
            values = np.isin(self.which, start).astype(float)
            self.model.setSolution(len(values), np.array(self.used, np.int32), values)
        self.model.setOptionValue("time_limit", self.model.getRunTime() + seconds)
        run = Thread(target=self.model.run, daemon=True)
        run.start()
        while run.is_alive():  # so that Ctrl-C is heard
            run.join(0.1)
        solution = self.model.getSolution()
        if not solution.value_valid:
            return None
        return self.which[np.array(solution.col_value)[list(self.used)] > 0.5]

    def atoms(self, support: Array) -> int:
        """The number of atoms."""
        return int(self.system.sizes[support].sum())

    def least(self) -> int:
        """No solution has fewer atoms, as far as the first run showed."""
        found = self.model.getInfo().mip_dual_bound
        return max(0, int(np.ceil(found - 1e-4))) if np.isfinite(found) else 0

    def keep(self, atoms: int) -> None:
        """From now on only so many atoms; the cost is the number of pairwise maxima that they read."""
        self._row(0.0, atoms, self.used, self.sizes)
        for column in self.used:
            self.model.changeColCost(column, 0.0)
        maxima = self.system.maxima()
        for line, read in zip(maxima, self._binaries([len(line) for line in maxima]), strict=True):
            for k in np.flatnonzero((self.system.family.atoms[self.which][:, line] != 0).any(axis=1)):
                self._row(0.0, self.infinity, (read, self.used[k]), (1.0, -1.0))

    def forbid(self, support: Array) -> None:
        """From now on not all orbits of this support together."""
        columns = [self.used[k] for k in np.flatnonzero(np.isin(self.which, support))]
        self._row(0.0, len(columns) - 1, columns, [1.0] * len(columns))

    def impossible(self) -> bool:
        """Whether the last run showed that there is no solution."""
        return self.model.getModelStatus() == self.infeasible

    def _binaries(self, costs: Sequence[float] | Array) -> range:
        first = self.model.getNumCol()
        for column, cost in enumerate(costs, first):
            self.model.addVar(0.0, 1.0)
            self.model.changeColIntegrality(column, self.integer)
            self.model.changeColCost(column, float(cost))
        return range(first, first + len(costs))

    def _row(self, low: float, high: float, columns: Sequence[int], values: Sequence[float] | Array) -> None:
        there = np.flatnonzero(values)
        self.model.addRow(low, high, len(there), np.array(columns, np.int32)[there], np.array(values, float)[there])


def independent(rows: Array) -> list[int]:
    """Rows of an integer matrix from which all others follow, those with few entries first: modulo a prime.

    They are independent over the rationals, and in the unlikely case that some other one is too, the program only
    allows more.
    """
    order = np.argsort((rows != 0).sum(axis=1), kind="stable")
    left, found = rows[order].astype(np.int64) % PRIME, []
    for k, row in enumerate(left):
        there = np.flatnonzero(row)
        if len(there):
            found.append(int(order[k]))
            pivot = there[0]
            row = row * pow(int(row[pivot]), -1, PRIME) % PRIME
            below = k + 1 + np.flatnonzero(left[k + 1 :, pivot])
            left[below] = (left[below] - left[below, pivot][:, None] * row) % PRIME
    return found


@contextmanager
def _unheard() -> Iterator[None]:
    """Standard output closed to C code: the solver prints a banner there before any option can be set."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
