"""Lower bounds for numbers of absolute values: the checker attacked, and proofs and formulas from the finder."""

import json
import random
import re
import subprocess
import sys
from fractions import Fraction
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from relumax.constructions.formula import shipped
from relumax.discover.formulas import least
from relumax.discover.formulas.family import Family
from relumax.discover.formulas.fewer import Formula, Search, impossible
from relumax.discover.formulas.least import FORMAT, NotProved, NotRead, Orbits, Statement, check
from relumax.discover.formulas.smallest import groups
from relumax.discover.formulas.sparse import System
from tests.running import relumax

PROOF = Path(__file__).resolve().parents[2] / "proofs" / "least" / "max-5.json"
SQUARE = groups(5)[0]
FIVE = Statement(5, 2, SQUARE, 7)


@cache
def proof():
    """For five inputs and the symmetry of the shipped formula: 4 KB."""
    return impossible(FIVE)


def changed(**parts):
    return json.dumps(json.loads(proof()) | parts).encode()


def rejected(data, match):
    with pytest.raises(NotProved, match=match):
        check(data)


def test_five_inputs_take_seven_absolute_values():
    assert check(proof()) == FIVE
    assert "has at least 7 absolute values" in FIVE.text and "(1 2), (3 4), (1 3)(2 4), with" in FIVE.text
    with pytest.raises(Formula, match=r"7 absolute values do, the orbits of .*, .*, .*"):
        impossible(FIVE._replace(least=8))


def test_the_tests_say_what_they_say_of_a_formula():
    """That the combination of values of any formula is that of the maximum: here of the one shipped."""
    formula, file = shipped(5), json.loads(PROOF.read_bytes())
    for test in file["tests"]:
        total, of_maximum = Fraction(0), 0
        for p, weight in test:
            x = file["points"][p]
            for d, c in formula.sizes.items():
                total += c * weight * abs(sum(k * max(x[i], x[j]) for (i, j), k in d))
            of_maximum += weight * max(x)
        assert total == of_maximum


def fewest(n, group, degree):
    """By trying all sets of orbits with at most two absolute values, each solved exactly; 3 if there are more."""
    system = System(Family(n, group, degree))
    small = [k for k in range(len(system.sizes)) if system.sizes[k] <= 2]
    for count in range(3):
        for size in range(count + 1):
            for some in combinations(small, size):
                if system.sizes[list(some)].sum() == count and system.formula(np.array(some, int)) is not None:
                    return count
    return 3


@pytest.mark.parametrize(
    ("n", "group", "degree"),
    [
        (3, (), 1),
        (3, ("(1 2)",), 2),
        (3, ("(1 2 3)",), 2),
        (4, ("(1 2)", "(3 4)"), 2),
        (4, ("(1 2)", "(2 3)"), 2),
        (4, ("(1 2 3 4)",), 2),
        (4, ("(1 2)", "(1 3)(2 4)"), 1),
        (4, ("(1 3)", "(2 4)"), 1),
    ],
)
def test_as_by_trying_all(n, group, degree):
    count = fewest(n, group, degree)
    if count:
        assert check(impossible(Statement(n, degree, group, count))).least == count
    if count < 3:
        with pytest.raises(Formula, match=f"^{count} absolute values do"):
            impossible(Statement(n, degree, group, count + 1))


@pytest.fixture
def quick(monkeypatch):
    """Orbits are counted once."""
    monkeypatch.setattr(least, "Orbits", cache(Orbits))


@pytest.mark.usefixtures("quick")
def test_nothing_closes_the_case_of_the_shipped_formula():
    """A search that takes the first test where none serves: no test closes that case, whichever it names."""

    class Bold(Search):
        def _branch(self, chosen, free):
            try:
                return super()._branch(chosen, free)
            except Formula:
                self.at = chosen
                return self.known[0].test, 0

    search = Bold(FIVE._replace(least=8))
    file = search.proof()
    assert {len(search.orbits.small[o]) for o in search.at} == {1, 2, 4}
    for number in range(0, len(file["tests"]), 4):
        rejected(json.dumps(file).encode(), "lets all other coefficients be 0")
        file["tests"][number], file["tests"][-1] = file["tests"][-1], file["tests"][number]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", range(4))
