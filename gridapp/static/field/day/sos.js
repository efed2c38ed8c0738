// The alarm: pressed long, so that no pocket raises it; it goes before everything else that waits.

import { toast, word } from "../../app.js";
import { ask, newId } from "../api.js";
import * as outbox from "../core/outbox.js";
import { keep, kept } from "../core/store.js";
import { alert, button, el, icon, sheet, show } from "../dom.js";
import { hear } from "../feed.js";
import { quietPlace } from "../place.js";
import { moment, notKept } from "../text.js";

const PRESS_MS = 1_500;
const OPEN = "calls";
const MOST_OPEN = 20;
const OUTCOMES = { sent: "sos_sent", kept: "sos_kept", refused: "sos_refused" };
const lines = new Map();

async function raise(id) {
  navigator.vibrate?.(200);
  const fix = await quietPlace().catch(() => null);
  const place = fix ? { location: { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } } : {};
  const body = { id, at: new Date().toISOString(), ...place };
  const item = { id, kind: "sos", about: id, path: "/sos", method: "POST", body, title: word("sos") };
  await keep(OPEN, [...(await open()), id].slice(-MOST_OPEN)).catch(() => {});
  // A phone with no room left to keep the call still tries the way out.
  const kept = await outbox.store(item).catch(async (error) => {
    const answer = await ask("/sos", { method: "POST", json: body }).catch(() => Promise.reject(error));
    return { settled: { state: "sent", answer } };
  });
  return kept.settled;
}

/** What became of the alarm stays on the screen until somebody takes care, with numbers to call. */
async function sound() {
  const id = newId();
  const line = el("div", { role: "status" }, alert("is-warn", word("sos_sending")));
  const tell = ({ state, problem }) => show(line, alert(state === "sent" ? "is-good" : "", el("b", {}, word(OUTCOMES[state])), problem && el("p", {}, problem.detail)));
  const stop = outbox.watch((news) => news.id === id && news.outcome && tell(news.outcome));
  const { body, close } = sheet(word("sos"), { onclose: () => {
    stop();
    lines.delete(id);
  } });
  lines.set(id, line);
  show(body, line, ["110", "119", "120"].map((number) => el("a", { class: "button danger wide f-big", href: `tel:${number}` }, icon("phone"), word("call", { number }))), button(word("close"), close, { kind: "wide f-big" }));
  try {
    tell(await raise(id));
  } catch (error) {
    show(line, alert("", notKept(error)));
  }
}

const open = async () => (await kept(OPEN).catch(() => null)) ?? [];

/** Tells, on any screen, when somebody at the desk takes care of a call of this phone. */
export function followCalls() {
  hear(async (changes) => {
    const taken = changes.filter(({ kind, thing }) => kind === "alarm" && thing?.acknowledged);
    if (!taken.length) return;
    const mine = await open();
    for (const { thing } of taken.filter(({ id }) => mine.includes(id))) {
      const words = word("sos_taken", { name: thing.acknowledged.by.name, at: moment(thing.acknowledged.at) });
      const line = lines.get(thing.id);
      if (line) show(line, alert("is-good", el("b", {}, words), thing.answer && el("p", {}, thing.answer)));
      else toast([words, thing.answer].filter(Boolean).join(" "), "good");
    }
    await keep(OPEN, mine.filter((one) => !taken.some(({ id }) => id === one))).catch(() => {});
  });
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
