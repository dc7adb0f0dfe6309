"""A program as LaTeX, for notebooks: as written, a gadget's call by its name, and cut honestly when it is long.

A node is read by its `op`, `args` and `data` alone, so that `expr` can show itself without a circle of imports.
"""

from __future__ import annotations

from fractions import Fraction

from relumax.language.brief import Node

MAX_NODES, MAX_DEPTH = 200, 40


def latex_of(expr: Node) -> str:
    r"""LaTeX of the program; beyond 200 nodes or 40 levels a part is `\ldots` and the size of the whole is told.

    >>> from relumax.language.expr import inputs, relu
    >>> a, b = inputs(2)
    >>> print(latex_of(b / 2 - relu(a - b)))
    \frac{1}{2} x_{1} - \operatorname{relu}\left(x_{0} - x_{1}\right)
    """
    writer = _Writer()
    body = writer.write(expr, 0)
    if not writer.cut:
        return body
    return body + rf"\quad\text{{(cut: {_count(expr):,} nodes in all)}}"


def latex_number(value: int | Fraction) -> str:
    """An integer, or a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def _computed_from(node: Node) -> tuple[Node, ...]:
    return node.args[:1] if node.op == "call" else node.args


def _count(expr: Node) -> int:
    seen: set[Node] = set()
    stack = [expr]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(_computed_from(node))
    return len(seen)


class _Writer:
    def __init__(self) -> None:
        self.left, self.cut = MAX_NODES, False

    def write(self, node: Node, depth: int) -> str:
        """`node`, as long as nodes are left."""
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            self.cut = True
            return r"\ldots"
        match node.op:
            case "input":
                return f"x_{{{node.data}}}"
            case "symbol":
                return str(node.data).replace("_", r"\_")
            case "const":
                return latex_number(node.data)
            case "add":
                first, second = (self.write(arg, depth + 1) for arg in node.args)
                return f"{first} - {second[1:]}" if second.startswith("-") else f"{first} + {second}"
            case "scale":
                inner = self.write(node.args[0], depth + 1)
                if node.args[0].op == "add":
                    inner = rf"\left({inner}\right)"
                return ("-" if node.data == -1 else f"{latex_number(node.data)} ") + inner
            case "call" if isinstance(node.data, tuple) and not hasattr(node.data[0], "name"):
                return self.write(node.args[0], depth)  # a step of an outline
            case "call" if isinstance(node.data, tuple):
                gadget = str(node.data[0].name).replace("_", r"\_")
                args = ", ".join(self.write(arg, depth + 1) for arg in node.args[1:])
                return rf"\operatorname{{{gadget}}}\left({args}\right)"
        name = {"step": r"\theta"}.get(node.op, rf"\operatorname{{{node.op}}}")
        return rf"{name}\left({', '.join(self.write(arg, depth + 1) for arg in _computed_from(node))}\right)"
