"""The theorem of an exported search as one would write it: coq/AdequacySearch.v, for claims of its two forms."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

Claim = dict[str, Any]

THEOREM = """\
(** {heading} [e] has the scores, and what else the claim defines. *)
Definition certified_definitions := define (nth {at} (statements certified_claim) (Statement [] [] [] [])).
Theorem {name}_of_{n} : forall (x : list R) w, length x = {inputs}%nat ->
  let e := named certified_network (arrays certified_claim) certified_definitions x w in
  wins {ahead} Rle {n} (arr RField e "{scores}") w ->
  compute RField certified_network x = [{outputs}]{more}.
Proof.
  apply ({name}_means certified_network (arrays certified_claim) {inputs} {n} certified_definitions
    "{scores}" {before} [{columns}] (statements certified_claim) ["y"; "z"]);
    [reflexivity|{there}vm_cast_no_check (eq_refl {inputs}%nat)|vm_cast_no_check (eq_refl {length}%nat)
    |{kept}reflexivity|reflexivity|{branch}left; reflexivity|exact holds].
Qed.
Print Assumptions {name}_of_{n}.
"""
WHOLE, PART = "The same as one would write it.", "Of what is stated, one would write this part so:"
NOT_WORSE = {"any": [[["<=", 0, 1, "v0", -1, "v1"]]], "each": None, "where": None}


class Form(NamedTuple):
    """A form of a search: the lemma's name, its columns and outputs as terms of Coq, what it says besides."""

    name: str
    columns: list[str]
    outputs: list[str]
    kept: str = "y"  # arrays that no definition may name anew
    more: str = ""


def search(claim: Claim) -> list[str]:
    """The readable theorem of a claim of search/best_of, or of one step of search/iterate; else nothing."""
    main = claim["statements"][-1]
    found = _best_of(main["ensures"]) or _iterate(main["ensures"])
    if found is None or [name for name, _ in main["index"]] != ["w"] or len(main["requires"]) != 1:
        return []
    (winner,) = main["requires"]
    arrays = {a["name"]: (a["of"], a["base"], a["stride"], a["length"]) for a in claim["arrays"]}
    if winner.get("after") != ["<="] or winner["lattice"] is not None or winner["before"][0] not in ("<", "gap"):
        return []
    count = len(found.outputs)
    if arrays.get("y") != ("out", 0, 1, count) or sum(of == "out" for of, *_ in arrays.values()) != 1:
        return []
    if found.name == "iterate" and arrays.get("z") != ("in", 0, 1, count):
        return []
    if any(one["kind"] in ("max", "min") or one["name"] in ("y", "z") for one in main["define"]):
        return []
    n = main["index"][0][1]
    if {"name": winner["of"], "length": n} not in [_list(one) for one in main["define"]]:
        return []
    gap = winner["before"][1:]
    written = THEOREM.format(
        heading=heading(len(claim["statements"]) == 1),
        name=found.name,
        n=n,
        at=len(claim["statements"]) - 1,
        inputs=sum(length for of, _, _, length in arrays.values() if of == "in"),
        length=count,
        scores=winner["of"],
        before=f"(Gap {gap[0]} {gap[1]})" if gap else "Less",
        ahead=f"(fun a b => (a + {ratio(*gap)} <= b)%R)" if gap else "Rlt",
        columns="; ".join(found.columns),
        outputs="; ".join(found.outputs),
        more=found.more,
        there="simpl; tauto|" * len(found.kept),
        kept="simpl; tauto|" * len(found.kept),
        branch="right; " * (len(claim["statements"]) - 1),
    )
    return [written]


def heading(whole: bool) -> str:
    """What stands above a theorem that says all that the claim says, or a part of it."""
    return WHOLE if whole else PART


def _list(definition: Claim) -> Claim:
    return {"name": definition["name"], "length": len(definition.get("forms", ()))}


def _best_of(ensures: list[Claim]) -> Form | None:
    """Output k is the winner's element of an array."""
    names = [_read(clause, rf"y\[{k}\] -1 (\w+)\[w\]") for k, clause in enumerate(ensures)]
    if not all(names):
        return None
    return Form("best_of", [f'"{one}"' for one in names], [_element(one) for one in names if one])


def _iterate(ensures: list[Claim]) -> Form | None:
    """Output k is z[k], and the winner's element of an array where moves change it; the score is not worse."""
    if ensures[-1] != NOT_WORSE:
        return None
    names = [_read(clause, rf"y\[{k}\] -1 z\[{k}\](?: -1 (\w+)\[w\])?") for k, clause in enumerate(ensures[:-1])]
    if None in names:
        return None
    outputs = [f"(nth {k} x 0 + {_element(one) if one else '0'})%R" for k, one in enumerate(names)]
    columns = [f'Some "{one}"' if one else "None" for one in names]
    return Form("iterate", columns, outputs, "yz", ' /\\\n  (sca RField e "v0" <= sca RField e "v1")%R')


def _read(clause: Claim, pattern: str) -> str | None:
    """What the pattern's group matches in a clause of one equality without i, "" for no group; else None."""
    match clause:
        case {"any": [[["=", 0, 1, *terms]]], "each": None}:
            found = re.fullmatch(pattern, " ".join(map(str, terms)))
            return None if found is None else found[1] or ""
    return None


def ratio(p: int, q: int) -> str:
    """p/q, as `fraction` of coq/Adequacy.v has it."""
    return f"{p}" if q == 1 else f"{p} / {q}"


def _element(name: str) -> str:
    return f'nth w (arr RField e "{name}") 0%R'
