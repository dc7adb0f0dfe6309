"""Is the statement of a certificate true? Read anew from its JSON, nothing of the kernel used, and decided by z3.

Indices are taken one value after another, as integers; a statement holds if no real input meets the requirements and
breaks a promise, for any of them. `true_claim` is what the mutation campaign asks of every mutant that is accepted.
"""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import Any

import z3


def true_claim(certificate: dict[str, Any]) -> bool:
    """Whether every statement is true of the network."""
    return _decide(json.dumps([certificate["network"], certificate["claim"]], sort_keys=True))


@cache
def _decide(text: str) -> bool:
    network, claim = json.loads(text)
    return all(_statement(network, claim["arrays"], one) for one in claim["statements"])


def q(value: Any) -> Any:
    """A coefficient, or a ratio of two, as an exact z3 number."""
    return z3.RealVal(str(value))


def outputs(network: dict[str, Any], inputs: list[Any]) -> list[Any]:
    """The network's outputs as z3 terms."""

    def affine(row: list[Any], den: Any, below: list[Any]) -> Any:
        return (q(row[0]) + sum(q(c) * below[j] for j, c in zip(row[1::2], row[2::2], strict=True))) / q(den)

    values = inputs
    for layer in network["layers"]:
        sums = [affine(row, layer["den"], values) for row in layer["rows"]]
        values = [
            z3.If(t >= 0, q(1), q(0)) if k in layer["step"] else z3.If(t > 0, t, q(0)) for k, t in enumerate(sums)
        ]
    return [affine(row, network["output"]["den"], values) for row in network["output"]["rows"]]


class _Reading:
    """What names mean, for given inputs and index values."""

    def __init__(self, arrays: list[Any], sides: dict[str, list[Any]], index: dict[str, int]):
        self.index = index
        self.known: dict[str, Any] = {
            a["name"]: [sides[a["of"]][a["base"] + a["stride"] * i] for i in range(a["length"])] for a in arrays
        }

    def value(self, reference: str, i: int | None) -> Any:
        if reference == "i":
            return q(i)
        if reference in self.index:
            return q(self.index[reference])
        name, _, at = reference.rstrip("]").partition("[")
        if not at:
            return self.known[name]
        return self.known[name][i if at == "i" else self.index[at] if at in self.index else int(at)]

    def sum(self, terms: list[Any], i: int | None) -> Any:
        pairs = zip(terms[1::2], terms[2::2], strict=True)
        return q(terms[0]) + sum(q(c) * self.value(reference, i) for c, reference in pairs)

    def define(self, d: dict[str, Any]) -> None:
        if d["kind"] in ("max", "min"):
            best, *rest = self.known[d["of"]]
            for one in rest:
                best = z3.If(one > best if d["kind"] == "max" else one < best, one, best)
            self.known[d["name"]] = best
        elif d["kind"] == "list":
            self.known[d["name"]] = [self.sum(f[1:], None) / q(f[0]) for f in d["forms"]]
        else:
            n = d["length"]
            found = []
            for i in range(n or 1):
                t = self.sum(d["form"][1:], i if n else None) / q(d["form"][0])
                if d["kind"] == "relu":
                    t = z3.If(t > 0, t, q(0))
                elif d["kind"] == "step":
                    t = z3.If(t >= 0, q(1), q(0))
                found.append(t)
            self.known[d["name"]] = found if n else found[0]

    def clause(self, e: dict[str, Any]) -> Any:
        if e["each"] is None:
            return self._branches(e["any"], None)
        word, name = e["where"] or (None, None)
        found = []
        for i in range(e["each"]):
            w = self.index.get(name, 0)
            if word is None or {"before": i < w, "after": i > w, "except": i != w}[word]:
                found.append(self._branches(e["any"], i))
        return z3.And(found)

    def _branches(self, branches: list[Any], i: int | None) -> Any:
        compare = {"=": lambda t: t == 0, "<=": lambda t: t <= 0, "<": lambda t: t < 0}
        return z3.Or([z3.And([compare[one[0]](self.sum(one[1:], i)) for one in branch]) for branch in branches])

    def winner(self, r: dict[str, Any]) -> Any:
        w, values = self.index[r["winner"]], self.known[r["of"]]
        found = []
        if r["lattice"] is not None:
            p, over = r["lattice"]
            found += [x == q(p) / q(over) * z3.ToReal(z3.FreshInt("k")) for x in values]
        for i, x in enumerate(values):
            if i != w:
                word, *ratio = r["before"] if i < w else r["after"]
                gap = q(ratio[0]) / q(ratio[1]) if ratio else None
                best = values[w]
                found.append(
                    {
                        "<": lambda x=x, best=best, gap=gap: x < best,
                        "<=": lambda x=x, best=best, gap=gap: x <= best,
                        "gap": lambda x=x, best=best, gap=gap: x + gap <= best,
                        "tie": lambda x=x, best=best, gap=gap: z3.Or(x == best, x + gap <= best),
                    }[word]()
                )
        return z3.And(found)


def _statement(network: dict[str, Any], arrays: list[Any], one: dict[str, Any]) -> bool:
    inputs = [z3.Real(f"x{k}") for k in range(network["inputs"])]
    sides = {"in": inputs, "out": outputs(network, inputs)}
    for values in itertools.product(*[range(n) for _, n in one["index"]]):
        reading = _Reading(arrays, sides, dict(zip([name for name, _ in one["index"]], values, strict=True)))
        for d in one["define"]:
            reading.define(d)
        solver = z3.Solver()
        for r in one["requires"]:
            solver.add(reading.winner(r) if "winner" in r else reading.clause(r))
        solver.add(z3.Not(z3.And([reading.clause(e) for e in one["ensures"]])))
        answer = solver.check()
        if answer != z3.unsat:
            return False
    return True
