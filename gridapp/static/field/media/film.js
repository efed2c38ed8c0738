// Short films and spoken notes: at most thirty seconds, as MP4, which the server takes.

import { word } from "../../app.js";
import { el } from "../dom.js";

const LONGEST_S = 30;
const SPARE_S = 1.5;
const MOST_BYTES = 50_000_000;
const SPOKEN = ["audio/mp4;codecs=mp4a.40.2", "audio/mp4;codecs=opus", "audio/mp4"];

/** How long a film is, in seconds; NaN where this browser cannot tell. */
function lasting(file) {
  return new Promise((resolve) => {
    const video = el("video", { preload: "metadata", src: URL.createObjectURL(file) });
    const told = (seconds) => {
      URL.revokeObjectURL(video.src);
      resolve(seconds);
    };
    video.onloadedmetadata = () => told(video.duration);
    video.onerror = () => told(NaN);
  });
}

/** Why a film cannot be taken, in words; nothing where it can. */
export async function faultOf(file) {
  if (file.size > MOST_BYTES) return word("film_too_large");
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
