// What lies on the phone is sealed with its person's key for this phone: without it nothing that was typed, photographed or read is left
// to read. The server hands the key out with the token and takes it back with it; the phone keeps it where no script can
// read its bytes. Where the page has no safe connection, browsers offer no keys, and things lie open.

import { forget, keep, kept } from "./store.js";

const ALGORITHM = "AES-GCM";
const IV_BYTES = 12;
const KEY = "key";
const encoder = new TextEncoder();
const decoder = new TextDecoder();
let held = null;

const able = () => Boolean(globalThis.crypto?.subtle);

/** A person's data cannot be opened: the key is not here, or it is another one. */
export class Sealed extends Error {}

const idOf = async (bytes) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].slice(0, 6).map((byte) => byte.toString(16).padStart(2, "0")).join("");

function bytesOf(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

/** Takes the key that came with the token; a server that gives none leaves the phone to make one for this person. */
export async function takeKey(person, text) {
  if (!able()) return;
  if (text) {
    const bytes = bytesOf(text);
    const key = await crypto.subtle.importKey("raw", bytes, ALGORITHM, false, ["encrypt", "decrypt"]);
    held = { person, id: await idOf(bytes), key };
    await keep(KEY, held);
    return;
  }
  const own = `${KEY}:${person}`;
  let made = await kept(own);
  if (!made) {
    made = { person, id: "own", key: await crypto.subtle.generateKey({ name: ALGORITHM, length: 256 }, false, ["encrypt", "decrypt"]) };
    await keep(own, made);
  }
  held = made;
  await keep(KEY, held);
}

/** Lets go of the key: what is sealed stays shut until it comes back. */
export async function dropKey() {
  held = null;
  await forget(KEY);
}

/** Whether the key of this person is here. */
export const hasKey = async (person) => !able() || (await current())?.person === person;

async function current() {
  held ??= (await kept(KEY)) ?? null;
  return held;
}

/** Bytes, shut. */
export async function sealBytes(bytes) {
  if (!able()) return { plain: bytes };
  const key = await current();
  if (!key) throw new Sealed();
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  return { key: key.id, iv, data: await crypto.subtle.encrypt({ name: ALGORITHM, iv }, key.key, bytes) };
}

/** Bytes that were shut with the present key. Throws Sealed for any other. */
export async function openBytes({ plain, key: id, iv, data }) {
  if (plain) return plain;
  const key = able() ? await current() : null;
  if (!key || key.id !== id) throw new Sealed();
  return crypto.subtle.decrypt({ name: ALGORITHM, iv }, key.key, data).catch(() => {
    throw new Sealed();
  });
}

/** A thing that JSON can say, shut. */
export const seal = (thing) => sealBytes(encoder.encode(JSON.stringify(thing)));

/** A thing as it was shut. */
export const unseal = async (record) => JSON.parse(decoder.decode(await openBytes(record)));
