// Drafts that were laid aside, above the form: taken up again or thrown away.

import { word } from "../../app.js";
import { button, el, sheet, show } from "../dom.js";
import { session } from "../session.js";
import { ago, named } from "../text.js";
import { draftsOf, dropDraft } from "./drafts.js";

/** A line that opens the list; nothing where there is no other draft. `onChosen` gets the form. */
export async function draftsPart(box, form, onChosen) {
  const others = (await draftsOf(session.me?.id).catch(() => [])).filter(({ id }) => id !== form.id);
  if (!others.length) return show(box);
  const open = () => {
    const { body, close } = sheet(word("drafts", { n: others.length }));
    const line = (draft) => el(
      "li",
      { class: "f-unsent" },
      el("div", {}, el("b", {}, named(draft.category) || word("no_category_yet")), " ", draft.words.slice(0, 40), el("span", { class: "muted" }, ` ${ago(new Date(draft.at).toISOString())} · ${word("n_photos", { n: draft.photos.length })}`)),
      el("div", { class: "f-pair" }, button(word("go_on"), () => { close(); onChosen(draft); }, { kind: "primary", mark: "edit" }), button(word("throw_away"), async () => { await dropDraft(draft.id); close(); draftsPart(box, form, onChosen); }, { kind: "danger" })),
    );
    show(body, el("ul", { class: "f-list" }, others.map(line)));
  };
  return show(box, button(word("drafts", { n: others.length }), open, { kind: "wide f-big", mark: "edit", id: "drafts" }));
}
