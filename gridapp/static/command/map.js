// The map of the command centre: grids, tasks of the window under the list's filters, and where people were last.

import { ask, tell, word } from "../app.js";
import { addBasemap } from "../maps/basemap.js";
import { answered, asked } from "./asking.js";
import { query } from "./list.js";

const L = window.L;
const OLD_MS = 30 * 60_000;
const FAR_BELOW = 15;
const pane = document.getElementById("map-pane");
const hint = document.getElementById("map-hint");

const overdue = (task) => Boolean(task.due) && Date.parse(task.due) < Date.now();

function taskIcon(task, open) {
  const pin = document.createElement("i");
  pin.className = `pin ${overdue(task) ? "is-overdue" : `stage-${task.stage}`}`;
  return L.divIcon({ className: `task-marker ${open ? "is-open" : ""}`, html: pin, iconSize: [18, 18] });
}

function countIcon(count, late) {
  const size = count < 10 ? 32 : count < 100 ? 38 : count < 1000 ? 46 : 54;
  const text = document.createElement("span");
  text.textContent = count;
  return L.divIcon({ className: `task-cluster ${late ? "is-overdue" : ""}`, html: text, iconSize: [size, size] });
}

export function createMap({ onOpen }) {
  const map = pane.querySelector(".folium-map").map;
  const basemap = addBasemap(map);
  const tasks = new Map();
  const people = new Map();
  const cells = L.layerGroup().addTo(map);
  const peopleLayer = L.layerGroup().addTo(map);
  const clusters = L.markerClusterGroup({
    maxClusterRadius: 44,
    disableClusteringAtZoom: 18,
    showCoverageOnHover: false,
    spiderfyOnMaxZoom: false,
    iconCreateFunction: (cluster) => countIcon(cluster.getChildCount(), cluster.getAllChildMarkers().some((marker) => overdue(marker.task))),
  }).addTo(map);
  let open = null;
  let counted = false;
  let running;
  let lookingForPeople;
  let picking = null;

  function put(task) {
    drop(task.id);
    const marker = L.marker([task.lat, task.lon], { icon: taskIcon(task, task.id === open), title: word("task", task), alt: word("task", task), keyboard: false });
    marker.task = task;
    marker.on("click", () => onOpen(task.id));
    tasks.set(task.id, marker);
    return marker;
  }

  function drop(id) {
    const marker = tasks.get(id);
    if (marker) clusters.removeLayer(marker);
    tasks.delete(id);
  }

  function bbox() {
    const box = map.getBounds().pad(0.2);
    return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((x) => x.toFixed(6)).join(",");
  }

  async function reload() {
    if (!map.getSize().x) return;
    reloadPeople();
    running?.abort();
    running = new AbortController();
    try {
      const found = await ask(`/command/map/tasks?${query({ bbox: bbox() })}`, { signal: running.signal });
      counted = found.cells.length > 0;
      clusters.clearLayers();
      cells.clearLayers();
      tasks.clear();
      clusters.addLayers(found.points.map(put));
      for (const cell of found.cells) addCell(cell);
    } catch (error) {
      tell(error);
    }
  }

  /** Asks where people are now; the stream tells only of those who move while it is heard. */
  async function reloadPeople() {
    if (!map.getSize().x) return;
    lookingForPeople?.abort();
    lookingForPeople = new AbortController();
    const how = { headers: { Accept: "application/json" }, signal: lookingForPeople.signal };
    try {
      const answer = await answered(() => asked(`/command/map/people?bbox=${bbox()}`, how));
      const persons = await answer.json();
      peopleLayer.clearLayers();
      people.clear();
      persons.forEach(putPerson);
    } catch (error) {
      tell(error);
    }
  }

  function addCell(cell) {
    L.marker([cell.lat, cell.lon], { icon: countIcon(cell.count, cell.overdue > 0), title: word("cluster", cell), keyboard: false })
      .on("click", () => map.setView([cell.lat, cell.lon], map.getZoom() + 2))
      .addTo(cells);
  }

  function putPerson(person) {
    people.get(person.id)?.remove();
    const mark = document.createElement("i");
    const age = Date.now() - Date.parse(person.at);
    mark.className = `person ${age > OLD_MS ? "is-old" : ""}`;
    const label = document.createElement("span");
    label.textContent = word("person_at", { name: person.name, ago: Math.max(0, Math.round(age / 60_000)) });
    const marker = L.marker([person.lat, person.lon], { icon: L.divIcon({ className: "person-marker", html: mark, iconSize: [14, 14] }), zIndexOffset: -200, keyboard: false });
    marker.bindTooltip(label, { className: "spot-label", direction: "top" });
    people.set(person.id, marker.addTo(peopleLayer));
  }

  /** Takes rows of the list that changed; ids that are not among them are shown no longer. */
  function patch(ids, rows) {
    if (counted) return later();
    for (const id of ids) drop(id);
    const placed = rows.filter((row) => row.dataset.lon);
    clusters.addLayers(placed.map(({ dataset: d }) => put({ id: d.task, number: d.number, lon: Number(d.lon), lat: Number(d.lat), stage: d.stage, due: d.due })));
  }

  function mark(id) {
    const was = open;
    open = id;
    for (const key of [was, id]) {
      const marker = tasks.get(key);
      if (marker) marker.setIcon(taskIcon(marker.task, key === id));
    }
  }

  function show(lon, lat) {
    if (!map.getBounds().pad(-0.1).contains([lat, lon]) || map.getZoom() < 15) map.setView([lat, lon], Math.max(map.getZoom(), 16));
  }

  /** Lets the person press a place; gives [lon, lat] or null. */
  function pick() {
    picking?.(null);
    pane.classList.add("is-picking");
    hint.hidden = false;
    return new Promise((resolve) => {
      picking = (place) => {
        picking = null;
        pane.classList.remove("is-picking");
        hint.hidden = true;
        resolve(place);
      };
    });
  }

  let pin;
  function setPin(lon, lat) {
    pin?.remove();
    pin = lon === undefined ? undefined : L.marker([lat, lon], { icon: L.icon({ iconUrl: "/static/vendor/leaflet/images/marker-icon.png", iconRetinaUrl: "/static/vendor/leaflet/images/marker-icon-2x.png", shadowUrl: "/static/vendor/leaflet/images/marker-shadow.png", iconSize: [25, 41], iconAnchor: [12, 41] }) }).addTo(map);
  }

  let waiting;
  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(reload, 250);
  }

  const far = () => pane.classList.toggle("is-far", map.getZoom() < FAR_BELOW);
  map.on("moveend", later);
  map.on("zoomend", far);
  far();
  map.on("click", (event) => picking?.([event.latlng.lng, event.latlng.lat]));
  hint.querySelector("[data-cancel-pin]").addEventListener("click", () => picking?.(null));
  setInterval(() => {
    for (const marker of tasks.values()) if (overdue(marker.task) !== marker.wasLate) {
      marker.wasLate = overdue(marker.task);
      marker.setIcon(taskIcon(marker.task, marker.task.id === open));
    }
  }, 20_000);

  return {
    reload,
    reloadPeople,
    patch,
    mark,
    show,
    pick,
    setPin,
    remove: (ids) => ids.forEach(drop),
    positions: (found) => found.forEach(putPerson),
    refreshGrids: () => basemap.refresh(),
    fit: ([west, south, east, north]) => map.fitBounds([[south, west], [north, east]], { maxZoom: 18 }),
    resize: () => map.invalidateSize({ animate: false }),
  };
}
