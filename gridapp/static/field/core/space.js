// How much room the phone has for this page: asked to be kept for good, and watched before it runs out.

const LOW_SHARE = 0.8;
const LOW_BYTES = 60_000_000; // about two hundred photos

/** Asks the browser never to throw away by itself what is kept here; resolves to whether it agreed. */
export async function askToStay() {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted?.()) || navigator.storage.persist();
}

/** `{used, quota, low, stays}`: bytes, whether they run out, whether the browser keeps them; null where it does not say. */
export async function room() {
  const told = await navigator.storage?.estimate?.().catch(() => null);
  if (!told?.quota) return null;
  const { usage: used, quota } = told;
  return { used, quota, low: used / quota > LOW_SHARE || quota - used < LOW_BYTES, stays: Boolean(await navigator.storage.persisted?.()) };
}
