// The bell: how many messages wait, what they say, and marking them as read; what comes in is heard at once.

import { toast } from "../app.js";
import { overhear } from "../command/live.js";

const bell = document.querySelector("[data-bell]");
const button = bell?.querySelector("[data-bell-button]");
const count = bell?.querySelector("[data-bell-count]");
const list = bell?.querySelector("[data-bell-list]");
const MOST = 99;
let newest = null;

function show(html, { quiet = false } = {}) {
  const told = new DOMParser().parseFromString(html, "text/html").querySelector(".bell-recent");
  if (!told) return;
  list.replaceChildren(document.importNode(told, true));
  const unread = Number(told.dataset.unread);
  bell.dataset.unread = String(unread);
  count.hidden = unread === 0;
  count.textContent = unread > MOST ? `${MOST}+` : String(unread);
  const last = Number(told.dataset.newest);
  const line = told.querySelector(".bell-line.is-new > :first-child");
  if (!quiet && newest !== null && last > newest && line) toast(line.textContent);
  newest = last;
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { headers: { Accept: "text/html" }, ...options }).catch(() => null);
  return answer?.ok ? answer.text() : "";
}

const refresh = async () => show(await ask(list.dataset.recent));

async function read(form) {
  show(await ask(list.dataset.read, { method: "POST", body: new URLSearchParams(form) }), { quiet: true });
}

function open(opened) {
  list.hidden = !opened;
  button.setAttribute("aria-expanded", String(opened));
}

function bind() {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    open(list.hidden);
  });
  list.addEventListener("click", (event) => {
    const all = event.target.closest("[data-read-all]");
    if (all) read({ until: all.dataset.readAll });
    const line = event.target.closest("a")?.closest("[data-message]");
    if (line) navigator.sendBeacon(list.dataset.read, new URLSearchParams({ id: line.dataset.message }));
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-bell]")) open(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || list.hidden) return;
    open(false);
    button.focus();
  });
}

function hear(news) {
  bell.dataset.hears = "on";
  if (news.some((one) => one.kind === "notice")) refresh();
}

if (bell) {
  bind();
  refresh();
  overhear(hear, refresh);
}
