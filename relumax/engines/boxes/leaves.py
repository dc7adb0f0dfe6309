"""The proof in one box: the lines of the units that are undecided in the whole box, once more, and then the goal.

A task of its own (`relumax.cluster`): what it is given and what it returns is plain data, facts are numbers and values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from relumax.engines.boxes.exact import Layer, Lines, Relaxed
from relumax.engines.boxes.floats import Path
from relumax.engines.canonical.ranges import Bound
from relumax.engines.canonical.table import Table
from relumax.engines.forms import constant
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.orders.sums import Farkas, contradiction
from relumax.engines.script import GOAL, Block, Fact, Step, Value, facts_of, have, split, write
from relumax.engines.search import GaveUp
from relumax.kernel.proof import LE, OR, RELU, Context, difference, negated, negation, unit_clause, variable
from relumax.kernel.wire import LT

DEEPER = 6
"""How often a box is halved that floats thought closed."""

Known = tuple[int, Value]
"""A fact by its number."""


class Line(NamedTuple):
    """`Lines` as plain data."""

    slope: int
    shift: Fraction
    lower: bool
    zero: Known
    own: Known
    above: Known


class Problem(NamedTuple):
    """What all boxes share: layers, clauses by number, lines that hold in the whole box, and undecided units.

    Of the `goals` one is to be shown: their negations are the facts `false`, and those of the box follow `last`.
    `equal` are outputs, by the equations that say what they are.
    """

    layers: Sequence[Layer]
    clauses: dict[int, int]
    lines: dict[int, Line]
    undecided: frozenset[int]
    box: list[Known]
    equal: dict[int, Known]
    goals: tuple[Value, ...]
    false: tuple[int, ...]
    last: int


class Task(NamedTuple):
    """A box of a problem, as it is cut out, and how often each goal's sum is taken."""

    problem: Problem
    path: Path
    weights: tuple[int, ...]


def proof(task: Task) -> list[object] | None:
    """The steps that refute the negated goals in the box, as the certificate has them; None if they are not found."""
    problem = task.problem
    number = problem.last + 1
    given = [Fact(value, k) for k, value in problem.box]
    for i, side in task.path:
        middle = halved(given, i)
        number += 1  # the clause that is split
        given.append(Fact(halves(i, middle)[side], number))
        number += 1
    block = _in_box(task, given, DEEPER)
    return None if block is None else write(block, number)


def _in_box(task: Task, given: list[Fact], deeper: int) -> Block | None:
    """The proof in the box of these facts; where its sums do not say enough, in its halves."""
    problem = task.problem
    relaxed = _relaxed(problem, given)
    taken = [(goal, k, c) for goal, k, c in zip(problem.goals, problem.false, task.weights, strict=True) if c]
    bound, using = goal_bound(relaxed, problem, [(goal, c) for goal, _, c in taken])
    if bound.most < 0 or (bound.most == 0 and any(goal[0] == LE for goal, *_ in taken)):
        own: Farkas = [(Fact(negated(goal), k), Fraction(c)) for goal, k, c in taken]
        own += [(fact, Fraction(n, d)) for fact, n, d in using]
        return Block([], [*relaxed.table.steps, contradiction(own)])
    if not deeper:
        return None
    i = max(range(len(relaxed.high)), key=lambda v: relaxed.high[v].most + relaxed.low[v].most)
    step, clause, branches = cut(i, halved(given, i))
    blocks = []
    for fact in branches:
        inner = _in_box(task, [*given, fact], deeper - 1)
        if inner is None:
            return None
        blocks.append(Block([fact], inner.steps))
    return Block([], [step, split(clause, blocks)])


def _relaxed(problem: Problem, given: list[Fact]) -> Relaxed:
    """The network in the box of these facts, all lines known."""
    table = Table(Context(0, ENDLESS, []), Lemmas())
    lines = {v: _lines(one) for v, one in problem.lines.items()}
    relaxed = Relaxed(table, given, problem.layers, lines)
    for layer in problem.layers:
        for v, s in layer.items():
            if v in problem.undecided:
                table.clauses[v] = Fact(unit_clause(RELU, s, v), problem.clauses[v])
                relaxed.learn(v, relaxed.lined(v, s, lines[v].zero, lines[v].own))
    return relaxed


def goal_bound(
    relaxed: Relaxed, problem: Problem, goals: Sequence[tuple[Value, int]]
) -> tuple[Bound, list[tuple[Fact, int, int]]]:
    """By how much the goals' sum, so often each, may be above 0, outputs being put in for, and the facts for that."""
    total: dict[int, Fraction] = {}
    using: list[tuple[Fact, int, int]] = []
    most = Fraction(0)
    for (_, const, terms), times in goals:
        most += times * const
        for v, c in terms:
            if v not in problem.equal:
                total[v] = total.get(v, Fraction(0)) + times * c
                continue
            number, (_, fixed, row) = problem.equal[v]
            k = Fraction(-times * c, dict(row)[v])
            using.append((Fact((0, fixed, row), number), -k.numerator, k.denominator))
            most += k * fixed
            for u, weight in row:
                if u != v:
                    total[u] = total.get(u, Fraction(0)) + k * weight
    den = lcm(*(weight.denominator for weight in total.values()))
    bound = relaxed.most(den, [(v, int(weight * den)) for v, weight in total.items()])
    return Bound(bound.most + most, bound.using), [*using, *bound.using]


def halved(given: list[Fact], i: int) -> Fraction:
    """The middle of what these facts leave of an input."""
    low = high = None
    for kind, const, terms in (fact.value for fact in given):
        if len(terms) == 1 and terms[0][0] == i and kind <= LT:
            end = Fraction(-const, terms[0][1])
            if terms[0][1] > 0:
                high = end if high is None else min(high, end)
            else:
                low = end if low is None else max(low, end)
    if low is None or high is None:
        raise GaveUp("an input is in no box")
    return (low + high) / 2


def halves(i: int, middle: Fraction) -> tuple[Value, Value]:
    """x[i] <= middle, and x[i] >= middle."""
    x, m = variable(i), constant(middle)
    return difference(x, m, LE), difference(m, x, LE)


def cut(i: int, middle: Fraction) -> tuple[Step, Fact, Iterator[Fact]]:
    """Have that an input lies in one half or in the other: the step, its clause, and what each half supposes."""
    value: Value = (OR, tuple((one,) for one in halves(i, middle)))
    supposed = [fact for one in negation(value) for fact in facts_of(one)]
    close = contradiction([(fact, Fraction(1, abs(fact.terms[0][1]))) for fact in supposed])
    step = have(value, Block([], [Step(GOAL, [], blocks=[Block(supposed, [close])])]))
    (clause,) = step.makes
    return step, clause, (one for (one,) in clause.branches())


def _lines(one: Line) -> Lines:
    zero, own, above = (Fact(value, number) for number, value in (one.zero, one.own, one.above))
    return Lines(one.slope, one.shift, one.lower, zero, own, above)
