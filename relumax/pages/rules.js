// The rules of proofs in plain JavaScript, written from relumax/kernel/FORMAT.md, sections 1 and 4 to 6: integers, forms,
// atoms, facts, contexts, and what each step may conclude. checker.js has the rest. It shares nothing with the kernel in
// Python, and needs nothing: no library, no network, no page.
//
// Forms and atoms are flat lists as in the file: [den, const, v, c, ...] and [relation, const, v, c, ...]. An integer is
// a Number below 2^53 in absolute value and a BigInt from there on, never otherwise: so equal integers are ===.
"use strict";
const Rules = (() => {
  class Rejection extends Error {
    constructor(path, reason) {
      super(`${path}${path ? ": " : ""}${reason}`);
      this.path = String(path);
    }
    get kind() { return this.constructor.name.toLowerCase(); }
  }
  class Malformed extends Rejection {}
  class Invalid extends Rejection {}
  class Refused extends Rejection {}

  // ------------------------------------------------------------------ integers
  const small = Number.isSafeInteger;
  const fit = (x) => (x > -9007199254740992n && x < 9007199254740992n ? Number(x) : x);
  const both = (a, b) => typeof a === "number" && typeof b === "number";
  // a rounded result is below 2^53 only if the true one is, and is then the true one
  const add = (a, b) => (both(a, b) && small(a + b) ? a + b : fit(BigInt(a) + BigInt(b)));
  const mul = (a, b) => (both(a, b) && small(a * b) ? a * b : fit(BigInt(a) * BigInt(b)));
  const div = (a, b) => (both(a, b) ? a / b : fit(BigInt(a) / BigInt(b))); // b divides a
  const neg = (a) => -a;
  const abs = (a) => (a < 0 ? -a : a);
  function gcd(a, b) {
    if (!both(a, b)) { a = BigInt(a); b = BigInt(b); }
    while (b) [a, b] = [b, a % b];
    return typeof a === "bigint" ? fit(abs(a)) : abs(a);
  }
  const bits = (a) => (typeof a === "number" ? 53 : abs(a).toString(16).length * 4);

  // ------------------------------------------------------------------ work
  let fuel = 0;
  function spend(work) {
    fuel -= work;
    if (fuel < 0) throw new Refused("", "the work budget for a file of this size is used up");
  }
  const NEW = 32, MAX_BITS = 4096, MAX_POINT_BITS = 16384;
  const long = (b) => ((b >> 6) ** 2) >> 2;
  function made(list) { // a form or an atom that was made is paid for
    let most = 0;
    for (let k = list.length - 1; k >= 0; k -= k > 1 ? 2 : 1) if (typeof list[k] === "bigint") most = Math.max(most, bits(list[k]));
    if (most > MAX_BITS) throw new Refused("", `an integer of more than ${MAX_BITS} bits would be made`);
    spend((NEW + long(most)) * (list.length >> 1));
    return list;
  }

  // ------------------------------------------------------------------ reading
  function record(value, path, ...keys) { // keys in sorted order: with the comparison of bytes, this makes a file canonical
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Malformed(path, "an object is expected");
    const found = Object.keys(value);
    if (found.length !== keys.length || found.join() !== keys.join()) throw new Malformed(path, `the keys ${keys.join(", ")} are expected`);
    return keys.map((key) => value[key]);
  }
  function items(value, path, least = 0) {
    if (!Array.isArray(value) || value.length < least) throw new Malformed(path, `a list of at least ${least} is expected`);
    return value;
  }
  function index(value, path, below) {
    if (!small(value) || value < 0 || value >= below) throw new Malformed(path, `an index below ${below} is expected`);
    return value;
  }
  function size(value, path) {
    if (index(value, path, 2 ** 20) === 0) throw new Malformed(path, "a number from 1 on is expected");
    return value;
  }
  function integer(value, path) {
    if (small(value)) return value;
    if (typeof value === "string" && value.length <= 600 && /^-?[1-9][0-9]*$/.test(value)) {
      const found = BigInt(value);
      if (typeof fit(found) === "bigint") return found;
    }
    throw new Malformed(path, "an integer is expected (as a decimal string from 2^53 on)");
  }
  function positive(value, path) {
    if (integer(value, path) < 1) throw new Malformed(path, "a positive integer is expected");
    return integer(value, path);
  }
  function terms(list, start, path, below, shift = 0) { // v, c, v, c, ... from `start` on: v increasing, c not zero
    if ((list.length - start) % 2) throw new Malformed(path, "pairs of an index and a coefficient are expected");
    const found = [];
    let last = -1;
    for (let k = start; k < list.length; k += 2) {
      const v = index(list[k], path, below), c = integer(list[k + 1], path);
      if (v <= last || c === 0) throw new Malformed(path, "indices increase, and no coefficient is zero");
      found.push((last = v) + shift, c);
    }
    return found;
  }
  function reduced(list, path, kind) {
    if (!same(list, kind(list))) throw new Malformed(path, "it is not reduced");
    return list;
  }
  const readForm = (value, path, below) => reduced(
    [positive(items(value, path, 2)[0], path), integer(value[1], path), ...terms(value, 2, path, below)], path, form);
  const readAtom = (value, path, below) => reduced(
    [index(items(value, path, 2)[0], path, 3), integer(value[1], path), ...terms(value, 2, path, below)], path, atom);
  function same(a, b) {
    if (a.length !== b.length) return false;
    for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
    return true;
  }

  // ------------------------------------------------------------------ forms and atoms
  const EQ = 0, LE = 1, LT = 2, RELU = 0, STEP = 1;
  const variable = (v) => [1, 0, v, 1];
  function common(list, found) {
    for (let k = 1; k < list.length && found !== 1; k += 2) found = gcd(found, list[k]);
    return found;
  }
  const divided = (list, by) => list.map((x, k) => (k % 2 ? div(x, by) : x));
  function form(list) { // reduced
    const by = list[0] === 1 ? 1 : common(list, list[0]);
    if (by !== 1) { list = divided(list, by); list[0] = div(list[0], by); }
    return list;
  }
  function atom(list) { // reduced; the first coefficient of an equality is positive
    let by = common(list, 0);
    if (by === 0) return list;
    if (list[0] === EQ && (list.length > 2 ? list[3] : list[1]) < 0) by = neg(by);
    return by === 1 ? list : divided(list, by);
  }
  function spread(first, constant, total) { // a Map from variables to coefficients, as a list
    const found = [first, constant];
    for (const v of [...total.keys()].sort((a, b) => a - b)) if (total.get(v) !== 0) found.push(v, total.get(v));
    return found;
  }
  const gather = (total, list, weight) => {
    for (let k = 2; k < list.length; k += 2) {
      const old = total.get(list[k]), more = mul(weight, list[k + 1]);
      total.set(list[k], old === undefined ? more : add(old, more));
    }
  };
  function difference(left, right, relation) { // left - right (relation) 0
    const total = new Map();
    gather(total, left, right[0]);
    gather(total, right, neg(left[0]));
    return made(atom(spread(relation, add(mul(left[1], right[0]), neg(mul(right[1], left[0]))), total)));
  }
  function replaced(list, values) { // [common, const, terms] of common times const + terms, v being the form values[v]
    let scale = 1, constant = list[1];
    const total = new Map();
    for (let k = 2; k < list.length; k += 2) {
      const den = values[list[k]][0];
      if (den !== 1) scale = mul(scale, div(den, gcd(scale, den)));
      if (bits(scale) > MAX_BITS) throw new Refused("", `an integer of more than ${MAX_BITS} bits would be made`);
    }
    constant = mul(constant, scale);
    for (let k = 2; k < list.length; k += 2) {
      const inner = values[list[k]], weight = mul(list[k + 1], div(scale, inner[0]));
      spend((1 + 16 * (bits(weight) >> 6)) * (inner.length >> 1));
      constant = add(constant, mul(weight, inner[1]));
      gather(total, inner, weight);
    }
    return [scale, constant, total];
  }
  function substitute(one, values) {
    const [scale, constant, total] = replaced(one, values);
    return made(form(spread(mul(one[0], scale), constant, total)));
  }
  const negated = ([relation, constant, ...rest]) =>
    made([relation === LE ? LT : LE, neg(constant), ...rest.map((x, k) => (k % 2 ? neg(x) : x))]);

  // ------------------------------------------------------------------ facts: an atom, {any: [[atom]]}, {head, of: [form]}
  const clause = (any) => (any.length > 1 || any[0].length > 1 ? { any } : any[0][0]);
  const branches = (fact) => fact.any || [[fact]];
  function readFact(value, path, below) {
    if (!Array.isArray(value)) {
      const [head, of] = record(value, path, "head", "of");
      return { head: readForm(head, path, below), of: items(of, path, 1).map((one) => readForm(one, path, below)) };
    }
    const any = items(value, path, 1).map((branch) => items(branch, path, 1).map((one) => readAtom(one, path, below)));
    if (any.length === 1 && any[0].length > 1) throw new Malformed(path, "a conjunction is several facts");
    return clause(any);
  }
  function negation(fact) { // facts, all of which are true exactly where `fact` is false
    if (fact.of) {
      return [clause([...fact.of.map((s) => [difference(fact.head, s, LT)]), fact.of.map((s) => difference(s, fact.head, LT))])];
    }
    const false_ = (one) => (one[0] === EQ ? [made([LT, ...one.slice(1)]), negated([LE, ...one.slice(1)])] : [negated(one)]);
    return branches(fact).map((branch) => clause(branch.flatMap(false_).map((one) => [one])));
  }
  function unitClause([kind, t], h) {
    const off = made(atom([kind === RELU ? LE : LT, ...t.slice(1)]));
    const on = kind === RELU ? difference(variable(h), t, EQ) : [EQ, -1, h, 1];
    return { any: [[off, [EQ, 0, h, 1]], [negated(off), on]] };
  }
  function substituted(fact, values) {
    if (fact.of) return { head: substitute(fact.head, values), of: fact.of.map((one) => substitute(one, values)) };
    const at = (one) => {
      const [, constant, total] = replaced(one, values);
      return made(atom(spread(one[0], constant, total)));
    };
    return fact.any ? { any: fact.any.map((branch) => branch.map(at)) } : at(fact);
  }
  function alike(a, b) {
    const lists = (x, y) => x.length === y.length && x.every((one, k) => same(one, y[k]));
    if (a.of || b.of) return Boolean(a.of && b.of) && same(a.head, b.head) && lists(a.of, b.of);
    if (a.any && b.any) return a.any.length === b.any.length && a.any.every((branch, k) => lists(branch, b.any[k]));
    return !a.any && !b.any && same(a, b);
  }

  // ------------------------------------------------------------------ contexts
  class Context {
    constructor(variables, lemmas, statement = null) {
      Object.assign(this, { variables, lemmas, statement, units: new Map(), facts: [], goals: [] });
    }
    unit(kind, t) {
      this.units.set(this.variables, [kind, t]);
      this.facts.push(this.variables++); // its clause is made when a step uses it
    }
    add(fact) {
      for (const one of fact.any && fact.any.length === 1 ? fact.any[0] : [fact]) this.facts.push(one);
    }
    fact(k, path) {
      const found = this.facts[index(k, path, this.facts.length)];
      return typeof found === "number" ? (this.facts[k] = unitClause(this.units.get(found), found)) : found;
    }
    maxFact(k, path) {
      const found = this.fact(k, path);
      if (!found.of) throw new Invalid(path, `fact ${k} is not a max fact`);
      return found;
    }
    restore([facts, variables]) {
      this.facts.length = facts;
      while (this.variables > variables) this.units.delete(--this.variables);
    }
  }
  function checkLemma(value, path, lemmas, watch) {
    const [given, proof, then, units, vars] = record(value, path, "given", "proof", "then", "units", "vars");
    const context = new Context(index(vars, `${path}.vars`, 2 ** 20), lemmas);
    items(units, `${path}.units`).forEach((unit, k) => {
      const place = `${path}.units[${k}]`, kind = index(items(unit, place, 1)[0], place, 2);
      context.unit(kind, readForm(unit.slice(1), place, context.variables));
    });
    const facts = (list, place, least) => items(list, place, least).map((one, k) => readFact(one, `${place}[${k}]`, context.variables));
    const lemma = { vars, units: [...context.units.values()], given: facts(given, `${path}.given`, 0), then: facts(then, `${path}.then`, 1) };
    lemma.given.forEach((fact) => context.add(fact));
    context.goals = lemma.then;
    run(context, proof, `${path}.proof`, watch);
    return lemma;
  }

  // ------------------------------------------------------------------ proofs
  class Reader {
    constructor(values, path) { Object.assign(this, { values: items(values, path, 1), path, at: 0 }); }
    next() {
      if (this.at >= this.values.length) throw new Malformed(this.path, "the proof ends in the middle of a step");
      return this.values[this.at++];
    }
    count(least = 1) {
      const found = this.next();
      if (!small(found) || found < least || found > this.values.length - this.at) throw new Malformed(this, "a count is expected");
      return found;
    }
    toString() { return `${this.path}[${this.at - 1}]`; }
  }
  // A rule reads its operands and returns CLOSED, nothing when it added facts, or [branches, goals, fact to keep].
  const CLOSED = Symbol("closed");
  function run(context, proof, path, watch) {
    const reader = new Reader(proof, path), frames = [];
    for (;;) {
      const start = reader.at, rule = RULES[index(reader.next(), reader, RULES.length)], before = context.facts.length;
      spend(8);
      const opened = rule(context, reader);
      if (watch) watch.step(frames.length, rule.name, proof.slice(start + 1, reader.at), context, before, `${path}[${start}]`);
      if (opened === undefined) continue;
      if (opened !== CLOSED) {
        const [pending, goals, kept] = opened;
        frames.push({ mark: [context.facts.length, context.variables], goals: context.goals, pending, next: 0, kept });
        context.goals = goals;
      }
      for (;;) { // on to the next open branch
        if (!frames.length) {
          if (reader.at !== proof.length) throw new Malformed(`${path}[${reader.at}]`, "steps after the end of the proof");
          return;
        }
        const frame = frames[frames.length - 1];
        context.restore(frame.mark);
        if (frame.next < frame.pending.length) {
          const branch = frame.pending[frame.next++];
          spend(NEW * branch.length);
          branch.forEach((fact) => context.add(fact));
          if (watch) watch.branch(frames.length, frame.next, frame.pending.length, context, frame.mark[0]);
          break;
        }
        frames.pop();
        context.goals = frame.goals;
        if (frame.kept) {
          context.add(frame.kept);
          if (watch) watch.kept(frames.length, context, frame.kept);
          break;
        }
      }
    }
  }
  function sum(context, reader) { // k (fact multiplier)*k: the relation, the constant, the coefficients of the sum
    let relation = EQ, constant = 0;
    const total = new Map();
    for (let k = reader.count(); k > 0; k--) {
      const fact = context.fact(reader.next(), reader), weight = integer(reader.next(), reader);
      if (!Array.isArray(fact)) throw new Invalid(reader, "the fact is not an atom");
      if (weight === 0 || (weight < 0 && fact[0] !== EQ)) throw new Invalid(reader, "a multiplier is positive, of an equality not zero");
      spend((1 + 16 * (bits(weight) >> 6)) * (fact.length >> 1));
      relation = Math.max(relation, fact[0]);
      constant = add(constant, mul(weight, fact[1]));
      gather(total, fact, weight);
    }
    return [relation, constant, total];
  }
  function LEAF(context, reader) { // a sum of facts that is a false constant
    const [relation, constant, total] = sum(context, reader);
    for (const c of total.values()) if (c !== 0) throw new Invalid(reader, "leaf: the variables do not cancel");
    if (!(constant > 0 || (constant === 0 && relation === LT))) throw new Invalid(reader, "leaf: the sum is not a contradiction");
    return CLOSED;
  }
  function SPLIT(context, reader) { // a proof for each branch of a clause
    const fact = context.fact(reader.next(), reader);
    if (!fact.any) throw new Invalid(reader, "split: the fact is not a clause");
    return [fact.any, context.goals, null];
  }
  function COMBINE(context, reader) { // a sum of facts is a fact
    const [relation, constant, total] = sum(context, reader);
    context.add(made(atom(spread(relation, constant, total))));
  }
  function GOAL(context) { // suppose a goal false; for every goal
    return [context.goals.map(negation), context.goals, null];
  }
  function HAVE(context, reader) { // a proof of a fact, then the rest with it
    const fact = readFact(reader.next(), reader, context.variables);
    return [[[]], [fact], fact];
  }
  function INSTANCE(context, reader) { // a lemma at the values of its variables
    const lemma = context.lemmas[index(reader.next(), reader, context.lemmas.length)];
    const named = reader.count(0) - lemma.vars, values = [];
    if (named < Math.min(1, lemma.units.length) || named > lemma.units.length) throw new Invalid(reader, "instance: another number of variables and units");
    while (values.length < lemma.vars) values.push(instanceValue(context, reader));
    let v = 0;
    lemma.units.forEach(([kind, t], k) => {
      v = k < named ? index(reader.next(), reader, context.variables) : v + 1;
      spend(NEW);
      const unit = context.units.get(v);
      if (!unit || unit[0] !== kind || !same(unit[1], substitute(t, values))) throw new Invalid(reader, `instance: variable ${v} is not unit ${k} of the lemma`);
      values.push(variable(v));
    });
    if (reader.count(0) !== lemma.given.length) throw new Invalid(reader, "instance: another number of hypotheses");
    lemma.given.forEach((fact, k) => {
      if (!alike(context.fact(reader.next(), reader), substituted(fact, values))) throw new Invalid(reader, `instance: the fact is not hypothesis ${k} of the lemma`);
    });
    lemma.then.forEach((fact) => context.add(substituted(fact, values)));
  }
  function instanceValue(context, reader) { // v: the variable; -1-f: the head of max fact f; [h]: the form of unit h; a form
    const value = reader.next();
    if (Array.isArray(value) && value.length === 1) {
      const unit = context.units.get(index(value[0], reader, context.variables));
      if (!unit) throw new Invalid(reader, `instance: variable ${value[0]} is not a unit`);
      return unit[1];
    }
    if (Array.isArray(value)) return readForm(value, reader, context.variables);
    if (small(value) && value < 0) return context.maxFact(-1 - value, reader).head;
    return variable(index(value, reader, context.variables));
  }
  function DEFINE(context, reader) { // a new variable that is relu or step of a form, or the largest of forms
    const kind = index(reader.next(), reader, 3), read = () => readForm(reader.next(), reader, context.variables);
    if (kind < 2) return context.unit(kind, read());
    const of = Array.from({ length: reader.count() }, read);
    context.add({ head: variable(context.variables++), of });
  }
  function PICK(context, reader) { // a requirement at i, or what an index says of i
    const which = reader.next(), i = reader.next();
    if (!context.statement) throw new Invalid(reader, "pick: a lemma has no index");
    context.add(context.statement.pick(which, i, reader));
  }
  function MERGE(context, reader) { // two max facts with the same leaves have equal heads
    const first = reader.next(), left = context.maxFact(first, reader), right = context.maxFact(reader.next(), reader);
    const low = index(reader.next(), reader, first + 1), marked = new Set(left.of.map(String));
    for (let k = first - 1; k >= low; k--) {
      const fact = context.facts[k];
      spend(1);
      if (!fact.of) continue;
      spend(fact.head.length);
      if (marked.delete(String(fact.head))) {
        spend(NEW * fact.of.length);
        fact.of.forEach((one) => marked.add(String(one)));
      }
    }
    const leaves = new Set(right.of.map(String));
    if (marked.size !== leaves.size || ![...leaves].every((one) => marked.has(one))) throw new Invalid(reader, "merge: the leaves differ");
    context.add(difference(left.head, right.head, EQ));
  }
  function ELIM(context, reader) { // no form is above the head, and one is equal to it
    const { head, of } = context.maxFact(reader.next(), reader);
    of.forEach((one) => context.add(difference(one, head, LE)));
    context.add(clause(of.map((one) => [difference(head, one, EQ)])));
  }
  const RULES = [LEAF, SPLIT, COMBINE, GOAL, HAVE, INSTANCE, DEFINE, PICK, MERGE, ELIM];

  return { Malformed, Invalid, Refused, Context, EQ, LE, LT, RELU, STEP, NEW, MAX_POINT_BITS, add, mul, div, neg, gcd, bits, long, spend, made,
    refuel(budget) { fuel = budget; }, record, items, index, size, integer, positive, terms, form, atom, spread, difference, variable, clause, branches,
    checkLemma, run, RULES };
})();
if (typeof module === "object") module.exports = Rules;
