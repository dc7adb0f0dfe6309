// The network as layers of dots, in SVG: which units are on at an input, and the way from the winner to the output.
"use strict";
const Drawing = (() => {
  const MOST_NODES = 2500, MOST_EDGES = 8000, NS = "http://www.w3.org/2000/svg";
  function element(name, attributes, parent) {
    const found = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    parent.append(found);
    return found;
  }
  // `widths`: how many inputs, units of each layer, outputs; `names`: of all variables, in the same order.
  function draw(figure, network, widths, names) {
    const nodes = widths.reduce((a, b) => a + b, 0), targets = [...network.units.map(([, t]) => t), ...network.outputs];
    const edges = targets.flatMap((t, k) => t.filter((_, j) => j > 1 && j % 2 === 0).map((v) => [v, network.inputs + k]));
    figure.textContent = "";
    if (nodes > MOST_NODES || edges.length > MOST_EDGES) {
      figure.innerHTML = `<figcaption>${nodes} dots and ${edges.length} lines are too many to draw; the values are below.</figcaption>`;
      return () => {};
    }
    const tallest = Math.max(...widths), gap = Math.max(7, Math.min(34, 560 / tallest)), height = Math.max(120, gap * tallest) + 44;
    const step = Math.max(90, Math.min(190, 760 / Math.max(1, widths.length - 1))), width = step * (widths.length - 1) + 150;
    const r = Math.max(2.2, Math.min(6.5, gap / 3)), at = places(network, widths, targets, (layer, rank, count) => {
      const own = Math.min(34, (height - 44) / count);
      return [75 + layer * step, 34 + (height - 44) / 2 + (rank - (count - 1) / 2) * own];
    });
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": "the network, layer by layer" }, figure);
    const lines = edges.map(([from, to]) => element("line", { x1: at[from][0], y1: at[from][1], x2: at[to][0], y2: at[to][1], class: "edge" }, svg));
    const dots = at.map(([cx, cy]) => element("circle", { cx, cy, r, class: "node" }, svg));
    const titles = dots.map((dot) => element("title", {}, dot));
    widths.forEach((count, layer) => {
      const label = layer === 0 ? "inputs" : layer === widths.length - 1 ? (count > 1 ? "outputs" : "output") : `layer ${layer}`;
      element("text", { x: 75 + layer * step, y: 14, "text-anchor": "middle" }, svg).textContent = label;
    });
    if (gap >= 13) at.forEach(([x, y], v) => {
      const end = v < network.inputs ? -1 : v >= nodes - network.outputs.length ? 1 : 0;
      if (end) element("text", { x: x + end * 12, y: y + 4, "text-anchor": end < 0 ? "end" : "start" }, svg).textContent = names[v];
    });
    const caption = document.createElement("figcaption");
    figure.append(caption);
    return (values, winners) => show({ network, edges, lines, dots, titles, caption, names }, values, winners);
  }
  // Where each dot is: in its layer, ordered by the mean height of what it reads, so that fewer lines cross.
  function places(network, widths, targets, place) {
    const at = [];
    widths.forEach((count, layer) => {
      const first = at.length, heights = [];
      for (let j = 0; j < count; j++) {
        const read = layer ? targets[first + j - network.inputs].filter((_, k) => k > 1 && k % 2 === 0) : [];
        heights.push([layer && read.length ? read.reduce((sum, v) => sum + at[v][1], 0) / read.length : j, j]);
      }
      if (layer < widths.length - 1) heights.sort(([a, j], [b, k]) => a - b || j - k);
      heights.forEach(([, j], rank) => { at[first + j] = place(layer, rank, count); });
    });
    return at;
  }
  function show({ network, edges, lines, dots, titles, caption, names }, values, winners) {
    const first = network.inputs, last = first + network.units.length;
    const isOn = (v) => v < first || v >= last || values[v][0] > 0, reached = new Set(winners), path = new Set();
    edges.forEach(([from, to]) => reached.has(from) && isOn(to) && reached.add(to)); // edges go by layers of their target
    for (let k = edges.length - 1; k >= 0; k--) {
      const [from, to] = edges[k];
      if (reached.has(from) && reached.has(to) && (to >= last || path.has(to))) path.add(from).add(to);
    }
    dots.forEach((dot, v) => {
      dot.setAttribute("class", `node${path.has(v) ? " path" : v < first || v >= last || values[v][0] <= 0 ? "" : " on"}`);
      titles[v].textContent = `${names[v]} = ${Fractions.written(values[v])}`;
    });
    lines.forEach((line, k) => {
      const [from, to] = edges[k], onPath = path.has(from) && path.has(to);
      line.setAttribute("class", `edge${onPath ? " path" : isOn(to) && isOn(from) ? " on" : ""}`);
    });
    const on = network.units.filter((_, k) => values[first + k][0] > 0).length;
    const way = `<span class="key path"></span>${told(winners, path, names)}`;
    caption.innerHTML = `<span class="key on"></span>on: ${on} of ${network.units.length} units${winners.length ? way : ""}<span class="key"></span>off`;
  }
  function told(winners, path, names) { // what the way shows: of tied winners it may be there for some only
    const listed = (some) => some.slice(0, 4).map((v) => names[v]).join(", ") + (some.length > 4 ? ", …" : "");
    const shown = winners.filter((v) => path.has(v)), without = winners.filter((v) => !path.has(v)), tied = winners.length > 1;
    const who = !tied ? `the winner, ${names[winners[0]]},` : shown.length && without.length ? listed(shown) : "the tied winners";
    if (!shown.length) return `no way of units that are on from ${who} to the output`;
    return `the way from ${who} to the output${without.length ? `; ${listed(without)} ${without.length > 1 ? "tie" : "ties"} with it, by units that are at 0` : ""}`;
  }
  return { draw };
})();

