"""The exact network: layers of sparse integer rows over one positive denominator each.

A `Network` with layers 1..T computes, from the inputs h_0 = x,

    h_t[i] = act((bias_i + sum of c_ij * h_{t-1}[j]) / den_t)      t = 1..T,  act = relu, or step where declared
    y[i]   =     (bias_i + sum of c_ij * h_T[j]) / den             the output map, without activation

strictly feed-forward: a row reads the layer before it and nothing else. Every layer is in lowest terms (the gcd of its
denominator, biases and coefficients is 1), so equal networks have equal bytes and one SHA-256.

>>> maximum = Network(2, (normalise([(0, {0: 1, 1: -1}), (0, {1: 1}), (0, {1: -1})]),),
...                   normalise([(0, {0: 1, 1: 1, 2: -1})]))
>>> canonical_bytes(maximum)[:78]
b'{"inputs":2,"layers":[{"den":1,"rows":[[0,0,1,1,-1],[0,1,1],[0,1,-1]],"step":['
>>> from_json(to_json(maximum)) == maximum
True
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm
from typing import Any, NamedTuple

from relumax.errors import FormatError, ProgramError
from relumax.language.numbers import Number, as_fraction

Rational = int | Fraction
Row = tuple[int, tuple[tuple[int, int], ...]]

SAFE = 2**53
"""Integers from here on are written as decimal strings: a JSON reader may hold numbers as doubles (RFC 8785)."""

_decimal = re.compile(r"-?[1-9][0-9]*", re.ASCII)


class Layer(NamedTuple):
    """One affine map followed by activations (a hidden layer), or the output map.

    Row i is `(bias, ((j, c), ...))` with strictly increasing source indices j and nonzero c; it stands for the affine
    form `(bias + sum of c * h_j) / den`. `steps` lists, increasing, the units whose activation is step; every other
    unit is a relu. For the output map it is ().
    """

    den: int
    rows: tuple[Row, ...]
    steps: tuple[int, ...] = ()

    def affine(self, values: Sequence[int], den: int) -> tuple[list[int], int]:
        """The affine map at `values / den`, again as numerators over one denominator, in lowest terms."""
        result = []
        for bias, terms in self.rows:
            total = bias * den
            for j, c in terms:
                total += c * values[j]
            result.append(total)
        den *= self.den
        common = gcd(den, *result) if den != 1 else 1
        return ([value // common for value in result], den // common) if common != 1 else (result, den)

    def activate(self, pre: Sequence[int], den: int) -> list[int]:
        """The units' values, over the same denominator: relu, and `den / den` or 0 for a step unit."""
        values = [max(value, 0) for value in pre]
        for unit in self.steps:
            values[unit] = den if pre[unit] >= 0 else 0
        return values


