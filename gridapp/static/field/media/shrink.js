// A photo made small on the phone: upright, at most 2,048 pixels, about 300 KB, with its facts in the file.

import { el } from "../dom.js";
import { compass } from "./compass.js";
import { factsIn, withFacts } from "./exif.js";
import { lastPlace } from "../place.js";

const LONG_SIDE = 2048;
const WANTED_BYTES = 300_000;
const ENOUGH = 1.15;
const QUALITIES = [0.85, 0.75, 0.65, 0.55, 0.45];
const HEAD_BYTES = 65_536;
const JUST_TAKEN_MS = 60_000;

const encoded = (canvas, quality) => new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", quality); });

/** The best quality that stays near the wanted size. */
async function small(canvas) {
  let blob = null;
  for (const quality of QUALITIES) {
    blob = await encoded(canvas, quality);
    if (!blob || blob.size <= WANTED_BYTES * ENOUGH) break;
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
