"""The road from a construction to a theorem, stage by stage, under the names the README uses.

program  ->  network  ->  claim  ->  engine  ->  certificate  ->  kernel  ->  verdict
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from relumax.engines import smt
from relumax.engines.lemmas import ENDLESS, Lemmas
from relumax.engines.script import Block, write
from relumax.engines.search import GaveUp
from relumax.engines.witness import Witness, refutes, simplest
from relumax.errors import SpecError
from relumax.kernel import FORMAT, VERSION, Invalid, Malformed, Refused, Theorem, check
from relumax.kernel.network import read_network
from relumax.kernel.proof import Context
from relumax.kernel.statement import Claim, Statement
from relumax.kernel.text import text
from relumax.kernel.wire import write as canonical
from relumax.language.expr import Expr, input_count, inputs
from relumax.language.gadget import Gadget
from relumax.language.spec import Json, Spec
from relumax.network.compile import compile
from relumax.network.layers import Network, to_json
from relumax.words import ENGINES, MAX_SIZE, PROVED, REFUTED, UNCERTIFIED, UNKNOWN

if TYPE_CHECKING:
    from relumax.kernel.link import Linked

LARGE = 2000
"""Identities written out that are larger are left to their door: other engines would take hours."""


class Verdict(NamedTuple):
    """What `prove` found. `certificate` holds the bytes that the kernel accepted: only then is it `proved`."""

    verdict: str
    theorem: tuple[str, ...]
    engine: str
    seconds: float
    network: Network
    certificate: bytes | None = None
    accepted: Theorem | Linked | None = None
    z3: str = ""
    witness: Witness | None = None
    reason: str = ""


class _Task:
    """One claim about one network on its way to a verdict."""

    def __init__(self, network: Network, spec: Spec, timeout: float | None):
        self.network, self.spec = network, spec
        self.json: Json = to_json(network)
        self.claim = spec.claim()
        self.start = monotonic()
        self.deadline = None if timeout is None else self.start + timeout
        try:
            self.known = read_network(self.json, ENDLESS)
            self.statements: list[Statement] = Claim(self.claim, self.known).statements
        except Malformed as problem:
            raise SpecError(f"the statement does not fit the network: {problem}") from None
        for statement, points in zip(self.statements, spec.points(), strict=True):
            if (statement.requires or statement.indices) and not points:
                raise SpecError("a statement that requires something shows a point that meets it")
        self.theorem = tuple(text(self.claim))

    def left(self) -> float | None:
        """Seconds left, or None without a time limit."""
        return None if self.deadline is None else max(0.0, self.deadline - monotonic())

    def verdict(self, word: str, engine: str, **more: Any) -> Verdict:
        """The verdict with what is common to all."""
        return Verdict(word, self.theorem, engine, monotonic() - self.start, self.network, **more)

    def proved(self, engine: str, lemmas: Lemmas, proofs: list[Any], z3: str) -> Verdict:
        """Write the certificate, hand its bytes to the kernel, and report what the kernel said."""
        data = canonical(
            {
                "claim": self.claim,
                "format": FORMAT,
                "lemmas": lemmas.wire,
                "network": self.json,
                "points": self.spec.points(),
                "proofs": proofs,
                "version": VERSION,
            }
        )
        try:
            accepted = check(data)
        except (Invalid, Malformed, Refused) as problem:
            word = UNKNOWN if isinstance(problem, Refused) or z3 != "unsat" else UNCERTIFIED
            return self.verdict(word, engine, z3=z3, reason=f"the kernel did not accept the proof: {problem}")
        return self.verdict(PROVED, engine, certificate=data, accepted=accepted, z3=z3)


def prove(
    what: Expr | Sequence[Expr] | Network,
    spec: Spec,
    engine: str = "auto",
    timeout: float | None = None,
    max_size: int | None = MAX_SIZE,
    against: Network | None = None,
    tell: Callable[[str], None] | None = None,
) -> Verdict:
    """Prove or refute `spec` for every real input, for the network of a program, or for a network as it is.

    `engine`: "link" (identities written out), "modular" (programs), "symmetric" (two hidden layers), "flat", or "auto"
    (the first of these that fits). `against` gives another network than the
    compiled one for the program to be held against, `tell` hears of an invariant that fails before other engines try.
    Raises SpecError, ProgramError, BudgetExceeded.
    """
    if engine not in ENGINES:
        raise SpecError(f"unknown engine {engine!r}; known: {', '.join(ENGINES)}")
    program: list[Expr] | None = None
    if isinstance(what, Network):
        network = what
    else:
        program = [what] if isinstance(what, Expr) else list(what)
        if input_count(program) > spec.width:
            raise SpecError(f"the program reads {input_count(program)} inputs, the statement is about {spec.width}")
        network = against or compile(program, spec.width, spec.nonnegative, max_size)
    task = _Task(network, spec, timeout)
    note = ""
    if engine == "symmetric":
        found = _symmetric(task)
        return found if isinstance(found, Verdict) else task.verdict(UNKNOWN, engine, reason=found)
    identity = _identity(program, network) if engine in ("auto", "link") else None
    if identity is not None:
        linked = _linked(task, identity)
        if linked.verdict == PROVED or engine == "link" or network.size > LARGE:
            return linked
    if engine == "link":
        return task.verdict(UNKNOWN, engine, reason="engine link is for identities written out, such as max/identity")
    if engine != "flat":
        if program is None:
            if engine == "modular":
                raise SpecError("engine modular needs a program; a network alone is for engine flat")
        else:
            found = _modular(task, program, tell)
            if isinstance(found, Verdict):
                return found
            note = found
        two = engine == "auto" and network.depth == 2 and network.inputs > 4
        if two and isinstance(found := _symmetric(task), Verdict):
            return found
    verdict = _flat(task)
    return verdict._replace(reason="; ".join(filter(None, [verdict.reason, note]))) if note else verdict


def _templates(statement: Statement, requires: list[Json]) -> list[int]:
    """How many values of i each requirement has for PICK, then each index that no winner is said to be at."""
    won = {one.get("winner") for one in requires}
    free = [0 if name in won else n for name, n, _ in statement.indices]
    return [n if each else 0 for _, n, each, _ in statement.requires] + free


def _modular(task: _Task, program: list[Expr], tell: Callable[[str], None] | None) -> Verdict | str:
    """The verdict of engine modular, or why it has none."""
    from relumax.engines.invariants import FalseInvariant
    from relumax.engines.modular import FalseContract, prove_modular
    from relumax.engines.notebook import Notebook
    from relumax.engines.provers import prover

    lemmas, proofs = Lemmas(), []
    decided: list[str] = []

    def decide(gadget: Gadget, context: Context) -> None:
        if prover(gadget) is not None:
            decided.append("not asked")  # it would take far longer than the engine
            return
        answer = smt.decide(context, [], [], task.left())
        if answer.result == "sat":
            raise FalseContract(gadget)
        decided.append(answer.result)

    try:
        widths = (task.network.inputs, *task.network.widths)
        for statement, one in zip(task.statements, task.claim["statements"], strict=True):
            context = statement.context(ENDLESS, [])
            book = Notebook(context, statement, one["requires"], lemmas, task.deadline, decide)
            block = prove_modular(program, widths, book, task.spec.nonnegative)
            proofs.append(write(block, len(context.facts)))
    except FalseContract as problem:
        return _broken(problem.args[0], task)
    except GaveUp as problem:
        if isinstance(problem, FalseInvariant) and tell is not None:
            tell(str(problem))
        return f"modular: {problem}"
    except Refused as problem:  # integers too large for the kernel
        return f"modular: {problem.reason}"
    z3 = next((one for one in ("not asked", "unknown") if one in decided), "unsat")
    found = task.proved("modular", lemmas, proofs, z3)
    return found if found.verdict == PROVED else f"modular: {found.reason}"  # z3 was asked about gadgets alone


def _broken(gadget: Gadget, task: _Task) -> str:
    """Says that a gadget does not keep its contract, with the point that shows it."""
    witness = prove_gadget(gadget, task.left()).witness
    if witness is None:
        return f"gadget {gadget.name} does not keep its contract"
    names = gadget.function.__code__.co_varnames
    at = ", ".join(f"{name} = {value}" for name, value in zip(names, witness.inputs, strict=False))
    return f"gadget {gadget.name} does not keep its contract: at {at} it gives {', '.join(map(str, witness.outputs))}"


def prove_gadget(gadget: Gadget, timeout: float | None = None) -> Verdict:
    """Prove or refute that a gadget's body keeps its contract, for all real arguments that meet its hypotheses."""
    from relumax.engines.points import meeting
    from relumax.language.contract import contract_spec

    points = [meeting(gadget)] if gadget.requires else []
    return prove(gadget.body(inputs(gadget.arity)), contract_spec(gadget, points), "flat", timeout)


