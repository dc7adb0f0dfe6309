"""What the network holds: the form of a value over the units of a layer, and how it is carried to the next.

A value that a later layer reads is carried by units of its own, relu(g) - relu(-g), or relu(g) alone where g >= 0 is
known. That what comes out is what went in is one lemma, used for each unit that carries.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import gcd

from relumax.engines.forms import combination, weighted
from relumax.engines.lemmas import Form, Lemma
from relumax.engines.maxima import eliminate
from relumax.engines.notebook import Notebook
from relumax.engines.script import Fact, Value, argument
from relumax.kernel.proof import EQ, LE, MAX, RELU
from relumax.kernel.wire import atom, form
from relumax.language.numbers import exact
from relumax.network.echelon import Echelon

Carriers = Sequence[Sequence[tuple[int, int | None]]]
"""For each layer, what it carries: unit plus - unit minus, or unit plus alone (`network.compile.carriers`)."""


class Held:
    """A program value as the network holds it: its form over the units of `layer`, and the max fact whose head is it.

    Besides the units of its layer the form may read variables further down: where a network carries only differences,
    as argmax/slack carries those of its inputs, values are held up to something that cancels where a unit reads them.
    """

    __slots__ = ("fact", "form", "layer")

    def __init__(self, layer: int, form: Form, fact: Fact | None = None):
        self.layer, self.form, self.fact = layer, form, fact


class Carrying:
    """The layers of a network, and the values carried through them.

    With `maxima` the facts say that a carried value is the maximum of itself, so that heads of max facts move along;
    without, that it equals what it was. `carriers` says what each layer carries; without, it is looked for.
    """

    def __init__(self, book: Notebook, widths: Sequence[int], maxima: bool, carriers: Carriers | None = None):
        self.book, self.signs = book, book.signs if maxima else ()
        self.spans = [(sum(widths[:k]), width) for k, width in enumerate(widths)]  # the variables of each layer
        self.carried: dict[tuple[int, Form], Held] = {}
        self.bases: dict[int, tuple[Echelon, list[tuple[Form, bool]]]] = {}
        self.carriers: list[dict[Form, tuple[int, int | None]]] | None = None
        if carriers is not None:
            form_of = {v: value for v, (_, value) in book.context.units.items()}
            self.carriers = []
            for (start, _), pairs in zip(self.spans[1:], carriers, strict=True):
                units = [(start + plus, None if minus is None else start + minus) for plus, minus in pairs]
                self.carriers.append({form_of[plus]: (plus, minus) for plus, minus in units})

    def of_unit(self, u: int) -> Held:
        """A unit, where it is: one whose argument is constant may stand below the layer where a program met it."""
        starts = [start for start, _ in self.spans]
        return Held(bisect_right(starts, u) - 1, (1, 0, ((u, 1),)))

    def level(self, values: Sequence[Held]) -> list[Held]:
        """The values at one common layer; constants are at every layer."""
        layer = max([one.layer for one in values if one.form[2]], default=0)
        return [self.lift(one, layer) for one in values]

    def lift(self, one: Held, layer: int | None = None) -> Held:
        """The value at a layer, by default the last."""
        top = len(self.spans) - 1 if layer is None else layer
        while one.form[2] and one.layer < top:
            one = self.carry(one)
        return one if one.form[2] else Held(top, one.form)

    def carry(self, value: Held) -> Held:
        """The value one layer on: by units of its own, or else as a combination of what the layer carries."""
        key = value.layer, value.form
        if key not in self.carried:
            self.carried[key] = self._whole(value) or self._parts(value)
        return self.carried[key]

    def transport(self, layer: int, value: Form) -> Form:
        """The form over the next layer that equals `value`, by the values which that layer carries."""
        if layer not in self.bases:
            self.bases[layer] = self._basis(layer)
        echelon, carried = self.bases[layer]
        start, width = self.spans[layer]
        den, constant, terms = value
        here = {v: Fraction(c, den) for v, c in terms if start <= v < start + width}
        rest = form(den, constant, tuple((v, c) for v, c in terms if v not in here))
        parts: list[tuple[Fraction, Form]] = [(Fraction(1), rest)]
        for k, weight in sorted(echelon.coordinates(here).items()):
            held = self._whole(Held(layer, carried[k][0])) if carried[k][1] else None
            parts.append((Fraction(weight), held.form if held is not None else carried[k][0]))
        return weighted(parts)

    def same(self, fact: Fact | None, old: Form, new: Form) -> Fact | None:
        """That +-new is the maximum of the one form +-old, the head of `fact` if there is one; new = old is known."""
        facts = dict.fromkeys(one for v, _ in new[2] for one in self.book.origins.get(v, ()))
        for sign in self.signs if fact is None else (1,) if fact.value[1] == old else (-1,):
            value: Value = (MAX, combination([(sign, new)], 1), (combination([(sign, old)], 1),))
            self.book.derive(value, facts)
        return self.book.heads[-1] if fact is not None else None

    def _parts(self, value: Held) -> Held:
        moved = self.transport(value.layer, value.form)
        return Held(value.layer + 1, moved, self.same(value.fact, value.form, moved) if self.signs else None)

    def _basis(self, layer: int) -> tuple[Echelon, list[tuple[Form, bool]]]:
        """A basis of the forms over a layer: first what layer + 1 carries (marked so), then the layer's own variables.

        Carried are the forms of opposing relus, and of relus of what is >= 0.
        """
        if self.carriers is not None:
            carrying = list(self.carriers[layer]) if layer < len(self.carriers) else []
        else:
            start, width = self.spans[layer + 1] if layer + 1 < len(self.spans) else (0, 0)
            known = self.book.context.units.items()
            units = [value for v, (kind, value) in known if kind == RELU and start <= v < start + width]
            linear = dict.fromkeys(value for value in units if value[1] == 0)
            paired = [one for one in linear if form(one[0], 0, tuple((v, -c) for v, c in one[2])) in linear]
            carrying = [*paired, *[one for one in linear if self.book.nonnegative(one)]]
        own = [(1, 0, ((v, 1),)) for v in range(self.spans[layer][0], sum(self.spans[layer]))]
        echelon = Echelon()
        carried: list[tuple[Form, bool]] = []
        for one, is_carried in [*((one, True) for one in carrying), *((one, False) for one in own)]:
            if echelon.insert({v: exact(Fraction(c, one[0])) for v, c in one[2]}):
                carried.append((one, is_carried))
        return echelon, carried

    def _whole(self, value: Held) -> Held | None:
        """relu(g) - relu(-g), or relu(g) where g >= 0 is known, for the linear part g of the value."""
        book = self.book
        den, const, terms = value.form
        linear, opposing = form(den, 0, terms), tuple((v, -c) for v, c in terms)
        opposite = form(den, 0, opposing)
        if self.carriers is not None:
            found = self.carriers[value.layer] if value.layer < len(self.carriers) else {}
            up, down = found.get(linear) or found.get(opposite, (None, None))[::-1]
        else:
            up, down = book.unit_at.get((RELU, linear)), book.unit_at.get((RELU, opposite))
        if up is None or (down is None and not book.nonnegative(linear)):
            return None
        given = [] if down is not None else [book.fact(atom(LE, 0, opposing))]
        shift = (const // gcd(den, const), den // gcd(den, const)) if self.signs else (0, 1)
        key = "carry", down is None, shift, self.signs
        number = book.lemmas.number(key, lambda: carry_lemma(down is None, shift, self.signs))
        values = [linear, *[(1, 0, ((v, 1),)) for v in (up, down) if v is not None]]
        step = book.lemmas.instance(number, [argument(linear)], values, given)
        book.step(step)
        made = step.makes[0]
        if self.signs:
            book.step(eliminate(made))
        for v in (up, down):
            if v is not None:
                book.comes_from(v, book.steps[-1].makes[-1])
        if self.signs:
            return Held(value.layer + 1, made.value[1], made)
        return Held(value.layer + 1, combination([(1, one) for one in carried(up, down, den, const)], 1))


def carried(up: int, down: int | None, den: int, const: int) -> list[Form]:
    """The parts of up - down + const/den."""
    found: list[Form] = [(1, 0, ((up, 1),)), form(den, const, ())]
    return found if down is None else [*found, (1, 0, ((down, -1),))]


def carry_lemma(nonnegative: bool, shift: tuple[int, int], signs: tuple[int, ...]) -> Lemma:
    """g, relu(g) [, relu(-g)]: the value p - q + shift is g + shift, as a maximum of one (negated, under a minimum).

    Without signs: p - q = g.
    """
    units = [(RELU, (1, 0, ((0, 1),)))] + ([] if nonnegative else [(RELU, (1, 0, ((0, -1),)))])
    const, den = shift
    given = [atom(LE, 0, ((0, -1),))] if nonnegative else []
    then: list[Value] = []
    for sign in signs:
        c = sign * den
        head = form(den, sign * const, ((1, c),) if nonnegative else ((1, c), (2, -c)))
        then.append((MAX, head, (form(den, sign * const, ((0, c),)),)))
    if not signs:
        then.append(atom(EQ, 0, ((0, 1), (1, -1)) if nonnegative else ((0, 1), (1, -1), (2, 1))))
    return Lemma(1, units, given, then)
