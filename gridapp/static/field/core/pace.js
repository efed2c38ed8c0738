// How fast the background asks: the server lets a phone ask only so often, and the person's own calls are to find room.

const APART_MS = 130; // well below the usual limit of a second
const KEPT_FREE = 1 / 4; // of a minute's calls
let room = { limit: 0, left: 0, until: -Infinity };
let nextAt = -Infinity;

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Notes what an answer says of the calls that are left until the next minute. */
export function learnRoom(headers) {
  const [limit, left, seconds] = ["Limit", "Remaining", "Reset"].map((name) => Number(headers.get(`RateLimit-${name}`) ?? Number.NaN));
  if ([limit, left, seconds].every(Number.isFinite)) room = { limit, left, until: performance.now() + seconds * 1000 };
}

/** Resolves when the background may ask: not at once after it asked last, nor while only the person's share is left. */
export async function turn() {
  for (;;) {
    const at = performance.now();
    const free = room.left > room.limit * KEPT_FREE ? at : room.until;
    const from = Math.max(nextAt, free);
    if (from <= at) break;
    await pause(from - at);
  }
  nextAt = performance.now() + APART_MS;
}
