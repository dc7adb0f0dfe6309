"""Queries: what is written is read again, a statement and its query say the same, hostile text is refused in a line."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from random import Random

import pytest

from relumax.constructions.registry import find
from relumax.errors import BudgetExceeded, FormatError
from relumax.formats.vnnlib import boxed, counterexample, holds, no_answer, read, smtlib, version_one, version_two
from relumax.formats.vnnlib.query import IN, OUT, Atom, Every, Linear, Some, branches, negated, simple
from relumax.formats.vnnlib.writing import decimal, exact
from relumax.kernel.text import text
from relumax.language.spec import max_spec, min_spec
from relumax.language.theorem import theorem
from relumax.network.compile import compile
from relumax.pipeline import prove
from relumax.words import PROVED, REFUTED


def stated(function: str, name: str, n: int, **options):
    found = find(function, name)
    return found.spec(n, **{**found.options, **options})


SPECS = {
    "max": max_spec(3),
    "min": min_spec(3),
    "slack": stated("argmax", "slack", 3),
    "index": stated("argmax", "index", 3, gap=Fraction(1)),
    "onehot": stated("argmax", "onehot", 3),
    "gate": stated("select", "gate", 2),
    "nonnegative": stated("max", "essay", 3),
    "words": theorem("for all x in [-1, 1]^3: |y - median(x)| <= 1/3"),
    "two": theorem("for all x in R^2: y[0] = max(x); y[1] = min(x), where y in R^2 is the output"),
}
every_spec = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


def false_at(spec, inputs, outputs) -> bool:
    """Whether the spec is false of a network with these outputs there, as the kernel's own evaluation says."""
    from relumax.engines.falsify import cheap_indices
    from relumax.engines.lemmas import ENDLESS
    from relumax.engines.witness import refutes
    from relumax.kernel.network import read_network
    from relumax.kernel.statement import Claim

    den = lcm(*(value.denominator for value in outputs))
    output = {"den": den, "rows": [[int(value * den)] for value in outputs]}
    network = read_network({"inputs": len(inputs), "layers": [], "output": output}, ENDLESS)
    for one in Claim(spec.claim(), network).statements:
        if any(refutes(one, inputs, index) for index in cheap_indices(one, inputs, outputs)):
            return True
    return False


@every_spec
def test_a_query_is_met_exactly_where_the_statement_is_false(spec):
    """Inputs and outputs at random, near ties: the kernel's evaluation of the statement is the oracle."""
    draw = Random(1)
    query = counterexample(spec)
    inputs, outputs = query.cells(IN), query.cells(OUT)
    seen = set()
    for _ in range(300):
        x = [Fraction(draw.randint(-3, 3), draw.choice((1, 1, 2, 3))) for _ in inputs]
        y = [draw.choice([*x, Fraction(draw.randint(-1, 2)), *(a - b for a in x for b in x)]) for _ in outputs]
        met = holds(Every(query.assertions), dict(zip([*inputs, *outputs], [*x, *y], strict=True)))
        assert met == false_at(spec, x, y), (x, y)
        seen.add(met)
    assert seen == {True, False}


@every_spec
def test_what_is_written_is_read_again(spec):
    query = boxed(counterexample(spec), Fraction(-1, 3), Fraction(1, 8))
    two = read(version_two(query, ["a comment"]))
    assert two.networks == query.networks
    one = read(version_one(query))
    draw = Random(2)
    for _ in range(100):
        x = [Fraction(draw.randint(-3, 3), 8) for _ in query.cells(IN)]
        y = [draw.choice([*x, Fraction(draw.randint(-1, 2))]) for _ in query.cells(OUT)]
        answers = set()
        for found in (query, two, one):
            cells = [*found.cells(IN), *found.cells(OUT)]
            answers.add(holds(Every(found.assertions), dict(zip(cells, [*x, *y], strict=True))))
        assert len(answers) == 1


@every_spec
def test_queries_of_reals_and_floats_are_read_by_the_public_parser(spec):
    vnnlib = pytest.importorskip("vnnlib", reason="the package vnnlib is not installed")
    for kind in ("real", "float32", "float64"):
        query = boxed(counterexample(spec, kind), Fraction(-1, 3), Fraction(1, 8))
        found = vnnlib.parse_query_string(version_two(query))
        assert len(found.assertions) == len(query.assertions)


