// Joins list, map, panel and stream: what happens elsewhere is shown in all of them alike.

import { keys, toast, word } from "../app.js";
import { answered } from "./asking.js";
import { createBatch } from "./batch.js";
import { createList } from "./list.js";
import { listen } from "./live.js";
import { createMap } from "./map.js";
import { createPanel } from "./panel.js";
import { bindPlaces } from "./places.js";

const setup = JSON.parse(document.getElementById("command-setup").textContent);
const main = document.getElementById("main");
const state = document.getElementById("live-state");
let fitted = false;
let lost = false;

function view(name) {
  main.dataset.view = name;
  for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", String(tab.dataset.tab === name));
  map.resize();
  if (name === "map" && !fitted && setup.bounds) map.fit(setup.bounds);
  fitted ||= name === "map";
}

const map = createMap({ onOpen: (id) => panel.open(id) });
const list = createList({ onFilter: () => map.reload(), onOpen: (id) => panel.open(id) });
const panel = createPanel({
  map,
  onOpen(id) {
    list.mark(id);
    map.mark(id);
    document.querySelector('[data-tab="panel"]').disabled = false;
    view("panel");
  },
  onClose() {
    list.mark(null);
    map.mark(null);
    document.querySelector('[data-tab="panel"]').disabled = true;
    view("list");
  },
  showMap: () => view("map"),
  showPanel: () => view("panel"),
});

const news = new Set();
let asking = false;

/** Asks for what changed, all of it at once: what is told meanwhile is asked for afterwards, however much that is. */
async function askAgain(ids) {
  for (const id of ids) news.add(id);
  if (asking) return;
  asking = true;
  try {
    while (news.size) {
      const now = [...news];
      news.clear();
      map.patch(now, await answered(() => list.again(now)));
      now.forEach(panel.refresh);
    }
  } finally {
    asking = false;
  }
}

function changed(told) {
  const of = (kind, op) => told.filter((one) => one.kind === kind && one.op === op).map((one) => one.id);
  const gone = of("task", "remove");
  const ids = of("task", "upsert");
  if (gone.length) {
    gone.forEach((id) => news.delete(id));
    list.remove(gone);
    map.remove(gone);
  }
  if (ids.length) askAgain(ids);
  if (of("grid", "upsert").length) map.refreshGrids();
}

function afresh() {
  answered(list.reload);
  map.reload();
  map.refreshGrids();
  const open = document.querySelector("#panel article[data-task]");
  if (open) panel.refresh(open.dataset.task);
}

listen(setup.cursor, {
  hello(told) {
    changed(told);
    if (lost) map.reloadPeople();
    lost = false;
  },
  change: changed,
  positions: map.positions,
  reset: afresh,
  state(name) {
    state.dataset.state = name;
    lost ||= name === "off";
  },
});

bindPlaces(map);
createBatch();
document.addEventListener("show-place", (event) => {
  event.preventDefault();
  view("map");
  map.show(...event.detail);
});
keys({ j: () => list.step(1), k: () => list.step(-1), Escape: () => panel.close() });
document.querySelector("[data-report]")?.addEventListener("click", () => panel.report());
for (const tab of document.querySelectorAll("[data-tab]")) tab.addEventListener("click", () => view(tab.dataset.tab));
new ResizeObserver(() => map.resize()).observe(document.getElementById("map-pane"));
view(setup.task ? "panel" : "list");
map.reload();
const asked = location.hash.match(/^#(-?[\d.]+),(-?[\d.]+)$/);
if (asked) {
  view("map");
  map.show(Number(asked[1]), Number(asked[2]));
}
window.addEventListener("unhandledrejection", () => toast(word("broken"), "bad"));
