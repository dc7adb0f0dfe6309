"""Facts, contexts and the rules of inference: everything that can make a statement a theorem.

A *fact* is one of
    an atom       (EQ | LE | LT, const, terms)
    a clause      (OR, branches)          a disjunction of branches, each a nonempty conjunction of atoms
    a max fact    (MAX, head, children)   the form `head` is the largest of the forms `children`
and a *context* is a list of variables over the reals, units among them, numbered facts, and goals (facts to prove).
A *proof* is one flat list, a tree in prefix order. Reading it, the checker keeps the current branch: the facts that
hold there and the goals. `GOAL` supposes a goal false, one branch for each; `LEAF` closes a branch by a contradiction.

Soundness, by induction over the tree: at every point, every assignment of reals to the variables under which the
context's facts hold either makes all current goals true, or makes the facts of the branch at hand true for some
choice of branch. A `LEAF` shows that no assignment makes its branch true. So when the last branch is closed, all goals
follow from the facts of the context.
"""

from .errors import Invalid, Malformed
from .wire import (
    EQ,
    LE,
    LT,
    NEW,
    atom,
    difference,
    index,
    items,
    number,
    read_atom,
    read_form,
    record,
    scaled,
    substitute,
    substitute_atom,
)

OR, MAX = 3, 4
RELU, STEP = 0, 1


# ---------------------------------------------------------------- facts


def read_fact(value, path, below):
    """A clause is a list of branches (lists of atoms); a max fact an object with `head` and `of`."""
    if type(value) is dict:
        head, of = record(value, path, ("head", "of"))
        children = [read_form(child, path, below) for child in items(of, path, 1)]
        return MAX, read_form(head, path, below), tuple(children)
    branches = [
        tuple([read_atom(one, path, below) for one in items(branch, path, 1)]) for branch in items(value, path, 1)
    ]
    if len(branches) == 1 < len(branches[0]):
        raise Malformed(path, "a conjunction is several facts, one for each atom")
    return clause(branches)


def clause(branches):
    """The fact that one of the branches holds."""
    return (OR, tuple(branches)) if len(branches) > 1 or len(branches[0]) > 1 else branches[0][0]


def variable(v):
    """The form that is just the variable v."""
    return 1, 0, ((v, 1),)


def size(fact):
    """About how many integers the fact, its negation, and the atoms drawn from it hold."""
    if fact[0] == MAX:
        return sum([len(child[2]) + len(fact[1][2]) + 2 for child in fact[2]])
    return sum([len(one[2]) + 2 for branch in fact[1] for one in branch]) if fact[0] == OR else len(fact[2]) + 2


def negated(fact):
    """The atom that says that an inequality is false: not (t <= 0) is -t < 0, not (t < 0) is -t <= 0."""
    relation, const, terms = fact
    return atom(LT if relation == LE else LE, -const, scaled(-1, terms))


def negation(fact):
    """Facts whose conjunction says that `fact` is false.

    not (t = 0) is t < 0 or -t < 0; a clause is false when each branch has a false atom; `h = max(S)` is false when
    h < s for some s of S, or h > s for all of them.
    """
    if fact[0] == MAX:
        _, head, children = fact
        below = [(difference(head, child, LT),) for child in children]
        return [clause([*below, tuple([difference(child, head, LT) for child in children])])]
    found = []
    for branch in fact[1] if fact[0] == OR else ((fact,),):
        false = []
        for relation, const, terms in branch:
            if relation == EQ:
                false += [(atom(LT, const, terms),), (atom(LT, -const, scaled(-1, terms)),)]
            else:
                false.append((negated((relation, const, terms)),))
        found.append(clause(false))
    return found


def unit_clause(kind, value, v):
    """What a unit h = relu(t) or step(t) means, h the variable v and t the form `value`.

    relu: (t <= 0 and h = 0) or (t > 0 and h = t);  step: (t < 0 and h = 0) or (t >= 0 and h = 1).
    """
    _, const, terms = value
    off = atom(LE if kind == RELU else LT, const, terms)
    on = difference(variable(v), value, EQ) if kind == RELU else atom(EQ, -1, ((v, 1),))
    return OR, ((off, atom(EQ, 0, ((v, 1),))), (negated(off), on))


