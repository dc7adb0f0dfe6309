"""What a theorem leaves unsaid: the elements it does not speak of, and what a maximum is called that it writes out."""

from __future__ import annotations

from typing import Any

from relumax.errors import SpecError
from relumax.kernel.errors import Malformed
from relumax.kernel.network import read_network
from relumax.kernel.statement import Claim
from relumax.kernel.wire import Fuel
from relumax.language.spec import Json, Spec


def said_of_all(text: str, spec: Spec) -> None:
    """Say of every element that it is at most 0 or above, in the last statement, if no statement mentions it."""
    rows = [[0]] * spec.height
    network = {"inputs": spec.width, "layers": [], "output": {"den": 1, "rows": rows}}
    for _ in spec.arrays:
        try:
            Claim(spec.claim(), read_network(network, Fuel(1 << 200)))
            return
        except Malformed as problem:
            name, bracket, _ = problem.reason.partition("[")
            unsaid = next((array for array in spec.arrays if array["name"] == name), None)
            if not bracket or unsaid is None:
                long = "its numbers become too long" if problem.reason.startswith("an integer") else problem.reason
                raise SpecError(f"the theorem is not one that the kernel reads: {long}") from None
        spec.statements[-1]["ensures"].append(_any(unsaid))


def _any(array: Json) -> Json:
    at = f"{array['name']}[{'i' if array['length'] > 1 else 0}]"
    each = array["length"] if array["length"] > 1 else None
    return {"any": [[["<=", 0, 1, at]], [["<", 0, -1, at]]], "each": each, "where": None}


def of_construction(spec: Spec, own: Spec) -> Spec:
    """The theorem about the network of a construction that states `own`: compiled as it is, and with its names.

    Invariants speak of a maximum by the name that the construction's own statement gives it; sentences write max(p).
    """
    names = {(d["kind"], d["of"]): d["name"] for one in own.statements for d in one["define"] if "of" in d}
    statements = [_renamed(one, names, {array["name"] for array in spec.arrays}) for one in spec.statements]
    found = spec.shown(spec.points())
    found.statements, found.nonnegative = statements, own.nonnegative
    return found


def _renamed(statement: Json, names: dict[tuple[str, str], str], taken: set[str]) -> Json:
    """The statement with these names for its maxima and minima, where they are free."""
    taken = taken | {d["name"] for d in statement["define"]} | {name for name, _ in statement["index"]}
    new = {d["name"]: names.get((d["kind"], d.get("of", "")), "") for d in statement["define"]}
    new = {old: name for old, name in new.items() if name and name not in taken}

    def terms(value: Any) -> Any:
        if isinstance(value, list):
            return [terms(one) for one in value]
        return new.get(value, value) if isinstance(value, str) else value

    define = [{key: terms(value) if key in ("name", "form", "forms") else value for key, value in d.items()}
              for d in statement["define"]]  # fmt: skip
    clauses = {key: [{**one, "any": terms(one["any"])} if "any" in one else one for one in statement[key]]
               for key in ("ensures", "requires")}  # fmt: skip
    return {**statement, "define": define, **clauses}
