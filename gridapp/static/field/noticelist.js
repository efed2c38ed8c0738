// Notices as the phone keeps them: which were not looked at, and each as a line that leads to its task.

import { word } from "../app.js";
import { notices } from "./feed.js";
import { el } from "./dom.js";
import { keep, kept } from "./core/store.js";
import { session } from "./session.js";
import { moment } from "./text.js";

/** Where it is noted what this person looked at; another one did not. */
const seenBy = () => `seen-notices ${session.me?.id}`;

const seenUpTo = async () => (await kept(seenBy())) ?? 0;

/** Notices that nobody looked at, newest first. */
export async function unseenNotices() {
  const seen = await seenUpTo();
  return (await notices()).filter(({ id, read_at: read }) => id > seen && !read);
}

/** The notices, newest first, with whether each is new; from now on they are seen. */
export async function lookAtNotices(most) {
  const all = (await notices()).slice(0, most);
  const seen = await seenUpTo();
  if (all.length) await keep(seenBy(), Math.max(seen, all[0].id));
  return all.map((notice) => ({ notice, isNew: notice.id > seen }));
}

export function noticeLine({ kind, task, params, words, at }, isNew) {
  const told = words?.[document.documentElement.lang.slice(0, 2)] ?? word(`notice_${kind}`, params ?? {});
  return el("li", {}, el("a", { class: `f-notice ${isNew ? "is-new" : ""}`, href: task ? `#/tasks/${task}` : "#/me" }, el("span", {}, told), el("time", { class: "muted", datetime: at }, moment(at))));
}
