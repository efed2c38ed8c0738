// What a class of matters adds to the report: the stop notice, its fields and severity, handling on the spot.

import { word } from "../../app.js";
import { el, field, icon, show } from "../dom.js";
import { photoPicker } from "../media/photos.js";
import { named } from "../text.js";

const EMERGENCY = /1(?:10|19|20|22)(?!\d)/g;
const WORDS_LENGTH = 4000;
const MOST_PHRASES = 4;

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

/** What is usually said of this class, for one tap: the conditions under which it is filed. */
export function phrases(category, field) {
  const say = (words) => {
    field.value = [field.value.trim(), words].filter(Boolean).join(" ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const offered = category.conditions.slice(0, MOST_PHRASES).map(({ text }) => named(text));
  return offered.length > 0 && el("div", { class: "f-chips", role: "group", "aria-label": word("phrases") }, offered.map((words) => el("button", { type: "button", class: "f-chip f-phrase", onclick: () => say(words) }, words)));
}
