"""Bounded work and memory: few bytes that ask for much are refused, and soon."""

import contextlib
import json
from fractions import Fraction

import pytest

import relumax.kernel
from relumax.kernel import MAX_FUEL, KernelError, Refused, check
from relumax.kernel.network import read_network
from relumax.kernel.points import MAX_POINT_BITS, check_points, true
from relumax.kernel.statement import Claim
from relumax.kernel.wire import LE, MAX_BITS, NEW, Fuel, key, read_form, substitute
from tests.kernel.examples import (
    COMBINE,
    DEFINE,
    ELIM,
    EXAMPLES,
    GOAL,
    INSTANCE,
    LEAF,
    LEAF_LEMMA,
    MERGE,
    PICK,
    SPLIT,
    array,
    certificate,
    clause,
    data,
    largest,
    layer,
    lemma,
    rows,
    statement,
    var,
    with_lemmas,
)
from tests.kernel.test_rules import changed
from tests.kernel.test_total import FULL

N, BIG = 3000, str(10**590)
WIDE = [1, 0, *[x for v in range(N) for x in (v, 1)]]
ONE = ("claim", "statements", 0)


def refused(certificate):
    """The work budget stops the check, which is neither acceptance nor rejection."""
    with pytest.raises(Refused, match=r"budget|bits"):
        check(data(certificate))


def test_a_wide_head_and_many_children():
    """The negation of one max fact has as many terms as head times children."""
    refused(with_lemmas(lemma(2 * N, [largest(WIDE, *[var(v) for v in range(2 * N)])] * 20, [GOAL] * 50)))


def test_the_same_goal_again_and_again():
    refused(with_lemmas(lemma(N, [[[[1, *WIDE[1:]]]]], [GOAL] * 40_000)))


def test_merging_the_same_wide_heads_again_and_again():
    facts = tuple(largest(WIDE, *[var(v) for v in range(N)]) for _ in range(3))
    refused(with_lemmas(lemma(N, [[[[1, 1]]]], [8, 1, 2, 0] * 4000, facts)))


def test_long_definitions():
    long = [{"name": f"a{k}", "kind": "form", "length": (1 << 20) - 1, "form": [1, 0]} for k in range(20)]
    refused(changed(with_lemmas(), ((*ONE, "define"), long)))


def test_many_indices_of_many_arrays():
    arrays = [{"name": f"a{k}", "kind": "form", "length": 5, "form": [1, 0]} for k in range(1000)]
    found = changed(with_lemmas(), ((*ONE, "define"), arrays), ((*ONE, "index"), [[f"w{k}", 5] for k in range(1000)]))
    with pytest.raises(KernelError):  # refused, or stopped by the missing point: soon, in any case
        check(data(found))


def test_each_of_many():
    many = clause([["<=", 0, 1, "i"]], each=(1 << 20) - 1)
    ensures = [*with_lemmas()["claim"]["statements"][0]["ensures"], many]
    refused(changed(with_lemmas(), ((*ONE, "ensures"), ensures)))


def test_a_requirement_of_many_at_a_point():
    many = clause(*[[["<=", 0]]] * 50, each=(1 << 20) - 1)
    found = changed(with_lemmas(), ((*ONE, "requires"), [many]), (("points", 0), [{"inputs": [1, 0], "index": []}]))
    found["proofs"] = [[GOAL, SPLIT, 1, LEAF, 2, 0, -1, 2, 1, LEAF, 2, 0, 1, 2, 1]]
    refused(found)


def test_a_network_of_many_inputs_in_few_bytes():
    refused(changed(with_lemmas(), (("network", "inputs"), (1 << 20) - 1)))


@pytest.mark.parametrize("times", [[1, 0, 0, BIG], [BIG, 0, 0, 1], [1, BIG, 0, 2]])
def test_growing_numbers(times):
    """A lemma that multiplies or divides by 10^590, applied to its own result: the numbers would grow at each step."""
    grow = lemma(1, [largest(times, times)], [GOAL, SPLIT, 0, LEAF, 1, 1, 1, LEAF, 1, 1, 1])
    steps = [value for k in range(5000 if times[1] else 4) for value in (INSTANCE, 0, 1, -k if k else 0, 0)]
    with pytest.raises(Refused, match=f"{MAX_BITS} bits"):
        check(data(with_lemmas(grow, lemma(1, [[[[1, 1]]]], steps))))


