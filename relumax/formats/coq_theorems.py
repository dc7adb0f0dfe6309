"""The theorem of an exported certificate as one would write it by hand, where the library in coq/ reads its claim back.

Each lemma of coq/Adequacy.v, coq/AdequacyWinners.v and coq/AdequacyPromises.v is for one claim, made here for the sizes
and gaps that a certificate has and compared with its own: a theorem is written only where they are equal. Searches have
a score of one's own in their claims: coq_search.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from relumax.formats.coq_search import search

Claim = dict[str, Any]
LARGEST_X: list[Claim] = [{"kind": "max", "name": "m", "of": "x"}]

THEOREM = """\
(** The same as one would write it. *)
Theorem {name}_of_{n} : {stated}.
Proof.
  apply ({name}_means certified_network {n}{more});
    [{first}vm_cast_no_check (eq_refl {inputs}%nat)|vm_cast_no_check (eq_refl {outputs}%nat)|exact holds].
Qed.
"""
FIRST = "(hd (Statement [] [] [] []) (statements certified_claim))"
COMPUTED = "compute RField certified_network x"
FORALL = "forall x : list R, length x = {n}%nat ->\n  "
LARGEST = f"exists m, {COMPUTED} = [m] /\\ In m x /\\ forall y, In y x -> ({{0}})%R"
SLACK = f"""\
exists m, (In m x /\\ forall y, In y x -> (y <= m)%R) /\\
  forall i, (i < {{n}})%nat -> nth i ({COMPUTED}) 0%R = (m - nth i x 0)%R"""
WINNER = "forall (x : list R) w, length x = {inputs}%nat ->\n  "
INDEX = f"""\
(w < {{n}})%nat ->
  (forall i, (i < w)%nat -> (nth i x 0 + {{p}} / {{q}} <= nth w x 0)%R) ->
  (forall i, (w < i < {{n}})%nat -> (nth i x 0 <= nth w x 0)%R) ->
  {COMPUTED} = [INR w]"""
ONE_HOT = f"""\
let leads a b := (a + {{p}} / {{q}} <= b)%R in wins leads leads {{n}} x w ->
  nth w ({COMPUTED}) 0%R = 1%R /\\
  forall i, (i < {{n}})%nat -> i <> w -> nth i ({COMPUTED}) 0%R = 0%R"""
STEP = f"""\
wins Rlt Rle {{n}} x w -> let y := {COMPUTED} in
  nth w y 0%R = 1%R /\\ (forall i, (i < {{n}})%nat -> i <> w -> nth i y 0%R = 0%R) /\\
  nth {{n}} y 0%R = INR w"""
LATTICE = f"""\
wins Rlt Rle {{n}} x w ->
  (forall a, In a x -> exists k : Z, a = (IZR k * ({{p}} / {{q}}))%R) ->
  {COMPUTED} = [INR w]"""
PACK = """\
forall v : list R, length v = {inputs}%nat ->
  let x i := nth i v 0%R in let p i := nth ({n} + i) v 0%R in
  let y := compute RField certified_network v in
  (exists m, y = [m] /\\ (exists i, (i < {n})%nat /\\ m = (x i + p i)%R) /\\
    forall i, (i < {n})%nat -> (x i + p i <= m)%R) /\\
  forall w s, (w < {n})%nat -> (forall i, (i < {n})%nat -> (x i + s <= x w)%R \\/ x i = x w) ->
    (forall i, (i < {n})%nat -> (0 <= p i <= s)%R) ->
    (forall i, (i < {n})%nat -> x i = x w -> (p i <= p w)%R) -> y = [(x w + p w)%R]"""
PAYLOAD = f"""\
wins {{ahead}} Rle {{n}} x w ->
  (forall i, (i < {{n}})%nat -> (0 <= nth ({{n}} + i) x 0 <= 1)%R) ->
  {COMPUTED} = [nth ({{n}} + w) x 0%R]"""


class Known(NamedTuple):
    """A claim that the library reads back: the lemma's name, what it says, and what its proof has to be told."""

    name: str
    arrays: list[Claim]
    statements: list[Claim]
    stated: str
    more: str = ""
    first: str = ""


def plain(claim: Claim) -> list[str]:
    """The readable theorem, if the claim is one that the library reads back."""
    arrays = claim["arrays"]
    n = arrays[0]["length"]
    for known in _known(n, claim["statements"]):
        if known.arrays == arrays and known.statements == claim["statements"]:
            sizes = {of: sum(a["length"] for a in arrays if a["of"] == of) for of in ("in", "out")}
            written = THEOREM.format(**known._asdict(), n=n, inputs=sizes["in"], outputs=sizes["out"])
            return [written]
    return search(claim)


