"""Facts, contexts and the rules of inference: everything that can make a statement a theorem.

A *fact* is one of
    an atom       (EQ | LE | LT, const, terms)
    a clause      (OR, branches)          a disjunction of branches, each a nonempty conjunction of atoms
    a max fact    (MAX, head, children)   the form `head` is the largest of the forms `children`
and a *context* is a list of variables over the reals, units among them, numbered facts, and goals (facts to prove).
A *proof* is one flat list, a tree in prefix order. Reading it, the checker keeps the current branch: the facts that
hold there and the goals. Below: facts, contexts and lemmas, the checker, a function for each rule, and their table.

Soundness, by induction over the tree: at every point, every assignment of reals to the variables under which the
context's facts hold either makes all current goals true, or makes the facts of the branch at hand true for some
choice of branch. A `LEAF` shows that no assignment makes its branch true. So when the last branch is closed, all goals
follow from the facts of the context.
"""

from collections import namedtuple
from operator import itemgetter

from .errors import Invalid, Malformed
from .wire import (
    EQ,
    LE,
    LT,
    NEW,
    atom,
    bounded,
    collect,
    difference,
    index,
    items,
    key,
    long,
    longest,
    number,
    placed,
    read_atom,
    read_form,
    record,
    replaced,
    substitute,
    times,
)

OR, MAX = 3, 4
RELU, STEP = 0, 1
Lemma = namedtuple("Lemma", "variables units given then")  # for all reals, units (kind, form) and given imply then
relation, constant, terms = map(itemgetter, range(3))  # of an atom; of a form (den, constant, terms) the last two
head, children = itemgetter(1), itemgetter(2)  # of a max fact
CLOSED = object()  # what a rule returns that closes a branch


# ---------------------------------------------------------------- facts


def read_fact(value, path, below):
    """A clause is a list of branches (lists of atoms); a max fact an object with `head` and `of`."""
    if type(value) is dict:
        largest, of = record(value, path, ("head", "of"))
        forms = tuple([read_form(child, path, below) for child in items(of, path, 1)])
        return MAX, read_form(largest, path, below), forms
    found = [tuple([read_atom(one, path, below) for one in items(branch, path, 1)]) for branch in items(value, path, 1)]
    if len(found) == 1 < len(found[0]):
        raise Malformed(path, "a conjunction is several facts, one for each atom")
    return clause(found)


def clause(found):
    """The fact that one of these branches holds."""
    return (OR, tuple(found)) if len(found) > 1 or len(found[0]) > 1 else found[0][0]


def variable(v):
    """The form that is just the variable v."""
    return 1, 0, ((v, 1),)


def branches(fact):
    """Of a clause its branches; an atom is one branch."""
    return fact[1] if fact[0] == OR else ((fact,),)


def work(fact):
    """What its negation, or the atoms drawn from it, cost to make: for each, so many terms of integers so long."""
    if fact[0] == MAX:
        more, bits = len(terms(head(fact))) + 2, longest(head(fact))
        made = [(len(terms(child)) + more, longest(child) + bits) for child in children(fact)]
    else:
        made = [(len(terms(one)) + 2, longest(one)) for branch in branches(fact) for one in branch]
    return sum([count * (NEW + long(bits)) for count, bits in made])


def negated(one):
    """The atom that says that an inequality is false: not (t <= 0) is -t < 0, not (t < 0) is -t <= 0."""
    return atom(LT if relation(one) == LE else LE, -constant(one), tuple([(v, -c) for v, c in terms(one)]))


def negation(fact):
    """Facts whose conjunction says that `fact` is false.

    not (t = 0) is t < 0 or -t < 0; a clause is false when each branch has a false atom; `h = max(S)` is false when
    h < s for some s of S, or h > s for all of them.
    """
    if fact[0] == MAX:
        below = [(difference(head(fact), child, LT),) for child in children(fact)]
        return [clause([*below, tuple([difference(child, head(fact), LT) for child in children(fact)])])]
    found = []
    for branch in branches(fact):
        false = [[(LT, *one[1:]), negated((LE, *one[1:]))] if one[0] == EQ else [negated(one)] for one in branch]
        found.append(clause([(one,) for atoms in false for one in atoms]))
    return found


