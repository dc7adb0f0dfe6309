"""A program as LaTeX, for notebooks: as written, a gadget's call by its name, and cut honestly when it is long."""

from __future__ import annotations

from relumax.language.expr import Expr, children, constant_value, factor_of, topological
from relumax.simplify.render import latex_number

MAX_NODES, MAX_DEPTH = 200, 40


def latex_of(expr: Expr) -> str:
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
    return body + rf"\quad\text{{(cut: {len(topological([expr])):,} nodes in all)}}"


class _Writer:
    def __init__(self) -> None:
        self.left, self.cut = MAX_NODES, False

    def write(self, node: Expr, depth: int) -> str:
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
                return latex_number(constant_value(node))
            case "add":
                first, second = (self.write(arg, depth + 1) for arg in node.args)
                return f"{first} - {second[1:]}" if second.startswith("-") else f"{first} + {second}"
            case "scale":
                factor = factor_of(node)
                inner = self.write(node.args[0], depth + 1)
                if node.args[0].op == "add":
                    inner = rf"\left({inner}\right)"
                return ("-" if factor == -1 else f"{latex_number(factor)} ") + inner
            case "call" if isinstance(node.data, tuple) and not hasattr(node.data[0], "name"):
                return self.write(node.args[0], depth)  # a step of an outline
            case "call" if isinstance(node.data, tuple):
                gadget = str(node.data[0].name).replace("_", r"\_")
                args = ", ".join(self.write(arg, depth + 1) for arg in node.args[1:])
                return rf"\operatorname{{{gadget}}}\left({args}\right)"
        name = {"step": r"\theta"}.get(node.op, rf"\operatorname{{{node.op}}}")
        return rf"{name}\left({', '.join(self.write(arg, depth + 1) for arg in children(node))}\right)"
