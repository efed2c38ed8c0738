// What can be reported: kept on the phone, asked for again by its entity tag, and which classes this person uses.

import { word } from "../app.js";
import { call, isNoNetwork } from "./api.js";
import { el, empty, icon, sheet, show } from "./dom.js";
import { keep, kept } from "./core/store.js";
import { named } from "./text.js";

const KEY = "catalogue";
const USED = "used-categories";
const MOST_USED = 6;
const MOST_FOUND = 40;
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
    if (known && isNoNetwork(error)) return shape(known.document);
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

/** Counts a class as used, so that it is offered first. */
export async function use(code) {
  const used = (await kept(USED)) ?? {};
  used[code] = { times: (used[code]?.times ?? 0) + 1, last: Date.now() };
  await keep(USED, used);
}

/** The class used last, then those used most. */
async function mostUsed(minors) {
  const used = Object.entries((await kept(USED)) ?? {}).filter(([code]) => minors.has(code));
  used.sort((a, b) => b[1].last - a[1].last);
  const rest = used.splice(1).sort((a, b) => b[1].times - a[1].times);
  return [...used, ...rest].slice(0, MOST_USED).map(([code]) => minors.get(code));
}

function found(minors, words) {
  const wanted = words.toLowerCase().split(/\s+/);
  const says = (minor) => [minor.code, minor.name.zh, minor.name.en, minor.major.name.zh, minor.major.name.en].join(" ").toLowerCase();
  return [...minors.values()].filter((minor) => wanted.every((part) => says(minor).includes(part))).slice(0, MOST_FOUND);
}

function row(words, code, hint, onclick) {
  return el("button", { type: "button", class: "f-row", "data-code": code, onclick }, el("span", { class: "f-row-words" }, words), hint && el("span", { class: "muted" }, hint), icon("next"));
}

/** The chips of the classes used most, for one tap. */
export async function frequent(onChosen) {
  const { minors } = await catalogue();
  return (await mostUsed(minors)).map((minor) => el("button", { type: "button", class: "f-chip", "data-code": minor.code, onclick: () => onChosen(minor) }, named(minor)));
}

/** Lets the person choose a class: search, or major then minor. */
export async function choose(onChosen) {
  const { majors, minors } = await catalogue();
  const { body, close } = sheet(word("choose_category"), { whole: true });
  const list = el("div", { class: "f-rows" });
  const done = (minor) => {
    close();
    onChosen(minors.get(minor.code));
  };
  const leaf = (minor, hint) => row(named(minor), minor.code, hint, () => done(minor));
  const showMajors = () => show(list, majors.map((major) => row(named(major), major.code, word("classes", { n: major.leaves.length }), () => showMajor(major))));
  const showMajor = (major) => {
    const back = el("button", { type: "button", class: "f-row is-back", onclick: showMajors }, icon("back"), el("span", { class: "f-row-words" }, named(major)));
    show(list, back, major.leaves.map((minor) => leaf(minor, minor.self_handle ? word("on_the_spot_short") : "")));
    body.scrollTop = 0;
  };
  const search = el("input", {
    type: "search",
    id: "category-search",
    placeholder: word("search_category"),
    "aria-label": word("search_category"),
    autocomplete: "off",
    oninput: () => {
      const words = search.value.trim();
      if (!words) return showMajors();
      const hits = found(minors, words).map((minor) => leaf(minor, named(minor.major)));
      return show(list, hits.length ? hits : empty(word("nothing_found"), "", "search"));
    },
  });
  show(body, el("div", { class: "f-search" }, search), list);
  showMajors();
}
