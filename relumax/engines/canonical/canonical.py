"""Engine `canonical`: a network and a spec, and nothing else; no case is looked at twice that has one form.

Every unit is rewritten, layer after layer, as an affine form over *atoms*: the inputs, maxima m_S = max(x_i : i in S)
of leaves, and relus and steps of primitive forms over atoms (`units`). What two units share is seen at once: copies,
scaled copies and opposites have one atom, and forms with the same m_S cancel. So an output is a form over few atoms,
whatever the network's size, and what the statement says of it is either a sum of what is known, or a small question:

    h = relu(s),  s = c (m_S - m_T), c > 0                                    h = c (m_(S u T) - m_T)
    h = relu(s),  s = +- c t, c > 0, t primitive, its first coefficient > 0   h = c relu(t), or c relu(t) - c t
    h = relu(s),  s >= 0 or s <= 0 by what is known of atoms                  h = s, or h = 0

Minima are maxima of -x_i, a family of their own that shares its first layer: max(-a, -b) = max(a, b) - a - b.

Each is an instance of one of a few lemmas (`rewritings`), so the proof is as long as the network. The `table` holds the
forms and the facts that say so, `bounds` what is known of signs, `opening` what the statement adds to it; `goals` says
what is left of each promise. It raises GaveUp where forms or cases grow too large. What is not proved may be false:
`sought` looks for a point on what is left of the network, cell by cell (`cells`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from relumax.engines.canonical.bounds import WORK
from relumax.engines.canonical.goals import proved
from relumax.engines.canonical.metered import OutOfWork
from relumax.engines.canonical.opening import Opening, opened
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.script import Block, write
from relumax.engines.search import GaveUp
from relumax.engines.witness import Witness
from relumax.kernel.errors import Refused
from relumax.kernel.proof import LE, Context
from relumax.kernel.statement import Statement
from relumax.network.layers import Network

SEEKING = 8_000_000
"""The work of `sought.refuted`."""
PATIENCE = 40
"""Times the usual work, where that was not enough for a proof, and nothing else has an answer."""


def prove_statements(
    statements: Sequence[Statement], lemmas: Lemmas, network: Network, times: int = 1
) -> list[list[object]] | Witness:
    """The proofs of these statements about a network, or a point where one is false; raises GaveUp, Refused.

    If one is not proved, the others are still looked at: any may be false. `times` the usual work is done: 0 is by
    bounds alone, which are for inequalities on a box; OutOfWork says that PATIENCE times may help, which leaves out
    what the usual work has tried in vain.
    """
    proofs: list[list[object]] = []
    for k, statement in enumerate(statements):
        context = statement.context(ENDLESS, [])
        try:
            found = prove_canonical(context, statement, lemmas, network, times)
        except (GaveUp, Refused):
            for one in statements[k + 1 :] if times == 1 else ():
                if (witness := _refuted(one.context(ENDLESS, []), one, network, SEEKING)) is not None:
                    return witness
            raise
        if isinstance(found, Witness):
            return found
        proofs.append(write(found, len(context.facts)))
    return proofs


def prove_canonical(
    context: Context, statement: Statement, lemmas: Lemmas, network: Network, times: int = 1
) -> Block | Witness:
    """A proof of the goals of `context`, the statement's, or a point where it is false; raises GaveUp.

    Inequalities on a box are first tried by bounds, and where `times` is 0 no other way. Where the statement takes
    no maximum and so does not say whether the network's are of x or of -x, both are tried.
    """
    mark, facts = context.mark(), list(context.facts)

    def again() -> None:
        """What was added is forgotten; clauses of units that were written out are units again."""
        context.restore(*mark)
        context.facts[:] = facts

    said = ""
    try:
        if times < PATIENCE and statement.requires and all(goal[0] == LE for goal in context.goals):
            from relumax.engines.canonical.near import prove_near  # numpy

            try:
                return prove_near(context, statement, lemmas)
            except GaveUp as problem:
                said = f"{problem}; "
            again()
        if not times:
            raise GaveUp("bounds are for inequalities on a box")
        return _decided(context, statement, lemmas, network, again, times)
    except GaveUp as problem:
        raise type(problem)(f"{said}{problem}") from None
    finally:
        context.restore(*mark)


def _decided(
    context: Context, statement: Statement, lemmas: Lemmas, network: Network, again: Callable[[], None], times: int
) -> Block | Witness:
    """A proof by so many times the usual work, or a point; raises OutOfWork where more may help, GaveUp where not."""
    problems: list[GaveUp] = []
    for sign in (1, -1):
        opening = opened(context, statement, lemmas, sign, times * WORK)
        try:
            return _proof(opening)
        except GaveUp as problem:
            problems.append(problem)
        again()
        if opening.largest or not any(one.bit_count() > 2 for one in opening.mirror.by_set):
            break
    unfinished = [one for one in problems if isinstance(one, OutOfWork)]
    found = _refuted(context, statement, network, SEEKING // 10 if unfinished and times < PATIENCE else SEEKING)
    if found is None:
        raise (unfinished or problems)[-1]
    return found


def _refuted(context: Context, statement: Statement, network: Network, work: int) -> Witness | None:
    """A point where the statement is false, sought on its canonical forms, as far as there are any."""
    from relumax.engines.canonical.sought import refuted  # random

    opening = opened(context, statement, Lemmas())
    with suppress(GaveUp, Refused):
        _rewritten(opening)
    with suppress(GaveUp, Refused):
        return refuted(opening, network, work)
    return None


def _proof(opening: Opening) -> Block:
    """Units, outputs, goals."""
    last = proved(_rewritten(opening))
    return Block([], [*opening.table.steps, last])


def _rewritten(opening: Opening) -> Opening:
    """The opening, units and outputs of its network rewritten."""
    network = opening.statement.network
    first = network.inputs + len(network.units)
    for h in range(network.inputs, first):
        opening.units.unit(h)
    for v in range(first, first + len(network.outputs)):
        opening.output(v)
    return opening
