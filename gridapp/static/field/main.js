// Begins the phone page: who is signed in, which screen the address names, and what stands in the bars.

import "./look.js";
import { toast, word } from "../app.js";
import { saying } from "./api.js";
import { renew } from "./catalogue.js";
import { dayScreen } from "./day/day.js";
import { barSos, followCalls } from "./day/sos.js";
import { editStop } from "./day/stops.js";
import { trackScreen } from "./day/track.js";
import { el, icon, show } from "./dom.js";
import { follow, handIn } from "./duty.js";
import { forgetFeed, hear, listenFor } from "./feed.js";
import { renewMap } from "./map/data.js";
import { meScreen, unseen } from "./me.js";
import * as outbox from "./core/outbox.js";
import { editReport, forgetForm, isReporting, reportScreen } from "./report/report.js";
import { erase, isOvertaken, leave as leaveSession, refresh, resume, session } from "./session.js";
import { askToStay, room } from "./core/space.js";
import { clockAhead } from "./core/clock.js";
import { kept, keep } from "./core/store.js";
import { isReached, watchReach } from "./core/wire.js";
import { keepShell } from "./shell.js";
import { codeIn, signInScreen } from "./signin.js";
import { stockSoon, stockUp } from "./stock.js";
import { taskScreen } from "./task.js";
import { tasksScreen } from "./tasks.js";
import { setup } from "./text.js";
import { known, unsentScreen } from "./unsent.js";

const screen = document.getElementById("screen");
const nav = document.getElementById("nav");
const back = document.getElementById("back");
const UUID = /^#\/tasks\/([0-9a-f-]{36})(?:\/(\w+))?$/;
const OVERTAKEN = "overtaken";
const LOCKED_OUT = "locked_out";
const ROOM_MS = 60_000;
const ROOTS = new Set(["report", "day", "tasks", "me"]);
let leave = () => {};
let toEdit = null;

function title(words) {
  document.getElementById("title").textContent = words;
  document.title = words;
}

const SCREENS = {
  report: () => reportScreen(screen),
  day: () => dayScreen(screen),
  track: () => trackScreen(screen),
  tasks: () => tasksScreen(screen),
  me: () => meScreen(screen, { onSignedOut: signedOut, onSeen: drawCounts }),
  outbox: () => unsentScreen(screen, { edit }),
};

async function edit(item) {
  if (item.kind === "report") {
    await editReport(item);
    location.hash = "#/report";
  } else if (item.kind === "stop") editStop(item);
  else {
    toEdit = item;
    location.hash = `#/tasks/${item.about}`;
  }
}

