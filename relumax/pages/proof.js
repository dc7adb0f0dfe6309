// Proofs to read: what the checker did, as a tree, and the tree as nested <details>, each filled when it is opened.
"use strict";
const Proof = ((R) => {
  // ------------------------------------------------------------------ what the checker did: a `watch` for Checker.check
  class Watch {
    constructor() { Object.assign(this, { trees: new Map(), steps: 0, lists: [] }); }
    step(depth, rule, operands, context, before, place) {
      this.steps++;
      if (place.endsWith("[0]")) {
        this.lists = [[]];
        this.trees.set(place.slice(0, -3), { steps: this.lists[0], given: context.facts.slice(0, before), goals: context.goals });
      }
      const node = { rule, operands, place, first: before, added: context.facts.slice(before), used: this.used(rule, operands, context), branches: [], v: context.variables };
      this.lists.length = depth + 1;
      this.lists[depth].push(node);
    }
    used(rule, operands, context) { // the facts that a step names, as [number, fact, multiplier]
      const fact = (k, m) => [k, context.fact(k, ""), m];
      if (rule === "LEAF" || rule === "COMBINE") return operands.slice(1).flatMap((k, j, all) => (j % 2 ? [] : [fact(k, all[j + 1])]));
      if (rule === "SPLIT" || rule === "ELIM") return [fact(operands[0])];
      if (rule === "MERGE") return [fact(operands[0]), fact(operands[1])];
      if (rule === "INSTANCE") {
        const n = operands[1];
        return operands.slice(3 + n).map((k) => fact(k)).concat(
          operands.slice(2, 2 + n).flatMap((one) => (Number.isInteger(one) && one < 0 ? [fact(-1 - one)] : [])));
      }
      return [];
    }
    branch(depth, k, of, context, first) {
      const parent = this.lists[depth - 1][this.lists[depth - 1].length - 1], steps = [];
      parent.branches.push({ k, of, first, facts: context.facts.slice(first), steps });
      this.lists.length = depth;
      this.lists.push(steps);
    }
    kept(depth, context, fact) {
      const node = this.lists[depth][this.lists[depth].length - 1];
      Object.assign(node, { kept: fact, first: context.facts.length - 1 });
    }
  }

  // ------------------------------------------------------------------ how facts read; `name` gives a variable's name
  const RELATIONS = ["=", "≤", "<"];
  function sum(constant, list, name) {
    const parts = [];
    for (let k = 2; k < list.length; k += 2) parts.push([list[k + 1], name(list[k])]);
    if (constant || !parts.length) parts.push([constant, ""]);
    return parts.map(([c, what], k) => {
      const size = c < 0 ? -c : c, sign = c < 0 ? (k ? " − " : "−") : k ? " + " : "";
      return `${sign}${what && size === 1 ? "" : `${size}${what && " "}`}${what}`;
    }).join("");
  }
  const form = (t, name) => (t[0] === 1 ? sum(t[1], t, name) : `(${sum(t[1], t, name)})/${t[0]}`);
  const atom = (one, name) => { // positive terms left, negative ones right
    const left = [0, 0], right = [0, 0];
    for (let k = 2; k < one.length; k += 2) (one[k + 1] > 0 ? left : right).push(one[k], one[k + 1] > 0 ? one[k + 1] : -one[k + 1]);
    return `${sum(one[1] > 0 ? one[1] : 0, left, name)} ${RELATIONS[one[0]].replace("<", "&lt;")} ${sum(one[1] < 0 ? -one[1] : 0, right, name)}`;
  };
  function fact(one, name, units) {
    if (typeof one === "number") {
      const [kind, t] = units.get(one) || [];
      return t ? `${name(one)} = ${kind === R.RELU ? "relu" : "step"}(${form(t, name)})` : `the clause of ${name(one)}`;
    }
    if (one.of) return `${form(one.head, name)} = max(${one.of.map((t) => form(t, name)).join(", ")})`;
    if (!one.any) return atom(one, name);
    const branches = one.any.map((branch) => branch.map((a) => atom(a, name)).join(" and "));
    return branches.map((b, k) => (one.any.length > 1 && one.any[k].length > 1 ? `(${b})` : b)).join(" or ");
  }
  const shown = (html) => html.length > 1200 ? `<span class="fact long" tabindex="0">${html}</span>` : `<span class="fact">${html}</span>`;
  const numbered = (k, html) => `<span class="place">${k}</span> ${shown(html)}`;
  function farkas(node, name) {
    const rows = node.used.map(([k, one, m]) => `<tr><td class="multiplier">${String(m).replace("-", "−")} ×</td><td class="fact">${atom(one, name)}</td><td class="place">fact ${k}</td></tr>`);
    if (node.rule === "COMBINE") return `<table class="farkas">${rows.join("")}<tr><td class="multiplier">sum</td><td class="fact">${fact(node.added[0], name)}</td><td></td></tr></table>`;
    let constant = 0;
    for (const [, one, m] of node.used) constant = R.add(constant, R.mul(typeof m === "string" ? BigInt(m) : m, one[1]));
    const relation = Math.max(...node.used.map(([, one]) => one[0]));
    return `<table class="farkas">${rows.join("")}<tr><td class="multiplier">sum</td><td class="fact">${constant} ${RELATIONS[relation].replace("<", "&lt;")} 0</td><td class="no">false</td></tr></table>`;
  }

  // ------------------------------------------------------------------ the tree as <details>
  // `view`: {name, env, trees, lemmas, marks, units}; env() has the values of the context's variables at the inputs, or
  // null; marks collects functions that mark the case which holds there.
  function details(summary, fill, parent) {
    const found = document.createElement("details"), head = document.createElement("summary"), body = document.createElement("div");
    head.innerHTML = summary;
    body.className = "body";
    found.append(head, body);
    found.addEventListener("toggle", () => { if (found.open && !body.hasChildNodes()) fill(body); }, { passive: true });
    parent.append(found);
    return found;
  }
  function line(html, parent) {
    const found = document.createElement("div");
    found.className = "step";
    found.innerHTML = html;
    parent.append(found);
  }
  function steps(list, parent, view) {
    for (const node of list) view = step(node, parent, view);
  }
  const SAID = { SPLIT: "by cases", GOAL: "suppose a goal false", HAVE: "first show" };
  function step(node, parent, view) { // shows a step; returns the view after it
    const { name } = view, label = (more) => `<span class="rule">${node.rule}</span> ${more}`, place = `<span class="place">${node.place}</span>`;
    if (node.rule === "LEAF") line(label(`a contradiction ${place}`) + farkas(node, name), parent);
    else if (node.rule === "COMBINE") details(label(numbered(node.first, fact(node.added[0], name)) + place), (body) => { body.innerHTML = farkas(node, name); }, parent);
    else if (node.rule === "INSTANCE") instance(node, parent, view, label, place);
    else if (!(node.rule in SAID)) {
      const from = node.used.length ? ` from ${node.used.map(([k]) => `fact ${k}`).join(" and ")}` : node.rule === "PICK" ? ` requirement ${node.operands[0]} at i = ${node.operands[1]}` : "";
      if (node.rule === "DEFINE") view = defined(node, view);
      line(label(`${node.added.map((one, k) => numbered(node.first + k, fact(one, view.name, view.units))).join("<br>")}<span class="place">${from}</span>${place}`), parent);
    } else {
      const what = node.rule === "SPLIT" ? numbered(node.used[0][0], fact(node.used[0][1], name)) : node.rule === "HAVE" ? shown(fact(node.kept, name)) : "";
      const open = (body) => node.branches.forEach((branch) => cases(node, branch, body, view));
      const found = details(label(`${SAID[node.rule]} ${what}${place}`), open, parent);
      if (node.rule === "GOAL") found.open = true;
      if (node.rule === "HAVE") line(numbered(node.first, fact(node.kept, name)), parent);
    }
    return view;
  }
  function cases(node, branch, body, view) {
    const facts = branch.facts.map((one, k) => numbered(branch.first + k, fact(one, view.name, view.units))).join(" and ");
    if (node.rule === "HAVE") return steps(branch.steps, body, view);
    const word = node.rule === "GOAL" ? (branch.of > 1 ? `goal ${branch.k}, suppose` : "suppose") : `case ${branch.k}`;
    const found = details(`${word} ${facts}`, (inner) => steps(branch.steps, inner, view), body);
    if (node.rule === "GOAL" && branch.of === 1) found.open = true;
    if (node.rule === "SPLIT") {
      const mark = () => {
        const values = view.env && view.env();
        found.classList.toggle("here", Boolean(values) && branch.facts.every((one) => Checker.holds(one, values)));
      };
      view.marks.push(mark);
      mark();
    }
  }
  function defined(node, view) { // a new variable: its value comes from its form, or forms
    const v = node.v - 1, [one] = node.added, old = view.env;
    const at = (values) => {
      const value = (t) => Checker.evaluate(t, t[0], values);
      if (node.operands[0] === 2) return one.of.map(value).reduce((a, b) => (Checker.below(a, b) ? b : a));
      return Checker.active(node.operands[0], value(node.operands[1].map((x) => (typeof x === "string" ? BigInt(x) : x))));
    };
    const env = old && (() => { const values = old(); return values && Object.assign([...values], { [v]: at(values) }); });
    const t = node.operands[0] < 2 ? node.operands[1].map((x) => (typeof x === "string" ? BigInt(x) : x)) : null;
    return { ...view, env, units: t ? new Map(view.units).set(v, [node.operands[0], t]) : view.units };
  }
  function instance(node, parent, view, label, place) {
    const [l, n, ...rest] = node.operands, lemma = view.lemmas[l];
    const forms = rest.slice(0, lemma.vars).map((one) => {
      if (Array.isArray(one) && one.length === 1) return view.units.get(one[0])[1];
      if (Array.isArray(one)) return one.map((x) => (typeof x === "string" ? BigInt(x) : x));
      return one < 0 ? node.used.find(([k]) => k === -1 - one)[1].head : R.variable(one);
    });
    let v = 0;
    lemma.units.forEach((_, k) => { v = lemma.vars + k < n ? rest[lemma.vars + k] : v + 1; forms.push(R.variable(v)); });
    const gives = node.added.map((one, k) => numbered(node.first + k, fact(one, view.name))).join(", ");
    const found = details(label(`lemma ${l} gives ${gives}${place}<span class="now"></span>`), (body) => {
      const given = rest.slice(n + 1);
      line(forms.map((t, k) => shown(`${lemmaName(k)} := ${form(t, view.name)}`)).join("; ") + (given.length ? `<span class="place">given facts ${given.join(", ")}</span>` : ""), body);
      const env = view.env && (() => { const values = view.env(); return values && forms.map((t) => Checker.evaluate(t, t[0], values)); });
      lemmaProof(l, body, { ...view, env });
    }, parent);
    const mark = () => { // the case of its units that holds at the inputs
      const values = view.env && view.env(), on = (t) => (values[t[2]][0] > 0 ? "on" : "off");
      found.querySelector(".now").innerHTML = values && lemma.units.length ? `here ${forms.slice(lemma.vars).map((t) => `${view.name(t[2])} ${on(t)}`).join(", ")}` : "";
    };
    view.marks.push(mark);
    mark();
  }
  const lemmaName = (v) => `v<sub>${v}</sub>`;
  function lemmaProof(l, parent, view) {
    const { steps: list, given } = view.trees.get(`lemmas[${l}].proof`), units = new Map(view.lemmas[l].units.map((unit, k) => [view.lemmas[l].vars + k, unit]));
    const own = { ...view, name: lemmaName, units };
    if (given.length) line(given.map((one, k) => numbered(k, fact(typeof one === "number" || k < units.size ? view.lemmas[l].vars + k : one, lemmaName, units))).join("<br>"), parent);
    steps(list, parent, own);
  }
  // `views`: for each statement {name, env, units}
  function show(parent, theorem, watch, views, marks) {
    parent.textContent = "";
    const shared = { trees: watch.trees, lemmas: theorem.lemmas, marks }, { inputs, units } = theorem.network;
    theorem.lemmas.forEach((lemma, l) => {
      const said = lemma.then.map((one) => fact(one, lemmaName)).join("; "), given = lemma.given.length ? `${lemma.given.map((one) => fact(one, lemmaName)).join("; ")} ⇒ ` : "";
      details(`<strong>Lemma ${l}</strong> ${shown(given + said)}`, (body) => lemmaProof(l, body, { ...shared, env: null }), parent);
    });
    views.forEach((view, k) => {
      const { steps: list, given } = watch.trees.get(`proofs[${k}]`), name = views.length > 1 ? `Statement ${k}` : "The statement";
      const found = details(`<strong>${name}</strong>`, (body) => {
        details(`${given.length} facts from the network and the claim`, (inner) => given.forEach((one, j) => line(
          numbered(j, fact(j < units.length ? inputs + j : one, view.name, view.units)), inner)), body);
        steps(list, body, { ...shared, ...view });
      }, parent);
      if (k === 0 && list.length < 60) found.open = true;
    });
  }
  return { Watch, show, fact, form };
})(typeof module === "object" ? require("./rules.js") : Rules);
if (typeof module === "object") module.exports = Proof;
