// Elements, icons and sheets. Words reach the page as text nodes only, never as markup.

import { word } from "../app.js";

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "multiple", "required", "src", "open"]);
const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes by name, `on…` as listeners; children are nodes, text, arrays or nothing. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  return fill(node, ...children);
}

/** Puts children into an element after what is there; nothing is left out. */
export function fill(node, ...children) {
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

/** Shows these children in an element and nothing else. */
export function show(node, ...children) {
  node.replaceChildren();
  return fill(node, ...children);
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons/sprite.svg#${name}`);
  svg.append(use);
  return svg;
}

export function button(words, onclick, { kind = "", mark, ...more } = {}) {
  return el("button", { type: "button", class: `button ${kind}`, onclick, ...more }, mark && icon(mark), el("span", {}, words));
}

export function empty(title, hint, mark = "inbox") {
  return el("div", { class: "empty" }, icon(mark), el("p", { class: "empty-title" }, title), hint && el("p", { class: "muted" }, hint));
}

export function skeleton() {
  return el("div", { class: "skeleton", "aria-hidden": "true" }, el("span"), el("span"), el("span"));
}

export function alert(kind, ...children) {
  return el("div", { class: `alert ${kind}`, role: kind ? "status" : "alert" }, icon("warn"), el("div", {}, ...children));
}

/** A field with its label, and room for what is wrong with it. */
export function field(name, label, control, { hint, optional = false } = {}) {
  const wrong = el("p", { class: "wrong", id: `w-${name}`, role: "alert", hidden: true });
  if (!control.id && !control.hasAttribute("role")) control.setAttribute("role", "group");
  if (!control.id) control.setAttribute("aria-labelledby", `l-${name}`);
  const mended = ({ currentTarget }) => setWrong(currentTarget, "");
  return el(
    "div",
    { class: "field", "data-field": name, oninput: mended, onchange: mended },
    el(control.id ? "label" : "span", { class: "f-label", for: control.id || undefined, id: `l-${name}` }, label, optional && el("span", { class: "optional" }, word("optional"))),
    control,
    hint && el("p", { class: "hint" }, hint),
    wrong,
  );
}

/** Tells what is wrong at the fields of a form; gives back what has no field there. Scrolls to the first. */
export function tellFields(form, errors) {
  const left = [];
  for (const box of form.querySelectorAll("[data-field]")) setWrong(box, "");
  for (const [name, { detail }] of Object.entries(errors)) {
    const parts = name.split(".");
    const names = parts.map((_, i) => parts.slice(0, parts.length - i).join("."));
    const box = names.map((one) => form.querySelector(`[data-field="${CSS.escape(one)}"]`)).find(Boolean);
    if (box && !box.hidden) setWrong(box, detail);
    else left.push(detail);
  }
  const first = form.querySelector(".is-wrong");
  first?.scrollIntoView({ block: "center" });
  first?.querySelector("input, textarea, select, button")?.focus({ preventScroll: true });
  return left;
}

/** Shows what is wrong with a field, or with an empty word that nothing is. */
export function setWrong(box, detail) {
  box.classList.toggle("is-wrong", Boolean(detail));
  const line = box.querySelector(":scope > .wrong");
  line.textContent = detail;
  line.hidden = !detail;
  const control = box.querySelector("input, textarea, select");
  if (detail) control?.setAttribute("aria-describedby", line.id);
  control?.toggleAttribute("aria-invalid", Boolean(detail));
}

/** A sheet over the whole width; gives {body, close}. `onclose` hears how it ends, the phone's back key among it. */
export function sheet(title, { whole = false, onclose } = {}) {
  const body = el("div", { class: "f-sheet-body" });
  const dialog = el(
    "dialog",
    { class: `f-sheet ${whole ? "is-whole" : ""}`, "aria-label": title },
    el(
      "header",
      { class: "f-sheet-head" },
      el("h2", {}, title),
      el("button", { type: "button", class: "button quiet f-close", "aria-label": word("close"), onclick: () => close() }, icon("close")),
    ),
    body,
  );
  const close = () => dialog.open && dialog.close();
  const leave = () => close();
  dialog.addEventListener("close", () => {
    window.removeEventListener("hashchange", leave);
    dialog.remove();
    onclose?.();
  });
  window.addEventListener("hashchange", leave);
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, body, close };
}
