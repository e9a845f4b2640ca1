// Lays the model, the commit and the cell that the address names into the prepared texts, and copies them.
(() => {
  "use strict";
  const form = document.querySelector("#dispute");
  const field = (id, words, value) => {
    const label = document.createElement("label");
    label.htmlFor = id;
    label.textContent = words;
    const input = document.createElement("input");
    input.id = id;
    input.value = value;
    input.autocomplete = "off";
    input.addEventListener("input", lay);
    const line = document.createElement("p");
    line.append(label, input);
    form.append(line);
    return input;
  };
  const texts = [...document.querySelectorAll("pre.commands code")].map((code) => [code, code.textContent]);
  const asked = () => new URLSearchParams(location.hash.slice(1));
  let inputs = [];
  const lay = () => {
    const [model, commit, cell] = inputs.map((input) => input.value.trim());
    for (const [code, text] of texts) {
      code.textContent = text
        .replaceAll("ORG/NAME", () => model || "ORG/NAME")
        .replaceAll("COMMIT", () => commit || "COMMIT")
        .replaceAll(/OSD-6\/licence|OSD-2\/data/g, (was) => cell || was);
    }
  };
  inputs = [field("d-model", "Model", ""), field("d-commit", "Commit", ""), field("d-cell", "Cell, as OSD-6/licence", "")];
  const read = () => {
    ["model", "commit", "cell"].forEach((key, at) => {
      inputs[at].value = (asked().get(key) ?? "").slice(0, 300);
    });
    lay();
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const [code] of texts) {
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "plain copy";
    copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        copy.textContent = "Selected: copy it";
      }
    });
    code.parentElement.after(copy);
  }
  addEventListener("hashchange", read);
  form.hidden = false;
  read();
})();
