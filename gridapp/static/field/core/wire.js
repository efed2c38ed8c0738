// The way to the mobile API, for the page and its service worker alike; on the way it learns how far this phone's clock is off.

import { keep, kept } from "./store.js";

export const BASE = "/api/v1";
const PATIENCE_MS = 30_000;
const QUICK_MS = 2_000;
const HALF_SECOND_MS = 500; // the Date header leaves the fraction of its second out
const SAMPLES = 5;
const ONE_DATE = /^\w+, [^,]+ GMT/; // the header may come twice, from the program and from the server before it
const SIGNED_OUT = 401;
const FROM_ANYBODY = new Set([408, 413, 425, 429]); // what a program before the server says in its own name
const access = { token: null, language: "zh-CN", onLost: () => {} };
let samples = null;
let lastKnown = null;

/** A refusal of the server: its status, its problem document, and the seconds that it asks to wait. */
export class Refused extends Error {
  constructor(status, problem, after = 0) {
    super(problem.detail ?? "");
    this.status = status;
    this.problem = problem;
    this.after = after;
  }
}

/** True where a failure means that the server was not reached, or did not answer in time. */
export const isNoNetwork = (error) => !(error instanceof Refused);

/** Uses a token from now on (null: the browser's own session); `onLost` hears that the server no longer knows it. */
export function useToken(token, { language = access.language, onLost = access.onLost } = {}) {
  Object.assign(access, { token, language, onLost });
}

/** With the phone's own time, by which the server knows how far its clock is off. */
function headersOf(method, more) {
  const own = access.token ? { Authorization: `Bearer ${access.token}` } : {};
  const clock = method === "GET" || method === "HEAD" ? {} : { "X-Device-Time": new Date().toISOString() };
  return { "Accept-Language": access.language, ...own, ...clock, ...more };
}

const isDocument = (answer) => /json/.test(answer.headers.get("Content-Type") ?? "");

/** Refused by somebody on the way, such as the gate of a network, and not by the server, which always says why. */
const isForeign = (answer) => answer.status < 500 && !FROM_ANYBODY.has(answer.status) && !isDocument(answer);

async function refusal(answer) {
  const problem = isDocument(answer) ? await answer.json().catch(() => ({})) : {};
  return new Refused(answer.status, problem, Number(answer.headers.get("Retry-After")) || 0);
}

function deadline(ms, signal) {
  const ends = new AbortController();
  setTimeout(() => ends.abort(new DOMException("timeout", "TimeoutError")), ms);
  signal?.addEventListener("abort", () => ends.abort(signal.reason), { once: true });
  return ends.signal;
}

/** An answer of the API. Throws Refused for a problem, anything else where the server was not reached. */
export async function call(path, { method = "GET", json, body, headers = {}, signal, patience = PATIENCE_MS, fine = [304] } = {}) {
  const used = access.token;
  const begun = performance.now();
  const answer = await fetch(BASE + path, {
    method,
    body: json === undefined ? body : JSON.stringify(json),
    headers: headersOf(method, { ...(json === undefined ? {} : { "Content-Type": "application/json" }), ...headers }),
    signal: deadline(patience, signal),
  });
  learnTime(answer.headers.get("Date"), performance.now() - begun);
  if (answer.ok || fine.includes(answer.status)) return answer;
  if (isForeign(answer)) throw new TypeError();
  const refused = await refusal(answer);
  if (answer.status === SIGNED_OUT && path !== "/auth/token" && used === access.token) access.onLost(refused);
  throw refused;
}

/** An answer of the API as a document; null where it has none. */
export async function ask(path, options) {
  const answer = await call(path, options);
  return answer.status === 204 ? null : answer.json();
}

function learnTime(date, took) {
  const at = Date.parse(ONE_DATE.exec(date ?? "")?.[0]);
  if (Number.isNaN(at) || took > QUICK_MS) return;
  const ahead = Date.now() - took / 2 - (at + HALF_SECOND_MS);
  samples = [...(samples ?? []), ahead].slice(-SAMPLES);
  keep("clock", { ahead: median(samples), at: Date.now() }).catch(() => {});
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** How many milliseconds this phone's clock is ahead of the server's, as last seen; null where it was never seen. */
export async function clockAhead() {
  if (samples) return Math.round(median(samples));
  lastKnown ??= (await kept("clock"))?.ahead || null;
  return lastKnown === null ? null : Math.round(lastKnown);
}

const lead = () => (samples ? median(samples) : (lastKnown ?? 0));

/** A time of this phone's clock as the server's clock has it, as far as known; `clockAhead` has to have been asked before. */
export const corrected = (at) => at - lead();

/** The server's time now, as far as this phone knows. */
export const serverTime = () => corrected(Date.now());
