// A second copy of what waits, in the browser's other store: should the database be lost, what the page called saved is not.
// It is sealed like the first; a thing that was sent meanwhile is sent again under its own id, which changes nothing.

const NAME = "outbox-mirror";
const ROOM_LEFT = 0.2;
const there = () => "caches" in globalThis;
const address = (person, id, part) => `/field/mirror/${person}/${id}/${part}`;

async function roomy() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return !quota || usage / quota < 1 - ROOM_LEFT;
}

const base64 = (buffer) => {
  const bytes = new Uint8Array(buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
};
const bytesOf = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;

const asText = ({ key, iv, data, plain }) => (iv ? { key, iv: base64(iv), data: base64(data) } : { plain: base64(plain) });
const fromText = ({ key, iv, data, plain }) => (iv ? { key, iv: new Uint8Array(bytesOf(iv)), data: bytesOf(data) } : { plain: bytesOf(plain) });

function packed({ sealed, facts, ...rest }) {
  const said = { ...rest, ...(facts ? { facts: asText(facts) } : {}), sealed: { key: sealed.key, iv: sealed.iv && base64(sealed.iv) } };
  return new Response(sealed.data ?? sealed.plain, { headers: { "X-Facts": base64(new TextEncoder().encode(JSON.stringify(said))) } });
}

async function unpacked(answer) {
  const { facts, ...said } = JSON.parse(new TextDecoder().decode(bytesOf(answer.headers.get("X-Facts"))));
  const { key, iv } = said.sealed;
  const bytes = await answer.arrayBuffer();
  return { ...said, ...(facts ? { facts: fromText(facts) } : {}), sealed: iv ? { key, iv: new Uint8Array(bytesOf(iv)), data: bytes } : { plain: bytes } };
}

/** Copies an item and its photos, where there is room; a failure is no failure of the first copy. */
export async function mirror(item, photos) {
  if (!there() || !(await roomy().catch(() => false))) return;
  try {
    const cache = await caches.open(NAME);
    for (const photo of photos) await cache.put(address(item.person, item.id, photo.sha256), packed(photo));
    await cache.put(address(item.person, item.id, "item"), packed(item));
  } catch {
    await unmirror(item).catch(() => {});
  }
}

/** Drops the copy of an item. */
export async function unmirror({ person, id }) {
  if (!there()) return;
  const cache = await caches.open(NAME);
  const mine = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith(address(person, id, "")));
  await Promise.all(mine.map((request) => cache.delete(request)));
}

/** Drops every copy. */
export const dropMirror = async () => there() && caches.delete(NAME);

/** Everything copied: `{items, photos}`. */
export async function mirrored() {
  const found = { items: [], photos: [] };
  if (!there()) return found;
  const cache = await caches.open(NAME);
  for (const request of await cache.keys()) {
    const thing = await unpacked(await cache.match(request));
    found[request.url.endsWith("/item") ? "items" : "photos"].push(thing);
  }
  return found;
}
