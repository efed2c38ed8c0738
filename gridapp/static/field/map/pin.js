// A place on the map: shown still, or moved under a pin; a building can be pressed.

import { word } from "../../app.js";
import { button, el, fill, icon, sheet } from "../dom.js";
import { named } from "../text.js";
import { buildingAt } from "./data.js";
import { mapBox } from "./map.js";

const SETTLE_MS = 250;

/** A small map that shows a place and does nothing else. */
export function stillMap({ lon, lat, accuracy }) {
  return el("div", { class: "f-map-still" }, mapBox({ at: { lon, lat }, still: true, label: word("map_of_place"), marks: [{ lon, lat, radius: accuracy }] }).box);
}

/** Lets the person move the map under a pin, or press a building. `about(place)` says what lies there; resolves to {lon, lat, address?} or null. */
export function movePin(from, about) {
  return new Promise((resolve) => {
    let chosen = null;
    let building = null;
    let pressed = null; // where the building was tapped: where the map goes on, it is no longer meant
    const { body, close } = sheet(word("move_pin"), { whole: true, onclose: () => resolve(chosen) });
    const where = el("p", { class: "f-map-where", role: "status" }, word("move_map_under_pin"));
    let timer;
    const tellSoon = (place) => {
      if (pressed && (place.lon !== pressed.lon || place.lat !== pressed.lat)) building = pressed = null;
      clearTimeout(timer);
      timer = setTimeout(() => about(place).then((words) => { where.textContent = [building && word("at_building", { name: building }), words].filter(Boolean).join(" · "); }), SETTLE_MS);
    };
    const map = mapBox({
      at: from,
      marks: from ? [{ ...from, radius: from.accuracy }] : [],
      label: word("map_of_place"),
      onmove: tellSoon,
      async onpress(place) {
        building = named(await buildingAt(place));
        pressed = place;
        map.show(place);
      },
    });
    const take = button(word("take_place"), () => {
      const { lon, lat } = map.middle();
      chosen = { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)), ...(building ? { address: building } : {}) };
      close();
    }, { kind: "primary wide f-big", mark: "check", disabled: true });
    map.box.id = "pin-map";
    fill(body, el("div", { class: "f-map-frame" }, map.box, pinMark(), zoomers(map)), where, take);
    body.classList.add("is-map");
    map.ready.then(() => { take.disabled = false; });
  });
}

const pinMark = () => el("span", { class: "f-map-pin", "aria-hidden": "true" }, icon("pin"));

/** Buttons to come nearer and go farther. */
export function zoomers(map) {
  return el("div", { class: "f-zoomers" }, el("button", { type: "button", class: "button", "aria-label": word("nearer"), onclick: () => map.zoom(1.6) }, icon("plus")), el("button", { type: "button", class: "button", "aria-label": word("farther"), onclick: () => map.zoom(1 / 1.6) }, icon("minus")));
}