def substituted(fact, values, fuel):
    """`fact` with variable v replaced by the form values[v]."""
    if fact[0] == OR:
        return OR, tuple([tuple([substitute_atom(one, values, fuel) for one in branch]) for branch in fact[1]])
    if fact[0] == MAX:
        return MAX, substitute(fact[1], values, fuel), tuple([substitute(one, values, fuel) for one in fact[2]])
    return substitute_atom(fact, values, fuel)


# ---------------------------------------------------------------- contexts


class Context:
    """Variables, units (found by their exact form), facts and goals, and the work budget."""

    __slots__ = ("facts", "fuel", "goals", "lemmas", "order", "pick", "units", "variables")

    def __init__(self, variables, fuel, lemmas, pick=None):
        self.variables, self.fuel, self.lemmas, self.pick = variables, fuel, lemmas, pick
        self.units, self.order, self.facts, self.goals = {}, [], [], []

    def add_unit(self, kind, value):
        """A fresh variable h = relu or step of the form `value`; its clause is the next fact."""
        self.fuel.spend(NEW * (len(value[2]) + 1))
        new = (kind, value) not in self.units
        if new:
            self.units[kind, value] = self.variables
        self.order.append((kind, value, self.variables, new))
        self.facts.append(len(self.order) - 1)  # the clause is built when a step uses it
        self.variables += 1

    def add(self, fact):
        """A fact; a clause with one branch is its atoms."""
        if fact[0] == OR and len(fact[1]) == 1:
            self.facts.extend(fact[1][0])
        else:
            self.facts.append(fact)

    def fact(self, k, path):
        """Fact number k of the current branch."""
        found = self.facts[index(k, path, len(self.facts))]
        if type(found) is int:
            found = self.facts[k] = unit_clause(*self.order[found][:3])
        return found

    def max_fact(self, k, path):
        """Fact number k, which has to be a max fact."""
        found = self.fact(k, path)
        if found[0] != MAX:
            raise Invalid(path, f"fact {k} is not a max fact")
        return found

    def mark(self):
        """How much there is of everything that a branch can add."""
        return len(self.facts), self.variables, len(self.order)

    def restore(self, facts, variables, units):
        """Forget what was added since the mark (facts, variables, units): facts die with their branch."""
        del self.facts[facts:]
        self.variables = variables
        while len(self.order) > units:
            kind, value, _, new = self.order.pop()
            if new:
                del self.units[kind, value]


class Lemma:
    """A proved context: for all reals, units and `given` imply `then`."""

    __slots__ = ("given", "then", "units", "variables")

    def __init__(self, variables, units, given, then):
        self.variables, self.units, self.given, self.then = variables, units, given, then


def check_lemma(value, path, network, lemmas, fuel):
    """Read and prove one lemma; `lemmas` are those before it. `"vars": "network"` means its inputs and units."""
    count, listed, given, then, proof = record(value, path, ("vars", "units", "given", "then", "proof"))
    if count == "network":
        count, units = network.inputs, network.units
        if items(listed, path + ".units"):
            raise Malformed(path + ".units", "the network's own units are not listed")
    else:
        index(count, path + ".vars", 1 << 20)
        units = []
        for k, unit in enumerate(items(listed, path + ".units")):
            place = f"{path}.units[{k}]"
            items(unit, place, 1)
            units.append((index(unit[0], place, 2), read_form(unit[1:], place, count + k)))
    context = Context(count, fuel, lemmas)
    for kind, one in units:
        context.add_unit(kind, one)
    total = context.variables
    given = [read_fact(one, f"{path}.given[{k}]", total) for k, one in enumerate(items(given, path + ".given"))]
    then = [read_fact(one, f"{path}.then[{k}]", total) for k, one in enumerate(items(then, path + ".then", 1))]
    for fact in given:
        context.add(fact)
    context.goals = then
    run(context, proof, path + ".proof")
    return Lemma(count, units, given, then)


# ---------------------------------------------------------------- the checker


