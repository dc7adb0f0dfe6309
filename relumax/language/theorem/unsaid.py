"""What a theorem leaves unsaid: the elements it does not speak of."""

from __future__ import annotations

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
