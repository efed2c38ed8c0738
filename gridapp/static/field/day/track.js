// My own track of a day on the map, and who looked at it; without a network as the phone had it, with what it has still to send.

import { word } from "../../app.js";
import { ask, isNoNetwork, saying } from "../api.js";
import { seal, unseal } from "../core/seal.js";
import { keep, kept } from "../core/store.js";
import * as outbox from "../core/outbox.js";
import { alert, el, empty, icon, show, skeleton } from "../dom.js";
import { mapBox } from "../map/map.js";
import { zoomers } from "../map/pin.js";
import { moment, roleName, setup } from "../text.js";
import { today } from "./today.js";

const KEY = "track";
const dayOf = new Intl.DateTimeFormat("sv-SE", { timeZone: setup.timezone });

async function fetched(day) {
  const query = new URLSearchParams({ day });
  const [track, readers] = await Promise.all([ask(`/positions/mine?${query}`), ask(`/positions/mine/readers?${query}`)]);
  const told = { track, readers: readers.items };
  if (day === today()) await keep(KEY, { day, sealed: await seal(told) });
  return told;
}

/** As the phone had it: what it never had it does not know, and that is not the same as nothing and nobody. */
async function fromPhone(day) {
  const known = await kept(KEY);
  const told = known?.day === day ? await unseal(known.sealed).catch(() => null) : null;
  return { ...(told ?? { track: { geometry: null }, readers: null }), offline: told ? "track_as_kept" : "track_offline" };
}

/** Positions of the day that this phone has still to send. */
async function unsent(day) {
  const batches = (await outbox.listed()).filter(({ kind, state }) => kind === "positions" && state === "waiting");
  return batches.flatMap(({ body }) => body?.points ?? []).filter(({ at }) => dayOf.format(new Date(at)) === day).map(({ lon, lat }) => [lon, lat]);
}

function onMap({ geometry }, more) {
  const lines = !geometry ? [] : geometry.type === "MultiLineString" ? geometry.coordinates : [geometry.coordinates];
  const line = [...lines.flat(), ...more];
  if (!line.length) return empty(word("no_track"), "", "route");
  const [lon, lat] = line.at(-1);
  const map = mapBox({ label: word("my_track"), line, marks: [{ lon, lat }] });
  return el("div", { class: "f-map-way is-tall" }, map.box, zoomers(map));
}

function readersPart(readers) {
  const line = ({ name, role, at }) => el("li", { class: "f-notice" }, el("span", {}, `${name} · ${roleName(role)}`), el("time", { class: "muted", datetime: at }, moment(at)));
  return el(
    "section",
    { class: "panel stack", id: "readers" },
    el("h2", {}, icon("eye"), " ", word("who_looked")),
    readers.length ? el("ul", { class: "f-list" }, readers.map(line)) : el("p", { class: "muted" }, word("nobody_looked")),
    el("p", { class: "hint" }, word("who_looked_hint")),
  );
}

/** The screen; gives back what ends it. */
export function trackScreen(screen) {
  const shown = el("div", { class: "stack" }, skeleton());
  const day = el("input", { type: "date", id: "track-day", value: today(), max: today(), onchange: () => load() });
  let asked = 0;
  async function load() {
    const mine = ++asked;
    try {
      const told = await fetched(day.value).catch((error) => (isNoNetwork(error) ? fromPhone(day.value) : Promise.reject(error)));
      const more = await unsent(day.value);
      if (mine !== asked) return;
      const drawn = told.readers || more.length > 0;
      show(shown, told.offline && alert("is-warn", word(told.offline)), drawn && el("section", { class: "panel" }, onMap(told.track, more)), told.readers && readersPart(told.readers));
    } catch (error) {
      if (mine === asked) show(shown, alert("is-warn", saying(error)));
    }
  }
  show(screen, el("section", { class: "panel stack" }, el("div", { class: "field" }, el("label", { class: "f-label", for: "track-day" }, word("day")), day)), shown);
  load();
  return () => { asked += 1; };
}
