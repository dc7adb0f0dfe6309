"""Statements: what a theorem says, read from its machine form, and the human text generated from it.

A claim names the inputs and outputs of the network as arrays and makes one or several statements. A statement
quantifies over all reals for the inputs and over its indices, defines values (functions of the inputs alone), states
what it requires, what it ensures, and, where it requires anything, points at which all of that is true.
"""

import re

from .errors import Invalid, Malformed
from .proof import MAX, OR, RELU, STEP, Context, difference
from .wire import EQ, LE, LT, atom, collect, form, index, items, number, positive, record

_NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")
_REFERENCE = re.compile(r"([a-z][a-z0-9_]{0,15})(?:\[([a-z][a-z0-9_]{0,15}|0|[1-9][0-9]{0,6})\])?")
_RELATIONS = {"=": EQ, "<=": LE, "<": LT}


class Array:
    """Variables base + stride * i for i < length; a defined scalar has length None."""

    __slots__ = ("base", "defined", "length", "output", "stride")

    def __init__(self, base, stride, length, output=False, defined=False):
        self.base, self.stride, self.length, self.output, self.defined = base, stride, length, output, defined


class Claim:
    """Arrays and statements about one network."""

    __slots__ = ("arrays", "mentioned", "statements")

    def __init__(self, value, network):
        arrays, statements = record(value, "claim", ("arrays", "statements"))
        first_output = network.inputs + len(network.units)
        self.arrays, self.mentioned = {}, set()
        owned = set()
        for k, array in enumerate(items(arrays, "claim.arrays", 1)):
            path = f"claim.arrays[{k}]"
            name, of, base, stride, length = record(array, path, ("name", "of", "base", "stride", "length"))
            _fresh(name, path, self.arrays)
            if of not in ("in", "out"):
                raise Malformed(path, 'an array is of "in" or "out"')
            start, size = (0, network.inputs) if of == "in" else (first_output, len(network.outputs))
            index(base, path, size), index(stride, path, size + 1), index(length, path, size + 1)
            if stride == 0 or length == 0:
                raise Malformed(path, "stride and length are at least 1")
            found = Array(start + base, stride, length, of == "out")
            for i in range(length):
                v = found.base + stride * i
                if base + stride * i >= size or v in owned:
                    raise Malformed(path, "an element is outside the network or in two arrays")
                owned.add(v)
            self.arrays[name] = found
        if len(owned) != network.inputs + len(network.outputs):
            raise Malformed("claim.arrays", "an input or an output is in no array")
        self.statements = [
            Statement(one, f"claim.statements[{k}]", self, network)
            for k, one in enumerate(items(statements, "claim.statements", 1))
        ]
        if not owned <= self.mentioned:
            v = min(owned - self.mentioned)
            which = f"input {v}" if v < network.inputs else f"output {v - first_output}"
            raise Malformed("claim", f"{which} is mentioned by no statement")


