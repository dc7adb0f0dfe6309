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
The integers (A - B)(L_n), ..., (A - B)(L_2) are the chain's *word* w, and it contributes c_t |w.g|. Chains are not
listed: what they weigh together, of all terms, is kept for each word. From L a chain goes on to L - {a}, for one a in
L, and how it can end depends only on the size of L and on the pairs inside L, as often as they are in A and in B, under
any names of the labels: so chains that agree in these and in their words so far go on as one, from whatever terms.

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
from math import factorial, gcd, lcm

from .errors import Door, Invalid, Malformed, Refused
from .wire import MAX_DIGITS, Fuel, items, placed, read, record

BUDGET = 5 * 10**7  # the default: half a minute or so; 1,330 terms of n = 11 take 1,500,000
MAX_N = 16
MAX_BYTES = 1 << 24
MAX_DENOMINATOR_BITS = 1 << 13
MAX_WORDS = 1 << 19  # kept at one time, and 2 more for each byte of the file; bounds the memory
_DIGITS = f"[0-9]{{1,{MAX_DIGITS // 2}}}"
_COEFFICIENT = re.compile(rf"(-?{_DIGITS})(?:/({_DIGITS})|\.({_DIGITS}))?")

Pair = int  # the set of its labels: bit a for label a + 1; a loop has one bit
Term = tuple[int, int, list[Pair], list[Pair]]  # numerator, denominator, A, B
Inside = tuple[tuple[int, int, int], ...]  # pairs of labels i <= j, and how much more often each is in A than in B


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

    The work is about 2^n (label sets) times C(n+k-1, k) (ways for k pairs to fall on n ranks) for each term, less what
    terms share, which is most of it. It is counted while it is done, and must stay within `budget`.
    """
    budget = BUDGET if budget is None else budget
    with Door():
        n, terms = read_identity(data)
        residue = _residue(n, terms, Fuel(budget, f"of {budget} steps"), MAX_WORDS + 2 * len(data))
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
    each = 1 + (common.bit_length() + max(abs(num) for num, *_ in terms).bit_length()) // 256
    top, gaps, chains = -2 * common, [0] * (n - 1), dict[Inside, int]()
    for num, den, a, b in terms:
        weight = num * (common // den)
        top += 2 * len(a) * factorial(n) * weight
        loops = sum(pair.bit_count() == 1 for pair in a + b)
        for below in range(1, n):  # r - 1, the number of labels below rank r
            inside = loops * factorial(n - 1) + (len(a + b) - loops) * (below - 1) * factorial(n - 2)
            gaps[below - 1] -= weight * below * inside
        start = _inside(a, b)
        chains[start] = chains.get(start, 0) + weight
    words = _words(n, chains, bits, room // each, fuel)
    kinks: dict[tuple[int, ...], int] = {}
    while words:  # what is read is forgotten, so that there is room for the kinks
        word, weight = words.popitem()
        digits = _digits(n, abs(word), bits)  # a word and its negative contribute the same
        if min(digits) >= 0:
            for r, digit in enumerate(digits):
                gaps[r] += weight * digit
        else:
            factor = gcd(*digits)
            primitive = tuple(digit // factor for digit in digits)
            kinks[primitive] = kinks.get(primitive, 0) + weight * factor
    return 2 * common, top, gaps, [(weight, word) for word, weight in kinks.items() if weight]


def _words(n: int, chains: dict[Inside, int], bits: int, room: int, fuel: Fuel) -> dict[int, int]:
    """The weight of the chains L_n > ... > L_2 with each word; (A - B)(L) is the digit at place |L|, `bits` bits wide.

    `chains` has the weight of each term, by its pairs. Label set after label set, from all n labels down, what is kept
    of a chain is the pairs inside its last set and its word so far; whatever term it came from, its end is the same.
    At most `room` words, and pairs inside sets, are kept at one time.
    """
    done: dict[int, int] = {}  # the words of chains with no pair left inside
    level = {inside: {0: weight} for inside, weight in chains.items() if inside}
    for size in range(n, 1, -1):
        smaller: dict[Inside, dict[int, int]] = {}
        kept = sum(len(inside) + len(words) for inside, words in level.items()) + len(done)
        for inside, words in level.items():
            for left, labels in _steps(inside, size, fuel).items():
                digit = sum(value for _, _, value in left) << bits * (size - 1)
                kept += len(left) if left not in smaller else 0  # pairs take as much room as words
                found = smaller.setdefault(left, {}) if left else done
                ways = labels if left else labels * factorial(size - 1)
                fuel.spend(len(words))
                kept -= len(found)
                for word, weight in words.items():
                    word += digit
                    found[word] = found.get(word, 0) + ways * weight
                kept += len(found)
                if kept > room:
                    raise Refused("terms", "more words than a file of this size may have kept at one time")
        level = smaller
    for words in level.values():  # one label, and a loop on it: nothing is subtracted below
        for word, weight in words.items():
            done[word] = done.get(word, 0) + weight
    return done


def _steps(inside: Inside, size: int, fuel: Fuel) -> dict[Inside, int]:
    """What is left inside a set of `size` labels when one label goes: for each, after how many of the labels."""
    steps: dict[Inside, int] = {}
    labels = {label for i, j, _ in inside for label in (i, j)}
    fuel.spend(len(labels) * len(inside))
    for label in labels:
        left = _renamed([pair for pair in inside if label not in pair[:2]])
        steps[left] = steps.get(left, 0) + 1
    if size > len(labels):  # labels of the set in no pair inside it
        steps[inside] = size - len(labels)
    return steps


def _inside(a: list[Pair], b: list[Pair]) -> Inside:
    """The pairs of a term inside the set of all labels; a pair that is as often in A as in B never shows."""
    value: dict[Pair, int] = {}
    for side, sign in ((a, 1), (b, -1)):
        for pair in side:
            value[pair] = value.get(pair, 0) + sign
    ends = ((pair & -pair, 1 << pair.bit_length() - 1, count) for pair, count in value.items() if count)
    return _renamed([*ends])


def _renamed(pairs: list[tuple[int, int, int]]) -> Inside:
    """The pairs with their labels named 0, 1, 2, ... in a new order, those in most pairs first.

    Any names are right, for the words of the chains below do not depend on them. That sets of pairs which differ in
    names only become the same, most of the time, saves work.
    """
    busy: dict[int, int] = {}
    for i, j, value in pairs:
        busy[i] = busy.get(i, 0) + 100 + value
        busy[j] = busy.get(j, 0) + 100 + value
    names: dict[int, int] = {}
    ends = [(i, j, value) if busy[i] >= busy[j] else (j, i, value) for i, j, value in pairs]
    for i, j, _ in sorted(ends, key=lambda end: (busy[end[0]], busy[end[1]], end[2]), reverse=True):
        names.setdefault(i, len(names))
        names.setdefault(j, len(names))
    return tuple(sorted((min(names[i], names[j]), max(names[i], names[j]), value) for i, j, value in pairs))


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
