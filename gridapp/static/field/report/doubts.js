// A position that may mislead: rough for what is reported, far from the own grid, or leaping. It is taken again, or a reason goes
// with the report, with the raw values.

import { word } from "../../app.js";
import { el, show } from "../dom.js";
import { metresFromOwn } from "../map/data.js";
import { leapt } from "../place.js";
import { distance } from "../text.js";

const USUAL_M = 50;
const LEAST_M = 20;
const MOST_M = 100;
const FAR_M = 200;
const REASONS = ["indoors", "tall_buildings", "beyond_grid", "no_signal", "other_reason"];

/** How rough a position may be for a class: not rougher than two matters of it lie apart. */
export const limitOf = (category) => (category ? Math.min(MOST_M, Math.max(LEAST_M, category.accuracy_m ?? category.similar?.metres ?? USUAL_M)) : USUAL_M);

/** What is doubtful about a place: [{kind, words}]. A pin that was set by hand is rough for nobody. */
export async function doubtsOf({ place, chosen }, category) {
  if (!place) return [];
  const found = [];
  if (place.accuracy > limitOf(category)) found.push({ kind: "rough", words: word("doubt_rough", { accuracy: place.accuracy, limit: limitOf(category) }) });
  const far = await metresFromOwn(place).catch(() => null);
  if (far !== null && far - (place.accuracy ?? 0) > FAR_M) found.push({ kind: "far", words: word("doubt_far", { distance: distance(far) }) });
  if (!chosen && (place.mock || leapt())) found.push({ kind: "leap", words: word("doubt_leap") });
  return found;
}

/** A reason in words. */
export const reasonWords = (reason) => (REASONS.includes(reason) ? word(reason) : reason);

/** The reason with the values, as it stands in the report; nothing where nothing is doubtful. */
export function noteOf({ doubts, reason, place }) {
  if (!place || !doubts.length || !reason) return "";
  return word("place_note", { reason: reasonWords(reason), values: doubts.map(({ words }) => words).join(word("list_comma")) });
}

/** Asks for the reason; `where` takes it. */
export function reasonPart(where, box) {
  if (!where.doubts.length) return show(box);
  const known = REASONS.includes(where.reason) || !where.reason;
  const other = el("input", { maxlength: 200, hidden: known || undefined, value: known ? "" : where.reason, "aria-label": word("other_reason"), oninput: () => { where.reason = other.value.trim() || "other_reason"; } });
  const select = el("select", { id: "place-reason", onchange: () => {
    where.reason = select.value;
    other.hidden = select.value !== "other_reason";
  } }, el("option", { value: "" }, word("choose")), REASONS.map((one) => el("option", { value: one, selected: one === where.reason || (one === "other_reason" && !known) }, word(one))));
  return show(box, el("div", { class: "alert is-warn f-doubts" }, el("div", { class: "stack" }, where.doubts.map(({ words, kind }) => el("p", { "data-doubt": kind }, words)), el("label", { for: "place-reason", class: "f-label" }, word("doubt_reason")), select, other)));
}
