// How the page looks on this phone: light, dark or for sunlight, and how large the text is; known before anything is drawn.

import { word } from "../app.js";
import { el } from "./dom.js";

const LOOKS = ["auto", "light", "dark", "sun"];
const SIZES = ["usual", "large", "huge"];
const dark = window.matchMedia("(prefers-color-scheme: dark)");

const chosen = (name, usual) => localStorage.getItem(`field-${name}`) ?? usual;

/** Puts the chosen look on the page. */
export function applyLook() {
  const { dataset } = document.documentElement;
  const look = chosen("look", "auto");
  dataset.look = look === "auto" ? (dark.matches ? "dark" : "light") : look;
  dataset.size = chosen("size", "usual");
}

function choice(name, options, usual) {
  const chips = options.map((option) => el(
    "label",
    { class: "f-chip-check" },
    el("input", { type: "radio", name, value: option, checked: chosen(name, usual) === option, onchange: () => {
      localStorage.setItem(`field-${name}`, option);
      applyLook();
    } }),
    el("span", { class: "f-chip" }, word(`${name}_${option}`)),
  ));
  return el("div", { class: "stack", role: "radiogroup", "aria-label": word(name) }, el("h3", {}, word(name)), el("div", { class: "f-chips" }, chips));
}

/** The panel where both are chosen. */
export const lookPart = () => el("section", { class: "panel stack", id: "look" }, choice("look", LOOKS, "auto"), choice("size", SIZES, "usual"));

dark.addEventListener("change", applyLook);
applyLook();
