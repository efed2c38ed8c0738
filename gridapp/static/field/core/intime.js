// A clock that was moved while no server was seen dates things into the future. Told so, the phone puts them right, once, by what
// its clock is seen to be ahead now. Only what was answered is changed.

import { seenAhead } from "./clock.js";

const FUTURE = "in_the_future";
const DATED = new Set(["on_duty", "off_duty"]);

/** By how many milliseconds what was written under this clock is ahead; 0 where it is not seen to be. */
function aheadBy(clock) {
  const seen = seenAhead();
  return seen === null ? 0 : Math.max(0, seen - (clock?.ahead ?? 0));
}

const earlier = (at, by) => new Date(Date.parse(at) - by).toISOString();
const under = (clock, by) => ({ ...clock, ahead: (clock?.ahead ?? 0) + by, sure: true });

/** An item that was refused as of the future, as it can be sent again; null where that is not what is wrong. */
export function putRight(item, { errors }) {
  const by = DATED.has(item.kind) && errors?.at?.code === FUTURE ? aheadBy(item.clock) : 0;
  return by ? { ...item, state: "waiting", clock: under(item.clock, by), body: { ...item.body, at: earlier(item.body.at, by) } } : null;
}

/** Of a batch of positions those that were not taken as of the future, as an item of their own; null where there are none. */
export function putRightOf(item, told) {
  const by = item.kind === "positions" ? aheadBy(item.clock) : 0;
  const indices = by ? (told?.rejected ?? []).filter(({ reason }) => reason === FUTURE).map(({ index }) => index) : [];
  if (!indices.length) return null;
  const points = indices.map((index) => item.body.points[index]).map((point) => ({ ...point, at: earlier(point.at, by) }));
  return { ...item, id: `${item.id}~`, clock: under(item.clock, by), body: { ...item.body, points } };
}
