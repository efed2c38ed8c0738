// How the offline map is painted on its canvas: surfaces, buildings, streets by their rank, grids, names.

import { named } from "../text.js";
import { linesOf } from "./project.js";

const FONT = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const LIGHT = { ground: "#eef0f2", park: "#d5e9cd", water: "#b7d6ee", building: "#dfe0e4", wall: "#b9bdc5", casing: "#c9cdd3", street: "#ffffff", main: "#ffe2a8", name: "#4d4a42", halo: "#ffffff" };
const DARK = { ground: "#1d2530", park: "#22382a", water: "#1d3a52", building: "#333d4a", wall: "#4a5665", casing: "#11171f", street: "#5a6676", main: "#8a6d35", name: "#e4e8ee", halo: "#11171f" };
const LINES = { own: ["#c8400a", 3, []], child: ["#6b7fa3", 1, [3, 3]], neighbour: ["#2b67b1", 1.5, []] };
const WIDTHS_M = { 1: 18, 2: 14, 3: 10 };
const SMALL_M = 6;
const APART = 2; // pixels that names keep free around them
const NAMES_FROM = 1.4; // metres a pixel, below which streets and buildings have names

const isDark = () => getComputedStyle(document.documentElement).colorScheme === "dark";

function trace(context, view, geometry, close) {
  context.beginPath();
  for (const line of linesOf(geometry)) {
    line.forEach((place, i) => {
      const [x, y] = view.toScreen(place);
      if (i) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
    if (close) context.closePath();
  }
}

function fillIn(context, view, { geometry }, fill, stroke) {
  trace(context, view, geometry, true);
  context.fillStyle = fill;
  context.fill("evenodd");
  if (!stroke) return;
  context.strokeStyle = stroke;
  context.lineWidth = 0.75;
  context.stroke();
}

function streets(context, view, list, ink) {
  const width = ({ properties }) => Math.max(1, (WIDTHS_M[properties.rank] ?? SMALL_M) / view.scale);
  for (const [extra, colour] of [[1.5, () => ink.casing], [0, ({ properties }) => (properties.rank <= 2 ? ink.main : ink.street)]]) {
    for (const street of list) {
      trace(context, view, street.geometry, false);
      context.strokeStyle = colour(street);
      context.lineWidth = width(street) + extra;
      context.stroke();
    }
  }
}

const fontOf = (size, weight) => `${weight} ${size}px ${FONT}`;

function write(context, ink, words, x, y) {
  context.lineWidth = 3;
  context.strokeStyle = ink.halo;
  context.fillStyle = ink.name;
  context.strokeText(words, x, y);
  context.fillText(words, x, y);
}

const overlap = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] && other[1] < one[3];

/** Names that are whole and lie over no other; `taken` are the boxes of those that stand already, this one's join them. */
function names(context, view, list, ink, size, { weight = 500, taken }) {
  context.font = fontOf(size, weight);
  for (const { properties, box } of list) {
    const words = named(properties);
    if (!words) continue;
    const [x, y] = view.toScreen([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
    const half = context.measureText(words).width / 2 + APART;
    const place = [x - half, y - size / 2 - APART, x + half, y + size / 2 + APART];
    const isWhole = place[0] >= 0 && place[1] >= 0 && place[2] <= view.width && place[3] <= view.height;
    if (!isWhole || taken.some((other) => overlap(place, other))) continue;
    taken.push(place);
    write(context, ink, words, x, y);
  }
}

/** Paints the map. `marks` are {lon, lat, colour, words?, radius?, chosen?}; `line` is a track. */
export function paint(context, view, { basemap, grids, marks = [], line = null, chosen = null }) {
  const ink = isDark() ? DARK : LIGHT;
  const seen = basemap.filter(({ box }) => view.sees(box));
  const of = (layer, kind) => seen.filter(({ properties }) => properties.layer === layer && (!kind || properties.kind === kind));
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, view.width, view.height);
  Object.assign(context, { lineJoin: "round", lineCap: "round", textAlign: "center", textBaseline: "middle" });
  for (const kind of ["park", "water"]) of("surface", kind).forEach((one) => fillIn(context, view, one, ink[kind]));
  if (view.scale < 6) of("building").forEach((one) => fillIn(context, view, one, one === chosen ? "#ffcf5c" : ink.building, ink.wall));
  streets(context, view, of("street").filter(({ properties }) => view.scale < 8 || properties.rank <= 3), ink);
  for (const part of ["neighbour", "child", "own"]) grids.filter(({ properties }) => properties.part === part).forEach(({ geometry }) => {
    const [colour, width, dash] = LINES[part];
    trace(context, view, geometry, true);
    context.setLineDash(dash);
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.stroke();
    context.setLineDash([]);
  });
  const taken = [];
  names(context, view, grids.filter(({ properties }) => properties.part !== "own"), ink, 13, { weight: 650, taken });
  if (view.scale < NAMES_FROM) {
    names(context, view, of("street"), ink, 12, { taken });
    names(context, view, of("building"), ink, 11, { taken });
  }
  if (line) track(context, view, line);
  marks.forEach((mark) => drawMark(context, view, mark));
}

function track(context, view, line) {
  trace(context, view, { type: "LineString", coordinates: line }, false);
  Object.assign(context, { strokeStyle: "#7038b3", lineWidth: 4 });
  context.stroke();
}

function drawMark(context, view, { lon, lat, colour = "#1558a8", words, radius }) {
  const [x, y] = view.toScreen([lon, lat]);
  if (radius) {
    context.beginPath();
    context.arc(x, y, radius / view.scale, 0, 2 * Math.PI);
    context.fillStyle = "rgb(21 88 168 / 16%)";
    context.fill();
    Object.assign(context, { strokeStyle: "#1558a8", lineWidth: 1 });
    context.stroke();
  }
  context.beginPath();
  context.arc(x, y, words ? 13 : 8, 0, 2 * Math.PI);
  Object.assign(context, { fillStyle: colour, strokeStyle: "#ffffff", lineWidth: 3 });
  context.fill();
  context.stroke();
  if (words) {
    context.font = `700 13px ${FONT}`;
    context.fillStyle = "#ffffff";
    context.fillText(words, x, y);
  }
}
