"""Programs in the language of statements: every relu and step becomes a definition, the rest a form over those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from relumax.errors import ProgramError
from relumax.language.expr import Expr, affine, children
from relumax.language.spec import Json, form


class Definitions:
    """The definitions of one statement; `names` says what the inputs of programs are called there: "x[0]", "c[w]".

    >>> from relumax.language.expr import inputs, relu
    >>> a, b = inputs(2)
    >>> found = Definitions({a: "x[0]", b: "x[1]"})
    >>> found.form(b + relu(a - b))
    [1, 0, 1, 'r0', 1, 'x[1]']
    >>> found.made
    [{'name': 'r0', 'kind': 'relu', 'length': None, 'form': [1, 0, 1, 'x[0]', -1, 'x[1]']}]
    """

    def __init__(self, names: Mapping[Expr, str]):
        self.names = dict(names)
        self.made: list[Json] = []
        self._known: dict[tuple[object, ...], str] = {}

    def form(self, expr: Expr) -> list[Any]:
        """`[den, const, c, reference, ...]`, the value of the program; what it needs is defined first."""
        for node in _below(expr):
            if node.op in ("relu", "step") and node not in self.names:
                self.names[node] = self._unit(node)
        return self._affine(expr)

    def array(self, name: str, exprs: Sequence[Expr]) -> None:
        """Define the array `name` of the values of these programs."""
        self.made.append({"name": name, "kind": "list", "forms": [self.form(one) for one in exprs]})

    def scalar(self, name: str, expr: Expr) -> None:
        """Define `name`, the value of the program."""
        self.made.append({"name": name, "kind": "form", "length": None, "form": self.form(expr)})

    def _unit(self, node: Expr) -> str:
        value = self._affine(node.args[0])
        key = node.op, *value
        if key not in self._known:
            name = self._known[key] = f"r{len(self._known)}"
            self.made.append({"name": name, "kind": node.op, "length": None, "form": value})
        return self._known[key]

    def _affine(self, expr: Expr) -> list[Any]:
        flat = affine(expr)
        missing = [one for one in flat.terms if one not in self.names]
        if missing:
            raise ProgramError(f"the program reads x{missing[0].data}, which is not among its inputs")
        terms: dict[str, Fraction] = {}
        for one, c in flat.terms.items():  # units of equal forms have one name
            terms[self.names[one]] = terms.get(self.names[one], Fraction(0)) + c
        return form({name: c for name, c in sorted(terms.items()) if c}, flat.const)


def _below(expr: Expr) -> Iterator[Expr]:
    """Every node of the program once, children first, in an order that depends on nothing but the program."""
    seen: set[Expr] = set()
    pending = [(expr, False)]
    while pending:
        node, ready = pending.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            pending.append((node, True))
            pending += [(child, False) for child in reversed(children(node))]
