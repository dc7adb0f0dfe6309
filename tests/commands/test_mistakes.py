"""What newcomers write into a file of their own: it works, or ends with 2 and one line with place, n and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

import pytest

import relumax as api
from relumax.__main__ import main
from relumax.errors import RelumaxError
from tests.running import one_line, relumax, written

CASES = Path(__file__).parent / "cases"
TRUTH = "has no truth value: "
NO_PROGRAM = "not one program or a list of programs"
NOT_YET = "is a program, not yet a number"

BODIES = {
    "pass": f"max/f: the recipe returns None (is a `return` missing?), {NO_PROGRAM}",
    "return 'hello'": f"the recipe returns 'hello', {NO_PROGRAM}",
    "return [[x[0]]]": f"the recipe returns [x0] in a list, {NO_PROGRAM}",
    "return True": f"the recipe returns True, {NO_PROGRAM}",
    "return x[0] in x": f"the recipe returns True, {NO_PROGRAM}",
    "return []": "the recipe returns an empty list",
    "return {'y': x[0]}": NO_PROGRAM,
    "return (y for y in x)": f"the recipe returns a generator, {NO_PROGRAM}",
    "yield x[0]": f"the recipe returns a generator, {NO_PROGRAM}",
    "return relu": f"the recipe returns a function, {NO_PROGRAM}",
    "return maximum": f"the recipe returns a Gadget, {NO_PROGRAM}",
    "return x[0] < x[1]": f"the recipe returns (x0 - x1 < 0), {NO_PROGRAM}",
    "return x": "max has 1 output, the program gives 3; argmax/slack",
    "return x[:2]": "max has 1 output, the program gives 2; argmax/index has 1, argmax/slack",
    "return x[0] + float('inf')": "line 4, at n = 3: not an exact rational number: inf",
    "return x[0] * float('nan')": "line 4, at n = 3: not an exact rational number: nan",
    "return x[0] + 10 ** 5000": "an integer of more than 4300 digits",
    "return x[0] * 1j": "not an exact rational number: 1j",
    "return x[0] + None": "not an exact rational number: None (is a `return` missing?)",
    "return relu(x)": "a list where one program or number is expected",
    "return relu(x[0], x[1])": "line 4, at n = 3: TypeError: relu() takes 1 positional argument",
    "return maximum(x)": "maximum takes 2 arguments, 1 were given",
    "return maximum(*x)": "maximum takes 2 arguments, 3 were given",
    "return x[0] ** 2": "line 4, at n = 3: a power is not piecewise linear: (x0) ** 2",
    "return 2 ** x[0]": "a power is not piecewise linear: 2 ** (x0)",
    "return x[0] * x[1]": "a product of two non-constants is not piecewise linear",
    "return x[0] / x[1]": "division by a non-constant is not piecewise linear",
    "return x[0] // 2": "// and % have infinitely many pieces",
    "return x[0] % 2": "// and % have infinitely many pieces",
    "return x[0] @ x[1]": "@ is for matrices",
    "return x[0] / 0": "division by zero",
    "return x[0] and x[1]": f"a program {TRUTH}",
    "return x[0] or x[1]": f"a program {TRUTH}",
    "return not x[0]": f"a program {TRUTH}",
    "return sorted(x)[-1]": f"a condition {TRUTH}",
    "return max(x)": "maximum(a, b) for max(a, b) and for `a if a > b else b`, again and again for max(x)",
    "return min(*x)": f"a condition {TRUTH}",
    "return x[0] if x[0] > x[1] else x[1]": f"a condition {TRUTH}",
    "return x[1] if x[2] in x[:2] else x[0]": f"a condition {TRUTH}",
    "if x[0]:\n        return x[0]": f"line 4, at n = 3: a program {TRUTH}",
    "while x[0] > 1:\n        pass": f"line 4, at n = 3: a condition {TRUTH}",
    "import math\n    return math.floor(x[0])": f"line 5, at n = 3: x0 {NOT_YET}",
    "import math\n    return math.sqrt(x[0])": NOT_YET,
    "return int(x[0])": NOT_YET,
    "return round(x[0], 2)": NOT_YET,
    "return x[0][0]": "x0 is a program of one number: it has no parts",
    "return [y for y in x[0]]": "x0 is a program of one number, not a list",
    "return len(x[0])": "line 4, at n = 3: TypeError",
    "return x[0].max()": "line 4, at n = 3: AttributeError",
    "return x + 1": "line 4, at n = 3: TypeError",
    "return x[7]": "line 4, at n = 3: IndexError",
    "return y": "line 4, at n = 3: NameError",
    "assert len(x) == 8, 'eight only'": "line 4, at n = 3: AssertionError: eight only",
    "return open('/nowhere')": "line 4, at n = 3: /nowhere: No such file",
    "raise ValueError('a\\nb')": "line 4, at n = 3: ValueError: a b",
    "return f(x)": "line 4, at n = 3: RecursionError",
    "import sys\n    sys.exit(3)": "line 5, at n = 3: SystemExit: 3",
    "return inputs(9)[8]": "the program reads 9 inputs, max is about 3",
    "return symbol('a')": "a is for conditions",
    "return largest(x)": "is for conditions; in a program write maximum",
    "return fold([], maximum)": "a fold has at least one leaf",
    "return fold(x, lambda a: a)": "line 4, at n = 3: TypeError",
    "return fold(x, maximum, lambda v: [v <= 1])": "an invariant takes 2 numbers and 1 values",
    "import numpy\n    return numpy.maximum(x[0], x[1])": f"a condition {TRUTH}",
    "import numpy\n    return numpy.exp(x[0])": "line 5, at n = 3: TypeError",
    "import numpy\n    return numpy.array([[x[0]], [x[1]]])": f"[x0] in a list, {NO_PROGRAM}",
    "import sympy\n    return sympy.Symbol('a')": f"the recipe returns a, {NO_PROGRAM}",
    "import sympy\n    return sympy.Max(*x)": NOT_YET,
}
"""What a recipe's body does, and what is said of it."""

