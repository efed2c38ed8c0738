// The after-photo from the place and in the direction of the before-photo: what was taken before, how far it is and which way to
// look; then both side by side.

import { word } from "../../app.js";
import { call, picture } from "../api.js";
import { el, show } from "../dom.js";
import { findPlace, lastPlace } from "../place.js";
import { distance, metres } from "../text.js";
import { bearing, quarter, startCompass, watchCompass } from "./compass.js";
import { factsIn } from "./exif.js";

const HEAD_BYTES = 65_536;
const NEAR_M = 5;
const SAME_DEGREES = 20;

/** Where and which way a photo was taken, from the head of its original, which its handlers may see. */
async function written(sha256) {
  const answer = await call(`/photos/${sha256}?size=original`, { headers: { Range: `bytes=0-${HEAD_BYTES - 1}` }, fine: [206] });
  return factsIn(await (await answer.blob()).slice(0, HEAD_BYTES).arrayBuffer());
}

/** The same as its phone said with the report: it stands in the task, and is known without a network. */
function said(task, sha256) {
  const note = task.events.flatMap(({ facts }) => facts?.photos ?? []).find((one) => one.sha256 === sha256);
  const { lon, lat } = note?.location ?? {};
  return { ...(Number.isFinite(lon) ? { lon, lat } : {}), ...(Number.isFinite(note?.heading) ? { heading: note.heading } : {}) };
}

const apart = (one, other) => Math.abs(((one - other + 540) % 360) - 180);

/**
 * The before-photos of a task, one after the other, with the way back to where each was taken; stands above the camera of the
 * after-photo. Gives {box, after, stop}: `after(photos)` shows what was taken beside.
 */
export function samePlace(task) {
  const befores = task.photos.filter(({ phase }) => phase === "before");
  const image = el("img", { alt: word("photos_before"), class: "f-same-photo" });
  const taken = el("img", { alt: word("photos_after"), class: "f-same-photo", hidden: true });
  const arrow = el("span", { class: "f-same-arrow", hidden: true, "aria-hidden": "true" }, "\u2191");
  const line = el("p", { role: "status" }, word("same_hint"));
  const box = el("div", { class: "f-same" }, el("div", { class: "f-same-pair" }, image, taken), el("div", { class: "f-same-way" }, arrow, el("div", {}, el("b", {}, word("same_view")), line)));
  let at = -1;
  let facts = {};
  let turned = null;
  let stop = () => {};

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
    arrow.hidden = turned === null || !Number.isFinite(facts.heading);
    if (!arrow.hidden) arrow.style.transform = `rotate(${facts.heading - turned}deg)`;
    show(line, words.length ? words.join(" ") : word("same_hint"));
  }

  function know(found) {
    facts = { ...found, ...facts };
    tell(lastPlace());
    if (Number.isFinite(facts.lon)) {
      stop();
      stop = findPlace(tell, () => {});
    }
  }

  /** Turns to the next of the before-photos. */
  function turn(next) {
    if (next === at) return;
    at = next;
    const { sha256 } = befores[at];
    facts = said(task, sha256);
    picture(sha256, "screen").then((address) => { image.src = address; }, () => image.remove());
    know({});
    written(sha256).then((found) => befores[at].sha256 === sha256 && know(found), () => {});
  }

  const stopCompass = watchCompass((degrees) => {
    turned = degrees;
    tell(lastPlace());
  });
  startCompass();
  turn(0);
  return {
    box,
    after(photos) {
      const last = photos.at(-1);
      taken.hidden = !last;
      if (last) taken.src = last.url;
      turn(Math.min(photos.length, befores.length - 1));
    },
    stop: () => { stop(); stopCompass(); },
  };
}
