"""Checks a certificate of ranges: how large each unit, and each partial sum of each row, can be. All that is trusted.

The integer twin of a network has the same rows on integers. With inputs X = M x (M makes the inputs' step an integer)
and D_t the product of the denominators of the maps up to t, the values H_t = M D_t h_t obey

    H_t[i] = act(M D_(t-1) bias_i + sum of c_ij * H_(t-1)[j]),        H_0 = X.

A *form* at level t is a sum of nonzero integers times units of layer t (level 0: inputs); a *bound* (a, b) of it says
form <= a N + b wherever |X_i| <= N, for all N >= 0. A certificate gives, level by level, forms and reasons for bounds:

* parts: the form is the sum of forms on disjoint units, each bounded before;
* split: c relu(p) + d relu(-p) = -d p + (c + d) relu(p) for each *pair* of units; then units with c > 0 that are split
  are 0 or their row, units with c < 0 are at most 0 and at most c times their row (those in `keep`, case by case), and
  other units with c > 0 are at most c times their most. In each case a form of the level below is left, bounded before.

Units are never negative, so no sum of some terms of a row exceeds the sum of its positive terms: these two
halves of each row are bounded, and then every order, blocking, fused or wide accumulation stays inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import Any, NamedTuple

from relumax.errors import FormatError
from relumax.network.layers import Layer, Network, sha256

Form = tuple[tuple[int, int], ...]
Bound = tuple[int, int]
FORMAT, VERSION = "relumax-range", 1
KEYS = {"format", "version", "network_sha256", "scale", "pairs", "most", "bounds", "outputs"}
ZERO: Bound = (0, 0)
MOST_SPLIT = 6  # units in one step, which has 2^k cases


class Sums(NamedTuple):
    """What was checked. `halves[t][i]`: bounds of the positive, and of minus the negative, terms of row i of map t,
    its bias with them; `most[t][i]`: of unit i of layer t + 1; `outputs[i]`: of an output's absolute value."""

    scale: int
    halves: tuple[tuple[tuple[Bound, Bound], ...], ...]
    most: tuple[tuple[Bound, ...], ...]
    outputs: tuple[Bound, ...]


def plus(a: Bound, b: Bound, factor: int = 1) -> Bound:
    """The bound a + factor * b."""
    return a[0] + factor * b[0], a[1] + factor * b[1]


def worse(a: Bound, b: Bound) -> Bound:
    """A bound that is at least both."""
    return max(a[0], b[0]), max(a[1], b[1])


