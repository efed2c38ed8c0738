// On or off duty, with one tap.

import { toast, word } from "../../app.js";
import { setDuty } from "../duty.js";
import { serverTime } from "../core/clock.js";
import { button, el } from "../dom.js";
import { quietPlace } from "../place.js";
import { session, turnDuty } from "../session.js";
import { moment, notKept } from "../text.js";

/** The panel, for whoever goes on duty, as long as they are signed in; `redraw` draws it anew. */
export function dutyPart(redraw) {
  if (!session.me || session.me.role === "handler") return null;
  const { on, since } = session.me.duty;
  const toggle = async (event) => {
    event.currentTarget.disabled = true;
    await quietPlace();
    const outcome = await setDuty(!on).catch((error) => ({ state: "refused", problem: { detail: notKept(error) } }));
    if (outcome.state === "refused") toast(outcome.problem.detail, "bad");
    if (outcome.state === "kept") toast(word("kept_action"));
    if (outcome.state === "kept") await turnDuty({ on: !on, since: new Date(serverTime()).toISOString() });
    if (outcome.state === "sent") await turnDuty(outcome.answer);
    document.dispatchEvent(new Event("field-duty"));
    redraw();
  };
  return el(
    "section",
    { class: "panel stack", id: "duty" },
    el("p", {}, el("span", { class: `lamp ${on ? "lamp-green" : "lamp-off"}` }), " ", el("b", {}, word(on ? "on_duty_now" : "off_duty_now")), on && el("span", { class: "muted" }, ` ${word("since", { at: moment(since) })}`)),
    el("p", { class: "hint" }, word("positions_hint")),
    button(word(on ? "go_off_duty" : "go_on_duty"), toggle, { kind: `wide f-big ${on ? "" : "primary"}` }),
  );
}
