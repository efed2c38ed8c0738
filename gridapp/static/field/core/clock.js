// How far this phone's clock is off: learnt from every answer of the server, and kept with whatever is written meanwhile, for the
// clock may be another one by the time that it is sent.

import { keep, kept } from "./store.js";

const QUICK_MS = 2_000;
const HALF_SECOND_MS = 500; // the Date header leaves the fraction of its second out
const SAMPLES = 5;
const STEADY_MS = 2_000;
const ONE_DATE = /^\w+, [^,]+ GMT/; // the header may come twice, from the program and from the server before it
const life = Math.random().toString(36).slice(2);
let samples = [];
let measuredAt = null; // the drift then
let lastKnown;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** What the clock is ahead of the time that has run since this page began: another value means that it was moved, or that the phone slept. */
const drift = () => Date.now() - performance.now();

/** Whether two measurements, in milliseconds, are of a clock that was not moved between them. */
export const isSteady = (one, other) => one !== null && Math.abs(one - other) < STEADY_MS;

/** Learns from the time in an answer that took so many milliseconds. */
export function learnTime(date, took) {
  const at = Date.parse(ONE_DATE.exec(date ?? "")?.[0]);
  if (Number.isNaN(at) || took > QUICK_MS) return;
  const ahead = Date.now() - took / 2 - (at + HALF_SECOND_MS);
  const before = isSteady(measuredAt, drift()) ? samples : [];
  samples = [...before, ahead].slice(-SAMPLES);
  measuredAt = drift();
  keep("clock", { ahead: median(samples), at: Date.now() }).catch(() => {});
}

/** How many milliseconds this phone's clock is ahead of the server's, as last seen; null where it was never seen. */
export async function clockAhead() {
  lastKnown ??= (await kept("clock"))?.ahead ?? null;
  const ahead = samples.length ? median(samples) : lastKnown;
  return ahead === null ? null : Math.round(ahead);
}

/** How many milliseconds this phone's clock is seen to be ahead, as it runs now; null where it was moved since, or never seen. */
export const seenAhead = () => (isSteady(measuredAt, drift()) ? Math.round(median(samples)) : null);

/** The clock as something is written under it, to be kept with that: what was known of it, and whether it was moved since. */
export async function clockNow() {
  const ahead = await clockAhead();
  return { ahead, sure: isSteady(measuredAt, drift()), life, drift: drift() };
}

/** What the server is told of the clock under which something was written: measured before or after, else guessed from the last time. */
export function clockHeaders(clock) {
  if (!clock) return {};
  const { ahead, sure, life: then, drift: drifted } = clock;
  if (sure) return { "X-Clock-Ahead": String(ahead) };
  if (then === life && isSteady(measuredAt, drifted)) return { "X-Clock-Ahead": String(Math.round(median(samples))) };
  return ahead === null ? {} : { "X-Clock-Ahead": `${ahead}; guess` };
}

/** When a thing is tried next, which was noted at a time of this clock: now where the clock was set back since. */
export const dueAt = ({ next = 0, noted = 0 }) => (Date.now() < noted ? 0 : next);

const lead = () => (samples.length ? median(samples) : (lastKnown ?? 0));

/** A time of this phone's clock as the server's clock has it, as far as known; `clockAhead` has to have been asked before. */
export const corrected = (at) => at - lead();

/** The server's time now, as far as this phone knows. */
export const serverTime = () => corrected(Date.now());
