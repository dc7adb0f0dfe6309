// A checker of relumax certificates in plain JavaScript, written from relumax/kernel/FORMAT.md: text in, a theorem or a
// rejection out. rules.js has what proofs are made of; here are the network, the claim, points and hashes.
//
//   Checker.check(text)  ->  {claim, network, statements, lemmas, claimSha256, networkSha256}
//                            or throws a Malformed, an Invalid or a Refused of rules.js
"use strict";
const Checker = ((R) => {
  const { Malformed, Invalid, Refused, EQ, LE, LT, RELU, STEP, record, items, index, size, integer, positive, spend } = R;

  // ------------------------------------------------------------------ the network: units [kind, form], outputs forms
  function readNetwork(value) {
    const [inputs, layers, output] = record(value, "network", "inputs", "layers", "output");
    const units = [];
    let base = 0, width = size(inputs, "network.inputs");
    items(layers, "network.layers").forEach((layer, k) => {
      const path = `network.layers[${k}]`, [den, rows, step] = record(layer, path, "den", "rows", "step");
      const forms = readRows(den, rows, path, base, width), kinds = forms.map(() => RELU);
      items(step, path).forEach((unit, n) => {
        if (index(unit, path, forms.length) <= (n ? step[n - 1] : -1)) throw new Malformed(path, "indices must increase");
        kinds[unit] = STEP;
      });
      forms.forEach((t, j) => units.push([kinds[j], t]));
      base += width;
      width = forms.length;
    });
    const [den, rows] = record(output, "network.output", "den", "rows");
    return { inputs, units, outputs: readRows(den, rows, "network.output", base, width) };
  }
  function readRows(den, rows, path, base, width) {
    let common = positive(den, path);
    const forms = items(rows, path, 1).map((row, j) => {
      const place = `${path}.rows[${j}]`, bias = integer(items(row, place, 1)[0], place), pairs = R.terms(row, 1, place, width, base);
      common = R.gcd(common, bias);
      for (let k = 1; k < pairs.length && common !== 1; k += 2) common = R.gcd(common, pairs[k]);
      return R.made(R.form([positive(den, path), bias, ...pairs]));
    });
    if (common !== 1) throw new Malformed(path, "a common divisor is left in the layer");
    return forms;
  }

  // ------------------------------------------------------------------ the claim
  const WORDS = new Set(`after all and are at before below by each earlier equal every first for from i in index input inputs
    integer is it last later least max min most multiples of one or other output outputs relu step such than that the to where
    winner zero two three four five six seven eight nine ten hundred thousand million half pi nan inf infinity`.split(/\s+/));
  function fresh(name, path, taken) {
    const good = typeof name === "string" && /^[a-z][a-z0-9_]{0,15}$/.test(name) && !/^e[0-9]*$/.test(name);
    if (!good || WORDS.has(name) || taken.has(name)) throw new Malformed(path, "a name is new, short, lower case and no word of the text");
    return name;
  }
  const upto = (n) => Array.from({ length: n }, (_, i) => i);

  // An array, {kind, base, length, stride}; length null: one variable. `unseen`: the elements no statement mentions yet;
  // `speaks`: the [array, elements] that a definition refers to, elements being [from, to], or "i": those of the cases.
  const array = (kind, base, length = null, stride = 1, speaks = []) => ({ kind, base, length, stride, speaks,
    unseen: new Set(kind === "in" || kind === "out" ? upto(length) : []) });

  function readClaim(value, network) {
    const [arrays, statements] = record(value, "claim", "arrays", "statements");
    const sizes = { in: network.inputs, out: network.outputs.length };
    const start = { in: 0, out: network.inputs + network.units.length };
    const taken = { in: new Set(), out: new Set() }, names = new Map();
    items(arrays, "claim.arrays", 1).forEach((one, k) => {
      const path = `claim.arrays[${k}]`, [base, length, name, of, stride] = record(one, path, "base", "length", "name", "of", "stride");
      if (of !== "in" && of !== "out") throw new Malformed(path, 'an array is of "in" or "out"');
      const last = index(base, path, sizes[of]) + size(stride, path) * (size(length, path) - 1);
      if (last >= sizes[of]) throw new Malformed(path, "an element is outside the network");
      for (let e = base; e <= last; e += stride) {
        if (taken[of].has(e)) throw new Malformed(path, "an element is in two arrays");
        taken[of].add(e);
      }
      names.set(fresh(name, path, names), array(of, start[of] + base, length, stride));
    });
    if (taken.in.size < sizes.in || taken.out.size < sizes.out) throw new Malformed("claim.arrays", "an input or an output is in no array");
    const found = items(statements, "claim.statements", 1).map((one, k) => new Statement(one, `claim.statements[${k}]`, names, network));
    for (const [name, one] of names) if (one.unseen.size) throw new Malformed("claim", `an element of ${name} is mentioned by no statement`);
    return found;
  }

  class Statement {
    constructor(value, path, arrays, network) {
      const [define, ensures, indices, requires] = record(value, path, "define", "ensures", "index", "requires");
      Object.assign(this, { network, names: new Map(arrays), indices: [], definitions: [], reads: new Map(), promising: false, spoken: [] });
      this.next = network.inputs + network.units.length + network.outputs.length;
      items(indices, path).forEach((one) => {
        if (items(one, path).length !== 2) throw new Malformed(path, "an index is [name, n]");
        const name = fresh(one[0], path, this.names);
        this.indices.push({ name, n: size(one[1], path), w: this.next });
        this.names.set(name, array("index", this.next++));
      });
      for (const name of [...this.names.keys()]) this.addReads(name);
      items(define, path).forEach((one, k) => this.addReads(this.define(one, `${path}.define[${k}]`)));
      this.requires = items(requires, path).map((one, k) => this.require(one, `${path}.requires[${k}]`));
      this.promising = true;
      this.ensures = items(ensures, path, 1).map((one, k) => this.clause(one, `${path}.ensures[${k}]`));
    }
    find(name, path, ...kinds) {
      const found = this.names.get(name);
      if (!found || !kinds.includes(found.kind)) throw new Malformed(path, "unknown name, or an output where only inputs may be spoken of");
      return found;
    }
    addReads(name) { // a variable for the array read at each index as long as it is
      spend(R.NEW * (this.indices.length + 1));
      for (const { name: at, n, w } of this.indices) {
        if (this.names.get(name).length !== n) continue;
        this.reads.set(`${name}[${at}]`, { v: this.next, of: this.names.get(name), at });
        this.definitions.push({ kind: "read", v: this.next++, of: this.names.get(name), w });
      }
    }
    mentioned([low, high]) { // what was spoken of, by a clause that holds cases of low <= i < high, is mentioned
      const cases = [low, high];
      const pending = this.spoken;
      this.spoken = [];
      while (pending.length && low < high) {
        const [one, elements] = pending.pop();
        const [from, to] = elements === "i" ? cases : elements;
        for (let e = from; e < to && one.unseen.size; e++) one.unseen.delete(e);
        for (const more of one.speaks) pending.push(more);
        one.speaks = [];
      }
    }
    reference(reference, path, n) { // [base, stride]: at i, the variable base + stride i; base null is i itself
      if (reference === "i" && n !== null) return [null, 0];
      const parts = typeof reference === "string" ? /^([a-z0-9_]+)(?:\[([a-z0-9_]+)\])?$/.exec(reference) : null;
      if (!parts) throw new Malformed(path, "a reference is expected");
      const [, name, at] = parts, found = this.find(name, path, "in", "index", "value", this.promising ? "out" : "in");
      if ((found.length === null) !== (at === undefined)) throw new Malformed(path, "an array is read at an index, anything else is not");
      if (at === undefined) {
        this.spoken.push([found, [0, 0]]);
        return [found.base, 0];
      }
      if (/^(0|[1-9][0-9]{0,6})$/.test(at)) {
        const k = index(Number(at), path, found.length);
        this.spoken.push([found, [k, k + 1]]);
        return [found.base + found.stride * k, 0];
      }
      if (at === "i" && n === found.length) {
        this.spoken.push([found, "i"]);
        return [found.base, found.stride];
      }
      if (!this.reads.has(reference)) throw new Malformed(path, `${name} is read at a number, or at an i or an index as long as it is`);
      this.spoken.push([found, [0, found.length]]);
      return [this.reads.get(reference).v, 0];
    }
    affine(value, start, path, n) { // [..., const, c, reference, ...] from `start` on: i -> [constant, Map of terms]
      if ((items(value, path).length - start) % 2 === 0) throw new Malformed(path, "a constant and pairs are expected");
      const fixed = integer(value[start], path), parts = [], seen = new Set();
      for (let k = start + 1; k < value.length; k += 2) {
        const c = integer(value[k], path), place = this.reference(value[k + 1], path, n);
        if (c === 0 || seen.has(value[k + 1])) throw new Malformed(path, "a coefficient is zero, or a reference occurs twice");
        seen.add(value[k + 1]);
        parts.push([c, ...place]);
      }
      return (i) => {
        const total = new Map();
        let constant = fixed;
        for (const [c, base, stride] of parts) {
          if (base === null) constant = R.add(constant, R.mul(c, i));
          else total.set(base + stride * i, R.add(total.get(base + stride * i) || 0, c));
        }
        return [constant, total];
      };
    }
    form(value, path, n) {
      const den = positive(items(value, path, 2)[0], path), at = this.affine(value, 1, path, n);
      return (i) => R.made(R.form(R.spread(den, ...at(i))));
    }
    define(value, path) {
      const kind = value && value.kind;
      let name, of, length = null, forms, found;
      if (kind === "max" || kind === "min") {
        [, name, of] = record(value, path, "kind", "name", "of");
        const one = this.find(of, path, "in", "value");
        if (one.length === null) throw new Malformed(path, "the largest or smallest is of an array");
        this.spoken.push([one, [0, one.length]]);
        found = [upto(one.length).map((i) => R.made([1, 0, one.base + one.stride * i, kind === "max" ? 1 : -1]))];
      } else if (kind === "list") {
        [forms, , name] = record(value, path, "forms", "kind", "name");
        found = items(forms, path, 1).map((one) => this.form(one, path, null)(0));
        length = found.length;
      } else {
        [forms, , length, name] = record(value, path, "form", "kind", "length", "name");
        if (!["form", "relu", "step"].includes(kind)) throw new Malformed(path, "a definition is of kind form, relu, step, max, min or list");
        const at = this.form(forms, path, length);
        found = upto(length === null ? 1 : size(length, path)).map(at);
      }
      const speaks = this.spoken.map(([one, elements]) => [one, elements === "i" ? [0, one.length] : elements]);
      this.spoken = [];
      this.names.set(fresh(name, path, this.names), array("value", this.next, length, 1, speaks));
      for (const data of found) this.definitions.push({ kind: kind === "list" ? "form" : kind, v: this.next++, data });
      return name;
    }
    clause(value, path) { // {at: i -> fact, n: how many i, each: whether there is an i}
      const [any, each, where] = record(value, path, "any", "each", "where");
      let cases = [0, each === null ? 1 : size(each, path)], guard = null;
      if (where !== null) {
        const [word, name] = items(where, path, 2);
        if (where.length !== 2 || !["before", "after", "except"].includes(word) || each === null) throw new Malformed(path, "a guard is [word, index], under each");
        const { n, w } = this.indices.find((one) => one.name === name) || {};
        if (n !== each) throw new Malformed(path, "the index of a guard has as many values as there are i");
        const sign = word === "after" ? -1 : 1;
        guard = (i) => [R.made(R.atom([word === "except" ? EQ : LE, R.neg(sign * i), w, sign]))];
        cases = [word === "after" || (word === "except" && each === 1) ? 1 : 0, word === "before" ? each - 1 : each];
      }
      const templates = items(any, path, 1).map((branch) => items(branch, path, 1).map((one) => {
        const relation = ["=", "<=", "<"].indexOf(items(one, path, 2)[0]);
        if (relation < 0) throw new Malformed(path, 'a relation is "=", "<=" or "<"');
        return [relation, this.affine(one, 1, path, each)];
      }));
      this.mentioned(cases);
      const at = (i) => {
        const found = templates.map((branch) => branch.map(([relation, affine]) => R.made(R.atom(R.spread(relation, ...affine(i))))));
        return R.clause(guard ? [...found, guard(i)] : found);
      };
      return { at, n: each === null ? 1 : each, each: each !== null };
    }
    require(value, path) {
      if (!value || value.winner === undefined) return this.clause(value, path);
      const [after, before, lattice, of, name] = record(value, path, "after", "before", "lattice", "of", "winner");
      const one = this.find(of, path, "in", "value"), read = this.reads.get(`${of}[${name}]`);
      if (!read || !this.indices.some((other) => other.name === name)) throw new Malformed(path, "the winner is of an array as long as its index");
      this.spoken.push([one, [0, one.length]]);
      this.mentioned([0, 1]);
      const pitch = lattice === null ? null : ratio(lattice, path), sides = [before, after].map((side) => condition(side, pitch, path));
      const at = (i) => {
        const [here, ...places] = this.place(name, i), x = one.base + one.stride * i;
        const said = ([relation, p, q]) => R.made(R.atom(R.spread(relation, p, new Map([[x, q], [read.v, R.neg(q)]]))));
        return R.clause([here, ...sides.flatMap((side, k) => side.map((how) => [places[k], said(how)]))]);
      };
      return { at, n: one.length, each: true, of: one, pitch };
    }
    place(name, i) { // where i is: w = i, and every array read at w is its element i; i < w; i > w
      const { w } = this.indices.find((one) => one.name === name), here = [R.made(R.atom([EQ, R.neg(i), w, 1]))];
      for (const { v, of, at } of this.reads.values()) {
        if (at === name) here.push(R.difference(R.variable(v), R.variable(of.base + of.stride * i), EQ));
      }
      return [here, R.made(R.atom([LE, i + 1, w, -1])), R.made(R.atom([LE, 1 - i, w, 1]))];
    }
    pick(which, i, path) { // requirement `which` at i, or, counted on from those, what an index says of i
      index(which, path, this.requires.length + this.indices.length);
      if (which >= this.requires.length) {
        const { name, n } = this.indices[which - this.requires.length];
        const [here, ...places] = this.place(name, index(i, path, n));
        return R.clause([here, ...places.map((one) => [one])]);
      }
      const { at, n, each } = this.requires[which];
      if (!each) throw new Invalid(path, "pick: the requirement has no index");
      return at(index(i, path, n));
    }
    context(lemmas) {
      const context = new R.Context(this.network.inputs, lemmas, this);
      this.network.units.forEach(([kind, t]) => context.unit(kind, t));
      this.network.outputs.forEach((t) => context.add(R.difference(R.variable(context.variables++), t, EQ)));
      for (const { n, w } of this.indices) {
        context.add(R.atom([LE, 0, w, -1]));
        context.add(R.atom([LE, 1 - n, w, 1]));
        context.variables++;
      }
      for (const { kind, v, data } of this.definitions) {
        if (kind === "relu" || kind === "step") {
          context.unit(kind === "relu" ? RELU : STEP, data);
          continue;
        }
        context.variables++;
        if (kind === "form") context.add(R.difference(R.variable(v), data, EQ));
        if (kind === "max" || kind === "min") context.add({ head: [1, 0, v, kind === "max" ? 1 : -1], of: data });
      }
      this.requires.forEach(({ at, each }) => each || context.add(at(0)));
      context.goals = this.ensures.flatMap(({ at, n }) => upto(n).map(at));
      return context;
    }
  }
  function ratio(value, path) {
    if (items(value, path, 2).length !== 2) throw new Malformed(path, "a ratio is [p, q]");
    return value.map((one) => positive(one, path));
  }
  function condition(value, pitch, path) { // any of: q x + p (relation) q x[w], as [relation, p, q]
    const [word, ...rest] = items(value, path, 1);
    if (word === "<=" && !rest.length) return [[LE, 0, 1]];
    if (word === "<" && !rest.length) return [pitch ? [LE, ...pitch] : [LT, 0, 1]];
    if (pitch || (word !== "gap" && word !== "tie")) throw new Malformed(path, "no condition, or none for a lattice");
    const gap = [LE, ...ratio(rest, path)];
    return word === "gap" ? [gap] : [[EQ, 0, 1], gap];
  }

  // ------------------------------------------------------------------ points; a rational is [numerator, denominator > 0]
  const rational = (p, q) => {
    const by = q === 1 ? 1 : R.gcd(p, q);
    return by === 1 ? [p, q] : [R.div(p, by), R.div(q, by)];
  };
  const plus = ([a, b], [c, d]) => (b === d ? rational(R.add(a, c), b) : rational(R.add(R.mul(a, d), R.mul(c, b)), R.mul(b, d)));
  const below = ([a, b], [c, d]) => R.mul(a, d) < R.mul(c, b);
  function evaluate(list, den, values) { // the value of a form, or of the sum of an atom (den 1)
    let total = [list[1], 1];
    for (let k = 2; k < list.length; k += 2) {
      const [p, q] = values[list[k]];
      total = plus(total, rational(R.mul(list[k + 1], p), q));
      const most = R.bits(total[0]) + R.bits(total[1]);
      spend(R.NEW + R.long(most));
      if (most > R.MAX_POINT_BITS + 106) throw new Refused("", "too long a value at a point");
    }
    return rational(total[0], R.mul(total[1], den));
  }
  const active = (kind, t) => (kind === RELU ? (t[0] > 0 ? t : [0, 1]) : [t[0] >= 0 ? 1 : 0, 1]);
  function networkValues(network, inputs) { // of inputs, units and outputs, in the order of variables
    const found = [...inputs];
    network.units.forEach(([kind, t]) => found.push(active(kind, evaluate(t, t[0], found))));
    const outputs = network.outputs.map((t) => evaluate(t, t[0], found));
    return found.concat(outputs);
  }
  function statementValues(statement, ofNetwork, indices) { // of all variables of a statement, from those of the network
    const found = ofNetwork.concat(indices.map((w) => [w, 1]));
    for (const { kind, data, of, w } of statement.definitions) {
      if (kind === "read") found.push(found[of.base + of.stride * found[w][0]]);
      else if (kind === "max" || kind === "min") {
        const best = data.map((t) => evaluate(t, t[0], found)).reduce((a, b) => (below(a, b) ? b : a));
        found.push(kind === "max" ? best : [R.neg(best[0]), best[1]]);
      } else {
        const t = evaluate(data, data[0], found);
        found.push(kind === "form" ? t : active(kind === "relu" ? RELU : STEP, t));
      }
    }
    return found;
  }
  function holds(fact, values) {
    return R.branches(fact).some((branch) => branch.every((one) => {
      const [p] = evaluate(one, 1, values);
      return one[0] === EQ ? p === 0 : one[0] === LE ? p <= 0 : p < 0;
    }));
  }
  const falseAt = (clauses, values) => clauses.findIndex(({ at, n }) => !upto(n).every((i) => holds(at(i), values)));
  const offLattice = (statement, values) => statement.requires.some(({ of, pitch }) => pitch && upto(of.length).some((i) => {
    const [p, q] = values[of.base + of.stride * i];
    return rational(R.mul(p, pitch[1]), R.mul(q, pitch[0]))[1] !== 1;
  }));
  function checkPoints(statement, points, path) {
    if (!items(points, path).length && (statement.requires.length || statement.indices.length)) {
      throw new Malformed(path, "a statement that requires something shows a point that meets it");
    }
    const seen = statement.indices.map(() => new Set());
    points.forEach((point, k) => {
      const place = `${path}[${k}]`, [indices, inputs] = record(point, place, "index", "inputs");
      if (items(inputs, place).length !== statement.network.inputs + 1 || items(indices, place).length !== statement.indices.length) {
        throw new Malformed(place, "a denominator, one number for each input, and one for each index are expected");
      }
      const den = positive(inputs[0], place), at = indices.map((w, j) => index(w, place, statement.indices[j].n));
      const exact = inputs.slice(1).map((one) => rational(integer(one, place), den));
      const values = statementValues(statement, networkValues(statement.network, exact), at);
      for (const word of ["requires", "ensures"]) {
        const wrong = falseAt(statement[word], values);
        if (wrong >= 0) throw new Invalid(place, `${word}[${wrong}] is false at the point`);
      }
      if (offLattice(statement, values)) throw new Invalid(place, "an element is not on the lattice");
      at.forEach((w, j) => seen[j].add(w));
    });
    statement.indices.forEach(({ n, name }, j) => {
      if (!seen[j].has(0) || !seen[j].has(n - 1)) throw new Invalid(path, `no point has the first, or the last, ${name}`);
    });
  }

  // ------------------------------------------------------------------ SHA-256 (FIPS 180-4) of ASCII text
  const PRIMES = [];
  for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((p) => n % p)) PRIMES.push(n);
  function root(n, k) { // the first 32 bits of the fraction of the k-th root of n, in integers: a float's last bits may be wrong
    const scaled = BigInt(n) << BigInt(32 * k);
    let x = 1n << 37n;
    for (let step = x; step; step >>= 1n) if ((x - step) ** BigInt(k) > scaled) x -= step;
    return Number((x - 1n) & 0xffffffffn) | 0;
  }
  const H = PRIMES.slice(0, 8).map((p) => root(p, 2)), K = PRIMES.map((p) => root(p, 3));
  function sha256(text) {
    const n = text.length, data = new DataView(new ArrayBuffer(((n + 72) >> 6) << 6));
    for (let i = 0; i < n; i++) data.setUint8(i, text.charCodeAt(i));
    data.setUint8(n, 128);
    data.setUint32(data.byteLength - 8, Math.floor(n / 2 ** 29));
    data.setUint32(data.byteLength - 4, (n << 3) >>> 0);
    const hash = Int32Array.from(H), w = new Int32Array(64), turn = (x, k) => (x >>> k) | (x << (32 - k));
    for (let at = 0; at < data.byteLength; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = data.getInt32(at + 4 * i);
      for (let i = 16; i < 64; i++) {
        const s = w[i - 15], t = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (turn(s, 7) ^ turn(s, 18) ^ (s >>> 3)) + (turn(t, 17) ^ turn(t, 19) ^ (t >>> 10));
      }
      let [a, b, c, d, e, f, g, h] = hash;
      for (let i = 0; i < 64; i++) {
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((x, i) => { hash[i] += x; });
    }
    return [...hash].map((x) => (x >>> 0).toString(16).padStart(8, "0")).join("");
  }

  // ------------------------------------------------------------------ the door
  const KEYS = ["claim", "format", "lemmas", "network", "points", "proofs", "version"];
  function parse(text) {
    if (text.length > 2 ** 26) throw new Refused("", "larger than 2^26 bytes");
    let value, again;
    try {
      value = JSON.parse(text);
      again = JSON.stringify(value);
    } catch (problem) {
      throw new Malformed("", `not JSON: ${problem.message}`.slice(0, 120));
    }
    // all objects are read by `record`, which asks for sorted keys: what is written again alike is canonical
    if (again !== text) throw new Malformed("", "not in canonical form");
    return value;
  }
  function check(text, watch = null) {
    const [claim, format, lemmas, network, points, proofs, version] = record(parse(text), "", ...KEYS);
    if (format !== "relumax-certificate" || version !== 1) throw new Malformed("version", "only certificates of version 1 are known");
    R.refuel(Math.min(100 * text.length + 1e6, 1e9));
    const net = readNetwork(network), statements = readClaim(claim, net), proved = [];
    if (items(proofs, "proofs").length !== statements.length || items(points, "points").length !== statements.length) {
      throw new Malformed("proofs", "one proof and one list of points for each statement are expected");
    }
    items(lemmas, "lemmas").forEach((lemma, k) => proved.push(R.checkLemma(lemma, `lemmas[${k}]`, proved, watch)));
    statements.forEach((statement, k) => {
      R.run(statement.context(proved), proofs[k], `proofs[${k}]`, watch);
      checkPoints(statement, points[k], `points[${k}]`);
    });
    return { claim, network: net, statements, lemmas: proved, claimSha256: sha256(JSON.stringify(claim)), networkSha256: sha256(JSON.stringify(network)) };
  }
  return { check, parse, readNetwork, readClaim, sha256, rational, plus, below, evaluate, networkValues, statementValues, falseAt, offLattice, holds, active };
})(typeof module === "object" ? require("./rules.js") : Rules);
if (typeof module === "object") module.exports = Checker;