BEST = "maximum(maximum(x[0], x[1]), x[2])"
GOOD = {
    "return x[0]": 1,
    "return sum(x)": 1,
    "return 7": 1,
    f"return {BEST}": 0,
    "b = x.pop()\n    while x:\n        b = maximum(b, x.pop())\n    return b": 0,
    "b = x[0]\n    for o in x[1:]:\n        b = (b + o + abs(b - o)) / 2\n    return b": 0,
    f"import numpy\n    return numpy.array([{BEST}]) * numpy.int64(1)": 0,
    "import numpy\n    return numpy.ones(3) @ numpy.array(x)": 1,
    f"print(x)\n    return {BEST} * 0.5 * 2": 0,
}
"""What simply works, and the exit code."""

ONE = "@construction('max', 'f')\ndef f(x): return x[0]\n"
FILES = {
    "def f(x:\n  return\n": "mine.py: line 1, SyntaxError",
    "def f(x):\nreturn 1\n": "mine.py: line 2, IndentationError",
    "import nowhere_at_all\n": "line 1, ModuleNotFoundError",
    "from relumax import maximun\n": "line 1, ImportError",
    "import sys\nsys.exit(0)\n": "line 2, SystemExit",
    "x = {}\nx['a']\n": "line 2, KeyError",
    "def f(x): return x[0]\n": "registers no construction",
    "@construction\ndef f(x): return x[0]\n": 'as @construction("max", "mine"), not under \'f\'',
    "@construction('max')\ndef f(x): return x[0]\n": "a construction is registered as",
    "@construction('max', 3)\ndef f(x): return x[0]\n": "not under 3",
    "@construction('max', 'a/b')\ndef f(x): return x[0]\n": "not under 'a/b'",
    "@construction('max', 'tournament')\ndef f(x): return x[0]\n": "max/tournament is one of relumax's own",
    ONE + "@construction('max', 'f')\ndef g(x): return x[1]\n": "line 4, max/f is registered twice",
    ONE + "@construction('max', 'g')\ndef g(x): return x[1]\n": "mine.py registers max/f, max/g: choose one with --fn",
    "@construction('max', 'f')\ndef f(): return 1\n": "the recipe is called with the list of inputs, as `def f()`",
    "@construction('max', 'f')\ndef f(x, *, k): return 1\n": "as `def f(x, *, k)` cannot be",
    "@construction('max', 'f')\nclass f:\n    def __init__(self, x): pass\n": NO_PROGRAM,
    "@construction('max', 'f', inputs=3)\ndef f(x): return x[0]\n": "inputs= is a function, not 3",
    "@construction('max', 'f', inputs=lambda: 3)\ndef f(x): return x[0]\n": "inputs= is called with n, as `lambda: ...",
    "@construction('max', 'f', inputs=lambda n: None)\ndef f(x): return x[0]\n": "inputs= gives a number from 1 on",
    "@construction('max', 'f', inputs=lambda n: -1)\ndef f(x): return x[0]\n": "gives a number from 1 on, not -1",
    "@construction('max', 'f', options=5)\ndef f(x): return x[0]\n": "options= is a dict of names and defaults",
    "@construction('max', 'f', options={'gap': 1})\ndef f(x): return x[0]\n": "spec= is called with n and gap=1",
    "@construction('max', 'f', usual='3')\ndef f(x): return x[0]\n": "usual=, least= are numbers",
    "@construction('max', 'f', rough=lambda n: 5)\ndef f(x): return x[0]\n": "rough= gives hidden layers and units",
    "@construction('max', 'f', rough=5)\ndef f(x): return x[0]\n": "rough= is a function, not 5",
    "best_of()\n": "line 2, TypeError",
    "best_of(score=lambda c: 1, candidates=[(0,)], inputs=1)\n": "line 2, TypeError",
    "iterate(score=lambda z, x: None, moves=[(1,)])\n": "a score is a program or a number, not None",
    "iterate(score=lambda z, x: z[5], moves=[(1,)])\n": "line 2, IndexError",
}
"""Whole files, and what is said of them."""

