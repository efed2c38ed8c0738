// Who had a task, in order, with the working and the natural time that each used, as the server counted it.

import { word } from "../../app.js";
import { el } from "../dom.js";
import { moment, named } from "../text.js";

const HOUR = 60;

/** Minutes as hours and minutes. */
export const span = (minutes) => `${Math.floor(minutes / HOUR)}:${String(minutes % HOUR).padStart(2, "0")}`;

function line(held) {
  const until = held.until ? moment(held.until) : word("holder_now");
  return el(
    "li",
    { class: "f-holder" },
    el("p", {}, el("b", {}, named(held.holder) || "–"), " ", held.late && el("span", { class: "badge is-overdue" }, word("holder_late")), held.on_hold && el("span", { class: "badge is-warn" }, word("holder_on_hold"))),
    el("p", { class: "muted" }, `${moment(held.from)} – ${until}`),
    el("p", {}, word("holder_used", { working: span(held.working_minutes), natural: span(held.natural_minutes) })),
  );
}

/** The section of a task's screen; nothing where nobody had it yet. */
export const holdersPart = ({ holders = [] }) =>
  holders.length > 0 && el("section", { class: "panel stack", id: "task-holders" }, el("h3", {}, word("holders")), el("ol", { class: "f-list" }, holders.map(line)));
