"""Points: what a statement with a requirement or an index must show, lest it hold for want of a case.

At a point every variable of the statement has a value, an exact fraction, computed from the network and definitions.
"""

from .errors import Invalid, Malformed, Refused
from .proof import RELU, branches
from .wire import EQ, LE, NEW, index, items, long, number, placed, positive, record

MAX_POINT_BITS = 1 << 14  # of a value at a point


def check_points(statement, points, path, fuel):
    """Every point meets every requirement and shows every promise kept; each index is seen at both ends."""
    if not items(points, path) and (statement.requires or statement.indices):
        raise Malformed(path, "a statement that requires something shows a point that meets it")
    ends = [{0, n - 1} for _, n, _ in statement.indices]
    for point, place in placed(points, path):
        at_point = values(statement, point, place, fuel)
        for word, clauses in (("requires", statement.requires), ("ensures", statement.ensures)):
            for k, (at, n, *_) in enumerate(clauses):
                if not all(true(at(i), at_point, fuel) for i in range(n)):
                    raise Invalid(place, f"{word}[{k}] is false at the point")
        for array, pitch in [winner for *_, winner in statement.requires if winner is not None]:
            for v in array.variables() if pitch else ():
                fuel.spend(NEW)
                if (at_point[v] * pitch[1] / pitch[0]).denominator != 1:
                    raise Invalid(place, "an element is not on the lattice")
        for end, (_, _, w) in zip(ends, statement.indices, strict=True):
            end.discard(at_point[w])
    for end, (name, *_) in zip(ends, statement.indices, strict=True):
        if end:
            raise Invalid(path, f"no point has {name} = {min(end)}")


def values(statement, point, path, fuel):
    """The value of every variable of the statement at a point, as Fractions."""
    from fractions import Fraction

    network = statement.network
    inputs, indices = record(point, path, ("inputs", "index"))
    if len(items(inputs, path)) != network.inputs + 1 or len(items(indices, path)) != len(statement.indices):
        raise Malformed(path, "a point is a denominator with one number for each input, and one for each index")
    den = positive(inputs[0], path)
    found = [Fraction(number(one, path), den) for one in inputs[1:]]

    def add(kind, data):
        if kind == "read":
            fuel.spend(NEW)
            array, w = data
            found.append(found[array.base + array.stride * found[w].numerator])
            return
        if kind in ("max", "min"):
            best = max([_evaluate(one, found, fuel) for one in data])
            found.append(best if kind == "max" else -best)
            return
        t = _evaluate(data, found, fuel)
        found.append(t if kind == "form" else max(t, Fraction(0)) if kind == "relu" else Fraction(t >= 0))

    for kind, data in network.units:
        add("relu" if kind == RELU else "step", data)
    for data in network.outputs:
        add("form", data)
    for w, (_, n, _) in zip(indices, statement.indices, strict=True):
        found.append(Fraction(index(w, path, n)))
    for kind, _, data in statement.definitions:
        add(kind, data)
    return found


def true(fact, at_point, fuel):
    """Whether an atom or a clause holds for these values of the variables."""

    def holds(one):
        total = _evaluate((1, *one[1:]), at_point, fuel)
        return total == 0 if one[0] == EQ else total <= 0 if one[0] == LE else total < 0

    return any(all(map(holds, branch)) for branch in branches(fact))


def _evaluate(value, at_point, fuel):
    """The value of a form, a Fraction."""
    from fractions import Fraction

    den, const, terms = value
    total = Fraction(const)
    fuel.spend(NEW)
    for v, c in terms:
        total += c * at_point[v]
        bits = total.numerator.bit_length() + total.denominator.bit_length()
        fuel.spend(NEW + long(bits))
        if bits > MAX_POINT_BITS:
            raise Refused("", f"a value of more than {MAX_POINT_BITS} bits at a point")
    return total / den
