// The tasks in hand: those that came back on top, the others in walking order, and the way through them on the map.

import { word } from "../../app.js";
import { el, empty } from "../dom.js";
import { mapBox } from "../map/map.js";
import { zoomers } from "../map/pin.js";
import { session } from "../session.js";
import { keptTask, keptTasks } from "../tasklist.js";
import { distance } from "../text.js";
import { lampOf } from "./lamp.js";
import { dayCard, sentBack } from "./mytasks.js";
import { walkingOrder, wayLength } from "./walk.js";

const COLOURS = { red: "#c11f18", yellow: "#9a6700", green: "#226b2b" };
const HERE = "#0a6a7b";

/** Tasks that I have in hand: to be started or done, not those that I only reported. */
const inHand = ({ stage, assignee, held }) => (stage === "assign" || stage === "handle") && !held && isMine(assignee);
const isMine = (assignee) => Boolean(assignee) && ((session.me.posts ?? []).some(({ id }) => id === assignee.post) || (session.me.unit && assignee.unit === session.me.unit.id));

/** The parts of the screen: `at` is where the person stands, `items` those of the outbox, `day` as it was told. */
export async function tasksParts({ at, items, day }) {
  const tasks = (await keptTasks({ mine: true })).filter(inHand);
  const told = new Map((day?.tasks ?? []).map((task) => [task.id, task]));
  const wholes = new Map(await Promise.all(tasks.map(async ({ id }) => [id, await keptTask(id)])));
  const backs = new Map(tasks.map((task) => [task.id, sentBack(task, wholes.get(task.id), told.get(task.id)?.sent_back)]));
  const back = tasks.filter(({ id }) => backs.get(id));
  const way = walkingOrder(tasks.filter(({ id }) => !backs.get(id)), at);
  const waits = new Set(items.filter(({ state }) => state === "waiting").map(({ about }) => about));
  const card = (task, number) => dayCard(task, { number, at, whole: wholes.get(task.id), waiting: waits.has(task.id), back: backs.get(task.id), callees: told.get(task.id)?.callees });
  const list = (some, numbered) => el("ol", { class: "f-cards" }, some.map((task, i) => card(task, numbered && task.location ? i + 1 : null)));
  const length = wayLength(way, at);
  return [
    back.length > 0 && el("section", { class: "stack", id: "came-back" }, el("h2", {}, word("came_back_n", { n: back.length })), list(back, false)),
    el("section", { class: "stack", id: "way" }, el("h2", {}, word("way_n", { n: way.length }), length > 0 && el("span", { class: "muted f-beside" }, ` ${distance(length)}`)), way.length > 1 && wayMap(way, at), way.length ? list(way, true) : empty(word("none_mine"))),
  ];
}

/** The way on the map, its tasks numbered. */
function wayMap(way, at) {
  const placed = way.filter(({ location }) => location);
  if (!placed.length) return null;
  const marks = placed.map((task, i) => ({ lon: task.location.lon, lat: task.location.lat, words: String(i + 1), colour: COLOURS[lampOf(task)] ?? "#1558a8" }));
  const line = [...(at ? [at] : []), ...placed.map(({ location }) => location)].map(({ lon, lat }) => [lon, lat]);
  const map = mapBox({ label: word("map_of_way"), marks: at ? [{ ...at, radius: at.accuracy, colour: HERE }, ...marks] : marks, line });
  return el("div", { class: "f-map-way" }, map.box, zoomers(map));
}
