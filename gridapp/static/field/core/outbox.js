// The only way out, as the page sees it: what is sent waits here until it arrived. `core/sender.js` sends it, from this page,
// from another or from the service worker.

import * as items from "./items.js";
import { say, watch } from "./news.js";
import { sendAll, tryWay, wayNext } from "./sender.js";
import { clockNow } from "./clock.js";

export { watch };

const LOOK_MS = 15_000;
const PATIENCE_MS = 10_000;
const LITTLE_MS = 50;
const SYNC = "outbox";
let person = null;
let running = null;
let again = false;
let later;
const waiters = new Map();

/** Sends for this person from now on; items of others stay for their next sign-in. */
export function sendFor(personId) {
  person = personId;
  if (person) flush();
}

/** Items of the signed-in person in the order in which they were made. */
export const listed = () => (person ? items.itemsOf(person) : Promise.resolve([]));

/** What was sent, newest first. */
export const sent = () => (person ? items.receipts(person) : Promise.resolve([]));

/**
 * Keeps an item and tries to send it. `photos` are {sha256, blob, facts}. Throws where it could not be kept, Taken where its
 * id was used already. Resolves, once it is on the disk, to {settled}: a promise of {state: "sent", answer}, {state: "refused", problem}, or {state: "kept"}, it waits
 * for the network, or behind others for longer than `patience` milliseconds.
 */
export async function store(item, photos = [], patience = PATIENCE_MS) {
  await items.put({ ...item, person, clock: item.clock ?? (await clockNow()) }, photos);
  const settled = new Promise((resolve) => {
    waiters.set(item.id, resolve);
    setTimeout(resolve, patience, { state: "kept" });
  });
  say({ id: item.id, about: item.about });
  callWorker();
  flush();
  return { settled };
}

/** As `store`, and waits for what becomes of it. */
export const send = async (item, photos) => (await store(item, photos)).settled;

/** Has the browser wake the service worker when there is a network, where it can. */
async function callWorker() {
  const registration = await navigator.serviceWorker?.getRegistration?.("/field").catch(() => null);
  await registration?.sync?.register(SYNC).catch(() => {});
}

/** The photos that an item carries, to be edited again. */
export async function photosOf(item) {
  const found = await Promise.all(item.photos.map((sha256) => items.photo(item, sha256)));
  return found.filter(Boolean).map(({ sha256, type, bytes, facts }) => ({ sha256, blob: new Blob([bytes], { type }), facts }));
}

/** Throws an item away. */
export async function drop(item) {
  await items.remove(item);
  say({ id: item.id, about: item.about });
}

/** Sends an item that was refused once more as it is, after what it was refused for was mended elsewhere. */
export async function sendAgain({ seq, id, about }) {
  await items.mark({ seq }, { state: "waiting", next: 0 });
  say({ id, about });
  return retry();
}

/** Tries everything that waits now. */
export async function retry() {
  await tryWay();
  for (const item of await listed()) if (item.state === "waiting" && item.next) await items.mark(item, { next: 0 });
  return flush();
}

function flush() {
  again = true;
  running ??= (async () => {
    while (again && person) {
      again = false;
      await items.recover();
      await sendAll(person);
    }
  })().catch(() => {}).finally(async () => {
    running = null;
    if (again && person) return void flush();
    for (const id of [...waiters.keys()]) await resolved(id);
    lookLater();
    return say({});
  });
  return running;
}

/** Nobody is sending now: whoever waits for an item hears how it stands, also where somebody else sent it. */
async function resolved(id) {
  const receipt = await items.receipt(id).catch(() => null);
  const item = receipt ? null : (await listed().catch(() => [])).find((one) => one.id === id);
  if (receipt) return tell(id, { state: "sent", answer: receipt.answer });
  return tell(id, item?.state === "refused" ? { state: "refused", problem: item.problem } : { state: "kept" });
}

function tell(id, outcome) {
  waiters.get(id)?.(outcome);
  waiters.delete(id);
}

/** Looks again when the next try is due; what is held back by another, or could not be marked, has none. */
async function lookLater() {
  const waiting = (await listed().catch(() => [])).filter(({ state }) => state === "waiting");
  if (!waiting.length) return;
  const due = Math.max(await wayNext(), Math.min(...waiting.map(({ next }) => next)));
  clearTimeout(later);
  const now = Date.now();
  later = setTimeout(look, due > now ? due - now + LITTLE_MS : LOOK_MS);
}

async function look() {
  if (document.hidden || !person || (await wayNext()) > Date.now()) return;
  if ((await listed()).some((item) => item.state === "waiting" && item.next <= Date.now())) flush();
}

/** Begins to watch for the network; `sendFor` says for whom. */
export function start() {
  watch(({ id, outcome, again: isPutRight }) => {
    if (outcome) tell(id, outcome);
    if (isPutRight) flush();
  });
  window.addEventListener("online", retry);
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
}
