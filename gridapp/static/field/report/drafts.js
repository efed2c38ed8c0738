// Reports that were begun and not sent: kept on the phone as they are written, sealed, with what was taken.

import { openBytes, seal, sealBytes, unseal } from "../core/seal.js";
import { read, write } from "../core/store.js";
import { catalogue } from "../catalogue.js";
import { isBegun } from "./form.js";

/** A photo of a draft, shut and opened again. */
export const shutPhoto = async (photo) => {
  photo.shut ??= await sealBytes(await photo.blob.arrayBuffer());
  return { sha256: photo.sha256, type: photo.blob.type, taken: await seal(photo.facts ?? {}), sealed: photo.shut };
};
export const openPhoto = async ({ sha256, type, taken, sealed }) => ({ sha256, facts: taken ? await unseal(taken) : {}, blob: new Blob([await openBytes(sealed)], { type }) });

/** Keeps a form as it stands; an empty one is not kept. */
export async function saveDraft(person, form) {
  if (!isBegun(form)) return dropDraft(form.id);
  const { photos, spot, category, problem: _, ...rest } = form;
  const shut = await seal({ ...rest, category: category?.code ?? null, spot: { ...spot, photos: [] } });
  const record = { id: form.id, person, at: Date.now(), sealed: shut, photos: await Promise.all(photos.map(shutPhoto)), after: await Promise.all(spot.photos.map(shutPhoto)) };
  return write("drafts", (drafts) => drafts.put(record));
}

export const dropDraft = (id) => write("drafts", (drafts) => drafts.delete(id));

/** The drafts of a person as forms, newest first; those that another key shut are left where they are. */
export async function draftsOf(person) {
  const all = (await read("drafts", (drafts) => drafts.getAll())).filter(({ person: whose, kind }) => whose === person && !kind).sort((a, b) => b.at - a.at);
  if (!all.length) return [];
  const { minors } = await catalogue();
  const opened = await Promise.all(all.map(async ({ sealed, photos, after, at }) => {
    try {
      const form = await unseal(sealed);
      return { ...form, at, category: minors.get(form.category) ?? null, photos: await Promise.all(photos.map(openPhoto)), spot: { ...form.spot, photos: await Promise.all(after.map(openPhoto)) } };
    } catch {
      return null;
    }
  }));
  return opened.filter(Boolean);
}