SPECS = {
    "None": "spec= returns a Spec, as max_spec(n) does, not None",
    "1 / 0": "line 5, at n = 3: ZeroDivisionError",
    "max_spec(2)": "the program reads 3 inputs, new is about 2",
    "statement([True])": "ensures: True is no condition",
    "Spec([inputs(n), y], [statement([y[0] == largest(x)])])": "Spec(arrays): [x0, x1, x2] is no array",
    "Spec([x, y], [y[0] == largest(x)])": "is no statement: a Spec is of two lists",
    "Spec([x, y], [statement([y[0] == x[0]])])": "x[1] is mentioned by no statement",
    "Spec([x, y], [statement([y[0] == largest(inputs(n))])])": "the program reads x0, which is not among its inputs",
    "Spec([array('X', 'in', n), y], [])": "array 'X': a name is short, lower case",
    "Spec([array('x', 'in', None), y], [])": "array x: its length is a number, not None",
    "Spec([x, y], [statement([y[0] == largest(x)], [x[i] >= 0, x[0] < 0])])": "no input meets the promise: (0 <= x[i]",
    "Spec([x, y], [statement([y[0] == largest(x)], [x[i] >= 0], points=[point([-1, 2, 3])])])": "requires[0] is false",
}
"""What a function of n given as spec= returns, and what is said of it."""

