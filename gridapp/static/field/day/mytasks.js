// The tasks of the day as cards: where to go next, what came back and why, and what one tap does.

import { toast, word } from "../../app.js";
import { newId } from "../api.js";
import { reasonName } from "../catalogue.js";
import * as outbox from "../core/outbox.js";
import { button, el, icon } from "../dom.js";
import { lastPlace } from "../place.js";
import { marks, stageBadge } from "../tasks.js";
import { distance, isLate, metres, named, runs, untilDue } from "../text.js";

/** Whether a task came back to be done again. */
export const cameBack = (task) => task.rework_count > 0 && task.stage === "handle" && !task.outcome;

/** Accepts a task with one tap; it goes through the outbox like all else. */
async function start(task) {
  const id = newId();
  const fix = lastPlace();
  const body = { id, action: "accept", at: new Date().toISOString(), ...(fix ? { location: { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } } : {}) };
  await outbox.store({ id, kind: "action", about: task.id, path: `/tasks/${task.id}/actions`, method: "POST", headers: { "If-Match": `"${task.version}"` }, body, title: `#${task.number} · ${word("start")}` });
  toast(word("started"), "good");
}

function whyBack(whole) {
  const last = whole?.events?.findLast(({ action }) => action === "rework");
  if (!last) return null;
  const words = el("span", {}, last.reason ?? "");
  if (last.reason) reasonName("rework", last.reason).then((name) => { words.textContent = name; }, () => {});
  return el("p", { class: "f-why wrong" }, `${word("came_back")}: `, words, last.note && ` · ${last.note}`);
}

const lampOf = ({ lamp }) => lamp && el("span", { class: `lamp lamp-${lamp}`, role: "img", "aria-label": word(`lamp_${lamp}`) });

/** One task; `number` is its place on the way, `at` where the person stands. */
export function dayCard(task, { number, at, whole, waiting }) {
  const far = at && task.location && distance(metres(at, task.location));
  const { lat, lon } = task.location ?? {};
  const toStart = task.stage === "assign" && whole?.actions?.some(({ action }) => action === "accept") && !waiting;
  const phone = task.reporter?.phone;
  return el(
    "li",
    { class: `f-card f-day-card ${isLate(task) ? "is-late" : ""}`, "data-task": task.id },
    el(
      "a",
      { class: "f-day-head", href: `#/tasks/${task.id}` },
      el("span", { class: "f-card-head" }, number && el("span", { class: "f-way" }, number), lampOf(task), stageBadge(task), marks(task), el("span", { class: "f-card-number" }, `#${task.number}`)),
      el("span", { class: "f-card-words" }, el("b", {}, named(task.category)), " ", task.description),
      el("span", { class: "f-card-foot" }, runs(task) && el("span", { class: isLate(task) ? "f-late" : "f-due" }, icon("clock"), untilDue(task.due_at)), far && el("span", {}, far), task.address && el("span", {}, task.address), waiting && el("span", { class: "badge is-warn" }, word("waits_short"))),
    ),
    cameBack(task) && whyBack(whole),
    el(
      "div",
      { class: "f-day-taps" },
      task.location && el("a", { class: "button", href: `geo:${lat},${lon}?q=${lat},${lon}`, "data-tap": "navigate" }, icon("map"), word("navigate")),
      phone && el("a", { class: "button", href: `tel:${phone}`, "data-tap": "call" }, icon("phone"), word("call", { number: "" })),
      toStart && button(word("start"), () => start(task), { kind: "primary", mark: "check", "data-tap": "start" }),
      task.stage === "handle" && el("a", { class: "button primary", href: `#/tasks/${task.id}/feedback`, "data-tap": "feedback" }, icon("camera"), word("feed_back")),
    ),
  );
}
