// The sheet of an action: exactly the fields that the API offers, sent through the outbox; nothing typed is lost.

import { toast, word } from "../app.js";
import { ask, newId } from "./api.js";
import { alert, button, el, fill, icon, sheet, show, tellFields } from "./dom.js";
import { begun, dropBegun, keepBegun } from "./actiondrafts.js";
import { fieldFor } from "./actionfields.js";
import { keepsItself } from "./begun.js";
import { Taken } from "./core/items.js";
import * as outbox from "./core/outbox.js";
import { lastPlace } from "./place.js";
import { photoFacts } from "./report/form.js";
import { actionName, notKept, problemWords } from "./text.js";

const WITHOUT_VERSION = new Set(["comment", "urge"]);
const SETTLE_MS = 400;
const OVERTAKEN = 412;
const NOT_NOW = 409;

/** What was typed for an action: nothing yet, what was begun before, or what an item that was refused has, mended as far as it was. */
async function draftOf(task, action, item) {
  const kept = await begun(task.id, action).catch(() => null);
  const before = item && kept?.id !== item.id ? null : kept;
  const body = before?.values ?? item?.body ?? {};
  const photos = before?.photos ?? (item ? await outbox.photosOf(item) : []);
  return { id: item?.id ?? before?.id ?? newId(), values: { ...body }, photos, where: { place: body.location ?? null, chain: null, chosen: Boolean(body.location) } };
}

/** "If-Match": the version that was seen, or the sender's own action on this task that still waits before it. */
async function versionFor(task, draft) {
  const before = (await outbox.listed()).filter((item) => item.about === task.id && item.kind === "action" && item.id !== draft.id && item.state === "waiting");
  return before.length ? `"after:${before.at(-1).id}"` : `"${task.version}"`;
}

function bodyOf(action, draft, fields) {
  const offered = new Set(fields.map(({ name }) => name));
  const taken = Object.entries(draft.values).filter(([name, value]) => offered.has(name) && value !== "" && value !== null && value !== undefined);
  const place = offered.has("location") ? (draft.where.place ?? ownPlaceFor(action)) : null;
  return {
    ...Object.fromEntries(taken),
    id: draft.id,
    action,
    at: new Date().toISOString(),
    ...(place ? { location: place } : {}),
    ...(offered.has("photos") && draft.photos.length ? { photos: draft.photos.map(({ sha256 }) => sha256), photo_facts: photoFacts(draft.photos) } : {}),
  };
}

/** Where the person was just now. Not for "assign": there a place is the task's own. */
function ownPlaceFor(action) {
  const fix = action === "assign" ? null : lastPlace();
  return fix && { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) };
}

function missing(draft, fields) {
  const empty = {
    photos: ({ count }) => draft.photos.length < (count || 1) && word("need_photos", { n: count || 1 }),
    location: () => !draft.where.place && word("need_place"),
  };
  const filled = ({ name }) => {
    const value = draft.values[name];
    return (value === undefined || value === null || value === "" || (name === "scores" && !(value.speed && value.quality))) && word("need_field");
  };
  const wrong = fields.filter(({ required }) => required).map((one) => [one.name, (empty[one.name] ?? filled)(one)]);
  return Object.fromEntries(wrong.filter(([, detail]) => detail).map(([name, detail]) => [name, { detail }]));
}

/** Opens the sheet; `item` is one that was refused, `onTask` gets the task as it is afterwards. */
export async function openAction(task, action, { item, onTask }) {
  const draft = await draftOf(task, action, item);
  let timer;
  let lies = Boolean(item); // in the outbox, as it is
  const keep = () => lies || keepBegun(task.id, action, draft).catch(() => {});
  const changed = () => {
    lies = false;
    return keep();
  };
  const later = () => {
    lies = false;
    clearTimeout(timer);
    timer = setTimeout(keep, SETTLE_MS);
  };
  draft.changed = changed;
  const stops = [keepsItself(keep), () => { clearTimeout(timer); keep(); }];
  const { body, close } = sheet(actionName(action), { onclose: () => stops.forEach((stop) => stop()) });
  const said = el("div", { class: "stack" });
  const fields = () => task.actions.find((one) => one.action === action)?.fields ?? [];
  const go = el("button", { class: "button primary wide f-big", id: "do-action" }, icon("send"), el("span", {}, actionName(action)));
  const form = el("form", { class: "f-form", novalidate: true, onsubmit: submit, oninput: later, onchange: later }, said, fields().map((one) => fieldFor(one, draft, { task, action, stops })), el("div", { class: "f-foot" }, go));

  async function submit(event) {
    event.preventDefault();
    event.stopPropagation();
    show(said);
    const wrong = missing(draft, fields());
    if (Object.keys(wrong).length) return refused({ errors: wrong, detail: word("something_missing") });
    go.disabled = true;
    go.lastChild.textContent = word("sending");
    const headers = WITHOUT_VERSION.has(action) ? {} : { "If-Match": await versionFor(task, draft) };
    const sending = { id: draft.id, kind: "action", about: task.id, path: `/tasks/${task.id}/actions`, method: "POST", headers, body: bodyOf(action, draft, fields()), title: `#${task.number} · ${actionName(action)}` };
    const outcome = await outbox.store(sending, draft.photos).then(lain).catch(notLain);
    go.disabled = false;
    go.lastChild.textContent = actionName(action);
    if (outcome.state === "refused") return refused(outcome.problem);
    close();
    if (outcome.state === "sent") onTask(outcome.answer);
    return toast(word(outcome.state === "sent" ? "done" : "kept_action"), outcome.state === "sent" ? "good" : "");
  }

  /** It lies in the outbox now, whatever becomes of it. */
  async function lain({ settled }) {
    lies = true;
    clearTimeout(timer);
    await dropBegun(task.id, action).catch(() => {});
    return settled;
  }

  function notLain(error) {
    if (error instanceof Taken) draft.id = newId();
    return { state: "refused", problem: { detail: notKept(error) } };
  }

  async function refused(problem) {
    const left = tellFields(form, problem.errors ?? {});
    show(said, alert("", el("p", {}, problemWords(problem)), left.map((detail) => el("p", {}, detail))));
    if (!form.querySelector(".is-wrong")) said.scrollIntoView({ block: "center" });
    if (problem.status === OVERTAKEN || problem.status === NOT_NOW) await showNow(problem);
  }

  /** Somebody was first: the task as it is now stands behind the sheet; whether this can still be done is said. */
  async function showNow(problem) {
    task = problem.task ?? (await ask(`/tasks/${task.id}`).catch(() => task));
    onTask(task);
    const still = task.actions.some((one) => one.action === action);
    go.hidden = !still;
    fill(said, el("p", { class: "f-kept" }, word(still ? "look_then_send" : "no_longer_possible")), button(word("look_at_task"), close, { kind: "wide f-big", mark: "eye" }));
  }

  show(body, form);
  if (!fields().length && !item) form.requestSubmit();
  else if (item?.problem) refused(item.problem);
}

