// Maps of the phone: a still one that shows a place, and one over the whole screen to move a place under the pin.

import { word } from "../app.js";
import { ask, tiles } from "./api.js";
import { button, el, fill, sheet } from "./dom.js";

const ASSETS = "/static/vendor";
const CLOSE = 17;
const PIN = { iconUrl: `${ASSETS}/leaflet/images/marker-icon.png`, iconRetinaUrl: `${ASSETS}/leaflet/images/marker-icon-2x.png`, shadowUrl: `${ASSETS}/leaflet/images/marker-shadow.png`, iconSize: [25, 41], iconAnchor: [12, 41] };
let loading;
let home;

const add = (node) => new Promise((resolve, reject) => {
  node.addEventListener("load", resolve);
  node.addEventListener("error", reject);
  document.head.append(node);
});

/** Leaflet and the base map, fetched when the first map is shown. */
function library() {
  loading ??= (async () => {
    await Promise.all([
      add(el("link", { rel: "stylesheet", href: `${ASSETS}/leaflet/leaflet.css` })),
      add(el("script", { src: `${ASSETS}/leaflet/leaflet.js` })),
    ]);
    await add(el("script", { src: `${ASSETS}/protomaps-leaflet/protomaps-leaflet.js` }));
    return import("../maps/basemap.js");
  })();
  loading.catch(() => { loading = undefined; });
  return loading;
}

async function draw(box, options) {
  const { addBasemap } = await library();
  const map = window.L.map(box, { attributionControl: false, ...options });
  addBasemap(map, tiles);
  box.map = map;
  return map;
}

/** West, south, east, north of my own grid: where a map opens that knows no place. */
async function homeBounds() {
  home ??= ask("/grids/mine").then(({ features }) => {
    const own = features.filter((feature) => feature.properties.part === "own");
    const box = window.L.geoJSON(own).getBounds();
    return box.isValid() ? box : null;
  });
  return home.catch(() => {
    home = undefined;
    return null;
  });
}

/** A small map that shows a place and does nothing else; where it cannot be drawn, nothing is shown. */
export function stillMap({ lon, lat, accuracy }) {
  const box = el("div", { class: "f-map-still", role: "img", "aria-label": word("map_of_place") });
  const still = { zoomControl: false, dragging: false, touchZoom: false, scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false, keyboard: false };
  // The box has its size only once it is in the page.
  requestAnimationFrame(() => draw(box, still).then((map) => {
    map.setView([lat, lon], CLOSE);
    window.L.marker([lat, lon], { icon: window.L.icon(PIN), interactive: false, keyboard: false }).addTo(map);
    if (accuracy) window.L.circle([lat, lon], { radius: accuracy, weight: 1, color: "#1558a8", interactive: false }).addTo(map);
  }).catch(() => box.remove()));
  return box;
}

/** Lets the person move the map under a pin. `about(place)` says what lies there; resolves to {lon, lat} or null. */
export function movePin(from, about) {
  return new Promise((resolve) => {
    let chosen = null;
    const { body, close } = sheet(word("move_pin"), { whole: true, onclose: () => resolve(chosen) });
    const box = el("div", { class: "f-map-whole", id: "pin-map" });
    const where = el("p", { class: "f-map-where", role: "status" }, word("move_map_under_pin"));
    const take = button(word("take_place"), () => {
      const { lng, lat } = box.map.getCenter().wrap();
      chosen = { lon: Number(lng.toFixed(6)), lat: Number(lat.toFixed(6)) };
      close();
    }, { kind: "primary wide f-big", mark: "check", disabled: true });
    fill(body, el("div", { class: "f-map-frame" }, box, el("img", { class: "f-map-pin", src: PIN.iconRetinaUrl, alt: "", width: 30, height: 49 })), where, take);
    body.classList.add("is-map");
    open(box, from).then((map) => {
      take.disabled = false;
      map.on("moveend", () => about(map.getCenter().wrap()).then((words) => { where.textContent = words; }));
      map.fire("moveend");
    }, () => { where.textContent = word("map_needs_network"); });
  });
}

async function open(box, from) {
  const map = await draw(box, { zoomControl: true });
  if (from) return map.setView([from.lat, from.lon], CLOSE);
  const bounds = await homeBounds();
  return bounds ? map.fitBounds(bounds) : map.setView([35, 105], 4);
}
