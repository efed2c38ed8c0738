// The direction in which the phone looks, in degrees from north, where it has a compass.

import { word } from "../../app.js";

const FRESH_MS = 3_000;
const QUARTERS = ["north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west"];
let last = null;
let listening = false;
const hearers = new Set();

function take(event) {
  const fromNorth = event.webkitCompassHeading ?? (event.absolute && event.alpha !== null ? 360 - event.alpha : null);
  if (fromNorth === null) return;
  last = { degrees: fromNorth % 360, at: Date.now() };
  hearers.forEach((hear) => hear(last.degrees));
}

/** Begins to listen; iPhones ask the person first, which needs a tap. */
export async function startCompass() {
  if (listening || !("DeviceOrientationEvent" in window)) return;
  const ask = DeviceOrientationEvent.requestPermission;
  if (ask && (await ask.call(DeviceOrientationEvent).catch(() => "denied")) !== "granted") return;
  listening = true;
  window.addEventListener("ondeviceorientationabsolute" in window ? "deviceorientationabsolute" : "deviceorientation", take);
}

/** Degrees from north, or null where the phone does not know. */
export const compass = () => (last && Date.now() - last.at < FRESH_MS ? Math.round(last.degrees) : null);

/** Hears of every turn; gives back how to stop. */
export function watchCompass(hear) {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

/** A direction in words: "north-east". */
export const quarter = (degrees) => word(QUARTERS[Math.round(degrees / 45) % QUARTERS.length]);

/** The direction from one place to another. */
export function bearing(from, to) {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  return (Math.atan2(east, to.lat - from.lat) * 180) / Math.PI + (east < 0 ? 360 : 0);
}
