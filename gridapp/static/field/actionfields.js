// The controls of an action's fields, by their names; what is chosen goes into the draft.

import { word } from "../app.js";
import { ask } from "./api.js";
import { el, field, show } from "./dom.js";
import { photoPicker } from "./media/photos.js";
import { samePlace } from "./media/same.js";
import { placeField } from "./placefield.js";
import { named } from "./text.js";

const WORDS_LENGTH = 4000;
const SCORES = [1, 2, 3, 4, 5];
const SETTLE_MS = 300;

const isPhoto = ({ blob }) => blob.type.startsWith("image/");
const two = (n) => String(n).padStart(2, "0");
const forInput = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;

const CONTROLS = {
  note: ({ id }, { values }) => el("textarea", { id, rows: 3, maxlength: WORDS_LENGTH, value: values.note ?? "", oninput: (event) => { values.note = event.target.value.trim(); } }),
  reason: choices,
  satisfied: choices,
  condition: choices,
  assignee,
  master,
  due: ({ id }, { values }) => el("input", { id, type: "datetime-local", value: values.due ? forInput(new Date(values.due)) : "", onchange: (event) => { values.due = event.target.value && new Date(event.target.value).toISOString(); } }),
  review_on: ({ id }, { values }) => el("input", { id, type: "date", value: values.review_on ?? "", onchange: (event) => { values.review_on = event.target.value; } }),
  scores,
  photos: (_, draft, { task, action, stops }) => {
    if (action !== "feedback" || !task.photos.some(({ phase }) => phase === "before")) return photoPicker(draft.photos, { name: "action", onchange: draft.changed });
    const same = samePlace(task);
    stops.push(same.stop);
    return el("div", { class: "stack" }, same.box, photoPicker(draft.photos, { name: "action", onchange: () => { same.after(draft.photos.filter(isPhoto)); draft.changed(); } }));
  },
  location: (_, draft, { stops, action }) => {
    const place = placeField(draft.where, { auto: action !== "assign" });
    stops.push(place.stop);
    return place.box;
  },
};

/**
 * A field of an action with its control. An optional place is not asked for: the last one known goes with it; but who
 * assigns a task without a place is asked for the task's.
 */
export function fieldFor(one, draft, { task, action, stops }) {
  if (one.name === "location" && !one.required && !(action === "assign" && !task.located)) return null;
  const control = CONTROLS[one.name]({ ...one, id: `a-${one.name}` }, draft, { task, action, stops });
  const hint = one.name === "photos" && one.count ? word("at_least_photos", { n: one.count }) : "";
  return field(one.name, one.name === "location" ? word(action === "assign" ? "place" : "own_place") : named(one), control, { optional: !one.required, hint });
}

function choices({ id, name, choices: offered, chosen, required }, { values }) {
  if (chosen) values[name] ??= chosen;
  const blank = el("option", { value: "" }, word(required ? "choose" : "not_said"));
  const select = el("select", { id, onchange: () => { values[name] = select.value; } }, blank, offered.map((choice) => el("option", { value: choice.code, selected: choice.code === values[name] }, named(choice))));
  return select;
}

function assignee({ id, choices: offered }, { values }) {
  const value = (choice) => (choice.post ? `post:${choice.post}` : `unit:${choice.unit}`);
  const chosen = values.assignee && value(values.assignee);
  const option = (choice) => el("option", { value: value(choice), selected: value(choice) === chosen }, named(choice));
  const group = (label, list) => list.length > 0 && el("optgroup", { label }, list.map(option));
  const select = el(
    "select",
    { id, onchange: () => {
      const [kind, key] = select.value.split(":");
      values.assignee = key ? { [kind]: key } : null;
    } },
    el("option", { value: "" }, word("choose")),
    group(word("people"), offered.filter((choice) => choice.post)),
    group(word("units"), offered.filter((choice) => choice.unit)),
  );
  return select;
}

function scores(_, { values }) {
  values.scores ??= {};
  const line = (name) => el(
    "fieldset",
    { class: "f-scores" },
    el("legend", {}, word(name)),
    SCORES.map((mark) => el("label", { class: "f-chip-check" }, el("input", { type: "radio", name: `score-${name}`, value: mark, checked: values.scores[name] === mark, onchange: () => { values.scores[name] = mark; } }), el("span", { class: "f-chip" }, mark))),
  );
  return el("div", {}, line("speed"), line("quality"));
}

/** The task that goes on: found by its number or words. */
function master({ id }, { values }, { task }) {
  const found = el("div", { class: "f-chips", role: "radiogroup", "aria-label": word("master_found") });
  let timer;
  const option = (other) => el("label", { class: "f-chip-check" }, el("input", { type: "radio", name: "master", value: other.id, checked: other.id === values.master, onchange: () => { values.master = other.id; } }), el("span", { class: "f-chip" }, `#${other.number} ${other.description.slice(0, 30)}`));
  const search = async (words) => {
    const { items } = await ask(`/tasks?${new URLSearchParams({ q: words, limit: 6 })}`).catch(() => ({ items: [] }));
    show(found, items.filter((other) => other.id !== task.id).map(option));
  };
  const input = el("input", { type: "search", id, autocomplete: "off", placeholder: word("master_hint"), oninput: () => {
    clearTimeout(timer);
    timer = setTimeout(() => input.value.trim() && search(input.value.trim()), SETTLE_MS);
  } });
  return el("div", { class: "stack" }, input, found);
}
