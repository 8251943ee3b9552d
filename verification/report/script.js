// The report can be read without this script: it adds a filter, sorting and "unfold all", and opens what a link leads to.
(() => {
  "use strict";
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();

  const table = document.getElementById("matrix");
  if (!table) return;
  const bodies = [...table.tBodies];
  const rows = bodies.flatMap((body) => [...body.rows].filter((row) => !row.classList.contains("group")));
  const homes = rows.map((row) => row.parentElement);
  const sorted = make("tbody", { hidden: true });
  table.append(sorted);

  const words = make("input", { type: "search", placeholder: "name or scenario" });
  const verdict = make("select", {}, make("option", { value: "", textContent: "any verdict" }));
  const said = [...new Set(rows.map((row) => row.cells[1].textContent))].sort();
  verdict.append(...said.map((text) => make("option", { value: text, textContent: text })));
  const shown = make("output", {});
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !(wanted.every((word) => text.includes(word)) && (!verdict.value || row.cells[1].textContent === verdict.value));
    }
    for (const body of bodies) body.rows[0].hidden = body !== sorted && ![...body.rows].slice(1).some((row) => !row.hidden);
    shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
  };
  words.addEventListener("input", filter);
  verdict.addEventListener("change", filter);

  const keys = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const cell = row.cells[column];
    return column === 2 ? Number(cell.dataset.value) : cell.textContent;
  };
  const order = (column, direction) => {
    keys.forEach((key, at) => key.setAttribute("aria-sort", at === column ? direction : "none"));
    const grouped = direction === "none";
    sorted.hidden = grouped;
    bodies.forEach((body) => (body.hidden = !grouped));
    if (grouped) return rows.forEach((row, at) => homes[at].append(row));
    const sign = direction === "ascending" ? 1 : -1;
    const compare = (a, b) => (a < b ? -sign : a > b ? sign : 0);
    sorted.append(...[...rows].sort((a, b) => compare(value(a, column), value(b, column))));
  };
  keys.forEach((key, column) => {
    const button = make("button", { type: "button", textContent: key.textContent, title: "Sort" });
    button.addEventListener("click", () => {
      const next = { none: "ascending", ascending: "descending", descending: "none" };
      order(column, next[key.getAttribute("aria-sort") || "none"]);
    });
    key.replaceChildren(button);
    key.setAttribute("aria-sort", "none");
  });
  const folds = make("button", { type: "button", textContent: "Unfold all details" });
  folds.addEventListener("click", () => {
    const all = [...document.querySelectorAll("details")];
    const open = !all.every((one) => one.open);
    all.forEach((one) => (one.open = open));
    folds.textContent = open ? "Fold all details" : "Unfold all details";
  });
  const controls = make("div", { className: "controls noprint" }, make("label", {}, "Filter ", words), make("label", {}, "Verdict ", verdict), shown, folds);
  table.closest(".columns").before(controls);
  filter();
})();
