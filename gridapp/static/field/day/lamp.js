// The lamp of a task's clock: green, yellow from 75 % of the limit on, red from its end on. The server froze both times when it
// gave the task away, so the phone knows the lamp without a network, by the server's clock as far as it knows it.

import { word } from "../../app.js";
import { serverTime } from "../core/clock.js";
import { el } from "../dom.js";
import { moment } from "../text.js";

/** "green", "yellow" or "red"; null where no clock runs. A clock on hold stands where it was stopped. */
export function lampOf({ due_at: due, yellow_at: yellow, held_at: held, outcome, fed_back_at: fedBack }) {
  if (!due || outcome || fedBack) return null;
  const at = held ? Date.parse(held) : serverTime();
  if (at >= Date.parse(due)) return "red";
  return yellow && at >= Date.parse(yellow) ? "yellow" : "green";
}

/** The lamp as a mark that is also told in words; nothing where no clock runs. */
export function lampMark(task) {
  const lamp = lampOf(task);
  return lamp && el("span", { class: `lamp lamp-${lamp}`, role: "img", "aria-label": word(`lamp_${lamp}`), title: moment(task.due_at) });
}
