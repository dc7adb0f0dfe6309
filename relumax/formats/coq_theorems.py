"""The theorem of an exported certificate as one would write it by hand, where the library in coq/ reads its claim back.

Each lemma of coq/AdequacyMaxima.v, coq/AdequacyWinners.v and coq/AdequacyPack.v is for one claim, made here for the
sizes, gaps and ranges that a certificate has and compared with its own: a theorem is written only where they are equal.
Where it says less than the claim, its heading says that it does.
Searches have a score of one's own in their claims: coq_search.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from relumax.formats.coq_search import heading, ratio, search

Claim = dict[str, Any]
Atom = list[Any]

THEOREM = """\
(** {heading} *)
Theorem {name}_of_{n} : {stated}.
Proof.
  apply ({name}_means certified_network {n}{more});
    [{first}vm_cast_no_check (eq_refl {inputs}%nat)|vm_cast_no_check (eq_refl {outputs}%nat)|exact holds].
Qed.
Print Assumptions {name}_of_{n}.
"""
COMPUTED = "compute RField certified_network x"
FORALL = "forall x : list R, length x = {n}%nat ->\n  "
LARGEST = f"exists m, {COMPUTED} = [m] /\\ In m x /\\ forall y, In y x -> ({{0}})%R"
SLACK = f"""\
exists m, (In m x /\\ forall y, In y x -> ({{0}})%R) /\\
  {COMPUTED} = map (fun a => ({{1}})%R) x"""
SECOND = f"""\
forall w v, (w < {{n}})%nat -> (v < {{n}})%nat -> w <> v ->
  (forall i, (i < {{n}})%nat -> (nth i x 0 <= nth w x 0)%R) ->
  (forall i, (i < {{n}})%nat -> i <> w -> (nth i x 0 <= nth v x 0)%R) ->
  {COMPUTED} = [nth v x 0%R]"""
EQUAL = f"exists a, length a = {{outputs}}%nat /\\ {COMPUTED} = (a ++ a)%list"
EQUAL_OF_ONE = f"exists a, {COMPUTED} = [a; a]"
INDEX = f"""\
exists y, {COMPUTED} = [y] /\\ (0 <= y <= INR {{n}} - 1)%R /\\
  {{lattice}}forall w, wins {{before}} {{after}} {{n}} x w -> y = INR w{{end}}"""
LATTICE = "((forall a, In a x -> exists k : Z, a = (IZR k * {step})%R) ->\n  "
ONE_HOT = f"""\
let y := {COMPUTED} in
  (exists m, (In m x /\\ forall a, In a x -> (0 <= {{behind_a}})%R) /\\ forall i, (i < {{n}})%nat ->
    nth i y 0%R = 1%R /\\ nth i x 0%R = m \\/
    (0 < nth i y 0 < 1)%R /\\ (0 < {{behind}} < {{gap}})%R \\/
    nth i y 0%R = 0%R /\\ ({{gap}} <= {{behind}})%R) /\\
  forall w, wins {{before}} {{after}} {{n}} x w -> y = one_hot {{n}} w"""
STEP = f"""\
forall (x : list R) w, length x = {{n}}%nat -> wins {{before}} {{after}} {{n}} x w ->
  {COMPUTED} = (one_hot {{n}} w ++ [INR w])%list"""
CARRIED = "forall x p : list R, length x = {n}%nat -> length p = {n}%nat ->\n  "
BOTH = "compute RField certified_network (x ++ p)%list"
IN_RANGE = "(forall a, In a p -> ({low} <= a <= {high})%R)"
GATE = f"""\
exists y, {BOTH} = [y] /\\
  (exists a b, In a p /\\ In b p /\\ (a <= y <= b)%R) /\\
  forall w, wins {{before}} Rle {{n}} x w -> {IN_RANGE} -> y = nth w p 0%R"""
PREFIX = f"""\
{IN_RANGE} -> exists y, {BOTH} = [y] /\\
  (({{low}} <= y)%R /\\ exists a, In a p /\\ (y <= a)%R) /\\
  forall w, wins {{before}} Rle {{n}} x w -> y = nth w p 0%R"""
PICKED = f"""\
forall (x p : list R) w, length x = {{n}}%nat -> length p = {{n}}%nat -> {IN_RANGE} ->
  wins {{before}} Rle {{n}} x w -> {BOTH} = [nth w p 0%R]"""
KEYS = "let a i := nth i x 0%R in let b i := nth i p 0%R in\n  "
PACK = f"""\
{CARRIED}{KEYS}exists y, {BOTH} = [y] /\\
  ((exists i, (i < {{n}})%nat /\\ y = (a i + b i)%R) /\\ forall i, (i < {{n}})%nat -> (a i + b i <= y)%R) /\\
  forall w s, (w < {{n}})%nat -> (forall i, (i < {{n}})%nat -> (a i + s <= a w)%R \\/ a i = a w) ->
    (forall i, (i < {{n}})%nat -> (0 <= b i <= s)%R) ->
    (forall i, (i < {{n}})%nat -> a i = a w -> (b i <= b w)%R) -> y = (a w + b w)%R"""
PACK_KEYS = f"""\
forall (x p : list R) w, length x = {{n}}%nat -> length p = {{n}}%nat -> (w < {{n}})%nat ->
  {KEYS}(forall i, (i < {{n}})%nat -> (a i + b i <= a w + b w)%R) ->
  (forall i, (i < {{n}})%nat -> ({{s}} + a i <= a w)%R \\/ a i = a w \\/ ({{s}} + a w <= a i)%R) ->
  {IN_RANGE} -> (forall t, In t [a w] -> ({{least}} <= t <= {{most}})%R) ->
  (exists j : nat, a w = ({{first}} + INR j * {{step}})%R) ->
  {BOTH} = [(a w + b w)%R; a w; b w] /\\
  forall i, (i < {{n}})%nat -> (a i < a w)%R \\/ a i = a w /\\ (b i <= b w)%R"""


class Known(NamedTuple):
    """A claim that the library reads back: the lemma's name, what it says, and what its proof has to be told."""

    name: str
    arrays: list[Claim]
    statements: list[Claim]
    stated: str
    more: str = ""
    first: str = ""
    whole: bool = True  # nothing of the claim is left out


