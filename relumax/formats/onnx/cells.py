"""What a tensor's cells are while a graph is read: exact rationals, and affine forms over inputs and units.

Atoms 0 to n - 1 are the network's inputs; each unit, a relu or a step of a form, is the next atom. A cell that depends
on an input is a `Form` even where its weights are all zero: the unit made of it then stays a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from relumax.errors import BudgetExceeded
from relumax.language.numbers import exact
from relumax.network.compile import Form
from relumax.network.layers import Rational

Cell = Rational | Form


def number_of(cell: Cell) -> Rational | None:
    """The cell's value where no input changes it; None where one does."""
    if isinstance(cell, Form):
        return None if cell.terms else cell.bias
    return cell


WORK = 5
"""Most terms handled, for each unit that is allowed; a term of b bits counts 1 + b // 64."""

MAX_BITS = 2**14
"""The longest numerator or denominator: float64 weights reach it after seven products of extreme values."""


def words(value: Rational) -> int:
    """How many words of 64 bits a number has beyond the first; raises BudgetExceeded where it is too long."""
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if bits > MAX_BITS:
        raise BudgetExceeded(f"onnx: an exact number of {bits:,} bits, more than {MAX_BITS:,}")
    return bits // 64


def size_of(cell: Cell) -> int:
    """The work that a cell stands for; raises BudgetExceeded where one of its numbers is too long."""
    if isinstance(cell, Form):
        return 1 + len(cell.terms) + words(cell.bias) + sum(map(words, cell.terms.values()))
    return 1 + words(cell)


def add(one: Cell, other: Cell) -> Cell:
    """one + other."""
    if not isinstance(one, Form):
        return Form(exact(one + other.bias), other.terms) if isinstance(other, Form) else exact(one + other)
    if not isinstance(other, Form):
        return Form(exact(one.bias + other), one.terms) if other else one
    terms = dict(one.terms)
    for atom, weight in other.terms.items():
        total = terms.get(atom, 0) + weight
        if total:
            terms[atom] = exact(total)
        else:
            del terms[atom]
    return Form(exact(one.bias + other.bias), terms)


def scale(factor: Rational, cell: Cell) -> Cell:
    """factor * cell."""
    if factor == 1:
        return cell
    if not isinstance(cell, Form):
        return exact(factor * cell)
    if not factor:
        return Form(0, {})
    return Form(exact(factor * cell.bias), {atom: exact(factor * weight) for atom, weight in cell.terms.items()})


def subtract(one: Cell, other: Cell) -> Cell:
    """one - other."""
    return add(one, scale(-1, other)) if other else one


