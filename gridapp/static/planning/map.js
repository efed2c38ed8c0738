// The map of the desk: the grids of one level as polygons, the chosen one with vertices to drag.

import { ask } from "../app.js";
import { addBasemap } from "../maps/basemap.js";

const L = window.L;
const FILLS = { enough: "#2e9b3c", few: "#e8a400", many: "#e8a400" };
const MOST_HANDLES = 80;

function styleOf({ fit, changed }, isChosen) {
  return {
    color: isChosen ? "#0f4484" : changed ? "#c2470b" : "#2b67b1",
    weight: isChosen ? 4 : changed ? 3 : 2,
    fillColor: FILLS[fit] ?? "#6b7fa3",
    fillOpacity: isChosen ? 0.28 : 0.16,
    lineJoin: "round",
  };
}

const same = (a, b) => Math.abs(a.lat - b.lat) < 1e-9 && Math.abs(a.lng - b.lng) < 1e-9;
const flat = (rings) => (Array.isArray(rings) ? rings.flatMap(flat) : [rings]);

export function createMap({ onChoose, onRedraw }) {
  const map = document.querySelector("#map-pane .folium-map").map;
  addBasemap(map);
  const grids = L.featureGroup().addTo(map);
  const streets = L.layerGroup().addTo(map);
  const marks = L.featureGroup().addTo(map);
  const layers = new Map();
  let chosen = null;
  let followers = [];

  function draw(collection, id, draws) {
    freeze();
    grids.clearLayers();
    marks.clearLayers();
    layers.clear();
    for (const feature of collection.features) {
      const [layer] = L.geoJSON(feature, { snapIgnore: true, bubblingMouseEvents: false }).getLayers();
      layer.on("click", () => onChoose(feature.id));
      layers.set(feature.id, layer);
      grids.addLayer(layer);
    }
    choose(id, draws);
  }

  function choose(id, draws) {
    freeze();
    chosen = layers.get(id) ?? null;
    for (const [key, layer] of layers) layer.setStyle(styleOf(layer.feature.properties, key === id));
    if (!chosen) return;
    chosen.bringToFront();
    if (draws && chosen.feature.geometry.type === "Polygon") giveHandles(chosen, id);
  }

  function giveHandles(layer, id) {
    layer.pm.enable({ snappable: true, snapDistance: 12, snapVertex: true, allowSelfIntersection: false, preventMarkerRemoval: false, limitMarkersToCount: MOST_HANDLES, removeLayerBelowMinVertexCount: false });
    // Not at pm:edit, which also comes when a new vertex is only taken up. Sent when geoman has done with the event.
    const hand = () => setTimeout(() => chosen === layer && onRedraw(id, layer.toGeoJSON(15).geometry));
    let start = null;
    layer.on("pm:markerdragstart", ({ markerEvent }) => {
      start = markerEvent.target.getLatLng();
      takeAlong(layer, start);
    });
    layer.on("pm:markerdrag", ({ markerEvent }) => follow(markerEvent.target.getLatLng()));
    layer.on("pm:markerdragend", ({ intersectionReset }) => (intersectionReset ? follow(start) : hand()));
    layer.on("pm:vertexremoved", hand);
  }

  // What shares the vertex goes along while it is dragged; the server says afterwards what really follows.
  function takeAlong(layer, place) {
    followers = [...layers.values()]
      .filter((other) => other !== layer)
      .flatMap((other) => flat(other.getLatLngs()).filter((point) => same(point, place)).map((point) => ({ other, point })));
  }

  function follow(place) {
    for (const { other, point } of followers) {
      point.lat = place.lat;
      point.lng = place.lng;
      other.redraw();
    }
  }

  function freeze() {
    followers = [];
    if (!chosen) return;
    chosen.off("pm:markerdragstart pm:markerdrag pm:markerdragend pm:vertexremoved");
    chosen.pm.disable();
  }

  function fly(geometry) {
    marks.clearLayers();
    const mark = L.geoJSON(geometry, { style: { color: "#d3261e", weight: 5, fillOpacity: 0.35 }, pointToLayer: (_, at) => L.circleMarker(at, { radius: 14, color: "#d3261e", weight: 4, fillOpacity: 0.15 }), interactive: false, pmIgnore: true, snapIgnore: true }).addTo(marks);
    map.fitBounds(mark.getBounds(), { maxZoom: 18, padding: [60, 60] });
  }

  async function loadStreets(path) {
    const lines = await ask(path).catch(() => ({ geometries: [] }));
    streets.clearLayers();
    for (const geometry of lines.geometries) {
      L.geoJSON(geometry, { style: { opacity: 0, weight: 1 }, interactive: false, snapIgnore: false }).addTo(streets);
    }
  }

  return {
    draw,
    choose,
    freeze,
    fly,
    loadStreets,
    fit: () => grids.getLayers().length && map.fitBounds(grids.getBounds(), { padding: [20, 20], animate: false }),
  };
}