def unit_clause(kind, value, v):
    """What a unit h = relu(t) or step(t) means, h the variable v and t the form `value`.

    relu: (t <= 0 and h = 0) or (t > 0 and h = t);  step: (t < 0 and h = 0) or (t >= 0 and h = 1).
    """
    off = atom(LE if kind == RELU else LT, *value[1:])
    on = difference(variable(v), value, EQ) if kind == RELU else atom(EQ, -1, ((v, 1),))
    return OR, ((off, atom(EQ, 0, ((v, 1),))), (negated(off), on))


def substituted(fact, values, fuel):
    """`fact` with variable v replaced by the form values[v]."""
    if fact[0] == MAX:
        return MAX, substitute(head(fact), values, fuel), tuple([substitute(c, values, fuel) for c in children(fact)])

    def at(one):
        fuel.spend(NEW)
        _, const, found = replaced(constant(one), terms(one), values, fuel)
        return bounded(atom(relation(one), const, found), fuel)

    return (OR, tuple([tuple(map(at, branch)) for branch in branches(fact)])) if fact[0] == OR else at(fact)


# ---------------------------------------------------------------- contexts


class Context:
    """Variables, the units among them, facts and goals, the lemmas that may be used, and the work budget."""

    __slots__ = ("facts", "fuel", "goals", "lemmas", "pick", "units", "variables")

    def __init__(self, variables, fuel, lemmas, pick=None):
        self.variables, self.fuel, self.lemmas, self.pick = variables, fuel, lemmas, pick
        self.units, self.facts, self.goals = dict[int, tuple[int, tuple]](), [], []  # units: variable -> (kind, form)

    def add_unit(self, kind, value):
        """A fresh variable h = relu or step of the form `value`; its clause is the next fact."""
        self.fuel.spend((NEW + long(longest(value))) * (len(value[2]) + 1))
        self.units[self.variables] = kind, value
        self.facts.append(self.variables)  # the clause is built when a step uses it
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
            found = self.facts[k] = unit_clause(*self.units[found], found)
        return found

    def max_fact(self, k, path):
        """Fact number k, which has to be a max fact."""
        found = self.fact(k, path)
        if found[0] != MAX:
            raise Invalid(path, f"fact {k} is not a max fact")
        return found

    def mark(self):
        """How much there is of everything that a branch can add."""
        return len(self.facts), self.variables

    def restore(self, facts, variables):
        """Forget what was added since the mark (facts, variables): facts, variables and units die with their branch."""
        del self.facts[facts:]
        while self.variables > variables:
            self.variables -= 1
            self.units.pop(self.variables, None)


def check_lemma(value, path, lemmas, fuel):
    """Read and prove one lemma; `lemmas` are those before it."""
    count, units, given, then, proof = record(value, path, ("vars", "units", "given", "then", "proof"))
    context = Context(index(count, path + ".vars", 1 << 20), fuel, lemmas)
    for unit, place in placed(units, path + ".units"):
        kind = index(items(unit, place, 1)[0], place, 2)
        context.add_unit(kind, read_form(unit[1:], place, context.variables))
    total = context.variables
    given = [read_fact(one, place, total) for one, place in placed(given, path + ".given")]
    context.goals = [read_fact(one, place, total) for one, place in placed(then, path + ".then", 1)]
    lemma = Lemma(count, list(context.units.values()), given, context.goals)
    for fact in given:
        context.add(fact)
    run(context, proof, path + ".proof")
    return lemma


# ---------------------------------------------------------------- the checker


class Reader:
    """The flat proof list and the place in it; as text, it is the place of the last element read."""

    __slots__ = ("at", "path", "values")

    def __init__(self, values, path):
        self.values, self.at, self.path = items(values, path, 1), 0, path

    def next(self):
        if self.at >= len(self.values):
            raise Malformed(self.path, "the proof ends in the middle of a step")
        self.at += 1
        return self.values[self.at - 1]

    def count(self, least=1):
        """A count, at least this, that the rest of the list could hold."""
        found = self.next()
        if type(found) is not int or not least <= found <= len(self.values) - self.at:
            raise Malformed(self, "a count is expected")
        return found

    def __str__(self):
        return f"{self.path}[{self.at - 1}]"