@pytest.mark.parametrize("spec", [max_spec(2), max_spec(7), min_spec(4), SPECS["two"]], ids=["2", "7", "min", "two"])
def test_the_query_of_a_maximum_is_stated_as_a_maximum(spec):
    assert text(no_answer(read(version_two(counterexample(spec)))).claim()) == text(spec.claim())


def test_a_maximum_of_forms_and_an_equation_are_recognised():
    spec = theorem("for all x in R^2: y = max(2 x[0], x[1] + 1, 0)")
    [said] = text(no_answer(counterexample(spec)).claim())
    assert "y = max(s0)" in said and "2 x[0]" in said
    spec = theorem("for all x in R^2: y = x[0] + 1/3 x[1]")
    assert text(no_answer(counterexample(spec)).claim()) == ["for all x in R^2: 3 y = 3 x[0] + x[1]"]


def test_inputs_alone_become_a_promise_and_nothing_is_left_unmentioned():
    query = read("""
        (declare-const X_0 Real) (declare-const X_1 Real) (declare-const Y_0 Real) (declare-const Y_1 Real)
        (assert (<= X_0 0.5)) (assert (or (and (>= X_0 -1) (> Y_0 X_0)) (and (<= (- 1) X_0) (< Y_0 -3))))
    """)
    [said] = text(no_answer(query).claim())
    assert said.startswith("for all x in R^2 such that 2 x[0] <= 1 and 0 <= x[0] + 1: y[0] <= x[0]; 0 <= y[0] + 3; ")
    assert "x[1] <= 0 or 0 <= x[1]" in said and "y[1] <= 0 or 0 <= y[1]" in said
    assert " such that " not in text(no_answer(query, promising=False).claim())[0]


def test_the_statement_of_a_query_is_proved_and_refuted():
    program = find("max", "chain").program(4)
    network = compile(program, 4)
    asked = boxed(counterexample(max_spec(4)), Fraction(-1), Fraction(1))
    assert prove(network, no_answer(asked)).verdict == PROVED
    wrong = prove(network, no_answer(counterexample(min_spec(4))))
    assert wrong.verdict == REFUTED and wrong.witness is not None


def test_a_query_that_no_input_meets_is_proved_from_the_inputs_alone():
    query = read("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= X_0 0))(assert (>= X_0 1))")
    assert prove(compile(find("max").program(1), 1), no_answer(query, promising=False)).verdict == PROVED


def test_smtlib_is_what_z3_reads():
    import z3

    spec, program = max_spec(3), find("max", "chain").program(3)
    for fault, answer in ((0, z3.unsat), (Fraction(1, 2**20), z3.sat)):
        network = compile([program[0] + fault], 3)
        solver = z3.Solver()
        solver.from_string(smtlib(counterexample(spec), network))
        assert solver.check() == answer
    steps = find("argmax", "step")
    spec = steps.spec(2)
    solver = z3.Solver()
    solver.from_string(smtlib(counterexample(spec), compile(steps.program(2), 2)))
    assert solver.check() == z3.unsat


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("0", "0.0"),
        ("-1", "-1.0"),
        ("1/8", "0.125"),
        ("-1/20", "-0.05"),
        ("100", "100.0"),
        ("3/2", "1.5"),
        ("1/3", None),
    ],
)
def test_decimals(value, written):
    assert decimal(Fraction(value)) == written
    if written:
        assert Fraction(written) == Fraction(value) and exact(Fraction(value)) == written


def test_fractions_are_written_as_smtlib_has_them():
    assert exact(Fraction(-2, 3)) == "(- (/ 2.0 3.0))"