def test_mutants(seed):
    """What is changed somewhere proves nothing, but for changes that leave every test and every case as it is."""
    print("seed", seed)
    draw, accepted = random.Random(seed), 0
    for _ in range(15):
        file = json.loads(proof())
        match draw.randrange(5):
            case 0:
                where = draw.choice([test for test in file["tests"] if test])
                draw.choice(where)[1] += draw.choice([-2, -1, 1, 2])
            case 1:
                draw.choice(file["points"])[draw.randrange(5)] += draw.choice([-3, -1, 1, 2])
            case 2:
                draw.choice(file["tests"]).pop()
            case 3:
                node = draw.choice(list(inner(file["tree"])))
                del node[draw.randrange(1, len(node))]
            case _:
                node = draw.choice(list(inner(file["tree"])))
                at = draw.randrange(1, len(node))
                child = node[at]
                node[at] = draw.randrange(len(file["tests"])) if isinstance(child, int) else child[0]
        try:
            assert check(json.dumps(file).encode()) == FIVE
            accepted += 1
        except NotProved:
            pass
    assert accepted <= 5


def inner(node):
    if isinstance(node, list):
        yield node
        for child in node[1:]:
            yield from inner(child)


def test_a_proof_is_for_its_statement_alone():
    rejected(changed(least=8), "cases are left")
    rejected(changed(group=["(1 2)", "(3 4)"]), "where")
    rejected(changed(group=["(1 2)", "(3 5)", "(1 3)(2 5)"]), "where|vanish")
    rejected(changed(degree=1), "cases are left|lets all")
    assert check(changed(group=["(1 3)(2 4)", "(3 4)"])).group == ("(1 3)(2 4)", "(3 4)")  # the same group


def test_a_case_that_is_left_out():
    file = json.loads(proof())
    file["tree"] = file["tree"][:-1]
    rejected(json.dumps(file).encode(), r"where nothing is known: (\d+) cases are left, and \d+ are here")
    file["tree"] = len(file["tests"])
    rejected(json.dumps(file).encode(), "a node names no test")
    for tree in ([], None, True, "0", 0.0, -1, [[0]], {}):
        rejected(changed(tree=tree), "a node names no test")


def test_a_test_that_reads_pairs():
    rejected(changed(points=[[1, 0, 0, 0, 0]], tests=[[[0, 1]]], tree=0), "test 0 does not vanish on the sums of pairs")


def test_an_empty_test_says_nothing():
    rejected(changed(tests=[[]], tree=0), "test 0 lets all other coefficients be 0")


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ({"n": True}, "n: not an integer from 1 to 6"),
        ({"n": 7}, "n: not"),
        ({"degree": 3}, "degree: not"),
        ({"degree": "2"}, "degree: not"),
        ({"least": 0}, "least: not"),
        ({"group": "(1 2)"}, "group: not a list"),
        ({"group": [12]}, "group: not a list"),
        ({"group": ["(1 1)"]}, "no product of disjoint cycles"),
        ({"group": ["(1 2)(2 3)"]}, "no product"),
        ({"group": ["(1 6)"]}, "no product"),
        ({"group": ["(0 1)"]}, "no product"),
        ({"group": [""]}, "no product"),
        ({"group": ["(1  2)"]}, "no product"),
        ({"group": ["(1 2) "]}, "no product"),
        ({"points": [[1, 2, 3, 4]]}, "points: not"),
        ({"points": [[1, 2, 3, 4, 0.5]]}, "points: not"),
        ({"points": [[1, 2, 3, 4, 10**10]]}, "points: not"),
        ({"tests": [[[0]]]}, "tests: not"),
        ({"tests": [[[10**6, 1]]]}, "tests: not"),
        ({"tests": [[[-1, 1]]]}, "tests: not"),
        ({"tests": {}}, "tests: not"),
        ({"version": 2}, f"not a file of format {FORMAT}, version 1"),
        ({"more": 1}, "not a file"),
    ],
)
def test_hostile_files(parts, match):
    with pytest.raises(NotRead, match=re.escape(match)):
        check(changed(**parts))


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b"[" * 100_000, b"null", b'{"n": NaN}'])
def test_what_is_no_file(data):
    with pytest.raises(NotRead):
        check(data)


