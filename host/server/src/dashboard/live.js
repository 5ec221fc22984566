// What moves by itself: the progress of scans, over server-sent events; and copying. Every page works without it.
"use strict";

const show = (root, name, text) => {
  const element = root.querySelector(`[data-${name}]`);
  if (element) element.textContent = text;
};

// As the server writes numbers: a narrow space between groups of three digits.
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

// Lines kept of what happens; the whole of it is in the scan's record.
const MOST_EVENTS = 8;

function follow(root) {
  const source = new EventSource(`/v1/scans/${encodeURIComponent(root.dataset.follow)}/stream`);
  const read = (event) => JSON.parse(event.data);
  const say = (text) => {
    const list = root.querySelector("[data-events]");
    if (!list) return;
    const line = document.createElement("li");
    line.textContent = text;
    list.append(line);
    while (list.children.length > MOST_EVENTS) list.firstElementChild.remove();
  };
  // A page that was made while the scan still waited.
  const begun = () => {
    const state = document.querySelector("[data-state] .state.pending");
    if (!state) return;
    state.classList.replace("pending", "running");
    state.lastChild.textContent = "Running";
    show(root, "heading", "Progress");
  };
  source.addEventListener("progress", (event) => {
    const now = read(event);
    root.querySelector("progress").value = now.percentage;
    show(root, "percentage", `${now.percentage.toFixed(1)} %`);
    show(root, "scanned", grouped(now.scanned_resources));
    show(root, "total", grouped(now.total_resources));
    show(root, "tasks-done", grouped(now.tasks_done));
    show(root, "tasks", grouped(now.tasks));
    show(root, "violations", grouped(now.violations));
  });
  source.addEventListener("planned", (event) => {
    show(root, "tasks", grouped(read(event).tasks));
    say(read(event).tasks === 1 ? "1 task planned" : `${grouped(read(event).tasks)} tasks planned`);
  });
  source.addEventListener("task_started", (event) => say(`${read(event).task} begun`));
  source.addEventListener("task_done", (event) => say(`${read(event).task} done`));
  source.addEventListener("task_failed", (event) => say(`${read(event).task} failed: ${read(event).reason}`));
  source.addEventListener("plugin_quarantined", (event) => say(`${read(event).plugin} is not asked any more: ${read(event).reason}`));
  source.addEventListener("status", (event) => {
    if (read(event).status === "running") begun();
    if (!["completed", "failed", "cancelled"].includes(read(event).status)) return;
    source.close();
    location.reload();
  });
}

document.querySelectorAll("[data-follow]").forEach(follow);

document.querySelectorAll("[data-copy]").forEach((button) => {
  // Browsers offer it on secure connections and on this machine only.
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
    button.textContent = "Copied";
  });
});
