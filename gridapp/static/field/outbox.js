// The only way out: reports, actions, duty and positions wait here until the server's answer was read.
//
// An item has the client's id, so that sending again is harmless, and `about`, what it concerns: items about the same
// thing go in order, and one that was refused holds back those after it but nobody else. What was never answered is
// never changed or thrown away, for it may have arrived.

import { Refused } from "../app.js";
import { call, isNoNetwork } from "./api.js";
import { read, write } from "./store.js";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const LOOK_MS = 15_000;
const PHOTO_PATIENCE_MS = 180_000;
const SESSION_ENDED = 401;
const TRY_LATER = new Set([408, 429, 503]);

let person = null;
let running = null;
let again = false;
const waiters = new Map();
const watchers = new Set();

/** Hears of every change: `watch(({ item, done, total, offline }) => …)`; gives back how to stop. */
export function watch(hear) {
  watchers.add(hear);
  return () => watchers.delete(hear);
}

const say = (news) => watchers.forEach((hear) => hear(news));

/** Sends for this person from now on; items of others stay for their next sign-in. */
export function sendFor(personId) {
  person = personId;
  if (person) flush();
}

/** Items of the signed-in person in the order in which they were made. */
export async function items() {
  const all = await read("outbox", (outbox) => outbox.getAll());
  return all.filter((item) => item.person === person);
}

/**
 * Keeps an item and tries to send it. `photos` are {sha256, blob}. An item of the same id is replaced, where it was refused.
 * Resolves to {state: "sent", answer}, {state: "refused", problem} or {state: "kept"}: it waits for the network.
 */
export async function send({ id, kind, about, path, method, headers = {}, body, title = "" }, photos = []) {
  const bytes = await Promise.all(photos.map(async ({ sha256, blob }) => ({ sha256, type: blob.type, bytes: await blob.arrayBuffer() })));
  const made = { id, person, kind, about, path, method, headers, body, title, photos: photos.map(({ sha256 }) => sha256), made: new Date().toISOString(), state: "waiting", tries: 0, next: 0 };
  await write(["outbox", "photos"], (outbox, store) => {
    for (const photo of bytes) store.put(photo);
    const known = outbox.index("id").get(id);
    known.onsuccess = () => {
      if (!known.result) outbox.add(made);
      else if (known.result.state === "refused") outbox.put({ ...made, seq: known.result.seq });
    };
  });
  const told = new Promise((resolve) => waiters.set(id, resolve));
  flush();
  return told;
}

/** The photos that an item carries, to be edited again. */
export async function photosOf(item) {
  const found = await Promise.all(item.photos.map((sha256) => read("photos", (photos) => photos.get(sha256))));
  return found.filter(Boolean).map(({ sha256, type, bytes }) => ({ sha256, blob: new Blob([bytes], { type }) }));
}

/** Throws a refused item away, with the photos that no other item carries. */
export async function drop(id) {
  await write(["outbox", "photos"], (outbox, photos) => {
    const all = outbox.getAll();
    all.onsuccess = () => {
      const item = all.result.find((one) => one.id === id);
      if (!item) return;
      const still = new Set(all.result.filter((one) => one.id !== id).flatMap((one) => one.photos));
      outbox.delete(item.seq);
      item.photos.filter((sha256) => !still.has(sha256)).forEach((sha256) => photos.delete(sha256));
    };
  });
  say({});
}

/** Tries everything that waits now. */
export async function retry() {
  for (const item of await items()) if (item.state === "waiting") await save({ ...item, next: 0 });
  return flush();
}

const save = (item) => write("outbox", (outbox) => outbox.put(item));

function flush() {
  again = true;
  running ??= (async () => {
    while (again && person) {
      again = false;
      await alone(pass);
    }
  })().finally(() => {
    running = null;
    if (again && person) return void flush();
    for (const [id, resolve] of waiters) {
      waiters.delete(id);
      resolve({ state: "kept" });
    }
    return say({});
  });
  return running;
}

/** Of several open pages only one sends. */
const alone = (work) => (navigator.locks ? navigator.locks.request("field-outbox", work) : work());

async function pass() {
  const heldBack = new Set();
  for (const item of await items()) {
    if (heldBack.has(item.about)) continue;
    if (item.state === "refused" || item.next > Date.now()) {
      heldBack.add(item.about);
      continue;
    }
    const outcome = await attempt(item);
    if (outcome !== "sent") heldBack.add(item.about);
    if (outcome === "stop") return;
  }
}

/** Tries one item: "sent", "held" (it stays, the others go on) or "stop" (there is no way to the server now). */
async function attempt(item) {
  try {
    await sendPhotos(item);
    const answer = await call(item.path, { method: item.method, headers: item.headers, json: item.body });
    const told = answer.status === 204 ? null : await answer.json();
    await drop(item.id);
    settle(item, { state: "sent", answer: told });
    return "sent";
  } catch (error) {
    return failed(item, error);
  }
}

async function failed(item, error) {
  if (error instanceof Refused && error.status === SESSION_ENDED) return "stop";
  if (isNoNetwork(error) || error.status >= 500 || TRY_LATER.has(error.status)) {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** item.tries, LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
    await save({ ...item, tries: item.tries + 1, next: Date.now() + Math.max(wait, (error.after ?? 0) * 1000) });
    say({ item, offline: isNoNetwork(error) });
    return isNoNetwork(error) || TRY_LATER.has(error.status) ? "stop" : "held";
  }
  const problem = { status: error.status, ...error.problem };
  await save({ ...item, state: "refused", problem });
  settle(item, { state: "refused", problem });
  return "held";
}

function settle(item, outcome) {
  waiters.get(item.id)?.(outcome);
  waiters.delete(item.id);
  say({ item, outcome });
}

/** Photos go first, each once: the server has them under their digest. */
async function sendPhotos(item) {
  const photos = await Promise.all(item.photos.map((sha256) => read("photos", (store) => store.get(sha256))));
  const here = photos.filter(Boolean);
  for (const [at, photo] of here.entries()) {
    say({ item, done: at, total: here.length });
    if (!photo.sent) await sendPhoto(photo);
  }
  say({ item, done: here.length, total: here.length });
}

async function sendPhoto(photo) {
  const { sha256, type, bytes } = photo;
  try {
    await call(`/photos/${sha256}`, { method: "PUT", body: bytes, headers: { "Content-Type": type }, patience: PHOTO_PATIENCE_MS });
  } catch (error) {
    if (error instanceof Refused && error.status < 500) error.problem.errors ??= { photos: { detail: error.message } };
    throw error;
  }
  await write("photos", (store) => store.put({ ...photo, sent: true }));
}

async function look() {
  if (document.hidden || !person) return;
  if ((await items()).some((item) => item.state === "waiting" && item.next <= Date.now())) flush();
}

/** Begins to watch for the network; `sendFor` says for whom. */
export function start() {
  window.addEventListener("online", retry);
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
}
