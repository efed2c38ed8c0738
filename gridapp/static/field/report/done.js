// What became of a report: its number, or that it is kept; told anew when it arrives or is refused meanwhile.

import { word } from "../../app.js";
import * as outbox from "../core/outbox.js";
import { button, el, icon, show } from "../dom.js";
import { named } from "../text.js";

const filed = (answer) => [
  icon("check"),
  el("h2", {}, word("reported", { number: answer.number })),
  answer.told && el("p", { class: "alert is-warn" }, answer.told),
  el("p", { class: "muted" }, answer.located ? (answer.outcome ? word("settled_on_spot") : named(answer.grid)) : word("place_queue")),
  el("a", { class: "button primary wide f-big", href: `#/tasks/${answer.id}` }, word("open_task")),
];

function waiting(state) {
  const kept = state === "kept";
  return [icon(kept ? "clock" : "warn"), el("h2", {}, word(kept ? "kept" : "was_refused")), el("p", {}, word(kept ? "kept_hint" : "was_refused_hint")), el("a", { class: "button wide f-big", href: "#/outbox" }, word("see_unsent"))];
}

/** The screen after a report was sent or kept. */
export function done(screen, id, outcome) {
  const panel = el("section", { class: "panel f-done", role: "status", tabindex: -1 });
  const anew = button(word("report_another"), () => window.dispatchEvent(new Event("hashchange")), { kind: "wide f-big", mark: "plus" });
  const tell = ({ state, answer }) => show(panel, state === "sent" ? filed(answer) : waiting(state), anew);
  tell(outcome);
  show(screen, panel);
  panel.focus();
  const stop = outbox.watch((news) => {
    if (!panel.isConnected) return void stop();
    return news.id === id && news.outcome && tell(news.outcome);
  });
}
