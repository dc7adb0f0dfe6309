"""Searching networks: exact at and across their boundary, proved for all inputs, and files of one's own."""

import json
import random
from fractions import Fraction
from itertools import product

import pytest

from relumax import pipeline
from relumax.__main__ import main
from relumax.constructions import registry
from relumax.errors import ProgramError, SpecError
from relumax.formats import load
from relumax.kernel import check
from relumax.language.expr import const, inputs, relu, step
from relumax.language.expr import evaluate as value
from relumax.language.gadget import absolute, maximum
from relumax.network.compile import compile
from relumax.network.evaluate import evaluate
from tests.running import one_line, relumax, written

HALF, JUST = Fraction(1, 2), Fraction(1, 1000)


@pytest.fixture(autouse=True)
def ready_examples():
    """What a test registers is forgotten after it."""
    before = {pair: registry.find(*pair) for pair in registry.names("search")}
    yield
    registry._registered.update(before)


def near(c, x):
    return -absolute(c[0] - x[0])


def best_of(score, candidates, count):
    from relumax import best_of as register

    register(score=score, candidates=candidates, inputs=count)


def iterate(score, moves, count=0):
    from relumax import iterate as register

    register(score=score, moves=moves, inputs=count)


def prepared(name, n=None, **options):
    found = registry.find("search", name)
    n, options = n or found.usual, {**found.options, **options}
    return found.program(n, **options), found.spec(n, **options)


def outputs(name, point, n=None, **options):
    """What program and network give at the point: the same."""
    program, spec = prepared(name, n, **options)
    found = evaluate(compile(program, spec.width, spec.nonnegative), point)
    assert found == value(program, point)
    return found


# ---------------------------------------------------------------- values


def test_the_best_candidate_at_the_gap_and_at_ties():
    best_of(near, [(0,), (4,), (10,)], 1)  # scores -|c - x|
    assert outputs("best_of", [Fraction(5, 2)]) == [4]  # 1 ahead of 0
    assert outputs("best_of", [2]) == [0]  # 0 and 4 tie: the first
    assert outputs("best_of", [7]) == [4]
    assert outputs("best_of", [Fraction(15, 2)]) == [10]
    assert outputs("best_of", [1000]) == [10] and outputs("best_of", [-1000]) == [0]


@pytest.mark.parametrize("gap", [Fraction(1), Fraction(1, 7), Fraction(3)])
def test_just_under_the_gap_the_output_is_no_candidate(gap):
    best_of(near, [(0,), (40,)], 1)
    assert outputs("best_of", [20 + gap / 2], gap=gap) == [40]  # exactly the gap ahead
    [under] = outputs("best_of", [20 + gap / 2 - JUST], gap=gap)
    assert 0 < under < 40
    [middle] = outputs("best_of", [20 + gap / 4], gap=gap)
    assert middle == 20
    assert outputs("best_of", [20], gap=gap) == [0]
    assert outputs("best_of", [20 + JUST], gap=gap, units="step") == [40]


@pytest.mark.parametrize("units", ["relu", "step"])
def test_the_first_of_tied_candidates(units):
    best_of(lambda c, x: -absolute(c[0] - x[0]) - absolute(c[1] - x[1]), [(1, 0), (0, 1), (-1, 0), (0, -1)], 2)
    assert outputs("best_of", [0, 0], units=units) == [1, 0]  # all four tie
    assert outputs("best_of", [-2, 2], units=units) == [0, 1]
    assert outputs("best_of", [-2, -2], units=units) == [-1, 0]
    assert outputs("best_of", [0, -9], units=units) == [0, -1]


