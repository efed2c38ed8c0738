// What a report is made of while it is written: what was taken and typed, what is missing, and the body that is sent.

import { word } from "../../app.js";
import { newId } from "../api.js";
import { catalogue } from "../catalogue.js";
import { named } from "../text.js";
import { noteOf, reasonWords } from "./doubts.js";

const MOST_FIXES = 20;

/** An empty report. */
export const blank = () => ({ id: newId(), category: null, photos: [], where: { place: null, chain: null, chosen: false, doubts: [], reason: "" }, address: "", words: "", severity: null, fields: {}, duplicate: null, spot: { on: false, note: "", photos: [] } });

/** Whether anything was written or taken. */
export const isBegun = (form) => form.photos.length > 0 || form.words !== "" || form.category !== null;

/** A report as it was sent, back in a form; `photos` are {sha256, blob, facts}. */
export async function formOf({ id, body, problem, clock = null, form = {} }, photos) {
  const { minors } = await catalogue();
  const of = (digests = []) => photos.filter(({ sha256 }) => digests.includes(sha256));
  return {
    ...blank(),
    id,
    category: minors.get(body.category) ?? null,
    photos: of(body.photos),
    where: { ...blank().where, place: body.location ?? null, chosen: body.position ? body.position.source === "pin" : Boolean(body.location), fixes: body.position?.fixes ?? [], ...form.where, held: true, settled: true },
    reportedAt: form.reportedAt ?? body.reported_at,
    clock,
    address: body.address ?? "",
    words: form.words ?? body.description ?? "",
    severity: body.severity ?? null,
    fields: body.fields ?? {},
    duplicate: body.duplicate_of ?? null,
    spot: { on: Boolean(body.self_handled), note: body.self_handled?.note ?? "", photos: of(body.self_handled?.photos) },
    problem,
  };
}

/** When, where and which way photos were taken, as the phone knows it and not as the camera wrote it. */
export const photoFacts = (photos) => photos.filter(({ facts }) => facts?.at).map(({ sha256, facts: { at, lon, lat, accuracy, heading } }) => ({
  sha256,
  taken_at: at,
  ...(Number.isFinite(heading) ? { heading } : {}),
  ...(Number.isFinite(lon) && Number.isFinite(lat) ? { location: { lon, lat, ...(Number.isFinite(accuracy) ? { accuracy } : {}) } } : {}),
}));

/** What is missing, by the name of its field. */
export function missing(form) {
  const wrong = {};
  const need = (name, words) => { wrong[name] = { detail: words }; };
  const { place, doubts, reason } = form.where;
  if (!form.category) need("category", word("need_category"));
  if (!place && !form.address.trim()) need("location", word("need_place"));
  if (place && doubts.length && !reason) need("location", word("need_reason"));
  if (!form.category) return wrong;
  const { photos, fields } = form.category;
  const before = form.spot.on ? Math.max(1, photos.before) : photos.before;
  if (form.photos.length < before) need("photos", word("need_photos", { n: before }));
  for (const { key, required } of fields) if (required && (form.fields[key] ?? "") === "") need(`fields.${key}`, word("need_field"));
  for (const [key, value] of Object.entries(form.fields)) if (Number.isNaN(value)) need(`fields.${key}`, word("need_number"));
  if (!form.spot.on) return wrong;
  if (!form.spot.note.trim()) need("self_handled.note", word("need_words"));
  if (form.spot.photos.length < Math.max(1, photos.after)) need("self_handled.photos", word("need_photos", { n: Math.max(1, photos.after) }));
  return wrong;
}

/** What stands in the report: the words, else the name of the class; and why the position is doubtful. */
export const wordsOf = (form) => [form.words.trim() || named(form.category), noteOf(form.where)].filter(Boolean).join("\n");

/** The body that is sent. */
export async function bodyOf(form) {
  const { version } = await catalogue();
  const reportedAt = form.reportedAt ?? new Date().toISOString();
  const given = Object.fromEntries(Object.entries(form.fields).filter(([, value]) => value !== "" && value !== null));
  const { place, doubts, reason, chosen, fixes = [] } = form.where;
  const why = doubts.length && reason ? { reason: reasonWords(reason) } : {};
  const digests = (photos) => photos.map(({ sha256 }) => sha256);
  return {
    category: form.category.code,
    catalogue_version: version,
    description: wordsOf(form),
    reported_at: reportedAt,
    photos: digests(form.photos),
    photo_facts: photoFacts([...form.photos, ...form.spot.photos]),
    ...(place ? { location: place, position: { source: chosen ? "pin" : "gnss", ...why, fixes: fixes.slice(-MOST_FIXES) } } : {}),
    ...(form.address.trim() ? { address: form.address.trim() } : {}),
    ...(form.severity ? { severity: form.severity } : {}),
    ...(Object.keys(given).length ? { fields: given } : {}),
    ...(form.duplicate ? { duplicate_of: form.duplicate } : {}),
    ...(form.spot.on ? { self_handled: { note: form.spot.note.trim(), photos: digests(form.spot.photos), handled_at: reportedAt } } : {}),
  };
}
