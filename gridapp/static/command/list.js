// The list of tasks: filters, further pages while scrolling, rows that come, change and go by themselves.

import { word } from "../app.js";
import { asked } from "./asking.js";

const list = document.getElementById("tasks");
const filters = document.getElementById("filters");
const told = document.getElementById("new-below");
const MOST_AGAIN = 100;
const LOOK_MS = 10_000;
const FILED = "1"; // the version of a task to which nothing happened yet

/** The filters as the server takes them. */
export function query(extra = {}) {
  const words = new URLSearchParams();
  for (const [name, value] of new FormData(filters)) if (value) words.set(name, value);
  for (const [name, value] of Object.entries(extra)) words.set(name, value);
  return words;
}

async function fetchList(extra, signal) {
  const answer = await asked(`/command/list?${query(extra)}`, { signal });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function takeCounts(page) {
  const counts = page.getElementById("counts");
  if (!counts) return;
  document.getElementById("counts").replaceChildren(...counts.childNodes);
  document.querySelector('[data-count="overdue"]').textContent = document.querySelector("#counts [data-overdue]").dataset.overdue;
}

const newestFirst = () => filters.elements.newest.checked;
const rank = ({ dataset }) => (newestFirst() ? [-dataset.number] : [Number(dataset.ended), Date.parse(dataset.at), dataset.task]);

function before(a, b) {
  const [x, y] = [rank(a), rank(b)];
  const differs = x.findIndex((part, i) => part !== y[i]);
  return differs >= 0 && x[differs] < y[differs];
}

/** Marks what is past its due time now, with no word from the server; gives back the tasks that were not before. */
function markOverdue() {
  const late = [...list.querySelectorAll("[data-due]:not([data-overdue])")].filter(({ dataset }) => Date.parse(dataset.due) < Date.now());
  for (const row of late) row.toggleAttribute("data-overdue", true);
  return late.map(({ dataset }) => dataset.task);
}

export function createList({ onFilter, onOpen }) {
  let running;
  let open = null;
  const below = new Set(); // tasks that were filed since, on pages of the list that are not here yet
  list.dataset.empty = JSON.parse(document.getElementById("words-command").textContent).none;

  async function reload() {
    running?.abort();
    running = new AbortController();
    try {
      const page = await fetchList({}, running.signal);
      list.replaceChildren(...page.getElementById("tasks").childNodes);
      takeCounts(page);
      below.clear();
      settle();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  async function more(stub) {
    const page = await fetchList({ after: stub.dataset.next });
    if (stub.isConnected) stub.replaceWith(...page.getElementById("tasks").childNodes);
    settle();
  }

  /** Asks again for tasks that changed; gives back the rows that the filters still show. */
  async function again(ids) {
    if (ids.length > MOST_AGAIN) {
      await reload();
      return [...list.querySelectorAll("[data-task]")].filter((row) => ids.includes(row.dataset.task));
    }
    const page = await fetchList({ ids: ids.join(",") });
    takeCounts(page);
    const rows = [...page.querySelectorAll("#tasks > [data-task]")];
    for (const id of ids) document.getElementById(`task-${id}`)?.remove();
    for (const row of rows) insert(row);
    for (const row of rows) if (!list.contains(row) && row.dataset.version === FILED) below.add(row.dataset.task);
    settle();
    return rows;
  }

  function insert(row) {
    const next = [...list.children].find((other) => !other.dataset.task || before(row, other));
    if (next && !next.dataset.task) return; // belongs to a page that is not fetched yet
    row.classList.add("is-new");
    list.insertBefore(row, next ?? null);
  }

  function remove(ids) {
    ids.forEach((id) => below.delete(id));
    for (const id of ids) document.getElementById(`task-${id}`)?.remove();
    settle();
  }

  /** Says how many new ones lie below what is here, and shows them when it is pressed. */
  function tellBelow() {
    for (const id of below) if (document.getElementById(`task-${id}`)) below.delete(id);
    told.hidden = !below.size;
    told.textContent = below.size ? word("new_below", { count: below.size }) : "";
  }

  function settle() {
    markOverdue();
    tellBelow();
    mark(open);
    if (!list.querySelector("li")) list.replaceChildren();
    const stub = list.querySelector("[data-next]");
    if (stub) seen.observe(stub);
  }

  function mark(id) {
    open = id;
    for (const row of list.querySelectorAll(".is-open")) row.classList.remove("is-open");
    if (id) document.getElementById(`task-${id}`)?.classList.add("is-open");
  }

  function step(by) {
    const links = [...list.querySelectorAll(".command-row > a")];
    const at = links.indexOf(document.activeElement);
    const from = at >= 0 ? at : links.findIndex((link) => link.parentElement.classList.contains("is-open"));
    const goal = links[Math.max(0, Math.min(links.length - 1, from + by))];
    goal?.focus();
    goal?.scrollIntoView({ block: "nearest" });
  }

  function filtered() {
    const words = query();
    history.replaceState(history.state, "", `${location.pathname}${words.size ? `?${words}` : ""}`);
    reload();
    onFilter();
  }

  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      more(entry.target);
    }
  }, { root: list, rootMargin: "300px" });

  told.addEventListener("click", () => {
    filters.elements.newest.checked = true;
    filtered();
  });
  let typing;
  filters.addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(filtered, event.target.type === "search" ? 300 : 0);
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("counts").addEventListener("click", (event) => {
    const stage = event.target.closest("[data-stage]")?.dataset.stage;
    if (!stage) return;
    const field = filters.elements.stage;
    field.value = field.value === stage ? "" : stage;
    filtered();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-task]");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    onOpen(row.dataset.task);
  });
  setInterval(() => {
    const late = markOverdue();
    if (late.length) again(late).catch(() => {});
  }, LOOK_MS);
  settle();
  return { reload, again, remove, mark, step };
}
