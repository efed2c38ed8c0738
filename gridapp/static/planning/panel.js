// Beside the map: the level drawn, the grid chosen, what is wrong, all grids. Words from the server enter as text only.

import { word } from "../app.js";

const english = document.documentElement.lang === "en";
const numbers = new Intl.NumberFormat(document.documentElement.lang);
const byId = (id) => document.getElementById(id);
export const nameOf = (thing) => (english && thing.name_en) || thing.name;

/** An element with properties and children; text is never read as HTML. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

/** Square metres as people say them. */
export function areaWords(squareMetres) {
  if (squareMetres >= 100_000) return `${numbers.format(Math.round(squareMetres / 1000) / 1000)} km²`;
  return `${numbers.format(squareMetres >= 10 ? Math.round(squareMetres) : Math.round(squareMetres * 100) / 100)} m²`;
}

export const countWords = (count) => (count === null ? "–" : numbers.format(count));

/** Shows a refusal in a box; null clears it. */
export function refuseIn(box, error) {
  box.hidden = !error;
  box.replaceChildren();
  if (!error) return;
  const fields = Object.values(error.problem?.errors ?? {}).map((field) => field.detail);
  const text = [error.problem ? error.message : word("offline"), ...fields].join(" ");
  box.append(make("div", { className: "alert", role: "alert" }, make("p", { textContent: text })));
  box.scrollIntoView({ block: "nearest" });
}

function fitBadge(fit) {
  if (!fit) return null;
  return make("span", { className: `badge ${fit === "enough" ? "is-good" : "is-warn"}`, textContent: word(fit) });
}

function findingWords(finding) {
  const names = english ? finding.names_en : finding.names;
  const size = finding.area_m2 ? areaWords(finding.area_m2) : finding.length_m ? `${numbers.format(Math.round(finding.length_m))} m` : "";
  return [names.join(english ? ", " : "、"), size].filter(Boolean).join(" · ");
}

export function createPanel({ onChoose, onFly, onStepDown }) {
  function showPath(above) {
    const parts = above.map((grid, at) =>
      at === above.length - 1
        ? make("span", { textContent: nameOf(grid) })
        : make("button", { type: "button", className: "button quiet small", textContent: nameOf(grid), onclick: () => onStepDown(grid.id) }),
    );
    byId("path").replaceChildren(...parts.flatMap((part, at) => (at ? [make("span", { className: "muted", textContent: "›" }), part] : [part])));
  }

  function showChosen(grid) {
    const box = byId("chosen");
    if (!grid) {
      box.replaceChildren(make("p", { className: "muted", textContent: word("none_chosen") }));
      return;
    }
    const { properties } = grid;
    const fact = (name, ...values) => [make("dt", { textContent: word(name) }), make("dd", {}, ...values)];
    const facts = make("dl", { className: "facts" },
      ...fact("code", make("span", { className: "mono", textContent: properties.code })),
      ...fact("households", `${countWords(properties.households)} `, fitBadge(properties.fit)),
      ...fact("area", areaWords(properties.area_m2)),
    );
    const below = properties.children
      ? make("button", { type: "button", className: "button small", textContent: word("below", { count: properties.children }), onclick: () => onStepDown(grid.id) })
      : null;
    box.replaceChildren(make("h2", { textContent: nameOf(properties) }), facts, ...(below ? [below] : []));
  }

  function showFindings(findings) {
    if (!byId("findings")) return;
    const faults = findings.filter((finding) => finding.blocking).length;
    const count = byId("findings-count");
    count.textContent = findings.length;
    count.className = `badge ${faults ? "is-overdue" : findings.length ? "is-warn" : "is-good"}`;
    const items = findings.map((finding) =>
      make("li", {},
        make("button", { type: "button", className: finding.blocking ? "finding is-fault" : "finding", onclick: () => finding.geometry && onFly(finding.geometry) },
          make("span", { textContent: word(`finding_${finding.kind}`, finding) }),
          make("span", { className: "muted", textContent: findingWords(finding) }),
        ),
      ),
    );
    byId("findings").replaceChildren(...(items.length ? items : [make("li", { className: "muted planning-none", textContent: word("no_findings") })]));
  }

  function showGrids(grids, chosen) {
    const items = grids.map(({ id, properties }) => {
      const button = make("button", { type: "button", className: "planning-grid", onclick: () => onChoose(id) },
        make("span", { className: "row between" },
          make("span", { textContent: nameOf(properties) }),
          properties.changed ? make("span", { className: "badge is-info", textContent: word("redrawn") }) : "",
        ),
        make("span", { className: "row muted" },
          make("span", { textContent: `${word("households")} ${countWords(properties.households)}` }),
          fitBadge(properties.fit),
          make("span", { textContent: areaWords(properties.area_m2) }),
        ),
      );
      if (id === chosen) button.setAttribute("aria-current", "true");
      return make("li", {}, button);
    });
    byId("grids").replaceChildren(...(items.length ? items : [make("li", { className: "muted planning-none", textContent: word("no_grids") })]));
  }

  return {
    show(seen, chosen) {
      showPath(seen.above);
      showChosen(seen.grids.features.find((grid) => grid.id === chosen));
      showFindings(seen.findings);
      showGrids(seen.grids.features, chosen);
      if (seen.overtaken) {
        const gaps = { plan: seen.overtaken.plan, grid: english ? seen.overtaken.grid_en : seen.overtaken.grid };
        refuseIn(byId("refusal"), { message: word("overtaken", gaps), problem: {} });
      }
    },
    refuse: (error) => refuseIn(byId("refusal"), error),
  };
}
