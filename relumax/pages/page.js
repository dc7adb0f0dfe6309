// The page: checks its certificate, shows what it says, and computes it at the inputs that are typed or dragged.
"use strict";
const Page = ((C, R) => {
  const MOST_FIELDS = 64, MOST_INDICES = 512, LOW = -8, HIGH = 8, STEP = 0.5;
  const find = (id) => document.getElementById(id);
  const original = find("certificate").textContent;
  const state = { network: null, statements: [], inputs: [], marks: [], values: [], draw: () => {}, fields: [] };

  function element(name, attributes, parent, text = "") {
    const found = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    found.textContent = text;
    parent.append(found);
    return found;
  }

  // ------------------------------------------------------------------ the check
  function verify(text) {
    const watch = new Proof.Watch(), badge = find("verdict"), start = performance.now();
    let theorem = null, problem = null;
    try { theorem = C.check(text, watch); } catch (found) { problem = found; }
    const time = Math.max(1, Math.round(performance.now() - start)), steps = watch.steps;
    badge.className = `badge ${theorem ? "good" : "bad"}`;
    find("sentence").parentElement.classList.toggle("claimed", !theorem);
    badge.textContent = theorem ? `✓ proved: ${steps} steps replayed in this page in ${time} ms` : `✗ no theorem: ${problem.kind || "error"}: ${problem.message}`;
    const parsed = JSON.parse(text);
    hash("network", C.sha256(JSON.stringify(parsed.network)));
    hash("claim", C.sha256(JSON.stringify(parsed.claim)));
    if (!theorem) R.refuel(1e9);
    try {
      state.network = theorem ? theorem.network : C.readNetwork(parsed.network);
      state.statements = theorem ? theorem.statements : C.readClaim(parsed.claim, state.network);
    } catch (found) { return parsed; } // then what is shown stays what it was
    state.raw = parsed;
    state.names = variableNames(parsed, state.statements[0]);
    const sentences = Sentence.of(parsed.claim);
    find("sentence").innerHTML = sentences.map((one) => `<div class="statement">${one.html}</div>`).join("");
    state.marks = [];
    state.values = state.statements.map(() => null);
    if (theorem) Proof.show(find("proof"), theorem, watch, state.statements.map((statement, k) => view(statement, k)), state.marks);
    else find("proof").innerHTML = `<p class="no"></p>`;
    if (!theorem) find("proof").firstChild.textContent = `The proof does not go through: ${problem.message}`;
    return parsed;
  }
  function hash(word, here) {
    const cell = find(`${word}-here`), matches = here === find(`${word}-said`).textContent;
    cell.textContent = here;
    cell.className = matches ? "match" : "differs";
    element("span", {}, cell, matches ? " ✓ the same" : " ✗ not the same: this is another " + word);
  }

  // ------------------------------------------------------------------ names of variables
  function variableNames(parsed, statement) {
    const names = [], { inputs, units } = state.network;
    for (const [name, one] of statement.names) {
      if (one.kind === "in" || one.kind === "out") for (let i = 0; i < one.length; i++) names[one.base + one.stride * i] = one.length === 1 ? name : `${name}[${i}]`;
    }
    let v = inputs;
    parsed.network.layers.forEach((layer, l) => layer.rows.forEach((_, j) => { names[v++] = `h${l + 1}.${j}`; }));
    return names;
  }
  function view(statement, k) {
    const names = [...state.names], units = new Map(state.network.units.map((unit, j) => [state.network.inputs + j, unit]));
    for (const [name, one] of statement.names) {
      if (one.kind === "index") names[one.base] = name;
      if (one.kind === "value") for (let i = 0; i < (one.length || 1); i++) names[one.base + i] = one.length === null ? name : `${name}[${i}]`;
    }
    for (const [name, { v }] of statement.reads) names[v] = name;
    for (const { kind, v, data } of statement.definitions) if (kind === "relu" || kind === "step") units.set(v, [kind === "relu" ? R.RELU : R.STEP, data]);
    return { name: (v) => names[v] || `v<sub>${v}</sub>`, env: () => state.values[k], units };
  }

  // ------------------------------------------------------------------ inputs
  const wrong = (name, text) => `${name}: ${Fractions.isLong(text) ? Fractions.LIMIT : "a number such as 3, -1/3, 0.25 or 1e-9 is expected"}`;
  function buildInputs() {
    const { inputs } = state.network, place = find("inputs");
    if (inputs > MOST_FIELDS) {
      element("label", { for: "all" }, place, `${inputs} numbers, with commas between them`);
      const area = element("textarea", { id: "all", spellcheck: "false" }, place);
      area.addEventListener("input", compute);
    }
    for (let v = 0; v < inputs && inputs <= MOST_FIELDS; v++) {
      const row = element("div", { class: "input" }, place), name = state.names[v];
      element("label", { for: `in-${v}` }, row, name);
      const text = element("input", { type: "text", id: `in-${v}`, autocomplete: "off", spellcheck: "false", "aria-describedby": "problem" }, row);
      const slider = element("input", { type: "range", min: LOW, max: HIGH, step: STEP, "aria-label": `drag ${name}` }, row);
      text.addEventListener("input", () => {
        const value = Fractions.read(text.value);
        if (value) slider.value = Fractions.rounded(value, LOW, HIGH);
        compute();
      });
      slider.addEventListener("input", () => {
        text.value = Fractions.typed(C.rational(Math.round(slider.value * 2), 2));
        compute();
      });
      state.fields.push({ row, text, slider });
    }
    element("p", { class: "problem", id: "problem", role: "status" }, place);
    const tool = (label, act) => element("button", { type: "button" }, find("tools"), label).addEventListener("click", act);
    if (chooser()) tool(chooser().least ? "Tie the least two" : "Tie the largest two", tie);
    tool("Random", () => write(state.inputs.map(() => C.rational(Math.floor(Math.random() * 49) - 24, [1, 2, 3][Math.floor(Math.random() * 3)]))));
    state.raw.points.flat().slice(0, 4).forEach((point, k) => tool(`Point ${k + 1} of the file`, () => write(fromPoint(point))));
  }
  const exact = (x) => (typeof x === "string" ? BigInt(x) : x);
  const fromPoint = ({ inputs: [den, ...rest] }) => rest.map((x) => C.rational(exact(x), exact(den)));
  function write(values) {
    if (!state.fields.length) find("all").value = values.map(Fractions.typed).join(", ");
    state.fields.forEach(({ text, slider }, v) => {
      text.value = Fractions.typed(values[v]);
      slider.value = Fractions.rounded(values[v], LOW, HIGH);
    });
    compute();
  }
  function readInputs() { // null if one is no number, which is then said
    const texts = state.fields.length ? state.fields.map(({ text }) => text.value) : find("all").value.split(","), { inputs } = state.network;
    const values = texts.map(Fractions.read), bad = values.findIndex((one) => one === null), short = texts.length !== inputs;
    state.fields.forEach(({ text }, v) => text.setAttribute("aria-invalid", values[v] === null));
    if (!state.fields.length) find("all").setAttribute("aria-invalid", short || bad >= 0);
    find("problem").textContent = short ? `${inputs} numbers are expected, not ${texts.length}` : bad >= 0 ? wrong(state.names[bad], texts[bad]) : "";
    return short || bad >= 0 ? null : values;
  }
  // What is chosen from: the array of a winner, of a maximum or a minimum, if each of its elements is an input or a
  // multiple of one; {k: the statement, variables, inputs: of each its input, least: whether the least one wins}, or null.
  function chooser() {
    const { inputs } = state.network, all = [...state.raw.claim.statements.entries()];
    const chooses = ([, { requires }]) => requires.some((r) => r.winner !== undefined);
    for (const [k, { define, requires }] of [...all.filter(chooses), ...all.filter((one) => !chooses(one))]) {
      const { names, definitions } = state.statements[k], most = define.find((d) => d.kind === "max" || d.kind === "min") || {};
      const { of } = requires.find((r) => r.winner !== undefined) || most, found = names.get(of);
      if (!found) continue;
      const variables = Array.from({ length: found.length }, (_, i) => found.base + found.stride * i);
      const origins = variables.map((v) => {
        const { data = [] } = definitions.find((d) => d.v === v && d.kind === "form") || {};
        return v < inputs ? v : data.length === 4 ? data[2] : inputs;
      });
      if (origins.every((v) => v < inputs)) return { k, variables, inputs: origins, least: of === most.of && most.kind === "min" };
    }
    return null;
  }
  function ranked({ k, variables, least }) { // the places of its elements, the one that wins first
    const at = (place) => state.values[k][variables[place]];
    const order = (a, b) => (same(at(a), at(b)) ? a - b : C.below(at(a), at(b)) !== least ? 1 : -1);
    return variables.map((_, place) => place).sort(order);
  }
  const same = (a, b) => a[0] === b[0] && a[1] === b[1];
  function tie() {
    const chosen = chooser();
    if (!readInputs() || chosen.variables.length < 2) return;
    const [first, second] = ranked(chosen).map((place) => chosen.inputs[place]);
    write(state.inputs.map((one, v) => (v === second ? state.inputs[first] : one)));
  }

  // ------------------------------------------------------------------ what holds at the inputs
  function compute() {
    const inputs = readInputs();
    find("outputs").textContent = find("promise").textContent = "";
    if (!inputs) return blank();
    state.inputs = inputs;
    try {
      R.refuel(1e9);
      const values = C.networkValues(state.network, inputs);
      const cases = state.statements.map((statement, k) => promise(statement, k, values));
      show(values, cases);
    } catch (problem) {
      if (!problem.kind) throw problem;
      find("problem").textContent = `${problem.message}: no value here may have more than ${R.MAX_POINT_BITS} bits`;
      blank();
    }
  }
  function blank() {
    state.values = state.statements.map(() => null);
    state.marks.forEach((mark) => mark());
    output("outputs", "—", false);
  }
  function promise(statement, k, values) { // the index values at which all that is required holds, and whether the rest does
    const sizes = statement.indices.map(({ n }) => n), total = sizes.reduce((a, b) => a * b, 1), met = [], broken = [];
    const first = C.statementValues(statement, values, sizes.map(() => 0));
    state.values[k] = first;
    for (let j = 0; j < Math.min(total, MOST_INDICES); j++) {
      let rest = j;
      const at = sizes.map((n) => { const w = rest % n; rest = (rest - w) / n; return w; });
      const here = j ? C.statementValues(statement, values, at) : first;
      if (C.falseAt(statement.requires, here) >= 0 || C.offLattice(statement, here)) continue;
      if (!met.length) state.values[k] = here;
      met.push(at);
      if (C.falseAt(statement.ensures, here) >= 0) broken.push(at);
    }
    return { met, broken, all: total <= MOST_INDICES };
  }
  function output(name, value, minor) {
    const row = element("div", { class: `output${minor ? " minor" : ""}` }, find("outputs"));
    element("span", { class: "name" }, row, name);
    element("output", { class: "value" }, row, value);
  }
  function show(values, cases) {
    const { inputs, units } = state.network;
    state.network.outputs.forEach((_, j) => output(state.names[inputs + units.length + j], Fractions.written(values[inputs + units.length + j]), false));
    for (const [k, { define }] of state.raw.claim.statements.slice(0, 1).entries()) {
      for (const { kind, name, of } of define) {
        if (kind === "max" || kind === "min") output(`${kind}(${of})`, Fractions.written(state.values[k][state.statements[k].names.get(name).base]), true);
      }
    }
    cases.forEach(({ met, broken, all }, k) => {
      const of = cases.length > 1 ? `Statement ${k}: ` : "", { indices, requires } = state.statements[k];
      const at = (list) => indices.map(({ name }, j) => `${name} = ${list[j]}`).join(", ");
      const where = met.length && indices.length ? ` at ${met.slice(0, 4).map(at).join("; ")}${met.length > 4 ? "; …" : ""}` : "";
      const [sign, said] = broken.length ? ["no", `✗ ${of}what is required holds${where}, but what is claimed does not.`]
        : met.length ? ["yes", `✓ ${of}${requires.length ? `what is required holds${where}, and ` : ""}what is claimed holds here.`]
        : ["", `${of}what is required does not hold here${all ? "" : " (at the first indices)"}: the theorem says nothing.`];
      element("p", { class: sign }, find("promise"), said);
    });
    const winners = winning();
    state.fields.forEach(({ row }, v) => row.classList.toggle("wins", winners.includes(v)));
    state.draw(values, winners);
    state.marks.forEach((mark) => mark());
    if (find("all-values").open) table(values);
    state.latest = values;
  }
  function winning() { // the inputs that win
    const chosen = chooser();
    if (!chosen) return [];
    const values = chosen.variables.map((v) => state.values[chosen.k][v]), [best] = ranked(chosen);
    return chosen.inputs.filter((_, place) => same(values[place], values[best]));
  }
  function table(values) {
    const { inputs, units } = state.network, name = (v) => state.names[v];
    const rows = units.map(([kind, t], k) => `<tr><th scope="row" class="name">${name(inputs + k)}</th><td class="fact">${kind === R.RELU ? "relu" : "step"}(${Proof.form(t, name)})</td><td class="fact">${Fractions.written(values[inputs + k])}</td></tr>`);
    find("values").innerHTML = `<table><thead><tr><th scope="col">unit</th><th scope="col">is</th><th scope="col">here</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
  }

  // ------------------------------------------------------------------ another network: one weight changed
  function spoil() {
    const parsed = JSON.parse(original), { layers, output: last } = parsed.network;
    const rows = [...layers.map((layer, l) => [`layer ${l + 1}`, layer]), ["the output", last]]
      .flatMap(([where, layer]) => layer.rows.map((one, j) => [`${where}, row ${j}`, one, exact(layer.den)]));
    const [place, row, den] = rows.find(([, one]) => one.length > 1) || rows[0], k = row.length > 1 ? 2 : 0; // a constant has only biases
    const old = exact(row[k]), more = BigInt(old) === -1n ? 1n : BigInt(old) + 1n, value = (c) => Fractions.written(C.rational(c, den));
    row[k] = Number.isSafeInteger(Number(more)) ? Number(more) : String(more);
    find("spoiled").textContent = `${place}: the ${k ? "first weight" : "bias"} was ${value(old)}, now it is ${value(exact(row[k]))}. Everything on this page is now about that other network.`;
    again(JSON.stringify(parsed), true);
  }
  function again(text, other) {
    find("spoil").disabled = other;
    find("restore").disabled = !other;
    verify(text);
    draw();
    compute();
  }
  function draw() {
    const { inputs, outputs } = state.network;
    state.draw = Drawing.draw(find("drawing"), state.network, [inputs, ...state.raw.network.layers.map((layer) => layer.rows.length), outputs.length], state.names);
  }
  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([original], { type: "application/json" }));
    link.download = `${document.title.replace(/[^a-z0-9-]+/gi, "-")}.json`;
    link.click();
  }

  // Where the page opens: the first inputs at which most statements say something, and which are not all alike.
  function opening() {
    const { inputs } = state.network, ahead = { 1: 2, 3: -2 }, { inputs: keys = [] } = chooser() || {}; // no tie of the largest or the least
    const spread = Array.from({ length: inputs }, (_, i) => (i * 5 + 3) % 9 - 3 + (ahead[i] || 0));
    const candidates = [spread.map((x) => C.rational(x, 1)), spread.map((x) => C.rational(x + 5, 2)),
      spread.map((x, i) => (keys.includes(i) ? C.rational(x, 1) : C.rational((i + 2 * keys.length) % 3, 2))), ...state.raw.points.flat().slice(0, 4).map(fromPoint)];
    const telling = candidates.map((one) => {
      try {
        R.refuel(1e9);
        const values = C.networkValues(state.network, one), met = state.statements.filter((s, k) => promise(s, k, values).met.length);
        return 2 * met.length + one.some((x) => !same(x, one[0]));
      } catch (problem) {
        if (!problem.kind) throw problem;
        return -1;
      }
    });
    return candidates[telling.indexOf(Math.max(...telling))];
  }

  verify(original);
  if (!state.network) return null;
  buildInputs();
  draw();
  write(opening());
  find("all-values").addEventListener("toggle", () => state.latest && table(state.latest));
  find("spoil").addEventListener("click", spoil);
  find("restore").addEventListener("click", () => { find("spoiled").textContent = ""; again(original, false); });
  find("save").addEventListener("click", save);
  return { state, compute };
})(Checker, Rules);
