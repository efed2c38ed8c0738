// What is begun keeps itself: phones end a page in the background without a word, and a new version begins the page anew.

import { pause } from "./core/pace.js";

const PATIENCE_MS = 3_000;
const keepers = new Set();

/** Keeps what is typed when the page goes out of sight or begins anew: `keep()` resolves once it lies on the phone. Gives back how to stop. */
export function keepsItself(keep) {
  keepers.add(keep);
  return () => keepers.delete(keep);
}

/** Resolves once everything that is begun lies on the phone, or the phone does not answer. */
export const keepAllBegun = () => Promise.race([Promise.allSettled([...keepers].map((keep) => keep())), pause(PATIENCE_MS)]);

document.addEventListener("visibilitychange", () => { if (document.hidden) keepAllBegun(); });
