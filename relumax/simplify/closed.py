"""The closed form of a program: max-plus where that is neat, else Piecewise over regions, else an honest message.

>>> from relumax.language.expr import inputs, relu
>>> a, b, c = inputs(3)
>>> larger = (a + b) / 2 + (relu(a - b) + relu(b - a)) / 2
>>> form = closed_form(c - relu(c - larger))
>>> print(form.text(), form.kind)
Min(Max(x0, x1), x2) max-plus
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, overload

from relumax.errors import BudgetExceeded
from relumax.language.expr import Expr, input_count, listed, topological
from relumax.simplify import render
from relumax.simplify.form import Form
from relumax.simplify.maxplus import MaxPlus
from relumax.simplify.regions import cases, lattice, regions
from relumax.simplify.shape import Sum, inputs_read, nested_step, shape, tangled, terms_in

MAX_UNITS = 40  # programs with more relus and steps are not cut into regions
MAX_REGIONS = 200  # ... nor when there are more of them than this
MAX_MERGED, MAX_CASES = 200, 12  # regions merged, and then written out, in a Piecewise
NESTED_STEP = 20  # a step inside another choice reads as badly as so many terms


class ClosedForm:
    """What one output computes: `kind` is "max-plus", "piecewise", or "none" (then `message` says how far it got).

    `promise` lists the inputs that have to be >= 0 for the form to be right.
    """

    __slots__ = ("body", "message", "promise")

    def __init__(self, body: Sum | tuple[render.Case, ...] | None, promise: Sequence[int] = (), message: str = ""):
        self.body, self.promise, self.message = body, tuple(promise), message

    @property
    def kind(self) -> str:
        """ "max-plus", "piecewise" or "none"."""
        return "max-plus" if isinstance(self.body, Sum) else "none" if self.body is None else "piecewise"

    def text(self) -> str:
        """One line, such as `Max(x0, x1)` or `Max(x0, x1) for x >= 0`; the message if there is no closed form."""
        if self.body is None:
            return self.message
        body = render.text(self.body) if isinstance(self.body, Sum) else render.text_cases(self.body)
        return body + (f" for {self._where('x{}')} >= 0" if self.promise else "")

    def latex(self) -> str:
        """LaTeX, without dollar signs."""
        if self.body is None:
            return rf"\text{{{self.message}}}"
        body = render.latex(self.body) if isinstance(self.body, Sum) else render.latex_cases(self.body)
        return body + (rf" \quad \text{{for }} {self._where('x_{{{}}}')} \geq 0" if self.promise else "")

    def sympy(self) -> Any:
        """The sympy expression over plain symbols x0, x1, ...; `BudgetExceeded` if there is no closed form."""
        if self.body is None:
            raise BudgetExceeded(self.message)
        return render.to_sympy(self.body) if isinstance(self.body, Sum) else render.cases_to_sympy(self.body)

    def _where(self, name: str) -> str:
        if isinstance(self.body, Sum) and set(inputs_read(self.body)) == set(self.promise):
            return "x"
        return ", ".join(name.format(i) for i in self.promise)

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def __repr__(self) -> str:
        return f"<closed form, {self.kind}: {self.text()}>"


@overload
def closed_form(outputs: Expr, nonnegative: Collection[int] = ()) -> ClosedForm: ...
@overload
def closed_form(outputs: Sequence[Expr], nonnegative: Collection[int] = ()) -> list[ClosedForm]: ...
def closed_form(outputs: Expr | Sequence[Expr], nonnegative: Collection[int] = ()) -> ClosedForm | list[ClosedForm]:
    """The closed form of a program (of several a list), on all of R^n, or where inputs in `nonnegative` are >= 0."""
    if isinstance(outputs, Expr):
        return closed_form([outputs], nonnegative)[0]
    outputs = listed(outputs) if not isinstance(outputs, (list, tuple)) or outputs else []
    workshop = MaxPlus(nonnegative)
    try:
        forms: Sequence[Form | BudgetExceeded] = workshop.forms(outputs)
    except BudgetExceeded as error:
        forms = [error] * len(outputs)
    found = [_closed(workshop, output, form) for output, form in zip(outputs, forms, strict=True)]
    if not nonnegative:
        return found
    plain = closed_form(outputs)  # say "for x >= 0" only where it matters
    return [p if p.kind != "none" and p.body == f.body else f for f, p in zip(found, plain, strict=True)]


def _closed(workshop: MaxPlus, output: Expr, form: Form | BudgetExceeded) -> ClosedForm:
    """The max-plus form if it is neat; of what the regions of a small program give, the shortest; else the message."""
    promise, message = sorted(workshop.nonnegative), "no neat closed form"
    candidates: list[tuple[int, Sum | tuple[render.Case, ...]]] = []
    try:
        if isinstance(form, BudgetExceeded):
            raise form
        written = shape(workshop, form)
        opaque = nested_step(written)
        if _neat(written):
            candidates.append((terms_in(written) + (NESTED_STEP if opaque else 0), written))
        if candidates and not opaque and not tangled(written):
            return ClosedForm(written, promise)
        message += f": {terms_in(written):,} terms as sums of maxima"
    except BudgetExceeded as error:
        message += f": {error}"
    try:
        candidates += _by_regions(workshop, output)
    except BudgetExceeded as error:
        message += f", {error}"
    if not candidates:
        return ClosedForm(None, promise, message)
    return ClosedForm(min(candidates, key=lambda candidate: candidate[0])[1], promise)


def _by_regions(workshop: MaxPlus, output: Expr) -> list[tuple[int, Sum | tuple[render.Case, ...]]]:
    """(length, form): the lattice form and the Piecewise that the linear regions give, where those are short."""
    units = [node.op for node in topological([output]) if node.op in ("relu", "step")]
    if len(units) > MAX_UNITS:
        raise BudgetExceeded(f"{len(units):,} relu and step units")
    n = input_count([output])
    promised = [i for i in workshop.nonnegative if i < n]
    cells = regions([output], n, MAX_REGIONS, promised)
    found: list[tuple[int, Sum | tuple[render.Case, ...]]] = []
    if "step" not in units:
        form = lattice(workshop, cells, 0, n, promised)
        written = None if form is None else shape(workshop, form)
        if written is not None and _neat(written):
            found.append((terms_in(written), written))
    if len(cells) <= MAX_MERGED:
        pieces = [_case(workshop, value, anywhere) for value, anywhere in cases(cells, 0)]
        if sum(len(case.anywhere) for case in pieces) <= MAX_CASES:
            found.append((sum(map(_length, pieces)), tuple(pieces)))
    if not found:
        raise BudgetExceeded(f"{len(cells):,} linear regions")
    return found


def _case(workshop: MaxPlus, value: Form, anywhere: list[tuple[tuple[Form, bool], ...]]) -> render.Case:
    parts = (tuple((shape(workshop, f), strict) for f, strict in part) for part in anywhere)
    return render.Case(shape(workshop, value), tuple(parts))


def _length(case: render.Case) -> int:
    return 1 + terms_in(case.value) + sum(1 + terms_in(f) for part in case.anywhere for f, _ in part)


def _neat(form: Sum) -> bool:
    """Short enough to be read: a few terms for each input it reads."""
    return terms_in(form) <= 24 + 4 * len(inputs_read(form))
