// What a claim says, as a sentence: the kernel's own words (the tests compare them), and the same with MathML in it.
//
//   Sentence.of(claim)  ->  [{text, html}, ...], one for each statement of a claim that checker.js has accepted
"use strict";
const Sentence = (() => {
  const escaped = (s) => s.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  // A piece has its text and its MathML; words are pieces outside of formulas, whose MathML is null.
  const words = (text) => ({ text, ml: null });
  const piece = (text, ml) => ({ text, ml });
  const mi = (name) => `<mi>${name}</mi>`;
  const mo = (sign) => `<mo>${sign}</mo>`;
  const mn = (number) => `<mn>${number}</mn>`;
  const row = (ml) => `<mrow>${ml}</mrow>`;
  const low = (sign) => `<mo stretchy="false">${sign}</mo>`; // as high as letters
  function call(f, ml) {
    const high = ml.includes("<mfrac") ? mo : low;
    return row(`${mi(f)}${mo("&#x2061;")}${high("(")}${ml}${high(")")}`);
  }
  const sub = (name, at) => `<msub>${mi(name)}${/^[0-9]+$/.test(at) ? mn(at) : mi(at)}</msub>`;
  const named = (name, ml) => piece(name, ml || name.replace(/^([^[]*)\[(.*)\]$/, (_, a, i) => sub(a, i)).replace(/^[^<].*$/, mi));
  const over = (p, q) => (String(q) === "1" ? piece(`${p}`, mn(p)) : piece(`${p}/${q}`, `<mfrac>${mn(p)}${mn(q)}</mfrac>`));
  const SIGNS = { "=": "=", "<=": "&#x2264;", "<": "&lt;" };
  const flat = (pieces) => pieces.flat(Infinity);
  const joined = (lists, between) => lists.flatMap((one, k) => (k ? [words(between), one] : [one]));
  const text = (pieces) => flat(pieces).map((one) => one.text).join("");
  function html(pieces) { // neighbouring formulas are one
    let found = "", math = "";
    const close = () => { if (math) found += `<math>${row(math)}</math>`; math = ""; };
    for (const one of flat(pieces)) {
      if (one.ml === null) close();
      if (one.ml === null) found += escaped(one.text);
      else math += one.ml;
    }
    close();
    return found;
  }

  function sum(constant, pairs) { // 2 x - y + 1
    const parts = pairs.map(([c, name]) => {
      const size = c < 0n ? -c : c;
      return [c, size === 1n ? named(name.text, name.ml) : piece(`${size} ${name.text}`, `${mn(size)}${mo("&#x2062;")}${named(name.text, name.ml).ml}`)];
    });
    if (constant || !parts.length) parts.push([constant, piece(`${constant < 0n ? -constant : constant}`, mn(constant < 0n ? -constant : constant))]);
    let said = "", ml = "";
    parts.forEach(([c, one], k) => {
      said += k ? (c < 0n ? " - " : " + ") + one.text : (c < 0n ? "-" : "") + one.text;
      ml += (k || c < 0n ? mo(c < 0n ? "&#x2212;" : "+") : "") + one.ml;
    });
    return piece(said, row(ml));
  }
  const pairsOf = (list, short) => list.flatMap((c, k) => (k % 2 ? [] : [[BigInt(c), short.get(list[k + 1]) || piece(list[k + 1], null)]]));
  function atom([relation, constant, ...terms], short) {
    const pairs = pairsOf(terms, short), fixed = BigInt(constant), side = (sign) => sum(
      sign * fixed > 0n ? sign * fixed : 0n, pairs.filter(([c]) => sign * c > 0n).map(([c, name]) => [sign * c, name]));
    const [left, right] = [side(1n), side(-1n)];
    return piece(`${left.text} ${relation} ${right.text}`, `${left.ml}${mo(SIGNS[relation])}${right.ml}`);
  }
  function form([den, constant, ...terms], short) {
    const said = sum(BigInt(constant), pairsOf(terms, short));
    return String(den) === "1" ? said : piece(`(${said.text})/${den}`, `<mfrac>${said.ml}${mn(den)}</mfrac>`);
  }
  function clause(one, short) {
    let branches = one.any.map((branch) => joined(branch.map((a) => atom(a, short)), " and "));
    const several = (list) => list.length > 1;
    if (several(branches)) branches = branches.map((b) => (several(b) ? [words("("), b, words(")")] : b));
    const said = joined(branches, " or ");
    if (one.each === null) return said;
    const [word, w] = one.where || ["", ""], within = several(one.any) || several(one.any[0]) ? [words("("), said, words(")")] : said;
    const guard = { "": "", before: " before ", after: " after ", except: " other than " }[word];
    return [within, words(" for each "), piece(`i < ${one.each}`, mi("i") + mo("&lt;") + mn(one.each)), words(guard), w ? named(w) : []];
  }
  function condition([word, ...ratio]) {
    if (word === "<" || word === "<=") return [words(word === "<" ? "below it" : "at most equal to it")];
    return [words(`${word === "tie" ? "equal to it or " : ""}at least `), over(...ratio), words(" below it")];
  }
  function winner(r) {
    const both = `${r.before}|${r.after}`;
    let says = [words("every earlier one "), condition(r.before), words(", every later one "), condition(r.after)];
    if (String(r.before) === String(r.after)) says = [words("every other "), condition(r.before)];
    else if (both === "<|<=") says = [words("the first of the largest")];
    else if (both === "<=|<") says = [words("the last of the largest")];
    const lattice = r.lattice === null ? [] : [words("all "), named(`${r.of}[i]`), words(" are integer multiples of "), over(...r.lattice), words(" and ")];
    return [lattice, named(`${r.of}[${r.winner}]`), words(" is the winner of "), named(r.of), words(" ("), says, words(")")];
  }
  function places(arrays, word) {
    if (arrays.length === 1 && arrays[0].stride === 1) return [""];
    return arrays.map(({ base, stride, length }) => {
      const last = base + stride * (length - 1), by = stride > 1 ? ` by ${stride}` : "";
      return base === last ? `${word} ${base}` : `${word}s ${base} to ${last}${by}`;
    });
  }
  const space = (name, n) => [named(name), words(" in "), piece(`R^${n}`, `<msup><mi mathvariant="normal">&#x211D;</mi>${mn(n)}</msup>`)];
  function outputs(arrays) {
    const where = places(arrays, "output");
    if (where[0]) return arrays.map((a, k) => [named(a.name), words(` is ${where[k]}`)]);
    const [{ name, length }] = arrays;
    if (name === "y" && length === 1) return [];
    return [[length === 1 ? named(name) : space(name, length), words(" is the output")]];
  }
  function definition(d, short) {
    const is = [named(d.name), piece(" = ", mo("="))];
    if (d.kind === "list") return [is, piece("(", low("(")), d.forms.flatMap((f, k) => (k ? [words(", "), form(f, short)] : [form(f, short)])), piece(")", low(")"))];
    let said = form(d.form, short);
    if (d.kind !== "form") said = piece(`${d.kind}(${said.text})`, call(d.kind, said.ml));
    if (d.length === null) return [is, said];
    return [named(`${d.name}[i]`), is[1], said, words(" for each "), piece(`i < ${d.length}`, mi("i") + mo("&lt;") + mn(d.length))];
  }
  function statement(arrays, one) {
    const short = new Map(), side = (of) => arrays.filter((a) => a.of === of);
    arrays.forEach((a) => a.length === 1 && short.set(`${a.name}[0]`, piece(a.name, mi(a.name))));
    one.define.forEach((d) => (d.kind === "max" || d.kind === "min") && short.set(d.name, piece(`${d.kind}(${d.of})`, call(d.kind, mi(d.of)))));
    const where = places(side("in"), "input");
    const head = [words("for all "), joined(side("in").map((a, k) => [space(a.name, a.length), words(where[k] && ` (${where[k]})`)]), " and ")];
    if (one.index.length) head.push(words(" and every index "), joined(one.index.map(([w, n]) => piece(`${w} < ${n}`, mi(w) + mo("&lt;") + mn(n))), ", "));
    const winners = one.requires.filter((r) => r.winner !== undefined), others = one.requires.filter((r) => r.winner === undefined);
    let promises = [...winners.map(winner), ...others.map((r) => clause(r, short))];
    if (promises.length > 1) promises = promises.map((p) => (/ (and|or|for) /.test(text([p])) ? [words("("), p, words(")")] : p));
    if (promises.length) head.push(words(" such that "), joined(promises, " and "));
    const rest = one.define.filter((d) => !short.has(d.name)).map((d) => definition(d, short));
    if (one.define.some((d) => d.kind === "step")) rest.push([piece("step(0) = 1", call("step", mn(0)) + mo("=") + mn(1))]);
    rest.push(...outputs(side("out")));
    const body = joined(one.ensures.map((e) => clause(e, short)), "; "), tail = rest.length ? [words(", where "), joined(rest, ", ")] : [];
    return {
      text: text([head, words(": "), body, tail]),
      html: `<span class="given">${html(head)}:</span><span class="says">${html(body)}</span>${tail.length ? `<span class="given">${html([words("where "), tail.slice(1)])}</span>` : ""}`,
    };
  }
  return { of: (claim) => claim.statements.map((one) => statement(claim.arrays, one)) };
})();
if (typeof module === "object") module.exports = Sentence;
