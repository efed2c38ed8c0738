// Choosing a class: by search in Chinese, by the initials of its pinyin, in English or by code; or major, then minor.

import { word } from "../app.js";
import { catalogue } from "./catalogue.js";
import { el, empty, icon, sheet, show } from "./dom.js";
import { named } from "./text.js";

const MOST_FOUND = 40;

function row(words, code, hint, onclick) {
  return el("button", { type: "button", class: "f-row", "data-code": code, onclick }, el("span", { class: "f-row-words" }, words), hint && el("span", { class: "muted" }, hint), icon("next"));
}

/** Classes whose names, code or initials hold all that was typed; those that begin with it come first. */
function found(minors, typed) {
  const wanted = typed.toLowerCase().split(/\s+/);
  const says = (minor) => [minor.initials, minor.code, minor.name.zh, minor.name.en, minor.major.name.zh, minor.major.name.en, minor.major.initials].filter(Boolean).join(" ").toLowerCase();
  const hits = [...minors.values()].map((minor) => [minor, says(minor)]).filter(([, words]) => wanted.every((part) => words.includes(part)));
  const first = ([minor]) => (minor.initials?.startsWith(wanted[0]) || minor.name.zh.startsWith(wanted[0]) ? 0 : 1);
  return hits.sort((a, b) => first(a) - first(b)).slice(0, MOST_FOUND).map(([minor]) => minor);
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
