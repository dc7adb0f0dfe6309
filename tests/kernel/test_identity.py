"""The door for symmetric identities: what it accepts, and the kind and place of every rejection."""

import hashlib
import json
import random
from collections import Counter
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.identities import plain_check
from relumax.discover.identities.graphs import Catalogue, pair_edges
from relumax.discover.identities.witness import symmetric_sum
from relumax.kernel.errors import Invalid, Malformed, Refused
from relumax.kernel.identity import FalseIdentity, _inside, _renamed, _residue, _words, check_identity, read_identity
from relumax.kernel.wire import Fuel

MOST = 59  # words, and pairs inside sets, kept at one time for MAX_5
PROOFS = Path(__file__).parents[2] / "proofs" / "identities"

MAX_5 = {
    "12,12|12,12": "-1/120",
    "12,12|12,13": "1/60",
    "12,12|34,35": "1/120",
    "12,13|14,15": "1/48",
    "12,13|14,25": "-1/30",
}
MAX_6 = {"12,12|34,34": "1/720", "12,13|14,56": "1/360", "12,13|45,46": "-1/1440", "12,34|13,56": "-1/360"}


def pair(text):
    """The sides that '12,13|14,25' abbreviates."""
    return [[[int(label) for label in labels] for labels in side.split(",")] for side in text.split("|")]


def identity(n, terms):
    return {"n": n, "terms": [{"coefficient": c, "pair": pair(text)} for text, c in terms.items()]}


def encode(found):
    return json.dumps(found).encode()


def check(n, terms):
    return check_identity(encode(identity(n, terms)))


# ----------------------------------------------------------------------------------------------------------- accepted


@pytest.mark.parametrize(("n", "terms"), [(5, MAX_5), (6, MAX_6)])
def test_the_identities_of_the_papers(n, terms):
    data = encode(identity(n, terms))
    theorem = check_identity(data)
    assert (theorem.n, theorem.terms, theorem.sha256) == (n, len(terms), hashlib.sha256(data).hexdigest())
    assert theorem.text.startswith(f"for all x in R^{n}: max(x) = sum of {len(terms)} two-hidden-layer terms")
    assert theorem.sha256 in theorem.text
    assert plain_check(data)


@pytest.mark.parametrize("coefficient", ["1/2", "0.5", "2/4", "0.50", "00.5", "1/2"])
def test_spellings_of_a_coefficient(coefficient):
    assert check(2, {"12|12": coefficient}).terms == 1


def test_a_coefficient_may_be_an_integer():
    assert check(2, {"12|12": "1/2", "11|22": 0}).terms == 2
    assert check(2, {"12|12": "-1/2", "11|22": 1}).terms == 2


def test_a_coefficient_may_be_an_integer_in_a_string():
    assert check(2, {"12|12": "-1/2", "11|22": "1"}).terms == 2


def test_loops_beside_other_pairs():
    """max(x_a, x_b) over all permutations, as an outer maximum of loops and as an inner one."""
    assert check(5, MAX_5 | {"11|22": "1/7", "12|12": "-1/7"}).terms == 7


def test_white_space_loops_and_sides_of_varying_size():
    text = """ { "terms" : [ {"pair": [ [[2,1]], [[1,2]] ], "coefficient": "1/4"},
        {"coefficient": "0.25", "pair": [[[1, 1], [1, 1]], [[2, 2], [2, 2]]]} ],
        "n" : 2 }\n"""
    with pytest.raises(FalseIdentity):
        check_identity(text.encode())
    assert check_identity(text.replace("0.25", "0.125").encode()).terms == 2


@pytest.mark.parametrize("text", MAX_5)
def test_a_term_with_both_sides_doubled_counts_twice(text):
    doubled = "|".join(f"{side},{side}" for side in text.split("|"))
    rest = {form: c for form, c in MAX_5.items() if form != text}
    assert check(5, rest | {doubled: str(Fraction(MAX_5[text]) / 2)}).terms == 5
    with pytest.raises(FalseIdentity):
        check(5, rest | {doubled: MAX_5[text]})


@pytest.mark.parametrize("n", [5, 6, 7, 8, 9, 10, 11])
def test_the_shipped_identities(n):
    terms = {5: 3, 6: 4, 7: 17, 8: 24, 9: 135, 10: 243, 11: 1330}
    theorem = check_identity((PROOFS / f"max-{n}.json").read_bytes())
    assert theorem.n == n
    assert theorem.terms == terms[n]


