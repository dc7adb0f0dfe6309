"""The network a theorem is about: strict layers of sparse rows, exact rational weights."""

from collections import namedtuple
from math import gcd

from .errors import Malformed
from .proof import RELU, STEP
from .wire import NEW, form, increasing, index, items, number, placed, positive, record, sparse

# `units[k]` is (kind, form over earlier variables) of variable inputs + k; variables below are the inputs. `outputs`
# are forms over the last layer (the inputs, if there is no layer); `fuel` is the budget the network was read with.
Network = namedtuple("Network", "inputs units outputs fuel")


def read_network(value, fuel):
    """`{"inputs": n, "layers": [{"den": d, "rows": [[bias, j, c, ...], ...], "step": [...]}, ...], "output": ...}`.

    Unit j of a layer is act((bias + sum c * h) / den) over the units h of the layer before (the inputs, for the first);
    `step` lists the step units, the others are relu. The numbers of a layer and its denominator have no common divisor.
    """
    inputs, layers, output = record(value, "network", ("inputs", "layers", "output"))
    if index(inputs, "network.inputs", 1 << 20) == 0:
        raise Malformed("network.inputs", "a network has at least one input")
    units: list[tuple[int, object]] = []
    base, width = 0, inputs
    for layer, path in placed(layers, "network.layers"):
        den, rows, steps = record(layer, path, ("den", "rows", "step"))
        forms = _rows(den, rows, path, base, width, fuel)
        kinds = [RELU] * len(forms)
        for unit in increasing(steps, path + ".step", len(forms)):
            kinds[unit] = STEP
        units += zip(kinds, forms, strict=True)
        base, width = base + width, len(forms)
    den, rows = record(output, "network.output", ("den", "rows"))
    return Network(inputs, units, _rows(den, rows, "network.output", base, width, fuel), fuel)


def _rows(den, rows, path, base, width, fuel):
    """The forms of a layer's rows; the layer before has `width` variables from `base` on."""
    common = den = positive(den, path + ".den")
    forms = []
    for row, place in placed(rows, path + ".rows", 1):
        fuel.spend(NEW * len(items(row, place, 1)))
        bias, terms = number(row[0], place), sparse(row[1:], place, width)
        common = 1 if common == 1 else gcd(common, bias, *[c for _, c in terms])
        forms.append(form(den, bias, tuple([(base + j, c) for j, c in terms])))
    if common != 1:
        raise Malformed(path, "a common divisor is left in the layer")
    return forms
