// The alarm: pressed long, so that no pocket raises it; it goes before everything else that waits.

import { toast, word } from "../../app.js";
import { newId } from "../api.js";
import * as outbox from "../core/outbox.js";
import { alert, button, el, icon, sheet, show } from "../dom.js";
import { lastPlace, quietPlace } from "../place.js";

const PRESS_MS = 1_500;
const PLACE_MS = 3_000;

async function raise() {
  navigator.vibrate?.(200);
  const fix = lastPlace() ?? (await Promise.race([quietPlace(), new Promise((resolve) => { setTimeout(resolve, PLACE_MS, null); })]));
  const id = newId();
  const place = fix ? { location: { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } } : {};
  const { settled } = await outbox.store({ id, kind: "sos", about: id, path: "/sos", method: "POST", body: { id, at: new Date().toISOString(), ...place }, title: word("sos") });
  return settled;
}

/** What became of the alarm stays on the screen, with numbers to call. */
async function sound() {
  const { body, close } = sheet(word("sos"));
  const line = el("div", { role: "status" }, alert("is-warn", word("sos_sending")));
  show(body, line, ["110", "119", "120"].map((number) => el("a", { class: "button danger wide f-big", href: `tel:${number}` }, icon("phone"), word("call", { number }))), button(word("close"), close, { kind: "wide f-big" }));
  try {
    const outcome = await raise();
    const told = { sent: "sos_sent", kept: "sos_kept", refused: "sos_refused" }[outcome.state];
    show(line, alert(outcome.state === "sent" ? "is-good" : "", el("b", {}, word(told)), outcome.problem && el("p", {}, outcome.problem.detail)));
  } catch {
    show(line, alert("", word("not_kept")));
  }
}

/** The button of a screen. */
export const sosButton = () => held(el("button", { type: "button", class: "button danger f-sos", id: "sos" }, icon("siren"), el("span", {}, word("sos_hold"))));

/** The button in the bar, at hand on every screen. */
export const barSos = () => held(el("button", { type: "button", class: "f-bar-sos", id: "bar-sos", "aria-label": word("sos_hold") }, icon("siren")));

/** Held for a second and a half it raises the alarm; with a keyboard it is pressed twice. */
function held(node) {
  let timer;
  let armed = 0;
  const release = () => {
    clearTimeout(timer);
    node.classList.remove("is-held");
  };
  const press = () => {
    node.classList.add("is-held");
    timer = setTimeout(() => {
      release();
      sound();
    }, PRESS_MS);
  };
  node.addEventListener("pointerdown", press);
  for (const name of ["pointerup", "pointerleave", "pointercancel"]) node.addEventListener(name, release);
  node.addEventListener("contextmenu", (event) => event.preventDefault());
  node.addEventListener("click", (event) => {
    if (event.detail) return;
    if (Date.now() - armed < PRESS_MS * 2) return void sound();
    armed = Date.now();
    toast(word("sos_again"));
  });
  return node;
}
