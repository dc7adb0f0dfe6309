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
      line.setAttribute("class", `edge${onPath ? " path" : isOn(to) && to < last && isOn(from) ? " on" : ""}`);
    });
    const on = network.units.filter((_, k) => values[first + k][0] > 0).length;
    const who = winners.length > 1 ? "the tied winners" : `the winner, ${names[winners[0]]},`;
    const way = `<span class="key path"></span>${path.size ? "the way" : "no way of units that are on"} from ${who} to the output`;
    caption.innerHTML = `<span class="key on"></span>on: ${on} of ${network.units.length} units${winners.length ? way : ""}<span class="key"></span>off`;
  }
  return { draw };
})();

// Exact numbers as people type and read them; a fraction is [numerator, denominator > 0], as checker.js has it.
const Fractions = (() => {
  const MOST = 300, whole = (digits) => { const big = BigInt(digits); return Number.isSafeInteger(Number(big)) ? Number(big) : big; };
  function read(typed) { // null if it is no number
    const text = typed.trim().replace(/^\u2212/, "-"), match = /^([+-]?)(\d+)(?:\.(\d+)|\s*\/\s*(\d+))?$/.exec(text);
    if (!match || text.length > MOST) return null;
    const [, sign, int, decimals, under] = match, q = under ? whole(under) : decimals ? whole(1n * 10n ** BigInt(decimals.length)) : 1;
    if (q === 0) return null;
    const p = whole(int + (decimals || ""));
    return Checker.rational(sign === "-" ? -p : p, q);
  }
  const written = ([p, q]) => (q === 1 ? `${p}` : `${p}/${q}`).replace("-", "\u2212");
  const typed = ([p, q]) => (q === 1 ? `${p}` : `${p}/${q}`);
  const rounded = ([p, q]) => Number(p) / Number(q);
  return { read, written, typed, rounded };
})();