CONTRACTS = {
    (
        "lambda y, a: y == a",
        "",
    ): "gadget g: ensures is called with 1 result and 2 arguments, as `lambda y, a: ...` cannot be",
    ("lambda y, a, b: None", ""): "a contract is conditions such as y == largest([a, b]), not None",
    ("lambda y, a, b: True", ""): "a contract is conditions such as y == largest([a, b]), not True",
    ("lambda y, a, b: y - a", ""): "a contract is conditions such as",
    ("lambda y, a, b: a <= y <= b", ""): f"a condition {TRUTH}",
    ("lambda y, a, b: y == max(a, b)", ""): f"a condition {TRUTH}",
    ("lambda y, a, b: y * y == a", ""): "a product of two non-constants",
    ("lambda y, a, b: 1 / 0", ""): "line 2, ZeroDivisionError",
    ("5", ""): "ensures of a gadget is a function",
    (
        "lambda y, a, b: y == b + relu(a - b)",
        "",
    ): "gadget g: ensures speaks of relu(a[0] - a[1]): a contract speaks of sums",
    ("lambda y, a, b: y >= a", "lambda a: a >= 0"): "requires is called with 2 arguments, as `lambda a: ...` cannot be",
    ("lambda y, a, b: y >= a", "lambda a, b: None"): "a contract is conditions such as",
    ("lambda y, a, b: y >= a", "lambda a, b: [a <= b, b + 1 <= a]"): "no arguments meet its `requires`",
    ("lambda y, a, b: y >= a", "lambda a, b: relu(a) <= 1"): "gadget g: requires speaks of relu(a[0])",
    ("lambda y, a, b: y >= a", "lambda a, b: step(a) == 1"): "gadget g: requires speaks of step(a[0])",
    ("lambda y, a, b: y >= a", "lambda a, b: abs(a) <= 1"): "gadget g: requires speaks of relu(a[0])",
    ("lambda y, a, b: y >= a", "lambda a, b: a <= smallest([a, b])"): "a contract speaks of more than sums",
    ("lambda y, a, b: y >= a", "True"): "requires of a gadget is a function",
}
"""(ensures, requires) of a gadget of two arguments, and what is said of it."""

GADGETS = {
    "@gadget\ndef g(a): return a\n": "a gadget has a contract: write @gadget(ensures=",
    "@gadget()\ndef g(a): return a\n": "a gadget has a contract",
    "@gadget(ensures=lambda y, a: y == a)\ndef g(*a): return a[0]\n": "no function of a fixed number of arguments",
    "@gadget(ensures=lambda y, a: y == a)\nclass g: pass\n": "no function of a fixed number of arguments",
    "@gadget(ensures=lambda y, a: y == a)\ndef g(a): pass\n": f"g returns None (is a `return` missing?), {NO_PROGRAM}",
    "@gadget(ensures=lambda y, a: y == a)\ndef g(a): return 'b'\n": f"gadget g returns 'b', {NO_PROGRAM}",
    "@gadget(ensures=lambda y, a: y == a)\ndef g(a): return []\n": "gadget g returns an empty list",
    "@gadget(ensures=lambda y, a: y == a)\ndef g(a): return a if a > 0 else -a\n": f"line 3, a condition {TRUTH}",
    "def g(a): return a\n": "unknown gadget 'g'",
}
"""Files with a gadget g, and what is said of it."""


@pytest.fixture
def refused(tmp_path, capfd):
    """Run a command line on a file of this text, which ends with 2: the one line."""

    def run(text, *arguments):
        code = main(["prove", "--from", str(written(tmp_path, text)), *arguments])
        out, err = capfd.readouterr()
        assert code == 2 and out == "" and one_line(err), (code, out, err)
        return err

    return run


@pytest.mark.parametrize("body", BODIES)
def test_a_recipe_that_is_wrong(refused, body):
    assert BODIES[body] in refused(
        f"from relumax import *\n@construction('max', 'f')\ndef f(x):\n    {body}\n", "--n", "3"
    )


@pytest.mark.parametrize("body", GOOD)
def test_a_recipe_that_simply_works(tmp_path, capfd, body):
    file = written(tmp_path, f"from relumax import *\n@construction('max', 'f')\ndef f(x):\n    {body}\n")
    assert main(["prove", "--from", str(file), "--n", "3"]) == GOOD[body]
    assert capfd.readouterr().out.startswith(("proved\n", "refuted\n")[GOOD[body]])


