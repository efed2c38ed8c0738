// Everything that a shift needs, fetched while there is a network: catalogue, map, my tasks whole with their photos.

import { ask, isNoNetwork, keepPicture, patiently } from "./api.js";
import { catalogue } from "./catalogue.js";
import { keep, kept, read, whereRoom, write } from "./core/store.js";
import { renewDay } from "./day/today.js";
import { inStep } from "./feed.js";
import { renewMap } from "./map/data.js";
import { session } from "./session.js";
import { keepTask } from "./tasklist.js";

const MOST_MINE = 100;
export const SETTLE_MS = 3_000;
const APART_MS = 15_000;
const SIZES = ["thumb", "screen"];
const STOCKED = "stocked";
const MOST_PHOTOS = 120; // in both sizes they leave room among the pictures kept for others that are looked at
let running = null;
let again = false;
let begunAt = -Infinity;
let due = null;
let timer;

async function stockTasks() {
  const { items } = await patiently(() => ask(`/tasks?${new URLSearchParams({ view: "mine", limit: MOST_MINE })}`));
  const here = await read("tasks", (tasks) => tasks.getAll());
  const versions = new Map(here.filter(({ whole }) => whole).map(({ id, version }) => [id, version]));
  const mine = new Set(items.map(({ id }) => id));
  for (const { id } of here.filter((one) => one.mine && !mine.has(one.id))) await write("tasks", (tasks) => {
    const known = tasks.get(id);
    known.onsuccess = () => known.result && tasks.put({ ...known.result, mine: false });
  });
  for (const task of items) {
    await keepTask(task, { mine: true });
    if (versions.get(task.id) !== task.version) await keepTask(await patiently(() => ask(`/tasks/${task.id}`)), { mine: true });
  }
  if (session.me) await whereRoom(keep(STOCKED, session.me.id));
  const photos = [...new Set(items.flatMap((task) => task.photos.map(({ sha256 }) => sha256)))].slice(0, MOST_PHOTOS);
  for (const sha256 of photos) for (const size of SIZES) await keepPicture(sha256, size).catch((error) => { if (isNoNetwork(error)) throw error; });
}

/** Whether tasks of the signed-in person were fetched: only where none is kept then is there none. The feed may tell of tasks before. */
export const isStocked = async () => (await kept(STOCKED)) === session.me?.id || (await read("tasks", (tasks) => tasks.getAll())).some(({ mine }) => mine);

async function stock() {
  begunAt = performance.now();
  await catalogue().catch(() => {});
  await patiently(renewDay);
  await renewMap();
  await inStep();
  await stockTasks();
}

/** Fetches what is missing or changed; one round at a time, and once more where it was asked for meanwhile. */
export function stockUp() {
  again = true;
  running ??= (async () => {
    while (again) {
      again = false;
      await stock();
    }
  })().catch(() => {}).finally(() => { running = null; });
  return running;
}

/** Resolves once nothing is being fetched or soon will be. */
export const whenStocked = () => due?.promise ?? running ?? Promise.resolve();

function planned() {
  let resolve;
  const promise = new Promise((done) => { resolve = done; });
  return { promise, resolve };
}

/** As `stockUp`, a little later: changes come in numbers, and the server lets a phone ask only so often. */
export function stockSoon() {
  due ??= planned();
  clearTimeout(timer);
  timer = setTimeout(() => {
    const { resolve } = due;
    due = null;
    stockUp().then(resolve);
  }, Math.max(SETTLE_MS, begunAt + APART_MS - performance.now()));
}
