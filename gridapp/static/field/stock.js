// Everything that a shift needs, fetched while there is a network: catalogue, map, my tasks whole with their photos.

import { ask, isNoNetwork, keepPicture } from "./api.js";
import { catalogue } from "./catalogue.js";
import { read, write } from "./core/store.js";
import { renewDay } from "./day/today.js";
import { renewMap } from "./map/data.js";
import { keepTask } from "./tasklist.js";

const MOST_MINE = 100;
export const SETTLE_MS = 3_000;
const SIZES = ["thumb", "screen"];
let running = null;
let again = false;
let timer;

async function stockTasks() {
  const { items } = await ask(`/tasks?${new URLSearchParams({ view: "mine", limit: MOST_MINE })}`);
  const here = await read("tasks", (tasks) => tasks.getAll());
  const versions = new Map(here.filter(({ whole }) => whole).map(({ id, version }) => [id, version]));
  const mine = new Set(items.map(({ id }) => id));
  for (const { id } of here.filter((one) => one.mine && !mine.has(one.id))) await write("tasks", (tasks) => {
    const known = tasks.get(id);
    known.onsuccess = () => known.result && tasks.put({ ...known.result, mine: false });
  });
  for (const task of items) {
    await keepTask(task, { mine: true });
    if (versions.get(task.id) !== task.version) await keepTask(await ask(`/tasks/${task.id}`), { mine: true });
    for (const { sha256 } of task.photos) for (const size of SIZES) await keepPicture(sha256, size).catch((error) => { if (isNoNetwork(error)) throw error; });
  }
}

async function stock() {
  await catalogue().catch(() => {});
  await renewDay();
  await renewMap();
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

/** Resolves once nothing is being fetched. */
export const whenStocked = () => running ?? Promise.resolve();

/** As `stockUp`, a little later: changes come in numbers. */
export function stockSoon() {
  clearTimeout(timer);
  timer = setTimeout(stockUp, SETTLE_MS);
}
