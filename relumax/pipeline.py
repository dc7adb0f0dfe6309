"""The road from a construction to a theorem, stage by stage, under the names the README uses.

program  ->  network  ->  claim  ->  engine  ->  certificate  ->  kernel  ->  verdict
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial
from time import monotonic
from typing import Any

from relumax.clock import TimeUp, limit
from relumax.collector import undisturbed
from relumax.constructions.stated import stated
from relumax.engines import smt
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.script import write
from relumax.engines.search import GaveUp
from relumax.engines.witness import Witness, false, refutes
from relumax.errors import FormatError, SpecError
from relumax.kernel import FORMAT, VERSION, Invalid, Malformed, Refused, check
from relumax.kernel.network import read_network
from relumax.kernel.proof import Context
from relumax.kernel.statement import Claim, Statement
from relumax.kernel.text import text
from relumax.kernel.wire import write as canonical
from relumax.language.expr import Expr, inputs, listed
from relumax.language.gadget import Gadget
from relumax.language.spec import Json, Spec
from relumax.network.compile import compile
from relumax.network.layers import Network, to_json
from relumax.size import allowed_or_usual, at_most
from relumax.verdict import Verdict
from relumax.words import ENGINES, INVARIANT, PROVED, REFUTED, UNCERTIFIED, UNKNOWN

LARGE = 2000
"""Identities written out that are larger are left to their door: other engines would take hours."""
MANY = 60
"""Of a network with more hidden units, a counterexample is searched for before case trees and z3."""
HOPELESS, MOST_ASKED = 50_000, 10_000
"""Of a network with more weights, case trees are not begun, and z3 is not asked beside: it would take too long."""
SOON = 0.1
"""Seconds in which z3 answers what is easy."""


class _Task:
    """One claim about one network on its way to a verdict."""

    network: Network
    statements: list[Statement]

    def __init__(self, spec: Spec, start: float):
        self.start, self.spec, self.claim = start, spec, spec.claim()
        self.built: Network | None = None
        self.unfinished = False  # engine canonical may have an answer with more work
        self.compiled = True  # from the program that it is to be proved by, if there is one
        self.engine, self.reason = "", ""  # the engine at work; what a user should know of gadgets and invariants
        self.notes: list[str] = []
        self.theorem = tuple(text(self.claim))

    def about(self, network: Network) -> None:
        """Take the network; raises SpecError if the statement is not about such a one."""
        self.network = self.built = network
        try:
            self.statements = Claim(self.claim, read_network(to_json(network), ENDLESS)).statements
        except Malformed as problem:
            raise SpecError(f"the statement does not fit the network: {problem.reason}") from None
        if any((one["requires"] or one["index"]) and not one["points"] for one in self.spec.statements):
            from relumax.engines.points import pointed

            self.spec = pointed(self.spec)

    def verdict(self, word: str, engine: str, reason: str = "", **more: Any) -> Verdict:
        """The verdict with what is common to all; of several sentences, a refutation names the one that is false."""
        if (witness := more.get("witness")) is not None and len(self.theorem) > 1:
            at = next((k for k, one in enumerate(self.statements, 1) if false(one, witness)), None)
            reason = f"theorem {at} of the {len(self.theorem)} is false there" if at else reason
        said = "; ".join(filter(None, [reason, self.reason]))
        seconds = monotonic() - self.start
        more |= {"reason": said, "notes": tuple(self.notes), "spec": self.spec}
        return Verdict(word, self.theorem, engine, seconds, self.built, **more)

    def proved(self, engine: str, lemmas: Lemmas, proofs: list[Any], z3: str) -> Verdict:
        """Write the certificate, hand its bytes to the kernel, and report what the kernel said."""
        data = canonical(
            {
                "claim": self.claim,
                "format": FORMAT,
                "lemmas": lemmas.wire,
                "network": to_json(self.network),
                "points": self.spec.points(),
                "proofs": proofs,
                "version": VERSION,
            }
        )
        try:
            accepted = check(data)
        except (Invalid, Malformed, Refused) as problem:
            if problem.path.startswith("points"):
                raise SpecError(f"a point of the statement is no good: {problem.reason} ({problem.path})") from None
            word = UNKNOWN if isinstance(problem, Refused) or z3 != "unsat" else UNCERTIFIED
            return self.verdict(word, engine, f"the kernel did not accept the proof: {problem}", z3=z3)
        return self.verdict(PROVED, engine, certificate=data, accepted=accepted, z3=z3)


def prove(
    what: Expr | Sequence[Expr] | Network,
    spec: Spec | str,
    engine: str = "auto",
    timeout: float | None = None,
    max_size: int | None = None,
    against: Network | None = None,
    tell: Callable[[str], None] | None = None,
) -> Verdict:
    """Prove or refute `spec` for every real input, for the network of a program, or for a network as it is.

    First a few cheap points are tried, unless an engine is named, which is then alone: "link" (identities written out),
    "modular" (programs), "canonical" (networks alone), "boxes" (networks on a box), "symmetric" (two hidden layers),
    "flat", or "falsify", which proves nothing. `spec` may be a word: "max", "argmax" or "argmax/onehot" is what that
    construction states, for as many inputs as there are; a sentence is read by `theorem`. After `timeout` seconds the
    verdict is unknown; more hidden units than `max_size`, if given, are refused. `against` is another network than the
    compiled one. `tell` hears of an invariant without proof. Raises SpecError, ProgramError, BudgetExceeded.
    """
    if engine not in ENGINES:
        raise SpecError(f"unknown engine {engine!r}; known: {', '.join(ENGINES)}")
    start = monotonic()
    task: _Task | None = None
    try:
        with undisturbed(), limit(timeout), at_most(allowed_or_usual() if max_size is None else max_size):
            program = None if isinstance(what, Network) else listed(what)
            task = _Task(stated(program or what, spec), start)
            if isinstance(what, Network):
                task.about(what)
            else:
                task.compiled = against is None
                task.about(against or compile(program or [], task.spec.width, task.spec.nonnegative))
            refuted = _falsified(task, program) if engine in ("auto", "falsify") else None
            if refuted is not None:
                return refuted
            return _decided(task, program, engine, tell)
    except TimeUp as problem:
        return _late(task, engine, start, problem)


def _decided(task: _Task, program: list[Expr] | None, engine: str, tell: Callable[[str], None] | None) -> Verdict:
    """The verdict by the engine asked for, or by the first that has one."""
    network = task.network
    if engine == "falsify":
        return _climbed(task)
    if alone := {"canonical": (_canonical, _patient), "boxes": (_boxes,), "symmetric": (_symmetric,)}.get(engine):
        found = _first(task, alone)
        return task.verdict(UNKNOWN, engine, "; ".join(task.notes)) if found is None else found
    identity = _identity(program, network) if engine in ("auto", "link") else None
    if identity is not None:
        linked = _linked(task, identity)
        if linked.verdict == PROVED or engine == "link" or network.size > LARGE:
            return linked
    if engine == "link":
        return task.verdict(UNKNOWN, engine, "engine link is for identities written out, such as max/identity")
    if engine != "flat":
        if program is None and engine == "modular":
            raise SpecError("engine modular needs a program; a network alone is for engine flat")
        if program is not None and (found := _modular(task, program)) is not None:
            return found
        if engine == "modular":
            return task.verdict(UNKNOWN, engine, "" if task.reason else "; ".join(task.notes))
        if task.reason.startswith(INVARIANT) and tell is not None:
            tell("an invariant that is stated has no proof: other engines try, which may take long")
        if engine == "auto" and network.depth == 2 and network.inputs > 4 and (found := _symmetric(task)) is not None:
            return found
        if engine == "auto":
            boxed = network.size > MANY and program is None and all(one.requires for one in task.statements)
            tried = (partial(_canonical, times=0), _boxes, _canonical) if boxed else (_canonical, _boxes)
            if (found := _first(task, (*tried, _patient))) is not None:
                return found
            if network.size > MANY and program is None and (climbed := _climbed(task)).verdict == REFUTED:
                return climbed
            if network.nonzeros > HOPELESS and program is None:
                task.notes.append(f"case trees are not begun for networks of more than {HOPELESS:,} weights")
                return task.verdict(UNKNOWN, "canonical", "; ".join(task.notes[-2:]))
    return _flat(task)


def _templates(statement: Statement, requires: list[Json]) -> list[int]:
    """How many values of i each requirement has for PICK, then each index that no winner is said to be at."""
    won = {one.get("winner") for one in requires}
    free = [0 if name in won else n for name, n, _ in statement.indices]
    return [n if each else 0 for _, n, each, _ in statement.requires] + free


def _modular(task: _Task, program: list[Expr]) -> Verdict | None:
    """The verdict of engine modular; None if it has none, and the task is told why."""
    from relumax.engines.invariants import FalseInvariant
    from relumax.engines.modular import FalseContract, prove_modular
    from relumax.engines.notebook import Notebook
    from relumax.engines.provers import prover

    lemmas, proofs = Lemmas(), []
    decided: list[str] = []
    task.engine = "modular"

    def decide(gadget: Gadget, context: Context) -> None:
        if prover(gadget) is not None:
            decided.append("not asked")  # it would take far longer than the engine
            return
        answer = smt.decide(context, [], [])
        if answer.result == "sat":
            raise FalseContract(gadget)
        decided.append(answer.result)

    try:
        widths = (task.network.inputs, *task.network.widths)
        for statement, one in zip(task.statements, task.claim["statements"], strict=True):
            book = Notebook(statement.context(ENDLESS, []), statement, one["requires"], lemmas, decide)
            known = len(book.context.facts)
            block = prove_modular(program, widths, book, task.spec.nonnegative, task.compiled)
            proofs.append(write(block, known))
            del book, block  # they may be large, and the kernel needs room
    except FalseContract as problem:
        task.reason = _broken(problem.args[0])
        task.notes.append(task.reason)
        return None
    except GaveUp as problem:
        if isinstance(problem, FalseInvariant):
            task.reason = str(problem)
        task.notes.append(task.reason or f"modular: {problem}")
        return None
    except Refused as problem:  # integers too large for the kernel
        task.notes.append(f"modular: {problem.reason}")
        return None
    z3 = next((one for one in ("not asked", "unknown") if one in decided), "unsat")
    found = task.proved("modular", lemmas, proofs, z3)
    if found.verdict == PROVED:
        return found
    task.notes.append(f"modular: {found.reason}")
    return None  # z3 was asked about gadgets alone


def _broken(gadget: Gadget) -> str:
    """Says that a gadget does not keep its contract, with the point that shows it."""
    from relumax.engines.falsify import broken

    witness = prove_gadget(gadget).witness
    return broken(gadget, witness) if witness is not None else f"gadget {gadget.name} does not keep its contract"


def prove_gadget(gadget: Gadget, timeout: float | None = None) -> Verdict:
    """Prove or refute that a gadget's body keeps its contract, for all real arguments that meet its hypotheses."""
    from relumax.engines.points import meeting
    from relumax.language.contract import contract_spec

    start = monotonic()
    task: _Task | None = None
    try:
        with limit(timeout):
            contract_spec(gadget)  # says what a contract cannot say
            points = [meeting(gadget)] if gadget.requires else []
            task = _Task(contract_spec(gadget, points), start)
            task.about(compile(gadget.body(inputs(gadget.arity)), gadget.arity))
            return _flat(task) if (found := _falsified(task, None)) is None else found
    except TimeUp as problem:
        return _late(task, "flat", start, problem)