# ------------------------------------------------------------------------------------------------------------ invalid


@pytest.mark.parametrize("n", [5, 6, 7, 8])
def test_one_unit_in_one_coefficient(n):
    found = json.loads((PROOFS / f"max-{n}.json").read_bytes())
    for term in random.Random(n).sample(found["terms"], min(8, len(found["terms"]))):
        good = term["coefficient"]
        value = Fraction(good)
        for unit in (1, -1):
            term["coefficient"] = f"{value.numerator + unit}/{value.denominator}"
            with pytest.raises(FalseIdentity) as caught:
                check_identity(encode(found))
            assert caught.value.path == "terms"
            assert caught.value.n == n
        term["coefficient"] = good


@pytest.mark.parametrize(
    ("n", "terms", "kinks", "linear"),
    [
        (3, {"12|12": 1}, 0, 2),
        (3, {"12|12": "1/6"}, 0, 1),
        (4, {"14,23|12,13": "-1/24", "23,34|12,13": "1/16"}, 1, 2),
    ],
)
def test_the_reason_counts_what_is_left(n, terms, kinks, linear):
    with pytest.raises(FalseIdentity) as caught:
        check(n, terms)
    assert caught.value.path == "terms"
    assert caught.value.reason.startswith(f"the terms do not add up to the maximum of {n} numbers")
    assert f"{kinks} kinks and {linear} linear coefficients do not cancel" in caught.value.reason


@pytest.mark.parametrize(("n", "terms"), [(5, MAX_5), (6, MAX_6)])
def test_a_term_left_out_or_twice(n, terms):
    listed = identity(n, terms)["terms"]
    for place in range(len(listed)):
        for changed in (listed[:place] + listed[place + 1 :], [*listed, listed[place]]):
            with pytest.raises(FalseIdentity):
                check_identity(encode({"n": n, "terms": changed}))


def test_every_identity_with_one_label_changed():
    """A change that amounts to a relabelling leaves it true; what else stays true, the list of permutations confirms:
    a pair that both sides share may be moved, as in `m12 + max(m12, m13)` and `m12 + max(m14, m13)`."""
    catalogue, accepted, rejected = Catalogue(), 0, 0
    for text, coefficient in MAX_5.items():
        for place, other in product([place for place, label in enumerate(text) if label.isdigit()], "12345"):
            changed = text[:place] + other + text[place + 1 :]
            if changed in MAX_5:
                continue
            classes = [catalogue.classify(pair_edges(*pair(form))) for form in (text, changed)]
            same = classes[0] in (classes[1], catalogue.exchanged(classes[1]))
            data = encode(identity(5, {form: c for form, c in MAX_5.items() if form != text} | {changed: coefficient}))
            try:
                verdict = check_identity(data).n == 5
            except FalseIdentity:
                verdict = False
            assert verdict or not same
            accepted, rejected = accepted + verdict, rejected + (not verdict)
            if verdict or rejected % 4 == 0:
                assert plain_check(data) == verdict
    assert accepted > 10
    assert rejected > 80


def test_the_same_terms_for_another_number_of_inputs():
    with pytest.raises(Invalid):
        check(6, MAX_5)
    with pytest.raises(Invalid):
        check(7, MAX_6)


def test_true_on_all_zeros_and_ones_is_not_true():
    terms = {"14,23|12,13": "-1/24", "23,34|12,13": "1/16"}

    def right(x):
        return sum(Fraction(c) * symmetric_sum(*pair(text), x) for text, c in terms.items())

    assert all(right(x) == max(x) for x in product((0, 1), repeat=4))
    assert right((0, 0, 1, 2)) != 2
    with pytest.raises(FalseIdentity) as caught:
        check(4, terms)
    assert caught.value.residue[1] == 0
    assert len(caught.value.residue[3]) > 0