def test_work_is_bounded(monkeypatch):
    monkeypatch.setattr(least, "MOST_WORK", 1000)
    rejected(proof(), "checking it takes more than 1000 steps")


def test_orbits():
    """Against the finder's family, which leaves out differences of inputs alone, told apart by a random vector."""
    for group in ((), SQUARE, ("(1 2 3 4 5)",)):
        family = Family(5, group, 2)
        counted = np.bincount(family.sizes, minlength=9)
        orbits = Orbits(Statement(5, 2, group, 9))
        inputs = {k for k, (i, j) in enumerate(orbits.pairs) if i == j}
        mixed = [orbit for orbit in orbits.small if any(k not in inputs for k, _ in orbit[0])]
        for size in range(1, 9):
            assert sum(len(orbit) == size for orbit in mixed) == counted[size]


def test_the_checker_stands_alone():
    code = (
        "import sys, relumax.discover.formulas.least\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('relumax', 'numpy', 'sympy', 'z3')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    alone = ["relumax", "relumax.discover", "relumax.discover.formulas", "relumax.discover.formulas.least"]
    assert done.stdout.strip() == str([*alone, "relumax.words"])


# ---------------------------------------------------------------- commands


def test_found_and_checked(tmp_path):
    file = tmp_path / "least.json"
    done = relumax("discover", "--n", "5", "--least", "7", "-o", str(file))
    assert done.returncode == 0 and done.stdout == f"{file}: {FIVE.text}\n" and file.read_bytes() == proof()
    done = relumax("check", str(file))
    assert done.returncode == 0 and done.stdout.splitlines() == [
        f"{file}: {FIVE.text}",
        "    note: checked outside the kernel, by relumax/discover/formulas/least.py alone",
    ]
    [result] = json.loads(relumax("check", "--json", str(file)).stdout)["results"]
    assert result["verdict"] == "valid" and result["theorem"] == [FIVE.text]
    file.write_bytes(proof().replace(b'"least":7', b'"least":8'))
    done = relumax("check", str(file))
    assert done.returncode == 1 and f"{file}: invalid: where " in done.stdout
    file.write_bytes(proof().replace(b'"n":5', b'"n":55'))
    done = relumax("check", str(file))
    assert done.returncode == 1 and f"{file}: malformed: n: not an integer" in done.stdout


def test_a_formula_instead(tmp_path):
    done = relumax("discover", "--n", "5", "--least", "8", "-o", str(tmp_path / "no.json"))
    assert done.returncode == 1 and re.match(r"not so: 7 absolute values do, the orbits of \|.*\| under ", done.stdout)
    assert not (tmp_path / "no.json").exists()
    done = relumax("discover", "--n", "3", "--least", "2", "--group", "")
    assert done.returncode == 1 and done.stdout.startswith("not so: 1 absolute values do")
    assert done.stdout.endswith(" under the identity\n")


def test_a_lower_bound_is_about_no_network(tmp_path):
    network = tmp_path / "n.json"
    relumax("export", "--n", "5", "--construction", "shallow", "--format", "json", "-o", str(network))
    done = relumax("check", str(PROOF), "--network", str(network))
    assert done.returncode == 1 and "a lower bound for all formulas of a family is about no network" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--n", "7", "--least", "7"), "lower bounds are for 3 to 6 inputs and degrees up to 2"),
        (("--n", "5", "--least", "7", "--degree", "3"), "degrees up to 2"),
        (("--n", "5", "--least", "0"), "--least"),
        (("--n", "5", "--least", "7", "--smallest"), "one of them"),
        (("--n", "5", "--least", "7", "--resume", "c"), "--resume is for identities, not for --least"),
        (("--n", "5", "--least", "7", "--group", "(1 6)"), "group: (1 6)"),
    ],
)
def test_what_is_refused(arguments, said):
    done = relumax("discover", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr and done.stderr.count("\n") == 1