def primitive(form: Form) -> tuple[int, Form]:
    """The greatest common divisor of the coefficients, and the form divided by it."""
    common = 1 if form[0][1] in (1, -1) else gcd(*(c for _, c in form))
    return (common, form) if common <= 1 else (common, tuple((j, c // common) for j, c in form))


def combined(parts: Iterable[tuple[int, Form]]) -> Form:
    """The sum of these multiples of forms."""
    total: dict[int, int] = {}
    for factor, form in parts:
        for j, c in form:
            total[j] = total.get(j, 0) + factor * c
    return tuple(sorted((j, c) for j, c in total.items() if c))


def halves(form: Form) -> tuple[Form, Form]:
    """The positive terms, and the negative ones with their signs turned."""
    return tuple((j, c) for j, c in form if c > 0), tuple((j, -c) for j, c in form if c < 0)


def halves_of(level: int, form: Form) -> tuple[Form, Form]:
    """Forms of which each partial sum is at most the first and at least minus the second. Inputs have both signs."""
    return halves(form) if level else (form, form)


def unpaired(pairs: dict[int, int], form: Form) -> tuple[list[tuple[int, int]], dict[int, int]]:
    """The linear terms (factor, row) that pairs leave, and the coefficients of the rest."""
    linear, rest = [], dict(form)
    for i, _ in form:
        j = pairs.get(i)
        if j is not None and i in rest and j in rest:
            d = rest.pop(j)
            linear.append((-d, i))
            rest[i] += d
            if not rest[i]:
                del rest[i]
    return linear, rest


def rows_of(layer: Layer, taken: list[tuple[int, int]]) -> tuple[int, Form]:
    """The sum of these (factor, row): bias and form."""
    return sum(c * layer.rows[j][0] for c, j in taken), combined((c, layer.rows[j][1]) for c, j in taken)


def cases(units: list[int]) -> list[list[int]]:
    """All sets of these units, in the order of binary counting."""
    return [[j for k, j in enumerate(units) if mask >> k & 1] for mask in range(1 << len(units))]


class _Checker:
    """The bounds accepted so far, by level."""

    def __init__(self, network: Network, scale: int, pairs: list[dict[int, int]]):
        self.network, self.pairs = network, pairs
        self.known: list[dict[Form, Bound]] = [{} for _ in network.maps]
        self.most: list[tuple[Bound, ...]] = [()]  # by level; none of inputs
        self.ones = [scale]  # what 1 is among the values of each level
        for layer in network.maps:
            self.ones.append(self.ones[-1] * layer.den)

    def bound(self, level: int, form: Form) -> Bound:
        if level == 0 or not form:
            return sum(abs(c) for _, c in form), 0
        factor, form = primitive(form)
        if form not in self.known[level]:
            raise FormatError(f"bounds[{level - 1}]: no bound of the form {form!s:.60}, which is needed")
        return plus(ZERO, self.known[level][form], factor)

    def row(self, level: int, bias: int, form: Form) -> Bound:
        """The bound of a row above this level."""
        return plus(self.bound(level, form), (0, bias * self.ones[level]))

    def unit(self, level: int, k: int) -> Bound:
        """The bound of unit k of this level (of at least 1), from its row."""
        layer = self.network.layers[level - 1]
        return (0, self.ones[level]) if k in layer.steps else worse(ZERO, self.row(level - 1, *layer.rows[k]))

    def step(self, level: int, step: dict[str, Any], place: str) -> tuple[Form, Bound]:
        """The form of one step, and the bound that follows."""
        flat = _numbers(step.get("form"), place)
        form = tuple(zip(flat[::2], flat[1::2], strict=True)) if len(flat) % 2 == 0 else ()
        units = [j for j, _ in form]
        width = len(self.network.layers[level - 1].rows)
        if not form or units != sorted({*units}) or units[0] < 0 or units[-1] >= width or not all(c for _, c in form):
            raise FormatError(f"{place}: no form of units 0 to {width - 1}")
        if step.keys() == {"form", "parts"}:
            parts = [_numbers(part, place) for part in _listed(step["parts"], list, place)]
            if sorted(j for part in parts for j in part) != units or len(parts) < 2:
                raise FormatError(f"{place}: the parts do not have each unit of the form once")
            total = ZERO
            for part in parts:
                total = plus(total, self.bound(level, tuple((j, c) for j, c in form if j in {*part})))
            return form, total
        if step.keys() == {"form", "split", "keep"}:
            return form, self.split(level, form, step, place)
        raise FormatError(f"{place}: a step has a form and parts, or a form, split and keep")

    def split(self, level: int, form: Form, step: dict[str, Any], place: str) -> Bound:
        """The worst case, and the units beside at their most."""
        layer = self.network.layers[level - 1]
        linear, rest = unpaired(self.pairs[level - 1], form)
        ups, keep = _numbers(step["split"], place), step["keep"]
        relus = rest.keys() - {*layer.steps}
        if len(ups) > MOST_SPLIT or len({*ups}) < len(ups) or any(j not in relus or rest[j] < 0 for j in ups):
            raise FormatError(f"{place}: only relus with a positive coefficient are split, {MOST_SPLIT} at most")
        if type(keep) is not list or len(keep) != 1 << len(ups):
            raise FormatError(f"{place}: keep has an entry for each of {1 << len(ups)} cases")
        found = []
        for case, kept in zip(cases(ups), keep, strict=True):
            downs = _numbers(kept, place)
            if len({*downs}) < len(downs) or any(j not in relus or rest[j] > 0 for j in downs):
                raise FormatError(f"{place}: only relus with a negative coefficient are kept")
            found.append(self.row(level - 1, *rows_of(layer, [*linear, *((rest[j], j) for j in case + downs)])))
        worst = max(a for a, _ in found), max(b for _, b in found)
        for j, c in rest.items():
            if c > 0 and j not in ups:
                worst = plus(worst, self.most[level][j], c)
        return worst


def check_ranges(network: Network, certificate: Any) -> Sums:
    """What a certificate proves of how large things get in a network; raises FormatError if it proves nothing."""
    if type(certificate) is not dict or certificate.keys() != KEYS:
        raise FormatError(f"a certificate of ranges has {', '.join(sorted(KEYS))}, and nothing else")
    if [certificate["format"], certificate["version"]] != [FORMAT, VERSION]:
        raise FormatError(f"not a file of format {FORMAT}, version {VERSION}")
    if certificate["network_sha256"] != sha256(network):
        raise FormatError("network_sha256: the certificate is about another network")
    scale = _numbers([certificate["scale"]], "scale")[0]
    if scale < 1:
        raise FormatError("scale: a positive integer")
    for key in ("pairs", "most", "bounds"):
        if type(certificate[key]) is not list or len(certificate[key]) != network.depth:
            raise FormatError(f"{key}: an entry for each of {network.depth} hidden layers")
    pairs = [_pairs(layer, certificate["pairs"][t], f"pairs[{t}]") for t, layer in enumerate(network.layers)]
    checker = _Checker(network, scale, pairs)
    sums = []
    for level, layer in enumerate(network.maps):
        if level:
            place = f"most[{level - 1}]"
            claimed = _bounds(certificate["most"][level - 1], network.widths[level - 1], place)
            for k, one in enumerate(claimed):
                if worse(one, checker.unit(level, k)) != one:
                    raise FormatError(f"{place}[{k}]: the row can be larger")
            checker.most.append(claimed)
            for k, step in enumerate(_listed(certificate["bounds"][level - 1], dict, f"bounds[{level - 1}]")):
                form, found = checker.step(level, step, f"bounds[{level - 1}][{k}]")
                checker.known[level][form] = min(found, checker.known[level].get(form, found))
        sums.append(tuple(_with_bias(checker, level, *row) for row in layer.rows))
    outputs = _bounds(certificate["outputs"], network.outputs, "outputs")
    for k, (bias, form) in enumerate(network.output.rows):
        for sign in (1, -1):
            found = checker.row(network.depth, sign * bias, tuple((j, sign * c) for j, c in form))
            if worse(outputs[k], found) != outputs[k]:
                raise FormatError(f"outputs[{k}]: the row can be larger")
    return Sums(scale, tuple(sums), tuple(checker.most[1:]), outputs)


def _with_bias(checker: _Checker, level: int, bias: int, form: Form) -> tuple[Bound, Bound]:
    most, least = (checker.bound(level, half) for half in halves_of(level, form))
    return plus(most, (0, max(bias, 0) * checker.ones[level])), plus(least, (0, max(-bias, 0) * checker.ones[level]))


def _pairs(layer: Layer, listed: Any, place: str) -> dict[int, int]:
    """i -> j where row j is row i with all signs turned; both are relus."""
    found: dict[int, int] = {}
    for k, pair in enumerate(_listed(listed, list, place)):
        ends = _numbers(pair, place)
        if len(ends) != 2 or not 0 <= ends[0] < ends[1] < len(layer.rows) or {*ends} & {*layer.steps}:
            raise FormatError(f"{place}[{k}]: no pair of relus")
        i, j = ends
        if {i, j} & {*found, *found.values()} or rows_of(layer, [(1, i), (1, j)]) != (0, ()):
            raise FormatError(f"{place}[{k}]: the rows {i} and {j} are no pair")
        found[i] = j
    return found


def _numbers(value: Any, place: str) -> list[int]:
    if type(value) is not list or any(type(one) is not int for one in value):
        raise FormatError(f"{place}: a list of integers belongs here")
    return value


def _bounds(value: Any, count: int, place: str) -> tuple[Bound, ...]:
    if type(value) is not list or len(value) != count or any(len(_numbers(one, place)) != 2 for one in value):
        raise FormatError(f"{place}: {count} bounds belong here, two integers each")
    return tuple((a, b) for a, b in value)


def _listed(value: Any, kind: type, place: str) -> list[Any]:
    if type(value) is not list or any(type(one) is not kind for one in value):
        raise FormatError(f"{place}: a list of {kind.__name__}s belongs here")
    return value
