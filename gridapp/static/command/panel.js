// The task panel: opens tasks, keeps them fresh without losing what is being typed, photos and places for its forms.

import { toast, word } from "../app.js";
import { answered, asked } from "./asking.js";

const panel = document.getElementById("panel");
const viewer = document.getElementById("photo-dialog");

/** Several forms share field names; their ids are made different so that each label leads to its own field. */
function tellApart() {
  for (const form of panel.querySelectorAll(".action > form")) {
    const own = form.elements.action.value;
    for (const name of ["id", "for", "aria-describedby", "aria-controls", "hx-target"]) {
      for (const element of form.querySelectorAll(`[${name}]`)) {
        element.setAttribute(name, element.getAttribute(name).replace(/(^|\s|#)([fhwp])-(?!assignee-|photos-)/g, `$1$2-${own}-`));
      }
    }
  }
}

const isDirty = () => [...panel.querySelectorAll("form")].some((form) =>
  [...form.elements].some((field) => field.type !== "hidden" && (field.type === "radio" || field.type === "checkbox"
    ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? field.value && !field.selectedOptions[0]?.defaultSelected : (field.value ?? "") !== (field.defaultValue ?? ""))));

async function digest(blob) {
  const bytes = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function upload(file, goal) {
  if (!crypto.subtle) return toast(word("no_digest"), "bad");
  const sha256 = await digest(file);
  const answer = await fetch(`/api/v1/photos/${sha256}`, { method: "PUT", body: file, headers: { "Content-Type": file.type } });
  if (!answer.ok) return toast((await answer.json().catch(() => ({}))).detail ?? word("broken"), "bad");
  const image = Object.assign(new Image(56, 56), { src: `/api/v1/photos/${sha256}?size=thumb`, alt: "" });
  goal.append(image, Object.assign(document.createElement("input"), { type: "hidden", name: "photos", value: sha256 }));
  return toast(word("photo_sent"), "good");
}

function setPlace(box, lon, lat, accuracy, words) {
  box.querySelector('[name="lon"]').value = lon.toFixed(6);
  box.querySelector('[name="lat"]').value = lat.toFixed(6);
  box.querySelector('[name="accuracy"]').value = accuracy ? Math.round(accuracy) : "";
  box.querySelector("[data-place-words]").textContent = words;
  askSimilar();
}

/** What may be the same matter is offered before a call is filed, as soon as category and place are known. */
function askSimilar() {
  setTimeout(() => document.getElementById("report-similar") && window.htmx.trigger("#report-similar", "similar-asked"));
}

export function createPanel({ map, onOpen, onClose, showMap, showPanel }) {
  const shown = () => panel.querySelector("article[data-task]");

  const part = (path) => asked(path, { headers: { "HX-Request": "true" } });

  async function read(answer) {
    if (answer?.ok) return answer.text();
    toast(word(answer ? "gone" : "broken"), "bad");
    return null;
  }

  const fetchPanel = async (path) => read(await part(path).catch(() => null));

  function settle() {
    tellApart();
    window.htmx.process(panel);
    panel.hidden = false;
    const task = shown();
    map.setPin();
    onOpen(task?.dataset.task ?? null);
  }

  async function open(id, { push = true } = {}) {
    const text = await fetchPanel(`/command/tasks/${id}`);
    if (text === null) return;
    panel.innerHTML = text;
    panel.scrollTop = 0;
    if (push) history.pushState({ task: id }, "", `/command/tasks/${id}${location.search}`);
    settle();
    const { lon, lat } = shown().dataset;
    if (lon) map.show(Number(lon), Number(lat));
  }

  async function report() {
    panel.innerHTML = (await fetchPanel("/command/report")) ?? "";
    settle();
    panel.querySelector("input, textarea")?.focus();
  }

  function close({ push = true } = {}) {
    if (panel.hidden) return;
    panel.hidden = true;
    panel.replaceChildren();
    map.setPin();
    if (push) history.pushState({}, "", `/command${location.search}`);
    onClose();
  }

  /** The open task changed elsewhere: shows it as it is now; what is being typed stays. */
  async function refresh(id) {
    if (shown()?.dataset.task !== id) return;
    const text = await read(await answered(() => part(`/command/tasks/${id}`)));
    const fresh = text && new DOMParser().parseFromString(text, "text/html").querySelector("article");
    const now = shown();
    if (!fresh || now?.dataset.task !== id || Number(fresh.dataset.version) <= Number(now.dataset.version)) return;
    const typing = isDirty();
    const advice = now.querySelector("#task-advice");
    if (advice && !fresh.querySelector("#task-advice")) advice.remove();
    for (const part of [".task-head", "#task-facts", "#task-events", ...(typing ? [] : ["#task-actions"])]) {
      now.querySelector(part).replaceWith(fresh.querySelector(part));
    }
    now.dataset.version = fresh.dataset.version;
    if (typing) now.querySelector("#task-changed").hidden = false;
    else tellApart();
    window.htmx.process(panel);
  }

  panel.addEventListener("click", async (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at("[data-close-panel]")) close();
    if (at("[data-opens-task]")) {
      event.preventDefault();
      open(at("[data-opens-task]").dataset.opensTask);
    }
    if (at("[data-photo]")) {
      event.preventDefault();
      viewer.querySelector("img").src = at("[data-photo]").href;
      viewer.showModal();
    }
    if (at("[data-choose-assignee]")) {
      const { chooseAssignee: value, words } = at("[data-choose-assignee]").dataset;
      const form = panel.querySelector("#act-assign") ?? panel.querySelector("#act-transfer");
      const select = form.elements.assignee;
      if (![...select.options].some((option) => option.value === value)) select.append(new Option(words, value));
      select.value = value;
      form.closest("details").open = true;
      (form.elements.reason ?? form.querySelector("button[type=submit]")).focus();
    }
    if (at("[data-merge-into]")) {
      const form = [...panel.querySelectorAll(".action > form")].find((one) => one.elements.action.value === "merge");
      form.closest("details").open = true;
      form.elements.master.value = at("[data-merge-into]").dataset.mergeInto;
      form.querySelector("button[type=submit]").focus();
    }
    if (at("[data-show-place]")) {
      showMap();
      map.show(Number(shown().dataset.lon), Number(shown().dataset.lat));
    }
    if (at("[data-pin]")) {
      const box = at("[data-place]");
      showMap();
      const place = await map.pick();
      showPanel();
      if (!place) return;
      const [lon, lat] = place;
      map.setPin(lon, lat);
      setPlace(box, lon, lat, null, word("pinned", { lon: lon.toFixed(5), lat: lat.toFixed(5) }));
    }
    if (at("[data-here]")) {
      const box = at("[data-place]");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => setPlace(box, coords.longitude, coords.latitude, coords.accuracy, word("here", { accuracy: Math.round(coords.accuracy) })),
        () => toast(word("no_position"), "bad"),
        { enableHighAccuracy: true, timeout: 15_000 },
      );
    }
    if (at("[data-pick]") && at("[data-picker]")?.querySelector("#f-category")) {
      window.htmx.trigger("#report-fields", "category-picked");
      askSimilar();
    }
  });
  panel.addEventListener("change", (event) => {
    if (!event.target.matches("[data-uploads]")) return;
    const goal = event.target.closest("[data-photos]").querySelector("[data-sent]");
    for (const file of event.target.files) upload(file, goal);
    event.target.value = "";
  });
  // Of actions that share a name only one is open: the one that is replaced would close the one that comes with its faults.
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== panel || !detail.shouldSwap) return;
    for (const old of panel.querySelectorAll("details.action")) old.removeAttribute("name");
  });
  // The timing matters: the picker of the shared code puts the value in while the click is still under way.
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== panel || !panel.childElementCount) return;
    settle();
    panel.querySelector(".is-wrong :is(input, select, textarea)")?.focus();
  });
  document.body.addEventListener("task-acted", () => toast(word("acted"), "good"));
  document.body.addEventListener("task-filed", (event) => {
    toast(word("filed", event.detail), "good");
    open(event.detail.id);
  });
  window.addEventListener("popstate", () => {
    const id = location.pathname.match(/\/command\/tasks\/([0-9a-f-]{36})$/)?.[1];
    if (id) open(id, { push: false });
    else close({ push: false });
  });
  if (shown()) settle();
  return { open, close, refresh, report };
}
