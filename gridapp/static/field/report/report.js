// The report: the camera first, then class and place, all that is needed with three taps; sent through the outbox.

import { word } from "../../app.js";
import { newId } from "../api.js";
import { keepsItself } from "../begun.js";
import { admittedAt, frequent, use } from "../catalogue.js";
import { choose } from "../choose.js";
import { clockNow } from "../core/clock.js";
import { Taken } from "../core/items.js";
import * as outbox from "../core/outbox.js";
import { isFull } from "../core/store.js";
import { alert, el, field, icon, setWrong, show, tellFields } from "../dom.js";
import { photoPicker } from "../media/photos.js";
import { placeField } from "../placefield.js";
import { session } from "../session.js";
import { named, notKept } from "../text.js";
import { done } from "./done.js";
import { doubtsOf, reasonPart } from "./doubts.js";
import { draftsOf, dropDraft, saveDraft } from "./drafts.js";
import { draftsPart } from "./draftlist.js";
import { blank, bodyOf, formOf, isBegun, missing } from "./form.js";
import { extraFields, phrases, spotPart, stopNotice } from "./parts.js";
import { similarPart } from "./similar.js";
import { speechButton } from "./speech.js";

const WORDS_LENGTH = 4000;
const SETTLE_MS = 400;
const PATIENCE_MS = 4_000;
let form = blank();
let opened = false;

/** Takes a report that was refused back into the form, mended as far as it was. */
export async function editReport(item) {
  const drafted = async () => (await draftsOf(item.person)).find(({ id }) => id === item.id);
  const mended = form.id === item.id && isBegun(form) ? form : await drafted().catch(() => null);
  form = mended ? { ...takenUp(mended), problem: item.problem } : await formOf(item, await outbox.photosOf(item));
  opened = true;
}

/** Lets go of what was mended on a report that is thrown away. */
export async function forgetReport(id) {
  if (form.id === id) form = blank();
  await dropDraft(id);
}

/** Nobody's report is under way any longer: what was written stays among the drafts of its person. */
export function forgetForm() {
  form = blank();
  opened = false;
}

/** Whether something was written that was not sent. */
export const isReporting = () => isBegun(form);

/** A draft stays where it was written, wherever it is taken up. */
const takenUp = (draft) => ({ ...draft, where: { ...draft.where, held: true, settled: true } });

/** The last draft, where the page was closed over it. */
async function resumeDraft() {
  if (opened || isBegun(form)) return;
  opened = true;
  const person = session.me?.id;
  const [last] = await draftsOf(person).catch(() => []);
  if (last && !last.later && session.me?.id === person) form = takenUp(last);
}

/** The screen; gives back what ends it. */
export function reportScreen(screen) {
  let page = null;
  let over = false;
  const again = () => {
    page?.stop();
    if (!over) page = formPage(screen, again);
  };
  resumeDraft().then(again);
  return () => {
    over = true;
    page?.stop();
  };
}

