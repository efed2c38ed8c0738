// What changes elsewhere: a long poll of the feed from a cursor that the phone keeps; notices stay on the phone.

import { ask, forgetPictures, isNoNetwork } from "./api.js";
import { turn } from "./core/pace.js";
import { seal, unseal } from "./core/seal.js";
import { clear, forget, keep, kept, read, write } from "./core/store.js";
import { isReached } from "./core/wire.js";
import { forgetMap } from "./map/data.js";

const WAIT_S = 25;
const PAGE = 2_000;
const BETWEEN_MS = 2_500;
const AGAIN_MS = 5_000;
const GONE = 410;
const MOST_NOTICES = 100;
const hearers = new Set();
const waiters = new Set();
const untold = new Map(); // what the pages of a longer way said, each thing once, until the last of them is here
let listening = null;
let behind = false;

/** Hears of changes: `hear([{kind, op, id, thing}])`; gives back how to stop. */
export function hear(listener) {
  hearers.add(listener);
  return () => hearers.delete(listener);
}

/** Resolves once the phone knows what the server knows, or cannot ask it: till then all else that is fetched would be in the way. */
export const inStep = () => (behind ? new Promise((resolve) => { waiters.add(resolve); }) : Promise.resolve());

function arrived() {
  behind = false;
  waiters.forEach((resolve) => resolve());
  waiters.clear();
}

const pause = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

/** Puts a page of changes on the phone: notices, the open tasks of my scope; what left the scope is forgotten. */
async function take(changes) {
  const notices = changes.filter((change) => change.kind === "notice" && change.op === "upsert");
  const overtaken = changes.filter((change) => change.kind === "notice" && change.op === "remove");
  const tasks = changes.filter((change) => change.kind === "task");
  const shutNotices = await Promise.all(notices.map(async ({ thing }) => ({ id: thing.id, sealed: await seal(thing) })));
  const shut = new Map(await Promise.all(tasks.filter(isOpen).map(async ({ id, thing }) => [id, await seal(thing)])));
  if (changes.some(isMovedAway)) await Promise.all([forgetPictures(), clear("notices")]);
  await write(["notices", "tasks"], (store, kept) => {
    shutNotices.forEach((one) => store.put(one));
    overtaken.forEach(({ id }) => store.delete(Number(id)));
    const keys = store.getAllKeys();
    keys.onsuccess = () => keys.result.slice(0, -MOST_NOTICES).forEach((key) => store.delete(key));
    for (const { id } of tasks) {
      if (!shut.has(id)) {
        kept.delete(id);
        continue;
      }
      const known = kept.get(id);
      known.onsuccess = () => kept.put({ ...known.result, id, mine: Boolean(known.result?.mine), summary: shut.get(id) });
    }
  });
}

/** A grid or post that is no longer mine: what was seen and told there goes. */
const isMovedAway = ({ op, kind, reason }) => op === "remove" && reason === "out_of_scope" && (kind === "grid" || kind === "post");

const isOpen = ({ op, thing }) => op === "upsert" && !thing.outcome;

/** Tells everybody of a page; where more follow, of all of them at the end. Of tasks only which, for the phone keeps them. */
function tell(changes, more) {
  for (const { thing, ...change } of changes) untold.set(`${change.kind} ${change.id}`, change.kind === "task" ? change : { ...change, thing });
  if (more || !untold.size) return;
  const told = [...untold.values()];
  untold.clear();
  hearers.forEach((listener) => listener(told));
}

/** One round: the next page, kept, then told. The first pages are the present state, of which only notices are new. */
async function round(person, signal) {
  const known = await kept("cursor");
  const since = known?.person === person ? known : null;
  const wait = since && !since.more && !behind && isReached() ? WAIT_S : 0; // that the server is back is told at once
  const query = new URLSearchParams({ limit: PAGE, ...(wait ? { wait } : {}), ...(since ? { since: since.cursor } : {}) });
  if (since?.more) await turn();
  const page = await ask(`/changes?${query}`, { signal, patience: (wait + 20) * 1000 });
  await take(page.changes);
  const first = !since || since.first;
  await keep("cursor", { person, cursor: page.cursor, more: page.more, first: first && page.more });
  tell(first ? page.changes.filter((change) => change.kind === "notice") : page.changes, page.more);
  if (!page.more) arrived();
  return page.changes.length && !page.more ? BETWEEN_MS : 0;
}

async function failed(error) {
  if (error.status === GONE) {
    await startAfresh();
    return 0;
  }
  if (isNoNetwork(error)) arrived();
  return error.after ? error.after * 1000 : AGAIN_MS;
}

async function listen(person, signal) {
  while (!signal.aborted) {
    const wait = await round(person, signal).catch((error) => (signal.aborted ? 0 : failed(error)));
    if (wait) await pause(wait, signal);
  }
}

/** Listens for this person while the page is seen; nobody listens for null. */
export function listenFor(person) {
  listening?.abort();
  listening = null;
  arrived();
  if (!person || document.hidden) return;
  behind = true;
  listening = new AbortController();
  listen(person, listening.signal);
}

/** The notices kept, newest first. */
export async function notices() {
  const all = await read("notices", (store) => store.getAll());
  const opened = await Promise.all(all.map((one) => (one.sealed ? unseal(one.sealed).catch(() => null) : one)));
  return opened.filter(Boolean).reverse();
}

/** The log no longer reaches back, or my scope is another one: what was known of tasks and grids goes, and all is read anew. */
async function startAfresh() {
  untold.clear();
  await Promise.all([forgetPictures(), clear("tasks")]);
  await forget("cursor", "grids", "basemap", "day", "stocked");
  forgetMap();
  hearers.forEach((listener) => listener([{ kind: "afresh" }]));
}

/** Forgets what another person was told. */
export async function forgetFeed() {
  await startAfresh();
  await forget("track", "calls", "used-categories");
  await clear("notices");
}
