"""Statements: what a theorem says, read from its machine form.

A claim names the inputs and outputs of the network as arrays and makes one or several statements. A statement
quantifies over all reals for the inputs and over its indices, defines values (functions of those alone), states what
it requires, and what it ensures. Points at which all of that is true stand beside it (`points`).

Templates: "i" stands for 0, 1, ... under `each` and in the forms of an array. What is read is a function of i.
"""

from .errors import Invalid, Malformed
from .proof import MAX, RELU, STEP, Context, clause, variable
from .wire import (
    EQ,
    LE,
    LT,
    NEW,
    atom,
    bounded,
    collect,
    difference,
    form,
    index,
    items,
    long,
    longest,
    number,
    placed,
    positive,
    record,
)

# The words of the text, and what reads as a number: as a name, one could change what it says.
_WORDS = """after all and are at before below by each earlier equal every first for from i in index input inputs integer
is it last later least max min most multiples of one or other output outputs relu step such than that the to where
winner zero two three four five six seven eight nine ten hundred thousand million half pi nan inf infinity"""
_RELATIONS = (("=", EQ), ("<=", LE), ("<", LT))


class Array:
    """Variables base + stride * i for i < length, or one variable (length None); `kind`: in, out, index or value."""

    __slots__ = ("base", "kind", "length", "speaks", "stride", "unseen")

    def __init__(self, kind, base, length=None, stride=1, speaks=()):
        self.kind, self.base, self.length, self.stride = kind, base, length, stride
        self.unseen = set(range(length)) if kind in ("in", "out") else set()  # elements that no statement mentions yet
        self.speaks = speaks  # of a value: the (array, elements) that its definition speaks of

    def variables(self):
        """The variables of an array, element after element."""
        return range(self.base, self.base + self.stride * self.length, self.stride)


class Claim:
    """Arrays and statements about one network."""

    __slots__ = ("statements",)

    def __init__(self, value, network):
        arrays, statements = record(value, "claim", ("arrays", "statements"))
        sizes = {"in": network.inputs, "out": len(network.outputs)}
        start = {"in": 0, "out": network.inputs + len(network.units)}
        network.fuel.spend(4 * sum(sizes.values()))
        free = {of: set(range(n)) for of, n in sizes.items()}
        names: dict[str, Array] = {}
        for array, path in placed(arrays, "claim.arrays", 1):
            name, of, base, stride, length = record(array, path, ("name", "of", "base", "stride", "length"))
            if of not in ("in", "out"):
                raise Malformed(path, 'an array is of "in" or "out"')
            index(base, path, sizes[of])
            elements = range(base, base + _size(stride, path) * _size(length, path), stride)
            network.fuel.spend(4 * length)
            if not free[of].issuperset(elements):
                raise Malformed(path, "an element is outside the network or in two arrays")
            free[of].difference_update(elements)
            names[_fresh(name, path, names)] = Array(of, start[of] + base, length, stride)
        if free["in"] or free["out"]:
            raise Malformed("claim.arrays", "an input or an output is in no array")
        found = placed(statements, "claim.statements", 1)
        self.statements = [Statement(one, place, names, network) for one, place in found]
        for name, array in names.items():
            if array.unseen:
                raise Malformed("claim", f"{name}[{min(array.unseen)}] is mentioned by no statement")


