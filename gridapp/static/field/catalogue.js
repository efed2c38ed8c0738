// What can be reported: kept on the phone, asked for again by its entity tag, and which classes this person uses.

import { call, isBusy, isNoNetwork } from "./api.js";
import { el } from "./dom.js";
import { keep, kept } from "./core/store.js";
import { keptTasks } from "./tasklist.js";
import { named } from "./text.js";

const KEY = "catalogue";
const USED = "used-categories";
const MOST_USED = 6;
let loaded;

/** The catalogue: `{version, majors, minors, reasons}`; minors by code. Throws where there is neither network nor copy. */
export function catalogue() {
  loaded ??= load().catch((error) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** Asks again next time: an edition came into force. */
export function renew() {
  loaded = undefined;
}

async function load() {
  const known = await kept(KEY);
  try {
    const answer = await call("/catalogue", { headers: known ? { "If-None-Match": known.etag } : {} });
    if (answer.status === 304) return shape(known.document);
    const document = await answer.json();
    await keep(KEY, { etag: answer.headers.get("ETag"), document });
    return shape(document);
  } catch (error) {
    if (known && (isNoNetwork(error) || isBusy(error))) return shape(known.document);
    throw error;
  }
}

function shape({ version, categories, reasons }) {
  const leaves = (node) => (node.children.length ? node.children.flatMap(leaves) : [node]);
  const majors = categories.map((major) => ({ ...major, leaves: leaves(major).filter((leaf) => leaf !== major) })).filter((major) => major.leaves.length);
  const minors = new Map(majors.flatMap((major) => major.leaves.map((leaf) => [leaf.code, { ...leaf, major }])));
  return { version, majors, minors, reasons };
}

/** The reader's word for a reason of an action. */
export async function reasonName(action, code) {
  const { reasons } = await catalogue();
  return named((reasons[action] ?? []).find((reason) => reason.code === code)) || code;
}

/** Whether a class is admitted for grid workers at a place: what was decided for the deepest area of its chain holds. */
export function admittedAt(minor, chain) {
  const decided = new Map((minor.admitted_in ?? []).map((one) => [one.grid, one.admitted]));
  const deepest = (chain ?? []).filter((grid) => decided.has(grid.code)).at(-1);
  return deepest ? decided.get(deepest.code) : minor.admitted;
}

/** Counts a class as used, so that it is offered first. */
export async function use(code) {
  const used = (await kept(USED)) ?? {};
  used[code] = { times: (used[code]?.times ?? 0) + 1, last: Date.now() };
  await keep(USED, used);
}

/** Classes of the tasks that the phone knows around, the most frequent first: for whoever has not reported yet. */
async function around(minors) {
  const counts = new Map();
  for (const { category } of await keptTasks().catch(() => [])) if (minors.has(category.code)) counts.set(category.code, (counts.get(category.code) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([code]) => code);
}

/** The class used last, then those used most, then those that are frequent around here, then those given to grid workers. */
async function mostUsed(minors) {
  const used = Object.entries((await kept(USED)) ?? {}).filter(([code]) => minors.has(code));
  used.sort((a, b) => b[1].last - a[1].last);
  const rest = used.splice(1).sort((a, b) => b[1].times - a[1].times);
  const admitted = [...minors.values()].filter((minor) => minor.admitted).map(({ code }) => code);
  const codes = new Set([...[...used, ...rest].map(([code]) => code), ...(await around(minors)), ...admitted]);
  return [...codes].slice(0, MOST_USED).map((code) => minors.get(code));
}

/** The chips of the classes used most, for one tap. */
export async function frequent(onChosen) {
  const { minors } = await catalogue();
  return (await mostUsed(minors)).map((minor) => el("button", { type: "button", class: "f-chip", "data-code": minor.code, onclick: () => onChosen(minor) }, named(minor)));
}
