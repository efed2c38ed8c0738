// Visits and patrol points of the day: in walking order, ticked off with one tap, also without a network.

import { toast, word } from "../../app.js";
import { newId } from "../api.js";
import * as outbox from "../core/outbox.js";
import { alert, button, el, field, icon, sheet, show } from "../dom.js";
import { quietPlace } from "../place.js";
import { distance, metres, moment, named, notKept, problemWords } from "../text.js";
import { wayLink } from "./taps.js";
import { today } from "./today.js";
import { walkingOrder } from "./walk.js";

const NOTE_LENGTH = 200;
const AT_FIRST = 12;
const MARKS = { visit: "person", patrol: "look" };

const keep = (item) => outbox.store(item).then(() => toast(word("stop_ticked"), "good"), (error) => toast(notKept(error), "bad"));

/** Says that one was there, through the outbox. */
async function tick(stop, note = "") {
  const fix = await quietPlace().catch(() => null);
  const id = newId();
  const place = fix ? { location: { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } } : {};
  const body = { id, day: today(), at: new Date().toISOString(), ...place, ...(note ? { note } : {}) };
  const item = { id, kind: "stop", about: stop.id, path: `/stops/${stop.id}/done`, method: "POST", body, title: `${word(`stop_${stop.kind}`)} · ${stop.name}` };
  return keep(item);
}

/** Asks what was found there; `done(note)` hears it. */
function askNote(title, done, { note = "", said } = {}) {
  const { body, close } = sheet(title);
  const words = el("textarea", { id: "stop-note", rows: 3, maxlength: NOTE_LENGTH, value: note });
  const go = () => {
    close();
    return done(words.value.trim());
  };
  show(body, said, field("note", word("stop_note"), words, { optional: true }), button(word("stop_done"), go, { kind: "primary wide f-big", mark: "check" }));
}

/** One that was refused, with the reason, to be mended and sent again as of when one was there. */
export function editStop({ id, kind, about, path, method, title, clock, body, problem }) {
  const { note: _, ...rest } = body;
  const again = (note) => keep({ id, kind, about, path, method, title, clock, body: { ...rest, ...(note ? { note } : {}) } });
  const reasons = [problemWords(problem), ...Object.values(problem.errors ?? {}).map(({ detail }) => detail)];
  askNote(title, again, { note: body.note, said: alert("", reasons.map((words) => el("p", {}, words))) });
}

function stand(stop, waiting) {
  if (waiting?.state === "refused") return el("p", { class: "wrong" }, el("a", { href: "#/outbox" }, word("was_refused")));
  if (waiting) return el("p", {}, el("span", { class: "badge is-warn" }, word("waits_short")));
  return stop.done && el("p", { class: "f-stop-done" }, icon("check"), word("stop_done_by", { name: stop.done.by.name, at: moment(stop.done.at) }), stop.done.note && ` · ${stop.done.note}`);
}

function stopCard(stop, { at, waiting, several }) {
  const far = at && stop.location && distance(metres(at, stop.location));
  const open = !stop.done && !waiting;
  return el(
    "li",
    { class: `f-card f-day-card ${open ? "" : "is-done"}`, "data-stop": stop.id },
    el("div", { class: "f-card-head" }, icon(MARKS[stop.kind]), el("span", { class: "badge" }, word(`stop_${stop.kind}`)), el("b", {}, stop.name)),
    stop.note && el("p", {}, stop.note),
    (stop.address || far || several) && el("p", { class: "f-card-foot" }, [several && named(stop.grid), stop.address, far].filter(Boolean).map((words) => el("span", {}, words))),
    stand(stop, waiting),
    open && el("div", { class: "f-day-taps" }, wayLink(stop.location), button(word("with_note"), () => askNote(stop.name, (note) => tick(stop, note)), { mark: "edit" }), button(word("stop_done"), () => tick(stop), { kind: "primary", mark: "check", "data-tap": "tick" })),
  );
}

/** The part of the day; nothing where none is planned. `items` are those of the outbox. */
export function stopsPart(stops, { at, items }) {
  if (!stops.length) return null;
  const waiting = new Map(items.filter(({ kind }) => kind === "stop").map((item) => [item.about, item]));
  const isOpen = (stop) => !stop.done && !waiting.has(stop.id);
  const ordered = [...walkingOrder(stops.filter(isOpen), at), ...stops.filter((stop) => !isOpen(stop))];
  const several = new Set(stops.map(({ grid }) => grid.code)).size > 1;
  const list = el("ol", { class: "f-cards" });
  const draw = (some) => show(list, some.map((stop) => stopCard(stop, { at, waiting: waiting.get(stop.id), several })));
  draw(ordered.slice(0, AT_FIRST));
  const rest = ordered.length > AT_FIRST && button(word("more"), (event) => {
    draw(ordered);
    event.currentTarget.remove();
  }, { kind: "wide f-big" });
  return el("section", { class: "stack", id: "stops" }, el("h2", {}, word("stops_n", { done: stops.length - stops.filter(isOpen).length, n: stops.length })), list, rest);
}