def test_growing_sums():
    """Each sum multiplies the one before by 10^590: the numbers would grow at each step."""
    zero = ([[[0, 0, 0, 1]]], [[[0, 0, 1, 1]]])
    steps = [value for k in range(9) for value in (COMBINE, 2, k and k + 1, BIG, 1, 1)]
    with pytest.raises(Refused, match=f"{MAX_BITS} bits"):
        check(data(with_lemmas(lemma(2, [[[[1, 1]]]], steps, zero))))


def test_sums_of_many_terms_again_and_again():
    wide = [[[1, 0, *WIDE[2:]]]]
    refused(with_lemmas(lemma(N, [[[[1, 1]]]], [COMBINE, 1, 0, 1] * 20_000, (wide,))))


def test_growing_denominators():
    primes = [2**61 - 1, 2**89 - 1, 2**107 - 1, 2**127 - 1]
    values = [read_form([str(p**12), 1], "", 0) for p in primes]
    whole = (1, 0, tuple((v, 1) for v in range(len(values))))
    with pytest.raises(Refused, match="bits"):
        substitute(whole, values, Fuel(10**9))


@pytest.mark.parametrize("power", [2047, 2048])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_largest_integer_of_a_substitution(power, place):
    """Denominator, constant or coefficient: 2^4095 may be, 2^4096 may not."""
    large, half = 1 << power, 1 << 2048
    whole = (half, 0, ((0, 1),)) if place == 0 else (1, 0, ((0, half),))
    value = [(large, 1, ((0, 1),)), (1, -large, ((0, 1),)), (1, 1, ((0, -large),))][place]
    if power == 2047:
        den, const, terms = substitute(whole, [value], Fuel(10_000))
        assert max(den, abs(const), abs(terms[0][1])) == 1 << 4095
        return
    with pytest.raises(Refused, match=r"^refused: an integer of more than 4096 bits") as found:
        substitute(whole, [value], Fuel(10_000))
    assert found.value.path == ""


def test_growing_values_at_a_point():
    """Layer after layer divides by another number: the denominators of exact values multiply."""
    n = 60
    layers = [{"den": str(10**500 + 2 * k + 1), "rows": [[1, 0, 1]], "step": []} for k in range(n)]
    found = with_lemmas()
    found["network"] = {"inputs": 1, "layers": layers, "output": {"den": 1, "rows": [[0, 0, 1]]}}
    always = clause([["<=", 0, 1, "y[0]", -1, "x[0]"]], [["<=", 0, -1, "y[0]", 1, "x[0]"]])
    found["claim"]["statements"][0] |= {"ensures": [always]}
    found["points"] = [[{"inputs": [1, 1], "index": []}]]
    found["proofs"] = [[GOAL, LEAF, 2, n + 1, 1, n + 2, 1]]
    refused(found)


def test_the_last_of_the_budget():
    fuel = Fuel(5)
    fuel.spend(5)
    with pytest.raises(Refused) as found:
        fuel.spend(1)
    assert found.value.path == ""


def test_the_largest_value_at_a_point():
    fuel, negative = Fuel(10**6), (LE, 0, ((0, 1),))
    assert true(negative, [Fraction(-1 << 300)], fuel)
    assert fuel.left == 10**6 - 2 * NEW - 4  # of four words
    assert true(negative, [Fraction(-1 << MAX_POINT_BITS - 2)], fuel)
    for value in (Fraction(-1 << MAX_POINT_BITS - 1), Fraction(-1, 1 << MAX_POINT_BITS - 1)):
        with pytest.raises(Refused, match=r"^refused: a value of more than") as found:
            true(negative, [value], fuel)
        assert found.value.path == ""


def test_out_of_memory(monkeypatch):
    def fail(_):
        raise MemoryError

    monkeypatch.setattr("relumax.kernel.read", fail)
    with pytest.raises(Refused, match="out of memory") as found:
        check(data(with_lemmas()))
    assert found.value.path == ""


