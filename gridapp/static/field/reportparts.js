// What a class of matters adds to the report: the stop notice, its fields and severity, tasks alike, handling on the spot.

import { word } from "../app.js";
import { ask } from "./api.js";
import { el, field, icon, show } from "./dom.js";
import { photoPicker } from "./photos.js";
import { distance, named, stageName } from "./text.js";

const EMERGENCY = /1(?:10|19|20|22)(?!\d)/g;
const WORDS_LENGTH = 4000;

/** "Call 119 first", with the numbers to press; nothing where the class has none. */
export function stopNotice(category) {
  if (!category.stop_notice) return null;
  const words = named(category.stop_notice);
  const numbers = [...new Set(words.match(EMERGENCY) ?? [])];
  return el("div", { class: "alert f-stop", role: "alert" }, icon("warn"), el("div", { class: "stack" }, el("p", {}, words), numbers.map((number) => el("a", { class: "button danger", href: `tel:${number}` }, icon("phone"), word("call", { number })))));
}

/** Severity and fields; what is typed goes into the form. */
export function extraFields(category, form) {
  return [category.severities.length ? severity(category, form) : null, category.fields.map((one) => extraField(one, form))];
}

function severity(category, form) {
  const chips = category.severities.map(({ code, name }) => el(
    "label",
    { class: "f-chip-check" },
    el("input", { type: "radio", name: "severity", value: code, checked: form.severity === code, onchange: () => { form.severity = code; } }),
    el("span", { class: "f-chip" }, named({ name })),
  ));
  return field("severity", word("severity"), el("div", { class: "f-chips", role: "radiogroup", "aria-labelledby": "l-severity" }, chips), { optional: true });
}

function extraField({ key, type, name, required, choices }, form) {
  const id = `x-${key}`;
  const value = form.fields[key] ?? "";
  const take = (given) => { form.fields[key] = given; };
  const inputs = {
    text: () => el("input", { id, value, maxlength: WORDS_LENGTH, oninput: (event) => take(event.target.value) }),
    number: () => el("input", { id, value, inputmode: "decimal", oninput: (event) => take(event.target.value.trim() === "" ? "" : Number(event.target.value.replace(",", "."))) }),
    choice: () => el("select", { id, onchange: (event) => take(event.target.value) }, el("option", { value: "" }, word("choose")), choices.map((choice) => el("option", { value: choice.code, selected: choice.code === value }, named(choice)))),
    boolean: () => el("label", { class: "check" }, el("input", { type: "checkbox", id, checked: value === true, onchange: (event) => take(event.target.checked) }), word("yes")),
  };
  return field(`fields.${key}`, named({ name }), (inputs[type] ?? inputs.text)(), { optional: !required });
}

/** Open tasks near enough to be the same matter, to be joined; nothing where there are none, or no network. */
export async function similarTasks(form) {
  const { lon, lat } = form.where.place;
  const query = new URLSearchParams({ category: form.category.code, lon, lat });
  const { items } = await ask(`/reports/similar?${query}`).catch(() => ({ items: [] }));
  if (!items.length) return null;
  const list = el("ul", { class: "f-similar" });
  const draw = () => show(list, items.map((task) => similarTask(task, form, draw)));
  draw();
  return el("section", { class: "panel stack is-warn", id: "similar" }, el("h2", {}, word("similar", { n: items.length })), el("p", { class: "muted" }, word("similar_hint")), list);
}

function similarTask(task, form, draw) {
  const joined = form.duplicate === task.id;
  const join = () => {
    form.duplicate = joined ? null : task.id;
    draw();
  };
  return el(
    "li",
    {},
    el("div", {}, el("b", {}, `#${task.number}`), ` ${task.description} `, el("span", { class: "muted" }, `${distance(task.distance_m)} · ${stageName(task.stage)}`)),
    el("button", { type: "button", class: `button ${joined ? "primary" : ""}`, "aria-pressed": String(joined), onclick: join }, joined && icon("check"), word(joined ? "joined" : "join")),
  );
}

/** Handling on the spot: a switch, then words and photos of how it looks now. */
export function spotPart(form) {
  const inner = el("div", { class: "stack" });
  const draw = () => {
    const note = el("textarea", { id: "spot-note", rows: 2, maxlength: WORDS_LENGTH, value: form.spot.note, oninput: () => { form.spot.note = note.value; } });
    show(inner, form.spot.on && [field("self_handled.photos", word("photos_after"), photoPicker(form.spot.photos, { name: "after" })), field("self_handled.note", word("what_was_done"), note)]);
  };
  const toggle = el("input", { type: "checkbox", id: "spot", checked: form.spot.on, onchange: () => {
    form.spot.on = toggle.checked;
    draw();
  } });
  draw();
  return el("div", { class: "stack", "data-field": "self_handled" }, el("label", { class: "check f-switch" }, toggle, word("on_the_spot")), inner, el("p", { class: "wrong", hidden: true }));
}
