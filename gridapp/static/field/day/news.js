// Notices that nobody looked at yet, on the day's screen: each leads to its task.

import { word } from "../../app.js";
import { el, icon } from "../dom.js";
import { noticeLine, unseenNotices } from "../noticelist.js";

const MOST = 3;

/** The newest of them; nothing where all were seen. */
export async function newsPart() {
  const found = await unseenNotices();
  if (!found.length) return null;
  return el(
    "section",
    { class: "panel stack", id: "news" },
    el("h2", {}, icon("bell"), " ", word("notices_new", { n: found.length })),
    el("ul", { class: "f-list" }, found.slice(0, MOST).map((one) => noticeLine(one, true))),
    el("a", { class: "f-link", href: "#/me" }, el("span", { class: "f-row-words" }, word("notices_all")), icon("next")),
  );
}
