// Where the person is: the best of several fixes, with its accuracy as it improves.

import { metres } from "./text.js";

const LISTEN_MS = 15_000;
const QUIET_MS = 3_000;
const GOOD_M = 10;
const FRESH_MS = 2 * 60_000;
const OPTIONS = { enableHighAccuracy: true, maximumAge: 0, timeout: LISTEN_MS };
const DENIED = 1;
const FASTEST_M_S = 100;
let last = null;
let leaptAt = 0;

/** The last fix, where it is not old: {lon, lat, accuracy, at}. */
export const lastPlace = () => (last && Date.now() - last.at < FRESH_MS ? last : null);

export function fixOf({ coords, timestamp, mocked }) {
  const { longitude, latitude, accuracy, speed, heading } = coords;
  const fix = { lon: longitude, lat: latitude, accuracy, speed, heading, at: timestamp, ...(mocked || coords.mocked ? { mock: true } : {}) };
  if (last && leaps(last, fix)) leaptAt = Date.now();
  last = fix;
  return last;
}

/** Nobody walks or drives like this from one fix to the next: beyond what both are off, and faster than any train. */
function leaps(from, to) {
  const seconds = Math.max(1, (to.at - from.at) / 1000);
  return (metres(from, to) - from.accuracy - to.accuracy) / seconds > FASTEST_M_S;
}

/** Whether the position leapt of late, as simulated ones do. */
export const leapt = () => Date.now() - leaptAt < FRESH_MS;

/**
 * Listens for a while and keeps the best fix: `onFix(fix, done)` for each better one and at the end,
 * `onFail("denied" | "unavailable")` where there is none. Gives back how to stop.
 */
export function findPlace(onFix, onFail) {
  if (!navigator.geolocation) {
    onFail("unavailable");
    return () => {};
  }
  let best = null;
  let over = false;
  const end = (why) => {
    if (over) return;
    over = true;
    navigator.geolocation.clearWatch(watching);
    clearTimeout(timer);
    if (why === "unavailable") best ??= lastPlace(); // who stands still hears of no new fix
    if (best) onFix(best, true);
    else if (why) onFail(why);
  };
  const watching = navigator.geolocation.watchPosition(
    (position) => {
      const fix = fixOf(position);
      if (over || (best && fix.accuracy >= best.accuracy)) return;
      best = fix;
      if (best.accuracy <= GOOD_M) end();
      else onFix(best, false);
    },
    (error) => error.code === DENIED && end("denied"), // else receivers that found nothing yet go on looking
    OPTIONS,
  );
  const timer = setTimeout(() => end("unavailable"), LISTEN_MS);
  return () => {
    best = null;
    end();
  };
}

/** A fix where the person has allowed it before and one comes soon; asks nobody anything, and goes on looking for the next who asks. */
export async function quietPlace() {
  if (lastPlace()) return last;
  const allowed = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (allowed?.state !== "granted") return null;
  return new Promise((resolve) => {
    findPlace(resolve, () => resolve(null));
    setTimeout(() => resolve(lastPlace()), QUIET_MS);
  });
}