def _identity(program: list[Expr] | None, network: Network) -> bytes | None:
    """The identity that the program is, written out, or that the network may be; None for all others, at no cost."""
    if program is None:
        if network.depth != 2 or network.size < 100:
            return None
        from relumax.constructions.identity import SHIPPED, identity_bytes

        return identity_bytes(network.inputs) if network.inputs in SHIPPED else None
    from relumax.engines.provers import prover

    if not any(one.op == "call" and isinstance(one.data, tuple) and prover(one.data[0]) for one in program):
        return None
    from relumax.engines.link import identity_of

    return identity_of(program)


def _linked(task: _Task, identity: bytes) -> Verdict:
    """The verdict by the kernel's door for links, of a network with an identity; the certificate is the identity."""
    from relumax.kernel.link import check_link

    try:
        accepted = check_link(identity, canonical(task.json))
    except (Invalid, Malformed, Refused) as problem:
        return task.verdict(UNKNOWN, "link", reason=f"the kernel did not accept the link: {problem}")
    if tuple(accepted.statements) != task.theorem:
        return task.verdict(UNKNOWN, "link", reason=f"the identity proves another theorem: {accepted.statements[0]}")
    return task.verdict(PROVED, "link", certificate=identity, accepted=accepted, z3="not asked")


def _symmetric(task: _Task) -> Verdict | str:
    """The verdict of engine symmetric, or why it has none. z3 is not asked: it takes far longer here."""
    from relumax.engines.orders.symmetric import prove_symmetric

    lemmas, proofs = Lemmas(), []
    try:
        for statement in task.statements:
            context = statement.context(ENDLESS, [])
            block = prove_symmetric(context, lemmas, task.deadline)
            proofs.append(write(block, len(context.facts)))
    except GaveUp as problem:
        return f"symmetric: {problem}"
    return task.proved("symmetric", lemmas, proofs, "not asked")


