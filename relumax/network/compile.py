"""Program -> strict feed-forward network, exactly.

Every relu and step of the program becomes a unit of layer 1 + (the deepest unit its argument reads); an argument is an
affine form over inputs and earlier units, its *atoms*. What a layer must pass on, because a later layer reads it, is
*carried* by units of its own: relu(g) for a value g known to be >= 0, relu(g) and relu(-g) for any other, g = relu(g) -
relu(-g). Units of the layer itself are read directly and cost nothing.

The carried values are chosen backwards, from the outputs to the inputs. Let F be the forms computed after layer t: the
arguments of layer t + 1, the values carried there, or the outputs. The *old part* of a form is its linear part over
atoms of depth < t. Every form of F is an affine form of units of layer t exactly if the old parts of F lie in the span
of the carried values B_t, so B_t is a basis of the span of the old parts, which are linear in what layer t - 1 computes
and carries. Among the bases made of natural candidates (values the program names, single atoms, the old parts
themselves) a greedy choice by number of new units is a cheapest one: independent sets are a matroid.

So `max(a, b) = b + relu(a - b)` costs three units, or two where b >= 0, and a tournament 3(n - 1) for n a power of two
(the construction of Arora, Basu, Mianjy, Mukherjee, arXiv 1611.01491). A program without relu has no hidden layer.
Programs and layers are walked iteratively.

>>> from relumax.language.expr import inputs, relu
>>> a, b = inputs(2)
>>> compile([b + relu(a - b)], 2).layers[0].rows
((0, ((0, 1), (1, -1))), (0, ((1, 1),)), (0, ((1, -1),)))
>>> sizes([b + relu(a - b)], 2, nonnegative=[1]).widths
(2,)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from relumax.errors import BudgetExceeded, ProgramError
from relumax.language.expr import Expr, affine, brief, children, factor_of, topological
from relumax.language.numbers import exact
from relumax.network.echelon import Echelon, Vector, add_multiple
from relumax.network.layers import Network, Rational, normalise
from relumax.size import allowed


class Form(NamedTuple):
    """An affine form `bias + sum of terms[atom] * atom`; atoms are numbered as in `_Program`."""

    bias: Rational
    terms: Vector


class Sizes(NamedTuple):
    """The sizes of a network that need not exist: units per hidden layer."""

    widths: tuple[int, ...]

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return len(self.widths)

    @property
    def width(self) -> int:
        """The number of units of the widest hidden layer; 0 without one."""
        return max(self.widths, default=0)

    @property
    def size(self) -> int:
        """The number of hidden units."""
        return sum(self.widths)


def compile(outputs: Sequence[Expr], n_inputs: int, nonnegative: Collection[int] = ()) -> Network:
    """The strict feed-forward network of `n_inputs` inputs that computes `outputs`, exactly, on all of R^n_inputs.

    `nonnegative` holds indices of inputs known to be >= 0; the network is equal to the program where they are.
    Raises ProgramError if there is no output or an input is out of range, and BudgetExceeded, before anything is
    built, if the network would have more hidden units than are allowed (`relumax.size`).
    """
    program = _Program(outputs, n_inputs, nonnegative)
    stages = list(_stages(program))
    maps = [normalise(map(below.row, above.forms), above.steps) for above, below in pairwise(stages)]
    return Network(n_inputs, tuple(reversed(maps[1:])), maps[0])


def sizes(outputs: Sequence[Expr], n_inputs: int, nonnegative: Collection[int] = ()) -> Sizes:
    """The sizes of `compile(outputs, n_inputs, nonnegative)`, without building it. Raises the same errors."""
    program = _Program(outputs, n_inputs, nonnegative)
    _, *widths, _ = [len(stage.forms) for stage in _stages(program)]
    return Sizes(tuple(reversed(widths)))


def carriers(
    outputs: Sequence[Expr], n_inputs: int, nonnegative: Collection[int] = ()
) -> list[list[tuple[int, int | None]]]:
    """What each layer of `compile(outputs, n_inputs, nonnegative)` carries, as (plus, minus): unit plus - unit minus.

    Where minus is None the value is known to be >= 0, and unit plus alone carries it.
    """
    _, *stages, _ = _stages(_Program(outputs, n_inputs, nonnegative))
    return [[(plus, stage.minus.get(k)) for k, plus in enumerate(stage.plus)] for stage in reversed(stages)]


class _Program:
    """The program as forms over numbered atoms: the inputs 0..n-1, then the distinct units as the program wrote them.

    Units with the same activation and the same form over atoms are one atom, so all that follows sees them merged.
    """

    def __init__(self, outputs: Sequence[Expr], n_inputs: int, nonnegative: Collection[int]):
        if not outputs:
            raise ProgramError("a program has at least one output")
        if n_inputs < 1:
            raise ProgramError(f"a network has at least one input, not {n_inputs}")
        self.depth = [0] * n_inputs
        self.nonnegative = [False] * n_inputs
        for index in nonnegative:
            if not 0 <= index < n_inputs:
                raise ProgramError(f"x{index} is assumed >= 0, but the inputs are x0 to x{n_inputs - 1}")
            self.nonnegative[index] = True
        self.layers: list[list[int]] = []
        self.forms: dict[int, Form] = {}
        self.arguments: dict[int, Expr] = {}
        self.steps: set[int] = set()
        self.level: dict[Expr, int] = {}
        self._number: dict[Expr, int] = {}
        nodes = topological(outputs)
        self._rank = {node: rank for rank, node in enumerate(nodes)}
        self._read(nodes, n_inputs)
        self.outputs = list(outputs)
        self.output_forms = [self.form(output) for output in outputs]
        self._schedule(nodes, n_inputs)

    def _read(self, nodes: list[Expr], n_inputs: int) -> None:
        """Number the atoms, each as early as it can be."""
        self.written = sum(node.op in ("relu", "step") for node in nodes)
        merged: dict[tuple[str, Rational, tuple[tuple[int, Rational], ...]], int] = {}
        for node in nodes:
            if node.op == "input":
                index = node.data
                if not isinstance(index, int) or index >= n_inputs:
                    raise ProgramError(f"the program reads x{index}, but there are {n_inputs} inputs")
                self._number[node] = index
            elif node.op in ("relu", "step"):
                form = self.form(node.args[0])
                atom = merged.setdefault((node.op, form.bias, tuple(form.terms.items())), len(self.depth))
                if atom == len(self.depth):
                    self._add(atom, node, form)
                    _check_budget(len(merged), self.written)
                self._number[node] = atom
            elif node.op in ("symbol", "largest", "smallest"):
                raise ProgramError(f"{brief(node)} is for conditions; in a program write maximum, minimum, relu, step")
        self.size = len(merged)

    def _add(self, atom: int, node: Expr, form: Form) -> None:
        depth = 1 + max((self.depth[read] for read in form.terms), default=0)
        self.depth.append(depth)
        self.nonnegative.append(True)
        self.forms[atom] = form
        self.arguments[atom] = node.args[0]
        if node.op == "step":
            self.steps.add(atom)

    def _schedule(self, nodes: list[Expr], n_inputs: int) -> None:
        """Fill the layers; `level` of a node is the depth of the deepest atom anywhere in its linear part.

        A relu of what is known to be >= 0 only copies it (the essay's D = relu(B)). Where a later layer reads what it
        copies, it waits for the last such layer, or the one before the first that reads the copy: one unit then
        carries both. No longer: what is summed with the copy is then carried with it.
        """
        last = max(self.depth)
        first_read = [last + 1] * len(self.depth)
        last_read = [0] * len(self.depth)
        for form in self.output_forms:
            for read in form.terms:
                last_read[read] = last + 1
        for atom, form in self.forms.items():
            for read in form.terms:
                last_read[read] = max(last_read[read], self.depth[atom])
        for atom in range(len(self.depth) - 1, n_inputs - 1, -1):
            form = self.forms[atom]
            if (
                atom not in self.steps
                and form.bias >= 0
                and all(
                    weight > 0 and self.nonnegative[read] and last_read[read] > self.depth[atom]
                    for read, weight in form.terms.items()
                )
            ):
                self.depth[atom] = min([first_read[atom] - 1, *(last_read[read] for read in form.terms)])
            for read in form.terms:
                first_read[read] = min(first_read[read], self.depth[atom])
        self.layers.extend([] for _ in range(last))
        for atom in range(n_inputs, len(self.depth)):
            self.layers[self.depth[atom] - 1].append(atom)
        for node in nodes:
            if node in self._number:
                self.level[node] = self.depth[self._number[node]]
            else:
                self.level[node] = max([self.level[child] for child in children(node)], default=0)

    def form(self, expr: Expr) -> Form:
        """The form of `expr` over numbered atoms; every atom in it must be numbered already."""
        over_nodes = affine(expr)
        terms: Vector = {}
        for node, weight in over_nodes.terms.items():
            atom = self._number[node]
            terms[atom] = exact(terms[atom] + weight if atom in terms else weight)
        if len(terms) < len(over_nodes.terms):  # merged units may have cancelled
            terms = {atom: weight for atom, weight in terms.items() if weight}
        return Form(exact(over_nodes.const), dict(sorted(terms.items())))

    def named_values(self, roots: Sequence[Expr], t: int, limit: int) -> list[Vector]:
        """The old parts, at layer t, of the values the program names on the way to `roots`, outermost first.

        Sums that read layer t are opened, down to values computed before it. Those are taken whole, like the `b` of
        `b + relu(a - b)`, and opened once more, so that `p` and `q` of an old `p - q` are found too. Stops after about
        `limit` coefficients: the partial sums of one sum of thousands of terms are not worth their quadratic length.
        """
        old: dict[Expr, Vector] = {}
        for node in topological(roots, lambda node: _parts(node) if self.level[node] >= t else ()):
            if self.level[node] < t:
                old[node] = self.form(node).terms
                for part in _parts(_without_factor(node)):
                    named = _without_factor(part)
                    old[named] = self.form(named).terms
            elif parts := _parts(node):
                first, *rest = parts
                total = dict(old[first])
                for part in rest:
                    add_multiple(total, 1, old[part])
                if node.op == "scale":
                    total = {atom: exact(factor_of(node) * weight) for atom, weight in total.items()}
                old[node] = total
            else:
                old[node] = {}
            limit -= len(old[node])
            if limit < 0:
                break
        outermost_first = sorted(old, key=lambda node: self._rank[node], reverse=True)
        return [old[node] for node in outermost_first if node.op != "scale" and old[node]]


class _Stage:
    """The units of layer t, and how an affine form of the layer after it reads them.

    `forms` are the units' arguments over atoms. Atom a of depth t is unit `place[a]`; basis vector k is carried as
    unit `plus[k]` minus unit `minus[k]`, the latter only if it is not known to be >= 0.
    """

    __slots__ = ("basis", "forms", "minus", "place", "plus", "steps")

    def __init__(self, forms: list[Form], place: dict[int, int], steps: Sequence[int] = ()):
        self.forms, self.place, self.steps = forms, place, steps
        self.basis = Echelon()
        self.plus: list[int] = []
        self.minus: dict[int, int] = {}

    def carry(self, candidates: Sequence[Vector], span: Echelon, nonnegative: Sequence[bool]) -> None:
        """Add the units that carry `span`, along a cheapest basis among the `candidates`; the first of equals wins."""
        relus = set(range(len(self.forms))).difference(self.steps)
        present = {frozenset(self.forms[unit].terms.items()): unit for unit in relus if self.forms[unit].bias == 0}

        def oriented(vector: Vector) -> tuple[int, Vector, bool]:
            """(number of new units, the vector or its opposite, whether it is known to be >= 0)."""
            opposite = {atom: -weight for atom, weight in vector.items()}
            known = all(nonnegative[atom] for atom in vector)
            for side in (vector, opposite):
                if known and all(weight > 0 for weight in side.values()):
                    return int(frozenset(side.items()) not in present), side, True
            return sum(frozenset(side.items()) not in present for side in (vector, opposite)), vector, False

        choices = [oriented(vector) for vector in candidates if vector in span]
        for _, vector, known in sorted(choices, key=lambda choice: (choice[0], len(choice[1]))):
            if len(self.basis) == len(span):
                break
            if not self.basis.insert(vector):
                continue
            self.plus.append(self._unit(vector, present))
            if not known:
                opposite = {atom: -weight for atom, weight in vector.items()}
                self.minus[len(self.plus) - 1] = self._unit(opposite, present)

    def _unit(self, terms: Vector, present: dict[frozenset[tuple[int, Rational]], int]) -> int:
        unit = present.setdefault(frozenset(terms.items()), len(self.forms))
        if unit == len(self.forms):
            self.forms.append(Form(0, terms))
        return unit

    def row(self, form: Form) -> tuple[Rational, Vector]:
        """`form`, over atoms of depth <= t, as a row `(bias, {unit of this layer: coefficient})`."""
        row: Vector = {}
        old: Vector = {}
        for atom, weight in form.terms.items():
            if atom in self.place:
                row[self.place[atom]] = weight
            else:
                old[atom] = weight
        for k, weight in self.basis.coordinates(old).items():
            add_multiple(row, weight, {self.plus[k]: 1})
            if k in self.minus:
                add_multiple(row, -weight, {self.minus[k]: 1})
        return form.bias, row


def _stages(program: _Program) -> Iterator[_Stage]:
    """The outputs, as a stage without activations; then the layers, the last first; then the inputs."""
    above = _Stage(program.output_forms, {})
    roots: Sequence[Expr] = program.outputs
    size = program.size
    yield above
    for t in range(len(program.layers), 0, -1):
        atoms = program.layers[t - 1]
        forms = [program.forms[atom] for atom in atoms]
        steps = [unit for unit, atom in enumerate(atoms) if atom in program.steps]
        stage = _Stage(forms, {atom: unit for unit, atom in enumerate(atoms)}, steps)
        needed = [
            {atom: weight for atom, weight in form.terms.items() if program.depth[atom] < t} for form in above.forms
        ]
        span = Echelon()
        for vector in needed:
            span.insert(vector)
        if span:
            reading = [root for root, vector in zip(roots, needed, strict=False) if vector]
            named = program.named_values(reading, t, 8 * sum(map(len, needed)) + 4096)
            single: list[Vector] = [{atom: 1} for atom in span.units()]
            stage.carry(named + single + [vector for vector in needed if vector], span, program.nonnegative)
        size += len(stage.forms) - len(atoms)
        _check_budget(size, program.written)
        yield stage
        above, roots = stage, [program.arguments[atom] for atom in atoms]
    yield _Stage([], {index: index for index in range(len(program.nonnegative) - program.size)})


def _parts(node: Expr) -> tuple[Expr, ...]:
    """What the affine part of `node` is summed from; nothing for atoms and constants."""
    return () if node.op in ("relu", "step") else children(node)


def _without_factor(node: Expr) -> Expr:
    return node.args[0] if node.op == "scale" else node


def _check_budget(size: int, written: int) -> None:
    most = allowed()
    if most is not None and size > most:
        raise BudgetExceeded(
            f"the network has at least {size} units (the program has {written} relu and step nodes), "
            f"more than the {most} allowed: raise the budget with --max-size"
        )
