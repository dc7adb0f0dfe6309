r"""The door for symmetric identities: bytes in; out, `max = sum of two-hidden-layer terms` or a typed rejection.

**Statement.** Let A and B be lists of k >= 1 pairs of labels from 1..n (a pair may be a loop, {a,a}), and let

    F_{A,B}(x) = sum over all permutations s of 1..n of
                 max( sum_{ab in A} max(x_s(a), x_s(b)),  sum_{cd in B} max(x_s(c), x_s(d)) ).

Every summand is a network with two hidden layers: the inner maxima are one, the outer maximum the other. A file lists
rational c_t and pairs (A_t, B_t); it is accepted exactly if `max(x_1..x_n) = sum_t c_t F_{A_t,B_t}(x)` for all real x.
(F is from Ruess et al., arXiv 2607.21651, who generalise the maximum of five of Bakaev et al., arXiv 2505.14338.)

**Why the check is sound.** Both sides are unchanged when the inputs are permuted, so let x_1 <= ... <= x_n, and write
g_r = x_r - x_(r-1) >= 0 for r = 2..n. Fix s, and let L_r be the set of labels a with s(a) < r. Walking down from x_n,
a gap g_r has to be subtracted exactly when both labels of the pair lie below rank r:

    max(x_s(a), x_s(b)) = x_n - sum of g_r over the r with {a,b} inside L_r.

Let A(L) be the number of pairs of A inside L. Since 2 max(u, v) = u + v + |u - v|, summing over s gives

    2 F_{A,B}(x) = 2 k n! x_n  -  sum_r g_r sum_s (A + B)(L_r)  +  sum_s | sum_r (A - B)(L_r) g_r |.

*First sum*: L_r runs over all sets of r - 1 labels equally often, so a loop is inside it for (r-1) (n-1)! of the
permutations and any other pair for (r-1) (r-2) (n-2)!.

*Second sum*: as s runs over the permutations, L_n > ... > L_2 runs over the maximal chains of label sets, each once.
The integers (A - B)(L_n), ..., (A - B)(L_2) are the chain's *word* w, and it contributes |w.g|. Chains are not listed
but counted by their words, from the bottom up: a chain below L goes through L - {a} for one a in L. The words of the
chains below L depend only on the size of L and on the pairs inside L, because the labels of L in no such pair are
interchangeable: at most 2^n states where there are n! permutations, and usually far fewer.

Then |w.g| = |-w.g| and |c w.g| = c |w.g| bring each w to one of coprime entries and fixed sign. If no two entries of w
have opposite signs, w.g does not change sign where g >= 0 and |w.g| is linear. All that remains is an equation between
integers: twice the sum of c_t F_t is 2 x_n as soon as the coefficient of x_n is 2, that of each g_r is 0, and that of
every other |w.g| is 0. This is all that acceptance uses.

**Why a rejection is right too.** The hyperplane w.g = 0 of a w with both signs meets the interior of g >= 0, where
different w have different hyperplanes; near a point that lies on just one of them, the residue bends if that |w.g| has
a coefficient other than 0. So a residue that is not zero term by term is no zero function: the identity is false.

Integers only: coefficients are multiplied by their common denominator; a word is packed into one integer, a signed
digit per set. Nothing here is shared with `relumax.discover.identities`, which finds identities by deleting labels.
"""

import re
from hashlib import sha256
from math import comb, factorial, gcd, lcm

from .errors import Door, Invalid, Malformed, Refused
from .wire import MAX_DIGITS, Fuel, items, placed, read, record

BUDGET = 2 * 10**9  # the default: some 2,700 terms of n = 10 and degree 4, well under a minute
MAX_N = 16
MAX_BYTES = 1 << 24
MAX_DENOMINATOR_BITS = 1 << 13
MAX_WORDS = 1 << 19  # kept at one time, and 2 more for each byte of the file; bounds the memory
_DIGITS = f"[0-9]{{1,{MAX_DIGITS // 2}}}"
_COEFFICIENT = re.compile(rf"(-?{_DIGITS})(?:/({_DIGITS})|\.({_DIGITS}))?")

Pair = int  # the set of its labels: bit a for label a + 1; a loop has one bit
Term = tuple[int, int, list[Pair], list[Pair]]  # numerator, denominator, A, B


class Identity:
    """An accepted identity: only `check_identity`, on the bytes with this hash, makes it mean anything."""

    __slots__ = ("n", "sha256", "terms", "text")

    def __init__(self, n: int, terms: int, digest: str) -> None:
        self.n, self.terms, self.sha256 = n, terms, digest
        self.text = (
            f"for all x in R^{n}: max(x) = sum of {terms} two-hidden-layer terms c F_A,B(x), those of the file with "
            f"SHA-256 {digest}, where F_A,B(x) is the sum over all permutations s of max(sum over ab in A of "
            f"max(x_s(a), x_s(b)), sum over cd in B of max(x_s(c), x_s(d)))"
        )


