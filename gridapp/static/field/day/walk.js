// The order in which to walk: from where one stands to the nearest, and on; then crossings of the way are taken out.

import { metres } from "../text.js";

const MOST_TURNS = 8;

const length = (from, way) => way.reduce((sum, one, i) => sum + metres(i ? way[i - 1].location : from, one.location), 0);

/** Things with a `location` in walking order from a place; those without one come last, as they were. */
export function walkingOrder(things, from) {
  const placed = things.filter(({ location }) => location);
  const rest = things.filter(({ location }) => !location);
  if (!placed.length) return rest;
  const start = from ?? placed[0].location;
  const left = [...placed];
  const way = [];
  for (let at = start; left.length; at = way.at(-1).location) {
    const nearest = left.reduce((best, one) => (metres(at, one.location) < metres(at, best.location) ? one : best));
    way.push(nearest);
    left.splice(left.indexOf(nearest), 1);
  }
  return [...untangled(start, way), ...rest];
}

/** A stretch is walked the other way round where that is shorter, until nothing gets shorter. */
function untangled(start, way) {
  let best = way;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const before = best;
    for (let i = 0; i < best.length - 1; i += 1) for (let j = i + 1; j < best.length; j += 1) {
      const other = [...best.slice(0, i), ...best.slice(i, j + 1).reverse(), ...best.slice(j + 1)];
      if (length(start, other) < length(start, best) - 1) best = other;
    }
    if (best === before) break;
  }
  return best;
}

/** How far the whole way is, in metres. */
export const wayLength = (things, from) => {
  const placed = things.filter(({ location }) => location);
  return placed.length ? length(from ?? placed[0].location, placed) : 0;
};
