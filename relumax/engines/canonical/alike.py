"""Which units of two networks side by side are nearly multiples of one another: seen in floats, at points of a box.

What is seen proves nothing: `near` proves how nearly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import log2
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.engines.lemmas import Form
from relumax.kernel.proof import RELU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

POINTS = 48
ALIKE = 0.05
"""Of two units that are compared, how long the difference may be, as a part of the one."""
BITS = 20
"""After so many bits a factor that is no power of two is cut: what is cut is an error like any other."""


class Alike(NamedTuple):
    """The unit is nearly `times` the unit `of`."""

    of: int
    times: Fraction


def alike(
    units: Sequence[tuple[int, Form]], inputs: int, outputs: Sequence[Form], box: Sequence[tuple[Fraction, Fraction]]
) -> Mapping[int, Alike]:
    """Of units that the second half of the outputs reads, those of the first half that they are nearly multiples of.

    Units are variables from `inputs` on, layer after layer; there is nothing to say of units that both halves read.
    """
    import numpy as np

    half = len(outputs) // 2
    first, second = (_read(units, inputs, part) for part in (outputs[:half], outputs[half:]))
    low, high = (np.array([float(one[k]) for one in box]) for k in (0, 1))
    random = np.random.default_rng(inputs)
    values = dict(enumerate((low + (high - low) * random.random((POINTS, inputs))).T))
    before: dict[int, Array] = {}
    layers: dict[int, list[int]] = {}
    depth = dict.fromkeys(range(inputs), 0)
    for h, (kind, form) in enumerate(units, inputs):
        t = max([depth[h - 1] if h > inputs else 1, *(depth[v] + 1 for v, _ in form[2])])
        depth[h] = t
        layers.setdefault(t, []).append(h)
        before[h] = _at(form, values, POINTS)
        values[h] = np.maximum(before[h], 0) if kind == RELU else (before[h] >= 0).astype(float)
    found: dict[int, Alike] = {}
    for hs in layers.values():
        ours = [h for h in hs if h in first and h not in second and units[h - inputs][0] == RELU]
        theirs = [h for h in hs if h in second and h not in first and units[h - inputs][0] == RELU]
        if ours and theirs:
            found |= _matched(ours, theirs, before)
    return found


def _matched(ours: Sequence[int], theirs: Sequence[int], before: Mapping[int, Array]) -> dict[int, Alike]:
    """For each of theirs the one of ours in whose direction it is most."""
    import numpy as np

    a, b = (np.array([before[h] for h in part]) for part in (ours, theirs))
    lengths = [np.linalg.norm(one, axis=1, keepdims=True) for one in (a, b)]
    a_unit, b_unit = (one / np.where(length > 0, length, 1) for one, length in zip((a, b), lengths, strict=True))
    found = {}
    for k, i in enumerate(np.argmax(b_unit @ a_unit.T, axis=1)):
        if lengths[0][i] > 0 and lengths[1][k] > 0:
            times = _short(float(b[k] @ a[i] / (a[i] @ a[i])))
            if times > 0 and np.linalg.norm(b[k] - float(times) * a[i]) <= ALIKE * lengths[1][k]:
                found[theirs[k]] = Alike(ours[i], times)
    return found


def _short(times: float) -> Fraction:
    """The factor, as a power of two if it nearly is one, with few bits if not."""
    if times <= 0 or not times < float("inf"):
        return Fraction(0)
    power = round(log2(times))
    if abs(times / 2.0**power - 1) < ALIKE:
        return Fraction(2) ** power
    return Fraction(round(times * 2.0 ** (BITS - power))) / Fraction(2) ** (BITS - power)


def _read(units: Sequence[tuple[int, Form]], inputs: int, outputs: Sequence[Form]) -> set[int]:
    """The units that these outputs read, directly or not."""
    pending = [v for _, _, terms in outputs for v, _ in terms]
    found: set[int] = set()
    while pending:
        v = pending.pop()
        if v >= inputs and v not in found:
            found.add(v)
            pending += [u for u, _ in units[v - inputs][1][2]]
    return found


def _at(form: Form, values: Mapping[int, Array], points: int) -> Array:
    import numpy as np

    den, const, terms = form
    total = np.full(points, const / den)
    for v, c in terms:
        total += c / den * values[v]
    return total
