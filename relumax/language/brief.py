"""A program as text, as it is shown in messages: cut after so many characters.

A node is read by its `op`, `args` and `data` alone, so that `expr` can use this without a circle of imports.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Node(Protocol):
    """What is read of a node of a program (`relumax.language.expr.Expr` has the table)."""

    op: str
    data: Any

    @property
    def args(self) -> tuple[Node, ...]:
        """The children."""


def brief(expr: Node, limit: int = 80) -> str:
    """The program as text, cut after about `limit` characters."""
    parts: list[str] = []
    length = 0
    pending: list[Node | str] = [expr]
    while pending and length <= limit:
        item = pending.pop()
        text = item if isinstance(item, str) else None
        if not isinstance(item, str):
            match item.op:
                case "input":
                    text = f"x{item.data}"
                case "const" | "symbol":
                    text = str(item.data)
                case "call":
                    gadget = item.data[0] if isinstance(item.data, tuple) else item.data
                    name = getattr(gadget, "name", None)  # a step of an outline has none: its body is read
                    pending += [item.args[0]] if name is None else [")", *reversed(_joined(item.args[1:])), f"{name}("]
                case "relu" | "step" | "largest" | "smallest":
                    pending += [")", *reversed(_joined(item.args)), f"{item.op}("]
                case "scale" if item.data == -1:
                    pending += [")", item.args[0], "-("] if item.args[0].op == "add" else [item.args[0], "-"]
                case "scale":
                    wrap = item.args[0].op in ("add", "scale")
                    pending += [")" if wrap else "", item.args[0], f"{item.data}*{'(' if wrap else ''}"]
                case "add":
                    left, right = item.args
                    if right.op == "scale" and right.data == -1:
                        wrap = right.args[0].op == "add"
                        pending += [")" if wrap else "", right.args[0], " - (" if wrap else " - ", left]
                    else:
                        pending += [right, " + ", left]
        if text is not None:
            parts.append(text)
            length += len(text)
    return "".join(parts) if not pending else "".join(parts)[:limit] + " ..."


def _joined(items: Sequence[Node]) -> list[Node | str]:
    out: list[Node | str] = []
    for item in items:
        out += [", ", item] if out else [item]
    return out
