// Short films and spoken notes: at most thirty seconds, as MP4, which the server takes.

import { word } from "../../app.js";
import { el } from "../dom.js";

const LONGEST_S = 30;
const SPARE_S = 1.5;
const MOST_BYTES = 50_000_000;
const PATIENCE_MS = 10_000;
const SPOKEN = ["audio/mp4;codecs=mp4a.40.2", "audio/mp4;codecs=opus", "audio/mp4"];

/** How long a film is, in seconds; NaN where this browser cannot tell. One without a length in its head is wound to its end. */
function lasting(file) {
  return new Promise((resolve) => {
    const video = el("video", { preload: "metadata", src: URL.createObjectURL(file) });
    const told = (seconds) => {
      clearTimeout(timer);
      URL.revokeObjectURL(video.src);
      resolve(seconds);
    };
    const timer = setTimeout(() => told(NaN), PATIENCE_MS);
    video.onloadedmetadata = () => {
      if (Number.isFinite(video.duration)) return told(video.duration);
      video.ondurationchange = () => Number.isFinite(video.duration) && told(video.duration);
      video.currentTime = Number.MAX_SAFE_INTEGER;
      return undefined;
    };
    video.onerror = () => told(NaN);
  });
}

/** Whether a file is of the family that the server takes (ISO base media: MP4, M4V, 3GP, QuickTime), by its own head. */
async function isKnown(file) {
  const [...head] = new Uint8Array(await file.slice(4, 8).arrayBuffer());
  return String.fromCharCode(...head) === "ftyp";
}

/** Why a film cannot be taken, in words; nothing where it can. What this browser cannot tell, the server does. */
export async function faultOf(file) {
  if (file.size > MOST_BYTES) return word("film_too_large");
  if (!(await isKnown(file))) return word("film_other_kind");
  return (await lasting(file)) > LONGEST_S + SPARE_S ? word("film_too_long", { n: LONGEST_S }) : "";
}

/** The kind of sound that this phone records and the server takes; undefined where there is none. */
const kind = () => (globalThis.MediaRecorder ? SPOKEN.find((one) => MediaRecorder.isTypeSupported(one)) : undefined);

export const canSpeak = () => Boolean(kind() && navigator.mediaDevices?.getUserMedia);

/** Records until stopped or thirty seconds are over: `{stop, done}`; `done` is the film, `tick(seconds)` hears the time. */
export async function speak(tick) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: kind(), audioBitsPerSecond: 32_000 });
  const parts = [];
  const begun = Date.now();
  const stop = () => recorder.state === "recording" && recorder.stop();
  const timer = setInterval(() => {
    const seconds = Math.floor((Date.now() - begun) / 1000);
    tick(seconds);
    if (seconds >= LONGEST_S) stop();
  }, 250);
  const done = new Promise((resolve) => {
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      resolve(new Blob(parts, { type: "video/mp4" }));
    };
  });
  recorder.start();
  return { stop, done };
}
