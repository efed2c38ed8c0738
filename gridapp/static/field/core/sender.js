// Sends what waits, in the order in which it was made, until the server's answer was read. What was never answered is never
// changed or thrown away, for it may have arrived. Items about the same thing keep their order: one that was refused holds
// back those after it, but nobody else.

import { alone } from "./alone.js";
import { dueAt } from "./clock.js";
import { putRight, putRightOf } from "./intime.js";
import * as items from "./items.js";
import { say } from "./news.js";
import { Sealed } from "./seal.js";
import { forget, keep, kept, whereRoom } from "./store.js";
import { fits, headersFor, sendTogether } from "./together.js";
import { sendPhoto } from "./upload.js";
import { callAsNow, isDown, isNoNetwork, Refused } from "./wire.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const SESSION_ENDED = 401;
const TRY_LATER = new Set([408, 425, 429, 503]);
const FIRST_OF_ALL = "sos";
const POSITIONS = "positions"; // taken by their time, whenever they come: nothing waits for them
const KEPT_OTHERWISE = "self_handling_not_admitted"; // refused as handled on the spot, and there as an ordinary report

const WAY = "way";

/** One pass over everything that waits for the person signed in now; resolves to "done", or "stopped" where the way is shut now. */
export function sendAll(person) {
  const call = callAsNow();
  return alone(() => pass(person, call));
}

/** The way may be open again: nobody waits any longer to try it. */
export const tryWay = () => forget(WAY);

/** When the way to the server is tried next: 0 for now. */
export const wayNext = async () => dueAt((await kept(WAY)) ?? {});

/** Goes through what waits; small items that follow each other go in one round trip, photos before the item that carries them. */
async function pass(person, call) {
  if ((await wayNext()) > Date.now()) return "stopped";
  const all = await items.itemsOf(person);
  const ordered = [...all.filter(({ kind }) => kind === FIRST_OF_ALL), ...all.filter(({ kind }) => kind !== FIRST_OF_ALL)];
  const heldBack = new Set();
  const holdBack = ({ kind, about }) => kind === POSITIONS || heldBack.add(about);
  let bundle = [];
  const flush = async () => {
    const sending = bundle;
    bundle = [];
    const outcomes = await deliver(sending, call);
    sending.filter((_, i) => outcomes[i] !== "sent").forEach(holdBack);
    return !outcomes.includes("stop");
  };
  for (const item of ordered) {
    if (!fits(bundle, item) || item.photos.length) if (!(await flush())) return "stopped";
    if (heldBack.has(item.about)) continue;
    if (item.state !== "waiting" || item.shut || item.next > Date.now()) {
      holdBack(item);
      continue;
    }
    const outcome = await sendPhotos(item, call).then(() => "sent", (error) => failed(item, error));
    if (outcome === "stop") return "stopped";
    if (outcome === "sent") bundle.push(item);
    else holdBack(item);
  }
  return (await flush()) ? "done" : "stopped";
}

/**
 * What became of each item: "sent", "held" (it stays, the others go on) or "stop" (there is no way to the server now). Of a
 * bundle every answer is read, good ones first, so that none opens the way again that another found shut.
 */
async function deliver(bundle, call) {
  const told = bundle.length > 1 ? await sendTogether(bundle, call).catch((error) => [{ error }]) : null;
  const isBad = (i) => Number(Boolean(told?.[i].error));
  const order = [...bundle.keys()].filter((i) => !told || told[i]).sort((a, b) => isBad(a) - isBad(b));
  const outcomes = bundle.map(() => "held");
  for (const i of order) {
    const { answer, error } = told?.[i] ?? (await byItself(bundle[i], call));
    outcomes[i] = error ? await failed(bundle[i], error) : await arrived(bundle[i], answer).catch(() => putOff(bundle[i]));
    if (outcomes[i] === "stop" && !told) break;
  }
  return outcomes;
}

/** The plain call of an item. */
async function byItself(item, call) {
  try {
    const answer = await call(item.path, { method: item.method, headers: headersFor(item), json: item.body });
    return { answer: answer.status === 204 ? null : await answer.json() };
  } catch (error) {
    return { error };
  }
}

/** The server's answer was read: only now the item goes. */
async function arrived(item, told) {
  const again = await putRightOf(item, told);
  if (again) await items.put(again).catch(unlessTaken);
  await items.settle(item, told);
  await tryWay();
  if (again) say({ id: again.id, about: again.about, again: true });
  say({ id: item.id, about: item.about, kind: item.kind, outcome: { state: "sent", answer: told } });
  return "sent";
}

/** What this page laid there before it died lies there still. */
function unlessTaken(error) {
  if (!(error instanceof items.Taken)) throw error;
}

const waitMs = (tries) => Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);

/** The answer could not be kept, as on a full phone: the item is sent again later, and nobody waits for it. */
async function putOff(item) {
  await items.mark(item, { tries: item.tries + 1, next: Date.now() + waitMs(item.tries) });
  return "held";
}

async function failed(item, error) {
  if (error instanceof Sealed) return "held";
  if (error instanceof Refused && error.status === SESSION_ENDED) return "stop";
  const shut = (isNoNetwork(error) && !isDown(error)) || TRY_LATER.has(error.status); // it may be this item that brings it down
  if (shut || error.status >= 500) {
    const tries = shut ? ((await kept(WAY))?.tries ?? 0) : item.tries;
    const next = Date.now() + Math.max(waitMs(tries), (error.after ?? 0) * 1000);
    // Where the way is shut all wait alike, so that none overtakes another; what the server chokes on waits alone.
    if (shut) await whereRoom(keep(WAY, { tries: tries + 1, next, noted: Date.now() }));
    await items.mark(item, { tries: item.tries + 1, next: shut ? 0 : next });
    say({ id: item.id, about: item.about, offline: isNoNetwork(error) });
    return shut ? "stop" : "held";
  }
  const problem = { status: error.status, ...error.problem };
  if (problem.code === KEPT_OTHERWISE && problem.task) return arrived(item, { ...problem.task, told: problem.detail });
  await items.mark(item, { state: "refused", problem });
  const again = await putRight(item, problem);
  if (again && (await items.put(again).then(() => true, () => false))) {
    say({ id: item.id, about: item.about, again: true });
    return "held";
  }
  say({ id: item.id, about: item.about, kind: item.kind, outcome: { state: "refused", problem } });
  return "held";
}

/** Photos go first, each once: the server has them under their digest. */
async function sendPhotos(item, call) {
  const total = item.photos.length;
  for (const [done, sha256] of item.photos.entries()) {
    const tell = (share) => say({ id: item.id, about: item.about, done, total, share });
    tell(0);
    const photo = await items.photo(item, sha256);
    if (!photo || photo.sent) continue;
    await sendPhoto(call, photo, tell).catch((error) => {
      if (error instanceof Refused && error.status < 500) error.problem.errors ??= { photos: { detail: error.message } };
      throw error;
    });
    await items.photoSent(photo);
  }
}