class Reader:
    """The flat proof list and the place in it."""

    __slots__ = ("at", "path", "values")

    def __init__(self, values, path):
        self.values, self.at, self.path = items(values, path, 1), 0, path

    def next(self):
        if self.at >= len(self.values):
            raise Malformed(self.path, "the proof ends in the middle of a step")
        self.at += 1
        return self.values[self.at - 1]

    def count(self):
        """A positive count that the rest of the list could hold."""
        found = self.next()
        if type(found) is not int or not 1 <= found <= len(self.values) - self.at:
            raise Malformed(self.place(), "a count is expected")
        return found

    def place(self):
        """Where the last element read is."""
        return f"{self.path}[{self.at - 1}]"


CLOSED = object()


def run(context, proof, path):
    """Check that `proof` proves all goals of `context` from its facts."""
    reader = Reader(proof, path)
    frames = []  # for each open node: its mark, the goals above it, branches still to come, the fact to keep at its end
    while True:
        rule = RULES[index(reader.next(), reader.place(), len(RULES))]
        context.fuel.spend(8)
        opened = rule(context, reader)
        if opened is None:  # the step added facts to this branch
            continue
        if opened is not CLOSED:
            branches, goals, kept = opened
            frames.append((context.mark(), context.goals, iter(branches), kept))
            context.goals = goals
        while frames:  # on to the next open branch
            mark, goals, branches, kept = frames[-1]
            context.restore(*mark)
            branch = next(branches, None)
            if branch is not None:
                context.fuel.spend(NEW * len(branch))
                for fact in branch:
                    context.add(fact)
                break
            frames.pop()
            context.goals = goals
            if kept is not None:
                context.add(kept)
                break
        else:
            if reader.at != len(reader.values):
                raise Malformed(f"{path}[{reader.at}]", "steps after the end of the proof")
            return


# ---------------------------------------------------------------- the rules
#
# A rule reads its operands and returns CLOSED, or None when it has added facts to the branch, or (branches, goals,
# kept): the facts that each branch supposes, the goals of the branches, and the fact to keep when all are closed.


def leaf(context, reader):
    """Farkas. `LEAF k (fact multiplier)*k` closes the branch.

        f_1 ... f_k      sum m_i f_i is a false constant
        ------------------------------------------------
                          false

    Multipliers of inequalities are positive, of equalities not zero. The sum is then `c <= 0`, or `c < 0` if one of
    the facts is strict: it holds wherever the facts do, and is false when c > 0, or c = 0 and the sum is strict.
    """
    total: dict[int, int] = {}
    const, strict = 0, False
    for _ in range(reader.count()):
        fact = context.fact(reader.next(), reader.place())
        if fact[0] > LT:
            raise Invalid(reader.place(), "leaf: the fact is not an atom")
        relation, fixed, terms = fact
        weight = number(reader.next(), reader.place())
        if weight == 0 or (weight < 0 and relation != EQ):
            raise Invalid(
                reader.place(), "leaf: the multiplier of an inequality must be positive, of an equality not zero"
            )
        context.fuel.spend(len(terms) + 1)
        strict = strict or relation == LT
        const += weight * fixed
        for v, c in terms:
            total[v] = total.get(v, 0) + weight * c
    if any(total.values()):
        raise Invalid(reader.place(), "leaf: the variables do not cancel")
    if not (const > 0 or (const == 0 and strict)):
        raise Invalid(reader.place(), "leaf: the sum is not a contradiction")
    return CLOSED


def split(context, reader):
    """`SPLIT fact`, then a proof for each branch of the clause.

    A or B      A |- goals      B |- goals
    --------------------------------------
                   goals
    """
    fact = context.fact(reader.next(), reader.place())
    if fact[0] != OR:
        raise Invalid(reader.place(), "split: the fact is not a clause")
    return fact[1], context.goals, None


def case(context, reader):
    """`CASE form`, then a proof under `form <= 0` and one under `form > 0`: one of the two holds for real numbers."""
    _, const, terms = read_form(reader.next(), reader.place(), context.variables)
    low = atom(LE, const, terms)
    return ((low,), (negated(low),)), context.goals, None


def goal(context, reader):
    """`GOAL`, then a proof for each goal under the supposition that it is false (`negation`).

    not g_1 |- false   ...   not g_k |- false
    -----------------------------------------
              g_1 and ... and g_k
    """
    context.fuel.spend(NEW * sum([size(one) for one in context.goals]))
    return [negation(one) for one in context.goals], context.goals, None


