"""Nowhere in relumax are programs compared as if `==` were identity: it makes a condition, which is no truth value.

mypy is asked for the type of everything that `==`, `!=`, `in`, `.index`, `.remove` and `.count` compare. Programs are
not compared where a truth value is wanted, and lists and tuples that hold programs nowhere. Keys of dictionaries and
elements of sets are programs: those are found by identity, and no two programs that are alive have one hash.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("index", "remove", "count")
BAD = """
from relumax.language.expr import Expr

def bad(a: Expr, b: Expr, many: list[Expr], pair: tuple[Expr, int], known: dict[Expr, int], seen: set[Expr]) -> bool:
    if a == b or not a != b:  # bad twice
        return a in many  # bad
    while a == 3:  # bad
        many.remove(a)  # bad
    if any(one == b for one in many) and [x for x in many if x == a]:  # bad twice
        return pair == (b, 1)  # bad
    known[b] = many.index(a) if many == [b] else pair.count(b)  # bad 3 times
    good = (a == b) | (b != 0)
    return a in known and a in seen and a is b and a.op == "relu" and [good] != [] and pair[1] == 1
"""


class Asked(ast.NodeTransformer):
    """Asks for the types of what is compared."""

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        self.generic_visit(node)
        if any(isinstance(op, (ast.Eq, ast.NotEq, ast.In, ast.NotIn)) for op in node.ops):
            node.left, node.comparators = asked(node.left), [asked(one) for one in node.comparators]
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            node.func.value = asked(node.func.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        return node  # no line can be broken there


def asked(node: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("reveal_type", ast.Load()), [node], [])


def wanted_true(tree: ast.Module) -> set[int]:
    """The expressions whose truth value is wanted."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.If(test=one) | ast.While(test=one) | ast.IfExp(test=one) | ast.Assert(test=one):
                found.append(one)
            case ast.BoolOp(values=several) | ast.comprehension(ifs=several):
                found += several
            case ast.UnaryOp(op=ast.Not(), operand=one) | ast.match_case(guard=ast.expr() as one):
                found.append(one)
            case ast.Call(func=ast.Name(id="any" | "all"), args=[ast.GeneratorExp(elt=one)]):
                found.append(one)
    return {id(one) for one in found}


def wrong(path: Path, types: dict[tuple[int, int], str]) -> list[str]:
    """The comparisons of a file that go wrong, given the type at (line, column)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    needed, found = wanted_true(tree), []

    def type_of(node: ast.expr) -> str:
        [inner] = node.args
        return types.get((inner.lineno, inner.col_offset + 1), "")

    for node in ast.walk(tree):
        bad = False
        match node:
            case ast.Compare(left=ast.Call(func=ast.Name(id="reveal_type"))):
                for op, *sides in zip(node.ops, [node.left, *node.comparators[:-1]], node.comparators, strict=True):
                    if isinstance(op, (ast.In, ast.NotIn)):
                        bad |= holds_programs(type_of(sides[1]))
                    elif isinstance(op, (ast.Eq, ast.NotEq)):
                        bad |= any(map(holds_programs, map(type_of, sides)))
                        bad |= id(node) in needed and any(map(is_program, map(type_of, sides)))
            case ast.Call(func=ast.Attribute(attr=attr, value=ast.Call(func=ast.Name(id="reveal_type")) as of)):
                bad = attr in METHODS and holds_programs(type_of(of))
        if bad:
            found.append(f"{path.name}:{node.lineno}: {ast.unparse(node).replace('reveal_type', '')}")
    return found


def is_program(said: str) -> bool:
    return re.fullmatch(r"(.* \| )?relumax\.language\.expr\.Expr( \| .*)?", said) is not None


def holds_programs(said: str) -> bool:
    """Lists, tuples and the like, not what looks up by hash."""
    listed = r"([\w.]+\.)?(list|tuple|Sequence|Iterable|Iterator|deque)\["
    said = said.replace("relumax.language.condition.Condition[relumax.language.expr.Expr]", "Condition")
    return "expr.Expr" in said and re.match(listed, said) is not None


def test_programs_are_compared_by_identity(tmp_path):
    copy = tmp_path / "relumax"
    shutil.copytree(ROOT / "relumax", copy, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    (copy / "language" / "bad.py").write_text(BAD, encoding="utf-8")
    files = [path for path in sorted(copy.rglob("*.py")) if path.parent.name != "kernel"]
    for path in files:
        tree = Asked().visit(ast.parse(path.read_text(encoding="utf-8")))
        text = ast.unparse(ast.fix_missing_locations(tree))
        path.write_text(text.replace("reveal_type(", "reveal_type(\n"), encoding="utf-8")  # mypy says all once a line
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    command = [sys.executable, "-m", "mypy", "--show-column-numbers", "--hide-error-context", "--cache-dir", "cache"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    types: dict[str, dict[tuple[int, int], str]] = {}
    note = re.compile(r'^(.*?):(\d+):(\d+): note: Revealed type is "(.*)"$', re.MULTILINE)
    for file, line, column, revealed in note.findall(said):
        types.setdefault(file, {})[int(line), int(column)] = revealed
    assert len(types) > 40, said
    found = [one for path in files for one in wrong(path, types.get(str(path.relative_to(tmp_path)), {}))]
    assert len([one for one in found if one.startswith("bad.py")]) == 11
    assert not [one for one in found if not one.startswith("bad.py")]
