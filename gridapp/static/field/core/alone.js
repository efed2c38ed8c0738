// Of several pages and the service worker only one sends at a time: by the browser's locks, else by a lease on the disk.

import { pause } from "./pace.js";
import { read, write } from "./store.js";

const NAME = "field-outbox";
const LEASE_MS = 45_000;
const LOOK_MS = 1_000;
const isOver = (until) => until < Date.now() || until > Date.now() + LEASE_MS; // also where the clock was set back
const me = Math.random().toString(36).slice(2);

async function lease() {
  let got = false;
  await write("keep", (keep) => {
    const held = keep.get("lease");
    held.onsuccess = () => {
      got = !held.result || held.result.owner === me || isOver(held.result.until);
      if (got) keep.put({ owner: me, until: Date.now() + LEASE_MS }, "lease");
    };
  });
  return got;
}

async function byLease(work) {
  while (!(await lease())) await pause(LOOK_MS);
  const renewing = setInterval(lease, LEASE_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    const held = await read("keep", (keep) => keep.get("lease"));
    if (held?.owner === me) await write("keep", (keep) => keep.delete("lease"));
  }
}

/** Does the work once nobody else is at it. */
export const alone = (work) => (navigator.locks ? navigator.locks.request(NAME, work) : byLease(work));

/** Whether somebody is sending now. */
export async function isSending() {
  if (!navigator.locks) return !isOver((await read("keep", (keep) => keep.get("lease")))?.until ?? 0);
  const { held } = await navigator.locks.query();
  return held.some(({ name }) => name === NAME);
}
