// What waits to be sent, what was refused and why, and what arrived: edited, sent again, never lost by itself.

import { toast, word } from "../app.js";
import { dropBegun } from "./actiondrafts.js";
import { newId } from "./api.js";
import { conflictPart, isConflict } from "./conflict.js";
import * as outbox from "./core/outbox.js";
import { room } from "./core/space.js";
import { alert, button, el, icon, sheet, show } from "./dom.js";
import { forgetReport } from "./report/report.js";
import { ago, moment, notKept, problemWords } from "./text.js";

const EDITABLE = new Set(["report", "action", "stop"]);
const OUT_OF_SIGHT = 404;
const SHOWN_SENT = 30;
const OLD_MS = 24 * 60 * 60_000;
const MEGABYTE = 1_000_000;

/** Items that a person knows of: positions go by themselves unless one batch was refused. */
export const known = (items) => items.filter(({ kind, state }) => kind !== "positions" || state === "refused");

function progress(item) {
  const line = el("p", { class: "muted", role: "status" }, item.tries ? word("tried", { n: item.tries }) : word("waits"));
  const bar = el("progress", { max: 1, hidden: true, "aria-label": word("sending") });
  const stop = outbox.watch(({ id, done, total, share, offline }) => {
    if (!line.isConnected) return void stop();
    if (id !== item.id) return;
    if (total) {
      Object.assign(bar, { hidden: false, value: (done + share) / total });
      line.textContent = word("sending_photos", { done, total });
    } else if (offline) line.textContent = word("waits");
  });
  return el("div", {}, line, bar);
}

/** Why it was refused, and what was written: where its task is out of sight, it can be read nowhere else. */
function reasons({ problem, body }) {
  const { errors = {} } = problem;
  const written = body?.note || body?.description;
  const wrong = Object.values(errors).map(({ label, detail }) => (label ? word("field_wrong", { label, detail }) : detail));
  return el("div", { class: "stack" }, el("div", { class: "wrong" }, [problemWords(problem), ...wrong].map((words) => el("p", {}, words))), written && el("p", { class: "f-note" }, written));
}

function standing(item, ways) {
  if (item.shut) return el("p", { class: "wrong" }, word("item_shut"));
  if (item.state !== "refused") return progress(item);
  return isConflict(item) ? conflictPart(item, ways) : reasons(item);
}

function itemLine(item, ways) {
  const refused = item.state === "refused";
  const titled = item.title || word(`kind_${item.kind}`);
  return el(
    "li",
    { class: "f-unsent", "data-item": item.id, "data-state": item.state },
    el("div", {}, el("b", {}, titled), el("span", { class: "muted" }, ` ${ago(item.made)}`), item.photos.length > 0 && el("span", { class: "muted" }, ` · ${word("n_photos", { n: item.photos.length })}`)),
    standing(item, ways),
    refused && el("div", { class: "f-pair" }, !isConflict(item) && wayOn(item, ways), button(word("throw_away"), () => throwAway(item, titled), { kind: "danger" })),
  );
}

/** What is written can be edited, unless its task is out of sight; the rest was refused for something else, and goes again as it is. */
function wayOn(item, { edit }) {
  if (EDITABLE.has(item.kind) && item.problem.status !== OUT_OF_SIGHT) return button(word("edit_and_send"), () => edit(item), { kind: "primary", mark: "edit" });
  return button(word("send_again"), () => outbox.sendAgain(item).catch((error) => toast(notKept(error), "bad")), { kind: "primary", mark: "send" });
}

/** Lets an item go, with what was begun to mend it. */
async function letGo(item) {
  await outbox.drop(item);
  if (item.kind === "action") await dropBegun(item.about, item.body?.action);
  if (item.kind === "report") await forgetReport(item.id);
}

function throwAway(item, titled) {
  const { body, close } = sheet(word("throw_away_sure"));
  const sure = async () => {
    await letGo(item);
    close();
  };
  show(body, el("p", {}, titled), el("div", { class: "f-pair" }, button(word("throw_away"), sure, { kind: "danger f-big" }), button(word("keep_it"), close, { kind: "f-big" })));
}

/** Words and photos of an action that can no longer be done go on as a comment, and the action is let go. */
async function asComment(item) {
  const { note, photos = [] } = item.body;
  const id = newId();
  const comment = { id, kind: "action", about: item.about, path: item.path, method: "POST", title: item.title, body: { id, action: "comment", at: item.body.at, note: note || word("photos_only"), ...(photos.length ? { photos } : {}) } };
  try {
    await outbox.store(comment, await outbox.photosOf(item));
    await letGo(item);
    toast(word("kept_as_comment"));
  } catch (error) {
    toast(notKept(error), "bad");
  }
}

async function waitingPart(edit) {
  const shown = known(await outbox.listed());
  const ways = { edit, comment: asComment };
  if (!shown.length) return el("section", { class: "panel f-done", id: "unsent-items" }, icon("check"), el("h2", {}, word("nothing_unsent")));
  const old = shown.some(({ made }) => Date.now() - Date.parse(made) > OLD_MS);
  return el(
    "section",
    { class: "panel stack", id: "unsent-items" },
    el("h2", {}, word("unsent_count", { n: shown.length })),
    old && alert("is-warn", word("unsent_old")),
    el("ul", { class: "f-list" }, shown.map((item) => itemLine(item, ways))),
    shown.some((item) => item.state === "waiting") && button(word("send_now"), () => outbox.retry(), { kind: "wide f-big", mark: "send" }),
  );
}

async function sentPart() {
  const all = (await outbox.sent()).slice(0, SHOWN_SENT);
  if (!all.length) return null;
  const line = ({ id, kind, about, title, number, at }) => el("li", { class: "f-sent", "data-sent": id }, el("a", { class: "f-notice", href: ["report", "action"].includes(kind) ? `#/tasks/${about}` : "#/outbox" }, el("span", {}, kind === "report" && number ? `#${number} ` : "", title || word(`kind_${kind}`)), el("time", { class: "muted", datetime: at }, moment(at))));
  return el("section", { class: "panel stack" }, el("h2", {}, word("arrived")), el("ul", { class: "f-list" }, all.map(line)));
}

/** How much room is left; nothing where the browser does not say. That it runs out is told on every screen. */
async function roomPart() {
  const told = await room();
  if (!told) return null;
  const words = word("room_used", { used: Math.round(told.used / MEGABYTE), quota: Math.round(told.quota / MEGABYTE) });
  return el("p", { class: "muted" }, words, told.stays ? "" : ` ${word("room_not_for_good")}`);
}

/** The screen; `edit` takes an item that was refused back to where it was written. Gives back what ends it. */
export function unsentScreen(screen, { edit }) {
  const waiting = el("div");
  const arrived = el("div");
  const space = el("div");
  const draw = async () => {
    show(waiting, await waitingPart(edit));
    show(arrived, await sentPart());
    show(space, await roomPart());
  };
  show(screen, waiting, arrived, space);
  draw();
  return outbox.watch((news) => (news.total || news.offline ? null : draw()));
}
