"""A certificate as a file of Coq: its network, what it states, and a proof that `coqc` checks with the library in coq/.

What is exported is the certificate itself, lemmas and steps; Coq runs the checker that is proved sound on it. Numbers
stand in one primitive array for the network, one for the points, one for the lemmas and one for each proof
(coq/Decode.v), or, `pure`, in lists as Coq writes them. Such files are written, and not read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from relumax.formats.coq_theorems import plain
from relumax.kernel import Theorem

RELATIONS = {"=": "EQ", "<=": "LE", "<": "LT"}
KINDS = "Relu", "Step"
LONG = 1 << 58  # from here on a number is several integers of an array
DIGIT = 60

HEAD = """\
(** {said}
    network SHA-256 {network}
    claim SHA-256 {claim}
    Written by relumax. coqc -Q coq Relumax FILE checks it, coq being the folder of relumax's library. *)
"""

IMPORTS = """\
From Coq Require Import String List ZArith Reals Lia.
From Relumax Require Import Statement Kernel Elaborate Points PointsSound Checker Instances.
From Relumax Require Import Adequacy AdequacyMaxima AdequacyWinners AdequacyPack AdequacySearch.
{decode}Import ListNotations.
Open Scope string_scope.
Open Scope Z_scope.
"""

TAIL = """\
Theorem accepted : accepts (Certificate certified_network certified_claim certified_lemmas
  certified_proofs) certified_points = true.
Proof. vm_cast_no_check (eq_refl true). Qed.

(** The claim is true of the network, over the reals. *)
Theorem holds : claim_true RField certified_network certified_claim.
Proof. exact (accepted_true _ _ _ _ _ accepted RField). Qed.
"""


class Piece(NamedTuple):
    """A part of a certificate as a term of Coq, and as integers of an array."""

    term: str
    integers: tuple[int, ...]


def vernacular(data: bytes, theorem: Theorem, pure: bool = False) -> str:
    """The text of the file for the certificate `data`, which the kernel has accepted as `theorem`."""
    value = json.loads(data)
    parts = {
        "network": ("network", "network_", _network(value["network"])),
        "lemmas": ("list lemma_proof", "many lemma_", _list(map(_lemma, value["lemmas"]))),
        "proofs": ("list (list proof_step)", "many (many step_)", _list(map(_proof, value["proofs"]))),
        "points": (
            "list (list point)",
            "many (many point_)",
            _list(_list(map(_point, one)) for one in value["points"]),
        ),
    }
    hashes = {"network": theorem.network_sha256, "claim": theorem.claim_sha256}
    text = [HEAD.format(said="; ".join(theorem.statements), **hashes)]
    if not pure:
        text += ["From Coq Require Import Uint63 PArray.\n"]
        for name, (_, _, piece) in parts.items():
            integers = _wrapped(f"[| {'; '.join(map(str, piece.integers))} | 0 |]%uint63")
            text.append(f"Definition {name}_data : array int :={integers}.\n")
    text.append(IMPORTS.format(decode="" if pure else "From Relumax Require Import Decode.\n"))
    for name, (type_, reader, piece) in parts.items():
        if name == "network":
            text.append("(** The network. *)")
        term = _wrapped(piece.term) if pure else f" decoded ({reader}) {name}_data"
        text.append(f"Definition certified_{name} : {type_} :={term}.\n")
        if name == "network":
            text.append("(** What is stated of it; coq/Statement.v says what that means. *)")
            text.append(f"Definition certified_claim : claim :={_wrapped(_claim(value['claim']))}.\n")
            text.append("(** Its proof: lemmas, steps, and points that meet what is required. *)")
    return "\n".join([*text, TAIL, *(plain(value["claim"]) or ["Print Assumptions holds.\n"])])


def _wrapped(term: str) -> str:
    """The term in lines of some hundred characters, broken at spaces outside of strings (no name has a space)."""
    lines, room = list[list[str]](), 0
    for word in term.split(" "):
        if room <= len(word):
            lines.append([])
            room = 98
        lines[-1].append(word)
        room -= len(word) + 1
    return "".join([f"\n  {' '.join(words)}" for words in lines])


# ---- pieces


def _number(value: int | str) -> Piece:
    z = int(value)
    size, sign = abs(z), int(z < 0)
    term = f"({z})" if z < 0 else str(z)
    if size < LONG:
        return Piece(term, (size << 2 | sign,))
    digits = []
    while size:
        digits.append(size & ((1 << DIGIT) - 1))
        size >>= DIGIT
    return Piece(f"({z:#x})", (len(digits) << 2 | 2 | sign, *digits))


def _positive(value: int | str) -> Piece:
    z, found = int(value), _number(value)
    return Piece(f"{z:#x}%positive" if z >= LONG else f"{z}%positive", found.integers)


def _index(value: int) -> Piece:
    return Piece(f"{value}%N", (value,))


def _size(value: int) -> Piece:
    return Piece(f"{value}%nat", (value,))


def _kind(value: int) -> Piece:
    return Piece(KINDS[value], (value,))


def _list(pieces: Iterable[Piece]) -> Piece:
    found = list(pieces)
    return Piece(
        f"[{'; '.join([one.term for one in found])}]", (len(found), *[i for one in found for i in one.integers])
    )


def _pair(first: Piece, second: Piece) -> Piece:
    return Piece(f"({first.term}, {second.term})", first.integers + second.integers)


def _make(name: str, *pieces: Piece, tag: tuple[int, ...] = ()) -> Piece:
    term = f"({' '.join([name, *[one.term for one in pieces]])})" if pieces else name
    return Piece(term, tag + tuple([i for one in pieces for i in one.integers]))


def _pairs(values: list[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(values[::2], values[1::2], strict=True)


def _sparse(values: list[Any]) -> Piece:
    return _list(_pair(_index(v), _number(c)) for v, c in _pairs(values))


# ---- the network and points


def _row(row: list[Any]) -> Piece:
    return _make("Row", _number(row[0]), _sparse(row[1:]))


def _layer(layer: dict[str, Any]) -> Piece:
    steps = set(layer["step"])
    rows = [_pair(_kind(int(j in steps)), _row(row)) for j, row in enumerate(layer["rows"])]
    return _make("Layer", _positive(layer["den"]), _list(rows))


def _network(network: dict[str, Any]) -> Piece:
    output = network["output"]
    layers, rows = _list(map(_layer, network["layers"])), _list(map(_row, output["rows"]))
    return _make("Network", _size(network["inputs"]), layers, _positive(output["den"]), rows)


def _point(point: dict[str, Any]) -> Piece:
    den, *inputs = point["inputs"]
    return _make("Point", _list(map(_size, point["index"])), _positive(den), _list(map(_number, inputs)))


# ---- lemmas and proofs


def _form(form: list[Any]) -> Piece:
    return _make("Form", _positive(form[0]), _number(form[1]), _sparse(form[2:]))


def _atom(atom: list[Any]) -> Piece:
    return _make("Atom", Piece(list(RELATIONS.values())[atom[0]], (atom[0],)), _number(atom[1]), _sparse(atom[2:]))


def _fact(fact: Any) -> Piece:
    if isinstance(fact, dict):
        return _make("FMax", _form(fact["head"]), _list(map(_form, fact["of"])), tag=(2,))
    if len(fact) == 1:
        return _make("FAtom", _atom(fact[0][0]), tag=(0,))
    return _make("FClause", _list(_list(map(_atom, branch)) for branch in fact), tag=(1,))


def _argument(value: Any) -> Piece:
    if isinstance(value, int):
        return (
            _make("AVariable", _index(value), tag=(0,)) if value >= 0 else _make("AHead", _index(-1 - value), tag=(1,))
        )
    return _make("AUnit", _index(value[0]), tag=(2,)) if len(value) == 1 else _make("AForm", _form(value), tag=(3,))


def _proof(steps: list[Any]) -> Piece:
    left = iter(steps)
    return _list(_step(rule, left) for rule in left)


def _step(rule: int, left: Iterator[Any]) -> Piece:
    def some(read: Callable[[Any], Piece]) -> Piece:
        return _list([read(next(left)) for _ in range(next(left))])

    def weighted() -> Piece:
        return _list([_pair(_index(next(left)), _number(next(left))) for _ in range(next(left))])

    def indices(count: int) -> list[Piece]:
        return [_index(next(left)) for _ in range(count)]

    if rule in (0, 2):
        return _make("Leaf_" if rule == 0 else "Combine", weighted(), tag=(rule,))
    if rule == 3:
        return Piece("Goal_", (rule,))
    if rule == 4:
        return _make("Have", _fact(next(left)), tag=(rule,))
    if rule == 5:
        return _make("Instance_", *indices(1), some(_argument), some(_index), tag=(rule,))
    if rule == 6:
        kind = next(left)
        if kind == 2:
            return _make("DefineLargest", some(_form), tag=(rule, kind))
        return _make("DefineUnit", _kind(kind), _form(next(left)), tag=(rule,))
    name, count = {1: ("Split", 1), 7: ("Pick", 2), 8: ("Merge", 3), 9: ("Elim", 1)}[rule]
    return _make(name, *indices(count), tag=(rule,))


def _lemma(lemma: dict[str, Any]) -> Piece:
    units = _list(_pair(_kind(kind), _form(form)) for kind, *form in lemma["units"])
    given, then = (_list(map(_fact, lemma[key])) for key in ("given", "then"))
    stated = _make("Lemma_", _index(lemma["vars"]), units, given, then)
    return _make("LemmaProof", stated, _proof(lemma["proof"]))


# ---- the claim, always written out


def _claim(claim: dict[str, Any]) -> str:
    return f"Claim {_terms(map(_array, claim['arrays']))} {_terms(map(_statement, claim['statements']))}"


def _terms(terms: Iterable[str]) -> str:
    return f"[{'; '.join(terms)}]"


def _name(name: str) -> str:
    return f'"{name}"'


def _some(value: Any, write: Callable[[Any], str]) -> str:
    return "None" if value is None else f"(Some {write(value)})"


def _natural(value: int) -> str:
    return f"{value}%nat"


def _array(array: dict[str, Any]) -> str:
    of = "true" if array["of"] == "out" else "false"
    numbers = " ".join([_natural(array[key]) for key in ("base", "stride", "length")])
    return f"Array {_name(array['name'])} {of} {numbers}"


def _reference(reference: str, indices: list[str]) -> str:
    name, _, at = reference.removesuffix("]").partition("[")
    if not at:
        return "I" if name == "i" else f"{'IndexOf' if name in indices else 'Scalar'} {_name(name)}"
    if at == "i":
        return f"ElementI {_name(name)}"
    return f"Element {_name(name)} {_natural(int(at))}" if at.isdigit() else f"ElementAt {_name(name)} {_name(at)}"


def _affine(values: list[Any], indices: list[str]) -> str:
    parts = [f"({_number(c).term}, {_reference(r, indices)})" for c, r in _pairs(values[1:])]
    return f"(Affine {_number(values[0]).term} {_terms(parts)})"


def _clause(clause: dict[str, Any], indices: list[str]) -> str:
    where = _some(clause["where"], lambda guard: f"({guard[0].capitalize()}, {_name(guard[1])})")
    branches = [_terms(f"({RELATIONS[r]}, {_affine(sum_, indices)})" for r, *sum_ in b) for b in clause["any"]]
    return f"Clause {_some(clause['each'], _natural)} {where} {_terms(branches)}"


def _condition(condition: list[Any]) -> str:
    word, *ratio = condition
    if not ratio:
        return "Less" if word == "<" else "LessEqual"
    return f"({word.capitalize()} {' '.join([_positive(one).term for one in ratio])})"


def _requirement(one: dict[str, Any], indices: list[str]) -> str:
    if "winner" not in one:
        return f"RequireClause ({_clause(one, indices)})"
    lattice = _some(one["lattice"], lambda pq: f"({_positive(pq[0]).term}, {_positive(pq[1]).term})")
    conditions = f"{_condition(one['before'])} {_condition(one['after'])}"
    return f"RequireWinner {_name(one['winner'])} {_name(one['of'])} {conditions} {lattice}"


def _definition(one: dict[str, Any], indices: list[str]) -> str:
    kind, name = one["kind"], _name(one["name"])
    if kind in ("max", "min"):
        return f"Define{kind.capitalize()} {name} {_name(one['of'])}"
    if kind == "list":
        forms = [f"({_positive(den).term}, {_affine(sum_, indices)})" for den, *sum_ in one["forms"]]
        return f"DefineList {name} {_terms(forms)}"
    shape = "Linear" if kind == "form" else f"(Unit {kind.capitalize()})"
    den, *sum_ = one["form"]
    what = f"{shape} {_positive(den).term} {_affine(sum_, indices)}"
    length = one["length"]
    return f"DefineScalar {name} {what}" if length is None else f"DefineArray {name} {_natural(length)} {what}"


def _statement(one: dict[str, Any]) -> str:
    indices = [name for name, _ in one["index"]]
    index = _terms(f"({_name(name)}, {_natural(n)})" for name, n in one["index"])
    parts = []
    for key, write in (("define", _definition), ("requires", _requirement), ("ensures", _clause)):
        parts.append(_terms(write(each, indices) for each in one[key]))
    return f"Statement {index} {' '.join(parts)}"
