// Open tasks near enough to be the same matter, to be joined: asked of the server, without a network found among those kept.

import { word } from "../../app.js";
import { ask } from "../api.js";
import { el, icon, show } from "../dom.js";
import { keptTasks } from "../tasklist.js";
import { distance, metres, stageName } from "../text.js";

const USUAL_M = 50;
const MOST = 10;

async function fromPhone({ category, where: { place } }) {
  const all = (await keptTasks()).filter((task) => task.category.code === category.code && task.location);
  return all.map((task) => ({ ...task, distance_m: metres(place, task.location) })).filter((task) => task.distance_m <= (category.similar?.metres ?? USUAL_M)).sort((a, b) => a.distance_m - b.distance_m).slice(0, MOST);
}

async function find(form) {
  const { lon, lat } = form.where.place;
  try {
    return (await ask(`/reports/similar?${new URLSearchParams({ category: form.category.code, lon, lat })}`)).items;
  } catch {
    return fromPhone(form);
  }
}

/** The part of the form that offers them; nothing where there are none. */
export async function similarPart(form) {
  const items = (await find(form)).filter(({ id }) => id !== form.id);
  if (!items.length) return null;
  const list = el("ul", { class: "f-similar" });
  const draw = () => show(list, items.map((task) => line(task, form, draw)));
  draw();
  return el("section", { class: "panel stack is-warn", id: "similar" }, el("h2", {}, word("similar", { n: items.length })), el("p", { class: "muted" }, word("similar_hint")), list);
}

function line(task, form, draw) {
  const joined = form.duplicate === task.id;
  const join = () => {
    form.duplicate = joined ? null : task.id;
    draw();
  };
  return el(
    "li",
    {},
    el("div", {}, el("b", {}, `#${task.number}`), ` ${task.description} `, el("span", { class: "muted" }, `${distance(task.distance_m)} · ${stageName(task.stage)}`)),
    el("button", { type: "button", class: `button ${joined ? "primary" : ""}`, "aria-pressed": String(joined), onclick: join }, joined && icon("check"), word(joined ? "joined" : "join")),
  );
}
