"""Named weights as PyTorch, Keras and people keep them, which say nothing of activations: Linear and ReLU in turn.

A *layer* is a weight of two axes and, where there is one, a bias of one axis. Both have the layer's name, beside a word
that says which they are:

    0.weight, 0.bias    net.fc1.weight, net.fc1.bias    W1, b1    dense_1/kernel, dense_1/bias    coef_0, intercept_0

Nothing is guessed. The order of the layers is that of the numbers in their names, or the only one in which their
shapes chain if it is the order of the names as well; how the weights lie, [out, in] (`torch`) or [in, out] (`in-out`),
is what the file says, or the only way in which the shapes chain. All else is asked for, and every array is used or
named in the error. What was read stands in the network's notes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from reprlib import repr as brief
from typing import NamedTuple

from relumax.errors import FormatError
from relumax.formats.common import LoadedNetwork, ReadOptions
from relumax.formats.dense import Tensor, nonzero
from relumax.formats.floats import FloatType
from relumax.network.layers import Layer, Network, normalise
from relumax.words import IN_OUT, LAYOUTS, TORCH

LONGEST_NAME = 200
MOST_ORDERED = 200  # layers whose order is looked for by their shapes
MOST_STEPS = 10_000  # of that search
MOST_NAMED = 12  # layers that a sentence names one by one

_role = re.compile(
    r"(?:^|(?<=[._/]))(?:(?P<weight>weights?|kernel|coefs?|[Ww])|bias(?:es)?|intercepts?|[Bb])(?=(?:[._/]?[0-9]+)?$)",
    re.ASCII,
)
_digits = re.compile(r"([0-9]+)", re.ASCII)
_place = re.compile(r"(|.*\.)([0-9]+)", re.ASCII)  # a layer's number in a Sequential or in a list


class Stored(NamedTuple):
    """An array of a file, and the type of its cells."""

    tensor: Tensor
    kind: FloatType


class _Linear(NamedTuple):
    """A layer: its name, its weight and its bias."""

    name: str
    weight: Stored
    bias: Stored | None

    def sizes(self, layout: str) -> tuple[int, int]:
        """Inputs and units."""
        rows, columns = self.weight.tensor.shape
        return (columns, rows) if layout == TORCH else (rows, columns)


Order = tuple[_Linear, ...]


def read_state_dict(
    arrays: Mapping[str, Stored], fmt: str, about: Mapping[str, str], options: ReadOptions, layout: str | None = None
) -> LoadedNetwork:
    """The network of a file's arrays: relu(W h + b) layer by layer, the last one without relu.

    `layout` is what the file says of its weights, which `options.layout` overrules. Raises FormatError that names the
    array which is no part of a layer, the first shapes that do not chain, or the option that says what is left open.
    """
    layout, order = _arranged(_grouped(arrays), options.layers, options.layout or layout)
    layers = [_layer(one, layout) for one in order]
    network = Network(order[0].sizes(layout)[0], tuple(layers[:-1]), layers[-1])
    kinds = dict.fromkeys(array.kind.name for array in arrays.values())
    return LoadedNetwork(network, fmt, " and ".join(kinds), about, tuple(_notes(order, layout)))


def is_name(name: str) -> bool:
    """Whether a name is that of a linear layer's weight or bias."""
    return bool(_role.search(name))


def check_names(names: Collection[str]) -> None:
    """Raise FormatError, naming them, where arrays are no part of a linear layer by their names."""
    for name in names:
        check_printable(name)
    if strange := [name for name in names if not is_name(name)]:
        raise FormatError(
            f"{_listed(strange)}: neither the weight nor the bias of a linear layer by its name; such as 0.weight and "
            "0.bias, or W1 and b1, are read, and nothing else may be there"
        )


def check_printable(name: str) -> None:
    """Raise FormatError unless a name can stand in a message as it is."""
    if not name.isprintable() or not 0 < len(name) <= LONGEST_NAME:
        raise FormatError(f"an array has the name {brief(name)}")


# ---------------------------------------------------------------- the layers


