// Asking the mobile API: with the token of this phone, or as whoever the browser's cookie says.

import { Refused, word } from "../app.js";

const BASE = "/api/v1";
const PATIENCE_MS = 30_000;
const access = { token: null, onLost: () => {} };

/** Uses a token from now on (null: the cookie); `onLost` hears that the server no longer knows it. */
export function useToken(token, onLost = access.onLost) {
  access.token = token;
  access.onLost = onLost;
}

function headersOf(more) {
  const own = access.token ? { Authorization: `Bearer ${access.token}` } : {};
  return { "Accept-Language": document.documentElement.lang, ...own, ...more };
}

/** True where a failure means that the server was not reached, or did not answer in time. */
export const isNoNetwork = (error) => !(error instanceof Refused);

async function refusal(answer) {
  const problem = /json/.test(answer.headers.get("Content-Type") ?? "") ? await answer.json().catch(() => ({})) : {};
  const error = new Refused(answer.status, { detail: word("broken"), ...problem });
  error.after = Number(answer.headers.get("Retry-After")) || 0;
  return error;
}

/** An answer of the API. Throws Refused for a problem, anything else where the server was not reached. */
export async function call(path, { method = "GET", json, body, headers = {}, signal, patience = PATIENCE_MS } = {}) {
  const used = access.token;
  const answer = await fetch(BASE + path, {
    method,
    body: json === undefined ? body : JSON.stringify(json),
    headers: headersOf({ ...(json === undefined ? {} : { "Content-Type": "application/json" }), ...headers }),
    signal: deadline(patience, signal),
  });
  if (answer.status === 401 && path !== "/auth/token" && used === access.token) access.onLost();
  if (!answer.ok && answer.status !== 304) throw await refusal(answer);
  return answer;
}

function deadline(ms, signal) {
  const ends = new AbortController();
  const timer = setTimeout(() => ends.abort(new DOMException("timeout", "TimeoutError")), ms);
  signal?.addEventListener("abort", () => ends.abort(signal.reason), { once: true });
  return ends.signal;
}

/** An answer of the API as a document; null where it has none. */
export async function ask(path, options) {
  const answer = await call(path, options);
  return answer.status === 204 ? null : answer.json();
}

const pictures = new Map();
const MOST_PICTURES = 80;

/** An address for a photo that an <img> can show: fetched with the token, kept while the page is open. */
export function picture(sha256, size = "thumb") {
  const key = `${sha256}-${size}`;
  if (!pictures.has(key)) {
    const address = call(`/photos/${sha256}?size=${size}`).then(async (answer) => URL.createObjectURL(await answer.blob()));
    address.catch(() => pictures.delete(key));
    pictures.set(key, address);
    if (pictures.size > MOST_PICTURES) dropOldest();
  }
  return pictures.get(key);
}

function dropOldest() {
  const [key, address] = pictures.entries().next().value;
  pictures.delete(key);
  address.then(URL.revokeObjectURL, () => {});
}

/** A source of tiles for the base map; where one cannot be had, the map has a gap. */
export const tiles = (layer) => ({
  async getZxy(z, x, y, signal) {
    const answer = await fetch(`/tiles/${layer}/${z}/${x}/${y}.mvt`, { headers: headersOf({}), signal }).catch(() => null);
    return answer?.ok ? { data: await answer.arrayBuffer() } : undefined;
  },
});

/** A new id; also where the page is open without https. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
