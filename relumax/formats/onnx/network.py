"""From what a graph computes to the network the theorem is about.

A graph whose units form a chain of whole layers, each reading the one before it and nothing else, is a strict network
already: its rows are taken as they are, dead and equal units included. Any other is compiled, as a program is.
"""

from __future__ import annotations

from collections.abc import Sequence

from relumax.formats.onnx.cells import Cell, Units
from relumax.language.expr import Expr, as_expr, relu, step
from relumax.language.expr import input as input_number
from relumax.network.compile import Form, compile
from relumax.network.layers import Layer, Network, normalise


def chain(units: Units, outputs: Sequence[Cell]) -> Network | None:
    """The network whose layers are those of the graph, in their order; None if they are no chain."""
    forms = [cell if isinstance(cell, Form) else Form(cell, {}) for cell in outputs]
    place = {atom: atom for atom in range(units.inputs)}
    layers: list[Layer] = []
    for atoms in units.layers:
        arguments = [units.arguments[atom - units.inputs] for atom in atoms]
        layer = _rows(arguments, place, [unit for unit, atom in enumerate(atoms) if atom in units.steps])
        if layer is None:
            return None
        layers.append(layer)
        place = {atom: unit for unit, atom in enumerate(atoms)}
    output = _rows(forms, place, [])
    return None if output is None else Network(units.inputs, tuple(layers), output)


def _rows(forms: Sequence[Form], place: dict[int, int], steps: Sequence[int]) -> Layer | None:
    """Forms as rows over the units that `place` numbers; None if one reads anything else."""
    if not all(form.terms.keys() <= place.keys() for form in forms):
        return None
    return normalise(
        ((form.bias, {place[atom]: weight for atom, weight in form.terms.items()}) for form in forms), steps
    )


def compiled(units: Units, outputs: Sequence[Cell]) -> Network:
    """The network of the program that a graph is; raises BudgetExceeded."""
    return compile(program(units, outputs), units.inputs)


def program(units: Units, outputs: Sequence[Cell]) -> list[Expr]:
    """What a graph computes, in the language; units that no output reads are left out."""
    wanted = {atom for cell in outputs if isinstance(cell, Form) for atom in cell.terms}
    for number in range(len(units.arguments) - 1, -1, -1):
        if units.inputs + number in wanted:
            wanted.update(units.arguments[number].terms)
    made: dict[int, Expr] = {atom: input_number(atom) for atom in range(units.inputs)}

    def expression(cell: Cell) -> Expr:
        if not isinstance(cell, Form):
            return as_expr(cell)
        total = as_expr(cell.bias)
        for atom, weight in cell.terms.items():
            total = total + made[atom] * weight
        return total

    for number, argument in enumerate(units.arguments):
        atom = units.inputs + number
        if atom in wanted:
            activation = step if atom in units.steps else relu
            made[atom] = activation(expression(argument))
    return [expression(cell) for cell in outputs]
