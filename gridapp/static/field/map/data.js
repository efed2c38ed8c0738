// The offline map: my grid with its neighbours, streets and buildings around; kept on the phone, asked for again by its entity tag.

import { ask, call, isNoNetwork, patiently } from "../api.js";
import { seal, unseal } from "../core/seal.js";
import { keep, kept } from "../core/store.js";
import { boxOf, holds, metresFrom } from "./project.js";

const SOURCES = { grids: "/grids/mine", basemap: "/basemap/mine" };
const LEVELS = ["district", "street", "community", "group", "building"];
const NOT_THERE = 404;
const loaded = {};
const fresh = new Set();
const asked = new Map(); // what is under way: whoever wants the same waits for it

async function fromPhone(name) {
  const known = await kept(name);
  return known && unseal(known.sealed).then((document) => ({ etag: known.etag, document }), () => null);
}

/** Asks the server for a part of the map; resolves to its features, or to null where it is as the phone has it. */
function renewPart(name, known) {
  if (!asked.has(name)) asked.set(name, askFor(name, known).finally(() => asked.delete(name)));
  return asked.get(name);
}

async function askFor(name, known) {
  const answer = await call(SOURCES[name], { headers: known ? { "If-None-Match": known.etag } : {}, fine: [304, NOT_THERE] });
  fresh.add(name);
  if (answer.status !== 200) return null;
  const document = await answer.json();
  await keep(name, { etag: answer.headers.get("ETag"), sealed: await seal(document) });
  return prepared(document);
}

const prepared = ({ features }) => features.filter(({ geometry }) => geometry).map((feature) => ({ ...feature, box: boxOf(feature.geometry) }));

async function load(name) {
  const known = await fromPhone(name);
  if (known) return prepared(known.document);
  const found = await renewPart(name, null);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** Features of a part of the map: "grids" or "basemap"; none where neither phone nor network has them. */
export function features(name) {
  loaded[name] ??= load(name).catch(() => {
    loaded[name] = undefined;
    return [];
  });
  return loaded[name];
}

/** Has everything of the map on the phone, for when there is no network. */
export async function renewMap({ again = false } = {}) {
  if (again) await Promise.allSettled(asked.values());
  if (again) fresh.clear();
  for (const name of Object.keys(SOURCES)) {
    if (fresh.has(name)) continue;
    const known = await fromPhone(name);
    const found = await patiently(() => (fresh.has(name) ? null : renewPart(name, known))).catch(() => null); // its turn may come late
    if (found) loaded[name] = Promise.resolve(found);
  }
}

/** Forgets what was read: another person's map, or one from before a redraw. */
export function forgetMap() {
  for (const name of Object.keys(SOURCES)) loaded[name] = undefined;
  fresh.clear();
}

/** The grids of the phone's map that hold a place, the largest first. */
export async function gridsAt(place) {
  const found = (await features("grids")).filter(({ geometry }) => holds(geometry, place));
  return found.map(({ id, properties }) => ({ id, ...properties })).sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

/** How many metres a place lies outside of my own grid; 0 inside, null where the phone knows no grid. */
export async function metresFromOwn(place) {
  const own = (await features("grids")).filter(({ properties }) => properties.part === "own");
  return own.length ? Math.min(...own.map(({ geometry }) => metresFrom(geometry, place))) : null;
}

/** The building of the base map at a place, or null. */
export async function buildingAt(place) {
  const found = (await features("basemap")).find(({ properties, geometry, box }) => properties.layer === "building" && box[0] <= place.lon && place.lon <= box[2] && holds(geometry, place));
  return found?.properties ?? null;
}

/** Which grids hold a place: the server's word, without a network what the phone's own map says. */
export async function locate({ lon, lat, accuracy }) {
  try {
    return await ask(`/locate?${new URLSearchParams({ lon, lat, ...(accuracy ? { accuracy: Math.round(accuracy) } : {}) })}`);
  } catch (error) {
    if (!isNoNetwork(error)) throw error;
    const chain = await gridsAt({ lon, lat });
    if (!chain.length) throw error;
    return { chain, nearest: null, offline: true };
  }
}