def test_the_budget_is_bounded_for_every_size():
    assert MAX_FUEL <= 10**9


def test_colliding_keys_and_many_units_are_rejected_or_refused():
    units = [[0, 1, 0, 0, 1]] * 2000
    many = lemma(1, [[[[1, 1]]]], [INSTANCE, 0, 2, 0, 1, 0] * 3000, units=tuple(units))
    with pytest.raises(KernelError):
        check(data(with_lemmas(LEAF_LEMMA | {"units": units}, many)))


# ---- objects without variables are not free: these files multiply two or three of their sizes

FALSE_OR = [["<=", 0]], [["<=", 0, 1, "x[0]"]]


def outputs_in_every_statement(many):
    """`many` statements, each with equations for `many` outputs."""
    network = {"inputs": 1, "layers": [], "output": rows(*[[0]] * (many - 1), [0, 0, 1])}
    arrays = [array("x", "in", 1), array("y", "out", many)]
    last = statement([clause(*FALSE_OR), clause([["<=", 0]], [["<=", 0, 1, "y[i]"]], each=many)])
    claim = {"arrays": arrays, "statements": [statement([clause([["<=", 0]])])] * many + [last]}
    return certificate(network, claim, [], *[[GOAL, LEAF, 1, many, 1]] * many, [GOAL])


def conclusions_of_every_instance(many):
    """A lemma with `many` conclusions, used `many` times."""
    made = lemma(0, [[[[1, 0]]]] * many, [GOAL] + [LEAF, 1, 0, 1] * many)
    return with_lemmas(made) | {"proofs": [[INSTANCE, 0, 0, 0] * many]}


def units_of_every_instance(many):
    """A lemma with `many` units, used `many` times."""
    made = lemma(0, [[[[1, 0]]]], [GOAL, LEAF, 1, many, 1], units=((0, 1, 0),) * many)
    return with_lemmas(made) | {"proofs": [[DEFINE, 0, [1, 0]] * many + [INSTANCE, 0, 1, 2, 0] * many]}


def branches_in_branches(many):
    """A branch of `many` atoms, opened `many` times, one inside the other."""
    large = [[[1, 0]] * many, [[1, 1]]]
    return with_lemmas(lemma(0, [[[[1, 0]]]], [SPLIT, 0] * many, (large,)))


@pytest.mark.parametrize(
    "hostile",
    [
        outputs_in_every_statement,
        conclusions_of_every_instance,
        units_of_every_instance,
        branches_in_branches,
    ],
)
def test_work_without_variables_is_charged(monkeypatch, hostile):
    """Twice the size takes about four times the fuel, whatever the outcome."""
    spent = []
    for many in (100, 200):
        made = []
        monkeypatch.setattr("relumax.kernel.Fuel", lambda left, made=made: made.append(Fuel(10**9)) or made[-1])
        with contextlib.suppress(KernelError):
            check(data(hostile(many)))
        spent.append(10**9 - made[0].left)
    assert spent[1] > 3 * spent[0] and spent[0] > 100 * 100


def points_times(units, reads, points):
    """The fuel that the points of a statement take."""
    network = {"inputs": 1, "layers": [layer(*[[0]] * units)], "output": rows([0])}
    define = [{"name": f"a{k}", "kind": "list", "forms": [[1, 0]]} for k in range(reads)]
    shown = [{"index": [0] * reads, "inputs": [1, 0]}] * points
    one = statement(
        [clause(*FALSE_OR), clause([["<=", 0]], [["<=", 0, 1, "y[0]"]])],
        index=[[f"w{k}", 1] for k in range(reads)],
        define=define,
    )
    fuel = Fuel(10**9)
    arrays = [array("x", "in", 1), array("y", "out", 1)]
    (found,) = Claim({"arrays": arrays, "statements": [one]}, read_network(network, fuel)).statements
    before = fuel.left
    check_points(found, shown, "", fuel)
    return before - fuel.left


def test_units_and_reads_are_charged_at_every_point():
    assert points_times(60, 0, 50) > 60 * 50 * 16
    assert points_times(1, 20, 50) > 20 * 20 * 50 * 16


# ---- the work is counted as ever: every cost shows here