class Statement:
    """One statement. Its variables follow the network's: indices, arrays read at an index, and definitions in order.

    After an array, be it of inputs, of outputs or defined, come its reads at each index that is as long.
    """

    def __init__(self, value, path, arrays, network):
        indices, define, requires, ensures = record(value, path, ("index", "define", "requires", "ensures"))
        self.network, self.fuel, self.names = network, network.fuel, dict(arrays)
        self.next = network.inputs + len(network.units) + len(network.outputs)
        self.indices = []  # (name, n, variable)
        self.sizes: dict[object, int] = {}  # n by name
        self.definitions = []  # (kind, variable, data); data: a form, a list of forms, or the array and index of a read
        self.reads = {}  # (array, index) -> variable
        self.promising = False  # only what is ensured speaks of outputs
        self.spoken = []  # the (array, elements) that the definition or clause at hand speaks of
        for one in items(indices, path + ".index"):
            if len(items(one, path + ".index")) != 2:
                raise Malformed(path + ".index", "an index is [name, n]")
            self.names[_fresh(one[0], path + ".index", self.names)] = Array("index", self.next)
            self.indices.append((one[0], _size(one[1], path + ".index"), self.next))
            self.sizes[one[0]] = one[1]
            self.next += 1
        for name in self.names:
            self._read(name)
        for one, place in placed(define, path + ".define"):
            self._read(self._define(one, place))
        self.requires = [self._require(one, place) for one, place in placed(requires, path + ".requires")]
        self.promising = True
        self.ensures = [self._clause(one, place) for one, place in placed(ensures, path + ".ensures", 1)]

    def _find(self, name, path, kinds):
        """The array or index of this name and one of these kinds."""
        found = self.names.get(name) if type(name) is str else None
        if found is None or found.kind not in kinds:
            raise Malformed(path, "unknown name, or an output where only inputs may be spoken of")
        return found

    def _mentioned(self, cases):
        """A clause that holds a case of those i was read: what it speaks of, through definitions too, is mentioned."""
        pending, self.spoken = self.spoken, []
        while pending:
            array, elements = pending.pop()
            elements = cases if elements == "i" else elements
            if array.unseen and cases:
                self.fuel.spend(len(elements))
                array.unseen.difference_update(elements)
            if cases:
                pending.extend(array.speaks)
                array.speaks = ()

    def _reference(self, reference, path, n):
        """(base, stride): at i < n it is the variable base + stride * i; base is None for "i" itself."""
        if reference == "i" and n is not None:
            return None, 0
        name, bracket, at = reference.partition("[") if type(reference) is str else (None, "", "")
        kinds = ("in", "index", "value", "out") if self.promising else ("in", "index", "value")
        array = self._find(name, path, kinds)
        if array.length is None and not bracket:
            self.spoken.append((array, ()))
            return array.base, 0
        if array.length is None or at[-1:] != "]":
            raise Malformed(path, "an array is read with an index in brackets, anything else without")
        at = at[:-1]
        if at.isascii() and at.isdigit() and len(at) < 8 and str(int(at)) == at:
            k = index(int(at), path, array.length)
            self.spoken.append((array, (k,)))
            return array.base + array.stride * k, 0
        if at == "i" and n == array.length:
            self.spoken.append((array, "i"))
            return array.base, array.stride
        self.spoken.append((array, range(array.length)))
        if (name, at) not in self.reads:
            raise Malformed(path, f"{name} is read at a number, or at an i or an index as long as it is")
        return self.reads[name, at], 0

    def _affine(self, value, path, n):
        """`[const, c, reference, c, reference, ...]`, as the function from i to (const, terms)."""
        if len(items(value, path)) % 2 == 0:
            raise Malformed(path, "a constant and pairs of a coefficient and a reference are expected")
        const, parts = number(value[0], path), {}
        for c, reference in zip(value[1::2], value[2::2], strict=True):
            place = self._reference(reference, path, n)
            if number(c, path) == 0 or reference in parts:
                raise Malformed(path, "a coefficient is zero, or a reference occurs twice")
            parts[reference] = number(c, path), *place

        def at(i):
            self.fuel.spend(NEW * (len(parts) + 1))
            fixed = const
            total: dict[int, int] = {}
            for c, base, stride in parts.values():
                if base is None:
                    fixed += c * i
                else:
                    total[base + stride * i] = total.get(base + stride * i, 0) + c
            return bounded((1, fixed, collect(total)), self.fuel)[1:]

        return at

    def _form(self, value, path, n):
        """`[den, const, c, reference, ...]`, as the function from i to the form."""
        den, at = positive(items(value, path, 2)[0], path), self._affine(value[1:], path, n)
        return lambda i: bounded(form(den, *at(i)), self.fuel)

    def _read(self, name):
        """A variable for the array `name` read at each index as long as it is."""
        self.fuel.spend(NEW * (len(self.indices) + 1))
        for at, n, w in self.indices:
            if self.names[name].length == n:
                self.reads[name, at] = self.next
                self.definitions.append(("read", self.next, (self.names[name], w)))
                self.next += 1

    def _define(self, value, path):
        """Reads one definition and returns its name."""
        kind = value.get("kind") if type(value) is dict else None
        length = None
        if kind in ("max", "min"):
            name, _, of = record(value, path, ("name", "kind", "of"))
            array = self._find(of, path, ("in", "value"))
            if array.length is None:
                raise Malformed(path, "the largest or smallest is of an array")
            self.spoken.append((array, range(array.length)))
            self.fuel.spend(NEW * array.length)
            found = [[(1, 0, ((v, 1 if kind == "max" else -1),)) for v in array.variables()]]
        elif kind == "list":
            name, _, forms = record(value, path, ("name", "kind", "forms"))
            found = [self._form(one, path, None)(0) for one in items(forms, path, 1)]
            length, kind = len(found), "form"
        elif kind in ("form", "relu", "step"):
            name, _, length, template = record(value, path, ("name", "kind", "length", "form"))
            n = 1 if length is None else _size(length, path)
            at = self._form(template, path, length)
            found = [at(i) for i in range(n)]
        else:
            raise Malformed(path, "a definition is an object of kind form, relu, step, max, min or list")
        speaks = [(array, range(array.length) if elements == "i" else elements) for array, elements in self.spoken]
        self.names[_fresh(name, path, self.names)], self.spoken = Array("value", self.next, length, 1, speaks), []
        for one in found:
            self.definitions.append((kind, self.next, one))
            self.next += 1
        return name

    def _clause(self, value, path):
        """(function from i to the fact, how many i, whether there is an i at all)."""
        guard = None
        each, where, branches = record(value, path, ("each", "where", "any"))
        cases = range(1 if each is None else _size(each, path))  # the i for which some index leaves something to say
        if where is not None:
            word, name = where if type(where) is list and len(where) == 2 else (None, None)
            if word not in ("before", "after", "except") or each is None:
                raise Malformed(path, '"where" is ["before" | "after" | "except", index], under "each"')
            w = self._find(name, path, ("index",)).base
            if each != self.sizes.get(name):
                raise Malformed(path, "the index of a guard has as many values as there are i")
            guard = EQ if word == "except" else LE, -1 if word == "after" else 1, w  # or w <= i; or i <= w; or w = i
            cases = {"before": cases[:-1], "after": cases[1:], "except": cases if each > 1 else cases[1:]}[word]
        templates: list[list[tuple]] = []
        for branch in items(branches, path + ".any", 1):
            templates.append([])
            for one in items(branch, path + ".any", 1):
                relation = [code for word, code in _RELATIONS if items(one, path, 2)[0] == word]
                if not relation:
                    raise Malformed(path, 'a relation is "=", "<=" or "<"')
                templates[-1].append((relation[0], self._affine(one[1:], path, each)))
        self._mentioned(cases)

        def at(i):
            found = [tuple([atom(relation, *affine(i)) for relation, affine in branch]) for branch in templates]
            if guard is not None:
                relation, sign, w = guard
                found.append((atom(relation, -sign * i, ((w, sign),)),))
            return clause(found)

        return at, each or 1, each is not None

    def _require(self, value, path):
        """As `_clause`, and for a winner on a lattice the array and the pitch."""
        if type(value) is not dict or "winner" not in value:
            return *self._clause(value, path), None
        name, of, before, after, lattice = record(value, path, ("winner", "of", "before", "after", "lattice"))
        w, array = self._find(name, path, ("index",)).base, self._find(of, path, ("in", "value"))
        if (of, name) not in self.reads:
            raise Malformed(path, "the winner is of an array as long as its index")
        self.spoken.append((array, range(array.length)))
        self._mentioned(range(1))
        pitch = None if lattice is None else _ratio(lattice, path)
        sides = [_condition(one, pitch, path) for one in (before, after)]
        best = self.reads[of, name]

        def at(i):
            x = array.base + array.stride * i
            here, *places = self._place(name, w, i)
            found = [here]
            for side, place in zip(sides, places, strict=True):
                for relation, (p, q) in side:
                    found.append((*place, atom(relation, p, collect({x: q, best: -q}))))
            return clause(found)

        return at, array.length, True, (array, pitch)

    def _place(self, name, w, i):
        """Where i is: the index w is i, and every array read at w is its element i; or i < w; or i > w."""
        same = [(self.names[array], v) for (array, at), v in self.reads.items() if at == name]
        self.fuel.spend(len(self.reads) + NEW * 2 * (len(same) + 5))
        equal = [difference(variable(v), variable(one.base + one.stride * i), EQ) for one, v in same]
        return (atom(EQ, -i, ((w, 1),)), *equal), (atom(LE, i + 1, ((w, -1),)),), (atom(LE, 1 - i, ((w, 1),)),)

    def context(self, fuel, lemmas):
        """The context whose goals are what the statement ensures."""
        context = Context(self.network.inputs, fuel, lemmas, self.pick)
        for kind, value in self.network.units:
            context.add_unit(kind, value)
        for value in self.network.outputs:
            fuel.spend((NEW + long(longest(value))) * (len(value[2]) + 2))
            context.add(difference(variable(context.variables), value, EQ))
            context.variables += 1
        for _, n, w in self.indices:
            context.add(atom(LE, 0, ((w, -1),)))
            context.add(atom(LE, 1 - n, ((w, 1),)))
            context.variables += 1
        for kind, v, data in self.definitions:
            fuel.spend(NEW * (len(data) + len(data[-1])) if kind != "read" else NEW)
            if kind in ("relu", "step"):
                context.add_unit(RELU if kind == "relu" else STEP, data)
                continue
            if kind == "form":
                fuel.spend(long(longest(data)) * (len(data[2]) + 1))
                context.add(difference(variable(v), data, EQ))
            elif kind != "read":  # of x[w], requirements speak
                context.add((MAX, (1, 0, ((v, 1 if kind == "max" else -1),)), tuple(data)))
            context.variables += 1
        for at, _, each, _ in self.requires:
            if not each:
                context.add(at(0))
        context.goals = [at(i) for at, n, _ in self.ensures for i in range(n)]
        return context

    def pick(self, which, i, path):
        """Requirement `which` at i, or, counted on from those, what an index says of i.

        `each i: C(i)` gives C(i), with `w <= i` as another branch under `before w` (likewise `after`, `except`). An
        index w gives: w = i and every array read at w equals its element i; or i < w; or i > w. A winner gives the
        same, and in the second case that i is as `before` says, in the third that it is as `after` says. An index is an
        integer, so i < w is i + 1 <= w; on a lattice of pitch s, x < x[w] is x + s <= x[w].
        """
        index(which, path, len(self.requires) + len(self.indices))
        if which >= len(self.requires):
            name, n, w = self.indices[which - len(self.requires)]
            return clause(self._place(name, w, index(i, path, n)))
        at, n, each, _ = self.requires[which]
        if not each:
            raise Invalid(path, "pick: the hypothesis has no index")
        return at(index(i, path, n))


