"""Linear programs whose work is counted, so that what is not small is given up, at the same point on all machines."""

from __future__ import annotations

from fractions import Fraction

from relumax.engines.search import GaveUp
from relumax.engines.simplex import Hyperreal, Simplex


class OutOfWork(GaveUp):
    """The meter is used up: what was tried may still succeed with more."""


class Meter:
    """How many entries of tableaus pivots may still go through, over all linear programs of a proof."""

    def __init__(self, most: int):
        self.left = most


class Metered(Simplex):
    """A simplex that raises GaveUp when its meter is used up; long numbers count for more."""

    def __init__(self, meter: Meter):
        super().__init__()
        self._meter = meter

    def _pivot(self, leaving: int, entering: int, target: Hyperreal) -> None:
        row = self._rows[leaving]
        c = Fraction(row[entering])
        bits = c.numerator.bit_length() + c.denominator.bit_length()
        each = 1 if bits == 2 else 8 + bits // 8  # fractions take about that much longer than integers
        self._meter.left -= len(row) * (len(self._uses[entering]) + 1) * each
        if self._meter.left < 0:
            raise OutOfWork("the linear programs are too large")
        super()._pivot(leaving, entering, target)
