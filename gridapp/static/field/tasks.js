// Lists of tasks: mine, my grid, near me; most urgent first, renewed by themselves when something changes.

import { word } from "../app.js";
import { ask, isBusy, isNoNetwork, saying } from "./api.js";
import { alert, button, el, empty, icon, show, skeleton } from "./dom.js";
import { lampMark } from "./day/lamp.js";
import { hear } from "./feed.js";
import { findPlace, lastPlace, quietPlace } from "./place.js";
import { session } from "./session.js";
import { keptTasks } from "./tasklist.js";
import { distance, isLate, metres, moment, named, runs, stageName, untilDue } from "./text.js";

const VIEWS = ["mine", "grid", "near"];
const PAGE = 30;
const MINUTE_MS = 60_000;
const SETTLE_MS = 1_000;
const NEAR_M = 1_000;
let view = "mine";

/** A badge with the stage, or how it ended. */
export function stageBadge(task) {
  return el("span", { class: `badge ${task.outcome && task.outcome !== "resolved" ? "is-ended" : `stage-${task.stage}`}` }, task.outcome ? word(`outcome_${task.outcome}`) : stageName(task.stage));
}

/** Badges of what is special about a task. */
export function marks(task) {
  return [
    isLate(task) && el("span", { class: "badge is-overdue" }, word("overdue")),
    task.held && el("span", { class: "badge is-warn" }, word("held")),
    task.rework_count > 0 && el("span", { class: "badge is-warn" }, word("reworked", { n: task.rework_count })),
    task.urge_count > 0 && el("span", { class: "badge is-warn" }, word("urged", { n: task.urge_count })),
  ];
}

function card(task, at) {
  const far = task.distance_m ?? (at && task.location ? metres(at, task.location) : null);
  const due = runs(task) && el("span", { class: isLate(task) ? "f-late" : "f-due" }, icon("clock"), untilDue(task.due_at));
  return el(
    "li",
    {},
    el(
      "a",
      { class: `f-card ${isLate(task) ? "is-late" : ""}`, href: `#/tasks/${task.id}`, "data-task": task.id },
      el("span", { class: "f-card-head" }, lampMark(task), stageBadge(task), marks(task), el("span", { class: "f-card-number" }, `#${task.number}`)),
      el("span", { class: "f-card-words" }, el("b", {}, named(task.category)), " ", task.description),
      el("span", { class: "f-card-foot" }, due || el("span", {}, moment(task.reported_at)), el("span", {}, named(task.grid ?? task.queue)), far !== null && el("span", {}, distance(far))),
    ),
  );
}

/** The screen; gives back what ends it. */
export function tasksScreen(screen) {
  const list = el("ol", { class: "f-cards", id: "tasks" });
  const said = el("div", { role: "status" });
  const more = el("div");
  const tabs = VIEWS.map((name) => el("button", { type: "button", class: "f-tab", "data-view": name, onclick: () => turn(name) }, word(`view_${name}`)));
  const refresh = el("button", { type: "button", class: "button quiet f-refresh", "aria-label": word("refresh"), onclick: () => load() }, icon("refresh"));
  let items = [];
  let at = lastPlace();
  let asked = 0;
  let timer;

  function turn(name) {
    view = name;
    items = [];
    show(list, el("li", {}, skeleton()));
    load();
  }

  async function whereFor() {
    if (view !== "near") {
      quietPlace().then((fix) => {
        if (fix && at?.at !== fix.at) {
          at = fix;
          draw();
        }
      });
      return {};
    }
    at = lastPlace() ?? (await new Promise((resolve) => findPlace(resolve, () => resolve(null))));
    if (!at) throw new Error(word("near_needs_place"));
    return { lon: at.lon, lat: at.lat };
  }

  async function load(after) {
    const mine = ++asked;
    for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.view === view));
    refresh.classList.add("is-turning");
    try {
      const query = new URLSearchParams({ view, limit: PAGE, ...(await whereFor()), ...(after ? { after } : {}) });
      const page = await ask(`/tasks?${query}`);
      if (mine !== asked) return;
      items = after ? [...items, ...page.items] : page.items;
      show(said);
      draw();
      show(more, page.next && button(word("more"), () => load(page.next), { kind: "wide f-big" }));
    } catch (error) {
      if (mine !== asked) return;
      const offline = isNoNetwork(error) && error.message !== word("near_needs_place");
      if ((offline || isBusy(error)) && !items.length) items = await fromPhone();
      draw();
      show(said, alert("is-warn", offline ? word(items.length ? "list_as_kept" : "list_offline") : saying(error)));
    } finally {
      if (mine === asked) refresh.classList.remove("is-turning");
    }
  }

  /** Without a network: what the phone knows of. */
  async function fromPhone() {
    const all = await keptTasks({ mine: view === "mine" });
    const far = (task) => (at && task.location ? metres(at, task.location) : Infinity);
    if (view === "near") return all.filter((task) => far(task) < NEAR_M).sort((a, b) => far(a) - far(b));
    return all.sort((a, b) => (a.due_at ?? a.reported_at).localeCompare(b.due_at ?? b.reported_at));
  }

  function draw() {
    show(list, items.length ? items.map((task) => card(task, at)) : el("li", {}, empty(word(`none_${view}`), view === "mine" ? word("none_mine_hint") : "")));
  }

  const stop = hear((changes) => {
    if (!changes.some(({ kind }) => kind === "task" || kind === "post")) return;
    clearTimeout(timer);
    timer = setTimeout(() => load(), SETTLE_MS);
  });
  const ticking = setInterval(() => items.length && draw(), MINUTE_MS);
  const offered = session.me?.role === "handler" ? tabs.filter((tab) => tab.dataset.view !== "grid") : tabs;
  if (view === "grid" && offered.length < tabs.length) view = "mine";
  show(screen, el("div", { class: "f-tabs", role: "group", "aria-label": word("which_tasks") }, offered, refresh), said, list, more);
  turn(view);
  return () => {
    stop();
    clearInterval(ticking);
    clearTimeout(timer);
    asked += 1;
  };
}