@pytest.mark.parametrize(
    ("n", "terms", "residue"),
    [
        (4, {"14,23|12,13": "-1/24", "23,34|12,13": "1/16"}, (96, 0, [0, -2, -2], [(2, (0, -1, 1))])),
        (3, {"12|12": "1/3", "12,13|11,22": "1/5"}, (30, 102, [0, -44], [])),
    ],
)
def test_a_residue(n, terms, residue):
    with pytest.raises(FalseIdentity) as caught:
        check(n, terms)
    assert caught.value.residue == residue


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4)).map(list)
sides = st.integers(1, 3).flatmap(lambda k: st.tuples(*[st.lists(pairs, min_size=k, max_size=k)] * 2).map(list))
terms_lists = st.lists(st.tuples(st.fractions(-3, 3, max_denominator=12), sides), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(terms_lists, st.lists(st.integers(-6, 6), min_size=4, max_size=4).map(sorted))
def test_the_residue_is_what_the_sides_differ_by(terms, x):
    listed = [{"coefficient": str(c), "pair": both} for c, both in terms]
    n, read = read_identity(encode({"n": 4, "terms": listed}))
    scale, top, gaps, kinks = _residue(n, read, Fuel(10**9), 10**6)
    g = [b - a for a, b in pairwise(x)]
    residue = top * x[-1] + sum(a * b for a, b in zip(gaps, g, strict=True))
    residue += sum(c * abs(sum(a * b for a, b in zip(w, g, strict=True))) for c, w in kinks)
    plain = sum(c * symmetric_sum(a, b, x) for c, (a, b) in terms) - max(x)
    assert Fraction(residue, scale) == plain


def alike(some, others):
    """Whether pairs with values are the same up to the names of labels."""
    catalogue = Catalogue()
    one, two = (catalogue.classify([(i, j, v + 10, 0) for i, j, v in pairs]) for pairs in (some, others))
    return one == two


@settings(max_examples=60, deadline=None)
@given(terms_lists)
def test_terms_weigh_together_what_they_weigh_one_by_one(terms):
    """Chains of different terms are taken together; alone, each has the same words."""
    listed = [{"coefficient": str(c), "pair": both} for c, both in terms]
    _, read = read_identity(encode({"n": 4, "terms": listed}))
    scale, top, gaps, kinks = _residue(4, read, Fuel(10**9), 10**6)
    apart = [_residue(4, [term], Fuel(10**9), 10**6) for term in read]
    assert Fraction(top, scale) + 1 == sum(Fraction(top, scale) + 1 for scale, top, _, _ in apart)
    for r in range(3):
        assert Fraction(gaps[r], scale) == sum(Fraction(gaps[r], scale) for scale, _, gaps, _ in apart)
    added = Counter()
    for scale_, _, _, words in apart:
        for weight, word in words:
            added[word] += Fraction(weight, scale_)
    assert {word: Fraction(weight, scale) for weight, word in kinks} == {w: c for w, c in added.items() if c}


labels = st.integers(0, 5)


@given(st.lists(st.tuples(labels, labels, st.sampled_from([-2, -1, 1, 3])), max_size=8), st.permutations(range(6)))
def test_new_names_are_only_names(pairs, names):
    """The pairs under new names are those of before, up to names; renamed again, they stay."""
    given = [(min(i, j), max(i, j), value) for i, j, value in {(min(p[:2]), max(p[:2])): p for p in pairs}.values()]
    renamed = _renamed(given)
    assert alike(given, renamed)
    assert alike(given, _renamed([(min(names[i], names[j]), max(names[i], names[j]), v) for i, j, v in given]))
    before, after = ({label for i, j, _ in some for label in (i, j)} for some in (given, renamed))
    assert after == set(range(len(before)))


# ---------------------------------------------------------------------------------------------------------- malformed

GOOD = '{"n": 2, "terms": [{"coefficient": "1/2", "pair": [[[1,2]], [[1,2]]]}]}'


def changed(old, new):
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, 1)