class Network(NamedTuple):
    """`inputs` numbers in, hidden `layers`, and the `output` map, whose rows are the network's outputs."""

    inputs: int
    layers: tuple[Layer, ...]
    output: Layer

    def __call__(self, *point: Number | Sequence[Number]) -> list[Fraction]:
        """The exact outputs at a point, a list of numbers or number by number; raises ProgramError.

        >>> absolute = Network(1, (normalise([(0, {0: 1}), (0, {0: -1})]),), normalise([(0, {0: 1, 1: 1})]))
        >>> absolute(["-1/3"]), absolute("-1/3")
        ([Fraction(1, 3)], [Fraction(1, 3)])
        """
        one = point[0] if len(point) == 1 else None
        values, den = self.numerators(one if isinstance(one, Iterable) and not isinstance(one, str) else point)
        for layer in self.layers:
            pre, den = layer.affine(values, den)
            values = layer.activate(pre, den)
        outputs, den = self.output.affine(values, den)
        return [Fraction(value, den) for value in outputs]

    def numerators(self, point: Iterable[Any]) -> tuple[list[int], int]:
        """A point as numerators over their least common denominator; raises ProgramError if it is no such point."""
        x = [as_fraction(value) for value in point]
        if len(x) != self.inputs:
            raise ProgramError(f"the network has {self.inputs} inputs, but {len(x)} were given")
        den = lcm(*(value.denominator for value in x))
        return [value.numerator * (den // value.denominator) for value in x], den

    @property
    def outputs(self) -> int:
        """The number of outputs."""
        return len(self.output.rows)

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return len(self.layers)

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of units of each hidden layer."""
        return tuple(len(layer.rows) for layer in self.layers)

    @property
    def width(self) -> int:
        """The number of units of the widest hidden layer; 0 without one."""
        return max(self.widths, default=0)

    @property
    def size(self) -> int:
        """The number of hidden units."""
        return sum(self.widths)

    @property
    def nonzeros(self) -> int:
        """The number of nonzero weights, the output map's included; biases are not counted."""
        return sum(len(terms) for layer in self.maps for _, terms in layer.rows)

    @property
    def maps(self) -> tuple[Layer, ...]:
        """The hidden layers and the output map, in the order of computation."""
        return (*self.layers, self.output)

    @property
    def columns(self) -> tuple[int, ...]:
        """What each of `maps` reads: the number of inputs, then the widths."""
        return (self.inputs, *self.widths)

    def __repr__(self) -> str:
        widths = " ".join(map(str, self.widths[:12])) + (" ..." if self.depth > 12 else "")
        return f"<network: {self.inputs} -> {widths + ' -> ' if widths else ''}{self.outputs}>"

    def draw(self, at: Sequence[Number] | None = None, **options: Any) -> Any:
        """The network as a picture (extra `pictures`), at an input what is on: `relumax.pictures.draw_network`."""
        from importlib import import_module

        return import_module("relumax.pictures").draw_network(self, at, **options)  # by name: it stands above

    def _repr_svg_(self) -> str | None:
        """The network as a picture, in a notebook; none of a large one."""
        from relumax.network.picture import diagram

        return diagram(self) if self.nonzeros <= 2000 else None


def normalise(rows: Iterable[tuple[Rational, Mapping[int, Rational]]], steps: Iterable[int] = ()) -> Layer:
    """The layer with these rational rows `(bias, {source index: coefficient})`, in lowest terms; zeros are dropped.

    The denominator is the least common one. That alone makes the gcd 1: a prime power that divides it exactly is the
    denominator of some reduced entry, whose scaled numerator that prime does not divide.

    >>> normalise([(Fraction(1, 2), {1: Fraction(1, 3), 0: 2})])
    Layer(den=6, rows=((3, ((0, 12), (1, 2))),), steps=())
    """
    rows = list(rows)
    den = lcm(*(entry.denominator for bias, terms in rows for entry in (bias, *terms.values())))
    scaled = tuple(
        (int(bias * den), tuple((j, int(terms[j] * den)) for j in sorted(terms) if terms[j])) for bias, terms in rows
    )
    return Layer(den, scaled, tuple(sorted(steps)))


def to_json(network: Network) -> dict[str, object]:
    """The network as JSON values; integers of absolute value 2^53 and more, outside index places, as strings.

    `{"inputs": n, "layers": [{"den": d, "rows": [[bias, j, c, j, c, ...], ...], "step": [i, ...]}, ...],
    "output": {"den": d, "rows": [...]}}`

    Raises FormatError for an integer with more decimal digits than Python converts.
    """
    layers = [
        {**_map_to_json(layer, f"layers[{t}]"), "step": list(layer.steps)} for t, layer in enumerate(network.layers)
    ]
    return {"inputs": network.inputs, "layers": layers, "output": _map_to_json(network.output, "output")}


def _map_to_json(layer: Layer, place: str) -> dict[str, object]:
    rows: list[list[int | str]] = []
    for i, (bias, terms) in enumerate(layer.rows):
        where = f"{place}.rows[{i}]"
        row = [_written(bias, where)]
        for j, c in terms:
            row += (j, _written(c, where))
        rows.append(row)
    return {"den": _written(layer.den, f"{place}.den"), "rows": rows}


def _written(value: int, place: str) -> int | str:
    if -SAFE < value < SAFE:
        return value
    try:
        return str(value)
    except ValueError:  # longer than sys.get_int_max_str_digits()
        raise FormatError(f"{place}: an integer of more than {sys.get_int_max_str_digits()} digits") from None


def canonical_bytes(network: Network) -> bytes:
    """The network's one JSON text: sorted keys, no spaces, ASCII."""
    return json.dumps(to_json(network), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sha256(network: Network) -> str:
    """The SHA-256, in hexadecimal, of `canonical_bytes(network)`."""
    from hashlib import sha256

    return sha256(canonical_bytes(network)).hexdigest()


def from_json(obj: object) -> Network:
    """The network that `to_json` wrote as `obj`.

    Accepts exactly what `to_json` can write. Raises FormatError with the place, such as `layers[2].rows[5]: ...`, for
    anything else: other keys or types, indices out of range or order, zero coefficients, a layer without units or not
    in lowest terms, a big integer not written as a string.
    """
    top = _object(obj, "network", ("inputs", "layers", "output"))
    inputs = _index(top["inputs"], "inputs", SAFE)
    if inputs == 0:
        raise FormatError("inputs: a network has at least one input")
    layers: list[Layer] = []
    columns = inputs
    for t, entry in enumerate(_array(top["layers"], "layers")):
        place = f"layers[{t}]"
        value = _object(entry, place, ("den", "rows", "step"))
        den, rows = _map_from_json(value, place, columns)
        units = _array(value["step"], f"{place}.step")
        steps = tuple(_index(i, f"{place}.step[{k}]", len(rows)) for k, i in enumerate(units))
        _check_increasing(steps, f"{place}.step")
        layers.append(Layer(den, rows, steps))
        columns = len(rows)
    den, rows = _map_from_json(_object(top["output"], "output", ("den", "rows")), "output", columns)
    return Network(inputs, tuple(layers), Layer(den, rows))


def _map_from_json(value: dict[str, object], place: str, columns: int) -> tuple[int, tuple[Row, ...]]:
    den = _integer(value["den"], f"{place}.den")
    if den < 1:
        raise FormatError(f"{place}.den: a denominator is positive")
    entries = _array(value["rows"], f"{place}.rows")
    if not entries:
        raise FormatError(f"{place}.rows: at least one row is needed")
    rows = tuple(_row_from_json(entry, f"{place}.rows[{i}]", columns) for i, entry in enumerate(entries))
    if gcd(den, *(bias for bias, _ in rows), *(c for _, terms in rows for _, c in terms)) != 1:
        raise FormatError(f"{place}: not in lowest terms, the denominator and all entries have a common factor")
    return den, rows


def _row_from_json(entry: object, place: str, columns: int) -> Row:
    values = _array(entry, place)
    if len(values) % 2 == 0:
        raise FormatError(f"{place}: a row is [bias, index, coefficient, index, coefficient, ...], of odd length")
    bias = _integer(values[0], f"{place}[0]")
    indices = [_index(values[k], f"{place}[{k}]", columns) for k in range(1, len(values), 2)]
    _check_increasing(indices, place)
    coefficients = [_integer(values[k], f"{place}[{k}]") for k in range(2, len(values), 2)]
    if 0 in coefficients:
        raise FormatError(f"{place}: the coefficient of index {indices[coefficients.index(0)]} is zero")
    return bias, tuple(zip(indices, coefficients, strict=True))


def _object(value: object, place: str, keys: tuple[str, ...]) -> dict[str, object]:
    if type(value) is not dict:
        raise FormatError(f"{place}: expected an object, found {_kind(value)}")
    for key in keys:
        if key not in value:
            raise FormatError(f"{place}: the key {key!r} is missing")
    if len(value) != len(keys):
        unknown = next(key for key in value if key not in keys)
        raise FormatError(f"{place}: unknown key {unknown!r}")
    return value


def _array(value: object, place: str) -> list[object]:
    if type(value) is not list:
        raise FormatError(f"{place}: expected an array, found {_kind(value)}")
    return value


def _index(value: object, place: str, end: int) -> int:
    if type(value) is not int:
        raise FormatError(f"{place}: expected an integer, found {_kind(value)}")
    if not 0 <= value < end:
        raise FormatError(f"{place}: an integer out of range, expected 0 to {end - 1}")
    return value


def _integer(value: object, place: str) -> int:
    if type(value) is int:
        if -SAFE < value < SAFE:
            return value
        raise FormatError(f"{place}: an integer of absolute value 2^53 or more is written as a string")
    if type(value) is not str:
        raise FormatError(f"{place}: expected an integer or a decimal string, found {_kind(value)}")
    if len(value) > 1 + sys.get_int_max_str_digits() > 1:
        raise FormatError(f"{place}: an integer of more than {sys.get_int_max_str_digits()} digits")
    number = int(value) if _decimal.fullmatch(value) else 0
    if -SAFE < number < SAFE:
        raise FormatError(f"{place}: not the decimal string of an integer of absolute value 2^53 or more")
    return number


def _check_increasing(indices: tuple[int, ...] | list[int], place: str) -> None:
    for earlier, later in pairwise(indices):
        if later <= earlier:
            raise FormatError(f"{place}: indices are not strictly increasing, {later} follows {earlier}")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "an integer"}
    return names.get(type(value), "a number" if type(value) is float else type(value).__name__)
