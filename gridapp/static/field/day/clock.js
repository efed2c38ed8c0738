// A phone whose clock is off says so: what it writes down is flagged by the server.

import { word } from "../../app.js";
import { clockAhead } from "../core/clock.js";
import { alert, el } from "../dom.js";
import { setup } from "../text.js";

const MINUTE_MS = 60_000;

/** A warning where the clock is off by more than the server lets pass; nothing where it is right, or was never compared. */
export async function clockPart() {
  const ahead = await clockAhead();
  if (ahead === null || Math.abs(ahead) <= setup.skew_seconds * 1000) return null;
  const n = Math.round(Math.abs(ahead) / MINUTE_MS);
  return el("div", { id: "clock-off" }, alert("is-warn", word(ahead > 0 ? "clock_ahead" : "clock_behind", { n })));
}
