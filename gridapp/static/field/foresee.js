// What a task will look like once what this phone has still to send has arrived: so that work goes on without a network.

import { catalogue } from "./catalogue.js";
import { setup } from "./text.js";

const filled = async (field, task, action) => {
  const known = await catalogue().catch(() => null);
  if (!known) return field;
  const choices = (known.reasons[action] ?? []).map(({ code, name }) => ({ code, ...name }));
  const count = known.minors.get(task.category.code)?.photos.after ?? 0;
  if (field.name === "reason") return { ...field, choices };
  return field.name === "photos" ? { ...field, count, required: field.required && count > 0 } : field;
};

/** The task as it will be after these actions of one's own, in order; as it is where nothing can be foreseen. */
export async function foreseen(task, waiting) {
  let seen = task;
  for (const { body } of waiting) {
    const ahead = setup.foresee[body.action];
    if (!ahead) continue;
    const actions = await Promise.all(ahead.actions.map(async (one) => ({ ...one, fields: await Promise.all(one.fields.map((field) => filled(field, task, one.action))) })));
    const always = seen.actions.filter(({ action }) => setup.foresee.always.includes(action));
    seen = { ...seen, stage: ahead.stage, actions: [...actions, ...always], foreseen: true };
  }
  return seen;
}
