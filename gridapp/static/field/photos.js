// Photos: taken or chosen, made small before they are kept, named by the digest of their bytes, and shown.

import { toast, word } from "../app.js";
import { picture } from "./api.js";
import { el, icon, sheet, show } from "./dom.js";

const LONG_SIDE = 2048;
const QUALITY = 0.8;
const MOST = 20;

/** The picture upright as a JPEG of at most 2,048 px; what this browser cannot read goes as it is. */
async function shrink(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!image) return file;
  const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
  const canvas = el("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob ?? file;
}

async function digest(blob) {
  const bytes = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A row of photos with a camera and an album; `list` holds {sha256, blob} and is what is sent. */
export function photoPicker(list, { name, onchange = () => {} }) {
  const row = el("div", { class: "f-photos" });
  const draw = () => {
    show(row, list.map(thumb), takers);
    onchange();
  };
  const thumb = (photo) => {
    photo.url ??= URL.createObjectURL(photo.blob);
    const remove = el("button", { type: "button", class: "f-photo-remove", "aria-label": word("remove_photo"), onclick: () => {
      list.splice(list.indexOf(photo), 1);
      draw();
    } }, icon("close"));
    return el("figure", { class: "f-photo" }, el("img", { src: photo.url, alt: word("photo") }), remove);
  };
  const take = async (event) => {
    const files = [...event.target.files];
    event.target.value = "";
    if (!crypto.subtle) return toast(word("needs_https"), "bad");
    row.setAttribute("aria-busy", "true");
    for (const file of files.slice(0, MOST - list.length)) {
      const blob = await shrink(file);
      const sha256 = await digest(blob);
      if (!list.some((photo) => photo.sha256 === sha256)) list.push({ sha256, blob });
    }
    row.removeAttribute("aria-busy");
    return draw();
  };
  const taker = (mark, words, more) => el("label", { class: "f-taker" }, icon(mark), el("span", {}, words), el("input", { type: "file", accept: "image/*", class: "visually-hidden", multiple: true, onchange: take, ...more }));
  const takers = [taker("camera", word("take_photo"), { capture: "environment", name: `${name}-camera` }), taker("photo", word("from_album"), { name: `${name}-album` })];
  draw();
  return row;
}

/** Small pictures of what the server has; a tap shows one large. */
export function thumbs(photos, words) {
  return el("div", { class: "f-photos" }, photos.map(({ sha256 }) => {
    const image = el("img", { alt: words, class: "is-waiting" });
    picture(sha256).then((address) => {
      image.src = address;
      image.classList.remove("is-waiting");
    }, () => image.replaceWith(el("span", { class: "f-photo-missing" }, word("photo_not_here"))));
    return el("button", { type: "button", class: "f-photo", onclick: () => large(sha256, words) }, image);
  }));
}

function large(sha256, words) {
  const { body } = sheet(words, { whole: true });
  const image = el("img", { alt: words, class: "f-large" });
  picture(sha256, "screen").then((address) => { image.src = address; }, () => show(body, el("p", { class: "muted" }, word("photo_not_here"))));
  show(body, image);
}
