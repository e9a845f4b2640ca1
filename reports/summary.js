(() => {
  "use strict";
  const table = document.querySelector("table.ranking");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const bar = document.querySelector(".controls");
  const field = document.createElement("input");
  field.type = "search";
  field.id = "filter";
  const name = document.createElement("label");
  name.htmlFor = "filter";
  name.textContent = "Show models, labels or licences with";
  const count = document.createElement("output");
  count.htmlFor = "filter";
  bar.append(name, field, count);
  bar.hidden = false;
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const show = () => {
    const asked = field.value.trim().toLowerCase();
    let left = 0;
    for (const row of rows) {
      row.hidden = !words.get(row).includes(asked);
      left += !row.hidden;
    }
    count.textContent = `${left} of ${rows.length}`;
  };
  field.addEventListener("input", show);
  show();
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[at].dataset.key ?? row.cells[at].textContent.trim().toLowerCase();
      const order = (one, two) => {
        const [left, right] = [key(one), key(two)];
        const numbers = [Number(left), Number(right)];
        return numbers.some(Number.isNaN) ? (left < right ? -1 : Number(left > right)) : numbers[0] - numbers[1];
      };
      const sorted = [...rows].sort(order);
      body.append(...(down ? sorted.reverse() : sorted));
    });
  });
})();
