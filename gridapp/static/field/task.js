// One task: where it stands, photos, place, what happened, and what this person may do now.

import { word } from "../app.js";
import { call, isNoNetwork, saying } from "./api.js";
import { openAction } from "./actions.js";
import { reasonName } from "./catalogue.js";
import { alert, button, el, icon, sheet, show, skeleton } from "./dom.js";
import { besideParts } from "./day/beside.js";
import { holdersPart } from "./day/holders.js";
import { lampMark } from "./day/lamp.js";
import { calleesPart, wayLink } from "./day/taps.js";
import { keptDay } from "./day/today.js";
import { hear } from "./feed.js";
import { foreseen } from "./foresee.js";
import { stillMap } from "./map/pin.js";
import * as outbox from "./core/outbox.js";
import { sideBySide, thumbs } from "./media/shown.js";
import { keepTask, keptTask } from "./tasklist.js";
import { marks, stageBadge } from "./tasks.js";
import { actionName, chainName, distance, isLate, moment, named, roleName, runs, stageName, untilDue } from "./text.js";

const STAGES = ["report", "assign", "handle", "feedback", "review"];
const FIRST = ["accept", "feedback", "pass", "assign"];
const GONE = 404;

function head(task) {
  const at = STAGES.indexOf(task.stage);
  const steps = STAGES.map((stage, i) => el("li", { class: i < at ? "is-done" : i === at ? `stage-${stage}` : "", "aria-current": i === at && "step" }, stageName(stage)));
  return el(
    "section",
    { class: "panel stack", id: "task-head" },
    el("div", { class: "row" }, lampMark(task), stageBadge(task), marks(task), task.self_handled && el("span", { class: "badge is-info" }, word("handled_on_the_spot"))),
    el("h2", {}, named(task.category)),
    el("p", { class: "f-task-words" }, task.description),
    el("ol", { class: "steps", "aria-label": word("stages") }, steps),
    runs(task) && el("p", { class: isLate(task) ? "f-late" : "f-due" }, icon("clock"), `${untilDue(task.due_at)} · ${moment(task.due_at)}`),
  );
}

function photoParts(task) {
  const of = (phase) => task.photos.filter((photo) => photo.phase === phase);
  const part = (phase) => of(phase).length > 0 && el("div", { class: "stack" }, el("h3", {}, word(`photos_${phase}`)), thumbs(of(phase), word(`photos_${phase}`)));
  const both = of("before").length > 0 && of("after").length > 0;
  return task.photos.length > 0 && el("section", { class: "panel stack" }, both ? sideBySide(of("before"), of("after")) : [part("before"), part("after")]);
}

function place(task) {
  const { location, nearest } = task;
  const queue = !task.located && el("p", { class: "wrong" }, word("place_queue"), nearest ? ` ${word("outside_near", { grid: named(nearest), distance: distance(nearest.distance_m) })}` : "");
  return el(
    "section",
    { class: "panel stack" },
    el("h3", {}, word("place")),
    task.located && el("p", {}, chainName(task.chain)),
    queue,
    task.address && el("p", {}, task.address),
    location && stillMap(location),
    wayLink(location, { kind: "wide f-big" }),
  );
}

function facts(task) {
  const holder = task.assignee && (task.assignee.person ? `${task.assignee.person.name} · ${named({ name: task.assignee.grid_name, name_en: task.assignee.grid_name_en })}` : named(task.assignee));
  const rows = [
    ["reported_at", `${moment(task.reported_at)}${task.reporter ? ` · ${task.reporter.name}` : ""}`],
    task.condition && ["condition", named(task.condition)],
    ["in_charge", holder || word("nobody_yet")],
    task.answer_due_at && !task.accepted_at && ["answer_by", moment(task.answer_due_at)],
    task.asked_due_at && ["asks_until", moment(task.asked_due_at)],
    task.review_on && ["held_until", task.review_on],
    task.scores && ["scores", word("marks", task.scores)],
  ].filter(Boolean);
  return el("section", { class: "panel" }, el("dl", { class: "facts" }, rows.map(([name, words]) => [el("dt", {}, word(name)), el("dd", {}, words)])));
}

