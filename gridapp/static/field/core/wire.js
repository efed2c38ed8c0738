// The way to the mobile API, for the page and its service worker alike; on the way the phone learns how far its clock is off.

import { learnTime } from "./clock.js";
import { learnRoom, pause, turn } from "./pace.js";

export const BASE = "/api/v1";
const PATIENCE_MS = 30_000;
const SIGNED_OUT = 401;
const FROM_ANYBODY = new Set([408, 413, 425, 429]); // what a program before the server says in its own name
const BUSY = new Set([429, 503]);
const MOMENT_S = 2;
const MOST_MOMENTS = 5;
const LATER_S = 5;
const access = { token: null, language: "zh-CN", onLost: () => {}, reached: true, onReach: () => {} };

/** A refusal of the server: its status, its problem document, and the seconds that it asks to wait. */
export class Refused extends Error {
  constructor(status, problem, after = 0) {
    super(problem.detail ?? "");
    this.status = status;
    this.problem = problem;
    this.after = after;
  }
}

/** True where a program before the server says that it does not answer. */
export const isDown = (error) => error instanceof Refused && error.status >= 500 && !error.problem.code;

/** True where a failure means that the server was not reached, or did not answer in time. */
export const isNoNetwork = (error) => !(error instanceof Refused) || isDown(error);

/** Uses a token from now on (null: the browser's own session); `onLost` hears that the server no longer knows it. */
export function useToken(token, { language = access.language, onLost = access.onLost } = {}) {
  Object.assign(access, { token, language, onLost });
}

/** `call` for the sign-in of now alone: whoever signs in meanwhile sends nothing of it, each call then ends as signed out. */
export function callAsNow() {
  const { token } = access;
  return (path, options) => call(path, { ...options, token });
}

/** With the phone's own time, by which the server knows how far its clock is off. */
function headersOf(method, more) {
  const own = access.token ? { Authorization: `Bearer ${access.token}` } : {};
  const clock = method === "GET" || method === "HEAD" ? {} : { "X-Device-Time": new Date().toISOString() };
  return { "Accept-Language": access.language, ...own, ...clock, ...more };
}

/** Answered by somebody on the way, such as the gate of a network, and not by the server. */
const isForeign = (answer) => !answer.headers.has("X-Grid-API");

async function refusal(answer) {
  const problem = isForeign(answer) ? {} : await answer.json().catch(() => ({}));
  return new Refused(answer.status, problem, Number(answer.headers.get("Retry-After")) || 0);
}

function deadline(ms, signal) {
  const ends = new AbortController();
  setTimeout(() => ends.abort(new DOMException("timeout", "TimeoutError")), ms);
  signal?.addEventListener("abort", () => ends.abort(signal.reason), { once: true });
  return ends.signal;
}

/** True where the server wants to be asked less, or later. */
export const isBusy = (error) => BUSY.has(error?.status);

/** Does what runs in the background, at a pace that leaves room, again and again where the server wants to be asked later. */
export async function patiently(work) {
  for (;;) {
    try {
      await turn();
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      await pause((error.after || LATER_S) * 1000);
    }
  }
}

/**
 * An answer of the API. Throws Refused for a problem, anything else where the server was not reached. What only reads waits by
 * itself where the server asks for a moment.
 */
export async function call(path, options = {}) {
  const reads = ["GET", "HEAD"].includes(options.method ?? "GET");
  for (let tries = reads ? MOST_MOMENTS : 0; ; tries -= 1) {
    try {
      return await once(path, options);
    } catch (error) {
      if (!tries || !isBusy(error) || !error.after || error.after > MOMENT_S) throw error;
      await pause(error.after * 1000);
    }
  }
}

/** Notes whether the server was reached just now, for whoever tells the person. */
function note(reached) {
  if (access.reached === reached) return;
  access.reached = reached;
  access.onReach();
}

/** Whether the server was reached when it was last asked; `hear` is called when that changes. */
export const isReached = () => access.reached;
export const watchReach = (hear) => { access.onReach = hear; };

async function once(path, { method = "GET", json, body, headers = {}, signal, patience = PATIENCE_MS, fine = [304], token = access.token }) {
  const used = access.token;
  if (token !== used) throw new Refused(SIGNED_OUT, {});
  const begun = performance.now();
  const answer = await fetch(BASE + path, {
    method,
    body: json === undefined ? body : JSON.stringify(json),
    headers: headersOf(method, { ...(json === undefined ? {} : { "Content-Type": "application/json" }), ...headers }),
    signal: deadline(patience, signal),
    cache: "no-store", // what is kept here is kept sealed
  }).catch((error) => {
    if (!signal?.aborted) note(false);
    throw error;
  });
  note(!isForeign(answer));
  if (isForeign(answer) && answer.status < 500 && !FROM_ANYBODY.has(answer.status)) throw new TypeError("not the server");
  learnTime(answer.headers.get("Date"), performance.now() - begun);
  learnRoom(answer.headers);
  if (answer.ok || fine.includes(answer.status)) return answer;
  const refused = await refusal(answer);
  if (answer.status === SIGNED_OUT && path !== "/auth/token" && used === access.token) access.onLost(refused);
  throw refused;
}

/** An answer of the API as a document; null where it has none. */
export async function ask(path, options) {
  const answer = await call(path, options);
  return answer.status === 204 ? null : answer.json();
}