class Claimed(NamedTuple):
    """What a certificate claims, and what is read out of it: all but its form."""

    n: int
    arrays: list[Claim]
    statements: list[Claim]

    @property
    def x(self) -> Claim:
        """The inputs among which something is chosen."""
        return _array("x", "in", self.n)

    @property
    def winner(self) -> Claim:
        """What is required of a winner, if something is."""
        asked = self.statements[-1]["requires"]
        return asked[0] if asked and "winner" in asked[0] else {}

    def atoms(self, *at: int) -> list[Atom]:
        """The atoms of a statement's requirement or of what it ensures, all branches after each other; else none.

        None either where a number is so long that it is written as a string.
        """
        statement, key, number = at
        clauses = self.statements[statement][("requires", "ensures")[key]]
        asked = clauses[number] if -len(clauses) <= number < len(clauses) else {}
        found = [atom for branch in asked.get("any", []) for atom in branch]
        return found if all(isinstance(c, int) for atom in found for c in (atom[1], *atom[2::2])) else []


def plain(claim: Claim) -> list[str]:
    """The readable theorem, if the claim is one that the library reads back."""
    claimed = Claimed(claim["arrays"][0]["length"], claim["arrays"], claim["statements"])
    for known in chain.from_iterable(form(claimed) for form in FORMS):
        if known.arrays == claimed.arrays and known.statements == claimed.statements:
            sizes = {of: sum(a["length"] for a in claimed.arrays if a["of"] == of) for of in ("in", "out")}
            says = {"heading": heading(known.whole), "n": claimed.n, "inputs": sizes["in"], "outputs": sizes["out"]}
            return [THEOREM.format(**known._asdict(), **says)]
    return search(claim)


# ---- no winner is named


def _extremes(at: Claimed) -> Iterator[Known]:
    """max, min, essay, slack."""
    n, x, y = at.n, at.x, _array("y", "out", 1)
    forall = FORALL.format(n=n)
    for name, kind, says in (("max", "max", "y <= m"), ("min", "min", "m <= y")):
        yield Known(name, [x, y], [_extreme(kind)], forall + LARGEST.format(says), first="lia|")
    promise = _clause([["<=", 0, -1, "x[i]"]], each=n)
    nonnegative = forall + "(forall y, In y x -> (0 <= y)%R) ->\n  " + LARGEST.format("y <= m")
    yield Known("essay", [x, y], [_extreme("max", requires=[promise])], nonnegative, first="lia|")
    wide = [x, _array("y", "out", n)]
    for name, least, told in (("slack", False, ("y <= m", "m - a")), ("argmin_slack", True, ("m <= y", "a - m"))):
        yield Known(name, wide, [_slack(n, least)], forall + SLACK.format(*told), first="lia|")


