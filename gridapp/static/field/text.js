// Names, times and distances in the reader's language.

import { word } from "../app.js";
import { Taken } from "./core/items.js";
import { isFull } from "./core/store.js";
import { serverTime } from "./core/clock.js";

export const setup = JSON.parse(document.getElementById("setup").textContent);
const names = JSON.parse(document.getElementById("names").textContent);
const english = document.documentElement.lang === "en";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EARTH_M = 6_371_008.8;

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

export const stageName = (stage) => names.stages[stage] ?? stage;
export const actionName = (action) => capital(names.actions[action] ?? action);
export const roleName = (role) => names.roles[role] ?? role;

/** The reader's name of a thing with `zh` and `en`, in whichever of the API's spellings. */
export function named(thing) {
  if (!thing) return "";
  const pair = thing.name && typeof thing.name === "object" ? thing.name : thing;
  const zh = pair.zh ?? pair.name_zh ?? pair.name ?? "";
  return english ? (pair.en ?? pair.name_en ?? zh) : zh;
}

/** The chain of grids, the upper levels left out where there are many. */
export const chainName = (chain) => chain.map(named).join(" › ");

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: setup.timezone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** A time of the API, short, in the zone in which people read times. */
export function moment(text) {
  if (!text) return "–";
  const { month, day, hour, minute } = Object.fromEntries(clock.formatToParts(new Date(text)).map(({ type, value }) => [type, value]));
  return `${month}-${day} ${hour}:${minute}`;
}

function span(ms) {
  if (ms >= 2 * DAY) return word("days", { n: Math.floor(ms / DAY) });
  if (ms >= HOUR) return word("hours", { n: Math.floor(ms / HOUR) });
  return word("minutes", { n: Math.max(1, Math.floor(ms / MINUTE)) });
}

/** What a refusal says; where somebody was first, who and when in the reader's own time. */
export function problemWords({ by, detail }) {
  if (!by) return detail;
  return word("overtaken", { name: by.name ?? word("the_system"), action: actionName(by.action), at: moment(by.at) });
}

/** What is said where something could not be kept on the phone. */
export const notKept = (error) => word(error instanceof Taken ? "not_kept_taken" : isFull(error) ? "not_kept_full" : "not_kept");

/** How long until a task is due, or how long it is late. */
export function untilDue(due) {
  const left = Date.parse(due) - serverTime();
  return left < 0 ? word("late_by", { span: span(-left) }) : word("due_in", { span: span(left) });
}

export const ago = (text) => word("ago", { span: span(Math.max(0, Date.now() - Date.parse(text))) });

/** Whether a task's clock runs and is past its end. */
export const isLate = (task) => runs(task) && Date.parse(task.due_at) < serverTime();
export const runs = (task) => Boolean(task.due_at) && !task.outcome && !task.held && !task.fed_back_at;

export function metres(one, other) {
  const radians = Math.PI / 180;
  const east = (other.lon - one.lon) * radians * Math.cos(((one.lat + other.lat) / 2) * radians);
  return Math.hypot(east, (other.lat - one.lat) * radians) * EARTH_M;
}

export const distance = (m) => (m < 1000 ? word("metres", { n: Math.round(m) }) : word("kilometres", { n: (m / 1000).toFixed(1) }));