MALFORMED = [
    ("", "", "not JSON"),
    (GOOD[:-1], "", "not JSON"),
    (GOOD + "1", "", "not JSON"),
    (GOOD + GOOD, "", "not JSON"),
    ("\ufeff" + GOOD, "", "not JSON"),
    ("[" * 100_000, "", "n"),
    ("[]", "", "an object is expected"),
    ("null", "", "an object is expected"),
    ("{}", "", "missing"),
    (changed('"n": 2, ', ""), "", "missing"),
    (changed('"n": 2', '"n": 2, "n": 2'), "", "twice"),
    (changed('"coefficient"', '"coefficient": 1, "coefficient"'), "", "twice"),
    (changed('"n": 2', '"n": 2, "name": 2'), "", "unknown"),
    (changed('"coefficient"', '"note": 1, "coefficient"'), "terms[0]", "unknown"),
    (changed('"n": 2', '"n": true'), "n", "integer"),
    (changed('"n": 2', '"n": "2"'), "n", "integer"),
    (changed('"n": 2', '"n": 1'), "n", "at least 2"),
    (changed('"n": 2', '"n": 0'), "n", "at least 2"),
    (changed('"n": 2', '"n": -2'), "n", "at least 2"),
    (changed('"n": 2', '"n": 2.0'), "", "not an integer"),
    (changed('"n": 2', '"n": 2e0'), "", "not an integer"),
    (changed('"n": 2', '"n": NaN'), "", "not an integer"),
    (changed('"n": 2', '"n": -Infinity'), "", "not an integer"),
    (changed('"n": 2', '"n": ' + "2" * 5000), "", "integer of more than"),
    ('{"n": 2, "terms": []}', "terms", "at least 1"),
    ('{"n": 2, "terms": {}}', "terms", "a list"),
    ('{"n": 2, "terms": [1]}', "terms[0]", "an object"),
    (changed("[[[1,2]], [[1,2]]]", "[[[1,2]]]"), "terms[0].pair", "two sides"),
    (changed("[[[1,2]], [[1,2]]]", "[[[1,2]], [[1,2]], [[1,2]]]"), "terms[0].pair", "two sides"),
    (changed("[[[1,2]], [[1,2]]]", "7"), "terms[0].pair", "a list"),
    (changed("[[[1,2]], [[1,2]]]", "[[[1,2]], [[1,2],[1,2]]]"), "terms[0].pair", "equal size"),
    (changed("[[[1,2]], [[1,2]]]", "[[], []]"), "terms[0].pair[0]", "at least 1"),
    (changed("[[[1,2]], [[1,2]]]", "[[[1,2]], {}]"), "terms[0].pair[1]", "a list"),
    (changed("], [[1,2]]", "], [[1,2,2]]"), "terms[0].pair[1][0]", "a pair of indices"),
    (changed("], [[1,2]]", "], [[1]]"), "terms[0].pair[1][0]", "a pair of indices"),
    (changed("], [[1,2]]", '], ["12"]'), "terms[0].pair[1][0]", "a pair of indices"),
    (changed("], [[1,2]]", "], [[1,3]]"), "terms[0].pair[1][0]", "indices in 1..2"),
    (changed("], [[1,2]]", "], [[0,1]]"), "terms[0].pair[1][0]", "indices in 1..2"),
    (changed("], [[1,2]]", "], [[-1,1]]"), "terms[0].pair[1][0]", "indices in 1..2"),
    (changed("], [[1,2]]", "], [[true,2]]"), "terms[0].pair[1][0]", "indices in 1..2"),
    (changed("], [[1,2]]", '], [["1",2]]'), "terms[0].pair[1][0]", "indices in 1..2"),
    (changed("], [[1,2]]", "], [[1.0,2]]"), "", "not an integer"),
    (changed('"1/2"', "0.5"), "", "not an integer"),
    (changed('"1/2"', "true"), "terms[0].coefficient", "string like"),
    (changed('"1/2"', "null"), "terms[0].coefficient", "string like"),
    (changed('"1/2"', '"1/0"'), "terms[0].coefficient", "zero denominator"),
    (changed('"1/2"', '"1/00"'), "terms[0].coefficient", "zero denominator"),
]
SPELLINGS = ["", "1/", "/2", "1/-2", "+1/2", " 1/2", "1/2 ", "1/2\\n", "1_0", "0x1", "1e0", ".5", "1."]
SPELLINGS += ["1.5/2", "--1", "nan"]
MALFORMED += [(changed('"1/2"', f'"{text}"'), "terms[0].coefficient", "string like") for text in SPELLINGS]
MALFORMED += [
    (changed('"1/2"', '"' + "1" * 301 + '"'), "terms[0].coefficient", "string like"),
    (changed('"1/2"', '"\\u0661/\\u0662"'), "terms[0].coefficient", "string like"),
    (changed('"1/2"', '"١/٢"'), "", "not JSON"),
]


@pytest.mark.parametrize(("text", "path", "reason"), MALFORMED)
def test_malformed(text, path, reason):
    with pytest.raises(Malformed) as caught:
        check_identity(text.encode())
    assert caught.value.path == path
    assert reason in caught.value.reason


@pytest.mark.parametrize("data", [GOOD, bytearray(GOOD.encode()), None])
def test_only_bytes(data):
    with pytest.raises(Malformed) as caught:
        check_identity(data)
    assert (caught.value.path, "bytes" in caught.value.reason) == ("", True)


