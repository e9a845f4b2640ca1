// Up to four models side by side: the names stand in the address after `#m=`, so that a comparison can be passed on.
(() => {
  "use strict";
  const site = window.osaudit;
  const room = document.querySelector("#compare");
  if (!site?.words || !room) return;
  const words = site.words;
  const el = site.element;
  const MOST = 4;
  const asked = () => (new URLSearchParams(location.hash.slice(1)).get("m") ?? "").split(",").map((name) => name.trim()).filter(Boolean).slice(0, MOST);
  const say = (text) => room.replaceChildren(el("p", {}, text));

  const find = async (names) => {
    const places = new Map();
    const total = site.total();
    for (let chunk = 0; chunk * words.chunk < total && places.size < names.length; chunk += 1) {
      await site.load("", chunk);
      site.columns.get(chunk).m.forEach((name, at) => {
        if (names.includes(name)) places.set(name, chunk * words.chunk + at);
      });
    }
    return places;
  };
  const row = (head, cells, keys, title) => {
    const apart = new Set(keys ?? cells.map((cell) => cell.textContent)).size > 1;
    const name = el("th", { scope: "row" }, head);
    if (title) name.append(el("span", { class: "note" }, ` ${title}`));
    return el("tr", apart ? { class: "apart" } : {}, name, ...cells.map((cell) => el("td", {}, cell)));
  };
  const group = (name, span) => el("tr", { class: "group" }, el("th", { scope: "rowgroup", colspan: String(span) }, name));
  const text = (value) => el("span", {}, value);
  const marked = (kind, word) => {
    const cell = el("span", { class: `stand ${kind}` });
    cell.append(site.mark(kind), ` ${word}`);
    return cell;
  };
  const show = async () => {
    const names = asked();
    if (!names.length) return;
    say("loading the rows …");
    let places;
    try {
      places = await find(names);
    } catch (error) {
      say(`${error.message}: reload the page`);
      return;
    }
    const found = names.filter((name) => places.has(name)).map((name) => places.get(name));
    const lost = names.filter((name) => !places.has(name));
    const told = found.map(site.told);
    const get = (at, name) => site.cell(at, name);
    const span = found.length + 1;
    const labels = told.map((one) => {
      const cell = el("span", { class: `named ${one.id}` }, site.badge(one.id));
      const inside = el("span", {}, el("strong", {}, one.label));
      for (const small of [one.ground, one.best && `at best ${one.best}`]) if (small) inside.append(el("small", {}, small));
      cell.append(inside);
      return cell;
    });
    const licences = told.map((one) => (one.licenceHref ? el("a", { href: one.licenceHref }, one.licence) : text(one.licence)));
    const heads = found.map((at) => {
      const remove = el("button", { type: "button", class: "plain" }, "take away");
      remove.addEventListener("click", () => {
        location.hash = `m=${encodeURIComponent(names.filter((name) => name !== get(at, "m")).join(","))}`;
      });
      return el("th", { scope: "col" }, el("a", { href: site.page(at) }, el("bdi", {}, get(at, "m"))), el("br"), ...(found.length > 1 ? [remove] : []));
    });
    const rows = [
      row("Rank", found.map((at) => text(get(at, "r") || "none"))),
      row("Label", labels, told.map((one) => one.label)),
      row("Score", told.map((one) => text(one.score))),
      row("Licence of the weights", licences, told.map((one) => one.licence)),
      row("It rests on", told.map((one) => text(one.licenceBasis))),
      row("Contradictions", found.map((at) => text(get(at, "f")))),
      row("Made from", found.map((at) => text(get(at, "b") ? get(at, "b")[0] : "nothing that is named"))),
      row("What it is", told.map((one) => text(one.facts))),
      row("Size", told.map((one) => text(one.size))),
      ...(words.has.downloads ? [row("Downloads", found.map((at) => text(site.compact(get(at, "dl")))))] : []),
      ...(words.has.probe ? [row("Probe", found.map((at) => text(get(at, "pr") || "not tried")))] : []),
      row("Date", found.map((at) => text(site.date(get(at, "y"))))),
      group("Uses", span),
      ...words.uses.map((use, place) => {
        const answers = found.map((at) => words.answers[get(at, "u")[place] ?? "-"]);
        return row(use.words, answers.map(([kind, word]) => marked(kind, word)), answers.map(([kind]) => kind));
      }),
    ];
    words.facets.forEach((facet, line) => {
      rows.push(group(facet, span));
      words.criteria.forEach(([id, title], column) => {
        const letters = found.map((at) => get(at, "d")[column * 4 + line] ?? "n");
        rows.push(row(id, letters.map((letter) => marked(words.outcomes[letter][0], words.outcomes[letter][1])), letters, title));
      });
    });
    const table = el("table", { class: "matrix" }, el("thead", {}, el("tr", {}, el("td"), ...heads)), el("tbody", {}, ...rows));
    room.replaceChildren(
      ...(lost.length ? [el("p", { class: "alert", role: "note" }, `Not here: ${lost.join(", ")}`)] : []),
      el("p", {}, el("a", { href: `index.html#compare=${encodeURIComponent(names.join(","))}` }, "Choose others in the ranking")),
      el("div", { class: "scroll", role: "region", "aria-label": "Models side by side", tabindex: "0" }, table),
    );
  };
  addEventListener("hashchange", show);
  show();
})();