def _fresh(name, path, taken):
    """A name for a new thing."""
    good = type(name) is str and name.isascii() and name.isidentifier() and name.islower() and name[0] != "_"
    exponent = good and name[0] == "e" and (name[1:] or "0").isdigit()  # 2 e5
    if not good or exponent or len(name) > 16 or name in _WORDS.split() or name in taken:
        raise Malformed(path, "a name is new, short, lower case, no number and no word of the text")
    return name


def _size(value, path):
    """An integer from 1 to 2^20 - 1."""
    if index(value, path, 1 << 20) == 0:
        raise Malformed(path, "a number from 1 on is expected")
    return value


def _ratio(value, path):
    if len(items(value, path)) != 2:
        raise Malformed(path, "a ratio is [p, q]")
    return positive(value[0], path), positive(value[1], path)


def _condition(value, pitch, path):
    """How one that is not the winner compares: `q x + p (relation) q x[w]` for any of the (relation, (p, q))."""
    word, *ratio = items(value, path, 1)
    if word in ("<", "<=") and not ratio:
        return [(LE, (0, 1)) if word == "<=" else (LT, (0, 1)) if pitch is None else (LE, pitch)]
    if word in ("gap", "tie") and pitch is None:
        gap = LE, _ratio(ratio, path)
        return [gap] if word == "gap" else [(EQ, (0, 1)), gap]
    raise Malformed(path, 'a condition is ["<"], ["<="], ["gap", p, q] or ["tie", p, q], the first two on a lattice')
