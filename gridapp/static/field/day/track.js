// My own track of a day on the map.

import { word } from "../../app.js";
import { ask, isNoNetwork, saying } from "../api.js";
import { alert, el, empty, show, skeleton } from "../dom.js";
import { mapBox } from "../map/map.js";
import { zoomers } from "../map/pin.js";
import { setup } from "../text.js";

/** Today in the zone in which people read times. */
const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: setup.timezone }).format(new Date());

function onMap({ geometry }) {
  const lines = !geometry ? [] : geometry.type === "MultiLineString" ? geometry.coordinates : [geometry.coordinates];
  const line = lines.flat();
  if (!line.length) return empty(word("no_track"), "", "route");
  const [lon, lat] = line.at(-1);
  const map = mapBox({ label: word("my_track"), line, marks: [{ lon, lat }] });
  return el("div", { class: "f-map-way is-tall" }, map.box, zoomers(map));
}

/** The screen; gives back what ends it. */
export function trackScreen(screen) {
  const shown = el("div", {}, skeleton());
  const day = el("input", { type: "date", id: "track-day", value: today(), max: today(), onchange: () => load() });
  let asked = 0;
  async function load() {
    const mine = ++asked;
    try {
      const track = await ask(`/positions/mine?${new URLSearchParams({ day: day.value })}`);
      if (mine === asked) show(shown, onMap(track));
    } catch (error) {
      if (mine === asked) show(shown, alert("is-warn", isNoNetwork(error) ? word("list_offline") : saying(error)));
    }
  }
  show(screen, el("section", { class: "panel stack" }, el("div", { class: "field" }, el("label", { class: "f-label", for: "track-day" }, word("day")), day), shown));
  load();
  return () => { asked += 1; };
}
