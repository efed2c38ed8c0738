// Asking the mobile API from the page: refusals in words, photos as addresses for an <img>, new ids.

import { word } from "../app.js";
import { openBytes, sealBytes } from "./core/seal.js";
import { clear, read, write } from "./core/store.js";
import { call } from "./core/wire.js";

export { ask, call, isBusy, isNoNetwork, patiently, Refused } from "./core/wire.js";

/** What a failure says to the person. */
export const saying = (error) => error.message || word("broken");

const MOST_KEPT = 300;
const DAY_MS = 24 * 60 * 60_000;
const MOST_OPEN = 80;
const opened = new Map();
const kinds = new Map();

/** A photo as the phone keeps it, or null. */
async function keptPicture(key) {
  const found = await read("pictures", (pictures) => pictures.get(key)).catch(() => null);
  const bytes = found?.sealed && (await openBytes(found.sealed).catch(() => null));
  if (bytes && Math.abs(Date.now() - found.at) > DAY_MS) await write("pictures", (pictures) => pictures.put({ ...found, at: Date.now() })).catch(() => {});
  return bytes && new Blob([bytes], { type: found.type });
}

/** Beyond what is kept, those looked at longest ago go; their bytes are not read for that. */
function makeRoom(pictures) {
  const count = pictures.count();
  count.onsuccess = () => {
    let over = count.result - MOST_KEPT;
    if (over <= 0) return;
    const oldest = pictures.index("at").openKeyCursor();
    oldest.onsuccess = () => {
      pictures.delete(oldest.result.primaryKey);
      over -= 1;
      if (over) oldest.result.continue();
    };
  };
}

const isFilm = (type) => type?.startsWith("video/") ?? false;

/** Notes of a film that it is one: it is too large to be kept, and fetched when somebody looks at it. */
async function noteFilm(answer, key, type) {
  await answer.body.cancel();
  await write("pictures", (pictures) => pictures.put({ key, at: Date.now(), type }));
}

/** Fetches a photo and keeps it on the phone, sealed; `films` or leaves films where they are. */
async function fetchPicture(sha256, size, key, { films = true } = {}) {
  const answer = await call(`/photos/${sha256}?size=${size}`);
  const type = answer.headers.get("Content-Type");
  if (!films && isFilm(type)) return noteFilm(answer, key, type);
  const blob = await answer.blob();
  const sealed = await sealBytes(await blob.arrayBuffer()).catch(() => null);
  if (sealed) await write("pictures", (pictures) => {
    pictures.put({ key, at: Date.now(), type: blob.type, sealed });
    makeRoom(pictures);
  }).catch(() => {});
  return blob;
}

/** Makes sure that a photo can be shown without a network; a film cannot. */
export async function keepPicture(sha256, size) {
  const key = `${sha256}-${size}`;
  if (!(await read("pictures", (pictures) => pictures.getKey(key)))) await fetchPicture(sha256, size, key, { films: false });
}

/** An address for a photo that an <img> can show: from the phone where it is kept, else fetched. */
export function picture(sha256, size = "thumb") {
  const key = `${sha256}-${size}`;
  if (!opened.has(key)) {
    const address = keptPicture(key).then(async (kept) => {
      const blob = kept ?? (await fetchPicture(sha256, size, key));
      kinds.set(key, blob.type);
      return URL.createObjectURL(blob);
    });
    address.catch(() => opened.delete(key));
    opened.set(key, address);
    if (opened.size > MOST_OPEN) dropOldest();
  }
  return opened.get(key);
}

/** Forgets every photo that was looked at, on the disk and in the open page. */
export async function forgetPictures() {
  while (opened.size) dropOldest();
  kinds.clear();
  await clear("pictures");
}

/** What kind of thing an address shows: an image or a film. */
export const pictureKind = (sha256, size) => kinds.get(`${sha256}-${size}`) ?? "";

function dropOldest() {
  const [key, address] = opened.entries().next().value;
  opened.delete(key);
  address.then(URL.revokeObjectURL, () => {});
}

/** A new id; also where the page is open without https. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