@pytest.mark.parametrize(("units", "n"), [*product(["relu", "step"], [1, 2, 3, 5])])
def test_best_of_is_the_first_best_wherever_the_promise_holds(units, n):
    rng = random.Random(7)
    candidates = [(5 * i % 64, 11 * i % 64) for i in range(64)]
    met = 0
    for _ in range(60):
        point = [Fraction(rng.randint(-60, 130), 2) for _ in range(2)]
        scores = [-abs(a - point[0]) - abs(b - point[1]) for a, b in candidates[:n]]
        w = scores.index(max(scores))
        if units == "step" or all(s + 1 <= scores[w] for s in scores[:w]):
            met += 1
            assert outputs("best_of", point, n, units=units) == list(candidates[w])
    assert met > 40


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_the_score_never_gets_worse_on_integer_points(steps):
    iterate(lambda z, x: -2 * absolute(z[0] + z[1] - x[0]) - absolute(z[0] - 3), [(1, 0), (-1, 0), (0, 1), (1, -1)], 1)

    def height(z, x):
        return -2 * abs(z[0] + z[1] - x) - abs(z[0] - 3)

    def climbed(z, x, count):
        for _ in range(count):
            around = [(z[0] + a, z[1] + b) for a, b in [(0, 0), (1, 0), (-1, 0), (0, 1), (1, -1)]]
            z = max(around, key=lambda one: height(one, x))
        return [*z]

    for z0, z1, x in product([-3, 0, 2, 6], [-1, 4], [-2, 5]):
        at = outputs("iterate", [z0, z1, x], steps=steps)
        assert at == climbed((z0, z1), x, steps) and height(at, x) >= height((z0, z1), x)


def test_with_step_units_the_score_never_gets_worse_anywhere():
    def height(z, x):
        return -absolute(absolute(z[0] - 1) - x[0]) + relu(z[1] - z[0]) - 2 * relu(z[1] - 3)

    iterate(height, [(HALF, 0), (-1, 0), (0, Fraction(1, 3)), (0, -1)], 1)
    [program], rng = [height(inputs(2), inputs(3)[2:])], random.Random(3)
    networks = [compile(prepared("iterate", steps=t, units="step")[0], 3) for t in (1, 2, 3)]
    for _ in range(60):
        *z, x = [Fraction(rng.randint(-40, 40), rng.randint(1, 9)) for _ in range(3)]
        heights = [value([program], [*z, x])[0]]
        heights += [value([program], [*evaluate(network, [*z, x]), x])[0] for network in networks]
        assert heights == sorted(heights)


def test_a_loop_outside_is_the_network_of_several_steps():
    iterate(lambda z, x: -absolute(z[0] - 5), [(1,), (-1,)])
    for start in (-3, 0, 4, 5, 9):
        here = [start]
        for t in (1, 2, 3):
            here = outputs("iterate", here)
            assert here == outputs("iterate", [start], steps=t)


# ---------------------------------------------------------------- theorems


def proved(program, spec, engine="modular"):
    verdict = pipeline.prove(program, spec, engine)
    assert (verdict.verdict, verdict.engine) == (pipeline.PROVED, engine), verdict.reason
    assert tuple(check(verdict.certificate).statements) == verdict.theorem
    return verdict


@pytest.mark.parametrize(("units", "n"), [*product(["relu", "step"], [1, 2, 3, 5])])
def test_best_of_is_proved_and_certified(units, n):
    proved(*prepared("best_of", n, units=units))


STEPPED = [*product(["relu", "step"], [1, 2, 5], [1, 2, 3])]


@pytest.mark.parametrize(("units", "n", "steps"), STEPPED)
def test_iterate_is_proved_and_certified(units, n, steps):
    """With two moves and step units, engine modular leaves the steps after the first to engine flat."""
    flat = units == "step" and n == 2 and steps > 1
    proved(*prepared("iterate", n, steps=steps, units=units), engine="flat" if flat else "modular")