class Units:
    """The units of a graph in the order they are made, and the work done so far.

    Atom a >= inputs is the unit `steps[a]`-or-relu of `arguments[a - inputs]`. Each of `layers` lists the atoms that
    one operator made, in the row-major order of its tensor.
    """

    __slots__ = ("arguments", "inputs", "layers", "limit", "steps", "work")

    def __init__(self, inputs: int, limit: int) -> None:
        self.inputs, self.limit, self.work = inputs, limit, 0
        self.arguments: list[Form] = []
        self.steps: set[int] = set()
        self.layers: list[list[int]] = []

    def spend(self, terms: int) -> None:
        """Count work; raises BudgetExceeded beyond WORK terms for each unit allowed."""
        self.work += terms
        if self.work > WORK * self.limit:
            raise BudgetExceeded(
                f"onnx: the graph takes more than {WORK * self.limit:,} exact terms to read: "
                "raise the budget with --max-size"
            )

    def argument(self, atom: int) -> Form:
        """The form that a unit is the relu or step of; of an input, that input."""
        return self.arguments[atom - self.inputs] if atom >= self.inputs else Form(0, {atom: 1})

    def combine(self, pairs: Iterable[tuple[Rational, Cell]], dynamic: bool, bias: Rational = 0) -> Cell:
        """bias + sum of weight * cell; a form if `dynamic` or if any cell is one."""
        terms: dict[int, Rational] = {}
        work, doubled = 0, False
        for weight, cell in pairs:
            work += 1
            if not isinstance(cell, Form):
                bias += weight * cell
                work += words(bias)
                continue
            dynamic = True
            if not weight:
                continue
            if cell.bias:
                bias += weight * cell.bias
                work += words(bias)
            work += len(cell.terms)
            for atom, factor in cell.terms.items():
                if factor == 1:
                    product = weight
                else:
                    product = weight * factor
                    work += words(product)
                if atom in terms:
                    doubled = True
                    terms[atom] += product
                    work += words(terms[atom])
                else:
                    terms[atom] = product
        self.spend(work)
        if doubled:
            terms = {atom: exact(weight) for atom, weight in terms.items() if weight}
        return Form(exact(bias), terms) if dynamic else exact(bias)

    def relu(self, cells: Sequence[Cell]) -> list[Cell]:
        """relu of each cell: a unit of one new layer for every form, a number for every number."""
        return self._units(cells, False)

    def step(self, cells: Sequence[Cell]) -> list[Cell]:
        """1 where a cell is >= 0, else 0: a unit of one new layer for every form, a number for every number."""
        return self._units(cells, True)

    def _units(self, cells: Sequence[Cell], step: bool) -> list[Cell]:
        forms = [cell for cell in cells if isinstance(cell, Form)]
        first = self.inputs + len(self.arguments)
        atoms = range(first, first + len(forms))
        if len(self.arguments) + len(forms) > self.limit:
            raise BudgetExceeded(f"onnx: more than {self.limit:,} units: raise the budget with --max-size")
        self.arguments += forms
        self.layers += [list(atoms)] if forms else []
        self.steps.update(atoms if step else ())
        fresh = iter(atoms)
        found: list[Cell] = []
        for cell in cells:
            if isinstance(cell, Form):
                found.append(Form(0, {next(fresh): 1}))
            else:
                found.append(int(cell >= 0) if step else max(cell, 0))
        return found

    def maximum(self, ones: Sequence[Cell], others: Sequence[Cell]) -> list[Cell]:
        """The larger of each pair, `b + relu(a - b)`, where b is a number if either is: max(z, 0) is relu(z)."""
        pairs = [
            (b, a) if isinstance(b, Form) and not isinstance(a, Form) else (a, b)
            for a, b in zip(ones, others, strict=True)
        ]
        return [add(b, unit) for (_, b), unit in zip(pairs, self.relu([subtract(a, b) for a, b in pairs]), strict=True)]

    def minimum(self, ones: Sequence[Cell], others: Sequence[Cell]) -> list[Cell]:
        """The smaller of each pair: `-max(-a, -b)`."""
        return negated(self.maximum(negated(ones), negated(others)))

    def largest(self, rows: Iterable[Sequence[Cell]]) -> list[Cell]:
        """The largest cell of each row, none empty: neighbours are joined, in all rows at once, until one is left."""
        left = [list(row) for row in rows]
        while any(len(row) > 1 for row in left):
            pairs = [pair for row in left for pair in zip(row[::2], row[1::2], strict=False)]
            joined = iter(self.maximum([a for a, _ in pairs], [b for _, b in pairs]))
            left = [[next(joined) for _ in row[1::2]] + row[len(row) - len(row) % 2 :] for row in left]
        return [row[0] for row in left]

    def layer_of(self, cells: Sequence[Cell]) -> list[int] | None:
        """The layer whose units, all and in their order, the cells are; None if they are anything else."""
        forms = [cell for cell in cells if isinstance(cell, Form)]
        atoms = [atom for form in forms if not form.bias for atom, weight in form.terms.items() if weight == 1]
        if not all(len(form.terms) == 1 for form in forms):
            return None
        return atoms if len(atoms) == len(cells) and atoms in self.layers else None

    def chosen(self, mask: Sequence[Cell], ones: Sequence[Cell], others: Sequence[Cell]) -> list[Cell]:
        """ones[i] where mask[i] is 1, else others[i].

        Where both are layers of the same arguments (a relu and a step of each), what is chosen is one layer, each unit
        with its own activation, in place of the two.
        """
        found = [one if bit else other for bit, one, other in zip(mask, ones, others, strict=True)]
        first, second = self.layer_of(ones), self.layer_of(others)
        if first and second and first != second and self._arguments(first) == self._arguments(second):
            self.layers = [layer for layer in self.layers if layer not in (first, second)]
            self.layers.append([a if bit else b for bit, a, b in zip(mask, first, second, strict=True)])
        return found

    def _arguments(self, atoms: Iterable[int]) -> list[Form]:
        return [self.arguments[atom - self.inputs] for atom in atoms]


def negated(cells: Iterable[Cell]) -> list[Cell]:
    """-cell for each."""
    return [scale(-1, cell) for cell in cells]
