// What changes elsewhere: a long poll of the feed from a cursor that the phone keeps; notices stay on the phone.

import { ask, isNoNetwork } from "./api.js";
import { forget, keep, kept, read, write } from "./core/store.js";

const WAIT_S = 25;
const PAGE = 500;
const BETWEEN_MS = 2_500;
const AGAIN_MS = 5_000;
const GONE = 410;
const MOST_NOTICES = 100;
const hearers = new Set();
let listening = null;

/** Hears of changes: `hear([{kind, op, id, thing}])`; gives back how to stop. */
export function hear(listener) {
  hearers.add(listener);
  return () => hearers.delete(listener);
}

const pause = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

async function take(changes) {
  const notices = changes.filter((change) => change.kind === "notice" && change.op === "upsert");
  await write("notices", (store) => {
    notices.forEach(({ thing }) => store.put(thing));
    const keys = store.getAllKeys();
    keys.onsuccess = () => keys.result.slice(0, -MOST_NOTICES).forEach((key) => store.delete(key));
  });
}

/** One round: the next page, kept, then told. The first pages are the present state, of which only notices are new. */
async function round(person, signal) {
  const known = await kept("cursor");
  const since = known?.person === person ? known : null;
  const wait = since && !since.more ? WAIT_S : 0;
  const query = new URLSearchParams({ limit: PAGE, ...(wait ? { wait } : {}), ...(since ? { since: since.cursor } : {}) });
  const page = await ask(`/changes?${query}`, { signal, patience: (wait + 20) * 1000 });
  await take(page.changes);
  const first = !since || since.first;
  await keep("cursor", { person, cursor: page.cursor, more: page.more, first: first && page.more });
  const told = first ? page.changes.filter((change) => change.kind === "notice") : page.changes;
  if (told.length) hearers.forEach((listener) => listener(told));
  return page.changes.length && !page.more ? BETWEEN_MS : 0;
}

async function failed(error) {
  if (error.status === GONE) {
    await forget("cursor");
    return 0;
  }
  return isNoNetwork(error) ? AGAIN_MS : Math.max(AGAIN_MS, (error.after ?? 0) * 1000);
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
  if (!person || document.hidden) return;
  listening = new AbortController();
  listen(person, listening.signal);
}

/** The notices kept, newest first. */
export async function notices() {
  const all = await read("notices", (store) => store.getAll());
  return all.reverse();
}

/** Forgets what another person was told. */
export async function forgetFeed() {
  await forget("cursor");
  await write("notices", (store) => store.clear());
}