def have(context, reader):
    """`HAVE fact`, a proof of it, then the rest of the proof with the fact: the cut rule.

    |- f      f |- goals
    --------------------
           goals
    """
    fact = read_fact(reader.next(), reader.place(), context.variables)
    return ((),), [fact], fact


def instance(context, reader):
    """`INSTANCE lemma argument* fact*` uses a lemma at forms: an argument for each variable, a fact for each `given`.

        for all v: units(v), given(v) imply then(v)      given(args)
        ------------------------------------------------------------
                               then(args)

    An argument is a variable v >= 0 of this context, -1-f for the head of max fact f, or a form. Each unit of the
    lemma must be a unit here: same kind, and exactly the lemma's form with the arguments put in; so it means the same.
    """
    lemma = context.lemmas[index(reader.next(), reader.place(), len(context.lemmas))]
    values = [_argument(context, reader) for _ in range(lemma.variables)]
    for k, (kind, value) in enumerate(lemma.units):
        unit = context.units.get((kind, substitute(value, values, context.fuel)))
        if unit is None:
            raise Invalid(reader.place(), f"instance: no unit here has the form of unit {k} of the lemma")
        values.append(variable(unit))
    for k, fact in enumerate(lemma.given):
        if context.fact(reader.next(), reader.place()) != substituted(fact, values, context.fuel):
            raise Invalid(reader.place(), f"instance: the fact is not hypothesis {k} of the lemma")
    for fact in lemma.then:
        context.add(substituted(fact, values, context.fuel))


def _argument(context, reader):
    value = reader.next()
    if type(value) is list:
        return read_form(value, reader.place(), context.variables)
    if type(value) is int and value < 0:
        return context.max_fact(-1 - value, reader.place())[1]
    return variable(index(value, reader.place(), context.variables))


def define(context, reader):
    """`DEFINE kind form` (kind 0 relu, 1 step) or `DEFINE 2 k form*k` (the largest): a fresh variable, and what it is.

    Sound because the function is total: every assignment of the old variables extends to the new one.
    """
    kind = index(reader.next(), reader.place(), 3)
    if kind < 2:
        context.add_unit(kind, read_form(reader.next(), reader.place(), context.variables))
    else:
        children = tuple([read_form(reader.next(), reader.place(), context.variables) for _ in range(reader.count())])
        context.add((MAX, variable(context.variables), children))
        context.variables += 1


def pick(context, reader):
    """`PICK t i`: requirement t of the statement at the index i (`Statement.pick`); only outside lemmas."""
    template, i = reader.next(), reader.next()
    if context.pick is None:
        raise Invalid(reader.place(), "pick: a lemma has no index")
    context.add(context.pick(template, i, reader.place()))


def merge(context, reader):
    """`MERGE f g low`: two max facts with the same leaves have equal heads.

        h = max(S)      h' = max(S')      leaves(S) = S'
        ------------------------------------------------
                           h = h'

    The leaves of f: going down from fact f - 1 to fact `low`, a max fact whose head is among the marked forms
    replaces that mark by its children. Every replacement keeps the largest marked value the same.
    """
    first = reader.next()
    left = context.max_fact(first, reader.place())
    right = context.max_fact(reader.next(), reader.place())
    low = index(reader.next(), reader.place(), first + 1)
    context.fuel.spend(NEW * (size(left) + size(right)))
    marked = set(left[2])
    for k in range(first - 1, low - 1, -1):
        fact = context.facts[k]
        context.fuel.spend(1)
        if type(fact) is tuple and fact[0] == MAX:
            context.fuel.spend(len(fact[1][2]))
            if fact[1] in marked:
                context.fuel.spend(size(fact))
                marked.remove(fact[1])
                marked.update(fact[2])
    if marked != set(right[2]):
        raise Invalid(reader.place(), "merge: the leaves differ")
    context.add(difference(left[1], right[1], EQ))


def elim(context, reader):
    """`ELIM f`: from h = max(S), the atom s <= h for each s of S, then the clause `h = s` for some s."""
    fact = context.max_fact(reader.next(), reader.place())
    context.fuel.spend(NEW * 2 * size(fact))
    _, head, children = fact
    for child in children:
        context.add(difference(child, head, LE))
    context.add(clause([(difference(head, child, EQ),) for child in children]))


RULES = (leaf, split, case, goal, have, instance, define, pick, merge, elim)
