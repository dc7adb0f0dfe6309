"""Bytes to plain objects, and the two algebraic objects everything is made of: forms and atoms.

JSON is read strictly (ASCII, no floats, no duplicate keys, no other constants); a certificate is canonical besides:
what was read, written again with sorted keys and compact separators, is the same bytes. Every reader below takes the
place it reads from, so that a rejection names it. All arithmetic is on integers.

A *form* `(den, const, terms)` is the rational affine form `(const + sum c * v) / den`: den > 0, terms a tuple of pairs
(variable, coefficient) with variables strictly increasing and coefficients nonzero, and no common divisor of all
numbers. An *atom* `(relation, const, terms)` says `const + sum c * v = 0`, `<= 0` or `< 0` (relation EQ, LE, LT); the
numbers have no common divisor, and the first coefficient of an equality is positive. So equal forms are equal tuples,
and the same constraint up to a positive multiple is the same tuple.
"""

import json
from math import gcd, lcm

from .errors import Malformed, Refused

EQ, LE, LT = 0, 1, 2
MAX_BYTES = 1 << 26
MAX_DIGITS = 600  # and sign, of an integer in a file; below every limit that Python's own int(str) can be set to
ZEROS = bytes.maketrans(b"123456789", b"000000000")
MAX_BITS = 1 << 12  # of an integer in what a substitution or a combination makes
LONG = 1 << 63  # of more bits an integer costs more
NEW = 32  # what one term of a new form or atom costs, in work: it is made, and it is kept


class Fuel:
    """A work budget: `spend` counts coefficient operations and raises `Refused` when none is left; never time."""

    __slots__ = ("left", "whose")

    def __init__(self, left, whose="for a file of this size"):
        self.left, self.whose = left, whose

    def spend(self, work):
        self.left -= work
        if self.left < 0:
            raise Refused("", f"the work budget {self.whose} is used up")


def read(data, canonical=True):
    """The object that the JSON `data` (bytes) denotes, in canonical form unless that is not asked for."""
    if type(data) is not bytes:
        raise Malformed("", "bytes are expected")
    if len(data) > MAX_BYTES:
        raise Refused("", f"larger than {MAX_BYTES} bytes")
    try:
        text, zeros = data.decode("ascii"), data.translate(ZEROS)
        if b"0" * (MAX_DIGITS + 1) in zeros or b"-" + b"0" * MAX_DIGITS in zeros:  # to convert it takes its square
            raise Malformed("", f"an integer of more than {MAX_DIGITS} characters")
        found = json.loads(text, object_pairs_hook=_no_duplicates, parse_float=_no_integer, parse_constant=_no_integer)
        same = not canonical or write(found) == data
    except ValueError as problem:
        raise Malformed("", f"not JSON: {str(problem)[:80]!a}") from None
    except RecursionError:
        raise Malformed("", "nested too deeply") from None
    if not same:
        raise Malformed("", "not in canonical form")
    return found


