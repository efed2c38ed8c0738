// The tasks of the day as cards: where to go next, what came back and why, and what one tap does.

import { toast, word } from "../../app.js";
import { newId } from "../api.js";
import { reasonName } from "../catalogue.js";
import * as outbox from "../core/outbox.js";
import { button, el, icon } from "../dom.js";
import { lastPlace } from "../place.js";
import { marks, stageBadge } from "../tasks.js";
import { distance, isLate, metres, moment, named, notKept, runs, untilDue } from "../text.js";
import { lampMark } from "./lamp.js";
import { callTap, wayLink } from "./taps.js";

const BACK = new Set(["rework", "reopen"]);

/**
 * Why a task came back to be done again, as {action, reason, reason_name?, note, by, at}; null where it did not. By its events
 * where the phone has the task whole, else as the day was told.
 */
export function sentBack(task, whole, told) {
  if (task.outcome || !["assign", "handle"].includes(task.stage)) return null;
  if (!whole?.events) return told ?? null;
  const last = whole.events.findLast(({ action }) => BACK.has(action));
  return last ? { ...last, by: last.actor.name } : null;
}

/** Accepts a task with one tap; it goes through the outbox like all else. */
async function start(task) {
  const id = newId();
  const fix = lastPlace();
  const body = { id, action: "accept", at: new Date().toISOString(), ...(fix ? { location: { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } } : {}) };
  const item = { id, kind: "action", about: task.id, path: `/tasks/${task.id}/actions`, method: "POST", headers: { "If-Match": `"${task.version}"` }, body, title: `#${task.number} · ${word("start")}` };
  await outbox.store(item).then(() => toast(word("started"), "good"), (error) => toast(notKept(error), "bad"));
}

function whyBack({ action, reason, reason_name: name, note, by, at }) {
  const words = el("span", {}, named(name) || reason || "");
  if (reason) reasonName(action, reason).then((found) => { words.textContent = found; }, () => {});
  return el("p", { class: "f-why wrong" }, el("b", {}, `${word("came_back")}: `), words, note && ` · ${note}`, el("span", { class: "muted f-why-who" }, ` ${[by, moment(at)].filter(Boolean).join(" · ")}`));
}

/** One task; `number` is its place on the way, `at` where the person stands, `back` why it came back, `callees` whom to call. */
export function dayCard(task, { number, at, whole, waiting, back, callees }) {
  const far = at && task.location && distance(metres(at, task.location));
  const toStart = task.stage === "assign" && whole?.actions?.some(({ action }) => action === "accept") && !waiting;
  return el(
    "li",
    { class: `f-card f-day-card ${isLate(task) ? "is-late" : ""}`, "data-task": task.id },
    el(
      "a",
      { class: "f-day-head", href: `#/tasks/${task.id}` },
      el("span", { class: "f-card-head" }, number && el("span", { class: "f-way" }, number), lampMark(task), stageBadge(task), marks(task), el("span", { class: "f-card-number" }, `#${task.number}`)),
      el("span", { class: "f-card-words" }, el("b", {}, named(task.category)), " ", task.description),
      el("span", { class: "f-card-foot" }, runs(task) && el("span", { class: isLate(task) ? "f-late" : "f-due" }, icon("clock"), untilDue(task.due_at)), far && el("span", {}, far), task.address && el("span", {}, task.address), waiting && el("span", { class: "badge is-warn" }, word("waits_short"))),
    ),
    back && whyBack(back),
    el(
      "div",
      { class: "f-day-taps" },
      wayLink(task.location),
      callTap(task.id, callees),
      toStart && button(word("start"), () => start(task), { kind: "primary", mark: "check", "data-tap": "start" }),
      task.stage === "handle" && el("a", { class: "button primary", href: `#/tasks/${task.id}/feedback`, "data-tap": "feedback" }, icon("camera"), word("feed_back")),
    ),
  );
}
