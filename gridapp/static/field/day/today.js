// The day as the server tells it, sealed on the phone: what came back, stops, hand-overs; without a network as it was last told.

import { call } from "../api.js";
import { seal, unseal } from "../core/seal.js";
import { keep, kept } from "../core/store.js";
import { serverTime } from "../core/clock.js";
import { setup } from "../text.js";

const KEY = "day";
const inZone = new Intl.DateTimeFormat("sv-SE", { timeZone: setup.timezone });

/** Today in the zone in which people read times, by the server's clock as far as this phone knows it. */
export const today = () => inZone.format(new Date(serverTime()));

async function fromPhone() {
  const known = await kept(KEY);
  return known && unseal(known.sealed).then((document) => ({ etag: known.etag, document }), () => null);
}

/** What was told of an earlier day, as far as it holds today: stops that are due each day, not yet done. */
function asToday(document) {
  const day = today();
  if (!document || document.day === day) return document;
  const due = document.stops.filter((stop) => stop.day === null || stop.day === day);
  return { ...document, day, stops: due.map((stop) => ({ ...stop, done: stop.done?.day === day ? stop.done : null })) };
}

/** The day as the phone has it, or null. */
export const keptDay = async () => asToday((await fromPhone())?.document ?? null);

/** Asks the server for the day and keeps it. Throws where it was not reached. */
export async function renewDay() {
  const known = await fromPhone();
  const answer = await call("/day", { headers: known ? { "If-None-Match": known.etag } : {} });
  if (answer.status === 304) return asToday(known.document);
  const document = await answer.json();
  await keep(KEY, { etag: answer.headers.get("ETag"), sealed: await seal(document) });
  return asToday(document);
}
