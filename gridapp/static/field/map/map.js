// A map on a canvas, drawn from what the phone keeps: pushed, pinched and pressed with fingers, or moved by keys.

import { el } from "../dom.js";
import { features } from "./data.js";
import { paint } from "./paint.js";
import { fitted, View } from "./project.js";

const CLOSE = 0.7; // metres a pixel
const HERE = [73, 3, 135, 54]; // the country, where nothing is known
const TAP_PX = 8;
const STEP_PX = 60;
const KEYS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const wholeBox = (list) => list.reduce((all, { box }) => [Math.min(all[0], box[0]), Math.min(all[1], box[1]), Math.max(all[2], box[2]), Math.max(all[3], box[3])], [Infinity, Infinity, -Infinity, -Infinity]);

/**
 * A canvas with the map; `at` is where it opens (else my grid), `marks` and `line` are drawn on it, `onmove` hears where its
 * middle is, `onpress` where it was pressed. Gives {box, ready, middle, show}.
 */
export function mapBox({ at = null, marks = [], line = null, still = false, label, onmove = () => {}, onpress = () => {} }) {
  const canvas = el("canvas", { class: "f-canvas", role: "img", "aria-label": label, tabindex: still ? undefined : 0 });
  const what = { basemap: [], grids: [], marks, line, chosen: null };
  let view = null;
  let asked = 0;

  function draw() {
    if (asked || !view) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      const ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(view.width * ratio);
      canvas.height = Math.round(view.height * ratio);
      const context = canvas.getContext("2d");
      context.scale(ratio, ratio);
      paint(context, view, what);
    });
  }

  function look(next) {
    view = next;
    draw();
    onmove({ lon: view.lon, lat: view.lat });
  }

  async function open() {
    await new Promise((resolve) => { requestAnimationFrame(resolve); });
    const { clientWidth: width, clientHeight: height } = canvas;
    [what.grids, what.basemap] = await Promise.all([features("grids"), features("basemap")]);
    const own = what.grids.filter(({ properties }) => properties.part === "own");
    const place = at ?? (line?.length ? null : undefined);
    if (place) look(new View(place, CLOSE, width || 300, height || 150));
    else look(fitted(line?.length ? wholeBox([{ box: boxOfLine(line) }]) : own.length ? wholeBox(own) : HERE, width || 300, height || 150));
    canvas.dataset.drawn = "true";
  }

  if (!still) fingers(canvas, { get: () => view, look, onpress });
  const observer = new ResizeObserver(() => {
    if (!view || !canvas.clientWidth) return;
    view = new View(view, view.scale, canvas.clientWidth, canvas.clientHeight);
    draw();
  });
  observer.observe(canvas);
  return {
    box: canvas,
    ready: open(),
    middle: () => ({ lon: view.lon, lat: view.lat }),
    zoom: (factor) => view && look(view.zoomed(factor)),
    /** Moves the middle to a place. */
    show: (next) => look(new View(next, view.scale, view.width, view.height)),
    /** Draws other marks. */
    mark(next, chosen = null) {
      Object.assign(what, { marks: next, chosen });
      draw();
    },
  };
}

const boxOfLine = (line) => [Math.min(...line.map(([x]) => x)), Math.min(...line.map(([, y]) => y)), Math.max(...line.map(([x]) => x)), Math.max(...line.map(([, y]) => y))];

/** One finger pushes, two pinch, a wheel zooms, a short press presses; keys do the same. */
function fingers(canvas, { get, look, onpress }) {
  const down = new Map();
  let moved = 0;
  const spread = () => {
    const [a, b] = [...down.values()];
    return b ? { size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } : null;
  };
  const place = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, place(event));
    if (down.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before || !get()) return;
    const was = spread();
    const now = place(event);
    down.set(event.pointerId, now);
    moved += Math.hypot(now.x - before.x, now.y - before.y);
    const is = spread();
    if (was && is) look(get().pushed(is.x - was.x, is.y - was.y).zoomed(is.size / (was.size || 1), is.x, is.y));
    else look(get().pushed(now.x - before.x, now.y - before.y));
  });
  const up = (event) => {
    const at = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (at && event.type === "pointerup" && moved < TAP_PX && get()) onpress(get().toPlace(at.x, at.y));
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { x, y } = place(event);
    if (get()) look(get().zoomed(event.deltaY < 0 ? 1.25 : 0.8, x, y));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!get() || !(step || ["+", "=", "-"].includes(event.key))) return;
    event.preventDefault();
    look(step ? get().pushed(step[0] * STEP_PX, step[1] * STEP_PX) : get().zoomed(event.key === "-" ? 0.8 : 1.25));
  });
}
