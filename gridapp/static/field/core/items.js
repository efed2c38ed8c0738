// Items that wait to be sent, as they lie on the disk: what says whose they are and how they stand lies open, the rest is sealed.

import { dueAt } from "./clock.js";
import { mirror, mirrored, unmirror } from "./mirror.js";
import { openBytes, seal, sealBytes, Sealed, unseal } from "./seal.js";
import { isFull, keep, kept, read, whereRoom, write } from "./store.js";

const MOST_SENT = 200;

/** Another page keeps another thing under this id already, or it has arrived: that is left as it is. */
export class Taken extends Error {}

/** Where a photo of a person lies: two who share a phone may have the same, each shut by a key of their own. */
const keyOf = (person, sha256) => `${person}.${sha256}`;

async function sealPhoto(person, { sha256, blob, facts = {} }) {
  const bytes = await blob.arrayBuffer();
  return { sha256: keyOf(person, sha256), person, type: blob.type, size: bytes.byteLength, sealed: await sealBytes(bytes), facts: await seal(facts) };
}

/**
 * Puts an item on the disk with its photos {sha256, blob, facts}, in one transaction, and a copy of both beside. One that was
 * refused is replaced under its id. Throws Taken where something may have arrived under it already.
 */
export async function put({ id, person, kind, about, state = "waiting", path, method, headers = {}, body, title = "", form, clock = null }, photos = []) {
  await recover();
  const shut = await Promise.all(photos.map((photo) => sealPhoto(person, photo)));
  const sealed = await seal({ path, method, headers, body, title, form, clock });
  const made = { id, person, kind, about, photos: photos.map(({ sha256 }) => sha256), made: new Date().toISOString(), state, tries: 0, next: 0, sealed };
  let isTaken = false;
  await write(["outbox", "photos", "sent"], (outbox, store, sent) => {
    const arrived = sent.index("id").getKey(id);
    const known = outbox.index("id").get(id);
    known.onsuccess = () => {
      isTaken = arrived.result !== undefined || (known.result && known.result.state !== "refused");
      if (isTaken) return;
      for (const photo of shut) store.put(photo);
      outbox.put({ ...made, ...(known.result ? { seq: known.result.seq } : {}) });
    };
  });
  if (isTaken) throw new Taken();
  await mirror(made, shut);
}

async function openItem(item) {
  try {
    const rest = item.sealed ? await unseal(item.sealed) : {};
    return { ...item, ...rest, next: dueAt(item), problem: item.problem && (await unseal(item.problem)) };
  } catch (error) {
    if (error instanceof Sealed) return { ...item, shut: true, title: "" };
    throw error;
  }
}

/** Items of a person in the order in which they were made, opened; those that need another key are `shut`. */
export async function itemsOf(person) {
  const all = await read("outbox", (outbox) => outbox.getAll());
  return Promise.all(all.filter((item) => item.person === person).map(openItem));
}

/** How many items of anybody lie here. */
export const countAll = () => read("outbox", (outbox) => outbox.count());

/** The same item as it stands now: how often it was tried, when next, or why it was refused. */
export async function mark({ seq }, { problem, ...standing }) {
  const shut = problem && (await seal(problem));
  await whereRoom(write("outbox", (outbox) => {
    const known = outbox.get(seq);
    known.onsuccess = () => known.result && outbox.put({ ...known.result, ...standing, noted: Date.now(), ...(shut ? { problem: shut } : {}) });
  }));
}

/** A photo of an item with its bytes opened, or null where it is not here. Throws Sealed where it is shut. */
export async function photo({ person }, sha256) {
  const found = await read("photos", (photos) => photos.get(keyOf(person, sha256))) ?? (await read("photos", (photos) => photos.get(sha256))); // as older pages kept it
  if (!found) return null;
  const bytes = found.bytes ?? (await openBytes(found.sealed));
  return { ...found, key: found.sha256, sha256, bytes, facts: found.facts ? await unseal(found.facts).catch(() => ({})) : {} };
}

/** Notes that the server has a photo. */
export const photoSent = ({ key }) => whereRoom(write("photos", (photos) => {
  const known = photos.get(key);
  known.onsuccess = () => known.result && photos.put({ ...known.result, sent: true });
}));

const keysOf = ({ person, photos }) => photos.flatMap((sha256) => [sha256, keyOf(person, sha256)]);

function removeIn(outbox, photos, id) {
  const all = outbox.getAll();
  all.onsuccess = () => {
    const item = all.result.find((one) => one.id === id);
    if (!item) return;
    const still = new Set(all.result.filter((one) => one.id !== id).flatMap(keysOf));
    outbox.delete(item.seq);
    keysOf(item).filter((key) => !still.has(key)).forEach((key) => photos.delete(key));
  };
}

/**
 * Takes an item away that the server has answered, and keeps a receipt with the answer, in one transaction. A full phone has no
 * room for the receipt: there the item goes without one, which makes room.
 */
export async function settle(item, answer) {
  const { id, person, kind, about, made, title } = item;
  const receipt = { id, person, kind, about, made, at: new Date().toISOString(), sealed: await seal({ title, number: answer?.number ?? null, answer }) };
  const settled = write(["outbox", "photos", "sent"], (outbox, photos, sent) => {
    removeIn(outbox, photos, id);
    if (kind === "positions") return;
    sent.add(receipt);
    const keys = sent.getAllKeys();
    keys.onsuccess = () => keys.result.slice(0, -MOST_SENT).forEach((key) => sent.delete(key));
  });
  await settled.then(() => unmirror(item), (error) => (isFull(error) ? remove(item) : Promise.reject(error)));
}

/** Throws an item away, with the photos that no other item carries. */
export async function remove(item) {
  await write(["outbox", "photos"], (outbox, photos) => removeIn(outbox, photos, item.id));
  await unmirror(item);
}

/** The receipt of an item, or null. */
export async function receipt(id) {
  const found = await read("sent", (sent) => sent.index("id").get(id));
  return found ? { ...found, ...(await unseal(found.sealed)) } : null;
}

/** Receipts of a person, newest first. */
export async function receipts(person) {
  const all = (await read("sent", (sent) => sent.getAll())).filter((one) => one.person === person).reverse();
  const opened = await Promise.all(all.map(async (one) => ({ ...one, ...(await unseal(one.sealed).catch(() => null)) })));
  return opened.filter((one) => one.title !== undefined);
}

/**
 * Where the browser lost the database, under the open page too, brings back what lay beside it; what is here already stays as it
 * is. Tells how many items came back.
 */
export async function recover() {
  if (await kept("born")) return 0;
  const { items, photos } = await mirrored();
  await write(["outbox", "photos"], (outbox, store) => {
    photos.forEach((one) => store.put(one));
    for (const { seq: _, ...item } of items.sort((a, b) => a.made.localeCompare(b.made))) {
      const known = outbox.index("id").getKey(item.id);
      known.onsuccess = () => known.result ?? outbox.add(item);
    }
  });
  await keep("born", new Date().toISOString());
  return items.length;
}
