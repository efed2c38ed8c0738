// The report: photos first, then place, class, words and what the class asks for; sent through the outbox.

import { word } from "../app.js";
import { newId } from "./api.js";
import { catalogue, choose, frequent, use } from "./catalogue.js";
import { alert, button, el, field, icon, setWrong, show, tellFields } from "./dom.js";
import * as outbox from "./core/outbox.js";
import { photoPicker } from "./photos.js";
import { placeField } from "./placefield.js";
import { extraFields, similarTasks, spotPart, stopNotice } from "./reportparts.js";
import { session } from "./session.js";
import { named } from "./text.js";

const WORDS_LENGTH = 4000;
let form = blank();

function blank() {
  return { id: newId(), category: null, photos: [], where: { place: null, chain: null, chosen: false }, address: "", words: "", severity: null, fields: {}, duplicate: null, spot: { on: false, note: "", photos: [] } };
}

/** Takes a report that was refused back into the form. */
export async function editReport(item) {
  const { minors } = await catalogue();
  const { body } = item;
  const photos = await outbox.photosOf(item);
  const of = (digests = []) => photos.filter(({ sha256 }) => digests.includes(sha256));
  form = {
    ...blank(),
    id: item.id,
    category: minors.get(body.category) ?? null,
    photos: of(body.photos),
    where: { place: body.location ?? null, chain: null, chosen: Boolean(body.location) },
    address: body.address ?? "",
    words: body.description,
    severity: body.severity ?? null,
    fields: body.fields ?? {},
    duplicate: body.duplicate_of ?? null,
    spot: { on: Boolean(body.self_handled), note: body.self_handled?.note ?? "", photos: of(body.self_handled?.photos) },
    problem: item.problem,
  };
}

