"""The human text of a statement, generated from its machine form; nothing of it is read from the file as text.

The claim has been read by `Claim` before, so its shape is known to be right here.
"""

from .wire import NEW


def text(claim, fuel=None):
    """One line for each statement of the (valid) claim object; each names all arrays, so a checker pays for it."""
    lines = []
    for one in claim["statements"]:
        lines.append(_statement(claim["arrays"], one))
        if fuel is not None:
            fuel.spend(NEW * len(lines[-1]))
    return lines


def _statement(arrays, one):
    short = {f"{a['name']}[0]": a["name"] for a in arrays if a["length"] == 1}
    short |= {d["name"]: f"{d['kind']}({d['of']})" for d in one["define"] if d["kind"] in ("max", "min")}
    sides = {of: [a for a in arrays if a["of"] == of] for of in ("in", "out")}
    pairs = zip(sides["in"], _places(sides["in"], "input"), strict=True)
    spaces = [f"{a['name']} in R^{a['length']}{p and f' ({p})'}" for a, p in pairs]
    head = "for all " + " and ".join(spaces)
    if one["index"]:
        head += " and every index " + ", ".join([f"{name} < {n}" for name, n in one["index"]])
    promises = [_winner(r) for r in one["requires"] if "winner" in r]
    promises += [_clause(r, short) for r in one["requires"] if "winner" not in r]
    if len(promises) > 1:  # each on its own, so that no "and", "or" or "for each" reaches into the next
        promises = [f"({p})" if any(f" {word} " in p for word in ("and", "or", "for")) else p for p in promises]
    if promises:
        head += " such that " + " and ".join(promises)
    where = [_definition(d, short) for d in one["define"] if d["name"] not in short]
    where += ["step(0) = 1"] if any(d["kind"] == "step" for d in one["define"]) else []
    where += _outputs(sides["out"])
    body = "; ".join([_clause(e, short) for e in one["ensures"]])
    return f"{head}: {body}" + (f", where {', '.join(where)}" if where else "")


def _places(arrays, word):
    """Which inputs or outputs each array is; nothing to say if there is only one, of all of them in order."""
    if len(arrays) == 1 and arrays[0]["stride"] == 1:
        return [""]
    found = []
    for a in arrays:
        first, last = a["base"], a["base"] + a["stride"] * (a["length"] - 1)
        by = f" by {a['stride']}" if a["stride"] > 1 else ""
        found.append(f"{word} {first}" if first == last else f"{word}s {first} to {last}{by}")
    return found


def _outputs(arrays):
    """Which outputs each array is; what is called y, and is the one output, needs no word."""
    if len(arrays) > 1 or arrays[0]["stride"] > 1:
        return [f"{a['name']} is {p}" for a, p in zip(arrays, _places(arrays, "output"), strict=True)]
    name, n = arrays[0]["name"], arrays[0]["length"]
    space = "" if n == 1 else f" in R^{n}"
    return [] if (name, n) == ("y", 1) else [f"{name}{space} is the output"]


def _winner(r):
    w, of, before, after = r["winner"], r["of"], _condition(r["before"]), _condition(r["after"])
    says = f"every other {before}" if before == after else f"every earlier one {before}, every later one {after}"
    if [r["before"], r["after"]] == [["<"], ["<="]]:
        says = "the first of the largest"
    elif [r["before"], r["after"]] == [["<="], ["<"]]:
        says = "the last of the largest"
    lattice = "" if r["lattice"] is None else f"all {of}[i] are integer multiples of {_over(*r['lattice'])} and "
    return f"{lattice}{of}[{w}] is the winner of {of} ({says})"


def _condition(one):
    if one[0] in ("<", "<="):
        return "below it" if one[0] == "<" else "at most equal to it"
    return f"{'equal to it or ' if one[0] == 'tie' else ''}at least {_over(*one[1:])} below it"


def _clause(e, short):
    branches = [" and ".join([_atom(one, short) for one in branch]) for branch in e["any"]]
    if len(branches) > 1:
        branches = [f"({b})" if " and " in b else b for b in branches]
    said = " or ".join(branches)
    if e["each"] is None:
        return said
    word, w = e["where"] or ("", "")
    guard = {"": "", "before": " before ", "after": " after ", "except": " other than "}[word] + w
    return f"{f'({said})' if ' or ' in said or ' and ' in said else said} for each i < {e['each']}{guard}"


def _atom(one, short):
    relation, const, *terms = one
    const, pairs = int(const), [(int(c), short.get(ref, ref)) for c, ref in zip(terms[::2], terms[1::2], strict=True)]
    left = _sum(max(const, 0), [(c, name) for c, name in pairs if c > 0])
    return f"{left} {relation} {_sum(max(-const, 0), [(-c, name) for c, name in pairs if c < 0])}"


def _definition(d, short):
    name, kind = d["name"], d["kind"]
    if kind == "list":
        return f"{name} = ({', '.join([_form(f, short) for f in d['forms']])})"
    said = _form(d["form"], short)
    said = said if kind == "form" else f"{kind}({said})"
    return f"{name} = {said}" if d["length"] is None else f"{name}[i] = {said} for each i < {d['length']}"


def _form(value, short):
    den, const, *terms = value
    said = _sum(int(const), [(int(c), short.get(ref, ref)) for c, ref in zip(terms[::2], terms[1::2], strict=True)])
    return said if den == 1 else f"({said})/{den}"


def _sum(const, pairs):
    """`2 x - y + 1`, signs between the terms."""
    parts = [(c, ("" if abs(c) == 1 else f"{abs(c)} ") + name) for c, name in pairs]
    if const or not parts:
        parts.append((const, str(abs(const))))
    said = "".join([(" - " if c < 0 else " + ") + part for c, part in parts])
    return said[3:] if said.startswith(" + ") else "-" + said[3:]


def _over(p, q):
    return f"{p}" if q == 1 else f"{p}/{q}"
