// Many tasks at once, by hand or by keys: chosen in the list, done each by itself, with a result and, where it can be, an undo for each.

import { ask, keys, tell, toast, word } from "../app.js";
import { query } from "./list.js";

const PART = 20;
const list = document.getElementById("tasks");
const bar = document.getElementById("batch-bar");
const dialog = document.getElementById("batch-dialog");

export function createBatch() {
  if (!bar) return;
  const chosen = new Map();
  let last = null;

  const boxOf = (row) => row?.querySelector("[data-choose-task]");
  const rows = () => [...list.querySelectorAll("[data-task]")].filter(boxOf);
  const here = () => document.activeElement.closest?.("[data-task]") ?? list.querySelector(".is-open");

  function put(row, on) {
    const { task: id, number, version } = row.dataset;
    if (on) chosen.set(id, { id, number: Number(number), version: Number(version) });
    else chosen.delete(id);
  }

  function show() {
    for (const row of rows()) {
      const on = chosen.has(row.dataset.task);
      if (on) put(row, true);
      boxOf(row).checked = on;
      row.classList.toggle("is-chosen", on);
    }
    bar.classList.toggle("is-on", chosen.size > 0);
    document.getElementById("batch-count").textContent = chosen.size ? word("chosen", { count: chosen.size }) : "";
  }

  function toggle(row, through) {
    if (!boxOf(row)) return;
    const on = !chosen.has(row.dataset.task);
    const all = rows();
    const [from, to] = [all.indexOf(through && last?.isConnected ? last : row), all.indexOf(row)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) put(one, on);
    last = row;
    show();
  }

  async function all() {
    try {
      const { tasks } = await ask(`/command/batch/tasks?${query()}`);
      for (const task of tasks) chosen.set(task.id, task);
      show();
    } catch (error) {
      tell(error);
    }
  }

  function none() {
    chosen.clear();
    show();
  }

  async function open() {
    if (!chosen.size) return toast(word("batch_nothing"));
    const answer = await fetch("/command/batch", { headers: { Accept: "text/html", "HX-Request": "true" } });
    if (answer.status === 401) return location.reload();
    dialog.innerHTML = await answer.text();
    dialog.querySelector("[data-batch-count]").textContent = word("chosen", { count: chosen.size });
    dialog.querySelector("form").addEventListener("change", fit);
    dialog.querySelector("form").addEventListener("submit", submit);
    fit();
    return dialog.showModal();
  }

  function fit() {
    const form = dialog.querySelector("form");
    const urges = form.elements.action.value === "urge";
    for (const part of form.querySelectorAll('[data-for="assign"]')) part.hidden = urges;
    form.elements.note.required = urges;
  }

  function submit(event) {
    event.preventDefault();
    const form = event.target;
    const [kind, key] = form.elements.assignee.value.split(":");
    const note = form.elements.note.value.trim();
    const action = form.elements.action.value;
    form.hidden = true;
    run([...chosen.values()], { action, ...(note ? { note } : {}), ...(action === "assign" && key ? { assignee: { [kind]: key } } : {}) });
  }

  /** Sends the tasks in parts, so that results come while it runs; what was done is chosen no longer. */
  async function run(tasks, what) {
    const part = (id) => dialog.querySelector(`#batch-${id}`);
    part("results").hidden = false;
    part("list").replaceChildren();
    part("undo").hidden = true;
    part("progress").max = tasks.length;
    const numbers = new Map(tasks.map((task) => [task.id, task.number]));
    const batch = crypto.randomUUID?.() ?? ([1e7] + -1e3 + -4e3 + -8e3 + -1e11).replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
    const results = [];
    for (let at = 0; at < tasks.length; at += PART) {
      const items = tasks.slice(at, at + PART).map(({ id, version }) => ({ id, version }));
      try {
        const answer = await ask("/command/batch", { method: "POST", json: { batch, items, ...what } });
        results.push(...answer.results);
        for (const result of answer.results) part("list").append(line(result, numbers.get(result.id), what));
      } catch (error) {
        tell(error);
        break;
      }
      part("progress").value = results.length;
      part("summary").textContent = word("batch_running", { done: results.length, all: tasks.length });
    }
    const done = results.filter((result) => result.done);
    for (const { id } of done) chosen.delete(id);
    show();
    part("summary").textContent = word("batch_done", { done: done.length, refused: results.length - done.length });
    const back = done.filter((result) => result.undo);
    part("undo").hidden = !back.length;
    part("undo").onclick = () => run(back.map(({ id, number, version }) => ({ id, number, version })), { action: back[0].undo });
    (back.length ? part("undo") : dialog.querySelector("[data-closes]")).focus();
  }

  function line(result, number, { action }) {
    const item = document.createElement("li");
    item.className = result.done ? "is-done" : "is-refused";
    const name = document.createElement("b");
    name.textContent = `#${result.number ?? number}`;
    const words = result.done ? (result.to ? word("batch_to", { name: result.to }) : word(action === "recall" ? "batch_taken_back" : "batch_ok")) : result.words;
    item.append(name, ` ${words}`);
    return item;
  }

  list.addEventListener("click", (event) => {
    const box = event.target.closest(".row-pick");
    if (!box) return;
    event.stopPropagation();
    if (event.target.matches("input")) toggle(box.closest("[data-task]"), event.shiftKey);
  }, true);
  bar.addEventListener("click", (event) => {
    const what = event.target.closest("[data-batch]")?.dataset.batch;
    if (what) ({ all, none, open })[what]();
  });
  new MutationObserver(show).observe(list, { childList: true });
  keys({ x: () => toggle(here()), X: () => toggle(here(), true), a: () => (chosen.size ? none() : all()), b: open });
}
