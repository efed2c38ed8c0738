// What every page shares: words, toasts, problems, keys, dialogs, pickers. Pages import from here.

const words = {};
for (const block of document.querySelectorAll('script[type="application/json"][id^="words"]')) {
  Object.assign(words, JSON.parse(block.textContent));
}

/** The reader's word for a key of the page's JSON blocks (#words, #words-…), with {gaps} filled. */
export function word(key, gaps = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => gaps[name] ?? "");
}

/** Shows a line for a while; kind is "bad", "good", "ask" or nothing. A bad one and one that asks stay until closed. */
export function toast(text, kind = "") {
  const box = document.createElement("div");
  box.className = `toast ${kind ? `is-${kind}` : ""}`;
  if (kind === "bad") box.setAttribute("role", "alert");
  const line = document.createElement("span");
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "✕";
  close.setAttribute("aria-label", word("close"));
  close.addEventListener("click", () => box.remove());
  box.append(line, close);
  document.getElementById("toasts").append(box);
  if (kind !== "bad" && kind !== "ask") setTimeout(() => box.remove(), 6000);
  return box;
}

/** A refusal of the server: its status and its problem document. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? word("broken"));
    this.status = status;
    this.problem = problem;
  }
}

/** Asks the server for JSON. Throws Refused for a problem, TypeError without a connection. */
export async function ask(path, { method = "GET", json, body, headers = {}, signal } = {}) {
  const lang = document.documentElement.lang;
  const answer = await fetch(path, {
    method,
    signal,
    body: json === undefined ? body : JSON.stringify(json),
    headers: {
      Accept: "application/json",
      "Accept-Language": lang,
      ...(json === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
  });
  if (answer.status === 401) leaveToSignIn();
  const text = await answer.text();
  const told = /json/.test(answer.headers.get("Content-Type") ?? "") && text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refused(answer.status, told ?? {});
  return told;
}

/** Tells a failure of ask() as a toast and gives it back, so that callers may look at it. */
export function tell(error) {
  if (error.name === "AbortError") return error;
  const fields = Object.values(error.problem?.errors ?? {}).map((field) => field.detail);
  toast(error instanceof Refused ? [error.message, ...fields].join(" ") : word("offline"), "bad");
  return error;
}

/** Sends the person to sign in and back here. */
export function leaveToSignIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Binds single keys outside of inputs, e.g. keys({"/": focusSearch, j: next}). Gives back the unbinder. */
export function keys(bindings) {
  const listen = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input, select, textarea, [contenteditable], dialog[open]")) return;
    const act = bindings[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}

function speakHtmx() {
  const progress = document.createElement("div");
  progress.className = "progress";
  document.body.append(progress);
  const body = document.body;
  body.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers.Accept = "text/html";
  });
  body.addEventListener("htmx:beforeRequest", () => progress.classList.add("is-on"));
  body.addEventListener("htmx:afterRequest", () => progress.classList.remove("is-on"));
  body.addEventListener("htmx:sendError", () => toast(word("offline"), "bad"));
  // A form that comes back with its faults is swapped in; a bare problem is told as a toast and nothing is swapped.
  body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status < 400) return;
    if (xhr.status === 401) leaveToSignIn();
    const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
    if (answer.querySelector("form")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      return;
    }
    event.detail.shouldSwap = false;
    toast(answer.querySelector("[data-problem]")?.textContent.trim() || word("broken"), "bad");
  });
}

/** Browsers since 2025 open what a button commands, also before the scripts are there; older ones are helped. */
function openDialogs() {
  const opensByItself = "commandForElement" in HTMLButtonElement.prototype;
  document.addEventListener("click", (event) => {
    const opener = opensByItself ? null : event.target.closest("[command='show-modal']");
    if (opener) document.getElementById(opener.getAttribute("commandfor")).showModal();
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
  });
}

/** What was typed before the scripts were there is looked up once they are. */
function lookUpWhatIsTyped() {
  const typed = () => {
    for (const input of document.querySelectorAll("[data-picker] input")) {
      if (input.value !== input.defaultValue) input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  document.addEventListener("DOMContentLoaded", () => setTimeout(typed));
}

function pickFromLists() {
  const close = (picker) => {
    picker.querySelector(".picker-list").replaceChildren();
    picker.querySelector("input").setAttribute("aria-expanded", "false");
  };
  document.addEventListener("click", (event) => {
    const option = event.target.closest("[data-pick]");
    const own = event.target.closest("[data-picker]");
    for (const picker of document.querySelectorAll("[data-picker]")) if (picker !== own) close(picker);
    if (!option || !own) return;
    own.querySelector("input").value = own.dataset.picked = option.dataset.pick;
    own.querySelector("[data-picker-words]").textContent = option.dataset.words;
    close(own);
    own.querySelector("input").focus();
  });
  document.addEventListener("keydown", (event) => {
    const picker = event.target.closest?.("[data-picker]");
    if (!picker) return;
    const options = [...picker.querySelectorAll("[data-pick]")];
    if (event.key === "Escape" && options.length) {
      event.preventDefault();
      close(picker);
      picker.querySelector("input").focus();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const at = options.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (options[at] ?? picker.querySelector("input")).focus();
  });
  // A list covers what comes next: it goes when its field is left, and an answer that comes after the choice opens none.
  const isPicked = (picker) => picker.dataset.picked === picker.querySelector("input").value;
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-pick]")) event.preventDefault();
  });
  document.addEventListener("focusout", (event) => {
    const own = event.target.closest?.("[data-picker]");
    if (own && !own.contains(event.relatedTarget)) close(own);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const picker = event.target.closest?.("[data-picker]");
    if (!picker) return;
    if (isPicked(picker) || !picker.contains(document.activeElement)) close(picker);
    else picker.querySelector("input").setAttribute("aria-expanded", String(event.target.childElementCount > 0));
  });
}

function closeWhenAnswered() {
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-then-closes]");
    if (!form || !event.detail.successful) return;
    form.reset();
    form.closest("dialog").close();
  });
}

function askBeforeSubmit() {
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
    else event.target.setAttribute("aria-busy", "true");
  });
}

/** Who changes the language comes back to what is open now, which the page's address tells since it was made. */
function comeBackHere() {
  document.querySelector(".bar-lang")?.addEventListener("submit", ({ target }) => {
    target.elements.next.value = location.pathname + location.search;
  });
}

function showWhereOneIs() {
  for (const here of document.querySelectorAll(".bar-places [aria-current], .tabs [aria-current]")) {
    here.scrollIntoView({ block: "nearest", inline: "center" });
  }
}

speakHtmx();
showWhereOneIs();
openDialogs();
pickFromLists();
lookUpWhatIsTyped();
closeWhenAnswered();
askBeforeSubmit();
comeBackHere();
keys({ "/": () => document.querySelector('input[type="search"]')?.focus() });
