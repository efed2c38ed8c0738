// The page as it is kept on the phone: registered, renewed when nothing is under way, and fetched anew in another language.

import { toast, word } from "../app.js";
import { keepAllBegun } from "./begun.js";
import { isSending } from "./core/alone.js";
import { el } from "./dom.js";

const PAGE = "/field";
const LOOK_MS = 30 * 60_000;
let busy = () => false;
let isLeaving = false;

/** Lets a new version take over; not while something is sent or typed, then the person says when. */
async function renew(worker) {
  if (!busy() && !(await isSending())) return void worker.postMessage("take-over");
  const line = toast(word("new_version"), "ask");
  line.insertBefore(el("button", { type: "button", onclick: () => takeOver(worker) }, word("renew")), line.lastChild);
}

/** Once, whoever says so first: a second time would break the first one off. */
function beginAnew() {
  if (!isLeaving) location.reload();
  isLeaving = true;
}

/** The person says so: the page begins anew under the new version, whatever is begun, for that is kept first. */
async function takeOver(worker) {
  await keepAllBegun();
  const look = () => ["activated", "redundant"].includes(worker.state) && beginAnew();
  worker.addEventListener("statechange", look);
  worker.postMessage("take-over");
  look();
}

function watchFor(registration) {
  const installed = (worker) => worker?.addEventListener("statechange", () => {
    if (worker.state === "installed" && navigator.serviceWorker.controller) renew(worker);
  });
  if (registration.waiting && navigator.serviceWorker.controller) renew(registration.waiting);
  installed(registration.installing);
  registration.addEventListener("updatefound", () => installed(registration.installing));
  setInterval(() => registration.update().catch(() => {}), LOOK_MS);
}

/** Keeps the page on the phone; `isBusy` tells whether somebody is typing. */
export function keepShell(isBusy) {
  busy = isBusy;
  if (!("serviceWorker" in navigator)) return;
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled && !busy()) beginAnew();
    controlled = true;
  });
  navigator.serviceWorker.register(`${PAGE}/sw.js`, { scope: PAGE, type: "module", updateViaCache: "none" }).then(watchFor, () => toast(word("not_installable")));
}

/** Turns the page to another language; needs the network. */
export async function turnLanguage(lang) {
  const body = new URLSearchParams({ lang, next: PAGE });
  const page = await fetch("/language", { method: "POST", body, credentials: "same-origin" });
  if (!page.ok || !page.headers.has("X-Grid-API")) throw new Error(word("broken"));
  for (const name of "caches" in window ? await caches.keys() : []) {
    if (name.startsWith("field-")) await (await caches.open(name)).put(PAGE, await fetch(PAGE, { cache: "reload" }));
  }
  location.reload();
}