# ------------------------------------------------------------------------------------------------------------ refused


def test_the_largest_n_and_the_longest_integer():
    with pytest.raises(FalseIdentity):
        check_identity(changed('"n": 2', '"n": 16').encode())
    with pytest.raises(FalseIdentity):
        check_identity(changed('"1/2"', "9" * 600).encode())


@pytest.mark.parametrize("n", [17, 40, 10**300])
def test_too_many_inputs(n):
    with pytest.raises(Refused) as caught:
        check_identity(changed('"n": 2', f'"n": {n}').encode())
    assert caught.value.path == "n"
    assert "larger than 16" in caught.value.reason


def test_too_many_terms():
    term = GOOD[GOOD.index("[{") + 1 : -2]
    with pytest.raises(Refused) as caught:
        check_identity((GOOD[:-2] + ("," + term) * 10**6 + "]}").encode())
    assert caught.value.path == ""
    with pytest.raises(Refused) as caught:
        check_identity((GOOD[:-2] + ("," + term) * 10**6 + "]}").encode())
    with pytest.raises(FalseIdentity):  # equal terms are one: few steps, however many there are
        check_identity((GOOD[:-2] + ("," + term) * 10**5 + "]}").encode(), budget=10)


def test_the_budget_is_counted_to_the_step():
    data, fuel = encode(identity(6, MAX_6)), Fuel(10**6)
    _residue(*read_identity(data), fuel, 10**6)
    steps = 10**6 - fuel.left
    assert 100 < steps < 1000
    assert check_identity(data, budget=steps).n == 6
    with pytest.raises(Refused, match=f"the work budget of {steps - 1} steps is used up$"):
        check_identity(data, budget=steps - 1)


def test_long_sides_are_refused_not_expanded():
    long = [[1 + i % 16, 1 + i * i % 16] for i in range(500)]
    other = [[1 + i % 16, 1 + i * 7 % 16] for i in range(500)]
    with pytest.raises(Refused):
        check_identity(encode({"n": 16, "terms": [{"coefficient": 1, "pair": [long, other]}]}))


def test_the_work_is_counted_too():
    with pytest.raises(Refused):
        _words(6, {_inside([0b11, 0b110, 0b1100], [0b101, 0b1010, 0b10000]): 1}, 4, 10**6, Fuel(20))


def test_the_words_kept_are_bounded_together(monkeypatch):
    """Those of all terms, with those of chains that have ended: MOST - 1 are too few."""
    data = encode(identity(5, MAX_5))
    for most in (5, 10, MOST - 1):
        monkeypatch.setattr("relumax.kernel.identity.MAX_WORDS", most - 2 * len(data))
        with pytest.raises(Refused) as caught:
            check_identity(data)
        assert caught.value.path == "terms"
        assert caught.value.reason.startswith("more words than")
    monkeypatch.setattr("relumax.kernel.identity.MAX_WORDS", MOST - 2 * len(data))
    assert check_identity(data).terms == 5


def test_words_with_long_counts_take_more_room():
    terms = [(10**400, 10**400 + 1, [0b11], [0b110])]
    with pytest.raises(Refused):
        _residue(3, terms, Fuel(10**9), 8)
    assert _residue(3, [(1, 1, [0b11], [0b110])], Fuel(10**9), 8)


def test_the_longest_file():
    data = GOOD.encode().ljust(1 << 24)
    assert check_identity(data).n == 2
    with pytest.raises(Refused) as caught:
        check_identity(data + b" ")
    assert (caught.value.path, "larger than" in caught.value.reason) == ("", True)


def test_a_huge_common_denominator_is_refused():
    terms = [{"coefficient": f"1/{10**299 + i}", "pair": pair("12|12")} for i in range(40)]
    with pytest.raises(Refused) as caught:
        check_identity(encode({"n": 2, "terms": terms}))
    assert caught.value.path == "terms"
    assert "common denominator" in caught.value.reason


def test_the_largest_common_denominator(monkeypatch):
    monkeypatch.setattr("relumax.kernel.identity.MAX_DENOMINATOR_BITS", 4)
    terms = {"12|12": "2/5", "11|22": "2/15", "11|11": "-1/15"}
    with pytest.raises(FalseIdentity):
        check(2, terms)
    with pytest.raises(Refused, match="common denominator"):
        check(2, terms | {"12|11": "1/2"})
