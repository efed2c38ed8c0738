// Everything that a shift needs, fetched while there is a network: catalogue, map, my tasks whole with their photos.

import { ask, isNoNetwork, keepPicture } from "./api.js";
import { catalogue } from "./catalogue.js";
import { seal, unseal } from "./core/seal.js";
import { read, write } from "./core/store.js";
import { renewMap } from "./map/data.js";

const MOST_MINE = 100;
const SETTLE_MS = 3_000;
const SIZES = ["thumb", "screen"];
let running = null;
let again = false;
let timer;

/** Keeps a task as it was answered; `whole` with its events and what may be done. */
export async function keepTask(task, { mine = false } = {}) {
  const sealed = await seal(task);
  await write("tasks", (tasks) => {
    const known = tasks.get(task.id);
    known.onsuccess = () => tasks.put({ ...known.result, id: task.id, mine: mine || Boolean(known.result?.mine), ...(task.events ? { whole: sealed, version: task.version } : { summary: sealed }) });
  });
}

/** A task as the phone has it whole, or null. */
export async function keptTask(id) {
  const found = await read("tasks", (tasks) => tasks.get(id));
  return found?.whole ? unseal(found.whole).catch(() => null) : null;
}

/** Tasks that the phone has, as in a list; `mine` those that I hold or reported. */
export async function keptTasks({ mine = false } = {}) {
  const all = await read("tasks", (tasks) => tasks.getAll());
  const wanted = all.filter((one) => !mine || one.mine);
  const opened = await Promise.all(wanted.map(({ summary, whole }) => unseal(summary ?? whole).catch(() => null)));
  return opened.filter((task) => task && !task.outcome);
}

/** Forgets a task that is over or out of sight. */
export const forgetTask = (id) => write("tasks", (tasks) => tasks.delete(id));

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
    if (versions.get(task.id) === task.version) continue;
    await keepTask(await ask(`/tasks/${task.id}`), { mine: true });
    for (const { sha256 } of task.photos) for (const size of SIZES) await keepPicture(sha256, size).catch((error) => { if (isNoNetwork(error)) throw error; });
  }
}

async function stock() {
  await catalogue().catch(() => {});
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

/** As `stockUp`, a little later: changes come in numbers. */
export function stockSoon() {
  clearTimeout(timer);
  timer = setTimeout(stockUp, SETTLE_MS);
}
