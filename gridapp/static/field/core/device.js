// The name that this phone has for the server, made once: what lies here is sealed with a key of this phone and no other. It lies
// in each of the browser's stores, for without it nothing that waits could be opened again.

import { keep, kept } from "./store.js";

const KEY = "device";
const LOCAL = "field-device";
const CACHE = "outbox-device"; // of its own: the service worker drops older shells, an erased mirror takes all with it
const ADDRESS = "/field/device";
const HEX = 16;

const fromCache = async () => ("caches" in globalThis ? (await (await caches.open(CACHE)).match(ADDRESS))?.text() : null);
const quietly = (work) => work().catch(() => null);

function made() {
  const bytes = crypto.getRandomValues(new Uint8Array(HEX));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The phone's name; from whichever store still has it, and then in all of them. */
export async function deviceId() {
  const id = (await quietly(() => kept(KEY))) ?? localStorage.getItem(LOCAL) ?? (await quietly(fromCache)) ?? made();
  localStorage.setItem(LOCAL, id);
  await keep(KEY, id);
  if ("caches" in globalThis) await quietly(async () => (await caches.open(CACHE)).put(ADDRESS, new Response(id)));
  return id;
}

/** A phone that was locked out begins anew, under another name. */
export async function forgetDevice() {
  localStorage.removeItem(LOCAL);
  if ("caches" in globalThis) await caches.delete(CACHE);
}
