// The service worker: keeps the shell of the page in one piece, so that it opens at once and without a network, and sends what
// waits where the browser wakes it for that. A new one waits until the page says that nothing is under way.

import { known } from "./core/person.js";
import { sendAll, tryWay } from "./core/sender.js";
import { useToken } from "./core/wire.js";

const PREFIX = "field-";
const SYNC = "outbox";

/** Keeps the shell {version, page, parts}; parts lie in a cache of that version, so that they always fit each other. */
export function begin({ version, page, parts }) {
  const name = `${PREFIX}${version}`;

  async function install() {
    const addresses = [page, ...parts];
    const answers = await Promise.all(addresses.map(fetched));
    const cache = await caches.open(name);
    await Promise.all(addresses.map((address, i) => cache.put(address, answers[i])));
  }

  /** A part of the shell; the page that a network's gate shows instead is none. */
  async function fetched(address) {
    const answer = await fetch(new Request(address, { cache: "no-cache", credentials: "same-origin" }));
    const isPart = address === page ? answer.headers.has("X-Grid-API") : !/html/.test(answer.headers.get("Content-Type"));
    if (!answer.ok || !isPart) throw new TypeError(`not of the shell: ${address}`);
    return answer;
  }

  async function activate() {
    const old = (await caches.keys()).filter((one) => one.startsWith(PREFIX) && one !== name);
    await Promise.all(old.map((one) => caches.delete(one)));
    await self.clients.claim();
  }

  async function fromShell(request, address) {
    const kept = await caches.match(address, { cacheName: name });
    return kept ?? fetch(request);
  }

  self.addEventListener("install", (event) => event.waitUntil(install()));
  self.addEventListener("activate", (event) => event.waitUntil(activate()));
  self.addEventListener("message", ({ data }) => data === "take-over" && self.skipWaiting());
  self.addEventListener("sync", (event) => event.tag === SYNC && event.waitUntil(sendWhatWaits()));
  self.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== self.location.origin || request.method !== "GET") return;
    if (request.mode === "navigate" && pathname === page) event.respondWith(fromShell(request, page));
    else if (parts.includes(pathname)) event.respondWith(fromShell(request, pathname));
  });
}

/** Throws where something still waits, so that the browser wakes the worker again. */
async function sendWhatWaits() {
  const person = await known();
  if (!person) return;
  useToken(person.token, { language: person.language });
  await tryWay(); // the browser knows of a network
  if ((await sendAll(person.person)) === "stopped") throw new Error("the server was not reached");
}