// Exact numbers as people type and read them; a fraction is [numerator, denominator > 0], as checker.js has it.
const Fractions = (() => {
  const MOST = 1000, LIMIT = "a number has at most 1,000 characters, and an exponent of at most three digits"; // as on the command line
  const RATIO = /^([+-]?)(\d+)\s*\/\s*(\d+)$/, DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
  const whole = (digits) => { const big = BigInt(digits); return Number.isSafeInteger(Number(big)) ? Number(big) : big; };
  function parts(typed) { // {sign, digits, under, exponent, long}: digits / under times 10^exponent; null if it is no number
    const text = typed.trim().replace(/\u2212/g, "-"), ratio = RATIO.exec(text), decimal = DECIMAL.exec(text);
    if (ratio) return { sign: ratio[1], digits: ratio[2], under: ratio[3], exponent: "0", long: text.length > MOST };
    const [, sign, int, after = "", exponent = "0"] = decimal || [], digits = `${int}${after}`;
    if (!decimal || !digits) return null;
    return { sign, digits, under: `1${"0".repeat(after.length)}`, exponent, long: text.length > MOST || !/^[+-]?\d{1,3}$/.test(exponent) };
  }
  const isLong = (typed) => Boolean((parts(typed) || {}).long);
  function read(typed) { // null if it is no number, or a longer one than is read
    const found = parts(typed);
    if (!found || found.long || !/[1-9]/.test(found.under)) return null;
    const { sign, digits, under, exponent } = found, shift = `1${"0".repeat(Math.abs(exponent))}`, up = exponent > 0;
    const p = whole(BigInt(digits) * BigInt(up ? shift : 1)), q = whole(BigInt(under) * BigInt(up ? 1 : shift));
    return Checker.rational(sign === "-" ? -p : p, q);
  }
  const written = ([p, q]) => (q === 1 ? `${p}` : `${p}/${q}`).replace("-", "\u2212");
  const typed = ([p, q]) => (q === 1 ? `${p}` : `${p}/${q}`);
  function rounded(value, low, high) { // what a slider shows of it
    if (!Checker.below([low, 1], value)) return low;
    return Checker.below(value, [high, 1]) ? Number(BigInt(value[0]) * 1000n / BigInt(value[1])) / 1000 : high;
  }
  return { LIMIT, isLong, read, written, typed, rounded };
})();
