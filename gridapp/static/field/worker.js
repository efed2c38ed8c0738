// The service worker: keeps the shell of the page, so that it opens without a network. The catalogue and everything that
// is sent are kept by the page itself. `SHELL` comes from the script that the server makes: {version, page, parts}.

const { version, page, parts } = self.SHELL;
const CACHE = `field-${version}`;
const PATIENCE_MS = 3_000;

self.addEventListener("install", (event) => {
  const fresh = [page, ...parts].map((address) => new Request(address, { cache: "reload", credentials: "same-origin" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = async () => (await caches.keys()).filter((name) => name.startsWith("field-") && name !== CACHE);
  event.waitUntil(old().then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

/** The page in its present language from the network; where that does not answer soon, as it was last. */
async function shell(request) {
  const cache = await caches.open(CACHE);
  const ends = AbortSignal.timeout ? AbortSignal.timeout(PATIENCE_MS) : undefined;
  try {
    const answer = await fetch(request.url, { signal: ends, credentials: "same-origin" });
    if (answer.ok && !answer.redirected) await cache.put(page, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(page);
    if (kept) return kept;
    throw error;
  }
}

/** A part of the shell: the network's where the server can be reached, so that parts fit each other; else what is kept. */
async function part(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request.url, { cacheName: CACHE });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && pathname === page) event.respondWith(shell(request));
  else if (parts.includes(pathname)) event.respondWith(part(request));
});