def _late(task: _Task | None, engine: str, start: float, problem: TimeUp) -> Verdict:
    """Unknown, with what is known of the claim."""
    if task is None:
        return Verdict(UNKNOWN, (), engine, monotonic() - start, None, reason=str(problem))
    return task.verdict(UNKNOWN, task.engine or engine, str(problem), z3="unknown" if task.engine else "")


def _identity(program: list[Expr] | None, network: Network) -> bytes | None:
    """The identity that the program is, written out, or that the network may be; None for all others, at no cost."""
    if program is None:
        if network.depth != 2 or network.size < 100:
            return None
        from relumax.constructions.identity import SHIPPED, identity_bytes

        return identity_bytes(network.inputs) if network.inputs in SHIPPED else None
    from relumax.engines.provers import prover

    called = [one.data[0] for one in program if one.op == "call" and isinstance(one.data, tuple)]
    if not any(isinstance(one, Gadget) and prover(one) for one in called):
        return None
    from relumax.engines.link import identity_of

    return identity_of(program)


def _linked(task: _Task, identity: bytes) -> Verdict:
    """The verdict by the kernel's door for links, of a network with an identity; the certificate is the identity."""
    from relumax.kernel.link import check_link

    task.engine = "link"
    try:
        accepted = check_link(identity, canonical(to_json(task.network)))
    except (Invalid, Malformed, Refused) as problem:
        return task.verdict(UNKNOWN, "link", f"the kernel did not accept the link: {problem}")
    if tuple(accepted.statements) != task.theorem:
        return task.verdict(UNKNOWN, "link", f"the identity proves another theorem: {accepted.statements[0]}")
    return task.verdict(PROVED, "link", certificate=identity, accepted=accepted, z3="not asked")