function formPage(screen, again) {
  const said = el("div", { id: "report-said" });
  const sendButton = el("button", { class: "button primary wide f-big", id: "send-report" }, icon("send"), el("span", {}, word("send_report")));
  const chosen = el("div");
  const asks = el("div", { class: "stack" });
  const similar = el("div");
  const spot = el("div");
  const quick = el("div");
  const doubtful = el("div");
  const drafts = el("div");
  let timer;
  let saving;
  const save = () => {
    clearTimeout(timer);
    if (session.me && !form.lies) saving = saveDraft(session.me.id, form).catch((error) => isFull(error) && show(said, alert("is-warn", word("room_low"))));
    return saving;
  };
  const changed = () => {
    form.lies = false;
    clearTimeout(timer);
    timer = setTimeout(save, SETTLE_MS);
  };
  let count = form.photos.length;
  /** Photos are kept at once. */
  const taken = () => {
    if (count !== form.photos.length) form.lies = false;
    count = form.photos.length;
    save();
  };
  const stopKeeping = keepsItself(save);
  const place = placeField(form.where, { onchange: () => { drawSpot(); drawSimilar(); drawDoubts(); }, onaddress: (words) => { address.value = words; form.address = words; } });
  const words = el("textarea", { id: "words", rows: 2, maxlength: WORDS_LENGTH, value: form.words, placeholder: word("words_hint"), oninput: () => { form.words = words.value; } });
  const address = el("input", { id: "address", maxlength: 200, value: form.address, oninput: () => { form.address = address.value; } });
  const page = el(
    "form",
    { class: "f-form", novalidate: true, onsubmit: submit, oninput: changed, onchange: changed },
    drafts,
    said,
    el("section", { class: "panel" }, field("photos", word("photos_before"), photoPicker(form.photos, { name: "before", onchange: taken }))),
    el("section", { class: "panel stack" }, field("category", word("category"), chosen), asks),
    similar,
    el("section", { class: "panel stack" }, field("location", word("place"), el("div", { class: "stack" }, place.box, doubtful)), field("address", word("address"), address, { optional: true })),
    el("section", { class: "panel stack" }, field("description", word("words"), words, { optional: true }), quick, speechButton(words), spot),
    el("div", { class: "f-foot" }, el("button", { type: "button", class: "button f-big f-later", onclick: later }, word("later")), sendButton),
  );

  async function drawCategory() {
    const { category } = form;
    const open = el("button", { type: "button", class: "f-row f-choose", id: "choose-category", onclick: () => choose(take) }, icon("search"), el("span", { class: "f-row-words" }, category ? `${named(category.major)} › ${named(category)}` : word("choose_category")), icon("next"));
    const chips = category ? [] : await frequent(take).catch(() => []);
    show(chosen, chips.length ? el("div", { class: "f-chips" }, chips) : null, open);
    show(asks, category && [stopNotice(category), extraFields(category, form)]);
    show(quick, category && phrases(category, words));
    drawSpot();
    drawSimilar();
    drawDoubts();
  }

  function take(minor) {
    Object.assign(form, { category: minor, severity: null, fields: {}, duplicate: null });
    setWrong(page.querySelector('[data-field="category"]'), "");
    changed();
    drawCategory();
  }

  let shownFor = "";
  function drawSpot() {
    const own = new Set((session.me?.posts ?? []).map((post) => post.grid.id));
    const here = !form.where.chain || form.where.chain.some((grid) => own.has(grid.id));
    const possible = form.category?.self_handle && session.me?.role === "worker" && here && admittedAt(form.category, form.where.chain);
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
    const found = key ? await similarPart(form).catch(() => null) : null;
    if (key === askedFor) show(similar, found);
  }

  /** Doubts wait for the best fix, but not once somebody wants to send. */
  async function drawDoubts({ now = false } = {}) {
    if (now) form.where.asked = true;
    const found = form.where.settled === false && !form.where.asked ? [] : await doubtsOf(form.where, form.category);
    const same = found.map(({ words: one }) => one).join() === form.where.doubts.map(({ words: one }) => one).join();
    form.where.doubts = found;
    if (!same || !doubtful.childElementCount) reasonPart(form.where, doubtful);
  }

  /** Lays the report aside as a draft and begins another. */
  async function later() {
    try {
      await saveDraft(session.me.id, { ...form, later: true });
    } catch (error) {
      return refused({ detail: notKept(error) });
    }
    form = blank();
    return again();
  }

  async function submit(event) {
    event.preventDefault();
    event.stopPropagation();
    show(said);
    await drawDoubts({ now: true });
    const wrong = missing(form);
    if (Object.keys(wrong).length) return refused({ errors: wrong, detail: word("something_missing") });
    return send();
  }

  async function send() {
    const sending = form;
    const { id } = sending;
    const label = sendButton.lastChild;
    sendButton.disabled = true;
    label.textContent = word("sending");
    const stop = outbox.watch(({ id: which, done: sent, total }) => {
      if (which === id && total) label.textContent = word("sending_photos", { done: sent, total });
    });
    try {
      const title = `${named(sending.category)} · ${(sending.words.trim() || named(sending.where.chain?.at(-1)) || sending.address).slice(0, 40)}`;
      const body = await bodyOf(sending);
      sending.clock ??= await clockNow();
      const { words: typed, where } = sending;
      const { settled } = await outbox.store({ id, kind: "report", about: id, path: `/reports/${id}`, method: "PUT", body, title, clock: sending.clock, form: { words: typed, reportedAt: body.reported_at, where } }, [...sending.photos, ...sending.spot.photos], PATIENCE_MS);
      sending.reportedAt = body.reported_at;
      await laid(sending);
      const outcome = await settled;
      if (outcome.state === "refused") return refused(outcome.problem);
      place.stop();
      await use(sending.category.code).catch(() => {});
      if (form === sending) form = blank();
      if (page.isConnected) done(screen, id, outcome);
    } catch (error) {
      if (error instanceof Taken) sending.id = newId();
      refused({ detail: notKept(error) });
    } finally {
      stop();
      sendButton.disabled = false;
      label.textContent = word("send_report");
    }
    return undefined;
  }

  /** It lies in the outbox now, and no longer among the drafts, whatever becomes of it or of this page. */
  async function laid(sending) {
    sending.lies = true;
    clearTimeout(timer);
    await saving;
    await dropDraft(sending.id).catch(() => {});
  }

  function refused(problem) {
    const left = tellFields(page, problem.errors ?? {});
    show(said, alert("", el("p", {}, problem.detail), left.map((detail) => el("p", {}, detail))));
    if (!page.querySelector(".is-wrong")) said.scrollIntoView({ block: "center" });
  }

  show(screen, page);
  draftsPart(drafts, form, (chosenDraft) => {
    form = { ...takenUp(chosenDraft), later: false };
    again();
  });
  drawCategory().then(() => {
    if (form.problem) refused(form.problem);
    form.problem = null;
  });
  return {
    stop() {
      place.stop();
      stopKeeping();
    },
  };
}
