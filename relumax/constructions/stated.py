"""What is to be proved of a program or network: a spec, or the word or sentence that means one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from relumax.errors import SpecError
from relumax.language.expr import Expr, input_count, listed
from relumax.language.spec import THEOREM, Spec, counted, fits
from relumax.network.layers import Network


def stated(what: Expr | Sequence[Expr] | Network, spec: Spec | str) -> Spec:
    """The spec, looked up if it is a word; raises SpecError if it has other numbers of inputs or outputs."""
    if isinstance(what, Network):
        kind, reads, gives = "network", what.inputs, what.outputs
    else:
        kind, reads, gives = "program", input_count(listed(what)), len(listed(what))
    if isinstance(spec, str) and " " in spec.strip():
        from relumax.language.theorem import theorem

        spec = theorem(spec, partial(fits, kind, reads))
    elif isinstance(spec, str):
        from relumax.constructions.registry import find

        found = find(*spec.split("/", 1))
        spec = found.spec(found.size_for(reads, found.options), **found.options)
    elif not isinstance(spec, Spec):
        raise SpecError(f"a spec is a word such as 'max', or a Spec such as max_spec(3), not {spec!r:.80}")
    if spec.name == THEOREM and gives != spec.height:
        said = f"{THEOREM} speaks of {counted(spec.height, 'output')}, the {kind} gives {gives}"
        raise SpecError(f"{said}: `where y in R^{gives} is the output` says so" if gives > 1 else said)
    name = spec.name or "the statement"
    fits(kind, reads, spec.width, name)
    if gives != spec.height:
        from relumax.constructions.registry import fitting

        fit = fitting(spec.n, spec.width, gives, spec.name or "")
        known = f"; argmax/index has 1, argmax/slack and argmax/onehot have {spec.n}" if kind == "program" else ""
        hint = f"; {' or '.join(fit)} would fit (--construction {fit[0].split('/')[1]})" if fit else known
        raise SpecError(f"{name} has {counted(spec.height, 'output')}, the {kind} gives {gives}{hint}")
    return spec