def _known(n: int, statements: list[Claim]) -> Iterator[Known]:
    """All claims that are read back, of this size, with the gap and the first statement of the certificate's own."""
    x, y = _array("x", "in", n), _array("y", "out", 1)
    forall = FORALL.format(n=n)
    for name, kind, says in (("max", "max", "y <= m"), ("min", "min", "m <= y")):
        yield Known(name, [x, y], [_extreme(kind)], forall + LARGEST.format(says), first="lia|")
    promise = _clause([["<=", 0, -1, "x[i]"]], each=n)
    nonnegative = forall + "(forall y, In y x -> (0 <= y)%R) ->\n  " + LARGEST.format("y <= m")
    yield Known("essay", [x, y], [_extreme("max", requires=[promise])], nonnegative, first="lia|")
    yield Known("slack", [x, _array("y", "out", n)], [_slack(n)], forall + SLACK.format(n=n), first="lia|")
    wide, step = [x, _array("y", "out", n)], [x, _array("y", "out", n), _array("k", "out", 1, n)]
    index_is = _clause([["=", 0, 1, "k[0]", -1, "w"]])
    winner = WINNER.format(inputs=n)
    yield Known("step", step, [_one_hot(n, ["<"], ["<="], [index_is], [])], winner + STEP.format(n=n))
    payloads = _clause([["<=", 0, -1, "p[i]"], ["<=", -1, 1, "p[i]"]], each=n)
    chosen = _clause([["=", 0, 1, "y[0]", -1, "p[w]"]])
    carried = [x, _array("p", "in", n, n), y]
    picked = _statement([chosen], [["w", n]], requires=[_winner(["<"], ["<="]), payloads])
    payload = WINNER.format(inputs=2 * n) + PAYLOAD
    yield Known("select_step", carried, [picked], payload.format(n=n, ahead="Rlt"))
    sums = {"form": [1, 0, 1, "x[i]", 1, "p[i]"], "kind": "form", "length": n, "name": "z"}
    largest_sum = _statement(_extreme("max")["ensures"], define=[sums, {"kind": "max", "name": "m", "of": "z"}])
    packed = PACK.format(n=n, inputs=2 * n)
    yield Known("pack", carried, [largest_sum, *statements[1:]], packed, " (tl (statements certified_claim))", "lia|")
    at = [_clause([["=", 0, 1, "y[0]", -1, "w"]])], [["w", n]]
    for lattice in _found(statements[-1], "lattice"):
        p, q = map(int, lattice)
        exact = _statement(*at, requires=[_winner(["<"], ["<="], lattice)])
        told = winner + LATTICE.format(n=n, p=p, q=q)
        yield Known("lattice", [x, y], [statements[0], exact], told, f" {p} {q} {FIRST}")
    for gap in _found(statements[-1], "before"):
        if gap[0] != "gap":
            continue
        p, q = map(int, gap[1:])
        bounds = _statement([_clause([["<=", 0, -1, "y[0]"]]), _clause([["<=", 1 - n, 1, "y[0]"]])])
        exact = _statement(*at, requires=[_winner(gap, ["<="])])
        yield Known("index", [x, y], [bounds, exact], winner + INDEX.format(n=n, p=p, q=q), f" {p} {q}")
        hot = [statements[0], _one_hot(n, gap, gap, [], LARGEST_X)]
        yield Known("onehot", wide, hot, winner + ONE_HOT.format(n=n, p=p, q=q), f" {p} {q} {FIRST}")
        gate = _statement([chosen], [["w", n]], requires=[_winner(gap, ["<="]), payloads])
        told = payload.format(n=n, ahead=f"(fun a b => (a + {p} / {q} <= b)%R)")
        yield Known("gate", carried, [statements[0], gate], told, f" {p} {q} {FIRST}")


def _found(statement: Claim, key: str) -> list[list[Any]]:
    """What a requirement of the statement has under this key, if it is a winner that has it."""
    return [list(one[key]) for one in statement["requires"] if one.get(key) is not None][:1]


def _array(name: str, of: str, length: int, base: int = 0) -> Claim:
    return {"base": base, "length": length, "name": name, "of": of, "stride": 1}


def _clause(*branches: list[Any], each: int | None = None, where: list[str] | None = None) -> Claim:
    return {"any": list(branches), "each": each, "where": where}


def _statement(
    ensures: list[Claim],
    index: list[Any] | None = None,
    define: list[Claim] | None = None,
    requires: list[Claim] | None = None,
) -> Claim:
    return {"define": define or [], "ensures": ensures, "index": index or [], "requires": requires or []}


def _winner(before: list[Any], after: list[Any], lattice: list[Any] | None = None) -> Claim:
    return {"after": after, "before": before, "lattice": lattice, "of": "x", "winner": "w"}


def _extreme(kind: str, requires: list[Claim] | None = None) -> Claim:
    defined = [{"kind": kind, "name": "m", "of": "x"}]
    return _statement([_clause([["=", 0, 1, "y[0]", -1, "m"]])], define=defined, requires=requires)


def _slack(n: int) -> Claim:
    sums = _clause([["=", 0, 1, "y[i]", 1, "x[i]", -1, "m"]], each=n)
    zero = [["=", 0, 1, "y[i]"], ["=", 0, 1, "x[i]", -1, "m"]]
    more = [["<", 0, -1, "y[i]"], ["<", 0, 1, "x[i]", -1, "m"]]
    return _statement([sums, _clause(zero, more, each=n)], define=LARGEST_X)


def _one_hot(n: int, before: list[Any], after: list[Any], more: list[Claim], define: list[Claim]) -> Claim:
    one, zero = _clause([["=", -1, 1, "y[w]"]]), _clause([["=", 0, 1, "y[i]"]], each=n, where=["except", "w"])
    return _statement([one, zero, *more], [["w", n]], define, [_winner(before, after)])
