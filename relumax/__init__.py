"""Formal verification and symbolic analysis of ReLU networks that choose.

Everything a user's file needs is here; each name is loaded when it is first used.

>>> from relumax import construction, maximum, relu
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from relumax.constructions.registry import construction as construction
    from relumax.constructions.search import best_of as best_of
    from relumax.constructions.search import iterate as iterate
    from relumax.discover.choices import inspect as inspect
    from relumax.formats import export as export
    from relumax.kernel import check as check
    from relumax.language.condition import Condition as Condition
    from relumax.language.equality import equality as equality
    from relumax.language.expr import Expr as Expr
    from relumax.language.expr import const as const
    from relumax.language.expr import equals as equals
    from relumax.language.expr import evaluate as evaluate
    from relumax.language.expr import inputs as inputs
    from relumax.language.expr import largest as largest
    from relumax.language.expr import relu as relu
    from relumax.language.expr import smallest as smallest
    from relumax.language.expr import step as step
    from relumax.language.expr import symbol as symbol
    from relumax.language.gadget import absolute as absolute
    from relumax.language.gadget import clip as clip
    from relumax.language.gadget import gadget as gadget
    from relumax.language.gadget import maximum as maximum
    from relumax.language.gadget import minimum as minimum
    from relumax.language.outline import fold as fold
    from relumax.language.outline import have as have
    from relumax.language.spec import Spec as Spec
    from relumax.language.spec import array as array
    from relumax.language.spec import i as i
    from relumax.language.spec import max_nonnegative_spec as max_nonnegative_spec
    from relumax.language.spec import max_spec as max_spec
    from relumax.language.spec import min_spec as min_spec
    from relumax.language.spec import point as point
    from relumax.language.spec import statement as statement
    from relumax.language.spec import winner as winner
    from relumax.language.theorem import theorem as theorem
    from relumax.network.beside import beside as beside
    from relumax.network.compile import compile as compile
    from relumax.network.layers import Network as Network
    from relumax.pipeline import prove as prove
    from relumax.pipeline import prove_gadget as prove_gadget
    from relumax.simplify import closed_form as closed_form
    from relumax.verdict import Verdict as Verdict

_HOME = {
    "construction": "constructions.registry",
    **dict.fromkeys(["best_of", "iterate"], "constructions.search"),
    "inspect": "discover.choices",
    "export": "formats",
    "check": "kernel",
    "Condition": "language.condition",
    **dict.fromkeys(
        ["Expr", "const", "equals", "evaluate", "inputs", "largest", "relu", "smallest", "step", "symbol"],
        "language.expr",
    ),
    **dict.fromkeys(["absolute", "clip", "gadget", "maximum", "minimum"], "language.gadget"),
    **dict.fromkeys(["fold", "have"], "language.outline"),
    **dict.fromkeys(
        ["Spec", "array", "i", "max_nonnegative_spec", "max_spec", "min_spec", "point", "statement", "winner"],
        "language.spec",
    ),
    "theorem": "language.theorem",
    "equality": "language.equality",
    "beside": "network.beside",
    "compile": "network.compile",
    "Network": "network.layers",
    **dict.fromkeys(["prove", "prove_gadget"], "pipeline"),
    "Verdict": "verdict",
    "closed_form": "simplify",
}
__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'relumax' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"relumax.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext relumax`: a notebook shows what `check` accepted; the kernel knows of no notebook."""
    from relumax.pictures.notebook import theorem_html

    shell.display_formatter.formatters["text/html"].for_type_by_name("relumax.kernel", "Theorem", theorem_html)
