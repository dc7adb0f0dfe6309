"""The network a theorem is about: strict layers of sparse rows, exact rational weights."""

from math import gcd

from .errors import Malformed
from .proof import RELU, STEP
from .wire import form, index, items, number, positive, record, sparse


class Network:
    """Inputs 0..inputs-1, then the units in order: `units[k]` is (kind, form over earlier variables) of variable inputs + k.

    `outputs` are forms over the last layer (the inputs, if there is no layer).
    """

    __slots__ = ("inputs", "outputs", "units")

    def __init__(self, inputs, units, outputs):
        self.inputs, self.units, self.outputs = inputs, units, outputs


def read_network(value, fuel):
    """`{"inputs": n, "layers": [{"den": d, "rows": [[bias, j, c, ...], ...], "step": [...]}, ...], "output": {"den", "rows"}}`.

    Unit j of a layer is act((bias + sum c * h) / den) over the units h of the layer before (the inputs, for the first);
    `step` lists the step units, the others are relu. The numbers of a layer and its denominator have no common divisor.
    """
    inputs, layers, output = record(value, "network", ("inputs", "layers", "output"))
    index(inputs, "network.inputs", 1 << 20)
    if inputs == 0:
        raise Malformed("network.inputs", "a network has at least one input")
    units, base, width = [], 0, inputs
    for number_of_layer, layer in enumerate(items(layers, "network.layers")):
        path = f"network.layers[{number_of_layer}]"
        den, rows, steps = record(layer, path, ("den", "rows", "step"))
        forms = _rows(den, rows, path, base, width, fuel)
        kinds = [RELU] * len(forms)
        last = -1
        for unit in items(steps, path + ".step"):
            if index(unit, path + ".step", len(forms)) <= last:
                raise Malformed(path + ".step", "indices must increase strictly")
            kinds[unit], last = STEP, unit
        base, width = base + width, len(forms)
        units += zip(kinds, forms)
    den, rows = record(output, "network.output", ("den", "rows"))
    return Network(inputs, units, _rows(den, rows, "network.output", base, width, fuel))


def _rows(den, rows, path, base, width, fuel):
    common = den = positive(den, path + ".den")
    forms = []
    for k, row in enumerate(items(rows, path + ".rows", 1)):
        place = f"{path}.rows[{k}]"
        items(row, place, 1)
        bias, terms = number(row[0], place), sparse(row[1:], place, width)
        fuel.spend(len(row))
        if common != 1:
            common = gcd(common, bias, *[c for _, c in terms])
        forms.append(form(den, bias, tuple([(base + j, c) for j, c in terms])))
    if common != 1:
        raise Malformed(path, "a common divisor is left in the layer")
    return forms
