"""Points that meet a requirement: what a statement with `requires` must show, lest it be true of nothing."""

from __future__ import annotations

from relumax.engines import smt
from relumax.engines.contracts import facts_about
from relumax.engines.lemmas import ENDLESS
from relumax.engines.search import GaveUp
from relumax.errors import SpecError
from relumax.kernel.proof import Context
from relumax.language.expr import inputs
from relumax.language.gadget import Gadget
from relumax.language.spec import Json, point


def meeting(gadget: Gadget) -> Json:
    """Arguments that meet the gadget's hypotheses; raises SpecError if there are none."""
    arguments = inputs(gadget.arity)
    context = Context(gadget.arity, ENDLESS, [])
    context.goals = [(1, 1, ())]  # the false goal 1 <= 0: a model of its negation is a point
    try:
        for condition in gadget.given(arguments):
            for fact in facts_about(condition, {}):
                context.add(fact)
    except GaveUp as problem:
        raise SpecError(f"gadget {gadget.name}: {problem}") from None
    answer = smt.decide(context, [], [], 10.0)
    if answer.result != "sat":
        raise SpecError(f"gadget {gadget.name}: no arguments meet its `requires`")
    return point([answer.model.get(v, 0) for v in range(gadget.arity)])
