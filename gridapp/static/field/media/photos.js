// Photos, short films and spoken notes of a form: taken or chosen, made small, named by the digest of their bytes.

import { toast, word } from "../../app.js";
import { el, icon, sheet, show } from "../dom.js";
import { startCompass } from "./compass.js";
import { canSpeak, faultOf, speak } from "./film.js";
import { digest, shrink } from "./shrink.js";

const MOST = 20;
const isFilm = ({ blob }) => blob.type.startsWith("video/");

/**
 * A row of what was taken, with a camera, a film camera, a microphone and the album; `list` holds {sha256, blob, facts} and is
 * what is sent. `plain` leaves film and microphone out.
 */
export function photoPicker(list, { name, onchange = () => {}, plain = false }) {
  const row = el("div", { class: "f-photos" });
  let fault = "";
  const draw = () => {
    show(row, list.map(thumb), takers, fault && el("p", { class: "wrong f-photos-fault", role: "alert" }, fault));
    onchange();
  };
  const thumb = (taken) => {
    taken.url ??= URL.createObjectURL(taken.blob);
    const remove = el("button", { type: "button", class: "f-photo-remove", "aria-label": word("remove_photo"), onclick: () => {
      list.splice(list.indexOf(taken), 1);
      draw();
    } }, icon("close"));
    const shown = isFilm(taken) ? el("video", { src: taken.url, preload: "metadata", "aria-label": word("film") }) : el("img", { src: taken.url, alt: word("photo") });
    return el("figure", { class: "f-photo" }, shown, isFilm(taken) && el("span", { class: "f-photo-kind", "aria-hidden": "true" }, icon("film")), remove);
  };
  async function add({ blob, facts = { at: new Date().toISOString() } }) {
    const sha256 = await digest(blob);
    if (!list.some((one) => one.sha256 === sha256)) list.push({ sha256, blob, facts });
  }
  const busily = async (work) => {
    if (!crypto.subtle) return toast(word("needs_https"), "bad");
    row.setAttribute("aria-busy", "true");
    fault = "";
    try {
      await work();
    } finally {
      row.removeAttribute("aria-busy");
    }
    return draw();
  };
  const takePhotos = (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    startCompass();
    return busily(async () => {
      if (files.length > MOST - list.length) fault = word("photos_most", { n: MOST });
      for (const file of files.slice(0, MOST - list.length)) {
        if (file.type.startsWith("video/")) await filmed(file).then(add, () => {});
        else await add(await shrink(file));
      }
    });
  };
  const filmed = async (file) => {
    fault = await faultOf(file);
    return fault ? Promise.reject(new Error(fault)) : { blob: file };
  };
  const takeFilm = (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    return file && busily(() => filmed(file).then(add, () => {}));
  };
  const taker = (mark, words, { main = false, ...more }, take = takePhotos) => el("label", { class: `f-taker ${main ? "is-main" : ""}` }, icon(mark), el("span", {}, words), el("input", { type: "file", accept: "image/*", class: "visually-hidden", onclick: startCompass, onchange: take, ...more }));
  const takers = [
    taker("camera", word("take_photo"), { main: true, capture: "environment", multiple: true, name: `${name}-camera` }),
    !plain && taker("film", word("take_film"), { accept: "video/*", capture: "environment", name: `${name}-film` }, takeFilm),
    !plain && canSpeak() && el("button", { type: "button", class: "f-taker", onclick: () => record((film) => busily(() => add(film))) }, icon("mic"), el("span", {}, word("take_voice"))),
    taker("photo", word("from_album"), { multiple: true, name: `${name}-album`, accept: plain ? "image/*" : "image/*,video/mp4" }),
  ];
  draw();
  return row;
}

/** A sheet that records until it is stopped. */
async function record(onFilm) {
  const time = el("p", { class: "f-record-time", role: "timer" }, "0");
  let recording;
  try {
    recording = await speak((seconds) => { time.textContent = word("seconds", { n: seconds }); });
  } catch {
    return toast(word("no_microphone"), "bad");
  }
  let keep = true;
  const { body, close } = sheet(word("take_voice"), { onclose: () => recording.stop() });
  show(body, el("p", {}, word("voice_hint")), time, el("button", { type: "button", class: "button primary wide f-big", onclick: close }, icon("check"), word("voice_done")), el("button", { type: "button", class: "button wide f-big", onclick: () => { keep = false; close(); } }, word("throw_away")));
  const blob = await recording.done;
  close();
  return keep && blob.size ? onFilm({ blob }) : undefined;
}
