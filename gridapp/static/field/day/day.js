// My day: what came back, the way through the rest, visits and patrols, what was handed over, duty, the alarm.

import { word } from "../../app.js";
import * as outbox from "../core/outbox.js";
import { alert, el, empty, icon, show, skeleton } from "../dom.js";
import { dutyPart } from "./dutypart.js";
import { hear } from "../feed.js";
import { mapBox } from "../map/map.js";
import { zoomers } from "../map/pin.js";
import { lastPlace, quietPlace } from "../place.js";
import { session } from "../session.js";
import { stockUp } from "../stock.js";
import { keptTask, keptTasks } from "../tasklist.js";
import { distance } from "../text.js";
import { cameBack, dayCard } from "./mytasks.js";
import { sosButton } from "./sos.js";
import { walkingOrder, wayLength } from "./walk.js";

const SETTLE_MS = 600;
const COLOURS = { red: "#c11f18", yellow: "#9a6700", green: "#226b2b" };

/** Tasks that I have in hand: to be started or done, not those that I only reported. */
const inHand = ({ stage, assignee, held }) => (stage === "assign" || stage === "handle") && !held && isMine(assignee);
const isMine = (assignee) => Boolean(assignee) && ((session.me.posts ?? []).some(({ id }) => id === assignee.post) || (session.me.unit && assignee.unit === session.me.unit.id));

async function tasksPart(at) {
  const tasks = (await keptTasks({ mine: true })).filter(inHand);
  const items = await outbox.listed();
  const back = tasks.filter(cameBack);
  const way = walkingOrder(tasks.filter((task) => !cameBack(task)), at);
  const wholes = new Map(await Promise.all(tasks.map(async ({ id }) => [id, await keptTask(id)])));
  const card = (task, number) => dayCard(task, { number, at, whole: wholes.get(task.id), waiting: items.some(({ about, state }) => about === task.id && state === "waiting") });
  const list = (some, numbered) => el("ol", { class: "f-cards" }, some.map((task, i) => card(task, numbered && task.location ? i + 1 : null)));
  const length = wayLength(way, at);
  return [
    back.length > 0 && el("section", { class: "stack", id: "came-back" }, el("h2", {}, word("came_back_n", { n: back.length })), list(back, false)),
    el("section", { class: "stack", id: "way" }, el("h2", {}, word("way_n", { n: way.length }), length > 0 && el("span", { class: "muted f-beside" }, ` ${distance(length)}`)), way.length > 1 && wayMap(way, at), way.length ? list(way, true) : empty(word("none_mine"))),
  ];
}

/** The way on the map, its stops numbered. */
function wayMap(way, at) {
  const placed = way.filter(({ location }) => location);
  if (!placed.length) return null;
  const marks = placed.map(({ location, lamp }, i) => ({ lon: location.lon, lat: location.lat, words: String(i + 1), colour: COLOURS[lamp] ?? "#1558a8" }));
  const line = [...(at ? [at] : []), ...placed.map(({ location }) => location)].map(({ lon, lat }) => [lon, lat]);
  const map = mapBox({ label: word("map_of_way"), marks: at ? [{ ...at, radius: at.accuracy, colour: "#0a6a7b" }, ...marks] : marks, line });
  return el("div", { class: "f-map-way" }, map.box, zoomers(map));
}

/** The screen; gives back what ends it. */
export function dayScreen(screen) {
  const tasks = el("div", { class: "stack" }, skeleton());
  const duty = el("div");
  let timer;
  const draw = async () => {
    const at = lastPlace() ?? (await quietPlace().catch(() => null));
    show(tasks, await tasksPart(at).catch(() => alert("is-warn", word("list_offline"))));
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, SETTLE_MS);
  };
  const drawDuty = () => show(duty, session.me.role !== "handler" && dutyPart(drawDuty));
  show(screen, duty, tasks, el("section", { class: "panel stack" }, sosButton(), el("a", { class: "f-link", href: "#/track" }, icon("route"), el("span", { class: "f-row-words" }, word("my_track")), icon("next"))));
  drawDuty();
  draw();
  stockUp().then(soon);
  const stops = [outbox.watch((news) => (news.total || news.offline ? null : soon())), hear(soon)];
  return () => {
    stops.forEach((stop) => stop());
    clearTimeout(timer);
  };
}
