"""The human text of a statement, generated from its machine form; nothing of it is read from the file as text.

The claim has been read by `Claim` before, so its shape is known to be right here.
"""


def text(claim):
    """One line for each statement of the (valid) claim object."""
    return [_statement(claim["arrays"], one) for one in claim["statements"]]


def _statement(arrays, one):
    lengths = {array["name"]: array["length"] for array in arrays}
    inline = {d["name"]: f"{d['kind']}({d['of']})" for d in one["define"] if d["kind"] in ("max", "min")}
    spaces = [f"{a['name']} in R^{a['length']}" for a in arrays if a["of"] == "in"]
    winners = [r for r in one["requires"] if "winner" in r]
    promises = [_winner(r, inline) for r in winners]
    promises += [_clause(r, lengths, inline) for r in one["requires"] if "winner" not in r]
    head = "for all " + " and ".join(spaces)
    free = [f"{name} < {n}" for name, n in one["index"]]
    if free:
        head += " and every index " + ", ".join(free)
    if promises:
        head += " such that " + " and ".join(promises)
    body = "; ".join(_clause(e, lengths, inline) for e in one["ensures"])
    where = [_definition(d, lengths, inline) for d in one["define"] if d["name"] not in inline]
    return f"{head}: {body}" + (f", where {', '.join(where)}" if where else "")


def _winner(r, inline):
    w, of = r["winner"], r["of"]
    before, after, pitch = r["before"], r["after"], r["lattice"]
    gap = {"gap": "at least {} below it", "tie": "equal to it or at least {} below it"}
    sides = []
    for one in (before, after):
        if one[0] in gap:
            sides.append(gap[one[0]].format(_ratio(one[1:])))
        else:
            sides.append("below it" if one[0] == "<" else "at most equal to it")
    says = f"every other {sides[0]}" if sides[0] == sides[1] else f"every earlier one {sides[0]}, every later one {sides[1]}"
    if [before, after] == [["<"], ["<="]]:
        says = "the first of the largest"
    elif [before, after] == [["<="], ["<"]]:
        says = "the last of the largest"
    lattice = "" if pitch is None else f"all {of}[i] are integer multiples of {_ratio(pitch)} and "
    return f"{lattice}{of}[{w}] is the winner of {inline.get(of, of)} ({says})"


def _clause(e, lengths, inline):
    branches = [" and ".join(_atom(one, lengths, inline) for one in branch) for branch in e["any"]]
    if len(branches) > 1:
        branches = [f"({b})" if " and " in b else b for b in branches]
    said = " or ".join(branches)
    if "each" not in e:
        return said
    where = "" if e["where"] is None else " " + {"before": "before {}", "after": "after {}", "except": "other than {}"}[
        e["where"][0]
    ].format(e["where"][1])
    return f"{said} for each i < {e['each']}{where}"


def _atom(one, lengths, inline):
    relation, const, *terms = one
    pairs = [(int(terms[k]), terms[k + 1]) for k in range(0, len(terms), 2)]
    const = int(const)
    left = [(c, ref) for c, ref in pairs if c > 0]
    right = [(-c, ref) for c, ref in pairs if c < 0]
    return f"{_sum(left, max(const, 0), lengths, inline)} {relation} {_sum(right, max(-const, 0), lengths, inline)}"


def _sum(pairs, const, lengths, inline):
    parts = [("" if c == 1 else f"{c} ") + _name(ref, lengths, inline) for c, ref in pairs]
    if const or not parts:
        parts.append(str(const))
    return " + ".join(parts)


def _name(ref, lengths, inline):
    base = ref.partition("[")[0]
    if ref == f"{base}[0]" and lengths.get(base) == 1:
        return base
    return inline.get(ref, ref)


def _definition(d, lengths, inline):
    name, kind = d["name"], d["kind"]
    if kind == "list":
        return f"{name} = ({', '.join(_form(f, lengths, inline) for f in d['forms'])})"
    said = _form(d["form"], lengths, inline)
    said = said if kind == "form" else f"{kind}({said})"
    return f"{name} = {said}" if d["length"] is None else f"{name}[i] = {said} for each i < {d['length']}"


def _form(value, lengths, inline):
    den, const, *terms = value
    text_ = ""
    for k in range(0, len(terms), 2):
        c = int(terms[k])
        sign = ("-" if c < 0 else "") if not text_ else (" - " if c < 0 else " + ")
        text_ += sign + ("" if abs(c) == 1 else f"{abs(c)} ") + _name(terms[k + 1], lengths, inline)
    const = int(const)
    if const or not text_:
        sign = ("-" if const < 0 else "") if not text_ else (" - " if const < 0 else " + ")
        text_ += f"{sign}{abs(const)}"
    return text_ if int(den) == 1 else f"({text_})/{den}"


def _ratio(pair):
    return str(pair[0]) if int(pair[1]) == 1 else f"{pair[0]}/{pair[1]}"