def _grouped(arrays: Mapping[str, Stored]) -> dict[str, _Linear]:
    """The layers by name, in the natural order of names; raises FormatError at an array that is no part of one."""
    weights: dict[str, Stored] = {}
    biases: dict[str, Stored] = {}
    for name, array in arrays.items():
        layer, axes = _told(name)
        shape = array.tensor.shape
        if len(shape) != axes or not all(shape):
            word = "weight has two axes" if axes == 2 else "bias has one axis"
            raise FormatError(f"{name} has shape {list(shape)}; a linear layer's {word}, and nothing else is read")
        side = weights if axes == 2 else biases
        if layer in side:
            raise FormatError(f"{side[layer].tensor.name} and {name} would both belong to layer {layer}")
        side[layer] = array
    for layer in biases.keys() - weights.keys():
        raise FormatError(f"{biases[layer].tensor.name} is the bias of a layer that has no weight in this file")
    if not weights:
        raise FormatError("the file holds no weights")
    return {name: _Linear(name, weights[name], biases.get(name)) for name in sorted(weights, key=_natural)}


def _told(name: str) -> tuple[str, int]:
    """A tensor's layer, and its number of axes: 2 for a weight, 1 for a bias."""
    found = _role.search(name)
    if found is None:
        raise FormatError(f"{name}: neither a weight nor a bias")
    before, after = name[: found.start()].rstrip("._/"), name[found.end() :].lstrip("._/")
    layer = ".".join(filter(None, (before, after)))
    return layer or "weight", 2 if found["weight"] else 1


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts fc2 before fc10: texts and numbers in turn."""
    return tuple((int(part) if k % 2 else 0, part) for k, part in enumerate(_digits.split(name)))


def _layer(one: _Linear, layout: str) -> Layer:
    rows: list[dict[int, Fraction]] = [{} for _ in range(one.sizes(layout)[1])]
    biases = [Fraction(0)] * len(rows)
    for (row, column), value in nonzero(*one.weight):
        unit, source = (row, column) if layout == TORCH else (column, row)
        rows[unit][source] = value
    for (unit,), value in nonzero(*one.bias) if one.bias else ():
        biases[unit] = value
    return normalise(zip(biases, rows, strict=True))


def _notes(order: Order, layout: str) -> Iterator[str]:
    """What was read into the file."""
    names = [f"{one.name} ({' -> '.join(map(str, one.sizes(layout)))})" for one in order]
    if len(names) > MOST_NAMED:
        names[MOST_NAMED - 3 : -2] = [f"... {len(names) - MOST_NAMED + 1} more ..."]
    lie = "[out, in]" if layout == TORCH else "[in, out]"
    yield f"read as Linear and ReLU in turn: {', ReLU, '.join(names)}; weights lie {lie}"
    if bare := [one.name for one in order if one.bias is None]:
        yield f"no bias is stored for {_listed(bare)}: read as zero"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"


# ---------------------------------------------------------------- their order, and how the weights lie


def _arranged(layers: Mapping[str, _Linear], names: tuple[str, ...] | None, layout: str | None) -> tuple[str, Order]:
    """The layout and the order of the layers; raises FormatError, with the option to give, where these are open."""
    layouts = LAYOUTS if layout is None else (layout,)
    natural = tuple(layers.values())
    groups = _runs(natural)
    if names is not None:
        natural = tuple(layers[name] for name in _complete(names, layers))
        groups = [natural]
    found = [(way, order) for way in layouts for order in _orders(groups, way, 2)]
    if len({way for way, _ in found}) > 1:
        raise FormatError(
            f"the weights of {_listed(list(layers))} chain both as [out, in] and as [in, out]: say --layout {TORCH} "
            f"(PyTorch's [out, in]) or --layout {IN_OUT} (for x @ W)"
        )
    if len(found) == 1 and found[0][1] == natural:
        if names is None:
            _check_places(natural)
        return found[0]
    if names is None:
        each = [(one,) for one in natural] if len(natural) <= MOST_NAMED else []
        other = found or [(way, order) for way in layouts for order in _orders(each, way, 1)]
        if other:
            possible = [one.name for one in other[0][1]]
            raise FormatError(
                f"the names {_listed(list(layers))} do not say in which order these layers are computed: "
                f"say it, such as --layers {','.join(possible[:MOST_NAMED])}"
            )
    raise FormatError(next(filter(None, (_misfit(natural, way) for way in layouts))))


def _check_places(order: Order) -> None:
    """Raise FormatError where the numbers of a Sequential leave no place for a ReLU between two of the layers.

    Where all follow each other, they are those of a list of layers, which says nothing of what lies between.
    """
    close: dict[str, list[str]] = {}
    wide: dict[str, list[str]] = {}
    for before, after in pairwise(order):
        one, two = _place.fullmatch(before.name), _place.fullmatch(after.name)
        if one and two and one[1] == two[1]:
            pairs = close if int(two[2]) == int(one[2]) + 1 else wide
            pairs.setdefault(one[1], [before.name, after.name])
    for stem in (stem for stem in close if stem in wide):
        raise FormatError(
            f"by their numbers nothing lies between {' and '.join(close[stem])}, where something does between "
            f"{' and '.join(wide[stem])}: if ReLU is between all of them, say --layers "
            f"{','.join(one.name for one in order[:MOST_NAMED])}; if not, export the model as ONNX"
        )


def _complete(names: tuple[str, ...], layers: Mapping[str, _Linear]) -> tuple[str, ...]:
    """The names given, which must be those of all layers, each once."""
    for name in names:
        if name not in layers:
            raise FormatError(f"--layers names {brief(name)}; the file's layers are {_listed(list(layers))}")
        if names.count(name) > 1:
            raise FormatError(f"--layers names {name} twice")
    if missing := [name for name in layers if name not in names]:
        raise FormatError(f"the file also has {_listed(missing)}, which --layers does not name")
    return names


def _runs(natural: Order) -> list[Order]:
    """The layers whose names differ in numbers only, in the order of these."""
    runs: dict[str, list[_Linear]] = {}
    for one in natural:
        runs.setdefault(_digits.sub("0", one.name), []).append(one)
    return [tuple(run) for run in runs.values()]


def _orders(groups: Sequence[Order], layout: str, most: int) -> list[Order]:
    """At most `most` orders of all layers in which the shapes chain and each group keeps its own order.

    Where the search would take long, one order stands twice: it cannot be called the only one.
    """
    if not groups or any(_unfit(one, layout) for run in groups for one in run):
        return []
    if len(groups) == 1:
        return [groups[0]] if _misfit(groups[0], layout) is None else []
    total = sum(map(len, groups))
    found: list[Order] = []
    stack: list[tuple[Order, tuple[int, ...]]] = [((), (0,) * len(groups))] if total <= MOST_ORDERED else []
    steps = 0
    while stack and len(found) < most and steps < MOST_STEPS:
        steps += 1
        order, taken = stack.pop()
        if len(order) == total:
            found.append(order)
        for k in reversed(range(len(groups))):
            if taken[k] == len(groups[k]):
                continue
            one = groups[k][taken[k]]
            if not order or order[-1].sizes(layout)[1] == one.sizes(layout)[0]:
                stack.append(((*order, one), (*taken[:k], taken[k] + 1, *taken[k + 1 :])))
    if len(found) < most and (stack or total > MOST_ORDERED):
        return (found or [tuple(one for run in groups for one in run)])[:1] * 2
    return found


def _misfit(order: Order, layout: str) -> str | None:
    """The first shapes that do not fit, in words; None if all do."""
    for one in order:
        if problem := _unfit(one, layout):
            return problem
    for before, after in pairwise(order):
        units, inputs = before.sizes(layout)[1], after.sizes(layout)[0]
        if units != inputs:
            shape = list(after.weight.tensor.shape)
            lie = "[out, in]" if layout == TORCH else "[in, out]"
            return (
                f"{after.weight.tensor.name} has shape {shape}, read as {lie} {inputs} inputs, "
                f"but {before.name} before it has {units} units"
            )
    return None


def _unfit(one: _Linear, layout: str) -> str | None:
    """What is wrong with a layer by itself."""
    units = one.sizes(layout)[1]
    if one.bias is None or one.bias.tensor.shape == (units,):
        return None
    shape, bias = list(one.weight.tensor.shape), one.bias.tensor
    return f"{bias.name} has shape {list(bias.shape)}, but {one.weight.tensor.name} of shape {shape} has {units} units"
