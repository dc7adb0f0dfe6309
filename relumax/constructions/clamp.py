"""A clip before any construction, so that a mask of -1e9 is harmless: the result is that of the clamped inputs.

clip(t, lo, hi) = hi - relu(hi - lo - relu(t - lo)), in two layers. The one-layer clip lo + relu(t - lo) - relu(t - hi)
is the same over the reals, but in float32 it makes 128 of clip(1e9, -100, 100); here a sum that is rounded is beyond
the ends by far, and its relu is 0 or ends in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from relumax.constructions.options import interval
from relumax.constructions.registry import Construction
from relumax.errors import SpecError
from relumax.language.define import Definitions, number
from relumax.language.expr import Expr, relu, symbol
from relumax.language.spec import Json, Spec, point

NAME, CLAMPED = "x", "t"
"""The array that is clamped is called x, as the statement calls it, and what comes in is called t."""


def clamp(one: Construction, bounds: Sequence[Any]) -> Construction:
    """The construction of x = clip(t, lo, hi), with its statement about x; raises SpecError.

    On a lattice lo and hi lie on it, since clamped inputs are to lie on it as well.
    """
    low, high = interval("clamp", bounds)
    if one.usual:
        raise SpecError(f"--clamp is for constructions that choose among numbers, not for {one.title}")

    def states(n: int, **options: Any) -> Spec:
        step = options.get("lattice")
        if step is not None and (low % Fraction(step) or high % Fraction(step)):
            raise SpecError(f"--clamp {low} {high}: both ends must be multiples of the lattice step {step}")
        return _about(one.spec(n, **options), one.title, low, high)

    def recipe(t: list[Expr], **options: Any) -> Any:
        count = one.size_for(len(t), options)
        [x] = [array for array in one.spec(count, **options).arrays if array["name"] == NAME]
        places = {x["base"] + k * x["stride"] for k in range(x["length"])}
        return one.recipe([_clip(a, low, high) if k in places else a for k, a in enumerate(t)], **options)

    def rough(n: int) -> tuple[int, int]:
        layers, units = one.roughly(n)
        return layers + 2, units + 2 * n

    doc = f"Of inputs clamped to [{low}, {high}]: {one.doc}"
    return one._replace(states=states, recipe=recipe, doc=doc, rough=rough if one.rough is not None else None)


def _clip(t: Expr, low: Fraction, high: Fraction) -> Expr:
    return high - relu(high - low - relu(t - low))


def _about(spec: Spec, title: str, low: Fraction, high: Fraction) -> Spec:
    """The same statements of x, which each of them defines as the clip of the inputs t."""
    found = [one for one in spec.arrays if one["name"] == NAME and one["of"] == "in"]
    if len(found) != 1 or spec.nonnegative:
        raise SpecError(f"--clamp is for constructions that choose among inputs x of any sign, not for {title}")
    x, length = found[0], found[0]["length"]
    for one in spec.statements:
        said = Definitions(arrays={CLAMPED: length}, indices=[name for name, _ in one["index"]])
        said.each("r", length, relu(symbol(f"{CLAMPED}[i]") - low))
        said.each("s", length, relu(high - low - symbol("r[i]")))
        said.each(NAME, length, high - symbol("s[i]"))
        one["define"] = [*said.made, *one["define"]]
        one["points"] = [_moved(at, x, low, high) for at in one["points"]]
    x["name"] = CLAMPED
    return spec


def _moved(at: Json, x: Json, low: Fraction, high: Fraction) -> Json:
    """A point that meets the requirements, its x moved up or down so that the least is lo; raises SpecError."""
    den, *numerators = map(number, at["inputs"])
    values = [Fraction(one, den) for one in numerators]
    places = [x["base"] + k * x["stride"] for k in range(x["length"])]
    least, most = min(values[k] for k in places), max(values[k] for k in places)
    if most - least > high - low:
        raise SpecError(f"--clamp {low} {high} leaves no winner that is {most - least} ahead")
    for k in places:
        values[k] += low - least
    return point(values, at["index"])
