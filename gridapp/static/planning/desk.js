// The planner's desk: what the server says is drawn; a dragged vertex is sent, and what follows from it comes back.

import { ask, toast, word } from "../app.js";
import { createMap } from "./map.js";
import { createPanel } from "./panel.js";
import { createPublishing } from "./publish.js";

const setup = JSON.parse(document.getElementById("planning-setup").textContent);
const saving = document.getElementById("saving");
let seen = setup.seen;
let chosen = null;
let busy = false;

const draft = () => setup.draw && seen.plan.status === "draft";
const parent = () => seen.above.at(-1).id;
const map = createMap({ onChoose: choose, onRedraw: redraw });
const panel = createPanel({ onChoose: choose, onFly: map.fly, onStepDown: open });
const publishing = createPublishing({ path: setup.path, send, version: () => seen.plan.version, onDone: () => location.reload() });

function show(next, { fit = false } = {}) {
  seen = next;
  if (!seen.grids.features.some((grid) => grid.id === chosen)) chosen = null;
  map.draw(seen.grids, chosen, draft());
  if (fit) map.fit();
  panel.show(seen, chosen);
  setTools();
}

function setTools() {
  const { step, steps } = seen.plan;
  const off = { undo: step === 0, redo: step === steps, restore: step === 0, weigh: step === 0 || Boolean(seen.overtaken), discard: false };
  for (const button of document.querySelectorAll("[data-do]")) button.disabled = busy || !draft() || off[button.dataset.do];
}

/** Sends one call; a second waits for nobody: it is refused by the buttons while the first runs. */
async function send(call, json) {
  busy = true;
  saving.dataset.state = "busy";
  setTools();
  try {
    return await ask(`${setup.path}/${call}?parent=${parent()}`, { method: "POST", json, headers: { "If-Match": `"${seen.plan.version}"` } });
  } finally {
    busy = false;
    saving.dataset.state = "kept";
  }
}

async function change(call, json) {
  if (busy || !draft()) return;
  map.freeze();
  try {
    const next = await send(call, json);
    panel.refuse(null);
    show(next);
  } catch (error) {
    const fresh = error.status === 412 ? await ask(`${setup.path}/drawing?parent=${parent()}`).catch(() => seen) : seen;
    show(fresh);
    panel.refuse(error);
  }
}

function choose(id) {
  if (busy) return;
  chosen = id;
  map.choose(id, draft());
  panel.show(seen, chosen);
}

function redraw(id, outline) {
  return change(`grids/${id}`, outline);
}

async function open(id) {
  if (busy) return;
  try {
    show(await ask(`${setup.path}/drawing?parent=${id}`), { fit: true });
    panel.refuse(null);
    map.loadStreets(`${setup.path}/streets?parent=${id}`);
  } catch (error) {
    panel.refuse(error);
  }
}

const deeds = {
  undo: () => change("step", { step: seen.plan.step - 1 }),
  redo: () => change("step", { step: seen.plan.step + 1 }),
  restore: () => change("step", { step: 0 }),
  weigh: () => publishing.open(),
  discard: async () => {
    if (!window.confirm(word("discard_sure"))) return;
    await change("discard");
    if (seen.plan.status === "discarded") location.reload();
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) deeds[button.dataset.do]();
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, textarea, dialog[open]")) return;
  const key = event.key.toLowerCase();
  const deed = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
  if (!deed) return;
  event.preventDefault();
  if (!document.querySelector(`[data-do="${deed}"]`)?.disabled) deeds[deed]();
});

show(seen);
if (draft()) map.loadStreets(`${setup.path}/streets?parent=${parent()}`);
if (sessionStorage.getItem("published") === seen.plan.id) {
  sessionStorage.removeItem("published");
  toast(word("published"), "good");
}
