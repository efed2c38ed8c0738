// What belongs to a task besides itself, as the desk's panel shows it: units that assist with their own clocks and results,
// checks on the spot, and how many reported the same.

import { word } from "../../app.js";
import { el } from "../dom.js";
import { thumbs } from "../media/shown.js";
import { moment, named } from "../text.js";
import { span } from "./holders.js";

const RUNS = new Set(["asked", "assisting"]);
const ALL_WELL = new Set(["present", "settled"]);

function stateBadge({ state }) {
  const look = { done: "is-good", assisting: "is-info", asked: "" }[state] ?? "is-warn";
  return el("span", { class: `badge ${look}` }, word(`part_${state}`));
}

function partLine(part) {
  const { state, lamp, late } = part;
  const lateBadge = late && el("span", { class: RUNS.has(state) ? "badge is-overdue" : "badge is-warn" }, word(RUNS.has(state) ? "lamp_red" : "holder_late"));
  const until = state === "asked" ? word("part_answer_by", { at: moment(part.answer_due_at) }) : word("part_due", { at: moment(part.due_at) });
  return el(
    "li",
    { class: "f-holder", "data-part": part.unit.code },
    el("p", {}, lamp && el("span", { class: `lamp lamp-${lamp}`, role: "img", "aria-label": word(`lamp_${lamp}`) }), " ", el("b", {}, named(part.unit)), " ", stateBadge(part), " ", lateBadge),
    el("p", {}, part.words),
    el("p", { class: "muted" }, RUNS.has(state) ? until : word("part_ended", { at: moment(part.ended_at) })),
    el("p", { class: "muted" }, word("holder_used", { working: span(part.working_minutes), natural: span(part.natural_minutes) })),
    part.result && el("p", { class: "f-note" }, part.result),
  );
}

function outcomeBadge({ state, result }) {
  if (state === "open") return el("span", { class: "badge is-info" }, word("check_open"));
  if (state === "called_off") return el("span", { class: "badge is-warn" }, word("check_unanswered"));
  return el("span", { class: `badge ${ALL_WELL.has(result.code) ? "is-good" : "is-warn"}` }, named(result));
}

function checkLine(check) {
  const until = check.state === "open" ? word("part_due", { at: moment(check.due_at) }) : check.ended_at && word("part_ended", { at: moment(check.ended_at) });
  return el(
    "li",
    { class: "f-holder" },
    el("p", {}, el("b", {}, word(`check_${check.kind}`)), ` #${check.number} `, outcomeBadge(check)),
    el("p", { class: "muted" }, [check.checker, until].filter(Boolean).join(" · ")),
    check.words && el("p", {}, check.words),
    check.note && el("p", { class: "f-note" }, check.note),
    check.photos.length > 0 && thumbs(check.photos.map((sha256) => ({ sha256 })), word("photo")),
  );
}

const section = (id, title, lines) => lines.length > 0 && el("section", { class: "panel stack", id }, el("h3", {}, title), el("ul", { class: "f-list" }, lines));

/** The sections of a task's screen; none where it stands alone. */
export const besideParts = ({ parts = [], checks = [], reporters = 1 }) => [
  section("task-parts", word("parts"), parts.map(partLine)),
  section("task-checks", word("checks"), checks.map(checkLine)),
  reporters > 1 && el("section", { class: "panel", id: "task-reporters" }, el("p", {}, word("reporters", { n: reporters }))),
];