class Statement:
    """One statement. Its variables follow the network's: indices, definitions, then arrays read at an index."""

    def __init__(self, value, path, claim, network):
        self.path, self.claim, self.network = path, claim, network
        indices, define, requires, ensures, points = record(
            value, path, ("index", "define", "requires", "ensures", "points")
        )
        self.names = dict(claim.arrays)
        self.next = network.inputs + len(network.units) + len(network.outputs)
        self.indices = []  # (name, n, variable)
        for one in items(indices, path + ".index"):
            name, below = items(one, path + ".index", 2)[:2]
            _fresh(name, path + ".index", self.names)
            index(below, path + ".index", 1 << 20)
            if below == 0 or len(one) != 2:
                raise Malformed(path + ".index", "an index is [name, n] with n >= 1")
            self.names[name] = None
            self.indices.append((name, below, self.next))
            self.next += 1
        self.definitions = []  # (kind, variable, data); data: a form, or a list of forms
        self.reads = {}
        for k, one in enumerate(items(define, path + ".define")):
            self._define(one, f"{path}.define[{k}]")
        for name, below, _ in self.indices:
            for other, array in self.names.items():
                if array is not None and array.length == below:
                    self.reads[other, name] = self.next
                    self.next += 1
        self.requires = [
            self._require(one, f"{path}.requires[{k}]") for k, one in enumerate(items(requires, path + ".requires"))
        ]
        self.ensures = [
            self._clause(one, f"{path}.ensures[{k}]", True) for k, one in enumerate(items(ensures, path + ".ensures", 1))
        ]
        self.points = items(points, path + ".points")
        if (self.requires or self.indices) and not points:
            raise Malformed(path + ".points", "a statement that requires something shows a point that meets it")

    # ---- reading

    def _resolve(self, reference, path, n, outputs=False):
        """(variable, factor, offset) as a function of i: the value is variable(factor i + offset); "i" itself is None."""
        match = type(reference) is str and _REFERENCE.fullmatch(reference)
        if not match:
            raise Malformed(path, "a reference is a name, perhaps with an index in brackets")
        name, at = match.groups()
        if name == "i":
            if at is not None or n is None:
                raise Malformed(path, '"i" stands only inside "each"')
            return None
        if name not in self.names:
            raise Malformed(path, f"unknown name {name}")
        array = self.names[name]
        if array is None:
            if at is not None:
                raise Malformed(path, f"{name} is an index, not an array")
            return next(v for other, _, v in self.indices if other == name), 0
        if array.output and not outputs:
            raise Malformed(path, f"{name} is an output: definitions and requirements speak of inputs only")
        if (at is None) != (array.length is None):
            raise Malformed(path, f"{name} is {'a scalar' if array.length is None else 'an array'}")
        if at is None:
            found = array.base, 0
        elif at == "i":
            if n is None or n != array.length:
                raise Malformed(path, f"{name}[i] needs an i below {array.length}")
            found = array.base, array.stride
        elif at.isdigit():
            found = array.base + array.stride * index(int(at), path, array.length), 0
        else:
            if (name, at) not in self.reads:
                raise Malformed(path, f"{at} is no index of {name}")
            found = self.reads[name, at], 0
            self._mention(array)
        if not array.defined:
            self.claim.mentioned.update([found[0] + found[1] * i for i in range(n if found[1] else 1)])
        return found

    def _mention(self, array):
        if not array.defined:
            self.claim.mentioned.update([array.base + array.stride * i for i in range(array.length)])

    def _terms(self, value, path, n, outputs=False):
        """`[const, c, reference, ...]` as (const, [(c, resolved reference)])."""
        items(value, path, 1)
        if len(value) % 2 == 0 or len(set(value[2::2])) != len(value[2::2]):
            raise Malformed(path, "pairs of a coefficient and a reference are expected, each reference once")
        terms = []
        for k in range(1, len(value), 2):
            c = number(value[k], path)
            if c == 0:
                raise Malformed(path, "a coefficient is zero")
            terms.append((c, self._resolve(value[k + 1], path, n, outputs)))
        return number(value[0], path), terms

    def _define(self, value, path):
        if type(value) is not dict or value.get("kind") not in ("form", "relu", "step", "max", "min", "list"):
            raise Malformed(path, "a definition is an object of kind form, relu, step, max, min or list")
        kind = value["kind"]
        if kind in ("max", "min"):
            name, _, of = record(value, path, ("name", "kind", "of"))
            if type(of) is not str or of not in self.names or self.names[of] is None or self.names[of].length is None:
                raise Malformed(path, "the largest or smallest is of an array")
            array = self.names[of]
            if array.output:
                raise Malformed(path, f"{of} is an output: definitions and requirements speak of inputs only")
            self._mention(array)
            sign = 1 if kind == "max" else -1
            found = [[(1, 0, ((array.base + array.stride * i, sign),)) for i in range(array.length)]]
            length = None
        elif kind == "list":
            name, _, forms = record(value, path, ("name", "kind", "forms"))
            found = [self._form(one, path, None)(0) for one in items(forms, path, 1)]
            length, kind = len(found), "form"
        else:
            name, _, length, template = record(value, path, ("name", "kind", "length", "form"))
            if length is not None and index(length, path, 1 << 20) == 0:
                raise Malformed(path, "a length is at least 1, or null for a scalar")
            at = self._form(template, path, length)
            found = [at(i) for i in range(length or 1)]
        _fresh(name, path, self.names)
        self.names[name] = Array(self.next, 1, length, defined=True)
        for one in found:
            self.definitions.append((kind, self.next, one))
            self.next += 1

    def _form(self, value, path, n):
        items(value, path, 2)
        den = positive(value[0], path)
        const, terms = self._terms(value[1:], path, n)
        return lambda i: form(den, *_at(const, terms, i))

    def _clause(self, value, path, outputs=False):
        """A function from i to the fact, and how many i there are (1 without `each`)."""
        if type(value) is dict and "each" in value:
            each, where, branches = record(value, path, ("each", "where", "any"))
            if index(each, path, 1 << 20) == 0:
                raise Malformed(path, "each i of none")
        else:
            each, (where, branches) = None, record(value, path, ("where", "any"))
        guard = None
        if where is not None:
            word, name = items(where, path, 2)[:2]
            if word not in ("before", "after", "except") or len(where) != 2 or each is None:
                raise Malformed(path, '"where" is ["before" | "after" | "except", index], under "each"')
            guard = word, self._index(name, path)[0]
        templates = []
        for branch in items(branches, path + ".any", 1):
            templates.append([])
            for one in items(branch, path + ".any", 1):
                items(one, path, 2)
                if one[0] not in _RELATIONS:
                    raise Malformed(path, 'a relation is "=", "<=" or "<"')
                templates[-1].append((_RELATIONS[one[0]], *self._terms(one[1:], path, each, outputs)))

        def at(i):
            found = [tuple([atom(relation, *_at(*rest, i)) for relation, *rest in branch]) for branch in templates]
            if guard is not None:
                word, w = guard
                sign = -1 if word == "after" else 1
                found.append((atom(EQ if word == "except" else LE, -sign * i, ((w, sign),)),))
            return _clause(found)

        return at, each or 1, each is not None

    def _index(self, name, path):
        for other, below, variable in self.indices:
            if other == name:
                return variable, below
        raise Malformed(path, "unknown index")

    def _require(self, value, path):
        if not (type(value) is dict and "winner" in value):
            return (*self._clause(value, path), None)
        name, of, before, after, lattice = record(value, path, ("winner", "of", "before", "after", "lattice"))
        w, below = self._index(name, path)
        if type(of) is not str or (of, name) not in self.reads or self.names[of].output:
            raise Malformed(path, "the winner is of an array of inputs or defined values, as long as its index")
        array, best = self.names[of], self.reads[of, name]
        self._mention(array)
        pitch = None if lattice is None else self._ratio(lattice, path)
        conditions = [self._condition(one, pitch, path) for one in (before, after)]
        same = [(self.names[other], v) for (other, at), v in self.reads.items() if at == name]

        def at(i):
            x = array.base + array.stride * i
            equal = [difference(_variable(v), _variable(one.base + one.stride * i), EQ) for one, v in same]
            found = [(atom(EQ, -i, ((w, 1),)), *equal)]
            for sides, place in zip(conditions, (atom(LE, i + 1, ((w, -1),)), atom(LE, 1 - i, ((w, 1),))), strict=True):
                for relation, (gap, den) in sides:
                    found.append((place, atom(relation, gap, collect({x: den, best: -den}))))
            return _clause(found)

        return at, below, True, (array, pitch)

    def _ratio(self, value, path):
        if len(items(value, path, 2)) != 2:
            raise Malformed(path, "a ratio is [p, q]")
        return positive(value[0], path), positive(value[1], path)

    def _condition(self, value, pitch, path):
        """How an input that is not the winner compares: relations `den x + gap (relation) den x[w]`, any of them."""
        word = items(value, path, 1)[0]
        if word in ("<", "<=") and len(value) == 1:
            return [(LT, (0, 1)) if word == "<" and pitch is None else (LE, pitch if word == "<" else (0, 1))]
        if word in ("gap", "tie") and len(value) == 3 and pitch is None:
            gap = LE, self._ratio(value[1:], path)
            return [gap] if word == "gap" else [(EQ, (0, 1)), gap]
        raise Malformed(path, 'a condition is ["<"], ["<="], ["gap", p, q] or ["tie", p, q], the first two on a lattice')

    # ---- meaning

    def context(self, fuel, lemmas):
        """The context whose goals are what the statement ensures."""
        context = Context(self.network.inputs, fuel, lemmas, self.pick)
        for kind, value in self.network.units:
            context.add_unit(kind, value)
        for value in self.network.outputs:
            context.add(difference(_variable(context.variables), value, EQ))
            context.variables += 1
        for _, below, w in self.indices:
            context.add(atom(LE, 0, ((w, -1),)))
            context.add(atom(LE, 1 - below, ((w, 1),)))
            context.variables += 1
        for kind, v, data in self.definitions:
            if kind in ("relu", "step"):
                context.add_unit(RELU if kind == "relu" else STEP, data)
                continue
            if kind == "form":
                context.add(difference(_variable(v), data, EQ))
            else:
                context.add((MAX, (1, 0, ((v, 1 if kind == "max" else -1),)), tuple(data)))
            fuel.spend(len(data))
            context.variables += 1
        context.variables = self.next
        for at, _, each, _ in self.requires:
            if not each:
                context.add(at(0))
        context.goals = [at(i) for at, n, _ in self.ensures for i in range(n)]
        fuel.spend(len(context.goals) * 8)
        return context

    def pick(self, template, i, path):
        """Hypothesis number `template` at index i.

        `each i: C(i)` gives C(i), with `w <= i` as another branch under `before w` (likewise `after`, `except`). A
        winner gives: w = i and every array read at w equals its element i; or i < w and i is as `before` says; or
        i > w and i is as `after` says. An index is an integer, so i < w is i + 1 <= w; on a lattice of step s,
        x < x[w] is x + s <= x[w].
        """
        at, n, each, _ = self.requires[index(template, path, len(self.requires))]
        if not each:
            raise Invalid(path, "pick: the hypothesis has no index")
        return at(index(i, path, n))

    def check_points(self, fuel):
        """Every point meets every requirement, and the network keeps every promise there."""
        for k, point in enumerate(self.points):
            path = f"{self.path}.points[{k}]"
            values = self.values(point, path, fuel)
            for number_of_requirement, (at, n, _, winner) in enumerate(self.requires):
                if winner is not None and winner[1] is not None:
                    array, (p, q) = winner
                    for i in range(array.length):
                        if (values[array.base + array.stride * i] * q / p).denominator != 1:
                            raise Invalid(path, f"element {i} is not on the lattice")
                for i in range(n):
                    if not true(at(i), values, fuel):
                        raise Invalid(path, f"requires[{number_of_requirement}] is false at the point")
            for number_of_promise, (at, n, _) in enumerate(self.ensures):
                for i in range(n):
                    if not true(at(i), values, fuel):
                        raise Invalid(path, f"ensures[{number_of_promise}] is false at the point")

    def values(self, point, path, fuel):
        from fractions import Fraction

        inputs, indices = record(point, path, ("inputs", "index"))
        if len(items(inputs, path, 1)) != self.network.inputs + 1 or len(items(indices, path)) != len(self.indices):
            raise Malformed(path, "a point is a denominator with one number for each input, and one for each index")
        den = positive(inputs[0], path)
        values = [Fraction(number(one, path), den) for one in inputs[1:]]

        def value(one):
            below, const, terms = one
            total = Fraction(const)
            for v, c in terms:
                total += c * values[v]
                fuel.spend(1 + total.denominator.bit_length() // 32 + total.numerator.bit_length() // 32)
            return total / below

        def unit(kind, one):
            t = value(one)
            return max(t, Fraction(0)) if kind in (RELU, "relu") else Fraction(1 if t >= 0 else 0)

        for kind, one in self.network.units:
            values.append(unit(kind, one))
        values += [value(one) for one in self.network.outputs]
        for w, (_, below, _) in zip(indices, self.indices, strict=True):
            values.append(Fraction(index(w, path, below)))
        for kind, _, data in self.definitions:
            if kind == "form":
                values.append(value(data))
            elif kind in ("relu", "step"):
                values.append(unit(kind, data))
            else:
                best = max([value(one) for one in data])
                values.append(best if kind == "max" else -best)
        for name, at in self.reads:
            i = values[self._index(at, path)[0]].numerator
            values.append(values[self.names[name].base + self.names[name].stride * i])
        return values


def _fresh(name, path, taken):
    if type(name) is not str or not _NAME.fullmatch(name) or name == "i" or name in taken:
        raise Malformed(path, 'a name is new, short, lower case and not "i"')


def _variable(v):
    return 1, 0, ((v, 1),)


def _at(const, terms, i):
    total = {}
    for c, reference in terms:
        if reference is None:
            const += c * i
        else:
            v = reference[0] + reference[1] * i
            total[v] = total.get(v, 0) + c
    return const, collect(total)


def _clause(branches):
    return (OR, tuple(branches)) if len(branches) > 1 or len(branches[0]) > 1 else branches[0][0]


def true(fact, values, fuel):
    """Whether a fact that is no max fact holds for these values of the variables."""
    for branch in fact[1] if fact[0] == OR else ((fact,),):
        for relation, const, terms in branch:
            total = const + sum([c * values[v] for v, c in terms])
            fuel.spend(len(terms) + 1)
            if not (total == 0 if relation == EQ else total <= 0 if relation == LE else total < 0):
                break
        else:
            return True
    return False
