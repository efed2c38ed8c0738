// Photos, films and spoken notes that the server has: small in a row, large at a tap, before and after side by side.

import { word } from "../../app.js";
import { picture, pictureKind } from "../api.js";
import { el, icon, sheet, show } from "../dom.js";

const missing = () => el("span", { class: "f-photo-missing" }, word("photo_not_here"));

/** A tile of a photo; of a film a mark, for films have no small picture. */
function tile(sha256, words) {
  const image = el("img", { alt: words, class: "is-waiting" });
  const button = el("button", { type: "button", class: "f-photo", onclick: () => large(sha256, words) }, image);
  picture(sha256).then((address) => {
    image.src = address;
    image.classList.remove("is-waiting");
  }, (error) => {
    const film = error.status === 404;
    show(button, film ? [icon("film"), el("span", { class: "f-photo-missing" }, word("film_or_later"))] : missing());
  });
  return button;
}

/** Small pictures of what the server has; a tap shows one large. */
export const thumbs = (photos, words) => el("div", { class: "f-photos" }, photos.map(({ sha256 }) => tile(sha256, words)));

async function large(sha256, words) {
  const { body } = sheet(words, { whole: true });
  try {
    const address = await picture(sha256, "screen");
    const film = pictureKind(sha256, "screen").startsWith("video/");
    show(body, film ? el("video", { src: address, controls: true, playsinline: true, class: "f-large" }) : el("img", { src: address, alt: words, class: "f-large" }));
  } catch {
    show(body, el("p", { class: "muted" }, word("photo_not_here")));
  }
}

/** Before and after side by side, pair by pair. */
export function sideBySide(before, after) {
  const column = (photos, words) => el("div", { class: "stack" }, el("h3", {}, words), photos.map(({ sha256 }) => tile(sha256, words)));
  return el("div", { class: "f-sides f-before-after" }, column(before, word("photos_before")), column(after, word("photos_after")));
}
