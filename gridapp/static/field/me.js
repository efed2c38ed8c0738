// Me: who I am and where, duty, what waits to be sent, notices, language, signing out.

import { toast, word } from "../app.js";
import { isNoNetwork, saying } from "./api.js";
import { button, el, empty, icon, sheet, show } from "./dom.js";
import { clockPart } from "./day/clock.js";
import { dutyPart } from "./day/dutypart.js";
import { handIn } from "./duty.js";
import { hear } from "./feed.js";
import { lookPart } from "./look.js";
import { lookAtNotices, noticeLine, unseenNotices } from "./noticelist.js";
import * as outbox from "./core/outbox.js";
import { pause } from "./core/pace.js";
import { refresh, session, signOut } from "./session.js";
import { turnLanguage } from "./shell.js";
import { chainName, named } from "./text.js";
import { known } from "./unsent.js";

const SHOWN_NOTICES = 30;
const HAND_IN_MS = 3_000;
const READ_MS = 1_500;

/** How many notices nobody looked at. */
export const unseen = async () => (await unseenNotices()).length;

function whoPart(me) {
  return el(
    "section",
    { class: "panel stack", id: "who" },
    el("h2", {}, me.name),
    el("p", {}, [named(me.role_name), ...me.titles].join(" · ")),
    el("p", { class: "muted" }, chainName(me.chain)),
    me.unit && el("p", {}, named(me.unit)),
    me.posts.length > 1 && el("p", { class: "muted" }, word("posts", { grids: me.posts.map(({ grid }) => named(grid)).join(word("list_comma")) })),
  );
}

async function unsentPart() {
  const n = known(await outbox.listed()).length;
  return el("a", { class: "panel f-link", href: "#/outbox", id: "to-outbox" }, icon("send"), el("span", { class: "f-row-words" }, word(n ? "unsent_count" : "nothing_unsent", { n })), icon("next"));
}

async function noticesPart() {
  const all = await lookAtNotices(SHOWN_NOTICES);
  return el("section", { class: "panel stack", id: "notices" }, el("h2", {}, word("notices")), all.length ? el("ul", { class: "f-list" }, all.map(({ notice, isNew }) => noticeLine(notice, isNew))) : empty(word("no_notices")));
}

function languagePart() {
  const other = document.documentElement.lang === "en" ? { lang: "zh_CN", words: "中文" } : { lang: "en", words: "English" };
  const turn = (event) => {
    event.currentTarget.disabled = true;
    turnLanguage(other.lang).catch((error) => {
      toast(isNoNetwork(error) ? word("language_offline") : saying(error), "bad");
      event.target.disabled = false;
    });
  };
  return button(other.words, turn, { kind: "wide f-big", lang: other.lang.replace("_", "-") });
}

function signOutPart(onSignedOut) {
  const out = async () => {
    try {
      await handIn(HAND_IN_MS);
      await signOut();
      onSignedOut();
    } catch (error) {
      toast(isNoNetwork(error) ? word("sign_out_offline") : saying(error), "bad");
      document.dispatchEvent(new Event("field-duty"));
    }
  };
  const ask = async () => {
    const count = (await outbox.listed()).length;
    if (!count) return out();
    const { body, close } = sheet(word("sign_out"));
    show(body, el("p", {}, word("sign_out_unsent", { n: count })), el("div", { class: "f-pair" }, button(word("sign_out"), () => { close(); out(); }, { kind: "danger f-big" }), button(word("stay"), close, { kind: "f-big" })));
    return undefined;
  };
  return button(word("sign_out"), ask, { kind: "wide f-big", mark: "exit", id: "sign-out" });
}

/** The screen; gives back what ends it. */
export function meScreen(screen, { onSignedOut, onSeen }) {
  const unsent = el("div");
  const told = el("div");
  const duty = el("div");
  const { me } = session;
  const drawDuty = () => show(duty, dutyPart(drawDuty));
  const drawUnsent = async () => show(unsent, await clockPart(), await unsentPart());
  const drawNotices = async () => {
    show(told, await noticesPart());
    onSeen();
  };
  const drawAll = () => show(screen, !window.isSecureContext && el("p", { class: "alert" }, icon("warn"), word("needs_https")), whoPart(me), duty, unsent, told, lookPart(), el("section", { class: "panel stack" }, languagePart(), signOutPart(onSignedOut)));
  drawDuty();
  let isOver = false;
  // All at once: a part that grows in later pushes the button under the thumb away. Where the phone's store is slow, without it.
  Promise.race([Promise.allSettled([drawUnsent(), drawNotices()]), pause(READ_MS)]).then(() => isOver || drawAll());
  refresh().then(() => {
    drawDuty();
    document.dispatchEvent(new Event("field-duty"));
  }, () => {});
  const stops = [outbox.watch(drawUnsent), hear((changes) => changes.some(({ kind }) => kind === "notice") && drawNotices())];
  return () => {
    isOver = true;
    stops.forEach((stop) => stop());
  };
}
