// Where the desk was first: what the worker did on the left, the task as it is now on the right, and what can be done now.

import { word } from "../app.js";
import { button, el } from "./dom.js";
import { actionName, moment, named, problemWords, stageName } from "./text.js";

/** Whether an item was refused because the task had moved on. */
export const isConflict = ({ kind, problem }) => kind === "action" && Boolean(problem?.task);

function side(title, rows) {
  return el("div", { class: "f-side" }, el("h3", {}, title), el("dl", {}, rows.filter(([, words]) => words).map(([name, words]) => [el("dt", {}, name), el("dd", {}, words)])));
}

const holder = ({ assignee }) => assignee && (assignee.person?.name ?? named(assignee));

/** Both versions of a task side by side, and the ways on: `edit` opens the action again, `comment` keeps the words as a comment. */
export function conflictPart(item, { edit, comment }) {
  const { body, problem } = item;
  const { task } = problem;
  const still = (task.actions ?? []).some(({ action }) => action === body.action);
  const last = task.events?.at(-1);
  return el(
    "div",
    { class: "stack f-conflict" },
    el("p", { class: "wrong" }, problemWords(problem)),
    el(
      "div",
      { class: "f-sides" },
      side(word("your_version"), [
        [word("action"), actionName(body.action)],
        [word("when"), moment(body.at)],
        [word("words_short"), body.note],
        [word("photos"), body.photos?.length ? String(body.photos.length) : ""],
      ]),
      side(word("version_now"), [
        [word("stage"), task.outcome ? word(`outcome_${task.outcome}`) : stageName(task.stage)],
        [word("in_charge"), holder(task) || word("nobody_yet")],
        [word("last_step"), last && `${actionName(last.action)} · ${last.actor.name ?? word("the_system")} · ${moment(last.at)}`],
        [word("words_short"), last?.note],
      ]),
    ),
    el("p", { class: "muted" }, word(still ? "conflict_still" : "conflict_no_longer")),
    el(
      "div",
      { class: "f-pair" },
      still && button(word("edit_and_send"), () => edit(item), { kind: "primary", mark: "edit" }),
      !still && !task.outcome && (body.note || body.photos?.length) && button(word("keep_as_comment"), () => comment(item), { kind: "primary", mark: "edit" }),
      el("a", { class: "button", href: `#/tasks/${task.id}` }, word("look_at_task")),
    ),
  );
}