@pytest.mark.parametrize("text", FILES)
def test_a_file_that_is_wrong(refused, text):
    text, said = (
        (text if text.startswith(("def", "import", "x", "from")) else f"from relumax import *\n{text}"),
        FILES[text],
    )
    assert said in refused(text, "--n", "2")


@pytest.mark.parametrize("spec", SPECS)
def test_a_spec_that_is_wrong(refused, spec):
    lines = "from relumax import *\ndef s(n):\n    x, y = array('x', 'in', n), array('y', 'out')\n\n    return " + spec
    recipe = f"\n@construction('new', 'f', spec=s)\ndef f(x): return {BEST}\n"
    assert SPECS[spec] in refused(lines + recipe, "--n", "3")


@pytest.mark.parametrize(("ensures", "requires"), CONTRACTS)
def test_a_contract_that_is_wrong(refused, ensures, requires):
    given = f"ensures={ensures}" + f", requires={requires}" * bool(requires)
    text = f"from relumax import *\n@gadget({given})\ndef g(a, b): return b + relu(a - b)\n"
    assert CONTRACTS[ensures, requires] in refused(text, "--gadget", "g")


@pytest.mark.parametrize("text", GADGETS)
def test_a_gadget_that_is_wrong(refused, text):
    assert GADGETS[text] in refused(f"from relumax import *\n{text}", "--gadget", "g")


def test_a_gadget_of_two_results_names_all(refused):
    text = """from relumax import *
@gadget(ensures=lambda low, high, a, b: (high == largest([a, b]), low == smallest([a, b])))
def sort2(a, b): return a - relu(a - b), b + relu(a - b)
@construction("max", "f")
def f(x): return sort2(x[0], x[1])
"""
    assert "line 5, at n = 2: sort2 has 2 results: write y, z = sort2.all(...)" in refused(text, "--n", "2")


def test_an_interruption_is_no_mistake(tmp_path):
    done = relumax("prove", "--from", written(tmp_path, "raise KeyboardInterrupt\n"))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "relumax: interrupted\n")


# ---------------------------------------------------------------- floats


@pytest.mark.parametrize(
    ("body", "code"), [(f"return {BEST} + 0.1 - 0.1", 0), (f"return {BEST} + 0.1 - Fraction(1, 10)", 1)]
)
def test_a_float_is_the_binary_fraction_that_it_is_and_a_note_says_so(tmp_path, capfd, body, code):
    text = f"from fractions import Fraction\nfrom relumax import *\n@construction('max', 'f')\ndef f(x):\n    {body}\n"
    ask = ["prove", "--from", str(written(tmp_path, text)), "--n", "3"]
    note = (
        f'0.1 is read as the binary fraction that it is, {(0.1).as_integer_ratio()[0]}/{2**55}; for 1/10 write "1/10"'
    )
    assert main(ask) == code and f"\nnote     {note}\n" in capfd.readouterr().out
    assert main([*ask, "--json"]) == code and json.loads(capfd.readouterr().out)["notes"] == [note]
    text = text.replace("0.1", '"1/10"')
    assert main(["prove", "--from", str(written(tmp_path, text)), "--n", "3"]) == 0
    assert "note" not in capfd.readouterr().out


# ---------------------------------------------------------------- files that people sent


def test_a_recipe_of_two_arguments(capfd):
    assert main(["prove", "--from", str(CASES / "c_two.py"), "--n", "2"]) == 2
    err = capfd.readouterr().err
    assert (
        one_line(err)
        and "c_two.py: line 3, max/c: the recipe is called with the list of inputs, as `def c(x, y)`" in err
    )