def _flat(task: _Task) -> Verdict:
    """The verdict of engine flat."""
    from relumax.engines.flat import Opening

    lemmas, proofs = Lemmas(), []
    answers = []
    failed = ""
    for statement, one in zip(task.statements, task.claim["statements"], strict=True):
        context = statement.context(ENDLESS, [])
        block: Block | None = None
        try:
            opening = Opening(context, _templates(statement, one["requires"]), lemmas, task.deadline)
            opening.bounds_and_cuts()
            picks = [f.value for step in opening.steps for f in step.makes]
            answer = smt.decide(context, picks, [], task.left())
            answers.append(answer.result)
            if answer.result == "sat":
                return _refuted(task, statement, answer)
            block = opening.finish()
        except GaveUp as problem:
            failed = str(problem)
            if not answers or answers[-1] != "unsat":
                return task.verdict(UNKNOWN, "flat", z3="unknown", reason=failed)
        if block is not None:
            proofs.append(write(block, len(context.facts)))
    z3 = "unsat" if all(one == "unsat" for one in answers) else "unknown"
    if failed:
        return task.verdict(UNCERTIFIED, "flat", z3=z3, reason=failed)
    return task.proved("flat", lemmas, proofs, z3)


def _refuted(task: _Task, statement: Statement, answer: smt.Answer) -> Verdict:
    inputs = [answer.model.get(v, Fraction(0)) for v in range(task.network.inputs)]
    index = [int(answer.model.get(w, 0)) for _, _, w in statement.indices]
    witness = refutes(statement, inputs, index)
    if witness is None:
        return task.verdict(UNKNOWN, "flat", z3="sat", reason="z3's counterexample does not survive exact evaluation")
    return task.verdict(REFUTED, "flat", z3="sat", witness=simplest(statement, witness))