def _symmetric(task: _Task) -> Verdict | None:
    """The verdict of engine symmetric; None if it has none, and the task is told why.

    z3 is not asked: it takes far longer here.
    """
    from relumax.engines.orders.symmetric import prove_symmetric

    task.engine = "symmetric"
    lemmas, proofs = Lemmas(), []
    try:
        for statement in task.statements:
            context = statement.context(ENDLESS, [])
            block = prove_symmetric(context, lemmas)
            proofs.append(write(block, len(context.facts)))
    except GaveUp as problem:
        task.notes.append(f"symmetric: {problem}")
        return None
    return task.proved("symmetric", lemmas, proofs, "not asked")


def _first(task: _Task, engines: Sequence[Callable[[_Task], Verdict | None]]) -> Verdict | None:
    """What the first of these engines that has an answer says."""
    return next((found for one in engines if (found := one(task)) is not None), None)


def _patient(task: _Task) -> Verdict | None:
    """The verdict of engine canonical, with patience where the usual work was not enough."""
    from relumax.engines.canonical.canonical import PATIENCE

    return _canonical(task, PATIENCE) if task.unfinished else None


def _canonical(task: _Task, times: int = 1) -> Verdict | None:
    """The verdict of engine canonical by so many times its usual work; None if it has none, and the task is told why.

    z3 is asked beside, for at most as long as the proof took, or where that is short SOON.
    """
    from relumax.engines.canonical.canonical import prove_statements
    from relumax.engines.canonical.metered import OutOfWork

    task.engine = "canonical"
    lemmas, start = Lemmas(), monotonic()
    try:
        proofs = prove_statements(task.statements, lemmas, task.network, times)
    except (GaveUp, Refused) as problem:  # Refused: integers too large for the kernel
        task.unfinished = isinstance(problem, OutOfWork)
        task.notes.append(f"canonical: {problem}")
        return None
    if isinstance(proofs, Witness):
        return task.verdict(REFUTED, "canonical", z3="not asked", witness=proofs)
    seconds = max(SOON, monotonic() - start) / len(proofs)
    found = task.proved("canonical", lemmas, proofs, "unknown")
    if found.verdict != PROVED:
        task.notes.append(f"canonical: {found.reason}")
        return None
    if task.network.nonzeros > MOST_ASKED:
        return found._replace(z3="not asked")
    word = "unsat"
    with suppress(TimeUp):  # that ends z3's time, not what was proved
        for statement, one in zip(task.statements, task.claim["statements"], strict=True):
            context = statement.context(ENDLESS, [])
            templates = enumerate(_templates(statement, one["requires"]))
            picks = [context.pick(k, i, "") for k, n in templates for i in range(n)]
            answer = smt.decide(context, picks, [], seconds)
            if answer.result == "sat":
                raise RuntimeError("z3 has a counterexample to what the kernel accepted")
            word = word if answer.result == "unsat" else "unknown"
        return found._replace(z3=word, seconds=monotonic() - task.start)
    return found