def _second(at: Claimed) -> Iterator[Known]:
    n = at.n
    requires = [
        _clause([["<", 0, 1, "w", -1, "v"]], [["<", 0, -1, "w", 1, "v"]]),
        _clause([["<=", 0, 1, "x[i]", -1, "x[w]"]], each=n),
        _clause([["<=", 0, 1, "x[i]", -1, "x[v]"]], each=n, where=["except", "w"]),
    ]
    said = _statement([_clause([["=", 0, 1, "y[0]", -1, "x[v]"]])], [["w", n], ["v", n]], requires=requires)
    yield Known("second", [at.x, _array("y", "out", 1)], [said], FORALL.format(n=n) + SECOND.format(n=n))


def _equality(at: Claimed) -> Iterator[Known]:
    """Two networks side by side: of what else is said of the inputs nothing is used."""
    count = at.arrays[-1]["length"]
    arrays = [at.x, _array("a", "out", count), _array("b", "out", count, count)]
    rest = " (tl (ensures (hd (Statement [] [] [] []) (statements certified_claim))))"
    some = at.statements[0]["ensures"][1:]
    one, each = _clause([["=", 0, 1, "a[0]", -1, "b[0]"]]), _clause([["=", 0, 1, "a[i]", -1, "b[i]"]], each=count)
    forall = FORALL.format(n=at.n)
    if count == 1:
        yield Known("equality_of_one", arrays, [_statement([one, *some])], forall + EQUAL_OF_ONE, rest, whole=not some)
    said = forall + EQUAL.format(outputs=count)
    yield Known("equality", arrays, [_statement([each, *some])], said, f" {count}{rest}", whole=not some)


# ---- a winner


def _indices(at: Claimed) -> Iterator[Known]:
    """index, prefix, bits, onehot, step: of the largest, or of the smallest."""
    if not at.winner:
        return
    n, before, after = at.n, at.winner["before"], at.winner["after"]
    y, wide, forall = _array("y", "out", 1), _array("y", "out", n), FORALL.format(n=n)
    for least in (False, True):
        keys: list[Claim] = [{"form": [1, 0, -1, "x[i]"], "kind": "form", "length": n, "name": "z"}] * least
        side, more = str(least).lower(), f" {_condition(before)} {_condition(after)}"
        says = {"n": n, "before": _compares(before, least), "after": _compares(after, least)}
        wins = _winner(before, after, at.winner["lattice"], "z" if least else "x")
        index = _statement([_clause([["=", 0, 1, "y[0]", -1, "w"]])], [["w", n]], keys, [wins])
        bounds = _statement([_clause([["<=", 0, -1, "y[0]"]]), _clause([["<=", 1 - n, 1, "y[0]"]])])
        if wins["lattice"]:
            step = at.winner["lattice"]
            told = INDEX.format(**says, lattice=LATTICE.format(step=_factor(*step)), end=")")
            yield Known("lattice", [at.x, y], [bounds, index], forall + told, f" {side}{more} {step[0]} {step[1]}")
        else:
            told = INDEX.format(**says, lattice="", end="")
            yield Known("index", [at.x, y], [bounds, index], forall + told, f" {side}{more}")
        for p, q in _gap(at.atoms(0, 1, 0)):
            best = [{"kind": "min" if least else "max", "name": "m", "of": "x"}]
            behind = ("nth i x 0 - m", "a - m") if least else ("m - nth i x 0", "m - a")
            everywhere = _statement([_somewhat(n, p, q, least)], define=best)
            hot = _statement(_hot(n), [["w", n]], [*keys, *best], [wins])
            told = ONE_HOT.format(**says, gap=ratio(p, q), behind=behind[0], behind_a=behind[1])
            yield Known("onehot", [at.x, wide], [everywhere, hot], forall + told, f" {side} {p} {q}{more}", "lia|")
        index_is = _clause([["=", 0, 1, "k[0]", -1, "w"]])
        steps = _statement([*_hot(n), index_is], [["w", n]], keys, [wins])
        yield Known("step", [at.x, wide, _array("k", "out", 1, n)], [steps], STEP.format(**says), f" {side}")