@pytest.mark.parametrize(
    ("gadget", "code", "said"),
    [
        ("ens_relu", 2, "ensures speaks of relu(a[0])"),
        ("req_relu", 2, "requires speaks of relu(a[0])"),
        ("req_abs", 2, "requires speaks of relu(a[0])"),
        ("req_step", 2, "requires speaks of step(a[0])"),
        ("ens_largest", 2, "ensures speaks of relu(a[0])"),
        ("req_never", 2, "no arguments meet its `requires`"),
        ("req_largest", 0, "proved\n"),
        ("wrong", 1, "refuted\n"),
    ],
)
def test_contracts_that_say_more_than_sums(capfd, gadget, code, said):
    assert main(["prove", "--from", str(CASES / "contracts.py"), "--gadget", gadget]) == code
    out, err = capfd.readouterr()
    assert (said in err and one_line(err)) if code == 2 else (out.startswith(said) and err == "")


@pytest.mark.parametrize("name", ["uses", "uses-req"])
def test_callers_of_gadgets_whose_contracts_say_more_than_sums(capfd, name):
    assert main(["prove", "--from", str(CASES / "contracts.py"), "--construction", name, "--n", "2"]) == 0
    assert capfd.readouterr().out.startswith("proved\n")


def test_a_gadget_that_hung_is_refuted_at_once():
    done = relumax("prove", "--from", CASES / "hang_gadget.py", "--gadget", "trained", "--timeout", "60")
    assert done.returncode == 1 and done.stdout.startswith("refuted\n") and "engine   falsify" in done.stdout


TWICE = """
import random
from fractions import Fraction
from relumax import gadget, relu

def trained(x, scale):
    r = random.Random(1)
    w = lambda: Fraction(r.randrange(-2**20, 2**20), 2**21)
    for _ in range(3):
        x = [relu(sum((scale * w() * v for v in x), start=scale * w() + 0 * x[0])) / scale for _ in range(32)]
    return sum((w() * v for v in x), start=w() + 0 * x[0])

@gadget(ensures=lambda y, a, b, c, d, e: y == 0)
def twice(a, b, c, d, e):
    return trained([a, b, c, d, e], 1) - trained([a, b, c, d, e], 2)
"""
"""True, and far beyond engine flat: one network less itself with other weights."""


@pytest.mark.parametrize("as_json", [False, True])
def test_the_time_limit_is_heard_in_a_gadget(as_json, tmp_path):
    ask = ["prove", "--from", written(tmp_path, TWICE), "--gadget", "twice", "--timeout", "1"]
    done = relumax(*ask, *["--json"] * as_json)
    assert done.returncode == 3 and done.stderr == ""
    if as_json:
        found = json.loads(done.stdout)
        assert (found["verdict"], found["reason"], found["construction"]) == (
            "unknown",
            "no answer within 1 s",
            "twice",
        )
    else:
        assert done.stdout.startswith("unknown\n") and "\nreason   no answer within 1 s\n" in done.stdout


@pytest.mark.parametrize("what", ["x0", b"x", [None], 3.5j, object()])
@pytest.mark.parametrize("door", [lambda p: api.evaluate(p, [1, 2]), api.closed_form, api.prove_gadget])
def test_what_is_no_program_and_no_gadget(door, what):
    with pytest.raises(RelumaxError, match=r"not one program|@gadget"):
        door(what)


def test_a_network_that_gives_an_index_is_told_the_construction(tmp_path):
    """As one that ends in ONNX's ArgMax."""
    assert relumax("export", "--fn", "argmax", "--construction", "index", "--n", "3", "-o", tmp_path / "i.npz")
    done = relumax("prove", tmp_path / "i.npz", "--fn", "argmax")
    assert done.returncode == 2 and "argmax has 3 outputs, the network gives 1; argmax/index or" in done.stderr
    assert "would fit (--construction index)" in done.stderr
    assert relumax("prove", tmp_path / "i.npz", "--fn", "argmax", "--construction", "index").returncode == 0


def test_what_is_far_too_large_is_refused_before_it_is_stated():
    start = process_time()
    assert main(["prove", "--n", "1000000"]) == 3
    assert process_time() - start < 4, "a statement of a million inputs takes longer"