function missing() {
  const wrong = {};
  const need = (name, words) => { wrong[name] = { detail: words }; };
  if (!form.category) need("category", word("need_category"));
  if (!form.words.trim()) need("description", word("need_words"));
  if (!form.where.place && !form.address.trim()) need("location", word("need_place"));
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

async function body() {
  const { version } = await catalogue();
  const now = new Date().toISOString();
  const given = Object.fromEntries(Object.entries(form.fields).filter(([, value]) => value !== "" && value !== null));
  return {
    category: form.category.code,
    catalogue_version: version,
    description: form.words.trim(),
    reported_at: now,
    photos: form.photos.map(({ sha256 }) => sha256),
    ...(form.where.place ? { location: form.where.place } : {}),
    ...(form.address.trim() ? { address: form.address.trim() } : {}),
    ...(form.severity ? { severity: form.severity } : {}),
    ...(Object.keys(given).length ? { fields: given } : {}),
    ...(form.duplicate ? { duplicate_of: form.duplicate } : {}),
    ...(form.spot.on ? { self_handled: { note: form.spot.note.trim(), photos: form.spot.photos.map(({ sha256 }) => sha256), handled_at: now } } : {}),
  };
}

/** Whether something was written that was not sent. */
export const isReporting = () => form.photos.length > 0 || form.words !== "" || form.category !== null;

/** The screen; gives back what ends it. */
export function reportScreen(screen) {
  const said = el("div", { id: "report-said" });
  const sendButton = el("button", { class: "button primary wide f-big", id: "send-report" }, icon("send"), el("span", {}, word("send_report")));
  const chosen = el("div");
  const asks = el("div", { class: "stack" });
  const similar = el("div");
  const place = placeField(form.where, { onchange: () => { drawSpot(); drawSimilar(); } });
  const spot = el("div");
  const words = el("textarea", { id: "words", rows: 3, maxlength: WORDS_LENGTH, value: form.words, placeholder: word("words_hint"), oninput: () => { form.words = words.value; } });
  const address = el("input", { id: "address", maxlength: 200, value: form.address, oninput: () => { form.address = address.value; } });
  const page = el(
    "form",
    { class: "f-form", novalidate: true, onsubmit: submit },
    said,
    el("section", { class: "panel" }, field("photos", word("photos_before"), photoPicker(form.photos, { name: "before" }))),
    el("section", { class: "panel stack" }, field("location", word("place"), place.box), field("address", word("address"), address, { optional: true })),
    el("section", { class: "panel stack" }, field("category", word("category"), chosen), asks),
    similar,
    el("section", { class: "panel stack" }, field("description", word("words"), words), spot),
    el("div", { class: "f-foot" }, sendButton),
  );

  async function drawCategory() {
    const { category } = form;
    const open = el("button", { type: "button", class: "f-row f-choose", id: "choose-category", onclick: () => choose(take) }, el("span", { class: "f-row-words" }, category ? `${named(category.major)} › ${named(category)}` : word("choose_category")), icon("next"));
    const chips = category ? [] : await frequent(take).catch(() => []);
    show(chosen, open, chips.length ? el("div", { class: "f-chips" }, chips) : null);
    show(asks, category && [stopNotice(category), extraFields(category, form)]);
    drawSpot();
    drawSimilar();
  }

  function take(minor) {
    Object.assign(form, { category: minor, severity: null, fields: {}, duplicate: null });
    setWrong(page.querySelector('[data-field="category"]'), "");
    drawCategory();
  }

  let shownFor = "";
  function drawSpot() {
    const own = new Set((session.me?.posts ?? []).map((post) => post.grid.id));
    const here = !form.where.chain || form.where.chain.some((grid) => own.has(grid.id));
    const possible = form.category?.self_handle && session.me?.role === "worker" && here;
    const key = possible ? form.category.code : "";
    if (key === shownFor) return;
    shownFor = key;
    if (!possible) form.spot.on = false;
    show(spot, possible && spotPart(form));
  }

  let askedFor = "";
  async function drawSimilar() {
    const { place: at } = form.where;
    const key = form.category && at ? `${form.category.code} ${at.lon.toFixed(4)} ${at.lat.toFixed(4)}` : "";
    if (key === askedFor) return;
    askedFor = key;
    const found = key ? await similarTasks(form) : null;
    if (key === askedFor) show(similar, found);
  }

  async function submit(event) {
    event.preventDefault();
    event.stopPropagation();
    show(said);
    const wrong = missing();
    if (Object.keys(wrong).length) return refused({ errors: wrong, detail: word("something_missing") });
    sendButton.disabled = true;
    const photos = [...form.photos, ...form.spot.photos];
    const stop = outbox.watch(({ id: which, done, total }) => {
      if (which === form.id && total) sendButton.lastChild.textContent = word("sending_photos", { done, total });
    });
    sendButton.lastChild.textContent = word("sending");
    const title = `${named(form.category)} · ${form.words.trim().slice(0, 40)}`;
    const id = form.id;
    const outcome = await outbox.send({ id, kind: "report", about: id, path: `/reports/${id}`, method: "PUT", body: await body(), title }, photos);
    stop();
    sendButton.disabled = false;
    sendButton.lastChild.textContent = word("send_report");
    if (outcome.state === "refused") return refused(outcome.problem);
    place.stop();
    await use(form.category.code);
    form = blank();
    if (page.isConnected) done(screen, id, outcome);
    return undefined;
  }

  function refused(problem) {
    const left = tellFields(page, problem.errors ?? {});
    show(said, alert("", el("p", {}, problem.detail), left.map((detail) => el("p", {}, detail))));
    if (!page.querySelector(".is-wrong")) said.scrollIntoView({ block: "center" });
  }

  show(screen, page);
  drawCategory().then(() => {
    if (form.problem) refused(form.problem);
    form.problem = null;
  });
  return () => place.stop();
}

/** What became of a report: its number, or that it is kept; told anew when it arrives or is refused meanwhile. */
function done(screen, id, outcome) {
  const panel = el("section", { class: "panel f-done", role: "status", tabindex: -1 });
  const anew = button(word("report_another"), () => window.dispatchEvent(new Event("hashchange")), { kind: "wide f-big", mark: "plus" });
  const told = ({ state, answer }) => {
    if (state === "sent") {
      show(panel, icon("check"), el("h2", {}, word("reported", { number: answer.number })), el("p", { class: "muted" }, answer.located ? (answer.outcome ? word("settled_on_spot") : named(answer.grid)) : word("place_queue")), el("a", { class: "button primary wide f-big", href: `#/tasks/${answer.id}` }, word("open_task")), anew);
    } else {
      show(panel, icon(state === "kept" ? "clock" : "warn"), el("h2", {}, word(state === "kept" ? "kept" : "was_refused")), el("p", {}, word(state === "kept" ? "kept_hint" : "was_refused_hint")), el("a", { class: "button wide f-big", href: "#/outbox" }, word("see_unsent")), anew);
    }
  };
  told(outcome);
  show(screen, panel);
  panel.focus();
  const stop = outbox.watch((news) => {
    if (!panel.isConnected) return void stop();
    return news.id === id && news.outcome && told(news.outcome);
  });
}
