// What the ranking and the comparison share: the rows as they come in, and how a row's parts are drawn.
(() => {
  "use strict";
  const site = { words: null, columns: new Map(), loading: new Map() };
  window.osaudit = site;
  site.index = (words) => {
    site.words = words;
  };
  site.rows = (number, columns) => {
    site.columns.set(number, columns);
  };
  // A chunk of rows, once: a classic script, since a page opened from the disk may fetch nothing.
  site.load = (root, number) => {
    if (!site.loading.has(number)) {
      site.loading.set(
        number,
        new Promise((done, failed) => {
          const script = document.createElement("script");
          script.src = `${root}assets/rows/${number + 1}.js`;
          script.onload = () => (site.columns.has(number) ? done() : failed(new Error("a file of rows is damaged")));
          script.onerror = () => failed(new Error("a file of rows could not be loaded"));
          document.head.append(script);
        }),
      );
    }
    return site.loading.get(number);
  };
  site.total = () => Object.values(site.words.stands).reduce((sum, count) => sum + count, 0);
  // Row `at` of all, from 0, in the order of the ranking.
  site.cell = (at, name) => site.columns.get(Math.floor(at / site.words.chunk))[name][at % site.words.chunk];

  const SVG = "http://www.w3.org/2000/svg";
  // A line of equal dots is one dashed path; `n` is how many there are.
  const shape = {
    p: (x, y, n) => `M${x} ${y}h${8 * n - 7}`,
    a: (x, y) => `M${x} ${y - 3}a3 3 0 0 0 0 6z`,
    f: (x, y, n) => `M${x} ${y}h${8 * n - 7}`,
    r: (x, y) => `M${x} ${y - 3}l3 3-3 3-3-3z`,
    n: (x, y, n) => `M${x} ${y}h${8 * n - 7}`,
    x: (x, y, n) => `M${x - 2} ${y}h${8 * n - 4}`,
  };
  site.draw = (svg, dots) => {
    const paths = {};
    for (let line = 0; line < 4; line += 1) {
      for (let at = line, run = 1; at < dots.length; at += 4 * run) {
        const letter = dots[at];
        run = 1;
        while ("pfnx".includes(letter) && dots[at + 4 * run] === letter) run += 1;
        if (shape[letter]) paths[letter] = (paths[letter] ?? "") + shape[letter](2 * (at - line) + 4, 8 * line + 4, run);
      }
    }
    svg.replaceChildren(
      ...Object.keys(shape)
        .filter((letter) => paths[letter])
        .map((letter) => {
          const path = document.createElementNS(SVG, "path");
          path.setAttribute("class", `d-${site.words.outcomes[letter][0]}`);
          path.setAttribute("d", paths[letter]);
          return path;
        }),
    );
  };
  site.use = (svg, id) => svg.firstElementChild.setAttribute("href", `#${id}`);
  site.badge = (id) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "badge");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(SVG, "use"));
    site.use(svg, `l-${id}`);
    return svg;
  };
  site.mark = (kind, id) => {
    const svg = site.badge("");
    svg.setAttribute("class", `mark ${kind}`);
    site.use(svg, id ?? `k-${kind}`);
    return svg;
  };
  site.element = (name, values = {}, ...inside) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  };

  const one = (value) => value.toFixed(1).replace(/\.0$/, "");
  site.compact = (number, unit = "") => {
    if (number < 0) return "";
    for (const [size, letter] of [[1e12, "T"], [1e9, unit ? "G" : "B"], [1e6, "M"], [1e3, "k"]]) {
      if (number >= size) return unit ? `${one(number / size)} ${letter}${unit}` : `${one(number / size)}${letter}`;
    }
    return `${number} ${unit}`.trim();
  };
  site.range = (low, high) => (low === high ? one(low / 10) : `${one(low / 10)}–${one(high / 10)}`);
  site.date = (days) => (days < 0 ? "" : new Date(days * 86400000).toISOString().slice(0, 10));
  site.page = (at) => site.cell(at, "h") || `models/${site.cell(at, "m").replace("/", "--")}.html`;

  // What a row shows, in words.
  site.told = (at) => {
    const words = site.words;
    const get = (name) => site.cell(at, name);
    const stand = get("s");
    const rung = words.labels[get("l")];
    const best = words.labels[get("e")];
    const bits = get("a");
    const told = { id: rung?.id ?? "untold", label: rung?.words ?? words.untold, ground: "", best: "" };
    if (stand === "f") Object.assign(told, { id: "untold", label: words.failed, ground: get("er") ? get("er")[0] : "" });
    else if (stand === "u") Object.assign(told, { id: "untold", label: words.untold, best: best?.words ?? "" });
    else if (stand === "l") told.ground = "no text was read";
    else {
      if (bits & 1) told.label = rung?.best ?? told.label;
      else if (bits & 8) told.label = `${told.label} (attested)`;
      if (!["not-available", "unlicensed"].includes(told.id)) told.ground = words.grounds[get("g")] ?? "";
      if (best && best.id !== rung?.id) told.best = best.best;
    }
    const base = get("b");
    const from = base ? `from ${base[0]}${base[1] > 1 ? ` and ${base[1] - 1} more` : ""}` : "";
    const what = words.tasks[get("t")] || words.architectures[get("k")];
    told.facts = stand === "f" ? (get("er") ? get("er")[1] : "") : [what, from].filter(Boolean).join(" · ");
    told.flags = bits & 2 ? "incomplete" : "";
    const licence = words.licences[get("c")];
    told.licence = licence[0] || get("cn") || "none known";
    told.licenceHref = licence[1];
    const basis = words.bases[get("cb")] ?? "";
    told.licenceBasis = licence[1] ? (bits & 4 ? basis : `${basis}; not certain`) : "";
    told.score = stand === "f" || stand === "l" ? "" : site.range(get("lo"), get("hi"));
    told.size = site.compact(get("p")) || site.compact(get("w"), "B");
    return told;
  };
  site.tally = (dots) => {
    const outcomes = Object.entries(site.words.outcomes);
    const counts = outcomes.filter(([letter]) => dots.includes(letter));
    const words = counts.map(([letter, [, word]]) => `${[...dots].filter((one) => one === letter).length} ${word}`);
    return `${dots.length} cells: ${words.join(", ")}`;
  };
})();
