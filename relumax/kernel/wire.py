"""Bytes to plain objects, and the two algebraic objects everything is made of: forms and atoms.

JSON is read strictly (no floats, no duplicate keys, no other constants) and must be canonical: what was read,
written again with sorted keys and compact separators in ASCII, is the same bytes. Every reader below takes the place
it reads from, so that a rejection names it. All arithmetic is on integers.

A *form* `(den, const, terms)` is the rational affine form `(const + sum c * v) / den`: den > 0, terms a tuple of pairs
(variable, coefficient) with variables strictly increasing and coefficients nonzero, and no common divisor of all
numbers. An *atom* `(relation, const, terms)` says `const + sum c * v = 0`, `<= 0` or `< 0` (relation EQ, LE, LT); the
numbers have no common divisor, and the first coefficient of an equality is positive. So equal forms are equal tuples,
and the same constraint up to a positive multiple is the same tuple.
"""

import json
import re
from math import gcd, lcm

from .errors import Malformed, Refused

EQ, LE, LT = 0, 1, 2
MAX_BYTES = 1 << 27
MAX_DIGITS = 600  # below every limit that Python's own int(str) can be set to
_BIG = re.compile(r"-?[1-9][0-9]{15,%d}" % (MAX_DIGITS - 1))


class Fuel:
    """A work budget: `spend` counts coefficient operations and raises `Refused` when none is left; never time."""

    __slots__ = ("left",)

    def __init__(self, left):
        self.left = left

    def spend(self, work):
        self.left -= work
        if self.left < 0:
            raise Refused("", "the work budget for a file of this size is used up")


def read(data):
    """The object that canonical JSON `data` (bytes) denotes."""
    if type(data) is not bytes:
        raise Malformed("", "a certificate is bytes")
    if len(data) > MAX_BYTES:
        raise Refused("", f"larger than {MAX_BYTES} bytes")
    try:
        found = json.loads(
            data.decode("ascii"),
            object_pairs_hook=_no_duplicates,
            parse_int=_small,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except Malformed:
        raise
    except (UnicodeDecodeError, ValueError) as problem:
        raise Malformed("", f"not JSON: {str(problem)[:80]!a}") from None
    except RecursionError:
        raise Malformed("", "nested too deeply") from None
    if write(found) != data:
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


def _small(text):
    if len(text) > 17:
        raise Malformed("", "an integer of 2^53 or more is written as a decimal string")
    return int(text)


def _no_float(text):
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


def index(value, path, below):
    """An integer with 0 <= value < below."""
    if type(value) is not int:
        raise Malformed(path, "an index is expected")
    if not 0 <= value < below:
        raise Malformed(path, f"index {value} is not in 0..{below - 1}")
    return value


def number(value, path):
    """A coefficient: an integer below 2^53 in absolute value, or a decimal string for any other."""
    if type(value) is int and -(1 << 53) < value < 1 << 53:
        return value
    if type(value) is str and _BIG.fullmatch(value):
        big = int(value)
        if abs(big) >= 1 << 53:
            return big
    raise Malformed(path, "an integer is expected (as a decimal string from 2^53 on)")


def positive(value, path):
    """A coefficient that is at least 1."""
    found = number(value, path)
    if found < 1:
        raise Malformed(path, "a positive integer is expected")
    return found


def sparse(values, path, below):
    """The pairs of `[v, c, v, c, ...]`: v an index below `below`, strictly increasing, c a nonzero number."""
    if len(values) % 2:
        raise Malformed(path, "pairs of an index and a coefficient are expected")
    terms = []
    last = -1
    for k in range(0, len(values), 2):
        v, c = index(values[k], path, below), number(values[k + 1], path)
        if v <= last:
            raise Malformed(path, "indices must increase strictly")
        if c == 0:
            raise Malformed(path, "a coefficient is zero")
        last = v
        terms.append((v, c))
    return tuple(terms)


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
    if den != 1:
        common = gcd(den, const, *[c for _, c in terms])
        if common != 1:
            return den // common, const // common, tuple((v, c // common) for v, c in terms)
    return den, const, terms


def atom(relation, const, terms):
    """The normal form of `const + sum terms (relation) 0`; terms sorted and nonzero."""
    common = gcd(const, *[c for _, c in terms])
    if relation == EQ and (terms[0][1] if terms else const) < 0:
        common = -common
    if common in (0, 1):
        return relation, const, terms
    return relation, const // common, tuple((v, c // common) for v, c in terms)


def collect(coefficients):
    """Sorted nonzero terms from a dict variable -> coefficient."""
    return tuple(sorted([item for item in coefficients.items() if item[1]]))


def scaled(weight, terms):
    """The terms of `weight * terms`."""
    return tuple((v, weight * c) for v, c in terms)


def substitute(whole, values, fuel):
    """The form `whole` (a form) with variable v replaced by the form values[v]."""
    den, const, terms = whole
    if len(terms) == 1 and den == 1 and const == 0 and terms[0][1] == 1:
        return values[terms[0][0]]
    common = 1
    for v, _ in terms:
        common = lcm(common, values[v][0])
    const *= common
    total = {}
    for v, c in terms:
        inner_den, inner_const, inner = values[v]
        weight = c * (common // inner_den)
        const += weight * inner_const
        fuel.spend(len(inner) + weight.bit_length() // 64 + 1)
        for u, d in inner:
            total[u] = total.get(u, 0) + weight * d
    fuel.spend(const.bit_length() // 64 + common.bit_length() // 64 + 1)
    return form(den * common, const, collect(total))


def substitute_atom(whole, values, fuel):
    """The atom `whole` with variable v replaced by the form values[v]."""
    relation, const, terms = whole
    _, const, terms = substitute((1, const, terms), values, fuel)
    return atom(relation, const, terms)