def write(value):
    """Canonical bytes: sorted keys, no white space, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def _no_duplicates(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("", "a key occurs twice in one object")
    return found


def _no_integer(text):
    raise Malformed("", f"not an integer: {text[:20]}")


def record(value, path, keys):
    """The values of exactly these keys, in this order."""
    if type(value) is not dict:
        raise Malformed(path, "an object is expected")
    if value.keys() != set(keys):
        wrong = sorted(value.keys() ^ set(keys))[0]
        raise Malformed(path, f"key {wrong[:20]!a} is {'unknown' if wrong in value else 'missing'}")
    return [value[key] for key in keys]


def items(value, path, least=0):
    """A list of at least `least` elements."""
    if type(value) is not list:
        raise Malformed(path, "a list is expected")
    if len(value) < least:
        raise Malformed(path, f"a list of at least {least} is expected")
    return value


def placed(value, path, least=0):
    """The elements of such a list, one after the other, each with its place."""
    for k, one in enumerate(items(value, path, least)):
        yield one, f"{path}[{k}]"


def index(value, path, below):
    """An integer with 0 <= value < below."""
    if type(value) is not int:
        raise Malformed(path, "an index is expected")
    if not 0 <= value < below:
        raise Malformed(path, f"index {value} is not in 0..{below - 1}")
    return value


def increasing(values, path, below):
    """A list of indices below `below`, strictly increasing."""
    for k, value in enumerate(items(values, path)):
        if index(value, path, below) <= (values[k - 1] if k else -1):
            raise Malformed(path, "indices must increase strictly")
    return values


def number(value, path):
    """A coefficient: an integer below 2^53 in absolute value, or a decimal string for any other."""
    if type(value) is int and -(1 << 53) < value < 1 << 53:
        return value
    if type(value) is str and len(value) <= MAX_DIGITS and value.isascii() and value.removeprefix("-").isdigit():
        big = int(value)
        if abs(big) >= 1 << 53 and str(big) == value:
            return big
    raise Malformed(path, "an integer is expected (as a decimal string from 2^53 on)")


def positive(value, path):
    """A coefficient that is at least 1."""
    found = number(value, path)
    if found < 1:
        raise Malformed(path, "a positive integer is expected")
    return found


# ---------------------------------------------------------------- forms and atoms


def sparse(values, path, below):
    """The pairs of `[v, c, v, c, ...]`: v an index below `below`, strictly increasing, c a nonzero number."""
    if len(values) % 2:
        raise Malformed(path, "pairs of an index and a coefficient are expected")
    coefficients = [number(c, path) for c in values[1::2]]
    if 0 in coefficients:
        raise Malformed(path, "a coefficient is zero")
    return tuple(zip(increasing(values[::2], path, below), coefficients, strict=True))


def read_form(value, path, below):
    """The form `[den, const, v, c, v, c, ...]` over variables below `below`."""
    items(value, path, 2)
    found = positive(value[0], path), number(value[1], path), sparse(value[2:], path, below)
    if found != form(*found):
        raise Malformed(path, "a common divisor is left in the form")
    return found


def read_atom(value, path, below):
    """The atom `[relation, const, v, c, v, c, ...]` over variables below `below`."""
    items(value, path, 2)
    found = index(value[0], path, 3), number(value[1], path), sparse(value[2:], path, below)
    if found != atom(*found):
        raise Malformed(path, "the atom is not primitive")
    return found


def form(den, const, terms):
    """The normal form of (const + sum terms) / den; den > 0, terms sorted and nonzero."""
    common = 1 if den == 1 else gcd(den, const, *[c for _, c in terms])
    if common == 1:
        return den, const, terms
    return den // common, const // common, tuple([(v, c // common) for v, c in terms])


def atom(relation, const, terms):
    """The normal form of `const + sum terms (relation) 0`; terms sorted and nonzero."""
    common = gcd(const, *[c for _, c in terms])
    if relation == EQ and (terms[0][1] if terms else const) < 0:
        common = -common
    if common in (0, 1):
        return relation, const, terms
    return relation, const // common, tuple([(v, c // common) for v, c in terms])


def collect(coefficients):
    """Sorted nonzero terms from a dict variable -> coefficient."""
    return tuple(sorted([item for item in coefficients.items() if item[1]]))


def difference(left, right, relation):
    """The atom `left - right (relation) 0` of two forms."""
    total = {v: c * right[0] for v, c in left[2]}
    for v, c in right[2]:
        total[v] = total.get(v, 0) - c * left[0]
    return atom(relation, left[1] * right[0] - right[1] * left[0], collect(total))


def substitute(whole, values, fuel):
    """The form `whole` with variable v replaced by the form values[v]."""
    den, const, terms = whole
    if len(terms) == 1 and den == 1 and const == 0 and terms[0][1] == 1:
        found = values[terms[0][0]]
        fuel.spend(len(found[2]) + 1)
        return found
    common, const, terms = replaced(const, terms, values, fuel)
    return bounded(form(den * common, const, terms), fuel)


def replaced(const, terms, values, fuel):
    """`common > 0, const, terms` of common times the sum const + terms with v replaced by the form values[v]."""
    common, made = 1, 1
    for v, _ in terms:
        inner_den, _, inner = values[v]
        made += len(inner) + 1
        if inner_den != 1:
            common = lcm(common, inner_den)
            bounded((common, 0, ()), fuel)
    fuel.spend(NEW * made)
    const *= common
    total: dict[int, int] = {}
    for v, c in terms:
        inner_den, inner_const, inner = values[v]
        weight = c if inner_den == common else c * (common // inner_den)
        if not -LONG < weight < LONG:
            fuel.spend(times(weight) * (len(inner) + 1))
        const += weight * inner_const
        for u, d in inner:
            total[u] = total.get(u, 0) + weight * d
    return common, const, collect(total)


def bounded(found, fuel):
    """The form or atom as it is, its large integers paid for; refused if it has too large an integer."""
    bits = longest(found)
    if bits > MAX_BITS:
        raise Refused("", f"an integer of more than {MAX_BITS} bits would be made")
    fuel.spend(long(bits) * (len(found[2]) + 1))
    return found


def longest(found):
    """How many bits the longest integer of a form or an atom has: as many as all of them, laid over each other."""
    over = found[0] | abs(found[1])
    for _, c in found[2]:
        over |= abs(c)
    return over.bit_length()


def long(bits):
    """What an integer of so many bits costs beyond a small one: a common divisor takes about their square."""
    return (bits >> 6) ** 2 >> 2


def times(weight):
    """What a product with this multiplier costs beyond one with a small one."""
    return (weight.bit_length() >> 6) << 4


def key(value):
    """A form as text, whose hash is seeded: a file could choose forms with equal hashes."""
    den, const, terms = value
    return f"{den:x} {const:x}" + "".join([f" {v:x} {c:x}" for v, c in terms])  # hexadecimal has no limit of length
