
"use strict";
// Narrows the findings. Without this script the filter stays hidden and every finding is shown.
(() => {
  const filter = document.getElementById("filter");
  if (!filter) return;
  const text = document.getElementById("filter-text");
  const severity = document.getElementById("filter-severity");
  const verdict = document.getElementById("filter-class");
  const control = document.getElementById("filter-control");
  const result = document.getElementById("filter-result");
  const nothing = document.getElementById("filter-nothing");
  const groups = [...document.querySelectorAll("article.check")].map((element) => ({
    element,
    head: (element.querySelector("h4").textContent + " " + element.querySelector(".about").textContent).toLowerCase(),
    controls: element.dataset.controls.split(" "),
    rows: [...element.querySelectorAll("table.rows tbody tr")].map((row) => ({ row, words: row.textContent.toLowerCase() })),
  }));
  const total = groups.reduce((sum, group) => sum + group.rows.length, 0);

  const wanted = ({ element, controls }) =>
    (!severity.value || element.dataset.severity === severity.value) &&
    (!verdict.value || element.dataset.class === verdict.value) &&
    (!control || !control.value || controls.includes(control.value));

  const apply = () => {
    const words = text.value.trim().toLowerCase();
    let shown = 0;
    for (const group of groups) {
      const inGroup = wanted(group);
      const all = inGroup && group.head.includes(words);
      let some = all;
      for (const { row, words: own } of group.rows) {
        const visible = all || (inGroup && own.includes(words));
        row.hidden = !visible;
        some = some || visible;
        shown += visible ? 1 : 0;
      }
      group.element.hidden = !some;
    }
    for (const section of document.querySelectorAll("section.class")) {
      section.hidden = !section.querySelector("article.check:not([hidden])");
    }
    nothing.hidden = groups.some((group) => !group.element.hidden);
    result.textContent = shown + " of " + total + " listed";
  };

  const clear = () => {
    for (const field of [text, severity, verdict, control]) if (field) field.value = "";
    apply();
  };
  filter.addEventListener("input", apply);
  document.getElementById("filter-clear").addEventListener("click", clear);
  for (const link of document.querySelectorAll("a[data-control]")) {
    link.addEventListener("click", () => {
      clear();
      control.value = link.dataset.control;
      apply();
    });
  }
  // On paper nothing can be opened.
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  filter.hidden = false;
  apply();
})();
