// The publish dialog: what the plan brings about in numbers, and from when on it shall hold.

import { ask, word } from "../app.js";
import { areaWords, countWords, make, nameOf, refuseIn } from "./panel.js";

export function createPublishing({ path, send, onDone }) {
  const dialog = document.getElementById("publish");
  const form = document.getElementById("publish-form");
  if (!form) return { open() {} };
  const refusal = document.getElementById("publish-refusal");
  const later = form.querySelector("[data-later]");

  function showImpact(impact) {
    const fact = (name, value) => make("div", {}, make("dd", { textContent: value }), make("dt", { textContent: word(name) }));
    document.getElementById("impact").replaceChildren(
      fact("grids_changed", countWords(impact.grids.length)),
      fact("households_moved", countWords(impact.households)),
      fact("tasks_moved", countWords(impact.tasks)),
      fact("workers_changed", impact.workers.join(document.documentElement.lang === "en" ? ", " : "、") || word("nobody")),
    );
    const cell = (name, text) => {
      const made = make("td", { className: "number nowrap", textContent: text });
      made.dataset.label = word(name);
      return made;
    };
    const rows = impact.grids.map((grid) =>
      make("tr", {},
        make("td", { className: "lead", textContent: nameOf(grid) }),
        cell("households", `${countWords(grid.households_before)} → ${countWords(grid.households)}`),
        cell("area", `${areaWords(grid.area_before_m2)} → ${areaWords(grid.area_m2)}`),
        cell("tasks", grid.tasks_in || grid.tasks_out ? `+${grid.tasks_in} −${grid.tasks_out}` : "–"),
      ),
    );
    document.getElementById("impact-grids").replaceChildren(...rows);
  }

  function startOf() {
    if (form.elements.when.value === "now") return null;
    const typed = new Date(form.elements.start.value);
    if (Number.isNaN(typed.getTime())) throw Object.assign(new Error(word("start_missing")), { problem: {} });
    return typed.toISOString();
  }

  form.addEventListener("change", () => {
    later.hidden = form.elements.when.value === "now";
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [button] = form.getElementsByClassName("primary");
    button.disabled = true;
    try {
      const seen = await send("publish", { effective_from: startOf() });
      sessionStorage.setItem("published", seen.plan.id);
      onDone();
    } catch (error) {
      refuseIn(refusal, error);
    } finally {
      button.disabled = false;
    }
  });

  return {
    async open() {
      refuseIn(refusal, null);
      dialog.showModal();
      try {
        showImpact(await ask(`${path}/impact`));
      } catch (error) {
        refuseIn(refusal, error);
      }
    },
  };
}