def _boxes(task: _Task) -> Verdict | None:
    """The verdict of engine boxes; None if it has none, and the task is told why. z3 is not asked: it takes longer."""
    task.engine, said = "boxes", task.reason

    def tell(how_far: str) -> None:
        task.reason = how_far

    lemmas, proofs = Lemmas(), []
    try:
        for statement in task.statements:
            if not statement.requires:
                raise GaveUp("it is for inputs in a box")
            from relumax.engines.boxes.boxes import prove_boxes  # numpy

            context = statement.context(ENDLESS, [])
            found = prove_boxes(context, statement, task.network, lemmas, tell)
            if isinstance(found, Witness):
                task.reason = said
                return task.verdict(REFUTED, "boxes", z3="not asked", witness=found)
            proofs.append(write(found, len(context.facts)))
    except (GaveUp, Refused, FormatError) as problem:  # a weight beyond the range of floats
        task.notes.append(f"boxes: {'; '.join(filter(None, [str(problem), task.reason.removeprefix(said)]))}")
        task.reason = said
        return None
    task.reason = said
    return task.proved("boxes", lemmas, proofs, "not asked")


def _flat(task: _Task) -> Verdict:
    """The verdict of engine flat."""
    from relumax.engines.flat import Opening

    task.engine = "flat"
    lemmas, proofs = Lemmas(), []
    answers: list[str] = []
    failed = ""
    for k, (statement, one) in enumerate(zip(task.statements, task.claim["statements"], strict=True)):
        context = statement.context(ENDLESS, [])
        try:
            opening = Opening(context, _templates(statement, one["requires"]), lemmas)
            opening.bounds_and_cuts()
            picks = [f.value for step in opening.steps for f in step.makes]
            climbed: list[Witness] = []
            answer = smt.decide(context, picks, [], beside=_climbing(task, statement, climbed))
            if climbed:
                return task.verdict(REFUTED, "falsify", z3="not asked", witness=climbed[0])
            answers.append(answer.result)
            if answer.result == "sat":
                return _refuted(task, statement, answer)
            proofs.append(write(opening.finish(), len(context.facts)))
        except (GaveUp, TimeUp) as problem:
            failed = str(problem)
            if isinstance(problem, TimeUp) or answers[k:] != ["unsat"]:
                break
    decided = answers == ["unsat"] * len(task.statements)
    if failed:
        return task.verdict(UNCERTIFIED if decided else UNKNOWN, "flat", failed, z3="unsat" if decided else "unknown")
    return task.proved("flat", lemmas, proofs, "unsat" if decided else "unknown")