function eventLine(event) {
  const reason = event.reason && el("p", {}, `${word("reason")}: `, el("span", {}, event.reason));
  if (reason) reasonName(event.action, event.reason).then((words) => { reason.lastChild.textContent = words; }, () => {});
  return el(
    "li",
    {},
    el("div", { class: "f-event-head" }, el("b", {}, actionName(event.action)), event.from && event.from !== event.to && el("span", { class: "muted" }, `${stageName(event.from)} → ${stageName(event.to)}`), el("time", { datetime: event.at }, moment(event.at))),
    el("p", { class: "muted" }, [event.actor.name, roleName(event.actor.role)].filter(Boolean).join(" · ")),
    reason,
    event.note && el("p", { class: "f-note" }, event.note),
    event.photos.length > 0 && thumbs(event.photos, word("photo")),
  );
}

/** The screen; gives back what ends it. */
export function taskScreen(screen, id, { title }) {
  let task = null;
  let told = null; // as the server has it, without what this phone has still to send
  let asked = 0;
  const said = el("div", { id: "task-said", class: "stack" });
  const waiting = el("div");
  const about = el("div", { class: "stack" }, skeleton());
  const foot = el("div", { class: "f-foot", hidden: true });
  const calls = el("div");
  const drawCalls = async () => {
    const day = await keptDay().catch(() => null);
    show(calls, calleesPart(id, day?.tasks.find((one) => one.id === id)?.callees, task.description));
  };

  function draw() {
    title(`#${task.number}`);
    show(about, head(task), photoParts(task), place(task), calls, facts(task), besideParts(task), holdersPart(task), el("section", { class: "panel stack" }, el("h3", {}, word("timeline")), el("ol", { class: "timeline" }, [...task.events].reverse().map(eventLine))));
    drawActions();
    drawCalls();
  }

  function drawActions() {
    const first = FIRST.map((name) => task.actions.find(({ action }) => action === name)).find(Boolean);
    const rest = task.actions.filter((action) => action !== first);
    foot.hidden = !task.actions.length;
    show(
      foot,
      first && button(actionName(first.action), () => act(first.action), { kind: "primary f-big", "data-action": first.action }),
      rest.length > 0 && button(word(first ? "more_actions" : "actions", { n: rest.length }), () => others(rest), { kind: "f-big", mark: "menu", id: "more-actions" }),
    );
  }

  function others(rest) {
    const { body, close } = sheet(word("what_to_do"));
    show(body, el("div", { class: "f-rows" }, rest.map(({ action }) => el("button", { type: "button", class: "f-row", "data-action": action, onclick: () => { close(); act(action); } }, el("span", { class: "f-row-words" }, actionName(action)), icon("next")))));
  }

  const act = (action, item) => openAction(task, action, { item, onTask: take });

  async function take(now) {
    told = now;
    const waiting = (await outbox.listed()).filter((item) => item.about === id && item.kind === "action" && item.state === "waiting");
    task = await foreseen(told, waiting).catch(() => told);
    draw();
  }

  /** First as the phone has it, then as the server answers; without a network the first stays. */
  async function load() {
    const mine = ++asked;
    if (!told) {
      const kept = await keptTask(id);
      if (kept && mine === asked) await take(kept);
    }
    try {
      const answer = await call(`/tasks/${id}`);
      const now = await answer.json();
      if (mine !== asked) return;
      show(said);
      keepTask(now).catch(() => {});
      if (now.version !== told?.version) await take(now);
    } catch (error) {
      if (mine !== asked) return;
      if (error.status === GONE || !task) show(about);
      if (error.status === GONE) foot.hidden = true;
      const words = isNoNetwork(error) ? word(task ? "task_as_kept" : "task_offline") : saying(error);
      show(said, alert("is-warn", words), button(word("try_again"), load, { kind: "wide f-big", mark: "refresh" }));
    }
  }

  async function drawWaiting() {
    const own = (await outbox.listed()).filter((item) => item.about === id);
    show(waiting, own.map((item) => alert("is-warn", el("p", {}, word(item.state === "refused" ? "action_refused" : "action_waits", { action: item.kind === "action" ? actionName(item.body.action) : word("nav_report") })))));
  }

  show(screen, said, waiting, about, foot);
  const stops = [
    hear((changes) => changes.some(({ kind, id: key }) => kind === "task" && key === id) && load()),
    outbox.watch(({ about, outcome }) => {
      if (about === id && outcome?.state === "sent") load();
      else if (about === id && told) take(told);
      drawWaiting();
    }),
  ];
  const ready = load();
  drawWaiting();
  return {
    end: () => {
      stops.forEach((stop) => stop());
      asked += 1;
    },
    /** Opens an action that was refused, with what was typed. */
    edit: (item) => ready.then(() => task && act(item.body.action, item)),
    /** Opens an action straight away, where it can be done. */
    act: (action) => ready.then(() => task?.actions.some((one) => one.action === action) && act(action)),
  };
}
