"""Files made to cost much: each a certificate, or an identity, of about the size asked for. They need not be valid.

`python tests/kernel/hostile.py NAME BYTES` prints what the kernel says of one, seconds, and MiB above the start.
"""

import json
import random
import re
import sys
import time

from relumax.kernel import KernelError, check
from relumax.kernel.identity import check_identity
from tests.kernel.examples import (
    COMBINE,
    DEFINE,
    ELIM,
    GOAL,
    INSTANCE,
    LEAF,
    MERGE,
    PICK,
    SPLIT,
    array,
    certificate,
    clause,
    data,
    largest,
    lemma,
    rows,
    statement,
    var,
    with_lemmas,
)

NOTHING = [[[[1, 1]]]]
FALSE = [[[1, 1]]]
GIVEN = [GOAL, LEAF, 2, 0, 1, 1, 1]  # the goal is the fact before it


def colliding_leaves(size):
    """MERGE of wide max facts whose forms have equal hashes as tuples of integers."""
    forms = [[1, str(5 + k * (2**61 - 1)), 0, 1] for k in range(1, size // 100)]
    facts = tuple(largest([1, 0, 0, 1], *forms) for _ in range(2))
    return with_lemmas(lemma(1, NOTHING, [MERGE, 0, 1, 0] * (size // 50), facts))


def colliding_units(size):
    """Units whose forms have equal hashes as tuples of integers, and a lemma used at each."""
    base = lemma(1, NOTHING, [GOAL, LEAF, 1, 1, 1], (FALSE,), units=([0, 1, 0, 0, 1],))
    forms = [[1, str(5 + k * (2**61 - 1)), 0, 1] for k in range(1, size // 80)]
    steps = [x for k, form in enumerate(forms) for x in (DEFINE, 0, form, INSTANCE, 0, 2, form, k + 1, 1, 0)]
    return with_lemmas(base, lemma(1, NOTHING, steps, (FALSE,)))


def large_integers(size):
    """A wide fact with 600-digit coefficients, used at values with as many digits, again and again."""
    row = [x for v in range(30) for x in (v, str(10**590 + v))]
    minus = [x for v in range(30) for x in (v, str(-(10**590) - v))]
    base = lemma(30, [[[[1, 0, *row]], [[2, 0, *minus]]]], [GOAL, LEAF, 2, 0, 1, 1, 1])
    use = [INSTANCE, 0, 30, *[-1] * 30, 0]  # at the head of fact 0
    return with_lemmas(base, lemma(30, NOTHING, use * (size // 100), (largest([1, 0, *row], var(0)),)))


def wide_facts(size):
    """A fact of many terms, instantiated again and again."""
    n = size // 50
    fact = [[[1, 0, *[x for v in range(n) for x in (v, 1)]]]]
    base = lemma(n, [fact], GIVEN, [fact])
    use = [INSTANCE, 0, n, *range(n), 1, 0]
    return with_lemmas(base, lemma(n, NOTHING, use * 4, [fact]))


def wide_sums(size):
    """A fact of many terms, summed again and again."""
    n = size // 20
    wide = [[[1, 0, *[x for v in range(n) for x in (v, 1000 + v)]]]]
    return with_lemmas(lemma(n, NOTHING, [COMBINE, 1, 0, 1] * (size // 20), (wide,)))


def wide_conclusions(size):
    """Many conclusions over a variable whose value is wide."""
    n = size // 60
    base = lemma(1, [[[[1, -k, 0, 1]]] for k in range(n)], [GOAL, *[LEAF, 2, 0, 1, 1, 1] * n], [[[[1, 0, 0, 1]]]])
    wide = [x for v in range(n) for x in (v, 1)]
    return with_lemmas(base, lemma(n, NOTHING, [INSTANCE, 0, 1, [1, 0, *wide], 1, 0] * 2, [[[[1, 0, *wide]]]]))


def maxima_opened(size):
    """ELIM of a max fact of many forms, in branch after branch."""
    n = size // 30
    fact = largest(var(0), *[[1, k, 0, 1] for k in range(n)])
    return with_lemmas(lemma(1, NOTHING, [ELIM, 0] * (size // 10), (fact,)))


def long_multipliers(size):
    """A sum with a 600-digit multiplier of a wide fact with 600-digit coefficients, again and again."""
    n = size // 2000
    wide = [[[1, 0, *[x for v in range(n) for x in (v, str(10**590 + v))]]]]
    return with_lemmas(lemma(n, NOTHING, [GOAL, LEAF, 10**3, *[0, str(10**590)] * 10**3], (wide,)))


def goals_again(size):
    """The negation of a wide goal, again and again."""
    n = size // 20
    wide = [[[1, 0, *[x for v in range(n) for x in (v, 1)]]]]
    return with_lemmas(lemma(n, [wide], [GOAL] * (size // 4)))


def long_terms(size):
    """A leaf that uses a wide fact of 4000-bit coefficients, made of short ones, again and again."""
    n = size // 100
    given = [[[[1, 0, *[x for v in range(n) for x in (v, (k * v * v + 3 * v) % 9000 + 1)]]]] for k in range(4)]
    sums = [(0, 1), (2, 3), (4, 5)]
    made = [x for f, g in sums for x in (COMBINE, 2, f, str(10**590 + 1), g, str(10**590 + 7 + f))]
    use = [6, str(2**63 - 1)] * (size // 40)
    return with_lemmas(lemma(n, NOTHING, [*made, GOAL, LEAF, len(use) // 2, *use], tuple(given)))


def long_goals(size):
    """The negation of a goal with 600-digit coefficients, again and again."""
    wide = [[[1, 0, *[x for v in range(size // 1200) for x in (v, str(10**590 + v))]]]]
    return with_lemmas(lemma(size // 1200, [wide], [GOAL] * (size // 4)))


LONG_HEAD = [str(10**599 + 7), str(10**599 + 9), 0, str(10**599 + 3)]


def long_heads_opened(size):
    """ELIM of a max fact of 600-digit denominators, which multiply, in the same branch again and again."""
    forms = [[str(10**598 + 11 + 2 * k), str(10**599 + 13), 1, str(10**599 + 33)] for k in range(1 + size // 8000)]
    return with_lemmas(lemma(2, NOTHING, [ELIM, 0] * (size // 6), (largest(LONG_HEAD, *forms),)))


def long_heads_merged(size):
    """MERGE past thousands of max facts, each of the same long head."""
    base = lemma(1, [largest(var(0), var(0))], [GOAL, SPLIT, 0, LEAF, 1, 1, 1, LEAF, 1, 1, 1])
    many = size // 24
    facts = [INSTANCE, 0, 1, LONG_HEAD, 0, *[INSTANCE, 0, 1, -1, 0] * many, DEFINE, 2, 1, [1, 0, 0, 1]]
    return with_lemmas(base, lemma(1, NOTHING, facts + [MERGE, many + 1, many + 1, 0] * (size // 20)))


def _long_clause(size):
    """A network of inputs, and a clause in which each has a 600-digit coefficient."""
    n = size // 1200 + 1
    row = [x for k in range(n) for x in (str(10**590 + k), f"x[{k}]")]
    network = {"inputs": n, "layers": [], "output": rows([0, 0, 1])}
    said = clause([["<=", str(10**599 + 1), *row, 1, "i"]], each=1000 + size // 10)
    return network, [array("x", "in", n), array("y", "out", 1)], said


def long_cases(size):
    """A clause of many cases to prove, each of many 600-digit coefficients."""
    network, arrays, said = _long_clause(size)
    claim = {"arrays": arrays, "statements": [statement([said, clause([["<=", 0, 1, "y[0]"]])])]}
    return certificate(network, claim, [], [GOAL] * (size // 4))


def long_picks(size):
    """A clause with 600-digit coefficients that is required, picked again and again."""
    network, arrays, said = _long_clause(size)
    claim = {"arrays": arrays, "statements": [statement([clause([["<=", 0, 1, "y[0]"]])], requires=[said])]}
    return certificate(network, claim, [], [PICK, 0, 5] * (size // 12))


def long_elements(size):
    """An array of many elements, each a form of many 600-digit coefficients."""
    network, arrays, said = _long_clause(size)
    form = {"name": "a", "kind": "form", "length": said["each"], "form": [1, *said["any"][0][0][1:]]}
    claim = {"arrays": arrays, "statements": [statement([clause([["<=", 0, 1, "y[0]"]])], define=[form])]}
    return certificate(network, claim, [], [GOAL] * (size // 4))


def long_sentences(size):
    """Statement after statement, each of which has to name every array."""
    many = size // 250
    network = {"inputs": many, "layers": [], "output": rows([0, 0, 1])}
    arrays = [array(f"x{k}", "in", 1, base=k) for k in range(many)] + [array("y", "out", 1)]
    seen = clause([["<=", 0]], [["<=", 0, 1, "y[0]"] + [x for k in range(many) for x in (1, f"x{k}[0]")]])
    claim = {"arrays": arrays, "statements": [statement([seen])] + [statement([clause([["<=", 0]])])] * (2 * many)}
    return certificate(network, claim, [], *[[GOAL, LEAF, 1, 1, 1]] * (2 * many + 1))


def long_definitions(size):
    """Definitions of a million elements each, in few characters."""
    n = (1 << 20) - 1
    long = [{"name": f"a{k}", "kind": "form", "length": n, "form": [1, 0, 1, "i"]} for k in range(size // 70)]
    found = with_lemmas()
    found["claim"]["statements"][0]["define"] = long
    return found


def long_guards(size):
    """Clauses of a million cases each, of which one element stays unmentioned."""
    n = (1 << 20) - 1
    found = with_lemmas()
    guarded = clause([["<=", 0, 1, "a[i]"]], each=n, where=["before", "w"])
    one = found["claim"]["statements"][0]
    one["define"] = [{"name": "a", "kind": "form", "length": n, "form": [1, 0, 1, "i"]}]
    one["index"], one["requires"] = [["w", n]], [guarded] * (size // 80)
    return found


def empty_lists(size):
    """Nothing but lists: what reading JSON alone costs."""
    return with_lemmas() | {"lemmas": [[]] * (size // 3)}


def _forest(n, k, rng):
    found, parent = [], [*range(n + 1)]

    def root(a):
        while parent[a] != a:
            a = parent[a]
        return a

    while len(found) < k:
        a, b = rng.sample(range(1, n + 1), 2)
        if root(a) != root(b):
            parent[root(a)] = root(b)
            found.append([a, b])
    return found


def _identity(n, k, terms, coefficient):
    rng = random.Random(n)
    found = [{"coefficient": coefficient, "pair": [_forest(n, k, rng), _forest(n, k, rng)]} for _ in range(terms)]
    return {"n": n, "terms": found}


def many_words(size):
    """One term of 13 labels."""
    return _identity(13, 6, max(1, size // 200), 1)


def many_labels(size):
    """One term of 16 labels."""
    return _identity(16, 8, max(1, size // 200), 1)


def words_with_long_counts(size):
    """Terms of 12 labels, whose coefficients have a common denominator of thousands of bits."""
    return _identity(12, 4, max(2, size // 400), f"{10**298 + 1}/{10**290 + 1}")


def words_with_counts_of_300_digits(size):
    """One term of 13 labels, whose coefficient is as long as coefficients may be."""
    return _identity(13, 6, max(1, size // 500), "9" * 300)


def many_sets_of_pairs(size):
    """Terms of 16 labels without structure: as many sets of pairs are left inside as there are words."""
    rng = random.Random(1)
    sides = [[[rng.randint(1, 16), rng.randint(1, 16)] for _ in range(8)] for _ in range(2 * max(1, size // 145))]
    terms = [{"coefficient": t, "pair": sides[2 * t : 2 * t + 2]} for t in range(len(sides) // 2)]
    return {"n": 16, "terms": terms}


CERTIFICATES = (
    colliding_leaves,
    colliding_units,
    large_integers,
    wide_facts,
    wide_sums,
    wide_conclusions,
    maxima_opened,
    goals_again,
    long_multipliers,
    long_terms,
    long_goals,
    long_heads_opened,
    long_heads_merged,
    long_cases,
    long_picks,
    long_elements,
    long_sentences,
    long_definitions,
    long_guards,
    empty_lists,
)
IDENTITIES = many_words, many_labels, words_with_long_counts, words_with_counts_of_300_digits, many_sets_of_pairs


def peak():
    """The most memory this process has had, in MiB (`ru_maxrss` counts what its parent had when it forked)."""
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1]) / 1024


def main(name, size):
    """Make the file, then check it, and print what it cost."""
    make = globals()[name]
    made = data(make(size))
    start, before = time.process_time(), peak()
    try:
        (check_identity if make in IDENTITIES else check)(made)
        said = "accepted"
    except KernelError as problem:
        said = str(problem)[:100]
    seconds = time.process_time() - start
    found = {"bytes": len(made), "seconds": seconds, "mib": peak(), "before": before, "said": said}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