def _falsified(task: _Task, program: list[Expr] | None) -> Verdict | None:
    """Refuted at one of a few cheap points, if the network is wrong there."""
    from relumax.engines.falsify import blamed, falsify

    for statement, shown in zip(task.statements, task.spec.points(), strict=True):
        witness = falsify(task.network, statement, shown)
        if witness is not None:
            task.reason = blamed(program, witness.inputs) if program is not None else ""
            return task.verdict(REFUTED, "falsify", z3="not asked", witness=witness)
    return None


def _climbed(task: _Task) -> Verdict:
    """Refuted at a point that was searched for, or unknown: points prove nothing."""
    from relumax.engines.kinks import refuted

    task.engine = "falsify"
    for statement in task.statements:
        witness = refuted(task.network, statement)
        if witness is not None:
            return task.verdict(REFUTED, "falsify", z3="not asked", witness=witness)
    return task.verdict(UNKNOWN, "falsify", "the statement is true at all points that were tried", z3="not asked")


def _climbing(task: _Task, statement: Statement, found: list[Witness]) -> smt.Beside:
    """A search for a counterexample beside z3; what it finds is added to `found`."""

    def climb(over: Callable[[], bool]) -> bool:
        from relumax.engines.kinks import refuted

        witness = refuted(task.network, statement, over)
        found.extend([witness] if witness is not None else [])
        return witness is not None

    return climb


def _refuted(task: _Task, statement: Statement, answer: smt.Answer) -> Verdict:
    from relumax.engines.simple import simplest

    inputs = [answer.model.get(v, Fraction(0)) for v in range(task.network.inputs)]
    index = [int(answer.model.get(w, 0)) for _, _, w in statement.indices]
    witness = refutes(statement, inputs, index)
    if witness is None:
        return task.verdict(UNKNOWN, "flat", "z3's counterexample does not survive exact evaluation", z3="sat")
    return task.verdict(REFUTED, "flat", z3="sat", witness=simplest(task.network, statement, witness))
