// The stream of what happens elsewhere. It resumes where it ended, and says when it cannot be heard.

const SILENT_MS = 40_000;
const AGAIN_MS = 2_000;
const HIDDEN_MS = 60_000;

let overheard = false;

/**
 * Hears what the page's own stream tells, or opens one where the page has none: one for all who overhear.
 * `hear` gets what changed, `afresh` is called where that cannot be told.
 */
export function overhear(hear, afresh) {
  document.addEventListener("live", (event) => hear(event.detail));
  document.addEventListener("live-reset", afresh);
  if (overheard || document.querySelector("[data-listens]")) return;
  overheard = true;
  listen("", { state() {}, end() {} });
}

/**
 * Listens from `cursor` on. `on` has hello, change, positions, reset (each with the event's data) and state("on" | "off");
 * end() where the page need not be loaded again when the sign-in ends. What changed is told to the document, too ("live").
 */
export function listen(cursor, on) {
  let source;
  let silence;
  let hidden;

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(reopen, SILENT_MS);
    on.state("on");
  };

  function open() {
    source = new EventSource(`/live?since=${encodeURIComponent(cursor)}`);
    for (const name of ["hello", "change", "positions", "reset", "beat"]) {
      source.addEventListener(name, (event) => {
        heard();
        const told = JSON.parse(event.data);
        on[name]?.(told);
        if (name === "hello" || name === "change") document.dispatchEvent(new CustomEvent("live", { detail: told }));
        if (name === "reset") document.dispatchEvent(new CustomEvent("live-reset"));
        if (event.lastEventId) cursor = event.lastEventId;
      });
    }
    source.addEventListener("end", on.end ?? (() => location.reload()));
    source.onerror = () => {
      on.state("off");
      if (source.readyState === EventSource.CLOSED) setTimeout(reopen, AGAIN_MS);
    };
  }

  function reopen() {
    clearTimeout(silence);
    source?.close();
    on.state("off");
    open();
  }

  // A browser opens only a few connections to one host: pages that nobody looks at give theirs back after a while.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = setTimeout(() => { clearTimeout(silence); source.close(); source = null; }, HIDDEN_MS);
    else if (!source) reopen();
  });
  window.addEventListener("online", reopen);
  window.addEventListener("offline", () => on.state("off"));
  open();
}
