// On duty: while it lasts and the page is seen, positions are gathered and sent in batches through the outbox. Their times are
// the server's as far as the phone knows it: a clock that is ahead would have them refused as of the future.

import { newId } from "./api.js";
import * as outbox from "./core/outbox.js";
import { corrected, serverTime } from "./core/wire.js";
import { fixOf, lastPlace } from "./place.js";
import { metres } from "./text.js";

const BATCH = 20;
const MOST_HELD = 500; // of a phone that has no room for them
const EVERY_MS = 60_000;
const APART_MS = 10_000;
const APART_M = 15;
const ABOUT = "duty";
let watching = null;
let points = [];

function flush() {
  if (!points.length) return;
  const batch = points;
  points = [];
  outbox.store({ id: newId(), kind: "positions", about: ABOUT, path: "/positions", method: "POST", body: { points: batch } }).catch(() => { points = [...batch, ...points].slice(-MOST_HELD); });
}

function take(position) {
  const fix = fixOf(position);
  const before = points.at(-1);
  if (before && corrected(fix.at) - Date.parse(before.at) < APART_MS && metres(before, fix) < APART_M) return;
  const { lon, lat, accuracy, speed, heading } = fix;
  points.push({ id: newId(), at: new Date(corrected(fix.at)).toISOString(), lon, lat, accuracy, ...(speed >= 0 && speed !== null ? { speed } : {}), ...(heading >= 0 && heading !== null ? { heading } : {}) });
  if (points.length >= BATCH) flush();
}

function begin() {
  if (watching || !navigator.geolocation) return;
  watching = {
    watch: navigator.geolocation.watchPosition(take, () => {}, { enableHighAccuracy: true, maximumAge: 0 }),
    timer: setInterval(flush, EVERY_MS),
  };
}

function end() {
  if (!watching) return;
  navigator.geolocation.clearWatch(watching.watch);
  clearInterval(watching.timer);
  watching = null;
  flush();
}

/** Gathers positions where this person is on duty and the page is seen; ends it otherwise. */
export function follow(me) {
  if (me?.duty.on && !document.hidden) begin();
  else end();
}

/** Goes on or off duty; resolves as outbox.send does. */
export function setDuty(on) {
  const fix = lastPlace();
  const place = fix ? { location: { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } } : {};
  if (!on) end();
  return outbox.send({ id: newId(), kind: on ? "on_duty" : "off_duty", about: ABOUT, path: "/duty", method: "POST", body: { on, at: new Date(serverTime()).toISOString(), ...place } });
}