def theorem(folder, text, *options):
    """What is proved in a process of its own: the order of the definitions depends on what was built before."""
    done = relumax("prove", "--from", written(folder, text), *options, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["theorem"]


def test_what_is_proved(tmp_path):
    best = "from relumax import *\nbest_of(lambda c, x: -absolute(c[0] - x[0]), [(0, 7), (4, 7)], 1)\n"
    assert theorem(tmp_path, best, "--gap", "1/2") == (
        "for all x in R^1: 0 <= y[0]; y[0] <= 4; 7 <= y[1]; y[1] <= 7, where y in R^2 is the output; "
        "for all x in R^1 and every index w < 2 such that s[w] is the winner of s (every earlier one at least 1/2 "
        "below it, every later one at most equal to it): y[0] = c0[w]; y[1] = 7, where "
        "r0 = relu(-x), r1 = relu(x), r2 = relu(-x + 4), r3 = relu(x - 4), s = (-r0 - r1, -r2 - r3), c0 = (0, 4), "
        "y in R^2 is the output"
    )
    only = theorem(tmp_path, best, "--units", "step")
    assert "such that s[w] is the winner of s (the first of the largest): y[0] = c0[w]; y[1] = 7, where" in only
    walk = "from relumax import *\niterate(lambda z, x: -relu(z[0] - x[0]), [(-1,)], 1)\n"
    assert theorem(tmp_path, walk, "--units", "step", "--steps", 2) == (
        "for all z in R^1 (input 0) and x in R^1 (input 1) and every index w1 < 2, w2 < 2 such that s1[w1] is the "
        "winner of s1 (the first of the largest) and s2[w2] is the winner of s2 (the first of the largest): "
        "y = z + d[w1] + d[w2]; v0 <= v1; v1 <= v2, where d = (0, -1), r0 = relu(-x + z), r1 = relu(-x + z - 1), "
        "s1 = (-r0, -r1), v0 = -r0, r2 = relu(d[w1] - x + z), r3 = relu(d[w1] - x + z - 1), s2 = (-r2, -r3), "
        "v1 = -r2, r4 = relu(d[w1] + d[w2] - x + z), v2 = -r4"
    )


@pytest.mark.parametrize("units", ["relu", "step"])
def test_scores_of_every_kind(units):
    best_of(lambda c, x: step(c[0] - x[0]) * 3 - absolute(maximum(x[0], c[0]) - 2), [(0,), (4,)], 1)
    proved(*prepared("best_of", units=units))
    iterate(lambda z, x: 3 * step(z[0] - 2) - absolute(absolute(z[0] - 2) - x[0]), [(1,), (-1,)], 1)
    proved(*prepared("iterate", units=units, steps=2))


def test_fractions_as_candidates_moves_and_gap():
    best_of(lambda c, x: -absolute(c[0] - x[0]) / 3, [("1/3",), (0.5,), (9,)], 1)
    assert proved(*prepared("best_of", gap=Fraction(1, 7))).theorem[0] == "for all x in R^1: 1 <= 3 y; y <= 9"
    iterate(near, [("1/2",), (-1,), (0.25,)], 1)
    proved(*prepared("iterate", gap=Fraction(1, 8)))


def test_candidates_that_agree_in_all_coordinates_are_no_choice():
    best_of(near, [(7,)], 1)
    assert outputs("best_of", [3]) == [7]
    assert proved(*prepared("best_of")).network.size == 0


# ---------------------------------------------------------------- candidates that are programs


def moving(x):
    return [(x[0], 0), (x[0] + relu(x[1]), 5), (x[1], 2)]


def test_candidates_that_are_programs():
    best_of(lambda c, x: c[1] / 2 - absolute(c[0] - x[0]), moving, 2)
    given = {"payload_range": (Fraction(-4), Fraction(8))}

    def wanted(x0, x1):
        found = [(x0, 0), (x0 + max(x1, 0), 5), (x1, 2)]
        scores = [Fraction(b, 2) - abs(c - x0) for c, b in found]
        w = scores.index(max(scores))
        inside = all(-4 <= c <= 8 for c, _ in found)
        return list(found[w]), inside, all(s + 1 <= scores[w] for s in scores[:w])

    met = 0
    for point in product([Fraction(k, 2) for k in range(-8, 9)], repeat=2):
        best, inside, ahead = wanted(*point)
        if inside:
            met += ahead
            assert outputs("best_of", point, units="step", **given) == best
            assert not ahead or outputs("best_of", point, **given) == best
    assert met > 50


def test_outside_the_payload_range_nothing_is_promised():
    best_of(lambda c, x: -absolute(c[0] - x[2]), lambda x: [(x[0],), (x[1],)], 3)
    program, spec = prepared("best_of", payload_range=(0, 2))
    verdict = pipeline.prove(program, spec)
    assert verdict.verdict == pipeline.PROVED and "0 <= c[i] and c[i] <= 2" in verdict.theorem[0]
    assert outputs("best_of", [0, 2, 2], payload_range=(0, 2)) == [2]
    assert outputs("best_of", [0, 20, 11], payload_range=(0, 2)) not in ([0], [20])
    assert outputs("best_of", [-30, 20, -100], payload_range=(0, 2), units="step") != [-30]
    wider = prepared("best_of", payload_range=(0, 3))[1]
    assert pipeline.prove(program, wider).verdict == pipeline.REFUTED


def test_candidates_that_are_inputs_with_step_units():
    best_of(lambda c, x: -absolute(c[0] - x[2]), lambda x: [(x[0],), (x[1],)], 3)
    proved(*prepared("best_of", units="step"), engine="flat")  # modular does not follow a relu that a layer carries on


def test_one_candidate_a_program():
    best_of(lambda c, x: c[0], lambda x: [(x[0] + relu(x[1]),)], 2)
    for units in ("relu", "step"):
        proved(*prepared("best_of", units=units))


# ---------------------------------------------------------------- one weight changed


def changed(network, place, row, term, by):
    """The network with one weight, or with term -1 one bias, changed."""
    layers = [*network.layers, network.output]
    bias, terms = layers[place].rows[row]
    if term < 0:
        bias += by
    else:
        terms = tuple((u, c + by * (k == term)) for k, (u, c) in enumerate(terms) if c + by * (k == term))
    rows = layers[place].rows
    layers[place] = layers[place]._replace(rows=(*rows[:row], (bias, terms), *rows[row + 1 :]))
    return network._replace(layers=tuple(layers[:-1]), output=layers[-1])


@pytest.mark.parametrize(("name", "units"), [*product(["best_of", "iterate"], ["relu", "step"])])
def test_one_changed_weight_is_refuted_or_makes_no_difference(name, units):
    best_of(near, [(0,), (4,)], 1)
    iterate(near, [(1,)], 1)
    program, spec = prepared(name, units=units)
    network, rng = compile(program, spec.width), random.Random(11)
    words = []
    for _ in range(12):
        place = rng.randrange(network.depth + 1)
        layer = [*network.layers, network.output][place]
        row = rng.randrange(len(layer.rows))
        term = rng.randrange(-1, len(layer.rows[row][1]))
        other = changed(network, place, row, term, rng.choice([-1, 1, 2]))
        verdict = pipeline.prove(other, spec)
        words.append(verdict.verdict)
        if verdict.verdict == pipeline.REFUTED:
            assert verdict.witness.outputs == evaluate(other, verdict.witness.inputs)
        else:  # still true
            assert verdict.verdict == pipeline.PROVED and check(verdict.certificate), verdict.reason
    assert words.count(pipeline.REFUTED) >= 8, words


def test_a_changed_network_is_not_called_proved():
    iterate(near, [(1,)], 1)
    program, spec = prepared("iterate")
    other = changed(compile(program, spec.width), 1, 2, -1, 2)
    verdict = pipeline.prove(program, spec, against=other)
    assert verdict.verdict == pipeline.REFUTED, verdict.reason


# ---------------------------------------------------------------- a file of one's own

FILE = """
from relumax import absolute, best_of, iterate

best_of(score=lambda c, x: -absolute(c[0] - x[0]), candidates=[(0,), (4,), (9,), (30,)], inputs=1)
"""
WALK = """
from relumax import absolute, iterate

iterate(lambda z, x: -absolute(z[0] - x[0]), [(1,), (-1,)], inputs=1)
"""


@pytest.fixture
def call(capfd):
    """Run a command line in this process: (exit code, standard output, standard error)."""

    def run_it(*arguments):
        code = main([str(one) for one in arguments])
        return (code, *capfd.readouterr())

    return run_it


def test_a_file_takes_the_place_of_the_ready_example(call, tmp_path):
    for text, name in ((FILE, "best_of"), (WALK, "iterate")):
        file = written(tmp_path, text, f"{name}.py")
        for which in ((), ("--fn", "search"), ("--fn", "search", "--construction", name)):
            code, out, err = call("prove", "--from", file, *which, "--json")
            found = json.loads(out)
            assert (code, err, found["verdict"]) == (0, "", "proved")
            assert (found["function"], found["construction"]) == ("search", name)
    code, _, err = call("prove", "--from", file, "--fn", "max", "--n", 3)
    assert code == 2 and "registers no construction of max" in err


def test_prove_a_file(call, tmp_path):
    file, proof = written(tmp_path, FILE), tmp_path / "proof.json"
    code, out, err = call("prove", "--from", file, "--units", "step", "--json", "-o", proof)
    found = json.loads(out)
    assert (code, err, found["n"], found["engine"]) == (0, "", 4, "modular")
    assert found["options"]["units"] == "step" and check(proof.read_bytes()).network_sha256 == found["network_sha256"]
    code, out, err = call("prove", "--from", file, "--n", "2..4")
    assert (code, err) == (0, "") and [line.split()[-1] for line in out.splitlines()[1:]] == ["proved"] * 3
    code, out, err = call("prove", "--from", file, "--n", 3, "--dry-run")
    assert (code, out, err) == (0, "search/best_of n = 3: 4 hidden layers, width 6, 17 units\n", "")
    code, out, err = call("prove", "--from", written(tmp_path, WALK), "--steps", 2)
    assert code == 0 and "y = z + d[w1] + d[w2]; v0 <= v1; v1 <= v2" in out


def test_the_other_commands_on_a_file(call, tmp_path):
    file, out = written(tmp_path, FILE), tmp_path / "net.json"
    assert call("eval", "--from", file, 7)[:2] == (0, "9\n")
    assert call("eval", "--from", file, "--n", 2, 7)[:2] == (0, "4\n")
    assert call("eval", "--from", file, "--units", "step", "--", "-1e9")[:2] == (0, "0\n")
    code, said, err = call("export", "--from", file, "-o", out)
    assert code == 0 and err == "" and evaluate(load(out.read_bytes()).network, [16]) == [9]
    code, said, err = call("prove", "--network", out, "--from", file, "--fn", "search")
    assert code == 0 and "proved" in said, (said, err)
    code, said, err = call("show", "--from", file, "--n", 2)
    assert code == 0 and "theorem      for all x in R^1: 0 <= y; y <= 4\n" in said
    code, said, err = call("list", "--from", file, "--fn", "search", "--n", 4)
    assert code == 0 and "search/best_of" in said and "search/iterate" in said
    code, said, err = call("list", "--fn", "search", "--from", file, "--json")
    assert code == 0 and err == "" and json.loads(said)


BAD = [
    ("best_of(near, [(0,), (4,)], 1)", ["--n", "3"], "has 2 candidates, not 3: give --n 2 or less"),
    ("iterate(near, [(1,)], 1)", ["--n", "3"], "has 2 moves (to stay is one), not 3"),
    ("best_of(near, [(0,), (4, 1)], 1)", [], "candidates have one length, at least 1, not 1 and 2"),
    ("best_of(near, [(), ()], 1)", [], "candidates have one length, at least 1, not 0"),
    ("iterate(near, [(0,), (4, 1)], 1)", [], "moves have one length, at least 1, not 1 and 2"),
    ("best_of(near, [], 1)", [], "search/best_of needs candidates: there are none"),
    ("iterate(near, [], 1)", [], "search/iterate needs moves: there are none"),
    ("best_of(near, [0, 4], 1)", [], "candidates are vectors such as (0, 4), not 0"),
    ("best_of(near, ['04', '59'], 1)", [], "candidates are vectors such as (0, 4), not '04'"),
    ("best_of(near, [('a',), ('b',)], 1)", [], "not an exact rational number: 'a'"),
    ("best_of(near, 5, 1)", [], "line 3, TypeError"),
    ("best_of(near, lambda x: 1 / 0, 1)", [], "line 3, ZeroDivisionError"),
    ("best_of(near, lambda x: [(x[2],), (x[0],)], 2)", [], "line 3, IndexError"),
    ("iterate(near, [(relu(1 + inputs(1)[0]),)], 1)", [], "its moves are numbers, not programs"),
    ("best_of(lambda c, x: 'high', [(0,), (4,)], 1)", [], "a score is a program or a number, not 'high'"),
    ("best_of(lambda c, x: [c[0]], [(0,), (4,)], 1)", [], "a score is a program or a number, not [0]"),
    ("iterate(lambda z, x: None, [(1,)], 1)", [], "a score is a program or a number, not None"),
    ("best_of(lambda c, x: 1 / 0, [(0,), (4,)], 1)", [], "line 3, ZeroDivisionError"),
    ("best_of(lambda c, x: x[0] * x[0], [(0,), (4,)], 1)", [], "line 3, a product of two non-constants"),
    ("best_of(lambda c, x: c[0] - x[3], [(0,), (4,)], 1)", [], "line 3, IndexError"),
    ("best_of(lambda c, x: c[0] - inputs(9)[8], [(0,), (4,)], 1)", [], "reads x8, but 1 inputs were given"),
    ("best_of(lambda c: c[0], [(0,), (4,)], 1)", [], "line 3, TypeError"),
    ("best_of(3, [(0,), (4,)], 1)", [], "line 3, TypeError"),
    ("best_of(near, [(0,), (4,)], 0)", [], "inputs is a whole number from 1 on, not 0"),
    ("best_of(near, [(0,), (4,)], '1')", [], "inputs is a whole number from 1 on, not '1'"),
    ("iterate(near, [(1,)], -1)", [], "inputs is a whole number from 0 on, not -1"),
    ("best_of(near, [(0,), (4,)], 3)", [], "search/best_of: nothing reads x[1], one of its 3 inputs"),
    ("iterate(near, [(1,)], 2)", [], "search/iterate: nothing reads x[1], one of its 2 inputs"),
    ("best_of(near, [(0,), (4,)], 1)", ["--gap", "0"], "--gap must be positive, not 0"),
    ("best_of(near, [(0,), (4,)], 1)", ["--gap", "-1", "--units", "step"], "--gap must be positive, not -1"),
    ("iterate(near, [(1,)], 1)", ["--gap", "0"], "--gap must be positive, not 0"),
    ("best_of(near, [(0,), (4,)], 1)", ["--payload-range", "1", "1"], "--payload-range needs lo < hi, not 1 1"),
    ("best_of(near, [(0,), (4,)], 1)", ["--units", "nonsense"], "'nonsense' is not one of 'relu', 'step'"),
    ("best_of(near, [(0,), (4,)], 1)", ["--steps", "2"], "search/best_of has no option --steps"),
    ("iterate(near, [(1,)], 1)", ["--steps", "0"], "0 is not in the range x>=1"),
    ("iterate(near, [(1,)], 1)", ["--payload-range", "0", "1"], "search/iterate has no option --payload-range"),
    ("best_of(lambda c, x: c[0], [(0,), (4,)], 1)", [], "make candidate 0 the best one; if it never is, leave it out"),
    ("best_of(near, [(0,), (4,), (4,)], 1)", [], "found no inputs that meet the promise and make candidate 2 the best"),
    ("best_of(near, lambda x: [(x[0],), (9,)], 1)", [], "with all candidates in --payload-range 0 1"),
    ("iterate(lambda z, x: z[0], [(1,), (2,)])", [], "make staying the best in step 1"),
    ("iterate(lambda z, x: -absolute(z[0]), [(1,), (0,)])", [], "make move 1 the best in step 1; if it never"),
]


@pytest.mark.parametrize(("line", "options", "says"), BAD)
def test_bad_input_is_one_line(call, tmp_path, line, options, says):
    head = "from relumax import absolute, best_of, inputs, iterate, relu\nnear = lambda c, x: -absolute(c[0] - x[0])\n"
    code, out, err = call("prove", "--from", written(tmp_path, head + line + "\n"), *options)
    assert (code, out) == (2, "") and one_line(err) and says in err, err


def test_too_many_inputs_and_the_like(call, tmp_path):
    file = written(tmp_path, FILE)
    for arguments, says in [
        (["eval", "--from", file, 1, 2], "has no size with 2 inputs"),
        (["eval", "--from", file, "--n", 3, 1, 2], "has 1 inputs, 2 values were given"),
        (["eval", "--from", file, "--n", 5, 1], "has 4 candidates, not 5"),
        (["export", "--from", file, "--n", 5, "-o", tmp_path / "x"], "has 4 candidates, not 5"),
        (["show", "--from", file, "--n", 5], "has 4 candidates, not 5"),
        (["prove", "--from", file, "--fn", "search", "--construction", "best"], "did you mean best_of?"),
    ]:
        code, out, err = call(*arguments)
        assert (code, out) == (2, "") and one_line(err) and says in err, err


def test_from_python_units_and_vectors_are_checked_too():
    with pytest.raises(SpecError, match="--units is relu or step, not 'nonsense'"):
        prepared("best_of", 2, units="nonsense")
    with pytest.raises(ProgramError, match="vectors such as"):
        best_of(near, [const(3)], 1)