USED = {
    "wire": 1374,
    "leaf": 1386,
    "split": 1734,
    "combine equalities": 1784,
    "combine a strict fact": 1665,
    "combine inequalities": 1631,
    "goal": 2062,
    "have": 1678,
    "have max": 3818,
    "instance": 2188,
    "instance of a unit": 2701,
    "instance at a head": 2354,
    "instance at the form of a unit": 2701,
    "instance of two units": 6590,
    "define relu": 2134,
    "define step": 2134,
    "define max": 2412,
    "define again": 2490,
    "bounds of step": 1734,
    "pick": 10879,
    "pick of an index": 6843,
    "merge": 2548,
    "elim": 2496,
    "max of two": 6395,
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_work_for_an_example(monkeypatch, name):
    made = []
    monkeypatch.setattr("relumax.kernel.Fuel", lambda left: made.append((left, Fuel(left))) or made[-1][1])
    check(data(EXAMPLES[name][0]))
    [(budget, fuel)] = made
    assert budget == 100 * len(data(EXAMPLES[name][0])) + 10**6
    assert budget - fuel.left == USED[name]


def test_the_budget_of_a_large_file(monkeypatch):
    made = []
    monkeypatch.setattr("relumax.kernel.Fuel", lambda left: made.append(left) or Fuel(left))
    large = with_lemmas(lemma(1, [[[[1, -1, 0, BIG]]]] * 17_000, [GOAL]))
    with pytest.raises(KernelError):
        check(data(large))
    assert made == [relumax.kernel.MAX_FUEL]


def test_the_work_for_a_statement_of_every_kind():
    fuel, used = Fuel(10**6), []
    network = read_network(FULL["network"], fuel)
    used.append(10**6 - fuel.left)
    (one,) = Claim(FULL["claim"], network).statements
    used.append(10**6 - fuel.left)
    one.context(fuel, [])
    used.append(10**6 - fuel.left)
    for t, i in ((0, 0), (0, 1), (1, 1)):
        one.pick(t, i, "")
        used.append(10**6 - fuel.left)
    check_points(one, FULL["points"][0], "", fuel)
    used.append(10**6 - fuel.left)
    assert used == [256, 1467, 3387, 3967, 4547, 4643, 11955]


# ---- few bytes that multiply: facts, units, large integers, forms with equal hashes, lines that name every array


def used(certificate):
    """The fuel that the check takes before it ends, one way or another."""
    made = []
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(KernelError):
        patch.setattr("relumax.kernel.Fuel", lambda left: made.append(Fuel(10**9)) or made[-1])
        check(data(certificate))
    return 10**9 - made[0].left


def test_an_atom_and_a_unit_of_an_instance_cost_what_any_new_one_does():
    fact, many, times = [[[1, 0, 0, 1]]], 50, 40
    facts = lemma(1, [fact] * many, [GOAL], (fact,))
    facts["proof"] += [LEAF, 2, 0, 1, 1, 1] * many
    found = with_lemmas(facts, lemma(1, [fact], [INSTANCE, 0, 1, 0, 1, 0] * times, (fact,)))
    assert used(found) > NEW * many * times
    units = lemma(1, [[[[1, -1]]]], [GOAL, LEAF, 1, many, 1], units=([0, 1, 0, 0, 1],) * many)
    user = lemma(1, [[[[1, -1]]]], [INSTANCE, 0, 2, 0, 1, 0] * times, units=([0, 1, 0, 0, 1],) * many)
    assert used(with_lemmas(units, user)) > NEW * many * times


@pytest.mark.parametrize("bits", [60, 1000])
def test_large_integers_of_a_sum_are_paid_for(bits):
    given = ([[[1, 0, 0, 1]]], [[[1, 0, *[x for v in range(100) for x in (v, 1)]]]])
    once = [COMBINE, 2, 0, 1, 1, str((1 << bits) + 1)]
    proof = lambda times: with_lemmas(lemma(100, [[[[1, 1]]]], once * times, given))  # noqa: E731
    cost = used(proof(2)) - used(proof(1))
    words = bits >> 6
    assert cost >= 100 * (1 + words) + 101 * (NEW + words)


def steps_on(*facts, then=([[[1, 1]]],), units=()):
    """A lemma of these facts, whose proof takes some steps and breaks off."""
    return lambda steps: with_lemmas(lemma(2, list(then), steps, facts, units))


def claimed(**more):
    """y = x with more in its statement, whose proof takes some steps and breaks off."""
    found = changed(with_lemmas(), *[((*ONE, name), value) for name, value in more.items()])
    return lambda steps: found | {"proofs": [steps]}


WORDS = int(BIG).bit_length() >> 6
LONG, PRODUCT = WORDS**2 >> 2, (2 * WORDS + 1) ** 2 >> 2  # of BIG, and of its square
ROW, MAXIMUM, OF_LONG = [[[1, 1, 0, BIG]]], largest([1, 1, 0, BIG], var(1)), largest([BIG, 1, 0, 1], [BIG, 3, 1, 1])
EACH, SEEN = clause([["<=", 1, BIG, "x[0]", 1, "i"]], each=5), clause([["<=", 0, 1, "y[0]"]])
FORM = {"name": "a", "kind": "form", "length": None, "form": [1, 1, BIG, "x[0]"]}
PAID = {
    "goal": (steps_on(then=(ROW,)), [GOAL], 3 * LONG),
    "goal of a maximum": (steps_on(then=(OF_LONG,)), [GOAL], 4 * PRODUCT),
    "elim": (steps_on(MAXIMUM), [ELIM, 0], 2 * 4 * LONG),
    "elim of a product": (steps_on(OF_LONG), [ELIM, 0], 2 * 4 * PRODUCT),
    "merge": (steps_on(MAXIMUM), [MERGE, 0, 0, 0], 2 * 4 * LONG),
    "merge past": (steps_on(MAXIMUM, largest(var(0), var(0))), [MERGE, 1, 1, 0], len(f"1 1 0 {int(BIG):x}") // 4 - 1),
    "unit": (steps_on(units=([0, 1, 1, 0, BIG],)), [GOAL], 2 * LONG),
    "definition": (claimed(define=[FORM]), [GOAL], 3 * 2 * LONG),
    "denominator": (claimed(define=[FORM | {"form": [BIG, 1, 1, "x[0]"]}]), [GOAL], 2 * 2 * LONG),
    "pick": (claimed(requires=[EACH]), [PICK, 0, 1], 2 * LONG),
    "cases": (claimed(ensures=[EACH, SEEN]), [GOAL], 5 * (2 + 3) * LONG),
}


@pytest.mark.parametrize("name", PAID)
def test_long_integers_are_paid_for_wherever_something_is_made_of_them(name):
    make, steps, more = PAID[name]
    short = json.loads(json.dumps(make(steps)).replace(f'"{BIG}"', "2"))
    assert used(make(steps)) - used(short) == more


def test_leaves_with_equal_hashes_are_merged_soon():
    """Python's hash of integers is modulo 2^61 - 1: as keys these forms would all collide."""
    forms = [(1, 5 + k * (2**61 - 1), ((0, 1),)) for k in range(300)]
    assert len({hash(one) for one in forms}) == 1
    assert len({hash(key(one)) for one in forms}) > 290 and len({*map(key, forms)}) == 300
    assert key((1, -2, ((3, 4),))) != key((1, -2, ((3, 4), (5, 6)))) and key((1, 1 << 4095, ()))


def test_lines_that_name_every_array_are_paid_for():
    many = 400
    network = {"inputs": many, "layers": [], "output": rows([0, 0, 1])}
    arrays = [array(f"x{k}", "in", 1, base=k) for k in range(many)] + [array("y", "out", 1)]
    seen = clause([["<=", 0]], [["<=", 0, 1, "y[0]"] + [x for k in range(many) for x in (1, f"x{k}[0]")]])
    claim = {"arrays": arrays, "statements": [statement([seen])] + [statement([clause([["<=", 0]])])] * (2 * many)}
    proofs = [[GOAL, SPLIT, 2, LEAF, 1, 2, 1], *[[GOAL, LEAF, 1, 1, 1]] * (2 * many)]
    proofs[0] = [GOAL, LEAF, 1, 1, 1]
    refused(certificate(network, claim, [], *proofs))