def run(context, proof, path):
    """Check that `proof` proves all goals of `context` from its facts."""
    reader = Reader(proof, path)
    frames = []  # for each open node: its mark, the goals above it, branches still to come, the fact to keep at its end
    while True:
        rule = RULES[index(reader.next(), reader, len(RULES))]
        context.fuel.spend(8)
        opened = rule(context, reader)
        if opened is None:  # the step added facts to this branch
            continue
        if opened is not CLOSED:
            pending, goals, kept = opened
            frames.append((context.mark(), context.goals, iter(pending), kept))
            context.goals = goals
        while frames:  # on to the next open branch
            mark, goals, pending, kept = frames[-1]
            context.restore(*mark)
            branch = next(pending, None)
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
    """`LEAF k (fact multiplier)*k` closes the branch (Farkas).

    f_1   ...   f_k      sum m_i f_i is a false constant
    ----------------------------------------------------
                          false

    The sum holds wherever the facts do. It is `c (relation) 0`: false when c > 0, or c = 0 and the relation is <.
    """
    found, const, total = _sum(context, reader, "leaf")
    if any(total.values()):
        raise Invalid(reader, "leaf: the variables do not cancel")
    if not (const > 0 or (const == 0 and found == LT)):
        raise Invalid(reader, "leaf: the sum is not a contradiction")
    return CLOSED


def _sum(context, reader, rule):
    """Reads `k (fact multiplier)*k`: the relation, the constant and the coefficients of sum m_i f_i.

    It holds where the facts do: m_i is positive if f_i is an inequality, and only not zero if f_i is an equality. A sum
    of equalities is one, any other is strict if one of its facts is.
    """
    found, const, total = EQ, 0, dict[int, int]()
    for _ in range(reader.count()):
        fact = context.fact(reader.next(), reader)
        if fact[0] > LT:
            raise Invalid(reader, f"{rule}: the fact is not an atom")
        kind, fixed, row = fact
        weight = number(reader.next(), reader)
        if weight == 0 or (weight < 0 and kind != EQ):
            raise Invalid(reader, f"{rule}: a multiplier is positive, of an equality not zero")
        context.fuel.spend((len(row) + 1) * (1 + times(weight) + (longest(fact) >> 9)))
        found = max(found, kind)  # EQ < LE < LT
        const += weight * fixed
        for v, c in row:
            total[v] = total.get(v, 0) + weight * c
    return found, const, total


def split(context, reader):
    """`SPLIT fact`, then a proof for each branch of the clause.

    A or B      A |- goals      B |- goals
    --------------------------------------
                   goals

    Where the clause holds, so do all atoms of one of its branches.
    """
    fact = context.fact(reader.next(), reader)
    if fact[0] != OR:
        raise Invalid(reader, "split: the fact is not a clause")
    return branches(fact), context.goals, None


def combine(context, reader):
    """`COMBINE k (fact multiplier)*k`: the sum, which holds where the facts do (`_sum`), is a new fact.

    f_1   ...   f_k
    ---------------
      sum m_i f_i
    """
    found, const, total = _sum(context, reader, "combine")
    context.fuel.spend(NEW * (len(total) + 1))
    context.add(bounded(atom(found, const, collect(total)), context.fuel))


def goal(context, reader):
    """`GOAL`, then a proof for each goal under the supposition that it is false (`negation`).

    not g_1 |- goals   ...   not g_k |- goals
    -----------------------------------------
              g_1 and ... and g_k

    A goal that follows from its own negation is true.
    """
    context.fuel.spend(sum([work(one) for one in context.goals]))
    return [negation(one) for one in context.goals], context.goals, None


def have(context, reader):
    """`HAVE fact`, a proof of it, then the rest with the fact, which holds wherever the facts before it do: a cut.

    |- f      f |- goals
    --------------------
           goals
    """
    fact = read_fact(reader.next(), reader, context.variables)
    return ((),), [fact], fact


def instance(context, reader):
    """`INSTANCE lemma n value*n k fact*k` uses a lemma at the values of its variables and units.

    for all v: units(v), given(v) imply then(v)      given(values)
    --------------------------------------------------------------
                           then(values)

    First a form for each variable (`_value`), then a variable of this context for each unit; if these are fewer, but at
    least one, the variables after the last follow. It has to be a unit here, of the same kind and with exactly the
    lemma's form at the values, so that it means the same. The k facts are all that is given.
    """
    lemma = context.lemmas[index(reader.next(), reader, len(context.lemmas))]
    named = reader.count(0) - lemma.variables
    if not min(1, len(lemma.units)) <= named <= len(lemma.units):
        raise Invalid(reader, "instance: the lemma has another number of variables and units")
    values = [_value(context, reader) for _ in range(lemma.variables)]
    v = 0
    for k, (kind, value) in enumerate(lemma.units):
        v = index(reader.next(), reader, context.variables) if k < named else v + 1
        context.fuel.spend(NEW)
        if context.units.get(v) != (kind, substitute(value, values, context.fuel)):
            raise Invalid(reader, f"instance: variable {v} is not unit {k} of the lemma")
        values.append(variable(v))
    if reader.count(0) != len(lemma.given):
        raise Invalid(reader, "instance: the lemma has another number of hypotheses")
    for k, fact in enumerate(lemma.given):
        if context.fact(reader.next(), reader) != substituted(fact, values, context.fuel):
            raise Invalid(reader, f"instance: the fact is not hypothesis {k} of the lemma")
    for fact in lemma.then:
        context.add(substituted(fact, values, context.fuel))


