"""From an identity to a network: bytes of both in; out, that the network computes the maximum, or a typed rejection.

**Statement.** For all x in R^n the one output of the network, of at most two hidden layers of relus, is max(x).

**Why it is true.** The identity is (`identity.check_identity`). Both it and the network are then written as sums

    sum of c_v v   over basis functions v:   an input x_i,  or |D| for a sum D of basis functions before it,

by two facts alone: `2 relu(t) = t + |t|` for every unit, `2 max(s, t) = s + t + |s - t|` for every maximum; and
|c D| = c |D| for c > 0, |-D| = |D| bring each D to coprime integers and fixed sign. A number of a basis function means
the same in both sums, as one table numbers them. The coefficients are kept as integers: a sum and a positive *scale*,
the function being their quotient. If the two sums are the same, term by term, so are the functions. (A network that
computes the same in another way is rejected: nothing more is tried.)

A term F_A,B is a sum over all n! permutations of the labels, which act on the ordered pairs (A, B) of multisets of
label sets. Those that give one and the same such pair are a coset of a stabiliser: n! / m for each of the m pairs of
the orbit. The orbit is listed by exchanging neighbouring labels, which generates all permutations.

A unit of a third layer is rejected if it depends on the inputs through two units; if not, it is a constant, and without
biases 0.
"""

from hashlib import sha256
from math import factorial, gcd, lcm

from .errors import Door, Invalid, Refused
from .identity import check_identity, read_identity
from .network import read_network
from .proof import RELU
from .wire import NEW, Fuel, key, read, write

BUDGET = 10**8  # coefficient operations; n = 8 with 25 terms takes two thirds


MAX_KEPT = 1 << 18  # basis functions, and orderings of one term, at one time; n = 8 with 25 terms takes three quarters


class Linked:
    """An accepted link: only `check_link`, on the bytes with these hashes, makes it mean anything."""

    __slots__ = ("identity_sha256", "network_sha256", "statements")

    def __init__(self, n, identity_sha256, network_sha256):
        self.statements = [f"for all x in R^{n}: y = max(x)"]
        self.identity_sha256, self.network_sha256 = identity_sha256, network_sha256


def check_link(identity, network, budget=None):
    """The theorem that the network (canonical JSON, as in a certificate) is the identity's sum; raises KernelError.

    `budget` bounds the work of the identity's check and that of the comparison, each; None stands for their own.
    """
    with Door():
        found = check_identity(identity, budget)
        budget = BUDGET if budget is None else budget
        n, terms = read_identity(identity)
        if (work := sum(4 * len(a) for _, _, a, _ in terms) * factorial(n)) > budget:
            raise Refused("terms", f"{len(terms)} terms for n = {n} need about {work} steps; the budget is {budget}")
        fuel = Fuel(budget, f"of {budget} steps")
        basis = Basis(n, fuel)
        value = read(network)
        scale, left = _network(read_network(value, fuel), n, basis, fuel)
        other, right = _identity(n, terms, basis)
        if {v: c * other for v, c in left.items()} != {v: c * scale for v, c in right.items()}:
            raise Invalid("network", "it is not written as the sum of the identity's terms")
        return Linked(n, found.sha256, sha256(write(value)).hexdigest())