HEAD = "(vnnlib-version <2.0>)\n(declare-network N (declare-input X real [1,2]) (declare-output Y real []))\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("(assert (<= X[0,0] 1.0)", "line 3: the bracket opened here is not closed"),
        ("(assert (<= X[0,0] 1.0)))", "line 3: a bracket is closed that was not opened"),
        ("x", "line 3: 'x' stands outside of all brackets"),
        ("(assert (<= X[0,2] 1.0))", "line 3: X has the shape [1, 2], and no number at [0, 2]"),
        ("(assert (<= X[0] 1.0))", "line 3: X has the shape [1, 2], and no number at [0]"),
        ("(assert (<= X[0,-1] 1.0))", "line 3: 'X' '[0,-1]': a cell is at whole numbers, from 0 on"),
        ("(assert (<= X[0,1_0] 1.0))", "line 3: 'X' '[0,1_0]': a cell is at whole numbers"),
        ("(assert (<= X[0,] 1.0))", "line 3: 'X' '[0,]': a cell is at whole numbers"),
        ("(assert (<= Z[0] 1.0))", "line 3: 'Z' is neither a number nor declared"),
        ("(assert (<= (* X[0,0] Y) 1.0))", "line 3: a product of variables is not linear"),
        ("(assert (<= (/ 1.0 Y) 1.0))", "line 3: a division by a variable, or by 0"),
        ("(assert (<= X[0,0] Y 1.0))", "line 3: <= compares two"),
        ("(assert (= X[0,0] Y))", "line 3: (= ...) is none of and, or, <=, <, >=, >, ==, !="),
        ("(assert (not (<= Y 1.0)))", "line 3: (not ...) is none of"),
        ("(assert (and))", "line 3: (and ...) is none of"),
        ("(assert Y)", "line 3: a comparison is expected"),
        ("(check-sat)", "line 3: (check-sat ...) is none of vnnlib-version, declare-network and (assert FORMULA)"),
        ("", "nothing is asserted"),
        (
            "(declare-network N (declare-input Z real [1]))(assert (<= Y 1.0))",
            "no network is declared, or two have one",
        ),
        ("(declare-network M (declare-input X real [1]))(assert (<= Y 1.0))", "the name X is declared twice"),
        ("(declare-network M (equal-to K))(assert (<= Y 1.0))", "line 3: K is no network declared before"),
        (
            "(declare-network M (declare-input Z real))(assert (<= Y 1.0))",
            "(declare-input NAME TYPE [SHAPE]) is expected",
        ),
        ("(vnnlib-version <3.0>)(assert (<= Y 1.0))", "line 3: this version of VNN-LIB is not read"),
        ("(assert (<= Y 1e9999))", "line 3: '1e9999' is neither a number nor declared"),
        ("(" * 600, "line 3: more than 500 brackets in each other"),
        ("\x00", "line 3: '\\x00' stands outside"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(body, said):
    with pytest.raises(FormatError) as problem:
        read(HEAD + body)
    assert said in str(problem.value) and "\n" not in str(problem.value)


def test_version_one_is_refused_where_it_is_not_understood():
    for body, said in (
        ("(declare-const X_1 Real)(assert (<= X_1 0))", "are declared, in order"),
        ("(declare-const X_0 Int)(assert (<= X_0 0))", "of sort Real"),
        ("(declare-const X_0 Real)(assert (<= X_0 Z))", "'Z' is neither a number nor declared"),
        ("(declare-const X_0 Real)(assert (!= X_0 0))", "is none of and, or, <=, <, >=, >, ="),
    ):
        with pytest.raises(FormatError, match=said.replace("(", r"\(")):
            read(body)


def test_numbers_are_read_exactly():
    query = read("(declare-const X_0 Real)(assert (<= (* 3 X_0) (/ 0.1 1e3)))")
    assert query.assertions == (Atom("<=", Linear(Fraction(-1, 10000), {("X", 0): Fraction(3)})),)


def test_alternatives_are_bounded():
    atom = Atom("<", Linear(Fraction(0), {("X", 0): Fraction(1)}))
    wide = Some((atom, negated(atom)))
    assert len(branches(Every((wide, wide)))) == 4
    with pytest.raises(BudgetExceeded, match="more than 100,000 atoms"):
        branches(Every((wide,) * 40))


def test_what_is_true_or_false_anyway_goes():
    atom = Atom("<", Linear(Fraction(0), {("X", 0): Fraction(1)}))
    opposite = Atom("<", Linear(Fraction(0), {("X", 0): Fraction(-1)}))
    number = Atom("<", Linear(Fraction(1), {}))
    assert simple(Every((atom, opposite))) == Some(())
    assert simple(Every((Some((atom, number)), Every(())))) == atom
    assert simple(Some((atom, negated(number)))) == Every(())


def test_a_lattice_and_a_step_cannot_be_said():
    with pytest.raises(FormatError, match="lattice"):
        counterexample(stated("argmax", "index", 3, lattice=Fraction(1)))
    with pytest.raises(FormatError, match="step"):
        counterexample(theorem("for all x in R^1: y = step(x)"))