def _payloads(at: Claimed) -> Iterator[Known]:
    """gate, prefix, step of select: payloads in a range."""
    if not at.winner or not _is_range(bounds := at.atoms(-1, 0, 1)):
        return
    n, before, ((_, low, a, _), (_, high, b, _)) = at.n, at.winner["before"], bounds
    inside = _clause([["<=", low, a, "p[i]"], ["<=", high, b, "p[i]"]], each=n)
    wins = _winner(before, ["<="])
    exact = _statement([_clause([["=", 0, 1, "y[0]", -1, "p[w]"]])], [["w", n]], requires=[wins, inside])
    arrays = [at.x, _array("p", "in", n, n), _array("y", "out", 1)]
    least, most = {"kind": "min", "name": "lop", "of": "p"}, {"kind": "max", "name": "hip", "of": "p"}
    under, over = _clause([["<=", 0, 1, "lop", -1, "y[0]"]]), _clause([["<=", 0, 1, "y[0]", -1, "hip"]])
    says = {"n": n, "before": _compares(before), "low": ratio(low, -a), "high": ratio(-high, b)}
    more, forall = f" {_condition(before)} {_range(bounds)}", CARRIED.format(n=n)
    everywhere = _statement([under, over], define=[least, most])
    yield Known("gate", arrays, [everywhere, exact], forall + GATE.format(**says), more, "lia|")
    promised = _statement([_clause([["<=", low, a, "y[0]"]]), over], define=[most], requires=[inside])
    yield Known("select_prefix", arrays, [promised, exact], forall + PREFIX.format(**says), more, "lia|")
    yield Known("select_step", arrays, [exact], PICKED.format(**says), more)


def _packed(at: Claimed) -> Iterator[Known]:
    """pack of select, without and with a decoder."""
    n, p, y = at.n, _array("p", "in", at.n, at.n), _array("y", "out", 1)
    sums: Claim = {"form": [1, 0, 1, "x[i]", 1, "p[i]"], "kind": "form", "length": n, "name": "z"}
    define = [sums, {"kind": "max", "name": "m", "of": "z"}]
    largest, rest = _statement(_extreme("max")["ensures"], define=define), at.statements[1:]
    more, told = " (tl (statements certified_claim))", PACK.format(n=n)
    yield Known("pack", [at.x, p, y], [largest, *rest], told, more, "lia|", whole=not rest)
    asked = [at.atoms(-1, 0, k) for k in range(1, 5)]
    apart, payloads, key, between = asked
    match apart, between:
        case [[_, s, t, _, _, _], *_], [[_, first, over, _, step, _], _]:
            levels = at.statements[-1]["requires"][4]["each"]
        case _:
            return
    if not (_is_range(payloads) and _is_range(key) and s > 0 and t > 0 and over > 0 > step and levels):
        return
    requires = [
        _winner(["<="], ["<="], of="z"),
        _clause(
            [["<=", s, t, "x[i]", -t, "x[w]"]],
            [["=", 0, 1, "x[i]", -1, "x[w]"]],
            [["<=", s, t, "x[w]", -t, "x[i]"]],
            each=n,
        ),
        _clause([[*one[:3], "p[i]"] for one in payloads], each=n),
        _clause([[*one[:3], "x[w]"] for one in key]),
        _clause(
            [["<=", first, over, "x[w]", step, "i"]], [["<=", -first - step, -over, "x[w]", -step, "i"]], each=levels
        ),
    ]
    ensures = [
        _clause([["=", 0, 1, "y[0]", -1, "x[w]", -1, "p[w]"]]),
        _clause(
            [["<", 0, 1, "x[i]", -1, "x[w]"]],
            [["=", 0, 1, "x[i]", -1, "x[w]"], ["<=", 0, 1, "p[i]", -1, "p[w]"]],
            each=n,
        ),
        _clause([["=", 0, 1, "k[0]", -1, "x[w]"]]),
        _clause([["=", 0, 1, "q[0]", -1, "p[w]"]]),
    ]
    told = PACK_KEYS.format(
        n=n,
        s=ratio(s, t),
        **dict(zip(("low", "high"), _ends(payloads), strict=True)),
        **dict(zip(("least", "most"), _ends(key), strict=True)),
        first=ratio(-first, over),
        step=_factor(-step, over),
    )
    statements = [largest, _statement(ensures, [["w", n]], define, requires)]
    more = f" {levels} {s} {t} {_range(payloads)} {_range(key)} {over} {_integer(-first)} {-step}"
    arrays = [at.x, p, y, _array("k", "out", 1, 1), _array("q", "out", 1, 2)]
    yield Known("pack_keys", arrays, statements, told, more, "lia|", whole=False)