class Basis:
    """The basis functions by number: the inputs 0..n-1, then each |D| when it is first met."""

    __slots__ = ("fuel", "known", "n")

    def __init__(self, n, fuel):
        self.n, self.fuel, self.known = n, fuel, {}

    def size(self, total):
        """|total| for a sum with integer coefficients, as a sum: a multiple of one basis function, or nothing."""
        if not total:
            return {}
        self.fuel.spend(NEW * len(total))
        common = gcd(*total.values())
        unit = common if total[min(total)] > 0 else -common
        found = key((1, 0, sorted([(v, c // unit) for v, c in total.items()])))
        self.room(0)
        return {self.known.setdefault(found, self.n + len(self.known)): common}

    def room(self, more):
        """Refuses to keep more than there is room for: the basis, and `more`."""
        if len(self.known) + more > MAX_KEPT:
            raise Refused("", f"more than {MAX_KEPT} basis functions and orderings of a term")

    def with_size(self, total):
        """total + |total|."""
        found = dict(total)
        _add(found, 1, self.size(total))
        return found


def _add(total, factor, other):
    """total += factor * other, without zeros."""
    for v, c in other.items():
        value = total.get(v, 0) + factor * c
        if value:
            total[v] = value
        else:
            total.pop(v, None)


def _network(net, n, basis, fuel):
    """The output of the network as (scale, sum): scale times it is a sum of basis functions."""
    if net.inputs != n:
        raise Invalid("network.inputs", f"{net.inputs} inputs, and the identity is about {n}")
    if len(net.outputs) != 1:
        raise Invalid("network.output", "one output is expected")
    values: list[tuple[int, dict[int, int]]] = [(1, {v: 1}) for v in range(n)]
    layer = [0] * n

    def value(form, path):
        den, const, terms = form
        if const:
            raise Invalid(path, "a bias: the sum of the identity's terms has none")
        common = lcm(*[values[v][0] for v, _ in terms])
        total: dict[int, int] = {}
        for v, c in terms:
            scale, one = values[v]
            fuel.spend(len(one) + 1)
            _add(total, c * (common // scale), one)
        return den * common, total

    for k, (kind, form) in enumerate(net.units):
        path = f"network.units[{k}]"
        if kind != RELU:
            raise Invalid(path, "a step unit")
        layer.append(1 + max([layer[v] for v, _ in form[2]], default=0))
        if layer[-1] > 2:
            raise Invalid(path, "a third hidden layer")
        scale, total = value(form, path)
        values.append((2 * scale, basis.with_size(total)))
    return value(net.outputs[0], "network.output")


def _identity(n, terms, basis):
    """The sum of the terms as (scale, sum)."""
    twice = {}  # the maximum of a pair of labels, by their set
    for i in range(n):
        twice[1 << i] = {i: 2}
        for j in range(i):
            twice[1 << i | 1 << j] = {i: 1, j: 1}
            _add(twice[1 << i | 1 << j], 1, basis.size({i: 1, j: -1}))
    common = lcm(*[den for _, den, _, _ in terms])
    total: dict[int, int] = {}
    for num, den, a, b in terms:
        if num == 0:
            continue
        orbit = _orbit(n, a, b, basis)
        counts: dict[int, int] = {}
        for sides in orbit:
            difference: dict[int, int] = {}
            for side, sign in zip(sides, (1, -1), strict=True):
                for pair in side:
                    _add(counts, 1, twice[pair])
                    _add(difference, sign, twice[pair])
            _add(counts, 1, basis.size(difference))
        _add(total, num * (common // den) * (factorial(n) // len(orbit)), counts)
    return 4 * common, total  # twice for the pairs, twice for the maximum of the two sides


def _orbit(n, a, b, basis):
    """All that permutations of the labels make of the two lists of pairs."""
    start = tuple(sorted(a)), tuple(sorted(b))
    found: set[object] = {start}
    pending = [start]
    pairs = [1 << i | 1 << j for i in range(n) for j in range(n)]
    # exchanging labels `low` and `low + 1` changes a set that holds just one of them
    swaps = [{pair: pair ^ 3 << low if pair >> low & 3 in (1, 2) else pair for pair in pairs} for low in range(n - 1)]
    while pending:
        one = pending.pop()
        basis.fuel.spend(2 * len(a) * (n + 6))
        basis.room(len(found))
        for swap in swaps:
            swapped = tuple(sorted([swap[pair] for pair in one[0]])), tuple(sorted([swap[pair] for pair in one[1]]))
            if swapped not in found:
                found.add(swapped)
                pending.append(swapped)
    return found
