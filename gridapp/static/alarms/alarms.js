// The alarm banner over every page: it appears without a sound within a second, and stays until somebody takes care.

import { overhear } from "../command/live.js";

const box = document.getElementById("alarms");
const title = document.title;

function mark() {
  const count = box.querySelectorAll("[data-alarm]").length;
  document.title = count ? `‼ ${title}` : title;
  document.body.classList.toggle("has-alarm", count > 0);
}

/** What is being typed stays: the banner is drawn again only where the alarms in it are others. */
async function refresh() {
  const answer = await fetch("/alarms", { headers: { "HX-Request": "true", Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  const shown = (root) => [...root.querySelectorAll("[data-alarm]")].map((one) => one.dataset.alarm).join();
  if (shown(fresh) === shown(box)) return;
  box.replaceChildren(...fresh.childNodes);
  window.htmx.process(box);
  mark();
}

const heard = (news) => {
  if (news.some((one) => one.kind === "alarm")) refresh();
};

overhear(heard, refresh);
refresh();
box.addEventListener("click", (event) => {
  const place = event.target.closest("[data-alarm-place]");
  if (!place) return;
  const { lon, lat } = place.dataset;
  const shown = new CustomEvent("show-place", { detail: [Number(lon), Number(lat)], cancelable: true });
  if (document.dispatchEvent(shown)) location.assign(`/command#${lon},${lat}`);
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === box) mark();
});
// A refusal comes with its banner: it is shown, not thrown away.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target === box && event.detail.xhr.status === 409) event.detail.shouldSwap = true;
});
mark();
