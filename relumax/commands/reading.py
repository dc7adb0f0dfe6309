"""A certificate for reading: statement, lemmas, tree, multipliers, with every fact written out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from relumax.engines.replay import proofs_of
from relumax.errors import FormatError
from relumax.formats.certificate import told
from relumax.kernel import KernelError, check, proof
from relumax.kernel.text import text

_RELATION = ("=", "<=", "<")


def readable(data: bytes, limit: int = 2000) -> list[str]:
    """The proof as lines, at most `limit` of them; raises FormatError if the kernel does not accept it."""
    try:
        theorem = check(data)
    except KernelError as problem:
        raise FormatError(f"not a certificate the kernel accepts: {told(problem, data)}") from None
    found = json.loads(data)
    widths = " ".join(str(len(layer["rows"])) for layer in found["network"]["layers"]) or "no"
    out = [f"theorem  {sentence}" for sentence in text(found["claim"])]
    inputs = found["network"]["inputs"]
    out.append(f"network  {inputs} inputs, layers of {widths} units, sha256 {theorem.network_sha256}")
    lemmas, statements = proofs_of(found)
    for k, (lemma, context, steps) in enumerate(lemmas):
        out.append(f"lemma {k}  over {lemma.variables} variables")
        out += [f"  unit   v{lemma.variables + j} = {_unit(*unit)}" for j, unit in enumerate(lemma.units[:50])]
        out += [f"  given  {_fact(fact)}" for fact in lemma.given] + [f"  then   {_fact(fact)}" for fact in lemma.then]
        out += _lines(context, steps, limit)
    for k, (_, context, steps) in enumerate(statements):
        out.append(f"proof of statement {k}")
        out += _lines(context, steps, limit)
    return out if len(out) <= limit else [*out[:limit], f"... {len(out) - limit} more lines"]


def _lines(context: Any, steps: list[Any], limit: int) -> list[str]:
    out = [f"  f{k}  {_fact(context.fact(k, ''))}" for k in range(min(len(context.facts), 200))]
    for line in _replay(context, steps):
        if len(out) >= limit:
            return [*out, "  ..."]
        out.append(f"  {line}")
    return out


def _replay(context: Any, steps: list[Any]) -> Iterator[str]:
    """The steps, run as the kernel runs them; each with the facts it made, indented by the branches it stands in."""
    reader = proof.Reader(steps, "")
    frames: list[Any] = []
    while reader.at < len(steps):
        rule = proof.RULES[reader.next()]
        start, known, pad = reader.at, len(context.facts), "  " * min(len(frames), 30)
        opened: Any = rule(context, reader)  # type: ignore[no-untyped-call]
        operands = steps[start : reader.at]
        if opened is None:
            said = _sum(operands) if rule is proof.combine else _operands(operands)
            yield f"{pad}{rule.__name__:<9} {said}"
            yield from _new(context, known, pad)
            continue
        if opened is proof.CLOSED:
            yield f"{pad}leaf      {_sum(operands)} is false"
        else:
            branches, goals, kept = opened
            yield f"{pad}{rule.__name__:<9} {_fact(kept) + ', because' if kept else _operands(operands)}"
            frames.append((context.mark(), context.goals, iter(branches), kept))
            context.goals = goals
        while frames:
            mark, goals, branches, kept = frames[-1]
            context.restore(*mark)
            known = len(context.facts)
            branch = next(branches, None)
            if branch is None:
                frames.pop()
                context.goals = goals
            for fact in branch if branch is not None else () if kept is None else (kept,):
                context.add(fact)
            yield from _new(context, known, "  " * min(len(frames), 30))
            if branch is not None or kept is not None:
                break


def _new(context: Any, known: int, pad: str) -> Iterator[str]:
    for k in range(known, len(context.facts)):
        yield f"{pad}f{k}  {_fact(context.fact(k, ''))}"


def _sum(operands: list[Any]) -> str:
    pairs = zip(operands[1::2], operands[2::2], strict=True)
    return " + ".join(f"{m} f{f}" if m != 1 else f"f{f}" for f, m in pairs)


def _operands(values: list[Any]) -> str:
    """Lists are forms, or `[h]`, the form of a unit."""
    return " ".join(_form(one) if isinstance(one, list) and len(one) > 1 else str(one) for one in values)


def _unit(kind: int, value: Any) -> str:
    return f"{'step' if kind else 'relu'}({_kernel_form(value)})"


def _form(value: list[Any]) -> str:
    terms = tuple(zip(value[2::2], map(int, value[3::2]), strict=True))
    return f"[{_kernel_form((int(value[0]), int(value[1]), terms))}]"


def _kernel_form(value: Any) -> str:
    inner = _linear(value[1], value[2])
    return inner if value[0] == 1 else f"({inner})/{value[0]}"


def _linear(const: int, terms: Any) -> str:
    parts = [f"{'' if c == 1 else '-' if c == -1 else f'{c} '}v{v}" for v, c in terms]
    if const or not parts:
        parts.append(str(const))
    return " + ".join(parts).replace("+ -", "- ")


def _fact(value: Any) -> str:
    if value[0] == proof.MAX:
        return f"{_kernel_form(value[1])} = max({', '.join(_kernel_form(one) for one in value[2])})"
    branches = value[1] if value[0] == proof.OR else ((value,),)
    return " or ".join(" and ".join(f"{_linear(c, t)} {_RELATION[r]} 0" for r, c, t in branch) for branch in branches)