function route() {
  if (!session.me) return void (codeIn(location.hash) && signedOut());
  leave();
  const [, id, action] = UUID.exec(location.hash) ?? [];
  const name = id ? "tasks" : location.hash.slice(2);
  const known = SCREENS[name] ? name : "report";
  for (const link of nav.children) {
    if (link.dataset.screen === known) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  back.hidden = !id && ROOTS.has(known);
  window.scrollTo(0, 0);
  drawRoom();
  if (id) {
    const open = taskScreen(screen, id, { title });
    title(word("task"));
    leave = open.end;
    if (toEdit) open.edit(toEdit);
    else if (action) open.act(action);
    toEdit = null;
  } else {
    title(word(`nav_${known}`));
    leave = SCREENS[known]();
  }
}

async function drawCounts() {
  const items = session.me ? await outbox.listed() : [];
  const unsent = known(items).length;
  const bar = document.getElementById("unsent");
  bar.hidden = !unsent;
  bar.textContent = word("unsent_short", { n: unsent });
  bar.classList.toggle("is-refused", items.some((item) => item.state === "refused"));
  const count = session.me ? await unseen() : 0;
  const badge = document.getElementById("me-count");
  badge.hidden = !count;
  badge.textContent = count;
}

function drawNetwork() {
  document.getElementById("no-network").hidden = navigator.onLine && isReached();
}

/** That the phone runs out of room is told on every screen, before a photo finds none. */
async function drawRoom() {
  const line = document.getElementById("room-low");
  const low = Boolean((await room())?.low);
  if (low && line.hidden) line.textContent = word("room_low");
  line.hidden = !low;
}

function elsewhere({ path, name }) {
  nav.hidden = true;
  show(screen, el("section", { class: "panel stack f-done" }, icon("device"), el("h2", {}, word("not_your_place")), el("p", {}, word("your_place", { name })), el("a", { class: "button primary wide f-big", href: path }, name)));
}

async function enter(me) {
  const place = setup.elsewhere[me.role];
  if (place) return elsewhere(place);
  if ((await kept("person")) !== me.id) {
    await forgetFeed();
    await keep("person", me.id);
  }
  nav.hidden = false;
  document.getElementById("bar-sos")?.remove();
  if (me.role !== "handler") document.querySelector(".f-bar").append(barSos());
  listenFor(me.id);
  follow(me);
  drawCounts();
  stockUp();
  return route();
}

function signedOut() {
  forgetForm();
  leave();
  leave = () => {};
  listenFor(null);
  follow(null);
  nav.hidden = true;
  document.getElementById("bar-sos")?.remove();
  back.hidden = true;
  title(word("sign_in"));
  const code = codeIn(location.hash);
  if (code) history.replaceState(null, "", "#/report");
  signInScreen(screen, enter, { code });
  drawCounts();
}

/** The server no longer knows this sign-in; what waits to be sent stays, unless the desk locked a lost phone out. */
async function lost({ problem }) {
  if (!session.me || session.leaving) return;
  session.me = null;
  const out = problem.code === LOCKED_OUT;
  if (await isOvertaken()) return void handIn().finally(reload);
  if (out) forgetForm();
  else await handIn();
  await (out ? erase() : leaveSession());
  toast(out ? problem.detail : word("sign_in_ended"), out ? "bad" : "");
  signedOut();
}

/** Begins anew as the person who signed in by another page, and says so: nobody goes on under a name that is not theirs. */
function reload() {
  sessionStorage.setItem(OVERTAKEN, "yes");
  location.reload();
}

function seen() {
  listenFor(session.me?.id ?? null);
  follow(session.me);
}

/** Somebody is typing or has a sheet open: the page is not taken from under their hands. */
const isBusy = () => Boolean(document.querySelector("dialog[open]")) || isReporting();

async function begin() {
  window.addEventListener("hashchange", route);
  window.addEventListener("online", drawNetwork);
  window.addEventListener("offline", drawNetwork);
  watchReach(drawNetwork);
  document.addEventListener("visibilitychange", seen);
  document.addEventListener("field-duty", () => follow(session.me));
  back.addEventListener("click", () => (history.length > 1 ? history.back() : location.assign("#/tasks")));
  outbox.watch(drawCounts);
  outbox.watch(({ total }) => total || drawRoom());
  setInterval(drawRoom, ROOM_MS);
  window.addEventListener("appinstalled", askToStay);
  hear((changes) => {
    if (changes.some(({ kind }) => kind === "catalogue")) renew();
    if (changes.some(({ kind }) => kind === "post")) refresh().catch(() => {});
    if (changes.some(({ kind }) => kind === "grid" || kind === "afresh" || kind === "post")) renewMap({ again: true });
    if (changes.some(({ kind }) => kind === "task" || kind === "stop" || kind === "afresh")) stockSoon();
    drawCounts();
  });
  followCalls();
  drawNetwork();
  outbox.start();
  keepShell(isBusy);
  askToStay();
  await clockAhead();
  const me = await resume(lost);
  if (me && sessionStorage.getItem(OVERTAKEN)) toast(word("signed_in_elsewhere", { name: me.name }));
  sessionStorage.removeItem(OVERTAKEN);
  return me ? enter(me) : signedOut();
}

begin().catch((error) => {
  toast(saying(error), "bad");
  signedOut();
});