class FalseIdentity(Invalid):
    """The identity does not hold. On x_1 <= ... <= x_n with gaps g_2..g_n, `scale * (right side - left side)` is

        top * x_n + sum_r gaps[r - 2] * g_r + sum over (c, w) in kinks of c * |sum_r w[r - 2] * g_r|,

    and this `residue` (scale, top, gaps, kinks) is not the zero function.
    """

    def __init__(self, n: int, residue: tuple[int, int, list[int], list[tuple[int, tuple[int, ...]]]]) -> None:
        _, top, gaps, kinks = residue
        parts = (top != 0) + sum(value != 0 for value in gaps)
        left = f"{len(kinks)} kinks and {parts} linear coefficients do not cancel"
        super().__init__("terms", f"the terms do not add up to the maximum of {n} numbers: {left}")
        self.n, self.residue = n, residue


def check_identity(data: bytes, budget: int | None = None) -> Identity:
    """The theorem that `data`, in the public format, is a true identity; else `Malformed`, `Invalid` or `Refused`.

    The work is about 2^n (label sets) times C(n+k-1, k) (ways for k pairs to fall on n ranks) for each term. It is
    estimated before any is done, and counted while it is done; both must stay within `budget`.
    """
    budget = BUDGET if budget is None else budget
    with Door():
        n, terms = read_identity(data)
        work = sum(comb(n + len(a) - 1, len(a)) for _, _, a, _ in terms) << n
        if work > budget:
            raise Refused("terms", f"{len(terms)} terms for n = {n} need about {work} steps; the budget is {budget}")
        residue = _residue(n, terms, Fuel(budget), MAX_WORDS + 2 * len(data))
        if residue[1] or any(residue[2]) or residue[3]:
            raise FalseIdentity(n, residue)
        return Identity(n, len(terms), sha256(data).hexdigest())


# ---------------------------------------------------------------------------------------------------- the mathematics