FORMS: list[Callable[[Claimed], Iterator[Known]]] = [_extremes, _second, _equality, _indices, _payloads, _packed]

# ---- words of Coq


def _factor(p: int, q: int) -> str:
    return ratio(p, q) if q == 1 else f"({ratio(p, q)})"


def _ends(bounds: list[Atom]) -> tuple[str, str]:
    """The least and the largest number that meet a c0 + c1 t <= 0 with c1 < 0, and one with c1 > 0."""
    (_, low, a, _), (_, high, b, _) = bounds
    return ratio(low, -a), ratio(-high, b)


def _is_range(bounds: list[Atom]) -> bool:
    match bounds:
        case [[_, _, int(a), _], [_, _, int(b), _]]:
            return a < 0 < b
    return False


def _gap(everywhere: list[Atom]) -> list[tuple[int, int]]:
    """How far behind those are for which a one-hot vector has 0, if it says so."""
    match everywhere[-1:]:
        case [[_, int(p), int(q), _, _, _]] if p > 0 and q > 0:
            return [(p, q)]
    return []


def _range(bounds: list[Atom]) -> str:
    (_, low, a, _), (_, high, b, _) = bounds
    return f"(Range {_integer(low)} {-a} {_integer(-high)} {b})"


def _integer(value: int) -> str:
    return f"({value})" if value < 0 else f"{value}"


def _condition(condition: list[Any]) -> str:
    kind, *numbers = condition
    return {"<": "Less", "<=": "LessEqual"}.get(kind) or f"({kind.title()} {numbers[0]} {numbers[1]})"


def _compares(condition: list[Any], least: bool = False) -> str:
    """How a compares with the winner b; with the smallest as the winner, the other way."""
    kind, *numbers = condition
    a, b = "ba" if least else "ab"
    if kind in ("<", "<="):
        return f"(fun a b => ({a} {kind} {b})%R)" if least else {"<": "Rlt", "<=": "Rle"}[kind]
    tied = f"{a} = {b} \\/ " if kind == "tie" else ""
    return f"(fun a b => ({tied}{a} + {ratio(*numbers)} <= {b})%R)"


# ---- claims


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


def _winner(before: list[Any], after: list[Any], lattice: list[Any] | None = None, of: str = "x") -> Claim:
    return {"after": after, "before": before, "lattice": lattice, "of": of, "winner": "w"}


def _extreme(kind: str, requires: list[Claim] | None = None) -> Claim:
    defined = [{"kind": kind, "name": "m", "of": "x"}]
    return _statement([_clause([["=", 0, 1, "y[0]", -1, "m"]])], define=defined, requires=requires)


def _behind(c: int, least: bool) -> list[Any]:
    return [c, "m", -c, "x[i]"] if least else [c, "x[i]", -c, "m"]


def _slack(n: int, least: bool) -> Claim:
    sums = _clause([["=", 0, 1, "y[i]", *_behind(1, least)]], each=n)
    zero = [["=", 0, 1, "y[i]"], ["=", 0, *_behind(1, least)]]
    more = [["<", 0, -1, "y[i]"], ["<", 0, *_behind(1, least)]]
    best = [{"kind": "min" if least else "max", "name": "m", "of": "x"}]
    return _statement([sums, _clause(zero, more, each=n)], define=best)


def _somewhat(n: int, p: int, q: int, least: bool) -> Claim:
    """1 for the best, 0 for those p/q behind or more, between 0 and 1 for the others."""
    one = [["=", -1, 1, "y[i]"], ["=", 0, *_behind(1, least)]]
    between = [["<", 0, -1, "y[i]"], ["<", -1, 1, "y[i]"], ["<", 0, *_behind(1, least)], ["<", -p, *_behind(-q, least)]]
    return _clause(one, between, [["=", 0, 1, "y[i]"], ["<=", p, *_behind(q, least)]], each=n)


def _hot(n: int) -> list[Claim]:
    return [_clause([["=", -1, 1, "y[w]"]]), _clause([["=", 0, 1, "y[i]"]], each=n, where=["except", "w"])]
