// On duty: while it lasts and the page is seen, positions are gathered and sent in batches through the outbox. Their times are
// the server's as far as the phone knows it: a clock that is ahead would have them refused as of the future.

import { newId } from "./api.js";
import * as outbox from "./core/outbox.js";
import { corrected, serverTime } from "./core/clock.js";
import { pause } from "./core/pace.js";
import { fixOf, lastPlace } from "./place.js";
import { metres } from "./text.js";

const BATCH = 20;
const MOST_HELD = 500; // of a phone that has no room for them
const EVERY_MS = 60_000;
const APART_MS = 10_000;
const APART_M = 15;
const ABOUT = "duty";
let owner = null; // whose positions are gathered
let watching = null;
let points = [];

function flush() {
  if (!points.length) return null;
  const batch = points;
  const whose = owner;
  points = [];
  return outbox.store({ id: newId(), kind: "positions", about: ABOUT, path: "/positions", method: "POST", body: { points: batch } }).catch(() => {
    if (whose === owner) points = [...batch, ...points].slice(-MOST_HELD);
    return null;
  });
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
}

/** Ends the gathering and hands in what was gathered, while its person is still signed in; waits so long for its arrival. */
export async function handIn(patience = 0) {
  end();
  const handed = await flush();
  if (handed && patience) await Promise.race([handed.settled, pause(patience)]);
}

function disown(person) {
  end();
  points = [];
  owner = person;
}

/** Gathers positions where this person is on duty and the page is seen; ends it otherwise. Nobody sends those of another. */
export function follow(me) {
  if ((me?.id ?? null) !== owner) disown(me?.id ?? null);
  if (me?.duty.on && !document.hidden) begin();
  else handIn();
}

/** Goes on or off duty; resolves as outbox.send does. */
export function setDuty(on) {
  const fix = lastPlace();
  const place = fix ? { location: { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } } : {};
  if (!on) handIn();
  return outbox.send({ id: newId(), kind: on ? "on_duty" : "off_duty", about: ABOUT, path: "/duty", method: "POST", body: { on, at: new Date(serverTime()).toISOString(), ...place } });
}
