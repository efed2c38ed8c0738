// Actions that were begun and not sent: what was typed and photographed for them stays on the phone, sealed, also where the phone ends
// the page while the camera is open.

import { isFull, read, write } from "./core/store.js";
import { seal, unseal } from "./core/seal.js";
import { openPhoto, shutPhoto } from "./report/drafts.js";
import { session } from "./session.js";

const KIND = "action";
const LONGEST_MS = 30 * 24 * 60 * 60_000;

const keyOf = (task, action) => `${KIND} ${session.me?.id} ${task} ${action}`;
const isEmpty = ({ values, photos }) => !photos.length && !Object.values(values).some((value) => (value && typeof value === "object" ? Object.keys(value).length : value));

/** Keeps what was begun; what is empty is not kept. A full phone keeps none, and says so when it is sent. */
export async function keepBegun(task, action, draft) {
  if (!session.me) return;
  if (isEmpty(draft)) return void (await dropBegun(task, action));
  const { id, values, photos } = draft;
  const record = { id: keyOf(task, action), person: session.me.id, kind: KIND, at: Date.now(), sealed: await seal({ id, values }), photos: await Promise.all(photos.map(shutPhoto)) };
  await write("drafts", (drafts) => drafts.put(record)).catch((error) => isFull(error) || Promise.reject(error));
}

/** What was begun of an action, `{id, values, photos}`, or null. */
export async function begun(task, action) {
  await dropOld();
  const found = await read("drafts", (drafts) => drafts.get(keyOf(task, action)));
  if (!found) return null;
  try {
    return { ...(await unseal(found.sealed)), photos: await Promise.all(found.photos.map(openPhoto)) };
  } catch {
    return null;
  }
}

export const dropBegun = (task, action) => write("drafts", (drafts) => drafts.delete(keyOf(task, action)));

const dropOld = () => write("drafts", (drafts) => {
  const all = drafts.openCursor();
  all.onsuccess = () => {
    if (!all.result) return;
    const { kind, at } = all.result.value;
    if (kind === KIND && Date.now() - at > LONGEST_MS) all.result.delete();
    all.result.continue();
  };
});
