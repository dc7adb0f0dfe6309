"""A gadget's contract as a spec of its own, so that it can be proved, refuted and certified like any other claim."""

from __future__ import annotations

from collections.abc import Sequence

from relumax.errors import ContractError
from relumax.language.asked import place
from relumax.language.condition import Condition, programs_of
from relumax.language.expr import Expr, brief, children, topological
from relumax.language.gadget import Gadget
from relumax.language.spec import Json, Spec, array, statement


def contract_spec(gadget: Gadget, points: Sequence[Json] = ()) -> Spec:
    """For all arguments a that meet `requires`: the results y meet `ensures`. `points` meet `requires`."""
    if not isinstance(gadget, Gadget):
        raise ContractError(f"a gadget is a function under @gadget(ensures=...), not {gadget!r:.80}")
    a, y = array("a", "in", gadget.arity), array("y", "out", gadget.results)
    requires, ensures = gadget.given(list(a)), gadget.then(list(y), list(a))
    for word, contract, conditions in (("requires", gadget.requires, requires), ("ensures", gadget.ensures, ensures)):
        for one in conditions:
            _sums_only(one, f"{place(contract)}gadget {gadget.name}: {word}")
    points = points if requires else ()
    said = repr(Spec([a, y], [statement(ensures, requires, points=points)]).statements)
    unsaid = [v for of in (a, y) if f"'of': '{of.name}'" not in said for v in of if f"'{v}'" not in said]
    ensures += [(v <= 0) | (v > 0) for v in unsaid]  # as every argument and result is mentioned
    return Spec([a, y], [statement(ensures, requires, points=points)])


def _sums_only(condition: Condition[Expr], where: str) -> None:
    """Raise ContractError if a contract speaks of relu or step."""
    for node in topological(programs_of(condition), children):
        if node.op in ("relu", "step", "input"):
            raise ContractError(
                f"{where} speaks of {brief(node)}: a contract speaks of sums of arguments and results only, and of "
                "their largest and smallest; y == relu(a) is y == largest([a, 0]), and cases are joined with |"
            )