def _residue(
    n: int, terms: list[Term], fuel: Fuel, room: int
) -> tuple[int, int, list[int], list[tuple[int, tuple[int, ...]]]]:
    """Twice (the sum of c_t F_t, minus x_n), times the common denominator, as `FalseIdentity` describes it.

    At most `room` words are kept at one time, one with a count of many digits being as many.
    """
    common = 1
    for _, den, _, _ in terms:
        common = lcm(common, den)
        if common.bit_length() > MAX_DENOMINATOR_BITS:
            raise Refused("terms", f"the common denominator has more than {MAX_DENOMINATOR_BITS} bits")
    bits = max(len(a) for _, _, a, _ in terms).bit_length() + 1  # for a digit between -k and k
    each = 1 + (common.bit_length() + max(abs(num) for num, *_ in terms).bit_length()) // 1024
    top, gaps, total = -2 * common, [0] * (n - 1), dict[int, int]()
    for num, den, a, b in terms:
        weight = num * (common // den)
        top += 2 * len(a) * factorial(n) * weight
        loops = sum(pair.bit_count() == 1 for pair in a + b)
        for below in range(1, n):  # r - 1, the number of labels below rank r
            inside = loops * factorial(n - 1) + (len(a + b) - loops) * (below - 1) * factorial(n - 2)
            gaps[below - 1] -= weight * below * inside
        for word, count in _words(n, a, b, bits, room - each * len(total), fuel).items():
            word = abs(word)  # a word and its negative contribute the same; now its highest digit is not negative
            total[word] = total.get(word, 0) + weight * count
        if each * len(total) > room:
            raise Refused("terms", "more words than a file of this size may have kept at one time")
    kinks: dict[tuple[int, ...], int] = {}
    while total:  # what is read is forgotten, so that there is room for the kinks
        word, count = total.popitem()
        digits = _digits(n, word, bits)
        if min(digits) >= 0:
            for r, digit in enumerate(digits):
                gaps[r] += count * digit
        else:
            factor = gcd(*digits)
            primitive = tuple(digit // factor for digit in digits)
            kinks[primitive] = kinks.get(primitive, 0) + count * factor
    return 2 * common, top, gaps, [(count, word) for word, count in kinks.items() if count]


def _words(n: int, a: list[Pair], b: list[Pair], bits: int, room: int, fuel: Fuel) -> dict[int, int]:
    """The number of chains L_n > ... > L_2 with each word; (A - B)(L) is the digit at place |L|, `bits` bits wide.

    Label set after label set, from all n labels down, what is kept of a chain is its word so far and the pairs inside
    its last set. At most `room` of these are kept at one time.
    """
    weight: dict[Pair, int] = {}
    for side, sign in ((a, 1), (b, -1)):
        for pair in side:
            weight[pair] = weight.get(pair, 0) + sign
    pairs = [(pair, value) for pair, value in weight.items() if value]  # a pair on both sides never shows
    values = [value for _, value in pairs]
    touching = [sum(1 << place for place, (pair, _) in enumerate(pairs) if pair >> label & 1) for label in range(n)]
    done: dict[int, int] = {} if pairs else {0: factorial(n)}  # the words of chains with no pair left inside
    level = {(1 << len(pairs)) - 1: {0: 1}} if pairs else {}
    for size in range(n, 1, -1):
        smaller: dict[int, dict[int, int]] = {}
        kept = sum(map(len, level.values())) + len(done)
        for inside, words in level.items():
            for left, labels in _steps(inside, size, touching).items():
                digit = sum(value for place, value in enumerate(values) if left >> place & 1) << bits * (size - 1)
                found = smaller.setdefault(left, {}) if left else done
                ways = labels if left else labels * factorial(size - 1)
                fuel.spend(len(words))
                kept -= len(found)
                for word, count in words.items():
                    word += digit
                    found[word] = found.get(word, 0) + ways * count
                kept += len(found)
                if kept > room:
                    raise Refused("terms", "more words than a file of this size may have kept at one time")
        level = smaller
    for words in level.values():  # one label, and a loop on it: nothing is subtracted below
        for word, count in words.items():
            done[word] = done.get(word, 0) + count
    return done


def _steps(inside: int, size: int, touching: list[int]) -> dict[int, int]:
    """The sets of pairs that are left inside a set of `size` labels when one label goes: for each, of how many."""
    steps: dict[int, int] = {}
    for touched in touching:
        if touched & inside:
            left = inside & ~touched
            steps[left] = steps.get(left, 0) + 1
    idle = size - sum(steps.values())  # labels of the set in no pair inside it
    if idle:
        steps[inside] = idle
    return steps


def _digits(n: int, word: int, bits: int) -> list[int]:
    """The signed digits of a word at the places 1..n-1."""
    half, digits = 1 << bits - 1, []
    for _ in range(1, n):
        word >>= bits  # exact: the digit at this place has been taken off, and there is none at place 0
        digit = (word + half) % (2 * half) - half
        digits.append(digit)
        word -= digit
    return digits


# --------------------------------------------------------------------------------------------------------- the format


def read_identity(data: bytes) -> tuple[int, list[Term]]:
    """n and the terms of `{"n": n, "terms": [{"coefficient": c, "pair": [A, B]}, ...]}`; strict but for white space."""
    if type(data) is bytes and len(data) > MAX_BYTES:
        raise Refused("", f"larger than {MAX_BYTES} bytes")
    n, listed = record(read(data, canonical=False), "", ("n", "terms"))
    if type(n) is not int or n < 2:
        raise Malformed("n", "an integer of at least 2 is expected")
    if n > MAX_N:
        raise Refused("n", f"larger than {MAX_N}")
    terms = []
    for term, path in placed(listed, "terms", 1):
        coefficient, pair = record(term, path, ("coefficient", "pair"))
        num, den = _rational(coefficient, f"{path}.coefficient")
        if len(items(pair, f"{path}.pair")) != 2:
            raise Malformed(f"{path}.pair", "two sides are expected")
        a, b = (_side(side, f"{path}.pair[{place}]", n) for place, side in enumerate(pair))
        if len(a) != len(b):
            raise Malformed(f"{path}.pair", f"sides of {len(a)} and {len(b)} pairs; they must be of equal size")
        terms.append((num, den, a, b))
    return n, terms


def _side(value: object, path: str, n: int) -> list[Pair]:
    """A nonempty list of [i, j] with 1 <= i, j <= n."""
    side = []
    for place, pair in enumerate(items(value, path, 1)):
        if type(pair) is not list or len(pair) != 2:
            raise Malformed(f"{path}[{place}]", "a pair of indices is expected")
        i, j = pair
        if type(i) is not int or type(j) is not int or not (1 <= i <= n and 1 <= j <= n):
            raise Malformed(f"{path}[{place}]", f"indices in 1..{n} are expected")
        side.append(1 << i - 1 | 1 << j - 1)
    return side


def _rational(value: object, path: str) -> tuple[int, int]:
    """Numerator and denominator of an integer or of a string `-?digits`, `-?digits/digits` or `-?digits.digits`."""
    if type(value) is int:
        return value, 1
    match = _COEFFICIENT.fullmatch(value) if type(value) is str else None
    if match is None:
        raise Malformed(path, "an integer, or a string like '-1/60' or '0.5', is expected")
    whole, den, decimals = match.groups()
    if decimals is not None:
        return int(whole + decimals), 10 ** len(decimals)
    if den is not None and int(den) == 0:
        raise Malformed(path, "a zero denominator")
    return int(whole), int(den or 1)
