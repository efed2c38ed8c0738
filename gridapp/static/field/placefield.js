// The field for a place: finds it by itself, shows its accuracy and the grids that hold it, and lets the pin be moved.

import { word } from "../app.js";
import { isNoNetwork, saying } from "./api.js";
import { alert, button, el, show } from "./dom.js";
import { locate } from "./map/data.js";
import { movePin, stillMap } from "./map/pin.js";
import { findPlace } from "./place.js";
import { chainName, distance, named } from "./text.js";

const POOR_M = 50;
const SETTLE_MS = 500;

/** What lies at a place, in a line. */
export function placeWords({ chain, nearest }) {
  if (chain.length && !nearest) return chainName(chain);
  if (nearest) return word("outside_near", { grid: named(nearest), distance: distance(nearest.distance_m) });
  return word("outside");
}

/**
 * The field; `state` is {place, chain, chosen, held} and stays with the form. `onchange` hears of every change. `auto` looks for
 * the person's own place by itself, each time that the form is shown: they may have walked on; a `chosen` one stays, and one that is `held`
 * since it was written elsewhere.
 */
export function placeField(state, { onchange = () => {}, onaddress = () => {}, auto = true } = {}) {
  const line = el("p", { class: "f-place-line", role: "status" });
  const grids = el("p", { class: "f-place-grids" });
  const note = el("div");
  const map = el("div");
  const box = el("div", { class: "f-place" }, line, grids, note, map, el(
    "div",
    { class: "f-pair" },
    button(word("find_again"), () => find(), { mark: "refresh" }),
    button(word("move_pin"), () => pin(), { mark: "pin" }),
  ));
  let stop = () => {};
  let asked = 0;
  let timer;

  function tell(words, busy = false) {
    line.textContent = words;
    line.classList.toggle("is-busy", busy);
  }

  function askGrids() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      try {
        const found = await locate(state.place);
        if (mine !== asked) return;
        state.chain = found.nearest ? [] : found.chain;
        grids.textContent = placeWords(found);
      } catch (error) {
        if (mine !== asked) return;
        state.chain = null;
        grids.textContent = isNoNetwork(error) ? word("grids_later") : saying(error);
      }
      onchange();
    }, SETTLE_MS);
  }

  function drawMap() {
    show(map, state.place ? el("button", { type: "button", class: "f-map-button", "aria-label": word("move_pin"), onclick: () => pin() }, stillMap(state.place)) : null);
  }

  function onFix({ lon, lat, accuracy, mock, at }, done) {
    state.place = { lon, lat, accuracy: Math.round(accuracy), ...(mock ? { mock } : {}) };
    state.settled = done;
    state.fixes = [...(state.fixes ?? []), { lon, lat, accuracy, at: new Date(at).toISOString(), ...(mock ? { mock } : {}) }];
    tell(word(done ? "place_found" : "place_improving", { accuracy: state.place.accuracy }), !done);
    show(note, done && accuracy > POOR_M && !state.doubts ? alert("is-warn", word("place_poor")) : null);
    askGrids();
    if (done) drawMap();
    onchange();
  }

  function onFail(why) {
    tell(word("no_place"));
    show(note, alert("is-warn", word(why === "denied" ? "place_denied" : "place_unavailable")));
    onchange();
  }

  function find() {
    stop();
    Object.assign(state, { place: null, chain: null, chosen: false, held: false, asked: false, fixes: [] });
    tell(word("finding"), true);
    show(grids);
    show(map);
    show(note);
    stop = findPlace(onFix, onFail);
  }

  async function pin() {
    const chosen = await movePin(state.place, (place) => locate(place).then(placeWords, () => word("grids_later")));
    if (!chosen) return;
    stop();
    const { address, ...at } = chosen;
    Object.assign(state, { place: at, chosen: true, settled: true });
    if (address) onaddress(address);
    tell(word("place_pinned"));
    show(note);
    askGrids();
    drawMap();
    onchange();
  }

  if (state.place && (state.chosen || state.held)) {
    tell(state.place.accuracy ? word("place_found", { accuracy: state.place.accuracy }) : word("place_pinned"));
    askGrids();
    drawMap();
  } else if (auto) {
    find();
  } else {
    tell(word("no_place"));
  }
  return { box, stop: () => stop() };
}
