// A photo made small on the phone: upright, at most 2,048 pixels, about 300 KB, with its facts in the file.

import { el } from "../dom.js";
import { compass } from "./compass.js";
import { factsIn, withFacts } from "./exif.js";
import { lastPlace } from "../place.js";

const LONG_SIDE = 2048;
const MOST_BYTES = 345_000; // about 300 KB
const FIRST = 0.75;
const FINER = { quality: 0.85, share: 1.35 };
const COARSER = [{ quality: 0.65, share: 0.82 }, { quality: 0.55, share: 0.7 }, { quality: 0.45, share: 0.61 }, { quality: 0.35, share: 0.52 }, { quality: 0.25, share: 0.42 }];
const HEAD_BYTES = 65_536;
const JUST_TAKEN_MS = 60_000;

const encoded = (canvas, quality) => new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", quality); });

const isSmall = (blob) => blob && blob.size <= MOST_BYTES;

/** The best quality that stays near the wanted size; by the size of the first try it is guessed which one that is, for each takes its time. */
async function small(canvas) {
  const first = await encoded(canvas, FIRST);
  if (!first) return null;
  if (isSmall(first)) {
    const finer = first.size * FINER.share <= MOST_BYTES ? await encoded(canvas, FINER.quality) : null;
    return isSmall(finer) ? finer : first;
  }
  let blob = first;
  for (const { quality, share } of COARSER) {
    if (first.size * share > MOST_BYTES && quality !== COARSER.at(-1).quality) continue;
    blob = await encoded(canvas, quality);
    if (isSmall(blob)) break;
  }
  return blob;
}

function drawn(image) {
  const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
  const canvas = el("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return canvas;
}

/** When, where and in which direction: as the camera wrote it; of one that was just taken, as the phone knows it. */
async function factsOf(file) {
  const written = factsIn(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (Date.now() - file.lastModified > JUST_TAKEN_MS) return { at: new Date(file.lastModified).toISOString(), ...written };
  const fix = lastPlace();
  const heading = compass();
  const here = fix ? { lon: fix.lon, lat: fix.lat, accuracy: Math.round(fix.accuracy) } : {};
  return { at: new Date().toISOString(), ...written, ...here, ...(heading === null ? {} : { heading }) };
}

/** The picture as {blob, facts}; what this browser cannot read goes as it is. */
export async function shrink(file) {
  const facts = await factsOf(file);
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  const blob = image && (await small(drawn(image)));
  return { blob: blob ? await withFacts(blob, facts) : file, facts };
}

/** The name of bytes: their SHA-256. */
export async function digest(blob) {
  const bytes = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
