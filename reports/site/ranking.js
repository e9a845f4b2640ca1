// The ranking: sorts, filters, searches, pages and compares; what is shown stands in the address after `#`.
(() => {
  "use strict";
  const site = window.osaudit;
  const table = document.querySelector("table.board");
  const finder = document.querySelector(".finder");
  if (!site?.words || !table) return;
  const { root, stand } = table.dataset;
  const words = site.words;
  const el = site.element;
  const PAGE = 50;
  const MOST = 4;
  const body = table.tBodies[0];
  const pages = document.querySelector("nav.pages");
  const blank = document.querySelector("#row").content.querySelector("tr");
  const blankUse = document.querySelector("#kind").content.querySelector("li");
  const order = Object.keys(words.stands);
  const start = order.slice(0, order.indexOf(stand)).reduce((sum, name) => sum + words.stands[name], 0);
  const end = start + words.stands[stand];
  const chunks = [];
  for (let at = Math.floor(start / words.chunk); at * words.chunk < end; at += 1) chunks.push(at);
  const SIZES = [["0-1e9", "under 1B"], ["1e9-4e9", "1B to 4B"], ["4e9-15e9", "4B to 15B"], ["15e9-80e9", "15B to 80B"], ["80e9-1e99", "80B and more"]];
  const FACET = [["all", "all pass"], ["nofail", "none fails"], ["fail", "one fails"], ["open", "one is open"]];
  const USE = [["y", "yes"], ["yi", "yes, or yes if"], ["n", "no"], ["q", "not known"]];

  // ---- What is asked: one record, read from the address and written there.
  const blankState = () => ({ q: "", label: "", licence: "", publisher: "", task: "", size: "", year: "", sort: "", page: "", compare: "" });
  let state = blankState();
  const keys = () => [...Object.keys(blankState()), ...words.facets.map((name) => `facet-${name.toLowerCase()}`), ...words.uses.map((use) => `use-${use.id}`), ...words.criteria.map(([id]) => id.toLowerCase())];
  const readAddress = () => {
    const known = new Set(keys());
    state = blankState();
    for (const text of [location.search.slice(1), location.hash.slice(1)]) {
      for (const [key, value] of new URLSearchParams(text)) if (known.has(key)) state[key] = value.slice(0, 300);
    }
  };
  const writeAddress = () => {
    const told = new URLSearchParams(Object.entries(state).filter(([, value]) => value)).toString();
    history.replaceState(null, "", `#${told}`);
  };
  const isAsked = () => Object.entries(state).some(([key, value]) => value && key !== "compare");

  // ---- The rows, held column by column.
  const loaded = () => chunks.every((number) => site.columns.has(number));
  const load = async () => {
    if (loaded()) return;
    count.textContent = "loading the rows …";
    for (const number of chunks) await site.load(root, number);
  };
  // What a search looks through, once for each file of rows.
  const lower = new Map();
  const said = (c) => {
    if (!lower.has(c)) {
      const licences = words.licences.map(([name]) => name.toLowerCase());
      const made = words.architectures.map((name) => name.toLowerCase());
      lower.set(c, c.m.map((name, i) => `${name.toLowerCase()} ${licences[c.c[i]] || (c.cn[i] ? c.cn[i].toLowerCase() : "")} ${made[c.k[i]]}`));
    }
    return lower.get(c);
  };
  // Each test is of the columns `c` of a file and a place `i` in it.
  const asked = () => {
    const tests = [];
    const add = (wanted, make) => {
      if (wanted) tests.push(make(wanted));
    };
    add(state.label, (value) => {
      const wanted = new Set(value.split(",").map((id) => words.labels.findIndex((one) => one.id === id)));
      return (c, i) => wanted.has(c.l[i]);
    });
    add(state.licence, (value) => {
      const wanted = words.licences.findIndex(([name, href]) => (href ? name : "none known") === value);
      return (c, i) => c.c[i] === wanted;
    });
    add(state.task, (value) => {
      const wanted = words.tasks.indexOf(value);
      return (c, i) => c.t[i] === wanted;
    });
    add(state.size, (value) => {
      const [low, high] = value.split("-").map(Number);
      return (c, i) => c.p[i] >= low && c.p[i] < high;
    });
    add(state.year, (value) => {
      const [low, high] = [0, 1].map((more) => Date.UTC(Number(value) + more, 0, 1) / 864e5);
      return (c, i) => c.y[i] >= low && c.y[i] < high;
    });
    // Many rows have the same letters: each text of letters is looked at once.
    const remembered = (column, holds) => {
      const known = new Map();
      return (c, i) => {
        const letters = c[column][i];
        let answer = known.get(letters);
        if (answer === undefined) known.set(letters, (answer = holds(letters)));
        return answer;
      };
    };
    const cells = (value, from, step, to) => remembered("d", (dots) => held(dots, value, from, step, to));
    words.uses.forEach((use, place) => add(state[`use-${use.id}`], (value) => remembered("u", (uses) => value.includes(uses[place] ?? " "))));
    words.facets.forEach((name, facet) => add(state[`facet-${name.toLowerCase()}`], (value) => cells(value, facet, 4, 40)));
    words.criteria.forEach(([id], at) => add(state[id.toLowerCase()], (value) => cells(value, 4 * at, 1, 4 * at + 4)));
    add(state.publisher.trim().toLowerCase(), (value) => (c, i) => said(c)[i].startsWith(`${value}/`));
    for (const part of state.q.toLowerCase().split(/\s+/)) add(part, (value) => (c, i) => said(c)[i].includes(value));
    return tests;
  };
  const found = () => {
    const tests = asked();
    const left = [];
    for (const number of chunks) {
      const c = site.columns.get(number);
      const base = number * words.chunk;
      const to = Math.min(c.m.length, end - base);
      for (let i = Math.max(0, start - base); i < to; i += 1) {
        let holds = true;
        for (let at = 0; holds && at < tests.length; at += 1) holds = tests[at](c, i);
        if (holds) left.push(base + i);
      }
    }
    return sorted(left);
  };
  const held = (dots, wanted, from, step, to) => {
    if (!dots) return false;
    let [fails, opens, passes, cells] = [0, 0, 0, 0];
    for (let at = from; at < to; at += step) {
      const letter = dots[at];
      if (letter === "f" || letter === "x") fails += 1;
      else if (letter === "r") opens += 1;
      else if (letter === "p" || letter === "n") passes += 1;
      cells += 1;
    }
    return { all: passes === cells, nofail: fails === 0, fail: fails > 0, open: opens > 0 }[wanted] ?? true;
  };
  const sells = words.uses.findIndex((use) => use.id === "sell");
  const LEVELS = "access integrity structure loads infers performs".split(" ");
  const KEYS = {
    model: (c, i) => c.m[i].toLowerCase(),
    label: (c, i) => -c.l[i],
    score: (c, i) => -c.lo[i] - c.hi[i] / 1e4,
    passes: (c, i) => -(c.d[i].split("p").length - 1),
    sell: (c, i) => "yinq-".indexOf(c.u[i][sells] ?? "-"),
    licence: (c, i) => (words.licences[c.c[i]][0] || "\uffff").toLowerCase(),
    reviews: (c, i) => -c.v[i],
    downloads: (c, i) => -c.dl[i],
    size: (c, i) => -Math.max(c.p[i], c.w[i] / 1e12),
    probe: (c, i) => (c.pr[i] ? -LEVELS.indexOf(c.pr[i].split(",")[0]) : 1),
    date: (c, i) => -c.y[i],
  };
  const keyed = new Map();
  const keysOf = (name) => {
    if (!keyed.has(name)) {
      const all = [];
      for (const number of chunks) site.columns.get(number).m.forEach((_, i) => all.push(KEYS[name](site.columns.get(number), i)));
      keyed.set(name, all);
    }
    return keyed.get(name);
  };
  const sorted = (left) => {
    const [name, down] = [state.sort.replace(/^-/, ""), state.sort.startsWith("-")];
    if (name === "rank" && down) return left.reverse();
    if (!KEYS[name]) return left;
    const all = keysOf(name);
    const first = chunks[0] * words.chunk;
    const sign = down ? -1 : 1;
    return left.sort((a, b) => {
      const [one, other] = [all[a - first], all[b - first]];
      return one < other ? -sign : one > other ? sign : a - b;
    });
  };

  // ---- A row, from the one form of it in the page.
  const fill = (at) => {
    const row = blank.cloneNode(true);
    const told = site.told(at);
    const find = (what) => row.querySelector(what);
    const put = (what, text) => {
      const node = find(what);
      if (text) node.textContent = text;
      else node.remove();
    };
    const name = site.cell(at, "m");
    const cut = name.lastIndexOf("/") + 1;
    const href = root + site.page(at);
    find(".rank").textContent = site.cell(at, "r") || "";
    find("a.model").href = href;
    const [owner, own] = row.querySelectorAll("a.model bdi");
    owner.textContent = name.slice(0, cut);
    own.textContent = name.slice(cut);
    find(".what").textContent = told.facts;
    put("th .flag", told.flags);
    const named = find(".named");
    named.className = `named ${told.id}`;
    site.use(named.querySelector("svg"), `l-${told.id}`);
    named.querySelector("strong").textContent = told.label;
    const [ground, best] = named.querySelectorAll("small");
    if (told.ground) ground.textContent = told.ground;
    else ground.remove();
    if (told.best) best.textContent = `at best ${told.best}`;
    else best.remove();
    find(".range .num").textContent = told.score;
    const [, low, open] = row.querySelectorAll(".range rect");
    const shown = told.score ? [site.cell(at, "lo") / 10, (site.cell(at, "hi") - site.cell(at, "lo")) / 10] : [0, 0];
    low.setAttribute("width", shown[0]);
    open.setAttribute("x", shown[0]);
    open.setAttribute("width", shown[1]);
    const dots = site.cell(at, "d");
    const link = find(".dotted");
    if (dots) {
      link.href = `${href}#verdicts`;
      link.dataset.dots = dots;
      link.setAttribute("aria-label", `${name}: ${site.tally(dots)}`);
      site.draw(link.querySelector("svg"), dots);
    } else link.remove();
    const uses = site.cell(at, "u");
    find(".permits").replaceChildren(
      ...words.uses.flatMap((use, place) => {
        if (!use.shown || !uses) return [];
        const [kind, answer] = words.answers[uses[place]];
        const item = blankUse.cloneNode(true);
        item.className = kind;
        item.title = `${use.words}: ${answer}`;
        item.querySelector(".vh").textContent = item.title;
        const [icon, sign] = item.querySelectorAll("svg");
        site.use(icon, `u-${use.id}`);
        sign.setAttribute("class", `mark ${kind}`);
        site.use(sign, `k-${kind}`);
        return [item];
      }),
    );
    const terms = find(".licensed a");
    terms.textContent = told.licence;
    if (told.licenceHref) terms.href = root + told.licenceHref;
    else terms.replaceWith(el("span", {}, told.licence));
    find(".licensed small").textContent = told.licenceBasis;
    const set = (label, text) => {
      const cell = find(`td[data-th="${label}"]`);
      if (cell) cell.textContent = text;
    };
    set("Open", dots ? site.cell(at, "v") : "");
    set("Downloads", site.compact(site.cell(at, "dl")));
    set("Size", told.size);
    set("Probe", site.cell(at, "pr") || "");
    set("Date", site.date(site.cell(at, "y")));
    return row;
  };

  // ---- The controls.
  const count = el("output", { class: "count", "aria-live": "polite" });
  const choose = (key, words_, options) => {
    const id = `f-${key}`;
    const select = el("select", { id, "data-key": key }, el("option", { value: "" }, "any"), ...options.map(([value, text]) => el("option", { value }, text)));
    return el("p", {}, el("label", { for: id }, words_), select);
  };
  const search = el("input", { type: "search", id: "f-q", "data-key": "q", placeholder: "a name, a licence, an architecture", autocomplete: "off" });
  const publisher = el("input", { id: "f-publisher", "data-key": "publisher", list: "publishers", autocomplete: "off" });
  const chips = words.labels
    .map((one, at) => ({ ...one, at }))
    .reverse()
    .map((one) => el("button", { type: "button", class: `chip ${one.id}`, "data-label": one.id, "aria-pressed": "false" }, site.badge(one.id), one.words, el("span", { class: "num" }, (words.ranked[one.id] ?? 0).toLocaleString("en"))));
  const clear = el("button", { type: "button", class: "plain" }, "Clear all");
  const by = (list) => list.filter(Boolean).map((one) => [one, one]);
  const years = [];
  for (let year = words.years[1]; year && year >= words.years[0]; year -= 1) years.push([String(year), String(year)]);
  const part = (name, ...fields) => el("fieldset", {}, el("legend", {}, name), el("div", { class: "fields" }, ...fields));
  const more = el(
    "details",
    { class: "more-filters" },
    el("summary", {}, "Filters"),
    part(
      "What it is",
      choose("licence", "Licence", by(words.licences.map(([name, href]) => (href ? name : "none known")).filter((name, at, all) => all.indexOf(name) === at))),
      el("p", {}, el("label", { for: "f-publisher" }, "Publisher"), publisher, el("datalist", { id: "publishers" }, ...words.owners.map((owner) => el("option", { value: owner })))),
      ...(words.has.task ? [choose("task", "Task", by(words.tasks))] : []),
      choose("size", "Parameters", SIZES),
      choose("year", "Year", years),
    ),
    part("What it may be put to", ...words.uses.map((use) => choose(`use-${use.id}`, use.words, USE))),
    part("How its cells stand", ...words.facets.map((name) => choose(`facet-${name.toLowerCase()}`, `All of ${name.toLowerCase()}`, FACET)), ...words.criteria.map(([id, title]) => choose(id.toLowerCase(), `${id} ${title}`, FACET))),
  );
  finder.append(
    el("p", { class: "search" }, el("label", { for: "f-q" }, "Search"), search),
    ...(stand === "ranked" ? [el("div", { class: "chips", role: "group", "aria-label": "Labels" }, ...chips)] : []),
    more,
    el("p", { class: "told" }, count, clear),
  );
  finder.hidden = false;
  document.querySelector(".sharekey")?.remove();

  const change = (key, value) => {
    state[key] = value;
    if (key !== "page" && key !== "compare") state.page = "";
    writeAddress();
    show();
  };
  const waiting = new Map();
  finder.addEventListener("input", (event) => {
    const { key } = event.target.dataset;
    clearTimeout(waiting.get(key));
    if (key) waiting.set(key, setTimeout(() => change(key, event.target.value), key === "q" ? 120 : 0));
  });
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      const asked = new Set(state.label.split(",").filter(Boolean));
      const { label } = chip.dataset;
      if (!asked.delete(label)) asked.add(label);
      change("label", [...asked].join(","));
    });
  }
  clear.addEventListener("click", () => {
    const { compare } = state;
    state = { ...blankState(), compare };
    writeAddress();
    show();
    search.focus();
  });
  const heads = [...table.tHead.querySelectorAll("[data-sort]")];
  for (const head of heads) {
    const button = el("button", { type: "button" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const { sort } = head.dataset;
      change("sort", state.sort === sort ? `-${sort}` : state.sort === `-${sort}` ? "" : sort);
    });
  }
  table.tHead.rows[0].append(el("th", { scope: "col" }, "Compare"));

  const reflect = (left) => {
    for (const field of finder.querySelectorAll("[data-key]")) {
      const value = state[field.dataset.key] ?? "";
      if (field.value !== value) field.value = value;
    }
    const asked = state.label.split(",");
    for (const chip of chips) chip.setAttribute("aria-pressed", String(asked.includes(chip.dataset.label)));
    for (const head of heads) {
      const up = state.sort === head.dataset.sort;
      if (up || state.sort === `-${head.dataset.sort}`) head.setAttribute("aria-sort", up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
    const set = [...more.querySelectorAll("[data-key]")].filter((field) => field.value).length;
    more.querySelector("summary").textContent = set ? `Filters (${set} set)` : "Filters";
    const all = end - start;
    count.textContent = left === all ? `${all.toLocaleString("en")} models` : `${left.toLocaleString("en")} of ${all.toLocaleString("en")} models`;
    clear.hidden = !isAsked();
  };

  // ---- Pages.
  const turn = (left) => {
    const of = Math.max(1, Math.ceil(left / PAGE));
    const at = Math.min(of, Math.max(1, Number(state.page) || (isAsked() ? 1 : Number(table.dataset.page))));
    const button = (words_, to) => {
      const made = el("button", { type: "button" }, words_);
      made.addEventListener("click", () => {
        change("page", String(to));
        table.scrollIntoView();
      });
      return made;
    };
    pages.replaceChildren(...(at > 1 ? [button(`← Page ${at - 1}`, at - 1)] : []), el("span", {}, `Page ${at} of ${of}`), ...(at < of ? [button(`Page ${at + 1} →`, at + 1)] : []));
    pages.hidden = of === 1;
    return at;
  };
  let showing = 0;
  const show = async () => {
    const mine = (showing += 1);
    try {
      await load();
    } catch (error) {
      count.textContent = `${error.message}: reload the page`;
      return;
    }
    if (mine !== showing) return;
    const left = found();
    const at = turn(left.length);
    body.replaceChildren(...left.slice((at - 1) * PAGE, at * PAGE).map(fill));
    if (!left.length) body.append(el("tr", {}, el("td", { colspan: String(heads.length + 1), class: "none" }, "No model is so. Take a filter away.")));
    reflect(left.length);
    boxes();
  };

  // ---- Compare up to four.
  const tray = el("aside", { class: "tray", "aria-label": "Comparison", hidden: "" });
  document.body.append(tray);
  const chosen = () => state.compare.split(",").filter(Boolean).slice(0, MOST);
  const boxes = () => {
    const picked = chosen();
    for (const row of body.rows) {
      const name = row.querySelector("a.model")?.textContent;
      if (!name) continue;
      const box = el("input", { type: "checkbox", "aria-label": `Compare ${name}` });
      box.checked = picked.includes(name);
      box.disabled = !box.checked && picked.length >= MOST;
      box.addEventListener("change", () => {
        state.compare = (box.checked ? [...chosen(), name] : chosen().filter((one) => one !== name)).join(",");
        writeAddress();
        for (const other of body.querySelectorAll(".pick input")) other.disabled = !other.checked && chosen().length >= MOST;
        tell();
      });
      row.querySelector(".pick")?.remove();
      row.append(el("td", { class: "pick", "data-th": "Compare" }, box));
    }
    tell();
  };
  const tell = () => {
    const picked = chosen();
    tray.hidden = !picked.length;
    document.body.classList.toggle("trayed", picked.length > 0);
    const go = el("a", { class: "go", href: `${root}compare.html#m=${encodeURIComponent(picked.join(","))}` }, picked.length > 1 ? `Compare ${picked.length}` : "Choose one more");
    if (picked.length < 2) go.removeAttribute("href");
    const none = el("button", { type: "button", class: "plain" }, "Clear");
    none.addEventListener("click", () => {
      state.compare = "";
      writeAddress();
      boxes();
    });
    tray.replaceChildren(el("ul", {}, ...picked.map((name) => el("li", {}, el("bdi", {}, name)))), go, none);
  };

  // ---- A dot says what it is, to the pointer and to the arrow keys.
  const tip = el("div", { class: "tip", role: "status", hidden: "" });
  document.body.append(tip);
  let cell = 0;
  const explain = (link, at) => {
    const dots = link.dataset.dots;
    if (!dots || !dots[at]) return;
    cell = at;
    const [id, title] = words.criteria[Math.floor(at / 4)];
    const [kind, word, meaning] = words.outcomes[dots[at]];
    tip.replaceChildren(el("p", {}, `${id}, ${title}`), el("p", {}, site.mark(kind), ` ${words.facets[at % 4]}: ${word}`), el("p", { class: "note" }, meaning));
    tip.hidden = false;
    const box = link.querySelector("svg").getBoundingClientRect();
    const left = Math.min(box.left + ((Math.floor(at / 4) + 0.5) * box.width) / 10, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    const above = box.top - tip.offsetHeight - 6;
    tip.style.top = `${(above > 0 ? above : box.bottom + 6) + scrollY}px`;
    let ring = link.querySelector(".at");
    if (!ring) {
      ring = link.querySelector("svg").appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
      ring.setAttribute("class", "at");
      ring.setAttribute("width", 8);
      ring.setAttribute("height", 8);
    }
    ring.setAttribute("x", 8 * Math.floor(at / 4));
    ring.setAttribute("y", 8 * (at % 4));
  };
  const hush = () => {
    tip.hidden = true;
    for (const ring of body.querySelectorAll(".at")) ring.remove();
  };
  body.addEventListener("pointermove", (event) => {
    const link = event.target.closest(".dotted");
    if (!link) return hush();
    const box = link.querySelector("svg").getBoundingClientRect();
    const x = Math.floor(((event.clientX - box.left) / box.width) * 10);
    const y = Math.floor(((event.clientY - box.top) / box.height) * 4);
    if (x < 0 || y < 0 || x > 9 || y > 3) return hush();
    if (cell !== x * 4 + y || tip.hidden) {
      hush();
      explain(link, x * 4 + y);
    }
  });
  table.addEventListener("pointerleave", hush);
  body.addEventListener("focusout", hush);
  body.addEventListener("keydown", (event) => {
    const link = event.target.closest(".dotted");
    if (event.key === "Escape") hush();
    const step = { ArrowRight: 4, ArrowLeft: -4, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!link || !step) return;
    event.preventDefault();
    const from = tip.hidden ? (step > 0 ? -step : 0) : cell;
    const to = Math.min(39, Math.max(0, from + step));
    hush();
    explain(link, to);
  });

  // ---- The start: where the rows are few they are here at once; else nothing more is read before somebody asks.
  addEventListener("hashchange", () => {
    readAddress();
    show();
  });
  readAddress();
  more.open = [...more.querySelectorAll("[data-key]")].some((field) => state[field.dataset.key]);
  if (isAsked() || (chunks.length === 1 && end - start <= words.chunk)) show();
  else {
    reflect(end - start);
    boxes();
    for (const link of pages.querySelectorAll("a")) link.dataset.plain = "";
  }
})();
