// A clock that was moved while no server was seen dates things into the future. Told so, the phone puts them right, once, by what
// its clock is seen to be ahead now. Only what was answered is changed.

import { isSteady, seenAhead } from "./clock.js";
import { keep, kept, whereRoom } from "./store.js";

const FUTURE = "in_the_future";
const PUT_RIGHT = "put-right";
const DATED = new Set(["on_duty", "off_duty"]);

/**
 * How many milliseconds the clock is ahead, the same for all that is put right under it: two measurements differ by a part of a
 * second, and a position would come to lie before the duty in which it was taken.
 */
async function aheadOnce() {
  const seen = seenAhead();
  if (seen === null) return null;
  const before = (await kept(PUT_RIGHT)) ?? null;
  if (isSteady(before, seen)) return before;
  await whereRoom(keep(PUT_RIGHT, seen));
  return seen;
}

/** By how many milliseconds what was written under this clock is ahead; 0 where it is not seen to be. */
async function aheadBy(clock) {
  const seen = await aheadOnce();
  return seen === null ? 0 : Math.max(0, seen - (clock?.ahead ?? 0));
}

const earlier = (at, by) => new Date(Date.parse(at) - by).toISOString();
const under = (clock, by) => ({ ...clock, ahead: (clock?.ahead ?? 0) + by, sure: true });

/** An item that was refused as of the future, as it can be sent again; null where that is not what is wrong. */
export async function putRight(item, { errors }) {
  const by = DATED.has(item.kind) && errors?.at?.code === FUTURE ? await aheadBy(item.clock) : 0;
  return by ? { ...item, state: "waiting", clock: under(item.clock, by), body: { ...item.body, at: earlier(item.body.at, by) } } : null;
}

/** Of a batch of positions those that were not taken as of the future, as an item of their own; null where there are none. */
export async function putRightOf(item, told) {
  const by = item.kind === "positions" ? await aheadBy(item.clock) : 0;
  const indices = by ? (told?.rejected ?? []).filter(({ reason }) => reason === FUTURE).map(({ index }) => index) : [];
  if (!indices.length) return null;
  const points = indices.map((index) => item.body.points[index]).map((point) => ({ ...point, at: earlier(point.at, by) }));
  return { ...item, id: `${item.id}~`, clock: under(item.clock, by), body: { ...item.body, points } };
}
