// Several small items in one round trip, by `/sync`; each has an answer of its own, which is read like that of its own call.

import { clockHeaders } from "./clock.js";
import { Refused } from "./wire.js";

const MOST_ITEMS = 40;
const MOST_LENGTH = 400_000;
const ALONE = new Set(["sos", "hand_over"]); // an alarm waits for nobody; the other carries no document
const NOT_THIS_WAY = new Set([400, 404, 405, 413, 422, 501]);
const BUSY = 503;
const encoder = new TextEncoder();

/** What goes with an item besides its body. */
export const headersFor = ({ headers = {}, clock }) => ({ ...headers, ...clockHeaders(clock) });

/** Whether an item can go with others. */
export const goesTogether = ({ kind, body }) => !ALONE.has(kind) && Boolean(body);

/**
 * Whether an item can join those of a bundle: none about the same thing, for what is refused holds back what comes after it.
 * Positions hold each other back in nothing.
 */
export function fits(bundle, item) {
  if (!goesTogether(item) || !bundle.every(goesTogether) || bundle.length >= MOST_ITEMS) return false;
  const length = [...bundle, item].reduce((sum, { body }) => sum + encoder.encode(JSON.stringify(body)).length, 0);
  const apart = (other) => other.about !== item.about || (other.kind === "positions" && item.kind === "positions");
  return length < MOST_LENGTH && bundle.every(apart);
}

const outcomeOf = ({ status, headers, body }) => (status < 300 ? { answer: body } : { error: new Refused(status, body ?? {}, Number(headers?.["Retry-After"]) || 0) });

/**
 * What became of each item, in their order: {answer} or {error}. Null where this server takes no bundles, or chokes on this
 * one: then each goes by itself. Throws where there is no way to the server now. `call` is that of one sign-in.
 */
export async function sendTogether(bundle, call) {
  const items = bundle.map((item) => ({ method: item.method, path: item.path, headers: headersFor(item), body: item.body }));
  try {
    const { results } = await (await call("/sync", { method: "POST", json: { items, limit: 1 } })).json();
    return results?.length === bundle.length ? results.map(outcomeOf) : null;
  } catch (error) {
    const choked = error instanceof Refused && error.status >= 500 && error.status !== BUSY;
    if (choked || NOT_THIS_WAY.has(error.status)) return null;
    throw error;
  }
}