def _value(context, reader):
    """A form: v >= 0 stands for the variable, -1-f for the head of max fact f, [h] for the form of unit h."""
    value = reader.next()
    if type(value) is list and len(value) == 1:
        v = index(value[0], reader, context.variables)
        if v not in context.units:
            raise Invalid(reader, f"instance: variable {v} is not a unit")
        return context.units[v][1]
    if type(value) is list:
        return read_form(value, reader, context.variables)
    if type(value) is int and value < 0:
        return head(context.max_fact(-1 - value, reader))
    return variable(index(value, reader, context.variables))


def define(context, reader):
    """`DEFINE kind form` (kind 0 relu, 1 step) or `DEFINE 2 k form*k` (the largest): a fresh variable, and what it is.

    h = relu(t), step(t) or max(S) |- goals      h is fresh
    -------------------------------------------------------
                            goals

    The functions are total: every assignment of the old variables extends to the new one.
    """
    kind = index(reader.next(), reader, 3)
    if kind < 2:
        context.add_unit(kind, read_form(reader.next(), reader, context.variables))
    else:
        forms = tuple([read_form(reader.next(), reader, context.variables) for _ in range(reader.count())])
        context.add((MAX, variable(context.variables), forms))
        context.variables += 1


def pick(context, reader):
    """`PICK t i`: requirement t at i, as it holds at each, or what an index says of i (`Statement.pick`).

    for each i: requirement(i)      w an index
    --------------------------      ----------------------------
          requirement(i)            w = i  or  i < w  or  i > w

    An index is an integer, and what is read at it is the element there. A lemma has neither requirements nor indices.
    """
    which, i = reader.next(), reader.next()
    if context.pick is None:
        raise Invalid(reader, "pick: a lemma has no index")
    context.add(context.pick(which, i, reader))


def merge(context, reader):
    """`MERGE f g low`: two max facts with the same leaves have equal heads.

    h = max(S)      h' = max(S')      leaves(S) = S'
    ------------------------------------------------
                         h = h'

    The leaves of f: going down from fact f - 1 to fact `low`, a max fact whose head is among the marked forms
    replaces that mark by its children. Every replacement keeps the largest marked value the same.
    """
    first = reader.next()
    left = context.max_fact(first, reader)
    right = context.max_fact(reader.next(), reader)
    low = index(reader.next(), reader, first + 1)
    context.fuel.spend(work(left) + work(right))
    marked = set(map(key, children(left)))
    for k in range(first - 1, low - 1, -1):
        fact = context.facts[k]
        context.fuel.spend(1)
        if type(fact) is tuple and fact[0] == MAX:
            at = key(head(fact))
            context.fuel.spend(len(at) >> 2)
            if at in marked:
                context.fuel.spend(work(fact))
                marked.remove(at)
                marked.update(map(key, children(fact)))
    if marked != set(map(key, children(right))):
        raise Invalid(reader, "merge: the leaves differ")
    context.add(difference(head(left), head(right), EQ))


def elim(context, reader):
    """`ELIM f`: what it is to be the largest.

                        h = max(S)
    ---------------------------------------------------
    s <= h for each s of S      and      h = s for some
    """
    fact = context.max_fact(reader.next(), reader)
    context.fuel.spend(2 * work(fact))
    for child in children(fact):
        context.add(difference(child, head(fact), LE))
    context.add(clause([(difference(head(fact), child, EQ),) for child in children(fact)]))


RULES = (leaf, split, combine, goal, have, instance, define, pick, merge, elim)
NUMBER = {rule.__name__.upper(): number for number, rule in enumerate(RULES)}  # LEAF: 0, SPLIT: 1, ...
