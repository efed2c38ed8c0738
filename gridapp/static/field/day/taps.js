// What one tap does on the way: open the phone's own map, call somebody.

import { toast, word } from "../../app.js";
import { ask, isNoNetwork, saying } from "../api.js";
import { button, el, icon, sheet, show } from "../dom.js";
import { named, roleName } from "../text.js";

const DIGITS = /\d[\d-]*/g;
const NUMBER = /^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$/;

/** iPhones know no geo: addresses; their map opens by its own, and either works without a network. */
const isApple = /iPhone|iPad|iPod/.test(navigator.userAgent);

/** An address that the phone's own map opens. */
export const mapAddress = ({ lon, lat }) => (isApple ? `maps://?daddr=${lat},${lon}` : `geo:${lat},${lon}?q=${lat},${lon}`);

/** A button that shows the way to a place; nothing where there is none. */
export const wayLink = (location, { kind = "" } = {}) => location && el("a", { class: `button ${kind}`, href: mapAddress(location), "data-tap": "navigate" }, icon("map"), word("navigate"));

/** Asks for the number, which is on record and kept nowhere, and calls it. */
async function callUp(taskId, { person, name }) {
  let number;
  try {
    ({ number } = await ask(`/tasks/${taskId}/callees/${person}/number`, { method: "POST" }));
  } catch (error) {
    return toast(isNoNetwork(error) ? word("call_offline") : saying(error), "bad");
  }
  const link = el("a", { class: "button primary wide f-big", href: `tel:${number}` }, icon("phone"), word("call", { number }));
  const { body, close } = sheet(name);
  show(body, link, el("p", { class: "hint" }, word("call_on_record")), button(word("close"), close, { kind: "wide f-big" }));
  return link.click();
}

/** A button that calls the first of those who can be called about a task; nothing where there is nobody. */
export const callTap = (taskId, [first] = []) => first && button(word("call_name", { name: first.name }), () => callUp(taskId, first), { mark: "phone", "data-tap": "call" });

/** Numbers that stand in the words of a task, such as a caller's on the hotline, each as a link that calls it. */
export const numbersIn = (words) => [...new Set(words.match(DIGITS) ?? [])].filter((one) => NUMBER.test(one)).map((number) => el("a", { class: "button", href: `tel:${number.replaceAll("-", "")}` }, icon("phone"), word("call", { number })));

/** Everybody who can be called about a task, after the numbers that its words tell; nothing where there is nobody. */
export function calleesPart(taskId, callees = [], words = "") {
  const told = numbersIn(words);
  if (!callees.length && !told.length) return null;
  const what = ({ part, role, grid }) => [word(`callee_${part}`), roleName(role), named(grid)].filter(Boolean).join(" · ");
  const row = (one) => el("button", { type: "button", class: "f-row", onclick: () => callUp(taskId, one) }, icon("phone"), el("span", { class: "f-row-words" }, one.name), el("span", { class: "muted" }, what(one)));
  return el("section", { class: "panel stack", id: "callees" }, el("h3", {}, word("callees")), told, el("div", { class: "f-rows" }, callees.map(row)));
}
