// What came with a post: the open tasks of the grid, read and confirmed once, also without a network.

import { toast, word } from "../../app.js";
import { newId } from "../api.js";
import * as outbox from "../core/outbox.js";
import { button, el, icon } from "../dom.js";
import { stageBadge } from "../tasks.js";
import { moment, named, notKept } from "../text.js";
import { lampMark } from "./lamp.js";

const KIND = "hand_over";

async function confirm({ post, grid }) {
  const item = { id: newId(), kind: KIND, about: post, path: `/hand-overs/${post}/confirm`, method: "POST", title: `${word("kind_hand_over")} · ${named(grid)}` };
  await outbox.store(item).then(() => toast(word("hand_over_confirmed"), "good"), (error) => toast(notKept(error), "bad"));
}

const line = (task) => el(
  "li",
  {},
  el("a", { class: "f-row", href: `#/tasks/${task.id}` }, el("span", { class: "f-row-words" }, el("span", { class: "f-card-head" }, lampMark(task), stageBadge(task), el("span", { class: "f-card-number" }, `#${task.number}`)), el("b", {}, named(task.category)), ` ${task.description}`), icon("next")),
);

const standing = (state) => el("p", {}, state === "refused" ? el("a", { class: "wrong", href: "#/outbox" }, word("was_refused")) : el("span", { class: "badge is-warn" }, word("waits_short")));

/** The lists to confirm; nothing where there are none. `items` are those of the outbox. */
export function handOversPart(handOvers, { items }) {
  const states = new Map(items.filter(({ kind }) => kind === KIND).map(({ about, state }) => [about, state]));
  return handOvers.map((one) => el(
    "section",
    { class: "panel stack is-warn", "data-hand-over": one.post },
    el("h2", {}, word("hand_over_of", { grid: named(one.grid) })),
    el("p", { class: "muted" }, word("hand_over_from", { names: one.previous.join(word("list_comma")), at: moment(one.since) })),
    one.tasks.length ? el("ul", { class: "f-list" }, one.tasks.map(line)) : el("p", {}, word("hand_over_none")),
    states.has(one.post) ? standing(states.get(one.post)) : button(word("hand_over_confirm"), () => confirm(one), { kind: "primary wide f-big", mark: "check", "data-tap": "confirm" }),
  ));
}
