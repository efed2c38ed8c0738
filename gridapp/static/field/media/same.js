// The after-photo from the place and in the direction of the before-photo: what was taken before, how far it is and which way to look.

import { word } from "../../app.js";
import { call, picture } from "../api.js";
import { el, show } from "../dom.js";
import { findPlace, lastPlace } from "../place.js";
import { distance, metres } from "../text.js";
import { bearing, quarter, watchCompass } from "./compass.js";
import { factsIn } from "./exif.js";

const HEAD_BYTES = 65_536;
const NEAR_M = 5;
const SAME_DEGREES = 20;

/** Where and which way a photo was taken, from the head of its original, which its handlers may see. */
async function takenFrom(sha256) {
  const answer = await call(`/photos/${sha256}?size=original`, { headers: { Range: `bytes=0-${HEAD_BYTES - 1}` }, fine: [206] });
  return factsIn(await (await answer.blob()).slice(0, HEAD_BYTES).arrayBuffer());
}

const apart = (one, other) => Math.abs(((one - other + 540) % 360) - 180);

/** The before-photo with the way back to where it was taken; stands above the camera of the after-photo. Gives {box, stop}. */
export function samePlace({ sha256 }) {
  const image = el("img", { alt: word("photos_before"), class: "f-same-photo" });
  const line = el("p", { role: "status" }, word("same_hint"));
  const box = el("div", { class: "f-same" }, image, el("div", {}, el("b", {}, word("same_view")), line));
  let facts = {};
  let turned = null;
  picture(sha256, "screen").then((address) => { image.src = address; }, () => image.remove());

  function tell(fix) {
    const words = [];
    if (fix && Number.isFinite(facts.lon)) {
      const far = metres(fix, facts);
      words.push(far <= Math.max(NEAR_M, fix.accuracy) ? word("same_here") : word("same_go", { distance: distance(far), direction: quarter(bearing(fix, facts)) }));
    }
    if (Number.isFinite(facts.heading)) {
      const right = turned !== null && apart(turned, facts.heading) < SAME_DEGREES;
      words.push(word(right ? "same_looks" : "same_look", { direction: quarter(facts.heading) }));
    }
    show(line, words.length ? words.join(" ") : word("same_hint"));
  }

  let stop = () => {};
  const stopCompass = watchCompass((degrees) => {
    turned = degrees;
    tell(lastPlace());
  });
  takenFrom(sha256).then((found) => {
    facts = found;
    tell(lastPlace());
    if (Number.isFinite(facts.lon)) stop = findPlace(tell, () => {});
  }, () => {});
  return { box, stop: () => { stop(); stopCompass(); } };
}
