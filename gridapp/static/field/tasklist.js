// Tasks as the phone keeps them, sealed: those of the scope as in a list, one's own whole.

import { seal, unseal } from "./core/seal.js";
import { read, write } from "./core/store.js";

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
